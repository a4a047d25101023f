//! `countinghouse map`: what would be booked from a report, without AWS.

mod attention;
mod books;
pub(crate) mod input;
mod json;
pub(crate) mod preview;
mod read;
mod summary;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use books::Books;
use json::Output;
use read::ReadError;

use crate::desk::complain;

/// Read reports and print what would be booked; no AWS, nothing is stored
///
/// Reads settlement reports (flat file V2, flat file V1, XML) and VAT reports (`SC_VAT_TAX_REPORT`). What a
/// file is, its character set, its decimal signs and its dates are found out by its content; gzip is unpacked.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// The files, in any order; `-` is standard input
    ///
    /// Settlements of one call are chained: each must start when another one ends, or be the first of its
    /// chain. V1 and V2 of one settlement are never both booked: the second one is refused.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    /// The character set of the files, where it is known; otherwise it is found out
    ///
    /// For example UTF-8, Windows-1252 or `Shift_JIS`, or the whole Content-Type header of the download.
    #[arg(long, value_name = "NAME")]
    charset: Option<String>,
}

const HELP: &str = "\
Standard output: JSON lines, one object each. Amounts are texts with the decimals of the file, times are UTC,
a text that the report does not have is null.

  {\"kind\":\"payment\"}      one for each amount of each settlement, as it is read: settlement_id, line, type,
                        category, direction, amount, currency, transaction_type, amount_type,
                        amount_description, order_id, sku, quantity, posted_at, marketplace, derived.
                        Where a V1 row has several amounts, the second one has \"part\":2, and so on.
                        The last one of a settlement is the payout, or the debt that is carried forward: it is
                        in no file, so derived is true and line is null. All payments together come to zero.
  {\"kind\":\"settlement\"}   one for each settlement, after the payments of all files, since the chain needs
                        them all: settlement_id, start, end, deposit_date, currency, total_amount, rows,
                        amounts, sum, difference, status (proven or unproven), chain (first, chained with its
                        predecessor, or gap), unclassified, layout, sha256, by_type, by_category, report.
                        by_type and by_category count what the file has, not the derived payment.
                        Payments without their settlement come from a file that turned out to be unreadable.
  {\"kind\":\"invoice\"}      one for each document of a VAT report, at the end of that report: number,
  {\"kind\":\"credit_note\"}  transaction_id, order_id, issued_on, currency, gross, net, vat, lines, flags
                        (something does not fit and needs a look), notes (something worth knowing).

Standard error: a summary for people, and what needs attention.

Exit code:
  0  everything is proven and nothing is flagged
  2  booked, but unproven or flagged; or a settlement was refused because it is booked already
  1  a file is unreadable: the place is on standard error
  (141 when the reader of standard output went away)

Examples:
  countinghouse map settlement.txt > payments.jsonl
  countinghouse map 2026-*.txt.gz | jq -r 'select(.kind == \"settlement\") | .status'
  aws s3 cp s3://bucket/report - | countinghouse map -
";

/// The exit codes.
const PROVEN: u8 = 0;
const UNREADABLE: u8 = 1;
const FLAGGED: u8 = 2;
/// 128 + SIGPIPE, as a shell shows a program whose reader went away.
const READER_GONE: u8 = 141;

/// Reads the files, prints what would be booked, and says how it went.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut output = Output::new(BufWriter::with_capacity(1 << 16, io::stdout().lock()));
    let mut books = Books::default();
    let code = match book_all(arguments, &mut output, &mut books) {
        Ok(()) => books.exit_code(),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::from(READER_GONE),
        Err(error) => {
            complain(&format!("standard output cannot be written: {error}"));
            return ExitCode::from(UNREADABLE);
        }
    };
    // A summary that cannot be written changes nothing about the books.
    let _unwritten = io::stderr().lock().write_all(summary::of(&books).as_bytes());
    ExitCode::from(code)
}

/// Books every file; an unreadable one does not keep the others from being booked.
fn book_all<W: Write>(arguments: &Arguments, output: &mut Output<W>, books: &mut Books) -> io::Result<()> {
    let count = arguments.files.len();
    for (number, file) in (1..).zip(&arguments.files) {
        let booked = input::open(file, number, count)
            .map_err(ReadError::Input)
            .and_then(|input| read::book(input, arguments.charset.clone(), output, books));
        match booked {
            Ok(()) => {}
            Err(ReadError::Output(error)) => return Err(error),
            Err(error) => books.note_unreadable(&error),
        }
    }
    books.close(output)?;
    output.flush()
}
