//! The taxes of one type: the header's against their rates, and against those of the lines.

use rust_decimal::Decimal;

use super::{bases, rate_explains, settled, slack, unproven, with_and_without, wrong_amount};
use crate::model::TaxType;
use crate::note::{Violation, Warning};
use crate::rule::{Notice, Rule};
use crate::sums::adjust::{Effective, Side, covers, untaxed};
use crate::sums::compare::Comparison;
use crate::sums::exact::{Confirmed, half, is_rounding, rounded, written};
use crate::sums::facts::{Facts, Line, Tax};
use crate::sums::sum;

/// The header's taxes of one type and rate; most often one.
struct Group<'f> {
    first: &'f Tax,
    rate: Option<Decimal>,
    amount: Decimal,
    /// The sum of the taxable amounts, if all are stated.
    taxable: Option<Decimal>,
    count: u32,
}

/// The type's taxes at the lines against those at the header.
struct Sides {
    /// The lines' tax, with that on charges and allowances where the header includes it.
    expected: Decimal,
    /// The header's tax.
    found: Decimal,
    /// How far rounding may keep the two apart.
    slack: Decimal,
    /// Whether each amount beside the header is confirmed by a rate.
    by_rate: bool,
}

/// Whether an exact sum has the lines' taxes of a type: the header's tax, or the total where the header has none.
pub(in crate::sums) fn confirmed(comparison: &Comparison<'_>, kind: TaxType) -> Confirmed {
    let by_sum = if comparison.facts.header_taxes().next().is_some() {
        let sides = sides(comparison, kind);
        sides.expected == sides.found
    } else {
        comparison.choice.with_tax
    };
    if by_sum { Confirmed::BySum } else { Confirmed::ByRateOnly }
}

/// Compares the taxes of one type.
pub(super) fn compare(comparison: &mut Comparison<'_>, kind: TaxType) {
    let facts = comparison.facts;
    if facts.header_taxes().next().is_none() {
        return;
    }
    let groups = groups(facts, kind);
    let lines_have_tax = facts.line_taxes().next().is_some();
    if !lines_have_tax {
        return header_only(comparison, &groups);
    }
    let sides = sides(comparison, kind);
    let exact = sides.expected == sides.found;
    // A total with tax confirms the header's tax, so that this may differ from the lines' by rounding. Without it a
    // wrong cent would pass for rounding, so only the lines' tax will do, as Amazon requires.
    let may_differ = comparison.choice.with_tax;
    let mut header_by_rate = true;
    for group in &groups {
        let bases = group_bases(comparison, kind, group.rate, true);
        header_by_rate &= of_header(comparison, group, bases, exact.then_some(sides.slack));
    }
    if exact {
        return;
    }
    let difference = sides.found.saturating_sub(sides.expected).abs();
    let digits = facts.digits;
    let pointer = groups.first().map_or_else(|| list_pointer(facts, kind), |group| group.first.amount_pointer());
    if may_differ && sides.by_rate && header_by_rate && difference <= sides.slack {
        let text = format!(
            "{} of the lines is {}, {} apart by rounding",
            kind.text(),
            written(sides.expected, digits),
            written(difference, digits)
        );
        comparison.warnings.push(Warning::new(pointer, Notice::Rounding, text));
    } else {
        // A header by its rate that the lines do not reach most often has the tax on charges and allowances too.
        let untaxed = |side: &Effective<'_>| header_by_rate && !side.untaxed.is_zero();
        let hint = match (untaxed(&comparison.charges), untaxed(&comparison.allowances)) {
            (true, false) => "; a charge states its tax in its own taxDetails",
            (false, true) => "; an allowance states its tax in its own taxDetails",
            (true, true) => "; charges and allowances state their tax in their own taxDetails",
            (false, false) => "",
        };
        comparison.violations.push(Violation::new(
            pointer,
            Rule::TaxSum,
            format!("{}, the {} of the lines{hint}", written(sides.expected, digits), kind.text()),
            written(sides.found, digits),
        ));
    }
}

/// Where a tax is missing that the lines have: the place of the header's taxes, or of the line's.
fn list_pointer(facts: &Facts, kind: TaxType) -> String {
    let header = facts.taxes.first().and_then(|tax| tax.pointer.rsplit_once('/')).map(|(list, _)| list.to_owned());
    let line = facts.line_taxes().find(|(_, tax)| tax.kind == kind).map(|(_, tax)| tax.amount_pointer());
    header.or(line).unwrap_or_default()
}

