//! `SC_VAT_TAX_REPORT`.

use std::io::Read;

use crate::error::FormatError;
use crate::lines::LineReader;
use crate::source::Source;

/// Reads the rows of an `SC_VAT_TAX_REPORT`.
#[derive(Debug)]
pub struct VatReader<R> {
    lines: LineReader<R>,
}

impl<R: Read> VatReader<R> {
    /// The present line of `lines` is the header.
    pub(crate) fn new(lines: LineReader<R>) -> Result<Self, FormatError> {
        Ok(Self { lines })
    }

    /// What was read, once every row was.
    pub fn finish(self) -> Result<Source, FormatError> {
        self.lines.finish(0, Vec::new())
    }
}
