//! `countinghouse rotate`: a new client secret for an application, and how old the present one is.

mod ask;
mod known;
mod show;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::time::Duration;

use countinghouse_amazon::AmazonError;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::StoreError;

use crate::desk::{self, ATTENTION, DeskError, FINE, block_on};
use crate::stack::{Stack, StackArguments, StackError};
use known::Application;

/// Ask Amazon for a new client secret of an application, or show how old the present one is
///
/// Amazon stops taking a client secret after 180 days. A new one comes only as a message to the queue `client-secrets`, which
/// must be registered once for the application in Amazon's developer console; the function rotate-secrets stores it. The
/// old one is good for seven more days, so nothing stops working meanwhile. Refresh tokens stay as they are.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Arguments {
    /// Which application, by the name that it was connected with [default: the only one]
    #[arg(long, value_name = "NAME")]
    application: Option<String>,

    /// Ask for nothing: show every application, its accounts, and how long its client secret is good
    #[arg(long, conflicts_with_all = ["wait", "no_wait"])]
    status: bool,

    /// Wait until the new client secret is stored [default: on a terminal]
    #[arg(long, conflicts_with = "no_wait")]
    wait: bool,

    /// Do not wait
    #[arg(long)]
    no_wait: bool,

    /// How many minutes to wait at most
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=120))]
    minutes: u64,

    /// With --status: JSON objects, one a line, for programs
    #[arg(long, requires = "status")]
    json: bool,

    #[command(flatten)]
    stack: StackArguments,
}

const HELP: &str = "\
Run it once for each application, some time before the alarm `secret-expires` says so (30 days before), or every few months
from a schedule of your own. An application that other programs use, too, has one client secret for all of them: they must
take the new one within seven days.

Registering the queue, once for each application: Amazon's developer console (Seller Central, Apps and Services, Develop
Apps; or the Solution Provider Portal), the application's Notification Preferences; the queue's ARN is the stack's output
ClientSecretsQueueArn.

No secret is ever shown.

Exit code:
  0  asked, and stored where it was waited for; with --status: every client secret is good for more than 30 days
  2  a person has to do something: it is said what
  1  it could not be done
";

/// Why nothing could be rotated or shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum RotateError {
    /// The stack.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A table or a secret.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No account is connected, so no application is known.
    #[error("no account is connected, so no application is known: `countinghouse connect` connects one")]
    NoApplication,
    /// There are several.
    #[error("which application? Give --application with one of: {0}")]
    Several(String),
    /// There is none of that name.
    #[error("no application `{name}` is known; there is: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that are.
        known: String,
    },
    /// What is stored is no application's identifier.
    #[error("what secret {0} has as client_id is not an application's identifier")]
    ClientId(String),
    /// Amazon.
    #[error("Amazon could not be asked for a new client secret")]
    Amazon(#[source] Box<AmazonError>),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
}

impl From<StackError> for RotateError {
    fn from(error: StackError) -> Self {
        Self::Desk(error.into())
    }
}

/// Asks, waits and shows.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(rotate(arguments))
}

async fn rotate(arguments: &Arguments) -> Result<u8, RotateError> {
    let stack = Stack::open(&arguments.stack).await?;
    let _there = stack.queue_url("client-secrets").await?;
    let applications = known::applications(&stack).await?;
    if arguments.status {
        let now = SystemClock.now();
        let chosen = match &arguments.application {
            Some(name) => vec![chosen(applications, Some(name))?],
            None => applications,
        };
        desk::show(&if arguments.json { show::lines(&chosen) } else { show::table(&chosen, now) })?;
        let mends: Vec<_> = chosen.iter().filter_map(|each| show::mend(each, now)).collect();
        for mend in &mends {
            desk::tell(mend);
        }
        return Ok(if mends.is_empty() { FINE } else { ATTENTION });
    }
    let application = chosen(applications, arguments.application.as_deref())?;
    let waits = arguments.wait || (!arguments.no_wait && io::stderr().is_terminal());
    let longest = Duration::from_secs(arguments.minutes.saturating_mul(60));
    ask::ask(&stack, &application, waits.then_some(longest)).await
}

/// The application of that name, or the only one.
fn chosen(mut applications: Vec<Application>, name: Option<&str>) -> Result<Application, RotateError> {
    let names = |applications: &[Application]| {
        let names: Vec<_> = applications.iter().map(|each| each.name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    match name {
        Some(name) => match applications.iter().position(|each| each.is_called(name)) {
            Some(place) => Ok(applications.swap_remove(place)),
            None => Err(RotateError::Unknown { name: desk::plain(name), known: names(&applications) }),
        },
        None if applications.len() > 1 => Err(RotateError::Several(names(&applications))),
        None => applications.pop().ok_or(RotateError::NoApplication),
    }
}

#[cfg(test)]
mod tests {
    use super::known::tests::application;
    use super::*;

    #[test]
    fn the_only_application_needs_no_name_and_several_do() {
        assert_eq!(chosen(vec![application("default")], None).unwrap().name, "default");
        let two = || vec![application("default"), application("business")];
        assert_eq!(chosen(two(), Some("business")).unwrap().name, "business");
        assert_eq!(chosen(two(), Some("countinghouse/application/business")).unwrap().name, "business");
        let error = chosen(two(), None).unwrap_err().to_string();
        assert_eq!(error, "which application? Give --application with one of: default, business");
        let error = chosen(two(), Some("other")).unwrap_err().to_string();
        assert_eq!(error, "no application `other` is known; there is: default, business");
        assert!(matches!(chosen(Vec::new(), None), Err(RotateError::NoApplication)));
    }
}
