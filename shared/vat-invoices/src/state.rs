//! Where a document stands, and what moves it on. Pure: the report and the feed are events here.
//!
//! `due → issued → uploading → processing → accepted | rejected | needs a person`. The next VAT invoice data report is the
//! truth; the feed's processing report is a hint that is there sooner. A report that was made before the document came
//! where it stands says nothing about it.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::errors::{Next, UploadError};
use crate::status::{InvoiceStatus, KnownStatus};

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Amazon expects it; it has no number yet.
    Due,
    /// It has its number and its PDF.
    Issued,
    /// It is on its way to Amazon: the intent is written, the feed may exist.
    Uploading,
    /// The feed exists; Amazon is reading it.
    Processing,
    /// Amazon shows it to the customer.
    Accepted,
    /// Amazon refused it; it will be uploaded again under its number.
    Rejected,
    /// A person must look.
    NeedsPerson,
    /// It is void, and keeps its number.
    Cancelled,
}

impl State {
    /// Every state, in the order in which a document comes through them.
    pub const ALL: [Self; 8] = [
        Self::Due,
        Self::Issued,
        Self::Uploading,
        Self::Processing,
        Self::Accepted,
        Self::Rejected,
        Self::NeedsPerson,
        Self::Cancelled,
    ];

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The name in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Issued => "issued",
            Self::Uploading => "uploading",
            Self::Processing => "processing",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::NeedsPerson => "needs_person",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Cancelled)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A document's state, since when, and what was wrong last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// How often it was uploaded. An upload of which Amazon surely made nothing does not count.
    pub uploads: u32,
    /// The last refusal: what Amazon said. It stays until the document is accepted.
    pub refusal: Option<Refusal>,
}

/// What Amazon said when it refused a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Amazon's number of the error, where it gave one.
    pub code: Option<u32>,
    /// Amazon's words.
    pub message: String,
}

impl Refusal {
    /// What is known of the error.
    pub fn known(&self) -> &'static UploadError {
        UploadError::find(self.code, &self.message)
    }

    /// What it is counted by: Amazon's number where there is one or where the words tell it, otherwise the error's name.
    pub fn label(&self) -> String {
        let known = self.known();
        self.code.or(known.code).map_or_else(|| known.name.to_owned(), |code| code.to_string())
    }
}

/// What happens to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It got its number and its PDF, in one transaction.
    Issued,
    /// The intent to upload is written.
    UploadBegun,
    /// createFeed answered with a feed.
    FeedCreated,
    /// It is certain that no feed was made: the upload may be begun again.
    UploadFailed,
    /// The feed's processing report says that it was taken.
    Taken,
    /// The feed's processing report says that it was refused.
    Refused(Refusal),
    /// A VAT invoice data report has the document.
    Reported {
        /// Its status there.
        status: InvoiceStatus,
        /// The status in words; after a rejection the reason.
        description: String,
        /// When Amazon made the report.
        made_at: Timestamp,
    },
    /// The document cannot be made: something about it, the seller's profile or the original is in the way.
    CannotBeMade,
    /// A document without a number can be made now: a newer report, or a person, took away what was in the way.
    CanBeMade,
    /// A person decided that it be uploaded again.
    PersonUploadsAgain,
    /// A person decided that it be made and uploaded again, under its number: what was sent was wrong.
    PersonMakesAgain,
    /// A person, or an error that says so, made it void; or Amazon issues it before it had a number.
    Cancelled,
}

/// What does not fit together: a fault of the caller, or of the order in which things were written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a document that is {state} cannot be {event}")]
pub struct NotPossible {
    /// The state.
    pub state: State,
    /// What was to happen.
    pub event: &'static str,
}

/// How often a document is uploaded before a person must look.
pub const MOST_UPLOADS: u32 = 5;

/// How long a report may still call a document pending after its feed was made. Amazon recommends a report every twelve
/// hours; a feed is read within minutes, as a rule.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(12);

