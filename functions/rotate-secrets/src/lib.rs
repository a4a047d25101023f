#![doc = include_str!("../README.md")]

mod notification;
mod report;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::batch::{Failure, Never, body, chain, each_record};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_runtime::queue::{Queue, QueueError};
use countinghouse_store::{Noted, Rotated, Secrets, Sellers, StoreError, application_secret_name};

use notification::News;
use report::Report;

const FUNCTION: &str = "rotate-secrets";
/// The application that `countinghouse connect` stores unless it is told another name.
const USUAL_APPLICATION: &str = "default";

/// What the function works with.
#[derive(Debug)]
pub struct Dependencies {
    /// The connected accounts: their secrets name the applications.
    pub sellers: Sellers,
    /// The secrets.
    pub secrets: Secrets,
    /// Where reports of messages that were given up go.
    pub reports: Queue,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Dependencies {
    /// Reads the configuration and builds the clients.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, ConfigError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        Ok(Self {
            sellers: Sellers::new(dynamodb, variables.required("SELLERS_TABLE")?),
            secrets: Secrets::new(aws_sdk_secretsmanager::Client::new(aws), Arc::clone(&clock)),
            reports: Queue::new(aws_sdk_sqs::Client::new(aws), variables.required("CLIENT_SECRETS_DLQ_URL")?),
            clock,
        })
    }
}

/// Why a message failed. None shows anything of a message but an application's identifier.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// It is not one of Amazon's notifications.
    #[error("the message is not a notification of Amazon: line {line}, column {column}")]
    Unreadable {
        /// Where reading stopped.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// A notification without what its type promises, or with something else.
    #[error("the notification {notification_type}: its contents are missing, or of another type")]
    Incomplete {
        /// The type.
        notification_type: &'static str,
    },
    /// No account here uses the application.
    #[error(
        "no connected account uses the application {client_id}; connect one, and the message is used; it is kept for \
         twelve days"
    )]
    UnknownApplication {
        /// The application, if its identifier looks like one.
        client_id: String,
    },
    /// A table or a secret could not be used.
    #[error("the client secret of the application {client_id} could not be stored")]
    Store {
        /// The application, if its identifier looks like one.
        client_id: String,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// A message could neither be used nor given up.
    #[error("the report of a message that cannot be used could not be sent")]
    Report(#[from] QueueError),
}

impl RotationError {
    fn client_id(&self) -> Option<&str> {
        match self {
            Self::UnknownApplication { client_id } | Self::Store { client_id, .. } => Some(client_id),
            Self::Unreadable { .. } | Self::Incomplete { .. } | Self::Report(_) => None,
        }
    }
}

impl Failure for RotationError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable_notification",
            Self::Incomplete { .. } => "incomplete_notification",
            Self::UnknownApplication { .. } => "unknown_application",
            Self::Store { source, .. } => source.error_type(),
            Self::Report(_) => "queue",
        }
    }
}

/// What came of one message.
enum Taken {
    Stored,
    Nothing,
    GivenUp,
}

/// Takes one batch of messages.
pub async fn handle(dependencies: &Dependencies, event: SqsEvent) -> Result<SqsBatchResponse, Never> {
    let now = dependencies.clock.now();
    let (mut stored, mut not_stored): (u64, u64) = (0, 0);
    let response = each_record(event, async |record: &SqsMessage| {
        let taken = match take(dependencies, body(record)).await {
            Err(error) if report::is_last_try(record, now) => give_up(dependencies, record, &error).await,
            taken => taken,
        };
        match &taken {
            Ok(Taken::Stored) => stored = stored.saturating_add(1),
            Ok(Taken::GivenUp) | Err(_) => not_stored = not_stored.saturating_add(1),
            Ok(Taken::Nothing) => {}
        }
        taken.map(drop)
    })
    .await;
    MetricLine::new(FUNCTION)
        .value(Metric::ClientSecretsStored, stored)
        .value(Metric::ClientSecretsNotStored, not_stored)
        .emit(now);
    Ok(response)
}

