//! The jobs in flight: how does each stand?

use countinghouse_amazon::{AmazonError, Report, Seller};
use countinghouse_domain::ids::ReportDocumentId;
use countinghouse_domain::job::{JobState, ProcessingStatus};
use countinghouse_store::{Facts, Job};
use jiff::{SignedDuration, Timestamp};

use crate::hand_on::hand_on;
use crate::{Dependencies, Outcome, PollError, count};

/// How much of Amazon's error document is kept, in characters.
const REASON_CHARACTERS: usize = 600;

/// How long a document that was handed on may wait before it is handed on again.
const HAND_ON_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

pub(crate) async fn jobs_in_flight(
    dependencies: &Dependencies,
    amazon: &Seller,
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    let now = dependencies.clock.now();
    for job in dependencies.jobs.in_flight(amazon.id()).await? {
        if job.next_check_at.is_some_and(|due| due > now) {
            continue;
        }
        match follow(dependencies, amazon, &job, outcome).await {
            Err(PollError::Amazon(AmazonError::RateLimited { .. })) => {
                count(&mut outcome.deferred);
                return Ok(());
            }
            result => result?,
        }
    }
    Ok(())
}

/// Asks Amazon how one report stands, and moves its job on.
pub async fn follow(
    dependencies: &Dependencies,
    amazon: &Seller,
    job: &Job,
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    count(&mut outcome.asked);
    let report = match amazon.report(&job.report_id).await {
        Err(AmazonError::NotFound { .. }) => {
            let reason = "Amazon no longer knows this report; it keeps reports for 90 days";
            return end(dependencies, job, JobState::Fatal, Some(reason.to_owned()), outcome).await;
        }
        report => report?,
    };
    let Some(status) = report.status.known() else {
        tracing::warn!(report_id = job.report_id.as_str(), "Amazon names a processing status that is not known");
        return Ok(());
    };
    match (status, &report.document) {
        (ProcessingStatus::Done, Some(document)) => done(dependencies, job, document, outcome).await,
        (ProcessingStatus::Done, None) => {
            let reason = "Amazon says that the report is done, but names no document";
            end(dependencies, job, JobState::Fatal, Some(reason.to_owned()), outcome).await
        }
        (ProcessingStatus::Cancelled, _) => end(dependencies, job, JobState::Cancelled, None, outcome).await,
        (ProcessingStatus::Fatal, _) => {
            let reason = reason(amazon, &report, job).await;
            end(dependencies, job, JobState::Fatal, reason, outcome).await
        }
        (ProcessingStatus::InQueue | ProcessingStatus::InProgress, _) => {
            advance(dependencies, job, status.into(), Facts::default()).await
        }
    }
}

async fn done(
    dependencies: &Dependencies,
    job: &Job,
    document: &ReportDocumentId,
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    hand_on(dependencies, &job.seller, &job.report_id, job.report_type, document.clone()).await?;
    count(&mut outcome.handed_on);
    if job.state == JobState::Done {
        // It was handed on before, and its document is still not stored: the message may wait or be lost.
        let later = dependencies.clock.now().saturating_add(HAND_ON_AGAIN_AFTER).unwrap_or(Timestamp::MAX);
        return Ok(dependencies.jobs.look_again(&job.seller, &job.report_id, later).await?);
    }
    let facts = Facts { document_id: Some(document.clone()), ..Facts::default() };
    advance(dependencies, job, JobState::Done, facts).await
}

async fn end(
    dependencies: &Dependencies,
    job: &Job,
    state: JobState,
    reason: Option<String>,
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    let (report_id, report_type) = (job.report_id.as_str(), job.report_type.name());
    if state == JobState::Cancelled {
        count(&mut outcome.without_data);
        tracing::info!(report_id, report_type, "the report ended without data");
    } else {
        count(&mut outcome.failed);
        tracing::error!(report_id, report_type, reason = reason.as_deref(), "the report failed at Amazon");
    }
    advance(dependencies, job, state, Facts { reason, ..Facts::default() }).await
}

async fn advance(dependencies: &Dependencies, job: &Job, state: JobState, facts: Facts) -> Result<(), PollError> {
    dependencies.jobs.advance(&job.seller, &job.report_id, state, facts, dependencies.clock.now()).await?;
    Ok(())
}

/// Why a report failed, from Amazon's error document. Not having it is no reason to fail: the state counts.
async fn reason(amazon: &Seller, report: &Report, job: &Job) -> Option<String> {
    let document = report.document.as_ref()?;
    match read_reason(amazon, document, job).await {
        Ok(reason) => Some(reason),
        Err(error) => {
            tracing::warn!(
                report_id = job.report_id.as_str(),
                kind = error.kind(),
                "the error document is out of reach"
            );
            None
        }
    }
}

async fn read_reason(amazon: &Seller, document: &ReportDocumentId, job: &Job) -> Result<String, AmazonError> {
    let document = amazon.report_document(document, job.report_type).await?;
    let mut download = amazon.download(&document).await?;
    let mut bytes = Vec::new();
    while bytes.len() < REASON_CHARACTERS.saturating_mul(4) {
        let Some(chunk) = download.chunk().await? else { break };
        bytes.extend_from_slice(&chunk);
    }
    if document.compression.name() != "none" {
        return Ok(String::from("Amazon's error document is compressed; it can be read with getReportDocument"));
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(REASON_CHARACTERS).collect())
}
