//! Ids that come twice in one call.

use std::io;
use std::sync::Arc;

use countinghouse_vendor_invoices::seen::Seen;
use countinghouse_vendor_invoices::{Api, Checked, Draft, Notice, Rule, Violation, Warning};

/// Finds them in bounded memory: of an invoice only hashes and its place are kept.
#[derive(Debug, Default)]
pub(super) struct Dedupe {
    seen: Seen,
    files: Vec<Arc<str>>,
}

impl Dedupe {
    /// Notes an invoice. One whose id was there before gets a warning if it is the same invoice, otherwise it is
    /// rejected: Amazon takes an id once.
    pub(super) fn note(&mut self, draft: &Draft, checked: &mut Checked) -> io::Result<()> {
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
