//! The work: list, ask, follow, until everything has come to its end.

use std::time::Duration;

use countinghouse_domain::time::{Clock as _, SystemClock};

use super::follow::ASK_EVERY;
use super::item::Item;
use super::office::Office;
use super::progress::Progress;
use super::{Arguments, BackfillError, ask, estimate, follow, list};

/// How long to pause between two looks at the stack's tables.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How soon Amazon is asked for the first times how a report stands: small ones are made in seconds.
const FIRST_LOOKS: u32 = 5;
/// How often the estimate is made anew.
const ESTIMATE_EVERY: u32 = 5;

/// Works; whether everything has come to its end.
pub(super) async fn to_the_end(
    office: &Office,
    items: &mut Vec<Item>,
    arguments: &Arguments,
) -> Result<bool, BackfillError> {
    let progress = Progress::new(items);
    let lists = list::all(office, items, &progress).await?;
    let patience = Duration::from_secs(60_u64.saturating_mul(u64::from(arguments.wait_minutes)));
    let (mut slept, mut asked_at) = (Duration::ZERO, Duration::ZERO);
    let mut next_ask = Duration::ZERO;
    for look in 0_u32.. {
        let mut wait = None;
        if slept >= next_ask {
            wait = ask::all(office, items, &lists, &progress).await?;
            next_ask = slept.saturating_add(wait.unwrap_or(Duration::ZERO));
        }
        let is_asked = !items.iter().any(Item::is_wanted);
        if arguments.no_wait && is_asked {
            break;
        }
        let ask_amazon = look < FIRST_LOOKS || slept.saturating_sub(asked_at) >= ASK_EVERY;
        if ask_amazon {
            asked_at = slept;
        }
        follow::all(office, items, ask_amazon, &progress).await?;
        if items.iter().all(Item::is_over) || slept >= patience {
            break;
        }
        if look.checked_rem(ESTIMATE_EVERY) == Some(0) {
            let now = SystemClock.now();
            progress.estimate(items, estimate::takes(&office.calls(items, now).await?, now));
        }
        progress.at(items);
        let length = wait.filter(|_| !is_asked).map_or(LOOK_EVERY, |wait| wait.min(LOOK_EVERY));
        pause(length).await;
        slept = slept.saturating_add(length);
    }
    progress.finish();
    Ok(items.iter().all(Item::is_over))
}

/// Waits, at least for a moment.
pub(super) async fn pause(length: Duration) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a person asked for something that takes its time; no function waits so"
    )]
    tokio::time::sleep(length.max(Duration::from_millis(50))).await;
}
