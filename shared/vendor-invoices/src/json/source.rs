//! The bytes of a JSON file: finds where a value ends without keeping more than that value.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use super::error::{ReadError, ReadErrorKind};

/// The longest invoice in bytes: about 5,000 items with every field.
const MAX_INVOICE_BYTES: usize = 8 << 20;

/// The deepest nesting; Amazon's models have 7 levels.
const MAX_DEPTH: u32 = 32;

/// The byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes with the number of their line, recorded on demand.
#[derive(Debug)]
pub(super) struct Source<R> {
    bytes: BufReader<R>,
    file: Arc<str>,
    line: u64,
    recording: bool,
    record: Vec<u8>,
    started: bool,
}

impl<R: Read> Source<R> {
    pub(super) fn new(source: R, file: Arc<str>) -> Self {
        let bytes = BufReader::with_capacity(64 * 1024, source);
        Self { bytes, file, line: 1, recording: false, record: Vec::new(), started: false }
    }

    /// The line of the next byte.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// Keeps every byte from here on.
    pub(super) fn record(&mut self) {
        self.record.clear();
        self.recording = true;
    }

    /// Forgets what was kept.
    pub(super) fn drop_record(&mut self) {
        self.record.clear();
        self.recording = false;
    }

    /// What was kept, as text, which began on `line`.
    pub(super) fn recorded(&mut self, line: u64) -> Result<&str, ReadError> {
        self.recording = false;
        std::str::from_utf8(&self.record).map_err(|error| {
            let before = self.record.get(..error.valid_up_to()).unwrap_or_default();
            let lines_before = before.split(|byte| *byte == b'\n').skip(1).count();
            let line = line.saturating_add(u64::try_from(lines_before).unwrap_or(0));
            ReadError::new(ReadErrorKind::Encoding, &self.file, line).because(error)
        })
    }

    /// The next byte, not taken; `None` at the end.
    fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        if self.bytes.buffer().is_empty() {
            self.fill()?;
        }
        Ok(self.bytes.buffer().first().copied())
    }

    #[cold]
    fn fill(&mut self) -> Result<(), ReadError> {
        let filled = self.bytes.fill_buf();
        let bytes = filled.map_err(|error| ReadError::new(ReadErrorKind::Io, &self.file, self.line).because(error))?;
        if !std::mem::replace(&mut self.started, true) && bytes.starts_with(BYTE_ORDER_MARK) {
            self.bytes.consume(BYTE_ORDER_MARK.len());
            if self.bytes.buffer().is_empty() {
                return self.fill();
            }
        }
        Ok(())
    }

    /// Takes the next byte.
    pub(super) fn take(&mut self) -> Result<u8, ReadError> {
        let Some(byte) = self.peek()? else {
            return Err(self.fault("more: the file ends in the middle"));
        };
        self.bytes.consume(1);
        if byte == b'\n' {
            self.line = self.line.saturating_add(1);
        }
        if self.recording {
            if self.record.len() >= MAX_INVOICE_BYTES {
                return Err(ReadError::new(ReadErrorKind::Limit, &self.file, self.line)
                    .saying("one invoice is longer than 8 MiB; is a `]` or `}` missing?"));
            }
            self.record.push(byte);
        }
        Ok(byte)
    }

    /// Takes space and tells the byte after it, not taken.
    pub(super) fn skip_space(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => {
                    self.take()?;
                }
                next => return Ok(next),
            }
        }
    }

    /// Takes a text and tells its characters; escapes are left as they are, for no field's name has one.
    pub(super) fn skip_string(&mut self) -> Result<String, ReadError> {
        self.take()?;
        let mut text = Vec::new();
        loop {
            match self.take()? {
                b'"' => return Ok(String::from_utf8_lossy(&text).into_owned()),
                b'\\' => {
                    text.push(b'\\');
                    text.push(self.take()?);
                }
                byte => text.push(byte),
            }
        }
    }

    /// Takes one value. Only its end is looked for here; whether it is well-formed is seen when it is parsed.
    pub(super) fn skip_value(&mut self) -> Result<(), ReadError> {
        match self.skip_space()? {
            Some(b'{' | b'[') => self.skip_nested(),
            Some(b'"') => self.skip_text(),
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'-' => {
                while self.peek()?.is_some_and(|byte| !b" \t\r\n,]}".contains(&byte)) {
                    self.take()?;
                }
                Ok(())
            }
            _ => Err(self.fault("a value")),
        }
    }

    fn skip_text(&mut self) -> Result<(), ReadError> {
        self.take()?;
        loop {
            match self.take()? {
                b'"' => return Ok(()),
                b'\\' => {
                    self.take()?;
                }
                _ => {}
            }
        }
    }

    fn skip_nested(&mut self) -> Result<(), ReadError> {
        let mut depth = 0_u32;
        loop {
            if self.peek()? == Some(b'"') {
                self.skip_text()?;
                continue;
            }
            match self.take()? {
                b'{' | b'[' => depth = depth.saturating_add(1),
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
            if depth > MAX_DEPTH {
                return Err(ReadError::new(ReadErrorKind::Limit, &self.file, self.line)
                    .saying("this is nested deeper than 32 levels; no invoice is"));
            }
        }
    }

    /// How much memory the record takes, in bytes.
    #[cfg(test)]
    pub(super) fn record_capacity(&self) -> usize {
        self.record.capacity()
    }

    /// A fault of syntax here.
    pub(super) fn fault(&self, expected: &str) -> ReadError {
        self.says(format!("expected {expected}"))
    }

    /// A fault of syntax here, in words of its own.
    pub(super) fn says(&self, text: impl Into<String>) -> ReadError {
        ReadError::new(ReadErrorKind::Syntax, &self.file, self.line).saying(text)
    }
}
