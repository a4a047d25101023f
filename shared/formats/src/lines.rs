//! Decoded lines with their numbers, one at a time, out of one buffer.

use std::io::Read;

use memchr::{memchr, memchr_iter};

use crate::bytes::{ByteSource, wide};
use crate::charset::{self, BadLabel, Charset, Decision, SAMPLE_BYTES};
use crate::error::{ErrorKind, Fault, FormatError};
use crate::limits::Limits;
use crate::source::{Source, WarningKind, Warnings};
use crate::{Hints, SHOWN_CHARSETS};

/// Where the text of the present line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the buffer: it is UTF-8 there.
    Buffer,
    /// In `decoded`.
    Decoded,
}

/// The lines of a report. [`Self::advance`] goes to the next one; [`Self::text`] is it.
///
/// Two steps instead of one because a reader that looks for the next line of interest in a loop cannot return
/// a borrow out of that loop.
#[derive(Debug)]
pub struct LineReader<R> {
    bytes: ByteSource<R>,
    report: Box<str>,
    limits: Limits,
    charset: Charset,
    warnings: Warnings,
    decoded: String,
    place: Place,
    /// The length of the present line, without its line end.
    length: usize,
    /// What to forget before the next line: the present line with its end.
    passed: usize,
    number: u64,
    /// What lines end with: a line feed; for XML, which may have none, the bracket that opens a tag.
    delimiter: u8,
    /// For XML: the line feeds up to here.
    line_feeds: u64,
    at_end: bool,
    failed: bool,
}

impl<R: Read> LineReader<R> {
    /// Opens the source and reads past a byte order mark.
    pub fn new(source: R, hints: Hints, limits: Limits) -> Result<Self, FormatError> {
        let report = hints.report.into_boxed_str();
        let bytes = ByteSource::new(source, limits).map_err(|fault| fault.at(&report, 0))?;
        let mut warnings = Warnings::default();
        let declared =
            declared_charset(hints.charset.as_deref(), &mut warnings).map_err(|fault| fault.at(&report, 0))?;
        let mut lines = Self {
            bytes,
            report,
            limits,
            charset: Charset::new(declared),
            warnings,
            decoded: String::new(),
            place: Place::Buffer,
            length: 0,
            passed: 0,
            number: 0,
            delimiter: b'\n',
            line_feeds: 0,
            at_end: false,
            failed: false,
        };
        lines.pass_byte_order_mark().map_err(|fault| lines.error(fault))?;
        Ok(lines)
    }

