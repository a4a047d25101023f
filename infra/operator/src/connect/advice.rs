//! What an error of Amazon's means in plain words, and what to do about it.

use countinghouse_amazon::{AmazonError, Refusal};
use countinghouse_domain::marketplace::Region;

use super::roles::Right;
use crate::desk;

/// What went wrong in a step: Amazon's own words, their meaning, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Amazon's words, where it answered.
    pub(crate) said: Option<String>,
    /// What it means.
    pub(crate) means: String,
    /// What to do.
    pub(crate) to_do: String,
}

impl Trouble {
    /// Something that Amazon has no part in.
    pub(crate) fn own(means: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { said: None, means: means.into(), to_do: to_do.into() }
    }

    fn said(error: &AmazonError, means: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { said: error.answer().map(ToString::to_string), means: means.into(), to_do: to_do.into() }
    }

    /// An error in a call that needs no right but the authorisation itself.
    pub(crate) fn of(error: &AmazonError) -> Self {
        match error {
            AmazonError::Unauthorized { refusal, .. } => Self::of_refusal(error, refusal),
            AmazonError::RateLimited { operation, wait } => Self::said(
                error,
                format!("Amazon allows few calls of {}, and they are used up for now", operation.name()),
                format!("run the same command again in {} s", wait.as_secs().saturating_add(1)),
            ),
            AmazonError::Unavailable { .. } | AmazonError::AnswerLost { .. } | AmazonError::Interrupted { .. } => {
                Self::said(
                    error,
                    format!("Amazon was not reached: {}", desk::chain(error)),
                    "run the same command again",
                )
            }
            AmazonError::Forbidden { .. } => Self::said(
                error,
                "the application lacks a role, or the account has not authorised it since it was added",
                "see docs/connect.md for the roles; after adding one, authorise the application again",
            ),
            AmazonError::Budget(_) => {
                Self::said(error, desk::chain(error), "look whether the stack's table rate-budgets can be written")
            }
            AmazonError::NotFound { .. }
            | AmazonError::BadRequest { .. }
            | AmazonError::PageExpired { .. }
            | AmazonError::LinkExpired
            | AmazonError::Credentials(_)
            | AmazonError::Unexpected { .. } => {
                Self::said(error, desk::chain(error), "look this text up in docs/troubleshooting.md")
            }
        }
    }

    fn of_refusal(error: &AmazonError, refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Authorisation => Self::said(
                error,
                "the refresh token is wrong, is another application's, or the authorisation was withdrawn",
                "authorise the application again (docs/connect.md, step 4) and connect with the refresh token that it gives",
            ),
            Refusal::Secret => Self::said(
                error,
                "the client id or the client secret is wrong, or the secret has expired: one lives 180 days",
                "copy both from the developer console (View, in the column LWA credentials), or make a new secret there; \
                 then: countinghouse connect application",
            ),
            Refusal::Other(code) => Self::said(
                error,
                format!(
                    "the token service refuses with `{code}`: client id and refresh token may be of two applications"
                ),
                "take client id, client secret and refresh token of one and the same application",
            ),
        }
    }

    /// An error of the call that looks for a right.
    pub(crate) fn of_right(error: &AmazonError, right: Right) -> Self {
        if !matches!(error, AmazonError::Forbidden { .. }) {
            return Self::of(error);
        }
        Self::said(
            error,
            format!("the application lacks the role {}, or the account has not authorised it since", right.role()),
            format!(
                "{}: choose the role in the developer profile, then in the application (Edit App, Roles), and authorise \
                 the application again",
                right.console()
            ),
        )
    }

    /// No region takes the token.
    pub(crate) fn of_no_region(error: &AmazonError, right: Right) -> Self {
        let refused = Self::of_right(error, right);
        let to_do = format!(
            "{}. If the role is there, give the region, and a seller's marketplaces: --amazon-region eu --marketplaces DE",
            refused.to_do
        );
        Self { means: format!("{}; or the token is of a region that was not tried", refused.means), to_do, ..refused }
    }

    /// An error in making a destination.
    pub(crate) fn of_destination(error: &AmazonError, arn: &str) -> Self {
        if !matches!(error, AmazonError::Forbidden { .. } | AmazonError::BadRequest { .. }) {
            return Self::of(error);
        }
        Self::said(
            error,
            format!("Amazon does not take the queue {arn}: it may not send there, or the application has no role yet"),
            "countinghouse doctor looks at the queue's policy and key; Amazon sends as account 437568002678",
        )
    }
}

/// A region for people.
pub(super) const fn region_name(region: Region) -> &'static str {
    match region {
        Region::Na => "na (North America, Brazil)",
        Region::Eu => "eu (Europe, Middle East, India)",
        Region::Fe => "fe (Far East, Australia)",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use countinghouse_domain::rate::Operation;

    use super::*;

    #[test]
    fn a_rate_limit_says_when_to_come_back() {
        let (operation, wait) = (Operation::GetMarketplaceParticipations, Duration::from_millis(61_200));
        let trouble = Trouble::of(&AmazonError::RateLimited { operation, wait });
        assert_eq!(trouble.to_do, "run the same command again in 62 s");
        assert!(trouble.means.contains("getMarketplaceParticipations") && trouble.said.is_none());
    }
}
