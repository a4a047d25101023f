//! Invoices and credit notes, before and after.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Amounts, Document, DocumentKey, DocumentKind, Flag};
use crate::money::{Currency, MoneyError};

/// How many documents are named one by one.
const DOCUMENTS_NAMED: usize = 1_000;

/// A number of documents and what they come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// How many.
    pub count: u64,
    /// Their totals, promotions included.
    pub total: Amounts,
}

impl Counted {
    fn add(&mut self, document: &Document) -> Result<(), MoneyError> {
        self.count = self.count.saturating_add(1);
        self.total = self.total.plus(document.total)?;
        Ok(())
    }

    fn plus(&mut self, other: Self) -> Result<(), MoneyError> {
        self.count = self.count.saturating_add(other.count);
        self.total = self.total.plus(other.total)?;
        Ok(())
    }
}

/// The documents of one kind and currency that a report mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindTotals {
    /// Those in the books.
    pub before: Counted,
    /// The same documents, and new ones, after booking again.
    pub after: Counted,
}

/// What happens to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentChange {
    /// Which.
    pub key: DocumentKey,
    /// In the books; none where it would be new.
    pub before: Option<(Amounts, usize)>,
    /// Afterwards: its totals, and how many lines it has.
    pub after: (Amounts, usize),
    /// Its currency.
    pub currency: Currency,
    /// Flags that it has afterwards and had not before, by name.
    pub flags_gained: Vec<&'static str>,
    /// Flags that it had, and has no more.
    pub flags_lost: Vec<&'static str>,
}

impl DocumentChange {
    /// Whether its totals would be others.
    pub fn changes_totals(&self) -> bool {
        self.before.is_none_or(|(total, _)| total != self.after.0)
    }
}

/// The difference that booking a VAT report again would make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentsDifference {
    totals: BTreeMap<(DocumentKind, Currency), KindTotals>,
    created: u64,
    changed: u64,
    unchanged: u64,
    flags: BTreeMap<&'static str, (u64, u64)>,
    changes: Vec<DocumentChange>,
}

impl DocumentsDifference {
    /// Notes a document as the books have it and as they would have it; none after means that it stays as it is.
    pub fn note(&mut self, before: Option<&Document>, after: Option<&Document>) -> Result<(), MoneyError> {
        let Some(now) = after.or(before) else { return Ok(()) };
        let totals = self.totals.entry((now.kind(), now.currency)).or_default();
        totals.after.add(now)?;
        if let Some(before) = before {
            totals.before.add(before)?;
        }
        let changed = match (before, after) {
            (Some(before), Some(after)) => before != after,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        let counter = match (changed, before) {
            (false, _) => &mut self.unchanged,
            (true, None) => &mut self.created,
            (true, Some(_)) => &mut self.changed,
        };
        *counter = counter.saturating_add(1);
        if changed {
            self.note_change(before, now);
        }
        Ok(())
    }

    fn note_change(&mut self, before: Option<&Document>, after: &Document) {
        let names = |document: &Document| document.flags.iter().map(Flag::name).collect::<BTreeSet<_>>();
        let (had, has) = (before.map(names).unwrap_or_default(), names(after));
        let gained: Vec<_> = has.difference(&had).copied().collect();
        let lost: Vec<_> = had.difference(&has).copied().collect();
        for name in &gained {
            let (more, _) = self.flags.entry(name).or_default();
            *more = more.saturating_add(1);
        }
        for name in &lost {
            let (_, fewer) = self.flags.entry(name).or_default();
            *fewer = fewer.saturating_add(1);
        }
        if self.changes.len() < DOCUMENTS_NAMED {
            self.changes.push(DocumentChange {
                key: after.key.clone(),
                before: before.map(|document| (document.total, document.lines.len())),
                after: (after.total, after.lines.len()),
                currency: after.currency,
                flags_gained: gained,
                flags_lost: lost,
            });
        }
    }

    /// Adds the difference of another report.
    pub fn absorb(&mut self, other: &Self) -> Result<(), MoneyError> {
        for (kind, totals) in &other.totals {
            let mine = self.totals.entry(*kind).or_default();
            mine.before.plus(totals.before)?;
            mine.after.plus(totals.after)?;
        }
        self.created = self.created.saturating_add(other.created);
        self.changed = self.changed.saturating_add(other.changed);
        self.unchanged = self.unchanged.saturating_add(other.unchanged);
        for (name, (more, fewer)) in &other.flags {
            let mine = self.flags.entry(name).or_default();
            *mine = (mine.0.saturating_add(*more), mine.1.saturating_add(*fewer));
        }
        let room = DOCUMENTS_NAMED.saturating_sub(self.changes.len());
        self.changes.extend(other.changes.iter().take(room).cloned());
        Ok(())
    }

    /// Whether booking again would change no document.
    pub const fn is_empty(&self) -> bool {
        self.created == 0 && self.changed == 0
    }

    /// What the documents that the reports mention come to, by kind and currency.
    pub const fn totals(&self) -> &BTreeMap<(DocumentKind, Currency), KindTotals> {
        &self.totals
    }

    /// Documents that are not in the books yet.
    pub const fn created(&self) -> u64 {
        self.created
    }

    /// Documents that would become others.
    pub const fn changed(&self) -> u64 {
        self.changed
    }

    /// Documents that stay as they are.
    pub const fn unchanged(&self) -> u64 {
        self.unchanged
    }

    /// On how many documents a flag would appear and on how many it would go, by its name.
    pub const fn flags(&self) -> &BTreeMap<&'static str, (u64, u64)> {
        &self.flags
    }

