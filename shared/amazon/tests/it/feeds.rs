//! Feeds of own invoices: the bytes go with one content type, the feed is made once, and a lost answer is told apart.

use std::collections::BTreeMap;

use countinghouse_amazon::{AmazonError, CreatedFeed, Feed, FeedRequest};
use countinghouse_domain::ids::FeedDocumentId;
use countinghouse_domain::job::ProcessingStatus;
use countinghouse_domain::rate::Operation;
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::{Scene, seller_id};
use crate::server::{Received, Reply};

const FEEDS: &str = "/feeds/2021-06-30/feeds";
const DOCUMENTS: &str = "/feeds/2021-06-30/documents";
const PDF: &[u8] = b"%PDF-1.7 \xff\x00";

/// A server whose addresses are its own, with this answer to createFeed and this one to the bytes.
async fn scene(create: Reply, put: Reply) -> Scene {
    Scene::new(move |request: &Received| match (request.method.as_str(), request.path()) {
        ("POST", DOCUMENTS) => {
            let url = format!("http://{}/bucket/x?X-Amz-Signature=1", request.headers["host"]);
            Reply::json(201, &json!({"feedDocumentId": "amzn1.tortuga.4.x", "url": url}))
        }
        ("PUT", "/bucket/x") => put.clone(),
        ("POST", FEEDS) => create.clone(),
        (method, path) => panic!("{method} {path}"),
    })
    .await
}

fn made() -> Reply {
    Reply::json(202, &json!({"feedId": "53347018502"}))
}

fn document() -> FeedDocumentId {
    "amzn1.tortuga.4.x".parse().unwrap()
}

fn request(document: &FeedDocumentId) -> FeedRequest<'_> {
    FeedRequest {
        feed_type: "UPLOAD_VAT_INVOICE",
        marketplace_ids: vec!["A1PA6795UKMFR9"],
        input_feed_document_id: document,
        feed_options: BTreeMap::from([("metadata:invoicenumber", "INV-1"), ("metadata:totalamount", "119.00")]),
    }
}

async fn create(scene: &Scene) -> CreatedFeed {
    scene.seller.ready_to_upload().await.unwrap().create(&request(&document())).await
}

#[tokio::test]
async fn the_bytes_go_out_as_they_are_with_the_content_type_that_was_announced() {
    let scene = scene(made(), Reply::text(200, "")).await;
    let ready = scene.seller.ready_to_upload().await.unwrap();
    let delivered = ready.deliver("application/pdf", PDF).await.unwrap();
    assert_eq!(delivered, document());
    let CreatedFeed::Created(feed) = ready.create(&request(&delivered)).await else { panic!("created") };
    assert_eq!(feed.as_str(), "53347018502");
    let calls = scene.calls();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[0].json(), json!({"contentType": "application/pdf"}));
    assert_eq!((calls[1].body.as_slice(), calls[1].headers["content-type"].as_str()), (PDF, "application/pdf"));
    assert!(!calls[1].headers.contains_key("x-amz-access-token"), "the address is enough");
    let body = json!({
        "feedType": "UPLOAD_VAT_INVOICE", "marketplaceIds": ["A1PA6795UKMFR9"],
        "inputFeedDocumentId": "amzn1.tortuga.4.x",
        "feedOptions": {"metadata:invoicenumber": "INV-1", "metadata:totalamount": "119.00"},
    });
    assert_eq!(calls[2].json(), body);
}

#[tokio::test]
async fn an_address_that_has_expired_is_replaced_once() {
    let scene = scene(made(), Reply::text(403, "<Error><Code>AccessDenied</Code></Error>")).await;
    let ready = scene.seller.ready_to_upload().await.unwrap();
    let error = ready.deliver("application/pdf", PDF).await.unwrap_err();
    assert!(matches!(error, AmazonError::LinkExpired), "{error:?}");
    assert_eq!(scene.calls().len(), 4);
}

#[tokio::test]
async fn an_answer_that_may_hide_a_feed_is_lost_and_the_request_goes_out_once() {
    for reply in
        [Reply::Silence, Reply::error(500, "InternalFailure", "x"), Reply::text(503, ""), Reply::text(202, "{}")]
    {
        let scene = scene(reply.clone(), Reply::text(200, "")).await;
        let created = create(&scene).await;
        assert!(matches!(created, CreatedFeed::AnswerLost(_)), "{reply:?}: {created:?}");
        assert_eq!(scene.calls().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn what_surely_made_no_feed_is_told_apart() {
    for (reply, kind) in [
        (Reply::error(429, "QuotaExceeded", "x"), "rate_limited"),
        (Reply::error(400, "InvalidInput", "x"), "bad_request"),
        (Reply::error(415, "Unsupported", "x"), "bad_request"),
    ] {
        let scene = scene(reply, Reply::text(200, "")).await;
        let CreatedFeed::NotCreated(error) = create(&scene).await else { panic!("{kind}") };
        assert_eq!((error.kind(), scene.calls().len()), (kind, 1));
    }
}

#[tokio::test]
async fn one_in_three_seconds_goes_out_and_no_more_than_the_budget_of_create_feed() {
    let scene = scene(made(), Reply::text(200, "")).await;
    let mut uploads = 0;
    for _ in 0..20 {
        if scene.seller.ready_to_upload().await.is_ok() {
            uploads += 1;
            let error = scene.seller.ready_to_upload().await.unwrap_err();
            assert!(
                matches!(error, AmazonError::RateLimited { operation: Operation::UploadVatInvoice, .. }),
                "{error:?}"
            );
        }
        scene.clock.advance(SignedDuration::from_millis(3_001));
    }
    assert_eq!(uploads, 15, "the burst of createFeed");
    let bucket = scene.budget.bucket(&seller_id(), Operation::CreateFeed);
    assert!(bucket.micro_tokens < 1_000_000);
    assert_eq!(scene.calls().len(), 0, "nothing is sent before there is room for all of it");
}

#[tokio::test]
async fn a_feed_and_its_processing_report_are_read() {
    let report = "Feed Processing Summary:\n";
    let scene = Scene::new(move |request: &Received| match request.path() {
        "/feeds/2021-06-30/feeds/1" => Reply::json(
            200,
            &json!({"feedId": "1", "feedType": "UPLOAD_VAT_INVOICE", "createdTime": "2026-11-22T04:00:00Z",
                    "processingStatus": "DONE", "resultFeedDocumentId": "amzn1.tortuga.4.y"}),
        ),
        "/feeds/2021-06-30/documents/amzn1.tortuga.4.y" => {
            let url = format!("http://{}/bucket/y", request.headers["host"]);
            Reply::json(200, &json!({"feedDocumentId": "amzn1.tortuga.4.y", "url": url}))
        }
        _ => Reply::text(200, report),
    })
    .await;
    let Feed { status, report: Some(document) } = scene.seller.feed(&"1".parse().unwrap()).await.unwrap() else {
        panic!("a report")
    };
    assert_eq!(status.known(), Some(ProcessingStatus::Done));
    assert_eq!(scene.seller.feed_report(&document).await.unwrap(), report.as_bytes());
}
