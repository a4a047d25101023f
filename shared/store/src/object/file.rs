//! A file of this machine into the bucket: measured first, put only if it is still the same.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{Declared, ObjectMetadata, PutError, ReportObjects, Stored};

/// How much of a file is read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// The length and the SHA-256 of what a reader gives, up to its end.
pub fn measure(mut source: impl Read) -> io::Result<Stored> {
    let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let size = source.read(&mut buffer)?;
        let Some(chunk) = buffer.get(..size).filter(|chunk| !chunk.is_empty()) else { break };
        hash.update(chunk);
        bytes = bytes.saturating_add(u64::try_from(size).unwrap_or(u64::MAX));
    }
    Ok(Stored { bytes, sha256: hex::encode(hash.finalize()) })
}

impl ReportObjects {
    /// Puts a file of this machine into the bucket, from its first byte on. When it is no longer the one that was
    /// measured, nothing appears in the bucket.
    ///
    /// Reading blocks the thread: this is for a command, not for a function.
    pub async fn put_file(
        &self,
        bucket: &str,
        key: &str,
        metadata: &ObjectMetadata,
        mut file: File,
        measured: &Stored,
    ) -> Result<Stored, PutError<io::Error>> {
        file.seek(SeekFrom::Start(0)).map_err(PutError::Source)?;
        let reading = Reading { file, hash: Some(Sha256::new()), expected: measured.sha256.clone() };
        let body = futures_util::stream::unfold(reading, |mut reading| async move {
            let chunk = reading.next().transpose()?;
            Some((chunk, reading))
        });
        let declared = Declared { bytes: Some(measured.bytes) };
        self.put_stream(bucket, key, metadata, declared, Box::pin(body)).await
    }
}

/// A file on its way; what was read is compared at its end.
struct Reading {
    file: File,
    /// None once the end was told of.
    hash: Option<Sha256>,
    expected: String,
}

impl Reading {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(hash) = &mut self.hash else { return Ok(None) };
        let mut buffer = vec![0; CHUNK_BYTES];
        let size = self.file.read(&mut buffer)?;
        buffer.truncate(size);
        if size > 0 {
            hash.update(&buffer);
            return Ok(Some(Bytes::from(buffer)));
        }
        let found = self.hash.take().map(|hash| hex::encode(hash.finalize()));
        if found.as_deref() == Some(self.expected.as_str()) {
            return Ok(None);
        }
        Err(io::Error::other("the file has changed since it was read"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    #[test]
    fn a_file_is_measured_to_its_end() {
        let measured = measure(&b"abc"[..]).unwrap();
        assert_eq!(measured.bytes, 3);
        assert_eq!(measured.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_file_that_is_still_the_same_is_read_to_its_end() {
        let content = vec![7; CHUNK_BYTES + 5];
        let expected = measure(content.as_slice()).unwrap().sha256;
        let mut reading = Reading { file: file(&content), hash: Some(Sha256::new()), expected };
        let mut sizes = Vec::new();
        while let Some(chunk) = reading.next().unwrap() {
            sizes.push(chunk.len());
        }
        assert_eq!(sizes, [CHUNK_BYTES, 5]);
    }

    #[test]
    fn a_file_that_has_changed_ends_in_an_error() {
        let expected = measure(&b"abc"[..]).unwrap().sha256;
        let mut reading = Reading { file: file(b"abd"), hash: Some(Sha256::new()), expected };
        assert!(reading.next().unwrap().is_some());
        assert!(reading.next().unwrap_err().to_string().contains("has changed"));
        assert!(reading.next().unwrap().is_none(), "the error is told once");
    }
}
