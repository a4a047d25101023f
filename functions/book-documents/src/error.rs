//! Why a report could not be booked now. A report that cannot be booked as it is does not end here: it is
//! quarantined, which is a normal end of a message.

use countinghouse_formats::FormatError;
use countinghouse_runtime::batch::Failure;
use countinghouse_runtime::queue::QueueError;
use countinghouse_store::StoreError;

/// Why a report could not be booked now.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// It is neither a message of the bucket nor one of this function.
    #[error("the message is not one for this function")]
    Unreadable(#[source] serde_json::Error),
    /// A table or the bucket could not be used.
    #[error("the report could not be read or its payments and documents not be stored")]
    Store(#[from] StoreError),
    /// The object could not be read to its end; reading again may help.
    #[error("the report could not be read to its end")]
    Read(#[source] FormatError),
    /// The rest could not be handed on.
    #[error("the rest of the report could not be handed on")]
    Queue(#[from] QueueError),
    /// The object is not the one that was booked so far.
    #[error("the stored report is not the one that was booked so far; nothing more is written")]
    Changed,
    /// The thread that reads ended without a result.
    #[error("reading ended without a result")]
    Reader(#[source] tokio::task::JoinError),
}

impl Failure for BookError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable_message",
            Self::Store(error) => error.error_type(),
            Self::Read(error) => error.kind().name(),
            Self::Queue(_) => "queue",
            Self::Changed => "object_changed",
            Self::Reader(_) => "reader",
        }
    }
}
