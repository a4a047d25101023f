//! `/_fake/feeds`, `/_fake/vidr-rows`: what is due, what was uploaded, and what becomes of it.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::config::FeedOutcome;
use super::vidr::VatDocument;
use super::{FeedRecord, Shipments};
use crate::admin::{App, For, ForSeller, Refused};
use crate::scenario::VidrRows;
use crate::server::Shared;
use crate::world::{StateError, World};

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/feeds", get(feeds))
        .route("/feeds/outcomes", post(add_outcome))
        .route("/feeds/{feed_id}/upload", get(uploaded))
        .route("/vidr-rows", post(add_rows))
        .route("/shipments", post(add_shipments))
        .route("/vat-documents", get(documents))
}

/// All feeds, in the order of their sellers and then of their numbers.
pub(crate) fn feed_list(world: &World, seller_id: Option<&str>, now: Timestamp) -> Vec<FeedRecord> {
    let sellers = world.sellers.iter().filter(|(id, _)| seller_id.is_none_or(|wanted| wanted == id.as_str()));
    let feeds = sellers.flat_map(|(id, seller)| seller.feeds.feeds.values().map(move |feed| (id, seller, feed)));
    feeds.map(|(id, seller, feed)| seller.feeds.record(id, feed, now)).collect()
}

/// The documents that are or were due.
pub(crate) fn document_list(
    world: &mut World,
    seller_id: &str,
    now: Timestamp,
) -> Result<Vec<VatDocument>, StateError> {
    world.tick(now);
    Ok(world.seller(seller_id)?.feeds.vidr.documents.clone())
}

/// What was uploaded for a feed.
pub(crate) fn upload_of(world: &World, seller_id: &str, feed_id: &str) -> Option<Bytes> {
    let state = &world.sellers.get(seller_id)?.feeds;
    state.uploaded(state.feeds.get(&feed_id.parse().ok()?)?).cloned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    seller_id: String,
}

async fn feeds(State(shared): App, Query(filter): Query<ForSeller>) -> Json<Value> {
    let (mut world, now) = shared.world_now();
    world.tick(now);
    Json(json!({"feeds": feed_list(&world, filter.seller_id.as_deref(), now)}))
}

async fn add_outcome(State(shared): App, Json(body): Json<FeedOutcome>) -> Json<Value> {
    shared.world().settings.feed_outcomes.push(body);
    Json(json!({"added": true}))
}

async fn uploaded(State(shared): App, Path(feed_id): Path<String>, Query(of): Query<Of>) -> Response {
    match upload_of(&shared.world(), &of.seller_id, &feed_id) {
        Some(bytes) => ([("content-type", "application/octet-stream")], bytes).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({"error": "nothing was uploaded for such a feed"}))).into_response(),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddRows {
    vidr_rows: VidrRows,
}

async fn add_rows(State(shared): App, Json(body): Json<For<AddRows>>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    let rows = world.add_vidr_rows(&body.seller_id, &body.what.vidr_rows, now)?;
    Ok(Json(json!({"rows": rows})))
}

async fn add_shipments(State(shared): App, Json(body): Json<For<Shipments>>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    let rows = world.add_shipments(&body.seller_id, &body.what, now)?;
    Ok(Json(json!({"rows": rows})))
}

async fn documents(State(shared): App, Query(of): Query<Of>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    Ok(Json(json!({"documents": document_list(&mut world, &of.seller_id, now)?})))
}
