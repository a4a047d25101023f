//! `countinghouse vendor status`: where invoices stand.

use std::fmt::Write as _;
use std::process::ExitCode;

use countinghouse_domain::ids::{SellerId, TransactionId};
use countinghouse_domain::money::Money;
use countinghouse_domain::vendor::InvoiceAttention;
use countinghouse_store::{StoredInvoice, StoredViolation, VendorAttention};
use jiff::Timestamp;
use serde::Serialize;

use super::aws::{Desk, VendorError, shown, table};
use super::{history, next};
use crate::desk::{self, block_on};
use crate::stack::StackArguments;

/// Show where invoices stand and what to do next; with an id, the whole life of one
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// One invoice: every step with its time, every error, and where its files lie
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// Only this vendor's account; otherwise all that are connected
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// Leave out what needs nobody: accepted, and on its way
    #[arg(long, conflicts_with = "id")]
    open: bool,

    /// One JSON object for each invoice, in lines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    stack: StackArguments,
}

/// Asks and prints.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(show(arguments))
}

async fn show(arguments: &Arguments) -> Result<u8, VendorError> {
    let desk = Desk::open(&arguments.stack).await?;
    let accounts = desk.account_or_only(arguments.account.as_deref()).await?;
    let text = match &arguments.id {
        Some(id) => one(&desk, &accounts, id, arguments).await?,
        None => list(&desk, &accounts, arguments).await?,
    };
    desk::show(&text)?;
    Ok(0)
}

async fn one(desk: &Desk, accounts: &[SellerId], id: &str, arguments: &Arguments) -> Result<String, VendorError> {
    let mut text = String::new();
    for account in accounts {
        if let Some(invoice) = desk.invoices.get(account, id).await? {
            text.push_str(&if arguments.json {
                line(&invoice)
            } else {
                history::of(&invoice, &desk.stack.bucket().await?)
            });
        }
    }
    if text.is_empty() {
        let names: Vec<_> = accounts.iter().map(SellerId::as_str).collect();
        return Err(VendorError::Unknown { id: id.to_owned(), account: names.join(", ") });
    }
    Ok(text)
}

async fn list(desk: &Desk, accounts: &[SellerId], arguments: &Arguments) -> Result<String, VendorError> {
    let mut invoices = Vec::new();
    for account in accounts {
        invoices.extend(desk.invoices.list(account).await?);
    }
    if arguments.open {
        invoices.retain(|invoice| !matches!(invoice.status.attention(), None | Some(InvoiceAttention::OnItsWay)));
    }
    if arguments.json {
        return Ok(invoices.iter().map(line).collect());
    }
    let rows = invoices.iter().map(|invoice| {
        [
            invoice.vendor.to_string(),
            invoice.invoice_id.clone(),
            invoice.status.to_string(),
            minute(invoice.status_since),
            invoice.facts.purchase_orders.join(", "),
            invoice.facts.total.map(|total| shown(total).to_string()).unwrap_or_default(),
            next::after(invoice.status).to_owned(),
        ]
    });
    let header = ["account", "invoice", "status", "since (UTC)", "orders", "total", "what to do next"];
    let mut text = table(header, rows);
    text.push_str(&others(desk, accounts).await?);
    Ok(text)
}

/// What needs a person and is no invoice of its own: refused ones, and files that cannot be read.
async fn others(desk: &Desk, accounts: &[SellerId]) -> Result<String, VendorError> {
    let needing = desk.invoices.needing_attention(InvoiceAttention::NeedsAPerson).await?;
    let is_other = |each: &&VendorAttention| accounts.contains(&each.vendor) && !each.item.starts_with("invoice ");
    let rows: Vec<_> = needing.iter().filter(is_other).map(other).collect();
    if rows.is_empty() {
        return Ok(String::new());
    }
    let mut text = String::from("\nNeeds a person too (countinghouse vendor acknowledge takes it off this list)\n");
    text.push_str(&table(["account", "item", "status", "since (UTC)", "why"], rows));
    Ok(text)
}

fn other(each: &VendorAttention) -> [String; 5] {
    [each.vendor.to_string(), each.item.clone(), each.status.clone(), minute(each.since), each.reason.clone()]
}

pub(super) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The names are a promise to scripts.
#[derive(Debug, Serialize)]
struct Line<'a> {
    account: &'a str,
    id: &'a str,
    api: &'static str,
    status: &'static str,
    since: Timestamp,
    region: Option<&'a str>,
    purchase_orders: &'a [String],
    total: Option<Total>,
    reading: Option<&'a str>,
    attempt: u32,
    transaction_id: Option<&'a str>,
    violations: Vec<Violation>,
    warnings: &'a [String],
    errors: Vec<Problem<'a>>,
    history: Vec<Entry<'a>>,
    received: &'a str,
    sent: Option<&'a str>,
    next: &'static str,
}

#[derive(Debug, Serialize)]
struct Total {
    amount: rust_decimal::Decimal,
    currency: String,
}

#[derive(Debug, Serialize)]
struct Violation {
    pointer: String,
    rule: String,
    expected: String,
    found: String,
    place: Option<String>,
}

#[derive(Debug, Serialize)]
struct Problem<'a> {
    code: &'a str,
    message: &'a str,
    details: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    status: &'static str,
    at: Timestamp,
    note: Option<&'a str>,
}

fn line(invoice: &StoredInvoice) -> String {
    let facts = &invoice.facts;
    let violation = |each: &'_ StoredViolation| Violation {
        pointer: each.pointer.clone(),
        rule: each.rule.clone(),
        expected: each.expected.clone(),
        found: each.found.clone(),
        place: each.place.clone(),
    };
    let line = Line {
        account: invoice.vendor.as_str(),
        id: &invoice.invoice_id,
        api: invoice.api.name(),
        status: invoice.status.name(),
        since: invoice.status_since,
        region: facts.rules.as_deref(),
        purchase_orders: &facts.purchase_orders,
        total: facts
            .total
            .map(shown)
            .map(|Money { amount, currency }| Total { amount, currency: currency.to_string() }),
        reading: facts.reading.as_deref(),
        attempt: invoice.attempt,
        transaction_id: invoice.transaction_id.as_ref().map(TransactionId::as_str),
        violations: invoice.violations.iter().map(violation).collect(),
        warnings: &facts.warnings,
        errors: invoice
            .problems
            .iter()
            .map(|each| Problem { code: &each.code, message: &each.message, details: each.details.as_deref() })
            .collect(),
        history: invoice
            .history
            .iter()
            .map(|step| Entry { status: step.status.name(), at: step.at, note: step.note.as_deref() })
            .collect(),
        received: &invoice.received.key,
        sent: invoice.sent.as_ref().map(|sent| sent.key.as_str()),
        next: next::after(invoice.status),
    };
    let mut text = String::new();
    // Texts, numbers and lists can always be written.
    let _infallible = writeln!(text, "{}", serde_json::to_string(&line).unwrap_or_default());
    text
}
