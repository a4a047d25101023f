//! The files of own invoices in the bucket: profiles, documents as they were reported, and what was made of them.

use std::collections::HashMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use countinghouse_domain::ids::SellerId;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::number::InvoiceNumber;
use sha2::{Digest, Sha256};

use super::key::{beside_profile_key, due_key, issued_key, own_document_key, profile_key};
use super::model::ObjectVersion;
use crate::StoreError;
use crate::error::not_modified;

/// The metadata that has the hash of an object's bytes.
const SHA256: &str = "sha256";
/// The tag of what names buyers: it expires with all personal data.
const PERSONAL: &str = "personal-data=yes";
/// The tag of what names the seller only and stays.
const NOT_PERSONAL: &str = "seller-profile=yes";
/// The tag of documents as they were reported: they are needed until they are issued and accepted, and expire soon.
const DUE: &str = "due-invoice=yes";

/// What is new about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectNews {
    /// It is the one that is known.
    Same,
    /// It is another one.
    Changed {
        /// By which it is known next time.
        etag: String,
        /// Which.
        object: ObjectVersion,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// It is not there.
    Missing,
}

/// The files of own invoices.
#[derive(Debug, Clone)]
pub struct OwnInvoiceObjects {
    pub(super) client: Client,
    pub(super) bucket: String,
}

impl OwnInvoiceObjects {
    /// The objects of this bucket.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    /// Stores a document as a report tells of it. The same content again is not stored twice.
    pub async fn put_due(&self, seller: &SellerId, document: &DueDocument) -> Result<ObjectVersion, StoreError> {
        let key = due_key(seller, &own_document_key(document));
        let body = serde_json::to_vec(document).map_err(|error| StoreError::build(format!("write {key}"), error))?;
        self.put(key, "application/json", DUE, body).await
    }

    /// A document as it was stored at that moment.
    pub async fn due(&self, object: &ObjectVersion) -> Result<DueDocument, StoreError> {
        let bytes = self.bytes(object).await?;
        // The error of serde could quote the document.
        serde_json::from_slice(&bytes).map_err(|_could_quote| StoreError::Corrupt {
            item: object.key.clone(),
            attribute: "JSON".to_owned(),
            expected: "a document that is due",
        })
    }

    /// Stores what was made under a number. The same bytes again are not stored twice.
    pub async fn put_issued(
        &self,
        seller: &SellerId,
        number: &InvoiceNumber,
        (extension, content_type): (&str, &str),
        body: Vec<u8>,
    ) -> Result<ObjectVersion, StoreError> {
        self.put(issued_key(seller, number, extension), content_type, PERSONAL, body).await
    }

    /// Stores a seller's profile, and beside it the files that it names, first those. The keys; a name that would lead
    /// elsewhere is [`StoreError::Missing`].
    pub async fn put_profile(
        &self,
        seller: &SellerId,
        profile: Vec<u8>,
        beside: Vec<(String, Vec<u8>)>,
    ) -> Result<Vec<String>, StoreError> {
        let mut keys = Vec::new();
        for (name, bytes) in beside {
            let key = beside_profile_key(seller, &name).ok_or(StoreError::Missing { item: name })?;
            keys.push(self.put(key, "application/octet-stream", NOT_PERSONAL, bytes).await?.key);
        }
        keys.push(self.put(profile_key(seller), "application/toml", NOT_PERSONAL, profile).await?.key);
        Ok(keys)
    }

    /// The bytes of an object as it was at that moment. Other bytes than those that were written are an error.
    pub async fn bytes(&self, object: &ObjectVersion) -> Result<Vec<u8>, StoreError> {
        let request = self.client.get_object().bucket(&self.bucket).key(&object.key);
        let answer = request.set_version_id(object.version.clone()).send().await;
        let answer = answer.map_err(|error| StoreError::sdk(self.operation("GetObject", &object.key), error))?;
        let bytes = self.collected(&object.key, answer.body).await?;
        if hex::encode(Sha256::digest(&bytes)) != object.sha256 {
            return Err(StoreError::Corrupt {
                item: object.key.clone(),
                attribute: "bytes".to_owned(),
                expected: "what was written there",
            });
        }
        Ok(bytes)
    }

    /// An object if it is another one than that of `known`, the `etag` of an earlier answer.
    pub async fn if_changed(&self, key: &str, known: Option<&str>) -> Result<ObjectNews, StoreError> {
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let answer = match request.set_if_none_match(known.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) if not_modified(&error) => return Ok(ObjectNews::Same),
            Err(error) => {
                let error = StoreError::sdk(self.operation("GetObject", key), error);
                let is_missing = matches!(error, StoreError::Missing { .. });
                return if is_missing { Ok(ObjectNews::Missing) } else { Err(error) };
            }
        };
        let (etag, version) = (answer.e_tag.unwrap_or_default(), answer.version_id);
        let bytes = self.collected(key, answer.body).await?;
        let object = ObjectVersion { key: key.to_owned(), version, sha256: hex::encode(Sha256::digest(&bytes)) };
        Ok(ObjectNews::Changed { etag, object, bytes })
    }

    async fn collected(&self, key: &str, body: ByteStream) -> Result<Vec<u8>, StoreError> {
        let bytes = body.collect().await.map_err(|error| StoreError::build(self.operation("GetObject", key), error))?;
        Ok(bytes.to_vec())
    }

    async fn put(
        &self,
        key: String,
        content_type: &str,
        tags: &str,
        body: Vec<u8>,
    ) -> Result<ObjectVersion, StoreError> {
        let sha256 = hex::encode(Sha256::digest(&body));
        if let Some(version) = self.is_there(&key, &sha256).await? {
            return Ok(ObjectVersion { key, version, sha256 });
        }
        let metadata = HashMap::from([(SHA256.to_owned(), sha256.clone())]);
        let request = self.client.put_object().bucket(&self.bucket).key(&key).content_type(content_type);
        let request = request.set_metadata(Some(metadata)).tagging(tags).body(ByteStream::from(body));
        let answer = request.send().await.map_err(|error| StoreError::sdk(self.operation("PutObject", &key), error))?;
        Ok(ObjectVersion { key, version: answer.version_id, sha256 })
    }

    /// The version of the object, if these bytes are there.
    async fn is_there(&self, key: &str, sha256: &str) -> Result<Option<Option<String>>, StoreError> {
        match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(head) => {
                let known = head.metadata().and_then(|map| map.get(SHA256));
                Ok((known.map(String::as_str) == Some(sha256)).then_some(head.version_id))
            }
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => Ok(None),
            Err(error) => Err(StoreError::sdk(self.operation("HeadObject", key), error)),
        }
    }

    pub(super) fn operation(&self, verb: &str, key: &str) -> String {
        format!("{verb} s3://{}/{key}", self.bucket)
    }
}
