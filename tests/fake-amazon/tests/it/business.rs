//! Buyers: pages of transactions, windows of feed dates, and invoices that come later.

use std::collections::BTreeSet;

use fake_amazon::{
    AddedInvoice, AddedTransaction, BusinessConfig, Fault, FaultKind, MissingInvoice, Operation, Purchases,
    RateSettings, Region, Scenario, SellerConfig, TruthInvoice,
};
use serde_json::{Value, json};

use crate::support::{Answer, Client, EU, scenario, workspace};

const BUYER: &str = "example-buyer";
const TRANSACTIONS: &str = "/reconciliation/2021-01-08/transactions";
const INVOICES: &str = "/reconciliation/2021-01-08/invoices";
const WINDOW: &str = "feedStartDate=2026-11-01T00:00:00Z&feedEndDate=2026-12-31T00:00:00Z";

fn with_buyer() -> Scenario {
    let mut scenario = scenario();
    scenario.sellers.push(SellerConfig::example_buyer());
    scenario
}

async fn start(scenario: Scenario) -> (Client, String) {
    let client = Client::start(scenario).await;
    let token = client.token(BUYER).await;
    (client, token)
}

fn ids(body: &Value) -> Vec<String> {
    let transactions = body["transactions"].as_array().unwrap();
    transactions.iter().map(|one| one["transactionId"].as_str().unwrap().to_owned()).collect()
}

async fn page(client: &Client, token: &str, query: &str) -> Answer {
    client.get(token, &format!("{TRANSACTIONS}?{query}")).await
}

/// All pages of a window.
async fn pull(client: &Client, token: &str) -> (Vec<String>, usize) {
    let (mut found, mut pages, mut query) = (Vec::new(), 0, WINDOW.to_owned());
    loop {
        let answer = page(client, token, &query).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = answer.json();
        found.extend(ids(&body));
        pages += 1;
        let Some(next) = body["nextPageToken"].as_str() else { return (found, pages) };
        query = format!("nextPageToken={next}");
    }
}

#[tokio::test]
async fn all_pages_together_have_every_transaction_once() {
    let (client, token) = start(with_buyer()).await;
    let wish = Purchases { transactions: 950, ..Purchases::default() };
    let truth = client.server.generate_purchases(BUYER, &wish).unwrap();
    let until = truth.complete_at.unwrap().duration_since(client.server.now());
    client.server.advance_ms(i64::try_from(until.as_millis()).unwrap().max(0)).await;
    let token = if until.as_secs() > 3_000 { client.token(BUYER).await } else { token };
    let (found, pages) = pull(&client, &token).await;
    let distinct: BTreeSet<_> = found.iter().collect();
    assert_eq!((found.len(), distinct.len(), pages), (950, 950, 10));
    let told = client.admin("GET", &format!("/business/truth?seller_id={BUYER}"), None).await.json();
    assert_eq!(told, json!(truth));
}

#[tokio::test]
async fn what_is_held_appears_in_a_window_that_was_pulled_before() {
    let (client, token) = start(with_buyer()).await;
    let wish = Purchases { transactions: 200, days: 7, late_percent: 0, held_percent: 20, ..Purchases::default() };
    let truth = client.server.generate_purchases(BUYER, &wish).unwrap();
    let (early, _) = pull(&client, &token).await;
    client.server.advance_ms(24 * 3_600_000).await;
    let token = client.token(BUYER).await;
    let (whole, _) = pull(&client, &token).await;
    assert!(truth.held > 20 && early.len() + truth.held <= 200 + 5 && whole.len() == 200, "{} {truth:?}", early.len());
}

#[tokio::test]
async fn a_page_token_is_the_only_parameter_and_does_not_live_long() {
    let mut scenario = with_buyer();
    let generate = vec![Purchases { transactions: 30, ..Purchases::default() }];
    scenario.sellers[2].business = BusinessConfig { page_size: 10, generate, ..BusinessConfig::default() };
    let (client, token) = start(scenario).await;
    let next = || async {
        let body = page(&client, &token, WINDOW).await.json();
        body["nextPageToken"].as_str().unwrap().to_owned()
    };
    let first = next().await;
    let both = page(&client, &token, &format!("{WINDOW}&nextPageToken={first}")).await;
    assert_eq!((both.status, both.error().1.as_str()), (400, "INVALID_REQUEST_PARAMETER"));
    let alone = format!("nextPageToken={first}");
    let (once, again) = (page(&client, &token, &alone).await, page(&client, &token, &alone).await);
    assert_eq!((once.status, ids(&once.json())), (200, ids(&again.json())), "a token can be used again");
    client.server.advance_ms(600_000).await;
    assert_eq!(page(&client, &token, &alone).await.status, 400);
    client.server.add_fault(Fault::next(Operation::GetTransactions, FaultKind::PageTokenExpired).skip(1)).unwrap();
    let alone = format!("nextPageToken={}", next().await);
    assert_eq!(page(&client, &token, &alone).await.status, 400, "the fault");
    assert_eq!(page(&client, &token, &alone).await.status, 400, "and it stays so");
    next().await;
    assert!(client.server.expire_pages(BUYER).unwrap() >= 1);
    assert_eq!(page(&client, &token, "nextPageToken=made-up").await.status, 400);
}

