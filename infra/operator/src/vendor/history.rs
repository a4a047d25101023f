//! The whole life of one invoice, for a person.

use std::fmt::Write;

use countinghouse_domain::ids::TransactionId;
use countinghouse_store::StoredInvoice;

use super::aws::shown;
use super::next;
use super::table::plain;

/// As a text.
pub(super) fn of(invoice: &StoredInvoice, bucket: &str) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _infallible = writeln!(text, "{name:<16}{}", plain(value));
        }
    };
    let facts = &invoice.facts;
    line("invoice", &format!("{} of {}", invoice.invoice_id, invoice.vendor));
    line("stands", &format!("{} since {}", invoice.status, invoice.status_since));
    line("next", next::after(invoice.status));
    line("note", invoice.note.as_deref().unwrap_or_default());
    line("API", invoice.api.name());
    line("type", facts.invoice_type.as_deref().unwrap_or_default());
    line("date", facts.invoice_date.as_deref().unwrap_or_default());
    line("vendor code", facts.vendor_code.as_deref().unwrap_or_default());
    line("orders", &facts.purchase_orders.join(", "));
    line("total", &facts.total.map(|total| shown(total).to_string()).unwrap_or_default());
    line("rules of", facts.rules.as_deref().unwrap_or_default());
    line("reading", facts.reading.as_deref().unwrap_or_default());
    line("transaction", invoice.transaction_id.as_ref().map(TransactionId::as_str).unwrap_or_default());
    line("attempts", &if invoice.attempt > 1 { invoice.attempt.to_string() } else { String::new() });
    line("asked again at", &invoice.next_check_at.map(|at| at.to_string()).unwrap_or_default());
    let object = |key: &str, version: Option<&str>| {
        let version = version.map(|version| format!(" (version {version})")).unwrap_or_default();
        format!("s3://{bucket}/{key}{version}")
    };
    let received = &invoice.received;
    let place = format!("invoice {}, line {}", received.number, received.line);
    line("received", &format!("{}, {place}", object(&received.key, received.version.as_deref())));
    if let Some(sent) = &invoice.sent {
        line("sent", &object(&sent.key, sent.version.as_deref()));
    }
    list(&mut text, "History (UTC)", history(invoice));
    list(&mut text, "Rules that it breaks", violations(invoice));
    list(&mut text, "Errors that Amazon named", problems(invoice));
    list(&mut text, "Warnings", facts.warnings.clone());
    text
}

fn list(text: &mut String, title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let _infallible = writeln!(text, "\n{title}");
    for line in lines {
        let _infallible = writeln!(text, "  {}", plain(&line));
    }
}

fn history(invoice: &StoredInvoice) -> Vec<String> {
    let step = |step: &countinghouse_store::Step| {
        let note = step.note.as_ref().map(|note| format!("  {note}")).unwrap_or_default();
        format!("{}  {}{note}", step.at.strftime("%Y-%m-%d %H:%M:%S"), step.status)
    };
    invoice.history.iter().map(step).collect()
}

fn violations(invoice: &StoredInvoice) -> Vec<String> {
    let each = |each: &countinghouse_store::StoredViolation| {
        let place = each.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        format!("{}{place} [{}]: expected {}, found {}", each.pointer, each.rule, each.expected, each.found)
    };
    let mut lines: Vec<_> = invoice.violations.iter().map(each).collect();
    let listed = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    if invoice.violation_count > listed {
        lines.push(format!("and {} more", invoice.violation_count.saturating_sub(listed)));
    }
    lines
}

fn problems(invoice: &StoredInvoice) -> Vec<String> {
    let each = |each: &countinghouse_store::StoredProblem| {
        let details = each.details.as_ref().map(|details| format!(" ({details})")).unwrap_or_default();
        format!("{}: {}{details}", each.code, each.message)
    };
    invoice.problems.iter().map(each).collect()
}
