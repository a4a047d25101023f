//! The sums: which reading of an invoice's amounts explains all of them.
//!
//! Amazon's own examples do their sums in different ways, so an invoice may be read in several. A reading is accepted
//! only if under it every amount is confirmed by another one, exactly; where rounding keeps two amounts apart, each
//! of them must be confirmed by its rate. So no reading lets a single wrong amount pass.

mod adjust;
mod compare;
mod exact;
mod facts;
mod reading;
mod taxes;
#[cfg(test)]
mod tests;

use countinghouse_domain::money::Money;
use rust_decimal::Decimal;

use crate::api::Api;
use crate::check::Reading;
use crate::form::Form;
use crate::model::InvoiceFields;
use compare::Outcome;
use facts::Facts;
use reading::Choice;

/// Finds the reading that explains the amounts and notes its tolerances, or else the faults of the nearest. `None`
/// where amounts are missing, which is a violation elsewhere.
pub(crate) fn judge(invoice: &InvoiceFields, api: Api, form: &mut Form) -> Option<Reading> {
    let facts = Facts::of(invoice, api)?;
    let mut nearest: Option<(Choice, Outcome)> = None;
    for choice in Choice::all(&facts) {
        let outcome = compare::under(&facts, choice);
        let nearer = nearest.as_ref().is_none_or(|(_, best)| outcome.distance() < best.distance());
        let explains = outcome.violations.is_empty();
        if nearer {
            nearest = Some((choice, outcome));
        }
        if explains {
            break;
        }
    }
    let (choice, outcome) = nearest?;
    let explains = outcome.violations.is_empty();
    let words = reading::words(&facts, choice, &outcome, explains);
    form.violations.extend(outcome.violations);
    if explains {
        form.warnings.extend(outcome.warnings);
    }
    let difference = Money::new(outcome.difference.normalize(), facts.currency);
    Some(Reading { words, difference, explains })
}

/// The sum; saturates, though the bounds of an amount leave room for every sum.
fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Decimal {
    amounts.into_iter().fold(Decimal::ZERO, Decimal::saturating_add)
}
