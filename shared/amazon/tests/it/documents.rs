//! Where documents are, and restricted data tokens.

use countinghouse_amazon::Compression;
use countinghouse_domain::rate::Operation;
use countinghouse_domain::report::ReportType;
use serde_json::json;

use crate::scene::{Scene, seller_id};
use crate::server::{Received, Reply};

const RDT: &str = "/tokens/2021-03-01/restrictedDataToken";
const ID: &str = "amzn1.spdoc.1.4.eu.b6/2.T1";
const PATH: &str = "/reports/2021-06-30/documents/amzn1.spdoc.1.4.eu.b6%2F2.T1";

fn found() -> Reply {
    let url = "http://127.0.0.1:9/document?X-Amz-Signature=hush";
    Reply::json(200, &json!({"reportDocumentId": ID, "url": url, "compressionAlgorithm": "GZIP"}))
}

fn restricted() -> Reply {
    Reply::json(200, &json!({"restrictedDataToken": "Atz.sprdt|1", "expiresIn": 3600}))
}

fn unsupported() -> Reply {
    Reply::error(400, "InvalidInput", "Invalid or unsupported document ID found")
}

async fn ask(
    scene: &Scene,
    report: ReportType,
) -> Result<countinghouse_amazon::ReportDocument, countinghouse_amazon::AmazonError> {
    scene.seller.report_document(&ID.parse().unwrap(), report).await
}

fn told(calls: &[Received]) -> Vec<(&str, &str)> {
    calls.iter().map(|call| (call.target.as_str(), call.token())).collect()
}

#[tokio::test]
async fn a_settlement_is_found_with_the_access_token() {
    let scene = Scene::new(|_| found()).await;
    let document = ask(&scene, ReportType::SETTLEMENT_V2).await.unwrap();
    assert_eq!((document.id.as_str(), document.compression), (ID, Compression::Gzip));
    assert_eq!(told(&scene.calls()), [(PATH, "Atza|1")]);
}

#[tokio::test]
async fn a_vat_report_is_found_with_a_restricted_token_for_this_document_alone() {
    let scene = Scene::new(|request| if request.path() == RDT { restricted() } else { found() }).await;
    ask(&scene, ReportType::SC_VAT_TAX_REPORT).await.unwrap();
    let calls = scene.calls();
    assert_eq!(told(&calls), [(RDT, "Atza|1"), (PATH, "Atz.sprdt|1")]);
    assert_eq!(calls[0].json(), json!({"restrictedResources": [{"method": "GET", "path": PATH}]}));
    let left = |operation| scene.budget.bucket(&seller_id(), operation).micro_tokens;
    assert_eq!(left(Operation::CreateRestrictedDataToken), 9_000_000);
    assert_eq!(left(Operation::GetReportDocument), 14_000_000);
}

#[tokio::test]
async fn a_document_for_which_amazon_gives_no_restricted_token_is_found_without() {
    let scene = Scene::new(|request| if request.path() == RDT { unsupported() } else { found() }).await;
    ask(&scene, ReportType::SC_VAT_TAX_REPORT).await.unwrap();
    assert_eq!(told(&scene.calls()), [(RDT, "Atza|1"), (PATH, "Atza|1")]);
}

#[tokio::test]
async fn another_refusal_of_the_restricted_token_is_final() {
    let scene = Scene::new(|_| Reply::error(400, "InvalidInput", "Something else")).await;
    let error = ask(&scene, ReportType::SC_VAT_TAX_REPORT).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "createRestrictedDataToken was refused; Amazon says 400 InvalidInput: Something else"
    );
    assert_eq!(scene.calls().len(), 1);
}

#[tokio::test]
async fn a_token_that_expired_is_replaced_once_with_its_restricted_token() {
    let scene = Scene::new(|request| match (request.path(), request.token()) {
        (RDT, "Atza|1") => Reply::error(403, "Unauthorized", "Access to requested resource is denied."),
        (RDT, _) => restricted(),
        _ => found(),
    })
    .await;
    ask(&scene, ReportType::SC_VAT_TAX_REPORT).await.unwrap();
    assert_eq!(told(&scene.calls()), [(RDT, "Atza|1"), (RDT, "Atza|2"), (PATH, "Atz.sprdt|1")]);
}

#[tokio::test]
async fn without_the_role_a_document_is_forbidden() {
    let scene = Scene::new(|request| match request.path() {
        RDT => restricted(),
        _ => Reply::error(403, "Unauthorized", "Access to the resource is forbidden"),
    })
    .await;
    assert_eq!(ask(&scene, ReportType::SC_VAT_TAX_REPORT).await.unwrap_err().kind(), "forbidden");
    assert_eq!((scene.token_requests(), scene.calls().len()), (2, 4));
}

#[tokio::test]
async fn no_restricted_token_is_asked_for_in_vain() {
    let scene = Scene::new(|request| if request.path() == RDT { restricted() } else { found() }).await;
    for _ in 0..15 {
        ask(&scene, ReportType::SETTLEMENT_V2).await.unwrap();
    }
    let error = ask(&scene, ReportType::SC_VAT_TAX_REPORT).await.unwrap_err();
    assert_eq!(error.kind(), "rate_limited");
    assert_eq!(scene.calls().len(), 15);
}

#[tokio::test]
async fn an_address_that_makes_no_sense_is_not_shown() {
    for url in ["hush", "ftp://hush/x", "file:///hush"] {
        let scene = Scene::new(move |_| Reply::json(200, &json!({"reportDocumentId": ID, "url": url}))).await;
        let error = ask(&scene, ReportType::SETTLEMENT_V2).await.unwrap_err();
        assert_eq!(error.kind(), "unexpected_answer");
        assert!(!crate::scene::shown(&error).contains("hush"));
    }
}
