//! What a person should know about a document.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ChargeKind;

/// Something about a document that is not as it should be. None carries anything personal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "attention", rename_all = "snake_case")]
pub enum Attention {
    /// Amazon calculated no tax: the seller must find the VAT.
    NoTaxCalculated,
    /// The report has a status that is not known.
    UnknownStatus {
        /// The status.
        value: String,
    },
    /// The report has a transaction type that is not known.
    UnknownTransactionType {
        /// The line of the report.
        line: u64,
        /// The type.
        value: String,
    },
    /// The status belongs to the other kind of document.
    StatusOfOtherKind,
    /// The rows of the document disagree about something that stands once on it.
    RowsDisagree {
        /// The first line that differs.
        line: u64,
        /// The column.
        column: String,
        /// Whether it is money, tax or an identifier; a telephone number is not.
        matters: bool,
    },
    /// A gross amount is not net + VAT.
    GrossMismatch {
        /// The line of the report.
        line: u64,
        /// Which charge of the line.
        charge: ChargeKind,
        /// Gross − (net + VAT).
        difference: Decimal,
    },
    /// A VAT amount is not rate × net, within a cent for each piece.
    VatMismatch {
        /// The line of the report.
        line: u64,
        /// Which charge of the line.
        charge: ChargeKind,
        /// VAT − rate × net.
        difference: Decimal,
    },
    /// An amount without a rate, and none that fits.
    RateMissing {
        /// The line of the report.
        line: u64,
        /// Which charge of the line.
        charge: ChargeKind,
    },
    /// The country in question has no such rate, as far as is known here.
    RateUnusual {
        /// The line of the report.
        line: u64,
        /// The rate as a fraction.
        rate: Decimal,
        /// The country.
        country: String,
    },
    /// No VAT, and neither export nor a registered buyer nor another reason that the report shows.
    ZeroRateUnexplained,
    /// The sentence in the report says that Amazon owes the VAT, but Amazon expects a document of the seller.
    DeemedSupplyButDue,
    /// An invoice whose total is negative, or a credit note that mixes signs.
    SignsMixed,
    /// A promotion raises what is to be paid in the report; on the document it lowers it, as Amazon's rule says.
    PromotionSign {
        /// The line of the report.
        line: u64,
        /// Which promotion of the line.
        charge: ChargeKind,
    },
    /// No row has any amount.
    NothingCharged,
    /// The seller's VAT number is missing.
    SellerNumberMissing,
    /// The buyer has no name in the report.
    BuyerMissing,
    /// The day of the supply is missing.
    DateMissing,
    /// A shipment or a transaction has no number by which to tell it.
    IdentityMissing,
    /// The number of the invoice that is credited is not in the report.
    OriginalUnknown,
    /// The document must be uploaded again, under its number, but the report does not have it.
    NumberOfRejectedUnknown,
    /// A text lost letters before it was read: it has U+FFFD.
    DamagedText {
        /// The line of the report.
        line: u64,
        /// The column.
        column: String,
    },
}

impl Attention {
    /// The name in tables and files; it does not change.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoTaxCalculated => "no_tax_calculated",
            Self::UnknownStatus { .. } => "unknown_status",
            Self::UnknownTransactionType { .. } => "unknown_transaction_type",
            Self::StatusOfOtherKind => "status_of_other_kind",
            Self::RowsDisagree { .. } => "rows_disagree",
            Self::GrossMismatch { .. } => "gross_mismatch",
            Self::VatMismatch { .. } => "vat_mismatch",
            Self::RateMissing { .. } => "rate_missing",
            Self::RateUnusual { .. } => "rate_unusual",
            Self::ZeroRateUnexplained => "zero_rate_unexplained",
            Self::DeemedSupplyButDue => "deemed_supply_but_due",
            Self::SignsMixed => "signs_mixed",
            Self::PromotionSign { .. } => "promotion_sign",
            Self::NothingCharged => "nothing_charged",
            Self::SellerNumberMissing => "seller_number_missing",
            Self::BuyerMissing => "buyer_missing",
            Self::DateMissing => "date_missing",
            Self::IdentityMissing => "identity_missing",
            Self::OriginalUnknown => "original_unknown",
            Self::NumberOfRejectedUnknown => "number_of_rejected_unknown",
            Self::DamagedText { .. } => "damaged_text",
        }
    }

    /// Whether the document must not be made before a person has decided. The others are worth a look.
    pub fn blocks(&self) -> bool {
        match self {
            Self::RowsDisagree { matters, .. } => *matters,
            // Beyond this an electronic invoice is invalid, and no rounding explains it.
            Self::VatMismatch { difference, .. } => difference.abs() >= Decimal::ONE,
            Self::RateUnusual { .. }
            | Self::PromotionSign { .. }
            | Self::SellerNumberMissing
            | Self::BuyerMissing
            | Self::OriginalUnknown
            | Self::NumberOfRejectedUnknown
            | Self::DamagedText { .. } => false,
            Self::NoTaxCalculated
            | Self::UnknownStatus { .. }
            | Self::UnknownTransactionType { .. }
            | Self::StatusOfOtherKind
            | Self::GrossMismatch { .. }
            | Self::RateMissing { .. }
            | Self::ZeroRateUnexplained
            | Self::DeemedSupplyButDue
            | Self::SignsMixed
            | Self::NothingCharged
            | Self::DateMissing
            | Self::IdentityMissing => true,
        }
    }
}

