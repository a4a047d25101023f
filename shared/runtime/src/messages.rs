//! What the functions say to each other through queues, and the payloads of their schedules.

mod again;
mod invoice;
mod vendor;

pub use again::{Again, BookAgain};
pub use invoice::{InvoiceFeed, InvoiceIssue, InvoiceUpload, UploadOrder};
pub use vendor::{Submission, SubmissionCheckpoint, SubmissionContinuation, SubmitInvoices};

use std::collections::BTreeMap;

use countinghouse_domain::ids::{ReportDocumentId, ReportId, SellerId};
use countinghouse_domain::report::ReportType;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of every message; a reader refuses one that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Version;

/// A message of a version that this program does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("version {0} of this message is not known; this program writes and reads version 1")]
pub struct UnknownVersion(u8);

impl TryFrom<u8> for Version {
    type Error = UnknownVersion;

    fn try_from(version: u8) -> Result<Self, UnknownVersion> {
        if version == 1 { Ok(Self) } else { Err(UnknownVersion(version)) }
    }
}

impl From<Version> for u8 {
    fn from(_: Version) -> Self {
        1
    }
}

/// What a schedule says to `create-reports`; a person may name a seller and a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateReports {
    /// Version 1.
    pub version: Version,
    /// Only this seller; all connected ones where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_id: Option<SellerId>,
    /// The first moment of a span to fetch again; the windows that are due where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The moment after that span; the last midnight (UTC) where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// What a schedule says to `poll-jobs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollJobs {
    /// Version 1.
    pub version: Version,
}

/// What a schedule says to `watch-books`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchBooks {
    /// Version 1.
    pub version: Version,
}

/// What a schedule says to `pull-purchases`, and what the function says to itself for one account; a person may name
/// an account and a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullPurchases {
    /// Version 1.
    pub version: Version,
    /// Only this account; all connected buyers where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_id: Option<SellerId>,
    /// The first moment of a span of feed dates to pull again; the windows that are due where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The moment after that span; now where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// A document that waits at Amazon: to `download-documents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Download {
    /// Version 1.
    pub version: Version,
    /// Whose report.
    pub seller_id: SellerId,
    /// The report.
    pub report_id: ReportId,
    /// Its type.
    pub report_type: ReportType,
    /// Its document.
    pub report_document_id: ReportDocumentId,
    /// The first attempt is 1; it grows when the message is sent again later.
    pub attempt: u32,
}

/// The rest of a document that could not be booked in one run: to `book-documents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continuation {
    /// Version 1.
    pub version: Version,
    /// The bucket.
    pub bucket: String,
    /// The object.
    pub key: String,
    /// Its version, so that the rest is read from the same bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Where to go on.
    pub checkpoint: Checkpoint,
    /// The order, where a person has it booked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// How far a document has been booked. Everything before it is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case", deny_unknown_fields)]
pub enum Checkpoint {
    /// A settlement.
    Settlement {
        /// SHA-256 of the decompressed bytes: the rest must come from the same file.
        sha256: String,
        /// How many amounts of the file are written.
        amounts_written: u64,
    },
    /// A VAT report, which is booked in passes over parts of its documents.
    Vat {
        /// SHA-256 of the decompressed bytes.
        sha256: String,
        /// Into how many parts the documents are divided.
        passes: u32,
        /// The present part, from 0.
        pass: u32,
        /// How many documents of this part are written.
        documents_written: u64,
        /// How many documents are written in all.
        documents_in_all: u64,
        /// How many of them a person should look at.
        flagged_in_all: u64,
    },
    /// A VAT invoice data report.
    VatInvoices {
        /// SHA-256 of the decompressed bytes.
        sha256: String,
        /// How many documents of the file are done with.
        documents: u64,
        /// What came of them, by name.
        counts: BTreeMap<String, u64>,
    },
}

/// An S3 event notification, as far as it matters here. `s3:TestEvent`, which S3 sends when the notification is
/// set up, has no records.
#[derive(Debug, Clone, Deserialize)]
pub struct ObjectsCreated {
    /// The objects.
    #[serde(rename = "Records", default)]
    pub records: Vec<ObjectCreated>,
    /// `s3:TestEvent` or nothing.
    #[serde(rename = "Event")]
    pub event: Option<String>,
}

/// One object that was created.
#[derive(Debug, Clone, Deserialize)]
pub struct ObjectCreated {
    /// Where it is.
    pub s3: ObjectPlace,
}

/// Bucket and object.
#[derive(Debug, Clone, Deserialize)]
pub struct ObjectPlace {
    /// The bucket.
    pub bucket: BucketName,
    /// The object.
    pub object: ObjectName,
}

/// A bucket.
#[derive(Debug, Clone, Deserialize)]
pub struct BucketName {
    /// Its name.
    pub name: String,
}

/// An object.
#[derive(Debug, Clone, Deserialize)]
pub struct ObjectName {
    /// Its key as S3 writes it: encoded like a form, a blank as `+`.
    pub key: String,
    /// Its version in a versioned bucket.
    #[serde(rename = "versionId")]
    pub version_id: Option<String>,
}

impl ObjectName {
    /// The key itself.
    pub fn decoded_key(&self) -> String {
        url::form_urlencoded::parse(self.key.as_bytes()).next().map_or_else(String::new, |(key, _)| key.into_owned())
    }
}

/// A message for `book-documents`: from S3, or the rest of an earlier run.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Booking {
    /// The rest of an earlier run.
    Continuation(Continuation),
    /// An object that a person has booked again.
    Again(BookAgain),
    /// New objects.
    Created(ObjectsCreated),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_decoded_as_s3_encodes_it() {
        let object = ObjectName { key: "reports/A1/x+y%3D%C3%A4".to_owned(), version_id: None };
        assert_eq!(object.decoded_key(), "reports/A1/x y=ä");
    }

    #[test]
    fn a_message_of_another_version_is_refused() {
        let error = serde_json::from_str::<PollJobs>(r#"{"version":2}"#).unwrap_err();
        assert!(error.to_string().contains("version 2 of this message is not known"), "{error}");
    }

    #[test]
    fn a_test_event_of_s3_has_no_records() {
        let booking: Booking =
            serde_json::from_str(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#).unwrap();
        assert!(matches!(booking, Booking::Created(created) if created.records.is_empty() && created.event.is_some()));
    }

    #[test]
    fn a_continuation_reads_what_it_writes() {
        let continuation = Continuation {
            version: Version,
            bucket: "b".to_owned(),
            key: "k".to_owned(),
            version_id: None,
            checkpoint: Checkpoint::Settlement { sha256: "00".to_owned(), amounts_written: 5 },
            again: None,
        };
        let text = serde_json::to_string(&continuation).unwrap();
        assert!(matches!(serde_json::from_str(&text).unwrap(), Booking::Continuation(read) if read == continuation));
    }
}
