//! `countinghouse replay`: stored documents booked again, after the difference was shown.

mod apply;
mod lines;
mod plan;
mod select;
mod settlement;
mod show;
mod vat;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use countinghouse_domain::difference::{DocumentsDifference, PaymentsDifference};
use countinghouse_domain::money::{Currency, MoneyError};
use countinghouse_domain::payment::Rules;
use countinghouse_formats::FormatError;
use countinghouse_runtime::queue::QueueError;
use countinghouse_store::StoreError;

use crate::desk::{self, ATTENTION, DeskError, FINE, confirmed, print, tell};
use crate::stack::{Stack, StackArguments, StackError};
use plan::{ByAccount, Planned, What};

/// The version of this program: the deployed function must be of the same.
pub(crate) const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Book stored documents again, after a fix or with newer rules: first shows the difference, then applies it
///
/// Amazon's bytes lie unchanged in the stack's bucket. This command reads them with today's program and today's rules,
/// holds what they would make against what the tables have, and shows the accounting difference: by type, category and
/// currency, and document by document. Nothing is changed until you say yes. Then the stack's own function books the
/// documents again, and the difference is worked out once more: it must be gone.
///
/// Settled totals never change. A settlement whose payments would come to another sum is refused.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "\
Covers settlements (payments, the derived row, the proof) and SC_VAT_TAX_REPORT (invoices, credit notes).
Not covered: VAT invoice data reports and own invoices (`countinghouse invoices`), vendor invoices
(`countinghouse vendor submit --resubmit`), purchases (pulled again for a week by themselves).

Whoever runs it must be allowed to read the stack's tables and bucket, to describe the stack, and to send
messages to its queue `bookings`.

It can be stopped at any time and run again: what was handed over is booked all the same, and a second
run finds no difference.

Exit codes: 0 no difference, or all of it is applied; 2 a difference was shown and not applied, or
something needs a person; 1 it could not be done.

Examples:
  countinghouse replay --unclassified              what would newer rules make of what no rule knew?
  countinghouse replay --settlement 23874397121    one settlement
  countinghouse replay --from 2026-01-01 --yes     everything since the new year, without asking
  countinghouse replay --quarantined --json        what could not be booked, for scripts",
    group(clap::ArgGroup::new("which").required(true).args(["settlement", "report", "from", "quarantined", "unclassified", "all"]))
)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct Arguments {
    /// Only this account; otherwise all that are connected
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// One settlement, by its id
    #[arg(long, value_name = "ID")]
    settlement: Option<String>,

    /// One report, by Amazon's number
    #[arg(long, value_name = "ID")]
    report: Option<String>,

    /// Settlements that end on this day or later, VAT reports whose time reaches into it (UTC)
    #[arg(long, value_name = "DAY")]
    from: Option<jiff::civil::Date>,

    /// The last day of that span [default: today]
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<jiff::civil::Date>,

    /// Reports that could not be booked
    #[arg(long)]
    quarantined: bool,

    /// Settlements with amounts that no rule knew
    #[arg(long)]
    unclassified: bool,

    /// Everything that is stored
    #[arg(long)]
    all: bool,

    /// Write the payments of a proven settlement again where the table has lost or changed some: the only case in
    /// which the sum of what is stored may change, back to the deposit
    #[arg(long)]
    restore: bool,

    /// Apply without asking
    #[arg(long)]
    yes: bool,

    /// One JSON object for each document, and one for the whole, in lines
    #[arg(long)]
    json: bool,

    /// Give up waiting after so many minutes without any progress; the booking itself goes on
    #[arg(long, value_name = "MINUTES", default_value_t = 20)]
    wait_minutes: u32,

    #[command(flatten)]
    stack: StackArguments,
}

