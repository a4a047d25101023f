//! A seller's credentials, and where they come from.

use std::fmt;

use countinghouse_domain::ids::{InvalidId, SellerId};
use futures_util::future::BoxFuture;
use secrecy::SecretString;

/// What proves to Amazon that a seller has let this program in.
#[derive(Clone)]
pub struct Credentials {
    /// The application's identifier, not secret.
    pub client_id: String,
    /// The application's secret; it expires after 180 days.
    pub client_secret: SecretString,
    /// The seller's authorisation, good for one region.
    pub refresh_token: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// What an application proves itself with, where it speaks for itself and for no seller.
#[derive(Clone)]
pub struct ApplicationCredentials {
    client_id: String,
    client_secret: SecretString,
    name: SellerId,
}

impl ApplicationCredentials {
    /// An application's identifier, for example `amzn1.application-oa2-client.…`, and its secret. What cannot be an
    /// identifier is refused.
    pub fn new(client_id: impl Into<String>, client_secret: SecretString) -> Result<Self, InvalidId> {
        let client_id = client_id.into();
        let start = client_id.len().saturating_sub(LONGEST_NAME);
        let name = client_id.get(start..).unwrap_or_default().parse()?;
        Ok(Self { client_id, client_secret, name })
    }

    /// The application's identifier, not secret.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The application's secret.
    pub const fn client_secret(&self) -> &SecretString {
        &self.client_secret
    }

    /// What its rate budgets and its tokens are kept under, where a selling partner's id stands for others.
    pub const fn name(&self) -> &SellerId {
        &self.name
    }
}

/// Rate budgets are kept under an id of this length at most.
const LONGEST_NAME: usize = 64;

impl fmt::Debug for ApplicationCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationCredentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Why a seller's credentials could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Nothing is stored for this seller: it has to be connected.
    #[error("no credentials are stored for seller {0}")]
    Missing(SellerId),
    /// What is stored cannot be read. The reason never repeats what is stored.
    #[error("the credentials stored for seller {seller} cannot be read: {reason}")]
    Malformed {
        /// Whose credentials.
        seller: SellerId,
        /// What is wrong, for example `client_id is missing`.
        reason: String,
    },
    /// The store did not answer; later it may.
    #[error("the store of credentials did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Where credentials come from. Asked only when an access token is needed, which is about once an hour for each
/// seller and process: an implementation need not cache, and then a rotated secret is seen at once.
pub trait CredentialSource: Send + Sync + fmt::Debug {
    /// The credentials of this seller.
    fn credentials<'a>(&'a self, seller: &'a SellerId) -> BoxFuture<'a, Result<Credentials, CredentialError>>;

    /// The credentials with the application's secret before the present one, if there is one. They are tried once when
    /// Amazon refuses the present secret: after a rotation the old one lives on for seven days.
    fn previous<'a>(&'a self, _seller: &'a SellerId) -> BoxFuture<'a, Result<Option<Credentials>, CredentialError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_does_not_show_its_secret_and_has_a_name_that_an_item_can_have() {
        let long = format!("amzn1.application-oa2-client.{}", "0".repeat(60));
        let application = ApplicationCredentials::new(long.as_str(), "hush".into()).unwrap();
        assert!(!format!("{application:?}").contains("hush"));
        assert_eq!((application.client_id(), application.name().as_str().len()), (long.as_str(), 64));
        for wrong in ["", "two words", "ümlaut"] {
            assert!(ApplicationCredentials::new(wrong, "hush".into()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn credentials_do_not_show_their_secrets() {
        let credentials = Credentials {
            client_id: "amzn1.application-oa2-client.1".to_owned(),
            client_secret: "hush".into(),
            refresh_token: "Atzr|hush".into(),
        };
        let shown = format!("{credentials:?}");
        assert!(shown.contains("oa2-client.1"));
        assert!(!shown.contains("hush"));
    }
}
