//! Credentials in Secrets Manager.
//!
//! An application's credentials are one secret, `countinghouse/application/<name>`, which all its accounts share: when
//! Amazon gives a new client secret, one place changes. An account's secret, `countinghouse/<account>`, names the
//! application and has the account's authorisation. A secret that has all three in one is read, too, for ever.

mod expiry;
mod form;
mod rotate;
mod write;

pub use expiry::CLIENT_SECRET_LIVES;
pub use rotate::{ExpiryNotice, NewClientSecret, Noted, Rotated};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::Clock;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use crate::StoreError;
use form::Form;

/// How long credentials are remembered, so that a rotated secret is noticed within minutes.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

/// What every secret's name begins with, whatever the stack is called: the roles are allowed no others.
pub const SECRETS_BEGIN_WITH: &str = "countinghouse/";

/// The name of an application's secret, for example `countinghouse/application/default`.
pub fn application_secret_name(application: &str) -> String {
    format!("{SECRETS_BEGIN_WITH}application/{application}")
}

/// The name of an account's secret, for example `countinghouse/A3TH9S8BH6GOGM`.
pub fn account_secret_name(account: &SellerId) -> String {
    format!("{SECRETS_BEGIN_WITH}{account}")
}

/// What Login with Amazon asks for. `Debug` shows none of it.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The application.
    pub client_id: SecretString,
    /// The application's password.
    pub client_secret: SecretString,
    /// The seller's authorisation of the application.
    pub refresh_token: SecretString,
}

/// An application's credentials, and how long they are good. `Debug` does not show the client secret.
#[derive(Debug, Clone)]
pub struct ApplicationCredentials {
    /// The application's identifier, not secret, for example `amzn1.application-oa2-client.…`.
    pub client_id: String,
    /// The application's password.
    pub client_secret: SecretString,
    /// Since when this client secret is stored; kept when the same one is stored again.
    pub client_secret_since: Option<Timestamp>,
    /// When Amazon stops taking it, where Amazon has said so; 180 days after it was made.
    pub client_secret_expires_at: Option<Timestamp>,
    /// Until when Amazon takes the one before, too, where Amazon has said so; a week after the new one was made.
    pub previous_client_secret_expires_at: Option<Timestamp>,
}

impl ApplicationCredentials {
    /// The credentials as a person has them, of an unknown age.
    pub fn new(client_id: impl Into<String>, client_secret: SecretString) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret,
            client_secret_since: None,
            client_secret_expires_at: None,
            previous_client_secret_expires_at: None,
        }
    }

    fn has_secret_of(&self, other: &Self) -> bool {
        self.client_id == other.client_id && same(&self.client_secret, &other.client_secret)
    }
}

/// Whether storing changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// There was no such secret.
    Created,
    /// It has a new version.
    Changed,
    /// It says that already.
    Unchanged,
}

/// Which version of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Current,
    Previous,
}

impl Stage {
    const fn label(self) -> &'static str {
        match self {
            Self::Current => "AWSCURRENT",
            Self::Previous => "AWSPREVIOUS",
        }
    }
}

/// The secrets, remembered for minutes.
#[derive(Debug)]
pub struct Secrets {
    client: Client,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<String, (Timestamp, Form)>>,
}

