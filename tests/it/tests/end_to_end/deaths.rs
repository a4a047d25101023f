//! A function that is killed at any call of AWS, before the call is sent or after it is taken, and then runs again:
//! the end is always the same.

use std::rc::Rc;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use countinghouse_domain::time::{Clock, FixedClock};
use countinghouse_it::buyer::Buyer;
use countinghouse_it::calls::recorded;
use countinghouse_it::cases;
use countinghouse_it::faults::{Death, Life};
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_purchases::Plan;
use countinghouse_runtime::function::Invocation;
use countinghouse_runtime::messages::{CreateReports, PollJobs, Version};
use fake_amazon::{BusinessConfig, NotificationMode, Purchases, Region, Scenario};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

cases![
    create_reports_killed_anywhere_ends_with_one_report,
    poll_jobs_killed_anywhere_hands_every_report_on,
    receive_notifications_killed_anywhere_hands_the_report_on,
    download_documents_killed_anywhere_stores_the_document,
    book_documents_killed_anywhere_books_the_settlement,
    book_documents_killed_anywhere_books_the_vat_report,
    pull_purchases_killed_anywhere_ends_with_the_same_purchases,
];

/// The story's last day, at noon: no case meets midnight.
const NOON: &str = "2026-11-22T12:00:00Z";
/// More calls than any of these runs makes.
const CALLS: usize = 400;

fn noon() -> Timestamp {
    NOON.parse().unwrap()
}

async fn ground(suite: &Suite, name: &str, death: Death) -> Stack {
    let name = format!("{name}-{death:?}").to_lowercase();
    let stack = suite.bare(&name, Scenario { frozen_at: Some(noon()), ..calm() }).await;
    stack.notify(NotificationMode::Never);
    stack.keep_versions().await;
    stack
}

/// Kills the function at every call, in both ways, each time with a seller of its own; runs it again; and looks at
/// the end, which must be that of a run without trouble.
pub(crate) async fn survives<T>(
    suite: &Suite,
    name: &str,
    prepare: impl AsyncFn(&Stack, &Seller) -> T,
    run: impl AsyncFn(&Stack, &SdkConfig, &Seller, &T, Timestamp),
    end: impl AsyncFn(&Stack, &Seller, &T) -> Value,
) {
    let die_everywhere = async |death| {
        let stack = &ground(suite, name, death).await;
        let mut untroubled = None;
        // The first run is not killed, the second at its first call, and so on until one gets through.
        for call in 0..CALLS {
            let seller = Seller::european(stack).await;
            let prepared = prepare(stack, &seller).await;
            let life = Life::until(if call == 0 { usize::MAX } else { call }, death);
            let got_through = life.live(run(stack, &life.of(&stack.aws), &seller, &prepared, noon())).await.is_some();
            if !got_through {
                // A quarter of an hour later, when Amazon's list has what it was asked for.
                let later = noon().checked_add(SignedDuration::from_mins(20)).unwrap();
                run(stack, &stack.aws, &seller, &prepared, later).await;
            }
            let ended = normal(&end(stack, &seller, &prepared).await, &seller);
            let untroubled = untroubled.get_or_insert_with(|| ended.clone());
            if let Some(difference) = difference("", &ended, untroubled) {
                panic!("killed {death:?} call {call}, {}: {difference}", life.last_call());
            }
            seller.disconnect(stack).await;
            if call > 0 && got_through {
                assert!(call > 2, "the function makes {} calls only", call - 1);
                return;
            }
        }
        panic!("the function makes more than {CALLS} calls");
    };
    // On the heap: what a whole run of a function keeps is large.
    tokio::join!(Box::pin(die_everywhere(Death::Before)), Box::pin(die_everywhere(Death::After)));
}

/// The first place in which two ends differ, for people.
fn difference(place: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) if left.keys().eq(right.keys()) => left
            .iter()
            .zip(right.values())
            .find_map(|((name, left), right)| difference(&format!("{place}/{name}"), left, right)),
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(number, (left, right))| difference(&format!("{place}/{number}"), left, right))
        }
        _ => (left != right).then(|| format!("{place}: {left} instead of {right}")),
    }
}

