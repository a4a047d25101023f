//! The files, read to their ends before anything else is done.

use std::fs::File;
use std::io::{self, Read as _};

use countinghouse_domain::ids::{ReportDocumentId, ReportId};
use countinghouse_domain::job::Window;
use countinghouse_domain::report::{ReportType, SettlementReport};
use countinghouse_domain::settlement::{ChainLink, Layout, SettlementHeader};
use countinghouse_store::{Stored, measure};

use super::vidr::{self, VidrPreview};
use super::{Arguments, ImportError, Kind, report_id};
use crate::desk::chain;
use crate::map::preview::{Found, Preview};

/// A file that can be read to its end.
#[derive(Debug)]
pub(super) struct Reading {
    /// Its name, as it was given.
    pub(super) file: String,
    /// What it is.
    pub(super) report_type: ReportType,
    /// Named after its content.
    pub(super) report_id: ReportId,
    /// Named after its content too.
    pub(super) document_id: ReportDocumentId,
    /// SHA-256 of its content, decompressed.
    pub(super) sha256: String,
    /// Its bytes as they are.
    pub(super) stored: Stored,
    /// Whether they are compressed.
    pub(super) gzip: bool,
    /// The time that it covers, where it says so.
    pub(super) window: Option<Window>,
    /// Its summary row, of a settlement.
    pub(super) settlement: Option<SettlementHeader>,
    /// Whether its amounts come to its total; true of what has no total.
    pub(super) is_proven: bool,
    /// How many of its documents are due, of a VAT invoice data report.
    pub(super) due: u64,
}

impl Reading {
    /// Opens the file once more.
    pub(super) fn open(&self) -> Result<File, ImportError> {
        File::open(&self.file).map_err(|source| ImportError::Open { file: self.file.clone(), source })
    }
}

/// All files of a call.
#[derive(Debug, Default)]
pub(super) struct Readings {
    pub(super) files: Vec<Reading>,
    preview: Preview,
    invoices: Vec<VidrPreview>,
}

impl Readings {
    /// What would be booked.
    pub(super) fn text(&mut self, others: &[ChainLink]) -> String {
        let mut text = self.preview.text(others);
        text.push_str(&vidr::table(&self.invoices));
        text
    }
}

/// Reads every file to its end; or tells of each that cannot be read.
pub(super) fn all(arguments: &Arguments) -> Result<Readings, Vec<String>> {
    let (mut readings, mut unreadable) = (Readings::default(), Vec::new());
    let count = arguments.files.len();
    for (number, file) in (1..).zip(&arguments.files) {
        match one(&mut readings, file, (number, count), arguments) {
            Ok(Some(reading)) => readings.files.push(reading),
            Ok(None) => {}
            Err(error) => unreadable.push(error),
        }
    }
    if unreadable.is_empty() { Ok(readings) } else { Err(unreadable) }
}

/// None where another file of the call is the same report.
fn one(
    readings: &mut Readings,
    file: &str,
    place: (usize, usize),
    arguments: &Arguments,
) -> Result<Option<Reading>, String> {
    if file == "-" {
        return Err("standard input is read only once, but a file is read twice: give a file".to_owned());
    }
    let found = match arguments.kind {
        Some(Kind::Vidr) => None,
        _ => {
            Some(readings.preview.read(file, place, arguments.charset.clone()).map_err(|error| chain(error.as_ref()))?)
        }
    };
    let mut read = match found {
        Some(Found::Settlement { header, layout, sha256, is_proven }) => {
            let window = Some(Window { from: header.start, to: header.end });
            Content { settlement: Some(*header), window, is_proven, ..Content::new(of_layout(layout), sha256) }
        }
        Some(Found::Vat { sha256 }) => Content::new(ReportType::SC_VAT_TAX_REPORT, sha256),
        Some(Found::Repeated) => return Ok(None),
        Some(Found::Other(error)) => match vidr::read(file, arguments.charset.clone()) {
            Ok(preview) => invoices(readings, preview),
            // What it looks like is said best by whoever knows all reports.
            Err(other) if vidr::is_another_report(&other) => return Err(chain(&error)),
            Err(other) => return Err(chain(&other)),
        },
        None => {
            let preview = vidr::read(file, arguments.charset.clone()).map_err(|error| chain(&error))?;
            invoices(readings, preview)
        }
    };
    if let Some(wanted) = arguments.kind.filter(|wanted| *wanted != Kind::of(read.report_type)) {
        return Err(format!("{file}: the file is a report of the type {}, not a {}", read.report_type, wanted.words()));
    }
    let fault = |error: io::Error| format!("{file} cannot be read: {error}");
    let mut opened = File::open(file).map_err(fault)?;
    let mut magic = Vec::new();
    opened.by_ref().take(2).read_to_end(&mut magic).map_err(fault)?;
    let stored = measure(File::open(file).map_err(fault)?).map_err(fault)?;
    let sha256 = std::mem::take(&mut read.sha256);
    let ids = report_id(&sha256).zip(format!("import-{sha256}").parse().ok());
    let (report_id, document_id) = ids.ok_or_else(|| format!("{file}: its content has no hash"))?;
    if readings.files.iter().any(|other| other.report_id == report_id) {
        return Ok(None);
    }
    Ok(Some(Reading {
        file: file.to_owned(),
        report_type: read.report_type,
        report_id,
        document_id,
        sha256,
        stored,
        gzip: magic == [0x1f, 0x8b],
        window: read.window,
        settlement: read.settlement,
        is_proven: read.is_proven,
        due: read.due,
    }))
}

/// What the content of a file says.
struct Content {
    report_type: ReportType,
    sha256: String,
    window: Option<Window>,
    settlement: Option<SettlementHeader>,
    is_proven: bool,
    due: u64,
}

impl Content {
    const fn new(report_type: ReportType, sha256: String) -> Self {
        Self { report_type, sha256, window: None, settlement: None, is_proven: true, due: 0 }
    }
}

fn invoices(readings: &mut Readings, preview: VidrPreview) -> Content {
    let content = Content {
        window: preview.window(),
        due: preview.due(),
        ..Content::new(preview.report_type(), preview.sha256().to_owned())
    };
    readings.invoices.push(preview);
    content
}

const fn of_layout(layout: Layout) -> ReportType {
    ReportType::Settlement(match layout {
        Layout::V2 => SettlementReport::FlatFileV2,
        Layout::V1 => SettlementReport::FlatFile,
        Layout::Xml => SettlementReport::Xml,
    })
}
