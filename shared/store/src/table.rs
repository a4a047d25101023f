//! One table with its two keys, and the few requests that all stores are made of.
//!
//! Whatever changes an item reads it, changes the copy and puts it back on the condition that nobody else did so
//! in between (`version`). Attributes that this program does not know survive that.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};

use crate::error::condition_failed;
use crate::item::Fields;
use crate::{Item, StoreError};

/// How often a change is tried again after somebody else was quicker.
pub(crate) const ATTEMPTS: usize = 16;

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) keys: (&'static str, &'static str),
}

impl Table {
    pub(crate) fn new(client: Client, name: impl Into<String>, keys: (&'static str, &'static str)) -> Self {
        Self { client, name: name.into(), keys }
    }

    pub(crate) fn fields<'a>(&self, item: &'a Item) -> Fields<'a> {
        Fields::of(item, self.keys)
    }

    pub(crate) fn operation(&self, verb: &str) -> String {
        format!("{verb} {}", self.name)
    }

    pub(crate) fn key(&self, hash: &str, range: &str) -> Item {
        HashMap::from([
            (self.keys.0.to_owned(), AttributeValue::S(hash.to_owned())),
            (self.keys.1.to_owned(), AttributeValue::S(range.to_owned())),
        ])
    }

    /// The item as it is now.
    pub(crate) async fn get(&self, hash: &str, range: &str) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request.set_key(Some(self.key(hash, range))).send().await;
        Ok(answer.map_err(|error| StoreError::sdk(self.operation("GetItem"), error))?.item)
    }

    /// The items as they are now, in any order; keys without an item are left out.
    pub(crate) async fn get_many(&self, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        // BatchGetItem takes a hundred keys.
        let mut found = Vec::new();
        for chunk in keys.chunks(100) {
            let mut wanted = chunk.to_vec();
            for attempt in 0..ATTEMPTS {
                let (items, rest) = self.batch_get(std::mem::take(&mut wanted)).await?;
                found.extend(items);
                wanted = rest;
                if wanted.is_empty() {
                    break;
                }
                crate::payment::pause(crate::payment::backoff(std::time::Duration::from_millis(20), attempt)).await;
            }
            if !wanted.is_empty() {
                return Err(throttled(self.operation("BatchGetItem")));
            }
        }
        Ok(found)
    }

    async fn batch_get(&self, keys: Vec<Item>) -> Result<(Vec<Item>, Vec<Item>), StoreError> {
        let operation = || self.operation("BatchGetItem");
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let keys = keys.map_err(|error| StoreError::build(operation(), error))?;
        let request = self.client.batch_get_item().request_items(&self.name, keys);
        let answer = request.send().await.map_err(|error| StoreError::sdk(operation(), error))?;
        let items = answer.responses.and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default();
        let rest = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.name));
        Ok((items, rest.map(|keys| keys.keys).unwrap_or_default()))
    }

    pub(crate) async fn put(&self, item: Item) -> Result<(), StoreError> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        request.send().await.map(|_| ()).map_err(|error| StoreError::sdk(self.operation("PutItem"), error))
    }

    /// Puts an item that must not be there yet; false when it is.
    pub(crate) async fn put_new(&self, item: Item) -> Result<bool, StoreError> {
        self.put_if(versioned(item, None), None).await
    }

    /// Puts an item back that was read at this version; false when somebody else was quicker.
    pub(crate) async fn put_back(&self, item: Item) -> Result<bool, StoreError> {
        let version = version_of(&item);
        self.put_if(versioned(item, version), Some(version)).await
    }

    #[expect(clippy::option_option, reason = "new, there without a version, there with one")]
    async fn put_if(&self, item: Item, read: Option<Option<u64>>) -> Result<bool, StoreError> {
        let mut request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        request = match read {
            None => request
                .condition_expression("attribute_not_exists(#key)")
                .expression_attribute_names("#key", self.keys.0),
            Some(None) => request
                .condition_expression("attribute_not_exists(#version)")
                .expression_attribute_names("#version", VERSION),
            Some(Some(version)) => request
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":version", AttributeValue::N(version.to_string())),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if condition_failed(&error) => Ok(false),
            Err(error) => Err(StoreError::sdk(self.operation("PutItem"), error)),
        }
    }

    /// Puts all items or none: those that are new must not be there, those that were read must not have changed.
    /// False when one of these conditions did not hold.
    pub(crate) async fn put_together(&self, items: Vec<Change>) -> Result<bool, StoreError> {
        let operation = || self.operation("TransactWriteItems");
        let mut puts = Vec::with_capacity(items.len());
        for change in items {
            let put = change.into_put(self).map_err(|error| StoreError::build(operation(), error))?;
            puts.push(TransactWriteItem::builder().put(put).build());
        }
        match self.client.transact_write_items().set_transact_items(Some(puts)).send().await {
            Ok(_) => Ok(true),
            Err(error) if another_was_quicker(&error) => Ok(false),
            Err(error) => Err(StoreError::sdk(operation(), error)),
        }
    }

    /// Every item of a partition, in order.
    pub(crate) async fn partition(&self, hash: &str) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.name)
                .consistent_read(true)
                .key_condition_expression("#hash = :hash")
                .expression_attribute_names("#hash", self.keys.0)
                .expression_attribute_values(":hash", AttributeValue::S(hash.to_owned()))
                .set_exclusive_start_key(start);
            let answer = request.send().await;
            let answer = answer.map_err(|error| StoreError::sdk(self.operation("Query"), error))?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Every item of a partition whose sort key begins so, in order.
    pub(crate) async fn begins_with(&self, hash: &str, range: &str) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let request = self.prefix_query(hash, range).consistent_read(true).set_exclusive_start_key(start);
            let answer = request.send().await.map_err(|error| StoreError::sdk(self.operation("Query"), error))?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// The last items of a partition whose sort key begins so, the last first.
    pub(crate) async fn last(&self, hash: &str, range: &str, limit: usize) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let wanted = i32::try_from(limit.saturating_sub(items.len())).unwrap_or(i32::MAX);
            let request = self.prefix_query(hash, range).consistent_read(true).scan_index_forward(false).limit(wanted);
            let answer = request.set_exclusive_start_key(start).send().await;
            let answer = answer.map_err(|error| StoreError::sdk(self.operation("Query"), error))?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() || items.len() >= limit {
                return Ok(items);
            }
        }
    }

    fn prefix_query(
        &self,
        hash: &str,
        range: &str,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#hash = :hash AND begins_with(#range, :range)")
            .expression_attribute_names("#hash", self.keys.0)
            .expression_attribute_names("#range", self.keys.1)
            .expression_attribute_values(":hash", AttributeValue::S(hash.to_owned()))
            .expression_attribute_values(":range", AttributeValue::S(range.to_owned()))
    }

    /// The keys of every item that an index holds under a value, in the order of the index.
    pub(crate) async fn keys_in_index(&self, index: &str, hash: &str, value: &str) -> Result<Vec<Item>, StoreError> {
        let mut keys = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(index)
                .key_condition_expression("#hash = :hash")
                .expression_attribute_names("#hash", hash)
                .expression_attribute_values(":hash", AttributeValue::S(value.to_owned()))
                .set_exclusive_start_key(start);
            let answer = request.send().await;
            let answer = answer.map_err(|error| StoreError::sdk(self.operation("Query"), error))?;
            keys.extend(answer.items.unwrap_or_default().into_iter().map(|item| self.only_keys(item)));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(keys);
            }
        }
    }

    /// As [`keys_in_index`](Self::keys_in_index), but only up to this value of the index's sort key.
    pub(crate) async fn keys_in_index_until(
        &self,
        index: &str,
        (hash, value): (&str, &str),
        (range, until): (&str, String),
    ) -> Result<Vec<Item>, StoreError> {
        let mut keys = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(index)
                .key_condition_expression("#hash = :hash AND #range <= :until")
                .expression_attribute_names("#hash", hash)
                .expression_attribute_names("#range", range)
                .expression_attribute_values(":hash", AttributeValue::S(value.to_owned()))
                .expression_attribute_values(":until", AttributeValue::S(until.clone()))
                .set_exclusive_start_key(start);
            let answer = request.send().await;
            let answer = answer.map_err(|error| StoreError::sdk(self.operation("Query"), error))?;
            keys.extend(answer.items.unwrap_or_default().into_iter().map(|item| self.only_keys(item)));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(keys);
            }
        }
    }

    /// The first entry that an index holds under a value, as far as the index keeps it.
    pub(crate) async fn first_in_index(
        &self,
        index: &str,
        (hash, value): (&str, &str),
    ) -> Result<Option<Item>, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index)
            .key_condition_expression("#hash = :hash")
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", AttributeValue::S(value.to_owned()))
            .limit(1);
        let answer = request.send().await.map_err(|error| StoreError::sdk(self.operation("Query"), error))?;
        Ok(answer.items.unwrap_or_default().into_iter().next())
    }

    fn only_keys(&self, mut item: Item) -> Item {
        item.retain(|name, _| name == self.keys.0 || name == self.keys.1);
        item
    }
}

