//! The items of the table of vendor invoices, as they are written.

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::ids::{SellerId, TransactionId};
use countinghouse_domain::vendor::{InvoiceAttention, InvoiceStatus};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::model::{
    FileCounts, InvoiceFacts, OfferedInvoice, ReceivedFrom, RejectedInvoice, SentBody, StoredProblem, StoredViolation,
    TransactionNews,
};
use crate::Item;
use crate::item::{Fields, ItemBuilder, time_text};

pub(super) const KEYS: (&str, &str) = ("vendor", "invoice");
/// The most entries that a list of one item keeps: an item of DynamoDB has 400 KB.
const MOST_LISTED: usize = 100;
/// The most bytes of a text that are kept.
const LONGEST_TEXT: usize = 300;
/// The most bytes of a name that go into a sort key, which has 1,024.
const LONGEST_NAME: usize = 900;

/// The sort key of an invoice.
pub(super) fn invoice_key(invoice_id: &str) -> String {
    format!("{INVOICES}{}", short(invoice_id))
}

/// How the sort keys of all invoices begin.
pub(super) const INVOICES: &str = "invoice ";

/// The sort key of a file.
pub(super) fn file_key(object_key: &str) -> String {
    format!("file {}", short(object_key))
}

/// A name as it goes into a sort key: whole, or cut with a hash that keeps it apart from its like.
fn short(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let cut: String = name.chars().take(200).collect();
    format!("{cut}… {}", fingerprint(name))
}

fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text)).chars().take(12).collect()
}

/// An invoice that nobody claimed before.
pub(super) fn claimed(offered: &OfferedInvoice, now: Timestamp) -> Item {
    let mut item = ItemBuilder::new();
    item.text("vendor", offered.vendor.as_str())
        .text("invoice", invoice_key(&offered.invoice_id))
        .text("invoice_id", offered.invoice_id.as_str())
        .time("recorded_at", now);
    offer(item.take(), offered, 1, now)
}

/// An invoice whose number is claimed again: what was sent before is remembered.
pub(super) fn claimed_again(there: Item, offered: &OfferedInvoice, now: Timestamp) -> Item {
    let attempt = Fields::of(&there, KEYS).number_if::<u32>("attempt").ok().flatten().unwrap_or(0);
    let mut item = ItemBuilder::edit(there);
    if attempt > 0 {
        let earlier = earlier(item.as_item());
        append(&mut item, "earlier", AttributeValue::M(earlier));
    }
    for name in ["transaction_id", "submitted_at", "sending_at", "sent_key", "sent_version", "sent_sha256"] {
        item.remove(name);
    }
    item.remove("violations").remove("violation_count").remove("resolved_by_a_person");
    offer(item.take(), offered, attempt.saturating_add(1), now)
}

fn earlier(there: &Item) -> Item {
    const KEPT: [&str; 9] = [
        "attempt",
        "status",
        "status_since",
        "content_hash",
        "transaction_id",
        "submitted_at",
        "sent_key",
        "sent_version",
        "received_key",
    ];
    let kept = |name: &&str| Some(((*name).to_owned(), there.get(*name)?.clone()));
    KEPT.iter().filter_map(kept).collect()
}

fn offer(there: Item, offered: &OfferedInvoice, attempt: u32, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there);
    item.text("api", offered.api.name()).text("content_hash", offered.content_hash.as_str()).number("attempt", attempt);
    facts(&mut item, &offered.facts);
    received(&mut item, &offered.received);
    let note = (attempt > 1).then(|| format!("submitted again, time {attempt}"));
    step(&mut item, InvoiceStatus::Claimed, None, note.as_deref(), now);
    item.take()
}

/// An invoice that is about to be sent.
pub(super) fn sending(there: Item, sent: &SentBody, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there);
    item.text("sent_key", sent.key.as_str())
        .remove("sent_version")
        .text_if("sent_version", sent.version.as_deref())
        .text("sent_sha256", sent.sha256.as_str())
        .time("sending_at", now);
    step(&mut item, InvoiceStatus::Sending, Some(now), None, now);
    item.take()
}

/// An invoice that Amazon took.
pub(super) fn submitted(there: Item, transaction: &TransactionId, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there);
    item.text("transaction_id", transaction.as_str()).time("submitted_at", now);
    step(&mut item, InvoiceStatus::Submitted, Some(now), None, now);
    item.take()
}

/// An invoice that surely did not reach Amazon's queue, or of which nobody knows.
pub(super) fn unsent(there: Item, status: InvoiceStatus, note: &str, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there);
    step(&mut item, status, None, Some(note), now);
    item.take()
}

/// An invoice that failed at once.
pub(super) fn failed(there: Item, problems: &[StoredProblem], note: &str, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there);
    errors(&mut item, problems, now);
    step(&mut item, InvoiceStatus::Failed, None, Some(note), now);
    item.take()
}

