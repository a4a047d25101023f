//! Why an account could not be pulled now.

use countinghouse_amazon::AmazonError;
use countinghouse_domain::ids::SellerId;
use countinghouse_runtime::batch::Failure;
use countinghouse_runtime::queue::QueueError;
use countinghouse_store::StoreError;

/// Why an account could not be pulled now. Its next turn goes on where this one stopped.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// It is not a message of this program.
    #[error("the message is not one for this function")]
    Unreadable(#[source] serde_json::Error),
    /// A turn is always that of an account.
    #[error("the message names no account")]
    NoAccount,
    /// The account is not connected, or not for purchases.
    #[error("account {0} is not connected for purchases")]
    UnknownAccount(SellerId),
    /// The table could not be used.
    #[error("the purchases could not be stored")]
    Store(#[from] StoreError),
    /// Amazon could not be asked.
    #[error("Amazon Business could not be asked")]
    Amazon(#[from] AmazonError),
    /// The rest could not be handed on.
    #[error("the account's turn could not be put into the queue")]
    Queue(#[from] QueueError),
}

impl Failure for PullError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable_message",
            Self::NoAccount => "no_account",
            Self::UnknownAccount(_) => "unknown_account",
            Self::Store(error) => error.error_type(),
            Self::Amazon(error) => error.kind(),
            Self::Queue(_) => "queue",
        }
    }
}
