//! What both subcommands work with: a deployed stack and its purchases.

use std::future::Future;
use std::io;
use std::process::ExitCode;

use countinghouse_store::{Purchases, Seller, Sellers, StoreError};

use crate::desk::{READER_GONE, chain, complain};
use crate::stack::{Stack, StackArguments, StackError};

/// Why a subcommand cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum PurchasesError {
    /// The stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A table of the stack.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account is none of the stack's.
    #[error("no account `{account}` is connected for purchases; connected: {connected}")]
    NotConnected {
        /// What was asked for.
        account: String,
        /// Those that are, for a person.
        connected: String,
    },
    /// The file cannot be written.
    #[error("{file} cannot be written")]
    File {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The rows cannot be written.
    #[error("the rows cannot be written")]
    Csv(#[from] csv::Error),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
    /// Nothing runs without threads.
    #[error("the program cannot start its threads")]
    Threads(#[source] io::Error),
}

/// Runs what talks to AWS to its end.
pub(super) fn block_on(future: impl Future<Output = Result<ExitCode, PurchasesError>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(PurchasesError::Threads);
    match runtime.and_then(|runtime| runtime.block_on(future)) {
        Ok(code) => code,
        Err(error) if reader_is_gone(&error) => ExitCode::from(READER_GONE),
        Err(error) => {
            complain(&chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Whether nobody reads standard output any more; the rows say it in their own way.
fn reader_is_gone(error: &PurchasesError) -> bool {
    let written = if let PurchasesError::Output(error) = error {
        Some(error)
    } else if let PurchasesError::Csv(error) = error
        && let csv::ErrorKind::Io(error) = error.kind()
    {
        Some(error)
    } else {
        None
    };
    written.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A stack and its table of purchases.
pub(super) struct Desk {
    stack: Stack,
    pub(super) purchases: Purchases,
}

impl Desk {
    /// Opens it.
    pub(super) async fn open(arguments: &StackArguments) -> Result<Self, PurchasesError> {
        let stack = Stack::open(arguments).await?;
        // Nothing is written here, so nothing gets a day on which it expires.
        let purchases = Purchases::new(stack.dynamodb(), &stack.tables.purchases, 0);
        Ok(Self { stack, purchases })
    }

    /// The accounts that are connected for purchases: the named one, or all.
    pub(super) async fn accounts(&self, named: Option<&str>) -> Result<Vec<Seller>, PurchasesError> {
        let mut accounts = Sellers::new(self.stack.dynamodb(), &self.stack.tables.sellers).list().await?;
        accounts.retain(|account| account.flows.purchases);
        let Some(named) = named else { return Ok(accounts) };
        if let Some(place) = accounts.iter().position(|account| account.seller_id.as_str() == named) {
            return Ok(vec![accounts.swap_remove(place)]);
        }
        let ids: Vec<_> = accounts.iter().map(|account| account.seller_id.as_str()).collect();
        let connected = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        Err(PurchasesError::NotConnected { account: named.chars().take(60).collect(), connected })
    }
}
