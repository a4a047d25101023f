//! Gross, VAT and net, and the three things that a line charges for.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::{self, MoneyError};

const CENTS: Decimal = Decimal::from_parts(0, 0, 0, false, 2);

/// Three figures that belong together, as Amazon states them; gross need not be net + VAT, and is flagged then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Amounts {
    /// With VAT.
    pub gross: Decimal,
    /// The VAT.
    pub vat: Decimal,
    /// Without VAT.
    pub net: Decimal,
}

impl Amounts {
    /// Zero as the report writes it, `0.00`.
    pub const ZERO: Self = Self { gross: CENTS, vat: CENTS, net: CENTS };

    /// The sum, figure by figure.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            gross: money::add(self.gross, other.gross)?,
            vat: money::add(self.vat, other.vat)?,
            net: money::add(self.net, other.net)?,
        })
    }

    /// Whether all three are zero.
    pub const fn is_zero(&self) -> bool {
        self.gross.is_zero() && self.vat.is_zero() && self.net.is_zero()
    }

    /// The three figures in the order of the report: gross, VAT, net.
    pub const fn figures(&self) -> [Decimal; 3] {
        [self.gross, self.vat, self.net]
    }
}

/// What a line charges for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// The goods; `OUR_PRICE` in the report.
    Item,
    /// The shipping; `SHIPPING`.
    Shipping,
    /// The gift wrap; `GIFTWRAP`.
    GiftWrap,
}

impl Component {
    /// All three, in the order of the report.
    pub const ALL: [Self; 3] = [Self::Item, Self::Shipping, Self::GiftWrap];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        match self {
            Self::Item => 0,
            Self::Shipping => 1,
            Self::GiftWrap => 2,
        }
    }

    /// `item`, `shipping` or `gift_wrap`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Shipping => "shipping",
            Self::GiftWrap => "gift_wrap",
        }
    }
}

/// The amounts of one component of a line: totals of the line, not of one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct ComponentAmounts {
    /// The price before promotions.
    pub price: Amounts,
    /// The promotions: negative on an invoice, and always added.
    pub promotion: Amounts,
}

impl ComponentAmounts {
    /// The price with its promotions.
    pub fn total(&self) -> Result<Amounts, MoneyError> {
        self.price.plus(self.promotion)
    }

    /// Whether nothing was charged and nothing given.
    pub const fn is_zero(&self) -> bool {
        self.price.is_zero() && self.promotion.is_zero()
    }
}
