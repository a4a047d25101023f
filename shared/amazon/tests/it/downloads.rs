//! The bytes of documents.

use countinghouse_amazon::{AmazonError, Download};
use countinghouse_domain::report::ReportType;
use serde_json::json;

use crate::scene::{Scene, in_turn, shown};
use crate::server::{Reply, Server};

/// A seller whose document lies on a server that goes by the script.
async fn document(replies: Vec<Reply>) -> (Server, Result<Download, AmazonError>) {
    let store = Server::start(in_turn(replies)).await;
    let url = store.url.join("/document?X-Amz-Signature=hush").unwrap();
    let scene = Scene::new(move |_| Reply::json(200, &json!({"reportDocumentId": "d", "url": url.as_str()}))).await;
    let found = scene.seller.report_document(&"d".parse().unwrap(), ReportType::SETTLEMENT_V2).await.unwrap();
    let download = scene.seller.download(&found).await;
    (store, download)
}

async fn bytes(download: &mut Download) -> Result<Vec<u8>, AmazonError> {
    let mut all = Vec::new();
    while let Some(chunk) = download.chunk().await? {
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

fn refused(status: u16, code: &str) -> Reply {
    let body =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>Request has expired</Message></Error>");
    Reply::text(status, &body)
}

#[tokio::test]
async fn the_bytes_arrive_unchanged_with_their_length_and_charset_and_no_token_is_sent() {
    let packed = b"\x1f\x8b\x08\x00not really gzip".to_vec();
    let reply = Reply::Whole { status: 200, headers: Vec::new(), body: packed.clone() }
        .with("content-type", "text/plain; charset=Cp1252")
        .with("content-encoding", "gzip");
    let (store, download) = document(vec![reply]).await;
    let mut download = download.unwrap();
    assert_eq!(download.content_length(), Some(19));
    assert_eq!(download.charset(), Some("Cp1252"));
    assert_eq!(bytes(&mut download).await.unwrap(), packed);
    assert_eq!(download.received_bytes(), 19);
    let request = &store.received()[0];
    let names: Vec<&str> = request.headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["accept", "host", "user-agent"]);
}

#[tokio::test]
async fn an_empty_document_is_a_document() {
    let (_store, download) = document(vec![Reply::text(200, "")]).await;
    let mut download = download.unwrap();
    assert_eq!((bytes(&mut download).await.unwrap(), download.content_length()), (Vec::new(), Some(0)));
}

#[tokio::test]
async fn a_connection_cut_inside_the_document_is_seen() {
    let body = vec![b'x'; 100_000];
    let (_store, download) = document(vec![Reply::CutAfter { bytes: 60_000, body }]).await;
    let mut download = download.unwrap();
    let error = bytes(&mut download).await.unwrap_err();
    assert_eq!(error.to_string(), "the document was cut after 60000 bytes of 100000");
    assert_eq!(error.kind(), "interrupted");
    assert!(!shown(&error).contains("hush"));
    assert!(download.chunk().await.unwrap().is_none());
}

#[tokio::test]
async fn a_cut_is_seen_in_a_document_of_unknown_length_too() {
    let (_store, download) = document(vec![Reply::CutChunk { body: b"half".to_vec() }]).await;
    let error = bytes(&mut download.unwrap()).await.unwrap_err();
    assert!(matches!(error, AmazonError::Interrupted { received_bytes: 4, expected_bytes: None, .. }), "{error:?}");
}

#[tokio::test]
async fn an_expired_address_is_named_and_not_tried_again() {
    for reply in [refused(403, "AccessDenied"), refused(400, "ExpiredToken"), Reply::text(403, "")] {
        let (store, download) = document(vec![reply]).await;
        assert!(matches!(download.unwrap_err(), AmazonError::LinkExpired));
        assert_eq!(store.received().len(), 1);
    }
}

#[tokio::test]
async fn a_busy_store_is_tried_again_and_then_unavailable() {
    let (store, download) = document(vec![refused(503, "SlowDown"), Reply::Silence, Reply::text(200, "x")]).await;
    assert_eq!(bytes(&mut download.unwrap()).await.unwrap(), b"x");
    assert_eq!(store.received().len(), 3);
    for reply in [refused(503, "SlowDown"), Reply::Silence] {
        let (store, download) = document(vec![reply]).await;
        let error = download.unwrap_err();
        assert_eq!(error.kind(), "unavailable");
        assert!(!shown(&error).contains("hush"), "{}", shown(&error));
        assert_eq!(store.received().len(), 3);
    }
}

#[tokio::test]
async fn what_is_no_document_is_named() {
    for (reply, kind) in [
        (refused(404, "NoSuchKey"), "not_found"),
        (refused(400, "InvalidArgument"), "bad_request"),
        (Reply::text(302, "").with("location", "http://127.0.0.1:1/"), "unexpected_answer"),
        (Reply::text(206, "part"), "unexpected_answer"),
    ] {
        let (_store, download) = document(vec![reply]).await;
        let error = download.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(!shown(&error).contains("hush"));
    }
}
