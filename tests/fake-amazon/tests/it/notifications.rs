//! Notifications, against a queue that understands just enough of SQS.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use fake_amazon::{Content, ForeignNotification, NotificationMode, NotificationSettings, Scenario, SettlementConfig};
use serde_json::{Value, json};

use crate::support::{Client, DE, EU, SETTLEMENT, official, scenario};

/// A queue that keeps what it gets.
struct Queue {
    endpoint: String,
    messages: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Queue {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let messages = Arc::default();
        let app = Router::new().route("/", post(sqs)).with_state((endpoint.clone(), Arc::clone(&messages)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { endpoint, messages }
    }

    fn messages(&self) -> Vec<Value> {
        self.messages.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    /// The scenario with this queue as the one for every seller.
    fn scenario(&self, mode: NotificationMode) -> Scenario {
        let mut scenario = scenario();
        scenario.notifications = NotificationSettings {
            queue_url: Some(format!("{}/000000000000/notifications", self.endpoint)),
            endpoint_url: Some(self.endpoint.clone()),
            mode,
            ..NotificationSettings::default()
        };
        scenario
    }
}

type Kept = (String, Arc<Mutex<Vec<(String, Value)>>>);

async fn sqs(State((endpoint, messages)): State<Kept>, headers: HeaderMap, body: Bytes) -> Json<Value> {
    let body: Value = serde_json::from_slice(&body).unwrap();
    match headers["x-amz-target"].to_str().unwrap() {
        "AmazonSQS.GetQueueUrl" => {
            let (account, name) = (&body["QueueOwnerAWSAccountId"], &body["QueueName"]);
            let path = format!("{}/{}", account.as_str().unwrap(), name.as_str().unwrap());
            Json(json!({"QueueUrl": format!("{endpoint}/{path}")}))
        }
        "AmazonSQS.SendMessage" => {
            let url = body["QueueUrl"].as_str().unwrap().to_owned();
            let message = serde_json::from_str(body["MessageBody"].as_str().unwrap()).unwrap();
            messages.lock().unwrap().push((url, message));
            Json(json!({"MessageId": "1", "MD5OfMessageBody": "0"}))
        }
        other => panic!("{other} is not expected"),
    }
}

fn content() -> Content {
    Content::text("settlement-id\n1\n")
}

fn close(client: &Client) -> String {
    client.server.close_settlement(EU, SettlementConfig::closed(content())).unwrap()
}

fn finished(message: &Value) -> &Value {
    &message["payload"]["reportProcessingFinishedNotification"]
}

#[tokio::test]
async fn a_finished_report_is_told_in_the_official_shape() {
    let queue = Queue::start().await;
    let client = Client::start(queue.scenario(NotificationMode::Once)).await;
    let report_id = close(&client);
    client.server.deliver_due().await;
    let messages = queue.messages();
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    let report = &client.server.reports(Some(EU))[0];
    assert_eq!(
        *finished(message),
        json!({"sellerId": EU, "accountId": format!("amzn1.merchant.o.{EU}"), "reportId": report_id,
            "reportType": SETTLEMENT, "processingStatus": "DONE", "reportDocumentId": report["reportDocumentId"]})
    );
    assert_eq!((&message["payloadVersion"], &message["notificationVersion"]), (&json!("1.0"), &json!("2020-09-04")));
    assert_eq!(message["eventTime"], "2026-11-22T04:00:00.000Z");
    assert!(client.server.notifications().iter().all(|sent| sent.failure.is_none()));
    let Some(schema) = official("schemas/ReportProcessingFinishedNotification.json") else { return };
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    jsonschema::validate(&schema, message).unwrap();
}

#[tokio::test]
async fn a_finished_feed_is_told_in_the_official_shape() {
    let queue = Queue::start().await;
    let client = Client::start(queue.scenario(NotificationMode::Twice)).await;
    let token = client.token(EU).await;
    let body = json!({"contentType": "application/pdf"});
    let made = client.call(&token, "POST", "/feeds/2021-06-30/documents", Some(&body)).await.json();
    let body = json!({"feedType": "UPLOAD_VAT_INVOICE", "marketplaceIds": [DE],
        "inputFeedDocumentId": made["feedDocumentId"]});
    let feed_id = client.call(&token, "POST", "/feeds/2021-06-30/feeds", Some(&body)).await.json()["feedId"].clone();
    client.server.advance_ms(2_999).await;
    assert!(queue.messages().is_empty());
    client.server.advance_ms(1).await;
    let messages = queue.messages();
    assert_eq!(messages.len(), 2);
    let payload = &messages[0]["payload"]["feedProcessingFinishedNotification"];
    let found = client.get(&token, &format!("/feeds/2021-06-30/feeds/{}", feed_id.as_str().unwrap())).await.json();
    let expected = json!({"sellerId": EU, "accountId": format!("amzn1.merchant.o.{EU}"), "feedId": feed_id,
        "feedType": "UPLOAD_VAT_INVOICE", "processingStatus": "DONE",
        "resultFeedDocumentId": found["resultFeedDocumentId"]});
    assert_eq!(*payload, expected);
    assert_eq!(client.server.notifications()[0].feed_id.as_deref(), feed_id.as_str());
    let Some(schema) = official("schemas/FeedProcessingFinishedNotification.json") else { return };
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    jsonschema::validate(&schema, &messages[0]).unwrap();
}

#[tokio::test]
async fn copies_come_as_the_mode_says() {
    for (mode, count) in [(NotificationMode::Never, 0), (NotificationMode::Twice, 2), (NotificationMode::TenTimes, 10)]
    {
        let queue = Queue::start().await;
        let client = Client::start(queue.scenario(mode)).await;
        close(&client);
        client.server.deliver_due().await;
        let messages = queue.messages();
        assert_eq!(messages.len(), count, "{mode:?}");
        let mut ids: Vec<_> =
            messages.iter().map(|message| message["notificationMetadata"]["notificationId"].to_string()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "each copy has its own id");
    }
}

#[tokio::test]
async fn copies_have_one_id_if_that_is_asked_for() {
    let queue = Queue::start().await;
    let mut scenario = queue.scenario(NotificationMode::Twice);
    scenario.notifications.same_notification_id = true;
    let client = Client::start(scenario).await;
    close(&client);
    client.server.deliver_due().await;
    assert_eq!(queue.messages()[0], queue.messages()[1]);
}

#[tokio::test]
async fn a_late_notification_comes_when_its_time_has_come() {
    let queue = Queue::start().await;
    let mut scenario = queue.scenario(NotificationMode::Once);
    scenario.notifications.late_ms = 60_000;
    scenario.notifications.account_id = false;
    let client = Client::start(scenario).await;
    close(&client);
    client.server.advance_ms(59_999).await;
    assert!(queue.messages().is_empty());
    client.server.advance_ms(1).await;
    assert_eq!(finished(&queue.messages()[0]).get("accountId"), None);
    client.server.advance_ms(60_000).await;
    assert_eq!(queue.messages().len(), 1);
}

#[tokio::test]
async fn cancelled_reports_are_told_too() {
    let queue = Queue::start().await;
    let client = Client::start(queue.scenario(NotificationMode::Once)).await;
    let token = client.token(EU).await;
    client.create_vat(&token, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z").await;
    client.server.advance_ms(3_000).await;
    let message = queue.messages()[0].clone();
    assert_eq!(finished(&message)["processingStatus"], "CANCELLED");
    assert_eq!(finished(&message).get("reportDocumentId"), None);
}

#[tokio::test]
async fn the_notification_can_be_there_before_the_creation_is_answered() {
    let queue = Queue::start().await;
    let client = Client::start(queue.scenario(NotificationMode::BeforeCreationIsAnswered)).await;
    let token = client.token(EU).await;
    let created = client.create_vat(&token, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").await.json();
    let messages = queue.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(finished(&messages[0])["reportId"], created["reportId"]);
    assert_eq!(finished(&messages[0])["processingStatus"], "DONE");
}

#[tokio::test]
async fn strangers_reports_are_sent_by_hand() {
    let queue = Queue::start().await;
    let client = Client::start(queue.scenario(NotificationMode::Never)).await;
    let wish = json!({"seller_id": "ASTRANGER", "report_id": "1", "report_type": "GET_SOMETHING", "copies": 2});
    assert_eq!(client.admin("POST", "/notifications/send", Some(&wish)).await.status, 200);
    assert_eq!(queue.messages().len(), 2);
    assert_eq!(finished(&queue.messages()[1])["sellerId"], "ASTRANGER");
    let vendor = ForeignNotification {
        seller_id: None,
        report_id: "2".to_owned(),
        report_type: "GET_SOMETHING".to_owned(),
        processing_status: "FATAL".to_owned(),
        report_document_id: None,
        copies: 1,
        after_ms: 0,
    };
    client.server.send_notification(&vendor).await;
    let message = queue.messages()[2].clone();
    assert_eq!(
        (finished(&message).get("sellerId"), &finished(&message)["accountId"]),
        (None, &json!("amzn1.vg.6213651"))
    );
}

#[tokio::test]
async fn a_subscription_leads_to_the_queue_of_its_destination() {
    let queue = Queue::start().await;
    let client = Client::start(queue.scenario(NotificationMode::Once)).await;
    let (application, seller) = (client.grantless_token().await, client.token(EU).await);
    let destination = json!({"name": "mine", "resourceSpecification":
        {"sqs": {"arn": "arn:aws:sqs:eu-west-1:111122223333:mine"}}});
    let path = "/notifications/v1/destinations";
    let created = client.call(&application, "POST", path, Some(&destination)).await;
    assert_eq!(created.status, 200, "{}", created.text());
    assert_eq!(client.call(&application, "POST", path, Some(&destination)).await.status, 409);
    let destination_id = created.json()["payload"]["destinationId"].clone();
    let path = "/notifications/v1/subscriptions/REPORT_PROCESSING_FINISHED";
    let wish = json!({"payloadVersion": "1.0", "destinationId": destination_id});
    let subscribed = client.call(&seller, "POST", path, Some(&wish)).await;
    assert_eq!((subscribed.status, &subscribed.json()["payload"]["destinationId"]), (200, &destination_id));
    assert_eq!(client.call(&seller, "POST", path, Some(&wish)).await.status, 409);
    assert_eq!(client.get(&seller, path).await.json(), subscribed.json());
    close(&client);
    client.server.deliver_due().await;
    let urls: Vec<_> = queue.messages.lock().unwrap().iter().map(|(url, _)| url.clone()).collect();
    assert_eq!(urls, [format!("{}/111122223333/mine", queue.endpoint)]);
    let id = subscribed.json()["payload"]["subscriptionId"].as_str().unwrap().to_owned();
    assert_eq!(client.call(&application, "DELETE", &format!("{path}/{id}"), None).await.status, 200);
    assert_eq!(client.get(&seller, path).await.status, 404);
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_told_to_the_test() {
    let mut scenario = scenario();
    scenario.notifications.queue_url = None;
    let client = Client::start(scenario).await;
    close(&client);
    client.server.deliver_due().await;
    let sent = client.server.notifications();
    assert!(sent[0].failure.as_deref().unwrap().contains("no queue"), "{sent:?}");
}
