//! A seller who issues invoices, and what is known of them.

use std::collections::BTreeSet;

use countinghouse_domain::job::JobState;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::Stack;
use countinghouse_it::suite::root;
use countinghouse_it::wait::until;
use countinghouse_store::{Flows, Job, OwnInvoices, Sellers, StoredOwnInvoice};
use fake_amazon::VatDocument;
use jiff::SignedDuration;
use serde_json::json;

/// A seller in Germany who is connected for own invoices and nothing else.
pub(crate) async fn issuing(stack: &Stack, id: &str) -> Seller {
    let seller = Seller::named(stack, id).await;
    let sellers = Sellers::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("SellersTableName"));
    let mut item = sellers.get(&id.parse().unwrap()).await.unwrap().unwrap();
    item.flows = Flows { invoicing: true, ..Flows::default() };
    sellers.put(&item).await.unwrap();
    seller
}

/// The same with the profile of the invented seller.
pub(crate) async fn issuing_seller(stack: &Stack, id: &str) -> Seller {
    let seller = issuing(stack, id).await;
    let profiles = root().join("shared/invoicing/profiles");
    for (name, file) in [("profile.toml", "sample.toml"), ("sample-logo.svg", "sample-logo.svg")] {
        let body = std::fs::read(profiles.join(file)).unwrap();
        let request = aws_sdk_s3::Client::new(&stack.aws).put_object().bucket(stack.output("ReportsBucketName"));
        request.key(format!("own-invoices/{id}/{name}")).body(body.into()).send().await.unwrap();
    }
    seller
}

/// Waits until so many reports of the seller are booked or have no data. Answers their jobs.
pub(crate) async fn reports_are_over(stack: &Stack, seller: &Seller, count: usize) -> Vec<Job> {
    let is_over = |job: &Job| matches!(job.state, JobState::Booked | JobState::Cancelled);
    until("the reports are over", async || {
        let jobs = stack.jobs_of(seller).await;
        assert!(jobs.iter().all(|job| !matches!(job.state, JobState::Quarantined | JobState::Fatal)), "{jobs:?}");
        (jobs.len() == count && jobs.iter().all(is_over)).then_some(jobs)
    })
    .await
}

pub(crate) async fn stored(stack: &Stack, seller: &Seller, document: &VatDocument) -> Option<StoredOwnInvoice> {
    let key = match document.transaction_type.as_str() {
        "SHIPMENT" => format!("shipment {}", document.shipping_id),
        _ => format!("transaction {}", document.transaction_id),
    };
    let invoices = OwnInvoices::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("OwnInvoicesTableName"));
    invoices.get(&seller.id.parse().unwrap(), &key).await.unwrap()
}

/// Each document has a number of its own, and each series counts from 1 without a hole.
pub(crate) async fn numbers_have_no_gap(stack: &Stack, seller: &Seller, documents: usize) {
    let items = stack.items_of("OwnInvoicesTableName", seller).await;
    let kind = |kind: &str| {
        items.iter().filter(move |item| item["document"].as_str().unwrap().starts_with(kind)).collect::<Vec<_>>()
    };
    let numbers: BTreeSet<_> = kind("number ").iter().map(|item| item["number"].to_string()).collect();
    let last = |item: &&serde_json::Value| item["last_number"].as_str().unwrap().parse::<usize>().unwrap();
    let given: usize = kind("series ").iter().map(last).sum();
    assert_eq!((numbers.len(), given), (documents, documents), "{numbers:?}");
}

/// Asks Amazon for all documents up to this moment, as a person does, and polls.
pub(crate) async fn ask_for_all(stack: &Stack, seller: &Seller) {
    let from = SystemClock.now().checked_sub(SignedDuration::from_hours(29 * 24)).unwrap();
    let order = json!({"version": 1, "seller_id": seller.id, "from": from.to_string()});
    let outcome = stack.invoke(&format!("{}-create-reports", stack.name), order).await.unwrap();
    assert_eq!(outcome["requested"], 1, "{outcome}");
    stack.poll().await;
}
