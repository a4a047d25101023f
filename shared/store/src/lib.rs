#![doc = include_str!("../README.md")]

mod document;
mod error;
mod forgotten;
mod item;
mod job;
mod object;
mod own_invoice;
mod payment;
mod purchase;
mod rate;
mod schema;
mod secret;
mod seller;
mod settlement;
mod size;
mod table;
#[cfg(test)]
mod testing;
mod vendor;

pub use document::{Documents, Preview, StoredDocument, Upsert, UpsertCounts, UpsertError};
pub use error::StoreError;
pub use forgotten::PersonalItem;
pub use item::Item;
pub use job::{
    Attached, Discovered, Facts, Found, Intent, Job, Jobs, Origin, Pending, RebookOutcome, Rebooked, WantedReport,
    WindowStanding, covered_until,
};
pub use object::{
    Declared, Head, ObjectMetadata, ObjectPlace, ObjectReader, OpenObject, PutError, ReportObjects, Stored, measure,
    report_key,
};
pub use own_invoice::{
    Allocation, Feed, Hint, MadeDocument, MadeFrom, NextStep, NumberRequest, Numbering, ObjectNews, ObjectVersion,
    OriginalInvoice, OwnInvoiceObjects, OwnInvoices, OwnStep, RegisteredNumber, ReportedDocument, Stage,
    StoredOwnInvoice, Told, beside_profile_key, due_key, issued_key, own_document_key, profile_key,
};
pub use payment::{
    PARTS, Payment, PaymentContext, PaymentCursor, PaymentItem, PaymentWriter, Payments, WriterSettings, Written,
    derived_item, line_key, part_of, partition_key, payment_item, payment_write_units,
};
pub use purchase::{
    Answered, Booked, DueLine, DueLines, Judged, LineKey, Listed, PageRecord, Pages, PersonalOfOrder, Purchases,
    Question, StoredTransaction, StoredWindow, Taken, Turn, Waiting, WindowOrigin, WindowProof, WindowState,
};
pub use rate::DynamoRateBudget;
pub use schema::{IndexSchema, Projection, TABLES, TableSchema, Tables};
pub use secret::{
    ApplicationCredentials, CLIENT_SECRET_LIVES, Credentials, ExpiryNotice, NewClientSecret, Noted, Put, Rotated,
    SECRETS_BEGIN_WITH, Secrets, account_secret_name, application_secret_name,
};
pub use seller::{Flows, Seller, Sellers};
pub use settlement::{
    AttentionReason, Balances, Claim, ClaimedSettlement, Completion, ConflictRecord, NeedsAttention, SettlementStatus,
    Settlements, StoredDerived, StoredProof, StoredSettlement, StoredSubtotal,
};
pub use size::{item_bytes, write_units};
pub use vendor::{
    Attempt, FileCounts, IncomingFile, IncomingKey, InvoiceClaim, InvoiceFacts, OfferedInvoice, ReceivedFrom,
    RejectedInvoice, Rejection, Resolution, Resolved, SentBody, Step, StoredFile, StoredInvoice, StoredProblem,
    StoredViolation, TransactionNews, VendorAttention, VendorInvoices, VendorObjects, message_key, sent_key,
};
