//! One message: the objects it names, or the rest of one.

use countinghouse_domain::job::JobState;
use countinghouse_domain::report::{ReportType, RequestableReport};
use countinghouse_formats::Hints;
use countinghouse_runtime::deadline::Deadline;
use countinghouse_runtime::messages::{Booking, Checkpoint, Continuation, Version};
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_store::{Facts, ObjectMetadata, ObjectPlace, ObjectReader};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::reading::{FirstReading, Unreadable, read};
use crate::{BookError, Dependencies, own_invoices, settlement, vat};

/// The name of this function in logs and metrics.
pub(crate) const FUNCTION: &str = "book-documents";

/// A report on its way into the books.
pub(crate) struct Subject<'a> {
    pub(crate) dependencies: &'a Dependencies,
    pub(crate) place: ObjectPlace,
    pub(crate) metadata: ObjectMetadata,
    pub(crate) deadline: Deadline,
}

/// How a run ended.
pub(crate) enum Ended {
    /// All of it is in the books; what was booked, for the job.
    Booked(BTreeMap<String, u64>),
    /// Time is up; everything before this is durable.
    At(Checkpoint),
    /// It cannot be booked as it is.
    Quarantined(String),
}

pub(crate) async fn book(dependencies: &Dependencies, message: Booking, deadline: Deadline) -> Result<(), BookError> {
    match message {
        Booking::Continuation(rest) => {
            let place = ObjectPlace { bucket: rest.bucket, key: rest.key, version: rest.version_id };
            book_object(dependencies, place, Some(rest.checkpoint), deadline).await
        }
        Booking::Created(created) => {
            for record in created.records {
                let key = record.s3.object.decoded_key();
                let place = ObjectPlace { bucket: record.s3.bucket.name, key, version: record.s3.object.version_id };
                book_object(dependencies, place, None, deadline).await?;
            }
            Ok(())
        }
    }
}

async fn book_object(
    dependencies: &Dependencies,
    place: ObjectPlace,
    checkpoint: Option<Checkpoint>,
    deadline: Deadline,
) -> Result<(), BookError> {
    let object = dependencies.objects.open(&place).await?;
    let subject = Subject { dependencies, place, metadata: object.metadata, deadline };
    if matches!(subject.metadata.report_type, ReportType::Requestable(RequestableReport::VatInvoices(_))) {
        let ended = Box::pin(own_invoices::book(&subject, object.body, checkpoint.as_ref())).await?;
        return end(&subject, ended).await;
    }
    let ended = match first_reading(&subject, object.body).await? {
        Ok(FirstReading::Settlement(reading)) => settlement::book(&subject, &reading, checkpoint.as_ref()).await?,
        Ok(FirstReading::Vat { source, estimated_bytes }) => {
            vat::book(&subject, &source, estimated_bytes, checkpoint.as_ref()).await?
        }
        Err(reason) => Ended::Quarantined(reason),
    };
    end(&subject, ended).await
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
            advance(subject, JobState::Booked, Facts { counts, ..Facts::default() }).await?;
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
            };
            subject.dependencies.bookings.send(&message, Duration::ZERO).await?;
            tracing::info!(seller_id, report_id, report_type, "time is up; the rest of the report is handed on");
        }
        Ended::Quarantined(reason) => {
            let facts = Facts { reason: Some(reason.clone()), ..Facts::default() };
            advance(subject, JobState::Quarantined, facts).await?;
            subject.metrics().value(Metric::QuarantinedDocuments, 1).emit(subject.dependencies.clock.now());
            tracing::error!(seller_id, report_id, report_type, reason, "the report is quarantined");
        }
    }
    Ok(())
}

async fn advance(subject: &Subject<'_>, state: JobState, facts: Facts) -> Result<(), BookError> {
    let (seller, report) = (&subject.metadata.seller, &subject.metadata.report_id);
    subject.dependencies.jobs.advance(seller, report, state, facts, subject.dependencies.clock.now()).await?;
    Ok(())
}
