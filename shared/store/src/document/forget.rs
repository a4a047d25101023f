//! Forgetting what is personal about an order: who bought and where it went. Figures, lines and proofs stay.
//!
//! The order is marked first, in a partition of its own: from then on whatever is booked about it, again or for the
//! first time, is booked without what is personal.

use countinghouse_domain::ids::SellerId;
use jiff::Timestamp;

use super::item::{self, HEADER, PERSONAL};
use super::upsert::part;
use super::{Documents, item::KEYS};
use crate::forgotten::PersonalItem;
use crate::item::ItemBuilder;
use crate::table::{ATTEMPTS, Change};
use crate::{Item, StoreError};

/// The sort key of the mark.
const FORGOTTEN: &str = "forgotten";
/// The attribute that says when.
pub(super) const FORGOTTEN_AT: &str = "forgotten_at";

/// The partition of what is known of an order as a whole.
fn order_partition(seller: &SellerId, order_id: &str) -> String {
    format!("{seller} order {order_id}")
}

impl Documents {
    /// What is personal about an order, item by item: the names of the attributes, nothing of their contents.
    pub async fn personal_of_order(&self, seller: &SellerId, order_id: &str) -> Result<Vec<PersonalItem>, StoreError> {
        let mut found = Vec::new();
        for partition in self.partitions_of_order(seller, order_id).await? {
            let items = self.table.partition(&partition).await?;
            found.extend(items.iter().filter(|item| is_personal(item)).map(|item| PersonalItem::of(item, KEYS)));
        }
        Ok(found)
    }

    /// When an order was forgotten.
    pub async fn forgotten_at(&self, seller: &SellerId, order_id: &str) -> Result<Option<Timestamp>, StoreError> {
        if order_id.is_empty() {
            return Ok(None);
        }
        match self.table.get(&order_partition(seller, order_id), FORGOTTEN).await? {
            Some(mark) => self.table.fields(&mark).time_if(FORGOTTEN_AT),
            None => Ok(None),
        }
    }

    /// Forgets what is personal about an order; answers what was removed. Done again, there is nothing left to remove.
    pub async fn forget_order(
        &self,
        seller: &SellerId,
        order_id: &str,
        now: Timestamp,
    ) -> Result<Vec<PersonalItem>, StoreError> {
        let partition = order_partition(seller, order_id);
        let mut mark = ItemBuilder::new();
        mark.text(KEYS.0, partition).text(KEYS.1, FORGOTTEN).text("seller", seller.as_str()).time(FORGOTTEN_AT, now);
        // Whoever was quicker has marked it, too.
        self.table.put_new(mark.take()).await?;
        let since = self.forgotten_at(seller, order_id).await?.unwrap_or(now);
        let mut removed = Vec::new();
        for partition in self.partitions_of_order(seller, order_id).await? {
            removed.extend(self.forget(&partition, since).await?);
        }
        Ok(removed)
    }

    /// Every document of the order, those too that others have replaced.
    async fn partitions_of_order(&self, seller: &SellerId, order_id: &str) -> Result<Vec<String>, StoreError> {
        let mut partitions = Vec::new();
        for key in self.table.keys_in_index("by-order", "order_id", order_id).await? {
            let partition = self.table.fields(&key).text(KEYS.0)?.to_owned();
            if partition.starts_with(&format!("{seller} ")) && !partitions.contains(&partition) {
                partitions.push(partition);
            }
        }
        Ok(partitions)
    }

    async fn forget(&self, partition: &str, since: Timestamp) -> Result<Vec<PersonalItem>, StoreError> {
        for _ in 0..ATTEMPTS {
            let items = self.table.partition(partition).await?;
            let Some(header) = items.iter().find(|item| part(item) == HEADER) else { return Ok(Vec::new()) };
            let personal: Vec<_> = items.iter().filter(|item| is_personal(item)).collect();
            if personal.is_empty() && header.contains_key(FORGOTTEN_AT) {
                return Ok(Vec::new());
            }
            let header = ItemBuilder::edit(header.clone()).time(FORGOTTEN_AT, since).take();
            let empty = personal.iter().map(|item| Change::Beside(item::unused(partition, part(item))));
            let changes = std::iter::once(Change::Back(header)).chain(empty).collect();
            if self.table.put_together(changes).await? {
                return Ok(personal.into_iter().map(|item| PersonalItem::of(item, KEYS)).collect());
            }
        }
        Err(StoreError::Conflict { item: format!("{} {partition}", self.table.name) })
    }
}

fn is_personal(item: &Item) -> bool {
    part(item).starts_with(PERSONAL) && !item.contains_key("unused")
}
