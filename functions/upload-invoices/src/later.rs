//! When a document that Amazon has no room for now is tried again.

use std::time::Duration;

use countinghouse_runtime::queue::LONGEST_DELAY;

/// The shortest wait where Amazon is out of order rather than busy.
const SHORTEST_IN_AN_OUTAGE: Duration = Duration::from_mins(1);
/// Over so many waits those who wait are spread: they would come all at once otherwise, and but one would get through.
const SPREAD: u32 = 8;

/// How long a document waits, of whose kind many may wait.
pub(crate) fn delay(wait: Duration, document: &str) -> Duration {
    let longest = wait.saturating_mul(SPREAD).min(LONGEST_DELAY);
    let room = u64::try_from(longest.saturating_sub(wait).as_millis()).unwrap_or(0);
    let share = fingerprint(document).checked_rem(room.saturating_add(1)).unwrap_or(0);
    wait.saturating_add(Duration::from_millis(share)).min(LONGEST_DELAY)
}

/// How long it waits when Amazon could not be reached or could not answer.
pub(crate) fn after_an_outage(wait: Duration, document: &str) -> Duration {
    delay(wait.max(SHORTEST_IN_AN_OUTAGE), document)
}

/// FNV-1a: any evenly spread number will do, the same for a document each time.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_wait_come_back_one_after_another_and_none_too_soon() {
        let wait = Duration::from_secs(3);
        let delays: Vec<_> = (0..100).map(|number| delay(wait, &format!("shipment {number}"))).collect();
        assert!(delays.iter().all(|each| (wait..=wait * 8).contains(each)), "{delays:?}");
        for third in [3..10, 10..17, 17..25] {
            assert!(delays.iter().filter(|each| third.contains(&each.as_secs())).count() > 10, "{delays:?}");
        }
    }

    #[test]
    fn no_wait_is_longer_than_a_queue_allows() {
        assert_eq!(delay(Duration::from_hours(2), "shipment 1"), LONGEST_DELAY);
        assert!(after_an_outage(Duration::ZERO, "shipment 1") >= SHORTEST_IN_AN_OUTAGE);
    }
}
