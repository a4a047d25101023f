//! `countinghouse redrive`: what failed, back into the flow.

mod message;
mod quarantine;
mod queue;
mod show;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_runtime::queue::QueueError;
use countinghouse_store::StoreError;

use crate::desk::{self, ATTENTION, DeskError, FINE, confirmed, plain, print, tell};
use crate::stack::{Stack, StackArguments, StackError};
use queue::{Dlq, Fate, KINDS, Kind, Seen};

/// Put what failed back into the flow: messages in dead-letter queues, and reports in quarantine
///
/// Without a queue it shows what lies where and moves nothing: how many messages, since when, about which account and
/// report. Nothing personal is shown, and no message of the queue for client secrets is ever looked into.
///
/// A message is first sent to its queue and then taken out of the dead-letter queue, one by one. So none is lost when
/// this command is stopped, and what was sent twice does no harm: every function may be run twice. A message that
/// fails again comes back to the dead-letter queue after five tries.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "\
Queues: notifications, downloads, bookings, vendor-submissions, purchases, invoice-issues,
invoice-uploads; and two whose messages are not moved:
  schedules        scheduled runs that failed after all their tries. The next run of the schedule does
                   the work: nothing has to be moved. --drop takes the messages away, so that the alarm ends.
  client-secrets   reports that a new client secret could not be stored. `countinghouse rotate` asks Amazon
                   for another one. --drop takes the reports away.

Look first why a message failed: the function's log names the report. What failed for a moment (a service
that did not answer) is mended by moving it; what is wrong in itself comes back.

Exit codes: 0 nothing lies there any more; 2 something needs a person; 1 it could not be done.

Examples:
  countinghouse redrive                     what lies where?
  countinghouse redrive bookings            move what could not be booked
  countinghouse redrive --quarantined       book the reports in quarantine again
  countinghouse redrive schedules --drop    forget runs that failed",
    group(clap::ArgGroup::new("what").args(["queue", "all", "quarantined"]))
)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct Arguments {
    /// One dead-letter queue, by the name of its queue, for example `bookings`
    #[arg(value_name = "QUEUE")]
    queue: Option<String>,

    /// All dead-letter queues
    #[arg(long)]
    all: bool,

    /// Reports that could not be booked: each is booked again from its stored bytes. `countinghouse replay
    /// --quarantined` shows before what that would come to
    #[arg(long)]
    quarantined: bool,

    /// With --quarantined: only this account
    #[arg(long, value_name = "ID", requires = "quarantined")]
    account: Option<String>,

    /// Take the messages of `schedules` or `client-secrets` away, for good
    #[arg(long, requires = "queue")]
    drop: bool,

    /// Show what would be moved, and move nothing
    #[arg(long)]
    dry_run: bool,

    /// With --drop: do not ask
    #[arg(long)]
    yes: bool,

    /// One JSON object for each message and queue, in lines
    #[arg(long)]
    json: bool,

    /// With --quarantined: give up waiting after so many minutes; the booking itself goes on
    #[arg(long, value_name = "MINUTES", default_value_t = 20)]
    wait_minutes: u32,

    #[command(flatten)]
    stack: StackArguments,
}

/// Why nothing can be put back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RedriveError {
    /// The stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A table of the stack, or its bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A queue that the stack does not have.
    #[error("there is no queue `{given}`; there are: {known}")]
    NoQueue {
        /// What was given.
        given: String,
        /// Those that there are.
        known: String,
    },
    /// Messages that are moved are not dropped.
    #[error(
        "messages of `{0}` are moved, not dropped: each stands for a document that would be missing. Without --drop they are moved"
    )]
    NotDropped(&'static str),
    /// A queue does not answer.
    #[error("the queue {queue} could not be used ({doing}); what was not moved is still there")]
    Queue {
        /// The queue.
        queue: String,
        /// What was tried.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An order could not be sent.
    #[error(transparent)]
    Send(#[from] QueueError),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
}

/// Shows, moves or drops.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    desk::block_on(Box::pin(redrive(arguments)))
}

async fn redrive(arguments: &Arguments) -> Result<u8, RedriveError> {
    let stack = Stack::open(&arguments.stack).await?;
    if arguments.quarantined {
        return Box::pin(quarantine::put_back(&stack, arguments)).await;
    }
    let named = arguments.queue.as_deref().map(kind_of).transpose()?;
    if let Some(kind) = named.filter(|kind| arguments.drop && kind.fate == Fate::Moves) {
        return Err(RedriveError::NotDropped(kind.name));
    }
    let is_overview = named.is_none() && !arguments.all;
    let mut seen = Vec::new();
    for kind in KINDS.iter().filter(|kind| named.is_none_or(|named| named.name == kind.name)) {
        let dlq = Dlq::find(&stack, kind).await?;
        // What is moved is read while it is moved; a look before would make it wait.
        let looks = is_overview || arguments.dry_run || kind.fate != Fate::Moves;
        let one = if looks { dlq.look().await? } else { Box::pin(dlq.move_back()).await? };
        seen.push((dlq, one));
    }
    if arguments.drop && !arguments.dry_run {
        return drop_all(arguments, seen).await;
    }
    let seen: Vec<_> = seen.into_iter().map(|(_, seen)| seen).collect();
    let quarantined = if is_overview { quarantine::list(&stack, None).await? } else { Vec::new() };
    let now = SystemClock.now();
    print(&if arguments.json {
        show::lines(&seen, &quarantined)
    } else {
        show::people(&seen, &quarantined, now, is_overview || arguments.dry_run)
    })?;
    let is_clear = quarantined.is_empty() && seen.iter().all(Seen::is_clear);
    Ok(if is_clear { FINE } else { ATTENTION })
}

/// The queue with this name; the name of its dead-letter queue will do.
fn kind_of(given: &str) -> Result<&'static Kind, RedriveError> {
    let name = given.strip_suffix("-dlq").unwrap_or(given);
    KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| RedriveError::NoQueue {
        given: plain(given),
        known: KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", "),
    })
}

/// Takes away what nobody has to do, once a person has agreed.
async fn drop_all(arguments: &Arguments, seen: Vec<(Dlq, Seen)>) -> Result<u8, RedriveError> {
    let mut code = FINE;
    for (dlq, seen) in seen {
        if !arguments.json {
            print(&show::people(std::slice::from_ref(&seen), &[], SystemClock.now(), true))?;
        }
        if seen.count == 0 {
            continue;
        }
        let agreed = arguments.yes
            || (io::stdin().is_terminal() && confirmed(&format!("Drop {} messages for good?", seen.count)));
        if !agreed {
            tell("nothing was dropped; --yes drops without asking");
            code = ATTENTION;
            continue;
        }
        let dropped = dlq.drop_messages().await?;
        print(&if arguments.json { show::lines(&[dropped], &[]) } else { show::dropped(&dropped) })?;
    }
    Ok(code)
}
