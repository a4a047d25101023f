//! One document: made, numbered, stored, handed on.
//!
//! It is made once before it has a number, under the one that is probably next: what cannot be made then uses up none.
//! From the moment at which it has its number, everything that it is made from is fixed, so that a process that dies
//! leaves a document that the next one makes byte for byte.

use std::sync::Arc;
use std::time::Duration;

use countinghouse_domain::document::DocumentKind;
use countinghouse_domain::ids::SellerId;
use countinghouse_invoicing::{Issue, Rendered};
use countinghouse_runtime::messages::{InvoiceIssue, InvoiceUpload};
use countinghouse_store::{
    Allocation, MadeDocument, MadeFrom, NumberRequest, Numbering, ObjectVersion, StoreError, StoredOwnInvoice,
};
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::number::{PatternError, Place, SeriesPattern};
use countinghouse_vat_invoices::state::State;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::original::{Link, link};
use crate::profiles::Known;
use crate::{Dependencies, IssueError};

/// The longest that a document waits for its number where many ask at once.
const LONGEST_PATIENCE: Duration = Duration::from_mins(4);
/// With less time than this before Lambda ends the function nothing is begun.
const LEAST_TIME: Duration = Duration::from_secs(10);

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It is issued, or made again, and on its way.
    Issued,
    /// It was, in an earlier run.
    Known,
    /// It waits for the number of the invoice that it credits.
    Waits,
    /// A person must look.
    NeedsPerson,
}

/// A document with everything that it is made from.
struct Material {
    document: Arc<DueDocument>,
    profile: Known,
    due: ObjectVersion,
}

impl Material {
    fn made_from(&self) -> MadeFrom {
        MadeFrom { due: self.due.clone(), profile: self.profile.object.clone(), logo: self.profile.logo.clone() }
    }
}

/// What came of collecting it.
enum Collected {
    Material(Box<Material>),
    Waits,
    /// Why it cannot be made.
    Impossible(String),
}

pub(crate) async fn issue(
    dependencies: &Dependencies,
    message: &InvoiceIssue,
    end: Timestamp,
) -> Result<Done, IssueError> {
    let job = Job { dependencies, message, end };
    if job.time_left() < LEAST_TIME {
        return Err(IssueError::NoTime);
    }
    let (seller, document) = (&message.seller_id, message.document.as_str());
    let known = dependencies.invoices.get(seller, document).await?;
    let known =
        known.ok_or_else(|| IssueError::UnknownDocument { seller: seller.clone(), document: document.to_owned() })?;
    match (known.standing.state, &known.numbering) {
        // A number that was given is used, whatever was switched off since.
        (State::Due, None) if !issues(dependencies, seller).await? => {
            let seller_id = seller.as_str();
            tracing::warn!(seller_id, document, "no number is given: the seller is not connected for own invoices");
            Ok(Done::Known)
        }
        (State::Due, None) => job.number(&known).await,
        (State::Due, Some(numbering)) => job.resume(&known, numbering).await,
        (State::Rejected, Some(numbering)) => job.make_again(&known, numbering).await,
        // A process that died here may not have said so.
        (State::Issued, _) if known.made.is_some() => {
            job.hand_on().await?;
            Ok(Done::Known)
        }
        (state, _) => {
            tracing::debug!(seller_id = seller.as_str(), document, state = state.name(), "nothing is to be issued");
            Ok(Done::Known)
        }
    }
}

/// Whether the seller is connected for own invoices.
async fn issues(dependencies: &Dependencies, seller: &SellerId) -> Result<bool, IssueError> {
    let found = dependencies.sellers.get(seller).await?;
    Ok(found.is_some_and(|found| found.flows.invoicing))
}

/// The work on one message.
struct Job<'a> {
    dependencies: &'a Dependencies,
    message: &'a InvoiceIssue,
    /// When Lambda ends the function.
    end: Timestamp,
}

