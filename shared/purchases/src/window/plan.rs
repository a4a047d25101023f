//! Which windows are due.

use countinghouse_domain::job::Window;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How windows are laid. One window is one day of feed dates (UTC), so that a day has one proof, whether it came on
/// its own day, in an overlap or in a backfill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many days before the last day that was covered are read once more: Amazon may give a transaction a feed
    /// date that is days ago.
    pub overlap_days: u32,
    /// How many days back an account begins that was never read.
    pub first_days: u32,
}

impl Default for Plan {
    /// A week of overlap; a new account begins 30 days back, and a backfill reaches further.
    fn default() -> Self {
        Self { overlap_days: 7, first_days: 30 }
    }
}

impl Plan {
    /// The windows that are due: the days up to the last midnight, from the overlap before the end of what was
    /// covered. None when everything up to the last midnight was covered.
    pub fn due(&self, now: Timestamp, covered_until: Option<Timestamp>) -> Vec<Window> {
        let to = midnight(now);
        if covered_until.is_some_and(|covered| covered >= to) {
            return Vec::new();
        }
        let (start, days) = match covered_until {
            Some(covered) => (covered, self.overlap_days),
            None => (to, self.first_days),
        };
        let from = start.saturating_sub(DAY.saturating_mul(i32::try_from(days).unwrap_or(i32::MAX))).unwrap_or(start);
        windows_between(from, to)
    }
}

/// The days that cover a span, the first from its midnight and the last to its midnight. Days that are not over at
/// `to` are read as they are and have to be read again.
pub fn windows_between(from: Timestamp, to: Timestamp) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut start = midnight(from);
    while start < to {
        let Ok(end) = start.checked_add(DAY) else { break };
        windows.push(Window { from: start, to: end });
        start = end;
    }
    windows
}

/// The midnight (UTC) at or before a moment.
fn midnight(moment: Timestamp) -> Timestamp {
    moment.to_zoned(TimeZone::UTC).start_of_day().map_or(moment, |day| day.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn due(now: &str, covered: Option<&str>) -> Vec<String> {
        let plan = Plan { overlap_days: 2, first_days: 3 };
        plan.due(at(now), covered.map(at)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_day_after_the_last_one_that_day_and_the_overlap_are_due() {
        let expected = [
            "2026-11-19T00:00:00Z/2026-11-20T00:00:00Z",
            "2026-11-20T00:00:00Z/2026-11-21T00:00:00Z",
            "2026-11-21T00:00:00Z/2026-11-22T00:00:00Z",
        ];
        assert_eq!(due("2026-11-22T03:15:00Z", Some("2026-11-21T00:00:00Z")), expected);
        assert_eq!(due("2026-11-22T03:15:00Z", None), expected);
    }

    #[test]
    fn what_is_covered_is_not_due_again_and_an_outage_leaves_no_gap() {
        assert!(due("2026-11-22T23:59:59Z", Some("2026-11-22T00:00:00Z")).is_empty());
        let windows = Plan::default().due(at("2026-11-22T00:00:00Z"), Some(at("2026-08-01T00:00:00Z")));
        assert_eq!(windows.first().unwrap().from, at("2026-07-25T00:00:00Z"));
        assert_eq!(windows.last().unwrap().to, at("2026-11-22T00:00:00Z"));
        assert!(windows.windows(2).all(|pair| pair[0].to == pair[1].from));
    }

    #[test]
    fn a_backfill_covers_every_moment_of_its_span_in_whole_days() {
        let windows = windows_between(at("2026-02-27T12:00:00Z"), at("2026-03-01T00:00:01Z"));
        let texts: Vec<String> = windows.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "2026-02-27T00:00:00Z/2026-02-28T00:00:00Z",
                "2026-02-28T00:00:00Z/2026-03-01T00:00:00Z",
                "2026-03-01T00:00:00Z/2026-03-02T00:00:00Z",
            ]
        );
        assert!(windows_between(at("2026-03-01T00:00:00Z"), at("2026-03-01T00:00:00Z")).is_empty());
    }
}
