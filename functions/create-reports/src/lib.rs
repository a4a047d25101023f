#![doc = include_str!("../README.md")]

mod own;
mod request;

use std::sync::Arc;

use aws_types::SdkConfig;
use countinghouse_amazon::{Amazon, AmazonError, InvalidRequest};
use countinghouse_domain::ids::{MarketplaceId, SellerId};
use countinghouse_domain::job::{Window, due_windows, windows_between};
use countinghouse_domain::marketplace::Marketplace;
use countinghouse_domain::report::RequestableReport;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::amazon;
use countinghouse_runtime::batch::{Failure, chain};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::messages::CreateReports;
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_store::{Jobs, Seller, Sellers, StoreError, WantedReport};
use serde::Serialize;

pub use request::{Listed, Requested, request};

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected sellers.
    pub sellers: Sellers,
    /// The jobs and the intents.
    pub jobs: Jobs,
    /// Amazon's API.
    pub amazon: Amazon,
    /// Every so many hours, from midnight (UTC) on, Amazon is asked what sellers must invoice.
    pub vat_invoice_report_hours: u8,
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
            vat_invoice_report_hours: variables.or("VAT_INVOICE_REPORT_HOURS", "a number of hours, 1 to 12", 6)?,
            sellers,
            clock,
        })
    }
}

/// What one run came to; the answer of a direct invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Outcome {
    /// Windows that Amazon was asked for.
    pub requested: u64,
    /// Windows for which Amazon already had a report.
    pub adopted: u64,
    /// Windows that had their report before.
    pub already_there: u64,
    /// Windows that wait: the rate budget is empty, or the answer of a request was lost.
    pub waiting: u64,
    /// Sellers that could not be served; each is logged with its reason.
    pub failed_sellers: u64,
}

/// Why a run failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum CreateReportsError {
    /// A table could not be used.
    #[error("the stored sellers or jobs could not be used")]
    Store(#[from] StoreError),
    /// Amazon could not be used for a seller.
    #[error("Amazon could not be asked for a report")]
    Amazon(#[from] AmazonError),
    /// The request makes no sense.
    #[error("the report cannot be requested")]
    Request(#[from] InvalidRequest),
    /// Somebody named a seller that is not connected.
    #[error("seller {0} is not connected")]
    UnknownSeller(SellerId),
    /// Every seller failed, so the schedule's retry and the alarm should know.
    #[error("no seller could be served; the log says why for each")]
    AllFailed,
}

impl Failure for CreateReportsError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Store(error) => error.error_type(),
            Self::Amazon(error) => error.kind(),
            Self::Request(_) => "invalid_request",
            Self::UnknownSeller(_) => "unknown_seller",
            Self::AllFailed => "all_sellers_failed",
        }
    }
}

/// Plans and requests. One seller's trouble does not stop the others.
pub async fn handle(dependencies: &Dependencies, order: CreateReports) -> Result<Outcome, CreateReportsError> {
    let sellers = sellers_of(dependencies, &order).await?;
    let mut outcome = Outcome::default();
    for seller in &sellers {
        if let Err(error) = serve(dependencies, seller, &order, &mut outcome).await {
            outcome.failed_sellers = outcome.failed_sellers.saturating_add(1);
            let (seller_id, kind) = (seller.seller_id.as_str(), error.kind());
            tracing::error!(seller_id, kind, error = chain(&error), "no report could be requested for this seller");
        }
    }
    MetricLine::new("create-reports")
        .value(Metric::ReportsRequested, outcome.requested)
        .value(Metric::ReportsAdopted, outcome.adopted)
        .value(Metric::CallsDeferred, outcome.waiting)
        .emit(dependencies.clock.now());
    if !sellers.is_empty() && outcome.failed_sellers == u64::try_from(sellers.len()).unwrap_or(u64::MAX) {
        return Err(CreateReportsError::AllFailed);
    }
    Ok(outcome)
}

async fn sellers_of(dependencies: &Dependencies, order: &CreateReports) -> Result<Vec<Seller>, CreateReportsError> {
    let Some(seller_id) = &order.seller_id else {
        let mut all = dependencies.sellers.list().await?;
        all.retain(|seller| seller.flows.vat || seller.flows.invoicing);
        return Ok(all);
    };
    let seller = dependencies.sellers.get(seller_id).await?;
    Ok(vec![seller.ok_or_else(|| CreateReportsError::UnknownSeller(seller_id.clone()))?])
}

/// Both kinds of reports; the trouble of one does not stop the other.
async fn serve(
    dependencies: &Dependencies,
    seller: &Seller,
    order: &CreateReports,
    outcome: &mut Outcome,
) -> Result<(), CreateReportsError> {
    let marketplaces = vat_marketplaces(seller);
    if marketplaces.is_empty() {
        tracing::warn!(seller_id = seller.seller_id.as_str(), "no marketplace of this seller has VAT reports");
        return Ok(());
    }
    let mut served = Ok(());
    // Who names a seller means the seller's VAT reports, whether or not they are asked for every day.
    if seller.flows.vat || (order.seller_id.is_some() && !seller.flows.invoicing) {
        let windows = windows(dependencies, seller, order).await?;
        let plan = Plan { report: RequestableReport::ScVatTaxReport, windows, marketplaces: &marketplaces };
        served = fulfil(dependencies, seller, plan, outcome).await;
    }
    if seller.flows.invoicing {
        let windows = own::windows(dependencies.clock.now(), dependencies.vat_invoice_report_hours, order);
        let plan = Plan { report: own::REPORT, windows, marketplaces: &marketplaces };
        served = served.and(fulfil(dependencies, seller, plan, outcome).await);
    }
    served
}

/// What is asked for.
struct Plan<'a> {
    report: RequestableReport,
    windows: Vec<Window>,
    marketplaces: &'a [MarketplaceId],
}

async fn fulfil(
    dependencies: &Dependencies,
    seller: &Seller,
    plan: Plan<'_>,
    outcome: &mut Outcome,
) -> Result<(), CreateReportsError> {
    for window in plan.windows {
        let wanted = WantedReport {
            seller: seller.seller_id.clone(),
            report: plan.report,
            window,
            marketplaces: plan.marketplaces.to_vec(),
        };
        let count = match request(dependencies, seller.region, &wanted, None).await? {
            Requested::Now => &mut outcome.requested,
            Requested::Adopted => &mut outcome.adopted,
            Requested::Before => &mut outcome.already_there,
            Requested::Waits(_) => &mut outcome.waiting,
        };
        *count = count.saturating_add(1);
    }
    Ok(())
}

async fn windows(
    dependencies: &Dependencies,
    seller: &Seller,
    order: &CreateReports,
) -> Result<Vec<Window>, CreateReportsError> {
    let now = dependencies.clock.now();
    if let Some(from) = order.from {
        // Amazon refuses a window that ends in the future.
        return Ok(windows_between(from, order.to.unwrap_or(now).min(now)));
    }
    let report = RequestableReport::ScVatTaxReport;
    let covered = dependencies.jobs.covered_until(&seller.seller_id, report).await?;
    Ok(due_windows(now, covered))
}

/// The marketplaces of a seller for which Amazon makes VAT reports and VAT invoice data reports.
pub fn vat_marketplaces(seller: &Seller) -> Vec<MarketplaceId> {
    let has_vat = |id: &&MarketplaceId| Marketplace::by_id(id).is_some_and(Marketplace::has_vat_reports);
    seller.marketplace_ids.iter().filter(has_vat).cloned().collect()
}
