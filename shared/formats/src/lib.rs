#![doc = include_str!("../README.md")]

mod bytes;
mod charset;
mod date;
mod detect;
mod error;
mod limits;
mod lines;
mod number;
pub mod parts;
mod settlement;
mod source;
pub(crate) mod vat;

use std::io::Read;

use countinghouse_domain::report::ReportType;

pub use error::{ErrorKind, FormatError};
pub use limits::Limits;
pub use settlement::SettlementReader;
pub use source::{Source, Warning, WarningKind};
pub use vat::VatReader;

/// The character sets that errors offer.
pub(crate) const SHOWN_CHARSETS: &str = "UTF-8, Windows-1252 or Shift_JIS";

/// What the caller knows of a report besides its bytes.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The name that errors use: a report id or a file name.
    pub report: String,
    /// The character set of the Content-Type header, or the whole header; none where nothing was declared.
    pub charset: Option<String>,
    /// What the report should be; only to word an error: the content decides.
    pub report_type: Option<ReportType>,
}

impl Hints {
    /// Hints with a name and nothing else.
    pub fn named(report: impl Into<String>) -> Self {
        Self { report: report.into(), ..Self::default() }
    }
}

/// A report, open for reading.
#[derive(Debug)]
pub enum Report<R> {
    /// A settlement in one of its layouts.
    Settlement(SettlementReader<R>),
    /// `SC_VAT_TAX_REPORT`.
    Vat(VatReader<R>),
}

/// Opens a report: gunzips it if it is gzip, finds out by its content what it is, and reads its header.
///
/// The source is read in pieces of 64 KiB; memory does not depend on its size.
pub fn open<R: Read>(source: R, hints: Hints, limits: Limits) -> Result<Report<R>, FormatError> {
    let expected = hints.report_type;
    let mut lines = lines::LineReader::new(source, hints, limits)?;
    match detect::detect(&mut lines, expected)? {
        detect::Kind::SettlementFlatFile => SettlementReader::open_flat(lines).map(Report::Settlement),
        detect::Kind::SettlementXml => SettlementReader::open_xml(lines).map(Report::Settlement),
        detect::Kind::Vat => VatReader::new(lines).map(Report::Vat),
    }
}
