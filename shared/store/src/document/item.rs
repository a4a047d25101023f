//! The items of the table of documents.

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::document::{Document, DocumentKey, DocumentLine, Identity};
use countinghouse_domain::ids::{ReportId, SellerId};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::forget::FORGOTTEN_AT;
use super::json::{self, Zeros};
use super::{StoredDocument, personal};
use crate::item::{Fields, ItemBuilder};
use crate::size::item_bytes;
use crate::table::Table;
use crate::{Item, StoreError};

pub(super) const KEYS: (&str, &str) = ("document", "part");
/// The sort key of the item that every document has.
pub(super) const HEADER: &str = "header";
/// The sort key of what is personal; further lines have items of their own.
pub(super) const PERSONAL: &str = "personal";
/// What a document without a date is listed under.
const UNKNOWN: &str = "unknown";
/// The lines of a part: a hundred, or fewer where their texts are unusually long.
const LINES_PER_PART: [usize; 4] = [100, 25, 5, 1];
/// No part is larger; an item may have 400 KB.
const PART_BYTES: usize = 256 * 1024;

/// What stands on a document besides Amazon's words.
#[derive(Debug, Clone)]
pub(super) struct Keeping {
    pub(super) report_ids: Vec<ReportId>,
    pub(super) booked_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) revisions: u64,
    pub(super) superseded_by: Option<String>,
    /// When what is personal expires.
    pub(super) expires_at: Timestamp,
    /// When what is personal was forgotten: then it is not written any more.
    pub(super) forgotten_at: Option<Timestamp>,
}

/// The partition of a document: `A3TH9S8BH6GOGM invoice DE600000000AA`.
pub(super) fn partition_key(seller: &SellerId, key: &DocumentKey) -> String {
    format!("{seller} {key}")
}

pub(super) fn seller_month(seller: &SellerId, month: &str) -> String {
    format!("{seller} {month}")
}

/// The items of a document, the header first.
pub(super) fn write(seller: &SellerId, document: &Document, keeping: &Keeping) -> Result<Vec<Item>, serde_json::Error> {
    let mut rest = document.clone();
    let lines = line_attributes(&mut rest)?;
    let per_part = lines_per_part(&lines, document);
    let personal = personal::take(&mut rest, per_part);
    rest.lines.clear();
    let partition = partition_key(seller, &document.key);
    let mut items = vec![header(seller, document, &rest, keeping, per_part)?];
    for (index, part) in lines.chunks(per_part).enumerate() {
        let list = AttributeValue::L(part.iter().cloned().map(AttributeValue::M).collect());
        if let (0, Some(header)) = (index, items.first_mut()) {
            header.insert("lines".to_owned(), list);
            continue;
        }
        let mut item = ItemBuilder::new();
        item.text(KEYS.0, partition.as_str()).text(KEYS.1, lines_key(index, per_part)).value("lines", list);
        items.push(item.take());
    }
    if keeping.expires_at > keeping.updated_at && keeping.forgotten_at.is_none() {
        for (index, part) in personal.into_iter().enumerate().filter(|(_, part)| !part.is_empty()) {
            let key =
                if index == 0 { PERSONAL.to_owned() } else { format!("{PERSONAL} {}", lines_key(index, per_part)) };
            let mut item = ItemBuilder::edit(part);
            item.text(KEYS.0, partition.as_str())
                .text(KEYS.1, key)
                .number("expires_at", keeping.expires_at.as_second());
            items.push(item.take());
        }
    }
    Ok(items)
}

/// `lines 0101-0200`: the places that a part has, whether or not all are taken.
fn lines_key(index: usize, per_part: usize) -> String {
    let before = index.saturating_mul(per_part);
    format!("lines {:04}-{:04}", before.saturating_add(1), before.saturating_add(per_part))
}

/// The attributes of each line; what is personal in it is not among them.
fn line_attributes(document: &mut Document) -> Result<Vec<Item>, serde_json::Error> {
    let attributes = |line: &DocumentLine| {
        let mut value = serde_json::to_value(line)?;
        let Some(object) = value.as_object_mut() else { return Ok(Item::new()) };
        object.remove("extra");
        Ok(json::attributes(object, Zeros::LeftOut))
    };
    document.lines.iter().map(attributes).collect()
}

