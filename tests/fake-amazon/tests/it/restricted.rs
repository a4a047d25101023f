//! Tokens: who may call, and what a restricted data token opens.

use serde_json::json;

use fake_amazon::{Content, Region};

use crate::support::{Answer, Client, EU, US, read, scenario};

const PATH: &str = "/tokens/2021-03-01/restrictedDataToken";

async fn with_vat_document() -> (Client, String, String) {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    let created = client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-10T00:00:00Z").await.json();
    client.server.advance_ms(3_000).await;
    let report = client.report(&token, created["reportId"].as_str().unwrap()).await;
    let document_id = report["reportDocumentId"].as_str().unwrap().to_owned();
    (client, token, document_id)
}

async fn ask(client: &Client, token: &str, document_id: &str) -> Answer {
    let path = format!("/reports/2021-06-30/documents/{document_id}");
    let body = json!({"restrictedResources": [{"method": "GET", "path": path}]});
    client.call(token, "POST", PATH, Some(&body)).await
}

#[tokio::test]
async fn a_restricted_document_opens_with_its_own_restricted_token_only() {
    let (client, token, document_id) = with_vat_document().await;
    let refused = client.document(&token, &document_id).await;
    assert_eq!(refused.error(), (403, "Unauthorized".to_owned(), "Access to requested resource is denied.".to_owned()));
    let answer = ask(&client, &token, &document_id).await;
    assert_eq!((answer.status, &answer.json()["expiresIn"]), (200, &json!(3600)));
    let restricted = answer.json()["restrictedDataToken"].as_str().unwrap().to_owned();
    let opened = client.document(&restricted, &document_id).await;
    assert_eq!((opened.status, &opened.json()["compressionAlgorithm"]), (200, &json!("GZIP")));
    assert_eq!(client.document(&restricted, "another").await.status, 403);
    assert_eq!(client.get(&restricted, "/reports/2021-06-30/reports/1").await.status, 403);
}

#[tokio::test]
async fn an_unrestricted_document_gets_no_restricted_token() {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    let (_, document_id) = client.settled(&token, Content::text("x")).await;
    let refused = ask(&client, &token, &document_id).await;
    let message = "Invalid or unsupported document ID found".to_owned();
    assert_eq!(refused.error(), (400, "InvalidInput".to_owned(), message));
    assert_eq!(client.document(&token, &document_id).await.status, 200);
}

#[tokio::test]
async fn tokens_expire() {
    let (client, token, document_id) = with_vat_document().await;
    let restricted = ask(&client, &token, &document_id).await.json()["restrictedDataToken"].clone();
    client.server.advance_ms(3_600_000).await;
    for old in [token.as_str(), restricted.as_str().unwrap()] {
        let refused = client.document(old, &document_id).await;
        assert_eq!(refused.status, 403);
        assert_eq!(refused.json()["errors"][0]["details"], "The access token you provided has expired.");
    }
}

#[tokio::test]
async fn kinds_of_tokens_are_not_mixed() {
    let client = Client::start(scenario()).await;
    let seller = client.token(EU).await;
    let application = client.grantless_token().await;
    assert_eq!(client.get(&application, "/sellers/v1/marketplaceParticipations").await.status, 403);
    assert_eq!(client.get(&seller, "/notifications/v1/destinations").await.status, 403);
    assert_eq!(client.get(&application, "/notifications/v1/destinations").await.status, 200);
    let participations = client.get(&seller, "/sellers/v1/marketplaceParticipations").await.json();
    assert_eq!(participations["payload"][0]["marketplace"]["domainName"], "www.amazon.de");
}

#[tokio::test]
async fn a_region_refuses_sellers_of_another() {
    let client = Client::start(scenario()).await;
    let path = "/sellers/v1/account";
    for (seller_id, region, status) in [(EU, Region::Eu, 200), (US, Region::Na, 200), (EU, Region::Fe, 403)] {
        let url = format!("{}{path}", client.server.region_url(region));
        let token = client.token(seller_id).await;
        let request = client.http.get(url).header("x-amz-access-token", token).header("user-agent", "x");
        assert_eq!(read(request).await.unwrap().status, status, "{seller_id} {region:?}");
    }
}

#[tokio::test]
async fn headers_are_checked() {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    let url = format!("{}/sellers/v1/account", client.server.base_url());
    let request = |agent: &str, token: Option<&str>| {
        let request = client.http.get(&url).header("user-agent", agent);
        read(if let Some(token) = token { request.header("x-amz-access-token", token) } else { request })
    };
    let long = "x".repeat(501);
    assert_eq!(request(&long[1..], Some(&token)).await.unwrap().status, 200);
    assert_eq!(request(&long, Some(&token)).await.unwrap().status, 400);
    assert_eq!(request("", Some(&token)).await.unwrap().status, 400);
    let missing = request("x", None).await.unwrap();
    assert_eq!((missing.status, missing.error().1.as_str()), (403, "Unauthorized"));
}

#[tokio::test]
async fn a_revoked_authorisation_is_an_invalid_grant() {
    let client = Client::start(scenario()).await;
    client.server.set_revoked(EU, true).unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "Atzr|example-eu"),
        ("client_id", "amzn1.application-oa2-client.example"),
        ("client_secret", "amzn1.oa2-cs.v1.example"),
    ];
    let answer = client.token_answer(&form).await;
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_grant")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}
