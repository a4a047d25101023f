//! A seller's credentials, and where they come from.

use std::fmt;

use countinghouse_domain::ids::SellerId;
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
