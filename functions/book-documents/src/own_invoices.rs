//! A VAT invoice data report: what it says of each document goes to the own invoices, and what follows goes on.
//!
//! The file is read twice. First from end to end, telling nobody: a bad row anywhere quarantines the report before a
//! single document is due. Then document after document, in the order of the file. Telling a document again changes
//! nothing, so a run that died is simply done again.

use std::collections::BTreeMap;
use std::sync::Arc;

use countinghouse_formats::{FormatError, Hints, Limits, Source};
use countinghouse_runtime::feeds::Refusals;
use countinghouse_runtime::messages::{Checkpoint, InvoiceIssue, InvoiceUpload};
use countinghouse_runtime::metrics::Metric;
use countinghouse_store::{Job, NextStep, ObjectReader, Origin, ReportedDocument, Told, own_document_key};
use countinghouse_vat_invoices::decision::Decision;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::documents::{DocumentIndex, Documents};
use countinghouse_vat_invoices::state::{Refusal, State};
use countinghouse_vat_invoices::status::Asks;
use countinghouse_vat_invoices::vidr::VidrReader;
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use crate::BookError;
use crate::booking::{Ended, FUNCTION, Subject};

/// How many documents go from the reading thread at once, and between two looks at the clock.
const CHUNK: usize = 50;
/// How many documents are told of at the same time.
const AT_ONCE: usize = 8;
/// How old a report may be that nobody here asked for: Amazon takes hours at worst.
const UNKNOWN_AGE: SignedDuration = SignedDuration::from_hours(12);

/// How far the report is told.
struct Progress {
    documents: u64,
    counts: BTreeMap<String, u64>,
    moves: Moves,
}

/// What moved in this run.
#[derive(Default)]
struct Moves {
    found: u64,
    accepted: u64,
    refusals: Refusals,
    needing_a_person: u64,
}

pub(crate) async fn book(
    subject: &Subject<'_>,
    body: ObjectReader,
    checkpoint: Option<&Checkpoint>,
) -> Result<Ended, BookError> {
    let (hints, limits) = (subject.hints(), subject.dependencies.limits);
    let read = tokio::task::spawn_blocking(move || index(body, hints, limits)).await.map_err(BookError::Reader)?;
    let (index, source) = match read {
        Ok(read) => read,
        Err(error) if error.kind().may_pass() => return Err(BookError::Read(error)),
        Err(error) => return Ok(Ended::Quarantined(error.to_string())),
    };
    let mut progress = progress(checkpoint, &source)?;
    let ended = tell(subject, Arc::new(index), &mut progress).await;
    let Moves { found, accepted, refusals, needing_a_person } = progress.moves;
    refusals.emit(FUNCTION, subject.dependencies.clock.now());
    subject
        .metrics()
        .value(Metric::OwnInvoicesFound, found)
        .value(Metric::OwnInvoicesAccepted, accepted)
        .value(Metric::OwnInvoicesRejected, refusals.total())
        .value(Metric::OwnInvoicesNotMade, needing_a_person)
        .emit(subject.dependencies.clock.now());
    match ended? {
        Telling::Complete => {
            let totals = [("rows".to_owned(), source.rows), ("documents".to_owned(), progress.documents)];
            Ok(Ended::Booked(progress.counts.into_iter().chain(totals).collect()))
        }
        Telling::TimeUp => Ok(Ended::At(Checkpoint::VatInvoices {
            sha256: source.sha256,
            documents: progress.documents,
            counts: progress.counts,
        })),
        Telling::Refused(reason) => Ok(Ended::Quarantined(reason)),
    }
}

fn index(body: ObjectReader, hints: Hints, limits: Limits) -> Result<(DocumentIndex, Source), FormatError> {
    DocumentIndex::read(VidrReader::open(body, hints, limits)?)
}

fn progress(checkpoint: Option<&Checkpoint>, source: &Source) -> Result<Progress, BookError> {
    match checkpoint {
        None => Ok(Progress { documents: 0, counts: BTreeMap::new(), moves: Moves::default() }),
        Some(Checkpoint::VatInvoices { sha256, documents, counts }) if *sha256 == source.sha256 => {
            Ok(Progress { documents: *documents, counts: counts.clone(), moves: Moves::default() })
        }
        Some(_) => Err(BookError::Changed),
    }
}

/// How the telling of documents ended.
enum Telling {
    Complete,
    TimeUp,
    /// A document cannot be made out of its rows.
    Refused(String),
}

