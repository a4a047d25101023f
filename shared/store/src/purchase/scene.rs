//! The transactions that have to be looked at together: those of a purchase, of an order, of an invoice.
//!
//! Whether a transaction is reconciled depends on others, which may have come long before it or come long after. So
//! everything that hangs together is read, judged as a whole, and whoever has a new verdict is written.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::money::Money;
use countinghouse_purchases::{Evidence, InvoiceDetail, LineInvoices, LineItem, Outcome, Transaction};
use jiff::Timestamp;

use super::Purchases;
use super::keys::{HEADER, NAMED_BY, order_key, transaction_key};
use super::model::{Question, StoredTransaction};
use crate::item::ItemBuilder;
use crate::{Item, StoreError};

/// A transaction of a scene.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) transaction: Transaction,
    pub(super) questions: Vec<Question>,
    pub(super) first_seen_at: Timestamp,
    /// The header as it is stored, if it is.
    pub(super) header: Option<Item>,
}

impl From<StoredTransaction> for Member {
    fn from(stored: StoredTransaction) -> Self {
        let StoredTransaction { transaction, questions, first_seen_at, header, .. } = stored;
        Self { transaction: plain(transaction), questions, first_seen_at, header: Some(header) }
    }
}

/// What hangs together.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) account: SellerId,
    pub(super) members: BTreeMap<String, Member>,
    /// The transactions of each order, as the table has them.
    pub(super) orders: BTreeMap<String, BTreeSet<String>>,
    /// Who names a transaction as associated, as the table has it.
    pub(super) named_by: BTreeMap<String, BTreeSet<String>>,
    /// Whole invoices, where the invoices of lines have amounts.
    pub(super) invoices: BTreeMap<String, InvoiceDetail>,
    /// The transactions that an invoice with amounts covers.
    covered: BTreeMap<String, BTreeSet<String>>,
    absent: BTreeSet<String>,
}

impl Scene {
    pub(super) fn new(account: &SellerId) -> Self {
        Self {
            account: account.clone(),
            members: BTreeMap::new(),
            orders: BTreeMap::new(),
            named_by: BTreeMap::new(),
            invoices: BTreeMap::new(),
            covered: BTreeMap::new(),
            absent: BTreeSet::new(),
        }
    }

    /// Adds a transaction; one that is there already stays.
    pub(super) fn add(&mut self, member: Member) {
        self.members.entry(member.transaction.transaction_id.clone()).or_insert(member);
    }

    /// The items of orders that have a transaction which their item does not list yet, and of transactions that are
    /// named by one for the first time.
    pub(super) fn links(&self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut orders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (id, member) in &self.members {
            for order in member.transaction.lines.iter().filter_map(|line| line.order_id.as_deref()) {
                orders.entry(order).or_default().insert(id);
            }
            for other in &member.transaction.associated {
                named.entry(&other.transaction_id).or_default().insert(id);
            }
        }
        let united = |known: Option<&BTreeSet<String>>, now: &BTreeSet<&str>| {
            let known = known.cloned().unwrap_or_default();
            let all: BTreeSet<String> = now.iter().map(|id| (*id).to_owned()).chain(known.iter().cloned()).collect();
            (all.len() > known.len()).then_some(all)
        };
        for (order, now) in orders {
            let Some(all) = united(self.orders.get(order), &now) else { continue };
            let mut item = ItemBuilder::new();
            item.text("purchase", order_key(&self.account, order)).text("part", HEADER);
            item.text("account", self.account.as_str()).text("order_id", order).texts("transaction_ids", all);
            items.push(item.take());
        }
        for (other, now) in named {
            let Some(all) = united(self.named_by.get(other), &now) else { continue };
            let mut item = ItemBuilder::new();
            item.text("purchase", transaction_key(&self.account, other)).text("part", NAMED_BY);
            item.text("account", self.account.as_str()).text("transaction_id", other).texts("transaction_ids", all);
            items.push(item.take());
        }
        items
    }

    /// What follows for each of its transactions.
    pub(super) fn outcomes(&self) -> BTreeMap<String, Outcome> {
        let mut evidence = Evidence::default();
        for member in self.members.values() {
            evidence.add_transaction(member.transaction.clone());
            for (line, question) in member.transaction.lines.iter().zip(&member.questions) {
                // An answer without invoices is an answer: the line was asked about.
                let Some(order_line_item) = line.order_line_item().filter(|_| question.asked > 0) else { continue };
                let whole = |slim: &InvoiceDetail| slim.number().and_then(|number| self.invoices.get(number));
                let invoices = question.invoices.iter().map(|slim| whole(slim).unwrap_or(slim).clone()).collect();
                evidence.add_invoices(LineInvoices { order_line_item, invoices, other: BTreeMap::new() });
            }
        }
        evidence.reconcile()
    }

