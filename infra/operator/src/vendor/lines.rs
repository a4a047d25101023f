//! One JSON object for each invoice, in lines.

use std::io::{self, Write};

use countinghouse_vendor_invoices::CheckLine;

use super::judge::Judged;

/// Writes them.
pub(super) struct Lines<W: Write>(W);

impl<W: Write> Lines<W> {
    pub(super) const fn new(output: W) -> Self {
        Self(output)
    }

    pub(super) fn write(&mut self, judged: &Judged) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &CheckLine::from(&judged.checked))?;
        self.0.write_all(b"\n")
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
