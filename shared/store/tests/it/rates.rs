//! The shared rate budget.

use std::sync::Arc;
use std::time::Duration;

use countinghouse_domain::rate::{Operation, RateBudget};
use countinghouse_domain::time::{Clock, FixedClock};
use countinghouse_store::DynamoRateBudget;
use jiff::SignedDuration;

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws; two_functions_take_from_one_bucket, what_one_function_learns_the_other_knows]
}

async fn budgets(aws: &World) -> (Arc<FixedClock>, DynamoRateBudget, DynamoRateBudget) {
    let clock = Arc::new(FixedClock::new("2026-11-22T04:00:00Z".parse().unwrap()));
    let shared: Arc<dyn Clock> = clock.clone();
    let table = aws.table("rate-budgets").await;
    let budget = || DynamoRateBudget::new(aws.dynamodb(), table.clone(), Arc::clone(&shared));
    (clock, budget(), budget())
}

async fn two_functions_take_from_one_bucket(aws: World) {
    let (clock, one, other) = budgets(&aws).await;
    let seller = "A1".parse().unwrap();
    let operation = Operation::CreateReport;
    let taken = async |budget: &DynamoRateBudget| {
        let mut taken = 0;
        for _ in 0..40 {
            match budget.take(&seller, operation).await.unwrap() {
                None => taken += 1,
                Some(wait) => assert!(wait > Duration::ZERO),
            }
        }
        taken
    };
    let (one_took, other_took) = tokio::join!(taken(&one), taken(&other));
    assert_eq!(one_took + other_took, 15, "the burst of createReport is 15");
    clock.advance(SignedDuration::from_secs(60));
    assert_eq!(other.take(&seller, operation).await.unwrap(), None);
    assert!(one.take(&seller, operation).await.unwrap().is_some());
    assert_eq!(
        one.take(&"A2".parse().unwrap(), operation).await.unwrap(),
        None,
        "another seller has a bucket of its own"
    );
}

async fn what_one_function_learns_the_other_knows(aws: World) {
    let (clock, one, other) = budgets(&aws).await;
    let seller = "A1".parse().unwrap();
    let operation = Operation::GetReport;
    one.learn(&seller, operation, 500_000).await.unwrap();
    assert_eq!(other.bucket(&seller, operation).await.unwrap().limit.micro_requests_per_s, 500_000);
    let wait = one.throttled(&seller, operation).await.unwrap();
    assert_eq!(wait, Duration::from_secs(2));
    assert_eq!(other.take(&seller, operation).await.unwrap(), Some(Duration::from_secs(2)));
    assert_eq!(other.throttled(&seller, operation).await.unwrap(), Duration::from_secs(4));
    clock.advance(SignedDuration::from_secs(4));
    assert_eq!(one.take(&seller, operation).await.unwrap(), None);
    other.learn(&seller, operation, 500_000).await.unwrap();
    assert_eq!(one.bucket(&seller, operation).await.unwrap().throttled_in_a_row, 0);
}
