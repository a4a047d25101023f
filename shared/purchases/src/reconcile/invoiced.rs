//! Invoices and the lines that they cover, where Amazon tells amounts (Japan).
//!
//! A line may stand on several invoices and an invoice may cover several lines, so what is compared is the smallest
//! set of both that hangs together.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::money::Money;

use crate::model::{LineInvoices, OrderLineItem, Transaction};
use crate::reconcile::booked::{Booked, sum};
use crate::reconcile::documents::{Document, Holders};
use crate::reconcile::evidence::Findings;
use crate::reconcile::refund::gives_back;
use crate::reconcile::{Difference, DifferenceKind, Missing};

/// The lines of one direction: charges, or refunds. None stands for a line whose amount Amazon does not say.
type Lines = BTreeMap<OrderLineItem, Vec<Option<Money>>>;

/// Compares what invoices come to with the lines that they cover.
pub(crate) fn check(
    bearers: &[(&Transaction, &Booked)],
    answers: &BTreeMap<OrderLineItem, LineInvoices>,
    documents: &[Document],
    holders: &Holders,
    findings: &mut Findings,
) {
    for is_credit in [false, true] {
        let lines = lines(bearers, is_credit);
        let documents = documents.iter().filter(|document| document.is_credit == is_credit);
        for set in connected(documents, &lines) {
            let concerned = holders.concerned(set.items.iter(), is_credit);
            let difference = set.difference(&lines, answers);
            for id in concerned {
                for missing in &set.missing {
                    findings.misses(id, missing.clone());
                }
                if let Some(difference) = difference.clone() {
                    findings.differs(id, difference);
                }
            }
        }
    }
}

fn lines(bearers: &[(&Transaction, &Booked)], is_credit: bool) -> Lines {
    let mut lines = Lines::new();
    for (transaction, booked) in bearers.iter().filter(|(transaction, _)| gives_back(transaction) == is_credit) {
        for (line, amounts) in transaction.lines.iter().zip(&booked.lines) {
            let Some(item) = line.order_line_item() else { continue };
            lines.entry(item).or_default().push(amounts.whole());
        }
    }
    lines
}

/// Documents and lines that hang together.
#[derive(Debug, Default)]
struct Set<'a> {
    numbers: Vec<&'a str>,
    /// None where a document does not say what it comes to.
    totals: Vec<Option<Money>>,
    items: BTreeSet<OrderLineItem>,
    missing: Vec<Missing>,
    /// Whether some document does not say over which lines it spreads.
    has_no_shares: bool,
}

impl<'a> Set<'a> {
    fn of(document: &Document<'a>, lines: &Lines) -> Self {
        let mut set = Self { numbers: vec![document.number], totals: vec![document.total()], ..Self::default() };
        let shares = document.shares();
        if shares.is_empty() {
            set.items = document.listed.iter().map(|item| (*item).clone()).collect();
            set.has_no_shares = true;
            return set;
        }
        for share in shares {
            let here = |item: &&OrderLineItem| item.order_line_item_id == share;
            let mut found: Vec<&OrderLineItem> = document.listed.iter().copied().filter(here).collect();
            if found.is_empty() {
                found = lines.keys().filter(here).collect();
            }
            if found.is_empty() {
                let (invoice, order_line_item_id) = (document.number.to_owned(), share.to_owned());
                set.missing.push(Missing::CoveredLine { invoice, order_line_item_id });
            }
            set.items.extend(found.into_iter().cloned());
        }
        set
    }

    fn absorb(&mut self, other: Self) {
        self.numbers.extend(other.numbers);
        self.totals.extend(other.totals);
        self.items.extend(other.items);
        self.missing.extend(other.missing);
        self.has_no_shares |= other.has_no_shares;
    }

    /// What contradicts. Nothing does while something is not known: a line, an amount, or, for a document that does
    /// not name its lines, which invoices the other lines of the order stand on.
    fn difference(&self, lines: &Lines, answers: &BTreeMap<OrderLineItem, LineInvoices>) -> Option<Difference> {
        let orders: BTreeSet<&str> = self.items.iter().map(|item| item.order_id.as_str()).collect();
        let is_unasked = |order: &&str| lines_of(order, lines).any(|item| !answers.contains_key(item));
        if !self.missing.is_empty() || (self.has_no_shares && orders.iter().any(is_unasked)) {
            return None;
        }
        let totals: Vec<Money> = self.totals.iter().copied().collect::<Option<_>>()?;
        let mut wholes: Vec<Money> = Vec::new();
        for item in &self.items {
            wholes.extend(lines.get(item)?.iter().copied().collect::<Option<Vec<Money>>>()?);
        }
        let currency = totals.first()?.currency;
        let added = |amounts: &[Money]| Money::new(sum(amounts.iter().map(|each| each.amount)), currency);
        let (found, expected) = (added(&totals), added(&wholes));
        let place = format!("invoice {}, /invoiceTotal", self.numbers.join(" and "));
        if let Some(other) = totals.iter().chain(&wholes).find(|each| each.currency != currency) {
            return Some(Difference::new(DifferenceKind::Currency, place, *other, found));
        }
        (found != expected).then(|| Difference::new(DifferenceKind::InvoiceTotal, place, expected, found))
    }
}

/// The lines of an order.
fn lines_of<'a>(order: &'a str, lines: &'a Lines) -> impl Iterator<Item = &'a OrderLineItem> {
    let first =
        OrderLineItem { order_id: order.to_owned(), order_line_item_id: String::new(), shipment_id: String::new() };
    lines.range(first..).map(|(item, _)| item).take_while(move |item| item.order_id == order)
}

/// Joins what hangs together: two documents do where they cover one line.
fn connected<'a>(documents: impl Iterator<Item = &'a Document<'a>>, lines: &Lines) -> Vec<Set<'a>> {
    let mut single: Vec<Option<Set<'a>>> = documents.map(|document| Some(Set::of(document, lines))).collect();
    let mut covering: BTreeMap<OrderLineItem, Vec<usize>> = BTreeMap::new();
    for (place, set) in single.iter().enumerate() {
        for item in set.iter().flat_map(|set| &set.items) {
            covering.entry(item.clone()).or_default().push(place);
        }
    }
    let mut sets = Vec::new();
    for first in 0..single.len() {
        let (mut whole, mut open) = (Set::default(), vec![first]);
        while let Some(place) = open.pop() {
            // Taken out once: whatever hangs together with it is reached from here.
            let Some(set) = single.get_mut(place).and_then(Option::take) else { continue };
            open.extend(set.items.iter().filter_map(|item| covering.get(item)).flatten());
            whole.absorb(set);
        }
        whole.numbers.sort_unstable();
        if !whole.numbers.is_empty() {
            sets.push(whole);
        }
    }
    sets
}
