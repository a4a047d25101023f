//! `countinghouse invoices continue-series`: another program's numbers go on here.

use std::io::Write as _;
use std::process::ExitCode;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock as _, SystemClock};

use super::desk::{Desk, InvoicesError};
use super::patterns;
use crate::desk::{ATTENTION, FINE, Stdout, block_on, complain};
use crate::stack::StackArguments;

/// Go on with a series of numbers that another program began
///
/// After the profile is stored and before the first document is issued here, say the last number that the other program
/// gave. A series is a number with # in the place of its running number: after DE-2026-# and 1042 the next is
/// DE-2026-001043. It must be one that a pattern of the stored profile makes. A count never goes back, so that no number is
/// given twice, and once a number of the series was given here it cannot be moved on: that would be a gap.
///
/// Shows what it will do, and does it once you say yes. Exit code 2: you did not, or the series is beyond that already.
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

    /// Move it on without asking
    #[arg(long)]
    yes: bool,

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
    Box::pin(patterns::check(&desk, &account, series)).await?;
    let next = not_in_use(&desk, &account, series).await?;
    if *last >= next {
        let what = format!(
            "{series} of {account}: the next running number is {next} now, and will be {}. No number before it is ever given \
             here, and this cannot be taken back",
            last.saturating_add(1)
        );
        if !Desk::agreed(arguments.yes, &what, &format!("Did the other program give all numbers up to {last}?")) {
            return Ok(ATTENTION);
        }
        // A document may have been issued while a person thought about it.
        not_in_use(&desk, &account, series).await?;
    }
    let done = desk.invoices.continue_series(&account, series, *last, SystemClock.now()).await?;
    let next = desk.invoices.next_number(&account, series).await?;
    if done {
        writeln!(Stdout, "{series}: the next running number is {next}")?;
        return Ok(FINE);
    }
    complain(&format!(
        "{series} is beyond {last} already: its next running number is {next}. A count never goes back, for a number must \
         not be given twice"
    ));
    Ok(ATTENTION)
}

/// The next running number of a series of which no number was given here.
async fn not_in_use(desk: &Desk, account: &SellerId, series: &str) -> Result<u64, InvoicesError> {
    let next = desk.invoices.next_number(account, series).await?;
    let register = desk.invoices.register(account).await?;
    match register.into_iter().find(|entry| entry.series.as_deref() == Some(series)) {
        Some(given) => Err(InvoicesError::InUse { series: series.to_owned(), number: given.number, next }),
        None => Ok(next),
    }
}
