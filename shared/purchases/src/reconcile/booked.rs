//! Amounts with the signs that the books give them: money spent is positive, money that came back is negative.

use countinghouse_domain::money::Money;
use rust_decimal::Decimal;

use crate::model::{LineItem, Transaction, TransactionType};

/// A transaction's amounts as they are booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The amount: of a charge as written, of a refund or over-refund never positive.
    pub amount: Money,
    /// The lines, in Amazon's order.
    pub lines: Vec<BookedLine>,
}

/// A line's amounts as they are booked. What Amazon left out is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BookedLine {
    /// Before charges and credits.
    pub principal: Option<Money>,
    /// Shipping.
    pub shipping: Option<Money>,
    /// Gift wrapping.
    pub gift_wrap: Option<Money>,
    /// The regulatory fee.
    pub regulatory_fee: Option<Money>,
    /// The tax.
    pub tax: Option<Money>,
    /// The discount, always against the line: negative on a charge, positive on a refund.
    pub discount: Option<Money>,
    /// What Amazon states as the whole.
    pub total: Option<Money>,
}

/// The sum of amounts of one currency. One beyond 28 digits sticks at the largest decimal, which then differs from
/// everything.
pub(crate) fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Decimal {
    amounts.into_iter().fold(Decimal::ZERO, Decimal::saturating_add)
}

impl Booked {
    /// How a transaction is booked.
    pub fn of(transaction: &Transaction) -> Self {
        let gives_back = match transaction.transaction_type {
            TransactionType::Refund | TransactionType::Overrefund => true,
            TransactionType::Charge | TransactionType::Unknown(_) => false,
        };
        let written = transaction.amount;
        let amount = if gives_back { Money::new(against(written.amount, true), written.currency) } else { written };
        // A refund may write its lines without the sign that its type gives them; then all of them do. Where a line
        // comes to nothing, its principal shows how it is written.
        let something = |money: &Money| !money.amount.is_zero();
        let shown = |line: &LineItem| line.total_amount.filter(something).or(line.principal_amount);
        let turned = gives_back && transaction.lines.iter().filter_map(shown).all(|each| !is_negative(each.amount));
        let lines = transaction.lines.iter().map(|line| BookedLine::of(line, turned, gives_back)).collect();
        Self { amount, lines }
    }
}

impl BookedLine {
    fn of(line: &LineItem, turned: bool, gives_back: bool) -> Self {
        let signed = |money: Option<Money>| money.map(|money| if turned { negated(money) } else { money });
        let total = signed(line.total_amount);
        let is_credit = match total {
            Some(total) if !total.amount.is_zero() => is_negative(total.amount),
            Some(_) | None => gives_back,
        };
        // Amazon's example writes a discount negative, its reference does not say. It never makes a line larger.
        let discount = line.discount.map(|money| Money::new(against(money.amount, !is_credit), money.currency));
        Self {
            principal: signed(line.principal_amount),
            shipping: signed(line.shipping_charge),
            gift_wrap: signed(line.gift_wrapping_charge),
            regulatory_fee: signed(line.regulatory_fee),
            tax: signed(line.tax),
            discount,
            total,
        }
    }

    /// Everything that makes the total: principal plus or minus charges and credits.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Money> {
        [self.principal, self.shipping, self.gift_wrap, self.regulatory_fee, self.tax, self.discount]
            .into_iter()
            .flatten()
    }

    /// The total as stated, or, where Amazon leaves it out, as its parts make it.
    pub fn whole(&self) -> Option<Money> {
        self.total.or_else(|| {
            let principal = self.principal?;
            Some(Money::new(sum(self.parts().map(|part| part.amount)), principal.currency))
        })
    }
}

/// The amount with the sign that is asked for.
pub(crate) fn against(amount: Decimal, negative: bool) -> Decimal {
    if negative && !amount.is_zero() { negated_number(amount.abs()) } else { amount.abs() }
}

pub(crate) fn negated(money: Money) -> Money {
    Money::new(negated_number(money.amount), money.currency)
}

fn negated_number(mut amount: Decimal) -> Decimal {
    let negative = !amount.is_zero() && amount.is_sign_positive();
    amount.set_sign_negative(negative);
    amount
}

pub(crate) fn is_negative(amount: Decimal) -> bool {
    amount.is_sign_negative() && !amount.is_zero()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booked(kind: &str, amount: &str, lines: &[(&str, &str, &str)]) -> String {
        let money = |amount: &str| serde_json::json!({"currencyCode": "USD", "amount": amount});
        let line = |(total, principal, discount): &(&str, &str, &str)| {
            let (total, principal) = (money(total), money(principal));
            serde_json::json!({"totalAmount": total, "principalAmount": principal, "discount": money(discount)})
        };
        let json = serde_json::json!({"transactionId": "T", "transactionType": kind, "amount": money(amount),
            "transactionLineItems": lines.iter().map(line).collect::<Vec<_>>()});
        let booked = Booked::of(&Transaction::from_json(&json.to_string()).unwrap().value);
        let number = |money: Option<Money>| money.unwrap().amount.to_string();
        let lines = booked
            .lines
            .iter()
            .map(|line| format!("; {} = {} {}", number(line.total), number(line.principal), number(line.discount)));
        format!("{}{}", booked.amount.amount, lines.collect::<String>())
    }

    #[test]
    fn a_discount_is_against_its_line_however_it_is_written() {
        for discount in ["2", "-2"] {
            assert_eq!(booked("CHARGE", "8", &[("8", "10", discount)]), "8; 8 = 10 -2");
            assert_eq!(booked("REFUND", "-8", &[("-8", "-10", discount)]), "-8; -8 = -10 2");
            assert_eq!(booked("CHARGE", "0", &[("0", "2", discount)]), "0; 0 = 2 -2");
            assert_eq!(booked("REFUND", "0", &[("0", "-2", discount)]), "0; 0 = -2 2");
        }
    }

    #[test]
    fn money_back_is_negative_however_it_is_written_but_a_mixture_is_not_guessed_at() {
        let back = "-8; -8 = -10 2";
        assert_eq!(booked("REFUND", "8", &[("8", "10", "-2")]), back);
        assert_eq!(booked("REFUND", "-8", &[("8", "10", "-2")]), back);
        assert_eq!(booked("OVERREFUND", "8", &[("-8", "-10", "2")]), back);
        let mixture = booked("REFUND", "-5", &[("-8", "-8", "0"), ("3", "3", "0")]);
        assert_eq!(mixture, "-5; -8 = -8 0; 3 = 3 0");
    }

    #[test]
    fn what_a_charge_or_an_unknown_type_states_is_taken_as_it_is() {
        assert_eq!(booked("CHARGE", "-8", &[("-8", "-8", "0")]), "-8; -8 = -8 0");
        assert_eq!(booked("CHARGEBACK", "8", &[("8", "8", "0")]), "8; 8 = 8 0");
    }

    #[test]
    fn a_sum_beyond_the_largest_decimal_sticks_there() {
        assert_eq!(sum([Decimal::MAX, Decimal::MAX]), Decimal::MAX);
    }
}
