//! The operator's commands on the real stack: connecting, watching, mending.

mod alarms;
mod backfill;
mod connect;
mod doctor;
mod forget;
mod import;
mod permissions;
mod privacy;
mod redrive;
mod replay;
mod rotate;
mod status;
mod watch;

use countinghouse_it::runner::Case;

/// The cases of the operator's commands, the longest first.
pub(crate) fn cases() -> Vec<Case> {
    [
        connect::cases(),
        backfill::cases(),
        status::cases(),
        doctor::all(),
        replay::cases(),
        redrive::cases(),
        forget::cases(),
        privacy::cases(),
        rotate::cases(),
        import::cases(),
        permissions::cases(),
        alarms::cases(),
        watch::cases(),
    ]
    .concat()
}
