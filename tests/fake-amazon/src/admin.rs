//! The endpoints under `/_fake`: what tests switch, and what they look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::application::ApplicationConfig;
use crate::delivery::ForeignNotification;
use crate::faults::Fault;
use crate::feeds::FeedSettings;
use crate::operations::Operation;
use crate::rates::RateSettings;
use crate::reports::to_json;
use crate::scenario::{
    Delays, Lifetimes, NotificationSettings, Outcome, Scenario, SellerConfig, SettlementConfig, VatRows,
};
use crate::server::Shared;
use crate::world::{CallRecord, StateError, World};

pub(crate) type App = State<Arc<Shared>>;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/health", get(async || "ready\n"))
        .route("/reset", post(reset))
        .route("/state", get(state))
        .route("/clock", get(clock).post(move_clock))
        .route("/sellers", post(add_seller))
        .route("/sellers/{seller_id}", patch(change_seller))
        .route("/applications", post(set_application))
        .route("/applications/rotate", post(rotate_secret))
        .route("/settlements", post(close_settlement))
        .route("/vat-rows", post(add_vat_rows))
        .route("/outcomes", post(add_outcome))
        .route("/reports", get(reports))
        .route("/calls", get(calls).delete(forget_calls))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/settings", get(settings).patch(change_settings))
        .route("/tokens/expire", post(expire_tokens))
        .route("/documents/expire-urls", post(expire_urls))
        .route("/notifications", get(notifications))
        .route("/notifications/send", post(send_notification))
        .merge(crate::feeds::admin::router())
        .nest("/business", crate::business::admin::router())
        .nest("/vendor", crate::vendor::admin::router())
}

/// A refusal of an admin call, with the whole reason.
pub(crate) struct Refused(StateError);

