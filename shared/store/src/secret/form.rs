//! What lies in a secret: JSON of one of three forms.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ApplicationCredentials, corrupt};
use crate::StoreError;

/// A secret as it lies in Secrets Manager. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// An application's.
    Application(ApplicationCredentials),
    /// An account's: which application, and the account's authorisation of it.
    Account { application: String, refresh_token: SecretString },
    /// All in one, as accounts were connected at first.
    Alone(ApplicationCredentials, SecretString),
}

#[derive(Deserialize)]
struct Written {
    application: Option<String>,
    client_id: Option<String>,
    client_secret: Option<SecretText>,
    refresh_token: Option<SecretText>,
    client_secret_since: Option<Timestamp>,
    client_secret_expires_at: Option<Timestamp>,
    previous_client_secret_expires_at: Option<Timestamp>,
}

/// A secret on its way from JSON; it is never shown.
struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// Reads a secret. No error shows anything of it.
pub(super) fn parse(secret_name: &str, text: &str) -> Result<Form, StoreError> {
    const EXPECTED: &str =
        "JSON with client_id and client_secret (an application), or with application and refresh_token (an account)";
    // The parser's own message could show a part of the secret: it is dropped on purpose.
    let fault = || corrupt(secret_name, "secret_string", EXPECTED);
    let written: Written = serde_json::from_str(text).map_err(|_secret| fault())?;
    let filled = |name: &str, text: String| {
        if text.is_empty() { Err(corrupt(secret_name, name, "filled in")) } else { Ok(text) }
    };
    let filled_secret = |name: &str, secret: SecretText| {
        if secret.0.expose_secret().is_empty() { Err(corrupt(secret_name, name, "filled in")) } else { Ok(secret.0) }
    };
    let refresh_token = written.refresh_token.map(|token| filled_secret("refresh_token", token)).transpose()?;
    match (written.application, written.client_id, written.client_secret, refresh_token) {
        (Some(application), None, None, Some(refresh_token)) => {
            Ok(Form::Account { application: filled("application", application)?, refresh_token })
        }
        (None, Some(client_id), Some(client_secret), refresh_token) => {
            let application = ApplicationCredentials {
                client_id: filled("client_id", client_id)?,
                client_secret: filled_secret("client_secret", client_secret)?,
                client_secret_since: written.client_secret_since,
                client_secret_expires_at: written.client_secret_expires_at,
                previous_client_secret_expires_at: written.previous_client_secret_expires_at,
            };
            Ok(match refresh_token {
                Some(refresh_token) => Form::Alone(application, refresh_token),
                None => Form::Application(application),
            })
        }
        _ => Err(fault()),
    }
}

/// Writes a secret.
pub(super) fn write(form: &Form) -> SecretString {
    let mut json = serde_json::Map::new();
    let mut put = |name: &str, text: Option<String>| {
        if let Some(text) = text {
            json.insert(name.to_owned(), text.into());
        }
    };
    let mut application = |application: &ApplicationCredentials| {
        put("client_id", Some(application.client_id.clone()));
        put("client_secret", Some(application.client_secret.expose_secret().to_owned()));
        put("client_secret_since", application.client_secret_since.map(whole));
        put("client_secret_expires_at", application.client_secret_expires_at.map(whole));
        put("previous_client_secret_expires_at", application.previous_client_secret_expires_at.map(whole));
    };
    match form {
        Form::Application(credentials) => application(credentials),
        Form::Alone(credentials, refresh_token) => {
            application(credentials);
            put("refresh_token", Some(refresh_token.expose_secret().to_owned()));
        }
        Form::Account { application, refresh_token } => {
            put("application", Some(application.clone()));
            put("refresh_token", Some(refresh_token.expose_secret().to_owned()));
        }
    }
    serde_json::Value::Object(json).to_string().into()
}

/// Whole seconds, as everywhere in the tables.
fn whole(time: Timestamp) -> String {
    crate::item::time_text(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: &str = r#"{"client_id":"amzn1.app","client_secret":"geheim","refresh_token":"Atzr|geheim"}"#;
    const APPLICATION: &str = r#"{"client_id":"amzn1.app","client_secret":"geheim",
        "client_secret_expires_at":"2027-03-01T10:00:00Z"}"#;
    const ACCOUNT: &str = r#"{"application":"countinghouse/application/default","refresh_token":"Atzr|geheim"}"#;

    #[test]
    fn each_form_is_read_as_it_was_written_and_shows_no_secret() {
        for text in [ALONE, APPLICATION, ACCOUNT] {
            let form = parse("s", text).unwrap();
            let shown = format!("{form:?}");
            assert!(!shown.contains("geheim"), "{shown}");
            let again = write(&form);
            let read: serde_json::Value = serde_json::from_str(again.expose_secret()).unwrap();
            assert_eq!(read, serde_json::from_str::<serde_json::Value>(text).unwrap());
        }
        assert!(matches!(parse("s", ALONE).unwrap(), Form::Alone(..)));
        assert!(matches!(parse("s", APPLICATION).unwrap(), Form::Application(_)));
        assert!(matches!(parse("s", ACCOUNT).unwrap(), Form::Account { .. }));
    }

    #[test]
    fn an_error_names_the_secret_and_shows_nothing_of_it() {
        let expiry = r#"{"client_id":"a","client_secret":"b","client_secret_expires_at":"geheim"}"#;
        for text in ["geheim", r#"{"client_id":"geheim"}"#, r#"{"client_id":7}"#, r#"{"application":"geheim"}"#, expiry]
        {
            let message = format!("{:?}", parse("countinghouse/A1", text).unwrap_err());
            assert!(message.contains("countinghouse/A1") && !message.contains("geheim"), "{message}");
        }
        let message = parse("s", &ALONE.replace("\"geheim\"", "\"\"")).unwrap_err().to_string();
        assert_eq!(message, "secret s: attribute `client_secret` is not filled in");
    }
}
