//! The rate budget that all functions share, in DynamoDB.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::rate::{Bucket, BudgetError, BudgetFuture, Limit, Operation, RateBudget};
use countinghouse_domain::time::Clock;
use jiff::Timestamp;

use crate::item::{Fields, ItemBuilder};
use crate::table::Table;
use crate::{Item, StoreError};

const KEYS: (&str, &str) = ("seller", "operation");

/// A bucket is read and written back this often before the caller is told to wait a moment.
const ATTEMPTS: usize = 5;

/// How long to wait where others took from the same bucket at every attempt.
const CONTENTION_WAIT: Duration = Duration::from_millis(200);

/// One token bucket for each seller and operation, in a table.
///
/// Two processes that take at the same moment read the same version of the bucket; the second to write it is
/// refused and reads again, so no request is counted once for two.
#[derive(Debug, Clone)]
pub struct DynamoRateBudget {
    table: Table,
    clock: Arc<dyn Clock>,
}

impl DynamoRateBudget {
    /// The buckets in this table.
    pub fn new(client: Client, table: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { table: Table::new(client, table, KEYS), clock }
    }

    /// The bucket as it is now; a full one where nobody has taken yet.
    pub async fn bucket(&self, seller: &SellerId, operation: Operation) -> Result<Bucket, StoreError> {
        Ok(self.read(seller, operation).await?.1)
    }

    /// Every bucket that a seller has taken from, as it was when it was last changed.
    pub async fn buckets(&self, seller: &SellerId) -> Result<Vec<(Operation, Bucket)>, StoreError> {
        let mut buckets = Vec::new();
        for item in self.table.partition(seller.as_str()).await? {
            let fields = self.table.fields(&item);
            let name = fields.text("operation")?;
            // An operation that a newer version of the program knows has no say here.
            let Some(operation) = Operation::ALL.into_iter().find(|each| each.name() == name) else { continue };
            buckets.push((operation, read_bucket(&fields)?));
        }
        Ok(buckets)
    }

    /// Forgets every bucket of a seller, and tells how many there were. The next call finds a full one.
    pub async fn forget(&self, seller: &SellerId) -> Result<usize, StoreError> {
        let items = self.table.partition(seller.as_str()).await?;
        for item in &items {
            let operation = self.table.fields(item).text("operation")?.to_owned();
            let key = ItemBuilder::new().text("seller", seller.as_str()).text("operation", operation).take();
            let request = self.table.client.delete_item().table_name(&self.table.name).set_key(Some(key));
            let answer = request.send().await;
            answer.map_err(|error| StoreError::sdk(self.table.operation("DeleteItem"), error))?;
        }
        Ok(items.len())
    }

    async fn read(&self, seller: &SellerId, operation: Operation) -> Result<(Option<Item>, Bucket), StoreError> {
        let item = self.table.get(seller.as_str(), operation.name()).await?;
        let bucket = match &item {
            Some(item) => read_bucket(&self.table.fields(item))?,
            None => Bucket::full(operation.documented_limit(), self.clock.now()),
        };
        Ok((item, bucket))
    }

    async fn write(
        &self,
        seller: &SellerId,
        operation: Operation,
        read: Option<Item>,
        bucket: Bucket,
    ) -> Result<bool, StoreError> {
        let is_new = read.is_none();
        let item = write_bucket(read.unwrap_or_default(), seller, operation, bucket);
        if is_new { self.table.put_new(item).await } else { self.table.put_back(item).await }
    }

