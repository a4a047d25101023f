//! From one file to objects on standard output and an entry in the books.

use std::io::{self, Read, Write};

use countinghouse_domain::document::{Assembler, DocumentError};
use countinghouse_domain::money::MoneyError;
use countinghouse_domain::payment::{Classifier, PaymentType};
use countinghouse_domain::settlement::{Chain, ChainLink, Evidence, Tally, prove};
use countinghouse_formats::{FormatError, Hints, Limits, Report, SettlementReader, Source, VatReader, open};

use super::attention::Kinds;
use super::books::{BookedDocuments, BookedSettlement, Books};
use super::input::{Input, InputError};
use super::json::{DocumentObject, Output, Payment};

/// Why a file is not booked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The file cannot be opened.
    #[error(transparent)]
    Input(InputError),
    /// The report is wrong at some place.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Rows do not make a document.
    #[error("report {report}, {source}")]
    Document {
        /// The file.
        report: String,
        /// What is wrong, with its place.
        source: DocumentError,
    },
    /// A sum is too large.
    #[error("report {report}, line {line}: {source}")]
    Sum {
        /// The file.
        report: String,
        /// The line at which the sum became too large.
        line: u64,
        /// What is wrong.
        source: MoneyError,
    },
    /// Standard output cannot be written; not a fault of the file.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Reads a file to its end and books it.
pub(super) fn book<W: Write>(
    input: Input,
    charset: Option<String>,
    output: &mut Output<W>,
    books: &mut Books,
) -> Result<(), ReadError> {
    let report = input.name.clone();
    let hints = Hints { report: report.clone(), charset, report_type: None };
    match open(input, hints, Limits::default())? {
        Report::Settlement(reader) => book_settlement(report, reader, output, books),
        Report::Vat(reader) => book_documents(&report, reader, output).map(|booked| books.add_documents(booked)),
    }
}

fn book_settlement<R: Read, W: Write>(
    report: String,
    reader: SettlementReader<R>,
    output: &mut Output<W>,
    books: &mut Books,
) -> Result<(), ReadError> {
    let (header, layout) = (reader.header().clone(), reader.layout());
    match books.settlement(&header.settlement_id) {
        None => books.add_settlement(print_settlement(report, reader, output)?),
        // V1 and V2 differ in every byte, so there is nothing to compare.
        Some(booked) if booked.proof.evidence.layout != layout => {
            let earlier = (booked.report.clone(), booked.proof.evidence.layout);
            books.note_conflict(&report, &header.settlement_id, layout, earlier);
        }
        // Amazon delivers one settlement under two report ids, with the same bytes: harmless.
        Some(booked) => {
            let earlier = (booked.report.clone(), booked.proof.evidence.sha256.clone());
            if skim(reader)?.sha256 == earlier.1 {
                books.note_repetition(&report, &header.settlement_id, &earlier.0);
            } else {
                books.note_conflict(&report, &header.settlement_id, layout, (earlier.0, layout));
            }
        }
    }
    Ok(())
}

/// Reads to the end without booking anything.
fn skim<R: Read>(mut reader: SettlementReader<R>) -> Result<Source, FormatError> {
    while reader.next_amount()?.is_some() {}
    reader.finish()
}

fn print_settlement<R: Read, W: Write>(
    report: String,
    mut reader: SettlementReader<R>,
    output: &mut Output<W>,
) -> Result<BookedSettlement, ReadError> {
    let (header, layout) = (reader.header().clone(), reader.layout());
    let (mut tally, mut classifier) = (Tally::default(), Classifier::new());
    let (mut unclassified, mut unlisted) = (Kinds::default(), Kinds::default());
    let mut printed = 0_u64;
    while let Some(amount) = reader.next_amount()? {
        let class = classifier.classify(&amount);
        let too_large = |source| ReadError::Sum { report: report.clone(), line: amount.line, source };
        tally.add(&amount, class).map_err(too_large)?;
        if class.payment_type == PaymentType::Unclassified {
            unclassified.add(&amount);
        } else if class.is_unlisted() {
            unlisted.add(&amount);
        }
        output.write(&Payment::new(&header, &amount, class))?;
        printed = printed.saturating_add(1);
    }
    let source = reader.finish()?;
    let evidence = Evidence { layout, sha256: source.sha256.clone(), rows: source.rows, payments_written: printed };
    let too_large = |error| ReadError::Sum { report: report.clone(), line: source.lines, source: error };
    let proof = prove(&header, &tally, evidence).map_err(too_large)?;
    if let Some(derived) = &proof.derived {
        output.write(&Payment::derived(&header, derived))?;
    }
    let link = ChainLink {
        settlement_id: header.settlement_id.clone(),
        start: header.start,
        end: header.end,
        currency: header.currency,
        marketplaces: tally.marketplaces().map(ToOwned::to_owned).collect(),
    };
    let chain = Chain::First;
    Ok(BookedSettlement { report, header, proof, tally, link, chain, source, unclassified, unlisted })
}

fn book_documents<R: Read, W: Write>(
    report: &str,
    mut reader: VatReader<R>,
    output: &mut Output<W>,
) -> Result<BookedDocuments, ReadError> {
    let mut assembler = Assembler::new();
    let fault = |source| ReadError::Document { report: report.to_owned(), source };
    while let Some(row) = reader.next_row()? {
        assembler.add(&row).map_err(fault)?;
    }
    let source = reader.finish()?;
    let mut booked = BookedDocuments::new(report.to_owned(), source);
    for document in assembler.documents() {
        let document = document.map_err(fault)?;
        booked.add(&document).map_err(|error| ReadError::Sum {
            report: report.to_owned(),
            line: document.first_source_line(),
            source: error,
        })?;
        output.write(&DocumentObject::new(&document, report))?;
    }
    Ok(booked)
}