fn groups(facts: &Facts, kind: TaxType) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for tax in facts.taxes.iter().filter(|tax| tax.kind == kind) {
        if let Some(group) = groups.iter_mut().find(|group| group.rate == tax.rate) {
            group.amount = group.amount.saturating_add(tax.amount);
            group.taxable = group.taxable.zip(tax.taxable).map(|(sum, each)| sum.saturating_add(each));
            group.count = group.count.saturating_add(1);
        } else {
            groups.push(Group { first: tax, rate: tax.rate, amount: tax.amount, taxable: tax.taxable, count: 1 });
        }
    }
    groups
}

/// The two sides of a type.
fn sides(comparison: &Comparison<'_>, kind: TaxType) -> Sides {
    let facts = comparison.facts;
    let lines: Vec<(&Line, &Tax)> = facts.line_taxes().filter(|(_, tax)| tax.kind == kind).collect();
    let mut expected = sum(lines.iter().map(|(line, tax)| tax.amount.saturating_mul(comparison.times(line.factor))));
    let header: Vec<&Tax> = facts.header_taxes().filter(|tax| tax.kind == kind).collect();
    let unit = half(facts.digits);
    let mut slack = sum(lines.iter().map(|(line, _)| slack(comparison, line)));
    slack = slack.saturating_add(unit.saturating_mul(Decimal::from(header.len())));
    let mut by_rate = lines.iter().all(|(line, tax)| {
        let known = tax.taxable.map_or_else(|| bases(comparison, line), |taxable| vec![taxable]);
        tax.rate.is_some_and(|rate| rate_explains(comparison, tax, rate, &known, Confirmed::ByRateOnly))
    });
    if comparison.choice.adjustments_in_tax {
        for (effective, adds) in [(&comparison.charges, true), (&comparison.allowances, false)] {
            for (tax, _) in effective.taxes.iter().filter(|(tax, _)| tax.kind == kind) {
                let amount = if adds { tax.amount } else { -tax.amount };
                expected = expected.saturating_add(amount);
                slack = slack.saturating_add(unit);
                by_rate &= tax.rate.is_some();
            }
        }
    }
    Sides { expected, found: sum(header.iter().map(|tax| tax.amount)), slack, by_rate }
}

/// What a tax of the header may be on: the items that have it (all of them where no line has a tax), with those
/// charges and less those allowances whose tax the header includes, or which state no tax of their own.
pub(super) fn group_bases(
    comparison: &Comparison<'_>,
    kind: TaxType,
    rate: Option<Decimal>,
    by_line: bool,
) -> Vec<Decimal> {
    let facts = comparison.facts;
    let meant = |tax: &Tax| tax.kind == kind && (rate.is_none() || tax.rate.is_none() || tax.rate == rate);
    let lines: Vec<&Line> = facts.lines.iter().filter(|line| !by_line || line.taxes.iter().any(meant)).collect();
    let mut goods = sum(lines.iter().map(|line| line.net));
    if comparison.choice.adjustments_in_tax {
        let of = |taxes: &[(&Tax, Decimal)]| sum(taxes.iter().filter(|(tax, _)| meant(tax)).map(|(_, base)| *base));
        goods = goods.saturating_add(of(&comparison.charges.taxes)).saturating_sub(of(&comparison.allowances.taxes));
    }
    let of_lines = |side| sum(lines.iter().map(|line| untaxed(line, side)));
    with_and_without(
        vec![goods],
        &[of_lines(Side::Charges), comparison.charges.untaxed],
        &[of_lines(Side::Allowances), comparison.allowances.untaxed],
    )
}

