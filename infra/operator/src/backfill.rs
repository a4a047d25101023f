//! `countinghouse backfill`: what happened before a stack was connected, or while it stood still.

mod ask;
mod estimate;
mod follow;
mod item;
mod list;
mod office;
mod plan;
mod progress;
mod show;
mod work;

use std::process::ExitCode;

use clap::ValueEnum;
use countinghouse_amazon::AmazonError;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::StoreError;

use crate::desk::{self, ATTENTION, DeskError, FAILED, FINE, block_on, confirmed, tell};
use crate::purchases::span::Day;
use crate::stack::{Stack, StackArguments, StackError};
use office::Office;
use plan::Span;

/// Fetch and book a span of time again, or for the first time, within Amazon's limits and rates
///
/// Plans windows as Amazon takes them, shows the plan with what Amazon's rates make of it, and asks before it begins. What is
/// booked already is left alone, and a report that Amazon already has for a window is taken over instead of asked for again. The
/// same command with the same days goes on where it stopped: Ctrl-C, a crash or a cut connection loses nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(crate) struct Arguments {
    /// The first day (UTC), 2026-08-01, or a month, 2026-08
    #[arg(long, value_name = "DAY")]
    from: Day,

    /// The last day (UTC) or month; no later than yesterday counts, for Amazon makes no reports of days that are not over
    /// [default: yesterday]
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,

    /// Only this account; otherwise all that are connected
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// Only these, separated by commas; otherwise everything that an account is connected for
    #[arg(long, value_name = "FLOWS", value_delimiter = ',')]
    flows: Vec<Flow>,

    /// Show the plan, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// Do it without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,

    /// Wait until everything is booked; this is what it does anyway
    #[arg(long, conflicts_with_all = ["no_wait", "dry_run"])]
    wait: bool,

    /// End as soon as everything is asked for: the stack fetches and books it by itself
    #[arg(long)]
    no_wait: bool,

    /// How long to wait at most, in minutes; then the same command goes on
    #[arg(long, value_name = "MINUTES", default_value_t = 1_440)]
    wait_minutes: u32,

    #[command(flatten)]
    stack: StackArguments,
}

/// What is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Flow {
    /// VAT reports, in windows of 30 days
    Vat,
    /// Settlements: Amazon makes them by itself and lists those of 90 days
    Settlements,
    /// Purchases on Amazon Business, day by day
    Purchases,
    /// VAT invoice data reports of every status, in windows of 30 days
    Invoicing,
}

impl Flow {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Vat => "vat",
            Self::Settlements => "settlements",
            Self::Purchases => "purchases",
            Self::Invoicing => "invoicing",
        }
    }
}

const HELP: &str = "\
Settlements cannot be asked for: Amazon lists those of the last 90 days. What is older is downloaded in Seller Central and
imported: countinghouse import.

The estimate is what Amazon's rates allow, from the rate budget that the stack's functions share: createReport and
getReportDocument once a minute after fifteen at once. How long Amazon takes to make a report, nobody can say: minutes, or
hours.

Exit code:
  0  everything is booked, or Amazon has nothing; with --no-wait, asked for
  2  something failed, is quarantined or needs a person: the table at the end says what
  1  it could not be done, or was not done in time; the same command goes on

Examples:
  countinghouse backfill --from 2026-08-01 --dry-run
  countinghouse backfill --from 2026-01 --to 2026-06 --flows vat --account A3TH9S8BH6GOGM
";

/// Why nothing more is done.
#[derive(Debug, thiserror::Error)]
pub(super) enum BackfillError {
    /// The stack, or the account.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A table of the stack.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Amazon's list of reports.
    #[error("Amazon could not be asked for its list of reports")]
    Amazon(#[from] AmazonError),
    /// A question that Amazon would refuse.
    #[error("Amazon cannot be asked for its list of reports")]
    Request(#[from] countinghouse_amazon::InvalidRequest),
    /// A report cannot be handed on.
    #[error("what Amazon has could not be handed on")]
    Poll(#[from] poll_jobs::PollError),
    /// A queue of the stack.
    #[error("the order could not be given")]
    Queue(#[from] countinghouse_runtime::queue::QueueError),
    /// The days make no span.
    #[error("nothing lies between {from} and {to}: --from is a day before --to, and today does not count")]
    EmptySpan {
        /// The first day.
        from: String,
        /// The day after the last.
        to: String,
    },
    /// No account is connected for what is asked for.
    #[error("no account is connected for {0}: countinghouse status shows which there are")]
    NothingToFetch(String),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] std::io::Error),
}

impl From<StackError> for BackfillError {
    fn from(error: StackError) -> Self {
        Self::Desk(error.into())
    }
}

/// Plans, shows, asks, works, waits.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(backfill(arguments))
}

async fn backfill(arguments: &Arguments) -> Result<u8, BackfillError> {
    let now = SystemClock.now();
    let span = Span::of(arguments.from.start(), arguments.to.map(Day::end), now)?;
    let stack = Stack::open(&arguments.stack).await?;
    let mut accounts = desk::accounts(&stack, arguments.account.as_deref()).await?;
    accounts.retain(|account| !plan::flows(account, &arguments.flows).is_empty());
    if accounts.is_empty() {
        let names: Vec<_> = arguments.flows.iter().map(|flow| flow.name()).collect();
        let wanted = if names.is_empty() { "anything that can be fetched".to_owned() } else { names.join(", ") };
        return Err(BackfillError::NothingToFetch(wanted));
    }
    let office = Office::open(stack, accounts).await?;
    let mut items = Vec::new();
    for account in &office.accounts {
        items.extend(office.plan(account, span, &arguments.flows, now).await?);
    }
    let calls = office.calls(&items, now).await?;
    let has_settlements =
        office.accounts.iter().any(|account| plan::flows(account, &arguments.flows).contains(&Flow::Settlements));
    desk::print(&show::plan(&items, &calls, has_settlements, span, now))?;
    if arguments.dry_run {
        tell("this was a dry run");
        return Ok(FINE);
    }
    let is_new = items.iter().any(item::Item::is_wanted);
    if is_new && !arguments.yes && !confirmed("Fetch this?") {
        tell("nothing is fetched; --yes does it without asking");
        return Ok(FAILED);
    }
    if is_new {
        tell("Ctrl-C loses nothing: the same command goes on where it stopped.");
    }
    let is_done = work::to_the_end(&office, &mut items, arguments).await?;
    desk::print(&show::outcome(&items))?;
    if arguments.no_wait {
        tell("the stack fetches and books the rest by itself; the same command shows how far it is");
    } else if !is_done {
        tell("not everything is booked yet; the same command goes on");
    }
    let is_bad = items.iter().any(item::Item::needs_attention);
    Ok(match (is_bad, is_done || arguments.no_wait) {
        (true, _) => ATTENTION,
        (false, true) => FINE,
        (false, false) => FAILED,
    })
}
