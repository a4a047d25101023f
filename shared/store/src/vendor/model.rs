//! What is known of a vendor's invoices.

use countinghouse_domain::ids::{SellerId, TransactionId};
use countinghouse_domain::money::Money;
use countinghouse_domain::vendor::{InvoiceStatus, VendorApi};
use jiff::Timestamp;

/// Where an invoice was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedFrom {
    /// The object's key, for example `vendor-invoices/ACME/incoming/november.json`.
    pub key: String,
    /// The object's version, in a versioned bucket.
    pub version: Option<String>,
    /// Which invoice of the file, from 1.
    pub number: u64,
    /// The line where it begins, from 1.
    pub line: u64,
}

/// What a person wants to see of an invoice without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InvoiceFacts {
    /// The vendor code that is paid: the party id of `remitToParty`.
    pub vendor_code: Option<String>,
    /// `Invoice` or `CreditNote`.
    pub invoice_type: Option<String>,
    /// The invoice's date as it stands in it.
    pub invoice_date: Option<String>,
    /// The purchase orders that its items name, each once.
    pub purchase_orders: Vec<String>,
    /// The invoice's total.
    pub total: Option<Money>,
    /// Which country's rules were applied, for example `IN`.
    pub rules: Option<String>,
    /// How the sums add up, in words.
    pub reading: Option<String>,
    /// What was tolerated.
    pub warnings: Vec<String>,
}

/// An invoice that passed all checks and should be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedInvoice {
    /// Whose: the vendor's account.
    pub vendor: SellerId,
    /// The invoice's number.
    pub invoice_id: String,
    /// Which API takes it.
    pub api: VendorApi,
    /// A hash of its meaning: the same invoice written otherwise has the same one.
    pub content_hash: String,
    /// What a person wants to see.
    pub facts: InvoiceFacts,
    /// Where it was received.
    pub received: ReceivedFrom,
    /// Whether it may take the place of one with the same number that failed.
    pub resubmit: bool,
}

/// One rule that an invoice breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredViolation {
    /// Where, as a JSON pointer into the invoice.
    pub pointer: String,
    /// The rule.
    pub rule: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Where it stands in a CSV file: the line and the column.
    pub place: Option<String>,
}

/// An invoice that did not pass the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedInvoice {
    /// Whose: the vendor's account.
    pub vendor: SellerId,
    /// The invoice's number, where it has one.
    pub invoice_id: Option<String>,
    /// Which API it was meant for.
    pub api: VendorApi,
    /// What a person wants to see.
    pub facts: InvoiceFacts,
    /// Where it was received.
    pub received: ReceivedFrom,
    /// Every rule that it breaks.
    pub violations: Vec<StoredViolation>,
}

/// The right to send an invoice. A number may be sent again only after a failure; each time is an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Whose.
    pub vendor: SellerId,
    /// The invoice's number.
    pub invoice_id: String,
    /// Which time, from 1.
    pub number: u32,
}

/// What came of claiming an invoice's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvoiceClaim {
    /// It is yours: send it.
    Yours(Attempt),
    /// The same invoice came before and stands here; nothing is to be done.
    Known(InvoiceStatus),
    /// A process is sending it, or died less than a quarter of an hour ago; poll-jobs looks after it.
    BeingSent,
    /// The process that was sending it has died, so nobody knows what Amazon has heard. Written down just now.
    AnswerLost,
    /// Another invoice has this number and stands here. What was offered is written down beside it.
    Refused(InvoiceStatus),
}

/// What came of writing a rejected invoice down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// It stands there now.
    New,
    /// It stood there before with the same mistakes.
    Known,
    /// Its number belongs to an invoice that was sent; the mistakes are written down beside it.
    Beside(InvoiceStatus),
}

/// Where the exact body that was sent lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBody {
    /// The object's key.
    pub key: String,
    /// The object's version, in a versioned bucket.
    pub version: Option<String>,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
}

/// An error of Amazon's, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProblem {
    /// Amazon's code.
    pub code: String,
    /// Amazon's message.
    pub message: String,
    /// What Amazon adds.
    pub details: Option<String>,
}

