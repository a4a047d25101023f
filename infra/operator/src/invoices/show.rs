//! A document for people, and as a line for scripts.

use std::fmt::Write as _;

use countinghouse_domain::money::Money;
use countinghouse_store::{ObjectVersion, StoredOwnInvoice};
use jiff::Timestamp;
use serde::Serialize;

use super::next;
use crate::desk::{age, money, plain};

/// The list's columns.
pub(super) const HEADER: [&str; 7] = ["account", "document", "number", "total", "stage", "due for", "note"];

/// A row of the list.
pub(super) fn row(invoice: &StoredOwnInvoice, now: Timestamp) -> [String; 7] {
    let standing = &invoice.standing;
    [
        invoice.seller.to_string(),
        invoice.key.clone(),
        number(invoice).unwrap_or_default().to_owned(),
        total(invoice.total),
        standing.state.name().replace('_', " "),
        if standing.state.is_final() { String::new() } else { age(invoice.due_since, now) },
        in_short(invoice),
    ]
}

/// What is to be said of a document in a few words; `status` of it alone says all.
fn in_short(invoice: &StoredOwnInvoice) -> String {
    if let Some(refusal) = invoice.standing.refusal.as_ref().filter(|_| !invoice.standing.state.is_final()) {
        let known = refusal.known();
        let code = refusal.code.or(known.code).map(|code| format!("{code} "));
        return format!("{}{}", code.unwrap_or_default(), known.name);
    }
    let note = invoice.note.as_deref().unwrap_or_default();
    let first = note.split([':', ',']).next().unwrap_or_default();
    if first.chars().count() > SHORT {
        format!("{}…", first.chars().take(SHORT).collect::<String>())
    } else {
        first.to_owned()
    }
}

/// So many signs of a note stand in the list.
const SHORT: usize = 60;

/// What a person has to know of a document that waits for one.
pub(super) fn attention(invoice: &StoredOwnInvoice) -> String {
    let mut text = format!("\n{} of {}", name(invoice), invoice.seller);
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            let _infallible = write!(text, "\n  {label:<12}{}", plain(value));
        }
    };
    if let Some(refusal) = &invoice.standing.refusal {
        let known = refusal.known();
        let code = refusal.code.map(|code| format!("{code} ")).unwrap_or_default();
        line("Amazon says", &format!("{code}{}: {}", known.name, refusal.message));
        line("cause", known.cause);
    } else {
        line("why", invoice.note.as_deref().unwrap_or_default());
    }
    line("what to do", &next::after(invoice));
    text.push('\n');
    text
}

/// Everything about one document.
pub(super) fn whole(invoice: &StoredOwnInvoice, bucket: &str, now: Timestamp) -> String {
    let standing = &invoice.standing;
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            let _infallible = writeln!(text, "{label:<16}{}", plain(value));
        }
    };
    line("document", &format!("{} of {}", invoice.key, invoice.seller));
    line("kind", &invoice.kind.name().replace('_', " "));
    line("number", number(invoice).unwrap_or("none yet"));
    line("stands", &format!("{} since {}", standing.state.name().replace('_', " "), standing.since));
    if !standing.state.is_final() {
        let late = if next::is_late(invoice, now) { ", late" } else { "" };
        line("due", &format!("since {}, {}{late}", invoice.due_since, age(invoice.due_since, now)));
    }
    if let Some(refusal) = &standing.refusal {
        let known = refusal.known();
        let code = refusal.code.map(|code| format!("{code} ")).unwrap_or_default();
        line("Amazon says", &format!("{code}{}: {}", known.name, refusal.message));
        line("cause", known.cause);
        line("cure", known.cure);
    }
    line("note", invoice.note.as_deref().unwrap_or_default());
    line("next", &next::after(invoice));
    line("order", &invoice.order_id);
    line("shipment", &invoice.shipping_id);
    line("transaction", if invoice.transaction_id == invoice.shipping_id { "" } else { &invoice.transaction_id });
    line("marketplace", &invoice.marketplace);
    line("total", &format!("{}, of it VAT {}", total(invoice.total), total(invoice.total_vat)));
    line("Amazon's status", &format!("{} in the report of {}", invoice.amazons_status, invoice.reported_at));
    if let Some(numbering) = &invoice.numbering {
        line("issued on", &numbering.issued_on.to_string());
        line("series", &format!("{}, running number {}", numbering.series, numbering.running));
    }
    if let Some(made) = &invoice.made {
        line("PDF", &place(bucket, &made.pdf));
        line("XML", &format!("{} ({})", place(bucket, &made.xml), made.xml_kind));
        for note in &made.notes {
            line("to know", note);
        }
    }
    if let Some(feed) = &invoice.feed {
        let hint = feed.hint.as_deref().map(|hint| format!(", its report says: {hint}")).unwrap_or_default();
        line("feed", &format!("{} of {}, upload {}{hint}", feed.feed_id, feed.created_at, feed.upload));
    }
    text.push_str("\nHistory (UTC)\n");
    for step in &invoice.history {
        let note = step.note.as_ref().map(|note| format!("  {}", plain(note))).unwrap_or_default();
        let state = step.state.name().replace('_', " ");
        let _infallible = writeln!(text, "  {}  {state}{note}", step.at.strftime("%Y-%m-%d %H:%M:%S"));
    }
    text
}

