//! The credentials of an account to be connected: what was given, and else what is stored.

use countinghouse_amazon::{ApplicationCredentials, CredentialError, CredentialSource, Credentials};
use countinghouse_domain::ids::SellerId;
use countinghouse_store::{ApplicationCredentials as StoredApplication, Put, Secrets, Seller, StoreError};
use secrecy::{ExposeSecret, SecretString};

use super::ConnectError;
use super::input::Source;

/// Something and where it comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin<T> {
    /// Given now; to be stored.
    Given(T),
    /// In this secret.
    Stored(T, String),
}

impl<T> Origin<T> {
    pub(super) const fn value(&self) -> &T {
        match self {
            Self::Given(value) | Self::Stored(value, _) => value,
        }
    }
}

/// Everything that proves to Amazon that an account has let this program in.
#[derive(Debug, Clone)]
pub(super) struct Proof {
    pub(super) application: Origin<StoredApplication>,
    pub(super) refresh_token: Origin<SecretString>,
}

/// Why there is no proof.
#[derive(Debug)]
pub(super) enum Lacking {
    /// Neither given nor stored.
    Application,
    /// Neither given nor stored.
    RefreshToken,
    /// A client id without a secret, or the reverse.
    HalfAnApplication,
}

/// The application's credentials from the source, if it has them.
pub(super) fn given_application(source: &Source) -> Result<Result<Option<StoredApplication>, Lacking>, ConnectError> {
    let Some(id) = source.client_id()? else {
        let has_secret = !source.is_person() && source.client_secret()?.is_some();
        return Ok(if has_secret { Err(Lacking::HalfAnApplication) } else { Ok(None) });
    };
    let Some(secret) = source.client_secret()? else { return Ok(Err(Lacking::HalfAnApplication)) };
    Ok(Ok(Some(StoredApplication::new(id.expose_secret().to_owned(), secret))))
}

/// An application's stored credentials, if there are any.
pub(super) async fn stored_application(
    secrets: &Secrets,
    secret_name: &str,
) -> Result<Option<StoredApplication>, StoreError> {
    match secrets.application(secret_name).await {
        Ok(application) => Ok(Some(application)),
        Err(StoreError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts together what was given and what is stored of an account. A person is asked for what is not stored.
pub(super) async fn proof(
    secrets: &Secrets,
    source: &Source,
    known: Option<&Seller>,
    application_secret: &str,
) -> Result<Result<Proof, Lacking>, ConnectError> {
    let stored = match known {
        Some(known) => optional(secrets.credentials(&known.secret_name).await)?,
        None => None,
    };
    // An account with everything in one secret keeps it so, as long as nothing new is given.
    let of_account = match (known, &stored) {
        (Some(known), Some(_)) => Some(secrets.application_of(&known.secret_name).await?),
        _ => None,
    };
    let stored_at = match &of_account {
        Some(at) if Some(at) == known.map(|known| &known.secret_name) => at,
        _ => application_secret,
    };
    let stored_application = stored_application(secrets, stored_at).await?;
    // A person is asked for an application only where there is none: for another one there is `connect application`.
    let given = if source.is_person() && stored_application.is_some() { Ok(None) } else { given_application(source)? };
    let application = match (given, stored_application) {
        (Err(lacking), _) => return Ok(Err(lacking)),
        (Ok(Some(given)), _) => Origin::Given(given),
        (Ok(None), Some(stored)) => Origin::Stored(stored, stored_at.to_owned()),
        (Ok(None), None) => return Ok(Err(Lacking::Application)),
    };
    let refresh_token = match (source.refresh_token(stored.is_some())?, stored, known) {
        (Some(given), _, _) => Origin::Given(given),
        (None, Some(stored), Some(known)) => Origin::Stored(stored.refresh_token, known.secret_name.clone()),
        (None, _, _) => return Ok(Err(Lacking::RefreshToken)),
    };
    Ok(Ok(Proof { application, refresh_token }))
}

fn optional<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(value) => Ok(Some(value)),
        // What is there cannot be used: it is asked for anew.
        Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Proof {
    /// For the client of Amazon.
    pub(super) fn credentials(&self) -> Credentials {
        let application = self.application.value();
        Credentials {
            client_id: application.client_id.clone(),
            client_secret: application.client_secret.clone(),
            refresh_token: self.refresh_token.value().clone(),
        }
    }

    /// For what the application does by itself.
    pub(super) fn application(&self) -> Result<ApplicationCredentials, ConnectError> {
        for_amazon(self.application.value())
    }

    /// Stores what was given. Answers what became of the application's secret and of the account's.
    pub(super) async fn store(
        &self,
        secrets: &Secrets,
        secret: &str,
        application_secret: &str,
    ) -> Result<Stored, StoreError> {
        let (application, application_secret) = match &self.application {
            Origin::Given(given) => (secrets.put_application(application_secret, given).await?, application_secret),
            Origin::Stored(_, at) => (Put::Unchanged, at.as_str()),
        };
        let account = match &self.refresh_token {
            // The old form, with everything in one, is left as it is.
            Origin::Stored(..) if application_secret == secret => Put::Unchanged,
            Origin::Given(token) if application_secret == secret => {
                let application = self.application.value();
                let credentials = countinghouse_store::Credentials {
                    client_id: application.client_id.as_str().into(),
                    client_secret: application.client_secret.clone(),
                    refresh_token: token.clone(),
                };
                secrets.store(secret, &credentials).await?;
                Put::Changed
            }
            Origin::Stored(token, _) | Origin::Given(token) => {
                secrets.put_account(secret, application_secret, token).await?
            }
        };
        Ok(Stored { application, application_secret: application_secret.to_owned(), account })
    }
}

/// What became of the secrets.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) application: Put,
    pub(super) application_secret: String,
    pub(super) account: Put,
}

/// An application's credentials as the client of Amazon takes them.
pub(super) fn for_amazon(application: &StoredApplication) -> Result<ApplicationCredentials, ConnectError> {
    ApplicationCredentials::new(application.client_id.as_str(), application.client_secret.clone()).map_err(|_no_id| {
        ConnectError::Argument(
            "the client id has signs that none has: it looks like amzn1.application-oa2-client.…".to_owned(),
        )
    })
}

/// Credentials in memory: nothing is stored before everything was checked.
#[derive(Debug)]
pub(super) struct InMemory(pub(super) Credentials);

impl CredentialSource for InMemory {
    fn credentials<'a>(
        &'a self,
        _seller: &'a SellerId,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Credentials, CredentialError>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}
