//! One file: read to its end, then invoice after invoice, as far as time and Amazon's limits allow.

use std::time::Duration;

use countinghouse_amazon::Seller as Amazon;
use countinghouse_domain::ids::SellerId;
use countinghouse_runtime::deadline::Deadline;
use countinghouse_runtime::messages::SubmissionCheckpoint;
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_store::{IncomingFile, IncomingKey, ObjectPlace};
use tokio::sync::mpsc;

use crate::invoice::{self, Done, Step};
use crate::reading::{self, Taken};
use crate::tally::Tally;
use crate::{Dependencies, FUNCTION, SubmitError, go_on_later};

/// The longest pause within a run, for the rate budget: as long as for a call that failed for a moment.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often one invoice is waited for within a run.
const MOST_PAUSES: u32 = 5;
/// The pause after a lost answer; it doubles with each further one, for Amazon is probably in trouble, and each try
/// may cost an invoice that a person has to look for.
const AFTER_A_LOST_ANSWER: Duration = Duration::from_mins(1);

/// A file whose invoices are submitted.
pub(crate) struct Subject<'a> {
    pub(crate) dependencies: &'a Dependencies,
    pub(crate) place: &'a ObjectPlace,
    pub(crate) vendor: SellerId,
    pub(crate) resubmit: bool,
    pub(crate) amazon: Amazon,
    deadline: Deadline,
}

/// How a run ended.
enum Ended {
    /// The file is done.
    Whole,
    /// The rest is for a later run.
    Later(Duration),
}

/// Submits what is in a file. An object that is no file of invoices is left alone: what was sent lies in the same
/// bucket.
pub(crate) async fn submit(
    dependencies: &Dependencies,
    place: ObjectPlace,
    checkpoint: Option<SubmissionCheckpoint>,
    deadline: Deadline,
) -> Result<(), SubmitError> {
    let Some(incoming) = IncomingKey::read(&place.key) else { return Ok(()) };
    let vendor = incoming.vendor;
    let mut checkpoint = checkpoint.unwrap_or_default();
    if deadline.has_passed(dependencies.clock.now()) {
        // Other messages of this batch took all the time.
        return go_on_later(dependencies, &place, &vendor, checkpoint, Duration::ZERO).await;
    }
    let account = dependencies.sellers.get(&vendor).await?;
    let Some(account) = account.filter(|account| account.flows.vendor) else {
        return unreadable(dependencies, &vendor, &place, NOT_CONNECTED).await;
    };
    let file = dependencies.objects.open(&place).await?;
    let subject = Subject {
        dependencies,
        place: &place,
        vendor: vendor.clone(),
        resubmit: incoming.resubmit || file.resubmit,
        amazon: dependencies.amazon.seller(vendor, account.region),
        deadline,
    };
    let file = if checkpoint.read_to_end {
        file
    } else {
        if let Err(why) = proof_read(&subject, file).await? {
            return unreadable(dependencies, &subject.vendor, &place, &why).await;
        }
        dependencies.objects.open(&place).await?
    };
    checkpoint.read_to_end = true;
    run(&subject, file, Tally::after(checkpoint)).await
}

const NOT_CONNECTED: &str = "the account that the file's key names is not connected for vendor invoices; connect it, \
                             then put the file in again";

/// Reads the file to its end, submitting nothing: a file that is cut off must not be submitted in part.
async fn proof_read(subject: &Subject<'_>, file: IncomingFile) -> Result<Result<(), String>, SubmitError> {
    let name = subject.name();
    let read = tokio::task::spawn_blocking(move || reading::proof_read(file.body, &name)).await;
    match read.map_err(SubmitError::Reader)? {
        Ok(()) => Ok(Ok(())),
        Err(error) if reading::may_pass(&error) => Err(SubmitError::Read(error)),
        Err(error) => Ok(Err(error.to_string())),
    }
}

async fn unreadable(
    dependencies: &Dependencies,
    vendor: &SellerId,
    place: &ObjectPlace,
    why: &str,
) -> Result<(), SubmitError> {
    let now = dependencies.clock.now();
    let at = (place.key.as_str(), place.version.as_deref());
    dependencies.invoices.file_unreadable(vendor, at, why, now).await?;
    let line = MetricLine::new(FUNCTION).field("seller_id", vendor.as_str());
    line.value(Metric::VendorFilesUnreadable, 1).emit(now);
    // The text may quote the file; it stands on the item.
    tracing::error!(seller_id = vendor.as_str(), object_key = place.key, "a file of invoices cannot be read");
    Ok(())
}