/// What Amazon answered when it was asked about a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionNews {
    /// The transaction that was asked about.
    pub transaction_id: TransactionId,
    /// Where the invoice stands with this answer.
    pub status: InvoiceStatus,
    /// Amazon's errors.
    pub problems: Vec<StoredProblem>,
    /// What else a person should know.
    pub note: Option<String>,
}

/// What a person found out about an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Amazon has it.
    Accepted,
    /// Amazon does not have it, or has refused it: it may be submitted again.
    Failed,
}

/// What came of a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// It stands here now.
    Now(InvoiceStatus),
    /// It stood there before.
    Already,
    /// From here a person's word does not lead there; nothing is changed.
    NotFrom(InvoiceStatus),
}

/// One step in the life of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it stood from then on.
    pub status: InvoiceStatus,
    /// When.
    pub at: Timestamp,
    /// Why, or what was found.
    pub note: Option<String>,
}

/// An invoice as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInvoice {
    /// Whose: the vendor's account.
    pub vendor: SellerId,
    /// The invoice's number.
    pub invoice_id: String,
    /// Which API takes it.
    pub api: VendorApi,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Since when.
    pub status_since: Timestamp,
    /// What a person wants to see.
    pub facts: InvoiceFacts,
    /// The hash of its meaning; absent on one that was rejected.
    pub content_hash: Option<String>,
    /// How often its number was taken for sending.
    pub attempt: u32,
    /// Where it was received.
    pub received: ReceivedFrom,
    /// The exact body that was sent.
    pub sent: Option<SentBody>,
    /// Amazon's transaction.
    pub transaction_id: Option<TransactionId>,
    /// When Amazon gave the transaction.
    pub submitted_at: Option<Timestamp>,
    /// The rules that it breaks, where it was rejected; some hundred at most.
    pub violations: Vec<StoredViolation>,
    /// How many rules it breaks in all.
    pub violation_count: u64,
    /// Every error that Amazon named, those of earlier attempts too.
    pub problems: Vec<StoredProblem>,
    /// The last thing to say about it.
    pub note: Option<String>,
    /// Every step, the first first.
    pub history: Vec<Step>,
    /// When it is looked after next.
    pub next_check_at: Option<Timestamp>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileCounts {
    /// Invoices in it.
    pub invoices: u64,
    /// Those that Amazon took.
    pub submitted: u64,
    /// Those that were known before.
    pub known: u64,
    /// Those that broke rules.
    pub rejected: u64,
    /// Those whose number belongs to another invoice.
    pub refused: u64,
    /// Those that Amazon refused at once.
    pub failed: u64,
    /// Those whose answer was lost.
    pub answer_lost: u64,
}

impl FileCounts {
    /// Each count with its name in the table.
    pub const fn named(&self) -> [(&'static str, u64); 7] {
        [
            ("invoices", self.invoices),
            ("submitted", self.submitted),
            ("known", self.known),
            ("rejected", self.rejected),
            ("refused", self.refused),
            ("failed", self.failed),
            ("answer_lost", self.answer_lost),
        ]
    }
}

/// A file that invoices came in, as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Whose: the vendor's account.
    pub vendor: SellerId,
    /// The object's key.
    pub key: String,
    /// The object's version.
    pub version: Option<String>,
    /// Why nothing of it was sent: the place and what was expected there; absent where it was read.
    pub unreadable: Option<String>,
    /// What became of its invoices.
    pub counts: FileCounts,
    /// When it was read.
    pub read_at: Timestamp,
}

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorAttention {
    /// Whose: the vendor's account.
    pub vendor: SellerId,
    /// The item's sort key, for example `invoice 4711` or `file vendor-invoices/ACME/incoming/november.json`.
    pub item: String,
    /// Where it stands: the status of an invoice, `refused` or `unreadable`.
    pub status: String,
    /// Since when.
    pub since: Timestamp,
    /// What is wrong, in a sentence.
    pub reason: String,
}
