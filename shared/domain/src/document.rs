//! Invoices and credit notes, assembled from the rows of a VAT report.
//!
//! One row of the report becomes exactly one [`DocumentLine`]; the lines of one number become one
//! [`Document`]. `SHIPMENT` makes invoices, `RETURN` and `REFUND` make credit notes. Amounts keep Amazon's
//! signs, so a credit note is negative, and promotions are *added*: on an invoice they are negative already.
//!
//! Amazon's figures are evidence and are never changed. What does not fit is booked as it is and carries a
//! [`Flag`].

mod amounts;
mod assembler;
mod build;
mod check;
mod column;
mod facts;
mod fingerprint;
mod flag;
mod key;
mod kind;
mod merge;
mod model;
mod personal;
mod rebook;
mod refresh;
mod row;

pub use amounts::{Amounts, Component, ComponentAmounts};
pub use assembler::Assembler;
pub use build::{Builder, DocumentError};
pub use column::Text;
pub use flag::Flag;
pub use key::{DocumentKey, Identity};
pub use kind::{Collector, DocumentKind, Scheme};
pub use merge::{Difference, Merge, merge};
pub use model::{Buyer, Conversion, Document, DocumentLine, EInvoice, Place, RateTotal, Seller};
pub use personal::Personal;
pub use rebook::{Standing, rebook};
pub use row::VatRow;

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test that overflows fails, as it should")]
mod tests;
