#![doc = include_str!("../README.md")]

mod account;
mod balance;
mod jobs;
mod lines;
mod read;
mod summary;

use std::sync::Arc;

use aws_types::SdkConfig;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::batch::{Failure, chain};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::messages::WatchBooks;
use countinghouse_store::{DynamoRateBudget, Jobs, Secrets, Sellers, Settlements, StoreError, VendorInvoices};
use serde::Serialize;

pub use account::{AccountFigures, StoredAccount};
pub use balance::Balance;
pub use jobs::StateFigures;
pub use summary::{Attention, Figures};

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected accounts.
    pub sellers: Sellers,
    /// The reports.
    pub jobs: Jobs,
    /// The settlements.
    pub settlements: Settlements,
    /// The vendor invoices.
    pub vendor_invoices: VendorInvoices,
    /// What may be asked of Amazon.
    pub budgets: DynamoRateBudget,
    /// The credentials, of which only the age matters here.
    pub secrets: Secrets,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Dependencies {
    /// Reads the configuration and builds the clients.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, ConfigError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let budgets = variables.required("RATE_BUDGETS_TABLE")?;
        Ok(Self {
            sellers: Sellers::new(dynamodb.clone(), variables.required("SELLERS_TABLE")?),
            jobs: Jobs::new(dynamodb.clone(), variables.required("JOBS_TABLE")?),
            settlements: Settlements::new(dynamodb.clone(), variables.required("SETTLEMENTS_TABLE")?),
            vendor_invoices: VendorInvoices::new(dynamodb.clone(), variables.required("VENDOR_INVOICES_TABLE")?),
            budgets: DynamoRateBudget::new(dynamodb, budgets, Arc::clone(&clock)),
            secrets: Secrets::new(aws_sdk_secretsmanager::Client::new(aws), Arc::clone(&clock)),
            clock,
        })
    }
}

/// What one run came to; the answer of a direct invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Outcome {
    /// Accounts that were measured.
    pub accounts: u64,
    /// Accounts that could not be; each is logged with its reason.
    pub failed_accounts: u64,
    /// Settlements and files that a person should look at.
    pub needing_a_person: u64,
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// A table or a secret could not be read.
    #[error("what is stored could not be read")]
    Store(#[from] StoreError),
    /// Some accounts could not be measured, so the alarm on errors should know: their silence would not be seen.
    #[error("{0} accounts could not be measured; the log says why for each")]
    Unmeasured(u64),
}

impl Failure for WatchError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Store(error) => error.error_type(),
            Self::Unmeasured(_) => "unmeasured_accounts",
        }
    }
}

/// Reads how things stand, works the figures out and writes them as metrics. Changes nothing. One account's trouble does
/// not hide the others.
pub async fn handle(dependencies: &Dependencies, _order: WatchBooks) -> Result<Outcome, WatchError> {
    let now = dependencies.clock.now();
    let mut outcome = Outcome::default();
    let mut accounts = Vec::new();
    for seller in dependencies.sellers.list().await? {
        let seller_id = seller.seller_id.clone();
        match read::account(dependencies, seller).await {
            Ok(account) => accounts.push(account),
            Err(error) => {
                outcome.failed_accounts = outcome.failed_accounts.saturating_add(1);
                let (seller_id, kind) = (seller_id.as_str(), error.error_type());
                tracing::error!(seller_id, kind, error = chain(&error), "this account could not be measured");
            }
        }
    }
    let attention = dependencies.settlements.needs_attention().await?;
    let vendor = read::vendor_needs(dependencies, &accounts).await?;
    let figures = Figures::of(&accounts, &attention, vendor, now);
    for line in lines::of(&figures) {
        line.emit(now);
    }
    outcome.accounts = u64::try_from(accounts.len()).unwrap_or(u64::MAX);
    outcome.needing_a_person = figures.attention.needing_a_person;
    match outcome.failed_accounts {
        0 => Ok(outcome),
        failed => Err(WatchError::Unmeasured(failed)),
    }
}