impl From<StateError> for Refused {
    fn from(error: StateError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut text = self.0.to_string();
        let mut source = std::error::Error::source(&self.0);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        (StatusCode::BAD_REQUEST, Json(json!({"error": text}))).into_response()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ForSeller {
    pub(crate) seller_id: Option<String>,
}

/// Something for one account: the fields of `T` and `seller_id` side by side, and none that is unknown.
#[derive(Debug)]
pub(crate) struct For<T> {
    pub(crate) seller_id: String,
    pub(crate) what: T,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for For<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut fields = serde_json::Map::deserialize(from)?;
        let seller_id = fields.remove("seller_id").ok_or_else(|| D::Error::missing_field("seller_id"))?;
        let seller_id = seller_id.as_str().ok_or_else(|| D::Error::custom("seller_id must be a text"))?.to_owned();
        let what = serde_json::from_value(Value::Object(fields)).map_err(D::Error::custom)?;
        Ok(Self { seller_id, what })
    }
}

async fn reset(State(shared): App) -> Result<Json<Value>, Refused> {
    shared.reset()?;
    shared.wake.notify_one();
    Ok(Json(json!({"reset": true})))
}

async fn state(State(shared): App) -> Json<Value> {
    let (mut world, now) = shared.world_now();
    world.tick(now);
    Json(summary(&world, now))
}

/// The state without any secret.
fn summary(world: &World, now: Timestamp) -> Value {
    let sellers = world.sellers.iter().map(|(id, seller)| {
        json!({
            "seller_id": id,
            "client_id": seller.config.client_id,
            "region": seller.config.region,
            "marketplace_ids": seller.config.marketplace_ids,
            "revoked": seller.config.revoked,
            "reports": seller.reports.len(),
            "documents": seller.documents.len(),
            "schedules": seller.schedules.len(),
            "subscriptions": seller.subscriptions.iter().map(|one| &one.notification_type).collect::<Vec<_>>(),
            "kind": seller.config.kind,
            "transactions": seller.business.len(),
            "vendor_submissions": seller.vendor.submissions.len(),
            "feeds": seller.feeds.feeds.len(),
            "vidr_rows": seller.feeds.vidr.len(),
            "vat_rows": seller.vat.iter().map(crate::vat::VatBatch::len).sum::<usize>(),
        })
    });
    let destinations = world.destinations.iter().map(|one| json!({"name": one.name, "resource": one.resource}));
    json!({
        "now": now,
        "sellers": sellers.collect::<Vec<_>>(),
        "destinations": destinations.collect::<Vec<_>>(),
        "faults": world.faults.active(),
        "settings": Settings::of(world),
        "calls": world.calls.len(),
        "notifications_sent": world.outbox.sent.iter().filter(|one| one.failure.is_none()).count(),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: i64,
}

async fn clock(State(shared): App) -> Json<Value> {
    Json(json!({"now": shared.clock.now(), "frozen": shared.clock.is_frozen()}))
}

/// Moves the clock, and answers when everything that became due has been sent.
async fn move_clock(State(shared): App, Json(body): Json<Advance>) -> Json<Value> {
    shared.clock.advance_ms(body.advance_ms);
    shared.deliver_due().await;
    shared.wake.notify_one();
    clock(State(shared)).await
}

async fn add_seller(State(shared): App, Json(body): Json<SellerConfig>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    let seller_id = body.seller_id.clone();
    world.add_seller(body, now)?;
    shared.wake.notify_one();
    Ok(Json(json!({"seller_id": seller_id})))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SellerChange {
    revoked: Option<bool>,
    client_secret: Option<crate::scenario::Secret>,
    forbidden_report_types: Option<Vec<String>>,
}

async fn change_seller(
    State(shared): App,
    Path(seller_id): Path<String>,
    Json(body): Json<SellerChange>,
) -> Result<Json<Value>, Refused> {
    let mut world = shared.world();
    let config = &mut world.seller(&seller_id)?.config;
    config.revoked = body.revoked.unwrap_or(config.revoked);
    if let Some(secret) = body.client_secret {
        config.client_secret = secret;
    }
    if let Some(types) = body.forbidden_report_types {
        config.forbidden_report_types = types;
    }
    Ok(Json(json!({"seller_id": seller_id})))
}

/// What the developer console has about an application.
async fn set_application(State(shared): App, Json(body): Json<ApplicationConfig>) -> Json<Value> {
    let client_id = body.client_id.clone();
    shared.world().applications.set(body);
    Json(json!({"client_id": client_id}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    client_id: String,
}

/// Rotates a secret as somebody else would, and answers when its message is in the queue.
async fn rotate_secret(State(shared): App, Json(body): Json<Rotation>) -> Result<Json<Value>, Refused> {
    {
        let (mut world, now) = shared.world_now();
        let rotated = world.rotate_secret(&body.client_id, now);
        rotated.map_err(|_refusal| StateError::NoApplication(body.client_id.clone()))?;
    }
    shared.deliver_due().await;
    Ok(Json(json!({"client_id": body.client_id})))
}

#[derive(Debug, Deserialize)]
struct CloseSettlement {
    seller_id: String,
    settlement: SettlementConfig,
}

async fn close_settlement(State(shared): App, Json(body): Json<CloseSettlement>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    let report_id = world.close_settlement(&body.seller_id, body.settlement, now)?;
    shared.wake.notify_one();
    Ok(Json(json!({"report_id": report_id})))
}

#[derive(Debug, Deserialize)]
struct AddVatRows {
    seller_id: String,
    vat_rows: VatRows,
}

async fn add_vat_rows(State(shared): App, Json(body): Json<AddVatRows>) -> Result<Json<Value>, Refused> {
    let (mut world, now) = shared.world_now();
    let rows = world.add_vat_rows(&body.seller_id, &body.vat_rows, now)?;
    Ok(Json(json!({"rows": rows})))
}

async fn add_outcome(State(shared): App, Json(body): Json<Outcome>) -> Result<Json<Value>, Refused> {
    shared.world().add_outcome(body)?;
    Ok(Json(json!({"added": true})))
}

async fn reports(State(shared): App, Query(filter): Query<ForSeller>) -> Json<Value> {
    let (mut world, now) = shared.world_now();
    world.tick(now);
    Json(json!({"reports": report_list(&world, filter.seller_id.as_deref(), now)}))
}

/// All reports, each as getReport shows it, with its seller.
pub(crate) fn report_list(world: &World, seller_id: Option<&str>, now: Timestamp) -> Vec<Value> {
    let sellers = world.sellers.iter().filter(|(id, _)| seller_id.is_none_or(|wanted| wanted == id.as_str()));
    let reports = sellers.flat_map(|(id, seller)| seller.reports.values().map(move |report| (id, report)));
    let visible = reports.filter(|(_, report)| report.is_visible(now));
    visible
        .map(|(id, report)| {
            let mut body = to_json(report, now);
            crate::reply::put(&mut body, "sellerId", json!(id));
            body
        })
        .collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CallFilter {
    seller_id: Option<String>,
    operation: Option<Operation>,
}

async fn calls(State(shared): App, Query(filter): Query<CallFilter>) -> Json<Value> {
    let world = shared.world();
    let wanted = |call: &&CallRecord| {
        filter.operation.is_none_or(|operation| operation == call.operation)
            && filter.seller_id.as_ref().is_none_or(|seller_id| call.seller_id.as_ref() == Some(seller_id))
    };
    let calls: Vec<_> = world.calls.iter().filter(wanted).collect();
    let mut counts: BTreeMap<(Operation, &str, u16), usize> = BTreeMap::new();
    for call in &calls {
        *counts.entry((call.operation, call.seller_id.as_deref().unwrap_or("-"), call.status)).or_default() += 1;
    }
    let counts = counts.into_iter().map(|((operation, seller_id, status), count)| {
        json!({"operation": operation, "seller_id": seller_id, "status": status, "count": count})
    });
    Json(json!({"counts": counts.collect::<Vec<_>>(), "calls": calls}))
}

async fn forget_calls(State(shared): App) -> Json<Value> {
    let mut world = shared.world();
    let forgotten = std::mem::take(&mut world.calls).len();
    Json(json!({"forgotten": forgotten}))
}

/// Takes one fault or a list.
async fn add_fault(State(shared): App, Json(body): Json<Value>) -> Result<Json<Value>, Response> {
    let list = if body.is_array() { body } else { json!([body]) };
    let faults: Vec<Fault> = serde_json::from_value(list).map_err(|error| unreadable(&error))?;
    let mut world = shared.world();
    for fault in faults {
        world.add_fault(fault).map_err(|error| Refused(error).into_response())?;
    }
    Ok(Json(json!({"faults": world.faults.active()})))
}

async fn faults(State(shared): App) -> Json<Value> {
    Json(json!({"faults": shared.world().faults.active()}))
}

async fn clear_faults(State(shared): App) -> Json<Value> {
    let mut world = shared.world();
    world.faults.clear();
    world.settings.outcomes.clear();
    world.settings.feed_outcomes.clear();
    Json(json!({"faults": []}))
}

/// The settings that change while the server runs; what is not given stays.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    delays: Delays,
    lifetimes: Lifetimes,
    rates: RateSettings,
    notifications: NotificationSettings,
    feeds: FeedSettings,
}

impl Settings {
    fn of(world: &World) -> Self {
        let Scenario { delays, lifetimes, rates, notifications, feeds, .. } = world.settings.clone();
        Self { delays, lifetimes, rates, notifications, feeds }
    }
}

async fn settings(State(shared): App) -> Json<Settings> {
    Json(Settings::of(&shared.world()))
}

async fn change_settings(State(shared): App, Json(change): Json<Value>) -> Result<Json<Settings>, Response> {
    let mut world = shared.world();
    let mut merged = json!(Settings::of(&world));
    merge(&mut merged, &change);
    let Settings { delays, lifetimes, rates, notifications, feeds } =
        serde_json::from_value(merged).map_err(|error| unreadable(&error))?;
    (world.settings.delays, world.settings.lifetimes) = (delays, lifetimes);
    (world.settings.rates, world.settings.notifications) = (rates, notifications);
    world.settings.feeds = feeds;
    if change.get("rates").is_some() {
        world.buckets.clear();
    }
    shared.wake.notify_one();
    Ok(Json(Settings::of(&world)))
}

/// Puts the fields of `change` over those of `into`, objects within objects too.
fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (name, value) in change {
                merge(into.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

fn unreadable(error: &serde_json::Error) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error.to_string()}))).into_response()
}

async fn expire_tokens(State(shared): App, Json(body): Json<ForSeller>) -> Json<Value> {
    let (mut world, now) = shared.world_now();
    Json(json!({"expired": world.expire_tokens(body.seller_id.as_deref(), now)}))
}

async fn expire_urls(State(shared): App, Json(body): Json<ForSeller>) -> Json<Value> {
    let (mut world, now) = shared.world_now();
    Json(json!({"expired": world.expire_urls(body.seller_id.as_deref(), now)}))
}

async fn notifications(State(shared): App) -> Json<Value> {
    let world = shared.world();
    Json(json!({"sent": world.outbox.sent}))
}

/// Sends a notification by hand, and answers when it is in the queue (if it is due now).
async fn send_notification(State(shared): App, Json(body): Json<ForeignNotification>) -> Json<Value> {
    {
        let (mut world, now) = shared.world_now();
        world.send_foreign(&body, now);
    }
    shared.deliver_due().await;
    shared.wake.notify_one();
    notifications(State(shared)).await
}