impl Job<'_> {
    /// A document without a number: made on trial, numbered, and made again only if the number is another one.
    async fn number(&self, known: &StoredOwnInvoice) -> Result<Done, IssueError> {
        let material = match self.collect(known.due.as_ref()).await? {
            Collected::Material(material) => material,
            Collected::Waits => return Ok(Done::Waits),
            Collected::Impossible(why) => return self.give_up(&why).await,
        };
        let now = self.now();
        let issued_on = day(now);
        let (pattern, place) = match numbers(&material, issued_on) {
            Ok(numbers) => numbers,
            Err(why) => return self.give_up(&why).await,
        };
        let seller = &self.message.seller_id;
        let invoices = &self.dependencies.invoices;
        let probable = invoices.next_number(seller, &pattern.series(&place)).await?;
        let probable = match pattern.render(&place, probable) {
            Ok(number) => Issue { number: number.to_string(), issued_on },
            Err(error) => return self.give_up(&format!("the pattern {pattern} has no further number: {error}")).await,
        };
        let trial = match self.render(&material, &probable).await? {
            Ok(rendered) => rendered,
            Err(why) => return self.give_up(&why).await,
        };
        let made_from = material.made_from();
        let request = NumberRequest { pattern: &pattern, place: &place, issued_on, made_from: &made_from };
        let numbering = match invoices.allocate(seller, &self.message.document, &request, self.patience(), now).await? {
            Allocation::Given(numbering) => numbering,
            Allocation::NotDue(_state) => return Ok(Done::Known),
        };
        if numbering.made_from != made_from {
            // Another process was quicker, and made it from something else.
            return self.resume(known, &numbering).await;
        }
        if is_of(&numbering, &probable) {
            return self.store(&numbering, &material, trial).await;
        }
        self.make(&numbering, &material).await
    }

    /// A document that got its number in a run that ended before it was stored: made from what it was to be made from.
    async fn resume(&self, known: &StoredOwnInvoice, numbering: &Numbering) -> Result<Done, IssueError> {
        let from = &numbering.made_from;
        let profile = match self.dependencies.profiles.as_of(from).await {
            Ok(profile) => profile,
            // Nobody has seen it under this number yet, so what is there now will do.
            Err(StoreError::Missing { .. }) => return self.make_again(known, numbering).await,
            Err(error) => return Err(error.into()),
        };
        let profile = match profile {
            Ok(profile) => profile,
            Err(why) => return self.give_up(&why).await,
        };
        match self.read(&from.due, profile).await? {
            Collected::Material(material) => self.make(numbering, &material).await,
            Collected::Waits => Ok(Done::Waits),
            Collected::Impossible(_) => self.make_again(known, numbering).await,
        }
    }

    /// A document that Amazon refused: made from what is known now, under its number and day.
    async fn make_again(&self, known: &StoredOwnInvoice, numbering: &Numbering) -> Result<Done, IssueError> {
        match self.collect(known.due.as_ref()).await? {
            Collected::Material(material) => self.make(numbering, &material).await,
            Collected::Waits => Ok(Done::Waits),
            Collected::Impossible(why) => self.give_up(&why).await,
        }
    }

    async fn collect(&self, due: Option<&ObjectVersion>) -> Result<Collected, IssueError> {
        let Some(due) = due else {
            return Ok(Collected::Impossible("no report has told of it as due: the next one will".to_owned()));
        };
        match self.dependencies.profiles.of(&self.message.seller_id).await? {
            Ok(profile) => self.read(due, profile).await,
            Err(why) => Ok(Collected::Impossible(why)),
        }
    }

    async fn read(&self, due: &ObjectVersion, profile: Known) -> Result<Collected, IssueError> {
        let mut document = match self.dependencies.objects.due(due).await {
            Ok(document) => document,
            Err(StoreError::Missing { .. }) => {
                let why =
                    "what the report said of it is no longer kept: the next report that has it will do".to_owned();
                return Ok(Collected::Impossible(why));
            }
            Err(error) => return Err(error.into()),
        };
        let message = self.message;
        match link(&self.dependencies.invoices, &message.seller_id, &mut document, message.waits).await? {
            Link::Ready => {
                let material = Material { document: Arc::new(document), profile, due: due.clone() };
                Ok(Collected::Material(Box::new(material)))
            }
            Link::Wait(pause) => {
                let again = InvoiceIssue { waits: message.waits.saturating_add(1), ..message.clone() };
                self.dependencies.issues.send(&again, pause).await?;
                Ok(Collected::Waits)
            }
            Link::Impossible(why) => Ok(Collected::Impossible(why)),
        }
    }

    async fn make(&self, numbering: &Numbering, material: &Material) -> Result<Done, IssueError> {
        let issue = Issue { number: numbering.number.to_string(), issued_on: numbering.issued_on };
        match self.render(material, &issue).await? {
            Ok(rendered) => self.store(numbering, material, rendered).await,
            Err(why) => self.give_up(&why).await,
        }
    }

    /// Draws, on a thread of its own: it is work for the processor.
    async fn render(&self, material: &Material, issue: &Issue) -> Result<Result<Rendered, String>, IssueError> {
        let renderer = Arc::clone(&self.dependencies.renderer);
        let (document, profile) = (Arc::clone(&material.document), Arc::clone(&material.profile.profile));
        let issue = issue.clone();
        let drawing = tokio::task::spawn_blocking(move || renderer.render(&document, &issue, &profile));
        let drawn = drawing.await.map_err(IssueError::Drawing)?;
        Ok(drawn.map_err(|error| error.to_string()))
    }

    async fn store(&self, numbering: &Numbering, material: &Material, drawn: Rendered) -> Result<Done, IssueError> {
        let (objects, seller) = (&self.dependencies.objects, &self.message.seller_id);
        let notes = drawn.checks.iter().filter(|check| !check.passed);
        let notes = notes.map(|check| format!("{}: {}", check.name, check.text)).collect();
        let made = MadeDocument {
            xml_kind: drawn.xml_kind.name().to_owned(),
            pages: u64::try_from(drawn.pages).unwrap_or_default(),
            language: drawn.language.code().to_owned(),
            notes,
            xml: objects.put_issued(seller, &numbering.number, ("xml", "application/xml"), drawn.xml).await?,
            pdf: objects.put_issued(seller, &numbering.number, ("pdf", "application/pdf"), drawn.pdf).await?,
        };
        let document = self.message.document.as_str();
        let from = material.made_from();
        if !self.dependencies.invoices.issued(seller, document, &made, &from, self.now()).await? {
            return Ok(Done::Known);
        }
        self.hand_on().await?;
        let number = numbering.number.as_str();
        tracing::info!(seller_id = seller.as_str(), document, number, pages = made.pages, "the document is issued");
        Ok(Done::Issued)
    }

    async fn hand_on(&self) -> Result<(), IssueError> {
        let message = InvoiceUpload::new(self.message.seller_id.clone(), self.message.document.as_str());
        Ok(self.dependencies.uploads.send(&message, Duration::ZERO).await?)
    }

    /// Writes down why it cannot be made.
    async fn give_up(&self, why: &str) -> Result<Done, IssueError> {
        let (seller, document) = (&self.message.seller_id, self.message.document.as_str());
        if !self.dependencies.invoices.cannot_be_made(seller, document, why, self.now()).await? {
            return Ok(Done::Known);
        }
        tracing::warn!(seller_id = seller.as_str(), document, why, "the document cannot be made: a person must look");
        Ok(Done::NeedsPerson)
    }

    fn time_left(&self) -> Duration {
        self.end.duration_since(self.now()).try_into().unwrap_or(Duration::ZERO)
    }

    /// How long the document waits for its number: so long that it can still be stored.
    fn patience(&self) -> Duration {
        (self.time_left() / 4).saturating_mul(3).min(LONGEST_PATIENCE)
    }

    fn now(&self) -> Timestamp {
        self.dependencies.clock.now()
    }
}

/// The day of issue, in UTC as all times here.
fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// The pattern of the document's series and what it is filled with.
fn numbers(material: &Material, issued_on: Date) -> Result<(SeriesPattern, Place), String> {
    let (document, numbers) = (&material.document, &material.profile.profile.numbers);
    let pattern = match document.kind {
        DocumentKind::Invoice => &numbers.invoice,
        DocumentKind::CreditNote => &numbers.credit_note,
    };
    let refused = |error: PatternError| format!("the profile's pattern of numbers {pattern}: {error}");
    let pattern = pattern.parse().map_err(refused)?;
    let place = Place {
        year: issued_on.year(),
        marketplace: document.marketplace.clone(),
        country: document.tax_country.clone(),
        kind: document.kind,
    };
    Ok((pattern, place))
}

fn is_of(numbering: &Numbering, issue: &Issue) -> bool {
    numbering.number.as_str() == issue.number && numbering.issued_on == issue.issued_on
}
