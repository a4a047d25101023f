//! The operator's commands on the real stack: connecting, watching, mending.

use countinghouse_it::runner::Case;

/// The cases of the operator's commands, the longest first.
pub(crate) fn cases() -> Vec<Case> {
    let cases: [Vec<Case>; 0] = [];
    cases.concat()
}
