//! getReports: pages, tokens and filters.

use fake_amazon::{Content, SettlementConfig};
use serde_json::Value;

use crate::support::{Answer, Client, EU, SETTLEMENT, US, VAT, scenario};

async fn with_settlements(count: usize) -> (Client, String) {
    let client = Client::start(scenario()).await;
    for number in 0..count {
        client.server.advance_ms(1_000).await;
        let content = Content::text(number.to_string());
        client.server.close_settlement(EU, SettlementConfig::closed(content)).unwrap();
    }
    let token = client.token(EU).await;
    (client, token)
}

async fn list(client: &Client, token: &str, query: &str) -> Answer {
    client.get(token, &format!("/reports/2021-06-30/reports?{query}")).await
}

fn ids(body: &Value) -> Vec<String> {
    body["reports"].as_array().unwrap().iter().map(|report| report["reportId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_hold_every_report_once_newest_first() {
    let (client, token) = with_settlements(23).await;
    let mut body = list(&client, &token, &format!("reportTypes={SETTLEMENT}")).await.json();
    let mut seen = ids(&body);
    assert_eq!(seen.len(), 10, "ten on a page if nothing is said");
    while let Some(next) = body.get("nextToken").and_then(Value::as_str) {
        body = list(&client, &token, &format!("nextToken={next}")).await.json();
        seen.extend(ids(&body));
    }
    assert_eq!(seen.len(), 23);
    let mut sorted = seen.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!(seen, sorted);
}

#[tokio::test]
async fn a_next_token_with_company_or_of_someone_else_is_refused() {
    let (client, token) = with_settlements(3).await;
    let body = list(&client, &token, &format!("reportTypes={SETTLEMENT}&pageSize=2")).await.json();
    let next = body["nextToken"].as_str().unwrap();
    assert_eq!(list(&client, &token, &format!("nextToken={next}&pageSize=2")).await.status, 400);
    assert_eq!(list(&client, &token, &format!("nextToken={next}&reportTypes={SETTLEMENT}")).await.status, 400);
    let other = client.token(US).await;
    assert_eq!(list(&client, &other, &format!("nextToken={next}")).await.status, 400);
    assert_eq!(list(&client, &token, "nextToken=made-up").await.status, 400);
    assert_eq!(ids(&list(&client, &token, &format!("nextToken={next}")).await.json()).len(), 1);
}

#[tokio::test]
async fn bad_filters_are_refused() {
    let (client, token) = with_settlements(0).await;
    let types = [VAT; 11].join(",");
    let bad = [
        "pageSize=10".to_owned(),
        format!("reportTypes={VAT}&pageSize=0"),
        format!("reportTypes={VAT}&pageSize=101"),
        format!("reportTypes={VAT}&processingStatuses=DONE,ALMOST"),
        format!("reportTypes={VAT}&createdSince=lately"),
        format!("reportTypes={types}"),
    ];
    for query in bad {
        assert_eq!(list(&client, &token, &query).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn filters_choose_by_type_state_and_time() {
    let (client, token) = with_settlements(3).await;
    client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await;
    for (query, count) in [
        (format!("reportTypes={VAT}"), 1),
        (format!("reportTypes={VAT},{SETTLEMENT}"), 4),
        (format!("reportTypes={VAT},{SETTLEMENT}&processingStatuses=DONE,FATAL"), 3),
        (format!("reportTypes={VAT}&processingStatuses=IN_QUEUE"), 1),
        (format!("reportTypes={SETTLEMENT}&createdSince=2026-11-22T04:00:02Z"), 2),
        (format!("reportTypes={SETTLEMENT}&createdUntil=2026-11-22T04:00:02%2B00:00"), 2),
        (format!("reportTypes={VAT}&marketplaceIds=A1F83G8C2ARO7P"), 0),
        // A known trait: settlements are shown whatever marketplace is asked for.
        (format!("reportTypes={SETTLEMENT}&marketplaceIds=ATVPDKIKX0DER"), 3),
    ] {
        let answer = list(&client, &token, &query).await;
        assert_eq!(ids(&answer.json()).len(), count, "{query}");
    }
}