/// The state afterwards. An event that changes nothing (a report that is older, or says what is known) gives the
/// standing as it is.
pub fn after(standing: &Standing, event: &Event, now: Timestamp) -> Result<Standing, NotPossible> {
    use State::{Accepted, Cancelled, Due, Issued, NeedsPerson, Processing, Rejected, Uploading};
    let to = |state| Ok(Standing { state, since: now, ..standing.clone() });
    let impossible = |event| Err(NotPossible { state: standing.state, event });
    match (event, standing.state) {
        (Event::Issued, Due) => to(Issued),
        // What Amazon never looked at is no attempt: a rate limit must not use them up.
        (Event::UploadFailed, Uploading) => {
            let uploads = standing.uploads.saturating_sub(1);
            Ok(Standing { state: Issued, since: now, uploads, refusal: standing.refusal.clone() })
        }
        (Event::Issued, _) => impossible("issued"),
        (Event::UploadFailed, _) => impossible("back from an upload"),
        (Event::UploadBegun, Issued | Rejected) => {
            let uploads = standing.uploads.saturating_add(1);
            Ok(Standing { state: Uploading, since: now, uploads, refusal: standing.refusal.clone() })
        }
        (Event::UploadBegun, _) => impossible("uploaded"),
        (Event::FeedCreated, Uploading) => to(Processing),
        (Event::FeedCreated, _) => impossible("in a feed"),
        (Event::Refused(refusal), Processing) => Ok(refused(standing, refusal.clone(), now)),
        // Taken is not accepted: only the report says that. And the truth may come before the hint.
        (Event::Taken | Event::Refused(_), Processing | Accepted | Rejected | NeedsPerson | Cancelled) => {
            Ok(standing.clone())
        }
        (Event::Taken | Event::Refused(_), _) => impossible("answered by Amazon"),
        (Event::Reported { status, description, made_at }, _) => {
            Ok(reported(standing, status, description, *made_at, now))
        }
        (Event::CannotBeMade, NeedsPerson) | (Event::CanBeMade, Due) => Ok(standing.clone()),
        (Event::CannotBeMade, Due | Issued | Rejected) => to(NeedsPerson),
        (Event::CannotBeMade, _) => impossible("kept from being made"),
        (Event::CanBeMade, NeedsPerson) => to(Due),
        (Event::CanBeMade, _) => impossible("made due again"),
        (Event::PersonUploadsAgain, NeedsPerson | Rejected) => {
            Ok(Standing { state: Issued, since: now, uploads: 0, refusal: standing.refusal.clone() })
        }
        (Event::PersonUploadsAgain, _) => impossible("uploaded again"),
        (Event::PersonMakesAgain, NeedsPerson | Rejected) => {
            Ok(Standing { state: Rejected, since: now, uploads: 0, refusal: standing.refusal.clone() })
        }
        (Event::PersonMakesAgain, _) => impossible("made again"),
        (Event::Cancelled, Accepted) => impossible("cancelled"),
        (Event::Cancelled, _) => to(Cancelled),
    }
}

/// What a report says of the document.
fn reported(
    standing: &Standing,
    status: &InvoiceStatus,
    description: &str,
    made_at: Timestamp,
    now: Timestamp,
) -> Standing {
    if made_at < standing.since || standing.state == State::Cancelled {
        return standing.clone();
    }
    let waited = made_at.duration_since(standing.since);
    let InvoiceStatus::Known(status) = status else {
        let moves = !standing.state.is_final() && matches!(status, InvoiceStatus::Unknown(_));
        return moved(standing, moves.then_some(State::NeedsPerson), now);
    };
    let (accepted, rejected) = (KnownStatus::InvoiceUploaded, KnownStatus::InvoiceRejected);
    match *status {
        each if each == accepted || each == KnownStatus::CreditNoteUploaded => {
            let state = reported_accepted(standing.state);
            let refusal = if state == Some(State::Accepted) { None } else { standing.refusal.clone() };
            Standing { refusal, ..moved(standing, state, now) }
        }
        each if each == rejected || each == KnownStatus::CreditNoteRejected => match standing.state {
            State::Uploading | State::Processing | State::Accepted => {
                refused(standing, Refusal { code: None, message: description.to_owned() }, now)
            }
            // Uploaded by somebody else.
            State::Due => moved(standing, Some(State::NeedsPerson), now),
            // Known, or about to be uploaded again.
            State::Issued | State::Rejected | State::NeedsPerson | State::Cancelled => standing.clone(),
        },
        each => moved(standing, reported_otherwise(standing.state, each, waited), now),
    }
}

fn moved(standing: &Standing, state: Option<State>, now: Timestamp) -> Standing {
    state.map_or_else(|| standing.clone(), |state| Standing { state, since: now, ..standing.clone() })
}

fn reported_accepted(state: State) -> Option<State> {
    match state {
        // Uploaded by somebody else.
        State::Due => Some(State::NeedsPerson),
        State::Issued | State::Uploading | State::Processing | State::Rejected | State::NeedsPerson => {
            Some(State::Accepted)
        }
        State::Accepted | State::Cancelled => None,
    }
}