#[tokio::test]
async fn what_is_wrong_with_a_window_is_said_in_amazons_words() {
    let (client, token) = start(with_buyer()).await;
    let cases = [
        (
            "feedStartDate=incorrectFormatDate&feedEndDate=2020-08-01T00:00:00",
            "Input date [incorrectFormatDate] is not in the expected ISO8601 format.",
        ),
        ("feedEndDate=2020-08-01T00:00:00Z", "Missing required request parameters."),
        (
            "feedStartDate=2020-08-02T00:00:00Z&feedEndDate=2020-08-01T00:00:00Z",
            "feedEndDate must not be before feedStartDate.",
        ),
    ];
    for (query, message) in cases {
        let answer = page(&client, &token, query).await;
        assert_eq!(answer.error(), (400, "INVALID_REQUEST_PARAMETER".to_owned(), message.to_owned()));
    }
}

#[tokio::test]
async fn buyers_and_sellers_do_not_see_each_others_apis() {
    let (client, token) = start(with_buyer()).await;
    assert_eq!(client.get(&token, "/sellers/v1/account").await.status, 403);
    let seller = client.token(EU).await;
    assert_eq!(page(&client, &seller, WINDOW).await.status, 403);
    let at = |region: &str| format!("/{region}{TRANSACTIONS}?{WINDOW}");
    assert_eq!(client.get(&token, &at("eu")).await.status, 200);
    assert_eq!(client.get(&token, &at("jp")).await.status, 403);
}

#[tokio::test]
async fn ten_calls_pass_at_once_then_two_each_second() {
    let mut scenario = with_buyer();
    scenario.rates = RateSettings::default();
    let (client, token) = start(scenario).await;
    for _ in 0..10 {
        let answer = page(&client, &token, WINDOW).await;
        assert_eq!((answer.status, answer.header("x-amzn-ratelimit-limit")), (200, Some("2.0")));
    }
    assert_eq!(page(&client, &token, WINDOW).await.status, 429);
    client.server.advance_ms(500).await;
    assert_eq!(page(&client, &token, WINDOW).await.status, 200);
}

fn item(number: u32) -> Value {
    json!({"orderId": "302-1", "orderLineItemId": number.to_string(), "shipmentId": "D1"})
}

#[tokio::test]
async fn an_invoice_is_nothing_then_pending_then_there() {
    let (client, token) = start(with_buyer()).await;
    let settings = json!({"seller_id": BUYER, "missing_invoice": "null"});
    assert_eq!(client.admin("PATCH", "/business/settings", Some(&settings)).await.status, 200);
    let ask = async || {
        let body = json!({"orderLineItems": [item(1)]});
        let answer = client.call(&token, "POST", INVOICES, Some(&body)).await.json();
        answer["invoiceDetailsByOrderLineItems"][0].clone()
    };
    assert_eq!(ask().await["invoiceDetails"][0]["invoiceNumber"], Value::Null);
    let pending = json!({"invoiceNumber": null, "consolidatedInvoiceDetails": {"invoiceNumber": "Pending"}});
    let added = AddedInvoice {
        order_id: "302-1".to_owned(),
        order_line_item_id: "1".to_owned(),
        shipment_id: "D1".to_owned(),
        detail: json!({"invoiceNumber": "INV-1", "invoiceDate": "2026-11-22T00:00:00Z"}),
        pending: Some(pending.clone()),
        appears_after_ms: 60_000,
    };
    client.server.add_invoice(BUYER, added).unwrap();
    assert_eq!(ask().await["invoiceDetails"], json!([pending]));
    client.server.advance_ms(60_000).await;
    let answer = ask().await;
    assert_eq!((&answer["orderLineItem"], &answer["invoiceDetails"][0]["invoiceNumber"]), (&item(1), &json!("INV-1")));
}

#[tokio::test]
async fn twenty_five_line_items_are_the_most() {
    let mut scenario = with_buyer();
    scenario.sellers[2].business.missing_invoice = MissingInvoice::Empty;
    let (client, token) = start(scenario).await;
    let ask =
        async |items: Vec<Value>| client.call(&token, "POST", INVOICES, Some(&json!({"orderLineItems": items}))).await;
    let full = ask((0..25).map(item).collect()).await;
    assert_eq!(full.json()["invoiceDetailsByOrderLineItems"].as_array().unwrap().len(), 25);
    assert_eq!(ask((0..26).map(item).collect()).await.status, 400);
    assert_eq!(ask(Vec::new()).await.error().2, "Missing required request parameters.");
    let without_shipment = json!({"orderId": "302-1", "orderLineItemId": "1", "shipmentId": null});
    assert_eq!(ask(vec![without_shipment]).await.status, 400);
}

