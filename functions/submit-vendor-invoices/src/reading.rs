//! Reading a file: once from end to end to see that it can be read, then invoice by invoice, each checked.
//!
//! The readers do not know of async, so they work on a thread of their own and hand over a few invoices ahead.

use std::io::Read;

use countinghouse_domain::time::Clock;
use countinghouse_vendor_invoices::csv::CsvProblem;
use countinghouse_vendor_invoices::{Checked, FileError, FileReader, Found, ReadErrorKind, check};
use std::sync::Arc;
use tokio::sync::mpsc;

/// How many checked invoices wait for their turn.
const AHEAD: usize = 8;

/// One invoice of a file.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Which one, from 1.
    pub(crate) number: u64,
    /// The line where it begins.
    pub(crate) line: u64,
    /// What the checks say, or why it cannot be read.
    pub(crate) what: Result<Box<ReadInvoice>, String>,
}

/// An invoice that could be read.
#[derive(Debug)]
pub(crate) struct ReadInvoice {
    pub(crate) found: Found,
    pub(crate) checked: Checked,
}

/// Reads a file to its end. Invoices that alone cannot be read do not matter here.
pub(crate) fn proof_read(source: impl Read, name: &str) -> Result<(), FileError> {
    let mut reader = FileReader::open(source, name)?;
    loop {
        match reader.next_invoice() {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(error) if error.ends_the_file() => return Err(error),
            Err(_one_invoice) => {}
        }
    }
}

/// Whether reading again may help: the source broke, not the file.
pub(crate) fn may_pass(error: &FileError) -> bool {
    match error {
        FileError::Json(error) => error.kind() == ReadErrorKind::Io,
        FileError::Csv(error) => matches!(error.problem(), CsvProblem::Read(_)),
    }
}

/// Reads and checks the invoices after the first `skip`.
pub(crate) fn start<R: Read + Send + 'static>(
    source: R,
    name: String,
    skip: u64,
    clock: Arc<dyn Clock>,
) -> (mpsc::Receiver<Taken>, tokio::task::JoinHandle<Result<(), FileError>>) {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || read(source, &name, skip, clock.as_ref(), &sender));
    (receiver, reading)
}

fn read(
    source: impl Read,
    name: &str,
    skip: u64,
    clock: &dyn Clock,
    sender: &mpsc::Sender<Taken>,
) -> Result<(), FileError> {
    let mut reader = FileReader::open(source, name)?;
    let mut number: u64 = 0;
    loop {
        let next = match reader.next_invoice() {
            Ok(Some(found)) => Ok(found),
            Ok(None) => return Ok(()),
            Err(error) if error.ends_the_file() => return Err(error),
            Err(error) => Err(error),
        };
        number = number.saturating_add(1);
        if number <= skip {
            continue;
        }
        let line = match &next {
            Ok(found) => found.draft.place().line,
            Err(FileError::Csv(error)) => error.place().line,
            Err(FileError::Json(error)) => error.line(),
        };
        let what = match next {
            Ok(found) => Ok(Box::new(ReadInvoice { checked: check(&found.draft, clock.now()), found })),
            Err(error) => Err(error.to_string()),
        };
        if sender.blocking_send(Taken { number, line, what }).is_err() {
            // Nobody takes any more: the rest is for another run.
            return Ok(());
        }
    }
}