    fn orders_of_members(&self) -> BTreeSet<String> {
        let lines = self.members.values().flat_map(|member| &member.transaction.lines);
        lines.filter_map(|line| line.order_id.clone()).filter(|order| !self.orders.contains_key(order)).collect()
    }

    /// The members and those that they name.
    fn ids(&self) -> BTreeSet<String> {
        let named = self.members.values().flat_map(|member| &member.transaction.associated);
        let mut ids: BTreeSet<String> = named.map(|each| each.transaction_id.clone()).collect();
        ids.extend(self.members.keys().cloned());
        ids
    }

    fn invoices_with_amounts(&self) -> BTreeSet<String> {
        let questions = self.members.values().flat_map(|member| &member.questions);
        let details = questions.flat_map(|question| &question.invoices).filter(|detail| detail.invoice_total.is_some());
        details.filter_map(|detail| detail.number()).map(str::to_owned).collect()
    }

    /// Transactions that belong into the scene and are not known to be absent.
    fn wanted(&self) -> BTreeSet<String> {
        let mut wanted = self.ids();
        let linked = self.orders.values().chain(self.named_by.values()).chain(self.covered.values());
        wanted.extend(linked.flatten().cloned());
        wanted.retain(|id| !self.members.contains_key(id) && !self.absent.contains(id));
        wanted
    }
}

impl Purchases {
    /// Reads everything that hangs together with the scene's transactions.
    pub(super) async fn complete(&self, scene: &mut Scene) -> Result<(), StoreError> {
        loop {
            self.read_orders(scene).await?;
            self.read_named_by(scene).await?;
            self.read_invoices(scene).await?;
            let wanted = scene.wanted();
            if wanted.is_empty() {
                return Ok(());
            }
            let account = scene.account.clone();
            for stored in self.transactions(&account, wanted.iter().map(String::as_str)).await? {
                scene.add(stored.into());
            }
            scene.absent.extend(wanted.into_iter().filter(|id| !scene.members.contains_key(id)));
        }
    }

    async fn read_orders(&self, scene: &mut Scene) -> Result<(), StoreError> {
        let orders = scene.orders_of_members();
        let keys = orders.iter().map(|order| self.table.key(&order_key(&scene.account, order), HEADER)).collect();
        scene.orders.extend(orders.into_iter().map(|order| (order, BTreeSet::new())));
        for item in self.table.get_many(keys).await? {
            let fields = self.table.fields(&item);
            let transactions = fields.texts("transaction_ids")?.into_iter().map(str::to_owned).collect();
            scene.orders.insert(fields.text("order_id")?.to_owned(), transactions);
        }
        Ok(())
    }

    async fn read_named_by(&self, scene: &mut Scene) -> Result<(), StoreError> {
        let ids: Vec<String> = scene.ids().into_iter().filter(|id| !scene.named_by.contains_key(id)).collect();
        let keys = ids.iter().map(|id| self.table.key(&transaction_key(&scene.account, id), NAMED_BY)).collect();
        scene.named_by.extend(ids.into_iter().map(|id| (id, BTreeSet::new())));
        for item in self.table.get_many(keys).await? {
            let fields = self.table.fields(&item);
            let transactions = fields.texts("transaction_ids")?.into_iter().map(str::to_owned).collect();
            scene.named_by.insert(fields.text("transaction_id")?.to_owned(), transactions);
        }
        Ok(())
    }

    async fn read_invoices(&self, scene: &mut Scene) -> Result<(), StoreError> {
        for number in scene.invoices_with_amounts() {
            if scene.covered.contains_key(&number) {
                continue;
            }
            let stored = self.stored_invoice(&scene.account, &number).await?;
            scene.covered.insert(number.clone(), stored.transactions);
            if let Some(invoice) = stored.invoice {
                // What Amazon has just said counts more than what it said before.
                scene.invoices.entry(number).or_insert(invoice);
            }
        }
        Ok(())
    }
}

/// A transaction as it would be read back: without what is personal, and each amount without trailing zeros. What is
/// compared must not depend on whether it has just come or was read.
pub(super) fn plain(mut transaction: Transaction) -> Transaction {
    let _people = transaction.take_people();
    transaction.other.clear();
    transaction.associated.iter_mut().for_each(|associated| associated.other.clear());
    transaction.amount.amount = transaction.amount.amount.normalize();
    for line in &mut transaction.lines {
        line.business_order_info.clear();
        line.other.clear();
        amounts(line).for_each(|money| money.amount = money.amount.normalize());
    }
    transaction
}

/// Every amount of a line that is there.
pub(super) fn amounts(line: &mut LineItem) -> impl Iterator<Item = &mut Money> {
    [
        &mut line.total_amount,
        &mut line.principal_amount,
        &mut line.shipping_charge,
        &mut line.regulatory_fee,
        &mut line.gift_wrapping_charge,
        &mut line.discount,
        &mut line.tax,
        &mut line.unit_price,
    ]
    .into_iter()
    .flatten()
}
