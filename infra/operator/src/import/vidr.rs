//! A VAT invoice data report, as it would be told to the own invoices.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;

use countinghouse_domain::job::Window;
use countinghouse_domain::report::{ReportType, RequestableReport, VatInvoiceFormat};
use countinghouse_formats::{ErrorKind, FormatError, Hints, Limits};
use countinghouse_vat_invoices::decision::Decision;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::documents::{DocumentIndex, Documents};
use countinghouse_vat_invoices::vidr::VidrReader;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::desk;

/// How many bytes at the start tell XML from a flat file.
const START_BYTES: u64 = 4_096;

/// A report that was read to its end.
#[derive(Debug)]
pub(super) struct VidrPreview {
    file: String,
    is_xml: bool,
    sha256: String,
    rows: u64,
    decisions: BTreeMap<String, u64>,
    due: u64,
    /// The earliest and the latest day that it names.
    days: Option<(Date, Date)>,
}

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum VidrError {
    /// The file.
    #[error("{file} cannot be read")]
    File {
        /// Which.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// Its content, with the place.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// Whether the file is no VAT invoice data report at all.
pub(super) fn is_another_report(error: &VidrError) -> bool {
    match error {
        VidrError::Format(error) => matches!(error.kind(), ErrorKind::UnknownFormat | ErrorKind::Empty),
        VidrError::File { .. } => false,
    }
}

/// Reads a report to its end, twice: first what it has, then document after document.
pub(super) fn read(file: &str, charset: Option<String>) -> Result<VidrPreview, VidrError> {
    let fault = |source| VidrError::File { file: file.to_owned(), source };
    let hints = Hints { charset, ..Hints::named(file) };
    let open = || -> Result<VidrReader<File>, VidrError> {
        Ok(VidrReader::open(File::open(file).map_err(fault)?, hints.clone(), Limits::default())?)
    };
    let (index, source) = DocumentIndex::read(open()?)?;
    let mut preview = VidrPreview {
        file: file.to_owned(),
        is_xml: is_xml(file).map_err(fault)?,
        sha256: source.sha256,
        rows: source.rows,
        decisions: BTreeMap::new(),
        due: 0,
        days: None,
    };
    let mut documents = Documents::new(open()?, &index, None);
    while let Some(document) = documents.next_document()? {
        preview.add(&document);
    }
    Ok(preview)
}

/// By the first sign that is neither blank nor a byte order mark. What is compressed is taken for a flat file: the name of
/// the type is all that depends on it.
fn is_xml(file: &str) -> std::io::Result<bool> {
    let mut start = Vec::new();
    File::open(file)?.take(START_BYTES).read_to_end(&mut start)?;
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    Ok(text.trim_ascii_start().starts_with(b"<"))
}

impl VidrPreview {
    fn add(&mut self, document: &DueDocument) {
        let decision = document.decision();
        let count = self.decisions.entry(decision.to_string()).or_default();
        *count = count.saturating_add(1);
        if matches!(decision, Decision::Make | Decision::MakeAgain) {
            self.due = self.due.saturating_add(1);
        }
        for day in [document.order_date, document.shipment_date].into_iter().flatten() {
            self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        }
    }

    pub(super) const fn report_type(&self) -> ReportType {
        let format = if self.is_xml { VatInvoiceFormat::Xml } else { VatInvoiceFormat::FlatFile };
        ReportType::Requestable(RequestableReport::VatInvoices(format))
    }

    pub(super) fn sha256(&self) -> &str {
        &self.sha256
    }

    pub(super) const fn due(&self) -> u64 {
        self.due
    }

    /// From the earliest day that it names up to the latest. It was made then at the earliest, so it cannot speak against
    /// anything that happened later.
    pub(super) fn window(&self) -> Option<Window> {
        let (first, last) = self.days?;
        let start = |day: Date| day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
        Some(Window { from: start(first).ok()?, to: start(last).ok()? })
    }
}

/// What each report tells of; nothing where there is none.
pub(super) fn table(previews: &[VidrPreview]) -> String {
    if previews.is_empty() {
        return String::new();
    }
    let rows = previews.iter().flat_map(|preview| {
        preview.decisions.iter().map(|(decision, count)| {
            [preview.file.clone(), preview.rows.to_string(), count.to_string(), decision.clone()]
        })
    });
    format!("\nOwn invoices\n{}", desk::table(["report", "rows", "documents", "which are"], 1..3, rows))
}
