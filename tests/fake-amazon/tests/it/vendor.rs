//! Vendors: what is taken, what is refused, and what becomes of it.

use std::collections::BTreeSet;

use fake_amazon::{Fault, FaultKind, Operation, RateSettings, Role, Scenario, SellerConfig, VendorApi, VendorOutcome};
use serde_json::{Value, json};

use crate::support::{Client, EU, official, scenario};

/// The account of the vendor.
pub(crate) const VENDOR: &str = "example-vendor";
/// Where retail invoices go.
pub(crate) const RETAIL: &str = "/vendor/payments/v1/invoices";
/// Where direct fulfillment invoices go.
pub(crate) const DIRECT: &str = "/vendor/directFulfillment/payments/v1/invoices";
const RETAIL_STATUS: &str = "/vendor/transactions/v1/transactions";
const DIRECT_STATUS: &str = "/vendor/directFulfillment/transactions/2021-12-28/transactions";
const DIRECT_STATUS_V1: &str = "/vendor/directFulfillment/transactions/v1/transactions";

/// The scenario of the other tests with a vendor.
pub(crate) fn with_vendor() -> Scenario {
    let mut scenario = scenario();
    scenario.sellers.push(SellerConfig::example_vendor());
    scenario
}

/// A retail invoice with all that is needed and nothing else.
pub(crate) fn retail(id: &str) -> Value {
    json!({"invoices": [{
        "invoiceType": "Invoice", "id": id, "date": "2026-11-20T12:00:00Z",
        "remitToParty": {"partyId": "ABCDE"}, "invoiceTotal": {"currencyCode": "EUR", "amount": "119.00"},
    }]})
}

/// A direct fulfillment invoice with all that is needed and nothing else.
pub(crate) fn direct(id: &str) -> Value {
    json!({"invoices": [{
        "invoiceNumber": id, "invoiceDate": "2026-11-20T12:00:00Z", "remitToParty": {"partyId": "ABCDE"},
        "shipFromParty": {"partyId": "ABCD"}, "invoiceTotal": {"currencyCode": "EUR", "amount": "119.00"},
        "items": [{
            "itemSequenceNumber": "1", "invoicedQuantity": {"amount": 1, "unitOfMeasure": "Each"},
            "netCost": {"currencyCode": "EUR", "amount": "100.00"}, "purchaseOrderNumber": "D3rC3KTx",
        }],
    }]})
}

async fn start(scenario: Scenario) -> (Client, String) {
    let client = Client::start(scenario).await;
    let token = client.token(VENDOR).await;
    (client, token)
}

