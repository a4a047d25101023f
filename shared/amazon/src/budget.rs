//! A rate budget inside one process, for the command line and for tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::rate::{Bucket, BudgetError, BudgetFuture, Operation, RateBudget};
use countinghouse_domain::time::Clock;

/// Token buckets in memory. Right for one process alone; functions share theirs through a table.
#[derive(Debug)]
pub struct LocalBudget {
    clock: Arc<dyn Clock>,
    buckets: Mutex<HashMap<(SellerId, Operation), Bucket>>,
}

impl LocalBudget {
    /// Full buckets with the documented limits.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, buckets: Mutex::default() }
    }

    /// The bucket of a seller's operation as it is now.
    pub fn bucket(&self, seller: &SellerId, operation: Operation) -> Bucket {
        self.change(seller, operation, |bucket| (bucket, bucket))
    }

    fn change<T>(&self, seller: &SellerId, operation: Operation, step: impl FnOnce(Bucket) -> (Bucket, T)) -> T {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let bucket = buckets
            .entry((seller.clone(), operation))
            .or_insert_with(|| Bucket::full(operation.documented_limit(), now));
        let (next, result) = step(*bucket);
        *bucket = next;
        result
    }
}

impl RateBudget for LocalBudget {
    fn take<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
    ) -> BudgetFuture<'a, Result<Option<Duration>, BudgetError>> {
        let now = self.clock.now();
        let wait = self.change(seller, operation, |bucket| match bucket.take(now) {
            Ok(rest) => (rest, None),
            Err(wait) => (bucket, Some(wait)),
        });
        Box::pin(std::future::ready(Ok(wait)))
    }

    fn learn<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
        micro_requests_per_s: u64,
    ) -> BudgetFuture<'a, Result<(), BudgetError>> {
        let now = self.clock.now();
        self.change(seller, operation, |bucket| (bucket.learned(micro_requests_per_s, now), ()));
        Box::pin(std::future::ready(Ok(())))
    }

    fn throttled<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
    ) -> BudgetFuture<'a, Result<Duration, BudgetError>> {
        let now = self.clock.now();
        let wait = self.change(seller, operation, |bucket| {
            let next = bucket.throttled(now);
            (next, next.take(now).err().unwrap_or_default())
        });
        Box::pin(std::future::ready(Ok(wait)))
    }
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::time::FixedClock;
    use jiff::SignedDuration;

    use super::*;

    #[tokio::test]
    async fn sellers_and_operations_have_buckets_of_their_own() {
        let clock = Arc::new(FixedClock::new("2026-11-22T00:00:00Z".parse().unwrap()));
        let budget = LocalBudget::new(clock.clone());
        let (one, other) = ("A1".parse().unwrap(), "A2".parse().unwrap());
        for _ in 0..10 {
            assert_eq!(budget.take(&one, Operation::GetReports).await.unwrap(), None);
        }
        assert!(budget.take(&one, Operation::GetReports).await.unwrap().is_some());
        assert_eq!(budget.take(&one, Operation::GetReport).await.unwrap(), None);
        assert_eq!(budget.take(&other, Operation::GetReports).await.unwrap(), None);
        clock.advance(SignedDuration::from_secs(46));
        assert_eq!(budget.take(&one, Operation::GetReports).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_429_blocks_the_bucket_for_as_long_as_it_says() {
        let clock = Arc::new(FixedClock::new("2026-11-22T00:00:00Z".parse().unwrap()));
        let budget = LocalBudget::new(clock.clone());
        let seller = "A1".parse().unwrap();
        let wait = budget.throttled(&seller, Operation::CreateReport).await.unwrap();
        assert!(wait >= Duration::from_secs(59), "{wait:?}");
        assert_eq!(budget.take(&seller, Operation::CreateReport).await.unwrap(), Some(wait));
        clock.advance(wait.try_into().unwrap());
        assert_eq!(budget.take(&seller, Operation::CreateReport).await.unwrap(), None);
    }
}
