//! Why a document could not be made.

use crate::labels::LabelError;

/// Why a document could not be made. No text names the buyer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Amazon supplies, or Amazon invoices: a document of ours would be a second one.
    #[error("{0}: the seller must not issue a document of its own")]
    NotOurs(&'static str),
    /// Something about the document keeps it from being made; the attentions say what.
    #[error("a person must look first: {0}")]
    NeedsAPerson(String),
    /// The report was calculated for another company, or the profile has a wrong number.
    #[error(
        "Amazon calculated with the VAT number {reported}, and the profile's for {country} is {profile}: one of them is \
         wrong, or the report belongs to another company"
    )]
    OtherSeller {
        /// The number in the report.
        reported: String,
        /// The number in the profile.
        profile: String,
        /// The country of both.
        country: String,
    },
    /// An amount has more than two decimals, which no electronic invoice can state.
    #[error("line {line} of the report: {amount} has more than two decimals, which an electronic invoice cannot state")]
    TooFine {
        /// The line of the report.
        line: u64,
        /// The amount.
        amount: String,
    },
    /// The sums of the document do not agree, which no electronic invoice may have.
    #[error("the sums do not agree: {0}")]
    Sums(String),
    /// The invoice breaks rules of EN 16931.
    #[error("the electronic invoice breaks rules of EN 16931: {}", .0.join("; "))]
    Rules(Vec<String>),
    /// A FatturaPA is due, and something that it needs is missing.
    #[error("a FatturaPA is due, but {0}")]
    FatturaPa(String),
    /// The page cannot be made into PDF/A, even with the plainest signs.
    #[error("the page cannot be made into PDF/A: {0}")]
    Refused(String),
    /// The template or a file beside the code is not as the program needs it.
    #[error("the template: {0}")]
    Template(String),
    /// The words on the page are not complete.
    #[error(transparent)]
    Labels(#[from] LabelError),
}

impl RenderError {
    /// A stable name for tables and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotOurs(_) => "not_ours",
            Self::NeedsAPerson(_) => "needs_a_person",
            Self::OtherSeller { .. } => "other_seller",
            Self::TooFine { .. } => "too_fine",
            Self::Sums(_) => "sums",
            Self::Rules(_) => "rules",
            Self::FatturaPa(_) => "fattura_pa",
            Self::Refused(_) => "refused",
            Self::Template(_) => "template",
            Self::Labels(_) => "labels",
        }
    }
}
