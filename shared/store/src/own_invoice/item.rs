//! The items of the table of own invoices, as they are written.

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::ids::SellerId;
use countinghouse_vat_invoices::decision::Decision;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::state::{Standing, State};
use jiff::{SignedDuration, Timestamp};

use super::key::{feed_key, number_key, own_document_key, series_key};
use super::model::{Feed, Hint, MadeDocument, MadeFrom, Numbering, ObjectVersion, ReportedDocument};
use crate::Item;
use crate::item::ItemBuilder;

/// The most entries that a list of one item keeps: an item of DynamoDB has 400 KB.
const MOST_LISTED: usize = 200;
/// The most signs of a text that are kept.
const LONGEST_TEXT: usize = 500;
/// After so long nobody can still be uploading: no Lambda function lives longer than a quarter of an hour.
const UPLOADING_TAKES_AT_MOST: SignedDuration = SignedDuration::from_mins(15);

/// How a document moves: from where to where, and why.
pub(super) struct Move<'a> {
    pub(super) before: Option<State>,
    pub(super) standing: &'a Standing,
    pub(super) note: Option<&'a str>,
}

/// A document that a report tells of for the first time.
pub(super) fn new(told: &ReportedDocument<'_>, moves: &Move<'_>, now: Timestamp) -> Item {
    let mut item = begun(told.seller, told.document, now);
    item.time("due_since", told.made_at);
    facts(&mut item, told);
    step(&mut item, moves, now);
    item.take()
}

/// A document that a report tells of again.
pub(super) fn told(there: Item, told: &ReportedDocument<'_>, moves: &Move<'_>, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there);
    facts(&mut item, told);
    step(&mut item, moves, now);
    item.take()
}

/// A document that was issued by another program or a person, and that Amazon accepted.
pub(super) fn elsewhere(told: &ReportedDocument<'_>, now: Timestamp) -> Item {
    let mut item = begun(told.seller, told.document, now);
    item.time("due_since", told.made_at).text("made_elsewhere", told.document.uploaded_number.as_str());
    facts(&mut item, told);
    let standing = Standing { state: State::Accepted, since: now, uploads: 0, refusal: None };
    let note = Some("issued and uploaded by another program or a person");
    step(&mut item, &Move { before: None, standing: &standing, note }, now);
    item.take()
}

fn begun(seller: &SellerId, document: &DueDocument, now: Timestamp) -> ItemBuilder {
    let mut item = ItemBuilder::with_capacity(32);
    item.text("seller", seller.as_str())
        .text("document", own_document_key(document))
        .text("kind", document.kind.name())
        .text("transaction_type", document.transaction_type.name())
        .text("order_id", document.order_id.as_str())
        .text("shipping_id", document.shipping_id.as_str())
        .text("transaction_id", document.transaction_id.as_str())
        .time("recorded_at", now);
    item
}

/// What a report says. Nothing of it names the buyer.
fn facts(item: &mut ItemBuilder, told: &ReportedDocument<'_>) {
    let document = told.document;
    item.text("marketplace", document.marketplace.as_str())
        .text("currency", document.currency.code())
        .decimal("total_amount", document.total.gross)
        .decimal("total_vat_amount", document.total.vat)
        .text_if("shipment_date", document.shipment_date)
        .remove("amazons_status")
        .text("amazons_status", document.status.word())
        .remove("amazons_words")
        .text("amazons_words", cut(&document.status_description))
        .time("reported_at", told.made_at);
    let original = document.original.as_ref().map(|original| original.number.as_str());
    item.text("original_number", original.unwrap_or_default());
    if let Some(stored) = &told.stored {
        object(item, "due", stored);
    }
}

