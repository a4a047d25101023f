//! Payments: one item for each amount of a settlement.
//!
//! The key of a payment is the settlement and the line of its file, so writing it again changes nothing, and two
//! rows that look alike are two items. A settlement of up to a thousand lines is one partition; a larger one is
//! spread over sixteen, so that a million rows do not heat one.

mod cursor;
mod item;
mod model;
mod writer;

pub use cursor::PaymentCursor;
pub use item::{derived_item, payment_item, payment_write_units};
pub use model::{PARTS, Payment, PaymentContext, PaymentItem, line_key, part_of, partition_key};
pub use writer::{PaymentWriter, WriterSettings, Written};
pub(crate) use writer::{backoff, pause, write_batch};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use countinghouse_domain::ids::SettlementId;

use crate::StoreError;
use crate::table::Table;

pub(crate) const KEYS: (&str, &str) = ("settlement", "line");

/// The table of payments.
#[derive(Debug, Clone)]
pub struct Payments {
    table: Table,
}

impl Payments {
    /// The payments in this table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table, KEYS) }
    }

    /// Something that writes many payments.
    pub fn writer(&self, settings: WriterSettings) -> PaymentWriter {
        PaymentWriter::new(self.table.clone(), settings)
    }

    /// Writes the row that closes a settlement's account, or any other single payment.
    pub async fn put(&self, payment: PaymentItem) -> Result<(), StoreError> {
        self.table.put(payment.item).await
    }

    /// The payments of a settlement in the order of its file, the derived one first.
    pub fn of_settlement(&self, id: &SettlementId) -> PaymentCursor {
        PaymentCursor::new(self.table.clone(), id)
    }

    /// The payments of an order, of all its settlements, in the order of time. An amount without a time is not
    /// among them.
    pub async fn of_order(&self, order_id: &str) -> Result<Vec<Payment>, StoreError> {
        let keys = self.table.keys_in_index("by-order", "order_id", order_id).await?;
        let mut payments = Vec::with_capacity(keys.len());
        for item in self.table.get_many(keys).await? {
            payments.push(item::read(&self.table.fields(&item))?);
        }
        payments.sort_by(|left, right| {
            let key = |each: &Payment| (each.posted_at, each.settlement_id.clone(), each.line, each.part);
            key(left).cmp(&key(right))
        });
        Ok(payments)
    }

    /// How many payments of a settlement the table holds, without the derived one: counted in the table itself,
    /// for a person who does not want to believe the proof. Reads everything, so it costs what reading costs.
    pub async fn count(&self, id: &SettlementId) -> Result<u64, StoreError> {
        let mut count = 0_u64;
        for part in 0..PARTS {
            let mut start = None;
            loop {
                let request = self
                    .table
                    .client
                    .query()
                    .table_name(&self.table.name)
                    .select(Select::Count)
                    .consistent_read(true)
                    .key_condition_expression("#hash = :hash AND begins_with(#range, :range)")
                    .expression_attribute_names("#hash", KEYS.0)
                    .expression_attribute_names("#range", KEYS.1)
                    .expression_attribute_values(":hash", AttributeValue::S(partition_key(id, part)))
                    .expression_attribute_values(":range", AttributeValue::S("line ".to_owned()))
                    .set_exclusive_start_key(start);
                let answer = request.send().await;
                let answer = answer.map_err(|error| StoreError::sdk(self.table.operation("Query"), error))?;
                count = count.saturating_add(u64::try_from(answer.count).unwrap_or(0));
                start = answer.last_evaluated_key;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(count)
    }
}
