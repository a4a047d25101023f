//! The stack with everything that a backfill works with, and what it plans.

use std::collections::BTreeMap;
use std::sync::Arc;

use countinghouse_amazon::Amazon;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::job::Window;
use countinghouse_domain::rate::Operation;
use countinghouse_domain::report::{RequestableReport, VatInvoiceFormat};
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_purchases::windows_between as days_between;
use countinghouse_runtime::queue::Queue;
use countinghouse_store::{
    DynamoRateBudget, Jobs, OwnInvoices, Purchases, Seller, Sellers, Settlements, StoredWindow, VendorInvoices,
    WantedReport, WindowState,
};
use create_reports::vat_marketplaces;
use jiff::Timestamp;

use super::estimate::Calls;
use super::item::{Item, Kind, Stand};
use super::plan::{self, Span, together};
use super::{BackfillError, Flow};
use crate::stack::Stack;

/// Amazon closes a settlement every fourteen days, for each currency: only for an estimate.
const DAYS_OF_A_SETTLEMENT: i64 = 14;

/// The stack, and the functions' own code.
pub(super) struct Office {
    pub(super) accounts: Vec<Seller>,
    pub(super) jobs: Jobs,
    pub(super) settlements: Settlements,
    pub(super) purchases: Purchases,
    pub(super) amazon: Amazon,
    pub(super) requests: create_reports::Dependencies,
    pub(super) polls: poll_jobs::Dependencies,
    /// Where an account's purchases are ordered.
    pub(super) turns: Queue,
    budgets: DynamoRateBudget,
}

impl Office {
    pub(super) async fn open(stack: Stack, accounts: Vec<Seller>) -> Result<Self, BackfillError> {
        let (client, names) = (stack.dynamodb(), &stack.tables);
        let sqs = aws_sdk_sqs::Client::new(&stack.aws);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let amazon = stack.amazon().await?;
        let (sellers, jobs) = (Sellers::new(client.clone(), &names.sellers), Jobs::new(client.clone(), &names.jobs));
        Ok(Self {
            requests: create_reports::Dependencies {
                sellers: sellers.clone(),
                jobs: jobs.clone(),
                amazon: amazon.clone(),
                // Only the schedule's own windows depend on it.
                vat_invoice_report_hours: 6,
                clock: Arc::clone(&clock),
            },
            polls: poll_jobs::Dependencies {
                sellers,
                jobs: jobs.clone(),
                vendor_invoices: VendorInvoices::new(client.clone(), &names.vendor_invoices),
                own_invoices: OwnInvoices::new(client.clone(), &names.own_invoices),
                amazon: amazon.clone(),
                downloads: Queue::new(sqs.clone(), stack.queue_url("downloads").await?),
                clock: Arc::clone(&clock),
            },
            turns: Queue::new(sqs, stack.queue_url("purchases").await?),
            settlements: Settlements::new(client.clone(), &names.settlements),
            // Nothing is written there by this command, so nothing gets a day on which it expires.
            purchases: Purchases::new(client.clone(), &names.purchases, 0),
            budgets: DynamoRateBudget::new(client, &names.rate_budgets, clock),
            jobs,
            amazon,
            accounts,
        })
    }

    /// What an account's span comes to, with how far each of it is.
    pub(super) async fn plan(
        &self,
        account: &Seller,
        span: Span,
        wanted: &[Flow],
        now: Timestamp,
    ) -> Result<Vec<Item>, BackfillError> {
        let item = |flow, window, kind| Item {
            account: account.seller_id.clone(),
            region: account.region,
            flow,
            window,
            kind,
            stand: Stand::Wanted,
        };
        let mut items = Vec::new();
        for flow in plan::flows(account, wanted) {
            let report = match flow {
                Flow::Vat => RequestableReport::ScVatTaxReport,
                Flow::Invoicing => RequestableReport::VatInvoices(VatInvoiceFormat::FlatFile),
                Flow::Settlements => {
                    items.extend(span.listed(now).map(|window| item(flow, window, Kind::List)));
                    continue;
                }
                Flow::Purchases => {
                    for (window, stand) in self.days(account, span).await? {
                        let mut days = Item { stand, ..item(flow, window, Kind::Days) };
                        self.end_if_over(&mut days).await?;
                        items.push(days);
                    }
                    continue;
                }
            };
            for window in span.windows() {
                let marketplaces = vat_marketplaces(account);
                let wanted = WantedReport { seller: account.seller_id.clone(), report, window, marketplaces };
                let standing = self.jobs.window(&wanted).await?;
                let mut planned = item(flow, window, Kind::Report(wanted));
                planned.stands(standing.as_ref(), now);
                self.end_if_over(&mut planned).await?;
                items.push(planned);
            }
        }
        Ok(items)
    }

