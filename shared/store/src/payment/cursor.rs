//! Reads the payments of a settlement in the order of its file, with a memory that does not depend on its size.

use std::collections::VecDeque;

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::ids::SettlementId;
use futures_util::future::try_join_all;

use super::model::{PARTS, Payment, partition_key};
use super::{KEYS, item};
use crate::table::Table;
use crate::{Item, StoreError};

/// How many payments of a part are read at once.
const PAGE: i32 = 250;

/// The payments of one settlement: sixteen sorted parts, merged.
#[derive(Debug)]
pub struct PaymentCursor {
    table: Table,
    parts: Vec<Part>,
    started: bool,
}

#[derive(Debug)]
struct Part {
    key: String,
    page: VecDeque<Payment>,
    next: Option<Item>,
    exhausted: bool,
}

impl PaymentCursor {
    pub(super) fn new(table: Table, id: &SettlementId) -> Self {
        let part =
            |number| Part { key: partition_key(id, number), page: VecDeque::new(), next: None, exhausted: false };
        Self { table, parts: (0..PARTS).map(part).collect(), started: false }
    }

    /// The next payment; none after the last.
    pub async fn next(&mut self) -> Result<Option<Payment>, StoreError> {
        let table = &self.table;
        if !self.started {
            // The first pages of all parts at once: most of them are empty.
            try_join_all(self.parts.iter_mut().map(|part| part.fill(table))).await?;
            self.started = true;
        }
        for part in &mut self.parts {
            part.fill(table).await?;
        }
        let place = |payment: &Payment| (!payment.derived, payment.line, payment.part);
        let first = self.parts.iter_mut().filter(|part| !part.page.is_empty());
        let first = first.min_by_key(|part| part.page.front().map(place));
        Ok(first.and_then(|part| part.page.pop_front()))
    }

    /// All that are left, for settlements that a person looks at.
    pub async fn collect(mut self) -> Result<Vec<Payment>, StoreError> {
        let mut payments = Vec::new();
        while let Some(payment) = self.next().await? {
            payments.push(payment);
        }
        Ok(payments)
    }
}

impl Part {
    async fn fill(&mut self, table: &Table) -> Result<(), StoreError> {
        while self.page.is_empty() && !self.exhausted {
            let request = table
                .client
                .query()
                .table_name(&table.name)
                .limit(PAGE)
                .consistent_read(true)
                .key_condition_expression("#hash = :hash")
                .expression_attribute_names("#hash", KEYS.0)
                .expression_attribute_values(":hash", AttributeValue::S(self.key.clone()))
                .set_exclusive_start_key(self.next.take());
            let answer = request.send().await.map_err(|error| StoreError::sdk(table.operation("Query"), error))?;
            for each in answer.items() {
                self.page.push_back(item::read(&table.fields(each))?);
            }
            self.next = answer.last_evaluated_key;
            self.exhausted = self.next.is_none();
        }
        Ok(())
    }
}