/// Tells of the documents that are not told of yet. A document that cannot be told of does not keep the others waiting;
/// then the message fails at the end, and is tried again.
async fn tell(subject: &Subject<'_>, index: Arc<DocumentIndex>, progress: &mut Progress) -> Result<Telling, BookError> {
    let made_at = made_at(subject).await?;
    let body = subject.reopen().await?;
    let (hints, limits, skip) = (subject.hints(), subject.dependencies.limits, progress.documents);
    let (sender, mut chunks) = mpsc::channel(1);
    let reader = tokio::task::spawn_blocking(move || documents(body, hints, limits, &index, skip, &sender));
    let (mut failed, mut time_is_up) = (None, false);
    while let Some(chunk) = chunks.recv().await {
        for told in tell_all(subject, chunk, made_at).await {
            progress.documents = progress.documents.saturating_add(1);
            match told {
                Ok((decision, told, refusal)) => progress.note(decision, told, refusal.as_ref()),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if subject.deadline.has_passed(subject.dependencies.clock.now()) {
            // The reading thread ends when nobody takes its chunks any more.
            chunks.close();
            time_is_up = true;
            break;
        }
    }
    // What still lies in the channel belongs to the next run.
    drop(chunks);
    let read = reader.await.map_err(BookError::Reader)?;
    match (failed, read) {
        (Some(error), _) => Err(error),
        (None, Err(error)) if error.kind().may_pass() => Err(BookError::Read(error)),
        (None, Err(error)) => Ok(Telling::Refused(error.to_string())),
        (None, Ok(Reached::End)) if !time_is_up => Ok(Telling::Complete),
        (None, Ok(_)) => Ok(Telling::TimeUp),
    }
}

/// How far the reading thread came.
enum Reached {
    End,
    NobodyListens,
}

fn documents(
    body: ObjectReader,
    hints: Hints,
    limits: Limits,
    index: &DocumentIndex,
    skip: u64,
    sender: &mpsc::Sender<Vec<DueDocument>>,
) -> Result<Reached, FormatError> {
    let mut documents = Documents::new(VidrReader::open(body, hints, limits)?, index, None);
    let mut seen = 0_u64;
    let mut chunk = Vec::with_capacity(CHUNK);
    while let Some(document) = documents.next_document()? {
        seen = seen.saturating_add(1);
        if seen <= skip {
            continue;
        }
        chunk.push(document);
        if chunk.len() == CHUNK
            && sender.blocking_send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))).is_err()
        {
            return Ok(Reached::NobodyListens);
        }
    }
    if !chunk.is_empty() && sender.blocking_send(chunk).is_err() {
        return Ok(Reached::NobodyListens);
    }
    Ok(Reached::End)
}

async fn tell_all(
    subject: &Subject<'_>,
    chunk: Vec<DueDocument>,
    made_at: Timestamp,
) -> Vec<Result<(Decision, Told, Option<Refusal>), BookError>> {
    let each = chunk.into_iter().map(|document| tell_one(subject, document, made_at));
    futures_util::stream::iter(each).buffer_unordered(AT_ONCE).collect().await
}

/// Writes down what the report says of a document, and sends it on where something is to be done. The message goes out
/// last: if it is lost with this run, the next one says the same again.
async fn tell_one(
    subject: &Subject<'_>,
    document: DueDocument,
    made_at: Timestamp,
) -> Result<(Decision, Told, Option<Refusal>), BookError> {
    let (dependencies, seller) = (subject.dependencies, &subject.metadata.seller);
    let decision = document.decision();
    let key = own_document_key(&document);
    // What a person had forgotten does not come back, whichever report tells of it again.
    let is_kept = decision.makes() && !dependencies.own_invoices.is_forgotten(seller, &key).await?;
    let stored = if is_kept { Some(dependencies.own_objects.put_due(seller, &document).await?) } else { None };
    let reported = ReportedDocument { seller, document: &document, stored, made_at };
    let told = dependencies.own_invoices.reported(&reported, dependencies.clock.now()).await?;
    match told.next {
        NextStep::Issue => {
            dependencies.issues.send(&InvoiceIssue::new(seller.clone(), key), std::time::Duration::ZERO).await?;
        }
        NextStep::Upload => {
            dependencies.uploads.send(&InvoiceUpload::new(seller.clone(), key), std::time::Duration::ZERO).await?;
        }
        NextStep::Nothing => {}
    }
    Ok((decision, told, refusal(document)))
}

/// What Amazon refused the document for, where the report says so.
fn refusal(document: DueDocument) -> Option<Refusal> {
    (document.status.asks() == Asks::UploadAgain)
        .then_some(Refusal { code: None, message: document.status_description })
}

impl Progress {
    fn note(&mut self, decision: Decision, told: Told, refusal: Option<&Refusal>) {
        let count = self.counts.entry(name(decision).to_owned()).or_default();
        *count = count.saturating_add(1);
        let moves = &mut self.moves;
        if told.state != told.before
            && matches!(told.state, Some(State::Rejected | State::NeedsPerson))
            && let Some(refusal) = refusal
        {
            moves.refusals.add(refusal);
        }
        let counter = match told.state {
            after if after == told.before => return,
            Some(State::Due) if told.before.is_none() => &mut moves.found,
            Some(State::Accepted) => &mut moves.accepted,
            Some(State::NeedsPerson) => &mut moves.needing_a_person,
            _ => return,
        };
        *counter = counter.saturating_add(1);
    }
}

