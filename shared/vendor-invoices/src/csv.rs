//! Invoices as CSV, for people without an ERP: one line for each item.
//!
//! The first line names the columns ([`columns()`] is the table of them, [`template()`] prints a file to fill in). The
//! lines of one invoice stand together; what belongs to the invoice stands on its first line and may be repeated.
//! Repeated groups are numbered: `tax_1_type`, `tax_1_rate`, `tax_2_type`. The separator is a comma, a semicolon or
//! a tab; where it is a semicolon, the decimal sign is a comma. The text is UTF-8, with a byte order mark or without.
//!
//! What comes out is the same [`Draft`] that JSON gives, and the places where its values came from.

mod build;
mod cell;
mod columns;
mod error;
mod header;
mod places;
mod source;
mod template;
mod tree;

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use ::csv::ByteRecord;

use build::{Builder, Row};
pub use columns::{Column, Kind, columns};
pub use error::{ColumnPlace, CsvError, CsvPlace, CsvProblem};
use header::Header;
pub use places::Places;
use source::{MAX_LINE_BYTES, Source};
pub use template::template;

use crate::seen::Seen;
use crate::{Api, Draft, Place};

/// The most lines of one invoice; more are refused, so that the memory stays bounded.
pub const MAX_INVOICE_LINES: usize = 10_000;

/// An invoice as the lines of a CSV file tell it.
#[derive(Debug, Clone)]
pub struct CsvInvoice {
    /// The invoice as JSON would have it: whole numbers are numbers, everything else is text.
    pub draft: Draft,
    /// Where each value came from.
    pub places: Places,
}

/// Reads a CSV file invoice by invoice; the memory does not grow with the file.
#[derive(Debug)]
pub struct CsvReader<R> {
    file: Arc<str>,
    rows: ::csv::Reader<Source<R>>,
    header: Arc<Header>,
    decimal_comma: bool,
    record: ByteRecord,
    /// The first row of the next invoice.
    ahead: Option<Row>,
    /// Faults of the invoice that was read last, which are told before the next one.
    faults: VecDeque<CsvError>,
    seen: Seen,
    invoices: u64,
    ended: bool,
}

impl<R: Read> CsvReader<R> {
    /// Reads the header. `file` is how errors call the file.
    pub fn open(source: R, file: &str) -> Result<Self, CsvError> {
        let file: Arc<str> = file.into();
        let (source, first_line) = Source::open(&file, source)?;
        let separator = header::separator(&first_line);
        let mut rows = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            // A carriage return before it is trimmed off the last cell.
            .terminator(::csv::Terminator::Any(b'\n'))
            .from_reader(source);
        let mut record = ByteRecord::new();
        let (line, cells) = loop {
            match next_row(&file, &mut rows, &mut record)? {
                Some((_, cells)) if cells.iter().all(String::is_empty) => {}
                Some(row) => break row,
                None => return Err(CsvError::fatal(&file, 1, CsvProblem::Empty)),
            }
        };
        let header = Arc::new(Header::new(&file, line, &cells)?);
        Ok(Self {
            file,
            rows,
            header,
            decimal_comma: separator == b';',
            record,
            ahead: None,
            faults: VecDeque::new(),
            seen: Seen::default(),
            invoices: 0,
            ended: false,
        })
    }

    /// The next invoice; nothing at the end.
    ///
    /// After an error that does not end the file ([`CsvError::ends_the_file`]) the next call goes on behind the
    /// invoice that cannot be read.
    pub fn next_invoice(&mut self) -> Result<Option<CsvInvoice>, CsvError> {
        loop {
            if let Some(fault) = self.faults.pop_front() {
                return Err(fault);
            }
            if self.ended {
                return Ok(None);
            }
            let read = self.read_invoice().inspect_err(|_| self.ended = true)?;
            if read.is_some() {
                return Ok(read);
            }
        }
    }

    /// Reads the rows of one invoice. Nothing when it has faults, or when the file has ended.
    fn read_invoice(&mut self) -> Result<Option<CsvInvoice>, CsvError> {
        let ahead = self.ahead.take();
        let Some(first) = ahead.map_or_else(|| self.next_row(), |row| Ok(Some(row)))? else {
            self.ended = true;
            return Ok(None);
        };
        let (line, id) = (first.line, first.cell(self.header.invoice_id).to_owned());
        if id.is_empty() {
            self.faults.extend(first.faults);
            self.complain(line, self.header.invoice_id, CsvProblem::NoId);
            return Ok(None);
        }
        let api = self.api_of(&first);
        let is_new = self.is_new(&id, line)?;
        let told = api.unwrap_or_default();
        let mut builder = Builder::new(&self.file, &self.header, told, self.decimal_comma, line);
        self.read_rows(first, &id, &mut builder)?;
        match (api, builder.finish()) {
            (_, Err(errors)) => self.faults.extend(errors),
            (Some(api), Ok((node, places))) if is_new => {
                let place = Place { file: Arc::clone(&self.file), index: self.invoices, line };
                self.invoices = self.invoices.saturating_add(1);
                return Ok(Some(CsvInvoice { draft: Draft::from_csv(api, node, place), places }));
            }
            (_, Ok(_)) => {}
        }
        Ok(None)
    }

