//! `DomesticVAT`: the tax again, in the local currency. It is in no sum of the invoice.

use rust_decimal::Decimal;

use crate::model::TaxType;
use crate::note::{Violation, Warning};
use crate::rule::{Notice, Rule};
use crate::sums::compare::Comparison;
use crate::sums::exact::{Confirmed, half, is_rounding, rounded, written};
use crate::sums::facts::Tax;
use crate::sums::sum;

/// Each is its rate of what it is on, and those of the lines are those of the header. In the invoice's own currency
/// it is the VAT of its rate.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    let facts = comparison.facts;
    let header: Vec<&Tax> = domestic(&facts.taxes).collect();
    let lines: Vec<(Decimal, &Tax)> =
        facts.lines.iter().flat_map(|line| domestic(&line.taxes).map(|tax| (line.factor, tax))).collect();
    let both = !header.is_empty() && !lines.is_empty();
    let lists = std::iter::once(&facts.taxes).chain(facts.lines.iter().map(|line| &line.taxes));
    let mut by_rate = true;
    for list in lists {
        for tax in domestic(list) {
            by_rate &= one(comparison, tax, list, both);
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

/// One of them; tells whether its rate explains it. `elsewhere`: another list has it too, which confirms it.
fn one(comparison: &mut Comparison<'_>, tax: &Tax, beside: &[Tax], elsewhere: bool) -> bool {
    let vat: Vec<&Tax> = beside.iter().filter(|each| each.kind == TaxType::Vat && each.rate == tax.rate).collect();
    if !tax.foreign && !vat.is_empty() {
        let expected = sum(vat.iter().map(|each| each.amount));
        if expected != tax.amount {
            wrong(comparison, tax, expected, "the VAT of the same rate in the same currency");
        }
        return true;
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

fn wrong(comparison: &mut Comparison<'_>, tax: &Tax, expected: Decimal, why: &str) {
    comparison.violations.push(Violation::new(
        tax.amount_pointer(),
        Rule::TaxAmount,
        format!("{}, {why}", written(expected, tax.digits)),
        written(tax.amount, tax.digits),
    ));
}
