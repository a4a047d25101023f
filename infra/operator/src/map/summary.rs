//! The summary for people.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use countinghouse_domain::document::DocumentKind;
use countinghouse_domain::money::{self, Currency};
use countinghouse_domain::payment::PaymentType;
use countinghouse_domain::settlement::{Chain, Subtotal};

use super::books::{BookedSettlement, Books, DocumentTotal};
use super::json::with_decimals;

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The whole summary.
pub(super) fn of(books: &Books) -> String {
    let mut text = tables(books);
    list(&mut text, "Unreadable", books.unreadable());
    let attention = books.attention();
    list(&mut text, "Needs attention", &attention);
    list(&mut text, "Worth knowing", &books.notes());
    if books.unreadable().is_empty() && attention.is_empty() {
        text.push_str("\nNothing needs attention.\n");
    }
    text
}

/// What would be booked, without what is said about it.
pub(super) fn tables(books: &Books) -> String {
    let mut text = String::new();
    if !books.settlements().is_empty() {
        section(&mut text, "Settlements", &settlements(books.settlements()));
        section(&mut text, "Payments by type", &payments(books.settlements()));
    }
    if !books.documents().is_empty() {
        section(&mut text, "Documents", &documents(books));
    }
    text
}

fn section(text: &mut String, title: &str, table: &Table) {
    let _infallible = writeln!(text, "\n{title}\n{table}");
}

pub(super) fn list(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _infallible = writeln!(text, "\n{title}");
    for line in lines {
        let _infallible = writeln!(text, "  {line}");
    }
}

/// A table whose columns from `numbers_from` on stand to the right.
fn table<const N: usize>(
    header: [&str; N],
    numbers: std::ops::Range<usize>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    let mut table = Table::new();
    table.use_stderr().load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for number in numbers {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn settlements(booked: &[BookedSettlement]) -> Table {
    let header =
        ["settlement", "report", "layout", "period", "amounts", "total", "sum", "difference", "", "status", "chain"];
    let rows = booked.iter().map(|booked| {
        let BookedSettlement { header, proof, .. } = booked;
        let shown = |amount| with_decimals(amount, header.total_amount.scale()).to_string();
        [
            header.settlement_id.to_string(),
            file_name(&booked.report).to_owned(),
            proof.evidence.layout.name().to_owned(),
            format!("{} to {}", day(header.start), day(header.end)),
            proof.amounts.to_string(),
            shown(proof.total_amount),
            shown(proof.sum),
            shown(proof.difference),
            header.currency.to_string(),
            proof.status.name().to_owned(),
            place(&booked.chain),
        ]
    });
    table(header, 4..8, rows)
}

/// The last part of a path: a table has no room for the rest.
fn file_name(report: &str) -> &str {
    report.rsplit('/').next().unwrap_or(report)
}

fn day(time: jiff::Timestamp) -> impl Display {
    time.strftime("%Y-%m-%d").to_string()
}

fn place(chain: &Chain) -> String {
    match chain {
        Chain::First | Chain::Gap => chain.name().to_owned(),
        Chain::Chained(predecessor) => format!("after {predecessor}"),
    }
}

/// Counts and sums for each currency and type; two currencies are never added.
fn payments(booked: &[BookedSettlement]) -> Table {
    let mut sums: BTreeMap<(Currency, PaymentType, bool), (Subtotal, u32)> = BTreeMap::new();
    for BookedSettlement { header, proof, tally, .. } in booked {
        let mut add = |payment_type, derived, more: Subtotal| {
            let (subtotal, scale) = sums.entry((header.currency, payment_type, derived)).or_default();
            subtotal.count = subtotal.count.saturating_add(more.count);
            // A sum beyond 28 digits would show as the sum so far; each settlement has proved its own.
            subtotal.sum = money::add(subtotal.sum, more.sum).unwrap_or(subtotal.sum);
            *scale = (*scale).max(header.total_amount.scale());
        };
        for (payment_type, subtotal) in tally.by_type() {
            add(payment_type, false, subtotal);
        }
        if let Some(derived) = &proof.derived {
            add(derived.payment_type, true, Subtotal { count: 1, sum: derived.amount });
        }
    }
    let rows = sums.into_iter().map(|((currency, payment_type, derived), (subtotal, scale))| {
        let name = payment_type.name().replace('_', " ");
        [
            if derived { format!("{name} (derived)") } else { name },
            subtotal.count.to_string(),
            with_decimals(subtotal.sum, scale).to_string(),
            currency.to_string(),
        ]
    });
    table(["type", "payments", "sum", ""], 1..3, rows)
}

fn documents(books: &Books) -> Table {
    let rows = books.documents().iter().flat_map(|booked| {
        booked.totals.iter().map(|((kind, currency), total)| {
            let DocumentTotal { documents, lines, flagged, amounts } = total;
            [
                plural(*kind).to_owned(),
                file_name(&booked.report).to_owned(),
                documents.to_string(),
                lines.to_string(),
                flagged.to_string(),
                amounts.net.to_string(),
                amounts.vat.to_string(),
                amounts.gross.to_string(),
                currency.to_string(),
            ]
        })
    });
    table(["kind", "report", "documents", "lines", "flagged", "net", "VAT", "gross", ""], 2..8, rows)
}

const fn plural(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Invoice => "invoices",
        DocumentKind::CreditNote => "credit notes",
    }
}