async fn take(dependencies: &Dependencies, body: &str) -> Result<Taken, RotationError> {
    let secrets = &dependencies.secrets;
    match notification::read(body)? {
        News::NewSecret(new) => {
            let mut taken = Taken::Nothing;
            let holders = Holders::of(dependencies, &new.client_id).await?;
            for secret_name in &holders.secrets {
                let rotated = secrets.rotate(secret_name, &new).await;
                let rotated = rotated.map_err(|source| store_error(&new.client_id, source))?;
                let news = match rotated {
                    Rotated::Stored => "a new client secret is stored",
                    Rotated::Unchanged => "a new client secret was stored already",
                    Rotated::Older => "a client secret came that is older than the one that is stored",
                };
                if rotated == Rotated::Stored {
                    taken = Taken::Stored;
                }
                tracing::info!(client_id = shown(&new.client_id), secret_name, "{news}");
            }
            holders.all_were_read(&new.client_id).map(|()| taken)
        }
        News::Expiry(notice) => {
            let holders = Holders::of(dependencies, &notice.client_id).await?;
            for secret_name in &holders.secrets {
                let noted = secrets.note_expiry(secret_name, &notice).await;
                let noted = noted.map_err(|source| store_error(&notice.client_id, source))?;
                let news = match noted {
                    Noted::Stored => "the end of a client secret is noted",
                    Noted::Unchanged => "the end of a client secret was noted already",
                    Noted::Previous => "the end of a client secret that was replaced",
                };
                let expires_at = notice.expires_at.to_string();
                tracing::info!(client_id = shown(&notice.client_id), secret_name, expires_at, "{news}");
            }
            holders.all_were_read(&notice.client_id).map(|()| Taken::Nothing)
        }
        News::Other(notification_type) => {
            tracing::info!(notification_type, "a notification that is not about a client secret");
            Ok(Taken::Nothing)
        }
    }
}

/// Puts a report in the place of a message that cannot be used and is about to expire or to be moved.
async fn give_up(
    dependencies: &Dependencies,
    record: &SqsMessage,
    error: &RotationError,
) -> Result<Taken, RotationError> {
    dependencies.reports.send(&Report::of(record, error), Duration::ZERO).await?;
    let message_id = record.message_id.as_deref().unwrap_or_default();
    tracing::error!(message_id, kind = error.kind(), error = chain(error), "a message is given up");
    Ok(Taken::GivenUp)
}

/// The secrets that hold the credentials of an application: one, or one for each account that was connected with all
/// in one secret.
struct Holders {
    secrets: BTreeSet<String>,
    /// Why some secret could not be read: it may be one more of them.
    trouble: Option<StoreError>,
}

impl Holders {
    /// Looks for them. That none is found is an error.
    async fn of(dependencies: &Dependencies, client_id: &str) -> Result<Self, RotationError> {
        let secrets = &dependencies.secrets;
        let mut trouble = None;
        let mut candidates = BTreeSet::from([application_secret_name(USUAL_APPLICATION)]);
        let sellers = dependencies.sellers.list().await;
        for seller in sellers.map_err(|source| store_error(client_id, source))? {
            secrets.forget(&seller.secret_name);
            match secrets.application_of(&seller.secret_name).await {
                Ok(secret_name) => drop(candidates.insert(secret_name)),
                Err(error) => trouble = Some(error).filter(StoreError::may_pass).or(trouble),
            }
        }
        let mut found = BTreeSet::new();
        for secret_name in candidates {
            secrets.forget(&secret_name);
            match secrets.application(&secret_name).await {
                Ok(known) if known.client_id == client_id => drop(found.insert(secret_name)),
                Ok(_) => {}
                Err(error) => trouble = Some(error).filter(StoreError::may_pass).or(trouble),
            }
        }
        match trouble {
            Some(error) if found.is_empty() => Err(store_error(client_id, error)),
            None if found.is_empty() => {
                Err(RotationError::UnknownApplication { client_id: shown(client_id).to_owned() })
            }
            trouble => Ok(Self { secrets: found, trouble }),
        }
    }

    /// Those that could be read are served; for the others the message is tried again.
    fn all_were_read(self, client_id: &str) -> Result<(), RotationError> {
        self.trouble.map_or(Ok(()), |error| Err(store_error(client_id, error)))
    }
}

fn store_error(client_id: &str, source: StoreError) -> RotationError {
    RotationError::Store { client_id: shown(client_id).to_owned(), source }
}

/// A client id is not secret; what merely stands in its place may be.
fn shown(client_id: &str) -> &str {
    const BEGINS_WITH: &str = "amzn1.application-oa2-client.";
    let rest = client_id.strip_prefix(BEGINS_WITH).unwrap_or_default();
    let is_one = !rest.is_empty() && rest.len() <= 64 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_one { client_id } else { "(not an application's identifier)" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_an_applications_identifier_is_shown() {
        let real = "amzn1.application-oa2-client.0a1b2c3d4e5f";
        assert_eq!(shown(real), real);
        for wrong in ["amzn1.oa2-cs.v1.geheim", "amzn1.application-oa2-client.", "amzn1.application-oa2-client.a b", ""]
        {
            assert_eq!(shown(wrong), "(not an application's identifier)");
        }
    }
}
