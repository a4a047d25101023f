//! Vendor invoices: sent once, and an answer that is lost is told from one that says no.

use countinghouse_amazon::{AmazonError, Endpoints, Problem, Submission, TransactionState};
use countinghouse_domain::ids::TransactionId;
use countinghouse_domain::vendor::{TransactionStatus, VendorApi};
use serde_json::json;
use std::sync::Arc;
use tokio::net::TcpListener;

use crate::scene::{Scene, client, config, in_turn};
use crate::server::Reply;

const BODY: &[u8] = br#"{"invoices":[{"id":"4711"}]}"#;

fn taken() -> Reply {
    Reply::json(202, &json!({"payload": {"transactionId": "20190904171225-e1275c33"}}))
}

async fn submit(scene: &Scene, api: VendorApi) -> Submission {
    scene.seller.ready_to_submit(api).await.unwrap().send(BODY).await
}

fn transaction() -> TransactionId {
    "20190904171225-e1275c33".parse().unwrap()
}

#[tokio::test]
async fn an_invoice_goes_to_its_api_as_it_is_and_the_transaction_comes_back() {
    for (api, path) in [
        (VendorApi::Retail, "/vendor/payments/v1/invoices"),
        (VendorApi::DirectFulfillment, "/vendor/directFulfillment/payments/v1/invoices"),
    ] {
        let scene = Scene::new(|_| taken()).await;
        let Submission::Taken(id) = submit(&scene, api).await else { panic!("{api}") };
        assert_eq!(id, transaction());
        let calls = scene.calls();
        assert_eq!((calls.len(), calls[0].path(), calls[0].body.as_slice()), (1, path, BODY));
    }
}

