//! Forgetting what is personal about an order on Amazon Business: who bought, who paid, what they entered at the
//! checkout, and the address on its invoices. Amounts, lines, invoices and the proofs of the days stay.
//!
//! The order is marked first. A transaction with a line of a marked order, and its invoices, are written without what is
//! personal from then on, however often they are pulled.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::ids::SellerId;
use countinghouse_purchases::InvoiceDetail;
use jiff::Timestamp;

use super::Purchases;
use super::book::orders_of;
use super::bulk::delete_all;
use super::keys::{HEADER, KEYS, PERSONAL, invoice_key, order_key, transaction_key};
use crate::forgotten::PersonalItem;
use crate::item::ItemBuilder;
use crate::{Item, StoreError};

/// The sort key of the mark beside the order's header.
const FORGOTTEN: &str = "forgotten";
const FORGOTTEN_AT: &str = "forgotten_at";

/// What is personal about an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonalOfOrder {
    /// The items with it.
    pub items: Vec<PersonalItem>,
    /// Other orders that its transactions have lines of: what is personal about a transaction is about them, too.
    pub shared_with: BTreeSet<String>,
}

impl Purchases {
    /// What is personal about an order, item by item.
    pub async fn personal_of_order(&self, account: &SellerId, order_id: &str) -> Result<PersonalOfOrder, StoreError> {
        let (items, shared_with) = self.personal_items(account, order_id).await?;
        Ok(PersonalOfOrder { items: items.iter().map(|item| PersonalItem::of(item, KEYS)).collect(), shared_with })
    }

    /// Forgets what is personal about an order; answers what was removed. Done again, there is nothing left to remove.
    pub async fn forget_order(
        &self,
        account: &SellerId,
        order_id: &str,
        now: Timestamp,
    ) -> Result<PersonalOfOrder, StoreError> {
        let mut mark = ItemBuilder::new();
        mark.text(KEYS.0, order_key(account, order_id)).text(KEYS.1, FORGOTTEN).text("account", account.as_str());
        // Whoever was quicker has marked it, too.
        self.table.put_new(mark.time(FORGOTTEN_AT, now).take()).await?;
        let (items, shared_with) = self.personal_items(account, order_id).await?;
        let named = items.iter().map(|item| PersonalItem::of(item, KEYS)).collect();
        let keys = items.into_iter().map(|mut item| {
            item.retain(|name, _| name == KEYS.0 || name == KEYS.1);
            item
        });
        delete_all(&self.table, keys.collect()).await?;
        Ok(PersonalOfOrder { items: named, shared_with })
    }

    /// When an order was forgotten.
    pub async fn forgotten_at(&self, account: &SellerId, order_id: &str) -> Result<Option<Timestamp>, StoreError> {
        let mark = self.table.get(&order_key(account, order_id), FORGOTTEN).await?;
        mark.as_ref().map_or(Ok(None), |mark| self.table.fields(mark).time_if(FORGOTTEN_AT))
    }

    /// Which of these orders are forgotten.
    pub(super) async fn forgotten(
        &self,
        account: &SellerId,
        orders: impl IntoIterator<Item = &str>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let by_key: BTreeMap<String, &str> = orders
            .into_iter()
            .filter(|order| !order.is_empty())
            .map(|order| (order_key(account, order), order))
            .collect();
        let marks = by_key.keys().map(|partition| self.table.key(partition, FORGOTTEN)).collect();
        let mut forgotten = BTreeSet::new();
        for mark in self.table.get_many(marks).await? {
            if let Some(order) = by_key.get(self.table.fields(&mark).text(KEYS.0)?) {
                forgotten.insert((*order).to_owned());
            }
        }
        Ok(forgotten)
    }

    async fn personal_items(
        &self,
        account: &SellerId,
        order_id: &str,
    ) -> Result<(Vec<Item>, BTreeSet<String>), StoreError> {
        let (mut items, mut shared_with) = (Vec::new(), BTreeSet::new());
        let ids = self.transactions_of_order(account, order_id).await?;
        let mut invoices = BTreeSet::new();
        for stored in self.transactions(account, ids.iter().map(String::as_str)).await? {
            let transaction = &stored.transaction;
            shared_with.extend(orders_of(transaction).map(str::to_owned));
            let partition = transaction_key(account, &transaction.transaction_id);
            items.extend(self.table.begins_with(&partition, PERSONAL).await?);
            let details = stored.questions.iter().flat_map(|question| &question.invoices);
            let numbers =
                |each: &InvoiceDetail| [each.number(), each.consolidated_number()].map(|it| it.map(str::to_owned));
            invoices.extend(details.flat_map(numbers).flatten());
        }
        for number in invoices {
            items.extend(self.table.get(&invoice_key(account, &number), PERSONAL).await?);
        }
        shared_with.remove(order_id);
        shared_with.remove("");
        Ok((items, shared_with))
    }

    async fn transactions_of_order(&self, account: &SellerId, order_id: &str) -> Result<Vec<String>, StoreError> {
        let Some(order) = self.table.get(&order_key(account, order_id), HEADER).await? else { return Ok(Vec::new()) };
        Ok(self.table.fields(&order).texts("transaction_ids")?.into_iter().map(str::to_owned).collect())
    }
}
