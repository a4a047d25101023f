//! Refunds and the charges that they give back.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::money::Money;
use rust_decimal::Decimal;

use crate::model::{LineItem, OrderLineItem, Transaction, TransactionType};
use crate::reconcile::booked::{Booked, negated, sum};
use crate::reconcile::{Difference, DifferenceKind, Missing};

/// Which transactions charged for a line of an order, and in which shipment.
#[derive(Debug, Default)]
pub(crate) struct Charges<'a>(BTreeMap<OrderLine<'a>, Vec<Charge<'a>>>);

/// An order and its line.
type OrderLine<'a> = (&'a str, &'a str);
/// A shipment and the transaction that charged for it.
type Charge<'a> = (Option<&'a str>, &'a str);

fn order_line(line: &LineItem) -> Option<OrderLine<'_>> {
    Some((line.order_id.as_deref()?, line.order_line_item_id.as_deref()?))
}

pub(crate) fn gives_back(transaction: &Transaction) -> bool {
    matches!(transaction.transaction_type, TransactionType::Refund | TransactionType::Overrefund)
}

impl<'a> Charges<'a> {
    pub(crate) fn of(transactions: impl Iterator<Item = &'a Transaction>) -> Self {
        let mut charges = Self::default();
        for charge in transactions.filter(|each| each.transaction_type == TransactionType::Charge) {
            for line in &charge.lines {
                let Some(key) = order_line(line) else { continue };
                charges.0.entry(key).or_default().push((line.shipment_id.as_deref(), &charge.transaction_id));
            }
        }
        charges
    }

    /// The charges of a line: those of its shipment, or else those of any.
    fn of_line(&self, line: &LineItem) -> BTreeSet<&'a str> {
        let all = order_line(line).and_then(|key| self.0.get(&key)).map(Vec::as_slice).unwrap_or_default();
        let same = |(shipment, _): &&Charge| *shipment == line.shipment_id.as_deref();
        let chosen: BTreeSet<&str> = all.iter().filter(same).map(|(_, id)| *id).collect();
        if chosen.is_empty() { all.iter().map(|(_, id)| *id).collect() } else { chosen }
    }

    /// The charges that a refund gives back, and what is missing. A charge that Amazon names as associated stands
    /// for all lines that cannot be matched.
    pub(crate) fn of_refund(
        &self,
        refund: &Transaction,
        associated: &BTreeSet<&'a str>,
    ) -> (BTreeSet<&'a str>, Vec<Missing>) {
        let (mut found, mut missing) = (associated.clone(), Vec::new());
        for (number, line) in refund.lines.iter().enumerate() {
            let charges = self.of_line(line);
            if charges.is_empty() && associated.is_empty() {
                missing.push(Missing::Charge { line: Some(number) });
            }
            found.extend(charges);
        }
        if refund.lines.is_empty() && associated.is_empty() {
            missing.push(Missing::Charge { line: None });
        }
        (found, missing)
    }
}

/// More refunds of a line than it was charged; over-refunds are more by their nature. Compared for lines whose order,
/// line and shipment are all known: of another shipment's charge nothing follows.
pub(crate) fn too_large<'a>(bearers: &[(&'a Transaction, &'a Booked)]) -> Vec<(&'a str, Difference)> {
    let mut lines: BTreeMap<OrderLineItem, [Vec<Line<'a>>; 2]> = BTreeMap::new();
    for (transaction, booked) in bearers {
        let side = match transaction.transaction_type {
            TransactionType::Charge => 0,
            TransactionType::Refund => 1,
            TransactionType::Overrefund | TransactionType::Unknown(_) => continue,
        };
        for (number, (line, amounts)) in transaction.lines.iter().zip(&booked.lines).enumerate() {
            let (Some(item), Some(whole)) = (line.order_line_item(), amounts.whole()) else { continue };
            if let Some(of_side) = lines.entry(item).or_default().get_mut(side) {
                of_side.push(Line { id: &transaction.transaction_id, number, whole });
            }
        }
    }
    lines.values().flat_map(|[charges, refunds]| excess(charges, refunds)).collect()
}

#[derive(Debug)]
struct Line<'a> {
    id: &'a str,
    number: usize,
    whole: Money,
}

fn excess<'a>(charges: &[Line<'a>], refunds: &[Line<'a>]) -> Vec<(&'a str, Difference)> {
    let Some(currency) = charges.first().map(|line| line.whole.currency) else { return Vec::new() };
    let mut all = charges.iter().chain(refunds);
    let total = |lines: &[Line]| sum(lines.iter().map(|line| line.whole.amount));
    let (paid, returned) = (total(charges), negated(Money::new(total(refunds), currency)).amount);
    let is_in_order = returned <= paid.max(Decimal::ZERO) || !all.all(|line| line.whole.currency == currency);
    if is_in_order {
        return Vec::new();
    }
    let difference = |line: &Line<'a>| {
        let place = format!("/transactionLineItems/{}/totalAmount", line.number);
        let (expected, found) = (Money::new(paid, currency), Money::new(returned, currency));
        (line.id, Difference::new(DifferenceKind::RefundTooLarge, place, expected, found))
    };
    refunds.iter().map(difference).collect()
}
