//! Writes many payments: batches of 25, several on the way at once.
//!
//! What the proof calls *written* is what the table has acknowledged: an item counts once a `BatchWriteItem` that
//! contained it was answered and did not hand it back as unprocessed. DynamoDB answers only after the item is
//! durable, so nothing needs to be read back.

use std::collections::VecDeque;
use std::time::Duration;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use tokio::task::JoinSet;

use super::model::PaymentItem;
use crate::size::{item_bytes, write_units};
use crate::table::{Table, throttled};
use crate::{Item, StoreError};

/// `BatchWriteItem` takes this many items.
const BATCH: usize = 25;
/// No pause between two attempts is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How eagerly payments are written.
#[derive(Debug, Clone, Copy)]
pub struct WriterSettings {
    /// How many batches are on the way at once.
    pub in_flight: usize,
    /// How often a batch is sent before the table is given up for busy.
    pub attempts: usize,
    /// The pause before the second attempt; it doubles with each further one, up to two seconds.
    pub pause: Duration,
}

impl Default for WriterSettings {
    fn default() -> Self {
        Self { in_flight: 16, attempts: 12, pause: Duration::from_millis(25) }
    }
}

/// What has been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Items that the table has acknowledged.
    pub items: u64,
    /// Of these, how many were pushed before any that is not acknowledged: where a later run may go on.
    pub durable_items: u64,
    /// The line of the last of those; the line itself may have more amounts, so a later run starts *with* it.
    pub durable_line: u64,
    /// Their size by DynamoDB's rules.
    pub bytes: u64,
    /// Write units of the table; the index by order is not among them.
    pub write_units: u64,
    /// Items that are larger than one write unit.
    pub above_one_unit: u64,
    /// Items that were handed back and sent again.
    pub sent_again: u64,
}

/// One batch, on the way or acknowledged.
#[derive(Debug, Clone, Copy)]
struct Ticket {
    number: u64,
    items: u64,
    last_line: u64,
    acknowledged: bool,
}

/// Writes payments in the order of their lines.
#[derive(Debug)]
pub struct PaymentWriter {
    table: Table,
    settings: WriterSettings,
    buffer: Vec<Item>,
    last_line: u64,
    next_number: u64,
    tickets: VecDeque<Ticket>,
    on_the_way: JoinSet<(u64, Result<u64, StoreError>)>,
    written: Written,
}

impl PaymentWriter {
    pub(super) fn new(table: Table, settings: WriterSettings) -> Self {
        Self {
            table,
            settings,
            buffer: Vec::with_capacity(BATCH),
            last_line: 0,
            next_number: 0,
            tickets: VecDeque::new(),
            on_the_way: JoinSet::new(),
            written: Written::default(),
        }
    }

    /// Takes a payment. Waits while as many batches are on the way as the settings allow. An error is that of an
    /// earlier batch; the writer is of no further use then, and what it had written stays written.
    pub async fn push(&mut self, payment: PaymentItem) -> Result<(), StoreError> {
        let bytes = item_bytes(&payment.item);
        let units = write_units(bytes);
        let count = |sum: &mut u64, more: usize| *sum = sum.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        count(&mut self.written.bytes, bytes);
        count(&mut self.written.write_units, units);
        count(&mut self.written.above_one_unit, usize::from(units > 1));
        self.last_line = payment.line;
        self.buffer.push(payment.item);
        if self.buffer.len() >= BATCH {
            self.send().await?;
        }
        Ok(())
    }

    /// What has been written so far.
    pub const fn written(&self) -> Written {
        self.written
    }

    /// Sends what is left and waits until everything is acknowledged.
    pub async fn finish(mut self) -> Result<Written, StoreError> {
        if !self.buffer.is_empty() {
            self.send().await?;
        }
        while !self.on_the_way.is_empty() {
            self.wait_for_one().await?;
        }
        Ok(self.written)
    }

    async fn send(&mut self) -> Result<(), StoreError> {
        while let Some(done) = self.on_the_way.try_join_next() {
            self.acknowledge(done)?;
        }
        while self.on_the_way.len() >= self.settings.in_flight.max(1) {
            self.wait_for_one().await?;
        }
        let items = std::mem::replace(&mut self.buffer, Vec::with_capacity(BATCH));
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        self.tickets.push_back(Ticket { number, items: count, last_line: self.last_line, acknowledged: false });
        let (table, settings) = (self.table.clone(), self.settings);
        self.on_the_way.spawn(async move { (number, write_batch(&table, items, settings).await) });
        Ok(())
    }

    async fn wait_for_one(&mut self) -> Result<(), StoreError> {
        match self.on_the_way.join_next().await {
            Some(done) => self.acknowledge(done),
            None => Ok(()),
        }
    }

    fn acknowledge(
        &mut self,
        done: Result<(u64, Result<u64, StoreError>), tokio::task::JoinError>,
    ) -> Result<(), StoreError> {
        let (number, outcome) =
            done.map_err(|error| StoreError::build(self.table.operation("BatchWriteItem"), error))?;
        self.written.sent_again = self.written.sent_again.saturating_add(outcome?);
        if let Some(ticket) = self.tickets.iter_mut().find(|ticket| ticket.number == number) {
            ticket.acknowledged = true;
            self.written.items = self.written.items.saturating_add(ticket.items);
        }
        while let Some(ticket) = self.tickets.front().copied().filter(|ticket| ticket.acknowledged) {
            self.tickets.pop_front();
            self.written.durable_items = self.written.durable_items.saturating_add(ticket.items);
            self.written.durable_line = ticket.last_line;
        }
        Ok(())
    }
}

/// Writes one batch until nothing of it is left over; returns how many items had to be sent again.
pub(crate) async fn write_batch(table: &Table, items: Vec<Item>, settings: WriterSettings) -> Result<u64, StoreError> {
    let operation = || table.operation("BatchWriteItem");
    let mut requests = Vec::with_capacity(items.len());
    for item in items {
        let put = PutRequest::builder().set_item(Some(item)).build();
        let put = put.map_err(|error| StoreError::build(operation(), error))?;
        requests.push(WriteRequest::builder().put_request(put).build());
    }
    let mut sent_again = 0_u64;
    for attempt in 0..settings.attempts.max(1) {
        if attempt > 0 {
            sent_again = sent_again.saturating_add(u64::try_from(requests.len()).unwrap_or(0));
            pause(backoff(settings.pause, attempt)).await;
        }
        let request = table.client.batch_write_item().request_items(&table.name, requests);
        let answer = request.send().await.map_err(|error| StoreError::sdk(operation(), error))?;
        requests = answer.unprocessed_items.and_then(|mut tables| tables.remove(&table.name)).unwrap_or_default();
        if requests.is_empty() {
            return Ok(sent_again);
        }
    }
    Err(throttled(operation()))
}

/// The one place of this crate that waits: for a table that is busy for the moment, within one request's time.
#[expect(
    clippy::disallowed_methods,
    reason = "what is unprocessed is sent again within milliseconds, as DynamoDB asks"
)]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// The pause before an attempt: doubled each time, and never longer than two seconds.
pub(crate) fn backoff(pause: Duration, attempt: usize) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    pause.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_two_seconds() {
        let pauses: Vec<_> = (1..10).map(|attempt| backoff(Duration::from_millis(25), attempt).as_millis()).collect();
        assert_eq!(pauses, [25, 50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
        assert_eq!(backoff(Duration::from_millis(25), usize::MAX), LONGEST_PAUSE);
    }
}
