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
    fn after_a_long_outage_no_window_is_longer_than_thirty_days_and_none_is_missing() {
        let due = due_windows(at("2026-11-22T03:15:00Z"), Some(at("2026-08-01T00:00:00Z")));
        assert_eq!(due.first().unwrap().from, at("2026-07-25T00:00:00Z"));
        assert_eq!(due.last().unwrap().to, at("2026-11-22T00:00:00Z"));
        assert!(due.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert!(due.iter().all(|window| window.to.duration_since(window.from) <= LONGEST));
    }
}