/// An invoice after Amazon was asked.
pub(super) fn asked(there: Item, before: InvoiceStatus, news: &TransactionNews, now: Timestamp) -> Item {
    let since = Fields::of(&there, KEYS).time("submitted_at").unwrap_or(now);
    let mut item = ItemBuilder::edit(there);
    item.time("asked_at", now);
    if before == news.status {
        look_after(&mut item, news.status, since, now);
        if let Some(note) = &news.note {
            item.text("note", note.as_str());
        }
    } else {
        errors(&mut item, &news.problems, now);
        step(&mut item, news.status, Some(since), news.note.as_deref(), now);
    }
    item.take()
}

/// An invoice of which a person found out where it stands.
pub(super) fn resolved(there: Item, status: InvoiceStatus, note: &str, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there);
    item.flag("resolved_by_a_person", true);
    step(&mut item, status, None, Some(note), now);
    item.take()
}

/// An invoice that broke rules and has a number of its own, or was there rejected before.
pub(super) fn rejected(there: Option<Item>, invoice: &RejectedInvoice, now: Timestamp) -> Item {
    let is_new = there.is_none();
    let mut item = ItemBuilder::edit(there.unwrap_or_default());
    item.text("vendor", invoice.vendor.as_str());
    let id = invoice.invoice_id.as_deref();
    item.text("invoice", id.map_or_else(|| without_number(&invoice.received), invoice_key)).text_if("invoice_id", id);
    if is_new {
        item.time("recorded_at", now);
    }
    write_rejection(&mut item, invoice, now)
}

/// A rejected invoice whose number belongs to one that was sent.
pub(super) fn rejected_beside(invoice: &RejectedInvoice, id: &str, known: InvoiceStatus, now: Timestamp) -> Item {
    let mut item = ItemBuilder::new();
    let place = fingerprint(&format!("{}#{}", invoice.received.key, invoice.received.number));
    item.text("vendor", invoice.vendor.as_str())
        .text("invoice", format!("rejected {} {place}", short(id)))
        .text("invoice_id", id)
        .text("known_status", known.name())
        .time("recorded_at", now);
    write_rejection(&mut item, invoice, now)
}

fn without_number(received: &ReceivedFrom) -> String {
    format!("without number {} {:08}", short(&received.key), received.number)
}

fn write_rejection(item: &mut ItemBuilder, invoice: &RejectedInvoice, now: Timestamp) -> Item {
    item.text("api", invoice.api.name()).number("violation_count", invoice.violations.len());
    facts(item, &invoice.facts);
    received(item, &invoice.received);
    item.value("violations", violations(&invoice.violations));
    step(item, InvoiceStatus::Rejected, None, None, now);
    item.take()
}

pub(super) fn violations(violations: &[StoredViolation]) -> AttributeValue {
    let each = |violation: &StoredViolation| {
        let mut map = ItemBuilder::new();
        map.text("pointer", cut(&violation.pointer))
            .text("rule", violation.rule.as_str())
            .text("expected", cut(&violation.expected))
            .text("found", cut(&violation.found))
            .text_if("place", violation.place.as_deref().map(cut));
        AttributeValue::M(map.take())
    };
    AttributeValue::L(violations.iter().take(MOST_LISTED).map(each).collect())
}

/// An invoice that was refused, because its number belongs to another.
pub(super) fn refused(there: &Item, offered: &OfferedInvoice, known: InvoiceStatus, now: Timestamp) -> Item {
    let note = format!("another invoice has this number and is {known}; a corrected one needs a number of its own");
    let mut item = ItemBuilder::new();
    item.text("vendor", offered.vendor.as_str())
        .text("invoice", format!("refused {} {}", short(&offered.invoice_id), fingerprint(&offered.content_hash)))
        .text("invoice_id", offered.invoice_id.as_str())
        .text("api", offered.api.name())
        .text("status", REFUSED)
        .time("status_since", now)
        .text("content_hash", offered.content_hash.as_str())
        .text("known_status", known.name())
        .text("note", if known == InvoiceStatus::Failed { may_be_resubmitted() } else { note });
    if let Some(hash) = there.get("content_hash") {
        item.value("known_content_hash", hash.clone());
    }
    facts(&mut item, &offered.facts);
    received(&mut item, &offered.received);
    attention(&mut item, Some(InvoiceAttention::NeedsAPerson));
    item.take()
}

fn may_be_resubmitted() -> String {
    "the invoice with this number failed; this one takes its place only if a resubmission is asked for".to_owned()
}

/// The status of what was refused.
pub(super) const REFUSED: &str = "refused";
/// The status of a file that could not be read.
pub(super) const UNREADABLE: &str = "unreadable";
/// The status of a file that was read.
const READ: &str = "read";

