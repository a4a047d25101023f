//! `countinghouse invoice`: the documents that are due by a VAT invoice data report, as PDF and XML, without AWS.

mod files;
mod input;
mod lines;
mod made;
mod numbers;
mod seller;
mod summary;
mod table;
mod work;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Date;

use numbers::FirstNumber;
use work::{Work, WorkError};

use crate::desk::{chain, complain};

/// Make invoices and credit notes from a VAT invoice data report (VIDR); no AWS, nothing is uploaded
///
/// Reads the flat file and the XML variant. For every shipment whose invoice is due, and every refund or return whose
/// credit note is due, it writes a PDF (PDF/A-3 with the XML of EN 16931 inside) and an XML file, named by the number.
/// Amounts are Amazon's to the cent. What Amazon issues itself is never made, and what needs a person is listed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// The report, as it was downloaded; gzip is unpacked
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Who sells: name, address, VAT numbers, look and number patterns, in TOML
    #[arg(long, value_name = "FILE", required_unless_present = "sample", conflicts_with = "sample")]
    profile: Option<PathBuf>,

    /// Take an invented seller instead of a profile, for a first look
    #[arg(long)]
    sample: bool,

    /// Where the documents go; made where it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// One JSON object for each document that was made, in lines, instead of a table
    #[arg(long)]
    json: bool,

    /// The first running number of every series, or with a name of that one: `17` or `DE-C2026-#=4`
    ///
    /// No table keeps the numbers here: each run begins again with 1, or with what is said here, and passes over
    /// numbers that the report says are in use. The series of a number is the number with # where it counts.
    #[arg(long, value_name = "[SERIES=]N", value_parser = FirstNumber::parse)]
    first_number: Vec<FirstNumber>,

    /// The day of issue of all documents; otherwise each document has the day of its shipment or refund
    #[arg(long, value_name = "YYYY-MM-DD")]
    issued_on: Option<Date>,

    /// The character set of the file, where it is known; otherwise it is found out
    #[arg(long, value_name = "NAME")]
    charset: Option<String>,
}

const HELP: &str = "\
Standard output: a table of the documents that were made, with what was checked. With --json one line for each:

  {\"number\", \"kind\": \"invoice\" or \"credit_note\", \"order_id\", \"shipping_id\", \"transaction_id\", \"currency\",
   \"total_amount\", \"total_vat_amount\", \"pdf\", \"xml\"}

  Amounts are texts with two decimals and positive on credit notes too, as they are on the document. pdf and xml are
  paths. A document that Amazon rejected is made again under its number.

Standard error: what was not made and why, what is worth a look, and a summary; on a terminal the progress.

The same report, profile and options make the same files, byte by byte. A file that is there with another content is
never overwritten: the document is listed as not made.

Exit code:
  0  everything that is due was made
  2  some of it needs a person
  1  the report or the profile cannot be read, or nothing can be written
  (141 when the reader of standard output went away)

Examples:
  countinghouse invoice vidr.txt --sample --out documents
  countinghouse invoice vidr.txt.gz --profile seller.toml --out documents --first-number 1043
  countinghouse invoice vidr.xml --profile seller.toml --out documents --json | jq -r .pdf
";

/// The exit codes.
const MADE: u8 = 0;
const UNREADABLE: u8 = 1;
const NEEDS_PERSON: u8 = 2;
/// 128 + SIGPIPE, as a shell shows a program whose reader went away.
const READER_GONE: u8 = 141;

/// Makes the documents and says how it went.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let stdout = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let summary = match Work::prepare(arguments).and_then(|work| work.run(stdout)) {
        Ok(summary) => summary,
        Err(WorkError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::from(READER_GONE);
        }
        Err(error) => {
            complain(&chain(&error));
            return ExitCode::from(UNREADABLE);
        }
    };
    // A summary that cannot be written changes nothing about the documents.
    let _unwritten = io::stderr().lock().write_all(summary.text().as_bytes());
    ExitCode::from(if summary.needs_person() { NEEDS_PERSON } else { MADE })
}
