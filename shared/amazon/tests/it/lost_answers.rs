//! createReport has no idempotency key: it is never sent twice where it may have been heard.

use std::sync::Arc;

use countinghouse_amazon::{AmazonError, Endpoints};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::scene::{Scene, client, config, in_turn, request};
use crate::server::Reply;

#[tokio::test]
async fn an_answer_that_may_hide_a_report_is_lost_and_the_request_goes_out_once() {
    let half = Reply::CutAfter { bytes: 7, body: br#"{"reportId":"1"}"#.to_vec() };
    for reply in [
        Reply::Silence,
        Reply::Hang,
        half,
        Reply::error(500, "InternalFailure", "x"),
        Reply::text(503, "<html>"),
        Reply::text(504, ""),
        Reply::text(202, "<html>"),
        Reply::text(202, r#"{"id":"1"}"#),
    ] {
        let scene = Scene::new(in_turn(vec![reply.clone()])).await;
        let error = scene.seller.create_report(&request()).await.unwrap_err();
        assert!(matches!(error, AmazonError::AnswerLost { .. }), "{reply:?}: {error:?}");
        assert_eq!(error.retry_after(), None);
        assert_eq!(scene.calls().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn what_was_surely_not_heard_is_no_lost_answer() {
    for (reply, kind) in [
        (Reply::error(429, "QuotaExceeded", "x"), "rate_limited"),
        (Reply::error(400, "InvalidInput", "x"), "bad_request"),
    ] {
        let scene = Scene::new(in_turn(vec![reply])).await;
        assert_eq!(scene.seller.create_report(&request()).await.unwrap_err().kind(), kind);
        assert_eq!(scene.calls().len(), 1);
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let scene = Scene::new(|_| Reply::Silence).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut config = config(&scene.server);
    config.endpoints = Endpoints::all(&format!("http://{closed}").parse().unwrap());
    let seller = client(config, &scene.stored, Arc::clone(&scene.budget) as _, &scene.clock);
    let error = seller.create_report(&request()).await.unwrap_err();
    assert!(matches!(error, AmazonError::Unavailable { answer: None, .. }), "{error:?}");
    assert!(error.retry_after().is_some());
}

#[tokio::test]
async fn a_host_that_does_not_prove_itself_is_sent_nothing() {
    let scene = Scene::new(|_| Reply::Silence).await;
    let stranger = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = stranger.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = stranger.accept().await.unwrap();
        let mut heard = vec![0; 4096];
        let length = stream.read(&mut heard).await.unwrap();
        stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        heard[..length].to_vec()
    });
    let mut config = config(&scene.server);
    config.endpoints = Endpoints::all(&format!("https://{address}").parse().unwrap());
    config.retry.attempts = 1;
    let seller = client(config, &scene.stored, Arc::clone(&scene.budget) as _, &scene.clock);
    let error = seller.create_report(&request()).await.unwrap_err();
    assert!(matches!(error, AmazonError::Unavailable { answer: None, .. }), "{error:?}");
    assert_eq!(heard.await.unwrap()[0], 0x16, "a TLS handshake and nothing before it");
}

#[tokio::test]
async fn a_kept_connection_that_died_unseen_loses_no_answer() {
    let report = br#"{"reportId":"1","reportType":"SC_VAT_TAX_REPORT","processingStatus":"DONE"}"#;
    let scene = Scene::new(|request| match request.method.as_str() {
        "GET" => Reply::KeptOpen { body: report.to_vec() },
        _ => Reply::json(202, &json!({"reportId": "50011020300"})),
    })
    .await;
    scene.seller.report(&"1".parse().unwrap()).await.unwrap();
    assert_eq!(scene.seller.create_report(&request()).await.unwrap().as_str(), "50011020300");
    assert_eq!(scene.calls().len(), 2);
    scene.seller.report(&"1".parse().unwrap()).await.unwrap();
    assert_eq!(scene.calls().len(), 4, "the dead connection, and then a new one");
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_request_sent_again_for_a_refusal_makes_nothing() {
    let scene = Scene::new(|request| match request.token() {
        "Atza|1" => Reply::error(403, "Unauthorized", "Access to requested resource is denied."),
        _ => Reply::json(202, &json!({"reportId": "50011020300"})),
    })
    .await;
    assert_eq!(scene.seller.create_report(&request()).await.unwrap().as_str(), "50011020300");
    assert_eq!(scene.calls().len(), 2);
}
