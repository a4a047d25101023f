//! Messages about own invoices: to `issue-invoices` and `upload-invoices`.

use countinghouse_domain::ids::SellerId;
use serde::{Deserialize, Serialize};

use super::Version;

/// A document that is due: to `issue-invoices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceIssue {
    /// Version 1.
    pub version: Version,
    /// Whose.
    pub seller_id: SellerId,
    /// The sort key of the document in the table of own invoices, for example `shipment 409302382`.
    pub document: String,
    /// How often it has waited for the number of the invoice that it credits.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waits: u32,
}

/// A document that was issued: to `upload-invoices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceUpload {
    /// Version 1.
    pub version: Version,
    /// Whose.
    pub seller_id: SellerId,
    /// The sort key of the document in the table of own invoices.
    pub document: String,
}

impl InvoiceIssue {
    /// The first message about a document.
    pub fn new(seller_id: SellerId, document: impl Into<String>) -> Self {
        Self { version: Version, seller_id, document: document.into(), waits: 0 }
    }
}

impl InvoiceUpload {
    /// A message about a document.
    pub fn new(seller_id: SellerId, document: impl Into<String>) -> Self {
        Self { version: Version, seller_id, document: document.into() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_what_it_writes_and_counts_only_what_waited() {
        let first = InvoiceIssue::new("A1".parse().unwrap(), "shipment 409302382");
        let text = serde_json::to_string(&first).unwrap();
        assert_eq!(text, r#"{"version":1,"seller_id":"A1","document":"shipment 409302382"}"#);
        assert_eq!(serde_json::from_str::<InvoiceIssue>(&text).unwrap(), first);
        assert_eq!(serde_json::from_str::<InvoiceUpload>(&text).unwrap().document, first.document);
        let waited = InvoiceIssue { waits: 2, ..first };
        assert!(serde_json::to_string(&waited).unwrap().ends_with(r#""waits":2}"#));
    }
}
