//! The plan before, and what came of it.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::Flow;
use super::estimate::{Calls, takes};
use super::item::{Item, Kind, Stand};
use super::plan::Span;
use crate::desk::{day, span as length, table};

/// The plan: what is fetched, which calls that takes, and how long by Amazon's rates.
pub(super) fn plan(items: &[Item], calls: &[Calls], has_settlements: bool, span: Span, now: Timestamp) -> String {
    let mut text = String::from("Plan\n");
    let rows =
        items.iter().map(|item| [item.account.to_string(), item.flow.name().to_owned(), item.days(), standing(item)]);
    text.push_str(&table(["account", "flow", "days (UTC)", "now"], 0..0, rows));
    if !calls.is_empty() {
        text.push_str("\nCalls\n");
        let rows = calls.iter().map(|each| {
            [
                each.account.to_string(),
                each.operation.name().to_owned(),
                format!("{}{}", if each.at_least { "at least " } else { "" }, each.count),
                each.at_once(now).to_string(),
                pace(each.pause()),
                length(each.takes(now)),
            ]
        });
        let header = ["account", "call", "calls", "at once", "then one in", "takes"];
        text.push_str(&table(header, 2..6, rows));
        let all = takes(calls, now);
        let rates = if all.is_zero() {
            "By Amazon's rates nothing has to wait.".to_owned()
        } else {
            format!("By Amazon's rates this takes at least {}.", length(all))
        };
        let _infallible =
            writeln!(text, "\n{rates} Amazon takes minutes to hours to make a report, which nobody can foresee.");
    }
    for note in notes(items, has_settlements, span, now) {
        let _infallible = writeln!(text, "{note}");
    }
    text
}

/// How long it is from one call to the next.
fn pace(pause: SignedDuration) -> String {
    if pause < SignedDuration::from_secs(1) { "under 1 s".to_owned() } else { length(pause) }
}

fn standing(item: &Item) -> String {
    match (&item.kind, &item.stand) {
        (Kind::List, _) => "Amazon is asked for its list".to_owned(),
        (_, Stand::Wanted) => "to be asked for".to_owned(),
        (_, Stand::AtWork(Some(report))) => format!("report {report} is on its way"),
        (_, Stand::AtWork(None)) => "on its way".to_owned(),
        (_, Stand::Over(end)) => end.state.clone(),
    }
}

fn notes(items: &[Item], has_settlements: bool, span: Span, now: Timestamp) -> Vec<String> {
    let mut notes = Vec::new();
    let listed = span.listed(now);
    if has_settlements && listed.is_none_or(|listed| listed.from > span.from) {
        let until = listed.map_or(span.to, |listed| listed.from);
        notes.push(format!(
            "Settlements before {} are older than Amazon's list of 90 days: download them in Seller Central, then \
             countinghouse import.",
            day(until)
        ));
    }
    if items.iter().any(|item| item.flow == Flow::Invoicing && item.is_wanted()) {
        notes.push(
            "What Amazon still calls pending in VAT invoice data reports becomes due: the stack numbers, makes and uploads it."
                .to_owned(),
        );
    }
    notes
}

/// What came of everything.
pub(super) fn outcome(items: &[Item]) -> String {
    let rows = items.iter().map(|item| {
        let (report, state, what) = match &item.stand {
            Stand::Wanted => (None, "wanted", "not asked for yet"),
            Stand::AtWork(report) => (report.as_ref(), "on its way", ""),
            Stand::Over(end) => (end.report.as_ref(), end.state.as_str(), end.what.as_str()),
        };
        let report = report.map(ToString::to_string).unwrap_or_default();
        [item.account.to_string(), item.flow.name().to_owned(), item.days(), report, state.to_owned(), what.to_owned()]
    });
    let header = ["account", "flow", "days (UTC)", "report", "state", "what came of it"];
    format!("\nOutcome\n{}", table(header, 0..0, rows))
}
