//! Own invoices on the real stack: from Amazon's report of what must be invoiced on.

pub(crate) mod deaths;
pub(crate) mod desk;
mod due;
mod operator;
mod story;

use countinghouse_it::runner::Case;

/// The cases of this flow, the longest first.
pub(crate) fn cases() -> Vec<Case> {
    [deaths::cases(), story::cases(), operator::cases(), due::cases()].concat()
}
