//! One message: the objects it names, or the rest of one.

use countinghouse_domain::job::JobState;
use countinghouse_domain::payment::Rules;
use countinghouse_domain::report::{ReportType, RequestableReport};
use countinghouse_formats::Hints;
use countinghouse_runtime::deadline::Deadline;
use countinghouse_runtime::messages::{Again, Booking, Checkpoint, Continuation, Version};
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_store::{Facts, ObjectMetadata, ObjectPlace, ObjectReader, RebookOutcome, Rebooked};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::reading::{FirstReading, Unreadable, read};
use crate::{BookError, Dependencies, own_invoices, settlement, vat};

/// The name of this function in logs and metrics.
pub(crate) const FUNCTION: &str = "book-documents";

/// The version of the program, as it stands on proofs.
pub(crate) const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A report on its way into the books.
pub(crate) struct Subject<'a> {
    pub(crate) dependencies: &'a Dependencies,
    pub(crate) place: ObjectPlace,
    pub(crate) metadata: ObjectMetadata,
    pub(crate) deadline: Deadline,
    /// The order, where a person has it booked again.
    pub(crate) again: Option<Again>,
}

/// How a run ended.
pub(crate) enum Ended {
    /// All of it is in the books; what was booked, for the job.
    Booked(BTreeMap<String, u64>),
    /// Time is up; everything before this is durable.
    At(Checkpoint),
    /// It cannot be booked as it is.
    Quarantined(String),
    /// A person wants it booked again, and it is not what they looked at: nothing is written.
    Refused(String),
}

pub(crate) async fn book(dependencies: &Dependencies, message: Booking, deadline: Deadline) -> Result<(), BookError> {
    match message {
        Booking::Continuation(rest) => {
            let place = ObjectPlace { bucket: rest.bucket, key: rest.key, version: rest.version_id };
            book_object(dependencies, place, Some(rest.checkpoint), rest.again, deadline).await
        }
        Booking::Again(order) => {
            let place = ObjectPlace { bucket: order.bucket, key: order.key, version: order.version_id };
            book_object(dependencies, place, None, Some(order.again), deadline).await
        }
        Booking::Created(created) => {
            for record in created.records {
                let key = record.s3.object.decoded_key();
                let place = ObjectPlace { bucket: record.s3.bucket.name, key, version: record.s3.object.version_id };
                book_object(dependencies, place, None, None, deadline).await?;
            }
            Ok(())
        }
    }
}

async fn book_object(
    dependencies: &Dependencies,
    place: ObjectPlace,
    checkpoint: Option<Checkpoint>,
    again: Option<Again>,
    deadline: Deadline,
) -> Result<(), BookError> {
    let object = dependencies.objects.open(&place).await?;
    let subject = Subject { dependencies, place, metadata: object.metadata, deadline, again };
    if let Some(why) = subject.again.as_ref().and_then(another_program) {
        return end(&subject, Ended::Refused(why)).await;
    }
    if matches!(subject.metadata.report_type, ReportType::Requestable(RequestableReport::VatInvoices(_))) {
        let ended = Box::pin(own_invoices::book(&subject, object.body, checkpoint.as_ref())).await?;
        return end(&subject, ended).await;
    }
    let ended = match first_reading(&subject, object.body).await? {
        Ok(reading) if subject.other_bytes(reading.sha256()) => Ended::Refused(OTHER_BYTES.to_owned()),
        Ok(FirstReading::Settlement(reading)) => settlement::book(&subject, &reading, checkpoint.as_ref()).await?,
        Ok(FirstReading::Vat { source, estimated_bytes }) => {
            vat::book(&subject, &source, estimated_bytes, checkpoint.as_ref()).await?
        }
        Err(reason) => Ended::Quarantined(reason),
    };
    end(&subject, ended).await
}

const OTHER_BYTES: &str = "the stored document is not the one of which the difference was shown";

/// Why this program is not the one that worked out what an order to book again would change; none where it is.
fn another_program(again: &Again) -> Option<String> {
    let rules = Rules::fingerprint();
    let differs = |wanted: &Option<String>, own: &str| wanted.as_ref().is_some_and(|wanted| wanted != own);
    if !differs(&again.program_version, PROGRAM_VERSION) && !differs(&again.rules, rules) {
        return None;
    }
    let shown = |text: &Option<String>| text.as_deref().unwrap_or("?").chars().take(40).collect::<String>();
    Some(format!(
        "the difference was worked out by version {} with rules {}; the deployed function is version {PROGRAM_VERSION} with rules {rules}",
        shown(&again.program_version),
        shown(&again.rules),
    ))
}

async fn first_reading(subject: &Subject<'_>, body: ObjectReader) -> Result<Result<FirstReading, String>, BookError> {
    let (hints, limits) = (subject.hints(), subject.dependencies.limits);
    let read = tokio::task::spawn_blocking(move || read(body, hints, limits)).await.map_err(BookError::Reader)?;
    match read {
        Ok(reading) => Ok(Ok(reading)),
        Err(Unreadable::Format(error)) if error.kind().may_pass() => Err(BookError::Read(error)),
        Err(unreadable) => Ok(Err(unreadable.to_string())),
    }
}

