//! `countinghouse vendor check`: every rule, without AWS.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use countinghouse_domain::time::SystemClock;

use super::judge::{Judge, JudgeError, Judged, Summary};
use super::lines::Lines;
use super::table::Table;
use crate::desk::{chain, complain};

/// Check invoices and say everything that is wrong with each; no AWS, nothing is sent
///
/// Reads JSON in Amazon's own schema (a request with `invoices`, a list, or single invoices, one after the other)
/// and CSV with one line for each item (`countinghouse vendor template` prints a file to fill in). Which of the two
/// a file is, whether an invoice is for retail procurement or direct fulfillment, and which country's rules apply
/// is found out by the content.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// The files, in any order; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    /// One JSON object for each invoice, in lines, instead of a table
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Standard output: a table for people, each rejected invoice with what was expected and what was found, each place as a
JSON pointer and, for CSV, the line and column. With --json one line for each invoice:

  {\"id\", \"api\": \"retail\" or \"direct-fulfillment\", \"region\": \"IN\", \"EU\", \"NA\" …, \"accepted\", \"reading\",
   \"violations\": [{\"pointer\", \"rule\", \"expected\", \"found\"}], \"warnings\": [{\"pointer\", \"rule\", \"text\"}]}

  reading says how the amounts were understood: whether the total includes tax, whether the tax of a line is for one
  unit, and which tolerances were used. id and reading are null where there is none.

  An id that comes twice in the files is found: with the same content it is a warning, with another one it is rejected.

Standard error: a summary, and what cannot be read, with its place.

Exit code:
  0  every invoice is accepted
  2  some are rejected
  1  a file, or an invoice of it, cannot be read, or no invoice is in it; the others are checked all the same
  (141 when the reader of standard output went away)

Examples:
  countinghouse vendor check invoices.json
  countinghouse vendor check november.csv december.csv
  countinghouse vendor check --json invoices/*.json | jq -r 'select(.accepted | not) | .id'
";

/// The exit codes.
pub(super) const ACCEPTED: u8 = 0;
pub(super) const UNREADABLE: u8 = 1;
pub(super) const REJECTED: u8 = 2;
/// 128 + SIGPIPE, as a shell shows a program whose reader went away.
const READER_GONE: u8 = 141;

/// Where the results go.
enum Output<W: Write> {
    Table(Table<W>),
    Lines(Lines<W>),
}

impl<W: Write> Output<W> {
    fn write(&mut self, judged: &Judged) -> io::Result<()> {
        match self {
            Self::Table(table) => table.write(judged),
            Self::Lines(lines) => lines.write(judged),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Table(table) => table.finish(),
            Self::Lines(lines) => lines.finish(),
        }
    }
}

/// Checks the files and says how it went.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let stdout = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut output = if arguments.json { Output::Lines(Lines::new(stdout)) } else { Output::Table(Table::new(stdout)) };
    let summary = match check(&arguments.files, &mut output) {
        Ok(summary) => summary,
        Err(JudgeError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::from(READER_GONE);
        }
        Err(error) => {
            complain(&chain(&error));
            return ExitCode::from(UNREADABLE);
        }
    };
    // A summary that cannot be written changes nothing about the invoices.
    let _unwritten = io::stderr().lock().write_all(summary.text().as_bytes());
    ExitCode::from(summary.exit_code())
}

fn check<W: Write>(files: &[String], output: &mut Output<W>) -> Result<Summary, JudgeError> {
    let mut judge = Judge::new(files.len(), &SystemClock);
    for file in files {
        judge.file(file, |judged| output.write(judged))?;
    }
    output.finish().map_err(JudgeError::Output)?;
    Ok(judge.summary)
}
