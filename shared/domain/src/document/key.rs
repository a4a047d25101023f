//! What tells one document from another.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DocumentKind, VatRow};

/// Which of Amazon's identifiers names the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The number on the document.
    Number(String),
    /// No number (yet): the transaction.
    Transaction(String),
    /// Neither: the shipment.
    Shipment(String),
}

impl Identity {
    /// The identifier itself.
    pub fn text(&self) -> &str {
        match self {
            Self::Number(text) | Self::Transaction(text) | Self::Shipment(text) => text,
        }
    }
}

/// The key of a document: it depends on Amazon's own identifiers alone, so booking a row again finds the same
/// document. Unique for one seller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentKey {
    /// An invoice and a credit note of one number are two documents.
    pub kind: DocumentKind,
    /// What names it.
    pub identity: Identity,
}

impl DocumentKey {
    /// The key of the document to which the row belongs; none if the row has no identifier at all.
    pub fn of_row(row: &VatRow<'_>) -> Option<Self> {
        let (place, text) = identity_of(row)?;
        let text = text.to_owned();
        let identity = match place {
            IdentityKind::Number => Identity::Number(text),
            IdentityKind::Transaction => Identity::Transaction(text),
            IdentityKind::Shipment => Identity::Shipment(text),
        };
        Some(Self { kind: DocumentKind::of_row(row), identity })
    }

    /// The number on the document, where there is one.
    pub fn number(&self) -> Option<&str> {
        match &self.identity {
            Identity::Number(number) => Some(number),
            Identity::Transaction(_) | Identity::Shipment(_) => None,
        }
    }
}

/// Which identifier a row offers, without copying it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdentityKind {
    Number,
    Transaction,
    Shipment,
}

pub(super) fn identity_of<'a>(row: &VatRow<'a>) -> Option<(IdentityKind, &'a str)> {
    [
        (IdentityKind::Number, row.invoice_number()),
        (IdentityKind::Transaction, row.transaction_id()),
        (IdentityKind::Shipment, row.shipment_id()),
    ]
    .into_iter()
    .find(|(_, text)| !text.is_empty())
}

/// Reads like a sentence: `invoice DE6000000000AA`, `credit note transaction amzn1:crow:x`.
impl fmt::Display for DocumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.words();
        match &self.identity {
            Identity::Number(text) => write!(f, "{kind} {text}"),
            Identity::Transaction(text) => write!(f, "{kind} transaction {text}"),
            Identity::Shipment(text) => write!(f, "{kind} shipment {text}"),
        }
    }
}
