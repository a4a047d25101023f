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
    by_type: [Subtotal; PaymentType::COUNT],
    /// In the order in which they were met: a handful, so that looking through them is quicker than a tree.
    by_category: Vec<(&'static str, Subtotal)>,
    marketplaces: BTreeSet<Box<str>>,
    last_marketplace: Box<str>,
}

impl Tally {
    /// Counts one amount.
    pub fn add(&mut self, amount: &SettlementAmount<'_>, class: Classification) -> Result<(), MoneyError> {
        self.all.add(amount.amount)?;
        if let Some(subtotal) = self.by_type.get_mut(class.payment_type.index()) {
            subtotal.add(amount.amount)?;
        }
        self.add_to_category(class.category, amount.amount)?;
        self.note_marketplace(amount.marketplace_name);
        Ok(())
    }

    fn add_to_category(&mut self, name: &'static str, amount: Decimal) -> Result<(), MoneyError> {
        // Names come from one table, so that the same name nearly always is the same address.
        let place = self.by_category.iter().position(|(known, _)| std::ptr::eq(*known, name));
        let place = place.or_else(|| self.by_category.iter().position(|(known, _)| *known == name));
        if let Some((_, subtotal)) = place.and_then(|place| self.by_category.get_mut(place)) {
            return subtotal.add(amount);
        }
        let mut subtotal = Subtotal::default();
        subtotal.add(amount)?;
        self.by_category.push((name, subtotal));
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
        self.by_type.get(payment_type.index()).copied().unwrap_or_default()
    }

    /// The types that occur, with what they come to.
    pub fn by_type(&self) -> impl Iterator<Item = (PaymentType, Subtotal)> + '_ {
        PaymentType::ALL.into_iter().map(|each| (each, self.of_type(each))).filter(|(_, subtotal)| subtotal.count > 0)
    }

    /// The categories that occur, in order, with what they come to.
    pub fn by_category(&self) -> impl Iterator<Item = (&'static str, Subtotal)> + '_ {
        let mut sorted = self.by_category.clone();
        sorted.sort_unstable_by_key(|(category, _)| *category);
        sorted.into_iter()
    }

    /// What one category comes to.
    pub fn of_category(&self, category: &str) -> Subtotal {
        self.by_category.iter().find(|(known, _)| *known == category).map_or_else(Subtotal::default, |(_, each)| *each)
    }

    /// The marketplaces that the amounts name, in order.
    pub fn marketplaces(&self) -> impl Iterator<Item = &str> {
        self.marketplaces.iter().map(AsRef::as_ref)
    }
}