/// Moves an item on. A step that changes nothing and says nothing leaves no trace.
pub(super) fn step(item: &mut ItemBuilder, moves: &Move<'_>, now: Timestamp) {
    let Move { before, standing, note } = moves;
    let state = standing.state;
    if *before == Some(state) && note.is_none_or(|note| is_said(item, note)) {
        refusal(item, standing);
        return;
    }
    item.text("state", state.name()).time("since", standing.since).number("uploads", standing.uploads);
    item.remove("note").text_if("note", note.map(cut));
    refusal(item, standing);
    let mut entry = ItemBuilder::new();
    entry.text("state", state.name()).time("at", now).text_if("note", note.map(cut));
    append(item, "history", AttributeValue::M(entry.take()));
    if state.is_final() {
        item.remove("attention");
    } else {
        item.text("attention", state.name());
    }
    let next = (state == State::Uploading).then(|| after(standing.since, UPLOADING_TAKES_AT_MOST));
    look(item, next.or_else(|| (state == State::Processing && has_feed(item)).then_some(now)));
}

fn is_said(item: &ItemBuilder, note: &str) -> bool {
    item.as_item().get("note").and_then(|there| there.as_s().ok()).is_some_and(|there| *there == cut(note))
}

fn has_feed(item: &ItemBuilder) -> bool {
    let there = item.as_item();
    there.contains_key("feed_id") && !there.contains_key("hint")
}

fn refusal(item: &mut ItemBuilder, standing: &Standing) {
    item.remove("refusal");
    if let Some(refusal) = &standing.refusal {
        let known = refusal.known();
        let mut map = ItemBuilder::new();
        map.number_if("code", refusal.code)
            .text("message", cut(&refusal.message))
            .text("name", known.name)
            .text("cause", known.cause)
            .text("cure", known.cure);
        item.map("refusal", map.take());
    }
}

/// Puts an item into the index of what is looked after, or takes it out.
pub(super) fn look(item: &mut ItemBuilder, at: Option<Timestamp>) {
    let seller = item.as_item().get("seller").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    match at {
        Some(at) => item.text("in_flight_seller", seller).time("next_check_at", at),
        None => item.remove("in_flight_seller").remove("next_check_at"),
    };
}

/// When a feed is looked at again that was looked at `now`: always in the first hour, then every half hour, after a day
/// every six hours, and after a week no more.
pub(super) fn next_look(created_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    match now.duration_since(created_at).as_hours() {
        ..1 => Some(now),
        1..24 => Some(after(now, SignedDuration::from_mins(30))),
        24..168 => Some(after(now, SignedDuration::from_hours(6))),
        _ => None,
    }
}

fn after(start: Timestamp, pause: SignedDuration) -> Timestamp {
    start.saturating_add(pause).unwrap_or(start)
}

/// A document with its number.
pub(super) fn numbered(there: Item, numbering: &Numbering) -> Item {
    let mut item = ItemBuilder::edit(there);
    item.text("number", numbering.number.as_str())
        .text("series", numbering.series.as_str())
        .number("running_number", numbering.running)
        .text("issued_on", numbering.issued_on.to_string())
        .time("numbered_at", numbering.given_at)
        .map("made_from", made_from(&numbering.made_from));
    item.take()
}

pub(super) fn made_from(from: &MadeFrom) -> Item {
    let mut map = ItemBuilder::new();
    object(&mut map, "due", &from.due);
    object(&mut map, "profile", &from.profile);
    if let Some(logo) = &from.logo {
        object(&mut map, "logo", logo);
    }
    map.take()
}

fn object(item: &mut ItemBuilder, name: &str, object: &ObjectVersion) {
    item.text(&format!("{name}_key"), object.key.as_str())
        .remove(&format!("{name}_version"))
        .text_if(&format!("{name}_version"), object.version.as_deref())
        .text(&format!("{name}_sha256"), object.sha256.as_str());
}

/// The count of a series.
pub(super) fn series(there: Option<Item>, seller: &SellerId, series: &str, last: u64, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there.unwrap_or_default());
    item.text("seller", seller.as_str())
        .text("document", series_key(series))
        .text("series", series)
        .number("last_number", last)
        .time("last_at", now);
    item.take()
}

