//! A report of what must be invoiced, and the upload, killed at every call of AWS; and a report that is longer than a run.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use aws_config::SdkConfig;
use countinghouse_domain::job::JobState;
use countinghouse_domain::time::{Clock, FixedClock};
use countinghouse_it::calls::recorded;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::Stack;
use countinghouse_it::suite::Suite;
use countinghouse_runtime::function::Invocation;
use countinghouse_runtime::messages::{CreateReports, Version};
use countinghouse_store::{Flows, NextStep, ReportedDocument, Sellers};
use countinghouse_vat_invoices::state::State;
use countinghouse_vat_invoices::status::InvoiceStatus;
use fake_amazon::Shipments;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::deaths::{book, clock, download, event, key, poll, survives};
use crate::issuing::bench::{
    ground, handle, invoices, issuer, keep_versions, message, messages, noon, objects, put_profile, report,
    sample_document, stored,
};

cases![
    upload_invoices_killed_anywhere_uploads_once_and_the_report_says_what_became_of_it,
    book_documents_killed_anywhere_tells_of_every_document_that_is_due,
    a_report_that_is_longer_than_a_run_is_told_of_in_several_and_each_document_once,
];

const SHIPMENT: &str = "shipment 409303258";

fn hours_later(hours: i64) -> Timestamp {
    noon().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

async fn upload_invoices_killed_anywhere_uploads_once_and_the_report_says_what_became_of_it(suite: Rc<Suite>) {
    survives(
        &suite,
        "it-killed-upload",
        async |stack: &Stack, seller: &Seller| {
            keep_versions(stack).await;
            put_profile(stack, &seller.id).await;
            let document = report(stack, &seller.id, &due(), noon()).await;
            assert!(!handle(&issuer(stack, &stack.aws, noon()), &message(&seller.id, &document)).await);
            document
        },
        async |stack: &Stack, aws: &SdkConfig, seller: &Seller, document: &String, now: Timestamp| {
            upload(stack, aws, seller, document, now).await;
        },
        async |stack: &Stack, seller: &Seller, document: &String| {
            // What Amazon has, its report says; nobody uploads before, for Amazon may have it.
            if stack.amazon.feeds(Some(&seller.id)).is_empty() {
                assert_eq!(tell(stack, seller, "InvoicePending", hours_later(13)).await, NextStep::Upload);
                upload(stack, &stack.aws, seller, document, hours_later(13)).await;
            }
            assert_eq!(tell(stack, seller, "InvoiceUploaded", hours_later(25)).await, NextStep::Nothing);
            let feeds = stack.amazon.feeds(Some(&seller.id));
            let uploaded = stack.amazon.uploaded(&seller.id, &feeds[0].feed_id).unwrap();
            let stored = stored(stack, &seller.id, document).await;
            assert_eq!(stored.standing.state, State::Accepted, "{stored:?}");
            let pdf = objects(stack).bytes(&stored.made.unwrap().pdf).await.unwrap();
            json!({
                "feeds": feeds.len(),
                "is_the_pdf": uploaded == pdf,
                "number": feeds[0].options["metadata:invoicenumber"],
                "uploads": stored.standing.uploads,
            })
        },
    )
    .await;
}

fn due() -> countinghouse_vat_invoices::document::DueDocument {
    sample_document("credit-notes.txt", SHIPMENT)
}

/// What Amazon's report of this time says of the document. Answers what follows.
async fn tell(stack: &Stack, seller: &Seller, status: &str, made_at: Timestamp) -> NextStep {
    let (mut document, seller) = (due(), seller.id.parse().unwrap());
    document.status = InvoiceStatus::of(status);
    let stored = Some(objects(stack).put_due(&seller, &document).await.unwrap());
    let told = ReportedDocument { seller: &seller, document: &document, stored, made_at };
    invoices(stack).reported(&told, made_at).await.unwrap().next
}

/// The function at this time; the error of a dying process is its own.
pub(crate) async fn upload(stack: &Stack, aws: &SdkConfig, seller: &Seller, document: &str, now: Timestamp) {
    let now: Arc<dyn Clock> = clock(&Arc::new(FixedClock::new(now)));
    let variables = stack.variables();
    let aws = &recorded("upload-invoices", stack, aws);
    let mut dependencies = upload_invoices::Dependencies::new(&variables, aws).unwrap();
    let sellers = dependencies.sellers.clone();
    dependencies.amazon = countinghouse_runtime::amazon::client(&variables, aws, sellers, &now).unwrap();
    dependencies.clock = now;
    let _outcome = upload_invoices::handle(&dependencies, event(&message(&seller.id, document))).await;
}

/// So many shipments, half of them refunded, and Amazon's report of them in the bucket. Answers S3's message.
pub(crate) async fn reported(stack: &Stack, seller: &Seller, shipments: usize) -> Value {
    let sellers = Sellers::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("SellersTableName"));
    let id = seller.id.parse().unwrap();
    let mut item = sellers.get(&id).await.unwrap().unwrap();
    item.flows = Flows { invoicing: true, ..Flows::default() };
    sellers.put(&item).await.unwrap();
    let wish = Shipments { seed: 31, shipments, refund_percent: 50, ..Shipments::default() };
    stack.amazon.generate_shipments(&seller.id, &wish).unwrap();

    let aws = recorded("create-reports", stack, &stack.aws);
    let mut dependencies = create_reports::Dependencies::new(&stack.variables(), &aws).unwrap();
    dependencies.clock = clock(&Arc::new(FixedClock::new(noon())));
    let from = noon().checked_sub(SignedDuration::from_hours(29 * 24)).unwrap();
    let order = CreateReports { version: Version, seller_id: Some(id), from: Some(from), to: None };
    assert_eq!(create_reports::handle(&dependencies, order).await.unwrap().requested, 1);
    poll(stack, &stack.aws, noon()).await;
    let found = messages(stack, "DownloadsQueueUrl").await;
    let message = found.iter().find(|message| message["seller_id"] == seller.id.as_str()).expect("a report");
    download(stack, &stack.aws, message, noon()).await;
    let bucket = stack.output("ReportsBucketName");
    let object = json!({"bucket": {"name": bucket}, "object": {"key": key(seller, message)}});
    json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": object}]})
}

