//! A check that cannot be made is a finding of its own, and stops no other.

use std::error::Error;
use std::fmt;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use countinghouse_store::StoreError;

use super::check::Verdict;
use super::mend::Mend;
use crate::desk::chain;

/// Why AWS did not answer, and whom one has to ask for it.
#[derive(Debug)]
pub(super) struct Unanswered {
    /// The permission that the call needs, for example `sqs:GetQueueAttributes`.
    permission: String,
    /// AWS's code for the failure, where it gave one.
    code: Option<String>,
    /// What happened, without secrets: errors of AWS's clients name operations and codes.
    reason: String,
}

impl Unanswered {
    /// A call of AWS that failed, and the permission that it needs.
    pub(super) fn aws<E, R>(permission: &str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: fmt::Debug,
    {
        let code = error.code().map(str::to_owned);
        let reason = match (&code, error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.clone(),
            (None, _) => chain(error),
        };
        Self { permission: permission.to_owned(), code, reason }
    }

    /// A call of a store that failed.
    pub(super) fn store(error: &StoreError) -> Self {
        let reason = chain(error);
        let verb = match error {
            StoreError::Service { operation, .. } | StoreError::Throttled { operation, .. } => {
                operation.split(' ').next().unwrap_or_default()
            }
            StoreError::Conflict { .. } | StoreError::Missing { .. } | StoreError::Corrupt { .. } => "",
        };
        let code = DENIED.into_iter().find(|code| reason.contains(code)).map(str::to_owned);
        let permission = match verb {
            "secret" => "secretsmanager:GetSecretValue".to_owned(),
            "" => String::new(),
            verb => format!("dynamodb:{verb}"),
        };
        Self { permission, code, reason }
    }

    /// Whether whoever runs this may not ask.
    pub(super) fn is_denied(&self) -> bool {
        DENIED.iter().any(|denied| self.says(denied))
    }

    /// Whether what was asked for is not there.
    pub(super) fn is_missing(&self) -> bool {
        MISSING.iter().any(|missing| self.says(missing))
    }

    /// Whether this is AWS's code for it.
    pub(super) fn says(&self, code: &str) -> bool {
        self.code.as_deref().is_some_and(|said| said.contains(code))
    }

    /// The finding.
    pub(super) fn verdict(&self, mend: &Mend) -> Verdict {
        if self.is_denied() {
            return Verdict::look(
                format!("could not be checked: the AWS permission {} is missing", self.permission),
                [
                    format!("allow {} to the identity that this answers:", self.permission),
                    mend.aws("sts get-caller-identity"),
                    "docs/doctor.md has a policy with everything that doctor reads".to_owned(),
                ],
            );
        }
        Verdict::look(
            format!("could not be checked: {}", self.reason),
            ["run it again; if it stays so, look at https://health.aws.amazon.com/health/status".to_owned()],
        )
    }
}

/// How AWS's services say that a caller may not.
const DENIED: [&str; 5] =
    ["AccessDenied", "AuthorizationError", "UnauthorizedOperation", "NotAuthorized", "UnrecognizedClient"];
/// How they say that something is not there.
const MISSING: [&str; 8] = [
    "NonExistentQueue",
    "QueueDoesNotExist",
    "ResourceNotFound",
    "NotFoundException",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchPublicAccessBlock",
    "NotFound",
];

/// A check failed inside this program.
pub(super) fn failed(why: &tokio::task::JoinError) -> Verdict {
    let what = if why.is_panic() { "this program has a fault" } else { "it was stopped" };
    Verdict::look(format!("could not be checked: {what}"), ["please report it, with what it printed".to_owned()])
}

/// A check took too long.
pub(super) fn too_late(seconds: u64) -> Verdict {
    Verdict::look(
        format!("could not be checked: no answer within {seconds} s"),
        ["run it again; if it stays so, look at the network, and at https://health.aws.amazon.com/health/status"
            .to_owned()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mend() -> Mend {
        Mend { stack: "countinghouse".to_owned(), region: "eu-west-1".to_owned(), profile: None }
    }

    #[test]
    fn a_permission_that_is_missing_is_named() {
        let source = "unhandled error (AccessDeniedException): not authorized";
        let error = StoreError::Service { operation: "Query countinghouse-jobs".to_owned(), source: source.into() };
        let unanswered = Unanswered::store(&error);
        assert!(unanswered.is_denied() && !unanswered.is_missing());
        assert_eq!(
            unanswered.verdict(&mend()).text(),
            "could not be checked: the AWS permission dynamodb:Query is missing"
        );
    }

    #[test]
    fn a_failure_says_what_happened() {
        let error = StoreError::Service { operation: "Scan s".to_owned(), source: "connection refused".into() };
        let unanswered = Unanswered::store(&error);
        assert!(!unanswered.is_denied());
        assert_eq!(unanswered.verdict(&mend()).text(), "could not be checked: Scan s failed: connection refused");
    }
}
