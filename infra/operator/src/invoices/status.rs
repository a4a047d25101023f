//! `countinghouse invoices status`: how many documents stand where and since when, and one of them in full.

use std::fmt::Write as _;
use std::process::ExitCode;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::StoredOwnInvoice;
use countinghouse_vat_invoices::state::State;
use jiff::Timestamp;

use super::desk::{Desk, InvoicesError};
use super::{next, show};
use crate::desk::{ATTENTION, FINE, age, block_on, plain, show, table};
use crate::stack::StackArguments;

/// Show how many documents stand where and since when, and what needs a person; with a name, the whole life of one
///
/// Exit code 0: nothing needs a person. 2: something does, or has been due for more than 20 hours without being at Amazon,
/// which wants each document within 24 hours. 1: it could not be looked up.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// One document: its number, shipment, transaction or order, or its name in the list
    #[arg(value_name = "DOCUMENT|NUMBER")]
    document: Option<String>,

    /// Only this seller's account; otherwise all that issue their own invoices
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// List what is accepted or void, too; otherwise only what is under way
    #[arg(long, conflicts_with = "document")]
    all: bool,

    /// One JSON object for each document, in lines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    stack: StackArguments,
}

/// Asks and prints.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(status(arguments))
}

async fn status(arguments: &Arguments) -> Result<u8, InvoicesError> {
    let desk = Desk::open(&arguments.stack).await?;
    let (accounts, now) = (desk.accounts(arguments.account.as_deref()).await?, SystemClock.now());
    let invoices = match &arguments.document {
        Some(text) => named(&desk, &accounts, text).await?,
        None if arguments.all => all(&desk, &accounts).await?,
        None => under_way(&desk, &accounts).await?,
    };
    let text = if arguments.json {
        invoices.iter().map(|invoice| show::line(invoice, now)).collect()
    } else if arguments.document.is_some() {
        let bucket = desk.stack.bucket().await?;
        let each = invoices.iter().map(|invoice| show::whole(invoice, &bucket, now));
        each.collect::<Vec<_>>().join("\n")
    } else if accounts.is_empty() {
        "No account is connected for own invoices.\n".to_owned()
    } else {
        list(&invoices, now)
    };
    show(&text)?;
    let attention = |each: &StoredOwnInvoice| each.standing.state == State::NeedsPerson || next::is_late(each, now);
    Ok(if invoices.iter().any(attention) { ATTENTION } else { FINE })
}

async fn named(desk: &Desk, accounts: &[SellerId], text: &str) -> Result<Vec<StoredOwnInvoice>, InvoicesError> {
    let mut found = Vec::new();
    for account in accounts {
        found.extend(desk.invoices.find(account, text.trim()).await?);
    }
    if found.is_empty() {
        let names: Vec<_> = accounts.iter().map(SellerId::as_str).collect();
        let account = if names.is_empty() { "no account".to_owned() } else { names.join(", ") };
        return Err(InvoicesError::Unknown { text: plain(text), account });
    }
    Ok(found)
}

/// What is not at its end, by an index: those that are accepted are not read.
async fn under_way(desk: &Desk, accounts: &[SellerId]) -> Result<Vec<StoredOwnInvoice>, InvoicesError> {
    let mut found = Vec::new();
    for state in State::ALL.into_iter().filter(|state| !state.is_final()) {
        found.extend(desk.invoices.standing_at(state).await?);
    }
    found.retain(|each| accounts.contains(&each.seller));
    Ok(found)
}

async fn all(desk: &Desk, accounts: &[SellerId]) -> Result<Vec<StoredOwnInvoice>, InvoicesError> {
    let mut found = Vec::new();
    for account in accounts {
        found.extend(desk.invoices.list(account).await?);
    }
    found.sort_by_key(|each| (each.standing.state, each.due_since));
    Ok(found)
}

fn list(invoices: &[StoredOwnInvoice], now: Timestamp) -> String {
    let mut text = stages(invoices, now);
    if !invoices.is_empty() {
        let rows = invoices.iter().map(|invoice| show::row(invoice, now));
        text.push('\n');
        text.push_str(&table(show::HEADER, 3..4, rows));
    }
    let needing = invoices.iter().filter(|each| each.standing.state == State::NeedsPerson);
    for invoice in needing {
        text.push_str(&show::attention(invoice));
    }
    let late = invoices.iter().filter(|each| next::is_late(each, now)).count();
    if late > 0 {
        let words = if late == 1 { "document has" } else { "documents have" };
        let _infallible = writeln!(text, "\n{late} {words} been due for more than 20 hours and not arrived at Amazon.");
    }
    text
}

/// Each stage with how many stand there, and how long the oldest has been due and has stood there.
fn stages(invoices: &[StoredOwnInvoice], now: Timestamp) -> String {
    let shown = State::ALL.into_iter().filter(|state| !state.is_final() || has(invoices, *state));
    let rows = shown.map(|state| {
        let here: Vec<_> = invoices.iter().filter(|each| each.standing.state == state).collect();
        let oldest = |since: fn(&StoredOwnInvoice) -> Timestamp| {
            let oldest = here.iter().map(|each| since(each)).min();
            oldest.filter(|_| !state.is_final()).map(|since| age(since, now)).unwrap_or_default()
        };
        [
            state.name().replace('_', " "),
            here.len().to_string(),
            oldest(|each| each.due_since),
            oldest(|each| each.standing.since),
            next::in_general(state).to_owned(),
        ]
    });
    table(["stage", "documents", "due for", "there for", "what happens next"], 1..4, rows)
}

fn has(invoices: &[StoredOwnInvoice], state: State) -> bool {
    invoices.iter().any(|each| each.standing.state == state)
}
