//! What Amazon says about an application's client secret.
//!
//! Source: Amazon's guides "Rotate your application's client secret" and "Notification type values"
//! (`APPLICATION_OAUTH_CLIENT_NEW_SECRET`, `APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY`). Older types of notifications are
//! written in Pascal case, so both are read.

use countinghouse_store::{ExpiryNotice, NewClientSecret};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use crate::RotationError;

const NEW_SECRET: &str = "APPLICATION_OAUTH_CLIENT_NEW_SECRET";
const SECRET_EXPIRY: &str = "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY";

/// What a message says.
#[derive(Debug)]
pub(crate) enum News {
    /// An application has a new client secret.
    NewSecret(NewClientSecret),
    /// An application's client secret ends.
    Expiry(ExpiryNotice),
    /// Something else: its type.
    Other(String),
}

#[derive(Deserialize)]
struct Notification {
    #[serde(alias = "NotificationType", rename = "notificationType")]
    kind: String,
    #[serde(alias = "EventTime", rename = "eventTime")]
    event_time: Option<Timestamp>,
    #[serde(alias = "Payload", rename = "payload", default)]
    payload: Payload,
}

#[derive(Default, Deserialize)]
struct Payload {
    #[serde(alias = "ApplicationOAuthClientNewSecret", rename = "applicationOAuthClientNewSecret")]
    new_secret: Option<NewSecret>,
    #[serde(alias = "ApplicationOAuthClientSecretExpiry", rename = "applicationOAuthClientSecretExpiry")]
    expiry: Option<Expiry>,
}

#[derive(Deserialize)]
struct NewSecret {
    #[serde(alias = "ClientId", rename = "clientId")]
    client_id: String,
    #[serde(alias = "NewClientSecret", rename = "newClientSecret", deserialize_with = "secret")]
    client_secret: SecretString,
    #[serde(alias = "NewClientSecretExpiryTime", rename = "newClientSecretExpiryTime")]
    expires_at: Option<Timestamp>,
    #[serde(alias = "OldClientSecretExpiryTime", rename = "oldClientSecretExpiryTime")]
    previous_expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Expiry {
    #[serde(alias = "ClientId", rename = "clientId")]
    client_id: String,
    #[serde(alias = "ClientSecretExpiryTime", rename = "clientSecretExpiryTime")]
    expires_at: Timestamp,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let text = String::deserialize(deserializer)?;
    // An empty one would lock everybody out.
    if text.trim().is_empty() { Err(serde::de::Error::custom("empty")) } else { Ok(text.into()) }
}

/// Reads a message. What it says is in no error: a position has to do.
pub(crate) fn read(body: &str) -> Result<News, RotationError> {
    let unreadable =
        |error: serde_json::Error| RotationError::Unreadable { line: error.line(), column: error.column() };
    let Notification { kind, event_time, payload } = serde_json::from_str(body).map_err(unreadable)?;
    match (kind.as_str(), payload.new_secret, payload.expiry) {
        (NEW_SECRET, Some(new), _) => Ok(News::NewSecret(NewClientSecret {
            client_id: new.client_id,
            client_secret: new.client_secret,
            expires_at: new.expires_at,
            previous_expires_at: new.previous_expires_at,
        })),
        (SECRET_EXPIRY, _, Some(expiry)) => Ok(News::Expiry(ExpiryNotice {
            client_id: expiry.client_id,
            expires_at: expiry.expires_at,
            said_at: event_time,
        })),
        (NEW_SECRET, None, _) => Err(RotationError::Incomplete { notification_type: NEW_SECRET }),
        (SECRET_EXPIRY, _, None) => Err(RotationError::Incomplete { notification_type: SECRET_EXPIRY }),
        // Not a whole message of the types above: whatever it is, only its type is known to be harmless, and short.
        (_, None, None) => Ok(News::Other(kind.chars().take(80).collect())),
        (..) => Err(RotationError::Incomplete { notification_type: "of a type that is not shown" }),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const CAMEL: &str = r#"{"notificationVersion":"1.0","notificationType":"APPLICATION_OAUTH_CLIENT_NEW_SECRET",
        "payloadVersion":"1.0","eventTime":"2024-01-10T22:09:17.198Z","payload":{"applicationOAuthClientNewSecret":
        {"clientId":"amzn1.application-oa2-client.1","newClientSecret":"amzn1.oa2-cs.v1.geheim",
        "newClientSecretExpiryTime":"2024-07-08T22:09:17.198Z","oldClientSecretExpiryTime":"2024-01-17T22:09:17.180Z"}}}"#;
    const PASCAL: &str = r#"{"NotificationType":"APPLICATION_OAUTH_CLIENT_NEW_SECRET","Payload":
        {"ApplicationOAuthClientNewSecret":{"ClientId":"amzn1.application-oa2-client.1","NewClientSecret":
        "amzn1.oa2-cs.v1.geheim","NewClientSecretExpiryTime":"2024-07-08T22:09:17.198Z",
        "OldClientSecretExpiryTime":"2024-01-17T22:09:17.180Z"}}}"#;

