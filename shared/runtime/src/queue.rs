//! Sending a message, now or later.

use std::time::Duration;

use serde::Serialize;

/// The longest delay that SQS knows.
pub const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// A message could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The message could not be written down.
    #[error("the message could not be written")]
    Encode(#[from] serde_json::Error),
    /// SQS did not take it.
    #[error("the queue did not take the message")]
    Send(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// One queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Queue {
    /// The queue at this address.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Sends a message that is delivered after a delay of whole seconds, rounded up, 15 minutes at most.
    pub async fn send(&self, message: &impl Serialize, delay: Duration) -> Result<(), QueueError> {
        self.send_text(serde_json::to_string(message)?, delay).await
    }

    /// Sends a text as it is, after the same delay: a message that belongs into another queue.
    pub async fn send_text(&self, body: impl Into<String>, delay: Duration) -> Result<(), QueueError> {
        let sent = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(delay_seconds(delay))
            .send();
        sent.await.map(drop).map_err(|error| QueueError::Send(Box::new(error)))
    }
}

fn delay_seconds(delay: Duration) -> i32 {
    let whole = delay.min(LONGEST_DELAY);
    let seconds = whole.as_secs().saturating_add(u64::from(whole.subsec_nanos() > 0));
    i32::try_from(seconds.min(LONGEST_DELAY.as_secs())).unwrap_or(900)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_rounded_up_and_never_longer_than_sqs_allows() {
        assert_eq!(delay_seconds(Duration::ZERO), 0);
        assert_eq!(delay_seconds(Duration::from_millis(1)), 1);
        assert_eq!(delay_seconds(Duration::from_millis(59_881)), 60);
        assert_eq!(delay_seconds(Duration::from_hours(24)), 900);
    }
}
