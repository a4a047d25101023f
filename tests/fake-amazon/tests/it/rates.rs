//! Usage plans: the real ones, with the headers and the body of a refusal.

use fake_amazon::{Operation, Plan, RateSettings};
use serde_json::json;

use crate::support::{Client, EU, US, VAT, scenario};

async fn limited(rates: RateSettings) -> (Client, String) {
    let mut scenario = scenario();
    scenario.rates = rates;
    let client = Client::start(scenario).await;
    let token = client.token(EU).await;
    (client, token)
}

#[tokio::test]
async fn the_burst_of_get_reports_is_ten_and_a_token_takes_forty_five_seconds() {
    let (client, token) = limited(RateSettings::default()).await;
    let path = format!("/reports/2021-06-30/reports?reportTypes={VAT}");
    for _ in 0..10 {
        let answer = client.get(&token, &path).await;
        assert_eq!((answer.status, answer.header("x-amzn-ratelimit-limit")), (200, Some("0.0222")));
    }
    let refused = client.get(&token, &path).await;
    assert_eq!(refused.status, 429);
    assert_eq!(
        refused.json(),
        json!({"errors": [{"message": "You exceeded your quota for the requested resource.",
            "code": "QuotaExceeded"}]})
    );
    assert_eq!(refused.header("x-amzn-errortype"), Some("TooManyRequestsException"));
    assert_eq!(refused.header("x-amzn-ratelimit-limit"), None);
    assert!(refused.header("x-amzn-requestid").is_some() && refused.header("x-amz-apigw-id").is_some());
    assert_eq!(refused.header("retry-after"), None);
    client.server.advance_ms(44_000).await;
    assert_eq!(client.get(&token, &path).await.status, 429);
    client.server.advance_ms(2_000).await;
    assert_eq!(client.get(&token, &path).await.status, 200);
}

#[tokio::test]
async fn sellers_have_their_own_buckets() {
    let operations = [(Operation::GetReports, Plan { rate: 1.0, burst: 1 })].into();
    let (client, token) = limited(RateSettings { operations, ..RateSettings::default() }).await;
    let path = format!("/reports/2021-06-30/reports?reportTypes={VAT}");
    assert_eq!(client.get(&token, &path).await.status, 200);
    assert_eq!(client.get(&token, &path).await.status, 429);
    let other = client.token(US).await;
    assert_eq!(client.get(&other, &path).await.status, 200);
}

#[tokio::test]
async fn the_rate_is_told_on_400_and_404_but_not_on_403() {
    let (client, token) = limited(RateSettings { scale: 100.0, ..RateSettings::default() }).await;
    let missing = client.get(&token, "/reports/2021-06-30/reports/1").await;
    assert_eq!((missing.status, missing.header("x-amzn-ratelimit-limit")), (404, Some("200.0")));
    let bad = client.get(&token, "/reports/2021-06-30/reports?pageSize=3").await;
    assert_eq!(bad.status, 400);
    assert!(bad.header("x-amzn-ratelimit-limit").is_some());
    let refused = client.get("Atza|made-up", "/reports/2021-06-30/reports/1").await;
    assert_eq!((refused.status, refused.header("x-amzn-ratelimit-limit")), (403, None));
    assert!(refused.header("x-amzn-requestid").is_some());
}
