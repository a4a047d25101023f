//! One record: the fields of a line, or of several where a quoted field has line breaks.

use std::ops::Range;

use csv_core::{ReadRecordResult, ReaderBuilder};
use memchr::memchr;

/// What splitting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The fields are there.
    Done,
    /// A quoted field is not closed: it goes on in the next line.
    Open,
    /// More fields than allowed.
    TooMany,
    /// There is text between a closing quote and the next separator; the field's place, counted from 0.
    AfterQuote(usize),
}

/// Where the text of the fields is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the line itself.
    Line,
    /// In `text`: quotes were doubled, or the record has several lines.
    Text,
}

/// Splits records by RFC 4180. The space is kept from record to record.
#[derive(Debug)]
pub struct Record {
    separator: u8,
    max_fields: usize,
    spans: Vec<(u32, u32)>,
    place: Place,
    text: String,
    /// The lines of a record that are read already.
    lines: String,
    /// Whether they have an odd number of quotes.
    odd_quotes: bool,
}

impl Record {
    /// For records with this separator and at most so many fields.
    pub fn new(separator: u8, max_fields: usize) -> Self {
        Self {
            separator,
            max_fields,
            spans: Vec::with_capacity(128),
            place: Place::Line,
            text: String::new(),
            lines: String::new(),
            odd_quotes: false,
        }
    }

    /// Splits a line of UTF-8, or of a part of it that is whole text.
    #[inline]
    pub fn split(&mut self, line: &[u8]) -> Split {
        self.place = Place::Line;
        match self.find_fields(line) {
            Found::Fields => Split::Done,
            Found::Open => Split::Open,
            Found::Doubled => self.unquote(line),
            Found::TooMany => Split::TooMany,
            Found::AfterQuote(field) => Split::AfterQuote(field),
        }
    }

    /// Begins a record of several lines.
    pub fn begin_lines(&mut self, first: &str) {
        self.lines.clear();
        self.lines.push_str(first);
        self.odd_quotes = has_odd_quotes(first);
    }

    /// Adds a line to a record of several lines; how long they are together.
    pub fn add_line(&mut self, line: &str) -> usize {
        self.lines.push('\n');
        self.lines.push_str(line);
        self.odd_quotes ^= has_odd_quotes(line);
        self.lines.len()
    }

    /// Whether all quotes are closed, so that splitting is worth while.
    pub(crate) const fn is_closed(&self) -> bool {
        !self.odd_quotes
    }

    /// Splits a record of several lines.
    pub fn split_lines(&mut self) -> Split {
        let lines = std::mem::take(&mut self.lines);
        let split = self.split(lines.as_bytes());
        if self.place == Place::Line {
            self.text.clone_from(&lines);
            self.place = Place::Text;
        }
        self.lines = lines;
        split
    }

    /// A record that has only one field with text, and separators in it, was wrapped in quotes as a whole
    /// (a spreadsheet does that): splits the field.
    pub fn unwrap(&mut self, line: &str) -> Split {
        let wrapped = self.get(line, 0).to_owned();
        let split = self.split(wrapped.as_bytes());
        if self.place == Place::Line {
            self.text = wrapped;
            self.place = Place::Text;
        }
        split
    }

    /// Whether the record looks as if it was wrapped as a whole.
    pub fn is_wrapped(&self, line: &[u8]) -> bool {
        let rest_is_empty = self.spans.iter().skip(1).all(|(start, end)| start == end);
        rest_is_empty && memchr(self.separator, self.bytes(line, 0)).is_some()
    }

    /// How many fields the present record has.
    pub fn count(&self) -> usize {
        self.spans.len()
    }

    /// The field, trimmed; empty where the record does not have it.
    #[inline]
    pub fn get<'a>(&'a self, line: &'a str, index: usize) -> &'a str {
        let text = match self.place {
            Place::Line => line,
            Place::Text => &self.text,
        };
        trim(self.range(index).and_then(|range| text.get(range)).unwrap_or_default())
    }

