//! Payments, before and after.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::money::{self, MoneyError};
use crate::payment::PaymentType;
use crate::settlement::Subtotal;

/// How many lines a move names, so that a person finds an example of each.
const LINES_SHOWN: usize = 5;

/// Where a payment stands: the line of the file, and which amount of that line. The derived payment, which stands in
/// no file, has line 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line of the file; 0 for the derived payment.
    pub line: u64,
    /// Which amount of that line, the first is 1.
    pub part: u8,
}

impl Place {
    /// Whether it is the place of the row that closes the account.
    pub const fn is_derived(self) -> bool {
        self.line == 0
    }
}

/// What a payment is to an accountant. The category of a stored payment may be one that no rule has any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// The type.
    pub payment_type: PaymentType,
    /// The finer name.
    pub category: String,
}

/// One payment, as the books have it or as they would have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Where it stands.
    pub place: Place,
    /// Its type.
    pub payment_type: PaymentType,
    /// Its category.
    pub category: Cow<'a, str>,
    /// Its amount, in the settlement's currency.
    pub amount: Decimal,
    /// Whatever else it says, by name: ids, times, texts. Both sides name the same things in the same order; where
    /// the caller knows that nothing of it differs, both may be empty.
    pub details: Vec<(&'static str, Cow<'a, str>)>,
}

impl Entry<'_> {
    fn class(&self) -> Class {
        Class { payment_type: self.payment_type, category: self.category.clone().into_owned() }
    }
}

/// What payments come to, by class.
pub type Totals = BTreeMap<Class, Subtotal>;

/// From what to what payments move. None before: a payment that is not in the books yet; none after: one that the
/// file no longer makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// What they are in the books.
    pub from: Option<Class>,
    /// What they would be.
    pub to: Option<Class>,
}

/// The payments of one move.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// How many.
    pub count: u64,
    /// What they come to in the books.
    pub before: Decimal,
    /// What they would come to.
    pub after: Decimal,
    /// The first places, as examples.
    pub places: Vec<Place>,
}

/// The difference that booking a settlement again would make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentsDifference {
    before: Totals,
    after: Totals,
    moves: BTreeMap<Move, Moved>,
    details: BTreeMap<&'static str, u64>,
    rows_before: Subtotal,
    rows_after: Subtotal,
}

