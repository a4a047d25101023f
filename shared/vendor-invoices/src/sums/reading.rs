//! The readings: how the amounts of an invoice may be meant.

use rust_decimal::Decimal;

use super::compare::Outcome;
use super::exact::written;
use super::facts::Facts;

/// One way to read the amounts.
#[expect(clippy::struct_excessive_bools, reason = "four questions that are independent of each other")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    /// The tax of a line is that of one unit, or of all of it.
    pub(super) per_unit: bool,
    /// The total includes the tax.
    pub(super) with_tax: bool,
    /// The tax of the header includes that on charges and allowances.
    pub(super) adjustments_in_tax: bool,
    /// Rates are fractions, 0.19 for 19 percent.
    pub(super) fractions: bool,
}

impl Choice {
    /// The readings that differ for these amounts, the likeliest first.
    pub(super) fn all(facts: &Facts) -> impl Iterator<Item = Self> {
        let adjusted = || facts.adjusted().flat_map(|each| each.taxes.iter().filter(|tax| tax.counts()));
        let taxes = || facts.header_taxes().chain(facts.line_taxes().map(|(_, tax)| tax)).chain(adjusted());
        let units_matter = facts.lines.iter().any(|line| {
            line.factor != Decimal::ONE && line.taxes.iter().any(|tax| !tax.amount.is_zero() || tax.taxable.is_some())
        });
        let tax_matters = taxes().any(|tax| !tax.amount.is_zero());
        let adjustments_matter = facts.header_taxes().next().is_some() && adjusted().any(|tax| !tax.amount.is_zero());
        let mut rates = facts.rates().peekable();
        let fractions_matter = rates.peek().is_some() && rates.all(|rate| rate < Decimal::ONE);
        let both = |matters: bool, first: bool| if matters { vec![first, !first] } else { vec![first] };
        let mut all = Vec::new();
        for fractions in both(fractions_matter, false) {
            for adjustments_in_tax in both(adjustments_matter, false) {
                for per_unit in both(units_matter, false) {
                    for with_tax in both(tax_matters, true) {
                        all.push(Self { per_unit, with_tax, adjustments_in_tax, fractions });
                    }
                }
            }
        }
        all.into_iter()
    }

    /// What a rate is multiplied with.
    pub(super) fn per_cent(self) -> Decimal {
        if self.fractions { Decimal::ONE } else { Decimal::new(1, 2) }
    }

    /// What stands after a rate: a fraction has no percent sign.
    pub(super) fn per_cent_sign(self) -> &'static str {
        if self.fractions { "" } else { "%" }
    }
}

/// A reading in words.
pub(super) fn words(facts: &Facts, choice: Choice, outcome: &Outcome, explains: bool) -> String {
    let mut words = String::new();
    if !explains {
        words.push_str("nearest: ");
    }
    words.push_str(&outcome.sum);
    let taxed = !outcome.tax.is_zero();
    if !taxed {
        words.push_str("; no tax");
    } else if choice.with_tax {
        words.push_str("; the total includes the tax");
    } else {
        words.push_str("; the total is without the tax of ");
        words.push_str(&written(outcome.tax, facts.digits));
    }
    let lines_differ = facts.lines.iter().any(|line| line.factor != Decimal::ONE);
    let line_taxes = facts.line_taxes().next().is_some();
    let header_taxes = facts.header_taxes().next().is_some();
    if taxed {
        words.push_str(match (line_taxes, header_taxes, choice.per_unit) {
            (true, false, true) => "; the tax is only at the lines, for one unit each",
            (true, false, false) => "; the tax is only at the lines",
            (true, true, true) => "; the lines state the tax of one unit",
            (true, true, false) if lines_differ => "; the lines state the tax of the whole line",
            (false, true, _) => "; the tax is only at the header",
            (true, true, false) | (false, false, _) => "",
        });
    }
    if outcome.adjustment_tax && header_taxes {
        words.push_str(if choice.adjustments_in_tax {
            "; the header's tax includes that on charges and allowances"
        } else {
            "; the tax on charges and allowances is beside the header's tax"
        });
    }
    if choice.fractions {
        words.push_str("; rates are fractions");
    }
    if !explains && !outcome.difference.is_zero() {
        words.push_str("; the total differs by ");
        words.push_str(&written(outcome.difference, facts.digits));
    }
    words
}
