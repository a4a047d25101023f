//! Taxes: each against its rate and what it is on, those of the lines against those of the header.

mod domestic;
mod group;

pub(super) use group::confirmed;
use rust_decimal::Decimal;

use super::adjust::{Side, untaxed};
use super::compare::Comparison;
use super::exact::{Confirmed, half, is_rounding, rounded, written};
use super::facts::{Line, Tax};
use crate::model::TaxType;
use crate::note::{Violation, Warning};
use crate::rule::{Notice, Rule};

/// Compares all taxes under the comparison's reading.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    let facts = comparison.facts;
    let mut by_kind: Vec<(TaxType, Confirmed)> = Vec::new();
    for (line, tax) in facts.line_taxes() {
        let known = by_kind.iter().find(|(kind, _)| *kind == tax.kind).map(|(_, known)| *known);
        let known = known.unwrap_or_else(|| {
            let found = self::confirmed(comparison, tax.kind);
            by_kind.push((tax.kind, found));
            found
        });
        of_line(comparison, line, tax, known);
    }
    let mut kinds: Vec<TaxType> =
        facts.header_taxes().chain(facts.line_taxes().map(|(_, tax)| tax)).map(|tax| tax.kind).collect();
    kinds.extend(comparison.charges.taxes.iter().chain(&comparison.allowances.taxes).map(|(tax, _)| tax.kind));
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        group::compare(comparison, kind);
    }
    domestic::compare(comparison);
    if comparison.choice.fractions {
        let rate = facts.rates().next().unwrap_or_default().normalize();
        let percent = rate.saturating_mul(Decimal::ONE_HUNDRED).normalize();
        let text = format!("the rates are fractions, {rate} for {percent} percent, as in Amazon's own example");
        comparison.warnings.push(Warning::new("", Notice::TaxRateFraction, text));
    }
    let only_lines = facts.header_taxes().next().is_none();
    if let Some((_, tax)) = facts.line_taxes().find(|(_, tax)| only_lines && !tax.amount.is_zero()) {
        let text = "the header has no tax; Amazon asks for the tax of the lines there too";
        comparison.warnings.push(Warning::new(tax.pointer.as_str(), Notice::TaxOnLinesOnly, text));
        if tax.rate.is_none() && !comparison.choice.with_tax {
            unproven(comparison, tax);
        }
    }
}

/// Notes that nothing proves a tax.
fn unproven(comparison: &mut Comparison<'_>, tax: &Tax) {
    let text = match tax.rate {
        Some(_) => "nothing proves this amount: give its taxableAmount, for there are several rates",
        None => "nothing proves this amount: give its taxRate, or state it at the header and at the lines",
    };
    comparison.warnings.push(Warning::new(tax.amount_pointer(), Notice::TaxUnproven, text));
}

/// What the tax of a line may be on: the price of a unit or the line, with or without the line's charges and
/// allowances that state no tax of their own.
fn bases(comparison: &Comparison<'_>, line: &Line) -> Vec<Decimal> {
    if comparison.choice.per_unit {
        return vec![line.unit];
    }
    with_and_without(vec![line.net], &[untaxed(line, Side::Charges)], &[untaxed(line, Side::Allowances)])
}

/// Each base alone, with any one of the charges, less any one of the allowances, and both.
fn with_and_without(bases: Vec<Decimal>, charges: &[Decimal], allowances: &[Decimal]) -> Vec<Decimal> {
    let mut all = Vec::with_capacity(4);
    for base in bases {
        for charge in std::iter::once(&Decimal::ZERO).chain(charges) {
            for allowance in std::iter::once(&Decimal::ZERO).chain(allowances) {
                let each = base.saturating_add(*charge).saturating_sub(*allowance);
                if !all.contains(&each) {
                    all.push(each);
                }
            }
        }
    }
    all
}

/// A stated taxable amount must be one of the bases, but for rounding to the currency's decimals; then it alone is
/// the base. Otherwise that is noted, and the bases stay.
fn settled(comparison: &mut Comparison<'_>, tax: &Tax, taxable: Option<Decimal>, bases: Vec<Decimal>) -> Vec<Decimal> {
    let digits = comparison.facts.digits;
    let Some(taxable) = taxable else { return bases };
    if bases.iter().any(|base| {
        *base == taxable || (base.normalize().scale() > digits && is_rounding(*base, taxable, digits, Confirmed::BySum))
    }) {
        return vec![taxable];
    }
    let expected = bases.first().map_or_else(String::new, |base| written(*base, digits));
    comparison.violations.push(Violation::new(
        format!("{}/taxableAmount/amount", tax.pointer),
        Rule::TaxableAmount,
        format!("{expected}, what the tax is on"),
        written(taxable, digits),
    ));
    bases
}

/// The tax of a line is its rate of what it is on.
fn of_line(comparison: &mut Comparison<'_>, line: &Line, tax: &Tax, confirmed: Confirmed) {
    let bases = bases(comparison, line);
    let bases = settled(comparison, tax, tax.taxable, bases);
    let Some(rate) = tax.rate else { return };
    if !rate_explains(comparison, tax, rate, &bases, confirmed) {
        wrong_amount(comparison, tax, rate, &bases, tax.amount);
    }
}

/// Whether the rate explains the tax of a line, of one of the bases.
fn rate_explains(
    comparison: &Comparison<'_>,
    tax: &Tax,
    rate: Decimal,
    bases: &[Decimal],
    confirmed: Confirmed,
) -> bool {
    let digits = comparison.facts.digits;
    let rate = rate.saturating_mul(comparison.choice.per_cent());
    bases.iter().any(|base| is_rounding(rate.saturating_mul(*base), tax.amount, digits, confirmed))
}

/// Notes that an amount is not its rate of any of the bases.
fn wrong_amount(comparison: &mut Comparison<'_>, tax: &Tax, rate: Decimal, bases: &[Decimal], found: Decimal) {
    let digits = comparison.facts.digits;
    let base = bases.first().copied().unwrap_or_default();
    let exact = rate.saturating_mul(comparison.choice.per_cent()).saturating_mul(base);
    let sign = comparison.choice.per_cent_sign();
    comparison.violations.push(Violation::new(
        tax.amount_pointer(),
        Rule::TaxAmount,
        format!("{}, {}{sign} of {}", written(rounded(exact, digits), digits), rate.normalize(), written(base, digits)),
        written(found, digits),
    ));
}

/// How far the tax of a line and its part of the header's tax may be apart by rounding.
fn slack(comparison: &Comparison<'_>, line: &Line) -> Decimal {
    half(comparison.facts.digits).saturating_mul(line.factor.abs().max(Decimal::ONE))
}
