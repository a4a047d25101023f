#![doc = include_str!("../README.md")]

mod booking;
mod error;
mod own_invoices;
pub mod reading;
mod settlement;
mod vat;

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_formats::Limits;
use countinghouse_runtime::batch::{Never, body, each_record};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::deadline::Deadline;
use countinghouse_runtime::function::Invocation;
use countinghouse_runtime::messages::Booking;
use countinghouse_runtime::queue::Queue;
use countinghouse_store::{Documents, Jobs, OwnInvoiceObjects, OwnInvoices, Payments, ReportObjects, Settlements};

pub use error::BookError;

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The jobs.
    pub jobs: Jobs,
    /// The bucket of reports.
    pub objects: ReportObjects,
    /// The settlements.
    pub settlements: Settlements,
    /// The payments.
    pub payments: Payments,
    /// The invoices and credit notes.
    pub documents: Documents,
    /// The seller's own invoices.
    pub own_invoices: OwnInvoices,
    /// Their files.
    pub own_objects: OwnInvoiceObjects,
    /// Where own invoices that are due are announced.
    pub issues: Queue,
    /// Where own invoices that are to be uploaded are announced.
    pub uploads: Queue,
    /// The queue that this function reads: where the rest of a long document is put.
    pub bookings: Queue,
    /// What a report may be like.
    pub limits: Limits,
    /// How much memory the documents of one pass over a VAT report may take, in bytes.
    pub memory_for_documents_bytes: u64,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The share of the function's memory that one pass over a VAT report may fill with documents; the rest is for
/// reading, writing and the program itself.
const SHARE_FOR_DOCUMENTS: u64 = 3;

impl Dependencies {
    /// Reads the configuration and builds the clients.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, ConfigError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let days: u16 = variables.required_as("PERSONAL_DATA_RETENTION_DAYS", "a number of days")?;
        // Lambda itself sets this variable.
        let memory_mb: u64 = variables.or("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "a number of megabytes", 512)?;
        let (s3, sqs) = (aws_sdk_s3::Client::new(aws), aws_sdk_sqs::Client::new(aws));
        Ok(Self {
            own_invoices: OwnInvoices::new(dynamodb.clone(), variables.required("OWN_INVOICES_TABLE")?),
            own_objects: OwnInvoiceObjects::new(s3.clone(), variables.required("REPORTS_BUCKET")?),
            issues: Queue::new(sqs.clone(), variables.required("INVOICE_ISSUES_QUEUE_URL")?),
            uploads: Queue::new(sqs.clone(), variables.required("INVOICE_UPLOADS_QUEUE_URL")?),
            jobs: Jobs::new(dynamodb.clone(), variables.required("JOBS_TABLE")?),
            objects: ReportObjects::new(s3),
            settlements: Settlements::new(dynamodb.clone(), variables.required("SETTLEMENTS_TABLE")?),
            payments: Payments::new(dynamodb.clone(), variables.required("PAYMENTS_TABLE")?),
            documents: Documents::new(dynamodb, variables.required("DOCUMENTS_TABLE")?, days),
            bookings: Queue::new(sqs, variables.required("BOOKINGS_QUEUE_URL")?),
            limits: Limits::default(),
            memory_for_documents_bytes: (memory_mb << 20) / SHARE_FOR_DOCUMENTS,
            clock,
        })
    }
}

/// Takes one batch of stored reports.
pub async fn handle(
    dependencies: &Dependencies,
    event: SqsEvent,
    invocation: Invocation,
) -> Result<SqsBatchResponse, Never> {
    let deadline = Deadline::new(dependencies.clock.now(), invocation.deadline());
    Ok(each_record(event, async |record: &SqsMessage| {
        let message: Booking = serde_json::from_str(body(record)).map_err(BookError::Unreadable)?;
        booking::book(dependencies, message, deadline).await
    })
    .await)
}