impl Secrets {
    /// The secrets of an AWS account.
    pub fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock, known: Mutex::new(HashMap::new()) }
    }

    /// The credentials of an account, by the name of its secret; those of its application are looked up.
    pub async fn credentials(&self, secret_name: &str) -> Result<Credentials, StoreError> {
        match self.remembered_or_read(secret_name).await? {
            Form::Alone(application, refresh_token) => Ok(join(&application, refresh_token)),
            Form::Account { application, refresh_token } => {
                Ok(join(&self.application(&application).await?, refresh_token))
            }
            Form::Application(_) => Err(corrupt(secret_name, "refresh_token", "there")),
        }
    }

    /// The same, read anew whatever is remembered: a secret that was just rotated is seen at once.
    pub async fn credentials_read_anew(&self, secret_name: &str) -> Result<Credentials, StoreError> {
        self.forget(secret_name);
        let application = self.application_of(secret_name).await?;
        if application != secret_name {
            self.forget(&application);
        }
        self.credentials(secret_name).await
    }

    /// The credentials of an application, by the name of its secret or of an account's secret that has all in one.
    pub async fn application(&self, secret_name: &str) -> Result<ApplicationCredentials, StoreError> {
        application_in(secret_name, self.remembered_or_read(secret_name).await?)
    }

    /// The secret that holds the application's credentials of an account: the application's, or the account's own
    /// where it has all in one.
    pub async fn application_of(&self, secret_name: &str) -> Result<String, StoreError> {
        match self.remembered_or_read(secret_name).await? {
            Form::Account { application, .. } => Ok(application),
            Form::Alone(..) | Form::Application(_) => Ok(secret_name.to_owned()),
        }
    }

    /// The application's credentials before its present ones, which Amazon takes for a week more; none where there are
    /// none, or where only the dates were different.
    pub async fn previous_application(&self, secret_name: &str) -> Result<Option<ApplicationCredentials>, StoreError> {
        let now = self.application(secret_name).await?;
        let before = match self.read(secret_name, Stage::Previous).await {
            Ok(form) => application_in(secret_name, form),
            Err(error) => Err(error),
        };
        match before {
            Ok(before) => Ok((before.client_id == now.client_id && !before.has_secret_of(&now)).then_some(before)),
            // What an older version looks like does not matter: it is only looked at for help.
            Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// An account's credentials with the client secret before the present one, as `previous_application` finds it.
    pub async fn previous_credentials(&self, secret_name: &str) -> Result<Option<Credentials>, StoreError> {
        let application = self.application_of(secret_name).await?;
        let Some(before) = self.previous_application(&application).await? else { return Ok(None) };
        Ok(Some(join(&before, self.credentials(secret_name).await?.refresh_token)))
    }

    /// Forgets a secret and the one of its application, so that the next call reads them anew: Amazon has refused what
    /// was remembered.
    pub fn forget(&self, secret_name: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, Form::Account { application, .. })) = known.remove(secret_name) {
            known.remove(&application);
        }
    }

    async fn remembered_or_read(&self, secret_name: &str) -> Result<Form, StoreError> {
        let now = self.clock.now();
        if let Some(known) = self.remembered(secret_name, now) {
            return Ok(known);
        }
        let form = self.read(secret_name, Stage::Current).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(secret_name.to_owned(), (now, form.clone()));
        Ok(form)
    }

    async fn read(&self, secret_name: &str, stage: Stage) -> Result<Form, StoreError> {
        form::parse(secret_name, self.text(secret_name, stage).await?.expose_secret())
    }

    /// The text of a secret. One that is marked for deletion is not there.
    async fn text(&self, secret_name: &str, stage: Stage) -> Result<SecretString, StoreError> {
        let request = self.client.get_secret_value().secret_id(secret_name).version_stage(stage.label());
        let answer = request.send().await.map_err(|error| match error.code() {
            Some("InvalidRequestException") => StoreError::Missing { item: operation(secret_name) },
            _ => StoreError::sdk(operation(secret_name), error),
        })?;
        answer.secret_string.map(Into::into).ok_or_else(|| corrupt(secret_name, "secret_string", "there"))
    }

    fn remembered(&self, secret_name: &str, now: Timestamp) -> Option<Form> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, form) = known.get(secret_name)?;
        (now.duration_since(*since) < REMEMBERED).then(|| form.clone())
    }
}

fn application_in(secret_name: &str, form: Form) -> Result<ApplicationCredentials, StoreError> {
    match form {
        Form::Application(application) | Form::Alone(application, _) => Ok(application),
        Form::Account { .. } => Err(corrupt(secret_name, "client_secret", "there: it is an account's secret")),
    }
}

fn join(application: &ApplicationCredentials, refresh_token: SecretString) -> Credentials {
    Credentials {
        client_id: application.client_id.as_str().into(),
        client_secret: application.client_secret.clone(),
        refresh_token,
    }
}

fn same(left: &SecretString, right: &SecretString) -> bool {
    left.expose_secret() == right.expose_secret()
}

fn operation(secret_name: &str) -> String {
    format!("secret {secret_name}")
}

fn corrupt(secret_name: &str, attribute: &str, expected: &'static str) -> StoreError {
    StoreError::Corrupt { item: operation(secret_name), attribute: attribute.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_named_so_that_the_roles_may_read_them() {
        assert_eq!(application_secret_name("default"), "countinghouse/application/default");
        assert_eq!(account_secret_name(&"A3TH9S8BH6GOGM".parse().unwrap()), "countinghouse/A3TH9S8BH6GOGM");
    }

    #[test]
    fn an_applications_credentials_do_not_show_their_secret() {
        let shown = format!("{:?}", ApplicationCredentials::new("amzn1.application-oa2-client.1", "geheim".into()));
        assert!(shown.contains("oa2-client.1") && !shown.contains("geheim"), "{shown}");
    }
}
