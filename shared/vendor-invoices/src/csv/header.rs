//! The first line: which separator, which columns.

use std::collections::HashMap;
use std::sync::Arc;

use super::columns::{self, API, Column, INVOICE_ID};
use super::error::{CsvError, CsvProblem};

/// A column of this file.
#[derive(Debug)]
pub(super) struct HeaderColumn {
    /// The name as the file writes it.
    pub(super) name: String,
    /// What it is.
    pub(super) column: &'static Column,
    /// The numbers that stand for each `#`, in order.
    pub(super) numbers: Vec<u32>,
    /// Whether it belongs to the line's item; otherwise it belongs to the invoice.
    pub(super) of_item: bool,
}

/// The columns of this file, in its order; nothing for a column without a name and without cells.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) columns: Vec<Option<HeaderColumn>>,
    pub(super) api: usize,
    pub(super) invoice_id: usize,
    pub(super) currency: Option<usize>,
    pub(super) has_item_numbers: bool,
}

/// The separators that are known, with the decimal comma only where the separator is a semicolon.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// The separator that the first line has most of, outside quotation marks.
pub(super) fn separator(first_line: &[u8]) -> u8 {
    let mut counts = [0_usize; 3];
    let mut quoted = false;
    for byte in first_line {
        quoted ^= *byte == b'"';
        for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
            *count = count.saturating_add(usize::from(!quoted && *byte == separator));
        }
    }
    let most = SEPARATORS.into_iter().zip(counts).max_by_key(|(_, count)| *count);
    most.map_or(b',', |(separator, _)| separator)
}

impl Header {
    /// Finds each cell's column.
    pub(super) fn new(file: &Arc<str>, line: u64, cells: &[String]) -> Result<Self, CsvError> {
        let known: HashMap<&str, &'static Column> =
            columns::columns().iter().map(|column| (column.name.as_str(), column)).collect();
        let mut found: Vec<Option<HeaderColumn>> = Vec::with_capacity(cells.len());
        let mut first_of: HashMap<String, usize> = HashMap::new();
        for (number, cell) in (1..).zip(cells) {
            let name = normalised(cell);
            if name.is_empty() {
                found.push(None);
                continue;
            }
            let fault = |problem| CsvError::fatal(file, line, problem).in_column(number, cell);
            if let Some(first) = first_of.insert(name.clone(), number) {
                return Err(fault(CsvProblem::TwiceInHeader { name: cell.clone(), first }));
            }
            let Some((column, numbers)) = resolve(&known, &name) else {
                let suggestion = suggestion(&name);
                return Err(fault(CsvProblem::UnknownColumn { name: cell.clone(), suggestion }));
            };
            found.push(Some(HeaderColumn { name, column, numbers, of_item: column.is_of_item() }));
        }
        let index =
            |wanted: &str| found.iter().position(|column| column.as_ref().is_some_and(|it| it.column.name == wanted));
        let needed = |wanted: &'static str| {
            index(wanted).ok_or_else(|| CsvError::fatal(file, line, CsvProblem::MissingColumn(wanted)))
        };
        let (api, invoice_id) = (needed(API)?, needed(INVOICE_ID)?);
        let currency = index(columns::CURRENCY);
        let has_item_numbers = index("item_number").is_some();
        Ok(Self { columns: found, api, invoice_id, currency, has_item_numbers })
    }
}

/// Lower case, with underscores for blanks and hyphens.
fn normalised(cell: &str) -> String {
    let lower = cell.trim().to_lowercase();
    lower.split(|c: char| c == '_' || c == '-' || c.is_whitespace()).collect::<Vec<_>>().join("_")
}

/// The most numbers that a name has: a tax of a charge has two, an address line one more.
const MOST_NUMBERS: usize = 3;

