//! Invoices whose id comes twice.

use std::io;
use std::sync::Arc;

use crate::api::Api;
use crate::check::Checked;
use crate::draft::Draft;
use crate::note::{Violation, Warning};
use crate::rule::{Notice, Rule};
use crate::seen::Seen;

/// Finds ids that come twice in some files, in bounded memory: of an invoice only hashes and its place are kept.
#[derive(Debug, Default)]
pub struct Duplicates {
    seen: Seen,
    files: Vec<Arc<str>>,
}

impl Duplicates {
    /// Notes an invoice. One whose id was there before gets a warning if it is the same invoice, otherwise it is
    /// rejected: Amazon takes an id once. Errors are those of [`Seen`]'s temporary file.
    pub fn note(&mut self, draft: &Draft, checked: &mut Checked) -> io::Result<()> {
        let Some(id) = checked.id.clone() else { return Ok(()) };
        let file = self.number(&draft.place().file);
        let content = content(draft, checked);
        let Some(earlier) = self.seen.note(&id, content.as_bytes(), file, draft.place().line)? else { return Ok(()) };
        let name = usize::try_from(earlier.file).ok().and_then(|file| self.files.get(file));
        let place = format!("{}, line {}", name.map_or("", |name| name), earlier.position);
        let pointer = match draft.api() {
            Api::Retail => "/id",
            Api::DirectFulfillment => "/invoiceNumber",
        };
        if earlier.same_content {
            let text = format!("the same invoice is in {place}; it is submitted once");
            checked.warnings.push(Warning::new(pointer, Notice::InvoiceRepeated, text));
        } else {
            let found = format!("\"{id}\", which an invoice with other content has in {place}");
            let expected = "an id that no other invoice has";
            checked.violations.push(Violation::new(pointer, Rule::InvoiceIdReused, expected, found));
            checked.invoice = None;
        }
        Ok(())
    }

    fn number(&mut self, file: &Arc<str>) -> u32 {
        if self.files.last() != Some(file) {
            self.files.push(Arc::clone(file));
        }
        u32::try_from(self.files.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }
}

/// What the invoice says; of one that is rejected, what was received.
fn content(draft: &Draft, checked: &Checked) -> String {
    let hash = checked.invoice.as_ref().map(|invoice| invoice.content_hash().to_owned());
    hash.unwrap_or_else(|| format!("{:?}", draft.node()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Place;

    fn judged(duplicates: &mut Duplicates, file: &str, json: &str) -> Checked {
        let draft = Draft::from_json(json, Place::first_of(file)).unwrap();
        let mut checked = crate::check(&draft, "2026-11-22T00:00:00Z".parse().unwrap());
        checked.violations.clear();
        duplicates.note(&draft, &mut checked).unwrap();
        checked
    }

    #[test]
    fn the_same_invoice_again_is_a_warning_and_another_one_a_violation() {
        let mut duplicates = Duplicates::default();
        let first = judged(&mut duplicates, "a.json", r#"{"id": "1", "date": "x"}"#);
        assert!(first.violations.is_empty());
        let same = judged(&mut duplicates, "b.json", r#"{"id": "1", "date": "x"}"#);
        let repeated = same.warnings.iter().find(|each| each.rule == Notice::InvoiceRepeated).unwrap();
        assert!(same.violations.is_empty() && repeated.text.contains("a.json, line 1"), "{repeated}");
        let other = judged(&mut duplicates, "c.json", r#"{"id": "1", "date": "y"}"#);
        assert_eq!(other.violations[0].rule, Rule::InvoiceIdReused);
        assert!(other.violations[0].found.contains("a.json, line 1"), "{}", other.violations[0]);
    }
}