impl PaymentsDifference {
    /// The difference between two lists of payments, each in the order of places.
    pub fn between<'a>(
        before: impl IntoIterator<Item = Entry<'a>>,
        after: impl IntoIterator<Item = Entry<'a>>,
    ) -> Result<Self, MoneyError> {
        let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
        let mut difference = Self::default();
        while let Some(side) =
            Self::next_side(before.peek().map(|each| each.place), after.peek().map(|each| each.place))
        {
            let old = if side.is_le() { before.next() } else { None };
            let new = if side.is_ge() { after.next() } else { None };
            difference.note(old.as_ref(), new.as_ref())?;
        }
        Ok(difference)
    }

    /// Which of the next payments of two ordered lists is to be noted first: less means the one of the books, greater
    /// the one of the file, equal both together. None when both lists are at their end.
    pub fn next_side(before: Option<Place>, after: Option<Place>) -> Option<Ordering> {
        match (before, after) {
            (None, None) => None,
            (Some(_), None) => Some(Ordering::Less),
            (None, Some(_)) => Some(Ordering::Greater),
            (Some(before), Some(after)) => Some(before.cmp(&after)),
        }
    }

    /// Notes what stands at one place in the books and what would stand there.
    pub fn note(&mut self, before: Option<&Entry<'_>>, after: Option<&Entry<'_>>) -> Result<(), MoneyError> {
        let Some(place) = before.or(after).map(|each| each.place) else { return Ok(()) };
        add(&mut self.before, &mut self.rows_before, before)?;
        add(&mut self.after, &mut self.rows_after, after)?;
        let mut is_moved = true;
        if let (Some(old), Some(new)) = (before, after) {
            is_moved = old.payment_type != new.payment_type || old.category != new.category || old.amount != new.amount;
            for ((name, was), (_, is)) in old.details.iter().zip(&new.details) {
                if was != is {
                    let count = self.details.entry(name).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        if is_moved {
            let between = Move { from: before.map(Entry::class), to: after.map(Entry::class) };
            self.moves.entry(between).or_default().add(place, before, after)?;
        }
        Ok(())
    }

    /// Adds the difference of another document of the same currency.
    pub fn absorb(&mut self, other: &Self) -> Result<(), MoneyError> {
        for (mine, others) in [(&mut self.before, &other.before), (&mut self.after, &other.after)] {
            for (class, subtotal) in others {
                plus(mine.entry(class.clone()).or_default(), *subtotal)?;
            }
        }
        for (between, moved) in &other.moves {
            let mine = self.moves.entry(between.clone()).or_default();
            mine.count = mine.count.saturating_add(moved.count);
            mine.before = money::add(mine.before, moved.before)?;
            mine.after = money::add(mine.after, moved.after)?;
        }
        for (name, count) in &other.details {
            let mine = self.details.entry(name).or_default();
            *mine = mine.saturating_add(*count);
        }
        plus(&mut self.rows_before, other.rows_before)?;
        plus(&mut self.rows_after, other.rows_after)
    }

    /// Whether booking again would change no payment.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.details.is_empty()
    }

    /// What the books have, by class; the derived payment is among it.
    pub const fn before(&self) -> &Totals {
        &self.before
    }

    /// What they would have.
    pub const fn after(&self) -> &Totals {
        &self.after
    }

    /// The payments that change their class or amount, come, or go.
    pub const fn moves(&self) -> &BTreeMap<Move, Moved> {
        &self.moves
    }

    /// How many payments change anything else, by its name.
    pub const fn details(&self) -> &BTreeMap<&'static str, u64> {
        &self.details
    }

    /// The payments of the books that stand in the file: without the derived one.
    pub const fn rows_before(&self) -> Subtotal {
        self.rows_before
    }

    /// The payments that the file makes: without the derived one.
    pub const fn rows_after(&self) -> Subtotal {
        self.rows_after
    }

    /// The payments in the books, other than the derived one, that the file no longer makes.
    pub fn vanished(&self) -> Subtotal {
        let gone = self
            .moves
            .iter()
            .filter(|(between, moved)| between.to.is_none() && !moved.places.iter().all(|place| place.is_derived()));
        gone.fold(Subtotal::default(), |sum, (_, moved)| Subtotal {
            count: sum.count.saturating_add(moved.count),
            sum: sum.sum.saturating_add(moved.before),
        })
    }

    /// The totals before with every move carried out; classes without a payment are left out.
    pub fn applied_to(&self, before: &Totals) -> Result<Totals, MoneyError> {
        let mut totals = before.clone();
        for (between, moved) in &self.moves {
            if let Some(from) = &between.from {
                let subtotal = totals.entry(from.clone()).or_default();
                subtotal.count = subtotal.count.saturating_sub(moved.count);
                subtotal.sum = money::subtract(subtotal.sum, moved.before)?;
            }
            if let Some(to) = &between.to {
                plus(totals.entry(to.clone()).or_default(), Subtotal { count: moved.count, sum: moved.after })?;
            }
        }
        totals.retain(|_, subtotal| subtotal.count > 0);
        Ok(totals)
    }
}

impl Moved {
    fn add(&mut self, place: Place, before: Option<&Entry<'_>>, after: Option<&Entry<'_>>) -> Result<(), MoneyError> {
        let amount = |entry: Option<&Entry<'_>>| entry.map_or(Decimal::ZERO, |entry| entry.amount);
        self.count = self.count.saturating_add(1);
        self.before = money::add(self.before, amount(before))?;
        self.after = money::add(self.after, amount(after))?;
        if self.places.len() < LINES_SHOWN {
            self.places.push(place);
        }
        Ok(())
    }
}

fn add(totals: &mut Totals, rows: &mut Subtotal, entry: Option<&Entry<'_>>) -> Result<(), MoneyError> {
    let Some(entry) = entry else { return Ok(()) };
    totals.entry(entry.class()).or_default().add(entry.amount)?;
    if entry.place.is_derived() { Ok(()) } else { rows.add(entry.amount) }
}

