//! Where a seller sells.
//!
//! Source: Amazon's model sellers (v1). It does not tell the seller's own id.

use countinghouse_domain::ids::MarketplaceId;
use countinghouse_domain::rate::Operation;
use serde::Deserialize;

use crate::client::Seller;
use crate::error::AmazonError;
use crate::exchange::read;
use crate::request::ApiRequest;

const PARTICIPATIONS: &str = "/sellers/v1/marketplaceParticipations";

/// A marketplace as Amazon lists it for a seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// The marketplace.
    pub marketplace: MarketplaceId,
    /// Its country, two letters; Amazon says `UK` for the United Kingdom.
    pub country: String,
    /// Amazon's name of it, for example `Amazon.de`.
    pub name: String,
    /// The name of the seller's shop there; may be empty.
    pub store: String,
    /// Whether the seller takes part in it.
    pub takes_part: bool,
    /// Whether Amazon has suspended what the seller offers there.
    pub is_suspended: bool,
}

#[derive(Deserialize)]
struct Answer {
    payload: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    marketplace: Marketplace,
    participation: State,
    #[serde(default)]
    store_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marketplace {
    id: MarketplaceId,
    #[serde(default)]
    country_code: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    is_participating: bool,
    #[serde(default)]
    has_suspended_listings: bool,
}

impl Seller {
    /// The marketplaces that Amazon lists for the seller in this region, those that the seller takes no part in among
    /// them. To be asked rarely: once a minute.
    pub async fn marketplace_participations(&self) -> Result<Vec<Participation>, AmazonError> {
        let request = ApiRequest::get(Operation::GetMarketplaceParticipations, PARTICIPATIONS.to_owned());
        let reply = self.call(&request).await?;
        let answer: Answer = read(request.call(), &reply)?;
        let listed = answer.payload.into_iter().filter_map(|each| serde_json::from_value::<Listed>(each).ok());
        Ok(listed.map(Participation::from).collect())
    }
}

impl From<Listed> for Participation {
    fn from(listed: Listed) -> Self {
        Self {
            marketplace: listed.marketplace.id,
            country: listed.marketplace.country_code,
            name: listed.marketplace.name,
            store: listed.store_name,
            takes_part: listed.participation.is_participating,
            is_suspended: listed.participation.has_suspended_listings,
        }
    }
}
