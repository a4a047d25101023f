//! The accounting difference: what booking a document again would change, before anything is changed.
//!
//! Nothing here reads a table or a file. Payments are noted side by side, line by line ([`PaymentsDifference`]);
//! documents one by one ([`DocumentsDifference`]); and [`judge`] says whether a settlement may be booked again. What
//! is kept depends on the number of types and categories, never on the number of payments.

mod documents;
mod payments;
mod verdict;

pub use documents::{Counted, DocumentChange, DocumentsDifference, KindTotals};
pub use payments::{Class, Entry, Move, Moved, PaymentsDifference, Place, Totals};
pub use verdict::{Refusal, Standing, judge};
