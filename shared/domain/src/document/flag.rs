//! What an accountant should know about a document.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Component;

/// Something about a document that is not as the rules expect, or worth knowing. The document is booked as
/// Amazon reports it; the flag is ours. No flag carries anything personal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "flag", rename_all = "snake_case")]
pub enum Flag {
    /// A gross amount is not net + VAT.
    GrossMismatch {
        /// The line of the report.
        line: u64,
        /// Which component of the line.
        component: Component,
        /// Whether it is the component's promotion.
        promotion: bool,
        /// Gross − (net + VAT).
        difference: Decimal,
    },
    /// A VAT amount is not rate × net, within a cent for each piece.
    VatMismatch {
        /// The line of the report.
        line: u64,
        /// Which component of the line.
        component: Component,
        /// Whether it is the component's promotion.
        promotion: bool,
        /// VAT − rate × net.
        difference: Decimal,
    },
    /// A line has VAT but no rate.
    RateMissing {
        /// The line of the report.
        line: u64,
    },
    /// The document has no number.
    NumberMissing {
        /// Amazon says that it issued the document: the number should be there.
        expected: bool,
    },
    /// No line has a date of shipment or tax calculation.
    DateMissing,
    /// Amazon collects the VAT: it is not the seller's.
    MarketplaceCollected,
    /// The document corrects another.
    Correction {
        /// The number of the corrected document is known.
        original_known: bool,
    },
    /// A price has the sign of the other kind of document.
    AmountSign {
        /// The line of the report.
        line: u64,
        /// Which component of the line.
        component: Component,
    },
    /// A promotion raises what is to be paid (or lowers what is given back).
    PromotionSign {
        /// The line of the report.
        line: u64,
        /// Which component of the line.
        component: Component,
    },
    /// A return of goods without any amount.
    ZeroReturn {
        /// The line of the report.
        line: u64,
    },
    /// A line of an invoice without any amount.
    ZeroLine {
        /// The line of the report.
        line: u64,
    },
    /// A column has a word that the rules do not know. The document was judged as well as possible.
    UnknownText {
        /// The line of the report.
        line: u64,
        /// The column.
        column: String,
        /// The word.
        value: String,
    },
    /// Amazon calculated no VAT for a sale inside the European Union that its own rules do not explain.
    VatNotCalculated {
        /// The line of the report.
        line: u64,
    },
    /// Zero rate on a sale across a border that is neither export, nor to a registered business, nor
    /// collected by Amazon.
    ZeroRateUnexplained {
        /// The line of the report.
        line: u64,
    },
    /// The lines have several rates.
    MixedRates,
    /// One number stands for several orders.
    SeveralOrders,
    /// One number stands for an invoice and for a credit note.
    NumberOfBothKinds,
    /// The rows of the document disagree about something that belongs to the whole document; the first row's
    /// word was taken.
    FactsDiffer {
        /// What they disagree about.
        fact: String,
        /// Whether it touches the tax; a city does not.
        touches_tax: bool,
    },
    /// A text lost letters before it was read: it has U+FFFD, or a question mark inside a word.
    DamagedText {
        /// The line of the report.
        line: u64,
        /// The column.
        column: String,
        /// U+FFFD proves it; a question mark is only a sign of it.
        certain: bool,
    },
    /// A later report states other figures than an earlier one.
    Revised {
        /// How many figures or facts differ.
        differences: u64,
    },
}

