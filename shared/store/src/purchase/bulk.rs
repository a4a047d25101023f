//! Many items at once, several batches on the way. Written again they are the same items.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use tokio::task::JoinSet;

use crate::payment::{WriterSettings, backoff, pause, write_batch};
use crate::table::{Table, throttled};
use crate::{Item, StoreError};

/// `BatchWriteItem` takes this many items.
const BATCH: usize = 25;
/// So many batches are on the way at once.
const IN_FLIGHT: usize = 8;

/// Puts the items, in no order; of two with one key the later one. On return each is durable.
pub(super) async fn put_all(table: &Table, items: Vec<Item>) -> Result<(), StoreError> {
    let mut batches = chunks(table, items).into_iter();
    let mut on_the_way: JoinSet<Result<u64, StoreError>> = JoinSet::new();
    loop {
        while on_the_way.len() < IN_FLIGHT {
            let Some(batch) = batches.next() else { break };
            let table = table.clone();
            on_the_way.spawn(async move { write_batch(&table, batch, WriterSettings::default()).await });
        }
        let Some(done) = on_the_way.join_next().await else { return Ok(()) };
        done.map_err(|error| StoreError::build(table.operation("BatchWriteItem"), error))??;
    }
}

/// Deletes the items with these keys; those that are not there are as good as deleted.
pub(super) async fn delete_all(table: &Table, keys: Vec<Item>) -> Result<(), StoreError> {
    let operation = || table.operation("BatchWriteItem");
    let settings = WriterSettings::default();
    for batch in chunks(table, keys) {
        let mut requests = Vec::with_capacity(batch.len());
        for key in batch {
            let delete = DeleteRequest::builder().set_key(Some(key)).build();
            let delete = delete.map_err(|error| StoreError::build(operation(), error))?;
            requests.push(WriteRequest::builder().delete_request(delete).build());
        }
        for attempt in 0..settings.attempts {
            if attempt > 0 {
                pause(backoff(settings.pause, attempt)).await;
            }
            let request = table.client.batch_write_item().request_items(&table.name, requests);
            let answer = request.send().await.map_err(|error| StoreError::sdk(operation(), error))?;
            requests = answer.unprocessed_items.and_then(|mut tables| tables.remove(&table.name)).unwrap_or_default();
            if requests.is_empty() {
                break;
            }
        }
        if !requests.is_empty() {
            return Err(throttled(operation()));
        }
    }
    Ok(())
}

/// DynamoDB refuses a batch that names a key twice.
fn chunks(table: &Table, items: Vec<Item>) -> Vec<Vec<Item>> {
    let text = |item: &Item, name: &str| match item.get(name) {
        Some(AttributeValue::S(text)) => text.clone(),
        _ => String::new(),
    };
    let by_key: BTreeMap<(String, String), Item> =
        items.into_iter().map(|item| ((text(&item, table.keys.0), text(&item, table.keys.1)), item)).collect();
    let mut batches = Vec::with_capacity(by_key.len().div_ceil(BATCH));
    let mut items = by_key.into_values().peekable();
    while items.peek().is_some() {
        batches.push(items.by_ref().take(BATCH).collect());
    }
    batches
}