/// What is counted on the job, by what the report says.
const fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Make => "due",
        Decision::MakeAgain => "rejected",
        Decision::Wait => "processing",
        Decision::Done => "accepted",
        Decision::AmazonIssues | Decision::AmazonSupplies => "of_amazon",
        Decision::Person => "needs_a_person",
    }
}

/// When Amazon made the report, at the earliest: what happened later, it cannot know. So a document that was uploaded
/// while the report was made is not taken for one that Amazon never got.
async fn made_at(subject: &Subject<'_>) -> Result<Timestamp, BookError> {
    let (dependencies, metadata) = (subject.dependencies, &subject.metadata);
    let Some(job) = dependencies.jobs.get(&metadata.seller, &metadata.report_id).await? else {
        return Ok(before(dependencies.clock.now()));
    };
    let intended_at = dependencies.jobs.intended_at(&job).await?;
    Ok(earliest(&job, intended_at))
}

fn earliest(job: &Job, intended_at: Option<Timestamp>) -> Timestamp {
    match (job.origin, intended_at, job.window) {
        (Origin::Requested, Some(intended_at), _) => intended_at,
        // Amazon makes no report of the future.
        (_, _, Some(window)) => window.to.min(job.recorded_at),
        (_, _, None) => before(job.recorded_at),
    }
}

fn before(known_at: Timestamp) -> Timestamp {
    known_at.saturating_sub(UNKNOWN_AGE).unwrap_or(known_at)
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::job::{JobState, Window};
    use countinghouse_domain::report::ReportType;
    use countinghouse_store::Facts;

    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-22T{time}Z").parse().unwrap()
    }

    fn job(origin: Origin, window: Option<Window>) -> Job {
        Job {
            seller: "A1".parse().unwrap(),
            report_id: "1".parse().unwrap(),
            report_type: ReportType::VAT_INVOICES,
            state: JobState::Downloaded,
            origin,
            window,
            marketplaces: Vec::new(),
            window_key: None,
            facts: Facts::default(),
            recorded_at: at("18:30:00"),
            updated_at: at("18:31:00"),
            next_check_at: None,
            rebooked: None,
        }
    }

    #[test]
    fn a_report_that_was_asked_for_is_not_older_than_the_wish() {
        let window = Some(Window { from: at("00:00:00"), to: at("18:00:00") });
        assert_eq!(earliest(&job(Origin::Requested, window), Some(at("18:15:00"))), at("18:15:00"));
    }

    #[test]
    fn a_report_that_was_taken_over_is_not_older_than_its_window() {
        let window = Some(Window { from: at("00:00:00"), to: at("18:00:00") });
        for origin in [Origin::Adopted, Origin::Notification, Origin::Poll] {
            assert_eq!(earliest(&job(origin, window), Some(at("18:15:00"))), at("18:00:00"));
        }
    }

    #[test]
    fn a_report_that_nobody_here_asked_for_may_be_old() {
        assert_eq!(earliest(&job(Origin::Notification, None), None), at("06:30:00"));
    }

    #[test]
    fn a_rest_is_told_only_of_the_same_bytes() {
        let source = |sha256: &str| Source {
            sha256: sha256.to_owned(),
            bytes: 0,
            lines: 0,
            rows: 0,
            charset: "ASCII",
            unknown_columns: Vec::new(),
            warnings: Vec::new(),
        };
        let counts = BTreeMap::from([("due".to_owned(), 7)]);
        let rest = Checkpoint::VatInvoices { sha256: "a".to_owned(), documents: 7, counts: counts.clone() };
        let resumed = progress(Some(&rest), &source("a")).ok().unwrap();
        assert_eq!((resumed.documents, resumed.counts), (7, counts));
        assert!(matches!(progress(Some(&rest), &source("b")), Err(BookError::Changed)));
        let other = Checkpoint::Settlement { sha256: "a".to_owned(), amounts_written: 7 };
        assert!(matches!(progress(Some(&other), &source("a")), Err(BookError::Changed)));
    }

    #[test]
    fn what_moved_is_counted_once() {
        let mut progress = Progress { documents: 0, counts: BTreeMap::new(), moves: Moves::default() };
        let told = |state, before| Told { next: NextStep::Nothing, state, before };
        let refusal = Refusal { code: None, message: "Invalid".to_owned() };
        progress.note(Decision::Make, told(Some(State::Due), None), None);
        progress.note(Decision::Make, told(Some(State::Due), Some(State::Due)), None);
        progress.note(Decision::Done, told(Some(State::Accepted), Some(State::Processing)), None);
        progress.note(Decision::AmazonIssues, told(None, None), None);
        progress.note(Decision::MakeAgain, told(Some(State::Rejected), Some(State::Processing)), Some(&refusal));
        progress.note(Decision::MakeAgain, told(Some(State::Rejected), Some(State::Rejected)), Some(&refusal));
        assert_eq!((progress.moves.found, progress.moves.accepted, progress.moves.refusals.total()), (1, 1, 1));
        let counts: Vec<_> = progress.counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(counts, [("accepted", 1), ("due", 2), ("of_amazon", 1), ("rejected", 2)]);
    }
}
