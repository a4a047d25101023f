//! What Amazon says of an application's client secret: a new one, or the end of the present one.

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::form::{self, Form};
use super::{ApplicationCredentials, Secrets, Stage, corrupt, operation, same};
use crate::StoreError;

/// A new client secret of an application, as Amazon tells of it. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct NewClientSecret {
    /// Which application.
    pub client_id: String,
    /// The new client secret.
    pub client_secret: SecretString,
    /// When it will end.
    pub expires_at: Option<Timestamp>,
    /// When the one before it will end.
    pub previous_expires_at: Option<Timestamp>,
}

/// The end of an application's client secret, as Amazon tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiryNotice {
    /// Which application.
    pub client_id: String,
    /// When its client secret ends.
    pub expires_at: Timestamp,
    /// When Amazon said so.
    pub said_at: Option<Timestamp>,
}

/// What became of a new client secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotated {
    /// It is the secret's next version; the one before stays its `AWSPREVIOUS` version.
    Stored,
    /// It is stored already.
    Unchanged,
    /// A newer one is stored: the news came late.
    Older,
}

/// What became of an expiry notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// The date is written down.
    Stored,
    /// It is written down already.
    Unchanged,
    /// It is about a client secret that was replaced.
    Previous,
}

impl Secrets {
    /// Stores a new client secret as the next version of the secret that holds its application's credentials. Told
    /// twice, late, or by two at once, it is stored once, and never over a newer one.
    pub async fn rotate(&self, secret_name: &str, new: &NewClientSecret) -> Result<Rotated, StoreError> {
        let new = &NewClientSecret {
            expires_at: new.expires_at.map(whole_seconds),
            previous_expires_at: new.previous_expires_at.map(whole_seconds),
            ..new.clone()
        };
        let form = self.read(secret_name, Stage::Current).await?;
        let known = known_application(secret_name, &form, &new.client_id)?;
        let is_stored = same(&known.client_secret, &new.client_secret);
        if is_stored && (known.client_secret_expires_at.is_some() || new.expires_at.is_none()) {
            return Ok(Rotated::Unchanged);
        }
        let known_is_newer = known.client_secret_expires_at.zip(new.expires_at).is_some_and(|(known, new)| new < known);
        if !is_stored && known_is_newer {
            return Ok(Rotated::Older);
        }
        let next = ApplicationCredentials {
            client_id: known.client_id.clone(),
            client_secret: new.client_secret.clone(),
            client_secret_since: if is_stored { known.client_secret_since } else { Some(self.clock.now()) },
            client_secret_expires_at: new.expires_at,
            previous_client_secret_expires_at: new.previous_expires_at,
        };
        let version = version_of(secret_name, &new.client_secret);
        match self.put_form(secret_name, &with_application(form, next), (!is_stored).then_some(version)).await {
            Ok(()) => Ok(Rotated::Stored),
            Err(error) => self.stored_by_another(secret_name, new, error).await,
        }
    }

    /// Writes down when the client secret ends. While the one before it is good, too, a notice is taken to be about that.
    pub async fn note_expiry(&self, secret_name: &str, notice: &ExpiryNotice) -> Result<Noted, StoreError> {
        let ends = whole_seconds(notice.expires_at);
        let form = self.read(secret_name, Stage::Current).await?;
        let known = known_application(secret_name, &form, &notice.client_id)?;
        if known.client_secret_expires_at == Some(ends) {
            return Ok(Noted::Unchanged);
        }
        let previous = known.previous_client_secret_expires_at;
        // A new version would push the one before, which may still be needed, out of reach.
        let both_are_good = previous.is_some_and(|until| until >= self.clock.now());
        let is_old = previous == Some(ends)
            || known.client_secret_since.zip(notice.said_at).is_some_and(|(since, said)| said < since);
        if both_are_good || is_old {
            return Ok(Noted::Previous);
        }
        let next = ApplicationCredentials { client_secret_expires_at: Some(ends), ..known };
        self.put_form(secret_name, &with_application(form, next), None).await?;
        Ok(Noted::Stored)
    }

    async fn put_form(&self, secret_name: &str, form: &Form, version: Option<String>) -> Result<(), StoreError> {
        let text = form::write(form);
        let request = self.client.put_secret_value().secret_id(secret_name).secret_string(text.expose_secret());
        let sent = request.set_client_request_token(version).send().await;
        self.forget(secret_name);
        sent.map(drop).map_err(|error| match error.code() {
            Some("ResourceExistsException") => StoreError::Conflict { item: operation(secret_name) },
            _ => StoreError::sdk(operation(secret_name), error),
        })
    }

    /// A version is named for the client secret that it brings. Where it exists, another run has written it; it is the
    /// present one, or has been replaced since.
    async fn stored_by_another(
        &self,
        secret_name: &str,
        new: &NewClientSecret,
        error: StoreError,
    ) -> Result<Rotated, StoreError> {
        if !matches!(error, StoreError::Conflict { .. }) {
            return Err(error);
        }
        let form = self.read(secret_name, Stage::Current).await?;
        let known = known_application(secret_name, &form, &new.client_id)?;
        Ok(if same(&known.client_secret, &new.client_secret) { Rotated::Unchanged } else { Rotated::Older })
    }
}

/// The application in a secret, which must be the one that the news are about.
fn known_application(secret_name: &str, form: &Form, client_id: &str) -> Result<ApplicationCredentials, StoreError> {
    match form {
        Form::Application(known) | Form::Alone(known, _) if known.client_id == client_id => Ok(known.clone()),
        Form::Application(_) | Form::Alone(..) | Form::Account { .. } => {
            Err(corrupt(secret_name, "client_id", "the application that Amazon speaks of"))
        }
    }
}

fn with_application(form: Form, application: ApplicationCredentials) -> Form {
    match form {
        Form::Alone(_, refresh_token) => Form::Alone(application, refresh_token),
        Form::Application(_) | Form::Account { .. } => Form::Application(application),
    }
}

/// Secrets keep whole seconds.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// The name of the version that a client secret is stored as: the same for the same one, so that two runs at once write
/// one version. Nobody gets from it to the secret: those are long and random.
fn version_of(secret_name: &str, client_secret: &SecretString) -> String {
    let mut hash = Sha256::new();
    hash.update(secret_name);
    hash.update([0]);
    hash.update(client_secret.expose_secret());
    hex::encode(hash.finalize())
}
