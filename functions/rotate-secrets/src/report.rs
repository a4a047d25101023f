//! When a message is given up, and what is told of it instead.

use aws_lambda_events::sqs::SqsMessage;
use countinghouse_runtime::batch::Failure;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::RotationError;

/// SQS moves a message to the dead-letter queue after a thousand tries: the function takes it away before.
const LAST_TRY: u64 = 900;
/// The queue keeps messages for thirteen days.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(12 * 24);

/// Whether a message that failed will not be tried again.
pub(crate) fn is_last_try(record: &SqsMessage, now: Timestamp) -> bool {
    let number = |name: &str| record.attributes.get(name).and_then(|text| text.parse::<u64>().ok());
    let tries = number("ApproximateReceiveCount").unwrap_or_default();
    tries >= LAST_TRY || sent_at(record).is_some_and(|sent| now.duration_since(sent) >= KEPT_FOR)
}

fn sent_at(record: &SqsMessage) -> Option<Timestamp> {
    let milliseconds = record.attributes.get("SentTimestamp")?.parse().ok()?;
    Timestamp::from_millisecond(milliseconds).ok()
}

/// What goes to the dead-letter queue in the place of a message: nothing of what the message said but the application.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    version: u8,
    what: &'static str,
    message_id: String,
    sent_at: Option<Timestamp>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    cure: &'static str,
}

impl Report {
    pub(crate) fn of(record: &SqsMessage, error: &RotationError) -> Self {
        Self {
            version: 1,
            what: "a message about a client secret could not be used, and was taken away",
            message_id: record.message_id.clone().unwrap_or_default(),
            sent_at: sent_at(record),
            kind: error.kind(),
            client_id: error.client_id().map(str::to_owned),
            cure: "read the log of rotate-secrets; then `countinghouse rotate` asks Amazon for another client secret",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(tries: &str, sent_at: &str) -> SqsMessage {
        let mut record = SqsMessage::default();
        let sent: Timestamp = sent_at.parse().unwrap();
        record.attributes.insert("ApproximateReceiveCount".to_owned(), tries.to_owned());
        record.attributes.insert("SentTimestamp".to_owned(), sent.as_millisecond().to_string());
        record
    }

    #[test]
    fn a_message_is_given_up_before_sqs_would_move_or_forget_it() {
        let now: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
        assert!(!is_last_try(&record("1", "2026-11-22T03:59:00Z"), now));
        assert!(!is_last_try(&record("899", "2026-11-10T04:00:01Z"), now));
        assert!(is_last_try(&record("900", "2026-11-22T03:59:00Z"), now));
        assert!(is_last_try(&record("5", "2026-11-10T04:00:00Z"), now));
        assert!(!is_last_try(&SqsMessage::default(), now));
    }
}
