//! A client secret that was sent to the wrong queue: the application's notifications were registered with this one.
//!
//! It is handed on to the queue where it belongs before anything else is done with it, for what fails here goes to a
//! dead-letter queue that people read.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use countinghouse_runtime::batch::{body, chain};
use countinghouse_runtime::metrics::{Metric, MetricLine};

use crate::{Dependencies, NotificationError};

/// SQS moves a message to the dead-letter queue after this many tries, as the template says.
const TRIES: u64 = 5;

/// Whether a message may hold a client secret, readable or not: it names one of these types, or has the beginning of a
/// secret, or the name of its field.
pub(crate) fn may_be_in(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    ["application_oauth_client", "oa2-cs", "clientsecret"].iter().any(|sign| body.contains(sign))
}

/// Hands a message on. Where that fails to the last, it is dropped: another secret can be asked for, and a dead-letter
/// queue would show this one.
pub(crate) async fn hand_on(dependencies: &Dependencies, record: &SqsMessage) -> Result<(), NotificationError> {
    let message_id = record.message_id.as_deref().unwrap_or_default();
    let Err(error) = dependencies.client_secrets.send_text(body(record), Duration::ZERO).await else {
        tracing::warn!(
            message_id,
            "a message about a client secret came here and was handed on: register the queue client-secrets for the \
             application's notifications in Amazon's developer console"
        );
        return Ok(());
    };
    if !is_last_try(record) {
        return Err(error.into());
    }
    MetricLine::new("receive-notifications").value(Metric::ClientSecretsNotStored, 1).emit(dependencies.clock.now());
    tracing::error!(
        message_id,
        kind = "client_secret_dropped",
        error = chain(&error),
        "a message about a client secret was dropped; `countinghouse rotate` asks Amazon for another one"
    );
    Ok(())
}

fn is_last_try(record: &SqsMessage) -> bool {
    let tries = record.attributes.get("ApproximateReceiveCount").and_then(|text| text.parse::<u64>().ok());
    tries.is_some_and(|tries| tries >= TRIES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_may_hold_a_secret_is_known_even_where_it_cannot_be_read() {
        for secret in [
            r#"{"notificationType":"APPLICATION_OAUTH_CLIENT_NEW_SECRET","payload":{}}"#,
            r#"{"NotificationType":"APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY"}"#,
            r#"{"payload":{"newClientSecret":"x"}"#,
            "AMZN1.OA2-CS.v1.0 and no JSON",
        ] {
            assert!(may_be_in(secret), "{secret}");
        }
        for other in ["", "{}", r#"{"notificationType":"REPORT_PROCESSING_FINISHED","reportId":"1"}"#] {
            assert!(!may_be_in(other), "{other}");
        }
    }

    #[test]
    fn the_last_try_is_the_one_after_which_sqs_moves_the_message() {
        let record = |tries: &str| {
            let mut record = SqsMessage::default();
            record.attributes.insert("ApproximateReceiveCount".to_owned(), tries.to_owned());
            record
        };
        assert!(!is_last_try(&record("4")) && is_last_try(&record("5")) && !is_last_try(&SqsMessage::default()));
    }
}
