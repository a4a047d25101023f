//! Vendor invoices, from a file in the bucket to the end of each at Amazon.

pub(crate) mod bench;
mod deaths;
mod files;
mod life;
mod operator;
mod trouble;

use countinghouse_it::runner::Case;

/// The cases of this flow, the longest first.
pub(crate) fn cases() -> Vec<Case> {
    [deaths::cases(), life::cases(), trouble::cases(), files::cases(), operator::cases()].concat()
}
