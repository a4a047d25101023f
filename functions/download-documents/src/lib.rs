#![doc = include_str!("../README.md")]

mod fetch;

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use countinghouse_amazon::{Amazon, AmazonError};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::amazon;
use countinghouse_runtime::batch::{Failure, Never, body, each_record};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::messages::Download;
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_runtime::queue::{Queue, QueueError};
use countinghouse_store::{Jobs, ReportObjects, Sellers, StoreError};

use fetch::{Fetched, fetch};

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected sellers.
    pub sellers: Sellers,
    /// The jobs.
    pub jobs: Jobs,
    /// The bucket of reports.
    pub objects: ReportObjects,
    /// Its name.
    pub bucket: String,
    /// Amazon's API.
    pub amazon: Amazon,
    /// The queue that this function reads: where a document that has to wait is put back.
    pub downloads: Queue,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Dependencies {
    /// Reads the configuration and builds the clients.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, ConfigError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let sellers = Sellers::new(dynamodb.clone(), variables.required("SELLERS_TABLE")?);
        Ok(Self {
            amazon: amazon::client(variables, aws, sellers.clone(), &clock)?,
            jobs: Jobs::new(dynamodb, variables.required("JOBS_TABLE")?),
            objects: ReportObjects::new(aws_sdk_s3::Client::new(aws)),
            bucket: variables.required("REPORTS_BUCKET")?,
            downloads: Queue::new(aws_sdk_sqs::Client::new(aws), variables.required("DOWNLOADS_QUEUE_URL")?),
            sellers,
            clock,
        })
    }
}

/// Why a document could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// It is not a message of this program.
    #[error("the message is not one for this function")]
    Unreadable(#[source] serde_json::Error),
    /// The seller is not connected (any more).
    #[error("seller {0} is not connected")]
    UnknownSeller(SellerId),
    /// Amazon does not hand the document out.
    #[error("Amazon does not hand the document out")]
    Amazon(#[from] AmazonError),
    /// It was put back too often.
    #[error("the document could not be fetched in {attempts} attempts")]
    GivenUp {
        /// How often it was tried.
        attempts: u32,
        /// The last reason.
        #[source]
        last: AmazonError,
    },
    /// A table or the bucket could not be used.
    #[error("the document or its job could not be stored")]
    Store(#[from] StoreError),
    /// The message could not be put back.
    #[error("the message could not be put back")]
    Queue(#[from] QueueError),
}

impl Failure for DownloadError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable_message",
            Self::UnknownSeller(_) => "unknown_seller",
            Self::Amazon(error) => error.kind(),
            Self::GivenUp { .. } => "given_up",
            Self::Store(error) => error.error_type(),
            Self::Queue(_) => "queue",
        }
    }
}

/// Takes one batch of documents to fetch.
pub async fn handle(dependencies: &Dependencies, event: SqsEvent) -> Result<SqsBatchResponse, Never> {
    let (mut stored, mut bytes, mut deferred) = (0_u64, 0_u64, 0_u64);
    let response = each_record(event, async |record: &SqsMessage| {
        let message: Download = serde_json::from_str(body(record)).map_err(DownloadError::Unreadable)?;
        match fetch(dependencies, message).await? {
            Fetched::Stored { bytes: size } => {
                stored = stored.saturating_add(1);
                bytes = bytes.saturating_add(size);
            }
            Fetched::Before => {}
            Fetched::PutBack => deferred = deferred.saturating_add(1),
        }
        Ok::<(), DownloadError>(())
    })
    .await;
    MetricLine::new("download-documents")
        .value(Metric::DocumentsDownloaded, stored)
        .value(Metric::BytesDownloaded, bytes)
        .value(Metric::CallsDeferred, deferred)
        .emit(dependencies.clock.now());
    Ok(response)
}
