//! `REPORT_PROCESSING_FINISHED`: when it is due, what it says, and its way into a queue.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::clock::{millisecond_time, plus_ms};
use crate::reply::put;
use crate::report::Report;
use crate::scenario::NotificationSettings;
use crate::seller::Seller;
use crate::world::World;

/// The only type that the server sends by itself.
pub const REPORT_PROCESSING_FINISHED: &str = "REPORT_PROCESSING_FINISHED";
const APPLICATION_ID: &str = "amzn1.sellerapps.app.00000000-0000-4000-8000-000000000001";

/// Notifications that wait, and those that went.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    watched: Vec<(String, u64)>,
    watched_feeds: Vec<(String, u64)>,
    raw: Vec<RawNotification>,
    pub(crate) sent: Vec<SentNotification>,
}

/// A message that does not come from a report's end.
#[derive(Clone, Debug)]
pub(crate) struct RawNotification {
    due: Timestamp,
    to: Option<Queue>,
    seller_id: Option<String>,
    report_id: Option<String>,
    body: Value,
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Queue {
    Url(String),
    Arn(String),
}

/// A message on its way.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    to: Option<Queue>,
    body: Value,
    seller_id: Option<String>,
    report_id: Option<String>,
    feed_id: Option<String>,
}

/// A message that was sent, or could not be.
#[derive(Clone, Debug, Serialize)]
pub struct SentNotification {
    /// When.
    pub at: Timestamp,
    /// Whose report.
    pub seller_id: Option<String>,
    /// Which report.
    pub report_id: Option<String>,
    /// Which feed, if it is about a feed.
    pub feed_id: Option<String>,
    /// Why it is not in a queue, if it is not.
    pub failure: Option<String>,
}

/// A notification that a test sends by hand: of a stranger's report, or of a report that nobody knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignNotification {
    /// Whose report; none leaves `sellerId` out, as for a vendor group.
    #[serde(default)]
    pub seller_id: Option<String>,
    /// Which report.
    pub report_id: String,
    /// Of which type.
    pub report_type: String,
    /// `DONE`, `CANCELLED` or `FATAL`.
    #[serde(default = "done")]
    pub processing_status: String,
    /// Its document.
    #[serde(default)]
    pub report_document_id: Option<String>,
    /// How often it is sent.
    #[serde(default = "one")]
    pub copies: usize,
    /// So many milliseconds from now.
    #[serde(default)]
    pub after_ms: i64,
}

fn done() -> String {
    "DONE".to_owned()
}

fn one() -> usize {
    1
}

impl RawNotification {
    /// What sendTestNotification sends.
    pub(crate) fn test(arn: String, notification_type: &str, now: Timestamp) -> Self {
        let body = envelope(notification_type, &json!({"testNotification": true}), "test", now, now);
        Self { due: now, to: Some(Queue::Arn(arn)), seller_id: None, report_id: None, body }
    }

    /// Something about an application itself: no subscription makes it.
    pub(crate) fn about_application(to: Queue, notification_type: &str, payload: &Value, now: Timestamp) -> Self {
        let body = envelope(notification_type, payload, "none", now, now);
        Self { due: now, to: Some(to), seller_id: None, report_id: None, body }
    }
}

impl Outbox {
    /// Reports its end when it comes.
    pub(crate) fn watch(&mut self, seller_id: &str, number: u64) {
        self.watched.push((seller_id.to_owned(), number));
    }

    /// Tells a feed's end when it comes.
    pub(crate) fn watch_feed(&mut self, seller_id: &str, number: u64) {
        self.watched_feeds.push((seller_id.to_owned(), number));
    }

    pub(crate) fn push(&mut self, notification: RawNotification) {
        self.raw.push(notification);
    }
}

impl World {
    /// Sends notifications of a report that need not exist.
    pub(crate) fn send_foreign(&mut self, wish: &ForeignNotification, now: Timestamp) {
        let due = plus_ms(now, wish.after_ms);
        let fields = ReportFields {
            seller_id: wish.seller_id.as_deref(),
            account_id: self.settings.notifications.account_id.then(|| match &wish.seller_id {
                Some(seller_id) => format!("amzn1.merchant.o.{seller_id}"),
                None => "amzn1.vg.6213651".to_owned(),
            }),
            report_id: wish.report_id.clone(),
            report_type: &wish.report_type,
            status: &wish.processing_status,
            document_id: wish.report_document_id.as_deref(),
        };
        let subscription = wish.seller_id.as_deref().and_then(|id| self.sellers.get(id)).and_then(subscription);
        let to = self.queue_of(subscription.map(|(_, destination_id)| destination_id));
        for _ in 0..wish.copies {
            let body = envelope(REPORT_PROCESSING_FINISHED, &fields.payload(), "foreign", due, due);
            let report_id = Some(wish.report_id.clone());
            let seller_id = wish.seller_id.clone();
            self.outbox.raw.push(RawNotification { due, to: to.clone(), seller_id, report_id, body });
        }
    }

