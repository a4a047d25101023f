//! What is known of an own invoice or credit note.

use countinghouse_domain::document::DocumentKind;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::money::Money;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::number::{InvoiceNumber, Place, SeriesPattern};
use countinghouse_vat_invoices::state::{Refusal, Standing, State};
use jiff::Timestamp;
use jiff::civil::Date;

/// An object in the bucket, as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The object's key.
    pub key: String,
    /// Its version; absent in a bucket without versions.
    pub version: Option<String>,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// A document as a VAT invoice data report tells of it.
#[derive(Debug, Clone)]
pub struct ReportedDocument<'a> {
    /// Whose.
    pub seller: &'a SellerId,
    /// What the report says.
    pub document: &'a DueDocument,
    /// Where all of it is stored, which is needed to make it: [`crate::OwnInvoiceObjects::put_due`]. Only for a document
    /// that is to be made.
    pub stored: Option<ObjectVersion>,
    /// When Amazon made the report.
    pub made_at: Timestamp,
}

/// What to do after a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Give it a number and make it, or make it again under its number: a message to `issue-invoices`.
    Issue,
    /// Upload what was made: a message to `upload-invoices`.
    Upload,
    /// Nothing.
    Nothing,
}

/// What came of a report of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// What to do next. The same report again says the same again.
    pub next: NextStep,
    /// Where the document stands now; none where it is not ours and was never here.
    pub state: Option<State>,
    /// Where it stood before this report; none where it was not known.
    pub before: Option<State>,
}

/// What a number is asked for.
#[derive(Debug, Clone)]
pub struct NumberRequest<'a> {
    /// The seller's pattern for this kind of document.
    pub pattern: &'a SeriesPattern,
    /// What the pattern is filled with.
    pub place: &'a Place,
    /// The day of issue; it is kept with the number.
    pub issued_on: Date,
    /// What the document is made from; it is kept with the number.
    pub made_from: &'a MadeFrom,
}

/// What a document is made from. With its number and day it makes the same bytes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeFrom {
    /// The document as the report told of it.
    pub due: ObjectVersion,
    /// The seller's profile.
    pub profile: ObjectVersion,
    /// The logo beside it.
    pub logo: Option<ObjectVersion>,
}

/// What came of asking for a number.
#[derive(Debug, Clone)]
pub enum Allocation {
    /// It has this number, now or since an earlier run.
    Given(Box<Numbering>),
    /// It is not due any more: no number for it.
    NotDue(State),
}

/// The number of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbering {
    /// The number.
    pub number: InvoiceNumber,
    /// Its series, the number with `#` in the place of the running number.
    pub series: String,
    /// The running number.
    pub running: u64,
    /// The day of issue.
    pub issued_on: Date,
    /// When it was given.
    pub given_at: Timestamp,
    /// What the document is made from.
    pub made_from: MadeFrom,
}

/// A document that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeDocument {
    /// The PDF.
    pub pdf: ObjectVersion,
    /// The XML beside it.
    pub xml: ObjectVersion,
    /// What the XML is, for example `factur-x`.
    pub xml_kind: String,
    /// How many pages the PDF has.
    pub pages: u64,
    /// The language of the page, ISO 639.
    pub language: String,
    /// What a person should know of it.
    pub notes: Vec<String>,
}

/// An upload at Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Amazon's id of the feed.
    pub feed_id: String,
    /// Which upload of the document it is, from 1.
    pub upload: u32,
    /// When Amazon gave the id.
    pub created_at: Timestamp,
    /// What the feed's processing report said, as far as it was read: `taken`, `refused` or `unclear`.
    pub hint: Option<String>,
}

/// What the feed's processing report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Amazon took it. Whether it accepts the document, the next VAT invoice data report says.
    Taken,
    /// Amazon refused it.
    Refused(Refusal),
    /// It says neither: the next VAT invoice data report decides.
    Unclear,
}

/// What is known of the invoice that is credited or corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginalInvoice {
    /// It has a number.
    Numbered {
        /// The number.
        number: String,
        /// The day of issue, where that is known.
        issued_on: Option<Date>,
    },
    /// It is known and has no number.
    WithoutNumber(State),
    /// Nothing is known of it.
    Unknown,
}

/// One step in the life of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnStep {
    /// Where it stood from then on.
    pub state: State,
    /// When.
    pub at: Timestamp,
    /// Why, or what was found.
    pub note: Option<String>,
}

/// A document as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOwnInvoice {
    /// Whose.
    pub seller: SellerId,
    /// The item's sort key, for example `shipment 409302382`.
    pub key: String,
    /// Invoice or credit note.
    pub kind: DocumentKind,
    /// The order.
    pub order_id: String,
    /// The shipment; on a credit note the one that the refund or return belongs to.
    pub shipping_id: String,
    /// The transaction.
    pub transaction_id: String,
    /// The country of the marketplace, ISO 3166.
    pub marketplace: String,
    /// Amazon's total.
    pub total: Money,
    /// Amazon's total VAT, in the same currency.
    pub total_vat: Money,
    /// Where it stands.
    pub standing: Standing,
    /// Since when Amazon has expected it, as far as we know: when the first report was made that told of it.
    pub due_since: Timestamp,
    /// Amazon's word for where it stands, from the newest report.
    pub amazons_status: String,
    /// When the newest report was made that told of it.
    pub reported_at: Timestamp,
    /// The document as the newest report told of it that wanted it.
    pub due: Option<ObjectVersion>,
    /// Its number.
    pub numbering: Option<Numbering>,
    /// What was made under the number.
    pub made: Option<MadeDocument>,
    /// The last upload.
    pub feed: Option<Feed>,
    /// The number under which another program or a person issued it; then it is not ours.
    pub made_elsewhere: Option<String>,
    /// The last thing to say about it.
    pub note: Option<String>,
    /// Every step, the first first.
    pub history: Vec<OwnStep>,
    /// When it is looked after next.
    pub next_check_at: Option<Timestamp>,
}

/// How many documents of all sellers stand in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The state.
    pub state: State,
    /// How many.
    pub count: u64,
    /// Since when the one has been due that has been due the longest.
    pub oldest_due_since: Option<Timestamp>,
}

/// An entry of the register of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredNumber {
    /// The number.
    pub number: String,
    /// The sort key of the document that has it.
    pub document: String,
    /// The running number; none where the number was given elsewhere.
    pub running: Option<u64>,
    /// Its series; none where the number was given elsewhere.
    pub series: Option<String>,
    /// The day of issue, where it is known.
    pub issued_on: Option<Date>,
    /// Why the document was made void, if it was: it keeps its number.
    pub cancelled: Option<String>,
}
