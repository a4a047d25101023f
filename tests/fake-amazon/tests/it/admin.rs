//! The switches under `/_fake`, over HTTP.

use serde_json::json;

use crate::support::{Client, EU, SETTLEMENT, US, scenario};

#[tokio::test]
async fn a_seller_is_added_and_sells() {
    let client = Client::start(scenario()).await;
    let seller = json!({"seller_id": "A3NEW", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "region": "fe", "marketplace_ids": ["A1VC38T7YXB528"]});
    assert_eq!(client.admin("POST", "/sellers", Some(&seller)).await.status, 200);
    let twice = client.admin("POST", "/sellers", Some(&seller)).await;
    assert_eq!((twice.status, twice.json()["error"].as_str()), (400, Some("the seller A3NEW is here already")));
    let form = [("grant_type", "refresh_token"), ("refresh_token", "r"), ("client_id", "c"), ("client_secret", "s")];
    assert_eq!(client.token_answer(&form).await.status, 200);
    let change = json!({"client_secret": "rotated"});
    assert_eq!(client.admin("PATCH", "/sellers/A3NEW", Some(&change)).await.status, 200);
    assert_eq!(client.token_answer(&form).await.status, 401);
}

#[tokio::test]
async fn a_settlement_closes_and_rows_are_added() {
    let client = Client::start(scenario()).await;
    let token = client.token(US).await;
    let settlement = json!({"seller_id": US, "settlement":
        {"content": {"text": "settlement-id\n", "charset": "UTF-8", "compression": "none"}}});
    let closed = client.admin("POST", "/settlements", Some(&settlement)).await.json();
    let report = client.report(&token, closed["report_id"].as_str().unwrap()).await;
    assert_eq!((&report["reportType"], &report["processingStatus"]), (&json!(SETTLEMENT), &json!("DONE")));
    let rows = json!({"seller_id": US, "vat_rows": {"content": {"text": "Shipment Date\n2026-11-01\n2026-11-02\n"}}});
    assert_eq!(client.admin("POST", "/vat-rows", Some(&rows)).await.json(), json!({"rows": 2}));
    let listed = client.admin("GET", &format!("/reports?seller_id={US}"), None).await.json();
    assert_eq!((listed["reports"].as_array().unwrap().len(), &listed["reports"][0]["sellerId"]), (1, &json!(US)));
}

#[tokio::test]
async fn a_mistake_is_explained() {
    let client = Client::start(scenario()).await;
    let settlement = json!({"seller_id": EU, "settlement": {"content": {"file": "/not/here.txt"}}});
    let answer = client.admin("POST", "/settlements", Some(&settlement)).await;
    assert_eq!(answer.status, 400);
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains(EU) && error.contains("/not/here.txt"), "{error}");
    let unknown = json!({"seller_id": "NOBODY", "settlement": {"content": {"text": ""}}});
    let answer = client.admin("POST", "/settlements", Some(&unknown)).await;
    assert_eq!(answer.json()["error"], "there is no seller NOBODY");
}

#[tokio::test]
async fn the_clock_moves_and_tokens_and_urls_expire_on_demand() {
    let client = Client::start(scenario()).await;
    let moved = client.admin("POST", "/clock", Some(&json!({"advance_ms": 1_000}))).await;
    assert_eq!(moved.json(), json!({"now": "2026-11-22T04:00:01Z", "frozen": true}));
    let token = client.token(EU).await;
    let (_, document_id) = client.settled(&token, fake_amazon::Content::text("x")).await;
    let url = client.url(&token, &document_id).await;
    let only_mine = json!({"seller_id": EU});
    assert_eq!(client.admin("POST", "/documents/expire-urls", Some(&only_mine)).await.json()["expired"], 1);
    assert_eq!(client.download(&url).await.status, 403);
    assert_eq!(client.admin("POST", "/tokens/expire", Some(&json!({}))).await.json()["expired"], 1);
    assert_eq!(client.get(&token, "/sellers/v1/account").await.status, 403);
}

#[tokio::test]
async fn outcomes_delays_and_rates_are_set() {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    let delays = json!({"delays": {"queue_ms": 5, "processing_ms": 5}});
    assert_eq!(client.admin("PATCH", "/settings", Some(&delays)).await.status, 200);
    let outcome = json!({"result": "fatal", "document": {"text": "why"}});
    assert_eq!(client.admin("POST", "/outcomes", Some(&outcome)).await.status, 200);
    let created = client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await.json();
    client.server.advance_ms(10).await;
    let report = client.report(&token, created["reportId"].as_str().unwrap()).await;
    assert_eq!(report["processingStatus"], "FATAL");
    let rates = json!({"rates": {"enabled": true, "operations": {"getAccount": {"rate": 0.1, "burst": 1}}}});
    let changed = client.admin("PATCH", "/settings", Some(&rates)).await.json();
    assert_eq!((&changed["delays"]["queue_ms"], &changed["rates"]["scale"]), (&json!(5), &json!(1.0)));
    assert_eq!(client.admin("PATCH", "/settings", Some(&json!({"dealys": {}}))).await.status, 400);
    assert_eq!(client.get(&token, "/sellers/v1/account").await.status, 200);
    assert_eq!(client.get(&token, "/sellers/v1/account").await.status, 429);
}

#[tokio::test]
async fn a_reset_leads_back_to_the_scenario() {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    client.settled(&token, fake_amazon::Content::text("x")).await;
    assert_eq!(client.admin("POST", "/reset", None).await.status, 200);
    assert_eq!(client.get(&token, "/sellers/v1/account").await.status, 403);
    let state = client.admin("GET", "/state", None).await.json();
    assert_eq!((&state["sellers"][0]["reports"], &state["sellers"][0]["vat_rows"]), (&json!(0), &json!(3)));
}
