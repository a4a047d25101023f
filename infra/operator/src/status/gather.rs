//! Everything that is shown, read from the stack.

use std::collections::BTreeMap;
use std::sync::Arc;

use countinghouse_domain::ids::ReportId;
use countinghouse_domain::time::SystemClock;
use countinghouse_domain::vendor::{InvoiceAttention, InvoiceStatus};
use countinghouse_store::{
    DynamoRateBudget, Job, Jobs, NeedsAttention, OwnInvoices, Purchases, Seller, Settlements, StoredOwnInvoice,
    StoredSettlement, VendorInvoices, Waiting,
};
use countinghouse_vat_invoices::state::State;
use jiff::Timestamp;
use watch_books::{AccountFigures, StoredAccount};

use super::StatusError;
use super::queues::{self, Depth};
use crate::stack::Stack;

/// So many of an account's newest reports are read: more than Amazon makes of them in 90 days.
const NEWEST_JOBS: usize = 2_000;

/// How everything stands.
#[derive(Debug)]
pub(super) struct Overview {
    pub(super) now: Timestamp,
    pub(super) accounts: Vec<Account>,
    pub(super) queues: BTreeMap<String, Depth>,
}

/// How an account stands.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) seller: Seller,
    pub(super) figures: AccountFigures,
    /// The newest reports, and every one that is on its way.
    pub(super) jobs: Vec<Job>,
    pub(super) settlements: Vec<StoredSettlement>,
    /// What of its settlements a person should look at.
    pub(super) attention: Vec<NeedsAttention>,
    /// Vendor invoices by status; empty where the account is no vendor.
    pub(super) vendor: BTreeMap<&'static str, u64>,
    /// Vendor invoices and files that need a person.
    pub(super) vendor_needs: u64,
    /// Purchases that wait, the worst first, with how many and since when; empty where the account buys nothing.
    pub(super) purchases: Vec<(Waiting, u64, Option<Timestamp>)>,
    /// Own invoices that are not at their end, in the order of their states.
    pub(super) own: Vec<(State, Vec<StoredOwnInvoice>)>,
}

/// Reads it.
pub(super) async fn overview(stack: &Stack, sellers: Vec<Seller>, now: Timestamp) -> Result<Overview, StatusError> {
    let tables = Tables::of(stack);
    let mut attention = tables.settlements.needs_attention().await?;
    let mut own = Vec::new();
    if sellers.iter().any(|seller| seller.flows.invoicing) {
        for state in State::ALL.into_iter().filter(|state| !state.is_final()) {
            own.push((state, tables.own_invoices.standing_at(state).await?));
        }
    }
    let mut accounts = Vec::new();
    for seller in sellers {
        let (mine, others) = attention.into_iter().partition(|each| seller_of(each) == &seller.seller_id);
        attention = others;
        accounts.push(account(&tables, seller, mine, &own, now).await?);
    }
    Ok(Overview { now, accounts, queues: queues::depths(stack).await? })
}

/// The stack's tables.
struct Tables {
    jobs: Jobs,
    settlements: Settlements,
    vendor_invoices: VendorInvoices,
    own_invoices: OwnInvoices,
    purchases: Purchases,
    budgets: DynamoRateBudget,
}

impl Tables {
    fn of(stack: &Stack) -> Self {
        let (client, names) = (stack.dynamodb(), &stack.tables);
        Self {
            jobs: Jobs::new(client.clone(), &names.jobs),
            settlements: Settlements::new(client.clone(), &names.settlements),
            vendor_invoices: VendorInvoices::new(client.clone(), &names.vendor_invoices),
            own_invoices: OwnInvoices::new(client.clone(), &names.own_invoices),
            // Nothing is written here, so nothing gets a day on which it expires.
            purchases: Purchases::new(client.clone(), &names.purchases, 0),
            budgets: DynamoRateBudget::new(client, &names.rate_budgets, Arc::new(SystemClock)),
        }
    }
}

async fn account(
    tables: &Tables,
    seller: Seller,
    attention: Vec<NeedsAttention>,
    own: &[(State, Vec<StoredOwnInvoice>)],
    now: Timestamp,
) -> Result<Account, StatusError> {
    let id = &seller.seller_id;
    let newest = tables.jobs.list(id, NEWEST_JOBS).await?;
    let in_flight = tables.jobs.in_flight(id).await?;
    let jobs: BTreeMap<ReportId, Job> =
        newest.into_iter().chain(in_flight).map(|job| (job.report_id.clone(), job)).collect();
    let stored = StoredAccount {
        jobs: jobs.into_values().collect(),
        settlements: tables.settlements.list(id).await?,
        pending: tables.jobs.pending(id).await?,
        buckets: tables.budgets.buckets(id).await?,
        // Whoever may read the tables need not be allowed to read secrets; `doctor` tells of them.
        secret_expires_at: None,
        seller: seller.clone(),
    };
    let (vendor, vendor_needs) =
        if seller.flows.vendor { vendor(tables, &seller).await? } else { (BTreeMap::new(), 0) };
    let mut purchases = Vec::new();
    if seller.flows.purchases {
        for waiting in Waiting::ALL {
            let count = tables.purchases.count_waiting(id, waiting).await?;
            let oldest = if count > 0 { tables.purchases.oldest_waiting(id, waiting).await? } else { None };
            purchases.push((waiting, count, oldest));
        }
    }
    let own = own.iter().map(|(state, all)| {
        (*state, all.iter().filter(|each| each.seller == seller.seller_id).cloned().collect::<Vec<_>>())
    });
    Ok(Account {
        figures: AccountFigures::of(&stored, now),
        own: own.filter(|(_, mine)| !mine.is_empty()).collect(),
        jobs: stored.jobs,
        settlements: stored.settlements,
        attention,
        vendor,
        vendor_needs,
        purchases,
        seller,
    })
}

/// How many invoices stand where, and how much of it needs a person.
async fn vendor(tables: &Tables, seller: &Seller) -> Result<(BTreeMap<&'static str, u64>, u64), StatusError> {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for invoice in tables.vendor_invoices.list(&seller.seller_id).await? {
        let status: InvoiceStatus = invoice.status;
        let count = counts.entry(status.name()).or_default();
        *count = count.saturating_add(1);
    }
    let needing = tables.vendor_invoices.needing_attention(InvoiceAttention::NeedsAPerson).await?;
    let mine = needing.iter().filter(|each| each.vendor == seller.seller_id).count();
    Ok((counts, u64::try_from(mine).unwrap_or(u64::MAX)))
}

fn seller_of(each: &NeedsAttention) -> &countinghouse_domain::ids::SellerId {
    match each {
        NeedsAttention::Settlement(settlement) => &settlement.seller,
        NeedsAttention::Conflict(conflict) => &conflict.seller,
    }
}