    /// The days of purchases: those that are missing, and those that are written down and not at their end.
    async fn days(&self, account: &Seller, span: Span) -> Result<Vec<(Window, Stand)>, BackfillError> {
        let known = self.windows(&account.seller_id).await?;
        let of_state = |is_meant: &dyn Fn(Option<WindowState>) -> bool| {
            let days = days_between(span.from, span.to);
            together(days.into_iter().filter(|day| is_meant(known.get(day).map(|window| window.state))).collect())
        };
        let proven = of_state(&|state| state == Some(WindowState::Proven));
        let missing = of_state(&|state| matches!(state, None | Some(WindowState::Unproven)));
        let at_work = of_state(&|state| matches!(state, Some(WindowState::Planned | WindowState::Pulling)));
        let mut days: Vec<(Window, Stand)> = missing.into_iter().map(|window| (window, Stand::Wanted)).collect();
        // What is proven is followed like the rest: it is at its end with the first look.
        days.extend(at_work.into_iter().chain(proven).map(|window| (window, Stand::AtWork(None))));
        days.sort_by_key(|(window, _)| *window);
        Ok(days)
    }

    /// The windows of an account's purchases, by their time.
    pub(super) async fn windows(&self, account: &SellerId) -> Result<BTreeMap<Window, StoredWindow>, BackfillError> {
        let windows = self.purchases.windows(account).await?;
        Ok(windows.into_iter().map(|window| (window.window, window)).collect())
    }

    /// The calls that are still to be made for these, with the budgets that they are taken from.
    pub(super) async fn calls(&self, items: &[Item], now: Timestamp) -> Result<Vec<Calls>, BackfillError> {
        let mut counts: BTreeMap<(SellerId, &'static str), (Operation, u64, bool)> = BTreeMap::new();
        let mut add = |item: &Item, operation: Operation, more: u64, at_least: bool| {
            let key = (item.account.clone(), operation.name());
            let (_, count, is_least) = counts.entry(key).or_insert((operation, 0, false));
            *count = count.saturating_add(more);
            *is_least |= at_least;
        };
        let mut listed: Vec<&SellerId> = Vec::new();
        for item in items.iter().filter(|item| !item.is_over()) {
            let is_new = item.is_wanted();
            match &item.kind {
                Kind::Days => {
                    let days = item.window.length().as_hours().div_euclid(24).max(1);
                    add(item, Operation::GetTransactions, u64::try_from(days).unwrap_or(u64::MAX), true);
                    continue;
                }
                Kind::Report(_) if is_new => add(item, Operation::CreateReport, 1, false),
                Kind::List if is_new => {
                    let days = item.window.length().as_hours().div_euclid(24);
                    let about = days.div_euclid(DAYS_OF_A_SETTLEMENT).saturating_add(1);
                    add(item, Operation::GetReportDocument, u64::try_from(about).unwrap_or(1), true);
                }
                Kind::Report(_) | Kind::List | Kind::Settlement => {}
            }
            // One list serves all reports of an account.
            if is_new && !listed.contains(&&item.account) {
                listed.push(&item.account);
                add(item, Operation::GetReports, 1, true);
            }
            if matches!(item.kind, Kind::Report(_) | Kind::Settlement) {
                add(item, Operation::GetReportDocument, 1, false);
            }
        }
        let mut calls = Vec::new();
        for ((account, _), (operation, count, at_least)) in counts {
            let bucket = self.budgets.bucket(&account, operation).await?;
            calls.push(Calls { account, operation, count, at_least, bucket });
        }
        calls.sort_by_key(|each| std::cmp::Reverse(each.takes(now)));
        Ok(calls)
    }
}