/// The header's tax is its rate of what it is on, or else the sum of the lines' taxes, each of which was rounded;
/// `slack` is how much that may be, where the sum is exact. Tells whether the rate explains it.
fn of_header(comparison: &mut Comparison<'_>, group: &Group<'_>, bases: Vec<Decimal>, slack: Option<Decimal>) -> bool {
    let bases = settled(comparison, group.first, group.taxable, bases);
    let Some(rate) = group.rate else { return false };
    let digits = comparison.facts.digits;
    let exact = |base: &Decimal| rate.saturating_mul(comparison.choice.per_cent()).saturating_mul(*base);
    let apart = |base: &Decimal| exact(base).saturating_sub(group.amount).abs();
    // An exact sum of the lines, or a total with tax.
    let by_sum = slack.is_some() || comparison.choice.with_tax;
    let confirmed = if by_sum { Confirmed::BySum } else { Confirmed::ByRateOnly };
    let several = half(digits).saturating_mul(Decimal::from(group.count));
    let explains = |base: &Decimal| {
        if group.count == 1 {
            is_rounding(exact(base), group.amount, digits, confirmed)
        } else {
            apart(base) <= several
        }
    };
    if bases.iter().any(explains) {
        return true;
    }
    let nearest = bases.iter().map(apart).min().unwrap_or(Decimal::MAX);
    if slack.is_some_and(|slack| nearest <= slack) {
        let text = format!("the sum of the lines' taxes is {} from the rate, by rounding", written(nearest, digits));
        comparison.warnings.push(Warning::new(group.first.amount_pointer(), Notice::Rounding, text));
    } else {
        wrong_amount(comparison, group.first, rate, &bases, group.amount);
    }
    false
}

/// A type of which only the header has taxes. With several rates the taxable amounts say what each is on, or else
/// the taxes do by their rates.
fn header_only(comparison: &mut Comparison<'_>, groups: &[Group<'_>]) {
    let Some(first) = groups.first() else { return };
    let mut all = group_bases(comparison, first.first.kind, first.rate, false);
    // Where each rate says what it is on, that may be with some of the charges and without others.
    let taxable: Option<Decimal> = groups.iter().map(|group| group.rate.and(group.taxable)).sum();
    let goods = all.first().copied().unwrap_or_default();
    all.extend(taxable.filter(|taxable| covers(comparison.facts, goods, *taxable)));
    if groups.len() == 1 {
        of_header(comparison, first, all, None);
    } else {
        let taxable: Option<Vec<Decimal>> = groups.iter().map(|group| group.taxable).collect();
        match taxable {
            Some(taxable) => drop(settled(comparison, first.first, Some(sum(taxable)), all.clone())),
            None => implied(comparison, groups, &all),
        }
        for group in groups {
            if let Some(taxable) = group.taxable {
                of_header(comparison, group, vec![taxable], None);
            } else if group.rate.is_some_and(|rate| rate.is_zero()) && !group.amount.is_zero() {
                wrong_amount(comparison, group.first, Decimal::ZERO, &all, group.amount);
            }
        }
    }
    if comparison.choice.with_tax {
        return;
    }
    for group in groups {
        if group.rate.is_none() || (groups.len() > 1 && group.taxable.is_none()) {
            unproven(comparison, group.first);
        }
    }
}

/// Several rates of which not all state what they are on: what they are on by their rates is together one of the
/// bases, but for rounding; where a rate is zero or missing, it is not more.
fn implied(comparison: &mut Comparison<'_>, groups: &[Group<'_>], bases: &[Decimal]) {
    let digits = comparison.facts.digits;
    let (mut on, mut slack, mut open) = (Decimal::ZERO, half(digits), None);
    let mut wrong = None;
    for group in groups {
        let rate = group.rate.map(|rate| rate.saturating_mul(comparison.choice.per_cent()));
        match (group.taxable, rate.filter(|rate| !rate.is_zero())) {
            (Some(taxable), _) => on = on.saturating_add(taxable),
            (None, Some(rate)) => {
                let rounding = half(digits).saturating_mul(Decimal::from(group.count));
                on = on.saturating_add(group.amount.checked_div(rate).unwrap_or(Decimal::MAX));
                slack = slack.saturating_add(rounding.checked_div(rate).unwrap_or(Decimal::MAX));
                wrong = wrong.or(Some(group));
            }
            (None, None) => open = Some(group),
        }
    }
    let fits = |base: &Decimal| {
        let more = on.saturating_sub(*base);
        more <= slack && (open.is_some() || -more <= slack)
    };
    if bases.iter().any(fits) {
        return;
    }
    let Some(group) = wrong.or(open) else { return };
    let most = if open.is_some() { "at most " } else { "" };
    let base = written(bases.first().copied().unwrap_or_default(), digits);
    comparison.violations.push(Violation::new(
        group.first.amount_pointer(),
        Rule::TaxAmount,
        format!("taxes whose rates put them on {most}{base} together"),
        format!("taxes on {}", written(rounded(on, digits), digits)),
    ));
}
