//! The clock of the server: real or frozen, and always movable.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tells the time to everything in the server that has a life time.
///
/// It runs with the machine's clock, or stands still at a given instant; in both cases a test moves it forward.
#[derive(Debug)]
pub(crate) struct Clock {
    frozen_at: Option<Timestamp>,
    offset_ms: AtomicI64,
}

impl Clock {
    /// A clock that stands still at `frozen_at`, or runs with real time if that is `None`.
    pub(crate) fn new(frozen_at: Option<Timestamp>) -> Self {
        Self { frozen_at, offset_ms: AtomicI64::new(0) }
    }

    /// The present instant of this clock.
    pub(crate) fn now(&self) -> Timestamp {
        let base = self.frozen_at.unwrap_or_else(real_now);
        plus_ms(base, self.offset_ms.load(Ordering::SeqCst))
    }

    /// Moves the clock forward (or back, for a negative number).
    pub(crate) fn advance_ms(&self, by_ms: i64) {
        self.offset_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// Whether the clock moves only when it is told to.
    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
fn real_now() -> Timestamp {
    Timestamp::now()
}

/// Lets real time pass: for answers that are slow on purpose, and for the sender of notifications.
#[expect(clippy::disallowed_methods, reason = "a slow answer is slow in real time, whatever the clock says")]
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// `at` plus so many milliseconds, at most the end of time: a huge number means "never".
pub(crate) fn plus_ms(at: Timestamp, by_ms: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(by_ms)).unwrap_or(Timestamp::MAX)
}

/// `at` as Amazon writes it in answers: whole seconds and a numeric offset.
pub(crate) fn amazon_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// `at` with milliseconds and `Z`, as in notifications.
pub(crate) fn millisecond_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let start: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
        let clock = Clock::new(Some(start));
        assert_eq!(clock.now(), start);
        clock.advance_ms(1_500);
        assert_eq!(millisecond_time(clock.now()), "2026-11-22T04:00:01.500Z");
        assert_eq!(amazon_time(clock.now()), "2026-11-22T04:00:01+00:00");
    }

    #[test]
    fn a_time_too_far_away_is_never() {
        assert_eq!(plus_ms(Timestamp::UNIX_EPOCH, i64::MAX), Timestamp::MAX);
    }
}