    /// The bytes of the field, without ASCII blanks at its ends; empty where the record does not have it.
    #[inline]
    pub fn bytes<'a>(&'a self, line: &'a [u8], index: usize) -> &'a [u8] {
        let text = match self.place {
            Place::Line => line,
            Place::Text => self.text.as_bytes(),
        };
        let field = self.range(index).and_then(|range| text.get(range)).unwrap_or_default();
        match field {
            [] => field,
            [first, .., last] if *first > b' ' && *last > b' ' => field,
            _ => field.trim_ascii(),
        }
    }

    #[inline]
    fn range(&self, index: usize) -> Option<Range<usize>> {
        let (start, end) = self.spans.get(index)?;
        Some(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?)
    }

    #[inline]
    fn find_fields(&mut self, line: &[u8]) -> Found {
        self.spans.clear();
        let mut at = 0;
        loop {
            if self.spans.len() >= self.max_fields {
                return Found::TooMany;
            }
            let rest = line.get(at..).unwrap_or_default();
            let (start, end, next) = match rest {
                [b'"', quoted @ ..] => {
                    let Some(length) = memchr(b'"', quoted) else { return Found::Open };
                    let end = at + 1 + length;
                    match line.get(end + 1) {
                        None => (at + 1, end, None),
                        Some(byte) if *byte == self.separator => (at + 1, end, Some(end + 2)),
                        Some(b'"') => return Found::Doubled,
                        Some(_) => return Found::AfterQuote(self.spans.len()),
                    }
                }
                _ => match find_near(self.separator, rest) {
                    Some(length) => (at, at + length, Some(at + length + 1)),
                    None => (at, line.len(), None),
                },
            };
            self.spans.push((place(start), place(end)));
            match next {
                Some(next) => at = next,
                None => return Found::Fields,
            }
        }
    }

    /// Splits a record with doubled quotes: rare, so it may take longer.
    #[cold]
    fn unquote(&mut self, line: &[u8]) -> Split {
        let quotes = check_quotes(line, self.separator);
        if quotes != Split::Done {
            return quotes;
        }
        let mut reader = ReaderBuilder::new().delimiter(self.separator).build();
        let mut output = vec![0; line.len() + 1];
        let mut ends = vec![0; self.max_fields + 1];
        let input = [line, b"\n"].concat();
        let (result, _, written, fields) = reader.read_record(&input, &mut output, &mut ends);
        match result {
            ReadRecordResult::Record => {}
            ReadRecordResult::OutputEndsFull => return Split::TooMany,
            ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::End => return Split::Open,
        }
        if fields > self.max_fields {
            return Split::TooMany;
        }
        output.truncate(written);
        // Whole fields of UTF-8 text, without the quotes, are UTF-8.
        self.text = String::from_utf8(output).unwrap_or_default();
        self.place = Place::Text;
        self.spans.clear();
        let mut start = 0;
        for end in ends.into_iter().take(fields) {
            self.spans.push((place(start), place(end)));
            start = end;
        }
        Split::Done
    }
}

fn has_odd_quotes(line: &str) -> bool {
    memchr::memchr_iter(b'"', line.as_bytes()).count() % 2 == 1
}

/// Whether every quoted field is closed, and followed by a separator: a reader of CSV does not ask.
fn check_quotes(line: &[u8], separator: u8) -> Split {
    let mut rest = line;
    for field in 0.. {
        if let [b'"', quoted @ ..] = rest {
            match after_closing_quote(quoted) {
                None => return Split::Open,
                Some([]) => return Split::Done,
                Some([byte, next @ ..]) if *byte == separator => rest = next,
                Some(_) => return Split::AfterQuote(field),
            }
        } else {
            let Some(length) = memchr(separator, rest) else { return Split::Done };
            rest = rest.get(length + 1..).unwrap_or_default();
        }
    }
    Split::Done
}

