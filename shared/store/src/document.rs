//! Invoices and credit notes: one document in one partition, merged from as many reports as mention it.
//!
//! A document is a header with its first lines, further items for further lines, and beside each an item with
//! what is personal in it, which expires. All of them change in one transaction, on the condition that the header
//! is still the one that was read; the version before a revision stays as `revision 0001` and so on.

mod forget;
mod item;
mod json;
mod outcome;
mod personal;
#[cfg(test)]
mod tests;
mod upsert;

pub use outcome::{Preview, StoredDocument, Upsert, UpsertCounts, UpsertError};

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use countinghouse_domain::document::DocumentKey;
use countinghouse_domain::ids::SellerId;

use crate::table::Table;
use crate::{Item, StoreError};
use item::KEYS;

/// The table of documents.
#[derive(Debug, Clone)]
pub struct Documents {
    table: Table,
    personal_data_kept_for: Duration,
}

impl Documents {
    /// The documents in this table, and for how many days after the first booking personal data is kept.
    pub fn new(client: Client, table: impl Into<String>, personal_data_retention_days: u16) -> Self {
        const DAY_S: u64 = 86_400;
        let kept_for_s = u64::from(personal_data_retention_days).saturating_mul(DAY_S);
        Self { table: Table::new(client, table, KEYS), personal_data_kept_for: Duration::from_secs(kept_for_s) }
    }

    /// One document.
    pub async fn get(&self, seller: &SellerId, key: &DocumentKey) -> Result<Option<StoredDocument>, StoreError> {
        let items = self.table.partition(&item::partition_key(seller, key)).await?;
        if items.is_empty() { Ok(None) } else { item::read(&self.table, &items) }
    }

    /// The versions that were replaced, the oldest first. They have no personal data.
    pub async fn revisions(&self, seller: &SellerId, key: &DocumentKey) -> Result<Vec<StoredDocument>, StoreError> {
        let items = self.table.partition(&item::partition_key(seller, key)).await?;
        item::read_revisions(&self.table, &items)
    }

    /// The documents of an order, the earliest first. A document that another has replaced is not among them.
    pub async fn of_order(&self, seller: &SellerId, order_id: &str) -> Result<Vec<StoredDocument>, StoreError> {
        let mut documents = self.of_index("by-order", "order_id", order_id).await?;
        documents.retain(|each| each.seller == *seller);
        Ok(documents)
    }

    /// A seller's documents of a month such as `2026-11`, the earliest first; `unknown` are those without a date.
    /// A document that another has replaced is not among them.
    pub async fn by_month(&self, seller: &SellerId, month: &str) -> Result<Vec<StoredDocument>, StoreError> {
        self.of_index("by-date", "seller_month", &item::seller_month(seller, month)).await
    }

    async fn of_index(&self, index: &str, attribute: &str, value: &str) -> Result<Vec<StoredDocument>, StoreError> {
        let keys = self.table.keys_in_index(index, attribute, value).await?;
        let mut documents = Vec::with_capacity(keys.len());
        for header in self.table.get_many(keys).await? {
            let all = if item::is_whole(&self.table.fields(&header))? {
                self.with_personal(header).await?
            } else {
                self.table.partition(self.table.fields(&header).text(KEYS.0)?).await?
            };
            documents.extend(item::read(&self.table, &all)?);
        }
        documents.retain(|each| each.superseded_by.is_none());
        documents.sort_by(|left, right| {
            let key = |each: &StoredDocument| (each.document.issued_on, each.document.key.clone());
            key(left).cmp(&key(right))
        });
        Ok(documents)
    }

    async fn with_personal(&self, header: Item) -> Result<Vec<Item>, StoreError> {
        let personal = self.table.get(self.table.fields(&header).text(KEYS.0)?, item::PERSONAL).await?;
        Ok(std::iter::once(header).chain(personal).collect())
    }
}