fn plus(sum: &mut Subtotal, more: Subtotal) -> Result<(), MoneyError> {
    sum.count = sum.count.saturating_add(more.count);
    sum.sum = money::add(sum.sum, more.sum)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(line: u64, payment_type: PaymentType, category: &'static str, cents: i64) -> Entry<'static> {
        Entry {
            place: Place { line, part: 1 },
            payment_type,
            category: category.into(),
            amount: Decimal::new(cents, 2),
            details: vec![("order_id", "305-1".into()), ("sku", "A".into())],
        }
    }

    fn class(payment_type: PaymentType, category: &str) -> Class {
        Class { payment_type, category: category.to_owned() }
    }

    #[test]
    fn payments_that_a_new_rule_names_move_with_their_sum_and_an_example() {
        let before = [
            entry(3, PaymentType::Unclassified, "unclassified", -500),
            entry(4, PaymentType::CustomerPayment, "principal", 1_000),
            entry(7, PaymentType::Unclassified, "unclassified", -740),
        ];
        let mut after = before.clone();
        for place in [0, 2] {
            after[place] =
                Entry { payment_type: PaymentType::AmazonFee, category: "commission".into(), ..after[place].clone() };
        }
        let difference = PaymentsDifference::between(before, after).unwrap();
        let (between, moved) = difference.moves().iter().next().unwrap();
        assert_eq!(difference.moves().len(), 1);
        assert_eq!(between.from, Some(class(PaymentType::Unclassified, "unclassified")));
        assert_eq!(between.to, Some(class(PaymentType::AmazonFee, "commission")));
        assert_eq!((moved.count, moved.before, moved.after), (2, Decimal::new(-1_240, 2), Decimal::new(-1_240, 2)));
        assert_eq!(moved.places.iter().map(|place| place.line).collect::<Vec<_>>(), [3, 7]);
        assert_eq!(difference.rows_before(), difference.rows_after());
        assert!(difference.details().is_empty());
    }

    #[test]
    fn a_text_that_is_read_otherwise_is_a_difference_without_a_move() {
        let before = entry(3, PaymentType::AmazonFee, "commission", -1);
        let after = Entry { details: vec![("order_id", "305-1".into()), ("sku", "B".into())], ..before.clone() };
        let difference = PaymentsDifference::between([before], [after]).unwrap();
        assert!(!difference.is_empty() && difference.moves().is_empty());
        assert_eq!(difference.details().iter().collect::<Vec<_>>(), [(&"sku", &1)]);
    }

    #[test]
    fn a_payment_that_the_file_no_longer_makes_is_told_apart_from_the_derived_one() {
        let derived = Entry { place: Place { line: 0, part: 1 }, ..entry(0, PaymentType::Payout, "payout", -1_000) };
        let row = entry(3, PaymentType::CustomerPayment, "principal", 1_000);
        let difference = PaymentsDifference::between([derived.clone(), row.clone()], [row.clone()]).unwrap();
        assert_eq!(difference.vanished().count, 0);
        let difference = PaymentsDifference::between([derived.clone(), row], [derived]).unwrap();
        assert_eq!(difference.vanished(), Subtotal { count: 1, sum: Decimal::new(1_000, 2) });
        assert_eq!(difference.rows_after(), Subtotal::default());
    }

    /// Payments of few classes at few places, so that two lists meet.
    fn payments() -> impl Strategy<Value = Vec<Entry<'static>>> {
        let kind = prop::sample::select(vec![
            (PaymentType::Unclassified, "unclassified"),
            (PaymentType::AmazonFee, "commission"),
            (PaymentType::AmazonFee, "digital_services_fee"),
            (PaymentType::CustomerPayment, "principal"),
        ]);
        let one = (kind, -100_000_i64..100_000, prop::sample::select(vec!["A", "B"]));
        prop::collection::btree_map((0_u64..20, 1_u8..3), one, 0..30).prop_map(|map| {
            let made = |((line, part), ((payment_type, category), cents, sku))| Entry {
                place: Place { line, part },
                details: vec![("sku", Cow::Borrowed(sku))],
                ..entry(line, payment_type, category, cents)
            };
            map.into_iter().map(made).collect()
        })
    }

    fn totals(payments: &[Entry<'_>]) -> Totals {
        let mut totals = Totals::new();
        for payment in payments {
            totals.entry(payment.class()).or_default().add(payment.amount).unwrap();
        }
        totals
    }

    proptest! {
        #[test]
        fn the_difference_of_anything_with_itself_is_empty(payments in payments()) {
            let difference = PaymentsDifference::between(payments.clone(), payments).unwrap();
            prop_assert!(difference.is_empty());
            prop_assert_eq!(difference.before(), difference.after());
        }

        #[test]
        fn before_and_the_difference_make_after(before in payments(), after in payments()) {
            let difference = PaymentsDifference::between(before.clone(), after.clone()).unwrap();
            prop_assert_eq!(difference.before(), &totals(&before));
            prop_assert_eq!(difference.after(), &totals(&after));
            prop_assert_eq!(difference.applied_to(difference.before()).unwrap(), totals(&after));
        }

        #[test]
        fn two_lists_without_a_difference_are_the_same(before in payments(), after in payments()) {
            let difference = PaymentsDifference::between(before.clone(), after.clone()).unwrap();
            prop_assert_eq!(difference.is_empty(), before == after);
        }

        #[test]
        fn differences_of_several_documents_add_up(parts in prop::collection::vec((payments(), payments()), 0..4)) {
            let mut all = PaymentsDifference::default();
            let (mut before, mut after) = (Vec::new(), Vec::new());
            for (old, new) in parts {
                all.absorb(&PaymentsDifference::between(old.clone(), new.clone()).unwrap()).unwrap();
                before.extend(old);
                after.extend(new);
            }
            prop_assert_eq!(all.before(), &totals(&before));
            prop_assert_eq!(all.applied_to(all.before()).unwrap(), totals(&after));
        }
    }
}
