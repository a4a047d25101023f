//! `countinghouse connect`: lets the stack do an account's books.

mod account;
mod advice;
mod application;
mod input;
mod notifications;
mod place;
mod progress;
pub(crate) mod roles;
mod schedules;
mod secrets;
pub(crate) mod target;

use std::io;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use countinghouse_domain::marketplace::Region;
use countinghouse_store::StoreError;

use crate::desk;
use crate::stack::{StackArguments, StackError};
use target::Flow;

pub(crate) use advice::Trouble;
pub(crate) use notifications::end as end_subscription;
pub(crate) use progress::{Mark, Progress};

/// Let the stack do an account's books
///
/// Checks the credentials and every right before anything is stored, says of each step what it found, and stores then:
/// the credentials as secrets, the account in the table of sellers, the queue as Amazon's destination for notifications,
/// the subscriptions, and the schedules. A second run changes nothing that is as it should be, and mends the rest.
///
/// Secrets are never arguments. On a terminal they are asked for and not shown; otherwise they come by standard input,
/// as JSON with `client_id`, `client_secret` and `refresh_token`, or as lines such as `refresh_token=…`
///
/// Exit code 0: connected. 2: connected, and something needs a person. 1: nothing was changed.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Application(application::Arguments),
    Seller(SellerArguments),
    /// Connect a vendor: invoices to Amazon
    ///
    /// For who sells to Amazon. The flow is `vendor`; there are neither marketplaces nor notifications. The id is a name
    /// of your choosing by which the account is kept; letters, digits and - are safe.
    Vendor(OtherArguments),
    /// Connect a buyer: purchases of a company on Amazon Business
    ///
    /// The flow is `purchases`; there are neither marketplaces nor notifications. The application is one of Amazon
    /// Business, so give it a name of its own: --application business. The id is a name of your choosing by which the
    /// account is kept; letters, digits and - are safe.
    Buyer(OtherArguments),
}

/// Connect a seller: settlements, VAT reports, own invoices
///
/// Amazon does not tell a program who a seller is: the id (Merchant Token) stands in Seller Central, Settings, Account
/// Info, Your Merchant Token. Region and marketplaces are Amazon's answer. What a role is missing for is left out and
/// said, unless --flows names it: then nothing is connected.
#[derive(Debug, Args)]
struct SellerArguments {
    /// The seller's id at Amazon, for example A3TH9S8BH6GOGM
    #[arg(value_name = "SELLER")]
    account: Option<String>,
    /// What is done for the seller [default: settlements, and vat where there are VAT reports; later, what it is]
    #[arg(long, value_name = "FLOW,…", value_delimiter = ',')]
    flows: Vec<Flow>,
    /// Countries or ids of marketplaces, for example DE,FR [default: all that the seller takes part in]
    #[arg(long, value_name = "MARKETPLACE,…", value_delimiter = ',')]
    marketplaces: Vec<String>,
    /// Takes a subscription over that goes to another destination
    #[arg(long)]
    replace: bool,
    /// Connects a new seller whose id does not look like one of Amazon's
    #[arg(long)]
    unusual_id: bool,
    #[command(flatten)]
    common: Common,
}

// What is a docstring here would be the help of both subcommands: each has its own in `Command`.
#[derive(Debug, Args)]
struct OtherArguments {
    /// A name of your choosing by which the account is kept
    #[arg(value_name = "ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// A name for people [default: what it is, or the account's id]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Which of your applications at Amazon the account has authorised
    #[arg(long, value_name = "NAME", default_value = "default")]
    application: String,
    /// Amazon's region of the account: na, eu or fe [default: Amazon is asked]
    #[arg(long, value_name = "REGION")]
    amazon_region: Option<Region>,
    #[command(flatten)]
    manner: Manner,
    /// Uses the credentials that are stored, and asks for none
    #[arg(long, conflicts_with = "credentials_from")]
    again: bool,
    /// Leaves the schedules as they are
    #[arg(long)]
    leave_schedules: bool,
    #[command(flatten)]
    stack: StackArguments,
}

/// How it is done.
#[derive(Debug, Args)]
struct Manner {
    /// Where the credentials come from: - for standard input, or a file such as /dev/fd/3
    #[arg(long, value_name = "SOURCE")]
    credentials_from: Option<String>,
    /// Checks everything and changes nothing
    #[arg(long)]
    dry_run: bool,
    /// Prints one line of JSON for each step
    #[arg(long)]
    json: bool,
}

/// Why an account cannot be connected, or not be disconnected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A table or a secret.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was given as credentials.
    #[error(transparent)]
    Input(#[from] input::InputError),
    /// An argument makes no sense.
    #[error("{0}")]
    Argument(String),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    desk::block_on(async {
        match &arguments.command {
            Command::Application(arguments) => application::connect(arguments).await,
            Command::Seller(seller) => account::connect(&target::Wish::of_seller(seller)).await,
            Command::Vendor(other) => account::connect(&target::Wish::of_vendor(other)).await,
            Command::Buyer(other) => account::connect(&target::Wish::of_buyer(other)).await,
        }
    })
}
