//! `SC_VAT_TAX_REPORT`: comma-separated, with quotes where a field needs them.

mod columns;
mod date;
pub(crate) mod record;
mod values;

use std::io::Read;

use countinghouse_domain::document::{Text, VatRow};

use self::columns::Columns;
use self::record::{Record, Split};
use self::values::ValueReader;
use crate::error::{ErrorKind, Fault, FormatError};
use crate::lines::LineReader;
use crate::source::{Source, WarningKind};

/// Reads the rows of an `SC_VAT_TAX_REPORT`.
///
/// * Columns are found by name, whatever their order and the year of the header. A header without a column that
///   a document needs is an error; a column that is not known is kept with each row ([`VatRow::extra`]).
/// * Fields are separated by commas and quoted by RFC 4180, line breaks within quotes included; the line of a row
///   is the one on which it begins. Rows that a spreadsheet wrapped in quotes as a whole are unwrapped, and
///   semicolons or tabs are taken if the header is whole with them. Text after a closing quote is an error.
/// * A row may end after the last column that is needed, and may have empty fields too many, unless its
///   countries show that its fields are shifted.
/// * Absent money is `0.00`. Three empty amounts side by side (gross, VAT, net) are zero too; one that is empty
///   beside others is an error.
/// * Days are `28-Aug-2026 UTC`, with or without the zone, or ISO 8601. Rates are fractions up to 1, written
///   `0.1900` or `0.2`; an exchange rate of zero means that there is none.
/// * No error shows a value of a column that stands behind the first personal one.
///
/// After an error reading is over: every further call is an error, so that half a report cannot pass for a
/// whole one.
#[derive(Debug)]
pub struct VatReader<R>(Box<Rows<R>>);

#[derive(Debug)]
struct Rows<R> {
    lines: LineReader<R>,
    columns: Columns,
    record: Record,
    values: ValueReader,
    /// The line on which the present record begins.
    line: u64,
    count: u64,
}

impl<R: Read> VatReader<R> {
    /// The present line of `lines` is the header.
    pub(crate) fn new(lines: LineReader<R>) -> Result<Self, FormatError> {
        Rows::new(lines).map(|rows| Self(Box::new(rows)))
    }

    /// The next row in the order of the file; none at its end. The row borrows from the reader's buffers.
    #[inline]
    pub fn next_row(&mut self) -> Result<Option<VatRow<'_>>, FormatError> {
        self.0.next_row()
    }

    /// What was read. Call it after [`Self::next_row`] gave none; before that it is an error.
    pub fn finish(self) -> Result<Source, FormatError> {
        self.0.finish()
    }
}

impl<R: Read> Rows<R> {
    fn new(mut lines: LineReader<R>) -> Result<Self, FormatError> {
        let separator = separator_of(lines.text(), lines.limits().max_columns);
        let mut record = Record::new(separator, lines.limits().max_columns);
        let line = read_record(&mut lines, &mut record, 2)?;
        let text = lines.text();
        let names: Vec<&str> = (0..record.count()).map(|index| record.get(text, index)).collect();
        let columns = Columns::parse(&names).map_err(|fault| lines.error_at(line, fault))?;
        for name in &columns.missing {
            lines.warn(WarningKind::MissingColumn, format!("the header does not have the column {name}"));
        }
        for (_, name) in &columns.unknown {
            lines
                .warn(WarningKind::UnknownColumn, format!("the column {name} is not known; it is kept with each line"));
        }
        Ok(Self { lines, columns, record, values: ValueReader::default(), line, count: 0 })
    }

