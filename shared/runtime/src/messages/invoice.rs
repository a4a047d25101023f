//! Messages about own invoices: to `issue-invoices` and `upload-invoices`.

use countinghouse_domain::ids::{FeedId, SellerId};
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

/// A feed that has ended, by Amazon's notification: to `upload-invoices`, which asks what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceFeed {
    /// Version 1.
    pub version: Version,
    /// Whose.
    pub seller_id: SellerId,
    /// The feed.
    pub feed_id: FeedId,
}

/// What `upload-invoices` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadOrder {
    /// Upload a document.
    Upload(InvoiceUpload),
    /// Ask about a feed.
    Feed(InvoiceFeed),
}

impl UploadOrder {
    /// Reads a message. The error is that of a message about a feed only where it names one.
    pub fn read(body: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(body).map(Self::Upload).or_else(|error| match serde_json::from_str(body) {
            Ok(feed) => Ok(Self::Feed(feed)),
            Err(_as_feed) => Err(error),
        })
    }
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
        let feed = r#"{"version":1,"seller_id":"A1","feed_id":"50011020300"}"#;
        assert!(matches!(UploadOrder::read(feed), Ok(UploadOrder::Feed(_))));
        assert!(matches!(UploadOrder::read(&text), Ok(UploadOrder::Upload(_))));
        assert!(UploadOrder::read(r#"{"version":1}"#).is_err());
        let waited = InvoiceIssue { waits: 2, ..first };
        assert!(serde_json::to_string(&waited).unwrap().ends_with(r#""waits":2}"#));
    }
}
