//! Lists: what is to be looked after, what needs a person, and how many stand where.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use countinghouse_domain::ids::SellerId;
use countinghouse_vat_invoices::state::State;
use jiff::Timestamp;

use super::key::{is_document, shipment_key};
use super::model::{Stage, StoredOwnInvoice};
use super::{OwnInvoices, read};
use crate::item::time_text;
use crate::{Item, StoreError};

/// No sort key, number or order has so many bytes.
const LONGEST_NAME: usize = 1_000;

impl OwnInvoices {
    /// The seller's documents that are to be looked after by now, the longest overdue first: those whose feed is to be
    /// asked about, and those whose upload began a quarter of an hour ago and has no outcome.
    pub async fn to_look_at(&self, seller: &SellerId, now: Timestamp) -> Result<Vec<StoredOwnInvoice>, StoreError> {
        let until = ("next_check_at", time_text(now));
        let keys = self.table.keys_in_index_until("in-flight", ("in_flight_seller", seller.as_str()), until).await?;
        self.looked_after(keys).await
    }

    /// All of the seller's documents that are looked after, whenever they are due.
    pub async fn in_flight(&self, seller: &SellerId) -> Result<Vec<StoredOwnInvoice>, StoreError> {
        let keys = self.table.keys_in_index("in-flight", "in_flight_seller", seller.as_str()).await?;
        self.looked_after(keys).await
    }

    async fn looked_after(&self, keys: Vec<Item>) -> Result<Vec<StoredOwnInvoice>, StoreError> {
        let items = self.table.get_many(keys).await?;
        let mut found = items.iter().map(read::invoice).collect::<Result<Vec<_>, _>>()?;
        // The index lags behind the table.
        found.retain(|each| each.next_check_at.is_some());
        found.sort_by_key(|each| each.next_check_at);
        Ok(found)
    }

    /// Every document of all sellers that stands in a state which is not final, the one that has been due the longest
    /// first.
    pub async fn standing_at(&self, state: State) -> Result<Vec<StoredOwnInvoice>, StoreError> {
        let keys = self.table.keys_in_index("by-status", "attention", state.name()).await?;
        let items = self.table.get_many(keys).await?;
        let mut found = items.iter().map(read::invoice).collect::<Result<Vec<_>, _>>()?;
        found.retain(|each| each.standing.state == state);
        found.sort_by(|left, right| (left.due_since, &left.key).cmp(&(right.due_since, &right.key)));
        Ok(found)
    }

    /// Every document of all sellers that a person must look at.
    pub async fn needing_attention(&self) -> Result<Vec<StoredOwnInvoice>, StoreError> {
        self.standing_at(State::NeedsPerson).await
    }

    /// How many documents of all sellers stand in each state that is not final, and how old they are.
    pub async fn stages(&self) -> Result<Vec<Stage>, StoreError> {
        let mut stages = Vec::new();
        for state in State::ALL.into_iter().filter(|state| !state.is_final()) {
            let first = self.table.first_in_index("by-status", ("attention", state.name())).await?;
            let oldest_due_since = first.map(|item| self.table.fields(&item).time("due_since")).transpose()?;
            stages.push(Stage { state, count: self.count_at(state).await?, oldest_due_since });
        }
        Ok(stages)
    }

    async fn count_at(&self, state: State) -> Result<u64, StoreError> {
        let (mut count, mut start) = (0_u64, None);
        loop {
            let request = self
                .table
                .client
                .query()
                .table_name(&self.table.name)
                .index_name("by-status")
                .select(Select::Count)
                .key_condition_expression("#hash = :hash")
                .expression_attribute_names("#hash", "attention")
                .expression_attribute_values(":hash", AttributeValue::S(state.name().to_owned()));
            let answer = request.set_exclusive_start_key(start).send().await;
            let answer = answer.map_err(|error| StoreError::sdk(self.table.operation("Query"), error))?;
            count = count.saturating_add(u64::try_from(answer.count).unwrap_or(0));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    /// The documents that a person means by a text: a sort key, a number, a shipment, a transaction or an order. One as a
    /// rule; an order may have several.
    pub async fn find(&self, seller: &SellerId, text: &str) -> Result<Vec<StoredOwnInvoice>, StoreError> {
        if text.is_empty() || text.len() > LONGEST_NAME {
            return Ok(Vec::new());
        }
        let by_number = self.registered(seller, text).await?.map(|entry| entry.document);
        let names = [text.to_owned(), shipment_key(text), format!("transaction {text}")];
        for key in by_number.into_iter().chain(names.into_iter().filter(|name| is_document(name))) {
            if let Some(found) = self.get(seller, &key).await? {
                return Ok(vec![found]);
            }
        }
        let mut all = self.list(seller).await?;
        all.retain(|each| each.order_id == text);
        Ok(all)
    }

    /// Every document of a seller, in the order of the sort keys.
    pub async fn list(&self, seller: &SellerId) -> Result<Vec<StoredOwnInvoice>, StoreError> {
        let items = self.table.partition(seller.as_str()).await?;
        let is_document =
            |item: &&Item| item.get("document").and_then(|key| key.as_s().ok()).is_some_and(|key| is_document(key));
        items.iter().filter(is_document).map(read::invoice).collect()
    }
}
