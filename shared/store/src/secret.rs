//! The sellers' credentials in Secrets Manager.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use countinghouse_domain::time::Clock;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::StoreError;

/// How long credentials are remembered, so that a rotated secret is noticed within minutes.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

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

#[derive(Deserialize)]
struct StoredSecret {
    client_id: SecretText,
    client_secret: SecretText,
    refresh_token: SecretText,
}

/// A secret on its way from JSON; it is never shown.
struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// The secrets, remembered for minutes.
#[derive(Debug)]
pub struct Secrets {
    client: Client,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<String, (Timestamp, Credentials)>>,
}

impl Secrets {
    /// The secrets of an account.
    pub fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock, known: Mutex::new(HashMap::new()) }
    }

    /// The credentials in a secret.
    pub async fn credentials(&self, secret_name: &str) -> Result<Credentials, StoreError> {
        let now = self.clock.now();
        if let Some(known) = self.remembered(secret_name, now) {
            return Ok(known);
        }
        let request = self.client.get_secret_value().secret_id(secret_name);
        let answer = request.send().await;
        let answer = answer.map_err(|error| StoreError::sdk(format!("secret {secret_name}"), error))?;
        let text = answer.secret_string().ok_or_else(|| corrupt(secret_name, "secret_string", "there"))?;
        let credentials = parse(secret_name, text)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(secret_name.to_owned(), (now, credentials.clone()));
        Ok(credentials)
    }

    /// Forgets a secret, so that the next call reads it anew: Amazon has refused what was remembered.
    pub fn forget(&self, secret_name: &str) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(secret_name);
    }

    /// Stores credentials: a new secret, or a new version of one.
    pub async fn store(&self, secret_name: &str, credentials: &Credentials) -> Result<(), StoreError> {
        let text = serde_json::json!({
            "client_id": credentials.client_id.expose_secret(),
            "client_secret": credentials.client_secret.expose_secret(),
            "refresh_token": credentials.refresh_token.expose_secret(),
        })
        .to_string();
        self.forget(secret_name);
        let operation = || format!("secret {secret_name}");
        let created = self.client.create_secret().name(secret_name).secret_string(&text).send().await;
        match created {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(CreateSecretError::is_resource_exists_exception) => {
                let request = self.client.put_secret_value().secret_id(secret_name).secret_string(&text);
                request.send().await.map(|_| ()).map_err(|error| StoreError::sdk(operation(), error))
            }
            Err(error) => Err(StoreError::sdk(operation(), error)),
        }
    }

    fn remembered(&self, secret_name: &str, now: Timestamp) -> Option<Credentials> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, credentials) = known.get(secret_name)?;
        (now.duration_since(*since) < REMEMBERED).then(|| credentials.clone())
    }
}

fn parse(secret_name: &str, text: &str) -> Result<Credentials, StoreError> {
    // The parser's own message could show a part of the secret: it is dropped on purpose.
    let stored: StoredSecret = serde_json::from_str(text).map_err(|_secret| {
        corrupt(secret_name, "secret_string", "JSON with client_id, client_secret and refresh_token")
    })?;
    let credentials = Credentials {
        client_id: stored.client_id.0,
        client_secret: stored.client_secret.0,
        refresh_token: stored.refresh_token.0,
    };
    for (name, secret) in [
        ("client_id", &credentials.client_id),
        ("client_secret", &credentials.client_secret),
        ("refresh_token", &credentials.refresh_token),
    ] {
        if secret.expose_secret().is_empty() {
            return Err(corrupt(secret_name, name, "filled in"));
        }
    }
    Ok(credentials)
}

fn corrupt(secret_name: &str, attribute: &str, expected: &'static str) -> StoreError {
    StoreError::Corrupt { item: format!("secret {secret_name}"), attribute: attribute.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = r#"{"client_id":"amzn1.app","client_secret":"geheim","refresh_token":"Atzr|abc"}"#;

    #[test]
    fn credentials_are_read_and_not_shown() {
        let credentials = parse("s", SECRET).unwrap();
        assert_eq!(credentials.refresh_token.expose_secret(), "Atzr|abc");
        let shown = format!("{credentials:?}");
        assert!(!shown.contains("amzn1") && !shown.contains("geheim") && !shown.contains("Atzr"), "{shown}");
    }

    #[test]
    fn an_error_names_the_secret_and_shows_nothing_of_it() {
        for text in ["geheim", r#"{"client_id":"geheim"}"#, r#"{"client_id":7}"#] {
            let message = format!("{:?}", parse("countinghouse/A1", text).unwrap_err());
            assert!(message.contains("countinghouse/A1") && !message.contains("geheim"), "{message}");
        }
        let message = parse("s", &SECRET.replace("geheim", "")).unwrap_err().to_string();
        assert_eq!(message, "secret s: attribute `client_secret` is not filled in");
    }
}
