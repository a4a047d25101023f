//! JSON objects for programs, one a line. Their names are a promise.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countinghouse_store::Waiting;
use serde_json::{Value, json};
use watch_books::Balance;

use super::gather::{Account, Overview};
use super::show::{flow_names, settlement_of};
use super::wants::Want;
use crate::desk::money;

/// All lines.
pub(super) fn lines(overview: &Overview, wants: &[Want]) -> String {
    let accounts = overview.accounts.iter().map(account);
    let queues = overview.queues.iter().map(|(name, depth)| {
        json!({
            "kind": "queue", "name": name, "waiting": depth.waiting, "at_work": depth.at_work, "later": depth.later,
            "dead": depth.dead,
        })
    });
    let wants = wants.iter().map(|want| {
        json!({
            "kind": "wants", "account": (!want.account.is_empty()).then_some(&want.account), "what": want.what,
            "since": want.since.map(|since| since.to_string()), "why": want.why, "cure": want.cure,
        })
    });
    accounts.chain(queues).chain(wants).fold(String::new(), |mut text, line| {
        let _infallible = writeln!(text, "{line}");
        text
    })
}

fn account(account: &Account) -> Value {
    let seller = &account.seller;
    let mut reports: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for job in &account.jobs {
        let count = reports.entry(job.report_type.name()).or_default().entry(job.state.name()).or_default();
        *count = count.saturating_add(1);
    }
    let purchases: BTreeMap<&str, u64> =
        account.purchases.iter().map(|(waiting, count, _): &(Waiting, u64, _)| (waiting.name(), *count)).collect();
    let own: BTreeMap<&str, usize> =
        account.own.iter().map(|(state, documents)| (state.name(), documents.len())).collect();
    json!({
        "kind": "account",
        "account": seller.seller_id,
        "name": seller.name,
        "region": seller.region.code(),
        "flows": flow_names(seller),
        "balances": account.figures.balances.iter().map(|each| balance(account, each)).collect::<Vec<_>>(),
        "settlements": account.settlements.len(),
        "hours_since_settlement": account.figures.hours_since_settlement,
        "hours_since_vat_report": account.figures.hours_since_vat_report,
        "reports": reports,
        "vendor_invoices": account.vendor,
        "purchases": purchases,
        "own_invoices": own,
    })
}

fn balance(account: &Account, balance: &Balance) -> Value {
    let shown = |amount| money(amount, balance.currency);
    let settlement = settlement_of(account, balance);
    json!({
        "currency": balance.currency.code(), "settlement_id": balance.settlement_id,
        "ended_at": balance.ended_at.to_string(), "next_due": balance.next_due.to_string(),
        "status": settlement.map(|each| each.status().name()),
        "chain": settlement.and_then(|each| each.chain.as_ref()).map(countinghouse_domain::settlement::Chain::name),
        "opening": shown(balance.opening), "in": shown(balance.incoming), "out": shown(balance.outgoing),
        "paid_out": shown(balance.payout), "closing": shown(balance.closing), "reserve": shown(balance.reserve),
    })
}
