//! One document: ask for its address and use it at once, into the bucket, unchanged.

use std::time::Duration;

use countinghouse_amazon::{AmazonError, Compression, Seller};
use countinghouse_domain::job::JobState;
use countinghouse_runtime::messages::Download;
use countinghouse_runtime::queue::LONGEST_DELAY;
use countinghouse_store::{Declared, Facts, ObjectMetadata, PutError, StoreError, Stored, report_key};

use crate::{Dependencies, DownloadError};

/// An empty rate budget may put a document back for days: Amazon hands out one address a minute for each seller.
const ATTEMPTS_WHEN_LIMITED: u32 = 2_000;
/// A link that expires or a connection that breaks time and again is a fault that a person should see.
const ATTEMPTS_WHEN_CUT: u32 = 20;
/// The pause before a document that was cut is asked for again; it doubles each time.
const PAUSE_AFTER_CUT: Duration = Duration::from_secs(2);

/// What came of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// It is in the bucket.
    Stored { bytes: u64 },
    /// It was there before.
    Before,
    /// It has to wait; the message is put back.
    PutBack,
}

pub(crate) async fn fetch(dependencies: &Dependencies, message: Download) -> Result<Fetched, DownloadError> {
    let known = dependencies.jobs.get(&message.seller_id, &message.report_id).await?;
    if known.is_some_and(|job| !job.state.may_become(JobState::Downloaded)) {
        return Ok(Fetched::Before);
    }
    let seller = dependencies.sellers.get(&message.seller_id).await?;
    let seller = seller.ok_or_else(|| DownloadError::UnknownSeller(message.seller_id.clone()))?;
    let amazon = dependencies.amazon.seller(seller.seller_id, seller.region);
    match copy(dependencies, &amazon, &message).await {
        Ok(stored) => record(dependencies, &message, stored).await,
        Err(Trouble::Amazon(error)) => put_back(dependencies, message, error).await,
        Err(Trouble::Store(error)) => Err(error.into()),
    }
}

enum Trouble {
    Amazon(AmazonError),
    Store(StoreError),
}

impl From<AmazonError> for Trouble {
    fn from(error: AmazonError) -> Self {
        Self::Amazon(error)
    }
}

async fn copy(dependencies: &Dependencies, amazon: &Seller, message: &Download) -> Result<Stored, Trouble> {
    let document = amazon.report_document(&message.report_document_id, message.report_type).await?;
    let download = amazon.download(&document).await?;
    let metadata = ObjectMetadata {
        seller: message.seller_id.clone(),
        report_id: message.report_id.clone(),
        report_type: message.report_type,
        report_document_id: message.report_document_id.clone(),
        charset: download.charset().map(str::to_owned),
        gzip: document.compression == Compression::Gzip,
    };
    let declared = Declared { bytes: download.content_length() };
    let key = report_key(&message.seller_id, message.report_type, &message.report_id);
    let put = dependencies.objects.put_stream(&dependencies.bucket, &key, &metadata, declared, download).await;
    put.map_err(|error| match error {
        PutError::Source(error) => Trouble::Amazon(error),
        PutError::Length { received, declared } => Trouble::Amazon(AmazonError::Interrupted {
            received_bytes: received,
            expected_bytes: Some(declared),
            source: None,
        }),
        PutError::Store(error) => Trouble::Store(error),
    })
}

async fn record(dependencies: &Dependencies, message: &Download, stored: Stored) -> Result<Fetched, DownloadError> {
    let facts = Facts {
        document_id: Some(message.report_document_id.clone()),
        object_key: Some(report_key(&message.seller_id, message.report_type, &message.report_id)),
        sha256: Some(stored.sha256),
        bytes: Some(stored.bytes),
        ..Facts::default()
    };
    let (seller, report, now) = (&message.seller_id, &message.report_id, dependencies.clock.now());
    dependencies.jobs.advance(seller, report, JobState::Downloaded, facts, now).await?;
    tracing::info!(
        seller_id = seller.as_str(),
        report_id = report.as_str(),
        report_type = message.report_type.name(),
        bytes = stored.bytes,
        "the document is stored"
    );
    Ok(Fetched::Stored { bytes: stored.bytes })
}

/// Puts a document back that may be had later; any other error is the message's own.
async fn put_back(
    dependencies: &Dependencies,
    message: Download,
    error: AmazonError,
) -> Result<Fetched, DownloadError> {
    let Some(wait) = wait(&error, message.attempt) else { return Err(error.into()) };
    let attempts = message.attempt;
    if attempts >= most_attempts(&error) {
        return Err(DownloadError::GivenUp { attempts, last: error });
    }
    let later = Download { attempt: attempts.saturating_add(1), ..message };
    dependencies.downloads.send(&later, wait).await?;
    tracing::info!(
        seller_id = later.seller_id.as_str(),
        report_id = later.report_id.as_str(),
        kind = error.kind(),
        attempts,
        wait_s = wait.as_secs(),
        "the document has to wait"
    );
    Ok(Fetched::PutBack)
}

const fn most_attempts(error: &AmazonError) -> u32 {
    if matches!(error, AmazonError::RateLimited { .. }) { ATTEMPTS_WHEN_LIMITED } else { ATTEMPTS_WHEN_CUT }
}

/// How long to wait: what the error says, and after a cut twice as long each time.
fn wait(error: &AmazonError, attempt: u32) -> Option<Duration> {
    let said = error.retry_after()?;
    if matches!(error, AmazonError::RateLimited { .. }) {
        return Some(said.min(LONGEST_DELAY));
    }
    let doubled = PAUSE_AFTER_CUT.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    Some(said.max(doubled).min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::rate::Operation;

    use super::*;

    #[test]
    fn a_rate_limit_waits_as_long_as_it_says_however_often() {
        let error = AmazonError::RateLimited { operation: Operation::GetReportDocument, wait: Duration::from_mins(1) };
        assert_eq!(wait(&error, 1), Some(Duration::from_mins(1)));
        assert_eq!(wait(&error, 500), Some(Duration::from_mins(1)));
        assert_eq!(most_attempts(&error), ATTEMPTS_WHEN_LIMITED);
    }

    #[test]
    fn an_expired_link_is_asked_for_again_soon_and_then_less_and_less_often() {
        let waits: Vec<_> =
            (1..5).filter_map(|attempt| wait(&AmazonError::LinkExpired, attempt)).map(|each| each.as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16]);
        assert_eq!(wait(&AmazonError::LinkExpired, 40), Some(LONGEST_DELAY));
        assert_eq!(most_attempts(&AmazonError::LinkExpired), ATTEMPTS_WHEN_CUT);
    }
}
