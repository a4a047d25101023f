//! The Tokens API 2021-03-01: restricted data tokens.

use serde::Deserialize;
use serde_json::json;

use crate::account::Role;
use crate::clock::plus_ms;
use crate::gate::ApiCall;
use crate::operations::{match_path, percent_decoded};
use crate::reply::{Answer, Reply};
use crate::world::{Principal, World};

/// Report types whose documents hold personal data of buyers.
const RESTRICTED_TYPES: [&str; 16] = [
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING",
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX",
    "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
    "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING",
    "GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING",
    "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX",
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_TAX",
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_INVOICING",
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_SHIPPING",
    "GET_ORDER_REPORT_DATA_INVOICING",
    "GET_ORDER_REPORT_DATA_TAX",
    "GET_ORDER_REPORT_DATA_SHIPPING",
    "GET_EASYSHIP_DOCUMENTS",
    "GET_GST_MTR_B2B_CUSTOM",
    "GET_VAT_TRANSACTION_DATA",
    "SC_VAT_TAX_REPORT",
];
const DOCUMENT_PATH: &str = "/reports/2021-06-30/documents/{}";
const MAX_RESOURCES: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateTokenBody {
    #[serde(default)]
    restricted_resources: Vec<Resource>,
}

#[derive(Debug, Deserialize)]
struct Resource {
    #[serde(default)]
    method: String,
    #[serde(default)]
    path: String,
}

/// Whether a document of this type is given out for a restricted data token only.
pub(crate) fn is_restricted(report_type: &str) -> bool {
    RESTRICTED_TYPES.contains(&report_type)
}

/// createRestrictedDataToken.
pub(crate) fn create(world: &mut World, call: &ApiCall) -> Answer {
    let body: CreateTokenBody = call.json()?;
    if !(1..=MAX_RESOURCES).contains(&body.restricted_resources.len()) {
        return Err(Reply::invalid_request("1 to 50 restricted resources are required."));
    }
    let config = &super::reports::seller(world, call)?.config;
    if !config.has(Role::TaxRemittance) && !config.has(Role::TaxInvoicing) {
        return Err(Reply::forbidden());
    }
    let mut paths = Vec::new();
    for resource in body.restricted_resources {
        paths.push(checked(world, call, resource)?);
    }
    let lifetime_ms = world.settings.lifetimes.restricted_token_ms;
    let principal = Principal::Restricted { seller_id: call.seller_id().to_owned(), paths };
    let token = world.issue_token("Atz.sprdt|", principal, plus_ms(call.now, lifetime_ms));
    Ok(Reply::json(200, json!({"restrictedDataToken": token, "expiresIn": lifetime_ms / 1_000})))
}

fn checked(world: &mut World, call: &ApiCall, resource: Resource) -> Result<String, Reply> {
    if !["GET", "PUT", "POST", "DELETE"].contains(&resource.method.as_str()) || resource.path.is_empty() {
        return Err(Reply::invalid_request("Resource not provided."));
    }
    let document_id = match_path(DOCUMENT_PATH, &resource.path).and_then(|parameters| parameters.into_iter().next());
    let documents = &super::reports::seller(world, call)?.documents;
    let document = document_id.and_then(|id| documents.get(&percent_decoded(&id)));
    let restricted = document.is_some_and(|document| is_restricted(&document.report_type));
    if restricted && resource.method == "GET" {
        return Ok(resource.path);
    }
    Err(Reply::invalid_input("Invalid or unsupported document ID found"))
}
