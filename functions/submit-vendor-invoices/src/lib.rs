#![doc = include_str!("../README.md")]

mod error;
mod file;
mod invoice;
mod reading;
mod tally;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use countinghouse_amazon::Amazon;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::amazon;
use countinghouse_runtime::batch::{Never, body, each_record};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::deadline::Deadline;
use countinghouse_runtime::function::Invocation;
use countinghouse_runtime::messages::{
    Submission, SubmissionCheckpoint, SubmissionContinuation, SubmitInvoices, Version,
};
use countinghouse_runtime::queue::Queue;
use countinghouse_store::{ObjectPlace, Sellers, VendorInvoices, VendorObjects, message_key};

pub use error::SubmitError;

/// The name of this function in logs and metrics.
pub(crate) const FUNCTION: &str = "submit-vendor-invoices";

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected accounts.
    pub sellers: Sellers,
    /// The vendor invoices.
    pub invoices: VendorInvoices,
    /// The files of invoices.
    pub objects: VendorObjects,
    /// The bucket where the files lie.
    pub bucket: String,
    /// Amazon's API.
    pub amazon: Amazon,
    /// The queue that this function reads: where the rest of a long file is put.
    pub submissions: Queue,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Dependencies {
    /// Reads the configuration and builds the clients.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, ConfigError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let sellers = Sellers::new(dynamodb.clone(), variables.required("SELLERS_TABLE")?);
        let queue = variables.required("VENDOR_SUBMISSIONS_QUEUE_URL")?;
        Ok(Self {
            amazon: amazon::client(variables, aws, sellers.clone(), &clock)?,
            invoices: VendorInvoices::new(dynamodb, variables.required("VENDOR_INVOICES_TABLE")?),
            objects: VendorObjects::new(aws_sdk_s3::Client::new(aws)),
            bucket: variables.required("REPORTS_BUCKET")?,
            submissions: Queue::new(aws_sdk_sqs::Client::new(aws), queue),
            sellers,
            clock,
        })
    }
}

/// Takes one batch of messages.
pub async fn handle(
    dependencies: &Dependencies,
    event: SqsEvent,
    invocation: Invocation,
) -> Result<SqsBatchResponse, Never> {
    let deadline = Deadline::new(dependencies.clock.now(), invocation.deadline());
    Ok(each_record(event, async |record: &SqsMessage| {
        let message = Submission::read(body(record)).map_err(|error| SubmitError::unreadable(&error))?;
        take(dependencies, message, record, deadline).await
    })
    .await)
}

async fn take(
    dependencies: &Dependencies,
    message: Submission,
    record: &SqsMessage,
    deadline: Deadline,
) -> Result<(), SubmitError> {
    match message {
        Submission::Invoices(invoices) => store(dependencies, &invoices, record).await,
        Submission::Continuation(rest) => {
            let place = ObjectPlace { bucket: rest.bucket, key: rest.key, version: rest.version_id };
            Box::pin(file::submit(dependencies, place, Some(rest.checkpoint), deadline)).await
        }
        Submission::Created(created) => {
            for created in created.records {
                let key = created.s3.object.decoded_key();
                let place = ObjectPlace { bucket: created.s3.bucket.name, key, version: created.s3.object.version_id };
                Box::pin(file::submit(dependencies, place, None, deadline)).await?;
            }
            Ok(())
        }
    }
}

/// Makes a file of invoices that came in a message. From there on they go the way of every file: what was received
/// is kept, and the bucket's event starts the work.
async fn store(dependencies: &Dependencies, message: &SubmitInvoices, record: &SqsMessage) -> Result<(), SubmitError> {
    let id = record.message_id.as_deref().filter(|id| !id.is_empty()).ok_or(SubmitError::Nameless)?;
    let key = message_key(&message.seller_id, id, message.resubmit);
    let body = format!("{{\"invoices\":{}}}", message.invoices.get());
    dependencies.objects.put_message(&dependencies.bucket, &key, body.as_bytes()).await?;
    tracing::info!(seller_id = message.seller_id.as_str(), object_key = key, "the message's invoices are stored");
    Ok(())
}

/// Puts the rest of a file into the queue.
async fn go_on_later(
    dependencies: &Dependencies,
    place: &ObjectPlace,
    vendor: &SellerId,
    checkpoint: SubmissionCheckpoint,
    delay: Duration,
) -> Result<(), SubmitError> {
    let message = SubmissionContinuation {
        version: Version,
        seller_id: vendor.clone(),
        bucket: place.bucket.clone(),
        key: place.key.clone(),
        version_id: place.version.clone(),
        checkpoint,
    };
    Ok(dependencies.submissions.send(&message, delay).await?)
}
