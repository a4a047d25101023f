//! pull-purchases in this process, with a clock that a case moves.

use std::sync::Arc;

use aws_config::SdkConfig;
use countinghouse_domain::time::FixedClock;
use countinghouse_it::buyer::Buyer;
use countinghouse_it::calls::recorded;
use countinghouse_it::stack::Stack;
use countinghouse_runtime::function::Invocation;
use jiff::{SignedDuration, Timestamp};
use pull_purchases::{Answer, Dependencies, Event, handle};
use serde_json::{Value, json};

use crate::deaths::{clock, event};

/// The function with a clock of its own. Amazon's clock stands where it is moved to, too.
pub(crate) struct Desk<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) dependencies: Dependencies,
    clock: Arc<FixedClock>,
}

/// More turns than any case needs.
const MOST_TURNS: usize = 200;

impl<'a> Desk<'a> {
    pub(crate) fn new(stack: &'a Stack, aws: &SdkConfig, now: Timestamp) -> Self {
        let clock_of_case = Arc::new(FixedClock::new(now));
        let mut dependencies = Dependencies::new(&stack.variables(), &recorded("pull-purchases", stack, aws)).unwrap();
        dependencies.clock = clock(&clock_of_case);
        Self { stack, dependencies, clock: clock_of_case }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.dependencies.clock.now()
    }

    /// Time goes by, here and at Amazon.
    pub(crate) async fn wait(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.stack.amazon.advance_ms(i64::try_from(by.as_millis()).unwrap()).await;
    }

    /// Does everything that is to be done for a buyer, turn after turn, a minute apart.
    pub(crate) async fn pull(&self, buyer: &Buyer) {
        self.order(json!({"version": 1, "seller_id": buyer.id})).await;
    }

    /// The same for an order of a person.
    pub(crate) async fn order(&self, order: Value) {
        let mut order = order;
        for _ in 0..MOST_TURNS {
            let before = self.messages().await;
            let failed = self.turn(&order).await;
            assert_eq!(failed, 0, "a turn failed; its log says why");
            if self.messages().await == before {
                return;
            }
            order = json!({"version": 1, "seller_id": order["seller_id"]});
            self.wait(SignedDuration::from_mins(1)).await;
        }
        panic!("it is not done after {MOST_TURNS} turns");
    }

    /// One turn; answers how many messages failed.
    pub(crate) async fn turn(&self, message: &Value) -> usize {
        let end = self.now().checked_add(SignedDuration::from_mins(15)).unwrap();
        let invocation = Invocation { deadline_ms: u64::try_from(end.as_millisecond()).unwrap() };
        let answer = handle(&self.dependencies, Event::Turns(event(message)), invocation).await.unwrap();
        let Answer::Turns(response) = answer else { panic!("an answer to an order") };
        response.batch_item_failures.len()
    }

    async fn messages(&self) -> u64 {
        let counts = self.stack.counts("PurchasesQueueUrl").await;
        counts.waiting + counts.delayed + counts.in_hand
    }
}
