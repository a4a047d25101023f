//! What Amazon says in the Reconciliation API, version 2021-01-08: every field of its reference by its exact name.
//!
//! Two fields of transactions (`chargeIdentifier`, `invoiceNumber`) stand in Amazon's newer model only.

mod answer;
mod entry;
mod invoice;
mod question;
#[cfg(test)]
mod tests;
mod transaction;

pub(crate) use entry::to_json;

pub use answer::{InvoiceAnswers, LineInvoices, Piece, TransactionsPage};
pub use invoice::{
    ConsolidatedInvoice, FeeType, InvoiceDetail, InvoiceFee, InvoiceFeeShare, InvoiceIssuer, InvoiceItem, InvoiceType,
    ItemFee, ItemFeeShare, ItemShare, PostalAddress, SellerInformation, TaxTotals,
};
pub use question::{MOST_ORDER_LINE_ITEMS, OrderLineItem, questions};
pub use transaction::{AssociatedTransaction, Customer, LineItem, People, Transaction, TransactionType};
