//! What a scenario or a test says about a buyer's purchases.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A buyer's purchases, and how the API shows them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BusinessConfig {
    /// Transactions on a page.
    pub page_size: usize,
    /// So many transactions of a page stand on the next one again.
    pub page_overlap: usize,
    /// How long a page token lives, in milliseconds.
    pub page_token_ms: i64,
    /// How a line item without an invoice is answered.
    pub missing_invoice: MissingInvoice,
    /// Purchases that are made up when the server starts.
    pub generate: Vec<Purchases>,
    /// Single transactions.
    pub transactions: Vec<AddedTransaction>,
    /// Single invoices.
    pub invoices: Vec<AddedInvoice>,
}

impl Default for BusinessConfig {
    fn default() -> Self {
        Self {
            page_size: 100,
            page_overlap: 0,
            page_token_ms: 600_000,
            missing_invoice: MissingInvoice::Mixed,
            generate: Vec::new(),
            transactions: Vec::new(),
            invoices: Vec::new(),
        }
    }
}

/// How a line item without an invoice is answered: all three were reported of Amazon, or follow from its model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingInvoice {
    /// It is not in the answer.
    Absent,
    /// It has an empty list of invoices.
    Empty,
    /// It has one invoice in which everything is null.
    Null,
    /// One of the three for each line item, always the same one.
    #[default]
    Mixed,
}

/// A transaction, word for word.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedTransaction {
    /// As getTransactions shows it; without a `feedDate` it gets the present instant.
    pub transaction: Value,
    /// It appears so many milliseconds after the server's start or the admin call (and not before its feed date).
    #[serde(default)]
    pub appears_after_ms: i64,
}

/// An invoice of one line item, word for word.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedInvoice {
    /// The order of the line item.
    pub order_id: String,
    /// The line item.
    pub order_line_item_id: String,
    /// Its shipment.
    pub shipment_id: String,
    /// As getInvoiceDetailsByOrderLineItems shows it.
    pub detail: Value,
    /// What is shown until then, if anything.
    #[serde(default)]
    pub pending: Option<Value>,
    /// It appears so many milliseconds after the server's start or the admin call.
    #[serde(default)]
    pub appears_after_ms: i64,
}

/// Purchases to be made up: consistent in every sum, and the same for the same figures. The percentages are of
/// transactions or of orders, and come true on the whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Purchases {
    /// Another seed, other purchases.
    pub seed: u64,
    /// How many transactions, exactly.
    pub transactions: usize,
    /// The instant of the first; so many `days` ago if not given.
    pub from: Option<Timestamp>,
    /// The transactions spread over so many days.
    pub days: u32,
    /// Of these the feed date is days after the transaction's date.
    pub late_percent: u32,
    /// At most so many days.
    pub late_days: u32,
    /// These appear later than their feed date says: in a window that may have been pulled already.
    pub held_percent: u32,
    /// So many milliseconds after they are made up.
    pub held_ms: i64,
    /// Of the charges so many are followed by a refund.
    pub refund_percent: u32,
    /// Of the charges so many are followed by an additional refund.
    pub overrefund_percent: u32,
    /// Of the orders so many are paid with two or three instruments.
    pub split_percent: u32,
    /// How the amounts of refunds are written.
    pub refunds: RefundAmounts,
    /// Of the transactions so many have their invoices later.
    pub invoices_later_percent: u32,
    /// So many milliseconds after they are made up.
    pub invoices_later_ms: i64,
    /// Of the transactions so many have no invoice, ever.
    pub invoices_never_percent: u32,
    /// Of the transactions so many have a consolidated invoice, which is `Pending` until `invoices_later_ms`.
    pub consolidated_percent: u32,
    /// Of the orders so many were not shipped: invoices cannot be asked for without a shipment.
    pub without_shipment_percent: u32,
    /// Of the transactions so many have fields that no model has.
    pub new_fields_percent: u32,
    /// So many of the charges do not add up; the truth tells which, and by how much.
    pub differing: usize,
}

impl Default for Purchases {
    fn default() -> Self {
        Self {
            seed: 1,
            transactions: 100,
            from: None,
            days: 14,
            late_percent: 10,
            late_days: 3,
            held_percent: 5,
            held_ms: 3_600_000,
            refund_percent: 12,
            overrefund_percent: 2,
            split_percent: 8,
            refunds: RefundAmounts::Negative,
            invoices_later_percent: 20,
            invoices_later_ms: 3_600_000,
            invoices_never_percent: 0,
            consolidated_percent: 10,
            without_shipment_percent: 2,
            new_fields_percent: 5,
            differing: 0,
        }
    }
}

/// How the amounts of refunds are written: Amazon's model says "negative transaction amount", and no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundAmounts {
    /// Negative, those of the line items too.
    #[default]
    Negative,
    /// Positive, all of them.
    Positive,
    /// Negative, with line items that are positive.
    NegativeWithPositiveLines,
}