fn lines_per_part(lines: &[Item], document: &Document) -> usize {
    let extra_bytes = |line: &DocumentLine| {
        line.extra.iter().map(|(name, text)| name.len().saturating_add(text.expose().len()).saturating_add(32)).sum()
    };
    let extra: Vec<usize> = document.lines.iter().map(extra_bytes).collect();
    let sizes: Vec<usize> = lines.iter().map(item_bytes).collect();
    let fits = |sizes: &[usize], step: usize| {
        sizes.chunks(step).all(|part| part.iter().copied().fold(0, usize::saturating_add) <= PART_BYTES)
    };
    LINES_PER_PART.into_iter().find(|step| fits(&sizes, *step) && fits(&extra, *step)).unwrap_or(1)
}

fn header(
    seller: &SellerId,
    document: &Document,
    rest: &Document,
    keeping: &Keeping,
    per_part: usize,
) -> Result<Item, serde_json::Error> {
    let mut value = serde_json::to_value(rest)?;
    let mut attributes = Item::new();
    if let Some(object) = value.as_object_mut() {
        for name in ["key", "lines", "total"] {
            object.remove(name);
        }
        // `seller` is whose document it is; the registrations stand under a name of their own.
        let registrations = object.remove("seller").unwrap_or_default();
        object.insert(REGISTRATIONS.to_owned(), registrations);
        attributes = json::attributes(object, Zeros::Kept);
    }
    let issued_on = document.issued_on.map_or_else(|| UNKNOWN.to_owned(), |date| date.to_string());
    let month = issued_on.get(..7).unwrap_or(UNKNOWN);
    let mut item = ItemBuilder::edit(attributes);
    item.text(KEYS.0, partition_key(seller, &document.key))
        .text(KEYS.1, HEADER)
        .text("seller", seller.as_str())
        .text("kind", document.kind().name())
        .text(identity_name(&document.key.identity), document.key.identity.text())
        .text("issued_on", issued_on.as_str())
        .decimal("gross", document.total.gross)
        .decimal("vat", document.total.vat)
        .decimal("net", document.total.net)
        .number("line_count", document.lines.len())
        .number("lines_per_part", per_part)
        .text("fingerprint", document.fingerprint())
        .flag("needs_attention", document.needs_attention())
        .texts("report_ids", &keeping.report_ids)
        .time("booked_at", keeping.booked_at)
        .time("updated_at", keeping.updated_at)
        .number("revisions", keeping.revisions)
        .text_if("superseded_by", keeping.superseded_by.as_deref());
    if let Some(forgotten_at) = keeping.forgotten_at {
        item.time(FORGOTTEN_AT, forgotten_at);
    }
    if keeping.superseded_by.is_none() {
        item.text("seller_month", seller_month(seller, month));
    }
    Ok(item.take())
}

const REGISTRATIONS: &str = "seller_registrations";

const fn identity_name(identity: &Identity) -> &'static str {
    match identity {
        Identity::Number(_) => "number",
        Identity::Transaction(_) => "transaction_id",
        Identity::Shipment(_) => "shipment_id",
    }
}

/// A document without a number whose rows came again under one: it leaves the list of its month.
pub(super) fn superseded(header: Item, by: &str, now: Timestamp) -> Item {
    ItemBuilder::edit(header).text("superseded_by", by).time("updated_at", now).remove("seller_month").take()
}

/// The items of a version that is replaced, under keys that keep it. They are in no index.
pub(super) fn revision(items: &[Item], number: u64, differences: &[Value], now: Timestamp) -> Vec<Item> {
    const DIFFERENCES_KEPT: usize = 100;
    let table = |item: &Item| item.get(KEYS.1).and_then(|part| part.as_s().ok()).cloned().unwrap_or_default();
    let mut kept = Vec::new();
    for item in items {
        let part = table(item);
        let key = match part.as_str() {
            HEADER => format!("revision {number:04}"),
            part if part.starts_with("lines ") => format!("revision {number:04} {part}"),
            _ => continue,
        };
        let issued_on = item.get("issued_on").cloned();
        let mut old = ItemBuilder::edit(item.clone());
        old.text(KEYS.1, key).remove("issued_on").remove("seller_month").remove("version");
        if part == HEADER {
            if let Some(issued_on) = issued_on {
                old.value("was_issued_on", issued_on);
            }
            let shown = differences.iter().take(DIFFERENCES_KEPT).filter_map(Value::as_object);
            let shown = shown.map(|each| AttributeValue::M(json::attributes(each, Zeros::Kept))).collect();
            old.time("replaced_at", now)
                .value("differences", AttributeValue::L(shown))
                .number("difference_count", differences.len());
        }
        kept.push(old.take());
    }
    kept
}