    #[test]
    fn a_new_secret_is_read_in_both_spellings_and_not_shown() {
        for text in [CAMEL, PASCAL] {
            let news = read(text).unwrap();
            assert!(!format!("{news:?}").contains("geheim"));
            let News::NewSecret(new) = news else { panic!("{text}") };
            assert_eq!(new.client_id, "amzn1.application-oa2-client.1");
            assert_eq!(new.client_secret.expose_secret(), "amzn1.oa2-cs.v1.geheim");
            assert_eq!(new.expires_at.unwrap().to_string(), "2024-07-08T22:09:17.198Z");
            assert_eq!(new.previous_expires_at.unwrap().to_string(), "2024-01-17T22:09:17.18Z");
        }
    }

    #[test]
    fn an_expiry_is_read() {
        let text = r#"{"notificationType":"APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY","eventTime":"2024-02-03T00:00:00Z",
            "payload":{"applicationOAuthClientSecretExpiry":{"clientId":"amzn1.application-oa2-client.1",
            "clientSecretExpiryTime":"2024-03-03T22:06:39.224Z","clientSecretExpiryReason":"PERIODIC_ROTATION"}}}"#;
        let News::Expiry(notice) = read(text).unwrap() else { panic!("another kind") };
        assert_eq!(notice.expires_at.to_string(), "2024-03-03T22:06:39.224Z");
        assert_eq!(notice.said_at.unwrap().to_string(), "2024-02-03T00:00:00Z");
    }

    #[test]
    fn another_type_is_only_named() {
        let text = r#"{"notificationType":"REPORT_PROCESSING_FINISHED","payload":{"x":{"y":1}}}"#;
        assert!(matches!(read(text).unwrap(), News::Other(name) if name == "REPORT_PROCESSING_FINISHED"));
    }

    #[test]
    fn an_error_shows_nothing_of_the_message() {
        for (text, place) in [
            ("geheim", "the message is not a notification of Amazon: line 1, column "),
            (&CAMEL.replace("2024-07-08T22", "geheim"), "the message is not a notification of Amazon: line 4, column "),
            (
                &CAMEL.replace("amzn1.oa2-cs.v1.geheim", " "),
                "the message is not a notification of Amazon: line 3, column ",
            ),
            (
                &CAMEL.replace("applicationOAuthClientNewSecret", "geheim"),
                "the notification APPLICATION_OAUTH_CLIENT_NEW_SECRET: its contents are missing",
            ),
            (
                &CAMEL.replace("\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\"", "\"geheim\""),
                "the notification of a type that is not shown: its contents are missing",
            ),
        ] {
            let error = read(text).unwrap_err();
            let shown = format!("{error:?} {error}");
            assert!(!shown.contains("geheim"), "{shown}");
            assert!(error.to_string().starts_with(place), "{error}");
        }
    }
}
