//! Streams an object out of the bucket, into a reader that does not know of async.

use std::collections::HashMap;
use std::io::{self, Read};

use aws_sdk_s3::primitives::ByteStream;
use bytes::{Buf, Bytes};
use tokio::sync::mpsc;

use super::{ObjectMetadata, ObjectPlace, ReportObjects};
use crate::StoreError;

/// How many chunks wait for the reader. A chunk is what one read of the connection gave: at most some 100 KB.
const CHUNKS_AHEAD: usize = 8;
/// How often a cut connection is opened again without a single byte in between.
const REOPENINGS: usize = 4;

/// An object that is open for reading.
#[derive(Debug)]
pub struct OpenObject {
    /// What stands beside it.
    pub metadata: ObjectMetadata,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its bytes.
    pub body: ObjectReader,
}

/// The bytes of an object as [`std::io::Read`], for the parsers: use it on a blocking thread.
///
/// A task of the runtime fetches ahead, a few chunks and no more. When the connection is cut it is opened again
/// where it broke, on the condition that the object is still the same.
#[derive(Debug)]
pub struct ObjectReader {
    chunks: mpsc::Receiver<Result<Bytes, StoreError>>,
    current: Bytes,
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.chunks.blocking_recv() {
                Some(Ok(chunk)) => self.current = chunk,
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Ok(0),
            }
        }
        let size = self.current.len().min(buffer.len());
        if let Some(target) = buffer.get_mut(..size) {
            self.current.copy_to_slice(target);
        }
        Ok(size)
    }
}

/// Metadata, bytes and body of an object.
type AnyObject = (Option<HashMap<String, String>>, u64, ObjectReader);

/// Where the reading is.
struct Source {
    objects: ReportObjects,
    place: ObjectPlace,
    etag: Option<String>,
    bytes: u64,
    position: u64,
}

impl ReportObjects {
    /// Opens an object.
    pub async fn open(&self, place: &ObjectPlace) -> Result<OpenObject, StoreError> {
        let (metadata, bytes, body) = self.open_any(place).await?;
        let metadata = ObjectMetadata::read(&place.bucket, &place.key, metadata.as_ref())?;
        Ok(OpenObject { metadata, bytes, body })
    }

    /// Opens an object of any kind: what stands beside it, how many bytes it has, and the bytes.
    pub(crate) async fn open_any(&self, place: &ObjectPlace) -> Result<AnyObject, StoreError> {
        let ObjectPlace { bucket, key, version } = place;
        let request = self.client.get_object().bucket(bucket).key(key).set_version_id(version.clone());
        let answer = request.send().await;
        let answer = answer.map_err(|error| StoreError::sdk(format!("GetObject s3://{bucket}/{key}"), error))?;
        let bytes = answer.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
        let etag = answer.e_tag().map(str::to_owned);
        let metadata = answer.metadata;
        let source = Source { objects: self.clone(), place: place.clone(), etag, bytes, position: 0 };
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        tokio::spawn(source.pump(answer.body, sender));
        Ok((metadata, bytes, ObjectReader { chunks, current: Bytes::new() }))
    }
}

impl Source {
    /// Hands chunks on until the object ends, cannot be read, or nobody reads any more.
    async fn pump(mut self, mut body: ByteStream, sender: mpsc::Sender<Result<Bytes, StoreError>>) {
        let mut cuts = 0;
        loop {
            let error = match body.next().await {
                Some(Ok(chunk)) => {
                    cuts = 0;
                    self.position = self.position.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                    if sender.send(Ok(chunk)).await.is_err() {
                        return;
                    }
                    continue;
                }
                None if self.position >= self.bytes => return,
                None => io::Error::from(io::ErrorKind::UnexpectedEof).into(),
                Some(Err(error)) => error,
            };
            cuts = usize::saturating_add(cuts, 1);
            if cuts > REOPENINGS {
                let _nobody_reads = sender.send(Err(StoreError::build(self.operation(), error))).await;
                return;
            }
            match self.reopen().await {
                Ok(again) => body = again,
                Err(error) => {
                    let _nobody_reads = sender.send(Err(error)).await;
                    return;
                }
            }
        }
    }

    fn operation(&self) -> String {
        format!("GetObject s3://{}/{}", self.place.bucket, self.place.key)
    }

    async fn reopen(&self) -> Result<ByteStream, StoreError> {
        tracing::debug!(position_bytes = self.position, "the connection to the bucket was cut; it is opened again");
        let request = self.objects.client.get_object().bucket(&self.place.bucket).key(&self.place.key);
        let answer = request
            .set_version_id(self.place.version.clone())
            .set_if_match(self.etag.clone())
            .range(format!("bytes={}-", self.position))
            .send()
            .await;
        answer.map(|answer| answer.body).map_err(|error| StoreError::sdk(self.operation(), error))
    }
}
