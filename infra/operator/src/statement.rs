//! `countinghouse statement`: one settlement, as a bank would state it.

mod account;
mod show;

use std::process::ExitCode;

use countinghouse_domain::ids::SettlementId;
use countinghouse_store::{Sellers, Settlements, StoreError};

use crate::desk::{self, ATTENTION, DeskError, FINE, block_on};
use crate::stack::{Stack, StackArguments, StackError};
use account::Statement;

/// Print the statement of account of one settlement, as a bank would: opening, movements, payout, closing, proof
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// The settlement, for example 24531097901; countinghouse status names the last ones
    #[arg(value_name = "SETTLEMENT")]
    settlement: SettlementId,

    /// One JSON object, for programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    stack: StackArguments,
}

const HELP: &str = "\
Opening is what was left in the account at Amazon before: the reserve that came back, less what the seller owed. Closing is
opening + in + out + paid out: the reserve that Amazon holds back, or less than nothing where the seller owes Amazon.

Exit code:
  0  proven, and nothing needs a person
  2  unproven, or something needs a person: it is said at the end
  1  there is no such settlement, or it is still being booked
";

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub(super) enum StatementError {
    /// The stack.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A table of the stack.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is known of it.
    #[error(
        "nothing is known of a settlement {0}: countinghouse status names the last ones, countinghouse import brings older ones"
    )]
    Unknown(SettlementId),
    /// It has no figures yet.
    #[error("settlement {0} is still being booked")]
    NotComplete(SettlementId),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] std::io::Error),
}

impl From<StackError> for StatementError {
    fn from(error: StackError) -> Self {
        Self::Desk(error.into())
    }
}

/// Looks it up and prints it.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(statement(arguments))
}

async fn statement(arguments: &Arguments) -> Result<u8, StatementError> {
    let stack = Stack::open(&arguments.stack).await?;
    // A stack that is not there is said to be so, and not that a table is missing.
    let _there = stack.queue_url("bookings").await?;
    let settlements = Settlements::new(stack.dynamodb(), &stack.tables.settlements);
    let id = &arguments.settlement;
    let unknown = || StatementError::Unknown(id.clone());
    let owner = settlements.owner(id).await?.ok_or_else(unknown)?;
    let stored = settlements.get(&owner, id).await?.ok_or_else(unknown)?;
    let seller = Sellers::new(stack.dynamodb(), &stack.tables.sellers).get(&owner).await?;
    let next = settlements.list(&owner).await?.into_iter().find(
        |other| matches!(&other.chain, Some(countinghouse_domain::settlement::Chain::Chained(before)) if before == id),
    );
    let next = next.map(|next| next.header.settlement_id);
    let statement = Statement::of(&stored).ok_or_else(|| StatementError::NotComplete(id.clone()))?;
    let name = seller.map(|seller| seller.name);
    let text = if arguments.json {
        show::json(&stored, &statement, next.as_ref())
    } else {
        show::text(&stored, &statement, name.as_deref(), next.as_ref())
    };
    desk::show(&text)?;
    Ok(if stored.reasons.is_empty() { FINE } else { ATTENTION })
}
