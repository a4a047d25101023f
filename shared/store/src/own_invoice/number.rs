//! Numbers without gaps, each given once.
//!
//! One transaction moves the count of the series on by one, enters the number into the register, and writes it on the
//! document: all three or none. A process that dies before it leaves the count as it was; one that dies after it finds
//! the number on the document in the next run.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;
use countinghouse_domain::ids::SellerId;
use countinghouse_vat_invoices::number::{BadNumber, InvoiceNumber};
use countinghouse_vat_invoices::state::State;
use jiff::Timestamp;
use tokio::time::Instant;

use super::key::{number_key, series_key};
use super::model::{Allocation, NumberRequest, Numbering, RegisteredNumber};
use super::{OwnInvoices, item, read};
use crate::payment::{backoff, pause};
use crate::table::{Change, throttled};
use crate::{Item, StoreError};

/// The pause before the second attempt; it doubles from there on, up to two seconds.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// What came of one attempt to write.
enum Attempt {
    Written,
    /// Somebody else has changed the document, the count or the register, or is about to.
    Lost,
    /// The table takes no more now.
    Throttled,
}

impl OwnInvoices {
    /// Gives a document its number, the next of its series. A document that has one keeps it, with the day of issue and
    /// everything else that was written with it.
    ///
    /// Where many ask at once each tries again, after a pause that grows and is never the same for two, for as long as
    /// `patience`; then it is [`StoreError::Conflict`], and nothing was written.
    pub async fn allocate(
        &self,
        seller: &SellerId,
        document: &str,
        request: &NumberRequest<'_>,
        patience: Duration,
        now: Timestamp,
    ) -> Result<Allocation, StoreError> {
        let started = Instant::now();
        let name = request.pattern.series(request.place);
        let mut is_throttled = false;
        for attempt in 1_usize.. {
            let there = self.needed(seller, document).await?;
            let known = read::invoice(&there)?;
            if let Some(numbering) = known.numbering {
                return Ok(Allocation::Given(Box::new(numbering)));
            }
            if known.standing.state != State::Due {
                return Ok(Allocation::NotDue(known.standing.state));
            }
            let (count, last) = self.count(seller, &name).await?;
            let running = last.saturating_add(1);
            let number = request.pattern.render(request.place, running).map_err(|error| full(&name, &error))?;
            let numbering = Numbering {
                number,
                series: name.clone(),
                running,
                issued_on: request.issued_on,
                given_at: now,
                made_from: request.made_from.clone(),
            };
            let is_first = count.is_none();
            let count = item::series(count, seller, &name, running, now);
            let count = if is_first { Change::New(count) } else { Change::Back(count) };
            let register = Change::New(item::register(seller, document, &numbering));
            let changes = vec![count, register, Change::Back(item::numbered(there, &numbering))];
            is_throttled = match self.write(changes).await? {
                Attempt::Written => return Ok(Allocation::Given(Box::new(numbering))),
                Attempt::Throttled => true,
                Attempt::Lost => {
                    self.pass_over(seller, &name, &numbering.number, running, now).await?;
                    false
                }
            };
            if started.elapsed() >= patience {
                break;
            }
            pause(jittered(backoff(FIRST_PAUSE, attempt))).await;
        }
        if is_throttled {
            return Err(throttled(self.table.operation("TransactWriteItems")));
        }
        Err(self.contention(seller, document))
    }

    /// The running number that the next document of a series will probably get.
    pub async fn next_number(&self, seller: &SellerId, series: &str) -> Result<u64, StoreError> {
        Ok(self.count(seller, series).await?.1.saturating_add(1))
    }

    /// Begins a series after a number, where the numbers before it were given by another program. True when the series
    /// goes on from there; false when it is beyond that already.
    pub async fn continue_series(
        &self,
        seller: &SellerId,
        series: &str,
        last: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for _ in 0..crate::table::ATTEMPTS {
            let (count, there) = self.count(seller, series).await?;
            if there >= last {
                return Ok(there == last);
            }
            if self.move_count(seller, series, count, last, now).await? {
                return Ok(true);
            }
        }
        Err(self.contention(seller, &series_key(series)))
    }

