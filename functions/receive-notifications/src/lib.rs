#![doc = include_str!("../README.md")]

mod client_secret;
mod feed;
mod notification;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use countinghouse_domain::ids::{InvalidId, ReportDocumentId, ReportId, SellerId};
use countinghouse_domain::job::{JobState, ProcessingStatus, UnknownProcessingStatus};
use countinghouse_domain::report::{ReportType, RequestableReport};
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::batch::{Failure, Never, body, each_record};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::messages::{Download, Version};
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_runtime::queue::{Queue, QueueError};
use countinghouse_store::{Discovered, Facts, Found, Jobs, Origin, OwnInvoices, Sellers, StoreError};

use notification::{FEED_PROCESSING_FINISHED, Notification, REPORT_PROCESSING_FINISHED, ReportFinished};

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected sellers.
    pub sellers: Sellers,
    /// The jobs.
    pub jobs: Jobs,
    /// Where finished reports are handed on.
    pub downloads: Queue,
    /// The own invoices.
    pub own_invoices: OwnInvoices,
    /// Where ended feeds of own invoices are handed on.
    pub uploads: Queue,
    /// Where client secrets belong that were sent here.
    pub client_secrets: Queue,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Dependencies {
    /// Reads the configuration and builds the clients.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, ConfigError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let sqs = aws_sdk_sqs::Client::new(aws);
        Ok(Self {
            sellers: Sellers::new(dynamodb.clone(), variables.required("SELLERS_TABLE")?),
            jobs: Jobs::new(dynamodb.clone(), variables.required("JOBS_TABLE")?),
            downloads: Queue::new(sqs.clone(), variables.required("DOWNLOADS_QUEUE_URL")?),
            own_invoices: OwnInvoices::new(dynamodb, variables.required("OWN_INVOICES_TABLE")?),
            uploads: Queue::new(sqs.clone(), variables.required("INVOICE_UPLOADS_QUEUE_URL")?),
            client_secrets: Queue::new(sqs, variables.required("CLIENT_SECRETS_QUEUE_URL")?),
            clock: Arc::new(SystemClock),
        })
    }
}

/// Why a notification failed.
#[derive(Debug, thiserror::Error)]
pub enum NotificationError {
    /// It is not one of Amazon's notifications. What it says is not repeated: it may hold a secret.
    #[error("the message is not a notification of Amazon: line {line}, column {column}")]
    Unreadable {
        /// Where reading stopped.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// It names something that cannot be an identifier.
    #[error("the notification names an identifier that cannot be one")]
    Identifier(#[from] InvalidId),
    /// It names a status that Amazon's model does not have.
    #[error("the notification names a processing status that is not known")]
    Status(#[from] UnknownProcessingStatus),
    /// A table could not be used.
    #[error("the stored sellers or jobs could not be used")]
    Store(#[from] StoreError),
    /// A finished report or feed could not be handed on.
    #[error("a finished report or feed could not be handed on")]
    Queue(#[from] QueueError),
}

impl Failure for NotificationError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable_notification",
            Self::Identifier(_) => "invalid_identifier",
            Self::Status(_) => "unknown_status",
            Self::Store(error) => error.error_type(),
            Self::Queue(_) => "queue",
        }
    }
}

/// Takes one batch of notifications.
pub async fn handle(dependencies: &Dependencies, event: SqsEvent) -> Result<SqsBatchResponse, Never> {
    let mut ignored: u64 = 0;
    let received = u64::try_from(event.records.len()).unwrap_or(u64::MAX);
    let response = each_record(event, async |record: &SqsMessage| {
        if client_secret::may_be_in(body(record)) {
            return client_secret::hand_on(dependencies, record).await;
        }
        if !take(dependencies, body(record)).await? {
            ignored = ignored.saturating_add(1);
        }
        Ok::<(), NotificationError>(())
    })
    .await;
    MetricLine::new("receive-notifications")
        .value(Metric::NotificationsReceived, received)
        .value(Metric::NotificationsIgnored, ignored)
        .emit(dependencies.clock.now());
    Ok(response)
}

/// Takes one notification; false where it is of no concern here.
async fn take(dependencies: &Dependencies, body: &str) -> Result<bool, NotificationError> {
    let notification: Notification = serde_json::from_str(body)
        .map_err(|error| NotificationError::Unreadable { line: error.line(), column: error.column() })?;
    let feed = notification.payload.feed.filter(|_| notification.notification_type == FEED_PROCESSING_FINISHED);
    if let Some(feed) = feed {
        return feed::take(dependencies, &feed).await;
    }
    let report = notification.payload.report.filter(|_| notification.notification_type == REPORT_PROCESSING_FINISHED);
    let Some(report) = report else {
        tracing::info!(notification_type = short(&notification.notification_type), "a notification of another type");
        return Ok(false);
    };
    let Ok(report_type) = report.report_type.parse::<ReportType>() else {
        tracing::info!(report_type = short(&report.report_type), "a notification of a report that is not booked");
        return Ok(false);
    };
    let Some(seller_id) = &report.seller_id else { return Ok(false) };
    let seller_id: SellerId = seller_id.parse()?;
    let Some(seller) = dependencies.sellers.get(&seller_id).await? else {
        tracing::warn!(seller_id = seller_id.as_str(), "a notification of a seller that is not connected");
        return Ok(false);
    };
    // Another program may ask for these reports, and issue the invoices: then none is to be issued here.
    let issues_invoices = matches!(report_type, ReportType::Requestable(RequestableReport::VatInvoices(_)));
    if issues_invoices && !seller.flows.invoicing {
        tracing::info!(seller_id = seller_id.as_str(), "a notification of invoices that are not issued here");
        return Ok(false);
    }
    record(dependencies, &seller_id, report_type, &report).await?;
    Ok(true)
}

pub(crate) fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

/// A finished report is handed on and recorded. Any other end is only noted as due for polling: the poller asks
/// Amazon, which also knows why.
async fn record(
    dependencies: &Dependencies,
    seller_id: &SellerId,
    report_type: ReportType,
    report: &ReportFinished,
) -> Result<(), NotificationError> {
    let report_id: ReportId = report.report_id.parse()?;
    let status: ProcessingStatus = report.processing_status.parse()?;
    let document: Option<ReportDocumentId> = report.report_document_id.as_deref().map(str::parse).transpose()?;
    let now = dependencies.clock.now();
    let done = document.filter(|_| status == ProcessingStatus::Done);
    let known = dependencies.jobs.get(seller_id, &report_id).await?;
    if known.is_some_and(|job| !job.state.may_become(JobState::Done)) {
        return Ok(());
    }
    if let Some(report_document_id) = &done {
        let message = Download {
            version: Version,
            seller_id: seller_id.clone(),
            report_id: report_id.clone(),
            report_type,
            report_document_id: report_document_id.clone(),
            attempt: 1,
        };
        dependencies.downloads.send(&message, Duration::ZERO).await?;
    }
    let found = Found {
        report_id: report_id.clone(),
        report_type,
        state: if done.is_some() { JobState::Done } else { JobState::Processing },
        origin: Origin::Notification,
        window: None,
        marketplaces: Vec::new(),
        facts: Facts { document_id: done, ..Facts::default() },
    };
    let recorded = dependencies.jobs.discovered(seller_id, &found, now).await?;
    let news = !matches!(recorded, Discovered::Unchanged(_));
    tracing::info!(
        seller_id = seller_id.as_str(),
        report_id = report_id.as_str(),
        report_type = report_type.name(),
        news,
        "a notification was taken"
    );
    Ok(())
}
