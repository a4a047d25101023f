//! `/_fake/business`: purchases that are made up or given, and the truth about them.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::config::{AddedInvoice, AddedTransaction, MissingInvoice, Purchases};
use super::truth::PurchasesTruth;
use crate::admin::{App, For, Refused};
use crate::server::Shared;
use crate::world::{StateError, World};

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/generate", post(generate))
        .route("/truth", get(truth))
        .route("/transactions", post(add_transaction))
        .route("/invoices", post(add_invoice))
        .route("/settings", patch(change_settings))
        .route("/pages/expire", post(expire_pages))
}

/// Makes purchases up, and tells the truth about these alone.
pub(crate) fn make(
    world: &mut World,
    seller_id: &str,
    purchases: &Purchases,
    now: Timestamp,
) -> Result<PurchasesTruth, StateError> {
    let seller = world.seller(seller_id)?;
    Ok(seller.business.generate(&seller.config, purchases, now))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    seller_id: String,
}

async fn generate(State(shared): App, Json(body): Json<For<Purchases>>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    Ok(Json(json!(make(&mut world, &body.seller_id, &body.what, now)?)))
}

async fn truth(State(shared): App, Query(of): Query<Of>) -> Result<Json<Value>, Refused> {
    Ok(Json(json!(shared.world().seller(&of.seller_id)?.business.truth)))
}

async fn add_transaction(State(shared): App, Json(body): Json<For<AddedTransaction>>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    world.seller(&body.seller_id)?.business.add_transaction(body.what, now);
    Ok(Json(json!({"added": true})))
}

async fn add_invoice(State(shared): App, Json(body): Json<For<AddedInvoice>>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    world.seller(&body.seller_id)?.business.add_invoice(body.what, now);
    Ok(Json(json!({"added": true})))
}

/// What changes while the server runs; what is not given stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    seller_id: String,
    page_size: Option<usize>,
    page_overlap: Option<usize>,
    page_token_ms: Option<i64>,
    missing_invoice: Option<MissingInvoice>,
}

async fn change_settings(State(shared): App, Json(body): Json<Change>) -> Result<Json<Value>, Refused> {
    let mut world = shared.world();
    let config = &mut world.seller(&body.seller_id)?.config.business;
    config.page_size = body.page_size.unwrap_or(config.page_size);
    config.page_overlap = body.page_overlap.unwrap_or(config.page_overlap);
    config.page_token_ms = body.page_token_ms.unwrap_or(config.page_token_ms);
    config.missing_invoice = body.missing_invoice.unwrap_or(config.missing_invoice);
    Ok(Json(json!({"seller_id": body.seller_id})))
}

async fn expire_pages(State(shared): App, Json(body): Json<Of>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    Ok(Json(json!({"expired": world.seller(&body.seller_id)?.business.expire_pages(None, now)})))
}
