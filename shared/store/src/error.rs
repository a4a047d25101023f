//! Errors named by what the caller does next.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the store could not do what it was asked. No variant shows a value of an item: a name, an attribute and
/// an operation are enough to find it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table or bucket takes no more requests now: try again later.
    #[error("{operation}: the service takes no more requests now")]
    Throttled {
        /// What was asked, for example `PutItem jobs`.
        operation: String,
        /// The service's answer.
        #[source]
        source: Source,
    },
    /// Others changed the item again and again while this process tried to: try again.
    #[error("{item}: changed by others at every attempt")]
    Conflict {
        /// The item.
        item: String,
    },
    /// The item, secret, table or object is not there.
    #[error("{item} is not there")]
    Missing {
        /// What was looked for.
        item: String,
    },
    /// A stored item does not read as this program writes it: a person has to look.
    #[error("{item}: attribute `{attribute}` is not {expected}")]
    Corrupt {
        /// The item, by its keys.
        item: String,
        /// The attribute.
        attribute: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The service failed or refused.
    #[error("{operation} failed")]
    Service {
        /// What was asked.
        operation: String,
        /// The service's answer.
        #[source]
        source: Source,
    },
}

impl StoreError {
    /// A stable name for logs and metrics.
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "store_throttled",
            Self::Conflict { .. } => "store_conflict",
            Self::Missing { .. } => "store_missing",
            Self::Corrupt { .. } => "store_corrupt",
            Self::Service { .. } => "store_service",
        }
    }

    /// Whether the same call may succeed later without anybody doing anything.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Throttled { .. } | Self::Conflict { .. } | Self::Service { .. } => true,
            Self::Missing { .. } | Self::Corrupt { .. } => false,
        }
    }

    pub(crate) fn sdk<E, R>(operation: impl Into<String>, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let operation = operation.into();
        match error.code().unwrap_or_default() {
            "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingException"
            | "Throttling"
            | "TooManyRequestsException"
            | "SlowDown"
            | "TransactionInProgressException" => Self::Throttled { operation, source: Box::new(error) },
            "ConditionalCheckFailedException" | "PreconditionFailed" | "TransactionConflictException" => {
                Self::Conflict { item: operation }
            }
            "ResourceNotFoundException" | "NoSuchBucket" | "NoSuchKey" | "NoSuchVersion" | "NotFound" => {
                Self::Missing { item: operation }
            }
            _ => Self::Service { operation, source: Box::new(error) },
        }
    }

    pub(crate) fn build(operation: impl Into<String>, error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Service { operation: operation.into(), source: Box::new(error) }
    }
}

/// Whether the service refused because a condition did not hold.
pub(crate) fn condition_failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code() == Some("ConditionalCheckFailedException")
}

/// Whether the service answered that the object is the one that is known.
pub(crate) fn not_modified<E>(error: &SdkError<E, aws_sdk_s3::config::http::HttpResponse>) -> bool {
    error.raw_response().is_some_and(|response| response.status().as_u16() == 304)
}
