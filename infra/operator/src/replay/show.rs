//! The difference and its application, for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countinghouse_domain::difference::{
    Class, DocumentChange, DocumentsDifference, Move, Moved, PaymentsDifference, Refusal,
};
use countinghouse_domain::money::Currency;
use rust_decimal::Decimal;

use super::apply::{Applied, End};
use super::plan::{Planned, SettlementPlan, What};
use super::{PROGRAM_VERSION, Whole, rules};
use crate::desk::{money, table};

/// How many documents of a VAT report are shown one by one; `--json` names a thousand.
const DOCUMENTS_SHOWN: usize = 20;

/// The whole difference.
pub(super) fn plan(planned: &[Planned], whole: &Whole, left_out: &BTreeMap<&'static str, usize>) -> String {
    let mut text = String::new();
    let looked_at = counted(planned.len(), "stored document");
    say(&mut text, &format!("{looked_at} read with version {PROGRAM_VERSION}, rules {}", rules()));
    for (report_type, count) in left_out {
        say(&mut text, &format!("left out, see --help: {count} of {report_type}"));
    }
    let differing = planned.iter().filter(|each| each.is_to_be_applied() || each.needs_a_person()).count();
    if differing == 0 {
        say(&mut text, "no difference");
        return text;
    }
    payments(&mut text, &whole.payments);
    documents(&mut text, &whole.documents);
    one_by_one(&mut text, planned);
    changes(&mut text, &whole.documents);
    text
}

fn say(text: &mut String, line: &str) {
    let _infallible = writeln!(text, "{line}");
}

fn payments(text: &mut String, payments: &BTreeMap<Currency, PaymentsDifference>) {
    let rows: Vec<[String; 5]> = payments
        .iter()
        .flat_map(|(currency, difference)| {
            difference.moves().iter().map(move |(between, moved)| {
                let amount = |amount: Decimal| format!("{} {currency}", money(amount, *currency));
                let [from, to] = [&between.from, &between.to].map(|class| named(class.as_ref()));
                [from, to, moved.count.to_string(), amount(moved.before), amount(moved.after)]
            })
        })
        .collect();
    if !rows.is_empty() {
        say(text, "\nPayments, by type and category");
        text.push_str(&table(
            ["in the books", "booked again", "payments", "amount before", "amount after"],
            2..5,
            rows,
        ));
    }
    for (currency, difference) in payments {
        for (name, count) in difference.details() {
            say(text, &format!("{count} payments in {currency} have another {name}"));
        }
    }
    by_type(text, payments);
}

/// The totals of every type before and after: what an accountant compares.
fn by_type(text: &mut String, payments: &BTreeMap<Currency, PaymentsDifference>) {
    let mut rows = Vec::new();
    for (currency, difference) in payments {
        let mut types: BTreeMap<_, [(u64, Decimal); 2]> = BTreeMap::new();
        for (side, totals) in [difference.before(), difference.after()].into_iter().enumerate() {
            for (class, subtotal) in totals {
                if let Some((count, sum)) = types.entry(class.payment_type).or_default().get_mut(side) {
                    *count = count.saturating_add(subtotal.count);
                    *sum = sum.saturating_add(subtotal.sum);
                }
            }
        }
        for (payment_type, [(count, sum), (count_after, sum_after)]) in types {
            if (count, sum) != (count_after, sum_after) {
                let [before, after] = [sum, sum_after].map(|sum| format!("{} {currency}", money(sum, *currency)));
                rows.push([payment_type.to_string(), count.to_string(), before, count_after.to_string(), after]);
            }
        }
    }
    if !rows.is_empty() {
        say(text, "\nTotals of these settlements, by type");
        text.push_str(&table(["type", "before", "sum before", "after", "sum after"], 1..5, rows));
    }
}

fn named(class: Option<&Class>) -> String {
    class.map_or_else(|| "(nothing)".to_owned(), |class| format!("{} ({})", class.payment_type, class.category))
}

