//! What is to be done about a document.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::document::{DueDocument, Treatment};
use crate::status::Asks;

/// What is to be done about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Make it, under the next number.
    Make,
    /// Make it again, under its own number, and upload it again.
    MakeAgain,
    /// Amazon is looking at what was uploaded.
    Wait,
    /// Amazon has accepted it.
    Done,
    /// Amazon issues the document.
    AmazonIssues,
    /// Amazon is the deemed supplier and owes the VAT: there is no invoice of the seller.
    AmazonSupplies,
    /// A person must decide: [`DueDocument::attention`] says why.
    Person,
}

impl Decision {
    /// The name in files, for example `make_again`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::MakeAgain => "make_again",
            Self::Wait => "wait",
            Self::Done => "done",
            Self::AmazonIssues => "amazon_issues",
            Self::AmazonSupplies => "amazon_supplies",
            Self::Person => "person",
        }
    }

    /// Whether a document is made now.
    pub const fn makes(self) -> bool {
        matches!(self, Self::Make | Self::MakeAgain)
    }
}

/// The decision in words.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Make => "due",
            Self::MakeAgain => "rejected by Amazon, due again under its number",
            Self::Wait => "uploaded, Amazon is processing it",
            Self::Done => "uploaded and accepted",
            Self::AmazonIssues => "Amazon issues it",
            Self::AmazonSupplies => "Amazon is the deemed supplier and owes the VAT",
            Self::Person => "needs a person",
        })
    }
}

impl DueDocument {
    /// What is to be done about the document. What Amazon issues is never ours, whatever else the report says; what is
    /// uploaded is left alone; what has something in its way needs a person.
    pub fn decision(&self) -> Decision {
        let asks = self.status.asks();
        if self.is_amazon_invoiced == Some(true) || asks == Asks::NothingEver {
            return Decision::AmazonIssues;
        }
        match asks {
            Asks::Wait => return Decision::Wait,
            Asks::NothingMore => return Decision::Done,
            Asks::Person => return Decision::Person,
            Asks::Upload | Asks::UploadAgain | Asks::NothingEver => {}
        }
        if !self.can_be_made() {
            Decision::Person
        } else if self.treatment == Treatment::DeemedSupply {
            Decision::AmazonSupplies
        } else if asks == Asks::UploadAgain {
            Decision::MakeAgain
        } else {
            Decision::Make
        }
    }
}
