//! Access tokens.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use countinghouse_amazon::{AmazonError, Call, CredentialError, CredentialSource, Credentials, LocalBudget, Refusal};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::marketplace::Region;
use futures_util::future::{BoxFuture, join_all};
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::{Scene, clock, config, in_turn, report_json, seller_id, shown};
use crate::server::{Reply, Server};

fn granted() -> Reply {
    Reply::json(200, &json!({"access_token": "Atza|1", "token_type": "bearer", "expires_in": 3600}))
}

fn problem(status: u16, error: &str) -> Reply {
    Reply::json(status, &json!({"error_description": "In the words of Atzr|hush", "error": error}))
}

#[tokio::test]
async fn the_token_is_asked_for_with_a_form() {
    let scene = Scene::raw(in_turn(vec![granted()])).await;
    scene.seller.check_credentials().await.unwrap();
    let request = &scene.server.received()[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded;charset=UTF-8");
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        "grant_type=refresh_token&refresh_token=Atzr%7Chush&client_id=amzn1.application-oa2-client.1\
         &client_secret=s3cret%26hush"
    );
}

#[tokio::test]
async fn one_token_serves_until_shortly_before_its_end() {
    let scene = Scene::new(|_| report_json()).await;
    let id = "1".parse().unwrap();
    scene.seller.report(&id).await.unwrap();
    scene.clock.advance(SignedDuration::from_secs(3299));
    scene.seller.report(&id).await.unwrap();
    assert_eq!((scene.token_requests(), scene.stored.0.load(Ordering::SeqCst)), (1, 1));
    scene.clock.advance(SignedDuration::from_secs(1));
    scene.seller.report(&id).await.unwrap();
    assert_eq!((scene.token_requests(), scene.stored.0.load(Ordering::SeqCst)), (2, 2));
    let used: Vec<String> = scene.calls().iter().map(|call| call.token().to_owned()).collect();
    assert_eq!(used, ["Atza|1", "Atza|1", "Atza|2"]);
}