fn documents(text: &mut String, difference: &DocumentsDifference) {
    if difference.is_empty() {
        return;
    }
    let rows = difference.totals().iter().map(|((kind, currency), totals)| {
        let sums = |total: &countinghouse_domain::difference::Counted| {
            let [gross, vat, _] = total.total.figures().map(|amount| money(amount, *currency));
            (total.count.to_string(), format!("{gross} {currency}"), format!("{vat} {currency}"))
        };
        let ((count, gross, vat), (count_after, gross_after, vat_after)) = (sums(&totals.before), sums(&totals.after));
        [kind.words().to_owned(), count, gross, vat, count_after, gross_after, vat_after]
    });
    say(text, "\nInvoices and credit notes that the VAT reports mention, before and after");
    let header = ["kind", "before", "gross before", "VAT before", "after", "gross after", "VAT after"];
    text.push_str(&table(header, 1..7, rows));
    let (created, changed, unchanged) = (difference.created(), difference.changed(), difference.unchanged());
    say(text, &format!("{created} new, {changed} changed, {unchanged} as they are, each counted once"));
    for (flag, (more, fewer)) in difference.flags() {
        say(text, &format!("flag {flag}: on {more} more documents, on {fewer} no longer"));
    }
}

fn one_by_one(text: &mut String, planned: &[Planned]) {
    let shown = planned.iter().filter(|each| each.is_to_be_applied() || each.needs_a_person());
    let rows =
        shown.map(|each| [each.job.seller.to_string(), each.job.report_id.to_string(), subject(each), verdict(each)]);
    say(text, "\nBy document");
    text.push_str(&table(["account", "report", "what", "difference"], 0..0, rows));
}

fn subject(planned: &Planned) -> String {
    match &planned.what {
        What::Settlement(plan) => format!("settlement {}", plan.settlement_id),
        What::Documents(_) => "VAT report".to_owned(),
        What::Unreadable(_) | What::Conflict(_) | What::Gone => planned.job.report_type.to_string(),
    }
}

/// What happens to one document, in a sentence.
pub(super) fn verdict(planned: &Planned) -> String {
    match &planned.what {
        What::Settlement(plan) => settlement(planned, plan),
        What::Documents(difference) => {
            let counts = [(difference.created(), "new"), (difference.changed(), "changed")];
            let some = counts.into_iter().filter(|(count, _)| *count > 0);
            let parts: Vec<_> = some.map(|(count, how)| format!("{count} {how}")).collect();
            let none = if parts.is_empty() { "no document changes" } else { "documents: " };
            format!("{}{none}{}", out(planned), parts.join(", "))
        }
        What::Unreadable(reason) | What::Conflict(reason) => format!("cannot be booked: {reason}"),
        What::Gone => "its bytes are no longer in the bucket".to_owned(),
    }
}

fn out(planned: &Planned) -> String {
    if planned.is_out() { format!("{} → booked; ", planned.job.state) } else { String::new() }
}

fn settlement(planned: &Planned, plan: &SettlementPlan) -> String {
    if let Some(refusal) = &plan.refusal {
        return format!("REFUSED: {refusal}{}", cure(planned, plan, refusal));
    }
    let mut parts = Vec::new();
    let status = plan.status_before.unwrap_or("(nothing)");
    if status != plan.status_after {
        parts.push(format!("{status} → {}", plan.status_after));
    }
    parts.extend(plan.difference.moves().iter().map(|(between, moved)| moved_text(between, moved, plan.currency)));
    parts.extend(plan.difference.details().iter().map(|(name, count)| format!("{count} payments with another {name}")));
    if plan.proof_differs {
        parts.push("the proof is renewed".to_owned());
    }
    format!("{}{}", out(planned), parts.join("; "))
}

/// What a person can do about a refusal: only payments that were proven and are lost or changed can be written again.
fn cure(planned: &Planned, plan: &SettlementPlan, refusal: &Refusal) -> String {
    if !matches!(refusal, Refusal::SumChanges { .. }) || plan.status_before != Some("proven") {
        return String::new();
    }
    let (id, account) = (&plan.settlement_id, &planned.job.seller);
    format!(
        ". To write them again as the file has them: countinghouse replay --settlement {id} --account {account} --restore"
    )
}

fn moved_text(between: &Move, moved: &Moved, currency: Currency) -> String {
    let Moved { count, before, after, places } = moved;
    let [from, to] = [&between.from, &between.to].map(|class| type_or_category(class.as_ref(), between));
    let lines: Vec<_> = places.iter().filter(|place| !place.is_derived()).map(|place| place.line.to_string()).collect();
    let amount = if before == after || between.from.is_none() {
        format!("{} {currency}", money(*after, currency))
    } else {
        format!("{} → {} {currency}", money(*before, currency), money(*after, currency))
    };
    let more = if *count > u64::try_from(places.len()).unwrap_or(u64::MAX) { " …" } else { "" };
    let example = if lines.is_empty() { String::new() } else { format!(" (line {}{more})", lines.join(", ")) };
    format!("{from} → {to} {} {amount}{example}", payments_text(*count))
}

