//! Invoices and credit notes, before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

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
    fn add(&mut self, total: Amounts) -> Result<(), MoneyError> {
        self.plus(Self { count: 1, total })
    }

    fn remove(&mut self, total: Amounts) -> Result<(), MoneyError> {
        self.count = self.count.saturating_sub(1);
        let Amounts { gross, vat, net } = total;
        self.total = self.total.plus(Amounts { gross: negated(gross), vat: negated(vat), net: negated(net) })?;
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

/// What is known of one document, whatever number of reports names it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Noted {
    kind: DocumentKind,
    currency: Currency,
    before: Option<Amounts>,
    after: Amounts,
    change: Option<Arc<DocumentChange>>,
}

impl Noted {
    fn new(before: Option<&Document>, after: Option<&Document>, now: &Document) -> Self {
        let changed = after.filter(|after| before.is_none_or(|before| before != *after));
        Self {
            kind: now.kind(),
            currency: now.currency,
            before: before.map(|document| document.total),
            after: now.total,
            change: changed.map(|after| Arc::new(DocumentChange::new(before, after))),
        }
    }
}

impl DocumentChange {
    fn new(before: Option<&Document>, after: &Document) -> Self {
        let names = |document: &Document| document.flags.iter().map(Flag::name).collect::<BTreeSet<_>>();
        let (had, has) = (before.map(names).unwrap_or_default(), names(after));
        Self {
            key: after.key.clone(),
            before: before.map(|document| (document.total, document.lines.len())),
            after: (after.total, after.lines.len()),
            currency: after.currency,
            flags_gained: has.difference(&had).copied().collect(),
            flags_lost: had.difference(&has).copied().collect(),
        }
    }
}

/// The difference that booking VAT reports again would make. A document counts once, also where several reports name it:
/// before is what the books have, after is what the last report that changes it makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentsDifference {
    documents: BTreeMap<DocumentKey, Noted>,
    totals: BTreeMap<(DocumentKind, Currency), KindTotals>,
    created: u64,
    changed: u64,
    unchanged: u64,
    flags: BTreeMap<&'static str, (u64, u64)>,
    changes: Vec<Arc<DocumentChange>>,
}

impl DocumentsDifference {
    /// Notes a document as the books have it and as they would have it; none after means that it stays as it is. Noted
    /// again, the later word counts, unless it is that nothing changes: then the books already have what it says, and
    /// what an earlier one changes is changed all the same.
    pub fn note(&mut self, before: Option<&Document>, after: Option<&Document>) -> Result<(), MoneyError> {
        let Some(now) = after.or(before) else { return Ok(()) };
        self.take(now.key.clone(), Noted::new(before, after, now))
    }

    /// Notes what a later report of the same account makes of its documents. What is known of each moves over here; the
    /// report's own difference keeps its counts and the changes that it names.
    pub fn merge(&mut self, later: &mut Self) -> Result<(), MoneyError> {
        for (key, noted) in std::mem::take(&mut later.documents) {
            self.take(key, noted)?;
        }
        Ok(())
    }

    /// Keeps counts, totals and names, and forgets the single documents; nothing can be noted again after this.
    pub fn close(&mut self) {
        self.documents = BTreeMap::new();
    }

    fn take(&mut self, key: DocumentKey, noted: Noted) -> Result<(), MoneyError> {
        match self.documents.remove(&key) {
            Some(known) if noted.change.is_none() => {
                self.documents.insert(key, known);
                return Ok(());
            }
            Some(known) => {
                self.uncount(&known)?;
                self.name(known.change.as_ref(), noted.change.as_ref());
            }
            None => self.name(None, noted.change.as_ref()),
        }
        self.count(&noted)?;
        self.documents.insert(key, noted);
        Ok(())
    }

    /// Names a change, in the place of the one that was known of the document.
    fn name(&mut self, known: Option<&Arc<DocumentChange>>, change: Option<&Arc<DocumentChange>>) {
        let Some(change) = change else { return };
        let slot = known.and_then(|known| self.changes.iter_mut().find(|each| Arc::ptr_eq(each, known)));
        if let Some(slot) = slot {
            *slot = Arc::clone(change);
        } else if self.changes.len() < DOCUMENTS_NAMED {
            self.changes.push(Arc::clone(change));
        }
    }

