//! The VAT invoice data report (VIDR), flat or XML: bytes in, rows out, with the place in every error.

mod columns;
mod day;
mod flat;
mod rate;
mod values;
mod xml;

use std::io::Read;

use countinghouse_formats::parts::{Fault, LineReader};
use countinghouse_formats::{ErrorKind, FormatError, Hints, Limits, Source};

pub use columns::{Field, NEEDED, field_of};
pub use values::{RawCharge, Values};

pub(crate) use rate::{
    derive as derive_rate, difference as vat_difference, fits as rate_fits, recognise as recognise_rate,
};

use flat::FlatRows;
use xml::XmlRows;

/// One row: an article of a transaction. It borrows from the reader.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The line of the file on which the row begins.
    pub line: u64,
    texts: &'a [String],
    /// Its numbers and days.
    pub values: &'a Values,
}

impl<'a> Row<'a> {
    /// The text of a column, trimmed; empty where the report has none.
    pub fn text(&self, field: Field) -> &'a str {
        self.texts.get(field.index()).map_or("", String::as_str)
    }
}

/// Reads the rows of a VAT invoice data report. Memory does not depend on the size of the file.
///
/// * The flat file is separated by tabs; commas and semicolons, with quotes by RFC 4180, are taken where the header
///   is whole with them. Columns are found by name ([`field_of`]); older and shorter headers are read, as long as the
///   columns of [`NEEDED`] are there.
/// * XML is read by the names of its elements, whatever the envelope: no real file was at hand. A row is an element
///   that has an article's amounts; what stands in the elements around it counts for it too.
/// * gzip, character sets and limits are as in all other reports.
///
/// After an error reading is over: every further call is an error, so that half a report cannot pass for a whole
/// one. No error shows a value that may be personal.
#[derive(Debug)]
pub struct VidrReader<R>(Rows<R>);

#[derive(Debug)]
enum Rows<R> {
    Flat(Box<FlatRows<R>>),
    Xml(Box<XmlRows<R>>),
}

/// How many bytes at the start tell XML from a web page.
const START_BYTES: usize = 4096;

impl<R: Read> VidrReader<R> {
    /// Opens a report and reads its header.
    pub fn open(source: R, hints: Hints, limits: Limits) -> Result<Self, FormatError> {
        let mut lines = LineReader::new(source, hints, limits)?;
        let start = lines.peek(START_BYTES);
        let start = start.get(..START_BYTES).unwrap_or(start).trim_ascii_start();
        if let Some(found) = what_else(start) {
            let fault = Fault::new(ErrorKind::UnknownFormat, found, "a VAT invoice data report (VIDR), flat or XML");
            return Err(lines.error(fault));
        }
        if start.starts_with(b"<") {
            return XmlRows::new(lines).map(|rows| Self(Rows::Xml(Box::new(rows))));
        }
        FlatRows::new(lines).map(|rows| Self(Rows::Flat(Box::new(rows))))
    }

    /// The next row in the order of the file; none at its end.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, FormatError> {
        match &mut self.0 {
            Rows::Flat(rows) => rows.next_row(),
            Rows::Xml(rows) => rows.next_row(),
        }
    }

    /// An error at a line that was read; nothing can be read after it.
    pub(crate) fn error_at(&mut self, line: u64, fault: Fault) -> FormatError {
        match &mut self.0 {
            Rows::Flat(rows) => rows.lines().error_at(line, fault),
            Rows::Xml(rows) => rows.lines().error_at(line, fault),
        }
    }

    /// What was read. Call it after [`Self::next_row`] gave none; before that it is an error.
    pub fn finish(self) -> Result<Source, FormatError> {
        match self.0 {
            Rows::Flat(rows) => rows.finish(),
            Rows::Xml(rows) => rows.finish(),
        }
    }
}

/// What a file is that begins like no report.
fn what_else(start: &[u8]) -> Option<&'static str> {
    let contains = |text: &str| start.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
    match start {
        [b'<', ..] if contains("<html") => Some("a web page (an error page or a login page?)"),
        [b'<', ..] if contains("<error>") => Some("an error message in XML, as S3 sends it when a link has expired"),
        [b'<', ..] if contains("<settlementreport") => Some("a settlement report in XML"),
        [b'{' | b'[', ..] => Some("JSON (an error message?)"),
        [b'P', b'K', 3, 4, ..] => Some("a ZIP archive or a spreadsheet (.xlsx)"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some("an old spreadsheet (.xls)"),
        _ if start.contains(&0) => Some("binary data"),
        _ => None,
    }
}
