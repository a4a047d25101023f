//! A transaction by itself: its type, its currencies, its lines and their sum.

use countinghouse_domain::money::Money;
use rust_decimal::Decimal;

use crate::model::{Transaction, TransactionType};
use crate::reconcile::booked::{Booked, BookedLine, is_negative, sum};
use crate::reconcile::{Difference, DifferenceKind};

/// What contradicts inside a transaction, but for the sum of its lines.
pub(crate) fn differences(transaction: &Transaction, booked: &Booked) -> Vec<Difference> {
    let mut differences = Vec::new();
    if matches!(transaction.transaction_type, TransactionType::Unknown(_)) {
        let (kind, place) = (DifferenceKind::UnknownType, "/transactionType");
        differences.push(Difference::new(kind, place, booked.amount, booked.amount));
    }
    if transaction.transaction_type == TransactionType::Charge && is_negative(booked.amount.amount) {
        let nothing = Money::new(Decimal::ZERO, booked.amount.currency);
        differences.push(Difference::new(DifferenceKind::Sign, "/amount", nothing, booked.amount));
    }
    for (number, line) in booked.lines.iter().enumerate() {
        differences.extend(foreign(number, line, booked.amount).or_else(|| total(number, line)));
    }
    differences
}

/// An amount of a line in another currency than the transaction's.
fn foreign(number: usize, line: &BookedLine, amount: Money) -> Option<Difference> {
    let other = line.parts().chain(line.total).find(|part| part.currency != amount.currency)?;
    Some(Difference::new(DifferenceKind::Currency, format!("/transactionLineItems/{number}"), amount, other))
}

/// The parts of a line against its total. Without a principal Amazon has not stated the parts.
fn total(number: usize, line: &BookedLine) -> Option<Difference> {
    let (found, _stated) = (line.total?, line.principal?);
    let made = sum(line.parts().map(|part| part.amount));
    if made == found.amount {
        return None;
    }
    let expected = Money::new(made, found.currency);
    let place = format!("/transactionLineItems/{number}/totalAmount");
    let mut difference = Difference::new(DifferenceKind::LineTotal, place, expected, found);
    let tax = line.tax.map(|tax| tax.amount).filter(|tax| !tax.is_zero());
    if tax.is_some() && tax == made.checked_sub(found.amount) {
        difference.hint = Some("the difference is the tax, so the principal may include it here");
    }
    Some(difference)
}

/// The sum of the lines; none where a line says nothing of its amount, or in another currency.
pub(crate) fn sum_of_lines(booked: &Booked) -> Option<Decimal> {
    let wholes: Option<Vec<Money>> = booked.lines.iter().map(BookedLine::whole).collect();
    let wholes = wholes?;
    let one_currency = wholes.iter().all(|whole| whole.currency == booked.amount.currency);
    one_currency.then(|| sum(wholes.into_iter().map(|whole| whole.amount)))
}

/// The lines against the amount.
pub(crate) fn total_of_lines(booked: &Booked) -> Option<Difference> {
    let made = sum_of_lines(booked)?;
    let expected = Money::new(made, booked.amount.currency);
    (expected != booked.amount)
        .then(|| Difference::new(DifferenceKind::TransactionTotal, "/amount", expected, booked.amount))
}