async fn submitted(client: &Client, token: &str, path: &str, body: &Value) -> String {
    let answer = client.call(token, "POST", path, Some(body)).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["payload"]["transactionId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_retail_invoice_is_processed_and_ends() {
    let (client, token) = start(with_vendor()).await;
    let id = submitted(&client, &token, RETAIL, &retail("INV-1")).await;
    let path = format!("{RETAIL_STATUS}/{id}");
    let processing = client.get(&token, &path).await.json();
    assert_eq!(processing, json!({"payload": {"transactionStatus": {"transactionId": id, "status": "Processing"}}}));
    client.server.advance_ms(2_000).await;
    assert_eq!(client.get(&token, &path).await.json()["payload"]["transactionStatus"]["status"], "Success");
    assert_eq!(client.get(&token, &format!("{DIRECT_STATUS}/{id}")).await.status, 400, "of the other API");
}

#[tokio::test]
async fn a_failure_has_its_errors_inside_and_is_a_200() {
    let (client, token) = start(with_vendor()).await;
    client.server.set_vendor_outcome(VENDOR, Some("INV-1"), VendorOutcome::not_available().after_ms(0)).unwrap();
    let id = submitted(&client, &token, DIRECT, &direct("INV-1")).await;
    let found = client.get(&token, &format!("{DIRECT_STATUS}/{id}")).await;
    assert_eq!((found.status, &found.json()["transactionStatus"]["status"]), (200, &json!("Failure")));
    assert_eq!(found.json()["transactionStatus"]["errors"]["errors"][0]["code"], "NotAvailable");
    let found = client.get(&token, &format!("{DIRECT_STATUS_V1}/{id}")).await.json();
    let transaction = &found["payload"]["transactionStatus"];
    assert_eq!(transaction["errors"][0]["code"], "NotAvailable");
    assert!(found.get("errors").is_none(), "the errors are the transaction's, not the call's");
}

#[tokio::test]
async fn an_unknown_transaction_is_invalid_input() {
    let (client, token) = start(with_vendor()).await;
    for path in [RETAIL_STATUS, DIRECT_STATUS, DIRECT_STATUS_V1] {
        let answer = client.get(&token, &format!("{path}/20190904190535-none")).await;
        let expected = (400, "InvalidInput".to_owned(), "Invalid transmission ID.".to_owned());
        assert_eq!(answer.error(), expected, "{path}");
    }
}

#[tokio::test]
async fn an_account_without_the_role_is_refused() {
    let mut scenario = with_vendor();
    scenario.sellers[2].roles = Some(vec![Role::VendorRetailProcurementInvoices]);
    let (client, token) = start(scenario).await;
    submitted(&client, &token, RETAIL, &retail("INV-1")).await;
    let refused = client.call(&token, "POST", DIRECT, Some(&direct("INV-2"))).await;
    assert_eq!((refused.status, refused.error().2.as_str()), (403, "Access to the resource is forbidden"));
    let seller = client.token(EU).await;
    assert_eq!(client.call(&seller, "POST", RETAIL, Some(&retail("INV-3"))).await.status, 403);
    let known: Vec<_> = client.server.vendor_submissions(None).into_iter().map(|one| one.invoice_id).collect();
    assert_eq!(known, ["INV-1"]);
}

#[tokio::test]
async fn what_is_wrong_is_said_in_amazons_words_and_nothing_is_taken() {
    let (client, token) = start(with_vendor()).await;
    let mut body = direct("INV-1");
    body["invoices"][0]["invoiceDate"] = json!("2020-03.13");
    body["invoices"][0]["items"][0].as_object_mut().unwrap().remove("netCost");
    let answer = client.call(&token, "POST", DIRECT, Some(&body)).await.json();
    let messages: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|one| one["message"].clone()).collect();
    let expected = [
        "The value '2020-03.13' of element 'invoiceDate' is not valid.",
        "The content of element 'item' is not complete. One of '{netCost}' is expected.",
        "'2020-03.13' is not a valid value for 'dateTime'.",
    ];
    assert_eq!(messages, expected);
    assert!(client.server.vendor_submissions(None).is_empty());
}

#[tokio::test]
async fn the_official_sandbox_requests_get_the_same_texts_from_the_real_check() {
    let Some(file) = official("sandbox_cases.json") else { return };
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let (client, token) = start(with_vendor()).await;
    let submits = cases.iter().filter(|case| {
        let operation = case["operation"].as_str().unwrap();
        operation.starts_with("submitInvoice") && case["request"]["parameters"]["body"]["value"].is_object()
    });
    let mut seen = 0;
    for case in submits {
        let body = &case["request"]["parameters"]["body"]["value"];
        let answer = client.call(&token, "POST", case["path"].as_str().unwrap(), Some(body)).await;
        assert_eq!(json!(answer.status), case["status"], "{}", answer.text());
        assert!(kinds(&answer.json()).is_superset(&kinds(&case["response"])), "{}", answer.text());
        seen += 1;
    }
    assert_eq!(seen, 4);
}

/// The texts of the errors without what they quote: one case quotes another date than its request has.
fn kinds(answer: &Value) -> BTreeSet<String> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    let text = |error: &Value| error["message"].as_str().unwrap().split('\'').step_by(2).collect::<String>();
    errors.map(text).collect()
}

