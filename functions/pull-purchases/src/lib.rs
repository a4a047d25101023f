#![doc = include_str!("../README.md")]

mod error;
mod invoices;
mod tally;
mod turn;
mod windows;

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use countinghouse_amazon::Amazon;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_purchases::Plan;
use countinghouse_runtime::amazon;
use countinghouse_runtime::batch::{body, each_record};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::function::Invocation;
use countinghouse_runtime::messages::PullPurchases;
use countinghouse_runtime::queue::Queue;
use countinghouse_store::{Purchases, Seller, Sellers};
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub use error::PullError;

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected accounts.
    pub accounts: Sellers,
    /// The purchases.
    pub purchases: Purchases,
    /// Amazon Business.
    pub amazon: Amazon,
    /// The queue that this function reads: where the turn of each account is put, and the rest of a long one.
    pub turns: Queue,
    /// Which days are due.
    pub plan: Plan,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Dependencies {
    /// Reads the configuration and builds the clients.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, ConfigError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let days: u16 = variables.required_as("PERSONAL_DATA_RETENTION_DAYS", "a number of days")?;
        let accounts = Sellers::new(dynamodb.clone(), variables.required("SELLERS_TABLE")?);
        Ok(Self {
            amazon: amazon::business_client(variables, aws, accounts.clone(), &clock)?,
            purchases: Purchases::new(dynamodb, variables.required("PURCHASES_TABLE")?, days),
            turns: Queue::new(aws_sdk_sqs::Client::new(aws), variables.required("PURCHASES_QUEUE_URL")?),
            accounts,
            plan: Plan::default(),
            clock,
        })
    }
}

/// What the function is invoked with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// The schedule, or a person: every account gets its turn.
    Order(PullPurchases),
    /// Turns of accounts.
    Turns(SqsEvent),
}

/// What the function answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To an order.
    Ordered(Ordered),
    /// To turns.
    Turns(SqsBatchResponse),
}

/// What an order came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ordered {
    /// How many accounts have their turn now.
    pub accounts: u64,
}

/// Gives every account its turn, or takes turns.
pub async fn handle(dependencies: &Dependencies, event: Event, invocation: Invocation) -> Result<Answer, PullError> {
    match event {
        Event::Order(order) => Ok(Answer::Ordered(give_turns(dependencies, &order).await?)),
        Event::Turns(event) => {
            let response = each_record(event, async |record: &SqsMessage| {
                let message: PullPurchases = serde_json::from_str(body(record)).map_err(PullError::Unreadable)?;
                // On the heap: what a whole turn keeps is large.
                Box::pin(turn::take(dependencies, message, invocation)).await
            });
            Ok(Answer::Turns(response.await))
        }
    }
}

/// One message for each account: one account's trouble does not stop the others.
async fn give_turns(dependencies: &Dependencies, order: &PullPurchases) -> Result<Ordered, PullError> {
    let accounts = accounts_of(dependencies, order).await?;
    let mut ordered = Ordered { accounts: 0 };
    for account in accounts {
        let turn = PullPurchases { seller_id: Some(account.seller_id), ..order.clone() };
        dependencies.turns.send(&turn, Duration::ZERO).await?;
        ordered.accounts = ordered.accounts.saturating_add(1);
    }
    Ok(ordered)
}

async fn accounts_of(dependencies: &Dependencies, order: &PullPurchases) -> Result<Vec<Seller>, PullError> {
    let Some(account) = &order.seller_id else {
        let mut all = dependencies.accounts.list().await?;
        all.retain(|account| account.flows.purchases);
        return Ok(all);
    };
    let found = dependencies.accounts.get(account).await?.filter(|account| account.flows.purchases);
    Ok(vec![found.ok_or_else(|| PullError::UnknownAccount(account.clone()))?])
}
