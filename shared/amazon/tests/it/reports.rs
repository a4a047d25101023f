//! The Reports API.

use countinghouse_amazon::{ReportStatus, ReportsQuery};
use countinghouse_domain::job::ProcessingStatus;
use countinghouse_domain::report::ReportType;
use serde_json::json;

use crate::scene::{Scene, in_turn, request};
use crate::server::Reply;

fn settlements() -> ReportsQuery {
    ReportsQuery::new(vec![ReportType::SETTLEMENT_V2]).unwrap().with_statuses(vec![ProcessingStatus::Done])
}

fn page(ids: &[&str], next: Option<&str>) -> Reply {
    let report = |id| {
        json!({"reportId": id, "reportType": ReportType::SETTLEMENT_V2.name(), "processingStatus": "DONE",
               "createdTime": "2026-11-22T04:00:00Z", "reportDocumentId": format!("amzn1.spdoc.1.4.eu.{id}")})
    };
    let reports: Vec<_> = ids.iter().map(report).collect();
    Reply::json(200, &json!({"reports": reports, "nextToken": next}))
}

#[tokio::test]
async fn a_report_is_asked_for_with_its_window_marketplaces_and_options() {
    let scene = Scene::new(|_| Reply::json(202, &json!({"reportId": "050011020300"}))).await;
    let id = scene.seller.create_report(&request()).await.unwrap();
    assert_eq!(id.as_str(), "050011020300");
    scene.seller.create_report(&request().with_option("a", "b")).await.unwrap();
    let calls = scene.calls();
    assert_eq!((calls[0].method.as_str(), calls[0].target.as_str()), ("POST", "/reports/2021-06-30/reports"));
    assert_eq!(calls[0].headers["content-type"], "application/json");
    let expected = json!({
        "reportType": "SC_VAT_TAX_REPORT",
        "dataStartTime": "2026-11-14T00:00:00Z",
        "dataEndTime": "2026-11-22T00:00:00Z",
        "marketplaceIds": ["A1PA6795UKMFR9", "A13V1IB3VIYZZH"],
    });
    assert_eq!(calls[0].json(), expected);
    assert_eq!(calls[1].json()["reportOptions"], json!({"a": "b"}));
}

#[tokio::test]
async fn a_report_is_read_with_its_document() {
    let scene = Scene::new(|_| {
        Reply::json(
            200,
            &json!({"reportId": "1", "reportType": "SC_VAT_TAX_REPORT", "processingStatus": "FATAL",
                    "createdTime": "2026-11-22T04:00:00Z", "processingEndTime": "2026-11-22T04:01:00+00:00",
                    "dataStartTime": "2026-11-14T00:00:00Z", "dataEndTime": "2026-11-22T00:00:00Z",
                    "marketplaceIds": ["A13V1IB3VIYZZH", "A1PA6795UKMFR9"], "reportDocumentId": "amzn1.tortuga.1"}),
        )
    })
    .await;
    let report = scene.seller.report(&"1".parse().unwrap()).await.unwrap();
    assert_eq!(report.status, ReportStatus::Known(ProcessingStatus::Fatal));
    assert_eq!(report.document.as_ref().unwrap().as_str(), "amzn1.tortuga.1");
    assert_eq!(report.processed_at, Some("2026-11-22T04:01:00Z".parse().unwrap()));
    assert!(report.answers(&request()));
}

#[tokio::test]
async fn every_page_is_read_and_a_page_token_comes_alone() {
    let token = "VGhpcyB0b2tlbiBpcyBvcGFxdWU=+/&x";
    let scene =
        Scene::new(in_turn(vec![page(&["1", "2"], Some(token)), page(&["3"], Some("")), page(&[], None)])).await;
    let all = scene.seller.reports(&settlements()).await.unwrap();
    let ids: Vec<&str> = all.reports.iter().map(|report| report.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!((all.unreadable, all.next), (0, None));
    let queries: Vec<_> = scene.calls().iter().map(crate::server::Received::query).collect();
    assert_eq!(queries.len(), 2);
    assert_eq!(queries[0]["reportTypes"], "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2");
    assert_eq!((queries[0]["processingStatuses"].as_str(), queries[0]["pageSize"].as_str()), ("DONE", "100"));
    assert_eq!(queries[1].len(), 1);
    assert_eq!(queries[1]["nextToken"], token);
}

#[tokio::test]
async fn a_list_can_be_read_page_by_page() {
    let scene = Scene::new(in_turn(vec![page(&["1"], Some("t")), page(&["2"], None)])).await;
    let first = scene.seller.reports_page(&settlements(), None).await.unwrap();
    let second = scene.seller.reports_page(&settlements(), first.next.as_ref()).await.unwrap();
    assert_eq!((second.reports[0].id.as_str(), second.next), ("2", None));
}

#[tokio::test]
async fn a_list_that_goes_round_in_a_circle_ends() {
    let scene = Scene::new(|_| page(&["1"], Some("again"))).await;
    let error = scene.seller.reports(&settlements()).await.unwrap_err();
    assert_eq!(error.to_string(), "getReports: the list of reports has no end");
    assert_eq!(scene.calls().len(), 2);
}

#[tokio::test]
async fn filters_are_joined_with_commas_and_no_look_goes_back_ninety_days() {
    let scene = Scene::new(|_| page(&[], None)).await;
    let marketplaces = ["A", "B"].map(|each| each.parse().unwrap()).to_vec();
    let query = ReportsQuery::new(ReportType::ALL.to_vec())
        .unwrap()
        .with_statuses(vec![ProcessingStatus::InQueue, ProcessingStatus::InProgress])
        .with_marketplaces(marketplaces)
        .unwrap()
        .created_until("2026-11-22T00:00:00Z".parse().unwrap());
    scene.seller.reports(&query.clone().created_since("2026-01-01T00:00:00Z".parse().unwrap())).await.unwrap();
    scene.seller.reports(&query.created_since("2026-11-01T00:00:00Z".parse().unwrap())).await.unwrap();
    let queries: Vec<_> = scene.calls().iter().map(crate::server::Received::query).collect();
    assert_eq!(queries[0]["reportTypes"].split(',').count(), 6);
    assert_eq!(queries[0]["processingStatuses"], "IN_QUEUE,IN_PROGRESS");
    assert_eq!(queries[0]["marketplaceIds"], "A,B");
    assert_eq!(queries[0]["createdSince"], "2026-08-24T05:05:06Z");
    assert_eq!(queries[0]["createdUntil"], "2026-11-22T00:00:00Z");
    assert_eq!(queries[1]["createdSince"], "2026-11-01T00:00:00Z");
}