/// The attention as a sentence: what is, and what to do.
impl fmt::Display for Attention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |charge: &ChargeKind| charge.name().replace('_', " ");
        match self {
            Self::NoTaxCalculated => f.write_str(
                "Amazon calculated no tax, mostly because the seller has no VAT number there for the country that the \
                 goods left: find the VAT, invoice by hand, and enter the number in Seller Central",
            ),
            Self::UnknownStatus { value } => write!(f, "the status \"{value}\" is not known: see what Amazon wants"),
            Self::UnknownTransactionType { line, value } => {
                write!(f, "line {line}: the transaction type \"{value}\" is not known: invoice or credit note?")
            }
            Self::StatusOfOtherKind => f.write_str("the status is that of the other kind of document"),
            Self::RowsDisagree { line, column, .. } => {
                write!(f, "line {line}: the rows of the document disagree about {column}")
            }
            Self::GrossMismatch { line, charge, difference } => {
                write!(f, "line {line}: gross of the {} differs from net + VAT by {difference}", words(charge))
            }
            Self::VatMismatch { line, charge, difference } => {
                write!(f, "line {line}: VAT of the {} differs from rate x net by {difference}", words(charge))
            }
            Self::RateMissing { line, charge } => {
                write!(f, "line {line}: the {} has VAT but no rate, and no rate fits", words(charge))
            }
            Self::RateUnusual { line, rate, country } => {
                write!(f, "line {line}: {} % is no VAT rate of {country} that is known here", percent(*rate))
            }
            Self::ZeroRateUnexplained => f.write_str(
                "no VAT, and neither export nor a registered buyer nor Amazon as the deemed supplier explains it",
            ),
            Self::DeemedSupplyButDue => {
                f.write_str("the report says that Amazon owes the VAT, and yet that an invoice of the seller is due")
            }
            Self::SignsMixed => f.write_str("charges and refunds are mixed, or the total has the wrong sign"),
            Self::PromotionSign { line, charge } => {
                write!(f, "line {line}: the {} has the sign of a price; it is taken as a reduction", words(charge))
            }
            Self::NothingCharged => f.write_str("nothing was charged"),
            Self::SellerNumberMissing => f.write_str("the seller's VAT number is missing in the report"),
            Self::BuyerMissing => f.write_str("the report names no buyer"),
            Self::DateMissing => f.write_str("neither the day of the shipment nor that of the order is there"),
            Self::IdentityMissing => {
                f.write_str("the row has no number of a shipment, a transaction or an order to tell it by")
            }
            Self::OriginalUnknown => f.write_str("the number of the invoice that is credited is not known here"),
            Self::NumberOfRejectedUnknown => {
                f.write_str("the document was rejected and keeps its number, but the report does not have it")
            }
            Self::DamagedText { line, column } => write!(f, "line {line}: {column} lost letters"),
        }
    }
}

fn percent(rate: Decimal) -> Decimal {
    rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(rate).normalize()
}

/// What a person should know about one document, sorted, each thing once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attentions(Vec<Attention>);

impl Attentions {
    /// Notes something; the same thing again changes nothing.
    pub fn add(&mut self, attention: Attention) {
        if let Err(place) = self.0.binary_search(&attention) {
            self.0.insert(place, attention);
        }
    }

    /// All of it.
    pub fn iter(&self) -> impl Iterator<Item = &Attention> {
        self.0.iter()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something keeps the document from being made.
    pub fn blocks(&self) -> bool {
        self.0.iter().any(Attention::blocks)
    }

    /// Only what keeps the document from being made.
    pub fn blocking(&self) -> impl Iterator<Item = &Attention> {
        self.0.iter().filter(|attention| attention.blocks())
    }

    /// Takes something back that was found out since, such as the number of the original.
    pub fn remove(&mut self, attention: &Attention) {
        self.0.retain(|each| each != attention);
    }
}

/// All of it in one line.
impl fmt::Display for Attentions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, attention) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{attention}")?;
        }
        Ok(())
    }
}
