//! The documents of reports in S3, unchanged: streamed in, streamed out, never whole in memory.

mod file;
mod metadata;
mod put;
mod read;

pub use file::measure;
pub use metadata::{ObjectMetadata, ObjectPlace, report_key};
pub use put::{Declared, PutError, Stored};
pub use read::{ObjectReader, OpenObject};

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectError;

use crate::StoreError;

/// The buckets of reports.
#[derive(Debug, Clone)]
pub struct ReportObjects {
    client: Client,
}

/// An object without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many bytes it has.
    pub bytes: u64,
    /// What stands beside it.
    pub metadata: ObjectMetadata,
}

impl ReportObjects {
    /// The objects that this client reaches.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// What is known of an object, if it is there.
    pub async fn exists(&self, bucket: &str, key: &str) -> Result<Option<Head>, StoreError> {
        match self.client.head_object().bucket(bucket).key(key).send().await {
            Ok(head) => Ok(Some(Head {
                bytes: head.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
                metadata: ObjectMetadata::read(bucket, key, head.metadata())?,
            })),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => Ok(None),
            Err(error) => Err(StoreError::sdk(format!("HeadObject s3://{bucket}/{key}"), error)),
        }
    }
}
