//! Running totals while the amounts stream by.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::SettlementAmount;
use crate::money::{self, MoneyError};
use crate::payment::{Classification, PaymentType};

/// How many amounts and what they come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subtotal {
    /// The number of amounts.
    pub count: u64,
    /// Their sum, in the settlement's currency.
    pub sum: Decimal,
}

impl Subtotal {
    /// Counts one more amount.
    pub fn add(&mut self, amount: Decimal) -> Result<(), MoneyError> {
        self.sum = money::add(self.sum, amount)?;
        self.count = self.count.saturating_add(1);
        Ok(())
    }
}

/// More marketplace names than any settlement has; beyond it names are no longer collected.
const MARKETPLACE_NAMES: usize = 64;

/// What the amounts of one settlement come to, in total, by type and by category. Its size does not depend on
/// the number of amounts: types are few and categories come from the table of rules.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    all: Subtotal,
    /// In the order in which they were met: a handful, so that looking through them is quicker than a tree.
    by_class: Vec<(Classification, Subtotal)>,
    marketplaces: BTreeSet<Box<str>>,
    last_marketplace: Box<str>,
}

impl Tally {
    /// Counts one amount.
    pub fn add(&mut self, amount: &SettlementAmount<'_>, class: Classification) -> Result<(), MoneyError> {
        self.all.add(amount.amount)?;
        self.add_to_class(class, amount.amount)?;
        self.note_marketplace(amount.marketplace_name);
        Ok(())
    }

    fn add_to_class(&mut self, class: Classification, amount: Decimal) -> Result<(), MoneyError> {
        // Names come from one table, so that the same name nearly always is the same address.
        let is_same = |(known, _): &&mut (Classification, Subtotal)| {
            known.payment_type == class.payment_type
                && (std::ptr::eq(known.category, class.category) || known.category == class.category)
        };
        if let Some((_, subtotal)) = self.by_class.iter_mut().find(is_same) {
            return subtotal.add(amount);
        }
        let mut subtotal = Subtotal::default();
        subtotal.add(amount)?;
        self.by_class.push((class, subtotal));
        Ok(())
    }

    fn note_marketplace(&mut self, name: &str) {
        if name.is_empty() || *name == *self.last_marketplace {
            return;
        }
        self.last_marketplace = name.into();
        if self.marketplaces.len() < MARKETPLACE_NAMES && !self.marketplaces.contains(name) {
            self.marketplaces.insert(name.into());
        }
    }

    /// All amounts.
    pub const fn all(&self) -> Subtotal {
        self.all
    }

    /// The amounts of one type.
    pub fn of_type(&self, payment_type: PaymentType) -> Subtotal {
        self.sum_where(|class| class.payment_type == payment_type)
    }

    /// The sums of all amounts together were checked while they were added; parts of them do not overflow before
    /// amounts have 28 digits.
    fn sum_where(&self, is_meant: impl Fn(&Classification) -> bool) -> Subtotal {
        let meant = self.by_class.iter().filter(|(class, _)| is_meant(class));
        meant.fold(Subtotal::default(), |sum, (_, each)| Subtotal {
            count: sum.count.saturating_add(each.count),
            sum: sum.sum.saturating_add(each.sum),
        })
    }

    /// The types that occur, with what they come to.
    pub fn by_type(&self) -> impl Iterator<Item = (PaymentType, Subtotal)> + '_ {
        PaymentType::ALL.into_iter().map(|each| (each, self.of_type(each))).filter(|(_, subtotal)| subtotal.count > 0)
    }

    /// The categories that occur, in order, with what they come to.
    pub fn by_category(&self) -> impl Iterator<Item = (&'static str, Subtotal)> + '_ {
        let categories: BTreeSet<_> = self.by_class.iter().map(|(class, _)| class.category).collect();
        categories.into_iter().map(|category| (category, self.of_category(category)))
    }

    /// What one category comes to.
    pub fn of_category(&self, category: &str) -> Subtotal {
        self.sum_where(|class| class.category == category)
    }

    /// The marketplaces that the amounts name, in order.
    pub fn marketplaces(&self) -> impl Iterator<Item = &str> {
        self.marketplaces.iter().map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(amounts: &[(PaymentType, &'static str, i64)]) -> Tally {
        let mut tally = Tally::default();
        for (payment_type, category, cents) in amounts {
            let amount = SettlementAmount::empty(1, Decimal::new(*cents, 2));
            tally.add(&amount, Classification { payment_type: *payment_type, category }).unwrap();
        }
        tally
    }

    #[test]
    fn sums_by_type_and_by_category_add_up_to_the_whole() {
        let tally = tally(&[
            (PaymentType::CustomerPayment, "principal", 1_000),
            (PaymentType::AmazonFee, "commission", -150),
            (PaymentType::CustomerRefund, "principal", -1_000),
            (PaymentType::CustomerPayment, "principal", 1),
        ]);
        assert_eq!(tally.all(), Subtotal { count: 4, sum: Decimal::new(-149, 2) });
        assert_eq!(tally.of_type(PaymentType::CustomerPayment), Subtotal { count: 2, sum: Decimal::new(1_001, 2) });
        assert_eq!(tally.of_category("principal"), Subtotal { count: 3, sum: Decimal::new(1, 2) });
        let categories: Vec<_> = tally.by_category().map(|(category, each)| (category, each.count)).collect();
        assert_eq!(categories, [("commission", 1), ("principal", 3)]);
        assert_eq!(tally.by_type().map(|(_, each)| each.count).sum::<u64>(), 4);
    }

    #[test]
    fn a_sum_beyond_the_largest_decimal_is_an_error() {
        let class = Classification { payment_type: PaymentType::Adjustment, category: "x" };
        let mut tally = Tally::default();
        tally.add(&SettlementAmount::empty(1, Decimal::MAX), class).unwrap();
        assert_eq!(tally.add(&SettlementAmount::empty(2, Decimal::MAX), class), Err(MoneyError::Overflow));
    }
}