/// One part of a transaction.
#[derive(Debug)]
pub(crate) enum Change {
    /// An item that is not there yet.
    New(Item),
    /// An item that was read.
    Back(Item),
    /// An item that belongs to one of the others and changes only with it.
    Beside(Item),
}

impl Change {
    pub(crate) const fn item(&self) -> &Item {
        match self {
            Self::New(item) | Self::Back(item) | Self::Beside(item) => item,
        }
    }

    pub(crate) fn into_item(self) -> Item {
        match self {
            Self::New(item) | Self::Back(item) | Self::Beside(item) => item,
        }
    }

    pub(crate) fn into_put(self, table: &Table) -> Result<Put, aws_sdk_dynamodb::error::BuildError> {
        let put = Put::builder().table_name(&table.name);
        match self {
            Self::New(item) => put
                .set_item(Some(versioned(item, None)))
                .condition_expression("attribute_not_exists(#key)")
                .expression_attribute_names("#key", table.keys.0),
            Self::Beside(item) => put.set_item(Some(item)),
            Self::Back(item) => {
                let version = version_of(&item).unwrap_or(0);
                put.set_item(Some(versioned(item, Some(version))))
                    .condition_expression("#version = :version")
                    .expression_attribute_names("#version", VERSION)
                    .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
            }
        }
        .build()
    }
}

/// Counts the changes of an item, so that none overwrites another unseen.
pub(crate) const VERSION: &str = "version";

fn version_of(item: &Item) -> Option<u64> {
    item.get(VERSION)?.as_n().ok()?.parse().ok()
}

fn versioned(mut item: Item, read: Option<u64>) -> Item {
    let next = read.unwrap_or(0).saturating_add(1);
    item.insert(VERSION.to_owned(), AttributeValue::N(next.to_string()));
    item
}

fn another_was_quicker<R>(error: &SdkError<TransactWriteItemsError, R>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return false;
    };
    let expected =
        |code: Option<&str>| matches!(code, None | Some("None" | "ConditionalCheckFailed" | "TransactionConflict"));
    cancelled.cancellation_reasons().iter().all(|reason| expected(reason.code()))
}

pub(crate) fn throttled(operation: String) -> StoreError {
    StoreError::Throttled { operation, source: "what was left over stayed left over at every attempt".into() }
}
