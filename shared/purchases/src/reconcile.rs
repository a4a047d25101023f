//! Whether what Amazon says about purchases agrees with itself: lines with transactions, the parts of a split payment
//! with the purchase, refunds with their charges, invoices with the lines that they cover.
//!
//! The README says which of these rules Amazon's reference states and which are our judgement.

mod booked;
mod documents;
mod evidence;
mod inside;
mod invoice;
mod invoiced;
mod purchase;
mod refund;
mod verdict;
mod within;

pub(crate) use refund::gives_back;

pub use booked::{Booked, BookedLine};
pub use evidence::{Evidence, Outcome};
pub use invoice::{InvoiceState, invoice_state};
pub use verdict::{Difference, DifferenceKind, Missing, Verdict};
