//! Rows of `SC_VAT_TAX_REPORT`, cut out of a CSV unchanged and found by their date.

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Why rows cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum VatError {
    /// The header has neither of the columns that date a row.
    #[error("the header has neither `Tax Calculation Date` nor `Shipment Date`")]
    NoDateColumn,
    /// Not a CSV.
    #[error("the rows are not a CSV")]
    Csv(#[source] csv::Error),
    /// A row without a readable date.
    #[error("line {line}: no readable date in `Tax Calculation Date` or `Shipment Date`")]
    NoDate {
        /// Counted from 1, the header included.
        line: u64,
    },
}

/// Rows that Amazon learned of at one time.
#[derive(Clone, Debug)]
pub(crate) struct VatBatch {
    pub(crate) header: Bytes,
    pub(crate) available_at: Timestamp,
    rows: Vec<(Date, Bytes)>,
}

impl VatBatch {
    /// Takes in a CSV with its header.
    pub(crate) fn parse(csv: &Bytes, available_at: Timestamp) -> Result<Self, VatError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv.as_ref());
        let mut record = csv::ByteRecord::new();
        let mut records = Vec::new();
        let mut columns = Vec::new();
        loop {
            let start = position(&reader);
            if !reader.read_byte_record(&mut record).map_err(VatError::Csv)? {
                break;
            }
            let raw = trimmed(csv, start, position(&reader));
            if columns.is_empty() {
                columns = date_columns(&record)?;
                records.push((Date::ZERO, raw));
                continue;
            }
            let line = record.position().map_or(0, csv::Position::line);
            records.push((row_date(&record, &columns).ok_or(VatError::NoDate { line })?, raw));
        }
        let mut records = records.into_iter();
        let (_, header) = records.next().ok_or(VatError::NoDateColumn)?;
        Ok(Self { header, available_at, rows: records.collect() })
    }

    /// The rows of these days, both included.
    pub(crate) fn between(&self, first: Date, last: Date) -> impl Iterator<Item = &Bytes> {
        self.rows.iter().filter(move |(date, _)| *date >= first && *date <= last).map(|(_, row)| row)
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

/// The report of a window: the header, then every row of a day that the window touches. `None` if there is no row.
pub(crate) fn report(batches: &[VatBatch], from: Timestamp, to: Timestamp, known_at: Timestamp) -> Option<Vec<u8>> {
    let (first, last) = (utc_date(from), utc_date(to));
    let mut text = Vec::new();
    for batch in batches.iter().filter(|batch| batch.available_at <= known_at) {
        for row in batch.between(first, last) {
            if text.is_empty() {
                text.extend_from_slice(&batch.header);
                text.push(b'\n');
            }
            text.extend_from_slice(row);
            text.push(b'\n');
        }
    }
    (!text.is_empty()).then_some(text)
}

fn utc_date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn position(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

fn trimmed(csv: &Bytes, start: usize, end: usize) -> Bytes {
    let raw = csv.slice(start.min(csv.len())..end.min(csv.len()));
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let lead = raw.iter().take_while(|byte| is_break(byte)).count();
    let trail = raw.iter().skip(lead).rev().take_while(|byte| is_break(byte)).count();
    raw.slice(lead..raw.len() - trail)
}

fn date_columns(header: &csv::ByteRecord) -> Result<Vec<usize>, VatError> {
    let named = |name: &str| header.iter().position(|column| strip_bom(column) == name.as_bytes());
    let columns: Vec<_> = ["Tax Calculation Date", "Shipment Date"].into_iter().filter_map(named).collect();
    if columns.is_empty() { Err(VatError::NoDateColumn) } else { Ok(columns) }
}

fn strip_bom(column: &[u8]) -> &[u8] {
    column.strip_prefix("\u{feff}".as_bytes()).unwrap_or(column)
}

fn row_date(record: &csv::ByteRecord, columns: &[usize]) -> Option<Date> {
    columns.iter().find_map(|column| {
        let text = std::str::from_utf8(record.get(*column)?).ok()?.trim();
        let text = text.strip_suffix("UTC").unwrap_or(text).trim();
        Date::strptime("%d-%b-%Y", text).ok().or_else(|| text.parse().ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "\"Order ID\",\"Shipment Date\",\"Tax Calculation Date\",City\r\n\
        1,\"01-Nov-2026 UTC\",\"31-Oct-2026 UTC\",\"a\nb\"\r\n\
        2,\"02-Nov-2026 UTC\",,Köln\r\n";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn rows(from: &str, to: &str) -> Option<String> {
        let batch = VatBatch::parse(&Bytes::from_static(CSV.as_bytes()), at("2026-11-05T00:00:00Z")).unwrap();
        let text = report(&[batch], at(from), at(to), at("2026-11-06T00:00:00Z"))?;
        Some(String::from_utf8(text).unwrap())
    }

    #[test]
    fn a_window_holds_the_rows_of_its_days_unchanged() {
        let header = "\"Order ID\",\"Shipment Date\",\"Tax Calculation Date\",City\n";
        let first = "1,\"01-Nov-2026 UTC\",\"31-Oct-2026 UTC\",\"a\nb\"\n";
        let second = "2,\"02-Nov-2026 UTC\",,Köln\n";
        assert_eq!(rows("2026-10-31T05:00:00Z", "2026-11-01T00:00:00Z").unwrap(), format!("{header}{first}"));
        assert_eq!(rows("2026-10-01T00:00:00Z", "2026-11-02T00:00:00Z").unwrap(), format!("{header}{first}{second}"));
        assert_eq!(rows("2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z"), None);
    }

    #[test]
    fn rows_that_amazon_does_not_know_yet_are_not_in_the_report() {
        let batch = VatBatch::parse(&Bytes::from_static(CSV.as_bytes()), at("2026-11-05T00:00:00Z")).unwrap();
        let early =
            report(&[batch], at("2026-10-01T00:00:00Z"), at("2026-11-04T00:00:00Z"), at("2026-11-04T00:00:00Z"));
        assert_eq!(early, None);
    }

    #[test]
    fn a_row_without_a_date_is_named_by_its_line() {
        let csv = Bytes::from_static(b"Order ID,Shipment Date\n1,2026-11-01\n2,soon\n");
        let error = VatBatch::parse(&csv, Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(error.to_string().starts_with("line 3:"), "{error}");
    }

    #[test]
    fn a_file_without_dates_is_refused() {
        let csv = Bytes::from_static(b"a,b\n1,2\n");
        assert!(matches!(VatBatch::parse(&csv, Timestamp::UNIX_EPOCH), Err(VatError::NoDateColumn)));
    }
}