fn after_closing_quote(mut quoted: &[u8]) -> Option<&[u8]> {
    loop {
        let length = memchr(b'"', quoted)?;
        match quoted.get(length + 1..).unwrap_or_default() {
            [b'"', rest @ ..] => quoted = rest,
            after => return Some(after),
        }
    }
}

/// What was found in a line.
enum Found {
    Fields,
    Open,
    Doubled,
    TooMany,
    AfterQuote(usize),
}

fn place(index: usize) -> u32 {
    // Lines are bounded far below.
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Most fields are short: to look at a few bytes first is faster than to set up a search.
#[inline]
fn find_near(separator: u8, bytes: &[u8]) -> Option<usize> {
    const NEAR: usize = 8;
    match bytes.iter().take(NEAR).position(|byte| *byte == separator) {
        Some(found) => Some(found),
        None => memchr(separator, bytes.get(NEAR..)?).map(|found| found + NEAR),
    }
}

/// Trims blanks. Most fields have none, and the two bytes at their ends tell.
#[inline]
fn trim(text: &str) -> &str {
    let is_plain = |byte: u8| byte > b' ' && byte < 0x80;
    match text.as_bytes() {
        [] => text,
        [first, .., last] if is_plain(*first) && is_plain(*last) => text,
        [only] if is_plain(*only) => text,
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(line: &str) -> Result<Vec<String>, Split> {
        let mut record = Record::new(b',', 256);
        match record.split(line.as_bytes()) {
            Split::Done => Ok((0..record.count()).map(|index| record.get(line, index).to_owned()).collect()),
            other @ (Split::Open | Split::TooMany | Split::AfterQuote(_)) => Err(other),
        }
    }

    #[test]
    fn fields_are_split_and_unquoted() {
        for (line, expected) in [
            ("", &[""][..]),
            (",", &["", ""]),
            ("a,b", &["a", "b"]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"\",\"x\"", &["", "x"]),
            ("\"say \"\"hi\"\"\",2", &["say \"hi\"", "2"]),
            ("5\" pipe,x", &["5\" pipe", "x"]),
            (" a ,\" b \"", &["a", "b"]),
            ("longer than eight,x", &["longer than eight", "x"]),
        ] {
            assert_eq!(fields(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn what_is_not_csv_is_told() {
        assert_eq!(fields("a,\"b"), Err(Split::Open));
        assert_eq!(fields("a,\"b\"\"c"), Err(Split::Open));
        assert_eq!(fields("a,\"b\"c,d"), Err(Split::AfterQuote(1)));
        assert_eq!(fields("\"x\"\"y\",\"b\"c"), Err(Split::AfterQuote(1)));
        assert_eq!(fields(&",".repeat(300)), Err(Split::TooMany));
        assert_eq!(fields(&format!("\"\"\"\"{}", ",".repeat(300))), Err(Split::TooMany));
    }

    proptest! {
        #[test]
        fn what_a_csv_writer_writes_is_read_back(row in prop::collection::vec("[a\",\\nü ]{0,12}|[ -~]{0,12}", 1..12)) {
            let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
            writer.write_record(&row).unwrap();
            let written = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let written = written.strip_suffix('\n').unwrap();
            let trimmed: Vec<_> = row.iter().map(|field| field.trim().to_owned()).collect();

            let mut record = Record::new(b',', 64);
            let mut lines = written.split('\n');
            let first = lines.next().unwrap();
            let mut split = record.split(first.as_bytes());
            if split == Split::Open {
                record.begin_lines(first);
                while split == Split::Open {
                    record.add_line(lines.next().unwrap());
                    if record.is_closed() {
                        split = record.split_lines();
                    }
                }
            }
            prop_assert_eq!(split, Split::Done);
            let read: Vec<_> = (0..record.count()).map(|index| record.get(first, index).to_owned()).collect();
            prop_assert_eq!(read, trimmed);
            prop_assert!(lines.next().is_none());
        }

        #[test]
        fn no_text_upsets_the_splitting(line in "[a\",\\n; ]{0,40}") {
            let _any_result = fields(&line);
        }
    }
}
