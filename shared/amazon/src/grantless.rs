//! The application itself at Amazon: calls that no seller has to authorise.
//!
//! Source: Amazon's guide "Grantless operations": a token by client credentials has a scope instead of a seller.

use std::sync::Arc;

use countinghouse_domain::marketplace::Region;

use crate::client::{Amazon, Seller};
use crate::credentials::ApplicationCredentials;
use crate::error::AmazonError;
use crate::request::ApiRequest;
use crate::token::Grant;
use crate::transport::Reply;

/// What a token of an application is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Destinations and subscriptions.
    Notifications,
    /// A new client secret.
    ClientCredentialRotation,
}

impl Scope {
    /// Amazon's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Notifications => "sellingpartnerapi::notifications",
            Self::ClientCredentialRotation => "sellingpartnerapi::client_credential:rotation",
        }
    }
}

/// Amazon's APIs as the application itself sees them, in one region: it has destinations of its own in each.
#[derive(Debug, Clone)]
pub struct Application {
    /// The way to Amazon; where a seller's id stands for others, it has the application's name.
    line: Seller,
    credentials: ApplicationCredentials,
}

impl Amazon {
    /// What the application itself can do in one region.
    pub fn application(&self, credentials: ApplicationCredentials, region: Region) -> Application {
        let line = Seller { amazon: Arc::clone(&self.0), id: credentials.name().clone(), region };
        Application { line, credentials }
    }
}

impl Application {
    /// Which one it is: its client id, or the end of a very long one.
    pub const fn name(&self) -> &countinghouse_domain::ids::SellerId {
        self.credentials.name()
    }

    /// Checks that Amazon knows the application and its secret. No seller has a part in it.
    pub async fn check_credentials(&self) -> Result<(), AmazonError> {
        self.line.amazon.token_by(self.grant(Scope::Notifications), None).await.map(|_token| ())
    }

    /// Sends a request with the application's own token. A token that is refused is replaced once.
    pub(crate) async fn call(&self, request: &ApiRequest, scope: Scope) -> Result<Reply, AmazonError> {
        let permit = self.line.permit(request.operation).await?;
        let token = self.line.amazon.token_by(self.grant(scope), None).await?;
        match self.line.exchange(request, &token.value, permit).await {
            Err(AmazonError::Forbidden { .. }) => {
                let token = self.line.amazon.token_by(self.grant(scope), Some(&token)).await?;
                let permit = self.line.permit(request.operation).await?;
                self.line.exchange(request, &token.value, permit).await
            }
            result => result,
        }
    }

    const fn grant(&self, scope: Scope) -> Grant<'_> {
        Grant::Application(&self.credentials, scope)
    }
}
