//! Why a message could not be handled now. Invoices that are wrong and files that cannot be read do not end here:
//! they are written down, which is a normal end of a message.

use countinghouse_amazon::AmazonError;
use countinghouse_runtime::batch::Failure;
use countinghouse_runtime::queue::QueueError;
use countinghouse_store::StoreError;
use countinghouse_vendor_invoices::FileError;

/// Why a message could not be handled now.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It is neither an event of the bucket, nor invoices, nor the rest of a file. What serde would quote of it is
    /// left out.
    #[error("the message is not one for this function: {what} (line {line}, column {column})")]
    Unreadable {
        /// Where.
        line: usize,
        /// Where in that line.
        column: usize,
        /// What is wrong, without a value of the message.
        what: String,
    },
    /// Invoices came in a message that has no id, so nothing would keep them from being stored twice.
    #[error("the message has no id")]
    Nameless,
    /// A table or the bucket could not be used.
    #[error("the file could not be read or its invoices not be written down")]
    Store(#[from] StoreError),
    /// The file could not be read to its end; reading again may help.
    #[error("the file could not be read to its end")]
    Read(#[source] FileError),
    /// Amazon could not be used, and a person has to act.
    #[error("the invoices cannot be submitted")]
    Amazon(#[from] AmazonError),
    /// The rest could not be handed on.
    #[error("the rest of the file could not be handed on")]
    Queue(#[from] QueueError),
    /// The thread that reads ended without a result.
    #[error("reading ended without a result")]
    Reader(#[source] tokio::task::JoinError),
    /// An accepted invoice could not be written as JSON.
    #[error("an invoice could not be written")]
    Body(#[source] serde_json::Error),
}

impl SubmitError {
    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        // Names of fields are the schema's own or a mistyped one; a value of the message is never in these texts.
        let text = error.to_string();
        let is_about_fields = ["missing field", "unknown field", "version"].iter().any(|each| text.starts_with(each));
        let what = if is_about_fields { text } else { format!("{:?} error", error.classify()) };
        Self::Unreadable { line: error.line(), column: error.column(), what }
    }
}

impl Failure for SubmitError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable_message",
            Self::Nameless => "message_without_id",
            Self::Store(error) => error.error_type(),
            Self::Read(_) => "file_interrupted",
            Self::Amazon(error) => error.kind(),
            Self::Queue(_) => "queue",
            Self::Reader(_) => "reader",
            Self::Body(_) => "body",
        }
    }
}
