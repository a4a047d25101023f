//! Why a document could not be issued now. What a person must look at does not end here: it is written down, which is a
//! normal end of a message.

use countinghouse_domain::ids::SellerId;
use countinghouse_invoicing::RenderError;
use countinghouse_runtime::batch::Failure;
use countinghouse_runtime::config::ConfigError;
use countinghouse_runtime::queue::QueueError;
use countinghouse_store::StoreError;

/// Why the function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is not complete.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Fonts, words or template, which are part of the program, cannot be used.
    #[error("the renderer cannot be made")]
    Renderer(#[from] RenderError),
}

/// Why a document could not be issued now; the message comes again.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// It is not a message of this program. What serde would quote of it is left out.
    #[error("the message is not one for this function (line {line}, column {column})")]
    Unreadable {
        /// Where.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// The table does not have the document.
    #[error("{seller} has no document `{document}`")]
    UnknownDocument {
        /// Whose.
        seller: SellerId,
        /// The sort key.
        document: String,
    },
    /// Lambda is about to end the function.
    #[error("no time was left for the document")]
    NoTime,
    /// A table or the bucket could not be used.
    #[error("the document could not be read or written down")]
    Store(#[from] StoreError),
    /// The document could not be handed on.
    #[error("the document could not be handed on")]
    Queue(#[from] QueueError),
    /// The thread that draws ended without a result.
    #[error("drawing ended without a result")]
    Drawing(#[source] tokio::task::JoinError),
}

impl IssueError {
    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        Self::Unreadable { line: error.line(), column: error.column() }
    }
}

impl Failure for IssueError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable_message",
            Self::UnknownDocument { .. } => "unknown_document",
            Self::NoTime => "no_time",
            Self::Store(error) => error.error_type(),
            Self::Queue(_) => "queue",
            Self::Drawing(_) => "drawing",
        }
    }
}
