//! getTransactions and getInvoiceDetailsByOrderLineItems.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::LineKey;
use crate::gate::{ApiCall, Query};
use crate::reply::{Answer, Reply};
use crate::reports::{parse_time, seller};
use crate::world::World;

const MAX_LINE_ITEMS: usize = 25;
const MISSING: &str = "Missing required request parameters.";

/// The page token of a request, for the fault that lets it expire.
pub(crate) fn page_token(query: &str) -> Option<String> {
    Query::parse(query).get("nextPageToken").map(str::to_owned)
}

/// The answer for a page token that is unknown or too old.
pub(crate) fn bad_page_token() -> Reply {
    Reply::invalid_parameter("The nextPageToken is invalid or has expired.")
}

/// getTransactions.
pub(crate) fn transactions(world: &mut World, call: &ApiCall) -> Answer {
    let seller = seller(world, call)?;
    let page = if let Some(token) = call.query.get("nextPageToken") {
        if call.query.len() > 1 {
            return Err(Reply::invalid_parameter("nextPageToken must be the only parameter."));
        }
        seller.business.next_page(token, call.now).ok_or_else(bad_page_token)?
    } else {
        let (from, to) = (instant(&call.query, "feedStartDate")?, instant(&call.query, "feedEndDate")?);
        if to < from {
            return Err(Reply::invalid_parameter("feedEndDate must not be before feedStartDate."));
        }
        seller.business.first_page(from, to, call.now)
    };
    Ok(Reply::json(200, seller.business.show(&seller.config.business, &page, call.now)))
}

fn instant(query: &Query, name: &str) -> Result<Timestamp, Reply> {
    let text = query.get(name).ok_or_else(|| Reply::invalid_parameter(MISSING))?;
    parse_time(text).map_err(|_unreadable| {
        Reply::invalid_parameter(&format!("Input date [{text}] is not in the expected ISO8601 format."))
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvoicesBody {
    #[serde(default)]
    order_line_items: Vec<Value>,
}

/// getInvoiceDetailsByOrderLineItems.
pub(crate) fn invoices(world: &mut World, call: &ApiCall) -> Answer {
    let body: InvoicesBody = call.json()?;
    let seller = seller(world, call)?;
    if body.order_line_items.len() > MAX_LINE_ITEMS {
        return Err(Reply::invalid_parameter("The maximum number of order line items is 25."));
    }
    let keys: Result<Vec<LineKey>, _> = body.order_line_items.into_iter().map(serde_json::from_value).collect();
    let keys = keys.unwrap_or_default();
    if keys.is_empty() {
        return Err(Reply::invalid_parameter(MISSING));
    }
    let missing = seller.config.business.missing_invoice;
    let line = |key: &LineKey| {
        let details = seller.business.details(key, missing, call.now)?;
        Some(json!({"orderLineItem": key, "invoiceDetails": details}))
    };
    let lines: Vec<Value> = keys.iter().filter_map(line).collect();
    Ok(Reply::json(200, json!({"invoiceDetailsByOrderLineItems": lines})))
}