    /// The documents that would be new or others; a thousand at most are named.
    pub fn changes(&self) -> &[DocumentChange] {
        &self.changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Assembler, Component, Text, VatRow};

    fn document(number: &str, gross: &str) -> Document {
        let gross = gross.parse().unwrap();
        let price = Amounts { gross, vat: rust_decimal::Decimal::ZERO, net: gross };
        let mut assembler = Assembler::new();
        let row = VatRow::empty(2, Currency::EUR)
            .with(Text::TransactionType, "SHIPMENT")
            .with(Text::InvoiceNumber, number)
            .with(Text::OrderId, "111-1111111-1111111")
            .with_amounts(Component::Item, price, Amounts::default());
        assembler.add(&row).unwrap();
        assembler.document(0).unwrap().unwrap()
    }

    #[test]
    fn a_document_that_stays_is_no_difference() {
        let mut difference = DocumentsDifference::default();
        let same = document("DE1", "1.00");
        difference.note(Some(&same), None).unwrap();
        difference.note(Some(&same), Some(&same)).unwrap();
        assert!(difference.is_empty() && difference.changes().is_empty());
        assert_eq!((difference.unchanged(), difference.totals().values().next().unwrap().after.count), (2, 2));
    }

    #[test]
    fn new_and_changed_documents_are_named_with_their_totals_and_flags() {
        let mut difference = DocumentsDifference::default();
        let (old, mut new) = (document("DE1", "1.00"), document("DE1", "3.00"));
        new.flags.push(Flag::Revised { differences: 1 });
        difference.note(Some(&old), Some(&new)).unwrap();
        difference.note(None, Some(&document("DE2", "5.00"))).unwrap();
        let mut all = DocumentsDifference::default();
        all.absorb(&difference).unwrap();
        all.absorb(&DocumentsDifference::default()).unwrap();
        assert_eq!(all, difference);
        assert_eq!((all.created(), all.changed(), all.unchanged()), (1, 1, 0));
        let totals = all.totals()[&(DocumentKind::Invoice, Currency::EUR)];
        assert_eq!((totals.before.count, totals.before.total.gross), (1, "1.00".parse().unwrap()));
        assert_eq!((totals.after.count, totals.after.total.gross), (2, "8.00".parse().unwrap()));
        assert_eq!(all.flags()["revised"], (1, 0));
        assert_eq!(all.changes()[0].flags_gained, ["revised"]);
        assert!(all.changes().iter().all(DocumentChange::changes_totals));
    }
}
