//! How a finished report becomes known: by notifications of every kind, and without any.

use std::rc::Rc;
use std::time::Duration;

use countinghouse_domain::job::JobState;
use countinghouse_it::cases;
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait;
use fake_amazon::{ForeignNotification, Operation};

cases![
    a_settlement_is_booked_by_its_notification_alone,
    the_same_notification_ten_times_books_once,
    without_any_notification_a_settlement_is_found_by_polling,
    a_late_notification_changes_nothing,
    notifications_of_strangers_are_ignored,
    a_poison_message_goes_to_the_dead_letter_queue_and_the_rest_goes_on,
    a_schedule_fires_by_itself,
];

/// A small settlement with an id of this seller's own.
fn pounds(seller: &Seller) -> (String, String) {
    let text = seller.own_settlement(&Story::checked_in().text("eu/settlement-gbp.txt"));
    (settlement_id(&text).to_owned(), text)
}

/// A stack in which Amazon notifies by itself, as it does in reality.
async fn a_settlement_is_booked_by_its_notification_alone(suite: Rc<Suite>) {
    let stack = suite.deploy("it-news", &[], calm()).await;
    let seller = Seller::european(&stack).await;
    let (id, text) = pounds(&seller);
    let report = seller.close(&stack, &text);
    stack.until_settled(&seller, &id).await;
    let job = stack.until_job(&seller, &report, JobState::Booked).await;
    assert_eq!(job.origin.name(), "notification");
    assert_eq!(seller.calls(&stack, Operation::GetReports), 0, "nobody polled");
}

async fn the_same_notification_ten_times_books_once(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = pounds(&seller);
    let report = seller.close(stack, &text);
    seller.notify(stack, &report, 10).await;
    stack.until_settled(&seller, &id).await;
    stack.until_job(&seller, &report, JobState::Booked).await;
    seller.notify(stack, &report, 10).await;
    until_notifications_are_read(stack).await;
    assert_eq!(stack.jobs_of(&seller).await.len(), 1);
    assert_eq!(stack.payments_of(&id).await.len(), 11);
    let settled = stack.settlement(&seller, &id).await.unwrap();
    assert!(settled.reasons.is_empty(), "{:?}", settled.reasons);
    seller.disconnect(stack).await;
}

async fn without_any_notification_a_settlement_is_found_by_polling(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = pounds(&seller);
    let report = seller.close(stack, &text);
    stack.poll().await;
    let settled = stack.until_settled(&seller, &id).await;
    assert_eq!(settled.status().name(), "proven");
    assert_eq!(stack.until_job(&seller, &report, JobState::Booked).await.origin.name(), "poll");
    seller.disconnect(stack).await;
}

async fn a_late_notification_changes_nothing(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (_, text) = pounds(&seller);
    let report = seller.close(stack, &text);
    stack.poll().await;
    let booked = stack.until_job(&seller, &report, JobState::Booked).await;
    let downloads = seller.calls(stack, Operation::GetReportDocument);
    seller.notify(stack, &report, 1).await;
    until_notifications_are_read(stack).await;
    assert_eq!(stack.job(&seller, &report).await.unwrap(), booked);
    assert_eq!(seller.calls(stack, Operation::GetReportDocument), downloads);
    seller.disconnect(stack).await;
}

async fn notifications_of_strangers_are_ignored(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let strange = |seller_id: Option<&str>, report_type: &str| ForeignNotification {
        seller_id: seller_id.map(str::to_owned),
        report_id: "54517018502".to_owned(),
        report_type: report_type.to_owned(),
        processing_status: "DONE".to_owned(),
        report_document_id: Some("amzn1.spdoc.1.4.eu.unknown".to_owned()),
        copies: 2,
        after_ms: 0,
    };
    for notification in [
        strange(Some("A9NOTCONNECTED"), "SC_VAT_TAX_REPORT"),
        strange(Some(&seller.id), "GET_MERCHANT_LISTINGS_ALL_DATA"),
        strange(None, "GET_VENDOR_SALES_REPORT"),
    ] {
        stack.amazon.send_notification(&notification).await;
    }
    until_notifications_are_read(stack).await;
    assert!(stack.jobs_of(&seller).await.is_empty());
    let stranger = |item: &serde_json::Value| item["seller"] == "A9NOTCONNECTED";
    assert!(!stack.items("JobsTableName").await.iter().any(stranger));
    seller.disconnect(stack).await;
}

async fn a_poison_message_goes_to_the_dead_letter_queue_and_the_rest_goes_on(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = pounds(&seller);
    let report = seller.close(stack, &text);
    stack.send("NotificationsQueueUrl", "{this is poison").await;
    seller.notify(stack, &report, 1).await;
    stack.send("NotificationsQueueUrl", r#"{"and":"this, too"}"#).await;
    stack.until_settled(&seller, &id).await;
    let mut dead = Vec::new();
    wait::until("both poison messages are in the dead-letter queue", async || {
        dead.extend(stack.take_messages("NotificationsDlqUrl").await);
        (dead.len() >= 2).then_some(())
    })
    .await;
    dead.sort();
    assert_eq!(dead, [r#"{"and":"this, too"}"#, "{this is poison"]);
    seller.disconnect(stack).await;
}

async fn a_schedule_fires_by_itself(suite: Rc<Suite>) {
    let schedule = [("PollJobsSchedule", "rate(1 minute)"), ("ScheduleState", "ENABLED")];
    let stack = suite.deploy("it-schedule", &schedule, calm()).await;
    stack.notify(fake_amazon::NotificationMode::Never);
    let seller = Seller::european(&stack).await;
    let (id, text) = pounds(&seller);
    seller.close(&stack, &text);
    let what = "the schedule has polled and the settlement is proven";
    wait::until_within(Duration::from_secs(150), what, async || {
        stack.settlement(&seller, &id).await.filter(|each| each.proof.is_some())
    })
    .await;
}

/// Waits until the queue of notifications is empty, in flight included.
async fn until_notifications_are_read(stack: &Stack) {
    wait::until("the notifications are read", async || stack.is_empty("NotificationsQueueUrl").await.then_some(()))
        .await;
}
