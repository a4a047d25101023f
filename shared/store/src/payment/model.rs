//! A payment and its keys.

use std::borrow::Cow;
use std::fmt::Write;

use countinghouse_domain::ids::{ReportId, SellerId, SettlementId};
use countinghouse_domain::money::Currency;
use countinghouse_domain::payment::{Direction, PaymentType};
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::Item;

/// Up to this line a settlement is one partition.
const LINES_OF_ONE_PART: u64 = 1_000;

/// Into how many partitions the lines after that are spread.
pub const PARTS: u64 = 16;

/// The part of a settlement that holds a line: `00` up to line 1,000, afterwards the line modulo 16. It depends
/// on the line alone, so it is known before the file's length is.
pub const fn part_of(line: u64) -> u64 {
    if line <= LINES_OF_ONE_PART { 0 } else { line % PARTS }
}

/// The partition key of a part: `settlement 23874397121 part 07`.
pub fn partition_key(id: &SettlementId, part: u64) -> String {
    format!("settlement {id} part {part:02}")
}

/// The sort key of an amount: `line 00000042`, and `line 00000042.2` for the second amount of a line.
pub fn line_key(line: u64, part: u8) -> String {
    let mut key = String::with_capacity(16);
    // Writing to a text cannot fail.
    let _written = if part <= 1 { write!(key, "line {line:08}") } else { write!(key, "line {line:08}.{part}") };
    key
}

/// What all payments of a file have in common.
#[derive(Debug, Clone)]
pub struct PaymentContext {
    pub(super) seller: String,
    pub(super) report_id: String,
    pub(super) currency: String,
    /// The partition keys, made once.
    pub(super) partitions: Vec<String>,
}

impl PaymentContext {
    /// The seller, the settlement with its currency, and the report that delivered it.
    pub fn new(seller: &SellerId, settlement: &SettlementId, currency: Currency, report_id: &ReportId) -> Self {
        Self {
            seller: seller.to_string(),
            report_id: report_id.to_string(),
            currency: currency.code().to_owned(),
            partitions: (0..PARTS).map(|part| partition_key(settlement, part)).collect(),
        }
    }
}

/// A payment ready to be written, with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentItem {
    /// The line of the file.
    pub line: u64,
    /// The item.
    pub item: Item,
}

/// A payment as it is stored. Empty texts mean that the report has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The settlement.
    pub settlement_id: SettlementId,
    /// The line of its file; 0 for the derived payment.
    pub line: u64,
    /// Which amount of that line.
    pub part: u8,
    /// Whether it closes the account and stands in no file.
    pub derived: bool,
    /// Whose.
    pub seller: SellerId,
    /// The report that delivered it.
    pub report_id: ReportId,
    /// What it is to an accountant.
    pub payment_type: PaymentType,
    /// A finer name.
    pub category: String,
    /// `IN` or `OUT`.
    pub direction: Direction,
    /// The amount, from the seller's point of view.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
    /// Amazon's first text.
    pub transaction_type: String,
    /// Amazon's second text.
    pub amount_type: String,
    /// Amazon's third text.
    pub amount_description: String,
    /// When it was posted.
    pub posted_at: Option<Timestamp>,
    /// The order.
    pub order_id: String,
    /// The seller's own number of the order.
    pub merchant_order_id: String,
    /// The refund or adjustment.
    pub adjustment_id: String,
    /// The shipment.
    pub shipment_id: String,
    /// The marketplace, in Amazon's word.
    pub marketplace: String,
    /// `AFN` or `MFN`.
    pub fulfillment: String,
    /// The order's item.
    pub order_item_code: String,
    /// The seller's own number of the item.
    pub merchant_order_item_id: String,
    /// The seller's own number of the adjusted item.
    pub merchant_adjustment_item_id: String,
    /// The seller's article number.
    pub sku: String,
    /// How many pieces.
    pub quantity: Option<i64>,
    /// The promotion.
    pub promotion_id: String,
}

impl Payment {
    /// Everything that it says besides its place, type, category and amount, by the names of the table.
    pub fn details(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let text = |name, text: &'_ str| (name, Cow::Owned(text.to_owned()));
        let posted_at = self.posted_at.map(|at| at.to_string()).unwrap_or_default();
        let quantity = self.quantity.map(|pieces| pieces.to_string()).unwrap_or_default();
        vec![
            text("currency", self.currency.code()),
            text("transaction_type", &self.transaction_type),
            text("amount_type", &self.amount_type),
            text("amount_description", &self.amount_description),
            text("posted_at", &posted_at),
            text("order_id", &self.order_id),
            text("merchant_order_id", &self.merchant_order_id),
            text("adjustment_id", &self.adjustment_id),
            text("shipment_id", &self.shipment_id),
            text("marketplace", &self.marketplace),
            text("fulfillment", &self.fulfillment),
            text("order_item_code", &self.order_item_code),
            text("merchant_order_item_id", &self.merchant_order_item_id),
            text("merchant_adjustment_item_id", &self.merchant_adjustment_item_id),
            text("sku", &self.sku),
            text("quantity", &quantity),
            text("promotion_id", &self.promotion_id),
            text("seller", self.seller.as_str()),
            text("report_id", self.report_id.as_str()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_settlement_is_one_partition_and_a_large_one_sixteen() {
        assert!((1..=1_000).all(|line| part_of(line) == 0));
        let mut lines_in = [0_u64; 16];
        for line in 1_001..=161_000 {
            lines_in[usize::try_from(part_of(line)).unwrap()] += 1;
        }
        assert_eq!(lines_in, [10_000; 16]);
    }

    #[test]
    fn keys_read_like_sentences_and_sort_like_lines() {
        let id = "23874397121".parse().unwrap();
        assert_eq!(partition_key(&id, 7), "settlement 23874397121 part 07");
        let keys = [line_key(9, 1), line_key(42, 1), line_key(42, 2), line_key(43, 1), line_key(12_345_678, 1)];
        assert_eq!(keys[2], "line 00000042.2");
        assert!(keys.is_sorted());
    }
}