/// The entry of a number in the register.
pub(super) fn register(seller: &SellerId, document: &str, numbering: &Numbering) -> Item {
    let mut item = ItemBuilder::new();
    item.text("seller", seller.as_str())
        .text("document", number_key(numbering.number.as_str()))
        .text("number", numbering.number.as_str())
        .text("number_of", document)
        .text("series", numbering.series.as_str())
        .number("running_number", numbering.running)
        .text("issued_on", numbering.issued_on.to_string())
        .time("given_at", numbering.given_at);
    item.take()
}

/// The entry of a number that was given elsewhere.
pub(super) fn register_elsewhere(seller: &SellerId, document: &str, number: &str, now: Timestamp) -> Item {
    let mut item = ItemBuilder::new();
    item.text("seller", seller.as_str())
        .text("document", number_key(number))
        .text("number", number)
        .text("number_of", document)
        .flag("made_elsewhere", true)
        .time("recorded_at", now);
    item.take()
}

/// A number whose document is void.
pub(super) fn cancelled_number(there: Item, why: &str, now: Timestamp) -> Item {
    ItemBuilder::edit(there).time("cancelled_at", now).text("cancelled", cut(why)).take()
}

/// A document that was made.
pub(super) fn made(item: &mut ItemBuilder, made: &MadeDocument, from: &MadeFrom, now: Timestamp) {
    object(item, "pdf", &made.pdf);
    object(item, "xml", &made.xml);
    item.text("xml_kind", made.xml_kind.as_str())
        .number("pages", made.pages)
        .text("language", made.language.as_str())
        .texts("notes", made.notes.iter().take(MOST_LISTED).map(|note| cut(note)))
        .map("made_from", made_from(from))
        .time("made_at", now);
}

/// A document that goes out: what was known of the upload before is left to the history.
pub(super) fn upload_begun(item: &mut ItemBuilder) {
    for name in ["feed_id", "feed_upload", "feed_created_at", "hint", "hint_at"] {
        item.remove(name);
    }
}

pub(super) fn feed(item: &mut ItemBuilder, feed: &Feed) {
    item.text("feed_id", feed.feed_id.as_str())
        .number("feed_upload", feed.upload)
        .time("feed_created_at", feed.created_at);
}

/// The item by which a feed finds its document.
pub(super) fn feed_pointer(seller: &SellerId, document: &str, feed: &Feed) -> Item {
    let mut item = ItemBuilder::new();
    item.text("seller", seller.as_str())
        .text("document", feed_key(&feed.feed_id))
        .text("feed_id", feed.feed_id.as_str())
        .text("feed_of", document)
        .number("feed_upload", feed.upload)
        .time("feed_created_at", feed.created_at);
    item.take()
}

/// What the feed's processing report said.
pub(super) fn hint(item: &mut ItemBuilder, hint: &Hint, now: Timestamp) {
    let word = match hint {
        Hint::Taken => "taken",
        Hint::Refused(_) => "refused",
        Hint::Unclear => "unclear",
    };
    item.text("hint", word).time("hint_at", now);
    look(item, None);
}

/// Appends to a list; a long one loses its oldest entries but the first.
fn append(item: &mut ItemBuilder, name: &str, entry: AttributeValue) {
    let mut list = match item.as_item().get(name) {
        Some(AttributeValue::L(list)) => list.clone(),
        _ => Vec::new(),
    };
    if list.len() >= MOST_LISTED {
        list.remove(1);
    }
    list.push(entry);
    item.value(name, AttributeValue::L(list));
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

/// Why a document stands where a report put it.
pub(super) fn because(document: &DueDocument, decision: Decision, state: State) -> Option<String> {
    if decision == Decision::Person {
        return Some(document.attention.to_string()).filter(|reasons| !reasons.is_empty());
    }
    let word = document.status.word();
    let words = document.status_description.as_str();
    let said = if words.is_empty() { word.to_owned() } else { format!("{word}: {words}") };
    match state {
        State::NeedsPerson | State::Rejected => Some(format!("Amazon's report says {said}")),
        State::Cancelled => Some(decision.to_string()),
        State::Due | State::Issued | State::Uploading | State::Processing | State::Accepted => None,
    }
}
