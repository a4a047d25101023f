//! Charges and allowances: those of the header repeat those of the lines, by type.

use rust_decimal::Decimal;

use super::compare::Comparison;
use super::exact::{is_rounding, rounded, written};
use super::facts::{Adjusted, Facts, Line, Tax};
use super::sum;
use crate::model::TaxType;
use crate::note::Violation;
use crate::rule::Rule;

/// Charges, or allowances, each counted once.
#[derive(Debug)]
pub(super) struct Effective<'f> {
    /// Their sum without tax.
    pub(super) total: Decimal,
    /// The taxes on them, each with the amount that it is on.
    pub(super) taxes: Vec<(&'f Tax, Decimal)>,
    /// The sum of those of the header that state no tax of their own.
    pub(super) untaxed: Decimal,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Charges,
    Allowances,
}

impl Side {
    fn of_header(self, facts: &Facts) -> &[Adjusted] {
        match self {
            Self::Charges => &facts.charges,
            Self::Allowances => &facts.allowances,
        }
    }

    pub(super) fn of_line(self, line: &Line) -> &[Adjusted] {
        match self {
            Self::Charges => &line.charges,
            Self::Allowances => &line.allowances,
        }
    }

    const fn rule(self) -> Rule {
        match self {
            Self::Charges => Rule::ChargeSum,
            Self::Allowances => Rule::AllowanceSum,
        }
    }

    fn of_lines(self, facts: &Facts) -> impl Iterator<Item = &Adjusted> {
        facts.lines.iter().flat_map(move |line| self.of_line(line))
    }
}

/// Those of the header, and those of the lines of which the header has none of that kind.
pub(super) fn effective(facts: &Facts, side: Side) -> Effective<'_> {
    let header = side.of_header(facts);
    let in_header = |kind: &str| header.iter().any(|each| each.kind == kind);
    let taxed_in_header = |kind: &str| header.iter().any(|each| each.kind == kind && !each.taxes.is_empty());
    let counted = || header.iter().chain(side.of_lines(facts).filter(|each| !in_header(each.kind)));
    // The header may name a charge whose tax stands at the lines only.
    let taxed = header.iter().chain(side.of_lines(facts).filter(|each| !taxed_in_header(each.kind)));
    Effective {
        total: sum(counted().map(|each| each.amount)),
        taxes: taxed
            .flat_map(|each| each.taxes.iter().filter(|tax| tax.counts()).map(|tax| (tax, base(each, tax))))
            .collect(),
        untaxed: sum(header.iter().filter(|each| each.taxes.is_empty()).map(|each| each.amount)),
    }
}

/// The sum of those of a line that state no tax of their own.
pub(super) fn untaxed(line: &Line, side: Side) -> Decimal {
    sum(side.of_line(line).iter().filter(|each| each.taxes.is_empty()).map(|each| each.amount))
}

/// What is wrong with them by themselves.
pub(super) fn faults(comparison: &Comparison<'_>, side: Side) -> Vec<Violation> {
    let facts = comparison.facts;
    let mut violations = Vec::new();
    let header = side.of_header(facts);
    for (position, first) in header.iter().enumerate() {
        if header.iter().take(position).any(|each| each.kind == first.kind) {
            continue;
        }
        let of_kind = |list: &mut dyn Iterator<Item = &Adjusted>| {
            let mut found = list.filter(|each| each.kind == first.kind).peekable();
            found.peek().is_some().then(|| found.fold(Decimal::ZERO, |sum, each| sum.saturating_add(each.amount)))
        };
        let at_header = of_kind(&mut header.iter()).unwrap_or_default();
        if let Some(at_lines) = of_kind(&mut side.of_lines(facts)).filter(|at_lines| *at_lines != at_header) {
            violations.push(Violation::new(
                first.pointer.as_str(),
                side.rule(),
                format!("{}, the sum of {} at the lines", written(at_lines, facts.digits), first.kind),
                written(at_header, facts.digits),
            ));
        }
        tax_sums(facts, side, first.kind, &mut violations);
    }
    for each in header.iter().chain(side.of_lines(facts)) {
        own_taxes(comparison, each, &mut violations);
    }
    violations
}

