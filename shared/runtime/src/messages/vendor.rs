//! Messages for `submit-vendor-invoices`.

use countinghouse_domain::ids::SellerId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{ObjectsCreated, Version};

/// Invoices that a program hands over without a file: as many as fit into a message, in Amazon's own schema.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitInvoices {
    /// Version 1.
    pub version: Version,
    /// Whose: the vendor's account.
    pub seller_id: SellerId,
    /// Whether they may take the place of invoices with the same numbers that failed.
    #[serde(default)]
    pub resubmit: bool,
    /// The list of invoices as it was written: amounts may be numbers, whose digits must not change.
    pub invoices: Box<RawValue>,
}

/// The rest of a file that could not be submitted in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionContinuation {
    /// Version 1.
    pub version: Version,
    /// Whose: the vendor's account.
    pub seller_id: SellerId,
    /// The bucket.
    pub bucket: String,
    /// The object.
    pub key: String,
    /// Its version, so that the rest is read from the same bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Where to go on.
    pub checkpoint: SubmissionCheckpoint,
}

/// How far a file has come. Everything before it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionCheckpoint {
    /// Whether the file has been read to its end once: nothing is submitted before.
    pub read_to_end: bool,
    /// How many invoices of the file are done; the rest follows.
    pub invoices_done: u64,
    /// Those that Amazon took.
    pub submitted: u64,
    /// Those that were known before.
    pub known: u64,
    /// Those that broke rules.
    pub rejected: u64,
    /// Those whose number belongs to another invoice.
    pub refused: u64,
    /// Those that Amazon refused at once.
    pub failed: u64,
    /// Those whose answer was lost.
    pub answer_lost: u64,
    /// How many answers were lost one after another, up to here: the pause doubles with each.
    pub lost_in_a_row: u32,
}

/// A message for `submit-vendor-invoices`.
#[derive(Debug, Clone)]
pub enum Submission {
    /// New objects in the bucket.
    Created(ObjectsCreated),
    /// Invoices in the message itself.
    Invoices(SubmitInvoices),
    /// The rest of an earlier run.
    Continuation(SubmissionContinuation),
}

/// Which message it is: the field that only it has.
#[derive(Deserialize)]
struct Kind {
    checkpoint: Option<serde::de::IgnoredAny>,
    #[serde(rename = "Records")]
    records: Option<serde::de::IgnoredAny>,
    #[serde(rename = "Event")]
    event: Option<serde::de::IgnoredAny>,
}

impl Submission {
    /// Reads a message. It is read by the field that tells it apart, so that an error is about what the message was
    /// meant to be, and so that no amount passes through a float.
    pub fn read(body: &str) -> Result<Self, serde_json::Error> {
        let kind: Kind = serde_json::from_str(body)?;
        if kind.records.is_some() || kind.event.is_some() {
            serde_json::from_str(body).map(Self::Created)
        } else if kind.checkpoint.is_some() {
            serde_json::from_str(body).map(Self::Continuation)
        } else {
            serde_json::from_str(body).map(Self::Invoices)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invoices_in_a_message_keep_every_digit() {
        let body = r#"{"version":1,"seller_id":"ACME","invoices":[{"amount":0.1000000000000000055}]}"#;
        let Submission::Invoices(message) = Submission::read(body).unwrap() else { panic!("{body}") };
        assert_eq!(message.invoices.get(), r#"[{"amount":0.1000000000000000055}]"#);
        assert!(!message.resubmit);
    }

    #[test]
    fn a_continuation_reads_what_it_writes() {
        let written = SubmissionContinuation {
            version: Version,
            seller_id: "ACME".parse().unwrap(),
            bucket: "b".to_owned(),
            key: "vendor-invoices/ACME/incoming/x.json".to_owned(),
            version_id: None,
            checkpoint: SubmissionCheckpoint {
                read_to_end: true,
                invoices_done: 7,
                submitted: 6,
                known: 1,
                ..Default::default()
            },
        };
        let text = serde_json::to_string(&written).unwrap();
        assert!(matches!(Submission::read(&text).unwrap(), Submission::Continuation(read) if read == written));
    }

    #[test]
    fn an_event_of_the_bucket_is_one_also_when_it_is_only_a_test() {
        for body in [r#"{"Records":[]}"#, r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#] {
            assert!(matches!(Submission::read(body).unwrap(), Submission::Created(_)), "{body}");
        }
    }

    #[test]
    fn a_message_that_is_none_of_them_says_what_it_lacks() {
        let error = Submission::read(r#"{"version":1,"seller_id":"ACME"}"#).unwrap_err();
        assert!(error.to_string().contains("missing field `invoices`"), "{error}");
        let error = Submission::read(r#"{"version":1,"seller_id":"ACME","invoices":[],"resend":true}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `resend`"), "{error}");
    }
}