#[tokio::test]
async fn callers_at_once_share_one_token_request() {
    let scene = Scene::new(|_| report_json()).await;
    let id = "1".parse().unwrap();
    let results = join_all((0..8).map(|_| scene.seller.report(&id))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((scene.token_requests(), scene.calls().len()), (1, 8));
}

#[tokio::test]
async fn callers_at_once_share_one_refusal_and_the_next_asks_again() {
    let scene = Scene::raw(in_turn(vec![problem(400, "invalid_grant")])).await;
    let results = join_all((0..8).map(|_| scene.seller.check_credentials())).await;
    assert!(results.iter().all(|each| matches!(each, Err(AmazonError::Unauthorized { .. }))));
    assert_eq!(scene.token_requests(), 1);
    assert!(scene.seller.check_credentials().await.is_err());
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test]
async fn a_refusal_is_named_asked_once_and_needs_a_person() {
    let other = |code: &str| Refusal::Other(code.to_owned());
    for (status, error, expected) in [
        (400, "invalid_grant", Refusal::Authorisation),
        (401, "invalid_client", Refusal::Secret),
        (400, "unauthorized_client", other("unauthorized_client")),
        (400, "unsupported_grant_type", other("unsupported_grant_type")),
        (403, "access_denied", other("access_denied")),
    ] {
        let scene = Scene::raw(in_turn(vec![problem(status, error)])).await;
        let refused = scene.seller.check_credentials().await.unwrap_err();
        let AmazonError::Unauthorized { seller, refusal, answer } = &refused else { panic!("{error}: {refused:?}") };
        assert_eq!((seller, refusal), (&seller_id(), &expected));
        assert_eq!((answer.status, answer.code.as_deref()), (status, Some(error)));
        assert!(refused.needs_a_person() && refused.retry_after().is_none());
        assert_eq!(scene.token_requests(), 1, "{error}");
        assert!(!shown(&refused).contains("hush"));
    }
}

#[tokio::test]
async fn what_passes_is_asked_again() {
    for passing in [problem(400, "server_error"), problem(503, "temporarily_unavailable"), Reply::text(500, "<html>")] {
        let scene = Scene::raw(in_turn(vec![passing.clone(), Reply::Silence, granted()])).await;
        scene.seller.check_credentials().await.unwrap();
        assert_eq!(scene.token_requests(), 3, "{passing:?}");
    }
}

#[tokio::test]
async fn an_outage_of_the_token_service_is_unavailable_and_its_limit_is_not_hammered() {
    let scene = Scene::raw(in_turn(vec![problem(503, "temporarily_unavailable")])).await;
    let error = scene.seller.check_credentials().await.unwrap_err();
    assert!(matches!(error, AmazonError::Unavailable { call: Call::Token, .. }), "{error:?}");
    assert!(error.retry_after().is_some());
    assert_eq!(scene.token_requests(), 3);
    let scene = Scene::raw(in_turn(vec![problem(429, "other")])).await;
    let error = scene.seller.check_credentials().await.unwrap_err();
    assert_eq!(error.kind(), "unavailable");
    assert_eq!(scene.token_requests(), 1);
}

#[tokio::test]
async fn an_answer_that_is_no_token_is_named_without_its_content() {
    for (reply, kind) in [
        (Reply::text(200, r#"{"token":"hush"}"#), "unexpected_answer"),
        (Reply::text(200, "<html>hush</html>"), "unexpected_answer"),
        (Reply::text(400, "<html>hush</html>"), "bad_request"),
    ] {
        let scene = Scene::raw(in_turn(vec![reply])).await;
        let error = scene.seller.check_credentials().await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(!shown(&error).contains("hush"), "{}", shown(&error));
    }
}

#[derive(Debug)]
struct Nothing;

impl CredentialSource for Nothing {
    fn credentials<'a>(&'a self, seller: &'a SellerId) -> BoxFuture<'a, Result<Credentials, CredentialError>> {
        Box::pin(std::future::ready(Err(CredentialError::Missing(seller.clone()))))
    }
}

#[tokio::test]
async fn a_seller_without_credentials_is_named_and_amazon_is_not_asked() {
    let server = Server::start(|_| Reply::Silence).await;
    let budget = Arc::new(LocalBudget::new(clock()));
    let amazon = countinghouse_amazon::Amazon::new(config(&server), Arc::new(Nothing), budget, clock());
    let error = amazon.seller(seller_id(), Region::Eu).check_credentials().await.unwrap_err();
    assert_eq!(error.kind(), "credentials_missing");
    assert!(error.needs_a_person());
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_token_refused_in_mid_run_is_replaced_once() {
    let scene = Scene::new(|request| match request.token() {
        "Atza|1" => Reply::error(403, "Unauthorized", "The access token you provided has expired."),
        _ => report_json(),
    })
    .await;
    scene.seller.report(&"1".parse().unwrap()).await.unwrap();
    assert_eq!((scene.token_requests(), scene.calls().len()), (2, 2));
    scene.seller.report(&"1".parse().unwrap()).await.unwrap();
    assert_eq!((scene.token_requests(), scene.calls().len()), (2, 3));
}

#[tokio::test]
async fn callers_at_once_whose_token_is_refused_share_its_replacement() {
    let scene = Scene::new(|request| match request.token() {
        "Atza|1" => Reply::error(403, "Unauthorized", "Access to requested resource is denied."),
        _ => report_json(),
    })
    .await;
    let id = "1".parse().unwrap();
    let results = join_all((0..6).map(|_| scene.seller.report(&id))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test]
async fn what_a_fresh_token_is_refused_is_forbidden() {
    let scene = Scene::new(|_| Reply::error(403, "Unauthorized", "Access to the resource is forbidden")).await;
    let error = scene.seller.report(&"1".parse().unwrap()).await.unwrap_err();
    let AmazonError::Forbidden { answer, .. } = &error else { panic!("{error:?}") };
    assert_eq!(answer.code.as_deref(), Some("Unauthorized"));
    assert!(error.needs_a_person() && error.retry_after().is_none());
    assert_eq!((scene.token_requests(), scene.calls().len()), (2, 2));
}