fn name(invoice: &StoredOwnInvoice) -> String {
    match number(invoice) {
        Some(number) => format!("{number} ({})", invoice.key),
        None => invoice.key.clone(),
    }
}

/// Its number, ours or the one that others gave it.
fn number(invoice: &StoredOwnInvoice) -> Option<&str> {
    let ours = invoice.numbering.as_ref().map(|numbering| numbering.number.as_str());
    ours.or(invoice.made_elsewhere.as_deref())
}

fn total(total: Money) -> String {
    format!("{} {}", money(total.amount, total.currency), total.currency)
}

fn place(bucket: &str, object: &ObjectVersion) -> String {
    format!("s3://{bucket}/{}", object.key)
}

/// The names are a promise to scripts.
#[derive(Debug, Serialize)]
struct Line<'a> {
    account: &'a str,
    document: &'a str,
    number: Option<&'a str>,
    kind: &'static str,
    order_id: &'a str,
    shipping_id: &'a str,
    transaction_id: &'a str,
    marketplace: &'a str,
    currency: String,
    total_amount: String,
    total_vat_amount: String,
    state: &'static str,
    since: Timestamp,
    due_since: Timestamp,
    is_late: bool,
    uploads: u32,
    refusal: Option<Refused<'a>>,
    amazons_status: &'a str,
    note: Option<&'a str>,
    next: String,
    feed_id: Option<&'a str>,
    pdf: Option<&'a str>,
    xml: Option<&'a str>,
    history: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Refused<'a> {
    code: Option<u32>,
    name: &'static str,
    message: &'a str,
    cause: &'static str,
    cure: &'static str,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    state: &'static str,
    at: Timestamp,
    note: Option<&'a str>,
}

/// One line for scripts.
pub(super) fn line(invoice: &StoredOwnInvoice, now: Timestamp) -> String {
    let (standing, currency) = (&invoice.standing, invoice.total.currency);
    let refusal = standing.refusal.as_ref().map(|refusal| {
        let known = refusal.known();
        Refused {
            code: refusal.code,
            name: known.name,
            message: &refusal.message,
            cause: known.cause,
            cure: known.cure,
        }
    });
    let line = Line {
        account: invoice.seller.as_str(),
        document: &invoice.key,
        number: number(invoice),
        kind: invoice.kind.name(),
        order_id: &invoice.order_id,
        shipping_id: &invoice.shipping_id,
        transaction_id: &invoice.transaction_id,
        marketplace: &invoice.marketplace,
        currency: currency.to_string(),
        total_amount: money(invoice.total.amount, currency),
        total_vat_amount: money(invoice.total_vat.amount, currency),
        state: standing.state.name(),
        since: standing.since,
        due_since: invoice.due_since,
        is_late: next::is_late(invoice, now),
        uploads: standing.uploads,
        refusal,
        amazons_status: &invoice.amazons_status,
        note: invoice.note.as_deref(),
        next: next::after(invoice),
        feed_id: invoice.feed.as_ref().map(|feed| feed.feed_id.as_str()),
        pdf: invoice.made.as_ref().map(|made| made.pdf.key.as_str()),
        xml: invoice.made.as_ref().map(|made| made.xml.key.as_str()),
        history: invoice
            .history
            .iter()
            .map(|step| Entry { state: step.state.name(), at: step.at, note: step.note.as_deref() })
            .collect(),
    };
    let mut text = String::new();
    // Texts, numbers and lists can always be written.
    let _infallible = writeln!(text, "{}", serde_json::to_string(&line).unwrap_or_default());
    text
}