/// What takes the place of a part that a new version does not have.
pub(super) fn unused(partition: &str, part: &str) -> Item {
    ItemBuilder::new().text(KEYS.0, partition).text(KEYS.1, part).flag("unused", true).take()
}

/// Whether all lines are on the header.
pub(super) fn is_whole(fields: &Fields<'_>) -> Result<bool, StoreError> {
    Ok(fields.number::<usize>("line_count")? <= fields.number::<usize>("lines_per_part")?)
}

fn part_of(item: &Item) -> &str {
    item.get(KEYS.1).and_then(|part| part.as_s().ok()).map_or("", String::as_str)
}

/// Reads a document from the items of its partition; none where its header is not there (yet).
pub(super) fn read(table: &Table, items: &[Item]) -> Result<Option<StoredDocument>, StoreError> {
    let Some(header) = items.iter().find(|item| part_of(item) == HEADER) else { return Ok(None) };
    let fields = table.fields(header);
    let mut stored = read_version(&fields, items, "lines ", fields.text("issued_on")?)?;
    for item in items {
        let fields = table.fields(item);
        match part_of(item) {
            PERSONAL => {
                personal::restore(&mut stored.document, &fields)?;
                personal::restore_lines(&mut stored.document, 0, &fields)?;
            }
            part => {
                if let Some(range) = part.strip_prefix("personal lines ") {
                    let before = first_line(range).ok_or_else(|| fields.fault(KEYS.1, "a range of lines"))?;
                    personal::restore_lines(&mut stored.document, before, &fields)?;
                }
            }
        }
    }
    Ok(Some(stored))
}

/// Reads the versions that were replaced.
pub(super) fn read_revisions(table: &Table, items: &[Item]) -> Result<Vec<StoredDocument>, StoreError> {
    let mut revisions = Vec::new();
    for item in items {
        let part = part_of(item);
        if part.starts_with("revision ") && !part.contains(" lines ") {
            let fields = table.fields(item);
            let lines = format!("{part} lines ");
            revisions.push(read_version(&fields, items, &lines, fields.text("was_issued_on")?)?);
        }
    }
    Ok(revisions)
}

fn read_version(
    fields: &Fields<'_>,
    items: &[Item],
    further: &str,
    issued_on: &str,
) -> Result<StoredDocument, StoreError> {
    Ok(StoredDocument {
        seller: fields.parse("seller", "a seller id")?,
        document: read_document(fields, items, further, issued_on)?,
        report_ids: fields.ids("report_ids")?,
        booked_at: fields.time("booked_at")?,
        updated_at: fields.time("updated_at")?,
        revisions: fields.number("revisions")?,
        superseded_by: fields.text_if("superseded_by")?.map(str::to_owned),
        forgotten_at: fields.time_if(FORGOTTEN_AT)?,
    })
}