/// The type alone where it changes, and otherwise the category.
fn type_or_category(class: Option<&Class>, between: &Move) -> String {
    let Some(class) = class else { return "(nothing)".to_owned() };
    let type_of = |class: &Option<Class>| class.as_ref().map(|class| class.payment_type);
    if type_of(&between.from) == type_of(&between.to) {
        format!("{} ({})", class.payment_type, class.category)
    } else {
        class.payment_type.to_string()
    }
}

fn payments_text(count: u64) -> String {
    format!("{count} payment{}", if count == 1 { "" } else { "s" })
}

fn changes(text: &mut String, difference: &DocumentsDifference) {
    if !difference.changes().is_empty() {
        say(text, "\nInvoices and credit notes that change");
    }
    for change in difference.changes().iter().take(DOCUMENTS_SHOWN) {
        say(text, &format!("  {}", change_text(change)));
    }
    let in_all = difference.created().saturating_add(difference.changed());
    let more = in_all.saturating_sub(u64::try_from(DOCUMENTS_SHOWN).unwrap_or(u64::MAX));
    if more > 0 {
        say(text, &format!("  and {more} more; --json names them"));
    }
}

fn change_text(change: &DocumentChange) -> String {
    let DocumentChange { key, before, after, currency, flags_gained, flags_lost } = change;
    let gross = |(total, _): &(countinghouse_domain::document::Amounts, usize)| money(total.gross, *currency);
    let lines = |(_, lines): &(countinghouse_domain::document::Amounts, usize)| counted(*lines, "line");
    let mut text = match before {
        None => format!("{key}: new, {} {currency}, {}", gross(after), lines(after)),
        Some(before) if before == after => format!("{key}: {} {currency} as before", gross(after)),
        Some(before) => {
            format!("{key}: {} → {} {currency}, {} → {}", gross(before), gross(after), lines(before), lines(after))
        }
    };
    for (sign, flags) in [("+", flags_gained), ("-", flags_lost)] {
        for flag in flags {
            let _infallible = write!(text, ", {sign}{flag}");
        }
    }
    text
}

/// What became of the documents that were booked again.
pub(super) fn applied(planned: &[Planned], applied: &[Applied]) -> String {
    let mut text = String::from("\n");
    let gone = applied.iter().filter(|each| each.is_well()).count();
    let others: Vec<_> = applied
        .iter()
        .filter(|each| !each.is_well())
        .filter_map(|each| {
            let plan = planned.get(each.place)?;
            Some([plan.job.seller.to_string(), plan.job.report_id.to_string(), subject(plan), ended(&each.end)])
        })
        .collect();
    let unplanned = planned.iter().filter(|each| each.needs_a_person()).count();
    say(&mut text, &booked_again(gone, others.len(), unplanned));
    if !others.is_empty() {
        text.push_str(&table(["account", "report", "what", "outcome"], 0..0, others));
    }
    text
}

/// How many are done, and what is left: `others` were tried and listed after this, `unplanned` were refused before.
fn booked_again(gone: usize, others: usize, unplanned: usize) -> String {
    let mut text = format!("booked again: {}", counted(gone, "document"));
    if others == 0 && unplanned == 0 {
        text.push_str(", and no difference is left");
        return text;
    }
    if gone > 0 {
        text.push_str(", without a difference");
    }
    for (count, why) in [(others, "with the outcome below"), (unplanned, "refused, see above")] {
        if count > 0 {
            let _infallible = write!(text, "; left: {} {why}", counted(count, "document"));
        }
    }
    text
}

/// How it ended, and what to do.
pub(super) fn ended(end: &End) -> String {
    match end {
        End::Gone => "booked, no difference is left".to_owned(),
        End::Left => "booked, and there still is a difference: run this command again".to_owned(),
        End::Quarantined(reason) => format!("quarantined: {reason}"),
        End::Refused(reason) => format!("refused: {reason}"),
        End::Waiting => {
            "not booked yet: look into bookings-dlq (countinghouse redrive), and run this command again".to_owned()
        }
    }
}

pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_difference_is_left_only_where_nothing_is_left() {
        assert_eq!(booked_again(1, 0, 0), "booked again: 1 document, and no difference is left");
        assert_eq!(booked_again(0, 3, 0), "booked again: 0 documents; left: 3 documents with the outcome below");
        assert_eq!(
            booked_again(2, 1, 1),
            "booked again: 2 documents, without a difference; left: 1 document with the outcome below; left: 1 document \
             refused, see above"
        );
    }
}