#[tokio::test]
async fn an_answer_that_may_hide_a_taken_invoice_is_lost_and_the_request_goes_out_once() {
    for reply in [
        Reply::Silence,
        Reply::Hang,
        Reply::CutAfter { bytes: 7, body: br#"{"payload":{"transactionId":"1"}}"#.to_vec() },
        Reply::error(500, "InternalFailure", "x"),
        Reply::text(503, "<html>"),
        Reply::text(504, ""),
        Reply::text(302, ""),
        Reply::text(408, ""),
        Reply::text(202, "<html>"),
        Reply::text(202, r#"{"errors":[]}"#),
    ] {
        let scene = Scene::new(in_turn(vec![reply.clone()])).await;
        let submission = submit(&scene, VendorApi::Retail).await;
        assert!(matches!(submission, Submission::AnswerLost(_)), "{reply:?}: {submission:?}");
        assert_eq!(scene.calls().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn what_amazon_surely_did_not_take_is_told_apart() {
    for (reply, kind) in [
        (Reply::error(429, "QuotaExceeded", "x"), "rate_limited"),
        (Reply::error(400, "InvalidInput", "x"), "bad_request"),
        (Reply::error(413, "TooLarge", "x"), "bad_request"),
        (Reply::error(404, "NotFound", "x"), "not_found"),
    ] {
        let scene = Scene::new(in_turn(vec![reply])).await;
        let Submission::NotTaken(error) = submit(&scene, VendorApi::Retail).await else { panic!("{kind}") };
        assert_eq!(error.kind(), kind);
        assert_eq!(scene.calls().len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_taken() {
    let scene = Scene::new(|_| Reply::Silence).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut config = config(&scene.server);
    config.endpoints = Endpoints::all(&format!("http://{closed}").parse().unwrap());
    let seller = client(config, &scene.stored, Arc::clone(&scene.budget) as _, &scene.clock);
    let submission = seller.ready_to_submit(VendorApi::Retail).await.unwrap().send(BODY).await;
    assert!(matches!(submission, Submission::NotTaken(AmazonError::Unavailable { .. })), "{submission:?}");
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_and_the_invoice_sent_again() {
    let scene = Scene::new(in_turn(vec![Reply::error(403, "Unauthorized", "x"), taken()])).await;
    assert!(matches!(submit(&scene, VendorApi::Retail).await, Submission::Taken(_)));
    assert_eq!((scene.calls().len(), scene.token_requests()), (2, 2), "a refusal at the door takes no invoice in");
}

#[tokio::test]
async fn a_refusal_names_every_error() {
    let errors =
        json!([{"code": "InvalidInput", "message": "one", "details": ""}, {"code": "InvalidInput", "message": "two"}]);
    let scene = Scene::new(move |_| Reply::json(400, &json!({"errors": errors}))).await;
    let Submission::NotTaken(AmazonError::BadRequest { answer, .. }) = submit(&scene, VendorApi::Retail).await else {
        panic!("refused")
    };
    let problem = |message: &str| Problem { code: "InvalidInput".into(), message: message.into(), details: None };
    assert_eq!(answer.problems, [problem("one"), problem("two")]);
}

#[tokio::test]
async fn an_empty_budget_or_a_missing_token_stops_before_anything_is_sent() {
    let scene = Scene::new(|_| taken()).await;
    for _ in 0..10 {
        submit(&scene, VendorApi::Retail).await;
    }
    let error = scene.seller.ready_to_submit(VendorApi::Retail).await.unwrap_err();
    assert!(matches!(error, AmazonError::RateLimited { .. }), "{error:?}");
    assert!(scene.seller.ready_to_submit(VendorApi::DirectFulfillment).await.is_ok(), "a budget of its own");
    assert_eq!(scene.calls().len(), 10);
    let revoked = Scene::raw(|_| Reply::json(400, &json!({"error": "invalid_grant"}))).await;
    let error = revoked.seller.ready_to_submit(VendorApi::Retail).await.unwrap_err();
    assert!(error.needs_a_person(), "{error:?}");
    assert_eq!(revoked.calls().len(), 0);
}

#[tokio::test]
async fn retail_transactions_are_asked_about_with_their_errors_inside() {
    let scene = Scene::new(|_| {
        Reply::json(
            200,
            &json!({"payload": {"transactionStatus": {"transactionId": "x", "status": "Failure",
                "errors": [{"code": "INVALID_ORDER_ID", "message": "Invalid order ID."}]}}}),
        )
    })
    .await;
    let said = scene.seller.vendor_transaction(VendorApi::Retail, &transaction()).await.unwrap();
    assert_eq!(said.state, TransactionState::Known(TransactionStatus::Failure));
    assert_eq!(said.problems[0].code, "INVALID_ORDER_ID");
    assert_eq!(scene.calls()[0].path(), "/vendor/transactions/v1/transactions/20190904171225-e1275c33");
}

#[tokio::test]
async fn direct_fulfillment_falls_back_to_the_older_version_where_the_newer_is_refused() {
    let new = "/vendor/directFulfillment/transactions/2021-12-28/transactions/20190904171225-e1275c33";
    let old = "/vendor/directFulfillment/transactions/v1/transactions/20190904171225-e1275c33";
    let transaction_status = json!({"transactionStatus": {"transactionId": "x", "status": "Success"}});
    let (newer, older) =
        (Reply::json(200, &transaction_status), Reply::json(200, &json!({"payload": transaction_status})));
    for (replies, paths) in [
        (vec![newer], vec![new]),
        (vec![Reply::error(404, "NotFound", "x"), older.clone()], vec![new, old]),
        (vec![Reply::error(400, "InvalidInput", "x"), older], vec![new, old]),
    ] {
        let scene = Scene::new(in_turn(replies)).await;
        let said = scene.seller.vendor_transaction(VendorApi::DirectFulfillment, &transaction()).await.unwrap();
        assert_eq!(said.state, TransactionState::Known(TransactionStatus::Success));
        assert_eq!(scene.calls().iter().map(|call| call.path().to_owned()).collect::<Vec<_>>(), paths);
    }
    let scene = Scene::new(|_| Reply::error(404, "NotFound", "x")).await;
    let error = scene.seller.vendor_transaction(VendorApi::DirectFulfillment, &transaction()).await.unwrap_err();
    assert!(matches!(error, AmazonError::NotFound { .. }), "{error:?}");
}
