//! `countinghouse forget`: removes what is personal about an order, and keeps the amounts.

mod plan;
mod show;

use std::process::ExitCode;

use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::StoreError;

use crate::desk::{self, ATTENTION, DeskError, FINE, block_on};
use crate::stack::{Stack, StackArguments, StackError};

/// Remove what is personal about an order: names, addresses, registrations; amounts, totals and proofs stay
///
/// Shows first what it would remove, by place and name of the attribute, never its contents; --yes removes it. Looks at invoices
/// and credit notes from VAT reports, at purchases on Amazon Business, and at own invoices. What is removed does not come back when
/// a report tells of the order again, or is booked again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// Amazon's number of the order, for example 302-4471920-8830157
    #[arg(long, value_name = "ORDER")]
    order: String,

    /// Only in this account; otherwise in all that are connected
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// Remove it
    #[arg(long)]
    yes: bool,

    /// Remove issued invoices (PDF and XML), too, which tax law usually demands to be kept for years
    #[arg(long)]
    also_invoices: bool,

    #[command(flatten)]
    stack: StackArguments,
}

const HELP: &str = "\
What stays, and why:
  amounts, articles, countries, tax, totals, proofs   they are the books, and name nobody
  issued invoices (PDF, XML)       tax law demands them, usually for ten years; --also-invoices removes them
  own invoices on their way        they cannot be made without the buyer's name; run it again once Amazon has accepted them
  raw reports in the bucket        they hold many buyers, and are deleted by their own rule (RawReportRetentionDays)
  vendor invoices                  they name companies; of direct fulfillment the recipient, too: they are deleted by their rule
  backups                          the tables can be restored to any moment of the last 35 days: do not restore what is forgotten

Exit code:
  0  nothing personal is left of the order, but for what the list above says
  2  there is something to remove (--yes removes it), or an own invoice is still on its way
  1  it could not be looked up or removed
";

/// Why nothing could be forgotten.
#[derive(Debug, thiserror::Error)]
pub(super) enum ForgetError {
    /// The stack, or the account.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A table or the bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An empty number would be every order's.
    #[error("--order needs Amazon's number of an order")]
    NoOrder,
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] std::io::Error),
}

impl From<StackError> for ForgetError {
    fn from(error: StackError) -> Self {
        Self::Desk(error.into())
    }
}

/// Looks, shows and removes.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(forget(arguments))
}

async fn forget(arguments: &Arguments) -> Result<u8, ForgetError> {
    let order = arguments.order.trim();
    if order.is_empty() {
        return Err(ForgetError::NoOrder);
    }
    let stack = Stack::open(&arguments.stack).await?;
    let _there = stack.queue_url("bookings").await?;
    let accounts = desk::accounts(&stack, arguments.account.as_deref()).await?;
    let books = plan::Books::open(&stack).await?;
    let mut plans = Vec::new();
    for account in accounts {
        plans.push(books.plan(&account.seller_id, order, arguments.also_invoices).await?);
    }
    desk::print(&show::plans(&plans))?;
    for note in show::notes(&plans) {
        desk::tell(&note);
    }
    let on_its_way = plans.iter().any(|plan| !plan.on_their_way.is_empty());
    if !arguments.yes {
        let something = plans.iter().any(plan::Plan::removes);
        if something {
            desk::tell("Nothing is removed yet: give --yes to remove it.");
        }
        return Ok(if something || on_its_way { ATTENTION } else { FINE });
    }
    let now = SystemClock.now();
    let mut removed = 0_usize;
    for plan in &plans {
        removed = removed.saturating_add(books.forget(plan, order, now).await?);
    }
    desk::tell(&match removed {
        0 => format!("Nothing personal of order {order} was left; that it is forgotten is noted."),
        1 => format!("Removed what is personal about order {order} from one place."),
        many => format!("Removed what is personal about order {order} from {many} places."),
    });
    Ok(if on_its_way { ATTENTION } else { FINE })
}