    fn pass_byte_order_mark(&mut self) -> Result<(), Fault> {
        self.bytes.ensure(4);
        let utf16 = match self.bytes.available() {
            [0xef, 0xbb, 0xbf, ..] => {
                self.bytes.consume(3);
                self.charset.decide_utf8();
                false
            }
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, b' '..=b'~', 0, ..] | [b' '..=b'~', 0, _, 0, ..] => true,
            _ => false,
        };
        if utf16 {
            return Err(Fault::new(ErrorKind::BadCharset, "the text is UTF-16", SHOWN_CHARSETS));
        }
        Ok(())
    }

    /// From here on the pieces end where a tag opens, because XML need not have lines. The bracket is in none of them.
    pub fn split_at_tags(&mut self) {
        self.delimiter = b'<';
    }

    /// The character set that the document itself declares; the Content-Type goes before it.
    pub fn declare_charset(&mut self, label: &str) -> Result<(), FormatError> {
        match Charset::parse_label(label) {
            Ok(encoding) => self.charset.declare(encoding),
            Err(BadLabel::Unknown) => self.warnings.add(WarningKind::UnknownCharset, 1, UNKNOWN_CHARSET),
            Err(BadLabel::NotAscii(name)) => return Err(self.error(declared_unreadable(name))),
        }
        Ok(())
    }

    /// The bytes from here on, without going on: at least `count` of them, unless the file ends before.
    pub fn peek(&mut self, count: usize) -> &[u8] {
        self.bytes.consume(std::mem::take(&mut self.passed));
        self.length = 0;
        self.bytes.ensure(count);
        self.bytes.available()
    }

    /// Goes to the next line; false at the end of the file.
    #[inline]
    pub fn advance(&mut self) -> Result<bool, FormatError> {
        self.bytes.consume(self.passed);
        self.passed = 0;
        self.length = 0;
        let available = self.bytes.available();
        let Some(found) = memchr(self.delimiter, available) else { return self.advance_slowly() };
        self.take_line(found, found.saturating_add(1))?;
        Ok(true)
    }

    /// Reads on until there is a whole line.
    #[cold]
    fn advance_slowly(&mut self) -> Result<bool, FormatError> {
        let mut searched = 0;
        loop {
            let available = self.bytes.available();
            let rest = available.get(searched..).unwrap_or_default();
            if let Some(found) = memchr(self.delimiter, rest) {
                let found = found.saturating_add(searched);
                self.take_line(found, found.saturating_add(1))?;
                return Ok(true);
            }
            searched = available.len();
            if searched > self.limits.max_line_bytes.saturating_add(1) {
                self.number = self.number.saturating_add(1);
                return Err(self.line_too_long());
            }
            if self.bytes.ended() {
                if let Some(fault) = self.bytes.take_fault() {
                    self.number = self.number.saturating_add(1);
                    return Err(self.error(fault));
                }
                return self.last_line(searched);
            }
            self.bytes.fill();
        }
    }

    /// The last line may have no line end.
    fn last_line(&mut self, length: usize) -> Result<bool, FormatError> {
        if length == 0 {
            self.at_end = true;
            return Ok(false);
        }
        self.take_line(length, length)?;
        Ok(true)
    }

    #[inline]
    fn take_line(&mut self, length: usize, passed: usize) -> Result<(), FormatError> {
        self.passed = passed;
        let mut line = self.bytes.slice(0, length);
        if self.delimiter == b'\n' {
            self.number = self.number.saturating_add(1);
            if let [rest @ .., b'\r'] = line {
                line = rest;
            }
        } else {
            // The piece begins in the line in which the last one ended.
            self.number = self.line_feeds.saturating_add(1);
            self.line_feeds = self.line_feeds.saturating_add(wide(memchr_iter(b'\n', line).count()));
        }
        let length = line.len();
        self.place = Place::Buffer;
        self.length = length;
        if length > self.limits.max_line_bytes {
            return Err(self.line_too_long());
        }
        if is_ascii(line) { Ok(()) } else { self.decode(length) }
    }

    /// A line that is not ASCII: decides the character set at the first one, keeps to it afterwards.
    #[cold]
    fn decode(&mut self, length: usize) -> Result<(), FormatError> {
        if self.charset.decided().is_none() {
            self.bytes.ensure(SAMPLE_BYTES.max(self.passed));
            let line = self.bytes.slice(0, length);
            let sample = self.bytes.available();
            let sample = sample.get(..SAMPLE_BYTES.max(length)).unwrap_or(sample);
            match self.charset.decide(line, sample) {
                Decision::Fits => {}
                Decision::Wrong(declared) => {
                    let text = format!("the text is declared as {declared}, but is {}", self.charset.name());
                    self.warnings.add(WarningKind::WrongCharset, self.number, text);
                }
                Decision::None => return Err(self.error(not_in_any_charset())),
            }
        }
        let line = self.bytes.slice(0, length);
        if self.charset.is_utf8() {
            match std::str::from_utf8(line) {
                Ok(text) if text.contains('\u{fffd}') => self.note_lost_characters(),
                Ok(_) => {}
                Err(_invalid) => {
                    let fault = self.not_in_decided_charset();
                    return Err(self.error(fault));
                }
            }
            return Ok(());
        }
        if self.charset.is_mixture(line) {
            let found = "a line of UTF-8 in a file of windows-1252";
            return Err(self.error(Fault::new(ErrorKind::BadCharset, found, "one character set in the whole file")));
        }
        let valid = match self.charset.decided() {
            Some(encoding) => charset::decode(encoding, line, &mut self.decoded),
            None => false,
        };
        if !valid {
            let fault = self.not_in_decided_charset();
            return Err(self.error(fault));
        }
        self.place = Place::Decoded;
        Ok(())
    }

    fn note_lost_characters(&mut self) {
        let text = "the text has U+FFFD signs: characters were lost before this file was written";
        self.warnings.add(WarningKind::LostCharacters, self.number, text);
    }

    fn not_in_decided_charset(&self) -> Fault {
        let charset = self.charset.name();
        let found = format!("bytes that are not {charset}, as the lines before are");
        Fault::new(ErrorKind::BadCharset, found, "one character set in the whole file")
    }

    fn line_too_long(&mut self) -> FormatError {
        let expected = format!("at most {} bytes in a line", self.limits.max_line_bytes);
        self.error(Fault::new(ErrorKind::Limit, "the line is longer than allowed", expected))
    }

    /// The present line, without its line end.
    #[inline]
    pub fn text(&self) -> &str {
        match self.place {
            // Checked by `take_line`; to check again is cheaper than to copy.
            Place::Buffer => std::str::from_utf8(self.bytes.slice(0, self.length)).unwrap_or_default(),
            Place::Decoded => &self.decoded,
        }
    }

    /// The bytes of [`Self::text`]: cheaper, because they are not checked again.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        match self.place {
            Place::Buffer => self.bytes.slice(0, self.length),
            Place::Decoded => self.decoded.as_bytes(),
        }
    }

    /// The number of the present line, the first is 1.
    #[inline]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// An error at the present line. No line comes after an error.
    pub fn error(&mut self, fault: Fault) -> FormatError {
        self.error_at(self.number, fault)
    }

    /// An error at an earlier line.
    pub fn error_at(&mut self, line: u64, fault: Fault) -> FormatError {
        self.failed = true;
        fault.at(&self.report, line)
    }

    /// Notes something strange about the present line.
    pub fn warn(&mut self, kind: WarningKind, text: impl Into<std::borrow::Cow<'static, str>>) {
        self.warnings.add(kind, self.number, text);
    }

    /// Notes something strange about an earlier line.
    pub fn warn_at(&mut self, kind: WarningKind, line: u64, text: impl Into<std::borrow::Cow<'static, str>>) {
        self.warnings.add(kind, line, text);
    }

    /// An error where an error was before: what comes after it would look like a whole report.
    #[inline]
    pub fn check_not_failed(&self) -> Result<(), FormatError> {
        if !self.failed {
            return Ok(());
        }
        let fault = Fault::new(ErrorKind::Unfinished, "reading went on after an error", "it to end at the error");
        Err(fault.at(&self.report, self.number))
    }

    /// The bounds that the report is read with.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What was read. An error where the end was not reached: half a file proves nothing.
    pub fn finish(self, rows: u64, unknown_columns: Vec<String>) -> Result<Source, FormatError> {
        if !self.at_end || self.failed {
            let fault = Fault::new(ErrorKind::Unfinished, "the report was not read to its end", "every row to be read");
            return Err(fault.at(&self.report, self.number));
        }
        Ok(Source {
            sha256: self.bytes.sha256(),
            bytes: self.bytes.total(),
            lines: if self.delimiter == b'\n' { self.number } else { self.line_feeds },
            rows,
            charset: self.charset.name(),
            unknown_columns,
            warnings: self.warnings.into_vec(),
        })
    }
}

