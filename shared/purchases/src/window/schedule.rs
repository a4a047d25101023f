//! When Amazon is asked again for an invoice that is not there yet.

use jiff::{SignedDuration, Timestamp};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How often, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// The pause after the first question; each later one is twice as long.
    pub first_pause: SignedDuration,
    /// The longest pause.
    pub longest_pause: SignedDuration,
    /// How long after the transaction became known the invoice is waited for.
    pub deadline: SignedDuration,
}

impl Default for Schedule {
    /// After 6 hours, 12, 1 day, 2, 4 and then every week, for 62 days: consolidated invoices come once a month.
    fn default() -> Self {
        Self {
            first_pause: HOUR.saturating_mul(6),
            longest_pause: HOUR.saturating_mul(24 * 7),
            deadline: HOUR.saturating_mul(24 * 62),
        }
    }
}

/// What to do next about an invoice that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask at this moment.
    AskAt(Timestamp),
    /// Do not ask any more: it was waited for until this moment, and a person should know.
    Overdue(Timestamp),
}

impl Schedule {
    /// What to do next. `since` is when the transaction became known, `asked` how often Amazon was asked, and
    /// `last_asked` when for the last time. The last question is asked at the deadline, not before it.
    pub fn next(&self, since: Timestamp, asked: u32, last_asked: Option<Timestamp>) -> Next {
        let deadline = since.saturating_add(self.deadline).unwrap_or(Timestamp::MAX);
        let Some(last) = last_asked.filter(|_| asked > 0) else { return Next::AskAt(since) };
        if last >= deadline {
            return Next::Overdue(deadline);
        }
        let doublings = asked.saturating_sub(1).min(30);
        let factor = 1_i32.checked_shl(doublings).unwrap_or(i32::MAX);
        let pause = self.first_pause.checked_mul(factor).unwrap_or(self.longest_pause).min(self.longest_pause);
        Next::AskAt(last.saturating_add(pause).unwrap_or(deadline).min(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_week_and_the_last_question_is_at_the_deadline() {
        let (schedule, since) = (Schedule::default(), "2026-09-01T00:00:00Z".parse().unwrap());
        let (mut asked, mut last, mut pauses) = (0, None, Vec::new());
        let overdue = loop {
            match schedule.next(since, asked, last) {
                Next::AskAt(at) => {
                    pauses.push(at.duration_since(last.unwrap_or(since)).as_hours());
                    (asked, last) = (asked.saturating_add(1), Some(at));
                }
                Next::Overdue(at) => break at,
            }
        };
        assert_eq!(pauses, [0, 6, 12, 24, 48, 96, 168, 168, 168, 168, 168, 168, 168, 126]);
        assert_eq!(overdue, "2026-11-02T00:00:00Z".parse().unwrap());
        assert_eq!(last, Some(overdue));
    }

    #[test]
    fn a_question_that_comes_late_is_still_asked_once_after_the_deadline() {
        let (schedule, since) = (Schedule::default(), "2026-09-01T00:00:00Z".parse().unwrap());
        let late: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(schedule.next(since, 0, None), Next::AskAt(since));
        assert!(matches!(schedule.next(since, 1, Some(late)), Next::Overdue(_)));
        assert!(matches!(schedule.next(since, u32::MAX, Some(since)), Next::AskAt(_)));
    }
}
