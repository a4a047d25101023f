//! `/_fake/vendor`: what a vendor's invoices become, and what was sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{VendorApi, VendorError, VendorOutcome, VendorResult, VendorSubmission};
use crate::admin::{App, For, Refused};
use crate::server::Shared;
use crate::world::{StateError, World};

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/submissions", get(submissions)).route("/outcomes", post(set_outcome))
}

/// Which submissions are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Filter {
    pub(crate) seller_id: Option<String>,
    pub(crate) invoice_id: Option<String>,
}

impl Filter {
    fn takes(&self, submission: &VendorSubmission) -> bool {
        self.seller_id.as_ref().is_none_or(|wanted| *wanted == submission.seller_id)
            && self.invoice_id.as_ref().is_none_or(|wanted| *wanted == submission.invoice_id)
    }
}

/// The submissions of all vendors, in the order of their vendors and then of their arrival.
pub(crate) fn list(world: &World, filter: &Filter) -> Vec<VendorSubmission> {
    let all = world.sellers.values().flat_map(|seller| &seller.vendor.submissions);
    all.filter(|submission| filter.takes(submission)).cloned().collect()
}

/// Says what becomes of an invoice, or of all that are not listed.
pub(crate) fn set(
    world: &mut World,
    seller_id: &str,
    invoice_id: Option<&str>,
    outcome: VendorOutcome,
) -> Result<(), StateError> {
    let config = &mut world.seller(seller_id)?.config.vendor;
    match invoice_id {
        Some(invoice_id) => drop(config.invoices.insert(invoice_id.to_owned(), outcome)),
        None => config.default = outcome,
    }
    Ok(())
}

async fn submissions(State(shared): App, Query(filter): Query<Filter>) -> Json<Value> {
    let found = list(&shared.world(), &filter);
    let mut counts: BTreeMap<(&str, VendorApi, &str), usize> = BTreeMap::new();
    for one in &found {
        *counts.entry((&one.seller_id, one.api, &one.invoice_id)).or_default() += 1;
    }
    let counts: Vec<_> = counts
        .into_iter()
        .map(|((seller_id, api, invoice_id), count)| {
            json!({"seller_id": seller_id, "api": api, "invoice_id": invoice_id, "count": count})
        })
        .collect();
    Json(json!({"counts": counts, "submissions": found}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetOutcome {
    #[serde(default)]
    invoice_id: Option<String>,
    result: VendorResult,
    #[serde(default)]
    errors: Vec<VendorError>,
    #[serde(default)]
    after_ms: Option<i64>,
}

async fn set_outcome(State(shared): App, Json(body): Json<For<SetOutcome>>) -> Result<Json<Value>, Refused> {
    let SetOutcome { invoice_id, result, errors, after_ms } = body.what;
    let outcome = VendorOutcome { result, errors, after_ms };
    set(&mut shared.world(), &body.seller_id, invoice_id.as_deref(), outcome)?;
    Ok(Json(json!({"set": true})))
}
