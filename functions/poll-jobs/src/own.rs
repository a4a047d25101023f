//! Own invoices on their way: what does Amazon say of each feed?

use countinghouse_amazon::{AmazonError, Seller};
use countinghouse_runtime::feeds::{FeedError, Followed, Refusals, follow};
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_store::{Stage, StoredOwnInvoice};
use countinghouse_vat_invoices::state::State;
use jiff::{SignedDuration, Timestamp};

use crate::{Dependencies, Outcome, PollError, count};

const DUE: &[State] = &[State::Due];
const TO_UPLOAD: &[State] = &[State::Issued, State::Uploading, State::Rejected];
const PROCESSING: &[State] = &[State::Processing];
const NEEDING_A_PERSON: &[State] = &[State::NeedsPerson];
/// The stages as a person sees them, by their names in CloudWatch.
const STAGES: [(&str, &[State]); 4] =
    [("due", DUE), ("to-upload", TO_UPLOAD), ("processing", PROCESSING), ("needs-person", NEEDING_A_PERSON)];

/// For how long one run asks about a seller's feeds; the rest is first in the next run.
const LONGEST_RUN: SignedDuration = SignedDuration::from_secs(60);

/// Looks after the seller's own invoices that are due to be looked at, the longest overdue first.
pub(crate) async fn invoices_in_flight(
    dependencies: &Dependencies,
    amazon: &Seller,
    outcome: &mut Outcome,
    refusals: &mut Refusals,
) -> Result<(), PollError> {
    let began = dependencies.clock.now();
    let mut unexpected = None;
    for invoice in dependencies.own_invoices.to_look_at(amazon.id(), began).await? {
        let now = dependencies.clock.now();
        if now.duration_since(began) > LONGEST_RUN {
            count(&mut outcome.deferred);
            return Ok(());
        }
        match look_after(dependencies, amazon, &invoice, now, outcome, refusals).await {
            Err(PollError::Feed(FeedError::Amazon(AmazonError::RateLimited { .. }))) => {
                count(&mut outcome.deferred);
                return Ok(());
            }
            // One answer that makes no sense must not keep the others from being asked about.
            Err(error @ PollError::Feed(FeedError::Amazon(AmazonError::Unexpected { .. }))) => unexpected = Some(error),
            result => result?,
        }
    }
    unexpected.map_or(Ok(()), Err)
}

async fn look_after(
    dependencies: &Dependencies,
    amazon: &Seller,
    invoice: &StoredOwnInvoice,
    now: Timestamp,
    outcome: &mut Outcome,
    refusals: &mut Refusals,
) -> Result<(), PollError> {
    let (invoices, document) = (&dependencies.own_invoices, invoice.key.as_str());
    if invoice.standing.state == State::Uploading {
        let why = "the process that uploaded it died, or Amazon's answer was lost: the next report decides";
        let uploads = invoice.standing.uploads;
        if invoices.answer_lost(&invoice.seller, document, uploads, why, now).await? {
            let seller_id = invoice.seller.as_str();
            tracing::error!(
                seller_id,
                document,
                "nobody knows whether Amazon has this upload: the next report decides"
            );
            count(&mut outcome.own_answers_lost);
        }
        return Ok(());
    }
    let Some(feed) = &invoice.feed else {
        return Ok(invoices.looked(&invoice.seller, document, now).await?);
    };
    count(&mut outcome.asked);
    match follow(amazon, invoices, dependencies.clock.as_ref(), document, &feed.feed_id).await? {
        Followed::Refused(refusal) => {
            count(&mut outcome.own_refused);
            refusals.add(&refusal);
        }
        Followed::Ended => count(&mut outcome.own_feeds_done),
        Followed::Open => {}
    }
    Ok(())
}

/// How many documents stand where, and for how long the oldest has been due that is not at Amazon.
pub(crate) async fn metrics(
    dependencies: &Dependencies,
    line: MetricLine,
    outcome: &Outcome,
) -> Result<MetricLine, PollError> {
    let (stages, now) = (dependencies.own_invoices.stages().await?, dependencies.clock.now());
    for (stage, states) in STAGES {
        let age = oldest_s(&stages, states, now);
        MetricLine::new("poll-jobs").per("Stage", stage).value(Metric::OldestOwnInvoiceSeconds, age).emit(now);
    }
    Ok(line
        .value(Metric::OwnInvoicesRejected, outcome.own_refused)
        .value(Metric::OwnInvoicesAnswerLost, outcome.own_answers_lost)
        .value(Metric::OwnInvoicesDue, counted(&stages, DUE))
        .value(Metric::OwnInvoicesToUpload, counted(&stages, TO_UPLOAD))
        .value(Metric::OwnInvoicesProcessing, counted(&stages, PROCESSING))
        .value(Metric::OwnInvoicesNeedingAPerson, counted(&stages, NEEDING_A_PERSON))
        .value(Metric::OldestDueInvoiceSeconds, oldest_due_s(&stages, now)))
}

fn counted(stages: &[Stage], wanted: &[State]) -> u64 {
    stages.iter().filter(|stage| wanted.contains(&stage.state)).map(|stage| stage.count).sum()
}

/// What is at Amazon is not late any more, and what a person must look at has an alarm of its own.
fn oldest_due_s(stages: &[Stage], now: Timestamp) -> u64 {
    oldest_s(stages, DUE, now).max(oldest_s(stages, TO_UPLOAD, now))
}

/// For how long the document in these states has been due that has been due the longest.
fn oldest_s(stages: &[Stage], wanted: &[State], now: Timestamp) -> u64 {
    let here = stages.iter().filter(|stage| wanted.contains(&stage.state));
    let oldest = here.filter_map(|stage| stage.oldest_due_since).min();
    oldest.map_or(0, |since| u64::try_from(now.duration_since(since).as_secs()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_that_is_not_at_amazon_counts() {
        let at = |hour: i64| Timestamp::from_second(hour * 3_600).unwrap();
        let stage = |state, hour| Stage { state, count: 2, oldest_due_since: Some(at(hour)) };
        let stages =
            [stage(State::Processing, 1), stage(State::NeedsPerson, 2), stage(State::Issued, 4), stage(State::Due, 5)];
        assert_eq!(oldest_due_s(&stages, at(24)), 20 * 3_600);
        assert_eq!(counted(&stages, &[State::Issued, State::Due]), 4);
        assert_eq!(oldest_due_s(&stages[..2], at(24)), 0);
        let ages = STAGES.map(|(_, states)| oldest_s(&stages, states, at(24)) / 3_600);
        assert_eq!(ages, [19, 20, 23, 22]);
    }
}
