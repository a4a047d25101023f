//! What a VAT invoice data report says of a document, and what to do next.

use countinghouse_vat_invoices::decision::Decision;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::errors::Next;
use countinghouse_vat_invoices::state::{Event, NotPossible, PATIENCE, Standing, State, after};
use jiff::Timestamp;

use super::item::{self, Move};
use super::key::own_document_key;
use super::model::{NextStep, ReportedDocument, StoredOwnInvoice, Told};
use super::{OwnInvoices, read};
use crate::StoreError;
use crate::table::ATTEMPTS;

/// Where a report leaves a document, and why.
struct Outcome {
    standing: Standing,
    note: Option<String>,
}

impl OwnInvoices {
    /// Writes down what a report says of a document. A report that is older than the newest one known changes nothing. What
    /// Amazon issues, and what others have under way, is not ours and leaves nothing here.
    pub async fn reported(&self, told: &ReportedDocument<'_>, now: Timestamp) -> Result<Told, StoreError> {
        let key = own_document_key(told.document);
        let decision = told.document.decision();
        for _ in 0..ATTEMPTS {
            let Some(there) = self.table.get(told.seller.as_str(), &key).await? else {
                match self.first_told(told, &key, decision, now).await? {
                    Some(answer) => return Ok(answer),
                    None => continue,
                }
            };
            let known = read::invoice(&there)?;
            let before = Some(known.standing.state);
            if told.made_at < known.reported_at || known.made_elsewhere.is_some() {
                return Ok(Told { next: NextStep::Nothing, state: before, before });
            }
            let outcome = advance(&known.standing, known.numbering.is_some(), told, decision, now)
                .map_err(|error| not_possible(&known, &error))?;
            let state = Some(outcome.standing.state);
            let answer = Told { next: next_step(&outcome.standing, told, decision), state, before };
            let moves = Move { before, standing: &outcome.standing, note: outcome.note.as_deref() };
            if self.table.put_back(item::told(there, told, &moves, now)).await? {
                return Ok(answer);
            }
        }
        Err(self.contention(told.seller, &key))
    }

    /// A document that was not known; none when somebody else was quicker.
    async fn first_told(
        &self,
        told: &ReportedDocument<'_>,
        key: &str,
        decision: Decision,
        now: Timestamp,
    ) -> Result<Option<Told>, StoreError> {
        let nothing = Told { next: NextStep::Nothing, state: None, before: None };
        match decision {
            Decision::AmazonIssues | Decision::AmazonSupplies | Decision::Wait => return Ok(Some(nothing)),
            Decision::Done => return self.made_elsewhere(told, key, now).await.map(|is_new| is_new.then_some(nothing)),
            Decision::Make | Decision::MakeAgain | Decision::Person => {}
        }
        let due = Standing { state: State::Due, since: told.made_at, uploads: 0, refusal: None };
        let outcome = advance(&due, false, told, decision, now).map_err(|error| impossible(key, &error))?;
        let moves = Move { before: None, standing: &outcome.standing, note: outcome.note.as_deref() };
        if !self.table.put_new(item::new(told, &moves, now)).await? {
            return Ok(None);
        }
        let next = next_step(&outcome.standing, told, decision);
        Ok(Some(Told { next, state: Some(outcome.standing.state), before: None }))
    }

    /// Keeps the number of a document that others issued: a credit note of ours may refer to it, and no document of ours
    /// may have it. False when somebody else was quicker.
    async fn made_elsewhere(&self, told: &ReportedDocument<'_>, key: &str, now: Timestamp) -> Result<bool, StoreError> {
        let number = told.document.uploaded_number.as_str();
        if number.is_empty() {
            return Ok(true);
        }
        // The number may be there: of a document that a report told of otherwise. It is written first, so that a death
        // in between leaves a number that nobody gives again.
        self.table.put_new(item::register_elsewhere(told.seller, key, number, now)).await?;
        self.table.put_new(item::elsewhere(told, now)).await
    }
}

/// A step that the caller should not have taken.
pub(super) fn not_possible(known: &StoredOwnInvoice, error: &NotPossible) -> StoreError {
    impossible(&format!("{} / {}", known.seller, known.key), error)
}

fn impossible(item: &str, error: &NotPossible) -> StoreError {
    tracing::error!(item, state = error.state.name(), event = error.event, "an own invoice cannot take this step");
    StoreError::Corrupt {
        item: item.to_owned(),
        attribute: "state".to_owned(),
        expected: "one from which this step is possible",
    }
}

fn advance(
    standing: &Standing,
    has_number: bool,
    told: &ReportedDocument<'_>,
    decision: Decision,
    now: Timestamp,
) -> Result<Outcome, NotPossible> {
    let document = told.document;
    let event = reported(document, told.made_at);
    let mut after_report = after(standing, &event, now)?;
    if let Some((event, note)) = consequence(&after_report, has_number, told, decision) {
        after_report = after(&after_report, &event, now)?;
        let note = note.or_else(|| item::because(document, decision, after_report.state));
        return Ok(Outcome { standing: after_report, note });
    }
    let has_moved = after_report.state != standing.state;
    let note = has_moved.then(|| item::because(document, decision, after_report.state)).flatten();
    Ok(Outcome { standing: after_report, note })
}

fn reported(document: &DueDocument, made_at: Timestamp) -> Event {
    Event::Reported { status: document.status.clone(), description: document.status_description.clone(), made_at }
}

/// What follows from a report besides what it says itself.
fn consequence(
    standing: &Standing,
    has_number: bool,
    told: &ReportedDocument<'_>,
    decision: Decision,
) -> Option<(Event, Option<String>)> {
    let amazons = matches!(decision, Decision::AmazonIssues | Decision::AmazonSupplies);
    match standing.state {
        State::Due | State::NeedsPerson if amazons && !has_number => Some((Event::Cancelled, None)),
        State::Due if amazons || decision == Decision::Person => Some((Event::CannotBeMade, None)),
        // What was in the way is gone, or it is worth another try: the profile may have been mended.
        State::NeedsPerson if decision == Decision::Make && !has_number => Some((Event::CanBeMade, None)),
        // Long after the upload began Amazon has heard nothing: the feed whose answer was lost was never made.
        State::Uploading if decision == Decision::Make && told.made_at.duration_since(standing.since) > PATIENCE => {
            Some((Event::UploadFailed, Some("no upload reached Amazon: it still expects the document".to_owned())))
        }
        State::Due
        | State::Issued
        | State::Uploading
        | State::Processing
        | State::Accepted
        | State::Rejected
        | State::NeedsPerson
        | State::Cancelled => None,
    }
}

fn next_step(standing: &Standing, told: &ReportedDocument<'_>, decision: Decision) -> NextStep {
    if !decision.makes() {
        return NextStep::Nothing;
    }
    let is_later = told.made_at >= standing.since;
    match standing.state {
        State::Due => NextStep::Issue,
        State::Issued => NextStep::Upload,
        State::Rejected => match standing.refusal.as_ref().map(|refusal| refusal.known().next) {
            Some(Next::MakeAgain) if is_later || decision == Decision::MakeAgain => NextStep::Issue,
            Some(Next::UploadLater) if is_later => NextStep::Upload,
            _ => NextStep::Nothing,
        },
        State::Uploading | State::Processing | State::Accepted | State::NeedsPerson | State::Cancelled => {
            NextStep::Nothing
        }
    }
}