    /// Which document has a number.
    pub async fn registered(&self, seller: &SellerId, number: &str) -> Result<Option<RegisteredNumber>, StoreError> {
        let there = self.table.get(seller.as_str(), &number_key(number)).await?;
        there.as_ref().map(read::registered).transpose()
    }

    /// Every number of a seller, those of void documents and those given elsewhere too, in the order of their texts.
    pub async fn register(&self, seller: &SellerId) -> Result<Vec<RegisteredNumber>, StoreError> {
        let items = self.table.begins_with(seller.as_str(), super::key::NUMBERS).await?;
        items.iter().map(read::registered).collect()
    }

    async fn count(&self, seller: &SellerId, series: &str) -> Result<(Option<Item>, u64), StoreError> {
        let there = self.table.get(seller.as_str(), &series_key(series)).await?;
        let last = match &there {
            Some(item) => self.table.fields(item).number("last_number")?,
            None => 0,
        };
        Ok((there, last))
    }

    async fn move_count(
        &self,
        seller: &SellerId,
        series: &str,
        count: Option<Item>,
        last: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_first = count.is_none();
        let count = item::series(count, seller, series, last, now);
        if is_first { self.table.put_new(count).await } else { self.table.put_back(count).await }
    }

    /// Moves the count past a number that was given elsewhere: it belongs to a document, so that no gap is left.
    async fn pass_over(
        &self,
        seller: &SellerId,
        series: &str,
        number: &InvoiceNumber,
        running: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.registered(seller, number.as_str()).await?.is_none_or(|entry| entry.running.is_some()) {
            return Ok(());
        }
        let (count, last) = self.count(seller, series).await?;
        if last.saturating_add(1) == running {
            self.move_count(seller, series, count, running, now).await?;
        }
        Ok(())
    }

    async fn write(&self, changes: Vec<Change>) -> Result<Attempt, StoreError> {
        let operation = || self.table.operation("TransactWriteItems");
        let mut puts = Vec::with_capacity(changes.len());
        for change in changes {
            let put = change.into_put(&self.table).map_err(|error| StoreError::build(operation(), error))?;
            puts.push(TransactWriteItem::builder().put(put).build());
        }
        let request = self.table.client.transact_write_items().set_transact_items(Some(puts));
        let Err(error) = request.send().await else { return Ok(Attempt::Written) };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
            return Err(StoreError::sdk(operation(), error));
        };
        let reasons: Vec<&str> = cancelled.cancellation_reasons().iter().filter_map(|each| each.code()).collect();
        let is_busy = |code: &&str| matches!(*code, "ThrottlingError" | "ProvisionedThroughputExceeded");
        let is_usual = |code: &&str| matches!(*code, "None" | "ConditionalCheckFailed" | "TransactionConflict");
        if reasons.iter().all(is_usual) {
            Ok(Attempt::Lost)
        } else if reasons.iter().all(|code| is_usual(code) || is_busy(code)) {
            Ok(Attempt::Throttled)
        } else {
            Err(StoreError::sdk(operation(), error))
        }
    }
}

/// A series whose next number is none that Amazon accepts: the pattern has to change.
fn full(series: &str, error: &BadNumber) -> StoreError {
    tracing::error!(series, error = %error, "the series has no further number");
    StoreError::Corrupt {
        item: series_key(series),
        attribute: "last_number".to_owned(),
        expected: "a count whose next number Amazon accepts",
    }
}

/// Half of a pause up to all of it, at random: those who came together part.
fn jittered(pause: Duration) -> Duration {
    // Each state of the standard library's hash maps has a key of its own.
    let random = u32::try_from(RandomState::new().hash_one(0_u8) % 1_024).unwrap_or(0);
    let half = pause / 2;
    half.saturating_add(half.saturating_mul(random) / 1_024)
}
