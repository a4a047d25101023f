//! The same for scripts: one JSON object for each document. The names are a promise.

use std::collections::BTreeMap;

use countinghouse_domain::difference::{Class, DocumentChange, DocumentsDifference, PaymentsDifference};
use countinghouse_domain::document::Amounts;
use countinghouse_domain::money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;

use super::apply::{Applied, End};
use super::plan::{Planned, What};
use super::show::{ended, verdict};
use super::{PROGRAM_VERSION, Whole as Together, rules};

#[derive(Debug, Serialize)]
struct Line<'a> {
    account: &'a str,
    report: &'a str,
    report_type: &'a str,
    state: &'static str,
    /// `settlement`, `documents`, `unreadable`, `conflict`, `gone`.
    kind: &'static str,
    settlement: Option<&'a str>,
    currency: Option<String>,
    status_before: Option<&'a str>,
    status_after: Option<&'a str>,
    booked_by: Option<&'a str>,
    /// Whether booking again would change something and is allowed.
    applies: bool,
    refused: Option<String>,
    payments: Option<Payments<'a>>,
    documents: Option<Documents<'a>>,
    text: String,
}

#[derive(Debug, Serialize)]
struct Payments<'a> {
    count_before: u64,
    sum_before: Decimal,
    count_after: u64,
    sum_after: Decimal,
    moves: Vec<Moved<'a>>,
    details: &'a BTreeMap<&'static str, u64>,
}

#[derive(Debug, Serialize)]
struct Moved<'a> {
    from_type: Option<&'static str>,
    from_category: Option<&'a str>,
    to_type: Option<&'static str>,
    to_category: Option<&'a str>,
    count: u64,
    before: Decimal,
    after: Decimal,
    lines: Vec<u64>,
}

#[derive(Debug, Serialize)]
struct Documents<'a> {
    created: u64,
    changed: u64,
    unchanged: u64,
    flags: BTreeMap<&'static str, Flags>,
    changes: Vec<Change<'a>>,
}

#[derive(Debug, Serialize)]
struct Flags {
    gained: u64,
    lost: u64,
}

#[derive(Debug, Serialize)]
struct Change<'a> {
    document: String,
    currency: String,
    before: Option<Sums>,
    after: Sums,
    flags_gained: &'a [&'static str],
    flags_lost: &'a [&'static str],
}

#[derive(Debug, Serialize)]
struct Sums {
    gross: Decimal,
    vat: Decimal,
    net: Decimal,
    lines: usize,
}

#[derive(Debug, Serialize)]
struct Whole<'a> {
    summary: bool,
    program_version: &'static str,
    rules: &'static str,
    looked_at: usize,
    applies: usize,
    needs_a_person: usize,
    payments: BTreeMap<String, Payments<'a>>,
    documents_created: u64,
    documents_changed: u64,
    /// Each document once, also where several reports name it.
    documents: Documents<'a>,
}

#[derive(Debug, Serialize)]
struct Ended<'a> {
    account: &'a str,
    report: &'a str,
    outcome: &'static str,
    text: String,
}

/// One line for each document, and one for the whole.
pub(super) fn plan(planned: &[Planned], whole: &Together) -> String {
    let mut text: String = planned.iter().map(|each| json(&line(each))).collect();
    text.push_str(&json(&Whole {
        summary: true,
        program_version: PROGRAM_VERSION,
        rules: rules(),
        looked_at: planned.len(),
        applies: planned.iter().filter(|each| each.is_to_be_applied()).count(),
        needs_a_person: planned.iter().filter(|each| each.needs_a_person()).count(),
        payments: whole.payments.iter().map(|(currency, each)| (currency.to_string(), payments(each))).collect(),
        documents_created: whole.documents.created(),
        documents_changed: whole.documents.changed(),
        documents: documents(&whole.documents),
    }));
    text
}