/// Where the taxes on one kind stand at the header and at the lines, their sums agree.
fn tax_sums(facts: &Facts, side: Side, kind: &str, violations: &mut Vec<Violation>) {
    let taxes = |list: Vec<&'_ Adjusted>| -> Vec<(TaxType, Decimal, String)> {
        list.into_iter()
            .filter(|each| each.kind == kind)
            .flat_map(|each| each.taxes.iter().filter(|tax| tax.counts()))
            .map(|tax| (tax.kind, tax.amount, tax.amount_pointer()))
            .collect()
    };
    let header = taxes(side.of_header(facts).iter().collect());
    let lines = taxes(side.of_lines(facts).collect());
    if header.is_empty() || lines.is_empty() {
        return;
    }
    let of = |list: &[(TaxType, Decimal, String)], tax: TaxType| {
        sum(list.iter().filter(|(kind, _, _)| *kind == tax).map(|(_, amount, _)| *amount))
    };
    let mut kinds: Vec<TaxType> = header.iter().chain(&lines).map(|(kind, _, _)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for tax in kinds {
        let (wanted, found) = (of(&lines, tax), of(&header, tax));
        if wanted != found {
            let place = header.iter().chain(&lines).find(|(kind, _, _)| *kind == tax);
            violations.push(Violation::new(
                place.map(|(_, _, pointer)| pointer.clone()).unwrap_or_default(),
                Rule::TaxSum,
                format!("{}, the {} on {kind} at the lines", written(wanted, facts.digits), tax.text()),
                written(found, facts.digits),
            ));
        }
    }
}

/// What a tax on a charge or allowance is on: all of it, or the part that it states, where several taxes of its type
/// share the amount.
fn base(each: &Adjusted, tax: &Tax) -> Decimal {
    let of_kind = || each.taxes.iter().filter(|other| other.kind == tax.kind);
    let stated: Option<Vec<Decimal>> = of_kind().map(|other| other.taxable).collect();
    let shared = stated.is_some_and(|parts| parts.len() > 1 && sum(parts) == each.amount);
    tax.taxable.filter(|_| shared).unwrap_or(each.amount)
}

/// Whether these goods, with some of the header's charges and less some of its allowances that state no tax of their
/// own, are the taxable amount: a header's tax may be on freight, but not on a deposit.
pub(super) fn covers(facts: &Facts, goods: Decimal, taxable: Decimal) -> bool {
    let untaxed = |list: &'_ [Adjusted]| -> Vec<Decimal> {
        list.iter().filter(|each| each.taxes.is_empty()).map(|each| each.amount).collect()
    };
    let mut parts = untaxed(&facts.charges);
    parts.extend(untaxed(&facts.allowances).into_iter().map(|amount| -amount));
    if parts.len() > MOST_PARTS {
        return false;
    }
    let mut reached = vec![goods];
    for part in parts {
        let with: Vec<Decimal> = reached.iter().map(|each| each.saturating_add(part)).collect();
        reached.extend(with);
    }
    reached.contains(&taxable)
}

/// The most charges and allowances of which each selection is tried.
const MOST_PARTS: usize = 10;

/// The taxes on a charge or allowance are on its amount, at their rates.
fn own_taxes(comparison: &Comparison<'_>, each: &Adjusted, violations: &mut Vec<Violation>) {
    let (facts, choice) = (comparison.facts, comparison.choice);
    let sign = choice.per_cent_sign();
    for tax in each.taxes.iter().filter(|tax| tax.counts()) {
        let base = base(each, tax);
        if let Some(taxable) = tax.taxable.filter(|taxable| *taxable != base) {
            violations.push(Violation::new(
                format!("{}/taxableAmount/amount", tax.pointer),
                Rule::TaxableAmount,
                format!("{}, what the tax is on", written(base, facts.digits)),
                written(taxable, facts.digits),
            ));
        }
        if let Some(rate) = tax.rate {
            let exact = rate.saturating_mul(choice.per_cent()).saturating_mul(base);
            let confirmed = comparison.confirmed_adjustment(tax.kind);
            if !is_rounding(exact, tax.amount, facts.digits, confirmed) {
                violations.push(Violation::new(
                    tax.amount_pointer(),
                    Rule::TaxAmount,
                    format!(
                        "{}, {}{sign} of {}",
                        written(rounded(exact, facts.digits), facts.digits),
                        rate.normalize(),
                        written(base, facts.digits)
                    ),
                    written(tax.amount, facts.digits),
                ));
            }
        }
    }
}