    /// Takes out the messages whose time has come, in the order of their reports.
    pub(crate) fn due_messages(&mut self, now: Timestamp) -> Vec<Message> {
        self.tick(now);
        let raw = std::mem::take(&mut self.outbox.raw);
        let (due, later): (Vec<_>, Vec<_>) = raw.into_iter().partition(|one| one.due <= now);
        self.outbox.raw = later;
        let mut messages: Vec<_> = due.into_iter().map(RawNotification::into_message).collect();
        let watched = std::mem::take(&mut self.outbox.watched);
        for (seller_id, number) in watched {
            match self.due_at(&seller_id, number) {
                Some(due) if due <= now => messages.extend(self.report_messages(&seller_id, number, now)),
                Some(_) => self.outbox.watched.push((seller_id, number)),
                None => {}
            }
        }
        for (seller_id, number) in std::mem::take(&mut self.outbox.watched_feeds) {
            match self.feed_due_at(&seller_id, number) {
                Some(due) if due <= now => messages.extend(self.feed_messages(&seller_id, number, now)),
                Some(_) => self.outbox.watched_feeds.push((seller_id, number)),
                None => {}
            }
        }
        messages
    }

    /// When the next message is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let raw = self.outbox.raw.iter().map(|one| one.due);
        let watched = self.outbox.watched.iter().filter_map(|(seller_id, number)| self.due_at(seller_id, *number));
        let feeds = self.outbox.watched_feeds.iter().filter_map(|(id, number)| self.feed_due_at(id, *number));
        let schedules = self.sellers.values().flat_map(|seller| seller.schedules.values()).map(|one| one.next);
        raw.chain(watched).chain(feeds).chain(schedules).min()
    }

    fn due_at(&self, seller_id: &str, number: u64) -> Option<Timestamp> {
        let report = self.sellers.get(seller_id)?.reports.get(&number)?;
        Some(plus_ms(report.finished, self.settings.notifications.late_ms))
    }

    pub(crate) fn queue_of(&self, destination_id: Option<&str>) -> Option<Queue> {
        let destination = destination_id.and_then(|id| self.destinations.iter().find(|known| known.id == id));
        match destination.and_then(|known| known.sqs_arn()) {
            Some(arn) => Some(Queue::Arn(arn.to_owned())),
            None => self.settings.notifications.queue_url.clone().map(Queue::Url),
        }
    }

    fn report_messages(&self, seller_id: &str, number: u64, now: Timestamp) -> Vec<Message> {
        let settings = &self.settings.notifications;
        let Some(seller) = self.sellers.get(seller_id) else { return Vec::new() };
        let Some(report) = seller.reports.get(&number) else { return Vec::new() };
        let subscription = subscription(seller);
        let to = self.queue_of(subscription.map(|(_, destination_id)| destination_id));
        let subscription_id = subscription.map_or("none", |(id, _)| id);
        let payload = report_fields(seller_id, report, settings, now).payload();
        let whole = || envelope(REPORT_PROCESSING_FINISHED, &payload, subscription_id, report.finished, now);
        let shared = whole();
        let body = || if settings.same_notification_id { shared.clone() } else { whole() };
        let message = || Message {
            to: to.clone(),
            body: body(),
            seller_id: Some(seller_id.to_owned()),
            report_id: Some(report.id()),
            feed_id: None,
        };
        (0..settings.mode.copies()).map(|_| message()).collect()
    }
}

impl RawNotification {
    fn into_message(self) -> Message {
        Message { to: self.to, body: self.body, seller_id: self.seller_id, report_id: self.report_id, feed_id: None }
    }
}

impl Message {
    /// A message about a feed.
    pub(crate) fn about_feed(to: Option<Queue>, body: Value, seller_id: &str, feed_id: &str) -> Self {
        let (seller_id, feed_id) = (Some(seller_id.to_owned()), Some(feed_id.to_owned()));
        Self { to, body, seller_id, report_id: None, feed_id }
    }
}

/// The seller's subscription and its destination.
fn subscription(seller: &Seller) -> Option<(&str, &str)> {
    let wanted = seller.subscriptions.iter().find(|known| known.notification_type == REPORT_PROCESSING_FINISHED)?;
    Some((&wanted.id, &wanted.destination_id))
}

struct ReportFields<'a> {
    seller_id: Option<&'a str>,
    account_id: Option<String>,
    report_id: String,
    report_type: &'a str,
    status: &'a str,
    document_id: Option<&'a str>,
}

fn report_fields<'a>(
    seller_id: &'a str,
    report: &'a Report,
    settings: &NotificationSettings,
    now: Timestamp,
) -> ReportFields<'a> {
    ReportFields {
        seller_id: Some(seller_id),
        account_id: settings.account_id.then(|| format!("amzn1.merchant.o.{seller_id}")),
        report_id: report.id(),
        report_type: &report.report_type,
        status: report.status(now).as_str(),
        document_id: report.end.as_ref().and_then(|end| end.document_id.as_deref()),
    }
}

