//! The items of the table of vendor invoices, as they are read.

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::money::Money;
use countinghouse_domain::vendor::InvoiceStatus;

use super::item::{KEYS, REFUSED, UNREADABLE};
use super::model::{
    FileCounts, InvoiceFacts, ReceivedFrom, SentBody, Step, StoredFile, StoredInvoice, StoredProblem, StoredViolation,
    VendorAttention,
};
use crate::item::Fields;
use crate::{Item, StoreError};

pub(super) fn status(fields: &Fields<'_>) -> Result<InvoiceStatus, StoreError> {
    let name = fields.text("status")?;
    InvoiceStatus::from_name(name).ok_or_else(|| fields.fault("status", "a status of an invoice"))
}

pub(super) fn invoice(item: &Item) -> Result<StoredInvoice, StoreError> {
    let fields = Fields::of(item, KEYS);
    let text = |name| fields.text_if(name).map(|text| text.map(str::to_owned));
    let sent = match (text("sent_key")?, text("sent_sha256")?) {
        (Some(key), Some(sha256)) => Some(SentBody { key, version: text("sent_version")?, sha256 }),
        _ => None,
    };
    Ok(StoredInvoice {
        vendor: fields.parse("vendor", "the id of an account")?,
        invoice_id: text("invoice_id")?.unwrap_or_default(),
        api: fields.parse("api", "retail or direct-fulfillment")?,
        status: status(&fields)?,
        status_since: fields.time("status_since")?,
        facts: facts(&fields)?,
        content_hash: text("content_hash")?,
        attempt: fields.number_if("attempt")?.unwrap_or(0),
        received: received(&fields)?,
        sent,
        transaction_id: fields.parse_if("transaction_id", "a transaction id")?,
        submitted_at: fields.time_if("submitted_at")?,
        violations: entries(&fields, "violations", violation)?,
        violation_count: fields.number_if("violation_count")?.unwrap_or(0),
        problems: entries(&fields, "errors", problem)?,
        note: text("note")?,
        history: entries(&fields, "history", step)?,
        next_check_at: fields.time_if("next_check_at")?,
    })
}

pub(super) fn facts(fields: &Fields<'_>) -> Result<InvoiceFacts, StoreError> {
    let text = |name| fields.text_if(name).map(|text| text.map(str::to_owned));
    let texts = |name| fields.texts(name).map(|list| list.into_iter().map(str::to_owned).collect());
    let total = match (fields.number_if("total_amount")?, fields.parse_if("currency", "a currency")?) {
        (Some(amount), Some(currency)) => Some(Money::new(amount, currency)),
        _ => None,
    };
    Ok(InvoiceFacts {
        vendor_code: text("vendor_code")?,
        invoice_type: text("invoice_type")?,
        invoice_date: text("invoice_date")?,
        purchase_orders: texts("purchase_orders")?,
        total,
        rules: text("rules")?,
        reading: text("reading")?,
        warnings: texts("warnings")?,
    })
}

pub(super) fn received(fields: &Fields<'_>) -> Result<ReceivedFrom, StoreError> {
    Ok(ReceivedFrom {
        key: fields.text("received_key")?.to_owned(),
        version: fields.text_if("received_version")?.map(str::to_owned),
        number: fields.number("received_number")?,
        line: fields.number("received_line")?,
    })
}

fn entries<T>(
    fields: &Fields<'_>,
    name: &str,
    read: impl Fn(&Fields<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let fault = || fields.fault(name, "a list of maps of texts");
    let Some(value) = fields.item().get(name) else { return Ok(Vec::new()) };
    let list = value.as_l().map_err(|_other| fault())?;
    let each = |entry: &AttributeValue| {
        let map = entry.as_m().map_err(|_other| fault())?;
        read(&Fields::of(map, KEYS)).map_err(|_within| fault())
    };
    list.iter().map(each).collect()
}

fn violation(fields: &Fields<'_>) -> Result<StoredViolation, StoreError> {
    let text = |name| fields.text_if(name).map(|text| text.unwrap_or_default().to_owned());
    Ok(StoredViolation {
        pointer: text("pointer")?,
        rule: text("rule")?,
        expected: text("expected")?,
        found: text("found")?,
        place: fields.text_if("place")?.map(str::to_owned),
    })
}

fn problem(fields: &Fields<'_>) -> Result<StoredProblem, StoreError> {
    let text = |name| fields.text_if(name).map(|text| text.unwrap_or_default().to_owned());
    let details = fields.text_if("details")?.map(str::to_owned);
    Ok(StoredProblem { code: text("code")?, message: text("message")?, details })
}

fn step(fields: &Fields<'_>) -> Result<Step, StoreError> {
    let note = fields.text_if("note")?.map(str::to_owned);
    Ok(Step { status: status(fields)?, at: fields.time("at")?, note })
}

pub(super) fn file(item: &Item) -> Result<StoredFile, StoreError> {
    let fields = Fields::of(item, KEYS);
    let counts = fields.counts("counts")?;
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let unreadable = (fields.text("status")? == UNREADABLE).then(|| fields.text_if("note")).transpose()?;
    Ok(StoredFile {
        vendor: fields.parse("vendor", "the id of an account")?,
        key: fields.text("object_key")?.to_owned(),
        version: fields.text_if("object_version")?.map(str::to_owned),
        unreadable: unreadable.map(|why| why.unwrap_or_default().to_owned()),
        counts: FileCounts {
            invoices: count("invoices"),
            submitted: count("submitted"),
            known: count("known"),
            rejected: count("rejected"),
            refused: count("refused"),
            failed: count("failed"),
            answer_lost: count("answer_lost"),
        },
        read_at: fields.time("read_at")?,
    })
}

pub(super) fn attention(item: &Item) -> Result<VendorAttention, StoreError> {
    let fields = Fields::of(item, KEYS);
    let status = fields.text("status")?.to_owned();
    let note = fields.text_if("note")?.map(str::to_owned);
    let reason = match note {
        Some(note) => note,
        None if status == REFUSED => "its number belongs to another invoice".to_owned(),
        None => match entries(&fields, "violations", violation)?.as_slice() {
            [] => String::new(),
            [one] => sentence(one),
            [first, rest @ ..] => format!("{}; and {} more", sentence(first), rest.len()),
        },
    };
    Ok(VendorAttention {
        vendor: fields.parse("vendor", "the id of an account")?,
        item: fields.text("invoice")?.to_owned(),
        status,
        since: fields.time("status_since")?,
        reason,
    })
}

fn sentence(violation: &StoredViolation) -> String {
    let place = if violation.pointer.is_empty() { "the invoice" } else { violation.pointer.as_str() };
    format!("{place}: {}", violation.expected)
}