    fn count(&mut self, noted: &Noted) -> Result<(), MoneyError> {
        let totals = self.totals.entry((noted.kind, noted.currency)).or_default();
        totals.after.add(noted.after)?;
        if let Some(before) = noted.before {
            totals.before.add(before)?;
        }
        let counter = self.counter(noted);
        *counter = counter.saturating_add(1);
        for (flag, gained) in flags_of(noted) {
            let (more, fewer) = self.flags.entry(flag).or_default();
            let count = if gained { more } else { fewer };
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    fn uncount(&mut self, noted: &Noted) -> Result<(), MoneyError> {
        let totals = self.totals.entry((noted.kind, noted.currency)).or_default();
        totals.after.remove(noted.after)?;
        if let Some(before) = noted.before {
            totals.before.remove(before)?;
        }
        let counter = self.counter(noted);
        *counter = counter.saturating_sub(1);
        for (flag, gained) in flags_of(noted) {
            let (more, fewer) = self.flags.entry(flag).or_default();
            let count = if gained { more } else { fewer };
            *count = count.saturating_sub(1);
        }
        self.flags.retain(|_, counts| *counts != (0, 0));
        Ok(())
    }

    const fn counter(&mut self, noted: &Noted) -> &mut u64 {
        match (&noted.change, noted.before) {
            (None, _) => &mut self.unchanged,
            (Some(_), None) => &mut self.created,
            (Some(_), Some(_)) => &mut self.changed,
        }
    }

    /// Adds the difference of another account: none of its documents is one of these.
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
    pub fn changes(&self) -> &[Arc<DocumentChange>] {
        &self.changes
    }
}

/// The amount with the other sign, which always can be written.
fn negated(mut amount: Decimal) -> Decimal {
    amount.set_sign_negative(amount.is_sign_positive());
    amount
}

/// The flags that a document gains, and those that it loses.
fn flags_of(noted: &Noted) -> impl Iterator<Item = (&'static str, bool)> + '_ {
    let change = noted.change.as_deref();
    let gained = change.into_iter().flat_map(|change| &change.flags_gained).map(|flag| (*flag, true));
    gained.chain(change.into_iter().flat_map(|change| &change.flags_lost).map(|flag| (*flag, false)))
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
        let (same, another) = (document("DE1", "1.00"), document("DE2", "1.00"));
        difference.note(Some(&same), None).unwrap();
        difference.note(Some(&another), Some(&another)).unwrap();
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
        difference.close();
        assert_eq!(all, difference);
        assert_eq!((all.created(), all.changed(), all.unchanged()), (1, 1, 0));
        let totals = all.totals()[&(DocumentKind::Invoice, Currency::EUR)];
        assert_eq!((totals.before.count, totals.before.total.gross), (1, "1.00".parse().unwrap()));
        assert_eq!((totals.after.count, totals.after.total.gross), (2, "8.00".parse().unwrap()));
        assert_eq!(all.flags()["revised"], (1, 0));
        assert_eq!(all.changes()[0].flags_gained, ["revised"]);
        assert!(all.changes().iter().all(|change| change.changes_totals()));
    }

    #[test]
    fn a_document_that_several_reports_name_counts_once_and_the_last_that_changes_it_counts() {
        let (stored, other) = (document("DE1", "1.00"), document("DE2", "7.00"));
        let (mut first, last) = (document("DE1", "2.00"), document("DE1", "3.00"));
        first.flags.push(Flag::Revised { differences: 1 });
        let mut whole = DocumentsDifference::default();
        // Four reports name the altered document; the last of them says no more than the third.
        for after in [None, Some(&first), Some(&last), None] {
            let mut report = DocumentsDifference::default();
            report.note(Some(&stored), after).unwrap();
            report.note(Some(&other), None).unwrap();
            whole.merge(&mut report).unwrap();
            let changed = u64::from(after.is_some());
            assert_eq!((report.changed(), report.unchanged()), (changed, 2 - changed), "its own counts stay");
        }
        assert_eq!((whole.created(), whole.changed(), whole.unchanged()), (0, 1, 1));
        let totals = whole.totals()[&(DocumentKind::Invoice, Currency::EUR)];
        let gross = |counted: Counted| (counted.count, counted.total.gross.to_string());
        assert_eq!((gross(totals.before), gross(totals.after)), ((2, "8.00".into()), (2, "10.00".into())));
        assert!(whole.flags().is_empty(), "the last report takes the flag away again: {:?}", whole.flags());
        assert_eq!(whole.changes().len(), 1);
        assert_eq!(whole.changes()[0].after.0, last.total);
    }

    #[test]
    fn a_new_document_of_several_reports_is_new_once() {
        let mut whole = DocumentsDifference::default();
        for gross in ["1.00", "4.00"] {
            let mut report = DocumentsDifference::default();
            report.note(None, Some(&document("DE1", gross))).unwrap();
            whole.merge(&mut report).unwrap();
        }
        let totals = whole.totals()[&(DocumentKind::Invoice, Currency::EUR)];
        assert_eq!((whole.created(), totals.before.count, totals.after.count), (1, 0, 1));
        assert_eq!(totals.after.total.gross, "4.00".parse().unwrap());
    }
}