/// What may differ between two runs is left out: times, versions, whose it is, Amazon's random names, and the size
/// of an archive, which depends on the digits of a number in it.
fn normal(value: &Value, seller: &Seller) -> Value {
    const VOLATILE: [&str; 5] = ["version", "origin", "report_document_id", "sha256", "bytes"];
    match value {
        Value::Object(map) => {
            let lasting = |name: &str| !name.ends_with("_at") && !VOLATILE.contains(&name);
            map.iter()
                .filter(|(name, _)| lasting(name))
                .map(|(name, value)| (name.clone(), normal(value, seller)))
                .collect()
        }
        Value::Array(list) => list.iter().map(|each| normal(each, seller)).collect(),
        Value::String(text) => {
            let number = seller.own("000000");
            let own: String =
                ["24510330", "24524881", "24517709"].iter().fold(text.replace(&seller.id, "SELLER"), |text, stem| {
                    text.replace(&format!("{stem}{}", &number[3..]), stem)
                });
            Value::String(own)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// The items of a table that belong to the seller, in the order of their text.
pub(crate) async fn items(stack: &Stack, table: &str, seller: &Seller) -> Vec<Value> {
    let mut items = stack.items_of(table, seller).await;
    items.sort_by_key(ToString::to_string);
    items
}

async fn create_reports_killed_anywhere_ends_with_one_report(suite: Rc<Suite>) {
    survives(
        &suite,
        "it-killed-create",
        async |_: &Stack, _: &Seller| (),
        async |stack: &Stack, aws: &SdkConfig, seller: &Seller, (): &(), now: Timestamp| {
            create(stack, aws, seller, now).await;
        },
        async |stack: &Stack, seller: &Seller, (): &()| {
            let reports = stack.amazon.reports(Some(&seller.id)).len();
            json!({"reports": reports, "jobs": items(stack, "JobsTableName", seller).await})
        },
    )
    .await;
}

/// Asks for the seller's VAT report; the error of a dying process is its own.
pub(crate) async fn create(stack: &Stack, aws: &SdkConfig, seller: &Seller, now: Timestamp) {
    let mut dependencies =
        create_reports::Dependencies::new(&stack.variables(), &recorded("create-reports", stack, aws)).unwrap();
    dependencies.clock = Arc::new(FixedClock::new(now));
    let seller_id = Some(seller.id.parse().unwrap());
    let order = CreateReports { version: Version, seller_id, from: None, to: None };
    let _outcome = create_reports::handle(&dependencies, order).await;
}

async fn poll_jobs_killed_anywhere_hands_every_report_on(suite: Rc<Suite>) {
    let story = Story::checked_in();
    survives(
        &suite,
        "it-killed-poll",
        async |stack: &Stack, seller: &Seller| {
            seller.add_vat_rows(stack, &story.text("eu/vat.csv"));
            create(stack, &stack.aws, seller, noon()).await;
            seller.close(stack, &story.text("eu/settlement-gbp.txt"));
        },
        async |stack: &Stack, aws: &SdkConfig, _: &Seller, (): &(), now: Timestamp| poll(stack, aws, now).await,
        async |stack: &Stack, seller: &Seller, (): &()| {
            json!({"handed_on": handed_on(stack).await, "jobs": items(stack, "JobsTableName", seller).await})
        },
    )
    .await;
}

pub(crate) async fn poll(stack: &Stack, aws: &SdkConfig, now: Timestamp) {
    let mut dependencies =
        poll_jobs::Dependencies::new(&stack.variables(), &recorded("poll-jobs", stack, aws)).unwrap();
    dependencies.clock = Arc::new(FixedClock::new(now));
    let _outcome = poll_jobs::handle(&dependencies, PollJobs { version: Version }).await;
}

/// Which reports wait to be fetched; how often each was named does not matter.
async fn handed_on(stack: &Stack) -> Vec<String> {
    let mut reports = Vec::new();
    loop {
        let messages = stack.take_messages("DownloadsQueueUrl").await;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let message: Value = serde_json::from_str(&message).unwrap();
            reports.push(message["report_id"].as_str().unwrap().to_owned());
        }
    }
    reports.sort();
    reports.dedup();
    reports
}

async fn receive_notifications_killed_anywhere_hands_the_report_on(suite: Rc<Suite>) {
    let story = Story::checked_in();
    survives(
        &suite,
        "it-killed-news",
        async |stack: &Stack, seller: &Seller| {
            let report_id = seller.close(stack, &story.text("eu/settlement-gbp.txt"));
            let report = seller.report_at_amazon(stack, &report_id);
            json!({"notificationType": "REPORT_PROCESSING_FINISHED", "payload": {"reportProcessingFinishedNotification": {
                "sellerId": seller.id, "reportId": report_id, "reportType": report["reportType"],
                "processingStatus": "DONE", "reportDocumentId": report["reportDocumentId"],
            }}})
        },
        async |stack: &Stack, aws: &SdkConfig, _: &Seller, notification: &Value, now: Timestamp| {
            let mut dependencies = receive_notifications::Dependencies::new(&stack.variables(), &recorded("receive-notifications", stack, aws)).unwrap();
            dependencies.clock = Arc::new(FixedClock::new(now));
            receive_notifications::handle(&dependencies, event(notification)).await.unwrap();
        },
        async |stack: &Stack, seller: &Seller, _: &Value| {
            json!({"handed_on": handed_on(stack).await, "jobs": items(stack, "JobsTableName", seller).await})
        },
    )
    .await;
}

async fn download_documents_killed_anywhere_stores_the_document(suite: Rc<Suite>) {
    let story = Story::checked_in();
    survives(
        &suite,
        "it-killed-download",
        async |stack: &Stack, seller: &Seller| to_download(stack, seller, &story.text("eu/settlement-gbp.txt")).await,
        async |stack: &Stack, aws: &SdkConfig, _: &Seller, message: &Value, now: Timestamp| {
            download(stack, aws, message, now).await;
        },
        async |stack: &Stack, seller: &Seller, message: &Value| {
            let s3 = aws_sdk_s3::Client::new(&stack.aws);
            let request = s3.get_object().bucket(stack.output("ReportsBucketName")).key(key(seller, message));
            let stored = request.send().await.unwrap().body.collect().await.unwrap().into_bytes();
            json!({"stored": stored.len(), "jobs": items(stack, "JobsTableName", seller).await})
        },
    )
    .await;
}

/// Closes a settlement (or hands out any other text as one), polls, and answers the message that was sent.
async fn to_download(stack: &Stack, seller: &Seller, text: &str) -> Value {
    let report = seller.close(stack, text);
    poll(stack, &stack.aws, noon()).await;
    let messages = stack.take_messages("DownloadsQueueUrl").await;
    let messages = messages.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
    let mut mine =
        messages.filter(|message| message["report_id"] == report && message["seller_id"] == seller.id.as_str());
    mine.next().expect("the report is handed on")
}

pub(crate) async fn download(stack: &Stack, aws: &SdkConfig, message: &Value, now: Timestamp) {
    let mut dependencies =
        download_documents::Dependencies::new(&stack.variables(), &recorded("download-documents", stack, aws)).unwrap();
    dependencies.clock = Arc::new(FixedClock::new(now));
    download_documents::handle(&dependencies, event(message)).await.unwrap();
}

pub(crate) fn key(seller: &Seller, message: &Value) -> String {
    let text = |name: &str| message[name].as_str().unwrap();
    format!("reports/{}/{}/{}", seller.id, text("report_type"), text("report_id"))
}

async fn book_documents_killed_anywhere_books_the_settlement(suite: Rc<Suite>) {
    let story = Story::checked_in();
    survives(
        &suite,
        "it-killed-settlement",
        async |stack: &Stack, seller: &Seller| {
            to_book(stack, seller, &seller.own_settlement(&story.text("eu/settlement-2.txt"))).await
        },
        async |stack: &Stack, aws: &SdkConfig, _: &Seller, message: &Value, now: Timestamp| {
            book(stack, aws, message, now).await;
        },
        async |stack: &Stack, seller: &Seller, _: &Value| {
            json!({
                "settlements": items(stack, "SettlementsTableName", seller).await,
                "payments": items(stack, "PaymentsTableName", seller).await,
                "jobs": items(stack, "JobsTableName", seller).await,
            })
        },
    )
    .await;
}

async fn book_documents_killed_anywhere_books_the_vat_report(suite: Rc<Suite>) {
    let story = Story::checked_in();
    survives(
        &suite,
        "it-killed-vat",
        async |stack: &Stack, seller: &Seller| to_book(stack, seller, &story.text("eu/vat.csv")).await,
        async |stack: &Stack, aws: &SdkConfig, _: &Seller, message: &Value, now: Timestamp| {
            book(stack, aws, message, now).await;
        },
        async |stack: &Stack, seller: &Seller, _: &Value| {
            // Parts of a document that name no seller are found by their key.
            let mut documents = stack.items("DocumentsTableName").await;
            documents.retain(|item| {
                item["document"].as_str().is_some_and(|key| key.starts_with(&format!("{} ", seller.id)))
            });
            documents.sort_by_key(|item| (item["document"].to_string(), item["part"].to_string()));
            json!({"documents": documents, "jobs": items(stack, "JobsTableName", seller).await})
        },
    )
    .await;
}

/// Stores a report as the function before does. Answers S3's message.
pub(crate) async fn to_book(stack: &Stack, seller: &Seller, text: &str) -> Value {
    let message = to_download(stack, seller, text).await;
    download(stack, &stack.aws, &message, noon()).await;
    let object =
        json!({"bucket": {"name": stack.output("ReportsBucketName")}, "object": {"key": key(seller, &message)}});
    json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": object}]})
}

pub(crate) async fn book(stack: &Stack, aws: &SdkConfig, message: &Value, now: Timestamp) {
    let mut dependencies =
        book_documents::Dependencies::new(&stack.variables(), &recorded("book-documents", stack, aws)).unwrap();
    dependencies.clock = Arc::new(FixedClock::new(now));
    let end = now.checked_add(SignedDuration::from_mins(15)).unwrap();
    let invocation = Invocation { deadline_ms: u64::try_from(end.as_millisecond()).unwrap() };
    book_documents::handle(&dependencies, event(message), invocation).await.unwrap();
}

/// One message as SQS hands it to a function.
pub(crate) fn event(body: &Value) -> SqsEvent {
    let mut message = SqsMessage::default();
    message.message_id = Some("1".to_owned());
    message.body = Some(body.to_string());
    let mut event = SqsEvent::default();
    event.records = vec![message];
    event
}

/// A clock that a case moves.
pub(crate) fn clock(now: &Arc<FixedClock>) -> Arc<dyn Clock> {
    let clock: Arc<dyn Clock> = Arc::<FixedClock>::clone(now);
    clock
}

async fn pull_purchases_killed_anywhere_ends_with_the_same_purchases(suite: Rc<Suite>) {
    survives(
        &suite,
        "it-killed-purchases",
        async |stack: &Stack, seller: &Seller| {
            // The harness kills by seller; this one buys. Each account begins on a day of its own.
            let buyer = Buyer::named(stack, &format!("BUY{}", seller.id), Region::Fe).await;
            let settings = BusinessConfig { page_size: 5, page_overlap: 1, ..BusinessConfig::default() };
            stack.amazon.set_business(&buyer.id, settings).unwrap();
            let wish = Purchases {
                transactions: 9,
                from: Some("2026-11-21T02:00:00Z".parse().unwrap()),
                days: 1,
                late_percent: 0,
                held_percent: 0,
                refund_percent: 40,
                split_percent: 40,
                invoices_later_percent: 0,
                consolidated_percent: 30,
                ..Purchases::default()
            };
            buyer.buys(stack, &wish);
            buyer.id
        },
        async |stack: &Stack, aws: &SdkConfig, _: &Seller, buyer: &String, now: Timestamp| {
            let mut dependencies =
                pull_purchases::Dependencies::new(&stack.variables(), &recorded("pull-purchases", stack, aws)).unwrap();
            dependencies.clock = Arc::new(FixedClock::new(now));
            dependencies.plan = Plan { overlap_days: 1, first_days: 1 };
            let end = now.checked_add(SignedDuration::from_mins(15)).unwrap();
            let invocation = Invocation { deadline_ms: u64::try_from(end.as_millisecond()).unwrap() };
            let turn = event(&json!({"version": 1, "seller_id": buyer}));
            let _outcome = pull_purchases::handle(&dependencies, pull_purchases::Event::Turns(turn), invocation).await;
        },
        async |stack: &Stack, _: &Seller, buyer: &String| {
            let mut items = stack.items("PurchasesTableName").await;
            items.retain(|item| item["account"] == buyer.as_str() && item["part"] != "turn");
            items.sort_by_key(|item| (item["purchase"].to_string(), item["part"].to_string()));
            let states = items.iter().filter_map(|item| item["state"].as_str()).collect::<Vec<_>>();
            assert!(states.contains(&"reconciled") && states.contains(&"proven"), "{states:?}");
            json!({"purchases": items})
        },
    )
    .await;
}
