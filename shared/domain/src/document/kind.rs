//! What kind of document, who owes the VAT, and under which scheme.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::VatRow;

/// An invoice or a credit note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Goods were sold: `SHIPMENT`.
    Invoice,
    /// Goods came back or money was returned: `RETURN`, `REFUND`.
    CreditNote,
}

impl DocumentKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Invoice, Self::CreditNote];

    /// The name in files: `invoice` or `credit_note`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
        }
    }

    /// The words in keys and for people: `invoice` or `credit note`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit note",
        }
    }

    /// The kind that a transaction type makes; none for a type that is not known.
    pub fn of_transaction_type(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("SHIPMENT") {
            Some(Self::Invoice)
        } else if text.eq_ignore_ascii_case("RETURN") || text.eq_ignore_ascii_case("REFUND") {
            Some(Self::CreditNote)
        } else {
            None
        }
    }

    /// The kind of a row. A transaction type that is not known is judged by the sign of the row's gross
    /// amounts, and flagged.
    pub fn of_row(row: &VatRow<'_>) -> Self {
        Self::of_transaction_type(row.transaction_type()).unwrap_or_else(|| {
            let negative = row.components.iter().any(|component| component.price.gross.is_sign_negative());
            if negative { Self::CreditNote } else { Self::Invoice }
        })
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// Who collects the VAT and owes it to the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collector {
    /// The seller.
    Seller,
    /// Amazon, as the deemed supplier: not the seller's VAT.
    Marketplace,
    /// The report does not say, or says it in a word that is not known.
    NotStated,
}

impl Collector {
    /// Reads the column `Tax Collection Responsibility`, together with the scheme, which says it too.
    pub fn of(responsibility: &str, scheme: Scheme) -> Self {
        match responsibility {
            "Marketplace" | "Amazon" => Self::Marketplace,
            "Seller" => Self::Seller,
            _ if scheme.is_collected_by_marketplace() => Self::Marketplace,
            _ => Self::NotStated,
        }
    }

    /// `seller`, `marketplace` or `not_stated`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seller => "seller",
            Self::Marketplace => "marketplace",
            Self::NotStated => "not_stated",
        }
    }
}

/// The scheme under which the VAT is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// No special scheme: national, to a business, or export.
    Regular,
    /// The One Stop Shop of the European Union.
    Oss,
    /// Amazon is the deemed supplier.
    DeemedReseller,
    /// Amazon is the deemed supplier under the Import One Stop Shop.
    DeemedResellerIoss,
    /// The Swiss or Norwegian scheme for goods of low value; the column of responsibility says who collects.
    Voec,
    /// A word that is not known; flagged.
    Unknown,
}

impl Scheme {
    /// Reads the column `Tax Reporting Scheme`.
    pub fn of(text: &str) -> Self {
        match text {
            "" | "REGULAR" => Self::Regular,
            "VCS_EU_OSS" | "UNION-OSS" => Self::Oss,
            "DEEMED_RESELLER" => Self::DeemedReseller,
            "DEEMED_RESELLER-IOSS" | "DEEMED_RESELLER_IOSS" => Self::DeemedResellerIoss,
            "CH_VOEC" | "NO_VOEC" => Self::Voec,
            _ => Self::Unknown,
        }
    }

    /// The name in files, for example `oss`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Oss => "oss",
            Self::DeemedReseller => "deemed_reseller",
            Self::DeemedResellerIoss => "deemed_reseller_ioss",
            Self::Voec => "voec",
            Self::Unknown => "unknown",
        }
    }

    /// Whether Amazon owes the VAT under this scheme.
    pub const fn is_collected_by_marketplace(self) -> bool {
        matches!(self, Self::DeemedReseller | Self::DeemedResellerIoss)
    }
}