impl Subject<'_> {
    /// Whether these are not the bytes of which a person has seen the difference.
    fn other_bytes(&self, sha256: &str) -> bool {
        self.again.as_ref().and_then(|again| again.sha256.as_ref()).is_some_and(|seen| seen != sha256)
    }

    pub(crate) fn hints(&self) -> Hints {
        Hints {
            report: self.metadata.report_id.to_string(),
            charset: self.metadata.charset.clone(),
            report_type: Some(self.metadata.report_type),
        }
    }

    /// Opens the same bytes again.
    pub(crate) async fn reopen(&self) -> Result<ObjectReader, BookError> {
        Ok(self.dependencies.objects.open(&self.place).await?.body)
    }

    /// A metric line with the report's identifiers.
    pub(crate) fn metrics(&self) -> MetricLine {
        MetricLine::new(FUNCTION)
            .field("seller_id", self.metadata.seller.as_str())
            .field("report_id", self.metadata.report_id.as_str())
    }
}

async fn end(subject: &Subject<'_>, ended: Ended) -> Result<(), BookError> {
    let (seller_id, report_id) = (subject.metadata.seller.as_str(), subject.metadata.report_id.as_str());
    let report_type = subject.metadata.report_type.name();
    match ended {
        Ended::Booked(counts) => {
            advance(subject, RebookOutcome::Booked, Facts { counts, ..Facts::default() }).await?;
            subject.metrics().value(Metric::ReportsBooked, 1).emit(subject.dependencies.clock.now());
            tracing::info!(seller_id, report_id, report_type, "the report is booked");
        }
        Ended::At(checkpoint) => {
            let message = Continuation {
                version: Version,
                bucket: subject.place.bucket.clone(),
                key: subject.place.key.clone(),
                version_id: subject.place.version.clone(),
                checkpoint,
                again: subject.again.clone(),
            };
            subject.dependencies.bookings.send(&message, Duration::ZERO).await?;
            tracing::info!(seller_id, report_id, report_type, "time is up; the rest of the report is handed on");
        }
        Ended::Quarantined(reason) => {
            let facts = Facts { reason: Some(reason.clone()), ..Facts::default() };
            advance(subject, RebookOutcome::Quarantined, facts).await?;
            subject.metrics().value(Metric::QuarantinedDocuments, 1).emit(subject.dependencies.clock.now());
            let reason = without_value(&reason);
            tracing::error!(seller_id, report_id, report_type, reason, "the report is quarantined");
        }
        Ended::Refused(reason) => {
            let facts = Facts { reason: Some(reason.clone()), ..Facts::default() };
            advance(subject, RebookOutcome::Refused, facts).await?;
            let reason = without_value(&reason);
            tracing::warn!(seller_id, report_id, report_type, reason, "the report is not booked again");
        }
    }
    Ok(())
}

async fn advance(subject: &Subject<'_>, outcome: RebookOutcome, facts: Facts) -> Result<(), BookError> {
    let (seller, report) = (&subject.metadata.seller, &subject.metadata.report_id);
    let (jobs, now) = (&subject.dependencies.jobs, subject.dependencies.clock.now());
    if let Some(again) = &subject.again {
        let rebooked = Rebooked {
            order: again.order.clone(),
            at: now,
            outcome,
            program_version: PROGRAM_VERSION.to_owned(),
            rules: Rules::fingerprint().to_owned(),
            reason: facts.reason.clone(),
        };
        jobs.rebooked(seller, report, &rebooked, &facts).await?;
        return Ok(());
    }
    let state = match outcome {
        RebookOutcome::Booked => JobState::Booked,
        RebookOutcome::Quarantined => JobState::Quarantined,
        // Only an order to book again is ever refused.
        RebookOutcome::Refused => return Ok(()),
    };
    jobs.advance(seller, report, state, facts, now).await?;
    Ok(())
}

/// A reason as it may be logged: what stands in a cell is told on the job, to whoever mends it. In a row whose columns have
/// shifted it may be a name.
fn without_value(reason: &str) -> String {
    match (reason.split_once(": found \""), reason.rsplit_once("\", expected ")) {
        (Some((place, _)), Some((_, expected))) => format!("{place}: expected {expected}; the job says what was found"),
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_logged_with_its_place_and_without_what_stands_there() {
        let reason = "report 5, line 2, column Tax Rate: found \"Erika, \"\", expected a rate such as 0.1900";
        let logged = "report 5, line 2, column Tax Rate: expected a rate such as 0.1900; the job says what was found";
        assert_eq!(without_value(reason), logged);
        assert_eq!(without_value("report 5 is cut off"), "report 5 is cut off");
    }
}