const UNKNOWN_CHARSET: &str = "the declared character set is not known by that name";

fn declared_unreadable(name: &str) -> Fault {
    Fault::new(ErrorKind::BadCharset, format!("the text is declared as {name}"), SHOWN_CHARSETS)
}

/// Whether all bytes are ASCII; for lines of some hundred bytes quicker than the library's, which looks at the last
/// bytes one by one.
#[inline]
fn is_ascii(line: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = line.as_chunks::<8>();
    let bits = words.iter().fold(0, |bits, word| bits | u64::from_le_bytes(*word));
    match line.last_chunk::<8>() {
        Some(last) => (bits | u64::from_le_bytes(*last)) & HIGH == 0,
        None => rest.is_ascii(),
    }
}

fn not_in_any_charset() -> Fault {
    Fault::new(ErrorKind::BadCharset, "bytes that fit no character set", SHOWN_CHARSETS)
}

fn declared_charset(
    label: Option<&str>,
    warnings: &mut Warnings,
) -> Result<Option<&'static encoding_rs::Encoding>, Fault> {
    let Some(label) = label.filter(|label| !label.trim().is_empty()) else { return Ok(None) };
    match Charset::parse_label(label) {
        Ok(encoding) => Ok(Some(encoding)),
        Err(BadLabel::Unknown) => {
            warnings.add(WarningKind::UnknownCharset, 0, UNKNOWN_CHARSET);
            Ok(None)
        }
        Err(BadLabel::NotAscii(name)) => Err(declared_unreadable(name)),
    }
}
