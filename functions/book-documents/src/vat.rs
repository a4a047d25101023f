//! A VAT report: its documents, assembled and written in as many passes as memory demands.

use std::collections::BTreeMap;

use countinghouse_domain::document::{Assembler, Document};
use countinghouse_formats::{Hints, Limits, Report, Source, open};
use countinghouse_runtime::messages::Checkpoint;
use countinghouse_runtime::metrics::Metric;
use countinghouse_store::{ObjectReader, UpsertError};

use crate::BookError;
use crate::booking::{Ended, Subject};
use crate::reading::Unreadable;

/// How many documents are written between two looks at the clock.
const CHUNK: usize = 100;

/// How far a report is booked.
#[derive(Debug, Clone, Copy)]
struct Progress {
    passes: u32,
    pass: u32,
    written: u64,
    in_all: u64,
    flagged: u64,
}

pub(crate) async fn book(
    subject: &Subject<'_>,
    source: &Source,
    estimated_bytes: u64,
    checkpoint: Option<&Checkpoint>,
) -> Result<Ended, BookError> {
    let mut progress = match checkpoint {
        None => Progress {
            passes: passes(estimated_bytes, subject.dependencies.memory_for_documents_bytes),
            pass: 0,
            written: 0,
            in_all: 0,
            flagged: 0,
        },
        Some(checkpoint) => resumed(checkpoint, source)?,
    };
    if checkpoint.is_none() && progress.passes > 1 {
        // With one pass the documents are checked below, before the first is written.
        for pass in 0..progress.passes {
            if let Err(reason) = assemble(subject, pass, progress.passes).await? {
                return Ok(Ended::Quarantined(reason));
            }
        }
    }
    while progress.pass < progress.passes {
        let assembler = match assemble(subject, progress.pass, progress.passes).await? {
            Ok(assembler) => assembler,
            Err(reason) => return Ok(Ended::Quarantined(reason)),
        };
        match write(subject, &assembler, &mut progress).await? {
            Pass::Complete => {}
            Pass::TimeUp => return Ok(Ended::At(progress.checkpoint(source))),
            Pass::Refused(reason) => return Ok(Ended::Quarantined(reason)),
        }
        progress = Progress { pass: progress.pass.saturating_add(1), written: 0, ..progress };
    }
    subject
        .metrics()
        .value(Metric::DocumentsBooked, progress.in_all)
        .value(Metric::DocumentsFlagged, progress.flagged)
        .emit(subject.dependencies.clock.now());
    Ok(Ended::Booked(BTreeMap::from([
        ("rows".to_owned(), source.rows),
        ("documents".to_owned(), progress.in_all),
        ("flagged".to_owned(), progress.flagged),
    ])))
}

/// How many passes keep the documents of each within the memory.
fn passes(estimated_bytes: u64, memory_bytes: u64) -> u32 {
    u32::try_from(estimated_bytes.div_ceil(memory_bytes.max(1))).unwrap_or(u32::MAX).max(1)
}

fn resumed(checkpoint: &Checkpoint, source: &Source) -> Result<Progress, BookError> {
    match checkpoint {
        Checkpoint::Vat { sha256, passes, pass, documents_written, documents_in_all, flagged_in_all }
            if *sha256 == source.sha256 =>
        {
            Ok(Progress {
                passes: *passes,
                pass: *pass,
                written: *documents_written,
                in_all: *documents_in_all,
                flagged: *flagged_in_all,
            })
        }
        Checkpoint::Vat { .. } | Checkpoint::Settlement { .. } | Checkpoint::VatInvoices { .. } => {
            Err(BookError::Changed)
        }
    }
}

impl Progress {
    fn checkpoint(self, source: &Source) -> Checkpoint {
        Checkpoint::Vat {
            sha256: source.sha256.clone(),
            passes: self.passes,
            pass: self.pass,
            documents_written: self.written,
            documents_in_all: self.in_all,
            flagged_in_all: self.flagged,
        }
    }
}

/// Reads the report for the documents of one pass and checks that each of them can be made.
async fn assemble(subject: &Subject<'_>, pass: u32, passes: u32) -> Result<Result<Assembler, String>, BookError> {
    let body = subject.reopen().await?;
    let (hints, limits) = (subject.hints(), subject.dependencies.limits);
    let read = tokio::task::spawn_blocking(move || assembled(body, hints, limits, pass, passes)).await;
    match read.map_err(BookError::Reader)? {
        Ok(assembler) => Ok(Ok(assembler)),
        Err(Unreadable::Format(error)) if error.kind().may_pass() => Err(BookError::Read(error)),
        Err(unreadable) => Ok(Err(unreadable.to_string())),
    }
}

fn assembled(
    body: ObjectReader,
    hints: Hints,
    limits: Limits,
    pass: u32,
    passes: u32,
) -> Result<Assembler, Unreadable> {
    let mut assembler = Assembler::with_partition(pass, passes);
    let Report::Vat(mut reader) = open(body, hints, limits)? else { return Ok(assembler) };
    while let Some(row) = reader.next_row()? {
        assembler.add(&row)?;
    }
    for document in assembler.documents() {
        document?;
    }
    Ok(assembler)
}

/// How the writing of a pass ended.
enum Pass {
    /// Every document is written.
    Complete,
    /// Time is up before the last.
    TimeUp,
    /// A document cannot be merged with the one that is booked.
    Refused(String),
}

/// Writes the documents of a pass that are not written yet.
async fn write(subject: &Subject<'_>, assembler: &Assembler, progress: &mut Progress) -> Result<Pass, BookError> {
    let mut place = usize::try_from(progress.written).unwrap_or(usize::MAX);
    while place < assembler.len() {
        let end = place.saturating_add(CHUNK).min(assembler.len());
        let chunk: Vec<Document> =
            (place..end).filter_map(|place| assembler.document(place)).filter_map(Result::ok).collect();
        let flagged = chunk.iter().filter(|document| document.needs_attention()).count();
        let written = count(chunk.len());
        if let Err(error) = store(subject, chunk).await {
            match error {
                UpsertError::Document(error) => return Ok(Pass::Refused(error.to_string())),
                UpsertError::Store(error) => return Err(error.into()),
            }
        }
        place = end;
        progress.written = progress.written.saturating_add(written);
        progress.in_all = progress.in_all.saturating_add(written);
        progress.flagged = progress.flagged.saturating_add(count(flagged));
        if place < assembler.len() && subject.deadline.has_passed(subject.dependencies.clock.now()) {
            return Ok(Pass::TimeUp);
        }
    }
    Ok(Pass::Complete)
}

async fn store(subject: &Subject<'_>, documents: Vec<Document>) -> Result<(), UpsertError> {
    let (seller, report) = (&subject.metadata.seller, &subject.metadata.report_id);
    let now = subject.dependencies.clock.now();
    let books = &subject.dependencies.documents;
    if subject.again.is_some() {
        books.rebook_many(seller, documents, report, now).await?;
    } else {
        books.upsert_many(seller, documents, report, now).await?;
    }
    Ok(())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_within_the_memory_is_booked_in_one_pass() {
        assert_eq!(passes(0, 100), 1);
        assert_eq!(passes(100, 100), 1);
    }

    #[test]
    fn a_larger_report_is_divided() {
        assert_eq!(passes(101, 100), 2);
        assert_eq!(passes(1_000, 100), 10);
    }
}
