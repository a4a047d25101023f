//! Which time windows of a report are due.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A span of time that a report covers: from the first moment up to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Window {
    /// The first moment.
    pub from: Timestamp,
    /// The moment after the last.
    pub to: Timestamp,
}

impl Window {
    /// How long it is.
    pub fn length(self) -> SignedDuration {
        self.to.duration_since(self.from)
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.from, self.to)
    }
}

/// Rows arrive days late, so each daily window reaches a week further back; booking twice changes nothing.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24 * 7);
/// The longest window that is asked for at once; Amazon's own limit for VAT data is 31 days.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The windows of the daily VAT report that are due: up to the last midnight (UTC), from a week before the end
/// of what was covered. A seller that is new starts 30 days back. After an outage the window grows, and is cut
/// into pieces of 30 days at most.
pub fn due_windows(now: Timestamp, covered_until: Option<Timestamp>) -> Vec<Window> {
    let Ok(midnight) = now.to_zoned(TimeZone::UTC).start_of_day() else { return Vec::new() };
    let to = midnight.timestamp();
    if covered_until.is_some_and(|covered| covered >= to) {
        return Vec::new();
    }
    let first = match covered_until {
        Some(covered) => covered.saturating_sub(OVERLAP),
        None => to.saturating_sub(LONGEST),
    };
    windows_between(first.unwrap_or(to), to)
}

/// How far back Amazon tells of documents that are pending.
const PENDING: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The windows of VAT invoice data reports that are due now, a new set each `every_hours` hours from midnight (UTC) on,
/// and the one that says what must be invoiced first.
///
/// * 90 days: what is pending.
/// * The last 30 days: documents of every status. Whether Amazon has accepted or rejected an upload is only in these.
/// * Once a day, 30 days each, the two months before: a refund is listed by the day of its order.
pub fn invoice_windows(now: Timestamp, every_hours: u8) -> Vec<Window> {
    let Ok(midnight) = now.to_zoned(TimeZone::UTC).start_of_day() else { return Vec::new() };
    let midnight = midnight.timestamp();
    let every = i64::from(every_hours.clamp(1, 24)).saturating_mul(3_600);
    let seconds = now.duration_since(midnight).as_secs();
    let slot = seconds.checked_div(every).unwrap_or_default().saturating_mul(every);
    let slot = midnight.saturating_add(SignedDuration::from_secs(slot)).unwrap_or(midnight);
    let back = |to: Timestamp, by: SignedDuration| Window { from: to.saturating_sub(by).unwrap_or(to), to };
    // Up to the next midnight less a month, so that nothing lies between it and the window of any slot of the day.
    let tomorrow = midnight.saturating_add(SignedDuration::from_hours(24)).unwrap_or(midnight);
    let month_before = back(tomorrow, LONGEST).from;
    let two_before = back(month_before, LONGEST).from;
    vec![back(slot, PENDING), back(slot, LONGEST), back(month_before, LONGEST), back(two_before, LONGEST)]
}

/// The windows that cover a span that somebody asked for, in pieces of 30 days at most.
pub fn windows_between(from: Timestamp, to: Timestamp) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut start = from;
    while start < to {
        let end = start.saturating_add(LONGEST).unwrap_or(to).min(to);
        windows.push(Window { from: start, to: end });
        start = end;
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_after_the_last_window_one_window_of_eight_days_is_due() {
        let due = due_windows(at("2026-11-22T03:15:00Z"), Some(at("2026-11-21T00:00:00Z")));
        assert_eq!(due, [Window { from: at("2026-11-14T00:00:00Z"), to: at("2026-11-22T00:00:00Z") }]);
    }

    #[test]
    fn what_is_covered_is_not_due_again() {
        assert!(due_windows(at("2026-11-22T23:59:59Z"), Some(at("2026-11-22T00:00:00Z"))).is_empty());
    }

    #[test]
    fn a_new_seller_starts_thirty_days_back() {
        let due = due_windows(at("2026-11-22T03:15:00Z"), None);
        assert_eq!(due, [Window { from: at("2026-10-23T00:00:00Z"), to: at("2026-11-22T00:00:00Z") }]);
    }

    #[test]
    fn invoices_are_asked_for_several_times_a_day_and_the_older_months_once() {
        let early = invoice_windows(at("2026-11-22T05:59:59Z"), 6);
        let late = invoice_windows(at("2026-11-22T17:15:00Z"), 6);
        assert_eq!(early[0], Window { from: at("2026-08-24T00:00:00Z"), to: at("2026-11-22T00:00:00Z") });
        assert_eq!(late[0], Window { from: at("2026-08-24T12:00:00Z"), to: at("2026-11-22T12:00:00Z") });
        assert_eq!(late[1], Window { from: at("2026-10-23T12:00:00Z"), to: at("2026-11-22T12:00:00Z") });
        assert_eq!(early[2..], late[2..]);
        assert_eq!(late[2], Window { from: at("2026-09-24T00:00:00Z"), to: at("2026-10-24T00:00:00Z") });
        assert_eq!(late[3].to, late[2].from);
    }

    #[test]
    fn no_time_of_the_last_ninety_days_is_missing_between_the_reports_of_all_invoices() {
        for now in ["2026-11-22T00:00:00Z", "2026-11-22T23:59:59Z"] {
            let due = invoice_windows(at(now), 12);
            assert!(due[1].from <= due[2].to, "{due:?}");
            assert_eq!(due[3].to.duration_since(due[3].from), LONGEST);
        }
    }

    #[test]
    fn after_a_long_outage_no_window_is_longer_than_thirty_days_and_none_is_missing() {
        let due = due_windows(at("2026-11-22T03:15:00Z"), Some(at("2026-08-01T00:00:00Z")));
        assert_eq!(due.first().unwrap().from, at("2026-07-25T00:00:00Z"));
        assert_eq!(due.last().unwrap().to, at("2026-11-22T00:00:00Z"));
        assert!(due.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert!(due.iter().all(|window| window.to.duration_since(window.from) <= LONGEST));
    }
}
