//! Purchases on Amazon Business: everything once, every sum right, whatever goes wrong on the way.

mod desk;
mod many;
mod story;

use countinghouse_it::runner::Case;

/// The cases of this flow.
pub(crate) fn cases() -> Vec<Case> {
    [many::cases(), story::cases()].concat()
}

pub(crate) use desk::Desk;
