//! What the subcommands share that talk to a deployed stack.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::money::Money;
use countinghouse_store::{Sellers, StoreError, VendorInvoices};

use crate::stack::{Stack, StackArguments, StackError};

/// Why a subcommand cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum VendorError {
    /// The stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A table of the stack, or its bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account is none of the stack's.
    #[error("no account `{account}` is connected for vendor invoices; connected: {connected}")]
    NotConnected {
        /// What was asked for.
        account: String,
        /// Those that are, for a person.
        connected: String,
    },
    /// An id that nothing is known of.
    #[error("nothing is known of an invoice `{id}` of {account}: `countinghouse vendor status` lists them")]
    Unknown {
        /// The invoice's id.
        id: String,
        /// The account.
        account: String,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file cannot be put into the bucket.
    #[error("{file} cannot be put at s3://{bucket}/{key}")]
    Upload {
        /// The file.
        file: String,
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] std::io::Error),
}

/// A stack and its table of vendor invoices.
pub(super) struct Desk {
    pub(super) stack: Stack,
    pub(super) invoices: VendorInvoices,
}

impl Desk {
    /// Opens it.
    pub(super) async fn open(arguments: &StackArguments) -> Result<Self, VendorError> {
        let stack = Stack::open(arguments).await?;
        let invoices = VendorInvoices::new(stack.dynamodb(), &stack.tables.vendor_invoices);
        Ok(Self { stack, invoices })
    }

    /// The accounts that are connected for vendor invoices.
    pub(super) async fn accounts(&self) -> Result<Vec<SellerId>, VendorError> {
        let accounts = Sellers::new(self.stack.dynamodb(), &self.stack.tables.sellers).list().await?;
        Ok(accounts.into_iter().filter(|each| each.flows.vendor).map(|each| each.seller_id).collect())
    }

    /// The account with this id, if it is connected.
    pub(super) async fn account(&self, id: &str) -> Result<SellerId, VendorError> {
        let mut accounts = self.accounts().await?;
        if let Some(position) = accounts.iter().position(|account| account.as_str() == id) {
            return Ok(accounts.swap_remove(position));
        }
        let names: Vec<_> = accounts.iter().map(SellerId::as_str).collect();
        let connected = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Err(VendorError::NotConnected { account: id.chars().take(60).collect(), connected })
    }

    /// The account with this id, or the only one there is.
    pub(super) async fn account_or_only(&self, id: Option<&str>) -> Result<Vec<SellerId>, VendorError> {
        match id {
            Some(id) => Ok(vec![self.account(id).await?]),
            None => self.accounts().await,
        }
    }
}

/// An amount with the decimals of its currency: the table drops zeros at the end.
pub(super) fn shown(mut total: Money) -> Money {
    let digits = total.currency.minor_digits();
    if total.amount.scale() < digits {
        total.amount.rescale(digits);
    }
    total
}

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table for people.
pub(super) fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| super::table::plain(&cell)));
    }
    let mut text = table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}
