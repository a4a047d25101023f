//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long most things may take on a busy machine.
pub const SOON: Duration = Duration::from_mins(1);

/// Waits until `look` finds something; fails after a minute and says what was waited for.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    until_within(SOON, what, look).await
}

/// The same with another deadline.
pub async fn until_within<T>(longest: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < longest, "waited {} s in vain: {what}", longest.as_secs());
    }
}
