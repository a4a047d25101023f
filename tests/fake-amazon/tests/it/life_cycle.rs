//! Reports from their request to their document.

use fake_amazon::{Content, Operation, Outcome, OutcomeResult, SettlementConfig, VatRows};
use serde_json::{Value, json};

use crate::support::{Client, DE, EU, SETTLEMENT, US, VAT, VAT_CSV, gunzipped, scenario, vat_request};

async fn started() -> (Client, String) {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    (client, token)
}

fn report_id(answer: &crate::support::Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["reportId"].as_str().unwrap().to_owned()
}

/// The plain text of a restricted document.
async fn vat_text(client: &Client, token: &str, document_id: &str) -> String {
    let path = format!("/reports/2021-06-30/documents/{document_id}");
    let body = json!({"restrictedResources": [{"method": "GET", "path": path}]});
    let answer = client.call(token, "POST", "/tokens/2021-03-01/restrictedDataToken", Some(&body)).await;
    let restricted = answer.json()["restrictedDataToken"].as_str().unwrap().to_owned();
    let url = client.url(&restricted, document_id).await;
    String::from_utf8(gunzipped(&client.download(&url).await.bytes).unwrap()).unwrap()
}

#[tokio::test]
async fn a_report_passes_through_its_states_as_time_does() {
    let (client, token) = started().await;
    let id = report_id(&client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-10T00:00:00Z").await);
    let queued = client.report(&token, &id).await;
    assert_eq!(queued["processingStatus"], "IN_QUEUE");
    assert_eq!(queued.get("processingStartTime"), None);
    client.server.advance_ms(1_000).await;
    let working = client.report(&token, &id).await;
    assert_eq!(working["processingStatus"], "IN_PROGRESS");
    assert_eq!(working["processingStartTime"], "2026-11-22T04:00:01+00:00");
    assert_eq!(working.get("reportDocumentId"), None);
    client.server.advance_ms(2_000).await;
    let done = client.report(&token, &id).await;
    assert_eq!(done["processingStatus"], "DONE");
    assert_eq!(done["processingEndTime"], "2026-11-22T04:00:03+00:00");
    assert_eq!(done["dataStartTime"], "2026-11-01T00:00:00+00:00");
    let text = vat_text(&client, &token, done["reportDocumentId"].as_str().unwrap()).await;
    assert_eq!(text, VAT_CSV.split_inclusive('\n').take(3).collect::<String>());
}

#[tokio::test]
async fn overlapping_windows_hold_the_same_row_and_late_rows_appear_later() {
    let (client, token) = started().await;
    let late =
        VatRows { content: Content::text(VAT_CSV.replace("3,\"20-Nov", "4,\"20-Nov")), available_after_ms: 10_000 };
    client.server.add_vat_rows(EU, &late).unwrap();
    let mut texts = Vec::new();
    for wait_ms in [0, 10_000] {
        client.server.advance_ms(wait_ms).await;
        let id = report_id(&client.create_vat(&token, "2026-11-04T00:00:00Z", "2026-11-21T00:00:00Z").await);
        client.server.advance_ms(3_000).await;
        let document_id = client.report(&token, &id).await["reportDocumentId"].as_str().unwrap().to_owned();
        texts.push(vat_text(&client, &token, &document_id).await);
    }
    assert!(texts[0].contains("\n2,") && texts[0].contains("\n3,") && !texts[0].contains("\n4,"));
    assert!(texts[1].contains("\n2,") && texts[1].contains("\n3,") && texts[1].contains("\n4,"));
}

#[tokio::test]
async fn a_window_without_rows_is_cancelled_and_has_no_document() {
    let (client, token) = started().await;
    let id = report_id(&client.create_vat(&token, "2026-10-01T00:00:00Z", "2026-10-10T00:00:00Z").await);
    client.server.advance_ms(3_000).await;
    let report = client.report(&token, &id).await;
    assert_eq!((&report["processingStatus"], report.get("reportDocumentId")), (&json!("CANCELLED"), None));
}

#[tokio::test]
async fn a_fatal_report_has_a_document_if_the_outcome_says_so() {
    let (client, token) = started().await;
    for document in [Some(Content::text("Internal failure").uncompressed()), None] {
        let outcome = Outcome {
            seller_id: Some(EU.to_owned()),
            report_type: Some(VAT.to_owned()),
            times: 1,
            result: OutcomeResult::Fatal,
            document: document.clone(),
            delays: None,
        };
        client.server.add_outcome(outcome).unwrap();
        let id = report_id(&client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await);
        client.server.advance_ms(3_000).await;
        let report = client.report(&token, &id).await;
        assert_eq!(report["processingStatus"], "FATAL");
        assert_eq!(report.get("reportDocumentId").is_some(), document.is_some());
    }
    let id = report_id(&client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await);
    client.server.advance_ms(3_000).await;
    assert_eq!(client.report(&token, &id).await["processingStatus"], "DONE", "the outcomes are used up");
}

#[tokio::test]
async fn only_a_report_in_the_queue_can_be_cancelled() {
    let (client, token) = started().await;
    let path = |id: &str| format!("/reports/2021-06-30/reports/{id}");
    let id = report_id(&client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await);
    let answer = client.call(&token, "DELETE", &path(&id), None).await;
    assert_eq!((answer.status, answer.bytes.len()), (200, 0));
    client.server.advance_ms(5_000).await;
    assert_eq!(client.report(&token, &id).await["processingStatus"], "CANCELLED");
    let id = report_id(&client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await);
    client.server.advance_ms(1_500).await;
    assert_eq!(client.call(&token, "DELETE", &path(&id), None).await.status, 400);
    assert_eq!(client.call(&token, "DELETE", &path("77"), None).await.status, 404);
}

#[tokio::test]
async fn settlements_cannot_be_requested_but_appear_when_they_close() {
    let (client, token) = started().await;
    for (report_type, number) in [(SETTLEMENT, 1118), ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE", 1117)] {
        let body = json!({"reportType": report_type, "marketplaceIds": [DE]});
        let answer = client.call(&token, "POST", "/reports/2021-06-30/reports", Some(&body)).await;
        let message = format!("Request for report type {number} is not allowed at this time");
        assert_eq!(answer.json(), json!({"errors": [{"code": "InvalidInput", "message": message, "details": ""}]}));
        assert_eq!(answer.status, 400);
    }
    let settlement =
        SettlementConfig { close_after_ms: 60_000, ..SettlementConfig::closed(Content::text("settlement-id\n")) };
    let id = client.server.close_settlement(EU, settlement).unwrap();
    assert_eq!(client.get(&token, &format!("/reports/2021-06-30/reports/{id}")).await.status, 404);
    client.server.advance_ms(60_000).await;
    let report = client.report(&token, &id).await;
    assert_eq!((&report["processingStatus"], &report["reportType"]), (&json!("DONE"), &json!(SETTLEMENT)));
    assert_eq!(report["createdTime"], "2026-11-22T04:01:00+00:00");
}

#[tokio::test]
async fn a_bad_request_for_a_report_is_refused() {
    let (client, token) = started().await;
    let good = vat_request("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let bad = [
        with("dataEndTime", json!("2026-11-22T04:00:01Z")),
        with("dataStartTime", json!("2026-11-03T00:00:00Z")),
        with("dataStartTime", json!("yesterday")),
        with("marketplaceIds", json!([])),
        with("marketplaceIds", json!(vec![DE; 26])),
        with("marketplaceIds", json!(["ATVPDKIKX0DER"])),
        with("reportType", json!("bad type")),
        with("reportType", json!(7)),
    ];
    for body in bad {
        let answer = client.call(&token, "POST", "/reports/2021-06-30/reports", Some(&body)).await;
        assert_eq!((answer.status, answer.error().1.as_str()), (400, "InvalidInput"), "{body}");
    }
    assert!(client.server.reports(None).is_empty());
    let now = with("dataEndTime", json!("2026-11-22T04:00:00Z"));
    assert_eq!(client.call(&token, "POST", "/reports/2021-06-30/reports", Some(&now)).await.status, 202);
}

#[tokio::test]
async fn a_type_without_a_role_is_forbidden() {
    let mut scenario = scenario();
    scenario.sellers[0].forbidden_report_types = vec![VAT.to_owned()];
    let client = Client::start(scenario).await;
    let token = client.token(EU).await;
    let answer = client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await;
    assert_eq!(answer.error(), (403, "Unauthorized".to_owned(), "Access to the resource is forbidden".to_owned()));
}

#[tokio::test]
async fn two_sellers_have_the_same_report_ids_and_do_not_see_each_others_reports() {
    let (client, token) = started().await;
    let other = client.token(US).await;
    let mine = client.server.close_settlement(EU, SettlementConfig::closed(Content::text("mine"))).unwrap();
    assert_eq!(client.get(&other, &format!("/reports/2021-06-30/reports/{mine}")).await.status, 404);
    let theirs = client.server.close_settlement(US, SettlementConfig::closed(Content::text("theirs"))).unwrap();
    assert_eq!(mine, theirs);
    let mine = client.report(&token, &mine).await;
    let theirs = client.report(&other, &theirs).await;
    assert_ne!(mine["reportDocumentId"], theirs["reportDocumentId"]);
    let foreign = theirs["reportDocumentId"].as_str().unwrap();
    assert_eq!(client.document(&token, foreign).await.status, 404);
}

#[tokio::test]
async fn a_schedule_makes_reports_until_it_is_cancelled() {
    let (client, token) = started().await;
    let path = "/reports/2021-06-30/schedules";
    let body = json!({"reportType": VAT, "marketplaceIds": [DE], "period": "P7D",
        "nextReportCreationTime": "2026-11-23T00:00:00Z"});
    let first = client.call(&token, "POST", path, Some(&body)).await;
    let second = client.call(&token, "POST", path, Some(&body)).await;
    assert_eq!((first.status, second.status), (201, 201));
    let listed = client.get(&token, &format!("{path}?reportTypes={VAT}")).await.json();
    let schedules = listed["reportSchedules"].as_array().unwrap();
    assert_eq!(schedules.len(), 1, "the second replaces the first");
    let id = second.json()["reportScheduleId"].as_str().unwrap().to_owned();
    assert_eq!(schedules[0]["reportScheduleId"], json!(id));
    client.server.advance_ms(10 * 24 * 3_600_000).await;
    let reports = client.server.reports(Some(EU));
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0]["reportScheduleId"], json!(id));
    assert_eq!(reports[0]["dataStartTime"], "2026-11-16T00:00:00+00:00");
    assert_eq!(reports[0]["processingStatus"], "DONE");
    let token = client.token(EU).await;
    assert_eq!(client.call(&token, "DELETE", &format!("{path}/{id}"), None).await.status, 200);
    assert_eq!(client.get(&token, &format!("{path}/{id}")).await.status, 404);
    client.server.advance_ms(10 * 24 * 3_600_000).await;
    assert_eq!(client.server.reports(Some(EU)).len(), 2);
}

#[tokio::test]
async fn reports_are_kept_for_ninety_days() {
    let (client, token) = started().await;
    let (id, _) = client.settled(&token, Content::text("old")).await;
    client.server.advance_ms(90 * 24 * 3_600_000 + 1_000).await;
    let token = client.token(EU).await;
    assert_eq!(client.get(&token, &format!("/reports/2021-06-30/reports/{id}")).await.status, 404);
}

#[tokio::test]
async fn the_log_counts_calls_and_knows_no_secret() {
    let (client, token) = started().await;
    client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await;
    assert_eq!(client.server.count(Operation::CreateReport), 1);
    let log = client.admin("GET", &format!("/calls?seller_id={EU}"), None).await;
    assert_eq!(
        log.json()["counts"],
        json!([
            {"operation": "createReport", "seller_id": EU, "status": 202, "count": 1},
            {"operation": "token", "seller_id": EU, "status": 200, "count": 1},
        ])
    );
    for text in [log.text(), client.admin("GET", "/state", None).await.text()] {
        assert!(!text.contains(&token) && !text.contains("Atzr|") && !text.contains("oa2-cs"), "{text}");
    }
}