impl Flag {
    /// The name in tables and files; it does not change.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::GrossMismatch { .. } => "gross_mismatch",
            Self::VatMismatch { .. } => "vat_mismatch",
            Self::RateMissing { .. } => "rate_missing",
            Self::NumberMissing { .. } => "number_missing",
            Self::DateMissing => "date_missing",
            Self::MarketplaceCollected => "marketplace_collected",
            Self::Correction { .. } => "correction",
            Self::AmountSign { .. } => "amount_sign",
            Self::PromotionSign { .. } => "promotion_sign",
            Self::ZeroReturn { .. } => "zero_return",
            Self::ZeroLine { .. } => "zero_line",
            Self::UnknownText { .. } => "unknown_text",
            Self::VatNotCalculated { .. } => "vat_not_calculated",
            Self::ZeroRateUnexplained { .. } => "zero_rate_unexplained",
            Self::MixedRates => "mixed_rates",
            Self::SeveralOrders => "several_orders",
            Self::NumberOfBothKinds => "number_of_both_kinds",
            Self::FactsDiffer { .. } => "facts_differ",
            Self::DamagedText { .. } => "damaged_text",
            Self::Revised { .. } => "revised",
        }
    }

    /// Whether the flag says something that cannot be seen from the document alone, and is kept when the
    /// others are derived again.
    pub(super) const fn is_remembered(&self) -> bool {
        matches!(self, Self::NumberOfBothKinds | Self::FactsDiffer { .. } | Self::Revised { .. })
    }

    /// Whether a person should look at the document. The others are information.
    pub const fn needs_attention(&self) -> bool {
        match self {
            Self::NumberMissing { expected } => *expected,
            Self::Correction { original_known } => !*original_known,
            Self::DamagedText { certain, .. } => *certain,
            Self::FactsDiffer { touches_tax, .. } => *touches_tax,
            Self::MarketplaceCollected | Self::MixedRates | Self::ZeroReturn { .. } | Self::ZeroLine { .. } => false,
            Self::GrossMismatch { .. }
            | Self::VatMismatch { .. }
            | Self::RateMissing { .. }
            | Self::DateMissing
            | Self::AmountSign { .. }
            | Self::PromotionSign { .. }
            | Self::UnknownText { .. }
            | Self::VatNotCalculated { .. }
            | Self::ZeroRateUnexplained { .. }
            | Self::SeveralOrders
            | Self::NumberOfBothKinds
            | Self::Revised { .. } => true,
        }
    }
}

fn part(component: Component, promotion: bool) -> String {
    let name = component.name().replace('_', " ");
    if promotion { format!("promotion on the {name}") } else { name }
}

/// The flag as a sentence.
impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GrossMismatch { line, component, promotion, difference } => {
                let part = part(*component, *promotion);
                write!(f, "line {line}: gross of the {part} differs from net + VAT by {difference}")
            }
            Self::VatMismatch { line, component, promotion, difference } => {
                let part = part(*component, *promotion);
                write!(f, "line {line}: VAT of the {part} differs from rate x net by {difference}")
            }
            Self::RateMissing { line } => write!(f, "line {line}: VAT without a rate"),
            Self::NumberMissing { expected: true } => {
                f.write_str("Amazon issued the document, but its number is missing")
            }
            Self::NumberMissing { expected: false } => f.write_str("the document has no number from Amazon"),
            Self::DateMissing => f.write_str("neither a shipment date nor a tax calculation date"),
            Self::MarketplaceCollected => f.write_str("Amazon collects the VAT"),
            Self::Correction { original_known: true } => f.write_str("corrects an earlier document"),
            Self::Correction { original_known: false } => {
                f.write_str("corrects an earlier document whose number is missing")
            }
            Self::AmountSign { line, component } => {
                write!(f, "line {line}: the {} has the sign of the other kind of document", part(*component, false))
            }
            Self::PromotionSign { line, component } => {
                write!(f, "line {line}: the {} has the wrong sign", part(*component, true))
            }
            Self::ZeroReturn { line } => write!(f, "line {line}: goods came back without an amount"),
            Self::ZeroLine { line } => write!(f, "line {line}: no amount"),
            Self::UnknownText { line, column, value } => {
                write!(f, "line {line}: {column} has the unknown word {value:?}")
            }
            Self::VatNotCalculated { line } => write!(f, "line {line}: Amazon did not calculate the VAT"),
            Self::ZeroRateUnexplained { line } => {
                write!(f, "line {line}: zero rate across a border, without export or a registered buyer")
            }
            Self::MixedRates => f.write_str("several VAT rates"),
            Self::SeveralOrders => f.write_str("one number for several orders"),
            Self::NumberOfBothKinds => f.write_str("one number for an invoice and a credit note"),
            Self::FactsDiffer { fact, .. } => write!(f, "the rows disagree about the {fact}"),
            Self::DamagedText { line, column, .. } => write!(f, "line {line}: {column} lost letters"),
            Self::Revised { differences } => write!(f, "a later report changed {differences} figures or facts"),
        }
    }
}