#[tokio::test]
async fn japanese_invoices_come_whole() {
    let mut scenario = with_buyer();
    scenario.sellers[2].region = Region::Fe;
    scenario.sellers[2].business.generate = vec![Purchases {
        transactions: 20,
        invoices_later_percent: 0,
        consolidated_percent: 0,
        ..Purchases::default()
    }];
    let (client, token) = start(scenario).await;
    let truth = client.server.purchases_truth(BUYER).unwrap();
    let japanese = |one: &&TruthInvoice| one.invoice_number.as_ref().is_some_and(|number| number.starts_with("JP-"));
    let first = truth.invoices.iter().find(japanese).unwrap();
    let line = json!({"orderId": first.order_id, "orderLineItemId": first.order_line_item_id,
        "shipmentId": first.shipment_id});
    let answer = client.call(&token, "POST", INVOICES, Some(&json!({"orderLineItems": [line]}))).await.json();
    let detail = &answer["invoiceDetailsByOrderLineItems"][0]["invoiceDetails"][0];
    assert_eq!(detail["invoiceNumber"], json!(first.invoice_number));
    assert_eq!(detail["invoiceType"], "STANDARD");
    assert!(detail["transactionDataItems"][0]["apportionment"][0]["orderLineItemId"].is_string(), "{detail}");
}

#[tokio::test]
async fn transactions_are_added_word_for_word_over_http() {
    let (client, token) = start(with_buyer()).await;
    let transaction = json!({"transactionId": "T1", "feedDate": "2026-11-21T00:00:00Z", "amount": null});
    let added = AddedTransaction { transaction: transaction.clone(), appears_after_ms: 0 };
    client.server.add_transaction(BUYER, added).unwrap();
    let later = json!({"seller_id": BUYER, "transaction": {"transactionId": "T2"}, "appears_after_ms": 1_000});
    assert_eq!(client.admin("POST", "/business/transactions", Some(&later)).await.status, 200);
    assert_eq!(page(&client, &token, WINDOW).await.json()["transactions"], json!([transaction]));
    client.server.advance_ms(1_000).await;
    assert_eq!(ids(&page(&client, &token, WINDOW).await.json()), ["T1", "T2"]);
    let wish = json!({"seller_id": BUYER, "transactions": 5, "seed": 9});
    let truth = client.admin("POST", "/business/generate", Some(&wish)).await.json();
    assert_eq!(truth["transactions"], 5);
    let misspelt = json!({"seller_id": BUYER, "transaction": 5});
    assert_eq!(client.admin("POST", "/business/generate", Some(&misspelt)).await.status, 422);
}

/// The names of all fields in Amazon's reference: a line with the name, then one that says whether it is required.
fn reference() -> Option<BTreeSet<String>> {
    let file = workspace().join("../shared/seeds/001_caad52b8f9de8075.txt");
    let Ok(text) = std::fs::read_to_string(file) else {
        println!("skipped: ../shared is not here");
        return None;
    };
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let fields = lines.windows(2).filter(|pair| ["required", "optional"].contains(&pair[1].trim()));
    let mut names: BTreeSet<_> = fields.map(|pair| pair[0].trim().to_owned()).collect();
    // Two fields of transactions stand in a newer model only; the texts of a map have names of the buyer's choosing.
    names.extend(["chargeIdentifier", "invoiceNumber", "Cost center", "GL code"].map(str::to_owned));
    Some(names)
}

fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.insert(name.clone());
                names(value, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| names(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_field_is_named_as_in_amazons_reference() {
    let Some(reference) = reference() else { return };
    for region in [Region::Eu, Region::Fe] {
        let mut scenario = with_buyer();
        scenario.sellers[2].region = region;
        scenario.sellers[2].business.generate = vec![Purchases {
            transactions: 100,
            new_fields_percent: 0,
            invoices_later_percent: 0,
            consolidated_percent: 50,
            ..Purchases::default()
        }];
        let (client, token) = start(scenario).await;
        let mut found = BTreeSet::new();
        names(&page(&client, &token, WINDOW).await.json(), &mut found);
        let truth = client.server.purchases_truth(BUYER).unwrap();
        for invoices in truth.invoices.chunks(25) {
            let item = |one: &TruthInvoice| {
                json!({"orderId": one.order_id, "orderLineItemId": one.order_line_item_id,
                    "shipmentId": one.shipment_id})
            };
            let body = json!({"orderLineItems": invoices.iter().map(item).collect::<Vec<_>>()});
            names(&client.call(&token, "POST", INVOICES, Some(&body)).await.json(), &mut found);
        }
        let unknown: Vec<_> = found.difference(&reference).collect();
        assert!(unknown.is_empty() && found.len() > 50, "{unknown:?} {}", found.len());
    }
}
