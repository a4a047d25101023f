//! Why the VAT of a document is what it is.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Why the VAT of a document is what it is, told from where the goods left and went, the two registrations and
/// Amazon's figures: the report has no column for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// The VAT of the seller's registration in one country.
    Domestic,
    /// The VAT of the buyer's country, declared through the One Stop Shop of the European Union.
    Oss,
    /// A tax-free supply to a business in another member state (article 138).
    IntraCommunity,
    /// The buyer owes the VAT of the country.
    ReverseCharge,
    /// The goods left the tax territory.
    Export,
    /// Amazon is the deemed supplier and owes the VAT: no invoice of the seller.
    DeemedSupply,
    /// Amazon did not calculate any tax.
    NotCalculated,
    /// No VAT, and nothing in the report explains it; a person must look.
    Unexplained,
}

impl Treatment {
    /// The name in files, for example `intra_community`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Domestic => "domestic",
            Self::Oss => "oss",
            Self::IntraCommunity => "intra_community",
            Self::ReverseCharge => "reverse_charge",
            Self::Export => "export",
            Self::DeemedSupply => "deemed_supply",
            Self::NotCalculated => "not_calculated",
            Self::Unexplained => "unexplained",
        }
    }

    /// The category of a charge at a rate.
    pub fn category(self, rate: Decimal) -> VatCategory {
        if !rate.is_zero() {
            return VatCategory::Standard;
        }
        match self {
            Self::IntraCommunity => VatCategory::IntraCommunity,
            Self::ReverseCharge => VatCategory::ReverseCharge,
            Self::Export => VatCategory::Export,
            Self::DeemedSupply | Self::NotCalculated => VatCategory::NotSubject,
            Self::Domestic | Self::Oss | Self::Unexplained => VatCategory::Zero,
        }
    }
}

/// The VAT categories of EN 16931 (UNTDID 5305) that occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VatCategory {
    /// A rate above zero.
    #[serde(rename = "S")]
    Standard,
    /// Taxed at zero.
    #[serde(rename = "Z")]
    Zero,
    /// The buyer owes the VAT.
    #[serde(rename = "AE")]
    ReverseCharge,
    /// A supply within the European Union to a business.
    #[serde(rename = "K")]
    IntraCommunity,
    /// Export.
    #[serde(rename = "G")]
    Export,
    /// Not subject to VAT.
    #[serde(rename = "O")]
    NotSubject,
}

impl VatCategory {
    /// The code, for example `AE`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Standard => "S",
            Self::Zero => "Z",
            Self::ReverseCharge => "AE",
            Self::IntraCommunity => "K",
            Self::Export => "G",
            Self::NotSubject => "O",
        }
    }
}
