//! A VAT report: what its rows make today, held against the documents in the table.

use countinghouse_domain::difference::DocumentsDifference;
use countinghouse_domain::document::{Assembler, Document, DocumentError};
use countinghouse_formats::{FormatError, Hints, Limits, Report, open};
use countinghouse_store::{Job, ObjectPlace, ObjectReader, UpsertError};

use super::ReplayError;
use super::plan::{Desk, What, hints};
use crate::desk::plain;

/// How much memory the documents of one pass may take; a larger report is read several times.
const MEMORY_BYTES: u64 = 256 << 20;
/// How many documents are compared at once.
const CHUNK: usize = 200;

pub(super) async fn plan(
    desk: &Desk,
    job: &Job,
    place: &ObjectPlace,
    estimated_bytes: u64,
) -> Result<What, ReplayError> {
    let passes = u32::try_from(estimated_bytes.div_ceil(MEMORY_BYTES)).unwrap_or(u32::MAX).max(1);
    let mut difference = DocumentsDifference::default();
    for pass in 0..passes {
        let opened = desk.opened(place).await?;
        let hints = hints(&opened.metadata);
        let read = tokio::task::spawn_blocking(move || assembled(opened.body, hints, pass, passes)).await;
        let assembler = match read.map_err(ReplayError::Reader)? {
            Ok(assembler) => assembler,
            Err(Fault::Format(error)) if error.kind().may_pass() => return Err(ReplayError::Read(error)),
            Err(fault) => return Ok(What::Unreadable(plain(&fault.to_string()))),
        };
        if let Some(reason) = compare(desk, job, &assembler, &mut difference).await? {
            // The function would quarantine it.
            return Ok(What::Unreadable(plain(&reason)));
        }
    }
    Ok(What::Documents(Box::new(difference)))
}

/// Notes every document; or says why one of them cannot be merged with the one in the books.
async fn compare(
    desk: &Desk,
    job: &Job,
    assembler: &Assembler,
    difference: &mut DocumentsDifference,
) -> Result<Option<String>, ReplayError> {
    let mut place = 0;
    while place < assembler.len() {
        let end = place.saturating_add(CHUNK).min(assembler.len());
        // Each was made once while the report was assembled, so none fails here.
        let chunk: Vec<Document> =
            (place..end).filter_map(|place| assembler.document(place)).filter_map(Result::ok).collect();
        let previews = match desk.documents.preview_many(&job.seller, chunk, &job.report_id).await {
            Ok(previews) => previews,
            Err(UpsertError::Document(error)) => return Ok(Some(error.to_string())),
            Err(UpsertError::Store(error)) => return Err(error.into()),
        };
        for preview in previews {
            difference.note(preview.before.as_ref(), preview.after.as_ref())?;
        }
        place = end;
    }
    Ok(None)
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Format(#[from] FormatError),
    #[error(transparent)]
    Document(#[from] DocumentError),
}

fn assembled(body: ObjectReader, hints: Hints, pass: u32, passes: u32) -> Result<Assembler, Fault> {
    let mut assembler = Assembler::with_partition(pass, passes);
    let Report::Vat(mut reader) = open(body, hints, Limits::default())? else { return Ok(assembler) };
    while let Some(row) = reader.next_row()? {
        assembler.add(&row)?;
    }
    for document in assembler.documents() {
        document?;
    }
    Ok(assembler)
}
