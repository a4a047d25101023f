//! Storing and removing secrets. Each can be done twice: what a secret says already is not written again.

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use secrecy::{ExposeSecret, SecretString};

use super::form::{self, Form};
use super::{ApplicationCredentials, Credentials, Put, Secrets, Stage, operation, same};
use crate::StoreError;

/// For how many days a removed secret can be restored.
const RECOVERY_DAYS: i64 = 7;

impl Secrets {
    /// Stores an application's credentials. Of a client secret that is stored already, what is known of its age stays.
    pub async fn put_application(
        &self,
        secret_name: &str,
        application: &ApplicationCredentials,
    ) -> Result<Put, StoreError> {
        let mut wanted = application.clone();
        let known = match self.read(secret_name, Stage::Current).await {
            Ok(Form::Application(known)) => Some(known),
            Ok(Form::Alone(..) | Form::Account { .. })
            | Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => None,
            Err(error) => return Err(error),
        };
        match known.filter(|known| known.has_secret_of(application)) {
            Some(known) => {
                wanted.client_secret_since = known.client_secret_since.or(wanted.client_secret_since);
                wanted.client_secret_expires_at = wanted.client_secret_expires_at.or(known.client_secret_expires_at);
                wanted.previous_client_secret_expires_at =
                    wanted.previous_client_secret_expires_at.or(known.previous_client_secret_expires_at);
            }
            None => wanted.client_secret_since = wanted.client_secret_since.or_else(|| Some(self.clock.now())),
        }
        self.put(secret_name, &Form::Application(wanted), "An application at Amazon, for all its accounts").await
    }

    /// Stores an account's authorisation: the name of its application's secret, and its refresh token.
    pub async fn put_account(
        &self,
        secret_name: &str,
        application: &str,
        refresh_token: &SecretString,
    ) -> Result<Put, StoreError> {
        let form = Form::Account { application: application.to_owned(), refresh_token: refresh_token.clone() };
        self.put(secret_name, &form, "An account at Amazon, and which application it has authorised").await
    }

    /// Stores credentials all in one, as accounts were connected at first.
    pub async fn store(&self, secret_name: &str, credentials: &Credentials) -> Result<(), StoreError> {
        let application = ApplicationCredentials::new(
            credentials.client_id.expose_secret().to_owned(),
            credentials.client_secret.clone(),
        );
        let form = Form::Alone(application, credentials.refresh_token.clone());
        self.put(secret_name, &form, "An account at Amazon, with its application").await.map(drop)
    }

    /// Removes a secret; for a week it can be restored. True where it was there.
    pub async fn remove(&self, secret_name: &str) -> Result<bool, StoreError> {
        self.forget(secret_name);
        let request = self.client.delete_secret().secret_id(secret_name).recovery_window_in_days(RECOVERY_DAYS);
        match request.send().await {
            Ok(_) => Ok(true),
            // It is not there, or it is marked for deletion.
            Err(error) if matches!(error.code(), Some("ResourceNotFoundException" | "InvalidRequestException")) => {
                Ok(false)
            }
            Err(error) => Err(StoreError::sdk(operation(secret_name), error)),
        }
    }

    /// Whether there is such a secret; one that is marked for deletion is still known.
    pub async fn is_known(&self, secret_name: &str) -> Result<bool, StoreError> {
        match self.client.describe_secret().secret_id(secret_name).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(false),
            Err(error) => Err(StoreError::sdk(operation(secret_name), error)),
        }
    }

    /// Creates a secret, or gives it a new version; one that is marked for deletion is restored first.
    async fn put(&self, secret_name: &str, form: &Form, description: &str) -> Result<Put, StoreError> {
        let text = form::write(form);
        self.forget(secret_name);
        match self.text(secret_name, Stage::Current).await {
            Ok(known) if same(&known, &text) => return Ok(Put::Unchanged),
            Ok(_) | Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
        let request = self.client.create_secret().name(secret_name).description(description);
        match request.secret_string(text.expose_secret()).send().await {
            Ok(_) => return Ok(Put::Created),
            Err(error) if error.as_service_error().is_some_and(CreateSecretError::is_resource_exists_exception) => {}
            // "You can't create this secret because a secret with this name is already scheduled for deletion."
            Err(error) if error.code() == Some("InvalidRequestException") => {}
            Err(error) => return Err(StoreError::sdk(operation(secret_name), error)),
        }
        self.new_version(secret_name, &text).await.map(|()| Put::Changed)
    }

    async fn new_version(&self, secret_name: &str, text: &SecretString) -> Result<(), StoreError> {
        let put = async || {
            let request = self.client.put_secret_value().secret_id(secret_name).secret_string(text.expose_secret());
            request.send().await
        };
        let Err(error) = put().await else { return Ok(()) };
        if error.code() != Some("InvalidRequestException") {
            return Err(StoreError::sdk(operation(secret_name), error));
        }
        let restored = self.client.restore_secret().secret_id(secret_name).send().await;
        restored.map_err(|error| StoreError::sdk(operation(secret_name), error))?;
        put().await.map(drop).map_err(|error| StoreError::sdk(operation(secret_name), error))
    }
}
