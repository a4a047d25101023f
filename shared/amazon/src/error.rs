//! What can go wrong with Amazon, named by what the caller does next.

use std::fmt;
use std::time::Duration;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::rate::{BudgetError, Operation};

use crate::answer::Answer;
use crate::credentials::CredentialError;

/// An error beneath one of ours, without addresses.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// An access token.
    Token,
    /// An operation of the Selling Partner API.
    Operation(Operation),
    /// The bytes of a document.
    Download,
    /// The bytes of a feed.
    Upload,
    /// The time of day.
    Date,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Token => "the request for an access token",
            Self::Operation(operation) => operation.name(),
            Self::Download => "the download of a document",
            Self::Upload => "the upload of a document",
            Self::Date => "the question what time it is",
        })
    }
}

/// Why the token service refuses a seller. Only a person can change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The seller has withdrawn the authorisation, or the refresh token is wrong or another application's.
    Authorisation,
    /// The application's secret is wrong or has expired (after 180 days).
    Secret,
    /// Another code of the token service, for example `unauthorized_client`.
    Other(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorisation => f.write_str("the authorisation is withdrawn or wrong; authorise the seller again"),
            Self::Secret => f.write_str("the client secret is wrong or has expired; store the new one"),
            Self::Other(code) => write!(f, "the token service says `{code}`"),
        }
    }
}

