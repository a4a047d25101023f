//! The operator's commands on the real stack: connecting, watching, mending.

mod alarms;
mod doctor;
mod import;
mod rotate;
mod watch;

use countinghouse_it::runner::Case;

/// The cases of the operator's commands, the longest first.
pub(crate) fn cases() -> Vec<Case> {
    [doctor::all(), import::cases(), alarms::cases(), watch::cases()].concat()
}
