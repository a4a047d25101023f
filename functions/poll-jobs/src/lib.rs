#![doc = include_str!("../README.md")]

mod discover;
mod follow;
mod hand_on;
mod own;
mod vendor;

pub use discover::settlements as take_over_settlements;
pub use follow::follow as follow_report;

use std::sync::Arc;

use aws_types::SdkConfig;
use countinghouse_amazon::{Amazon, AmazonError, InvalidRequest};
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::amazon;
use countinghouse_runtime::batch::{Failure, chain};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::feeds::{FeedError, Refusals};
use countinghouse_runtime::messages::PollJobs;
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_runtime::queue::{Queue, QueueError};
use countinghouse_store::{Jobs, OwnInvoices, Seller, Sellers, StoreError, VendorInvoices};
use serde::Serialize;

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected sellers.
    pub sellers: Sellers,
    /// The jobs.
    pub jobs: Jobs,
    /// The vendor invoices.
    pub vendor_invoices: VendorInvoices,
    /// The own invoices.
    pub own_invoices: OwnInvoices,
    /// Amazon's API.
    pub amazon: Amazon,
    /// Where finished reports are handed on.
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
            jobs: Jobs::new(dynamodb.clone(), variables.required("JOBS_TABLE")?),
            vendor_invoices: VendorInvoices::new(dynamodb.clone(), variables.required("VENDOR_INVOICES_TABLE")?),
            own_invoices: OwnInvoices::new(dynamodb, variables.required("OWN_INVOICES_TABLE")?),
            downloads: Queue::new(aws_sdk_sqs::Client::new(aws), variables.required("DOWNLOADS_QUEUE_URL")?),
            sellers,
            clock,
        })
    }
}

/// What one run came to; the answer of a direct invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Outcome {
    /// Jobs that Amazon was asked about.
    pub asked: u64,
    /// Finished reports that were handed on.
    pub handed_on: u64,
    /// Settlements that were not known.
    pub discovered: u64,
    /// Wanted windows whose report was found in Amazon's list.
    pub adopted: u64,
    /// Reports that ended without data.
    pub without_data: u64,
    /// Reports that failed at Amazon.
    pub failed: u64,
    /// Vendor invoices that Amazon says it took.
    pub vendor_accepted: u64,
    /// Vendor invoices that Amazon refused.
    pub vendor_failed: u64,
    /// Vendor invoices that now count as accepted, unverified.
    pub vendor_unverified: u64,
    /// Vendor invoices whose sending was given up: nobody knows whether Amazon has them.
    pub vendor_answers_lost: u64,
    /// Feeds of own invoices that are done and were not refused.
    pub own_feeds_done: u64,
    /// Own invoices that Amazon refused.
    pub own_refused: u64,
    /// Own invoices of which nobody knows whether Amazon has them: the next report decides.
    pub own_answers_lost: u64,
    /// Questions put off because the rate budget or the time was used up.
    pub deferred: u64,
    /// Sellers that could not be served; each is logged with its reason.
    pub failed_sellers: u64,
}

/// Counts one more.
pub(crate) const fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// A table could not be used.
    #[error("the stored sellers or jobs could not be used")]
    Store(#[from] StoreError),
    /// Amazon could not be asked.
    #[error("Amazon could not be asked")]
    Amazon(#[from] AmazonError),
    /// The feed of an own invoice could not be followed.
    #[error("the feed of an own invoice could not be followed")]
    Feed(#[from] FeedError),
    /// A finished report could not be handed on.
    #[error("a finished report could not be handed on")]
    Queue(#[from] QueueError),
    /// The question makes no sense.
    #[error("the list of reports cannot be asked for")]
    Request(#[from] InvalidRequest),
    /// Every seller failed, so the schedule's retry and the alarm should know.
    #[error("no seller could be served; the log says why for each")]
    AllFailed,
}

impl Failure for PollError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Store(error) => error.error_type(),
            Self::Amazon(error) => error.kind(),
            Self::Feed(error) => error.kind(),
            Self::Queue(_) => "queue",
            Self::Request(_) => "invalid_request",
            Self::AllFailed => "all_sellers_failed",
        }
    }
}

/// Polls for every seller. One seller's trouble does not stop the others.
pub async fn handle(dependencies: &Dependencies, _order: PollJobs) -> Result<Outcome, PollError> {
    let sellers = dependencies.sellers.list().await?;
    let (mut outcome, mut refusals) = (Outcome::default(), Refusals::default());
    for seller in &sellers {
        if let Err(error) = serve(dependencies, seller, &mut outcome, &mut refusals).await {
            count(&mut outcome.failed_sellers);
            let (seller_id, kind) = (seller.seller_id.as_str(), error.kind());
            tracing::error!(seller_id, kind, error = chain(&error), "the jobs of this seller could not be polled");
        }
    }
    refusals.emit("poll-jobs", dependencies.clock.now());
    let mut line = MetricLine::new("poll-jobs");
    if sellers.iter().any(|seller| seller.flows.vendor) {
        line = vendor_metrics(line, &outcome, vendor::oldest_open_s(dependencies).await?);
    }
    if sellers.iter().any(|seller| seller.flows.invoicing) {
        line = own::metrics(dependencies, line, &outcome).await?;
    }
    line.value(Metric::SettlementsDiscovered, outcome.discovered)
        .value(Metric::ReportsAdopted, outcome.adopted)
        .value(Metric::ReportsWithoutData, outcome.without_data)
        .value(Metric::ReportsFailed, outcome.failed)
        .value(Metric::CallsDeferred, outcome.deferred)
        .emit(dependencies.clock.now());
    if !sellers.is_empty() && outcome.failed_sellers == u64::try_from(sellers.len()).unwrap_or(u64::MAX) {
        return Err(PollError::AllFailed);
    }
    Ok(outcome)
}

fn vendor_metrics(line: MetricLine, outcome: &Outcome, oldest_open_s: u64) -> MetricLine {
    line.value(Metric::VendorInvoicesAccepted, outcome.vendor_accepted)
        .value(Metric::VendorInvoicesFailed, outcome.vendor_failed)
        .value(Metric::VendorInvoicesUnverified, outcome.vendor_unverified)
        .value(Metric::VendorInvoicesAnswerLost, outcome.vendor_answers_lost)
        .value(Metric::OldestOpenVendorInvoiceSeconds, oldest_open_s)
}

/// First what is in flight, then what is new: all are tried even if one fails.
async fn serve(
    dependencies: &Dependencies,
    seller: &Seller,
    outcome: &mut Outcome,
    refusals: &mut Refusals,
) -> Result<(), PollError> {
    let amazon = dependencies.amazon.seller(seller.seller_id.clone(), seller.region);
    let followed = follow::jobs_in_flight(dependencies, &amazon, outcome).await;
    let discovered = discover::reports(dependencies, seller, &amazon, outcome).await;
    // Also for an account that was taken out of the flow: what is at Amazon comes to its end.
    let looked_after = vendor::invoices_in_flight(dependencies, &amazon, outcome).await;
    let uploads = own::invoices_in_flight(dependencies, &amazon, outcome, refusals).await;
    followed.and(discovered).and(looked_after).and(uploads)
}
