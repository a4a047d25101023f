//! What the commands share that look after a deployed stack: how they run, ask, complain, and show a table.

use std::error::Error;
use std::future::Future;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::ops::Range;
use std::process::ExitCode;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use countinghouse_domain::money::Currency;
use countinghouse_store::{Seller, Sellers, StoreError};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::stack::{Stack, StackError};

/// Everything is as it should be.
pub(crate) const FINE: u8 = 0;
/// It could not be done.
pub(crate) const FAILED: u8 = 1;
/// Something needs a person.
pub(crate) const ATTENTION: u8 = 2;
/// 128 + SIGPIPE, as a shell shows a program whose reader went away. Only what changes nothing ends so.
pub(crate) const READER_GONE: u8 = 141;

/// Why nothing can be done at the desk of a stack.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeskError {
    /// The stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A table of the stack, or its bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account is none of the stack's.
    #[error("no account `{account}` is connected; connected: {connected}")]
    NotConnected {
        /// What was asked for.
        account: String,
        /// Those that are, for a person.
        connected: String,
    },
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
}

/// Runs what talks to AWS to its end; the exit code is what it answers, or [`FAILED`] with the error's whole chain.
pub(crate) fn block_on<E: Error + 'static>(future: impl Future<Output = Result<u8, E>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the program cannot start its threads: {error}"));
            return ExitCode::from(FAILED);
        }
    };
    match runtime.block_on(future) {
        Ok(code) => ExitCode::from(code),
        Err(error) if reader_is_gone(&error) => ExitCode::from(READER_GONE),
        Err(error) => {
            complain(&chain(&error));
            ExitCode::from(FAILED)
        }
    }
}

/// Nobody reads standard output any more. A connection to AWS that broke is another thing.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads it any more")]
struct ReaderGone;

fn reader_is_gone(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if inner.is_some_and(<dyn Error + Send + Sync>::is::<ReaderGone>) {
            return true;
        }
        next = error.source();
    }
    false
}

/// Says on standard error what went wrong.
pub(crate) fn complain(text: &str) {
    tell(&format!("countinghouse: {text}"));
}

/// Says something to a person, beside what the command is asked for.
pub(crate) fn tell(text: &str) {
    let _unwritten = writeln!(io::stderr().lock(), "{text}");
}

/// Prints what a command did or will do. It goes on when nobody reads: half of a change is worse than an unread line.
pub(crate) fn print(text: &str) -> io::Result<()> {
    Stdout.write_all(text.as_bytes())
}

/// Prints what a command that changes nothing is asked for. It ends when nobody reads.
pub(crate) fn show(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(io::Error::new(error.kind(), ReaderGone)),
        written => written,
    }
}

/// Standard output of a command that changes something: what nobody reads is written nowhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stdout;

impl io::Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match io::stdout().lock().write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match io::stdout().lock().flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

/// An error with everything that caused it, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = error.source();
    }
    text
}

/// Asks on standard error, and reads the answer from standard input: `y` or `yes` is yes, everything else is no.
pub(crate) fn confirmed(question: &str) -> bool {
    let _unwritten = write!(io::stderr().lock(), "{question} [y/N] ");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    if !io::stdin().is_terminal() {
        // Whoever pipes an answer does not see its line break.
        tell("");
    }
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// The accounts of a stack: the named one, or all.
pub(crate) async fn accounts(stack: &Stack, named: Option<&str>) -> Result<Vec<Seller>, DeskError> {
    let mut accounts = Sellers::new(stack.dynamodb(), &stack.tables.sellers).list().await?;
    let Some(named) = named else { return Ok(accounts) };
    if let Some(place) = accounts.iter().position(|account| account.seller_id.as_str() == named) {
        return Ok(vec![accounts.swap_remove(place)]);
    }
    let ids: Vec<_> = accounts.iter().map(|account| account.seller_id.as_str()).collect();
    let connected = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    Err(DeskError::NotConnected { account: plain(named).chars().take(60).collect(), connected })
}

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table for people; the columns of `numbers` stand to the right.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    numbers: Range<usize>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    let arrangement =
        if io::stdout().is_terminal() { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.load_style(STYLE).set_content_arrangement(arrangement).set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell)));
    }
    for number in numbers {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

/// Without signs that a terminal obeys, and not endless.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).take(600).collect()
}

/// An amount with as many decimals as its currency has, or more where it has more.
pub(crate) fn money(amount: Decimal, currency: Currency) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < currency.minor_digits() {
        amount.rescale(currency.minor_digits());
    }
    amount.to_string()
}

/// `2026-11-22`.
pub(crate) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// `2026-11-22 13:45`, UTC.
pub(crate) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// How long ago something was, in the unit that a person would use: `40 s`, `12 min`, `5 h`, `16 days`.
pub(crate) fn age(since: Timestamp, now: Timestamp) -> String {
    span(now.duration_since(since))
}

/// A length of time in the unit that a person would use; nothing is shorter than no time.
pub(crate) fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    let (count, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..7_200 => (seconds / 60, "min"),
        7_200..172_800 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_said_in_the_unit_that_a_person_would_use() {
        let said = [0, 59, 60, 7_199, 7_200, 172_799, 172_800, 1_400_000]
            .map(|seconds| span(SignedDuration::from_secs(seconds)));
        assert_eq!(said, ["0 s", "59 s", "1 min", "119 min", "2 h", "47 h", "2 days", "16 days"]);
        assert_eq!(span(SignedDuration::from_secs(-5)), "0 s");
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(money("12.5".parse().unwrap(), Currency::EUR), "12.50");
        assert_eq!(money("1200".parse().unwrap(), "JPY".parse().unwrap()), "1200");
    }

    #[test]
    fn a_table_shows_no_sign_that_a_terminal_obeys() {
        let text = table(["what"], 0..0, [["a\u{1b}[31mb".to_owned()]]);
        assert!(!text.contains('\u{1b}') && text.contains("a\u{fffd}[31mb"), "{text}");
    }

    #[test]
    fn an_error_is_said_with_what_caused_it() {
        let error = DeskError::Output(io::Error::other("the disk is full"));
        assert_eq!(chain(&error), "standard output cannot be written: the disk is full");
    }

    #[test]
    fn only_an_unread_output_is_a_reader_that_went_away() {
        let broken = DeskError::Output;
        assert!(reader_is_gone(&broken(io::Error::new(io::ErrorKind::BrokenPipe, ReaderGone))));
        assert!(!reader_is_gone(&broken(io::ErrorKind::BrokenPipe.into())), "a connection to AWS breaks so");
    }
}