/// Which documents were handed on to be issued; how often each was named does not matter.
async fn handed_on(stack: &Stack, seller: &Seller) -> BTreeMap<String, usize> {
    let mut named = BTreeMap::new();
    for message in messages(stack, "InvoiceIssuesQueueUrl").await {
        if message["seller_id"] == seller.id.as_str() {
            *named.entry(message["document"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    named
}

/// The counts on the seller's one job, which is booked.
async fn counts(stack: &Stack, seller: &Seller) -> BTreeMap<String, u64> {
    let jobs = stack.jobs_of(seller).await;
    assert_eq!(jobs.iter().map(|job| job.state).collect::<Vec<_>>(), [JobState::Booked]);
    jobs[0].facts.counts.clone()
}

async fn book_documents_killed_anywhere_tells_of_every_document_that_is_due(suite: Rc<Suite>) {
    survives(
        &suite,
        "it-killed-vidr",
        async |stack: &Stack, seller: &Seller| reported(stack, seller, 4).await,
        async |stack: &Stack, aws: &SdkConfig, _: &Seller, message: &Value, now: Timestamp| {
            book(stack, aws, message, now).await;
        },
        async |stack: &Stack, seller: &Seller, _: &Value| {
            let documents = invoices(stack).list(&seller.id.parse().unwrap()).await.unwrap();
            assert!(documents.iter().any(|each| each.key.starts_with("transaction ")), "a credit note: {documents:?}");
            let told = documents.iter().map(|each| {
                json!({
                    "document": each.key,
                    "state": each.standing.state.name(),
                    "steps": each.history.len(),
                    "total": each.total.to_string(),
                    "vat": each.total_vat.to_string(),
                    "is_stored": each.due.is_some(),
                    "due_since": each.due_since.to_string(),
                })
            });
            let told: Vec<Value> = told.collect();
            let handed_on: Vec<_> = handed_on(stack, seller).await.into_keys().collect();
            json!({"told": told, "handed_on": handed_on, "counts": counts(stack, seller).await})
        },
    )
    .await;
}

async fn a_report_that_is_longer_than_a_run_is_told_of_in_several_and_each_document_once(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-long-vidr").await;
    let seller = Seller::european(stack).await;
    let mut message = reported(stack, &seller, 120).await;
    let mut runs = 0;
    let all = loop {
        runs += 1;
        assert!(runs < 20, "it comes to no end");
        let aws = recorded("book-documents", stack, &stack.aws);
        let mut dependencies = book_documents::Dependencies::new(&stack.variables(), &aws).unwrap();
        dependencies.clock = clock(&Arc::new(FixedClock::new(noon())));
        // Its time is up as soon as it has begun.
        let invocation = Invocation { deadline_ms: u64::try_from(noon().as_millisecond()).unwrap() };
        let response = book_documents::handle(&dependencies, event(&message), invocation).await.unwrap();
        assert!(response.batch_item_failures.is_empty());
        match messages(stack, "BookingsQueueUrl").await.pop() {
            Some(rest) => message = rest,
            None => break counts(stack, &seller).await,
        }
    };
    let ours = stack.amazon.vat_documents(&seller.id).unwrap();
    let ours: Vec<_> = ours.into_iter().filter(|each| !each.amazon_invoiced).collect();
    let due: BTreeSet<_> = ours.iter().filter(|each| each.status != "NoTaxCalculated").map(key_of).collect();
    let named = handed_on(stack, &seller).await;
    assert!(runs > 2 && due.len() > 120, "{runs} runs, {} documents", due.len());
    assert_eq!(named.keys().cloned().collect::<BTreeSet<_>>(), due);
    assert!(named.values().all(|times| *times == 1), "{named:?}");
    assert_eq!((all["documents"], all["due"]), (stack_documents(stack, &seller), u64::try_from(due.len()).unwrap()));
    assert_eq!(invoices(stack).list(&seller.id.parse().unwrap()).await.unwrap().len(), ours.len());
}

fn key_of(document: &fake_amazon::VatDocument) -> String {
    match document.transaction_type.as_str() {
        "SHIPMENT" => format!("shipment {}", document.shipping_id),
        _ => format!("transaction {}", document.transaction_id),
    }
}

/// How many documents Amazon's report has, its own too.
fn stack_documents(stack: &Stack, seller: &Seller) -> u64 {
    u64::try_from(stack.amazon.vat_documents(&seller.id).unwrap().len()).unwrap()
}
