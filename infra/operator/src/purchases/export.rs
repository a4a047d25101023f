//! `countinghouse purchases export`: a CSV file, one row for each line item.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_purchases::{CsvExport, Exported};
use countinghouse_store::Judged;
use jiff::Timestamp;

use super::desk::{Desk, PurchasesError, block_on};
use super::span::Day;
use crate::stack::StackArguments;

/// So many transactions are read and written at once.
const CHUNK: usize = 200;

/// Write purchases as CSV, one row for each line item
///
/// Amounts are as they are booked: money back is negative. Every row has its order, purchase order, invoice, and
/// whether its transaction is reconciled. Days are UTC, and both belong to the span; a month stands for its days.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// First day or month, for example 2026-11-01 or 2026-11
    #[arg(long, value_name = "DAY")]
    from: Day,

    /// Last day or month
    #[arg(long, value_name = "DAY")]
    to: Day,

    /// Which date decides: when it was bought, or since when Amazon tells of it
    #[arg(long, value_enum, default_value_t = By::TransactionDate)]
    by: By,

    /// Only this account; otherwise all that are connected, one after the other
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// Where to write; standard output if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    stack: StackArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    TransactionDate,
    FeedDate,
}

/// Reads and writes.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(export(arguments))
}

async fn export(arguments: &Arguments) -> Result<ExitCode, PurchasesError> {
    let desk = Desk::open(&arguments.stack).await?;
    let accounts = desk.accounts(arguments.account.as_deref()).await?;
    let output: Box<dyn Write> = match &arguments.out {
        None => Box::new(io::stdout().lock()),
        Some(path) => {
            let file = || path.display().to_string();
            Box::new(File::create(path).map_err(|source| PurchasesError::File { file: file(), source })?)
        }
    };
    let mut csv = CsvExport::new(BufWriter::new(output))?;
    let mut transactions = 0_usize;
    for account in accounts {
        transactions = transactions.saturating_add(write(&desk, &account.seller_id, arguments, &mut csv).await?);
    }
    let rows = csv.rows();
    csv.finish()?;
    writeln!(io::stderr().lock(), "{transactions} transactions in {rows} rows")?;
    Ok(ExitCode::SUCCESS)
}

async fn write<W: Write>(
    desk: &Desk,
    account: &SellerId,
    arguments: &Arguments,
    csv: &mut CsvExport<W>,
) -> Result<usize, PurchasesError> {
    let (from, to) = (arguments.from.start(), arguments.to.end());
    // Amazon never tells of a transaction before it happened.
    let until = if arguments.by == By::FeedDate { to } else { to.max(SystemClock.now()) };
    let ids = desk.purchases.ids_by_feed_date(account, from, until).await?;
    let mut written = 0_usize;
    for chunk in ids.chunks(CHUNK) {
        for judged in desk.purchases.judged(account, chunk).await? {
            let date = date(&judged, arguments.by);
            if date.is_some_and(|date| from <= date && date < to) {
                let Judged { transaction, outcome, invoices } = &judged;
                csv.write(&Exported { transaction, outcome, invoices })?;
                written = written.saturating_add(1);
            }
        }
    }
    Ok(written)
}

fn date(judged: &Judged, by: By) -> Option<Timestamp> {
    let transaction = &judged.transaction;
    match by {
        By::TransactionDate => transaction.transaction_date.or(transaction.feed_date),
        By::FeedDate => transaction.feed_date.or(transaction.transaction_date),
    }
}
