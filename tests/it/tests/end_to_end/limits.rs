//! Amazon's limits: a 429 for minutes is waited out, and never hammered.

use std::rc::Rc;
use std::sync::Arc;

use aws_config::SdkConfig;
use countinghouse_domain::job::JobState;
use countinghouse_domain::time::FixedClock;
use countinghouse_it::calls::recorded;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::calm;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_runtime::amazon;
use countinghouse_runtime::messages::{PollJobs, Version};
use countinghouse_store::Sellers;
use fake_amazon::{Fault, FaultKind, NotificationMode, Operation, Plan, RateSettings, Scenario};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::deaths::{clock, event};

cases![a_429_for_minutes_is_waited_out, one_address_a_minute_is_all_that_is_asked_for];

const NOON: &str = "2026-11-22T12:00:00Z";

/// The functions poll-jobs and download-documents in this process, with a clock and an Amazon that stand still.
struct Bench {
    stack: countinghouse_it::stack::Stack,
    seller: Seller,
    clock: Arc<FixedClock>,
    poll: poll_jobs::Dependencies,
    download: download_documents::Dependencies,
}

impl Bench {
    async fn set_up(suite: &Suite, name: &str, rates: RateSettings) -> Self {
        let noon: Timestamp = NOON.parse().unwrap();
        let stack = suite.bare(name, Scenario { frozen_at: Some(noon), rates, ..calm() }).await;
        stack.notify(NotificationMode::Never);
        let fixed = Arc::new(FixedClock::new(noon));
        let variables = stack.variables();
        let sellers = Sellers::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("SellersTableName"));
        let amazon = |aws: &SdkConfig| amazon::client(&variables, aws, sellers.clone(), &clock(&fixed)).unwrap();
        let aws = recorded("poll-jobs", &stack, &stack.aws);
        let mut poll = poll_jobs::Dependencies::new(&variables, &aws).unwrap();
        (poll.clock, poll.amazon) = (clock(&fixed), amazon(&aws));
        let aws = recorded("download-documents", &stack, &stack.aws);
        let mut download = download_documents::Dependencies::new(&variables, &aws).unwrap();
        (download.clock, download.amazon) = (clock(&fixed), amazon(&aws));
        let seller = Seller::european(&stack).await;
        Self { stack, seller, clock: fixed, poll, download }
    }

    /// Closes a settlement and polls. Answers the messages that ask for documents.
    async fn messages(&self, settlements: usize) -> Vec<Value> {
        for _ in 0..settlements {
            self.seller.close(&self.stack, &Story::checked_in().text("eu/settlement-gbp.txt"));
        }
        poll_jobs::handle(&self.poll, PollJobs { version: Version }).await.unwrap();
        let mut messages = Vec::new();
        while messages.len() < settlements {
            let taken = self.stack.take_messages("DownloadsQueueUrl").await;
            assert!(!taken.is_empty(), "{} of {settlements} documents were handed on", messages.len());
            messages.extend(taken.iter().map(|text| serde_json::from_str::<Value>(text).unwrap()));
        }
        messages
    }

    /// Handles a message, which must not fail; whether the document is stored now.
    async fn fetch(&self, message: &Value) -> bool {
        let response = download_documents::handle(&self.download, event(message)).await.unwrap();
        assert!(response.batch_item_failures.is_empty(), "waiting is not a failure");
        let job = self.stack.job(&self.seller, message["report_id"].as_str().unwrap()).await.unwrap();
        job.state == JobState::Downloaded
    }

    fn asked(&self) -> usize {
        self.seller.calls(&self.stack, Operation::GetReportDocument)
    }

    async fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.stack.amazon.advance_ms(i64::try_from(by.as_millis()).unwrap()).await;
    }
}

async fn a_429_for_minutes_is_waited_out(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-limits", calm().rates).await;
    bench.seller.fault(&bench.stack, Fault::next(Operation::GetReportDocument, FaultKind::Throttled).times(6));
    let message = &bench.messages(1).await[0];
    for attempt in 1..=6_u64 {
        let message = json!({"attempt": attempt}).as_object().unwrap().iter().fold(
            message.clone(),
            |mut message, (name, value)| {
                message[name] = value.clone();
                message
            },
        );
        let before = bench.asked();
        assert!(!bench.fetch(&message).await);
        // Asked again at once, it does not ask Amazon: the budget is blocked.
        assert!(!bench.fetch(&message).await);
        assert!(bench.asked() <= before + 1, "a 429 is not hammered");
        assert!(
            bench.stack.counts("DownloadsQueueUrl").await.delayed >= attempt,
            "the message is put back with a delay"
        );
        bench.advance(SignedDuration::from_mins(16)).await;
    }
    assert_eq!(bench.asked(), 6);
    assert!(bench.fetch(message).await, "after a quarter of an hour and more the document is there");
}

async fn one_address_a_minute_is_all_that_is_asked_for(suite: Rc<Suite>) {
    // As Amazon's model states it, but with a burst that is soon used up.
    let plan = Plan { rate: 0.0167, burst: 15 };
    let rates = RateSettings { operations: [(Operation::GetReportDocument, plan)].into(), ..RateSettings::default() };
    let bench = Bench::set_up(&suite, "it-budget", rates).await;
    let mut waiting = bench.messages(18).await;
    let mut minutes = 0;
    while !waiting.is_empty() {
        let mut left = Vec::new();
        for message in waiting {
            if !bench.fetch(&message).await {
                left.push(message);
            }
        }
        waiting = left;
        minutes += 1;
        bench.advance(SignedDuration::from_mins(1)).await;
        assert!(minutes < 10, "{} documents still wait", waiting.len());
    }
    let refused = |call: &fake_amazon::CallRecord| call.status == 429;
    assert_eq!(bench.stack.amazon.calls().iter().filter(|call| refused(call)).count(), 0, "Amazon never had to refuse");
    assert_eq!(bench.asked(), 18);
    assert_eq!(minutes, 4, "fifteen at once, then one a minute");
}