    async fn try_take(&self, seller: &SellerId, operation: Operation) -> Result<Option<Duration>, StoreError> {
        for _ in 0..ATTEMPTS {
            let (item, bucket) = self.read(seller, operation).await?;
            match bucket.take(self.clock.now()) {
                Err(wait) => return Ok(Some(wait)),
                Ok(taken) => {
                    if self.write(seller, operation, item, taken).await? {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(CONTENTION_WAIT))
    }

    async fn change(
        &self,
        seller: &SellerId,
        operation: Operation,
        change: impl Fn(Bucket, Timestamp) -> Bucket,
    ) -> Result<Bucket, StoreError> {
        for _ in 0..crate::table::ATTEMPTS {
            let (item, bucket) = self.read(seller, operation).await?;
            let changed = change(bucket, self.clock.now());
            if self.write(seller, operation, item, changed).await? {
                return Ok(changed);
            }
        }
        Err(StoreError::Conflict { item: format!("{seller} / {}", operation.name()) })
    }

    /// The rate is stated in every answer; it is written only when it is news.
    async fn try_learn(&self, seller: &SellerId, operation: Operation, rate: u64) -> Result<(), StoreError> {
        let (_, bucket) = self.read(seller, operation).await?;
        if bucket.limit.micro_requests_per_s == rate && bucket.throttled_in_a_row == 0 {
            return Ok(());
        }
        self.change(seller, operation, |bucket, now| bucket.learned(rate, now)).await.map(|_| ())
    }

    async fn try_throttled(&self, seller: &SellerId, operation: Operation) -> Result<Duration, StoreError> {
        let bucket = self.change(seller, operation, Bucket::throttled).await?;
        Ok(bucket.take(self.clock.now()).err().unwrap_or(CONTENTION_WAIT))
    }
}

impl RateBudget for DynamoRateBudget {
    fn take<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
    ) -> BudgetFuture<'a, Result<Option<Duration>, BudgetError>> {
        Box::pin(async move { self.try_take(seller, operation).await.map_err(budget_error) })
    }

    fn learn<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
        micro_requests_per_s: u64,
    ) -> BudgetFuture<'a, Result<(), BudgetError>> {
        Box::pin(async move { self.try_learn(seller, operation, micro_requests_per_s).await.map_err(budget_error) })
    }

    fn throttled<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
    ) -> BudgetFuture<'a, Result<Duration, BudgetError>> {
        Box::pin(async move { self.try_throttled(seller, operation).await.map_err(budget_error) })
    }
}

fn budget_error(error: StoreError) -> BudgetError {
    BudgetError(Box::new(error))
}

/// A moment of the bucket: unlike every other time of the tables it needs its milliseconds.
fn precise(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn write_bucket(item: Item, seller: &SellerId, operation: Operation, bucket: Bucket) -> Item {
    let mut builder = ItemBuilder::edit(item);
    builder
        .text("seller", seller.as_str())
        .text("operation", operation.name())
        .number("micro_requests_per_s", bucket.limit.micro_requests_per_s)
        .number("burst", bucket.limit.burst)
        .number("micro_tokens", bucket.micro_tokens)
        .text("updated_at", precise(bucket.updated_at))
        .number("throttled_in_a_row", bucket.throttled_in_a_row)
        .remove("blocked_until")
        .text_if("blocked_until", bucket.blocked_until.map(precise));
    builder.take()
}

fn read_bucket(fields: &Fields<'_>) -> Result<Bucket, StoreError> {
    Ok(Bucket {
        limit: Limit::new(fields.number("micro_requests_per_s")?, fields.number("burst")?),
        micro_tokens: fields.number("micro_tokens")?,
        updated_at: fields.time("updated_at")?,
        blocked_until: fields.time_if("blocked_until")?,
        throttled_in_a_row: fields.number("throttled_in_a_row")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plain;

    fn throttled_bucket() -> (SellerId, Bucket) {
        let now = "2026-11-22T04:00:00.25Z".parse().unwrap();
        let bucket = Bucket::full(Operation::GetReport.documented_limit(), now).throttled(now);
        ("A3TH9S8BH6GOGM".parse().unwrap(), bucket)
    }

    #[test]
    fn a_bucket_is_an_item_that_a_person_can_read() {
        let (seller, bucket) = throttled_bucket();
        insta::assert_json_snapshot!(plain(&write_bucket(Item::new(), &seller, Operation::GetReport, bucket)));
    }

    #[test]
    fn a_bucket_reads_as_it_was_written() {
        let (seller, bucket) = throttled_bucket();
        let item = write_bucket(Item::new(), &seller, Operation::GetReport, bucket);
        assert_eq!(read_bucket(&Fields::of(&item, KEYS)).unwrap(), bucket);
    }
}
