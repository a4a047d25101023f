//! What is personal in a document: kept in items of its own, which expire.

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::document::{Document, Personal};

use crate::item::{Fields, ItemBuilder};
use crate::{Item, StoreError};

/// Every personal text of a document but those of its lines, by the name of its attribute.
fn texts(document: &mut Document) -> [(&'static str, &mut Personal); 19] {
    let Document { buyer, ship_from, ship_to, e_invoice, url, correction_details, .. } = document;
    [
        ("buyer_registration", &mut buyer.registration),
        ("buyer_e_invoice_account", &mut buyer.e_invoice_account),
        ("buyer_peppol_id", &mut buyer.peppol_id),
        ("buyer_nip", &mut buyer.nip),
        ("buyer_siren", &mut buyer.siren),
        ("buyer_siret", &mut buyer.siret),
        ("buyer_routing_code", &mut buyer.routing_code),
        ("ship_from_state", &mut ship_from.state),
        ("ship_from_city", &mut ship_from.city),
        ("ship_from_postal_code", &mut ship_from.postal_code),
        ("ship_from_location_code", &mut ship_from.location_code),
        ("ship_to_state", &mut ship_to.state),
        ("ship_to_city", &mut ship_to.city),
        ("ship_to_postal_code", &mut ship_to.postal_code),
        ("ship_to_location_code", &mut ship_to.location_code),
        ("document_url", url),
        ("correction_details", correction_details),
        ("e_invoice_error", &mut e_invoice.error),
        ("e_invoice_url", &mut e_invoice.url),
    ]
}

/// The columns that no table knows, by the position of their line, the first is `1`.
const UNKNOWN_COLUMNS: &str = "unknown_columns";

/// Takes what is personal out of a document: for each part of its lines (the first part has the document's own
/// texts) the attributes; empty where there is none.
pub(super) fn take(document: &mut Document, lines_per_part: usize) -> Vec<Item> {
    let mut first = ItemBuilder::new();
    for (name, text) in texts(document) {
        first.text(name, std::mem::take(text).expose());
    }
    let mut parts = vec![first];
    for (index, lines) in document.lines.chunks_mut(lines_per_part.max(1)).enumerate() {
        let mut columns = ItemBuilder::new();
        for (position, line) in (1_usize..).zip(lines) {
            let extra = std::mem::take(&mut line.extra);
            let pairs: Vec<_> = extra.iter().map(|(column, text)| pair(column, text)).collect();
            if !pairs.is_empty() {
                columns.value(&position.to_string(), AttributeValue::L(pairs));
            }
        }
        if index >= parts.len() {
            parts.push(ItemBuilder::new());
        }
        if let Some(part) = parts.get_mut(index) {
            part.map(UNKNOWN_COLUMNS, columns.take());
        }
    }
    parts.iter_mut().map(ItemBuilder::take).collect()
}

fn pair(column: &str, text: &Personal) -> AttributeValue {
    AttributeValue::M(ItemBuilder::new().text("column", column).text("text", text.expose()).take())
}

/// Puts the document's own personal texts back.
pub(super) fn restore(document: &mut Document, fields: &Fields<'_>) -> Result<(), StoreError> {
    for (name, text) in texts(document) {
        if let Some(stored) = fields.text_if(name)? {
            *text = stored.into();
        }
    }
    Ok(())
}

/// Puts the unknown columns of a part's lines back; the part begins after `before` lines.
pub(super) fn restore_lines(document: &mut Document, before: usize, fields: &Fields<'_>) -> Result<(), StoreError> {
    let fault = || fields.fault(UNKNOWN_COLUMNS, "a map of lines");
    let Some(lines) = fields.map(UNKNOWN_COLUMNS)? else { return Ok(()) };
    for (position, columns) in lines {
        let position: usize = position.parse().map_err(|_other| fault())?;
        let place = before.checked_add(position).and_then(|place| place.checked_sub(1)).ok_or_else(fault)?;
        let line = document.lines.get_mut(place).ok_or_else(fault)?;
        for pair in columns.as_l().map_err(|_other| fault())? {
            let pair = pair.as_m().map_err(|_other| fault())?;
            let text = |name: &str| pair.get(name).and_then(|text| text.as_s().ok()).map_or("", String::as_str);
            line.extra.push((text("column").to_owned(), text("text").into()));
        }
    }
    Ok(())
}
