//! Own invoices: from a document that is due to a PDF under its number.

pub(crate) mod bench;
mod killed;
mod made;
mod weight;

use countinghouse_it::runner::Case;

/// The cases of this flow, the longest first.
pub(crate) fn cases() -> Vec<Case> {
    [killed::cases(), made::cases(), weight::cases()].concat()
}