/// What can go wrong with Amazon, named by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum AmazonError {
    /// Ask again after `wait`: the rate budget is empty, or Amazon answered 429 (which the budget has noted).
    #[error("{operation} is at its rate limit, next in {} ms", wait.as_millis(), operation = operation.name())]
    RateLimited {
        /// What was asked for.
        operation: Operation,
        /// How long to wait.
        wait: Duration,
    },
    /// Ask again later: Amazon was not reached or could not answer. Nothing was changed by the call.
    #[error("{call} could not be answered{}", told(answer.as_deref()))]
    Unavailable {
        /// What was asked for.
        call: Call,
        /// What Amazon said, if anything.
        answer: Option<Box<Answer>>,
        /// Amazon's own word on when to ask again.
        retry_after: Option<Duration>,
        /// What happened to the connection.
        #[source]
        source: Option<Failure>,
    },
    /// Do not send it again: the request went out, and nobody knows what Amazon did with it. Look for its result.
    #[error("{call} was sent, but its answer is lost{}", told(answer.as_deref()))]
    AnswerLost {
        /// What was asked for.
        call: Call,
        /// What came back, where something did.
        answer: Option<Box<Answer>>,
        /// What happened to the connection.
        #[source]
        source: Option<Failure>,
    },
    /// A person has to act: Amazon gives no access token for this seller, or for the application itself.
    #[error("{seller} has no access to Amazon: {refusal}; Amazon says {answer}")]
    Unauthorized {
        /// Which seller; of an application that asks for itself, its identifier.
        seller: SellerId,
        /// Why.
        refusal: Refusal,
        /// What Amazon said.
        answer: Box<Answer>,
    },
    /// A person has to act: Amazon refuses this call with a fresh token, so a role is missing or the
    /// authorisation has to be renewed.
    #[error("{call} is forbidden: a role is missing, or the seller has to authorise again; Amazon says {answer}")]
    Forbidden {
        /// What was asked for.
        call: Call,
        /// What Amazon said.
        answer: Box<Answer>,
    },
    /// It does not exist for this seller.
    #[error("{call} found nothing; Amazon says {answer}")]
    NotFound {
        /// What was asked for.
        call: Call,
        /// What Amazon said.
        answer: Box<Answer>,
    },
    /// The request is wrong; sending it again changes nothing.
    #[error("{call} was refused; Amazon says {answer}")]
    BadRequest {
        /// What was asked for.
        call: Call,
        /// What Amazon said.
        answer: Box<Answer>,
    },
    /// Begin the list again from its first page: Amazon refuses the token that should lead to the next one. Most
    /// likely it has expired; if it happens again and again, a person should look.
    #[error("{call}: the token of the next page is refused; Amazon says {answer}")]
    PageExpired {
        /// What was asked for.
        call: Call,
        /// What Amazon said.
        answer: Box<Answer>,
    },
    /// Ask for the document's address again: it lives five minutes.
    #[error("the address of the document has expired")]
    LinkExpired,
    /// Ask for the document's address again and start over: the connection was cut inside the document.
    #[error("the document was cut after {received_bytes} bytes{}", of_expected(*expected_bytes))]
    Interrupted {
        /// How much had arrived.
        received_bytes: u64,
        /// How much was announced.
        expected_bytes: Option<u64>,
        /// What happened to the connection.
        #[source]
        source: Option<Failure>,
    },
    /// Try again later: the shared rate budget could not be asked, so nothing was sent.
    #[error("the rate budget could not be asked")]
    Budget(#[source] BudgetError),
    /// The seller's credentials could not be had.
    #[error("the seller's credentials could not be had")]
    Credentials(#[source] CredentialError),
    /// Amazon's answer makes no sense, or the request could not be built. A person should look.
    #[error("{call}: {what}")]
    Unexpected {
        /// What was asked for.
        call: Call,
        /// What makes no sense.
        what: String,
        /// The error beneath.
        #[source]
        source: Option<Failure>,
    },
}

fn told(answer: Option<&Answer>) -> String {
    answer.map(|each| format!("; Amazon says {each}")).unwrap_or_default()
}

fn of_expected(bytes: Option<u64>) -> String {
    bytes.map(|each| format!(" of {each}")).unwrap_or_default()
}

/// When to ask again, where nobody said.
const LATER: Duration = Duration::from_secs(30);

impl AmazonError {
    /// A short, stable name for metrics and logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable { .. } => "unavailable",
            Self::AnswerLost { .. } => "answer_lost",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound { .. } => "not_found",
            Self::BadRequest { .. } => "bad_request",
            Self::PageExpired { .. } => "page_expired",
            Self::LinkExpired => "link_expired",
            Self::Interrupted { .. } => "interrupted",
            Self::Budget(_) => "rate_budget_unavailable",
            Self::Credentials(CredentialError::Unavailable(_)) => "credentials_unavailable",
            Self::Credentials(_) => "credentials_missing",
            Self::Unexpected { .. } => "unexpected_answer",
        }
    }

    /// How long to wait before the same is worth trying again; none where repeating does not help
    /// (`AnswerLost`: look for the result instead).
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { wait, .. } => Some(*wait),
            Self::Unavailable { retry_after, .. } => Some(retry_after.unwrap_or(LATER)),
            Self::PageExpired { .. } | Self::LinkExpired | Self::Interrupted { .. } => Some(Duration::ZERO),
            Self::Budget(_) | Self::Credentials(CredentialError::Unavailable(_)) => Some(LATER),
            Self::AnswerLost { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::BadRequest { .. }
            | Self::Credentials(_)
            | Self::Unexpected { .. } => None,
        }
    }

    /// What Amazon said, where the error is an answer of Amazon's.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Unauthorized { answer, .. }
            | Self::Forbidden { answer, .. }
            | Self::NotFound { answer, .. }
            | Self::BadRequest { answer, .. }
            | Self::PageExpired { answer, .. } => Some(answer),
            Self::Unavailable { answer, .. } | Self::AnswerLost { answer, .. } => answer.as_deref(),
            Self::RateLimited { .. }
            | Self::LinkExpired
            | Self::Interrupted { .. }
            | Self::Budget(_)
            | Self::Credentials(_)
            | Self::Unexpected { .. } => None,
        }
    }

    /// Whether Amazon refused to make something because it is there already.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::BadRequest { answer, .. } if answer.status == 409)
    }

    /// Whether only a person can help: the seller's authorisation, role, secret or stored credentials.
    pub const fn needs_a_person(&self) -> bool {
        match self {
            Self::Unauthorized { .. } | Self::Forbidden { .. } => true,
            Self::Credentials(error) => !matches!(error, CredentialError::Unavailable(_)),
            Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::AnswerLost { .. }
            | Self::NotFound { .. }
            | Self::BadRequest { .. }
            | Self::PageExpired { .. }
            | Self::LinkExpired
            | Self::Interrupted { .. }
            | Self::Budget(_)
            | Self::Unexpected { .. } => false,
        }
    }

    pub(crate) fn unexpected(call: Call, what: impl Into<String>) -> Self {
        Self::Unexpected { call, what: what.into(), source: None }
    }

    pub(crate) fn unexpected_because(call: Call, what: impl Into<String>, source: impl Into<Failure>) -> Self {
        Self::Unexpected { call, what: what.into(), source: Some(source.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_a_sentence() {
        let limited =
            AmazonError::RateLimited { operation: Operation::GetReports, wait: Duration::from_millis(45_046) };
        assert_eq!(limited.to_string(), "getReports is at its rate limit, next in 45046 ms");
        let answer =
            Some(Box::new(Answer { status: 503, code: None, message: None, request_id: None, problems: Vec::new() }));
        let call = Call::Operation(Operation::GetReport);
        let unavailable = AmazonError::Unavailable { call, answer, retry_after: None, source: None };
        assert_eq!(unavailable.to_string(), "getReport could not be answered; Amazon says 503");
        let cut = AmazonError::Interrupted { received_bytes: 5, expected_bytes: Some(9), source: None };
        assert_eq!(cut.to_string(), "the document was cut after 5 bytes of 9");
    }

    #[test]
    fn a_lost_answer_is_never_to_be_repeated() {
        let lost =
            AmazonError::AnswerLost { call: Call::Operation(Operation::CreateReport), answer: None, source: None };
        assert_eq!(lost.retry_after(), None);
        assert!(!lost.needs_a_person());
    }

    #[test]
    fn an_error_is_small_enough_to_return() {
        assert!(size_of::<AmazonError>() <= 96, "{}", size_of::<AmazonError>());
    }
}
