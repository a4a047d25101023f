//! The flat file: one line for each row.

use std::io::Read;

use countinghouse_formats::parts::{Fault, LineReader, Record, Split, advance_to_data, read_record};
use countinghouse_formats::{ErrorKind, FormatError, Source, WarningKind};

use super::Row;
use super::columns::{Columns, Field, field_of};
use super::values::{ValueReader, Values};

#[derive(Debug)]
pub(super) struct FlatRows<R> {
    lines: LineReader<R>,
    fields: Fields,
    columns: Columns,
    values: ValueReader,
    texts: Vec<String>,
    row: Option<Values>,
    count: u64,
}

/// How the fields of a line are told apart.
#[derive(Debug)]
enum Fields {
    /// By tabs, without quotes: the places of the present line's fields.
    Tabs(Vec<String>),
    /// By commas or semicolons, with quotes.
    Quoted(Record),
}

impl Fields {
    /// Splits the record that begins with the present line; the line on which it begins.
    fn split<R: Read>(&mut self, lines: &mut LineReader<R>, columns: usize) -> Result<u64, FormatError> {
        match self {
            Self::Quoted(record) => read_record(lines, record, columns),
            Self::Tabs(fields) => {
                fields.clear();
                let most = lines.limits().max_columns;
                fields.extend(lines.text().split('\t').take(most.saturating_add(1)).map(unquoted));
                if fields.len() > most {
                    let fault = Fault::new(ErrorKind::Limit, "more columns than allowed", format!("at most {most}"));
                    return Err(lines.error(fault));
                }
                Ok(lines.number())
            }
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Tabs(fields) => fields.len(),
            Self::Quoted(record) => record.count(),
        }
    }

    fn get<'a>(&'a self, line: &'a str, place: usize) -> &'a str {
        match self {
            Self::Tabs(fields) => fields.get(place).map_or("", String::as_str),
            Self::Quoted(record) => record.get(line, place),
        }
    }
}

/// A field between tabs; quotes around all of it, with those within doubled, are a spreadsheet's.
fn unquoted(field: &str) -> String {
    let field = field.trim();
    let inner = field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.replace("\"\"", "").contains('"') => inner.replace("\"\"", "\"").trim().to_owned(),
        _ => field.to_owned(),
    }
}

impl<R: Read> FlatRows<R> {
    pub(super) fn new(mut lines: LineReader<R>) -> Result<Self, FormatError> {
        if !advance_to_data(&mut lines)? {
            let expected = "a VAT invoice data report (VIDR), which has at least a header";
            return Err(lines.error_at(0, Fault::new(ErrorKind::Empty, "an empty file", expected)));
        }
        let max = lines.limits().max_columns;
        let mut fields = match separator_of(lines.text(), max) {
            Some(b'\t') => Fields::Tabs(Vec::new()),
            Some(separator) => Fields::Quoted(Record::new(separator, max)),
            None => {
                let found = what_line(lines.text());
                let expected = "the header of a VAT invoice data report (VIDR), separated by tabs";
                return Err(lines.error(Fault::new(ErrorKind::UnknownFormat, found, expected)));
            }
        };
        let line = fields.split(&mut lines, 2)?;
        let text = lines.text();
        let names: Vec<&str> = (0..fields.count()).map(|place| fields.get(text, place)).collect();
        let columns = Columns::parse(&names).map_err(|fault| lines.error_at(line, fault))?;
        for name in &columns.unknown {
            lines.warn(WarningKind::UnknownColumn, format!("the column {name} is not known"));
        }
        let texts = vec![String::new(); Field::ALL.len()];
        Ok(Self { lines, fields, columns, values: ValueReader::new(), texts, row: None, count: 0 })
    }

    pub(super) fn lines(&mut self) -> &mut LineReader<R> {
        &mut self.lines
    }

    pub(super) fn next_row(&mut self) -> Result<Option<Row<'_>>, FormatError> {
        self.lines.check_not_failed()?;
        if !advance_to_data(&mut self.lines)? {
            return Ok(None);
        }
        let line = self.fields.split(&mut self.lines, self.columns.count)?;
        let values = self.read_values().map_err(|fault| self.lines.error_at(line, fault))?;
        self.count = self.count.saturating_add(1);
        let values = self.row.insert(values);
        Ok(Some(Row { line, texts: &self.texts, values }))
    }

    fn read_values(&mut self) -> Result<Values, Fault> {
        self.check_length()?;
        let line = self.lines.text();
        for (field, place) in &self.columns.places {
            if let Some(text) = self.texts.get_mut(field.index()) {
                text.clear();
                text.push_str(self.fields.get(line, *place));
            }
        }
        if self.fields.count() > self.columns.count {
            check_not_shifted(&self.texts)?;
        }
        self.values.read(&self.texts, self.fields.count() == self.columns.count)
    }

    /// A row may end before its last columns, and may have empty fields too many.
    fn check_length(&mut self) -> Result<(), Fault> {
        let (fields, columns) = (self.fields.count(), self.columns.count);
        let wrong = || {
            let expected = format!("{columns}, as many as the header has");
            Fault::new(ErrorKind::BadRow, format!("a row of {fields} fields"), expected)
        };
        if fields < self.columns.least {
            return Err(wrong());
        }
        if fields < columns {
            self.lines.warn(WarningKind::ShortRow, "a row ends before its last columns; they are taken as empty");
        } else if fields > columns {
            let line = self.lines.text();
            if (columns..fields).any(|place| !self.fields.get(line, place).is_empty()) {
                return Err(wrong());
            }
            self.lines.warn(WarningKind::LongRow, "a row has more fields than the header; the surplus ones are empty");
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Source, FormatError> {
        self.lines.finish(self.count, self.columns.unknown)
    }
}

/// A tab in a name moves the fields after it to the right, and the surplus field is empty then, too: the countries
/// tell.
fn check_not_shifted(texts: &[String]) -> Result<(), Fault> {
    for field in [Field::ShipCountry, Field::BillCountry, Field::ShipFromCountry] {
        let country = texts.get(field.index()).map_or("", String::as_str);
        let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !country.is_empty() && !is_code {
            let found = "a row with a field too many, and no country here: its fields are shifted";
            return Err(Fault::new(ErrorKind::BadRow, found, "a country of two letters").in_column(field.name()));
        }
    }
    Ok(())
}

/// The separator with which the line is a header of this report.
fn separator_of(header: &str, max_columns: usize) -> Option<u8> {
    let is_header = |separator: &u8| {
        if *separator == b'\t' {
            let names: Vec<String> = header.split('\t').map(unquoted).collect();
            return Columns::are_known(&names.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let mut record = Record::new(*separator, max_columns);
        let split = record.split(header.as_bytes());
        let names: Vec<&str> = (0..record.count()).map(|place| record.get(header, place)).collect();
        split == Split::Done && Columns::are_known(&names)
    };
    [b'\t', b',', b';'].into_iter().find(is_header)
}

/// What the first line looks like. The line itself is not shown: it may hold personal data.
fn what_line(line: &str) -> &'static str {
    let names = line.split(['\t', ',', ';']);
    let known = names.filter(|name| field_of(name.trim().trim_matches('"')).is_some()).count();
    let lower = line.to_lowercase();
    if known >= 3 {
        "a header that has some of the report's columns, but not those that tell it (a column renamed or lost?)"
    } else if lower.contains("settlement-id") {
        "a settlement report"
    } else if lower.contains("tax calculation date") {
        "the VAT calculation report (SC_VAT_TAX_REPORT)"
    } else {
        "text without a known header"
    }
}