/// A file: what became of it.
pub(super) fn file(
    vendor: &SellerId,
    place: (&str, Option<&str>),
    unreadable: Option<&str>,
    counts: FileCounts,
    now: Timestamp,
) -> Item {
    let (key, version) = place;
    let mut item = ItemBuilder::new();
    item.text("vendor", vendor.as_str())
        .text("invoice", file_key(key))
        .text("object_key", key)
        .text_if("object_version", version)
        .text("status", if unreadable.is_some() { UNREADABLE } else { READ })
        .time("status_since", now)
        .time("read_at", now);
    match unreadable {
        Some(why) => item.text("note", cut(why)),
        None => item.map("counts", count_map(counts)),
    };
    attention(&mut item, unreadable.map(|_why| InvoiceAttention::NeedsAPerson));
    item.take()
}

fn count_map(counts: FileCounts) -> Item {
    let mut map = ItemBuilder::new();
    for (name, count) in counts.named() {
        if count > 0 || name == "invoices" {
            map.number(name, count);
        }
    }
    map.take()
}

/// Something that a person has seen.
pub(super) fn acknowledged(there: Item, note: &str, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(there);
    item.time("acknowledged_at", now).text("acknowledged", cut(note));
    attention(&mut item, None);
    item.take()
}

/// Moves an item on. `since` is from when on the next look is counted.
fn step(item: &mut ItemBuilder, status: InvoiceStatus, since: Option<Timestamp>, note: Option<&str>, now: Timestamp) {
    item.text("status", status.name()).time("status_since", now).remove("note").text_if("note", note.map(cut));
    item.remove("acknowledged_at").remove("acknowledged");
    let mut entry = ItemBuilder::new();
    entry.text("status", status.name()).time("at", now).text_if("note", note.map(cut));
    append(item, "history", AttributeValue::M(entry.take()));
    attention(item, status.attention());
    look_after(item, status, since.unwrap_or(now), now);
}

fn attention(item: &mut ItemBuilder, who: Option<InvoiceAttention>) {
    match who {
        Some(who) => item.text("attention", who.name()),
        None => item.remove("attention"),
    };
}

/// Puts an item into the index of what is looked after, or takes it out.
fn look_after(item: &mut ItemBuilder, status: InvoiceStatus, since: Timestamp, now: Timestamp) {
    let vendor = item.as_item().get("vendor").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    match status.next_look(since, now) {
        Some(at) => item.text("in_flight_vendor", vendor).time("next_check_at", at),
        None => item.remove("in_flight_vendor").remove("next_check_at"),
    };
}

/// Appends to a list; a long one loses its oldest entries but the first.
fn append(item: &mut ItemBuilder, name: &str, entry: AttributeValue) {
    let mut list = item.as_item().get(name).and_then(|value| value.as_l().ok()).cloned().unwrap_or_default();
    if list.len() >= MOST_LISTED {
        list.remove(1);
    }
    list.push(entry);
    item.value(name, AttributeValue::L(list));
}

fn errors(item: &mut ItemBuilder, problems: &[StoredProblem], now: Timestamp) {
    for problem in problems {
        let mut entry = ItemBuilder::new();
        entry
            .text("code", cut(&problem.code))
            .text("message", cut(&problem.message))
            .text_if("details", problem.details.as_deref().map(cut))
            .text("at", time_text(now));
        append(item, "errors", AttributeValue::M(entry.take()));
    }
}

fn facts(item: &mut ItemBuilder, facts: &InvoiceFacts) {
    const TEXTS: [&str; 5] = ["vendor_code", "invoice_type", "invoice_date", "rules", "reading"];
    let values = [&facts.vendor_code, &facts.invoice_type, &facts.invoice_date, &facts.rules, &facts.reading];
    for (name, value) in TEXTS.into_iter().zip(values) {
        item.remove(name).text_if(name, value.as_deref().map(cut));
    }
    let listed = |texts: &[String]| texts.iter().take(MOST_LISTED).map(|each| cut(each)).collect::<Vec<_>>();
    item.texts("purchase_orders", listed(&facts.purchase_orders)).texts("warnings", listed(&facts.warnings));
    item.remove("total_amount").remove("currency");
    if let Some(total) = facts.total {
        item.decimal("total_amount", total.amount).text("currency", total.currency.code());
    }
}

fn received(item: &mut ItemBuilder, received: &ReceivedFrom) {
    item.text("received_key", received.key.as_str())
        .remove("received_version")
        .text_if("received_version", received.version.as_deref())
        .number("received_number", received.number)
        .number("received_line", received.line);
}

fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(LONGEST_TEXT)).unwrap_or_default().to_owned()
}