fn read_document(fields: &Fields<'_>, items: &[Item], further: &str, issued_on: &str) -> Result<Document, StoreError> {
    let mut attributes = fields.item().clone();
    let first_lines = attributes.remove("lines");
    let registrations = attributes.remove(REGISTRATIONS);
    for name in ["seller", "kind", "number", "issued_on", "was_issued_on"] {
        attributes.remove(name);
    }
    attributes.extend(registrations.map(|each| ("seller".to_owned(), each)));
    if issued_on != UNKNOWN {
        attributes.insert("issued_on".to_owned(), AttributeValue::S(issued_on.to_owned()));
    }
    let fault = || fields.fault("document", "a document");
    let mut stored = json::object(&attributes).ok_or_else(fault)?;
    let mut value = empty_document();
    if stored.contains_key("conversion") {
        over(&mut value, "conversion", json!({ "currency": "", "rate": null, "date": null, "vat": "0" }));
    }
    let identity: Option<Value> = ["number", "transaction_id", "shipment_id"].into_iter().find_map(|name| {
        let text = fields.text_if(name).ok()??;
        Some(json!({ identity_in_json(name): text }))
    });
    let total = json!({ "gross": stored.remove("gross"), "vat": stored.remove("vat"), "net": stored.remove("net") });
    stored.insert("total".to_owned(), total);
    stored.insert("key".to_owned(), json!({ "kind": fields.text("kind")?, "identity": identity }));
    stored.insert("lines".to_owned(), Value::Array(read_lines(fields, first_lines.as_ref(), items, further)?));
    json::over(&mut value, Value::Object(stored));
    // The parser's own message could show a value: it is dropped on purpose.
    serde_json::from_value(value).map_err(|_shown| fault())
}

const fn identity_in_json(attribute: &str) -> &'static str {
    match attribute.as_bytes() {
        b"transaction_id" => "transaction",
        b"shipment_id" => "shipment",
        _ => "number",
    }
}

fn over(value: &mut Value, name: &str, with: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(name.to_owned(), with);
    }
}

/// The lines of the header and of the further parts, in order. All of them must be there.
fn read_lines(
    fields: &Fields<'_>,
    first: Option<&AttributeValue>,
    items: &[Item],
    further: &str,
) -> Result<Vec<Value>, StoreError> {
    let fault = || fields.fault("lines", "all lines of the document");
    let further = |item: &Item| part_of(item).strip_prefix(further).and_then(first_line);
    let mut parts: Vec<_> = items.iter().filter_map(|item| Some((further(item)?, item.get("lines")?))).collect();
    parts.sort_by_key(|(before, _)| *before);
    let mut lines = Vec::new();
    for part in first.into_iter().chain(parts.into_iter().map(|(_, part)| part)) {
        for line in part.as_l().map_err(|_other| fault())? {
            let stored = json::object(line.as_m().map_err(|_other| fault())?).ok_or_else(fault)?;
            let mut value = empty_line();
            json::over(&mut value, Value::Object(stored));
            lines.push(value);
        }
    }
    if lines.len() == fields.number::<usize>("line_count")? { Ok(lines) } else { Err(fault()) }
}

/// How many lines stand before a range such as `0101-0200`.
fn first_line(range: &str) -> Option<usize> {
    range.split_once('-')?.0.parse::<usize>().ok()?.checked_sub(1)
}

/// What is left out of a header when it is empty.
fn empty_document() -> Value {
    let place = json!({ "country": "", "state": "", "city": "", "postal_code": "", "location_code": "" });
    json!({
        "marketplace": "", "merchant_id": "", "order_id": "", "by_rate": [],
        "seller": {
            "registration": "", "jurisdiction": "", "peppol_id": "", "nip": "", "siren": "", "siret": "",
            "routing_code": "",
        },
        "buyer": {
            "registration": "", "jurisdiction": "", "registration_type": "", "e_invoice_account": "",
            "peppol_id": "", "nip": "", "siren": "", "siret": "", "routing_code": "",
        },
        "scheme_text": "", "responsibility": "", "tax_type": "", "jurisdiction": "",
        "ship_from": place, "ship_to": place, "return_country": "", "url": "", "original_number": "",
        "correction_details": "",
        "e_invoice": { "status": "", "error_code": "", "error": "", "updated": "", "url": "", "ksef_number": "" },
        "flags": [],
    })
}

/// What is left out of a line when it is empty or zero.
fn empty_line() -> Value {
    let amounts = json!({ "gross": "0", "vat": "0", "net": "0" });
    let component = json!({ "price": amounts, "promotion": amounts });
    json!({
        "report": "", "source_line": 0, "transaction_type": "", "order_id": "", "shipment_id": "",
        "transaction_id": "", "asin": "", "sku": "", "product_tax_code": "", "reason_code": "",
        "item": component, "shipping": component, "gift_wrap": component, "total": amounts, "converted_vat": "0",
    })
}
