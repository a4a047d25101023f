//! Hands documents to the stack's own function, waits, and looks whether the difference is gone.

use std::time::Duration;

use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_runtime::messages::{Again, BookAgain, Version};
use countinghouse_runtime::queue::Queue;
use countinghouse_store::{Jobs, RebookOutcome};

use super::plan::{Desk, Planned, bar};
use super::{PROGRAM_VERSION, ReplayError, rules};
use crate::desk::plain;
use crate::stack::Stack;

/// How many documents the function has in hand at once: as many as it runs side by side.
const IN_HAND: usize = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// What became of one document.
#[derive(Debug)]
pub(super) struct Applied {
    /// Its place among the plans.
    pub(super) place: usize,
    pub(super) end: End,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum End {
    /// It is booked, and no difference is left.
    Gone,
    /// It is booked, and booking it again would still change something.
    Left,
    /// It is quarantined; why.
    Quarantined(String),
    /// The function refused; why.
    Refused(String),
    /// The function has not answered yet.
    Waiting,
}

impl Applied {
    pub(super) const fn is_well(&self) -> bool {
        matches!(self.end, End::Gone)
    }
}

/// A document in the function's hands.
struct InHand {
    place: usize,
    order: String,
}

/// Books again what is to be applied.
pub(super) async fn apply(
    desk: &Desk,
    stack: &Stack,
    planned: &[Planned],
    wait_minutes: u32,
) -> Result<Vec<Applied>, ReplayError> {
    let queue = Queue::new(aws_sdk_sqs::Client::new(&stack.aws), stack.queue_url("bookings").await?);
    let jobs = Jobs::new(stack.dynamodb(), &stack.tables.jobs);
    let places: Vec<usize> =
        planned.iter().enumerate().filter(|(_, each)| each.is_to_be_applied()).map(|(place, _)| place).collect();
    let bar = bar("booking again", places.len());
    let patience = Duration::from_secs(60_u64.saturating_mul(u64::from(wait_minutes)));
    let (mut waiting, mut in_hand, mut applied) = (places.into_iter(), Vec::new(), Vec::new());
    let mut without_progress = Duration::ZERO;
    loop {
        while in_hand.len() < IN_HAND {
            let Some(place) = waiting.next() else { break };
            let Some(each) = planned.get(place) else { continue };
            in_hand.push(InHand { place, order: hand_over(&queue, each).await? });
        }
        if in_hand.is_empty() || without_progress >= patience {
            break;
        }
        #[expect(clippy::disallowed_methods, reason = "a person waits for the function; no function waits so")]
        tokio::time::sleep(PAUSE).await;
        let before = in_hand.len();
        in_hand = look(desk, &jobs, planned, in_hand, &mut applied).await?;
        without_progress = if in_hand.len() < before { Duration::ZERO } else { without_progress.saturating_add(PAUSE) };
        bar.set_position(u64::try_from(applied.len()).unwrap_or(u64::MAX));
    }
    bar.finish_and_clear();
    let unanswered = in_hand.into_iter().map(|each| each.place).chain(waiting);
    applied.extend(unanswered.map(|place| Applied { place, end: End::Waiting }));
    applied.sort_by_key(|each| each.place);
    Ok(applied)
}

/// Sends the order; its name, by which the answer is recognised.
async fn hand_over(queue: &Queue, planned: &Planned) -> Result<String, ReplayError> {
    let order = format!("{} {}", SystemClock.now(), planned.job.report_id);
    let message = BookAgain {
        version: Version,
        bucket: planned.place.bucket.clone(),
        key: planned.place.key.clone(),
        version_id: planned.place.version.clone(),
        again: Again {
            order: order.clone(),
            sha256: planned.sha256.clone(),
            program_version: Some(PROGRAM_VERSION.to_owned()),
            rules: Some(rules().to_owned()),
        },
    };
    queue.send(&message, Duration::ZERO).await?;
    Ok(order)
}

/// Looks once at each that is in hand; those without an answer come back.
async fn look(
    desk: &Desk,
    jobs: &Jobs,
    planned: &[Planned],
    in_hand: Vec<InHand>,
    applied: &mut Vec<Applied>,
) -> Result<Vec<InHand>, ReplayError> {
    let mut still = Vec::new();
    for each in in_hand {
        let Some(plan) = planned.get(each.place) else { continue };
        let job = jobs.get(&plan.job.seller, &plan.job.report_id).await?;
        let answer = job.and_then(|job| job.rebooked).filter(|rebooked| rebooked.order == each.order);
        let Some(answer) = answer else {
            still.push(each);
            continue;
        };
        let reason = plain(&answer.reason.unwrap_or_default());
        let end = match answer.outcome {
            RebookOutcome::Booked => {
                let left = Box::pin(desk.plan_again(plan)).await?;
                if left.what.is_without_difference() { End::Gone } else { End::Left }
            }
            RebookOutcome::Quarantined => End::Quarantined(reason),
            RebookOutcome::Refused => End::Refused(reason),
        };
        applied.push(Applied { place: each.place, end });
    }
    Ok(still)
}