/// The state after a report with another status; none where it stays.
fn reported_otherwise(state: State, status: KnownStatus, waited: SignedDuration) -> Option<State> {
    let amazons_own = [KnownStatus::InvoiceCreatedByAmazon, KnownStatus::CreditNoteCreatedByAmazon].contains(&status);
    let processing = [KnownStatus::InvoiceProcessing, KnownStatus::CreditNoteProcessing].contains(&status);
    let pending = [KnownStatus::InvoicePending, KnownStatus::CreditNotePending].contains(&status);
    match state {
        State::Due if processing || status == KnownStatus::NoTaxCalculated => Some(State::NeedsPerson),
        // The feed exists after all: its answer was lost.
        State::Issued | State::Uploading | State::Rejected if processing => Some(State::Processing),
        State::Processing if pending && waited > PATIENCE => Some(State::NeedsPerson),
        State::Accepted if pending => Some(State::NeedsPerson),
        State::Issued | State::Uploading | State::Processing | State::Accepted | State::Rejected if amazons_own => {
            Some(State::NeedsPerson)
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

/// The state after a refusal: what the error's table says.
fn refused(standing: &Standing, refusal: Refusal, now: Timestamp) -> Standing {
    let state = match refusal.known().next {
        Next::UploadLater | Next::MakeAgain if standing.uploads < MOST_UPLOADS => State::Rejected,
        Next::UploadLater | Next::MakeAgain | Next::Program | Next::SellerSetup | Next::Cancel | Next::Person => {
            State::NeedsPerson
        }
    };
    Standing { state, since: now, uploads: standing.uploads, refusal: Some(refusal) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::STATUSES;

    fn at(hour: i64) -> Timestamp {
        let start: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        start.checked_add(SignedDuration::from_hours(hour)).unwrap()
    }

    fn standing(state: State) -> Standing {
        Standing { state, since: at(0), uploads: 1, refusal: None }
    }

    fn report(word: &str, hour: i64) -> Event {
        let description = "The total amount 49.91 does not match the amount 49.90".to_owned();
        Event::Reported { status: InvoiceStatus::of(word), description, made_at: at(hour) }
    }

    fn run(state: State, events: &[Event]) -> Result<Standing, NotPossible> {
        (1..).zip(events).try_fold(standing(state), |standing, (hour, event)| after(&standing, event, at(hour)))
    }

    #[test]
    fn a_document_is_issued_uploaded_and_accepted_by_the_next_report() {
        let events =
            [Event::Issued, Event::UploadBegun, Event::FeedCreated, Event::Taken, report("InvoiceUploaded", 9)];
        assert_eq!(run(State::Due, &events[..4]).unwrap().state, State::Processing);
        assert_eq!(run(State::Due, &events).unwrap().state, State::Accepted);
    }

    #[test]
    fn a_refused_document_is_uploaded_again_until_a_person_must_look() {
        let refusal = Refusal { code: Some(79_517), message: "Invalid order".to_owned() };
        let again = [Event::UploadBegun, Event::FeedCreated, Event::Refused(refusal)];
        let first = run(State::Issued, &again).unwrap();
        assert_eq!((first.state, first.uploads), (State::Rejected, 2));
        let many: Vec<Event> = again.iter().cloned().cycle().take(12).collect();
        let last = run(State::Issued, &many).unwrap();
        assert_eq!((last.state, last.uploads), (State::NeedsPerson, MOST_UPLOADS));
        assert_eq!(after(&last, &Event::PersonUploadsAgain, at(99)).unwrap().uploads, 0);
        let again = after(&last, &Event::PersonMakesAgain, at(99)).unwrap();
        assert_eq!((again.state, again.uploads), (State::Rejected, 0));
        assert!(after(&standing(State::Processing), &Event::PersonMakesAgain, at(99)).is_err());
    }

    #[test]
    fn an_upload_that_amazon_never_looked_at_is_no_attempt() {
        let refused_by_the_rate = [Event::UploadBegun, Event::UploadFailed];
        let many: Vec<Event> = refused_by_the_rate.iter().cloned().cycle().take(40).collect();
        let last = run(State::Issued, &many).unwrap();
        assert_eq!((last.state, last.uploads), (State::Issued, 1));
        let refusal = Refusal { code: Some(79_517), message: "Invalid order".to_owned() };
        let then = [Event::UploadBegun, Event::FeedCreated, Event::Refused(refusal)];
        let refused = then.iter().try_fold(last, |standing, event| after(&standing, event, at(50))).unwrap();
        assert_eq!((refused.state, refused.uploads), (State::Rejected, 2));
    }

    #[test]
    fn a_refusal_is_counted_by_its_number_or_else_by_its_name() {
        let label = |code, message: &str| Refusal { code, message: message.to_owned() }.label();
        assert_eq!(label(Some(79_517), "Invalid order"), "79517");
        assert_eq!(label(Some(70_000), "Something new"), "70000");
        assert_eq!(label(None, "Amazon will generate invoice for shipmentId N/A"), "79525");
        assert_eq!(label(None, "The total amount 1 does not match the amount 2"), "TotalAmountDiffers");
        assert_eq!(label(None, "Something new"), "Unknown");
    }

    #[test]
    fn the_report_overrules_the_hint() {
        let refusal = Refusal { code: Some(79_540), message: String::new() };
        let events = [Event::Refused(refusal), report("InvoiceUploaded", 9)];
        let accepted = run(State::Processing, &events).unwrap();
        assert_eq!((accepted.state, accepted.refusal), (State::Accepted, None));
        let rejected = run(State::Processing, &[Event::Taken, report("InvoiceRejected", 9)]).unwrap();
        assert_eq!((rejected.state, rejected.refusal.unwrap().known().name), (State::Rejected, "TotalAmountDiffers"));
    }

    #[test]
    fn a_report_from_before_says_nothing() {
        for state in State::ALL {
            for facts in STATUSES {
                assert_eq!(after(&standing(state), &report(facts.word, -1), at(1)).unwrap(), standing(state));
            }
        }
    }

    #[test]
    fn a_document_that_stays_pending_at_amazon_needs_a_person() {
        assert_eq!(run(State::Processing, &[report("InvoicePending", 12)]).unwrap().state, State::Processing);
        assert_eq!(run(State::Processing, &[report("InvoicePending", 13)]).unwrap().state, State::NeedsPerson);
    }

    #[test]
    fn what_amazon_issues_or_calls_by_an_unknown_word_needs_a_person() {
        for word in ["InvoiceCreatedByAmazon", "InvoiceOnHold"] {
            assert_eq!(run(State::Processing, &[report(word, 1)]).unwrap().state, State::NeedsPerson, "{word}");
        }
        assert_eq!(run(State::Due, &[report("NoTaxCalculated", 1)]).unwrap().state, State::NeedsPerson);
        let refusal = Refusal { code: Some(79_525), message: String::new() };
        assert_eq!(run(State::Processing, &[Event::Refused(refusal)]).unwrap().state, State::NeedsPerson);
    }

    #[test]
    fn a_void_document_stays_void_and_an_accepted_one_cannot_be_made_void() {
        let void = standing(State::Cancelled);
        for facts in STATUSES {
            assert_eq!(after(&void, &report(facts.word, 1), at(1)).unwrap(), void);
        }
        assert!(after(&standing(State::Accepted), &Event::Cancelled, at(1)).is_err());
        assert_eq!(run(State::Processing, &[Event::Cancelled]).unwrap().state, State::Cancelled);
    }

    #[test]
    fn what_cannot_be_made_waits_for_a_person_and_is_due_again_when_the_cause_is_gone() {
        let blocked = run(State::Due, &[Event::CannotBeMade]).unwrap();
        assert_eq!(blocked.state, State::NeedsPerson);
        assert_eq!(after(&blocked, &Event::CannotBeMade, at(9)).unwrap(), blocked);
        assert_eq!(after(&blocked, &Event::CanBeMade, at(9)).unwrap().state, State::Due);
        for state in [State::Uploading, State::Processing, State::Accepted, State::Cancelled] {
            assert!(after(&standing(state), &Event::CannotBeMade, at(1)).is_err(), "{state}");
            assert!(after(&standing(state), &Event::CanBeMade, at(1)).is_err(), "{state}");
        }
    }

    #[test]
    fn what_amazon_issues_before_it_had_a_number_is_void() {
        assert_eq!(run(State::Due, &[Event::Cancelled]).unwrap().state, State::Cancelled);
    }

    #[test]
    fn a_lost_answer_is_found_by_the_report_and_nothing_is_uploaded_twice() {
        assert!(after(&standing(State::Uploading), &Event::UploadBegun, at(1)).is_err());
        assert!(after(&standing(State::Processing), &Event::UploadBegun, at(1)).is_err());
        assert_eq!(run(State::Uploading, &[report("InvoiceProcessing", 1)]).unwrap().state, State::Processing);
        assert_eq!(run(State::Uploading, &[report("InvoiceUploaded", 1)]).unwrap().state, State::Accepted);
    }
}
