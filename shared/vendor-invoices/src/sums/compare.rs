//! One reading against all amounts.

use rust_decimal::Decimal;

use super::adjust::{self, Effective, Side};
use super::exact::{Confirmed, half, written};
use super::facts::Facts;
use super::reading::Choice;
use super::{sum, taxes};
use crate::model::TaxType;
use crate::note::{Violation, Warning};
use crate::rule::{Notice, Rule};

/// What one reading makes of the amounts.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) violations: Vec<Violation>,
    pub(super) warnings: Vec<Warning>,
    /// The total less what it should be.
    pub(super) difference: Decimal,
    /// All tax.
    pub(super) tax: Decimal,
    /// Whether charges or allowances have tax of their own.
    pub(super) adjustment_tax: bool,
    /// The sum in words: `items 1295 = 1295 USD`.
    pub(super) sum: String,
}

impl Outcome {
    /// How far the reading is from explaining the amounts: whether the total lacks exactly the tax, which another
    /// reading explains; how many amounts are wrong; by how much the total is.
    pub(super) fn distance(&self) -> (bool, usize, Decimal) {
        let lacks_tax = !self.difference.is_zero() && self.difference == -self.tax;
        (lacks_tax, self.violations.len(), self.difference.abs())
    }
}

/// A comparison under way.
#[derive(Debug)]
pub(super) struct Comparison<'f> {
    pub(super) facts: &'f Facts,
    pub(super) choice: Choice,
    pub(super) charges: Effective<'f>,
    pub(super) allowances: Effective<'f>,
    pub(super) violations: Vec<Violation>,
    pub(super) warnings: Vec<Warning>,
}

/// Compares all amounts under a reading.
pub(super) fn under(facts: &Facts, choice: Choice) -> Outcome {
    let mut comparison = Comparison {
        facts,
        choice,
        charges: adjust::effective(facts, Side::Charges),
        allowances: adjust::effective(facts, Side::Allowances),
        violations: Vec::new(),
        warnings: Vec::new(),
    };
    for side in [Side::Charges, Side::Allowances] {
        let faults = adjust::faults(&comparison, side);
        comparison.violations.extend(faults);
    }
    taxes::compare(&mut comparison);
    comparison.total()
}

impl Comparison<'_> {
    /// How many times the tax of a line counts.
    pub(super) fn times(&self, factor: Decimal) -> Decimal {
        if self.choice.per_unit { factor } else { Decimal::ONE }
    }

    /// Whether an exact sum has the tax on charges and allowances: the header's tax with that of the lines, or a
    /// total with tax.
    pub(super) fn confirmed_adjustment(&self, kind: TaxType) -> Confirmed {
        if self.choice.adjustments_in_tax && self.facts.line_taxes().next().is_some() {
            taxes::confirmed(self, kind)
        } else if self.choice.adjustments_in_tax || !self.choice.with_tax {
            Confirmed::ByRateOnly
        } else {
            Confirmed::BySum
        }
    }

    fn adjustment_tax(&self) -> Decimal {
        let of = |side: &Effective<'_>| sum(side.taxes.iter().map(|(tax, _)| tax.amount));
        of(&self.charges).saturating_sub(of(&self.allowances))
    }

    /// All tax: that of the header, or of the lines where the header has none, and that beside it.
    fn tax(&self) -> Decimal {
        let beside = self.adjustment_tax();
        if self.facts.header_taxes().next().is_none() {
            let lines = self.facts.line_taxes().map(|(line, tax)| tax.amount.saturating_mul(self.times(line.factor)));
            return sum(lines).saturating_add(beside);
        }
        let header = sum(self.facts.header_taxes().map(|tax| tax.amount));
        if self.choice.adjustments_in_tax { header } else { header.saturating_add(beside) }
    }

    /// The total against its parts.
    fn total(mut self) -> Outcome {
        let facts = self.facts;
        let tax = self.tax();
        let added = if self.choice.with_tax { tax } else { Decimal::ZERO };
        let rest = self.charges.total.saturating_sub(self.allowances.total).saturating_add(added);
        let exact = facts.goods().saturating_add(rest);
        let difference = facts.total.saturating_sub(exact);
        let sum = self.sum_in_words(added, exact);
        let may_round = exact.normalize().scale() > facts.digits && difference.abs() <= half(facts.digits);
        if !difference.is_zero() {
            if may_round || facts.total == facts.rounded_goods().saturating_add(rest) {
                let text = format!("the total is rounded; exactly it is {}", written(exact, facts.digits));
                self.warnings.push(Warning::new("/invoiceTotal/amount", Notice::Rounding, text));
            } else {
                let more = if difference > Decimal::ZERO { "more" } else { "less" };
                self.violations.push(Violation::new(
                    "/invoiceTotal/amount",
                    Rule::Total,
                    format!("{sum}, by the nearest reading"),
                    format!(
                        "{} {}, {} {more}",
                        written(facts.total, facts.digits),
                        facts.currency,
                        written(difference.abs(), facts.digits)
                    ),
                ));
            }
        }
        let adjustment_tax = !(self.charges.taxes.is_empty() && self.allowances.taxes.is_empty());
        let Self { violations, warnings, .. } = self;
        Outcome { violations, warnings, difference, tax, adjustment_tax, sum }
    }

    fn sum_in_words(&self, tax: Decimal, total: Decimal) -> String {
        let digits = self.facts.digits;
        let mut words = format!("items {}", written(self.facts.goods(), digits));
        for (name, amount) in
            [(" + charges ", self.charges.total), (" - allowances ", self.allowances.total), (" + tax ", tax)]
        {
            if !amount.is_zero() {
                words.push_str(name);
                words.push_str(&written(amount, digits));
            }
        }
        format!("{words} = {} {}", written(total, digits), self.facts.currency)
    }
}
