//! The client and its view of one seller.

use std::sync::Arc;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::rate::RateBudget;
use countinghouse_domain::time::Clock;

use crate::config::AmazonConfig;
use crate::credentials::CredentialSource;
use crate::error::AmazonError;
use crate::token::Tokens;
use crate::transport::Transport;

/// Amazon's APIs. Cheap to clone; all clones share connections and access tokens.
#[derive(Debug, Clone)]
pub struct Amazon(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: AmazonConfig,
    pub(crate) transport: Transport,
    pub(crate) credentials: Arc<dyn CredentialSource>,
    pub(crate) budget: Arc<dyn RateBudget>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tokens: Tokens,
}

impl Amazon {
    /// A client. Nothing is opened or read yet; the first call builds the connection.
    pub fn new(
        config: AmazonConfig,
        credentials: Arc<dyn CredentialSource>,
        budget: Arc<dyn RateBudget>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let transport = Transport::new(config.timeouts, config.user_agent.clone());
        Self(Arc::new(Inner { config, transport, credentials, budget, clock, tokens: Tokens::default() }))
    }

    /// What one seller sees in one region.
    pub fn seller(&self, id: SellerId, region: Region) -> Seller {
        Seller { amazon: Arc::clone(&self.0), id, region }
    }
}

/// Amazon's APIs as one seller sees them.
#[derive(Debug, Clone)]
pub struct Seller {
    pub(crate) amazon: Arc<Inner>,
    pub(crate) id: SellerId,
    pub(crate) region: Region,
}

impl Seller {
    /// Who it is.
    pub const fn id(&self) -> &SellerId {
        &self.id
    }

    /// Where it sells.
    pub const fn region(&self) -> Region {
        self.region
    }

    /// Checks that Amazon gives an access token for the seller's credentials. Whether the roles are there is only
    /// seen by calling an operation.
    pub async fn check_credentials(&self) -> Result<(), AmazonError> {
        self.amazon.token(&self.id, None).await.map(|_token| ())
    }
}
