//! The stack's rate budget, read and never written: doctor changes nothing.

use std::sync::Arc;
use std::time::Duration;

use countinghouse_amazon::LocalBudget;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::rate::{BudgetError, BudgetFuture, Operation, RateBudget};
use countinghouse_domain::time::Clock;
use countinghouse_store::DynamoRateBudget;

use crate::stack::Stack;

/// Asks nothing of Amazon that the functions have no budget left for, and keeps its own count beside theirs. The few
/// calls of an examination are missing in the shared count; a function that meets the limit a call earlier waits.
#[derive(Debug)]
pub(super) struct ReadingBudget {
    shared: DynamoRateBudget,
    own: LocalBudget,
    clock: Arc<dyn Clock>,
}

impl ReadingBudget {
    /// The budget of a stack.
    pub(super) fn new(stack: &Stack, clock: &Arc<dyn Clock>) -> Self {
        let shared = DynamoRateBudget::new(stack.dynamodb(), &stack.tables.rate_budgets, Arc::clone(clock));
        Self { shared, own: LocalBudget::new(Arc::clone(clock)), clock: Arc::clone(clock) }
    }
}

impl RateBudget for ReadingBudget {
    fn take<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
    ) -> BudgetFuture<'a, Result<Option<Duration>, BudgetError>> {
        Box::pin(async move {
            // A table that cannot be read is for another check to say.
            if let Ok(bucket) = self.shared.bucket(seller, operation).await
                && let Err(wait) = bucket.take(self.clock.now())
            {
                return Ok(Some(wait));
            }
            self.own.take(seller, operation).await
        })
    }

    fn learn<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
        micro_requests_per_s: u64,
    ) -> BudgetFuture<'a, Result<(), BudgetError>> {
        self.own.learn(seller, operation, micro_requests_per_s)
    }

    fn throttled<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
    ) -> BudgetFuture<'a, Result<Duration, BudgetError>> {
        self.own.throttled(seller, operation)
    }
}
