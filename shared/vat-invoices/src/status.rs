//! The statuses of the report, and what each asks of the seller.

use std::fmt;

use countinghouse_domain::document::DocumentKind;
use serde::{Deserialize, Serialize};

/// Where a document stands at Amazon, as the column `invoice-status` says. A status that is not known is kept as it
/// is, and a person is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum InvoiceStatus {
    /// One of the eleven that Amazon documents.
    Known(KnownStatus),
    /// The report has no status, as reports before 2021: what it lists is pending.
    NotStated,
    /// Another word.
    Unknown(String),
}

/// What a status asks of the seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// Make the document and upload it.
    Upload,
    /// Upload it again under the same number, once the cause is gone.
    UploadAgain,
    /// Nothing yet: Amazon reads what was uploaded.
    Wait,
    /// Nothing more: Amazon has accepted it.
    NothingMore,
    /// Nothing ever: Amazon issues the document.
    NothingEver,
    /// A person: the VAT is not known, or the status is not.
    Person,
}

/// The eleven statuses. Source: "Use Amazon Tax Calculation Data to Create Invoices", step 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KnownStatus {
    /// The shipment was dispatched.
    InvoicePending,
    /// The invoice was uploaded and is looked at.
    InvoiceProcessing,
    /// The invoice was accepted; the customer can see it.
    InvoiceUploaded,
    /// The invoice was refused.
    InvoiceRejected,
    /// Money or goods went back.
    CreditNotePending,
    /// The credit note was uploaded and is looked at.
    CreditNoteProcessing,
    /// The credit note was accepted; the customer can see it.
    CreditNoteUploaded,
    /// The credit note was refused.
    CreditNoteRejected,
    /// Amazon issued the credit note.
    CreditNoteCreatedByAmazon,
    /// Amazon could not calculate the tax.
    NoTaxCalculated,
    /// Amazon issued the invoice.
    InvoiceCreatedByAmazon,
}

/// One row of the table of statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusFacts {
    /// The status.
    pub status: KnownStatus,
    /// Amazon's word.
    pub word: &'static str,
    /// The kind of document that it is about; none where it may be either.
    pub kind: Option<DocumentKind>,
    /// What it asks of the seller.
    pub asks: Asks,
    /// What it means, for a person.
    pub meaning: &'static str,
}

const INVOICE: Option<DocumentKind> = Some(DocumentKind::Invoice);
const CREDIT_NOTE: Option<DocumentKind> = Some(DocumentKind::CreditNote);

const fn row(
    status: KnownStatus,
    word: &'static str,
    kind: Option<DocumentKind>,
    asks: Asks,
    meaning: &'static str,
) -> StatusFacts {
    StatusFacts { status, word, kind, asks, meaning }
}

/// All statuses that Amazon documents.
#[rustfmt::skip]
pub const STATUSES: [StatusFacts; 11] = [
    row(KnownStatus::InvoicePending, "InvoicePending", INVOICE, Asks::Upload, "the shipment was dispatched and its invoice is due"),
    row(KnownStatus::InvoiceProcessing, "InvoiceProcessing", INVOICE, Asks::Wait, "the invoice was uploaded and Amazon is processing it"),
    row(KnownStatus::InvoiceUploaded, "InvoiceUploaded", INVOICE, Asks::NothingMore, "Amazon accepted the invoice and shows it to the customer"),
    row(KnownStatus::InvoiceRejected, "InvoiceRejected", INVOICE, Asks::UploadAgain, "Amazon found errors in the invoice: upload it again under its number"),
    row(KnownStatus::CreditNotePending, "CreditNotePending", CREDIT_NOTE, Asks::Upload, "money or goods went back and the credit note is due"),
    row(KnownStatus::CreditNoteProcessing, "CreditNoteProcessing", CREDIT_NOTE, Asks::Wait, "the credit note was uploaded and Amazon is processing it"),
    row(KnownStatus::CreditNoteUploaded, "CreditNoteUploaded", CREDIT_NOTE, Asks::NothingMore, "Amazon accepted the credit note and shows it to the customer"),
    row(KnownStatus::CreditNoteRejected, "CreditNoteRejected", CREDIT_NOTE, Asks::UploadAgain, "Amazon found errors in the credit note: upload it again under its number"),
    row(KnownStatus::CreditNoteCreatedByAmazon, "CreditNoteCreatedByAmazon", CREDIT_NOTE, Asks::NothingEver, "Amazon issued the credit note"),
    row(KnownStatus::NoTaxCalculated, "NoTaxCalculated", None, Asks::Person, "Amazon could not calculate the tax"),
    row(KnownStatus::InvoiceCreatedByAmazon, "InvoiceCreatedByAmazon", INVOICE, Asks::NothingEver, "Amazon issued the invoice"),
];

impl InvoiceStatus {
    /// Reads the column.
    pub fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self::NotStated;
        }
        let known = STATUSES.iter().find(|facts| facts.word.eq_ignore_ascii_case(text));
        known.map_or_else(|| Self::Unknown(text.to_owned()), |facts| Self::Known(facts.status))
    }

    /// Its row in the table; none for a status that is not in it.
    pub fn facts(&self) -> Option<&'static StatusFacts> {
        match self {
            Self::Known(status) => STATUSES.iter().find(|facts| facts.status == *status),
            Self::NotStated | Self::Unknown(_) => None,
        }
    }

    /// What it asks of the seller.
    pub fn asks(&self) -> Asks {
        match self {
            Self::NotStated => Asks::Upload,
            Self::Known(_) | Self::Unknown(_) => self.facts().map_or(Asks::Person, |facts| facts.asks),
        }
    }

    /// Amazon's word; empty where the report has none.
    pub fn word(&self) -> &str {
        match self {
            Self::Unknown(text) => text,
            Self::NotStated | Self::Known(_) => self.facts().map_or("", |facts| facts.word),
        }
    }
}

impl fmt::Display for InvoiceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl From<String> for InvoiceStatus {
    fn from(text: String) -> Self {
        Self::of(&text)
    }
}

impl From<InvoiceStatus> for String {
    fn from(status: InvoiceStatus) -> Self {
        status.word().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_reads_what_it_writes() {
        for facts in STATUSES {
            let status = InvoiceStatus::of(facts.word);
            assert_eq!(status, InvoiceStatus::Known(facts.status));
            assert_eq!(InvoiceStatus::from(String::from(status)), InvoiceStatus::Known(facts.status));
        }
    }

    #[test]
    fn an_unknown_status_is_kept_and_asks_a_person() {
        let status = InvoiceStatus::of("InvoiceOnHold");
        assert_eq!((status.word(), status.asks()), ("InvoiceOnHold", Asks::Person));
    }

    #[test]
    fn a_report_without_statuses_lists_what_is_pending() {
        assert_eq!(InvoiceStatus::of("").asks(), Asks::Upload);
    }

    #[test]
    fn what_amazon_issues_is_never_ours() {
        for word in ["InvoiceCreatedByAmazon", "CreditNoteCreatedByAmazon"] {
            assert_eq!(InvoiceStatus::of(word).asks(), Asks::NothingEver);
        }
        assert_eq!(InvoiceStatus::of("NoTaxCalculated").asks(), Asks::Person);
    }
}
