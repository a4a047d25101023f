//! What a run came to: for the file's item, for the metrics, and for the run after it.

use countinghouse_runtime::messages::SubmissionCheckpoint;
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_store::FileCounts;

use crate::FUNCTION;
use crate::invoice::Done;

/// The counts of a file, and of this run alone.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    checkpoint: SubmissionCheckpoint,
    submitted: u64,
    rejected: u64,
    refused: u64,
    failed: u64,
    answer_lost: u64,
    deferred: u64,
}

const fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

const fn count_both(of_file: &mut u64, of_run: &mut u64) {
    count(of_file);
    count(of_run);
}

impl Tally {
    /// Goes on from an earlier run.
    pub(crate) fn after(checkpoint: SubmissionCheckpoint) -> Self {
        Self { checkpoint, ..Self::default() }
    }

    /// Where the next run goes on.
    pub(crate) const fn checkpoint(&self) -> SubmissionCheckpoint {
        self.checkpoint
    }

    /// How many answers were lost one after another, up to now.
    pub(crate) const fn lost_in_a_row(&self) -> u32 {
        self.checkpoint.lost_in_a_row
    }

    /// Counts an invoice that is done.
    pub(crate) fn add(&mut self, done: Done) {
        let all = &mut self.checkpoint;
        count(&mut all.invoices_done);
        match done {
            Done::Submitted => {
                count_both(&mut all.submitted, &mut self.submitted);
                all.lost_in_a_row = 0;
            }
            Done::Known => count(&mut all.known),
            Done::Rejected { is_new: true } => count_both(&mut all.rejected, &mut self.rejected),
            Done::Rejected { is_new: false } => count(&mut all.rejected),
            Done::Refused => count_both(&mut all.refused, &mut self.refused),
            Done::Failed => count_both(&mut all.failed, &mut self.failed),
            Done::AnswerLost { was_sent_now } => {
                count_both(&mut all.answer_lost, &mut self.answer_lost);
                all.lost_in_a_row = all.lost_in_a_row.saturating_add(u32::from(was_sent_now));
            }
        }
    }

    /// Counts a run that stopped because Amazon takes no more now.
    pub(crate) const fn defer(&mut self) {
        count(&mut self.deferred);
    }

    /// The file's counts.
    pub(crate) const fn file(&self) -> FileCounts {
        let all = &self.checkpoint;
        FileCounts {
            invoices: all.invoices_done,
            submitted: all.submitted,
            known: all.known,
            rejected: all.rejected,
            refused: all.refused,
            failed: all.failed,
            answer_lost: all.answer_lost,
        }
    }

    /// This run's metrics.
    pub(crate) fn metrics(&self, vendor: &str) -> MetricLine {
        MetricLine::new(FUNCTION)
            .field("seller_id", vendor)
            .value(Metric::VendorInvoicesSubmitted, self.submitted)
            .value(Metric::VendorInvoicesRejected, self.rejected)
            .value(Metric::VendorInvoicesRefused, self.refused)
            .value(Metric::VendorInvoicesFailed, self.failed)
            .value(Metric::VendorInvoicesAnswerLost, self.answer_lost)
            .value(Metric::CallsDeferred, self.deferred)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_answers_are_counted_in_a_row_and_forgotten_with_the_first_that_comes() {
        let mut tally = Tally::default();
        tally.add(Done::AnswerLost { was_sent_now: true });
        tally.add(Done::AnswerLost { was_sent_now: false });
        tally.add(Done::Rejected { is_new: true });
        assert_eq!((tally.lost_in_a_row(), tally.file().answer_lost), (1, 2));
        tally.add(Done::Submitted);
        assert_eq!((tally.lost_in_a_row(), tally.file().invoices), (0, 4));
    }

    #[test]
    fn the_metrics_are_those_of_the_run_and_the_counts_those_of_the_file() {
        let mut first = Tally::default();
        first.add(Done::Submitted);
        let mut second = Tally::after(first.checkpoint());
        second.add(Done::Submitted);
        assert_eq!(second.file().submitted, 2);
        let line = second.metrics("ACME").to_json("2026-11-22T00:00:00Z".parse().unwrap());
        assert!(line.contains("\"VendorInvoicesSubmitted\":1,"), "{line}");
    }
}
