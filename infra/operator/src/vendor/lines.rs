//! One JSON object for each invoice, in lines.

use std::io::{self, Write};

use countinghouse_vendor_invoices::{Api, Checked, Region, Violation, Warning};
use serde::Serialize;

use super::judge::Judged;

/// The names are a promise to scripts.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: Option<&'a str>,
    api: Api,
    region: Region,
    accepted: bool,
    reading: Option<String>,
    violations: &'a [Violation],
    warnings: &'a [Warning],
}

/// Writes them.
pub(super) struct Lines<W: Write>(W);

impl<W: Write> Lines<W> {
    pub(super) const fn new(output: W) -> Self {
        Self(output)
    }

    pub(super) fn write(&mut self, judged: &Judged) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &line(&judged.checked))?;
        self.0.write_all(b"\n")
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn line(checked: &Checked) -> Line<'_> {
    Line {
        id: checked.id.as_deref(),
        api: checked.api,
        region: checked.region,
        accepted: checked.accepted(),
        reading: checked.reading.as_ref().map(ToString::to_string),
        violations: &checked.violations,
        warnings: &checked.warnings,
    }
}