/// The column and its numbers. A number may be a part of the name (`address_1`), so each choice is tried.
fn resolve(known: &HashMap<&str, &'static Column>, name: &str) -> Option<(&'static Column, Vec<u32>)> {
    let parts: Vec<&str> = name.split('_').collect();
    let at: Vec<usize> =
        (0..parts.len()).filter(|at| parts.get(*at).is_some_and(|part| number(part).is_some())).collect();
    if at.len() > MOST_NUMBERS {
        return None;
    }
    (0_u32..1 << at.len()).find_map(|chosen| {
        let mut pattern = parts.clone();
        let mut numbers = Vec::new();
        for (bit, at) in (0_u32..).zip(&at) {
            if chosen & (1 << bit) != 0
                && let Some(part) = pattern.get_mut(*at)
            {
                numbers.extend(number(part));
                *part = "#";
            }
        }
        known.get(pattern.join("_").as_str()).map(|column| (*column, numbers))
    })
}

/// A number of a repeated group: 1 to 99, without leading zeros.
fn number(part: &str) -> Option<u32> {
    let plain = part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit()) && !part.starts_with('0');
    part.parse().ok().filter(|_| plain)
}

/// The known column that is spelled most like it, if one is near.
fn suggestion(name: &str) -> Option<String> {
    let number = name.split('_').find_map(number).unwrap_or(1).to_string();
    let names = columns::columns().iter().map(|column| column.name.replace('#', &number));
    let nearest = names.map(|known| (distance(name, &known), known)).min_by_key(|(distance, _)| *distance)?;
    (nearest.0 <= name.len() / 3 + 1).then_some(nearest.1)
}

/// How many letters differ (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, letter) in (1..).zip(left.chars()) {
        let mut before = done;
        let mut diagonal = row.first().copied().unwrap_or_default();
        if let Some(first) = row.first_mut() {
            *first = done;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let changed = diagonal.saturating_add(usize::from(letter != *other));
            diagonal = *cell;
            *cell = changed.min(before.saturating_add(1)).min(cell.saturating_add(1));
            before = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(line: &str) -> Result<Header, CsvError> {
        let cells: Vec<String> = line.split(',').map(ToOwned::to_owned).collect();
        Header::new(&"x.csv".into(), 1, &cells)
    }

    #[test]
    fn the_separator_is_what_the_header_has_most_of() {
        for (line, expected) in [("a,b;c,d", b','), ("a;b;\"c,d,e,f\"", b';'), ("a\tb", b'\t')] {
            assert_eq!(separator(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn names_may_be_written_with_blanks_hyphens_and_capitals() {
        let header = header("API,Invoice ID,Tax 2 Rate,charge-1-tax-3-amount,remit_to_address_1").unwrap();
        let numbers: Vec<_> = header.columns.iter().flatten().map(|column| column.numbers.clone()).collect();
        assert_eq!(numbers, [vec![], vec![], vec![2], vec![1, 3], vec![]]);
        assert_eq!((header.api, header.invoice_id), (0, 1));
    }

    #[test]
    fn a_column_without_a_name_moves_no_other() {
        let header = header("api,,invoice_id,currency").unwrap();
        assert_eq!((header.api, header.invoice_id, header.currency), (0, 2, Some(3)));
    }

    #[test]
    fn an_unknown_column_is_refused_with_a_suggestion() {
        for (name, suggested) in [
            ("purchase_ordr", "do you mean \"purchase_order\"?"),
            ("tax_2_ammount", "do you mean \"tax_2_amount\"?"),
            ("tax_0_amount", "do you mean"),
            ("whatever_this_may_be", "countinghouse vendor template"),
        ] {
            let error = header(&format!("api,invoice_id,{name}")).unwrap_err().to_string();
            assert!(error.starts_with("x.csv, line 1, column 3") && error.contains(suggested), "{error}");
        }
    }

    #[test]
    fn a_column_that_is_there_twice_or_missing_is_refused() {
        let twice = header("api,invoice_id,total,Total").unwrap_err().to_string();
        assert_eq!(twice, "x.csv, line 1, column 4 (Total): column \"Total\" is there twice, first as column 3");
        assert_eq!(
            header("api,total").unwrap_err().to_string(),
            "x.csv, line 1: the header has no column \"invoice_id\""
        );
    }
}
