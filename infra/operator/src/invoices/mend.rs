//! `countinghouse invoices try-again` and `cancel`: what a person decides.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_runtime::messages::{InvoiceIssue, InvoiceUpload};
use countinghouse_store::{NextStep, StoredOwnInvoice};
use countinghouse_vat_invoices::state::State;

use super::desk::{Desk, InvoicesError};
use super::next;
use crate::desk::{ATTENTION, FINE, Stdout, block_on, complain, money, plain};
use crate::stack::StackArguments;

/// Say that what was in the way of a document is gone: it is made or uploaded again, under its number
///
/// A document without a number is made and gets one. One that Amazon refused for what is in it is made anew from what is
/// known now, under its number. Any other is uploaded again as it is. Without this command the next report tries by
/// itself, some hours later, what has no number yet.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(crate) struct TryAgain {
    /// The document: its number, shipment or transaction, or its name in `invoices status`
    #[arg(value_name = "DOCUMENT|NUMBER", group = "which")]
    document: Option<String>,

    /// Everything of the account that needs a person, but for what another try cannot help
    #[arg(long, group = "which")]
    all: bool,

    /// With --all: only what Amazon refused with this code, for example 79509
    #[arg(long, value_name = "CODE", requires = "all")]
    code: Option<u32>,

    /// The seller's account
    #[arg(long, value_name = "ID")]
    account: String,

    /// What you did, for the document's history
    #[arg(long, value_name = "TEXT", default_value = "a person says: try again")]
    note: String,

    #[command(flatten)]
    stack: StackArguments,
}

/// Make a document void: it is not uploaded any more, keeps its number, and says so
///
/// For a document that Amazon issues itself, or that was issued by other means. Its number is never given again; the
/// register of numbers has the reason. What Amazon has accepted cannot be made void here: it needs a credit note.
///
/// It cannot be taken back. Shows the document, and makes it void once you say yes. Exit code 2: you did not, or it cannot
/// be made void.
#[derive(Debug, clap::Args)]
pub(crate) struct Cancel {
    /// The document: its number, shipment or transaction, or its name in `invoices status`
    #[arg(value_name = "DOCUMENT|NUMBER")]
    document: String,

    /// The seller's account
    #[arg(long, value_name = "ID")]
    account: String,

    /// Why, for the register of numbers: an auditor reads it
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Make it void without asking
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    stack: StackArguments,
}

/// Tries again.
pub(crate) fn try_again(arguments: &TryAgain) -> ExitCode {
    block_on(again(arguments))
}

/// Makes void.
pub(crate) fn cancel(arguments: &Cancel) -> ExitCode {
    block_on(void(arguments))
}

async fn again(arguments: &TryAgain) -> Result<u8, InvoicesError> {
    let desk = Desk::open(&arguments.stack).await?;
    let account = desk.account(&arguments.account).await?;
    let documents = match &arguments.document {
        Some(text) => vec![desk.document(&account, text).await?],
        None => needing_a_person(&desk, &account, arguments.code).await?,
    };
    if documents.is_empty() {
        writeln!(Stdout, "Nothing of {account} waits for that.")?;
    }
    let mut code = FINE;
    for document in &documents {
        code = code.max(one(&desk, document, &arguments.note).await?);
    }
    Ok(code)
}

async fn needing_a_person(
    desk: &Desk,
    account: &SellerId,
    code: Option<u32>,
) -> Result<Vec<StoredOwnInvoice>, InvoicesError> {
    let mut found = desk.invoices.needing_attention().await?;
    let refused_with = |each: &StoredOwnInvoice| each.standing.refusal.as_ref().and_then(|refusal| refusal.code);
    found.retain(|each| each.seller == *account && (code.is_none() || refused_with(each) == code));
    found.retain(next::is_worth_a_try);
    Ok(found)
}

async fn one(desk: &Desk, document: &StoredOwnInvoice, note: &str) -> Result<u8, InvoicesError> {
    let (seller, key) = (&document.seller, document.key.as_str());
    if document.standing.state == State::NeedsPerson && !next::is_worth_a_try(document) {
        complain(&format!("another try does not help {key}: {}", next::after(document)));
        return Ok(ATTENTION);
    }
    let next = desk.invoices.try_again(seller, key, note, SystemClock.now()).await?;
    let doing = match next {
        NextStep::Issue => {
            let message = InvoiceIssue::new(seller.clone(), key.to_owned());
            desk.queue("invoice-issues").await?.send(&message, Duration::ZERO).await?;
            "is being made"
        }
        NextStep::Upload => {
            let message = InvoiceUpload::new(seller.clone(), key.to_owned());
            desk.queue("invoice-uploads").await?.send(&message, Duration::ZERO).await?;
            "is being uploaded"
        }
        NextStep::Nothing => {
            let state = document.standing.state;
            complain(&format!("{key} is {}, so there is nothing to try: {}", state.name(), next::in_general(state)));
            return Ok(ATTENTION);
        }
    };
    let number = document.numbering.as_ref().map(|numbering| format!(" under its number {}", numbering.number));
    writeln!(Stdout, "{key} {doing}{}", number.unwrap_or_default())?;
    Ok(FINE)
}

async fn void(arguments: &Cancel) -> Result<u8, InvoicesError> {
    let reason = arguments.reason.trim();
    if reason.is_empty() {
        return Err(InvoicesError::NoReason);
    }
    let desk = Desk::open(&arguments.stack).await?;
    let account = desk.account(&arguments.account).await?;
    let document = desk.document(&account, &arguments.document).await?;
    let key = document.key.as_str();
    if document.standing.state == State::Cancelled {
        writeln!(Stdout, "{key} is void already; nothing is changed")?;
        return Ok(FINE);
    }
    let is_accepted = document.standing.state == State::Accepted;
    if !is_accepted && !Desk::agreed(arguments.yes, &to_be_void(&document, reason), "Make it void for good?") {
        return Ok(ATTENTION);
    }
    if is_accepted || !desk.invoices.cancel(&account, key, reason, SystemClock.now()).await? {
        complain(&format!(
            "{key} is accepted by Amazon and cannot be made void: give the buyer a refund, which makes a credit note due"
        ));
        return Ok(ATTENTION);
    }
    // What came in between has its number too.
    let now = desk.invoices.get(&account, key).await?;
    let number = now.and_then(|now| now.numbering).map(|numbering| numbering.number);
    let mut stdout = Stdout;
    match number {
        Some(number) => writeln!(stdout, "{key} is void. It keeps its number {number}, and the register says why.")?,
        None => writeln!(stdout, "{key} is void. It had no number.")?,
    }
    if document.amazons_status.ends_with("Pending") || document.amazons_status.ends_with("Rejected") {
        writeln!(
            stdout,
            "Amazon's last report still wanted it: whatever you issue instead is uploaded in Seller Central."
        )?;
    }
    Ok(FINE)
}

/// What a person looks at before it is void for good.
fn to_be_void(document: &StoredOwnInvoice, reason: &str) -> String {
    let number = document.numbering.as_ref().map_or("without a number", |numbering| numbering.number.as_str());
    let total = document.total;
    plain(&format!(
        "{} {number} of {}: order {}, {} {}, {}. It becomes void for good, and keeps its number, if it has one; the register \
         says: {reason}",
        document.kind.words(),
        document.seller,
        document.order_id,
        money(total.amount, total.currency),
        total.currency,
        document.standing.state.name().replace('_', " "),
    ))
}
