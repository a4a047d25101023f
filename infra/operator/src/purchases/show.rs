//! How an account stands, for a person and for a program.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use countinghouse_domain::money::Currency;
use countinghouse_store::{Listed, StoredWindow, Waiting, WindowProof};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::status::{Standing, Sums};

/// So many windows that are proven are shown, the newest; all others always are.
const NEWEST: usize = 10;
/// So many transactions of a kind are shown.
const MOST_SHOWN: usize = 20;

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// For a person.
pub(super) fn text(standing: &Standing) -> String {
    let account = &standing.account;
    let mut text = format!("{} ({})\n\n", account.name, account.seller_id);
    if standing.windows.is_empty() {
        return text
            + "Nothing was pulled yet: the schedule of pull-purchases has not run since the account was connected.\n\n";
    }
    text.push_str(&sums(standing));
    text.push_str(&states(standing));
    for (kind, listed) in &standing.waiting {
        if *kind != Waiting::Open {
            text.push_str(&transactions(*kind, listed));
        }
    }
    if standing.unreadable > 0 {
        let _infallible = writeln!(
            text,
            "{} answers of Amazon's could not be read: they lie in the table of purchases, index by-state, under \
             `{} unreadable`.\n",
            standing.unreadable, account.seller_id
        );
    }
    text + &windows(standing)
}

fn sums(standing: &Standing) -> String {
    let row = |(currency, sums): (&Currency, &Sums)| {
        let amount = |amount: Decimal| money(amount, *currency);
        [
            currency.code().to_owned(),
            sums.transactions.to_string(),
            amount(sums.charges),
            amount(sums.refunds),
            amount(sums.over_refunds),
            amount(sums.net()),
        ]
    };
    let header = ["currency", "transactions", "charges", "refunds", "over-refunds", "net"];
    table(header, 1, standing.sums.iter().map(row)) + "\n"
}

fn states(standing: &Standing) -> String {
    let mut text = format!("{} reconciled", standing.reconciled);
    for (kind, listed) in &standing.waiting {
        let _infallible = write!(text, ", {} {}", listed.len(), kind.name());
        if let Some(oldest) = listed.first() {
            let _infallible = write!(text, " (the oldest for {})", age(oldest.feed_date, standing.now));
        }
    }
    text + "\n\n"
}

fn transactions(kind: Waiting, listed: &[Listed]) -> String {
    if listed.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    for each in listed.iter().take(MOST_SHOWN) {
        let by = each.difference.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let amount = money(each.amount.amount, each.amount.currency);
        let _infallible = writeln!(
            text,
            "{} {}: {} of {amount} {} {}{by}",
            plain(&each.transaction_id),
            day(each.transaction_date.unwrap_or(each.feed_date)),
            plain(&each.transaction_type),
            each.amount.currency,
            kind.name(),
        );
        for detail in each.details.iter().take(3) {
            let _infallible = writeln!(text, "    {}", plain(detail));
        }
        if each.details.len() > 3 {
            let _infallible = writeln!(text, "    and {} more", each.details.len().saturating_sub(3));
        }
    }
    if listed.len() > MOST_SHOWN {
        let _infallible = writeln!(text, "and {} more: --json shows all", listed.len().saturating_sub(MOST_SHOWN));
    }
    text + "\n"
}

fn windows(standing: &Standing) -> String {
    let proven = standing.windows.iter().filter(|(window, _)| window.state.name() == "proven").count();
    let mut hidden = proven.saturating_sub(NEWEST);
    let (mut rows, mut left_out) = (Vec::new(), 0_usize);
    for (window, proof) in &standing.windows {
        if window.state.name() == "proven" && hidden > 0 {
            hidden = hidden.saturating_sub(1);
            left_out = left_out.saturating_add(1);
            continue;
        }
        rows.push(window_row(window, proof.as_ref()));
    }
    let header = ["day", "state", "pages", "transactions", "sums", "gaps", "hash"];
    let more = if left_out > 0 { format!("and {left_out} earlier days that are proven\n") } else { String::new() };
    format!("{}{more}\n", table(header, 2, rows))
}

fn window_row(window: &StoredWindow, proof: Option<&WindowProof>) -> [String; 7] {
    let sums = proof.map(|proof| {
        let sum = |(currency, kind, _, amount): &(String, String, u64, Decimal)| {
            let shown = currency.parse().map_or_else(|_unknown| amount.to_string(), |known| money(*amount, known));
            format!("{} {shown} {currency}", plain(&kind.to_lowercase()))
        };
        proof.sums.iter().map(sum).collect::<Vec<_>>().join(", ")
    });
    [
        day(window.window.from),
        window.state.name().to_owned(),
        window.pages.pages.to_string(),
        proof.map(|proof| proof.transactions.to_string()).unwrap_or_default(),
        sums.unwrap_or_default(),
        proof.map(|proof| plain(&proof.gaps.join("; "))).unwrap_or_default(),
        proof.map(|proof| proof.hash.chars().take(12).collect()).unwrap_or_default(),
    ]
}

