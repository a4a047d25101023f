//! A file of invoices, JSON or CSV, told by its content.

use std::io::{self, Chain, Cursor, Read};

use crate::csv::{CsvError, CsvReader, Places};
use crate::draft::Draft;
use crate::json::{JsonReader, ReadError, ReadErrorKind};

/// An invoice of a file.
#[derive(Debug, Clone)]
pub struct Found {
    /// The invoice as it was received.
    pub draft: Draft,
    /// Where in a CSV file its values came from.
    pub places: Option<Places>,
}

/// Why a file, or one invoice of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A JSON file.
    #[error(transparent)]
    Json(#[from] ReadError),
    /// A CSV file.
    #[error(transparent)]
    Csv(#[from] CsvError),
}

impl FileError {
    /// Whether the rest of the file cannot be read either; otherwise only this invoice cannot.
    pub const fn ends_the_file(&self) -> bool {
        match self {
            Self::Json(_) => true,
            Self::Csv(error) => error.ends_the_file(),
        }
    }
}

/// Reads a file invoice by invoice. A file whose first sign is `{` or `[` is JSON, and so is one that is called so; any
/// other is CSV.
#[derive(Debug)]
pub struct FileReader<R>(Format<R>);

#[derive(Debug)]
enum Format<R> {
    Json(JsonReader<Whole<R>>),
    Csv(Box<CsvReader<Whole<R>>>),
}

/// What was read to see the format, and the rest.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

impl<R: Read> FileReader<R> {
    /// Opens a file; `file` is what places and errors call it.
    pub fn open(mut source: R, file: &str) -> Result<Self, FileError> {
        let mut start = Vec::new();
        // A source that cannot be read fails again in the reader, which knows how to say it.
        let is_json = look(&mut source, &mut start).unwrap_or(false);
        let is_called_json = file.to_ascii_lowercase().ends_with(".json");
        if (is_json || is_called_json) && is_no_text(&start) {
            let text = "this is UTF-16 or no text at all, and JSON is UTF-8: save the file as UTF-8";
            return Err(ReadError::new(ReadErrorKind::Encoding, &file.into(), 1).saying(text).into());
        }
        let is_blank = start.iter().all(u8::is_ascii_whitespace);
        let whole = Cursor::new(start).chain(source);
        Ok(Self(if is_json || (is_called_json && !is_blank) {
            Format::Json(JsonReader::new(whole, file))
        } else {
            Format::Csv(Box::new(CsvReader::open(whole, file)?))
        }))
    }

    /// The next invoice, nothing at the end. After an error that does not end the file
    /// ([`FileError::ends_the_file`]) the next call goes on behind it.
    pub fn next_invoice(&mut self) -> Result<Option<Found>, FileError> {
        Ok(match &mut self.0 {
            Format::Json(reader) => reader.next()?.map(|draft| Found { draft, places: None }),
            Format::Csv(reader) => {
                reader.next_invoice()?.map(|invoice| Found { draft: invoice.draft, places: Some(invoice.places) })
            }
        })
    }
}

/// The most white space and byte order mark before the first sign.
const MAX_LOOK_BYTES: usize = 1 << 16;

/// Reads up to the first sign, and tells whether it begins JSON.
fn look(source: &mut impl Read, start: &mut Vec<u8>) -> io::Result<bool> {
    while start.len() < MAX_LOOK_BYTES {
        let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
        if let Some(sign) = text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            return Ok(matches!(sign, b'{' | b'['));
        }
        // A byte order mark alone is not looked at before all of it is there.
        let more: u64 = 64;
        if source.by_ref().take(more).read_to_end(start)? == 0 {
            break;
        }
    }
    Ok(false)
}

/// Whether the beginning is no text of UTF-8; a character that is cut off at its end is.
fn is_no_text(start: &[u8]) -> bool {
    start.contains(&0) || std::str::from_utf8(start).is_err_and(|error| error.error_len().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Found>, FileError> {
        let mut reader = FileReader::open(text.as_bytes(), "x")?;
        std::iter::from_fn(|| reader.next_invoice().transpose()).collect()
    }

    #[test]
    fn json_and_csv_are_told_by_the_first_sign() {
        for (text, is_csv) in [
            ("{\"id\": \"A\"}", false),
            ("\u{feff} \n [{\"id\": \"A\"}]", false),
            ("api,invoice_id\nretail,A\n", true),
            ("\u{feff}\"api\",invoice_id\nretail,A\n", true),
        ] {
            let found = read(text).unwrap();
            assert_eq!((found.len(), found[0].places.is_some()), (1, is_csv), "{text}");
        }
    }

    #[test]
    fn json_that_is_no_utf_8_text_says_so() {
        let utf_16 = |mark: &[u8]| [mark, b"{\0\"\0i\0d\0\"\0:\0"].concat();
        for (name, bytes) in [
            ("x.json", utf_16(b"\xff\xfe")),
            ("x.json", utf_16(b"")),
            ("x", utf_16(b"")),
            ("X.JSON", b"\x1f\x8b\x08".to_vec()),
        ] {
            let error = FileReader::open(&bytes[..], name).unwrap_err();
            assert!(error.to_string().starts_with(&format!("{name}, line 1: this is UTF-16 or no text")), "{error}");
        }
        let error = FileReader::open(&b"id;date\n"[..], "x.json").unwrap().next_invoice().unwrap_err();
        assert!(error.to_string().contains("expected a list of invoices"), "{error}");
    }

    #[test]
    fn an_empty_file_says_what_was_expected() {
        for text in ["", "  \n"] {
            let error = read(text).unwrap_err();
            assert!(error.to_string().starts_with("x, line 1: the file is empty"), "{error}");
            assert!(error.ends_the_file());
        }
    }
}
