//! Which windows of feed dates are due, the proof of what one held, and when invoices are asked for again.

mod plan;
mod proof;
mod schedule;

pub use plan::{Plan, windows_between};
pub use proof::{Entry, Fetched, Gap, Proof, Stored, Sum, prove};
pub use schedule::{Next, Schedule};
