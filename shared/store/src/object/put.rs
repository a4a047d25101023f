//! Streams a document into the bucket.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};

use super::{ObjectMetadata, ReportObjects};
use crate::StoreError;

/// The size of a part. S3 takes 10,000 of them: documents of up to 80 GB, with one part in memory.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// How many bytes.
    pub bytes: u64,
    /// Their SHA-256, in hex.
    pub sha256: String,
}

/// What is known of a document's length before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declared {
    /// The length that the sender stated.
    pub bytes: Option<u64>,
}

/// Why a document is not in the bucket. Nothing is: an upload that was begun is taken back.
#[derive(Debug, thiserror::Error)]
pub enum PutError<E: std::error::Error + 'static> {
    /// The sender failed: fetch the document again.
    #[error("the document could not be read to its end")]
    Source(#[source] E),
    /// The sender stopped early, or sent too much: fetch the document again.
    #[error("the document should have {declared} bytes, but has {received}")]
    Length {
        /// What the sender stated.
        declared: u64,
        /// What came.
        received: u64,
    },
    /// The bucket failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An object on its way into the bucket.
struct Upload<'a> {
    objects: &'a ReportObjects,
    bucket: &'a str,
    key: &'a str,
}

impl ReportObjects {
    /// Streams a document into the bucket: a small one with one request, a larger one in parts of 8 MB. The
    /// object appears only when all of it is there; the bytes are not changed.
    ///
    /// A process that dies in between leaves parts that nobody sees; the bucket's life cycle removes them.
    pub async fn put_stream<S, E>(
        &self,
        bucket: &str,
        key: &str,
        metadata: &ObjectMetadata,
        declared: Declared,
        mut body: S,
    ) -> Result<Stored, PutError<E>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
        E: std::error::Error + Send + 'static,
    {
        let upload = Upload { objects: self, bucket, key };
        let mut incoming = Incoming::new(declared);
        let first = incoming.part(&mut body).await?;
        if incoming.ended {
            upload.put_whole(metadata, first).await?;
            return Ok(incoming.stored());
        }
        let id = upload.begin(metadata).await?;
        match upload.parts(&id, first, &mut incoming, &mut body).await {
            Ok(()) => Ok(incoming.stored()),
            Err(error) => {
                upload.abort(&id).await;
                Err(error)
            }
        }
    }
}

/// What comes in: counted, hashed and cut into parts.
struct Incoming {
    declared: Option<u64>,
    received: u64,
    hash: Sha256,
    rest: BytesMut,
    ended: bool,
}

impl Incoming {
    fn new(declared: Declared) -> Self {
        Self { declared: declared.bytes, received: 0, hash: Sha256::new(), rest: BytesMut::new(), ended: false }
    }

    /// The next part: of full size unless the document ends.
    async fn part<S, E>(&mut self, body: &mut S) -> Result<Bytes, PutError<E>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::error::Error + 'static,
    {
        while self.rest.len() < PART_BYTES && !self.ended {
            match body.next().await {
                Some(chunk) => {
                    let chunk = chunk.map_err(PutError::Source)?;
                    self.hash.update(&chunk);
                    self.received = self.received.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                    self.rest.extend_from_slice(&chunk);
                }
                None => self.ended = true,
            }
        }
        if self.ended
            && let Some(declared) = self.declared.filter(|declared| *declared != self.received)
        {
            return Err(PutError::Length { declared, received: self.received });
        }
        let size = self.rest.len().min(PART_BYTES);
        self.ended &= size == self.rest.len();
        Ok(self.rest.split_to(size).freeze())
    }

    fn stored(self) -> Stored {
        Stored { bytes: self.received, sha256: hex::encode(self.hash.finalize()) }
    }
}

impl Upload<'_> {
    fn operation(&self, verb: &str) -> String {
        format!("{verb} s3://{}/{}", self.bucket, self.key)
    }

    async fn put_whole(&self, metadata: &ObjectMetadata, body: Bytes) -> Result<(), StoreError> {
        let request = self.objects.client.put_object().bucket(self.bucket).key(self.key);
        let request = request.set_metadata(Some(metadata.write())).set_tagging(metadata.tags());
        let request = request.body(ByteStream::from(body));
        request.send().await.map(|_| ()).map_err(|error| StoreError::sdk(self.operation("PutObject"), error))
    }

    async fn begin(&self, metadata: &ObjectMetadata) -> Result<String, StoreError> {
        let operation = || self.operation("CreateMultipartUpload");
        let request = self.objects.client.create_multipart_upload().bucket(self.bucket).key(self.key);
        let request = request.set_metadata(Some(metadata.write())).set_tagging(metadata.tags());
        let answer = request.send().await;
        let answer = answer.map_err(|error| StoreError::sdk(operation(), error))?;
        answer.upload_id.ok_or_else(|| StoreError::Missing { item: format!("{}: the upload's id", operation()) })
    }

    async fn parts<S, E>(
        &self,
        id: &str,
        first: Bytes,
        incoming: &mut Incoming,
        body: &mut S,
    ) -> Result<(), PutError<E>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::error::Error + 'static,
    {
        let mut parts = vec![self.part(id, 1, first).await?];
        while !incoming.ended {
            let part = incoming.part(body).await?;
            if !part.is_empty() {
                let number = i32::try_from(parts.len()).unwrap_or(i32::MAX).saturating_add(1);
                parts.push(self.part(id, number, part).await?);
            }
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = self.objects.client.complete_multipart_upload().bucket(self.bucket).key(self.key);
        let answer = request.upload_id(id).multipart_upload(parts).send().await;
        answer.map_err(|error| StoreError::sdk(self.operation("CompleteMultipartUpload"), error))?;
        Ok(())
    }

    async fn part(&self, id: &str, number: i32, body: Bytes) -> Result<CompletedPart, StoreError> {
        let request = self.objects.client.upload_part().bucket(self.bucket).key(self.key).upload_id(id);
        let answer = request.part_number(number).body(ByteStream::from(body)).send().await;
        let answer = answer.map_err(|error| StoreError::sdk(self.operation("UploadPart"), error))?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(answer.e_tag)
            .set_checksum_crc32(answer.checksum_crc32)
            .set_checksum_crc64_nvme(answer.checksum_crc64_nvme)
            .build())
    }

    /// Takes an upload back. Where that fails too, the bucket's life cycle does it; the first error matters.
    async fn abort(&self, id: &str) {
        let request = self.objects.client.abort_multipart_upload().bucket(self.bucket).key(self.key);
        if let Err(error) = request.upload_id(id).send().await {
            let error = StoreError::sdk(self.operation("AbortMultipartUpload"), error);
            tracing::warn!(kind = error.error_type(), "an unfinished upload was not taken back");
        }
    }
}
