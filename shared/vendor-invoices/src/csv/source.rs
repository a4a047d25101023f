//! The bytes of a CSV file: no byte order mark, no other character set, no line without an end.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use super::error::{CsvError, CsvProblem};

/// The longest line that is read, in bytes; far beyond one with every column filled.
pub(super) const MAX_LINE_BYTES: usize = 1 << 18;

/// A source that stops when one line goes on for too long, so that a missing quotation mark fills no memory.
#[derive(Debug)]
pub(super) struct Source<R> {
    /// What was read to see the first line, and the rest.
    inner: io::Chain<Cursor<Vec<u8>>, R>,
    left: usize,
    ends_a_line: bool,
}

impl<R: Read> Source<R> {
    /// Takes the byte order mark off, and gives the first line for a look.
    pub(super) fn open(file: &Arc<str>, mut source: R) -> Result<(Self, Vec<u8>), CsvError> {
        let mut start = Vec::new();
        let fault = |error| CsvError::fatal(file, 1, CsvProblem::Read(error));
        while !start.contains(&b'\n') && start.len() <= MAX_LINE_BYTES {
            let piece: u64 = 1 << 12;
            if source.by_ref().take(piece).read_to_end(&mut start).map_err(fault)? == 0 {
                break;
            }
        }
        if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
            return Err(CsvError::fatal(file, 1, CsvProblem::NotUtf8));
        }
        let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start).to_vec();
        let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec();
        Ok((Self { inner: Cursor::new(text).chain(source), left: MAX_LINE_BYTES, ends_a_line: true }, first_line))
    }

    /// Lets the next line be read.
    pub(super) const fn allow_one_line(&mut self) {
        self.left = 2 * MAX_LINE_BYTES;
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other(LineTooLong));
        }
        let mut read = self.inner.read(buffer)?;
        if let Some(last) = buffer.get(..read).and_then(<[u8]>::last) {
            self.ends_a_line = *last == b'\n';
        } else if let (false, Some(first)) = (self.ends_a_line, buffer.first_mut()) {
            // The last line gets the line end that it lacks, so that lines are counted alike everywhere.
            (*first, read, self.ends_a_line) = (b'\n', 1, true);
        }
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a line does not end")]
struct LineTooLong;

fn is_too_long(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.is::<LineTooLong>()
}

/// What the CSV library says, as a fault of the file.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library's kinds are not exhaustive")]
pub(super) fn fault(file: &Arc<str>, line: u64, error: ::csv::Error) -> CsvError {
    let problem = match error.into_kind() {
        ::csv::ErrorKind::Io(error) if error.get_ref().is_some_and(is_too_long) => CsvProblem::TooLong(MAX_LINE_BYTES),
        ::csv::ErrorKind::Io(error) => CsvProblem::Read(error),
        // The rows are read as bytes and may be of any length, so the library has no other fault.
        _ => CsvProblem::Read(io::Error::other("the line cannot be read")),
    };
    CsvError::fatal(file, line, problem)
}