impl ReportFields<'_> {
    fn payload(&self) -> Value {
        let mut body = json!({
            "reportId": self.report_id,
            "reportType": self.report_type,
            "processingStatus": self.status,
        });
        for (name, value) in [
            ("sellerId", self.seller_id),
            ("accountId", self.account_id.as_deref()),
            ("reportDocumentId", self.document_id),
        ] {
            if let Some(value) = value {
                put(&mut body, name, json!(value));
            }
        }
        json!({"reportProcessingFinishedNotification": body})
    }
}

pub(crate) fn envelope(
    notification_type: &str,
    payload: &Value,
    subscription_id: &str,
    event: Timestamp,
    published: Timestamp,
) -> Value {
    json!({
        "notificationVersion": "2020-09-04",
        "notificationType": notification_type,
        "payloadVersion": "1.0",
        "eventTime": millisecond_time(event),
        "payload": payload,
        "notificationMetadata": {
            "applicationId": APPLICATION_ID,
            "subscriptionId": subscription_id,
            "publishTime": millisecond_time(published),
            "notificationId": Uuid::new_v4().to_string(),
        },
    })
}

/// The endpoint and the region that a client was made for.
type MadeFor = (Option<String>, Option<String>);

/// Carries messages to SQS; the client is made when the first one goes.
#[derive(Debug, Default)]
pub(crate) struct Courier {
    client: Mutex<Option<(MadeFor, aws_sdk_sqs::Client)>>,
    urls: Mutex<HashMap<String, String>>,
}

impl Courier {
    /// Sends one message and tells how it went.
    pub(crate) async fn send(
        &self,
        settings: &NotificationSettings,
        message: &Message,
        now: Timestamp,
    ) -> SentNotification {
        let failure = match &message.to {
            None => Some("there is no queue: no subscription and no queue_url".to_owned()),
            Some(Queue::Arn(arn)) if arn.rsplit('.').next() == Some("fifo") => {
                Some("FIFO queues receive nothing".to_owned())
            }
            Some(queue) => self.put(settings, queue, &message.body).await.err(),
        };
        if let Some(failure) = &failure {
            tracing::warn!(seller_id = message.seller_id, report_id = message.report_id, %failure, "notification not sent");
        }
        SentNotification {
            at: now,
            seller_id: message.seller_id.clone(),
            report_id: message.report_id.clone(),
            feed_id: message.feed_id.clone(),
            failure,
        }
    }

    async fn put(&self, settings: &NotificationSettings, queue: &Queue, body: &Value) -> Result<(), String> {
        let client = self.client(settings).await;
        let url = match queue {
            Queue::Url(url) => url.clone(),
            Queue::Arn(arn) => self.url(&client, arn).await?,
        };
        let sending = client.send_message().queue_url(url).message_body(body.to_string()).send();
        sending.await.map(drop).map_err(|error| chain(&error))
    }

    async fn client(&self, settings: &NotificationSettings) -> aws_sdk_sqs::Client {
        let key = (settings.endpoint_url.clone(), settings.region.clone());
        let mut known = self.client.lock().await;
        if let Some((_, client)) = known.as_ref().filter(|(made_for, _)| *made_for == key) {
            return client.clone();
        }
        let client = connect(settings).await;
        *known = Some((key, client.clone()));
        client
    }

    async fn url(&self, client: &aws_sdk_sqs::Client, arn: &str) -> Result<String, String> {
        if let Some(url) = self.urls.lock().await.get(arn) {
            return Ok(url.clone());
        }
        let mut parts = arn.rsplit(':');
        let (name, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let asked = client.get_queue_url().queue_name(name).queue_owner_aws_account_id(account).send();
        let url = asked.await.map_err(|error| chain(&error))?.queue_url.ok_or("the queue has no URL")?;
        self.urls.lock().await.insert(arn.to_owned(), url.clone());
        Ok(url)
    }
}

/// The client for SQS: endpoint, region and credentials from the environment, or else what a local AWS takes.
async fn connect(settings: &NotificationSettings) -> aws_sdk_sqs::Client {
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http);
    if let Some(endpoint) = &settings.endpoint_url {
        // A queue given by the scenario is a local one: no real credentials are looked for.
        let credentials = aws_sdk_sqs::config::Credentials::new("test", "test", None, None, "scenario");
        loader = loader.endpoint_url(endpoint).credentials_provider(credentials);
        loader = loader.region(aws_config::Region::new("eu-west-1"));
    }
    if let Some(region) = &settings.region {
        loader = loader.region(aws_config::Region::new(region.clone()));
    }
    aws_sdk_sqs::Client::new(&loader.load().await)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
