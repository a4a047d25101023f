//! Lines and what they charge for.

use countinghouse_domain::document::Amounts;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::VatCategory;

/// One row of the report: an article, with what was charged and given for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The line of the report.
    pub source_line: u64,
    /// Amazon's number of the item in the order.
    pub order_item_id: String,
    /// The seller's number of the article.
    pub sku: String,
    /// Amazon's number of the article.
    pub asin: String,
    /// The article's name, as long as the report has it.
    pub title: String,
    /// How many pieces; positive also on credit notes. The amounts are for all of them.
    pub quantity: i64,
    /// `Business Price` or `Standard Price`, as the report has it.
    pub price_designation: String,
    /// What was charged and given: item, gift wrap, shipping, then the promotions. What is zero is left out, except
    /// the item itself.
    pub charges: Vec<Charge>,
}

impl Line {
    /// The charge for the goods.
    pub fn item(&self) -> Option<&Charge> {
        self.charges.iter().find(|charge| charge.kind == ChargeKind::Item)
    }
}

/// One amount that is charged or given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// What for.
    pub kind: ChargeKind,
    /// Gross, VAT and net as Amazon states them, with the sign of the document: promotions are negative.
    pub amounts: Amounts,
    /// The rate as a fraction, `0.19`.
    pub rate: Decimal,
    /// The category of EN 16931.
    pub category: VatCategory,
    /// Amazon's number of the promotion; empty for other charges.
    pub promotion_id: String,
}

/// What a charge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// The goods.
    Item,
    /// The gift wrap.
    GiftWrap,
    /// The shipping.
    Shipping,
    /// A promotion on the goods.
    ItemPromotion,
    /// A promotion on the gift wrap.
    GiftWrapPromotion,
    /// A promotion on the shipping.
    ShippingPromotion,
}

impl ChargeKind {
    /// All of them, in the order in which a line shows them.
    pub const ALL: [Self; 6] = [
        Self::Item,
        Self::GiftWrap,
        Self::Shipping,
        Self::ItemPromotion,
        Self::GiftWrapPromotion,
        Self::ShippingPromotion,
    ];

    /// `item`, `gift_wrap`, `shipping`, `item_promotion` …
    pub const fn name(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::GiftWrap => "gift_wrap",
            Self::Shipping => "shipping",
            Self::ItemPromotion => "item_promotion",
            Self::GiftWrapPromotion => "gift_wrap_promotion",
            Self::ShippingPromotion => "shipping_promotion",
        }
    }

    /// Whether it is given, not charged.
    pub const fn is_promotion(self) -> bool {
        matches!(self, Self::ItemPromotion | Self::GiftWrapPromotion | Self::ShippingPromotion)
    }
}
