//! Why a message could not be handled now. What Amazon refuses does not end here: it is written down, which is a normal
//! end of a message.

use countinghouse_amazon::AmazonError;
use countinghouse_domain::ids::SellerId;
use countinghouse_runtime::batch::Failure;
use countinghouse_runtime::feeds::FeedError;
use countinghouse_runtime::queue::QueueError;
use countinghouse_store::StoreError;

/// Why a message could not be handled now; it comes again.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It is not a message of this program. What serde would quote of it is left out.
    #[error("the message is not one for this function (line {line}, column {column})")]
    Unreadable {
        /// Where.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// The seller is not connected.
    #[error("the seller {seller} is not connected")]
    UnknownSeller {
        /// Who.
        seller: SellerId,
    },
    /// The table does not have the document.
    #[error("{seller} has no document `{document}`")]
    UnknownDocument {
        /// Whose.
        seller: SellerId,
        /// The sort key.
        document: String,
    },
    /// A table or the bucket could not be used.
    #[error("the document could not be read or written down")]
    Store(#[from] StoreError),
    /// Amazon could not be used, and a person has to act.
    #[error("the document cannot be uploaded")]
    Amazon(#[from] AmazonError),
    /// A feed could not be asked about.
    #[error("the feed could not be followed")]
    Feed(#[from] FeedError),
    /// The message could not be put back.
    #[error("the message could not be put back")]
    Queue(#[from] QueueError),
}

impl UploadError {
    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        Self::Unreadable { line: error.line(), column: error.column() }
    }
}

impl Failure for UploadError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable_message",
            Self::UnknownSeller { .. } => "unknown_seller",
            Self::UnknownDocument { .. } => "unknown_document",
            Self::Store(error) => error.error_type(),
            Self::Amazon(error) => error.kind(),
            Self::Feed(error) => error.kind(),
            Self::Queue(_) => "queue",
        }
    }
}