#[tokio::test]
async fn every_fault_leaves_behind_what_it_says() {
    let cases = [
        (FaultKind::LostAnswer, None, 1),
        (FaultKind::LostRequest, None, 0),
        (FaultKind::InternalErrorAfter, Some(500), 1),
        (FaultKind::InternalError, Some(500), 0),
        (FaultKind::Unavailable, Some(503), 0),
        (FaultKind::Throttled, Some(429), 0),
        (FaultKind::Delay { delay_ms: 1 }, Some(202), 1),
    ];
    for (kind, status, taken) in cases {
        let (client, token) = start(with_vendor()).await;
        client.server.add_fault(Fault::next(Operation::SubmitInvoices, kind.clone()).about("INV-2")).unwrap();
        submitted(&client, &token, RETAIL, &retail("INV-1")).await;
        let answer = client.try_call(&token, "POST", RETAIL, Some(&retail("INV-2"))).await;
        assert_eq!(answer.ok().map(|answer| answer.status), status, "{kind:?}");
        let found = client.server.vendor_submissions(Some(VENDOR));
        assert_eq!(found.iter().filter(|one| one.invoice_id == "INV-2").count(), taken, "{kind:?}");
    }
}

#[tokio::test]
async fn what_is_sent_twice_is_seen() {
    let (client, token) = start(with_vendor()).await;
    let first = submitted(&client, &token, RETAIL, &retail("INV-1")).await;
    let second = submitted(&client, &token, RETAIL, &retail("INV-1")).await;
    submitted(&client, &token, DIRECT, &direct("INV-1")).await;
    let found = client.admin("GET", "/vendor/submissions?invoice_id=INV-1", None).await.json();
    let expected = json!([
        {"seller_id": VENDOR, "api": "retail", "invoice_id": "INV-1", "count": 2},
        {"seller_id": VENDOR, "api": "direct-fulfillment", "invoice_id": "INV-1", "count": 1},
    ]);
    assert_eq!(found["counts"], expected);
    assert_eq!(found["submissions"][1]["occurrence"], 2);
    assert_eq!(found["submissions"][1]["transaction_id"], json!(second));
    assert_eq!(found["submissions"][0]["invoice"], retail("INV-1")["invoices"][0]);
    assert_eq!(client.server.vendor_submissions(None)[2].api, VendorApi::DirectFulfillment);
    client.server.advance_ms(2_000).await;
    let status = async |id: &str| {
        let found = client.get(&token, &format!("{RETAIL_STATUS}/{id}")).await.json();
        found["payload"]["transactionStatus"]["status"].clone()
    };
    assert_eq!((status(&first).await, status(&second).await), (json!("Success"), json!("Failure")));
}

#[tokio::test]
async fn an_end_is_set_over_http() {
    let (client, token) = start(with_vendor()).await;
    let set = async |body: Value| client.admin("POST", "/vendor/outcomes", Some(&body)).await;
    assert_eq!(set(json!({"seller_id": VENDOR, "result": "processing"})).await.status, 200);
    let id = submitted(&client, &token, RETAIL, &retail("INV-1")).await;
    client.server.advance_ms(10 * 24 * 3_600_000).await;
    let token = client.token(VENDOR).await;
    let path = format!("{RETAIL_STATUS}/{id}");
    assert_eq!(client.get(&token, &path).await.json()["payload"]["transactionStatus"]["status"], "Processing");
    let errors = json!([{"code": "INVALID_ORDER_ID", "message": "Invalid order ID."}]);
    let end = json!({"seller_id": VENDOR, "invoice_id": "INV-1", "result": "failure", "errors": errors});
    assert_eq!(set(end).await.status, 200);
    assert_eq!(client.get(&token, &path).await.json()["payload"]["transactionStatus"]["errors"], errors);
    assert_eq!(set(json!({"seller_id": "nobody", "result": "success"})).await.status, 400);
}

#[tokio::test]
async fn ten_calls_pass_at_once_and_the_next_is_throttled() {
    let mut scenario = with_vendor();
    scenario.rates = RateSettings::default();
    let (client, token) = start(scenario).await;
    for number in 0..10 {
        let answer = client.call(&token, "POST", RETAIL, Some(&retail(&format!("INV-{number}")))).await;
        assert_eq!((answer.status, answer.header("x-amzn-ratelimit-limit")), (202, Some("10.0")));
    }
    assert_eq!(client.call(&token, "POST", RETAIL, Some(&retail("INV-10"))).await.status, 429);
    client.server.advance_ms(100).await;
    assert_eq!(client.call(&token, "POST", RETAIL, Some(&retail("INV-10"))).await.status, 202);
    assert_eq!(client.server.vendor_submissions(None).len(), 11);
}
