//! One SQS batch: each record succeeds or fails on its own, so that a poison message goes to the dead-letter
//! queue alone and the rest of the batch goes on.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};

/// A failure that the boundary logs, with a stable name for filters and alarms.
pub trait Failure: std::error::Error {
    /// For example `throttled`.
    fn kind(&self) -> &'static str;
}

/// A batch never fails as a whole: each message fails or succeeds on its own.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Never(#[from] std::convert::Infallible);

impl Failure for Never {
    fn kind(&self) -> &'static str {
        "never"
    }
}

/// Handles each record in turn and answers which failed. Each failure is logged once, here, with its chain of
/// causes; the record's body is never logged.
pub async fn each_record<E, F>(event: SqsEvent, mut handle: F) -> SqsBatchResponse
where
    E: Failure,
    F: AsyncFnMut(&SqsMessage) -> Result<(), E>,
{
    let mut response = SqsBatchResponse::default();
    for record in &event.records {
        if let Err(error) = handle(record).await {
            let message_id = record.message_id.clone().unwrap_or_default();
            tracing::error!(message_id, kind = error.kind(), error = chain(&error), "message failed");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message_id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// The body of a record; one without a body reads as empty.
pub fn body(record: &SqsMessage) -> &str {
    record.body.as_deref().unwrap_or_default()
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("poison")]
    struct Poison;

    impl Failure for Poison {
        fn kind(&self) -> &'static str {
            "poison"
        }
    }

    fn message(id: &str, body: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.body = Some(body.to_owned());
        message
    }

    #[test]
    fn a_poison_message_fails_alone() {
        let mut event = SqsEvent::default();
        event.records = vec![message("1", "good"), message("2", "poison"), message("3", "good")];
        let mut handled = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let response = runtime.block_on(each_record(event, async |record: &SqsMessage| {
            if body(record) == "poison" {
                return Err(Poison);
            }
            handled.push(record.message_id.clone().unwrap());
            Ok(())
        }));
        let failed: Vec<_> = response.batch_item_failures.iter().map(|each| each.item_identifier.as_str()).collect();
        assert_eq!(failed, ["2"]);
        assert_eq!(handled, ["1", "3"]);
    }
}
