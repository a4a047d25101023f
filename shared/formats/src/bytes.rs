//! The bytes of a report: gunzipped where they are gzip, counted, bounded, hashed, in one buffer.

use std::io::{self, BufReader, Chain, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::error::{ErrorKind, Fault};
use crate::limits::Limits;

/// How much is asked of the source at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The first bytes of every gzip member.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The source with its first bytes put back, counting what was taken and remembering whether it failed.
#[derive(Debug)]
struct Counted<R> {
    inner: Chain<Cursor<Vec<u8>>, R>,
    taken: u64,
    failed: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(buffer);
        match &result {
            Ok(count) => self.taken = self.taken.saturating_add(wide(*count)),
            Err(error) => self.failed = error.kind() != io::ErrorKind::Interrupted,
        }
        result
    }
}

#[derive(Debug)]
enum Input<R> {
    Plain(Counted<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Counted<R>>>>),
}

/// A window on the decompressed bytes. What lies before `start` is forgotten when room is needed.
#[derive(Debug)]
pub(crate) struct ByteSource<R> {
    input: Input<R>,
    limits: Limits,
    hash: Sha256,
    total: u64,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// No more bytes come: the end of the file, or `fault`.
    ended: bool,
    /// Why no more bytes come; told only when the bytes before it are used up, so that the place of an error
    /// does not depend on how the bytes arrive.
    fault: Option<Fault>,
}

/// A count of bytes as the 64-bit number that files are measured in.
pub(crate) fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl<R: Read> ByteSource<R> {
    pub(crate) fn new(mut source: R, limits: Limits) -> Result<Self, Fault> {
        let first = first_two(&mut source).map_err(Fault::from_io)?;
        let gzip = first == GZIP_MAGIC;
        let counted = Counted { inner: Cursor::new(first).chain(source), taken: 0, failed: false };
        let input = if gzip {
            Input::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(CHUNK_BYTES, counted))))
        } else {
            Input::Plain(counted)
        };
        Ok(Self {
            input,
            limits,
            hash: Sha256::new(),
            total: 0,
            buffer: vec![0; limits.max_line_bytes.saturating_add(CHUNK_BYTES)],
            start: 0,
            end: 0,
            ended: false,
            fault: None,
        })
    }

    /// What is there and not yet consumed.
    pub(crate) fn available(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Bytes `from..to` of what is available.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &[u8] {
        self.available().get(from..to).unwrap_or_default()
    }

    /// Forgets the first bytes of what is available.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Whether [`Self::available`] is all that comes.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Why the bytes end before their time. Ask when what is available is used up.
    pub(crate) fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// Bytes so far, after decompression.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The hash of all bytes so far, in hex.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }

    /// Reads until `count` bytes are available or no more come. `count` must fit beside a line: see the buffer.
    pub(crate) fn ensure(&mut self, count: usize) {
        while !self.ended && self.end.saturating_sub(self.start) < count {
            self.fill();
        }
    }

    /// Reads once more. Makes room first; does nothing where the buffer is full.
    pub(crate) fn fill(&mut self) {
        if self.ended {
            return;
        }
        if self.start > 0 && self.buffer.len().saturating_sub(self.end) < CHUNK_BYTES {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end = self.end.saturating_sub(self.start);
            self.start = 0;
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        if room.is_empty() {
            return;
        }
        let result = match &mut self.input {
            Input::Plain(source) => source.read(room),
            Input::Gzip(source) => source.read(room),
        };
        match result {
            Ok(0) => self.ended = true,
            Ok(count) => self.accept(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.end_with(self.fault_of(error)),
        }
    }

    fn accept(&mut self, count: usize) {
        let end = self.end.saturating_add(count);
        self.hash.update(self.buffer.get(self.end..end).unwrap_or_default());
        self.end = end;
        self.total = self.total.saturating_add(wide(count));
        if self.total > self.limits.max_decompressed_bytes {
            let expected = format!("at most {} bytes", self.limits.max_decompressed_bytes);
            self.end_with(Fault::new(ErrorKind::Limit, "the report is larger than allowed", expected));
        } else if let Some(taken) = self.compressed_taken()
            && self.total > Limits::RATIO_FREE_BYTES
            && self.total > taken.saturating_mul(self.limits.max_ratio)
        {
            let expected = format!("at most {} bytes for each compressed byte", self.limits.max_ratio);
            self.end_with(Fault::new(ErrorKind::Limit, "the gzip data swells like a bomb", expected));
        }
    }

    /// Compressed bytes that were decompressed, without those that only lie ready.
    fn compressed_taken(&self) -> Option<u64> {
        match &self.input {
            Input::Plain(_) => None,
            Input::Gzip(decoder) => {
                let reader = decoder.get_ref();
                Some(reader.get_ref().taken.saturating_sub(wide(reader.buffer().len())))
            }
        }
    }

    fn end_with(&mut self, fault: Fault) {
        self.ended = true;
        self.fault = Some(fault);
    }

    /// Tells a source that failed from gzip data that is damaged.
    fn fault_of(&self, error: io::Error) -> Fault {
        let damaged = match &self.input {
            Input::Gzip(decoder) => !decoder.get_ref().get_ref().failed,
            Input::Plain(_) => false,
        };
        if !damaged {
            return Fault::from_io(error);
        }
        if error.kind() == io::ErrorKind::UnexpectedEof {
            let found = "the gzip data is cut off before its end";
            return Fault::new(ErrorKind::Truncated, found, "the whole file: download it again").caused_by(error);
        }
        Fault::new(ErrorKind::BadGzip, "the gzip data is damaged", "gzip data, or plain text").caused_by(error)
    }
}

fn first_two(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(2);
    source.take(2).read_to_end(&mut first)?;
    Ok(first)
}
