//! The Reconciliation API of Amazon Business.

use std::sync::Arc;

use countinghouse_amazon::{AmazonError, LocalBudget};
use countinghouse_domain::job::Window;
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::rate::Operation;
use countinghouse_purchases::{OrderLineItem, questions};
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::{Scene, Stored, clock, config, in_turn, seller_id, shown};
use crate::server::{Reply, Server};

const TOKEN: &str = "VGhpcyB0b2tlbiBpcyBvcGFxdWU=+/&x";

fn window() -> Window {
    Window { from: "2026-11-21T00:00:00Z".parse().unwrap(), to: "2026-11-22T00:00:00Z".parse().unwrap() }
}

fn page(ids: &[&str], next: Option<&str>) -> Reply {
    let transaction = |id: &&str| json!({"transactionId": id, "transactionType": "CHARGE", "amount": {"currencyCode": "USD", "amount": "5.99"}});
    let transactions: Vec<_> = ids.iter().map(transaction).collect();
    Reply::json(200, &json!({"transactions": transactions, "nextPageToken": next}))
}

fn items(count: usize) -> Vec<OrderLineItem> {
    let item = |number| OrderLineItem {
        order_id: "114-1458190-2465828".to_owned(),
        order_line_item_id: format!("{number}"),
        shipment_id: "DhG3L9W23".to_owned(),
    };
    (0..count).map(item).collect()
}

#[tokio::test]
async fn a_window_is_asked_for_by_feed_date_and_a_page_token_comes_alone() {
    let scene = Scene::new(in_turn(vec![page(&["T1", "T2"], Some(TOKEN)), page(&["T3"], None)])).await;
    let first = scene.seller.transactions_page(window(), None).await.unwrap();
    assert_eq!(first.transactions.len(), 2);
    let last = scene.seller.transactions_page(window(), first.next.as_deref()).await.unwrap();
    assert_eq!((last.transactions.len(), last.next), (1, None));
    let calls = scene.calls();
    assert_eq!((calls[0].method.as_str(), calls[0].path()), ("GET", "/reconciliation/2021-01-08/transactions"));
    let (first, second) = (calls[0].query(), calls[1].query());
    assert_eq!(
        (first["feedStartDate"].as_str(), first["feedEndDate"].as_str()),
        ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z")
    );
    assert_eq!(first.len(), 2);
    assert_eq!((second["nextPageToken"].as_str(), second.len()), (TOKEN, 1));
    assert_eq!(calls[0].headers["x-amz-access-token"], "Atza|1");
    assert_eq!(scene.token_requests(), 1);
}

