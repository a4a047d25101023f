//! An application's secret: its end, and its replacement.

use fake_amazon::{ApplicationConfig, Role};
use serde_json::json;

use crate::support::{Client, EU, scenario};

const CLIENT_ID: &str = "amzn1.application-oa2-client.example";
const SECRET: &str = "amzn1.oa2-cs.v1.example";
const ROTATE: &str = "/applications/2023-11-30/clientSecret";
const DAY_MS: i64 = 24 * 3_600_000;

fn known() -> ApplicationConfig {
    ApplicationConfig { client_id: CLIENT_ID.to_owned(), ..ApplicationConfig::default() }
}

async fn with(application: ApplicationConfig) -> Client {
    let mut scenario = scenario();
    scenario.applications = vec![application];
    Client::start(scenario).await
}

/// The status of a request for a token with this scope and secret, and the token.
async fn token(client: &Client, scope: &str, secret: &str) -> (u16, String) {
    let form =
        [("grant_type", "client_credentials"), ("scope", scope), ("client_id", CLIENT_ID), ("client_secret", secret)];
    let answer = client.token_answer(&form).await;
    let token = answer.json()["access_token"].as_str().unwrap_or_default().to_owned();
    (answer.status, token)
}

#[tokio::test]
async fn a_secret_is_rotated_with_its_own_scope_and_for_who_is_enrolled() {
    let client = with(known()).await;
    let (_, notifications) = token(&client, "sellingpartnerapi::notifications", SECRET).await;
    let (_, rotation) = token(&client, "sellingpartnerapi::client_credential:rotation", SECRET).await;
    assert_eq!(client.call(&notifications, "POST", ROTATE, None).await.status, 403);
    assert_eq!(client.get(&rotation, "/notifications/v1/destinations").await.status, 403);
    let (status, code, message) = client.call(&rotation, "POST", ROTATE, None).await.error();
    assert_eq!((status, code.as_str()), (400, "InvalidInput"));
    assert!(message.starts_with("Application is not enrolled for rotation notification."), "{message}");
    let arn = "arn:aws:sqs:eu-west-1:000000000000:client-secrets".to_owned();
    client.server.set_application(ApplicationConfig { rotation_queue_arn: Some(arn), ..known() });
    let answer = client.call(&rotation, "POST", ROTATE, None).await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    let new = client.server.client_secret(EU).unwrap();
    assert_ne!(new.expose(), SECRET);
    for (after_ms, old, renewed) in [(0, 200, 200), (7 * DAY_MS, 401, 200), (173 * DAY_MS, 401, 401)] {
        client.server.advance_ms(after_ms).await;
        let scope = "sellingpartnerapi::notifications";
        assert_eq!(token(&client, scope, SECRET).await.0, old, "{after_ms}");
        assert_eq!(token(&client, scope, new.expose()).await.0, renewed, "{after_ms}");
    }
}

#[tokio::test]
async fn a_queue_that_amazon_may_not_send_to_becomes_no_destination() {
    let arn = "arn:aws:sqs:eu-west-1:000000000000:closed";
    let client = with(ApplicationConfig { closed_queue_arns: vec![arn.to_owned()], ..known() }).await;
    let body = |arn: &str| json!({"name": "n", "resourceSpecification": {"sqs": {"arn": arn}}});
    let own = client.grantless_token().await;
    let refused = client.call(&own, "POST", "/notifications/v1/destinations", Some(&body(arn))).await;
    assert_eq!(refused.status, 403);
    let taken = client.call(&own, "POST", "/notifications/v1/destinations", Some(&body(&format!("{arn}-not")))).await;
    assert_eq!((taken.status, client.server.destinations().len()), (200, 1));
}

#[tokio::test]
async fn what_a_role_is_missing_for_is_refused_in_lists_too() {
    let client = with(known()).await;
    let own = client.token(EU).await;
    let document = json!({"restrictedResources": [{"method": "GET", "path": "/reports/2021-06-30/documents/x"}]});
    let statuses = async || {
        let list = |report_type: &str| format!("/reports/2021-06-30/reports?reportTypes={report_type}");
        [
            client.get(&own, "/sellers/v1/marketplaceParticipations").await.status,
            client.get(&own, &list("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2")).await.status,
            client.get(&own, &list("SC_VAT_TAX_REPORT")).await.status,
            client.call(&own, "POST", "/tokens/2021-03-01/restrictedDataToken", Some(&document)).await.status,
            client.get(&own, &list("GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT")).await.status,
            client.get(&own, "/feeds/2021-06-30/feeds?feedTypes=UPLOAD_VAT_INVOICE").await.status,
        ]
    };
    assert_eq!(statuses().await, [200, 200, 200, 400, 200, 200]);
    client.server.set_roles(EU, vec![Role::FinanceAndAccounting]).unwrap();
    assert_eq!(statuses().await, [200, 200, 403, 403, 403, 403]);
    client.server.set_roles(EU, vec![Role::TaxRemittance]).unwrap();
    assert_eq!(statuses().await, [403, 403, 200, 400, 403, 403]);
    client.server.set_roles(EU, vec![Role::TaxInvoicing]).unwrap();
    assert_eq!(statuses().await, [403, 403, 200, 400, 200, 200]);
}
