//! The first reading: from end to end, writing nothing. It finds out what the report is, whether all of it can be
//! read, and what it comes to.

use std::io::Read;

use countinghouse_domain::document::{Assembler, DocumentError};
use countinghouse_domain::money::MoneyError;
use countinghouse_domain::payment::Classifier;
use countinghouse_domain::settlement::{Layout, SettlementHeader, Tally};
use countinghouse_formats::{FormatError, Hints, Limits, Report, SettlementReader, Source, VatReader, open};

/// What the first reading found.
#[derive(Debug)]
pub enum FirstReading {
    /// A settlement.
    Settlement(Box<SettlementReading>),
    /// A VAT report.
    Vat {
        /// What was read.
        source: Source,
        /// How much memory all of its documents would take at once, in bytes.
        estimated_bytes: u64,
    },
}

impl FirstReading {
    /// SHA-256 of the bytes after decompression.
    pub fn sha256(&self) -> &str {
        match self {
            Self::Settlement(reading) => &reading.source.sha256,
            Self::Vat { source, .. } => &source.sha256,
        }
    }
}

/// A settlement that was read to its end.
#[derive(Debug)]
pub struct SettlementReading {
    /// The summary row.
    pub header: SettlementHeader,
    /// How the file is laid out.
    pub layout: Layout,
    /// What its amounts come to.
    pub tally: Tally,
    /// What was read.
    pub source: Source,
}

/// Why a report cannot be booked as it is.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Its content is wrong, or the source broke.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Its amounts cannot be summed.
    #[error("line {line}: {error}")]
    Sum {
        /// The line at which the sum became too large.
        line: u64,
        /// What is wrong.
        error: MoneyError,
    },
    /// A row cannot become a line of a document.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Reads a report from end to end.
pub fn read(source: impl Read, hints: Hints, limits: Limits) -> Result<FirstReading, Unreadable> {
    match open(source, hints, limits)? {
        Report::Settlement(reader) => settlement(reader).map(Box::new).map(FirstReading::Settlement),
        Report::Vat(reader) => vat(reader),
    }
}

fn settlement<R: Read>(mut reader: SettlementReader<R>) -> Result<SettlementReading, Unreadable> {
    let (header, layout) = (reader.header().clone(), reader.layout());
    let (mut tally, mut classifier) = (Tally::default(), Classifier::new());
    while let Some(amount) = reader.next_amount()? {
        let class = classifier.classify(&amount);
        tally.add(&amount, class).map_err(|error| Unreadable::Sum { line: amount.line, error })?;
    }
    Ok(SettlementReading { header, layout, tally, source: reader.finish()? })
}

/// How many parts the sample is: enough that it is small, few enough that it is fair.
const SAMPLE: u32 = 64;

/// Reads every row, and assembles one part of the documents to see how much memory they take.
fn vat<R: Read>(mut reader: VatReader<R>) -> Result<FirstReading, Unreadable> {
    let mut sample = Assembler::with_partition(0, SAMPLE);
    while let Some(row) = reader.next_row()? {
        sample.add(&row)?;
    }
    let bytes = u64::try_from(sample.estimated_bytes()).unwrap_or(u64::MAX);
    Ok(FirstReading::Vat { source: reader.finish()?, estimated_bytes: bytes.saturating_mul(u64::from(SAMPLE)) })
}
