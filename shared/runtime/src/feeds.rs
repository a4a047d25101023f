//! What became of the feed of an own invoice: asked of Amazon, and written down as a hint.
//!
//! The feed's status says nothing about whether Amazon took the document; its processing report does, and the next VAT
//! invoice data report has the last word.

use std::collections::BTreeMap;

use countinghouse_amazon::{AmazonError, Seller};
use countinghouse_domain::ids::{FeedId, InvalidId};
use countinghouse_domain::job::ProcessingStatus;
use countinghouse_domain::time::Clock;
use countinghouse_store::{Hint, OwnInvoices, StoreError};
use countinghouse_vat_invoices::feed_report::{Outcome, ProcessingReport};
use countinghouse_vat_invoices::state::{Refusal, Standing, State};

use jiff::Timestamp;

use crate::batch::{Failure, chain};
use crate::metrics::{Metric, MetricLine};

/// What is said of a feed that was cancelled: the table of errors knows it by these words.
const CANCELLED: &str = "the feed was cancelled before Amazon read it";
/// What is said of a feed that failed without a report.
const FAILED: &str = "the feed failed at Amazon, and no report says why";

/// Why a feed could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Amazon could not be asked.
    #[error("Amazon could not be asked about the feed")]
    Amazon(#[from] AmazonError),
    /// The own invoices could not be used.
    #[error("the own invoices could not be used")]
    Store(#[from] StoreError),
    /// The stored feed has an id that cannot be one.
    #[error("the feed has an id that cannot be one")]
    Identifier(#[from] InvalidId),
}

impl Failure for FeedError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Amazon(error) => error.kind(),
            Self::Store(error) => error.error_type(),
            Self::Identifier(_) => "invalid_identifier",
        }
    }
}

/// What became of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// It is not done yet, or it is not the document's last any more.
    Open,
    /// Amazon took it, or does not say: the next VAT invoice data report decides.
    Ended,
    /// Amazon refused it.
    Refused(Refusal),
}

/// How many own invoices Amazon refused in a run, by its codes.
#[derive(Debug, Default)]
pub struct Refusals(BTreeMap<String, u64>);

impl Refusals {
    /// One more.
    pub fn add(&mut self, refusal: &Refusal) {
        let count = self.0.entry(refusal.label()).or_default();
        *count = count.saturating_add(1);
    }

    /// How many there are of all codes.
    pub fn total(&self) -> u64 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Writes a line for each code, with the dimension `Code`. The sum of all belongs to the function's own line.
    pub fn emit(&self, function: &'static str, now: Timestamp) {
        for (code, count) in &self.0 {
            MetricLine::new(function).per("Code", code.as_str()).value(Metric::OwnInvoicesRejected, *count).emit(now);
        }
    }
}

/// Asks how a feed stands, and writes down what its processing report says.
pub async fn follow(
    amazon: &Seller,
    invoices: &OwnInvoices,
    clock: &dyn Clock,
    document: &str,
    feed_id: &str,
) -> Result<Followed, FeedError> {
    let seller = amazon.id();
    let feed = match amazon.feed(&feed_id.parse::<FeedId>()?).await {
        // Amazon gave this id itself; that it does not know it (yet) says nothing about the document.
        Err(AmazonError::NotFound { .. }) => {
            tracing::warn!(seller_id = seller.as_str(), feed_id, "Amazon does not know the feed");
            invoices.looked(seller, document, clock.now()).await?;
            return Ok(Followed::Open);
        }
        feed => feed?,
    };
    let bytes = match (feed.status.known(), &feed.report) {
        (Some(ProcessingStatus::Done | ProcessingStatus::Fatal), Some(report)) => {
            Some(report_of(amazon, report).await?)
        }
        _ => None,
    };
    let hint = match feed.status.known() {
        Some(ProcessingStatus::Done) => read(bytes.as_deref().unwrap_or_default(), feed_id).unwrap_or(Hint::Unclear),
        Some(ProcessingStatus::Fatal) => fatal(bytes.as_deref(), feed_id),
        Some(ProcessingStatus::Cancelled) => refused(None, CANCELLED),
        Some(ProcessingStatus::InQueue | ProcessingStatus::InProgress) | None => {
            invoices.looked(seller, document, clock.now()).await?;
            return Ok(Followed::Open);
        }
    };
    let Some(standing) = invoices.hint(seller, document, feed_id, &hint, clock.now()).await? else {
        return Ok(Followed::Open);
    };
    Ok(tell(seller.as_str(), document, feed_id, &hint, &standing))
}

