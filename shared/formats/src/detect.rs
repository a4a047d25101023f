//! What a file is, by its content and never by its name.

use std::io::Read;

use countinghouse_domain::report::ReportType;

use crate::error::{ErrorKind, Fault, FormatError};
use crate::lines::LineReader;
use crate::source::WarningKind;

/// The reports that are read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// V1 or V2; the present line is the header.
    SettlementFlatFile,
    /// The XML settlement; no line is read yet.
    SettlementXml,
    /// `SC_VAT_TAX_REPORT`; the present line is the header.
    Vat,
}

/// How many bytes at the start tell an XML document from a web page.
const START_BYTES: usize = 4096;

/// Finds out what the report is and goes to its header.
pub(crate) fn detect<R: Read>(lines: &mut LineReader<R>, hint: Option<ReportType>) -> Result<Kind, FormatError> {
    let start = lines.peek(START_BYTES);
    let start = start.get(..START_BYTES).unwrap_or(start).trim_ascii_start();
    if start.starts_with(b"<") {
        if contains(start, "<amazonenvelope") && contains(start, "<settlementreport") {
            return Ok(Kind::SettlementXml);
        }
        let found = what_markup(start);
        return Err(lines.error(unknown(found, hint)));
    }
    if let Some(found) = what_bytes(start) {
        return Err(lines.error(unknown(found, hint)));
    }
    find_header(lines, hint)
}

/// Looks for a header among the first lines: a settlement may have text before it, as in Singapore.
fn find_header<R: Read>(lines: &mut LineReader<R>, hint: Option<ReportType>) -> Result<Kind, FormatError> {
    let mut first = None;
    for preceding in 0..=lines.limits().max_preamble_lines {
        if !lines.advance()? {
            break;
        }
        let line = lines.text();
        if is_settlement_header(line) {
            if preceding > 0 {
                lines.warn(WarningKind::Preamble, "text before the header was skipped");
            }
            return Ok(Kind::SettlementFlatFile);
        }
        if first.is_none() && !line.trim().is_empty() {
            if is_vat_header(line) {
                return Ok(Kind::Vat);
            }
            first = Some((lines.number(), what_line(line)));
        }
    }
    Err(match first {
        Some((number, found)) => lines.error_at(number, unknown(found, hint)),
        None => lines.error_at(0, Fault::new(ErrorKind::Empty, "an empty file", expected(hint))),
    })
}

fn is_settlement_header(line: &str) -> bool {
    line.contains("settlement-id") && line.split('\t').any(|name| name.trim() == "settlement-id")
}

fn is_vat_header(line: &str) -> bool {
    line.contains("Marketplace ID") && line.contains("Transaction Type") && line.contains("Tax Calculation Date")
}

fn contains(bytes: &[u8], lower_case: &str) -> bool {
    bytes.windows(lower_case.len()).any(|window| window.eq_ignore_ascii_case(lower_case.as_bytes()))
}

fn what_markup(start: &[u8]) -> &'static str {
    if contains(start, "<html") || contains(start, "<!doctype html") {
        "a web page (an error page or a login page?)"
    } else if contains(start, "<error") {
        "an error message in XML, as S3 sends it when a link has expired"
    } else if contains(start, "<amazonenvelope") {
        "an XML document of Amazon that is no settlement"
    } else {
        "an XML document that is no settlement"
    }
}

fn what_bytes(start: &[u8]) -> Option<&'static str> {
    match start {
        [b'{' | b'[', ..] => Some("JSON (an error message?)"),
        [b'P', b'K', 3, 4, ..] => Some("a ZIP archive or a spreadsheet (.xlsx)"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some("an old spreadsheet (.xls)"),
        _ if start.contains(&0) => Some("binary data"),
        _ => None,
    }
}

/// What the first line looks like. The line itself is not shown: it may hold personal data.
fn what_line(line: &str) -> &'static str {
    let lower = line.to_lowercase();
    let has = |text: &str| lower.contains(text);
    if has("settlement-id") {
        "the header of a settlement that is not separated by tabs"
    } else if has("shipping-id") && has("invoice-status") || has("citation-") && has("vat-incl-amount") {
        "a VAT invoice data report (VIDR)"
    } else if has("unique_account_identifier") || has("transaction_event_id") {
        "a VAT transactions report"
    } else if has("date/time") || has("includes amazon marketplace") || has("all amounts in") {
        "a date range report of the payments page"
    } else if has("amazon-order-id") || has("order-id") {
        "an orders report"
    } else if lower.split('\t').count() >= 20 {
        "a table whose header is not in English (a file downloaded by hand?)"
    } else if lower.split(',').count() >= 20 {
        "a table with commas whose header is not that of SC_VAT_TAX_REPORT"
    } else {
        "text without a known header"
    }
}

fn unknown(found: &'static str, hint: Option<ReportType>) -> Fault {
    Fault::new(ErrorKind::UnknownFormat, found, expected(hint))
}

fn expected(hint: Option<ReportType>) -> String {
    match hint {
        Some(report) => format!("the content of {report}"),
        None => "a settlement report (V2, V1 or XML) or SC_VAT_TAX_REPORT".to_owned(),
    }
}
