//! The functions of the vendor flow in this process, with a clock and an Amazon that stand still.

use std::sync::Arc;

use aws_config::SdkConfig;
use countinghouse_domain::time::FixedClock;
use countinghouse_it::calls::recorded;
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::Vendor;
use countinghouse_runtime::amazon;
use countinghouse_runtime::function::Invocation;
use countinghouse_runtime::messages::{PollJobs, Version};
use countinghouse_store::Sellers;
use fake_amazon::{NotificationMode, RateSettings, Scenario};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::deaths::{clock, event};

const NOON: &str = "2026-11-22T12:00:00Z";

pub(crate) fn noon() -> Timestamp {
    NOON.parse().unwrap()
}

/// Tables, a bucket, a queue, and an Amazon at noon.
pub(crate) async fn ground(suite: &Suite, name: &str, rates: RateSettings) -> Stack {
    let stack = suite.bare(name, Scenario { frozen_at: Some(noon()), rates, ..calm() }).await;
    stack.notify(NotificationMode::Never);
    stack
}

/// The function as the template makes it, with this clock.
pub(crate) fn submitter(
    stack: &Stack,
    aws: &SdkConfig,
    fixed: &Arc<FixedClock>,
) -> submit_vendor_invoices::Dependencies {
    let (variables, aws) = (stack.variables(), &recorded("submit-vendor-invoices", stack, aws));
    let mut made = submit_vendor_invoices::Dependencies::new(&variables, aws).unwrap();
    let sellers = Sellers::new(aws_sdk_dynamodb::Client::new(aws), stack.output("SellersTableName"));
    made.amazon = amazon::client(&variables, aws, sellers, &clock(fixed)).unwrap();
    made.clock = clock(fixed);
    made
}

/// The poller, likewise.
pub(crate) fn poller(stack: &Stack, aws: &SdkConfig, fixed: &Arc<FixedClock>) -> poll_jobs::Dependencies {
    let (variables, aws) = (stack.variables(), &recorded("poll-jobs", stack, aws));
    let mut made = poll_jobs::Dependencies::new(&variables, aws).unwrap();
    let sellers = Sellers::new(aws_sdk_dynamodb::Client::new(aws), stack.output("SellersTableName"));
    made.amazon = amazon::client(&variables, aws, sellers, &clock(fixed)).unwrap();
    made.clock = clock(fixed);
    made
}

/// The bucket's message about an object.
pub(crate) fn created(stack: &Stack, key: &str) -> Value {
    let object = json!({"bucket": {"name": stack.output("ReportsBucketName")}, "object": {"key": key}});
    json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": object}]})
}

/// An invocation that Lambda ends after so long.
pub(crate) fn invocation(now: Timestamp, time: SignedDuration) -> Invocation {
    let end = now.checked_add(time).unwrap();
    Invocation { deadline_ms: u64::try_from(end.as_millisecond()).unwrap() }
}

/// One vendor and both functions.
pub(crate) struct Bench {
    pub(crate) stack: Stack,
    pub(crate) vendor: Vendor,
    pub(crate) clock: Arc<FixedClock>,
    submit: submit_vendor_invoices::Dependencies,
    poll: poll_jobs::Dependencies,
}

impl Bench {
    pub(crate) async fn set_up(suite: &Suite, name: &str) -> Self {
        Self::with_rates(suite, name, calm().rates).await
    }

    pub(crate) async fn with_rates(suite: &Suite, name: &str, rates: RateSettings) -> Self {
        let stack = ground(suite, name, rates).await;
        let clock = Arc::new(FixedClock::new(noon()));
        let vendor = Vendor::connect(&stack).await;
        let submit = submitter(&stack, &stack.aws, &clock);
        let poll = poller(&stack, &stack.aws, &clock);
        Self { stack, vendor, clock, submit, poll }
    }

    fn now(&self) -> Timestamp {
        use countinghouse_domain::time::Clock as _;
        self.clock.now()
    }

    /// Handles a message; whether it failed.
    pub(crate) async fn handle(&self, message: &Value, time: SignedDuration) -> bool {
        let invocation = invocation(self.now(), time);
        let response = submit_vendor_invoices::handle(&self.submit, event(message), invocation).await.unwrap();
        !response.batch_item_failures.is_empty()
    }

    /// Puts a file into the vendor's folder and tells the function of it.
    pub(crate) async fn hand_in(&self, name: &str, body: impl Into<Vec<u8>>) {
        self.hand_in_to("incoming", name, body).await;
    }

    /// The same with another folder.
    pub(crate) async fn hand_in_to(&self, folder: &str, name: &str, body: impl Into<Vec<u8>>) {
        let key = self.vendor.put(&self.stack, folder, name, body).await;
        let failed = self.handle(&created(&self.stack, &key), SignedDuration::from_mins(5)).await;
        assert!(!failed, "{name}: the message failed");
    }

    /// The messages that wait in the function's queue.
    pub(crate) async fn messages(&self) -> Vec<Value> {
        let messages = self.stack.take_messages("VendorSubmissionsQueueUrl").await;
        messages.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    /// Polls.
    pub(crate) async fn poll(&self) -> poll_jobs::Outcome {
        poll_jobs::handle(&self.poll, PollJobs { version: Version }).await.unwrap()
    }

    /// Time goes on, here and at Amazon.
    pub(crate) async fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.stack.amazon.advance_ms(i64::try_from(by.as_millis()).unwrap()).await;
    }

    /// Where an invoice stands.
    pub(crate) async fn status(&self, invoice_id: &str) -> &'static str {
        self.vendor.invoice(&self.stack, invoice_id).await.unwrap().status.name()
    }
}
