//! The Sellers API v1: where a seller sells.

use serde_json::{Value, json};

use crate::gate::ApiCall;
use crate::marketplaces;
use crate::reply::{Answer, Reply};
use crate::reports::seller;
use crate::seller::Seller;
use crate::world::World;

/// getMarketplaceParticipations.
pub(crate) fn marketplaces(world: &mut World, call: &ApiCall) -> Answer {
    Ok(Reply::json(200, json!({"payload": participations(seller(world, call)?)})))
}

/// getAccount.
pub(crate) fn account(world: &mut World, call: &ApiCall) -> Answer {
    let seller = seller(world, call)?;
    Ok(Reply::json(
        200,
        json!({"payload": {
            "businessType": "PRIVATE_LIMITED",
            "sellingPlan": "PROFESSIONAL",
            "marketplaceParticipationList": participations(seller),
            "business": {
                "name": seller.config.store_name,
                "registeredBusinessAddress": {"addressLine1": "Example Street 1", "countryCode": "DE"},
            },
        }}),
    ))
}

fn participations(seller: &Seller) -> Vec<Value> {
    let known = seller.config.marketplace_ids.iter().filter_map(|id| marketplaces::find(id));
    let shown = known.map(|marketplace| {
        json!({
            "marketplace": {
                "id": marketplace.id,
                "countryCode": marketplace.country,
                "name": format!("A{}", marketplace.domain.trim_start_matches("www.a")),
                "defaultCurrencyCode": marketplace.currency,
                "defaultLanguageCode": marketplace.language,
                "domainName": marketplace.domain,
            },
            "storeName": seller.config.store_name,
            "participation": {
                "isParticipating": marketplace.region == seller.config.region,
                "hasSuspendedListings": false,
            },
        })
    });
    shown.collect()
}
