//! The statement for people, and for programs.

use std::fmt::Write as _;

use countinghouse_domain::ids::SettlementId;
use countinghouse_domain::settlement::Chain;
use countinghouse_store::StoredSettlement;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::account::{Line, Statement, sum};
use crate::desk::{day, minute, money, plain, table};

/// For people.
pub(super) fn text(
    settlement: &StoredSettlement,
    statement: &Statement<'_>,
    name: Option<&str>,
    next: Option<&SettlementId>,
) -> String {
    let header = &settlement.header;
    let shown = |amount: Decimal| money(amount, header.currency);
    let mut text = format!("Statement of account {} in {}\n", header.settlement_id, header.currency);
    let mut say = |line: String| {
        let _infallible = writeln!(text, "{line}");
    };
    say(format!("{} ({}){}", plain(name.unwrap_or("not connected any more")), settlement.seller, places(settlement)));
    say(format!("from {} to {} UTC, deposit {}\n", minute(header.start), minute(header.end), day(header.deposit_date)));
    let mut rows: Vec<[String; 3]> = Vec::new();
    let line = |(name, subtotal): &Line<'_>| {
        [format!("  {}", name.replace('_', " ")), subtotal.count.to_string(), shown(subtotal.sum)]
    };
    let total = |what: &str, amount: Decimal| [what.to_owned(), String::new(), shown(amount)];
    rows.extend(statement.brought.iter().map(line));
    rows.push(total("OPENING", statement.opening));
    rows.extend(statement.incoming.iter().map(line));
    rows.push(total("IN", sum(&statement.incoming)));
    rows.extend(statement.outgoing.iter().map(line));
    rows.push(total("OUT", sum(&statement.outgoing)));
    rows.push(total("PAID OUT", statement.paid_out));
    rows.push(total("CLOSING", statement.closing));
    rows.push(total("  held back by Amazon", statement.reserve));
    text.push_str(&table(["", "payments", header.currency.code()], 1..3, rows));
    text.push_str(&evidence(settlement, statement, next));
    text
}

fn places(settlement: &StoredSettlement) -> String {
    let names: Vec<_> = settlement.marketplaces.iter().map(|name| plain(name)).collect();
    if names.is_empty() { String::new() } else { format!(", {}", names.join(", ")) }
}

fn evidence(settlement: &StoredSettlement, statement: &Statement<'_>, next: Option<&SettlementId>) -> String {
    let (header, proof, claimed) = (&settlement.header, statement.proof, &settlement.claimed);
    let shown = |amount: Decimal| money(amount, header.currency);
    let mut text = String::from("\n");
    let mut say = |name: &str, what: String| {
        let _infallible = writeln!(text, "{name:<8}{what}");
    };
    say(
        "proof",
        format!(
            "{}: {} amounts read, {} payments written; they come to {}, Amazon's total is {}, difference {}",
            settlement.status().name(),
            proof.amounts,
            proof.payments_written,
            shown(proof.sum),
            shown(header.total_amount),
            shown(proof.difference),
        ),
    );
    let before = match &settlement.chain {
        Some(Chain::First) => "the first that is known".to_owned(),
        Some(Chain::Chained(before)) => format!("after {before}"),
        Some(Chain::Gap) => "the settlement before it is missing".to_owned(),
        None => "not worked out yet".to_owned(),
    };
    let after = next.map(|next| format!(", before {next}")).unwrap_or_default();
    say("chain", format!("{before}{after}"));
    say(
        "file",
        format!(
            "report {}, layout {}, {} rows, SHA-256 {}",
            claimed.report_id,
            claimed.layout.name(),
            proof.rows,
            claimed.sha256
        ),
    );
    if !settlement.reasons.is_empty() {
        let reasons: Vec<_> = settlement.reasons.iter().map(|reason| reason.name().replace('_', " ")).collect();
        say("person", format!("needs one: {}", reasons.join(", ")));
    }
    text
}

/// For programs. The names are a promise.
pub(super) fn json(settlement: &StoredSettlement, statement: &Statement<'_>, next: Option<&SettlementId>) -> String {
    let header = &settlement.header;
    let shown = |amount: Decimal| money(amount, header.currency);
    let lines = |lines: &[Line<'_>]| -> Vec<Value> {
        let one = |(name, subtotal): &Line<'_>| json!({"category": name, "payments": subtotal.count, "amount": shown(subtotal.sum)});
        lines.iter().map(one).collect()
    };
    let predecessor = match &settlement.chain {
        Some(Chain::Chained(before)) => Some(before),
        Some(Chain::First | Chain::Gap) | None => None,
    };
    let value = json!({
        "settlement_id": header.settlement_id, "account": settlement.seller, "currency": header.currency.code(),
        "start": header.start.to_string(), "end": header.end.to_string(),
        "brought": lines(&statement.brought), "opening": shown(statement.opening),
        "in": lines(&statement.incoming), "out": lines(&statement.outgoing),
        "paid_out": shown(statement.paid_out), "closing": shown(statement.closing), "reserve": shown(statement.reserve),
        "status": settlement.status().name(), "total_amount": shown(header.total_amount),
        "sum": shown(statement.proof.sum), "difference": shown(statement.proof.difference),
        "chain": settlement.chain.as_ref().map(Chain::name), "predecessor": predecessor, "successor": next,
        "report_id": settlement.claimed.report_id, "sha256": settlement.claimed.sha256,
        "reasons": settlement.reasons.iter().map(|reason| reason.name()).collect::<Vec<_>>(),
    });
    format!("{value}\n")
}