async fn run(subject: &Subject<'_>, file: IncomingFile, mut tally: Tally) -> Result<(), SubmitError> {
    let dependencies = subject.dependencies;
    let clock = std::sync::Arc::clone(&dependencies.clock);
    let skip = tally.checkpoint().invoices_done;
    let (mut invoices, reader) = reading::start(file.body, subject.name(), skip, clock);
    let ended = work(subject, &mut invoices, &mut tally).await;
    drop(invoices);
    // What was done is counted, however the run ended.
    tally.metrics(subject.vendor.as_str()).emit(dependencies.clock.now());
    let ended = ended?;
    if let Err(error) = reader.await.map_err(SubmitError::Reader)? {
        return match ended {
            _ if reading::may_pass(&error) => Err(SubmitError::Read(error)),
            Ended::Later(_) => later(subject, &tally, Duration::ZERO).await,
            // Only an object that has no versions can have changed since it was read to its end.
            Ended::Whole => unreadable(dependencies, &subject.vendor, subject.place, &error.to_string()).await,
        };
    }
    match ended {
        Ended::Later(delay) => later(subject, &tally, delay).await,
        Ended::Whole => whole(subject, &tally).await,
    }
}

/// Takes one invoice after the other until the file, the time or Amazon's patience ends.
async fn work(
    subject: &Subject<'_>,
    invoices: &mut mpsc::Receiver<Taken>,
    tally: &mut Tally,
) -> Result<Ended, SubmitError> {
    while let Some(taken) = invoices.recv().await {
        let mut pauses: u32 = 0;
        let done = loop {
            if subject.deadline.has_passed(subject.dependencies.clock.now()) {
                return Ok(Ended::Later(Duration::ZERO));
            }
            match Box::pin(invoice::take(subject, &taken)).await? {
                Step::Done(done) => break done,
                Step::Wait(wait) if wait <= LONGEST_PAUSE && pauses < MOST_PAUSES => pause(wait).await,
                Step::Wait(wait) => {
                    tally.defer();
                    return Ok(Ended::Later(wait));
                }
            }
            pauses = pauses.saturating_add(1);
        };
        tally.add(done);
        if let Done::AnswerLost { was_sent_now: true } = done {
            return Ok(Ended::Later(after_lost_answers(tally.lost_in_a_row())));
        }
    }
    Ok(Ended::Whole)
}

fn after_lost_answers(in_a_row: u32) -> Duration {
    AFTER_A_LOST_ANSWER.saturating_mul(1_u32.checked_shl(in_a_row.saturating_sub(1)).unwrap_or(u32::MAX))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a moment, and bounded: at ten requests a second, a message for each would cost more than the pause"
)]
async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}

async fn later(subject: &Subject<'_>, tally: &Tally, delay: Duration) -> Result<(), SubmitError> {
    go_on_later(subject.dependencies, subject.place, &subject.vendor, tally.checkpoint(), delay).await?;
    let (seller_id, object_key) = (subject.vendor.as_str(), subject.place.key.as_str());
    let (invoices_done, delay_s) = (tally.file().invoices, delay.as_secs());
    tracing::info!(seller_id, object_key, invoices_done, delay_s, "the rest of the file is handed on");
    Ok(())
}

async fn whole(subject: &Subject<'_>, tally: &Tally) -> Result<(), SubmitError> {
    let now = subject.dependencies.clock.now();
    let at = (subject.place.key.as_str(), subject.place.version.as_deref());
    let counts = tally.file();
    subject.dependencies.invoices.file_read(&subject.vendor, at, counts, now).await?;
    tracing::info!(
        seller_id = subject.vendor.as_str(),
        object_key = subject.place.key,
        invoices = counts.invoices,
        submitted = counts.submitted,
        rejected = counts.rejected,
        "the file is done"
    );
    Ok(())
}

impl Subject<'_> {
    /// What errors call the file: the end of its key.
    fn name(&self) -> String {
        self.place.key.rsplit('/').next().unwrap_or(&self.place.key).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_after_lost_answers_doubles() {
        assert_eq!([1, 2, 3].map(after_lost_answers), [1, 2, 4].map(Duration::from_mins));
        assert!(after_lost_answers(u32::MAX) > Duration::from_hours(1), "the queue bounds it");
    }
}
