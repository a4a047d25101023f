//! The text of an XML report as the XML library wants it: UTF-8, without control characters, in bounded pieces.

use std::io::{self, BufRead, Read};

use crate::error::{ErrorKind, Fault, FormatError};
use crate::lines::LineReader;
use crate::source::WarningKind;

/// Gives the decoded text piece by piece; a piece is a tag and the text after it.
#[derive(Debug)]
pub struct TextSource<R> {
    /// Where the text comes from.
    pub lines: LineReader<R>,
    piece: String,
    taken: usize,
    first: bool,
    /// Bytes given since the last event began: the library collects one event as a whole.
    of_event: usize,
    /// What the library hears of as an error of its source.
    pub fault: Option<FormatError>,
}

impl<R: Read> TextSource<R> {
    /// Nothing is read yet, except what was peeked at.
    pub fn new(mut lines: LineReader<R>) -> Self {
        lines.split_at_tags();
        Self { lines, piece: String::new(), taken: 0, first: true, of_event: 0, fault: None }
    }

    /// A new event begins.
    pub fn begin_event(&mut self) {
        self.of_event = 0;
    }

    fn next_piece(&mut self) -> Result<(), FormatError> {
        self.piece.clear();
        self.taken = 0;
        if !self.lines.advance()? {
            return Ok(());
        }
        if !self.first {
            self.piece.push('<');
        }
        self.first = false;
        let text = self.lines.text();
        if text.chars().any(is_forbidden) {
            self.piece.extend(text.chars().filter(|c| !is_forbidden(*c)));
            self.lines.warn(WarningKind::ControlCharacters, "control characters were left out");
        } else {
            self.piece.push_str(text);
        }
        let limit = self.lines.limits().max_line_bytes;
        self.of_event = self.of_event.saturating_add(self.piece.len());
        if self.of_event > limit.saturating_mul(2) {
            let expected = format!("at most {limit} bytes in one text, comment or tag");
            return Err(self.lines.error(Fault::new(ErrorKind::Limit, "a piece that does not end", expected)));
        }
        Ok(())
    }
}

/// Characters that XML does not allow, and that occur nevertheless.
fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

impl<R: Read> Read for TextSource<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for TextSource<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // The first piece, before the first tag, is empty.
        while self.taken >= self.piece.len() {
            let was_first = self.first;
            if let Err(error) = self.next_piece() {
                self.fault = Some(error);
                return Err(io::Error::other("the text cannot be read"));
            }
            if self.piece.is_empty() && !was_first {
                break;
            }
        }
        Ok(self.piece.as_bytes().get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.taken = self.taken.saturating_add(count);
    }
}
