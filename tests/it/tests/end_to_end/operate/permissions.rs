//! What functions ask of AWS in situations that no other case brings about in this process. What they are allowed is
//! looked at when all cases are done: see `countinghouse_it::calls`.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use countinghouse_domain::time::FixedClock;
use countinghouse_it::calls::recorded;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::Stack;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::{Vendor, file, retail};
use countinghouse_runtime::messages::{Version, WatchBooks};
use fake_amazon::{Fault, FaultKind, Operation};
use jiff::SignedDuration;
use serde_json::json;

use crate::deaths::{book, clock, create, event, to_book};
use crate::issuing::bench::{ground, handle, issuer, message, messages, noon, put_profile};
use crate::own_invoices::deaths::{reported, upload};
use crate::vendor::bench::{created, invocation, submitter};

cases![
    an_own_invoice_that_is_issued_and_reported_as_due_again_is_handed_on_and_its_feed_is_asked_about,
    a_second_report_of_the_same_documents_is_merged_with_what_is_there,
    a_vendors_file_is_read_in_the_version_that_the_bucket_names_and_watched,
    a_window_that_was_never_asked_for_is_looked_at_when_the_next_one_is,
];

async fn an_own_invoice_that_is_issued_and_reported_as_due_again_is_handed_on_and_its_feed_is_asked_about(
    suite: Rc<Suite>,
) {
    let stack = &ground(&suite, "it-allowed-own").await;
    let seller = Seller::european(stack).await;
    put_profile(stack, &seller.id).await;
    let report = reported(stack, &seller, 4).await;
    book(stack, &stack.aws, &report, noon()).await;
    for due in messages(stack, "InvoiceIssuesQueueUrl").await {
        let document = due["document"].as_str().unwrap();
        assert!(!handle(&issuer(stack, &stack.aws, noon()), &message(&seller.id, document)).await);
    }
    let issued = messages(stack, "InvoiceUploadsQueueUrl").await;
    assert!(!issued.is_empty(), "something is issued");

    book(stack, &stack.aws, &report, noon()).await;
    let again = messages(stack, "InvoiceUploadsQueueUrl").await;
    assert_eq!(again.len(), issued.len(), "what is issued and still due is handed on again");

    upload(stack, &stack.aws, &seller, issued[0]["document"].as_str().unwrap(), noon()).await;
    let feed_id = stack.amazon.feeds(Some(&seller.id))[0].feed_id.clone();
    has_ended(stack, &seller, &feed_id).await;
    let told = messages(stack, "InvoiceUploadsQueueUrl").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["feed_id"], feed_id);
}

/// Amazon notifies that a feed has ended.
async fn has_ended(stack: &Stack, seller: &Seller, feed_id: &str) {
    let aws = recorded("receive-notifications", stack, &stack.aws);
    let mut dependencies = receive_notifications::Dependencies::new(&stack.variables(), &aws).unwrap();
    dependencies.clock = clock(&Arc::new(FixedClock::new(noon())));
    let notification = json!({"notificationType": "FEED_PROCESSING_FINISHED", "payload": {"feedProcessingFinishedNotification": {
        "sellerId": seller.id, "feedId": feed_id, "feedType": "UPLOAD_VAT_INVOICE", "processingStatus": "DONE",
    }}});
    let response = receive_notifications::handle(&dependencies, event(&notification)).await.unwrap();
    assert!(response.batch_item_failures.is_empty());
}

async fn a_second_report_of_the_same_documents_is_merged_with_what_is_there(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-allowed-vat").await;
    let (first, second) = (Seller::european(stack).await, Seller::european(stack).await);
    let text = Story::checked_in().text("eu/vat.csv");
    book_report(stack, &first, &text).await;
    let documents = stack.items("DocumentsTableName").await;
    let numbers: BTreeSet<_> = documents.iter().filter_map(|item| item["number"].as_str()).collect();
    assert!(numbers.len() > 2, "{documents:?}");

    // Amazon may say the numbers later, and an older report may come again.
    let without = numbers.iter().fold(text.clone(), |text, number| text.replace(*number, ""));
    for text in [&without, &text, &without] {
        book_report(stack, &second, text).await;
    }
}

async fn book_report(stack: &Stack, seller: &Seller, text: &str) {
    let message = to_book(stack, seller, text).await;
    book(stack, &stack.aws, &message, noon()).await;
}

async fn a_window_that_was_never_asked_for_is_looked_at_when_the_next_one_is(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-allowed-windows").await;
    let seller = Seller::european(stack).await;
    seller.fault(stack, Fault::next(Operation::CreateReport, FaultKind::LostRequest));
    create(stack, &stack.aws, &seller, noon()).await;
    assert!(stack.amazon.reports(Some(&seller.id)).is_empty(), "the first day's report was not asked for");

    let day = SignedDuration::from_hours(24);
    stack.amazon.advance_ms(i64::try_from(day.as_millis()).unwrap()).await;
    create(stack, &stack.aws, &seller, noon().checked_add(day).unwrap()).await;
    assert!(!stack.amazon.reports(Some(&seller.id)).is_empty());
}

async fn a_vendors_file_is_read_in_the_version_that_the_bucket_names_and_watched(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-allowed-vendor").await;
    let vendor = Vendor::connect(stack).await;
    let key = vendor.put(stack, "incoming", "november.json", file(&[retail("V-1")])).await;
    let head = aws_sdk_s3::Client::new(&stack.aws).head_object().bucket(stack.output("ReportsBucketName")).key(&key);
    let mut told = created(stack, &key);
    told["Records"][0]["s3"]["object"]["versionId"] = json!(head.send().await.unwrap().version_id().unwrap());
    let fixed = Arc::new(FixedClock::new(noon()));
    let submitter = submitter(stack, &stack.aws, &fixed);
    let five_minutes = invocation(noon(), SignedDuration::from_mins(5));
    let response = submit_vendor_invoices::handle(&submitter, event(&told), five_minutes).await.unwrap();
    assert!(response.batch_item_failures.is_empty());
    assert_eq!(vendor.sent_ids(stack), ["V-1"]);

    let aws = recorded("watch-books", stack, &stack.aws);
    let mut watcher = watch_books::Dependencies::new(&stack.variables(), &aws).unwrap();
    watcher.clock = clock(&fixed);
    watch_books::handle(&watcher, WatchBooks { version: Version }).await.unwrap();
}
