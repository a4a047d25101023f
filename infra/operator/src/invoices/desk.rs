//! What the subcommands work with: a deployed stack, its own invoices, and the accounts that issue them.

use std::io::{self, IsTerminal as _};

use countinghouse_domain::ids::SellerId;
use countinghouse_invoicing::ProfileError;
use countinghouse_runtime::queue::{Queue, QueueError};
use countinghouse_store::{OwnInvoices, Seller, Sellers, StoreError, StoredOwnInvoice};

use crate::desk::{confirmed, plain, tell};
use crate::stack::{Stack, StackArguments, StackError};

/// Why a subcommand cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvoicesError {
    /// The stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A table of the stack, or its bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue of the stack.
    #[error("the document could not be handed on")]
    Queue(#[from] QueueError),
    /// The account is none of the stack's.
    #[error("no account `{account}` is connected for own invoices; connected: {connected}")]
    NotConnected {
        /// What was asked for.
        account: String,
        /// Those that are, for a person.
        connected: String,
    },
    /// Nothing has that name.
    #[error(
        "{account} has no document `{text}`: give its number, its shipment, transaction or order, or what `countinghouse \
         invoices status` calls it"
    )]
    Unknown {
        /// What was asked for.
        text: String,
        /// Whose.
        account: String,
    },
    /// Several have it.
    #[error("`{text}` means several documents: {documents}. Name one of them")]
    Several {
        /// What was asked for.
        text: String,
        /// Their sort keys.
        documents: String,
    },
    /// A profile cannot be used.
    #[error("{0}")]
    Profile(#[from] ProfileError),
    /// A file cannot be read.
    #[error("{file} cannot be read")]
    File {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A name of a series that can be none.
    #[error("`{0}` is no series: write a number with # in the place of its running number, for example DE-2026-#")]
    Series(String),
    /// The stored profile makes no such series.
    #[error("the stored profile of {account} makes no series `{series}`, only {made}")]
    OtherSeries {
        /// What was asked for.
        series: String,
        /// Whose.
        account: String,
        /// The series that it makes, for a person.
        made: String,
    },
    /// No profile says which series there are.
    #[error(
        "{account} has no profile, which says what its series are: `countinghouse profile put FILE --account {account}` \
         stores one"
    )]
    NoProfile {
        /// Whose.
        account: String,
    },
    /// A series that is in use here.
    #[error(
        "{series} cannot be moved on: {number} was given here. Moved on it would have a gap that nobody can close; the next \
         running number stays {next}"
    )]
    InUse {
        /// Which.
        series: String,
        /// A number that was given.
        number: String,
        /// The next one.
        next: u64,
    },
    /// Nobody says why a document is void.
    #[error("--reason is empty: say why the document is void, for the register of numbers, where an auditor reads it")]
    NoReason,
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
}

/// A stack and its own invoices.
pub(crate) struct Desk {
    pub(crate) stack: Stack,
    pub(crate) invoices: OwnInvoices,
}

impl Desk {
    /// Opens it.
    pub(crate) async fn open(arguments: &StackArguments) -> Result<Self, InvoicesError> {
        let stack = Stack::open(arguments).await?;
        let invoices = OwnInvoices::new(stack.dynamodb(), &stack.tables.own_invoices);
        Ok(Self { stack, invoices })
    }

    /// Every connected account, whatever it is connected for.
    pub(crate) async fn all_accounts(&self) -> Result<Vec<Seller>, InvoicesError> {
        Ok(Sellers::new(self.stack.dynamodb(), &self.stack.tables.sellers).list().await?)
    }

    /// The accounts that issue their own invoices: the named one, or all.
    pub(crate) async fn accounts(&self, named: Option<&str>) -> Result<Vec<SellerId>, InvoicesError> {
        let accounts = self.all_accounts().await?;
        let issuing = accounts.into_iter().filter(|each| each.flows.invoicing).map(|each| each.seller_id);
        let mut issuing: Vec<SellerId> = issuing.collect();
        let Some(named) = named else { return Ok(issuing) };
        if let Some(place) = issuing.iter().position(|account| account.as_str() == named) {
            return Ok(vec![issuing.swap_remove(place)]);
        }
        let ids: Vec<_> = issuing.iter().map(SellerId::as_str).collect();
        let connected = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        Err(InvoicesError::NotConnected { account: named.chars().take(60).collect(), connected })
    }

    /// The one account with this id.
    pub(crate) async fn account(&self, id: &str) -> Result<SellerId, InvoicesError> {
        let found = self.accounts(Some(id)).await?.pop();
        found.ok_or_else(|| InvoicesError::NotConnected { account: id.to_owned(), connected: "none".to_owned() })
    }

    /// The one document that a person means.
    pub(crate) async fn document(&self, account: &SellerId, text: &str) -> Result<StoredOwnInvoice, InvoicesError> {
        let mut found = self.invoices.find(account, text.trim()).await?;
        if found.len() > 1 {
            let documents = found.iter().map(|each| each.key.as_str()).collect::<Vec<_>>().join(", ");
            return Err(InvoicesError::Several { text: text.to_owned(), documents });
        }
        let unknown = || InvoicesError::Unknown { text: plain(text), account: account.to_string() };
        found.pop().ok_or_else(unknown)
    }

    /// Says what will be done and cannot be undone, and asks a person at a terminal; a script says `--yes`.
    pub(crate) fn agreed(yes: bool, what: &str, question: &str) -> bool {
        tell(what);
        let agreed = yes || (io::stdin().is_terminal() && confirmed(question));
        if !agreed {
            tell("nothing was changed; --yes does it without asking");
        }
        agreed
    }

    /// One of the stack's queues, for example `invoice-issues`.
    pub(crate) async fn queue(&self, name: &str) -> Result<Queue, InvoicesError> {
        Ok(Queue::new(aws_sdk_sqs::Client::new(&self.stack.aws), self.stack.queue_url(name).await?))
    }
}
