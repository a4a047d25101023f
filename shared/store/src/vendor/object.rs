//! The files of vendor invoices in the bucket: as received, and each invoice's body exactly as it was sent.

use std::collections::HashMap;
use std::fmt::Write as _;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use countinghouse_domain::ids::SellerId;
use sha2::{Digest, Sha256};

use super::{Attempt, SentBody};
use crate::StoreError;
use crate::object::{ObjectPlace, ObjectReader, ReportObjects};

/// Where everything about vendor invoices lies.
const ROOT: &str = "vendor-invoices/";
/// The folder of files to be submitted.
const INCOMING: &str = "/incoming/";
/// The folder beneath it whose invoices may take the place of ones that failed.
const RESUBMIT: &str = "resubmit/";
/// The object's own metadata that says the same.
const RESUBMIT_METADATA: &str = "resubmit";
/// The most bytes of an encoded number that go into a key, which has 1,024.
const LONGEST_NAME: usize = 700;

/// What the key of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingKey {
    /// Whose invoices: the vendor's account.
    pub vendor: SellerId,
    /// Whether they may take the place of ones that failed.
    pub resubmit: bool,
}

impl IncomingKey {
    /// Reads `vendor-invoices/<account>/incoming/<any name>`; none for any other key, and for the empty object by
    /// which the console makes a folder.
    pub fn read(key: &str) -> Option<Self> {
        let (account, name) = key.strip_prefix(ROOT)?.split_once(INCOMING)?;
        let vendor = account.parse().ok()?;
        if name.is_empty() || name.ends_with('/') {
            return None;
        }
        Some(Self { vendor, resubmit: name.starts_with(RESUBMIT) })
    }
}

/// The key of invoices that came in a message: a file like any other from there on.
pub fn message_key(vendor: &SellerId, message_id: &str, resubmit: bool) -> String {
    let folder = if resubmit { RESUBMIT } else { "" };
    format!("{ROOT}{vendor}{INCOMING}{folder}messages/{}.json", encoded(message_id))
}

/// The key of the body that was sent: `vendor-invoices/<account>/sent/<number>.json`, with what is neither letter,
/// digit nor `-_.` percent-encoded; that of a later attempt is `…/sent/<number>/2.json`.
pub fn sent_key(attempt: &Attempt) -> String {
    let name = encoded(&attempt.invoice_id);
    match attempt.number {
        ..=1 => format!("{ROOT}{}/sent/{name}.json", attempt.vendor),
        number => format!("{ROOT}{}/sent/{name}/{number}.json", attempt.vendor),
    }
}

fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _infallible = write!(text, "%{byte:02X}");
        }
    }
    if text.len() > LONGEST_NAME {
        let hash = hex::encode(Sha256::digest(name));
        text.truncate(LONGEST_NAME.saturating_sub(hash.len()));
        text.push_str(&hash);
    }
    text
}

/// A file that is open for reading.
#[derive(Debug)]
pub struct IncomingFile {
    /// Whether its metadata asks for a resubmission: `resubmit` is `true`.
    pub resubmit: bool,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its bytes.
    pub body: ObjectReader,
}

/// The files of vendor invoices.
#[derive(Debug, Clone)]
pub struct VendorObjects {
    client: Client,
}

impl VendorObjects {
    /// The objects that this client reaches.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Opens a file.
    pub async fn open(&self, place: &ObjectPlace) -> Result<IncomingFile, StoreError> {
        let (metadata, bytes, body) = ReportObjects::new(self.client.clone()).open_any(place).await?;
        let resubmit = metadata.as_ref().and_then(|map: &HashMap<String, String>| map.get(RESUBMIT_METADATA));
        Ok(IncomingFile { resubmit: resubmit.is_some_and(|text| text == "true"), bytes, body })
    }

    /// Stores the body of an invoice before it is sent.
    pub async fn put_sent(&self, bucket: &str, attempt: &Attempt, body: &[u8]) -> Result<SentBody, StoreError> {
        let key = sent_key(attempt);
        let version = self.put(bucket, &key, body).await?;
        Ok(SentBody { key, version, sha256: hex::encode(Sha256::digest(body)) })
    }

    /// Stores invoices that came in a message as a file. The same message again changes nothing, so that it does not
    /// become a second version.
    pub async fn put_message(&self, bucket: &str, key: &str, body: &[u8]) -> Result<(), StoreError> {
        match self.client.head_object().bucket(bucket).key(key).send().await {
            Ok(_there) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => {
                self.put(bucket, key, body).await.map(drop)
            }
            Err(error) => Err(StoreError::sdk(format!("HeadObject s3://{bucket}/{key}"), error)),
        }
    }

    async fn put(&self, bucket: &str, key: &str, body: &[u8]) -> Result<Option<String>, StoreError> {
        let request = self.client.put_object().bucket(bucket).key(key).content_type("application/json");
        let answer = request.body(ByteStream::from(body.to_vec())).send().await;
        let answer = answer.map_err(|error| StoreError::sdk(format!("PutObject s3://{bucket}/{key}"), error))?;
        Ok(answer.version_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_whose_the_file_is_and_whether_a_resubmission_is_asked_for() {
        let read = |key| IncomingKey::read(key).map(|each| (each.vendor.to_string(), each.resubmit));
        assert_eq!(read("vendor-invoices/ACME/incoming/november.json"), Some(("ACME".to_owned(), false)));
        assert_eq!(read("vendor-invoices/ACME/incoming/2026/11/a b.csv"), Some(("ACME".to_owned(), false)));
        assert_eq!(read("vendor-invoices/ACME/incoming/resubmit/x.json"), Some(("ACME".to_owned(), true)));
    }

    #[test]
    fn what_was_sent_folders_and_strangers_are_no_files_to_submit() {
        for key in [
            "vendor-invoices/ACME/sent/4711.json",
            "vendor-invoices/ACME/incoming/",
            "vendor-invoices/ACME/incoming/resubmit/",
            "vendor-invoices//incoming/x.json",
            "vendor-invoices/A B/incoming/x.json",
            "reports/ACME/incoming/x.json",
        ] {
            assert_eq!(IncomingKey::read(key), None, "{key}");
        }
    }

    #[test]
    fn a_number_with_any_sign_has_a_key_of_its_own_that_fits() {
        let vendor: SellerId = "ACME".parse().unwrap();
        let key = |id: &str, number| sent_key(&Attempt { vendor: vendor.clone(), invoice_id: id.to_owned(), number });
        assert_eq!(key("RE 2026/11", 1), "vendor-invoices/ACME/sent/RE%202026%2F11.json");
        assert_eq!(key("RE 2026/11", 2), "vendor-invoices/ACME/sent/RE%202026%2F11/2.json");
        let (one, other) = (key(&"ü".repeat(900), 1), key(&"ü".repeat(901), 1));
        assert!(one.len() < 1_024 && one != other);
        assert_eq!(message_key(&vendor, "m-1", true), "vendor-invoices/ACME/incoming/resubmit/messages/m-1.json");
    }
}
