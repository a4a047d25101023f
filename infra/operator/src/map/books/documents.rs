//! The documents of a VAT report that were booked.

use std::collections::BTreeMap;

use countinghouse_domain::document::{Amounts, Document, DocumentKind, Flag};
use countinghouse_domain::money::{Currency, MoneyError};
use countinghouse_formats::Source;

use super::strange;

/// More documents than a person reads about; the rest is only counted.
const SHOWN_DOCUMENTS: usize = 20;

/// The documents of one report.
#[derive(Debug)]
pub(in crate::map) struct BookedDocuments {
    /// The file.
    pub(in crate::map) report: String,
    pub(in crate::map) source: Source,
    pub(in crate::map) totals: BTreeMap<(DocumentKind, Currency), DocumentTotal>,
    lines: u64,
    flagged: u64,
    shown: Vec<String>,
    notes: BTreeMap<&'static str, u64>,
}

/// What the documents of one kind and currency come to.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::map) struct DocumentTotal {
    pub(in crate::map) documents: u64,
    pub(in crate::map) lines: u64,
    pub(in crate::map) flagged: u64,
    pub(in crate::map) amounts: Amounts,
}

impl BookedDocuments {
    pub(in crate::map) fn new(report: String, source: Source) -> Self {
        Self {
            report,
            source,
            totals: BTreeMap::new(),
            lines: 0,
            flagged: 0,
            shown: Vec::new(),
            notes: BTreeMap::new(),
        }
    }

    /// Counts a document.
    pub(in crate::map) fn add(&mut self, document: &Document) -> Result<(), MoneyError> {
        let lines = u64::try_from(document.lines.len()).unwrap_or(u64::MAX);
        let total = self.totals.entry((document.kind(), document.currency)).or_default();
        total.amounts = total.amounts.plus(document.total)?;
        total.documents = total.documents.saturating_add(1);
        total.lines = total.lines.saturating_add(lines);
        self.lines = self.lines.saturating_add(lines);
        if document.needs_attention() {
            total.flagged = total.flagged.saturating_add(1);
            self.flagged = self.flagged.saturating_add(1);
            if self.shown.len() < SHOWN_DOCUMENTS {
                let flags = document.flags.iter().filter(|flag| flag.needs_attention());
                let texts: Vec<_> = flags.map(ToString::to_string).collect();
                self.shown.push(format!("{}: {}: {}", self.report, document.key, texts.join("; ")));
            }
        }
        for flag in document.flags.iter().filter(|flag| !flag.needs_attention()) {
            let count = self.notes.entry(Flag::name(flag)).or_default();
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// What somebody must look at.
    pub(super) fn attention(&self) -> Vec<String> {
        let mut lines = self.shown.clone();
        let shown = u64::try_from(self.shown.len()).unwrap_or(u64::MAX);
        if self.flagged > shown {
            lines.push(format!("{}: {} more documents are flagged", self.report, self.flagged.saturating_sub(shown)));
        }
        if self.lines != self.source.rows {
            let (read, booked) = (self.source.rows, self.lines);
            lines.push(format!(
                "{}: unproven, {read} rows were read, but the documents have {booked} lines",
                self.report
            ));
        }
        lines
    }

    /// What is worth knowing.
    pub(super) fn notes(&self) -> Vec<String> {
        let counted = self
            .notes
            .iter()
            .map(|(name, count)| format!("{}: {count} documents: {}", self.report, name.replace('_', " ")));
        strange(&self.report, &self.source).into_iter().chain(counted).collect()
    }
}
