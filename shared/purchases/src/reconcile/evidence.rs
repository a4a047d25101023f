//! What is known, and what follows from it for each transaction.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{LineInvoices, OrderLineItem, Transaction, TransactionType};
use crate::reconcile::booked::Booked;
use crate::reconcile::documents::{Holders, documents};
use crate::reconcile::invoice::invoice_state;
use crate::reconcile::purchase::{purchases, sides};
use crate::reconcile::refund::{Charges, gives_back, too_large};
use crate::reconcile::{Difference, InvoiceState, Missing, Verdict, inside, invoiced, within};

/// Transactions and the invoices of their lines: those that belong together, or any larger set. It does not matter
/// in which order they come, nor how often.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    transactions: BTreeMap<String, Transaction>,
    invoices: BTreeMap<OrderLineItem, LineInvoices>,
}

/// What follows for one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it agrees with everything else.
    pub verdict: Verdict,
    /// The purchase that it belongs to: the identifier of the first of the transactions that Amazon calls associated,
    /// in the order of their identifiers; its own where there are none.
    pub purchase: String,
    /// Of a refund or over-refund, the charges that it gives back.
    pub charges: Vec<String>,
    /// Of a part of a split payment that shows the lines of the whole purchase: the transaction with which these
    /// lines are counted. None where a transaction's lines are its own.
    pub lines_with: Option<String>,
}

/// What is found on the way, by transaction.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    differences: BTreeMap<String, Vec<Difference>>,
    missing: BTreeMap<String, Vec<Missing>>,
    lines_with: BTreeMap<String, String>,
}

impl Findings {
    pub(crate) fn differs(&mut self, id: &str, difference: Difference) {
        self.differences.entry(id.to_owned()).or_default().push(difference);
    }

    pub(crate) fn misses(&mut self, id: &str, missing: Missing) {
        self.missing.entry(id.to_owned()).or_default().push(missing);
    }
}

impl Evidence {
    /// Adds a transaction. Of several words on one transaction the latest counts ([`Transaction::supersedes`]).
    pub fn add_transaction(&mut self, transaction: Transaction) {
        let known = self.transactions.get(&transaction.transaction_id);
        if known.is_none_or(|known| transaction.supersedes(known)) {
            self.transactions.insert(transaction.transaction_id.clone(), transaction);
        }
    }

    /// Adds what Amazon answered about a line. Of several answers the one with more invoices counts: one that is
    /// there does not go away.
    pub fn add_invoices(&mut self, answer: LineInvoices) {
        let rank = |each: &LineInvoices| {
            let state =
                (invoice_state(Some(each), false), each.invoices.iter().filter(|one| one.number().is_some()).count());
            (state, each.to_json())
        };
        let known = self.invoices.get(&answer.order_line_item);
        if known.is_none_or(|known| rank(&answer) > rank(known)) {
            self.invoices.insert(answer.order_line_item.clone(), answer);
        }
    }

    /// What follows for each transaction, by its identifier.
    pub fn reconcile(&self) -> BTreeMap<String, Outcome> {
        let booked: BTreeMap<&str, Booked> =
            self.transactions.iter().map(|(id, transaction)| (id.as_str(), Booked::of(transaction))).collect();
        let mut findings = Findings::default();
        for (id, transaction) in &self.transactions {
            let Some(booked) = booked.get(id.as_str()) else { continue };
            for difference in within::differences(transaction, booked) {
                findings.differs(id, difference);
            }
            self.missing_invoices(transaction, booked, &mut findings);
            for other in &transaction.associated {
                if !self.transactions.contains_key(&other.transaction_id) {
                    findings.misses(id, Missing::Transaction { id: other.transaction_id.clone() });
                }
            }
        }
        let purchases = purchases(&self.transactions);
        let bearers = self.payments(&purchases, &booked, &mut findings);
        for (id, difference) in too_large(&bearers) {
            findings.differs(id, difference);
        }
        let (documents, holders) = (documents(&self.invoices), Holders::of(&self.transactions));
        inside::check(&documents, &holders, &mut findings);
        invoiced::check(&bearers, &self.invoices, &documents, &holders, &mut findings);
        self.outcomes(&purchases, findings)
    }