    /// Adds the first row and those behind it with the same id.
    fn read_rows(&mut self, first: Row, id: &str, builder: &mut Builder) -> Result<(), CsvError> {
        builder.add(first);
        for lines in 1_usize.. {
            let Some(row) = self.next_row()? else { break };
            if row.cell(self.header.invoice_id) != id {
                self.ahead = Some(row);
                break;
            }
            if lines >= MAX_INVOICE_LINES {
                return Err(CsvError::fatal(&self.file, row.line, CsvProblem::TooManyLines(MAX_INVOICE_LINES)));
            }
            builder.add(row);
        }
        Ok(())
    }

    /// The API that a row names; a fault where it names none.
    fn api_of(&mut self, row: &Row) -> Option<Api> {
        let text = row.cell(self.header.api);
        match text.to_lowercase().replace(['_', ' '], "-").as_str() {
            "retail" => Some(Api::Retail),
            "direct-fulfillment" | "direct-fulfilment" => Some(Api::DirectFulfillment),
            _ => {
                let shown = text.chars().filter(|c| !c.is_control()).take(40).collect();
                self.complain(row.line, self.header.api, CsvProblem::UnknownApi(shown));
                None
            }
        }
    }

    /// Whether the id was on no earlier line; a fault where it was.
    fn is_new(&mut self, id: &str, line: u64) -> Result<bool, CsvError> {
        let fault = |error| CsvError::fatal(&self.file, line, CsvProblem::Read(error));
        let Some(earlier) = self.seen.note(id, &[], 0, line).map_err(fault)? else { return Ok(true) };
        let id = id.chars().filter(|c| !c.is_control()).take(60).collect();
        self.complain(line, self.header.invoice_id, CsvProblem::Apart { id, first: earlier.position });
        Ok(false)
    }

    /// Notes a fault of the invoice that is read, to be told before the next one.
    fn complain(&mut self, line: u64, column: usize, problem: CsvProblem) {
        let fault = self.fault(line, column, problem);
        self.faults.push_back(fault);
    }

    fn fault(&self, line: u64, column: usize, problem: CsvProblem) -> CsvError {
        let name = self.header.columns.get(column).and_then(Option::as_ref).map_or("", |column| &column.name);
        CsvError::of_row(&self.file, line, problem).in_column(column.saturating_add(1), name)
    }

    /// The next row that has anything in it, with what is wrong with it.
    fn next_row(&mut self) -> Result<Option<Row>, CsvError> {
        while let Some((line, mut cells)) = next_row(&self.file, &mut self.rows, &mut self.record)? {
            if cells.iter().all(String::is_empty) {
                continue;
            }
            let mut faults = Vec::new();
            let expected = self.header.columns.len();
            let surplus = cells.get(expected..).unwrap_or_default().iter().any(|cell| !cell.is_empty());
            if cells.len() < expected || surplus {
                let problem = CsvProblem::CellCount { found: cells.len(), expected };
                faults.push(CsvError::of_row(&self.file, line, problem));
            }
            cells.truncate(expected);
            for (index, (cell, column)) in cells.iter().zip(&self.header.columns).enumerate() {
                // A line break in a cell is a quotation mark that is missing, with the next rows swallowed.
                if cell.contains(char::is_control) {
                    faults.push(self.fault(line, index, CsvProblem::ControlCharacter));
                } else if column.is_none() && !cell.is_empty() {
                    faults.push(self.fault(line, index, CsvProblem::Nameless));
                }
            }
            return Ok(Some(Row { line, cells, faults }));
        }
        Ok(None)
    }
}

/// One record, its cells as trimmed text. Blank lines are passed over.
fn next_row<R: Read>(
    file: &Arc<str>,
    rows: &mut ::csv::Reader<Source<R>>,
    record: &mut ByteRecord,
) -> Result<Option<(u64, Vec<String>)>, CsvError> {
    rows.get_mut().allow_one_line();
    let before = rows.position().line();
    let read = rows.read_byte_record(record).map_err(|error| source::fault(file, before, error))?;
    if !read {
        return Ok(None);
    }
    // The library's own line is that of the blank lines before the record, if there are some.
    let breaks: u64 = record.as_slice().iter().map(|byte| u64::from(*byte == b'\n')).sum();
    let behind = rows.position().line().saturating_sub(1);
    let line = behind.saturating_sub(breaks).max(before);
    if record.as_slice().len() > MAX_LINE_BYTES {
        return Err(CsvError::fatal(file, line, CsvProblem::TooLong(MAX_LINE_BYTES)));
    }
    let text = |cell: &[u8]| std::str::from_utf8(cell).map(|text| text.trim().to_owned());
    let cells: Result<_, _> = record.iter().map(text).collect();
    // The file's character set is wrong, not only this cell's.
    let cells = cells.map_err(|_error: std::str::Utf8Error| CsvError::fatal(file, line, CsvProblem::NotUtf8))?;
    Ok(Some((line, cells)))
}

#[cfg(test)]
mod tests;
