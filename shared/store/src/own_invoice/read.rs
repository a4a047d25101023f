//! The items of the table of own invoices, as they are read.

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::document::DocumentKind;
use countinghouse_domain::money::{Currency, Money};
use countinghouse_vat_invoices::state::{Refusal, Standing, State};

use super::key::KEYS;
use super::model::{
    Feed, MadeDocument, MadeFrom, Numbering, ObjectVersion, OwnStep, RegisteredNumber, StoredOwnInvoice,
};
use crate::item::Fields;
use crate::{Item, StoreError};

pub(super) fn invoice(item: &Item) -> Result<StoredOwnInvoice, StoreError> {
    let fields = Fields::of(item, KEYS);
    let text = |name| fields.text_if(name).map(|text| text.unwrap_or_default().to_owned());
    let currency: Currency = fields.parse("currency", "a currency")?;
    let money = |name| Ok::<_, StoreError>(Money::new(fields.number(name)?, currency));
    Ok(StoredOwnInvoice {
        seller: fields.parse("seller", "a seller id")?,
        key: text("document")?,
        kind: kind(&fields)?,
        order_id: text("order_id")?,
        shipping_id: text("shipping_id")?,
        transaction_id: text("transaction_id")?,
        marketplace: text("marketplace")?,
        total: money("total_amount")?,
        total_vat: money("total_vat_amount")?,
        standing: standing(&fields)?,
        due_since: fields.time("due_since")?,
        amazons_status: text("amazons_status")?,
        reported_at: fields.time("reported_at")?,
        due: object(&fields, "due")?,
        numbering: numbering(&fields)?,
        made: made(&fields)?,
        feed: feed(&fields)?,
        made_elsewhere: fields.text_if("made_elsewhere")?.map(str::to_owned),
        note: fields.text_if("note")?.map(str::to_owned),
        history: history(&fields)?,
        next_check_at: fields.time_if("next_check_at")?,
    })
}

fn kind(fields: &Fields<'_>) -> Result<DocumentKind, StoreError> {
    let name = fields.text("kind")?;
    let kind = DocumentKind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| fields.fault("kind", "invoice or credit_note"))
}

fn state(fields: &Fields<'_>) -> Result<State, StoreError> {
    State::from_name(fields.text("state")?).ok_or_else(|| fields.fault("state", "a state of an own invoice"))
}

fn standing(fields: &Fields<'_>) -> Result<Standing, StoreError> {
    let refusal = fields.map("refusal")?.map(|map| {
        let map = Fields::of(map, KEYS);
        let message = map.text_if("message")?.unwrap_or_default().to_owned();
        Ok::<_, StoreError>(Refusal { code: map.number_if("code")?, message })
    });
    Ok(Standing {
        state: state(fields)?,
        since: fields.time("since")?,
        uploads: fields.number_if("uploads")?.unwrap_or(0),
        refusal: refusal.transpose()?,
    })
}

fn object(fields: &Fields<'_>, name: &str) -> Result<Option<ObjectVersion>, StoreError> {
    let text = |part: &str| Ok::<_, StoreError>(fields.text_if(&format!("{name}_{part}"))?.map(str::to_owned));
    Ok(match (text("key")?, text("sha256")?) {
        (Some(key), Some(sha256)) => Some(ObjectVersion { key, version: text("version")?, sha256 }),
        _ => None,
    })
}

pub(super) fn numbering(fields: &Fields<'_>) -> Result<Option<Numbering>, StoreError> {
    let Some(number) = fields.parse_if("number", "an invoice number")? else { return Ok(None) };
    let from = fields.map("made_from")?.ok_or_else(|| fields.fault("made_from", "a map"))?;
    let from = Fields::of(from, KEYS);
    let needed = |name| object(&from, name)?.ok_or_else(|| fields.fault("made_from", "a map of objects"));
    Ok(Some(Numbering {
        number,
        series: fields.text("series")?.to_owned(),
        running: fields.number("running_number")?,
        issued_on: fields.parse("issued_on", "a day")?,
        given_at: fields.time("numbered_at")?,
        made_from: MadeFrom { due: needed("due")?, profile: needed("profile")?, logo: object(&from, "logo")? },
    }))
}

fn made(fields: &Fields<'_>) -> Result<Option<MadeDocument>, StoreError> {
    let (Some(pdf), Some(xml)) = (object(fields, "pdf")?, object(fields, "xml")?) else { return Ok(None) };
    Ok(Some(MadeDocument {
        pdf,
        xml,
        xml_kind: fields.text("xml_kind")?.to_owned(),
        pages: fields.number("pages")?,
        language: fields.text("language")?.to_owned(),
        notes: fields.texts("notes")?.into_iter().map(str::to_owned).collect(),
    }))
}

fn feed(fields: &Fields<'_>) -> Result<Option<Feed>, StoreError> {
    let Some(feed_id) = fields.text_if("feed_id")? else { return Ok(None) };
    Ok(Some(Feed {
        feed_id: feed_id.to_owned(),
        upload: fields.number("feed_upload")?,
        created_at: fields.time("feed_created_at")?,
        hint: fields.text_if("hint")?.map(str::to_owned),
    }))
}

fn history(fields: &Fields<'_>) -> Result<Vec<OwnStep>, StoreError> {
    let fault = || fields.fault("history", "a list of maps of texts");
    let Some(value) = fields.item().get("history") else { return Ok(Vec::new()) };
    let list = value.as_l().map_err(|_other| fault())?;
    let each = |entry: &AttributeValue| {
        let map = Fields::of(entry.as_m().map_err(|_other| fault())?, KEYS);
        let note = map.text_if("note")?.map(str::to_owned);
        Ok(OwnStep { state: state(&map)?, at: map.time("at")?, note })
    };
    list.iter().map(|entry| each(entry).map_err(|_within: StoreError| fault())).collect()
}

pub(super) fn registered(item: &Item) -> Result<RegisteredNumber, StoreError> {
    let fields = Fields::of(item, KEYS);
    Ok(RegisteredNumber {
        number: fields.text("number")?.to_owned(),
        document: fields.text("number_of")?.to_owned(),
        running: fields.number_if("running_number")?,
        series: fields.text_if("series")?.map(str::to_owned),
        issued_on: fields.parse_if("issued_on", "a day")?,
        cancelled: fields.text_if("cancelled")?.map(str::to_owned),
    })
}
