//! Reports that could not be booked, booked again from their stored bytes.

use std::time::Duration;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::job::JobState;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_runtime::messages::{Again, BookAgain, Version};
use countinghouse_runtime::queue::Queue;
use countinghouse_store::{Job, Jobs, RebookOutcome, ReportObjects};

use super::{Arguments, RedriveError, show};
use crate::desk::{ATTENTION, FINE, accounts, plain, print};
use crate::stack::Stack;

const PAUSE: Duration = Duration::from_millis(500);

/// What became of one.
#[derive(Debug)]
pub(super) enum Outcome {
    Booked,
    /// It is quarantined again; why.
    Quarantined(String),
    /// Its bytes are no longer in the bucket.
    Gone,
    /// Nobody has answered yet.
    Waiting,
}

impl Outcome {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Quarantined(_) => "quarantined",
            Self::Gone => "gone",
            Self::Waiting => "waiting",
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Booked => "booked".to_owned(),
            Self::Quarantined(reason) => format!("still quarantined: {reason}"),
            Self::Gone => "its bytes are no longer in the bucket".to_owned(),
            Self::Waiting => "not booked yet: look into bookings-dlq later (countinghouse redrive)".to_owned(),
        }
    }
}

/// The reports in quarantine, those that are there the longest first.
pub(super) async fn list(stack: &Stack, account: Option<&str>) -> Result<Vec<Job>, RedriveError> {
    let jobs = Jobs::new(stack.dynamodb(), &stack.tables.jobs);
    let mut found = Vec::new();
    for account in accounts(stack, account).await? {
        let seller: SellerId = account.seller_id;
        let of_seller = jobs.list(&seller, usize::MAX).await?;
        found.extend(of_seller.into_iter().filter(|job| job.state == JobState::Quarantined));
    }
    found.sort_by_key(|job| (job.updated_at, job.report_id.clone()));
    Ok(found)
}

/// Puts them back and waits what becomes of them; the exit code.
pub(super) async fn put_back(stack: &Stack, arguments: &Arguments) -> Result<u8, RedriveError> {
    let found = list(stack, arguments.account.as_deref()).await?;
    if arguments.dry_run || found.is_empty() {
        print(&if arguments.json { show::lines(&[], &found) } else { show::quarantined(&found, SystemClock.now()) })?;
        return Ok(if found.is_empty() { FINE } else { ATTENTION });
    }
    let ended = booked(stack, found, arguments.wait_minutes).await?;
    print(&if arguments.json { show::outcome_lines(&ended) } else { show::outcomes(&ended) })?;
    let all_booked = ended.iter().all(|(_, outcome)| matches!(outcome, Outcome::Booked));
    Ok(if all_booked { FINE } else { ATTENTION })
}

async fn booked(stack: &Stack, found: Vec<Job>, minutes: u32) -> Result<Vec<(Job, Outcome)>, RedriveError> {
    let queue = Queue::new(aws_sdk_sqs::Client::new(&stack.aws), stack.queue_url("bookings").await?);
    let (jobs, objects) = (Jobs::new(stack.dynamodb(), &stack.tables.jobs), ReportObjects::new(stack.s3()));
    let bucket = stack.bucket().await?;
    let (mut waiting, mut ended) = (Vec::new(), Vec::new());
    for job in found {
        let key = job.facts.object_key.clone().unwrap_or_default();
        if key.is_empty() || objects.exists(&bucket, &key).await?.is_none() {
            ended.push((job, Outcome::Gone));
            continue;
        }
        let order = format!("{} {}", SystemClock.now(), job.report_id);
        let again = Again { order: order.clone(), sha256: None, program_version: None, rules: None };
        let message = BookAgain { version: Version, bucket: bucket.clone(), key, version_id: None, again };
        queue.send(&message, Duration::ZERO).await?;
        waiting.push((job, order));
    }
    let patience = Duration::from_secs(60_u64.saturating_mul(u64::from(minutes)));
    let mut waited = Duration::ZERO;
    while !waiting.is_empty() && waited < patience {
        #[expect(clippy::disallowed_methods, reason = "a person waits for the function; no function waits so")]
        tokio::time::sleep(PAUSE).await;
        waited = waited.saturating_add(PAUSE);
        let mut still = Vec::new();
        for (job, order) in waiting {
            match answer(&jobs, &job, &order).await? {
                Some(outcome) => {
                    waited = Duration::ZERO;
                    ended.push((job, outcome));
                }
                None => still.push((job, order)),
            }
        }
        waiting = still;
    }
    ended.extend(waiting.into_iter().map(|(job, _)| (job, Outcome::Waiting)));
    Ok(ended)
}

async fn answer(jobs: &Jobs, job: &Job, order: &str) -> Result<Option<Outcome>, RedriveError> {
    let now = jobs.get(&job.seller, &job.report_id).await?;
    let rebooked = now.and_then(|job| job.rebooked).filter(|rebooked| rebooked.order == order);
    Ok(rebooked.map(|rebooked| match rebooked.outcome {
        RebookOutcome::Booked => Outcome::Booked,
        RebookOutcome::Quarantined | RebookOutcome::Refused => {
            Outcome::Quarantined(plain(&rebooked.reason.unwrap_or_default()))
        }
    }))
}
