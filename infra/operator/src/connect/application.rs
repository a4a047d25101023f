//! `countinghouse connect application`: an application's credentials, checked and stored.

use countinghouse_amazon::{Credentials, Refusal};
use countinghouse_domain::marketplace::Region;
use countinghouse_store::Put;
use std::sync::Arc;

use super::advice::Trouble;
use super::input::Source;
use super::progress::{Mark, Progress};
use super::secrets::{self, InMemory, Lacking};
use super::target::application_secret;
use super::{ConnectError, Manner};
use crate::stack::{Stack, StackArguments};

/// Connect your application at Amazon: once, for all of its accounts
///
/// Asks for client id and client secret as the developer console shows them, sees whether Amazon takes them, and stores
/// them as one secret that all accounts of the application share. The first `connect seller` can do the same. Run it
/// again with a new client secret: the old one stays known until Amazon refuses it.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A name of your choosing, for who has several applications
    #[arg(long, value_name = "NAME", default_value = "default")]
    name: String,
    /// Takes another application's credentials under a name that is taken
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    manner: Manner,
    #[command(flatten)]
    stack: StackArguments,
}

pub(super) async fn connect(arguments: &Arguments) -> Result<u8, ConnectError> {
    let secret_name = application_secret(&arguments.name)?;
    let stack = Stack::open(&arguments.stack).await?;
    let mut progress = Progress::new(arguments.manner.json);
    // The stack is looked for before anything secret is asked for.
    stack.description().await?;
    let store = stack.secrets();
    let known = secrets::stored_application(&store, &secret_name).await?;
    let source = Source::open(arguments.manner.credentials_from.as_deref())?;
    let given = match secrets::given_application(&source)? {
        Ok(Some(given)) => given,
        Ok(None) => {
            lacking(&mut progress, &Lacking::Application)?;
            return Ok(progress.code());
        }
        Err(other) => {
            lacking(&mut progress, &other)?;
            return Ok(progress.code());
        }
    };
    let for_amazon = secrets::for_amazon(&given)?;
    if let Some(known) = known.filter(|known| known.client_id != given.client_id && !arguments.replace) {
        let trouble = other_application(&arguments.name, &known.client_id);
        progress.trouble(Mark::Failed, "application", &format!("{} is taken", arguments.name), &trouble)?;
        return Ok(progress.code());
    }
    let credentials = Credentials {
        client_id: given.client_id.clone(),
        client_secret: given.client_secret.clone(),
        refresh_token: String::new().into(),
    };
    let amazon = stack.amazon_with(Arc::new(InMemory(credentials))).await?;
    if let Err(error) = amazon.application(for_amazon, Region::Eu).check_credentials().await {
        // An application for vendors or Amazon Business has no scope of its own: its secret is right all the same.
        let has_no_scope = matches!(&error, countinghouse_amazon::AmazonError::Unauthorized { refusal: Refusal::Other(code), .. } if code != "invalid_request");
        if !has_no_scope {
            progress.trouble(
                Mark::Failed,
                "application",
                "Amazon does not take it; nothing is stored",
                &Trouble::of(&error),
            )?;
            return Ok(progress.code());
        }
        progress.step(
            Mark::Note,
            "application",
            "Amazon allows it nothing without an account, as is usual for vendors",
        )?;
    } else {
        progress.step(Mark::Done, "application", &format!("Amazon takes {} and its secret", given.client_id))?;
    }
    if arguments.manner.dry_run {
        progress.step(Mark::Would, "secret", &format!("{secret_name}: would be stored"))?;
        return Ok(progress.code());
    }
    say_stored(&mut progress, &secret_name, store.put_application(&secret_name, &given).await?)?;
    Ok(progress.code())
}

/// Says what became of a secret.
pub(super) fn say_stored(progress: &mut Progress, secret_name: &str, put: Put) -> Result<(), ConnectError> {
    let (mark, done) = match put {
        Put::Created => (Mark::Done, "stored"),
        Put::Changed => (Mark::Done, "stored as a new version"),
        Put::Unchanged => (Mark::Already, "stored already"),
    };
    Ok(progress.step(mark, "secret", &format!("{secret_name}: {done}"))?)
}

/// Says which credentials are not there.
pub(super) fn lacking(progress: &mut Progress, what: &Lacking) -> Result<(), ConnectError> {
    let (step, text, means, to_do) = match what {
        Lacking::Application => (
            "application",
            "not known yet",
            "client id and client secret are neither stored nor given",
            "countinghouse connect application, or give client_id and client_secret as well",
        ),
        Lacking::HalfAnApplication => (
            "application",
            "only half of it",
            "client id and client secret go together",
            "give both, as the developer console shows them (View, in the column LWA credentials)",
        ),
        Lacking::RefreshToken => (
            "access token",
            "no refresh token",
            "the account's refresh token is neither stored nor given",
            "authorise the application (docs/connect.md, step 4) and give the refresh token that it gives",
        ),
    };
    Ok(progress.trouble(Mark::Failed, step, text, &Trouble::own(means, to_do))?)
}

/// Another application has this name.
pub(super) fn other_application(name: &str, client_id: &str) -> Trouble {
    Trouble::own(
        format!("the name `{name}` stands for {client_id}, and its accounts would lose their access"),
        "give the other application a name of its own (--application NAME, or connect application --name NAME), or replace \
         this one: connect application --replace",
    )
}
