//! The Feeds API 2021-06-30: documents for upload, feeds, and their results.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(crate) use super::list::list;
use super::{Feed, FeedDocument, FeedEnd, FeedResult, NewFeed, UPLOAD_VAT_INVOICE};
use crate::account::Role;
use crate::clock::amazon_time;
use crate::gate::ApiCall;
use crate::reply::{Answer, Reply, put};
use crate::report::Status;
use crate::reports::{document, seller};
use crate::world::World;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DocumentBody {
    content_type: String,
}

/// createFeedDocument.
pub(crate) fn create_document(world: &mut World, call: &ApiCall) -> Answer {
    let body: DocumentBody = call.json()?;
    if !body.content_type.contains('/') {
        return Err(Reply::invalid_input("Invalid contentType."));
    }
    let seller = seller(world, call)?;
    let id = format!(
        "amzn1.tortuga.4.{}.{}.T{}",
        seller.config.region.as_str(),
        Uuid::new_v4(),
        seller.feeds.documents.len()
    );
    let made = FeedDocument { content_type: body.content_type, bytes: None, puts: 0 };
    seller.feeds.documents.insert(id.clone(), made);
    let url = document::issue(world, call, "uploads", &id, false);
    Ok(Reply::json(201, json!({"feedDocumentId": id, "url": url})))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeedBody {
    feed_type: String,
    marketplace_ids: Vec<String>,
    input_feed_document_id: String,
    #[serde(default)]
    feed_options: BTreeMap<String, String>,
}

/// The invoice number of a request, for the log and for faults; otherwise its feed type.
pub(crate) fn subject(body: &Value) -> Option<String> {
    let options = body.get("feedOptions").and_then(Value::as_object);
    let number = options.and_then(|options| {
        options.iter().find(|(key, _)| key.to_ascii_lowercase().ends_with("invoicenumber")).map(|(_, value)| value)
    });
    number.or_else(|| body.get("feedType"))?.as_str().map(str::to_owned)
}

/// createFeed.
pub(crate) fn create(world: &mut World, call: &ApiCall) -> Answer {
    let body: FeedBody = call.json()?;
    let settings = world.settings.feeds.clone();
    let rates = world.settings.rates.enabled;
    let seller = seller(world, call)?;
    let invoice = body.feed_type == UPLOAD_VAT_INVOICE;
    if invoice && !seller.config.has(Role::TaxInvoicing) {
        return Err(Reply::forbidden());
    }
    if body.feed_type.is_empty() || !(1..=25).contains(&body.marketplace_ids.len()) {
        return Err(Reply::invalid_input(
            "Invalid request parameters - a feedType and 1 to 25 marketplaceIds are required.",
        ));
    }
    if !body.marketplace_ids.iter().all(|id| seller.config.marketplace_ids.contains(id)) {
        return Err(Reply::invalid_input("Provided MarketplaceIdList is invalid."));
    }
    if !seller.feeds.documents.contains_key(&body.input_feed_document_id) {
        return Err(Reply::invalid_input("Invalid inputFeedDocumentId."));
    }
    if invoice && rates && !seller.feeds.keeps_pace(&settings, call.now) {
        return Err(Reply::throttled());
    }
    let wish = NewFeed {
        kind: body.feed_type,
        marketplace_ids: body.marketplace_ids,
        input_document_id: body.input_feed_document_id,
        options: body.feed_options,
    };
    let forced = world.take_feed_outcome(call.seller_id(), &wish);
    let seller = world.seller(call.seller_id()).map_err(|_no_seller| Reply::internal_failure())?;
    let number = seller.feeds.create(&settings, wish, forced, call.now);
    world.outbox.watch_feed(call.seller_id(), number);
    world.tick(call.now);
    Ok(Reply::json(202, json!({"feedId": number.to_string()})))
}

impl World {
    /// What the next feed becomes, if a test said so.
    fn take_feed_outcome(&mut self, seller_id: &str, wish: &NewFeed) -> Option<FeedResult> {
        let number = wish.options.iter().find(|(key, _)| key.to_ascii_lowercase().ends_with("invoicenumber"));
        let number = number.map(|(_, value)| value.trim());
        let outcome = self.settings.feed_outcomes.iter_mut().find(|outcome| {
            outcome.times > 0
                && outcome.seller_id.as_deref().is_none_or(|wanted| wanted == seller_id)
                && outcome.invoice_number.as_deref().is_none_or(|wanted| Some(wanted) == number)
        })?;
        outcome.times -= 1;
        Some(outcome.result.clone())
    }
}

/// getFeed.
pub(crate) fn get(world: &mut World, call: &ApiCall) -> Answer {
    Ok(Reply::json(200, to_json(find(world, call)?, call.now)))
}

fn find<'w>(world: &'w mut World, call: &ApiCall) -> Result<&'w mut Feed, Reply> {
    let number = call.parameter(0).parse::<u64>().unwrap_or_default();
    let feed = seller(world, call)?.feeds.feeds.get_mut(&number).filter(|feed| feed.is_visible(call.now));
    feed.ok_or_else(|| Reply::not_found("The feed was not found."))
}

/// A feed as getFeed and getFeeds show it.
pub(crate) fn to_json(feed: &Feed, now: jiff::Timestamp) -> Value {
    let began = now >= feed.started || feed.end.is_some();
    let fields = [
        ("feedId", Some(feed.id())),
        ("feedType", Some(feed.kind.clone())),
        ("createdTime", Some(amazon_time(feed.created))),
        ("processingStatus", Some(feed.status(now).as_str().to_owned())),
        ("processingStartTime", began.then(|| amazon_time(feed.started))),
        ("processingEndTime", feed.end.as_ref().map(|_| amazon_time(feed.finished))),
        ("resultFeedDocumentId", feed.end.as_ref().and_then(|end| end.result_document_id.clone())),
    ];
    let mut object: Map<String, Value> =
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect();
    object.insert("marketplaceIds".to_owned(), json!(feed.marketplace_ids));
    Value::Object(object)
}

/// cancelFeed.
pub(crate) fn cancel(world: &mut World, call: &ApiCall) -> Answer {
    let feed = find(world, call)?;
    if feed.status(call.now) != Status::InQueue {
        return Err(Reply::invalid_input("Only a feed that is IN_QUEUE can be cancelled."));
    }
    (feed.started, feed.finished) = (call.now, call.now);
    feed.end = Some(FeedEnd { status: Status::Cancelled, result_document_id: None, complaint: None });
    Ok(Reply::empty(200))
}

/// getFeedDocument: the processing report, or what was uploaded.
pub(crate) fn get_document(world: &mut World, call: &ApiCall) -> Answer {
    let id = call.parameter(0).to_owned();
    let found = seller(world, call)?.document(&id);
    let gzip = found.ok_or_else(|| Reply::not_found("The feed document was not found."))?.body.gzip;
    let content_encoding = gzip && call.query.get("enableContentEncodingUrlHeader") == Some("true");
    let url = document::issue(world, call, "documents", &id, content_encoding);
    let mut body = json!({"feedDocumentId": id, "url": url});
    if gzip {
        put(&mut body, "compressionAlgorithm", json!("GZIP"));
    }
    Ok(Reply::json(200, body))
}
