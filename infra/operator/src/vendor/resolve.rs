//! `countinghouse vendor resolve` and `acknowledge`: what a person found out.

use std::io::Write as _;
use std::process::ExitCode;

use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_store::{Resolution, Resolved, StoreError};

use super::aws::{Desk, VendorError};
use super::check::{ACCEPTED, REJECTED};
use super::{complain, next};
use crate::desk::{Stdout, block_on};
use crate::stack::StackArguments;

/// Say what became of an invoice whose answer was lost, or that Amazon refused by mail
///
/// When no answer came back after an invoice was sent, nobody knows whether Amazon has it, and Amazon cannot be
/// asked: the API has no such question. It is not sent again by itself, so that it never comes twice. Look for it in
/// Vendor Central and say here what you found.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct Arguments {
    /// The invoice
    #[arg(value_name = "ID")]
    id: String,

    /// The vendor's account
    #[arg(long, value_name = "ID")]
    account: String,

    /// Amazon has it
    #[arg(long, group = "what")]
    accepted: bool,

    /// Amazon does not have it, or refused it: it may be handed in again with `vendor submit --resubmit`
    #[arg(long, alias = "failed", group = "what")]
    not_received: bool,

    /// Where you found out, for the invoice's history
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,

    #[command(flatten)]
    stack: StackArguments,
}

/// Take something off the list of what needs a person: a rejected or refused invoice, or a file
#[derive(Debug, clap::Args)]
pub(crate) struct Acknowledgement {
    /// The item, as `vendor status` names it, for example `file vendor-invoices/ACME/incoming/november.csv`
    #[arg(value_name = "ITEM")]
    item: String,

    /// The vendor's account
    #[arg(long, value_name = "ID")]
    account: String,

    /// Why nothing more is to be done
    #[arg(long, value_name = "TEXT", default_value = "seen")]
    note: String,

    #[command(flatten)]
    stack: StackArguments,
}

/// Writes down what a person found.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(resolve(arguments))
}

/// Writes down that a person has seen something.
pub(crate) fn acknowledge(arguments: &Acknowledgement) -> ExitCode {
    block_on(seen(arguments))
}

async fn resolve(arguments: &Arguments) -> Result<u8, VendorError> {
    let desk = Desk::open(&arguments.stack).await?;
    let account = desk.account(&arguments.account).await?;
    let (resolution, found) = if arguments.accepted {
        (Resolution::Accepted, "a person found it at Amazon")
    } else {
        (Resolution::Failed, "a person found that Amazon does not have it")
    };
    let note = if arguments.note.is_empty() { found.to_owned() } else { format!("{found}: {}", arguments.note) };
    let resolved = desk.invoices.resolve(&account, &arguments.id, resolution, &note, SystemClock.now()).await;
    let resolved = resolved.map_err(|error| unknown(error, &arguments.id, &arguments.account))?;
    let id = &arguments.id;
    let mut stdout = Stdout;
    match resolved {
        Resolved::Now(status) => {
            writeln!(stdout, "{id} is {status} now. What to do next: {}", next::after(status))?;
            Ok(ACCEPTED)
        }
        Resolved::Already => {
            writeln!(stdout, "{id} stood there already; nothing is changed")?;
            Ok(ACCEPTED)
        }
        Resolved::NotFrom(status) => {
            complain(&format!("{id} is {status}, so there is nothing to resolve: {}", next::after(status)));
            Ok(REJECTED)
        }
    }
}

async fn seen(arguments: &Acknowledgement) -> Result<u8, VendorError> {
    let desk = Desk::open(&arguments.stack).await?;
    let account = desk.account(&arguments.account).await?;
    let done = desk.invoices.acknowledge(&account, &arguments.item, &arguments.note, SystemClock.now()).await;
    done.map_err(|error| unknown(error, &arguments.item, &arguments.account))?;
    writeln!(Stdout, "{} is off the list", arguments.item)?;
    Ok(ACCEPTED)
}

fn unknown(error: StoreError, id: &str, account: &str) -> VendorError {
    if matches!(error, StoreError::Missing { .. }) {
        return VendorError::Unknown { id: id.to_owned(), account: account.to_owned() };
    }
    VendorError::Store(error)
}
