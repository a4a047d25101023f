//! `countinghouse status`: how everything stands, on one screen.

mod gather;
mod json;
mod queues;
mod show;
mod wants;

use std::process::ExitCode;

use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::StoreError;

use crate::desk::{self, ATTENTION, DeskError, FINE, block_on};
use crate::stack::{Stack, StackArguments, StackError};

/// Show how everything stands: balances, settlements, reports, invoices, purchases, queues, and what needs a person
///
/// Reads the stack's tables and queues, and changes nothing. `countinghouse doctor` checks what all of it stands on:
/// credentials, permissions, schedules.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// Only this account; otherwise all that are connected
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// JSON objects, one a line, for programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    stack: StackArguments,
}

const HELP: &str = "\
The account of a seller in a currency is shown as its last settlement leaves it, as a bank would:
  opening   what was left before: the reserve that came back, less what the seller owed
  in, out   the categories that brought and that took money
  paid out  what went to the bank account
  closing   what is left: opening + in + out + paid out
  reserve   what Amazon holds back of it until the next settlement

JSON lines: {\"kind\":\"account\"}, one for each account, with balances, reports by type and state, vendor_invoices, purchases,
own_invoices; {\"kind\":\"queue\"}, one for each queue with its dead letters; {\"kind\":\"wants\"}, one for each thing that
needs a person: account, what, since, why, cure.

Exit code:
  0  nothing needs a person
  2  something does: it is listed at the end, with what to do about it
  1  it could not be looked up
";

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum StatusError {
    /// The stack, or the account.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A table of the stack.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queues.
    #[error("the queues of the stack cannot be looked at")]
    Queues(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] std::io::Error),
}

impl From<StackError> for StatusError {
    fn from(error: StackError) -> Self {
        Self::Desk(error.into())
    }
}

/// Looks and shows.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(status(arguments))
}

async fn status(arguments: &Arguments) -> Result<u8, StatusError> {
    let stack = Stack::open(&arguments.stack).await?;
    // A stack that is not there is said to be so, and not that a table is missing.
    let _there = stack.queue_url("bookings").await?;
    let accounts = desk::accounts(&stack, arguments.account.as_deref()).await?;
    let now = SystemClock.now();
    let overview = gather::overview(&stack, accounts, now).await?;
    let wants = wants::of(&overview);
    let text = if arguments.json { json::lines(&overview, &wants) } else { show::text(&stack.name, &overview, &wants) };
    desk::show(&text)?;
    Ok(if wants.is_empty() { FINE } else { ATTENTION })
}
