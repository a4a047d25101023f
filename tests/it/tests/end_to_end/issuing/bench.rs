//! A seller with a profile, documents that are due, and the function that issues them, with a clock that stands still.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::time::FixedClock;
use countinghouse_formats::{Hints, Limits};
use countinghouse_it::calls::recorded;
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::suite::{Suite, root};
use countinghouse_runtime::function::Invocation;
use countinghouse_store::{
    Flows, NextStep, ObjectVersion, OwnInvoiceObjects, OwnInvoices, ReportedDocument, Seller, Sellers,
    StoredOwnInvoice, own_document_key, profile_key,
};
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::documents::{DocumentIndex, Documents};
use countinghouse_vat_invoices::vidr::VidrReader;
use fake_amazon::{NotificationMode, Scenario};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::deaths::{clock, event};

const NOON: &str = "2026-11-22T12:00:00Z";

pub(crate) fn noon() -> Timestamp {
    NOON.parse().unwrap()
}

/// Tables, a bucket that keeps versions, queues, and nobody who reads them.
pub(crate) async fn ground(suite: &Suite, name: &str) -> Stack {
    let stack = suite.bare(name, Scenario { frozen_at: Some(noon()), ..calm() }).await;
    stack.notify(NotificationMode::Never);
    keep_versions(&stack).await;
    stack
}

/// The bucket keeps the versions of its objects, as the template's does.
pub(crate) async fn keep_versions(stack: &Stack) {
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let versioning = s3(stack).put_bucket_versioning().bucket(stack.output("ReportsBucketName"));
    versioning.versioning_configuration(enabled).send().await.unwrap();
}

fn s3(stack: &Stack) -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::new(&stack.aws)
}

pub(crate) fn invoices(stack: &Stack) -> OwnInvoices {
    OwnInvoices::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("OwnInvoicesTableName"))
}

pub(crate) fn objects(stack: &Stack) -> OwnInvoiceObjects {
    OwnInvoiceObjects::new(s3(stack), stack.output("ReportsBucketName"))
}

/// Every document of a sample report.
pub(crate) fn sample(name: &str) -> Vec<DueDocument> {
    let bytes = std::fs::read(root().join("tests/fixtures/vidr").join(name)).unwrap();
    let open = || VidrReader::open(bytes.as_slice(), Hints::named(name), Limits::default()).unwrap();
    let (index, _source) = DocumentIndex::read(open()).unwrap();
    let mut reader = Documents::new(open(), &index, None);
    std::iter::from_fn(move || reader.next_document().unwrap()).collect()
}

/// A document of a sample report, by its sort key.
pub(crate) fn sample_document(name: &str, key: &str) -> DueDocument {
    sample(name).into_iter().find(|document| own_document_key(document) == key).unwrap()
}

/// Connects a seller for own invoices, as far as the function asks.
pub(crate) async fn connect(stack: &Stack, id: &str, invoicing: bool) {
    let sellers = Sellers::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("SellersTableName"));
    let seller_id = id.parse().unwrap();
    let known = sellers.get(&seller_id).await.unwrap().unwrap_or(Seller {
        seller_id,
        name: "Linden & Kiesel".to_owned(),
        region: Region::Eu,
        marketplace_ids: Vec::new(),
        secret_name: format!("countinghouse/{id}"),
        connected_at: noon(),
        flows: Flows::default(),
    });
    let flows = Flows { invoicing, ..known.flows };
    sellers.put(&Seller { flows, ..known }).await.unwrap();
}

/// Connects a seller, and puts the profile of the invented one and its logo where the function looks for them.
pub(crate) async fn put_profile(stack: &Stack, seller: &str) {
    connect(stack, seller, true).await;
    let profiles = root().join("shared/invoicing/profiles");
    let profile = std::fs::read(profiles.join("sample.toml")).unwrap();
    put(stack, &profile_key(&seller.parse().unwrap()), profile).await;
    let logo = std::fs::read(profiles.join("sample-logo.svg")).unwrap();
    put(stack, &format!("own-invoices/{seller}/sample-logo.svg"), logo).await;
}

pub(crate) async fn put(stack: &Stack, key: &str, body: Vec<u8>) {
    let request = s3(stack).put_object().bucket(stack.output("ReportsBucketName")).key(key).body(body.into());
    request.send().await.unwrap();
}

/// What the reader of the report does with a document. Answers its sort key.
pub(crate) async fn report(stack: &Stack, seller: &str, document: &DueDocument, made_at: Timestamp) -> String {
    let seller = seller.parse().unwrap();
    let stored = Some(objects(stack).put_due(&seller, document).await.unwrap());
    let told = ReportedDocument { seller: &seller, document, stored, made_at };
    assert_eq!(invoices(stack).reported(&told, made_at).await.unwrap().next, NextStep::Issue);
    own_document_key(document)
}

pub(crate) fn message(seller: &str, document: &str) -> Value {
    json!({"version": 1, "seller_id": seller, "document": document})
}

/// The function as the template makes it, at this time.
pub(crate) fn issuer(stack: &Stack, aws: &SdkConfig, now: Timestamp) -> issue_invoices::Dependencies {
    let mut made =
        issue_invoices::Dependencies::new(&stack.variables(), &recorded("issue-invoices", stack, aws)).unwrap();
    made.clock = clock(&Arc::new(FixedClock::new(now)));
    made
}

/// Handles a message; whether it failed.
pub(crate) async fn handle(issuer: &issue_invoices::Dependencies, message: &Value) -> bool {
    let invocation = Invocation { deadline_ms: u64::MAX };
    let response = issue_invoices::handle(issuer, event(message), invocation).await.unwrap();
    !response.batch_item_failures.is_empty()
}

pub(crate) async fn stored(stack: &Stack, seller: &str, document: &str) -> StoredOwnInvoice {
    invoices(stack).get(&seller.parse().unwrap(), document).await.unwrap().unwrap()
}

pub(crate) async fn bytes(stack: &Stack, object: &ObjectVersion) -> Vec<u8> {
    objects(stack).bytes(object).await.unwrap()
}

/// The messages that wait in a queue.
pub(crate) async fn messages(stack: &Stack, queue: &str) -> Vec<Value> {
    let mut found = Vec::new();
    loop {
        let taken = stack.take_messages(queue).await;
        if taken.is_empty() {
            return found;
        }
        found.extend(taken.iter().map(|text| serde_json::from_str::<Value>(text).unwrap()));
    }
}