/// Why stored documents cannot be booked again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    /// The stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A table of the stack, or its bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// Nothing is stored that was asked for.
    #[error("nothing is stored for {0}: `countinghouse status` shows what there is")]
    Nothing(String),
    /// An id that is none.
    #[error("`{0}` is not an id of Amazon's")]
    NoId(String),
    /// The deployed program is another one.
    #[error(
        "this program is version {own}, the deployed stack is version {deployed}: it would book something else. Deploy version {own} first (sam deploy), or use the program of version {deployed}"
    )]
    OtherVersion {
        /// Of this program.
        own: &'static str,
        /// Of the stack.
        deployed: String,
    },
    /// The bytes cannot be read to their end.
    #[error("a stored document cannot be read to its end")]
    Read(#[source] FormatError),
    /// A sum is too large.
    #[error("a sum is larger than 28 digits")]
    Sum(#[from] MoneyError),
    /// The thread that reads ended without a result.
    #[error("reading ended without a result")]
    Reader(#[source] tokio::task::JoinError),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The bucket.
    #[error("the bucket could not be asked for {key}")]
    Bucket {
        /// The object.
        key: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
}

/// Shows, asks and applies.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    desk::block_on(Box::pin(replay(arguments)))
}

async fn replay(arguments: &Arguments) -> Result<u8, ReplayError> {
    let stack = Stack::open(&arguments.stack).await?;
    let selected = Box::pin(select::candidates(&stack, arguments)).await?;
    check_version(&stack).await?;
    let desk = plan::Desk::open(&stack, arguments.restore).await?;
    let (planned, documents) = Box::pin(desk.plan_all(selected.candidates)).await?;
    let whole = totals(&planned, &documents)?;
    if arguments.json {
        print(&lines::plan(&planned, &whole))?;
    } else {
        print(&show::plan(&planned, &whole, &selected.left_out))?;
    }
    let count = planned.iter().filter(|each| each.is_to_be_applied()).count();
    let troubles = planned.iter().filter(|each| each.needs_a_person()).count();
    if count == 0 {
        return Ok(if troubles == 0 { FINE } else { ATTENTION });
    }
    if !agreed(arguments, count) {
        tell("nothing was changed");
        return Ok(ATTENTION);
    }
    let applied = Box::pin(apply::apply(&desk, &stack, &planned, arguments.wait_minutes)).await?;
    print(&if arguments.json { lines::applied(&planned, &applied) } else { show::applied(&planned, &applied) })?;
    let all_is_well = troubles == 0 && applied.iter().all(apply::Applied::is_well);
    Ok(if all_is_well { FINE } else { ATTENTION })
}

/// Asks a person at a terminal; a script says `--yes`.
fn agreed(arguments: &Arguments, count: usize) -> bool {
    if arguments.yes {
        return true;
    }
    let what = show::counted(count, "document");
    if !io::stdin().is_terminal() {
        tell(&format!("--yes books {what} again"));
        return false;
    }
    confirmed(&format!("Book {what} again?"))
}

/// Another version has other rules. Who may not describe the stack learns it from the function, which looks too.
async fn check_version(stack: &Stack) -> Result<(), ReplayError> {
    let Ok(description) = stack.description().await else { return Ok(()) };
    match description.outputs.get("Version") {
        Some(deployed) if deployed != PROGRAM_VERSION => {
            Err(ReplayError::OtherVersion { own: PROGRAM_VERSION, deployed: desk::plain(deployed) })
        }
        _ => Ok(()),
    }
}

/// What all documents come to together.
#[derive(Debug, Default)]
struct Whole {
    payments: std::collections::BTreeMap<Currency, PaymentsDifference>,
    /// Each document once, however many reports name it.
    documents: DocumentsDifference,
}

fn totals(planned: &[Planned], documents: &ByAccount) -> Result<Whole, MoneyError> {
    let mut whole = Whole::default();
    for of_account in documents.values() {
        whole.documents.absorb(of_account)?;
    }
    for each in planned.iter().filter(|each| each.is_to_be_applied()) {
        if let What::Settlement(settlement) = &each.what {
            whole.payments.entry(settlement.currency).or_default().absorb(&settlement.difference)?;
        }
    }
    Ok(whole)
}

/// The rules that this program books with, by their fingerprint.
fn rules() -> &'static str {
    Rules::fingerprint()
}