async fn report_of(
    amazon: &Seller,
    report: &countinghouse_domain::ids::FeedDocumentId,
) -> Result<Vec<u8>, AmazonError> {
    match amazon.feed_report(report).await {
        // A report that is gone is one that says nothing.
        Err(AmazonError::NotFound { .. }) => Ok(Vec::new()),
        bytes => bytes,
    }
}

/// What a processing report says; none where it cannot be read.
fn read(bytes: &[u8], feed_id: &str) -> Option<Hint> {
    let report = match ProcessingReport::read(bytes) {
        Ok(report) => report,
        Err(error) => {
            tracing::warn!(feed_id, error = chain(&error), "the feed's processing report cannot be read");
            return None;
        }
    };
    Some(match report.outcome() {
        Outcome::Taken => Hint::Taken,
        Outcome::Refused(problem) => refused(problem.code, &problem.message),
        Outcome::Unclear => Hint::Unclear,
    })
}

/// A feed that failed: some, none or all of it may be done, and there may be a report. Where it gives no reason, the
/// document goes out again once a newer VAT invoice data report still calls it due.
fn fatal(bytes: Option<&[u8]>, feed_id: &str) -> Hint {
    match bytes.and_then(|bytes| read(bytes, feed_id)) {
        Some(hint @ Hint::Refused(_)) => hint,
        Some(Hint::Taken | Hint::Unclear) | None => refused(None, FAILED),
    }
}

fn refused(code: Option<u32>, message: &str) -> Hint {
    Hint::Refused(Refusal { code, message: message.to_owned() })
}

fn tell(seller_id: &str, document: &str, feed_id: &str, hint: &Hint, standing: &Standing) -> Followed {
    let state = standing.state.name();
    match hint {
        Hint::Refused(refusal) => {
            let known = refusal.known();
            tracing::error!(
                seller_id,
                document,
                feed_id,
                state,
                code = refusal.code,
                name = known.name,
                cause = known.cause,
                cure = known.cure,
                "Amazon refused an own invoice"
            );
            // A report that was quicker has the last word.
            if matches!(standing.state, State::Rejected | State::NeedsPerson) {
                Followed::Refused(refusal.clone())
            } else {
                Followed::Ended
            }
        }
        Hint::Taken | Hint::Unclear => {
            let is_clear = *hint == Hint::Taken;
            tracing::info!(seller_id, document, feed_id, state, is_clear, "the feed of an own invoice is done");
            Followed::Ended
        }
    }
}

#[cfg(test)]
mod tests {
    use countinghouse_vat_invoices::errors::Next;

    use super::*;

    fn refusal(hint: &Hint) -> &Refusal {
        let Hint::Refused(refusal) = hint else { panic!("{hint:?}") };
        refusal
    }

    #[test]
    fn a_feed_that_amazon_dropped_is_made_again_when_the_document_is_still_due() {
        for hint in [refused(None, CANCELLED), fatal(None, "1"), fatal(Some(b"<html>"), "1")] {
            assert_eq!(refusal(&hint).known().next, Next::UploadLater, "{hint:?}");
        }
    }

    #[test]
    fn a_reason_of_a_feed_that_failed_is_kept() {
        let text = b"Number of records processed\t\t1\nNumber of records successful\t\t0\n1\t\t79503\tError\tnot pdf\n";
        assert_eq!(refusal(&fatal(Some(text), "1")).code, Some(79_503));
    }

    #[test]
    fn refusals_are_counted_by_their_code() {
        let mut refusals = Refusals::default();
        for (code, message) in [(Some(79_517), "x"), (Some(79_517), "y"), (None, "Something new")] {
            refusals.add(&Refusal { code, message: message.to_owned() });
        }
        assert_eq!(refusals.total(), 3);
        assert_eq!(refusals.0, BTreeMap::from([("79517".to_owned(), 2), ("Unknown".to_owned(), 1)]));
    }

    #[test]
    fn a_report_that_cannot_be_read_decides_nothing() {
        assert_eq!(read(b"", "1"), None);
    }
}
