//! One amount of one row.

use jiff::Timestamp;
use rust_decimal::Decimal;

/// One amount of one settlement row, borrowed from the reader's buffer: it becomes exactly one payment.
///
/// Texts are trimmed; an empty text means that the report has none. The three texts that name the amount
/// (`transaction_type`, `amount_type`, `amount_description`) are in the words of the V2 layout: the official
/// mapping turns the column names of V1 and the elements of XML into amount types (FORMATS.md A.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettlementAmount<'a> {
    /// The line of the file, the first is 1; in XML, where line breaks mean nothing, the number of the amount.
    pub line: u64,
    /// Which amount of that line: 1, and in V1 also 2 and more.
    pub part: u8,
    /// `Order`, `Refund`, `ServiceFee` …; in V1 it may be the name of the fee itself, as the file has it.
    pub transaction_type: &'a str,
    /// `ItemPrice`, `ItemFees`, `Promotion` …
    pub amount_type: &'a str,
    /// `Principal`, `Commission` …
    pub amount_description: &'a str,
    /// The amount from the seller's point of view, in the settlement's currency: positive is money in.
    pub amount: Decimal,
    /// The order; for some fees a shipment into Amazon's warehouse, for multi-channel orders Amazon's own number.
    pub order_id: &'a str,
    /// The seller's own number of the order.
    pub merchant_order_id: &'a str,
    /// The refund or adjustment.
    pub adjustment_id: &'a str,
    /// The shipment.
    pub shipment_id: &'a str,
    /// `Amazon.de`, `Amazon.com` …; may be empty.
    pub marketplace_name: &'a str,
    /// `AFN` (Amazon ships) or `MFN` (the merchant ships).
    pub fulfillment_id: &'a str,
    /// When the amount was posted, UTC; a date alone is its midnight.
    pub posted_at: Option<Timestamp>,
    /// The order's item.
    pub order_item_code: &'a str,
    /// The seller's own number of the item.
    pub merchant_order_item_id: &'a str,
    /// The seller's own number of the adjusted item.
    pub merchant_adjustment_item_id: &'a str,
    /// The seller's article number.
    pub sku: &'a str,
    /// How many pieces; repeated on every amount of an item, so never summed.
    pub quantity: Option<i64>,
    /// The promotion, free text.
    pub promotion_id: &'a str,
}

impl SettlementAmount<'_> {
    /// An amount with nothing but its place and value; tests and readers fill in the rest.
    pub const fn empty(line: u64, amount: Decimal) -> Self {
        Self {
            line,
            part: 1,
            transaction_type: "",
            amount_type: "",
            amount_description: "",
            amount,
            order_id: "",
            merchant_order_id: "",
            adjustment_id: "",
            shipment_id: "",
            marketplace_name: "",
            fulfillment_id: "",
            posted_at: None,
            order_item_code: "",
            merchant_order_item_id: "",
            merchant_adjustment_item_id: "",
            sku: "",
            quantity: None,
            promotion_id: "",
        }
    }
}