    /// Each purchase's payments against its lines. Returns the transactions whose lines count, each line once.
    fn payments<'a>(
        &'a self,
        purchases: &BTreeMap<String, String>,
        booked: &'a BTreeMap<&str, Booked>,
        findings: &mut Findings,
    ) -> Vec<(&'a Transaction, &'a Booked)> {
        let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, purchase) in purchases {
            ids.entry(purchase).or_default().push(id);
        }
        let mut bearers = Vec::new();
        for ids in ids.values() {
            let known = |id: &&str| Some((self.transactions.get(*id)?, booked.get(*id)?));
            let members: Vec<_> = ids.iter().filter_map(known).collect();
            for side in sides(&members, members.len() == ids.len()) {
                for (id, difference) in side.differences() {
                    findings.differs(id, difference);
                }
                findings.lines_with.extend(side.borrowers());
                bearers.extend(side.line_bearers().copied());
            }
        }
        bearers
    }

    fn missing_invoices(&self, transaction: &Transaction, booked: &Booked, findings: &mut Findings) {
        let id = &transaction.transaction_id;
        for (number, (line, amounts)) in transaction.lines.iter().zip(&booked.lines).enumerate() {
            // Nothing was paid for this line, so no invoice has to say so.
            if amounts.whole().is_some_and(|whole| whole.amount.is_zero()) {
                continue;
            }
            let Some(item) = line.order_line_item() else {
                findings.misses(id, Missing::Identifiers { line: number });
                continue;
            };
            let state = invoice_state(self.invoices.get(&item), gives_back(transaction));
            if state != InvoiceState::Found {
                findings.misses(id, Missing::Invoice { line: number, item, state });
            }
        }
    }

    fn outcomes(&self, purchases: &BTreeMap<String, String>, mut findings: Findings) -> BTreeMap<String, Outcome> {
        let charges = Charges::of(self.transactions.values());
        let outcome = |(id, transaction): (&String, &Transaction)| {
            let mut linked = BTreeSet::new();
            if gives_back(transaction) {
                let (found, missing) = charges.of_refund(transaction, &self.associated_charges(transaction));
                linked = found;
                for each in missing {
                    findings.misses(id, each);
                }
            }
            let differences = findings.differences.remove(id).unwrap_or_default();
            let mut missing = findings.missing.remove(id).unwrap_or_default();
            missing.sort();
            missing.dedup();
            let outcome = Outcome {
                verdict: Verdict::of(differences, missing, transaction.known_since()),
                purchase: purchases.get(id).unwrap_or(id).clone(),
                charges: linked.into_iter().map(str::to_owned).collect(),
                lines_with: findings.lines_with.remove(id),
            };
            (id.clone(), outcome)
        };
        self.transactions.iter().map(outcome).collect()
    }

    fn associated_charges(&self, transaction: &Transaction) -> BTreeSet<&str> {
        let known = transaction.associated.iter().filter_map(|other| self.transactions.get(&other.transaction_id));
        known
            .filter(|other| other.transaction_type == TransactionType::Charge)
            .map(|other| other.transaction_id.as_str())
            .collect()
    }
}

impl Extend<Transaction> for Evidence {
    fn extend<I: IntoIterator<Item = Transaction>>(&mut self, transactions: I) {
        transactions.into_iter().for_each(|each| self.add_transaction(each));
    }
}

impl Extend<LineInvoices> for Evidence {
    fn extend<I: IntoIterator<Item = LineInvoices>>(&mut self, answers: I) {
        answers.into_iter().for_each(|each| self.add_invoices(each));
    }
}
