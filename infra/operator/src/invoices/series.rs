//! `countinghouse invoices continue-series`: another program's numbers go on here.

use std::io::{self, Write};
use std::process::ExitCode;

use countinghouse_domain::time::{Clock as _, SystemClock};

use super::desk::{Desk, InvoicesError};
use crate::desk::{ATTENTION, FINE, block_on, complain};
use crate::stack::StackArguments;

/// Go on with a series of numbers that another program began
///
/// Before the first document is issued here, say the last number that the other program gave. A series is a number with #
/// in the place of its running number: after DE-2026-# and 1042 the next is DE-2026-001043. A count never goes back, so
/// that no number is given twice.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The series, for example `DE-2026-#`
    #[arg(value_name = "SERIES")]
    series: String,

    /// The last running number that was given
    #[arg(value_name = "LAST")]
    last: u64,

    /// The seller's account
    #[arg(long, value_name = "ID")]
    account: String,

    #[command(flatten)]
    stack: StackArguments,
}

/// Moves the count on.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(go_on(arguments))
}

async fn go_on(arguments: &Arguments) -> Result<u8, InvoicesError> {
    let Arguments { series, last, .. } = arguments;
    if !series.contains('#') {
        return Err(InvoicesError::Series(series.clone()));
    }
    let desk = Desk::open(&arguments.stack).await?;
    let account = desk.account(&arguments.account).await?;
    let done = desk.invoices.continue_series(&account, series, *last, SystemClock.now()).await?;
    let next = desk.invoices.next_number(&account, series).await?;
    if done {
        writeln!(io::stdout().lock(), "{series}: the next running number is {next}")?;
        return Ok(FINE);
    }
    complain(&format!(
        "{series} is beyond {last} already: its next running number is {next}. A count never goes back, for a number must \
         not be given twice"
    ));
    Ok(ATTENTION)
}
