//! Associated transactions: one purchase, whose payment may be split over several of them.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::money::Money;
use rust_decimal::Decimal;

use crate::model::{Transaction, TransactionType};
use crate::reconcile::booked::{Booked, is_negative, sum};
use crate::reconcile::within::{sum_of_lines, total_of_lines};
use crate::reconcile::{Difference, DifferenceKind};

/// Which purchase each transaction belongs to, those too that are only named. A purchase is called after the first
/// of its transactions in the order of their identifiers, so each of them leads to the same name.
pub(crate) fn purchases(transactions: &BTreeMap<String, Transaction>) -> BTreeMap<String, String> {
    let mut neighbours: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (id, transaction) in transactions {
        neighbours.entry(id).or_default();
        for other in transaction.associated.iter().map(|other| other.transaction_id.as_str()) {
            neighbours.entry(id).or_default().insert(other);
            neighbours.entry(other).or_default().insert(id);
        }
    }
    let mut purchases = BTreeMap::new();
    for first in neighbours.keys() {
        let mut open = vec![*first];
        while let Some(id) = open.pop() {
            // Identifiers come in order, so whoever reaches a transaction first is the first of its purchase.
            if !purchases.contains_key(id) {
                purchases.insert(id.to_owned(), (*first).to_owned());
                open.extend(neighbours.get(id).into_iter().flatten());
            }
        }
    }
    purchases
}

/// One direction of a purchase: its charges, or its refunds.
#[derive(Debug)]
pub(crate) struct Side<'a> {
    members: Vec<(&'a Transaction, &'a Booked)>,
    /// Whether all transactions that are named are there.
    is_whole: bool,
    /// Whether every member shows the lines of the whole purchase, and pays a part of them.
    shares_lines: bool,
}

impl<'a> Side<'a> {
    pub(crate) fn of(members: Vec<(&'a Transaction, &'a Booked)>, is_whole: bool) -> Self {
        let shares_lines = shares_lines(&members, is_whole);
        Self { members, is_whole, shares_lines }
    }

    /// The transactions whose lines make the side, each line once.
    pub(crate) fn line_bearers(&self) -> impl Iterator<Item = &(&'a Transaction, &'a Booked)> {
        let most = if self.shares_lines { 1 } else { usize::MAX };
        self.members.iter().filter(|(transaction, _)| !transaction.lines.is_empty()).take(most)
    }

    /// The transactions that show lines which are counted with another one, and that one.
    pub(crate) fn borrowers(&self) -> BTreeMap<String, String> {
        let bearer = self.line_bearers().next().filter(|_| self.shares_lines);
        let Some((bearer, _)) = bearer else { return BTreeMap::new() };
        let others = self.members.iter().filter(|(other, _)| other.transaction_id != bearer.transaction_id);
        others.map(|(other, _)| (other.transaction_id.clone(), bearer.transaction_id.clone())).collect()
    }

    /// What contradicts between the lines and the amounts, by transaction.
    pub(crate) fn differences(&self) -> Vec<(&'a str, Difference)> {
        if !self.shares_lines {
            let of_member = |(transaction, booked): &(&'a Transaction, &Booked)| {
                Some((transaction.transaction_id.as_str(), total_of_lines(booked)?))
            };
            return self.members.iter().filter_map(of_member).collect();
        }
        let Some((lines, currency)) =
            self.line_bearers().next().and_then(|(_, booked)| Some((sum_of_lines(booked)?, booked.amount.currency)))
        else {
            return Vec::new();
        };
        let paid = sum(self.members.iter().map(|(_, booked)| booked.amount.amount));
        // What is not here yet pays the rest.
        if !self.is_whole || paid == lines {
            return Vec::new();
        }
        let difference = |(transaction, _): &(&'a Transaction, &Booked)| {
            let (expected, found) = (Money::new(lines, currency), Money::new(paid, currency));
            let difference = Difference::new(DifferenceKind::PurchaseTotal, "/amount", expected, found);
            (transaction.transaction_id.as_str(), difference)
        };
        self.members.iter().map(difference).collect()
    }
}

/// Whether this is a payment in parts, each with all the lines: the lines are the same, and each amount is a real
/// part of their sum. Otherwise each transaction stands for its own lines.
fn shares_lines(members: &[(&Transaction, &Booked)], is_whole: bool) -> bool {
    let is_alone = members.len() < 2 && is_whole;
    if is_alone || members.iter().all(|(_, booked)| total_of_lines(booked).is_none()) {
        return false;
    }
    let mut with_lines = members.iter().filter(|(transaction, _)| !transaction.lines.is_empty());
    let Some((first, booked)) = with_lines.next() else { return false };
    let lines = sorted_lines(first);
    if !with_lines.all(|(other, _)| sorted_lines(other) == lines) {
        return false;
    }
    let Some(whole) = sum_of_lines(booked) else { return false };
    members.iter().all(|(_, part)| part.amount.currency == booked.amount.currency && is_part(part.amount.amount, whole))
}

fn is_part(part: Decimal, whole: Decimal) -> bool {
    !part.is_zero() && is_negative(part) == is_negative(whole) && part.abs() < whole.abs()
}

fn sorted_lines(transaction: &Transaction) -> Vec<String> {
    let mut lines: Vec<String> = transaction.lines.iter().map(crate::model::to_json).collect();
    lines.sort();
    lines
}

/// The two sides of a purchase.
pub(crate) fn sides<'a>(members: &[(&'a Transaction, &'a Booked)], is_whole: bool) -> [Side<'a>; 2] {
    let (charges, refunds): (Vec<_>, Vec<_>) = members.iter().copied().partition(|(transaction, _)| {
        !matches!(transaction.transaction_type, TransactionType::Refund | TransactionType::Overrefund)
    });
    [Side::of(charges, is_whole), Side::of(refunds, is_whole)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(id: &str, associated: &[&str]) -> (String, Transaction) {
        let associated: Vec<_> =
            associated.iter().map(|id| serde_json::json!({"associatedTransactionId": id})).collect();
        let json = serde_json::json!({"transactionId": id, "transactionType": "CHARGE",
            "amount": {"currencyCode": "USD", "amount": "1"}, "associatedTransactionDetails": associated});
        (id.to_owned(), Transaction::from_json(&json.to_string()).unwrap().value)
    }

    #[test]
    fn a_purchase_has_one_name_whichever_of_its_transactions_are_here() {
        let names = |list: Vec<(String, Transaction)>| purchases(&list.into_iter().collect());
        let both = names(vec![transaction("B", &["A", "C"]), transaction("C", &["A", "B"]), transaction("D", &[])]);
        let expected = [("A", "A"), ("B", "A"), ("C", "A"), ("D", "D")];
        assert_eq!(both, expected.map(|(id, name)| (id.to_owned(), name.to_owned())).into());
        let one = names(vec![transaction("C", &["A", "B"])]);
        assert_eq!(one["C"], "A");
        let chained = names(vec![transaction("C", &["B"]), transaction("B", &["A"])]);
        assert_eq!(chained["C"], "A");
        let itself = names(vec![transaction("A", &["A"])]);
        assert_eq!(itself["A"], "A");
    }
}
