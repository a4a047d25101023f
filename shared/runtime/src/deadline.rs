//! When a function stops: early enough to wait for what is on its way and to hand on the rest.

use jiff::{SignedDuration, Timestamp};

/// Enough to wait for the batches on their way and to send one message.
const LONGEST_RESERVE: SignedDuration = SignedDuration::from_secs(60);

/// When to begin nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Timestamp);

impl Deadline {
    /// A minute before Lambda ends the function; of a short time, a quarter is kept in reserve.
    pub fn new(now: Timestamp, end: Timestamp) -> Self {
        let quarter = end.duration_since(now).checked_div(4).unwrap_or(SignedDuration::ZERO);
        let reserve = quarter.clamp(SignedDuration::ZERO, LONGEST_RESERVE);
        Self(end.saturating_sub(reserve).unwrap_or(end))
    }

    /// Whether it is time to stop.
    pub fn has_passed(self, now: Timestamp) -> bool {
        now >= self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_long_run_stops_a_minute_before_its_end() {
        let deadline = Deadline::new(at("2026-11-22T00:00:00Z"), at("2026-11-22T00:15:00Z"));
        assert!(!deadline.has_passed(at("2026-11-22T00:13:59Z")));
        assert!(deadline.has_passed(at("2026-11-22T00:14:00Z")));
    }

    #[test]
    fn a_short_run_keeps_a_quarter_in_reserve() {
        let deadline = Deadline::new(at("2026-11-22T00:00:00Z"), at("2026-11-22T00:00:20Z"));
        assert!(!deadline.has_passed(at("2026-11-22T00:00:14Z")));
        assert!(deadline.has_passed(at("2026-11-22T00:00:15Z")));
    }
}