#[tokio::test]
async fn a_buyer_is_served_by_the_business_host_of_its_region() {
    let server = Server::start(|request| match request.path() {
        path if path.ends_with("token") => Reply::text(200, r#"{"access_token":"Atza|1","expires_in":3600}"#),
        _ => page(&[], None),
    })
    .await;
    let mut config = config(&server);
    config.business_endpoints.na = server.url.join("na").unwrap();
    config.business_endpoints.eu = server.url.join("eu").unwrap();
    config.business_endpoints.fe = server.url.join("jp/").unwrap();
    let budget = Arc::new(LocalBudget::new(clock()));
    let amazon = countinghouse_amazon::Amazon::new(config, Arc::new(Stored::default()), budget, clock());
    for region in Region::ALL {
        amazon.seller(seller_id(), region).transactions_page(window(), Some("t")).await.unwrap();
    }
    let paths: Vec<String> = server.received().into_iter().skip(1).map(|each| each.path().to_owned()).collect();
    let path = "/reconciliation/2021-01-08/transactions";
    assert_eq!(paths, [format!("/na{path}"), format!("/eu{path}"), format!("/jp{path}")]);
}

#[tokio::test]
async fn a_page_token_that_amazon_refuses_begins_the_window_again() {
    let refusal = Reply::error(400, "INVALID_REQUEST_PARAMETER", "The page token has expired.");
    let scene = Scene::new(in_turn(vec![refusal.clone(), page(&["T1"], None), refusal])).await;
    let error = scene.seller.transactions_page(window(), Some(TOKEN)).await.unwrap_err();
    assert!(matches!(error, AmazonError::PageExpired { .. }), "{error:?}");
    assert_eq!((error.kind(), error.retry_after()), ("page_expired", Some(std::time::Duration::ZERO)));
    assert!(!shown(&error).contains(TOKEN));
    scene.seller.transactions_page(window(), None).await.unwrap();
    let error = scene.seller.transactions_page(window(), None).await.unwrap_err();
    assert_eq!(error.kind(), "bad_request");
}

#[tokio::test]
async fn either_documented_rate_is_learned_from_the_header() {
    for (header, rate) in [("0.5", 500_000), ("2.0", 2_000_000)] {
        let scene = Scene::new(move |_| page(&[], None).with("x-amzn-RateLimit-Limit", header)).await;
        scene.seller.transactions_page(window(), None).await.unwrap();
        let bucket = scene.budget.bucket(&seller_id(), Operation::GetTransactions);
        assert_eq!(bucket.limit.micro_requests_per_s, rate);
        for _ in 0..9 {
            scene.seller.transactions_page(window(), None).await.unwrap();
        }
        let error = scene.seller.transactions_page(window(), None).await.unwrap_err();
        assert_eq!(error.kind(), "rate_limited");
        assert_eq!(scene.calls().len(), 10, "the burst");
        scene.clock.advance(SignedDuration::from_millis(i64::try_from(1_000_000_000 / rate).unwrap()));
        scene.seller.transactions_page(window(), None).await.unwrap();
    }
}

#[tokio::test]
async fn a_transaction_that_makes_no_sense_does_not_spoil_its_page_but_a_page_that_makes_none_is_an_error() {
    let odd = Reply::json(200, &json!({"transactions": [{"transactionId": "T1", "amount": "hush"}]}));
    let scene =
        Scene::new(in_turn(vec![odd, Reply::text(200, r#"{"hush": 1}"#), Reply::text(200, "<html>hush")])).await;
    let page = scene.seller.transactions_page(window(), None).await.unwrap();
    assert!(page.transactions[0].reading.is_err());
    for _ in 0..2 {
        let error = scene.seller.transactions_page(window(), None).await.unwrap_err();
        assert_eq!(error.kind(), "unexpected_answer");
        assert!(!shown(&error).contains("hush"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn invoices_are_asked_for_with_a_body_of_twenty_five_line_items_at_most() {
    let answer = json!({"invoiceDetailsByOrderLineItems": [
        {"orderLineItem": items(1)[0], "invoiceDetails": [{"invoiceNumber": "N1", "invoiceDate": "2026-03-30T15:30:22.077Z"}]}]});
    let scene = Scene::new(move |_| Reply::json(200, &answer)).await;
    for asked in questions(items(26)) {
        let answers = scene.seller.invoices_of(&asked).await.unwrap();
        assert_eq!(answers.lines[0].reading.as_ref().unwrap().value.order_line_item, items(1)[0]);
    }
    let calls = scene.calls();
    assert_eq!((calls[0].method.as_str(), calls[0].target.as_str()), ("POST", "/reconciliation/2021-01-08/invoices"));
    assert_eq!(calls[0].json()["orderLineItems"].as_array().unwrap().len(), 25);
    let whole = json!({"orderId": "114-1458190-2465828", "orderLineItemId": "0", "shipmentId": "DhG3L9W23"});
    assert_eq!(calls[0].json()["orderLineItems"][0], whole);
    for count in [0, 26] {
        let error = scene.seller.invoices_of(&items(count)).await.unwrap_err();
        assert_eq!(error.kind(), "unexpected_answer");
    }
    assert_eq!(scene.calls().len(), 2);
}

#[tokio::test]
async fn asking_for_invoices_twice_does_no_harm_so_an_outage_is_ridden_out() {
    let answer = Reply::json(200, &json!({"invoiceDetailsByOrderLineItems": []}));
    let outage = vec![Reply::error(500, "InternalFailure", "x"), Reply::Silence, answer];
    let scene = Scene::new(in_turn(outage)).await;
    assert!(scene.seller.invoices_of(&items(1)).await.unwrap().lines.is_empty());
    assert_eq!(scene.calls().len(), 3);
}
