//! Invoices and credit notes, assembled from the rows of a VAT report.
//!
//! One row of the report becomes exactly one [`DocumentLine`]; the lines of one number become one
//! [`Document`]. `SHIPMENT` makes invoices, `RETURN` and `REFUND` make credit notes. Amounts keep Amazon's
//! signs, so a credit note is negative, and promotions are *added*: on an invoice they are negative already.
//!
//! Amazon's figures are evidence and are never changed. What does not fit is booked as it is and carries a
//! [`Flag`].

mod amounts;
mod column;
mod flag;
mod key;
mod kind;
mod model;
mod personal;
mod row;

pub use amounts::{Amounts, Component, ComponentAmounts};
pub use column::Text;
pub use flag::Flag;
pub use key::{DocumentKey, Identity};
pub use kind::{Collector, DocumentKind, Scheme};
pub use model::{Buyer, Conversion, Document, DocumentLine, EInvoice, Place, RateTotal, Seller};
pub use personal::Personal;
pub use row::VatRow;
