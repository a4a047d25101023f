//! What lies in the table, as the rest of the program sees it.

use countinghouse_domain::ids::SellerId;
use countinghouse_purchases::{InvoiceDetail, Transaction};
use jiff::Timestamp;

use crate::Item;

/// A transaction with its lines, and what is known of the invoices of each. Without what is personal.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTransaction {
    /// Whose.
    pub account: SellerId,
    /// What Amazon states, without who bought and who paid.
    pub transaction: Transaction,
    /// The invoices of each line, in the order of the lines.
    pub questions: Vec<Question>,
    /// The hash of everything that Amazon stated.
    pub content_hash: String,
    /// When it became known here.
    pub first_seen_at: Timestamp,
    /// The header as it is stored.
    pub(super) header: Item,
}

/// What was asked about the invoices of a line, and what Amazon answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Question {
    /// How often it was asked.
    pub asked: u32,
    /// When it was asked last.
    pub asked_at: Option<Timestamp>,
    /// When it is to be asked next; none where nothing is to be asked (any more).
    pub next_at: Option<Timestamp>,
    /// Whether the deadline has passed without an invoice.
    pub is_overdue: bool,
    /// What Amazon answered last, without items, fees and addresses: these lie with the invoice.
    pub invoices: Vec<InvoiceDetail>,
}

/// A line in the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineKey {
    /// The transaction.
    pub transaction_id: String,
    /// Its line, from 1.
    pub number: usize,
}

/// What came of booking transactions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Booked {
    /// The id and the hash of each transaction, as often as it came.
    pub contents: Vec<(String, String)>,
    /// Transactions that were not known.
    pub new: u64,
    /// Transactions of which Amazon had something new.
    pub updated: u64,
    /// Transactions that were known as they are, and older words on known ones.
    pub unchanged: u64,
}
