#![doc = include_str!("../README.md")]

mod error;
mod later;
mod upload;

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use countinghouse_amazon::{Amazon, AmazonError};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::amazon;
use countinghouse_runtime::batch::{Never, body, each_record};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::feeds::{FeedError, Followed, Refusals, follow};
use countinghouse_runtime::messages::{InvoiceFeed, UploadOrder};
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_runtime::queue::Queue;
use countinghouse_store::{OwnInvoiceObjects, OwnInvoices, Sellers};

pub use error::UploadError;
use upload::Done;

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected sellers.
    pub sellers: Sellers,
    /// The own invoices.
    pub invoices: OwnInvoices,
    /// Their files.
    pub objects: OwnInvoiceObjects,
    /// Amazon's API.
    pub amazon: Amazon,
    /// The queue that this function reads: what Amazon has no room for now goes back there.
    pub uploads: Queue,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Dependencies {
    /// Reads the configuration and builds the clients.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, ConfigError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let sellers = Sellers::new(dynamodb.clone(), variables.required("SELLERS_TABLE")?);
        let queue = variables.required("INVOICE_UPLOADS_QUEUE_URL")?;
        Ok(Self {
            amazon: amazon::client(variables, aws, sellers.clone(), &clock)?,
            invoices: OwnInvoices::new(dynamodb, variables.required("OWN_INVOICES_TABLE")?),
            objects: OwnInvoiceObjects::new(aws_sdk_s3::Client::new(aws), variables.required("REPORTS_BUCKET")?),
            uploads: Queue::new(aws_sdk_sqs::Client::new(aws), queue),
            sellers,
            clock,
        })
    }

    /// Amazon as a connected seller sees it.
    async fn amazon_of(&self, seller: &SellerId) -> Result<countinghouse_amazon::Seller, UploadError> {
        let found = self.sellers.get(seller).await?;
        let found = found.ok_or_else(|| UploadError::UnknownSeller { seller: seller.clone() })?;
        Ok(self.amazon.seller(found.seller_id, found.region))
    }
}

/// What a batch came to.
#[derive(Default)]
struct Tally {
    uploaded: u64,
    deferred: u64,
    refusals: Refusals,
    answers_lost: u64,
    not_made: u64,
}

/// Uploads the documents that the messages name.
pub async fn handle(dependencies: &Dependencies, event: SqsEvent) -> Result<SqsBatchResponse, Never> {
    let mut tally = Tally::default();
    let response = each_record(event, async |record: &SqsMessage| {
        let order = UploadOrder::read(body(record)).map_err(|error| UploadError::unreadable(&error))?;
        let done = match &order {
            UploadOrder::Upload(message) => Box::pin(upload::upload(dependencies, message, sent_at(record))).await?,
            UploadOrder::Feed(message) => Box::pin(ask(dependencies, message)).await?,
        };
        let count = match done {
            Done::Uploaded => &mut tally.uploaded,
            Done::Later => &mut tally.deferred,
            Done::Refused(refusal) => {
                tally.refusals.add(&refusal);
                return Ok(());
            }
            Done::AnswerLost => &mut tally.answers_lost,
            Done::NeedsPerson => &mut tally.not_made,
            Done::Known => return Ok(()),
        };
        *count = count.saturating_add(1);
        Ok::<(), UploadError>(())
    })
    .await;
    MetricLine::new("upload-invoices")
        .value(Metric::OwnInvoicesUploaded, tally.uploaded)
        .value(Metric::OwnInvoicesRejected, tally.refusals.total())
        .value(Metric::OwnInvoicesAnswerLost, tally.answers_lost)
        .value(Metric::OwnInvoicesNotMade, tally.not_made)
        .value(Metric::CallsDeferred, tally.deferred)
        .emit(dependencies.clock.now());
    tally.refusals.emit("upload-invoices", dependencies.clock.now());
    Ok(response)
}

/// When SQS got a message; none where it does not say.
fn sent_at(record: &SqsMessage) -> Option<jiff::Timestamp> {
    let ms = record.attributes.get("SentTimestamp")?.parse().ok()?;
    jiff::Timestamp::from_millisecond(ms).ok()
}

/// A feed has ended, says a notification: what became of it? Where there is no answer now, poll-jobs asks in its next run.
async fn ask(dependencies: &Dependencies, message: &InvoiceFeed) -> Result<Done, UploadError> {
    let (seller, feed_id) = (&message.seller_id, message.feed_id.as_str());
    let Some(document) = dependencies.invoices.document_of_feed(seller, feed_id).await? else {
        return Ok(Done::Known);
    };
    let known = dependencies.invoices.get(seller, &document).await?;
    let is_open = known.and_then(|known| known.feed).is_some_and(|feed| feed.feed_id == feed_id && feed.hint.is_none());
    if !is_open {
        return Ok(Done::Known);
    }
    let amazon = dependencies.amazon_of(seller).await?;
    match follow(&amazon, &dependencies.invoices, dependencies.clock.as_ref(), &document, feed_id).await {
        Ok(Followed::Refused(refusal)) => Ok(Done::Refused(refusal)),
        Ok(Followed::Open | Followed::Ended) => Ok(Done::Known),
        Err(FeedError::Amazon(AmazonError::RateLimited { .. })) => Ok(Done::Later),
        Err(error) => Err(error.into()),
    }
}
