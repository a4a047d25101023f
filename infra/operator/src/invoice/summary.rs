//! What is said at the end: what was not made and why, what is worth a look, and how much there is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countinghouse_domain::document::{Amounts, DocumentKind};
use countinghouse_domain::money::Currency;
use countinghouse_vat_invoices::decision::Decision;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::upload::two_decimals;

use super::made::Made;

/// How many documents a list names; the others are counted.
const MOST_NAMED: usize = 200;

/// Collects it.
#[derive(Debug, Default)]
pub(super) struct Summary {
    made: BTreeMap<(DocumentKind, Currency), (u64, Amounts)>,
    person: List,
    others: List,
    look: List,
    warnings: Vec<String>,
    folder: String,
    any_given: bool,
}

/// Lines that do not grow without end.
#[derive(Debug, Default)]
struct List {
    lines: Vec<String>,
    more: u64,
}

impl List {
    fn add(&mut self, line: String) {
        if self.lines.len() < MOST_NAMED { self.lines.push(line) } else { self.more = self.more.saturating_add(1) }
    }

    fn write(&self, text: &mut String, title: &str) {
        if self.lines.is_empty() {
            return;
        }
        let _infallible = writeln!(text, "\n{title}");
        for line in &self.lines {
            let _infallible = writeln!(text, "  {line}");
        }
        if self.more > 0 {
            let _infallible = writeln!(text, "  and {} more", self.more);
        }
    }
}

/// The document in a few words, none of them personal: `invoice for shipment 409302382 (order 206-…, line 2)`.
fn words(document: &DueDocument) -> String {
    let what = match document.kind {
        DocumentKind::Invoice => format!("invoice for shipment {}", document.shipping_id),
        DocumentKind::CreditNote if document.transaction_id.is_empty() => {
            format!("credit note for shipment {}", document.shipping_id)
        }
        DocumentKind::CreditNote => format!("credit note for {}", document.transaction_id),
    };
    format!("{what} (order {}, line {})", document.order_id, document.source_lines().0)
}

impl Summary {
    pub(super) fn new(folder: String, warnings: Vec<String>) -> Self {
        Self { warnings, folder, ..Self::default() }
    }

    /// Notes a document that is not made because of its decision.
    pub(super) fn left_out(&mut self, document: &DueDocument, decision: Decision) {
        if decision == Decision::Person {
            let reasons: Vec<_> = document.attention.blocking().map(ToString::to_string).collect();
            self.needs(document, &reasons.join("; "));
        } else {
            let number = &document.uploaded_number;
            let number = if number.is_empty() { String::new() } else { format!(" as {number}") };
            self.others.add(format!("{}{number}: {decision}", words(document)));
        }
    }

    /// Notes a document that a person must look at.
    pub(super) fn needs(&mut self, document: &DueDocument, reason: &str) {
        self.person.add(format!("{}: {reason}", words(document)));
    }

    /// Notes a document that was made.
    pub(super) fn made(&mut self, made: &Made) {
        let key = (made.document.kind, made.document.currency);
        let (count, sum) = self.made.entry(key).or_insert((0, Amounts::ZERO));
        *count = count.saturating_add(1);
        // A sum beyond 28 digits would show as the sum so far.
        *sum = sum.plus(made.document.total).unwrap_or(*sum);
        self.any_given |= made.is_new;
        for note in &made.notes {
            self.look.add(format!("{}: {note}", made.number));
        }
    }

    /// Whether the exit code must say it.
    pub(super) fn needs_person(&self) -> bool {
        !self.person.lines.is_empty()
    }

    /// All of it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.person.write(&mut text, "Needs a person, not made");
        self.others.write(&mut text, "Not ours to make, or made before");
        self.look.write(&mut text, "Made, and worth a look");
        let warnings = List { lines: self.warnings.clone(), more: 0 };
        warnings.write(&mut text, "About the report");
        text.push('\n');
        if self.made.is_empty() {
            text.push_str("No document was made.\n");
        }
        for ((kind, currency), (count, sum)) in &self.made {
            let words = kind.words();
            let plural = if *count == 1 { "" } else { "s" };
            let (gross, vat) = (two_decimals(sum.gross), two_decimals(sum.vat));
            let _infallible = writeln!(text, "{count} {words}{plural}, {gross} {currency} with {vat} {currency} VAT");
        }
        if !self.made.is_empty() {
            let _infallible = writeln!(text, "in {}", self.folder);
        }
        if self.any_given {
            text.push_str(
                "The numbers were given by this run alone, and nothing keeps them: the documents are drafts, unless the \
                 next run goes on with --first-number where this one ended.\n",
            );
        }
        text
    }
}
