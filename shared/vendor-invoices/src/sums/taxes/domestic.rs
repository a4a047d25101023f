//! `DomesticVAT`: the tax again, in the local currency. It is in no sum of the invoice.

use rust_decimal::Decimal;

use super::group::group_bases;
use super::settled;
use crate::model::TaxType;
use crate::note::{Violation, Warning};
use crate::rule::{Notice, Rule};
use crate::sums::compare::Comparison;
use crate::sums::exact::{Confirmed, half, is_rounding, rounded, written};
use crate::sums::facts::{Adjusted, Line, Tax};
use crate::sums::sum;

/// Each is its rate of what it is on, and those of the lines are those of the header. In the invoice's own currency
/// it is the VAT of its rate.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    let facts = comparison.facts;
    let header: Vec<&Tax> = domestic(&facts.taxes).collect();
    let lines: Vec<(Decimal, &Tax)> =
        facts.lines.iter().flat_map(|line| domestic(&line.taxes).map(|tax| (line.factor, tax))).collect();
    let both = !header.is_empty() && !lines.is_empty();
    let mut by_rate = true;
    for tax in domestic(&facts.taxes) {
        by_rate &= one(comparison, tax, On::Header, both);
    }
    for line in &facts.lines {
        for tax in domestic(&line.taxes) {
            by_rate &= one(comparison, tax, On::Line(line), both);
        }
    }
    for each in facts.adjusted() {
        for tax in domestic(&each.taxes) {
            one(comparison, tax, On::Adjusted(each), false);
        }
    }
    if !both {
        return;
    }
    let expected = sum(lines.iter().map(|(factor, tax)| tax.amount.saturating_mul(comparison.times(*factor))));
    let found = sum(header.iter().map(|tax| tax.amount));
    let digits = header.first().map_or(facts.digits, |tax| tax.digits);
    let per_line = lines.iter().map(|(factor, _)| half(digits).saturating_mul((*factor).abs().max(Decimal::ONE)));
    let slack = sum(per_line).saturating_add(half(digits).saturating_mul(Decimal::from(header.len())));
    let difference = expected.saturating_sub(found).abs();
    let pointer = header.first().map(|tax| tax.amount_pointer()).unwrap_or_default();
    if difference.is_zero() {
    } else if by_rate && difference <= slack {
        let text = format!("DomesticVAT of the lines is {}, apart by rounding", written(expected, digits));
        comparison.warnings.push(Warning::new(pointer, Notice::Rounding, text));
    } else {
        comparison.violations.push(Violation::new(
            pointer,
            Rule::TaxSum,
            format!("{}, the DomesticVAT of the lines", written(expected, digits)),
            written(found, digits),
        ));
    }
}

fn domestic(taxes: &[Tax]) -> impl Iterator<Item = &Tax> {
    taxes.iter().filter(|tax| tax.kind == TaxType::DomesticVat)
}

/// What has it.
#[derive(Debug, Clone, Copy)]
enum On<'f> {
    Header,
    Line(&'f Line),
    Adjusted(&'f Adjusted),
}

/// One of them; tells whether its rate explains it. `elsewhere`: another list has it too, which confirms it.
fn one(comparison: &mut Comparison<'_>, tax: &Tax, on: On<'_>, elsewhere: bool) -> bool {
    if tax.apart {
        return true;
    }
    if !tax.foreign {
        let vat = vat(comparison, tax, on);
        let bases = bases(comparison, tax, &vat, on);
        settled(comparison, tax, tax.taxable, bases);
        if !vat.is_empty() {
            let expected = sum(vat.iter().map(|each| each.amount));
            if expected != tax.amount {
                wrong(comparison, tax, expected, "the VAT of the same rate in the same currency");
            }
            return true;
        }
    }
    let Some((rate, taxable)) = tax.rate.zip(tax.taxable) else {
        if !elsewhere {
            let text = "nothing proves this amount: give its taxRate and taxableAmount";
            comparison.warnings.push(Warning::new(tax.amount_pointer(), Notice::TaxUnproven, text));
        }
        return false;
    };
    let exact = rate.saturating_mul(comparison.choice.per_cent()).saturating_mul(taxable);
    let explains = is_rounding(exact, tax.amount, tax.digits, Confirmed::ByRateOnly);
    if !explains {
        wrong(comparison, tax, rounded(exact, tax.digits), "its rate of its taxable amount");
    }
    explains
}

/// The VAT of its rate beside it.
fn vat<'f>(comparison: &Comparison<'f>, tax: &Tax, on: On<'f>) -> Vec<&'f Tax> {
    let beside = match on {
        On::Header => &comparison.facts.taxes,
        On::Line(line) => &line.taxes,
        On::Adjusted(each) => &each.taxes,
    };
    beside.iter().filter(|each| each.kind.is_vat() && each.rate == tax.rate).collect()
}

/// What it may be on in the invoice's own currency: what the VAT beside it says, or what that may be on.
fn bases(comparison: &Comparison<'_>, tax: &Tax, vat: &[&Tax], on: On<'_>) -> Vec<Decimal> {
    let stated: Option<Vec<Decimal>> = vat.iter().map(|each| each.taxable).collect();
    if let Some(stated) = stated.filter(|stated| !stated.is_empty()) {
        return vec![sum(stated)];
    }
    match on {
        On::Line(line) => super::bases(comparison, line),
        On::Adjusted(each) => vec![each.amount],
        On::Header => {
            let by_line = comparison.facts.line_taxes().next().is_some();
            let kinds = [TaxType::Vat, TaxType::MwSt, TaxType::Tva];
            kinds.into_iter().flat_map(|kind| group_bases(comparison, kind, tax.rate, by_line)).collect()
        }
    }
}

fn wrong(comparison: &mut Comparison<'_>, tax: &Tax, expected: Decimal, why: &str) {
    comparison.violations.push(Violation::new(
        tax.amount_pointer(),
        Rule::TaxAmount,
        format!("{}, {why}", written(expected, tax.digits)),
        written(tax.amount, tax.digits),
    ));
}