    #[inline]
    fn next_row(&mut self) -> Result<Option<VatRow<'_>>, FormatError> {
        self.lines.check_not_failed()?;
        if !advance_to_data(&mut self.lines)? {
            return Ok(None);
        }
        self.line = read_record(&mut self.lines, &mut self.record, self.columns.count)?;
        match self.check_row() {
            Ok(()) => {}
            Err(fault) => return Err(self.lines.error_at(self.line, fault)),
        }
        self.count += 1;
        Ok(Some(self.row()))
    }

    #[inline]
    fn check_row(&mut self) -> Result<(), Fault> {
        if self.record.count() != self.columns.count {
            self.check_length()?;
        }
        self.values.read(self.lines.bytes(), &self.record, &self.columns)
    }

    /// A row may end before its last columns, and may have empty fields too many.
    #[cold]
    fn check_length(&mut self) -> Result<(), Fault> {
        let (fields, columns) = (self.record.count(), self.columns.count);
        let found = || format!("a row of {fields} fields");
        if fields < self.columns.least {
            return Err(Fault::new(ErrorKind::BadRow, found(), format!("{columns}, as many as the header has")));
        }
        if fields < columns {
            self.lines.warn(WarningKind::ShortRow, "a row ends before its last columns; they are taken as empty");
            return Ok(());
        }
        let line = self.lines.text();
        if (columns..fields).any(|index| !self.record.get(line, index).is_empty()) {
            return Err(Fault::new(ErrorKind::BadRow, found(), format!("{columns}, as many as the header has")));
        }
        self.check_not_shifted()?;
        self.lines.warn(WarningKind::LongRow, "a row has more fields than the header; the surplus ones are empty");
        Ok(())
    }

    /// A comma that should have been quoted, in a city for example, moves the fields after it to the right; the
    /// surplus field is empty then, too. The countries tell the two apart.
    fn check_not_shifted(&self) -> Result<(), Fault> {
        let line = self.lines.text();
        for (text, index) in &self.columns.texts {
            if !matches!(text, Text::ShipFromCountry | Text::ShipToCountry | Text::ReturnCountry) {
                continue;
            }
            let country = self.record.get(line, *index);
            let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
            if !country.is_empty() && !is_code {
                let found = "a row with a field too many, and no country here: its fields are shifted";
                return Err(Fault::new(ErrorKind::BadRow, found, "a country of two letters").in_column(text.name()));
            }
        }
        Ok(())
    }

    #[inline]
    fn row(&self) -> VatRow<'_> {
        let line = self.lines.text();
        let values = &self.values.values;
        let mut row = VatRow {
            line: self.line,
            texts: [""; Text::COUNT],
            order_date: values.order_date,
            shipment_date: values.shipment_date,
            tax_calculation_date: values.tax_calculation_date,
            quantity: values.quantity,
            tax_rate: values.tax_rate,
            currency: self.values.currency,
            components: values.components,
            exchange_rate: values.exchange_rate,
            exchange_rate_date: values.exchange_rate_date,
            converted_vat: values.converted_vat,
            is_corrected: values.is_corrected,
            is_export: values.is_export,
            is_amazon_invoiced: values.is_amazon_invoiced,
            extra: Vec::new(),
        };
        for (text, index) in &self.columns.texts {
            row.set(*text, self.record.get(line, *index));
        }
        for (index, name) in &self.columns.unknown {
            let text = self.record.get(line, *index);
            if !text.is_empty() {
                row.extra.push((name, text));
            }
        }
        row
    }

    fn finish(self) -> Result<Source, FormatError> {
        let unknown = self.columns.unknown.into_iter().map(|(_, name)| name).collect();
        self.lines.finish(self.count, unknown)
    }
}

/// The separator with which the header has the columns of the report. Amazon writes commas; a spreadsheet may
/// have made semicolons or tabs of them.
fn separator_of(header: &str, max_columns: usize) -> u8 {
    let has_columns = |separator: &u8| {
        let mut record = Record::new(*separator, max_columns);
        let mut split = record.split(header.as_bytes());
        if split == Split::Done && record.is_wrapped(header.as_bytes()) {
            split = record.unwrap(header);
        }
        let names: Vec<&str> = (0..record.count()).map(|index| record.get(header, index)).collect();
        split == Split::Done && Columns::are_known(&names)
    };
    [b',', b';', b'\t'].into_iter().find(has_columns).unwrap_or(b',')
}

/// Goes to the next line that is not empty; false at the end of the file.
#[inline]
pub fn advance_to_data<R: Read>(lines: &mut LineReader<R>) -> Result<bool, FormatError> {
    let mut empty_line = 0;
    while lines.advance()? {
        let is_empty = lines.bytes().iter().all(u8::is_ascii_whitespace);
        if !is_empty {
            if empty_line > 0 {
                lines.warn_at(WarningKind::EmptyLine, empty_line, "an empty line between the rows");
            }
            return Ok(true);
        }
        if empty_line == 0 {
            empty_line = lines.number();
        }
    }
    Ok(false)
}

/// Splits the record that begins with the present line, and unwraps it; the line on which it begins.
#[inline]
pub fn read_record<R: Read>(
    lines: &mut LineReader<R>,
    record: &mut Record,
    columns: usize,
) -> Result<u64, FormatError> {
    let line = lines.number();
    let mut split = record.split(lines.bytes());
    if split == Split::Open {
        split = read_further_lines(lines, record, line)?;
    }
    if split == Split::Done && columns > 1 && record.is_wrapped(lines.bytes()) {
        split = record.unwrap(lines.text());
        lines.warn(WarningKind::Other, "rows are wrapped in quotes as a whole, as a spreadsheet does it");
    }
    match split {
        Split::Done => Ok(line),
        Split::Open => Err(lines.error_at(line, never_closed())),
        Split::TooMany => {
            let expected = format!("at most {} columns", lines.limits().max_columns);
            Err(lines.error_at(line, Fault::new(ErrorKind::Limit, "more columns than allowed", expected)))
        }
        Split::AfterQuote(field) => {
            let found = format!("text after the closing quote of field {}", field + 1);
            Err(lines.error_at(line, Fault::new(ErrorKind::BadRow, found, "a separator there")))
        }
    }
}

fn never_closed() -> Fault {
    Fault::new(ErrorKind::BadRow, "a quote that is never closed", "a closing quote")
}

/// A quoted field has line breaks.
#[cold]
fn read_further_lines<R: Read>(
    lines: &mut LineReader<R>,
    record: &mut Record,
    first: u64,
) -> Result<Split, FormatError> {
    let max = lines.limits().max_line_bytes;
    record.begin_lines(lines.text());
    loop {
        if !lines.advance()? {
            return Err(lines.error_at(first, never_closed()));
        }
        if record.add_line(lines.text()) > max {
            let found = "a quoted field that is longer than a line may be (a quote that is never closed?)";
            let fault = Fault::new(ErrorKind::Limit, found, format!("at most {max} bytes in a row"));
            return Err(lines.error_at(first, fault));
        }
        let split = if record.is_closed() { record.split_lines() } else { Split::Open };
        if split != Split::Open {
            return Ok(split);
        }
    }
}