/// One line for each document that was booked again.
pub(super) fn applied(planned: &[Planned], applied: &[Applied]) -> String {
    let outcome = |each: &Applied| {
        let plan = planned.get(each.place)?;
        let outcome = match each.end {
            End::Gone => "booked",
            End::Left => "difference_left",
            End::Quarantined(_) => "quarantined",
            End::Refused(_) => "refused",
            End::Waiting => "waiting",
        };
        let (account, report) = (plan.job.seller.as_str(), plan.job.report_id.as_str());
        Some(json(&Ended { account, report, outcome, text: ended(&each.end) }))
    };
    applied.iter().filter_map(outcome).collect()
}

fn line(planned: &Planned) -> Line<'_> {
    let mut line = Line {
        account: planned.job.seller.as_str(),
        report: planned.job.report_id.as_str(),
        report_type: planned.job.report_type.name(),
        state: planned.job.state.name(),
        kind: kind(&planned.what),
        settlement: None,
        currency: None,
        status_before: None,
        status_after: None,
        booked_by: None,
        applies: planned.is_to_be_applied(),
        refused: None,
        payments: None,
        documents: None,
        text: if planned.is_to_be_applied() || planned.needs_a_person() {
            verdict(planned)
        } else {
            "no difference".to_owned()
        },
    };
    match &planned.what {
        What::Settlement(plan) => {
            line.settlement = Some(plan.settlement_id.as_str());
            line.currency = Some(plan.currency.to_string());
            line.status_before = plan.status_before;
            line.status_after = Some(plan.status_after);
            line.booked_by = plan.booked_by.as_deref();
            line.refused = plan.refusal.as_ref().map(ToString::to_string);
            line.payments = Some(payments(&plan.difference));
        }
        What::Documents(difference) => line.documents = Some(documents(difference)),
        What::Unreadable(reason) | What::Conflict(reason) => line.refused = Some(reason.clone()),
        What::Gone => line.refused = Some("its bytes are no longer in the bucket".to_owned()),
    }
    line
}

const fn kind(what: &What) -> &'static str {
    match what {
        What::Settlement(_) => "settlement",
        What::Documents(_) => "documents",
        What::Unreadable(_) => "unreadable",
        What::Conflict(_) => "conflict",
        What::Gone => "gone",
    }
}

fn payments(difference: &PaymentsDifference) -> Payments<'_> {
    let (before, after) = (difference.rows_before(), difference.rows_after());
    let named = |class: &'_ Option<Class>| class.as_ref().map(|class| class.payment_type.name());
    let moves = difference.moves().iter().map(|(between, moved)| Moved {
        from_type: named(&between.from),
        from_category: between.from.as_ref().map(|class| class.category.as_str()),
        to_type: named(&between.to),
        to_category: between.to.as_ref().map(|class| class.category.as_str()),
        count: moved.count,
        before: moved.before,
        after: moved.after,
        lines: moved.places.iter().map(|place| place.line).collect(),
    });
    Payments {
        count_before: before.count,
        sum_before: before.sum,
        count_after: after.count,
        sum_after: after.sum,
        moves: moves.collect(),
        details: difference.details(),
    }
}

fn documents(difference: &DocumentsDifference) -> Documents<'_> {
    let flags = difference.flags().iter().map(|(name, (gained, lost))| (*name, Flags { gained: *gained, lost: *lost }));
    Documents {
        created: difference.created(),
        changed: difference.changed(),
        unchanged: difference.unchanged(),
        flags: flags.collect(),
        changes: difference.changes().iter().map(|each| change(each)).collect(),
    }
}

fn change(change: &DocumentChange) -> Change<'_> {
    let sums = |(total, lines): &(Amounts, usize)| {
        let [gross, vat, net] = total.figures();
        Sums { gross, vat, net, lines: *lines }
    };
    let currency: Currency = change.currency;
    Change {
        document: change.key.to_string(),
        currency: currency.to_string(),
        before: change.before.as_ref().map(sums),
        after: sums(&change.after),
        flags_gained: &change.flags_gained,
        flags_lost: &change.flags_lost,
    }
}

/// Texts, numbers and lists can always be written.
pub(super) fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