/// For a program: one line.
pub(super) fn json(standing: &Standing) -> String {
    let sums: serde_json::Map<String, Value> =
        standing.sums.iter().map(|(currency, sums)| (currency.code().to_owned(), sums_json(sums, *currency))).collect();
    let mut states = serde_json::Map::from_iter([("reconciled".to_owned(), json!({"count": standing.reconciled}))]);
    for (kind, listed) in &standing.waiting {
        let oldest = listed.first().map(|oldest| oldest.feed_date.to_string());
        states.insert(kind.name().to_owned(), json!({"count": listed.len(), "oldest": oldest}));
    }
    states.insert("unreadable".to_owned(), json!({"count": standing.unreadable}));
    let waiting = standing.waiting.iter().flat_map(|(kind, listed)| listed.iter().map(|each| listed_json(*kind, each)));
    let value = json!({
        "account": standing.account.seller_id,
        "name": standing.account.name,
        "sums": sums,
        "states": states,
        "waiting": waiting.collect::<Vec<_>>(),
        "windows": standing.windows.iter().map(|(window, proof)| window_json(window, proof.as_ref())).collect::<Vec<_>>(),
    });
    format!("{value}\n")
}

fn sums_json(sums: &Sums, currency: Currency) -> Value {
    let amount = |amount: Decimal| money(amount, currency);
    json!({
        "transactions": sums.transactions, "charges": amount(sums.charges), "refunds": amount(sums.refunds),
        "over_refunds": amount(sums.over_refunds), "others": amount(sums.others), "net": amount(sums.net()),
    })
}

fn listed_json(kind: Waiting, listed: &Listed) -> Value {
    json!({
        "transaction_id": listed.transaction_id, "type": listed.transaction_type, "state": kind.name(),
        "amount": money(listed.amount.amount, listed.amount.currency), "currency": listed.amount.currency.code(),
        "date": listed.transaction_date.map(|date| date.to_string()), "since": listed.feed_date.to_string(),
        "difference": listed.difference, "details": listed.details,
    })
}

fn window_json(window: &StoredWindow, proof: Option<&WindowProof>) -> Value {
    let proof = proof.map(|proof| {
        let sum = |(currency, kind, count, amount): &(String, String, u64, Decimal)| {
            json!({"currency": currency, "type": kind, "transactions": count, "amount": amount.to_string()})
        };
        json!({
            "transactions": proof.transactions, "sums": proof.sums.iter().map(sum).collect::<Vec<_>>(),
            "differing": proof.differing, "gaps": proof.gaps, "hash": proof.hash,
        })
    });
    json!({
        "from": window.window.from.to_string(), "to": window.window.to.to_string(), "state": window.state.name(),
        "origin": window.origin.name(), "pulls": window.pulls, "pages": window.pages.pages,
        "fetched": window.pages.fetched, "unreadable": window.pages.unreadable, "proof": proof,
    })
}

/// An amount with as many decimals as its currency has, or more where it has more.
fn money(amount: Decimal, currency: Currency) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < currency.minor_digits() {
        amount.rescale(currency.minor_digits());
    }
    amount.to_string()
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

fn age(since: Timestamp, now: Timestamp) -> String {
    let hours = now.duration_since(since).as_hours().max(0);
    match hours.checked_div(24).unwrap_or(0) {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Without signs that a terminal obeys, and not endless.
fn plain(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).take(400).collect()
}

/// A table for people; the columns from `numbers` on that hold amounts stand to the right.
fn table<const N: usize>(header: [&str; N], numbers: usize, rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        if (numbers..numbers.saturating_add(if numbers == 1 { N } else { 2 })).contains(&place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let yen = "JPY".parse().unwrap();
        assert_eq!(money("12.5".parse().unwrap(), Currency::EUR), "12.50");
        assert_eq!(money("1200".parse().unwrap(), yen), "1200");
        assert_eq!(money("0.125".parse().unwrap(), Currency::EUR), "0.125");
    }

    #[test]
    fn an_age_is_said_in_days() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let ages = ["2026-11-22T01:00:00Z", "2026-11-21T01:00:00Z", "2026-11-01T00:00:00Z"];
        let ages = ages.map(|since| age(since.parse().unwrap(), now));
        assert_eq!(ages, ["less than a day", "1 day", "21 days"]);
    }
}
