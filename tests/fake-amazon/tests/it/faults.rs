//! Calls that go wrong on demand.

use fake_amazon::{Fault, FaultKind, Operation};
use serde_json::json;

use crate::support::{Client, EU, US, VAT, scenario, vat_request};

async fn with_fault(fault: Fault) -> (Client, String) {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    client.server.add_fault(fault).unwrap();
    (client, token)
}

#[tokio::test]
async fn calls_fail_as_often_as_the_fault_says() {
    for (kind, status) in [
        (FaultKind::Throttled, 429),
        (FaultKind::InternalError, 500),
        (FaultKind::Unavailable, 503),
        (FaultKind::HtmlBadRequest, 400),
    ] {
        let fault = Fault::next(Operation::GetAccount, kind.clone()).times(2).for_seller(EU);
        let (client, token) = with_fault(fault).await;
        let other = client.token(US).await;
        assert_eq!(client.get(&other, "/sellers/v1/account").await.status, 200, "another seller is spared");
        for expected in [status, status, 200] {
            let answer = client.get(&token, "/sellers/v1/account").await;
            assert_eq!(answer.status, expected, "{kind:?}");
            if expected == 400 {
                assert_eq!(answer.header("content-type"), Some("text/html"));
                assert!(answer.text().starts_with("<html>"));
            }
        }
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_the_report_behind() {
    let (client, token) = with_fault(Fault::next(Operation::CreateReport, FaultKind::LostAnswer)).await;
    let body = vat_request("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
    let lost = client.try_call(&token, "POST", "/reports/2021-06-30/reports", Some(&body)).await;
    assert!(lost.is_err(), "{lost:?}");
    let found = client.get(&token, &format!("/reports/2021-06-30/reports?reportTypes={VAT}")).await.json();
    let reports = found["reports"].as_array().unwrap();
    assert_eq!((reports.len(), &reports[0]["dataStartTime"]), (1, &json!("2026-11-01T00:00:00+00:00")));
    assert_eq!(client.server.count(Operation::CreateReport), 1);
}

#[tokio::test]
async fn a_token_that_expires_in_mid_run_stays_expired_and_a_new_one_works() {
    let fault = Fault::next(Operation::GetAccount, FaultKind::TokenExpired).skip(1);
    let (client, token) = with_fault(fault).await;
    let path = "/sellers/v1/account";
    assert_eq!(client.get(&token, path).await.status, 200);
    for _ in 0..2 {
        let refused = client.get(&token, path).await;
        assert_eq!(refused.status, 403);
        assert_eq!(refused.json()["errors"][0]["details"], "The access token you provided has expired.");
    }
    let token = client.token(EU).await;
    assert_eq!(client.get(&token, path).await.status, 200);
}

#[tokio::test]
async fn the_token_endpoint_fails_too() {
    let client = Client::start(scenario()).await;
    for (kind, status, error) in
        [(FaultKind::InternalError, 500, "server_error"), (FaultKind::Unavailable, 503, "temporarily_unavailable")]
    {
        client.server.add_fault(Fault::next(Operation::Token, kind)).unwrap();
        let answer = client.token_answer(&[("grant_type", "refresh_token")]).await;
        assert_eq!((answer.status, &answer.json()["error"]), (status, &json!(error)));
    }
    assert!(client.token(EU).await.starts_with("Atza|"));
}

#[tokio::test]
async fn faults_are_switched_over_http() {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    let several = json!([
        {"operation": "getAccount", "fault": "internal_error", "times": 2},
        {"operation": "downloadDocument", "fault": {"cut": {"after_bytes": 10}}},
    ]);
    assert_eq!(client.admin("POST", "/faults", Some(&several)).await.status, 200);
    assert_eq!(client.get(&token, "/sellers/v1/account").await.status, 500);
    let left = client.admin("GET", "/faults", None).await.json();
    assert_eq!(left["faults"][0]["times"], 1);
    for wrong in [
        json!({"operation": "getAccount", "fault": "url_expired"}),
        json!({"operation": "getAccount", "fault": "earthquake"}),
        json!({"operation": "getAcount", "fault": "throttled"}),
    ] {
        let answer = client.admin("POST", "/faults", Some(&wrong)).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["error"].is_string());
    }
    client.admin("DELETE", "/faults", None).await;
    assert_eq!(client.get(&token, "/sellers/v1/account").await.status, 200);
}
