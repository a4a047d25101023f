//! `FEED_PROCESSING_FINISHED`.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::plus_ms;
use crate::delivery::{Message, envelope};
use crate::reply::put;
use crate::world::World;

/// The type of the notification.
pub(crate) const FEED_PROCESSING_FINISHED: &str = "FEED_PROCESSING_FINISHED";

impl World {
    /// When the end of a feed is told.
    pub(crate) fn feed_due_at(&self, seller_id: &str, number: u64) -> Option<Timestamp> {
        let feed = self.sellers.get(seller_id)?.feeds.feeds.get(&number)?;
        Some(plus_ms(feed.finished, self.settings.notifications.late_ms))
    }

    /// The messages of a feed that has ended, as many as the settings say.
    pub(crate) fn feed_messages(&self, seller_id: &str, number: u64, now: Timestamp) -> Vec<Message> {
        let settings = &self.settings.notifications;
        let Some(seller) = self.sellers.get(seller_id) else { return Vec::new() };
        let Some(feed) = seller.feeds.feeds.get(&number) else { return Vec::new() };
        let subscription =
            seller.subscriptions.iter().find(|known| known.notification_type == FEED_PROCESSING_FINISHED);
        let to = self.queue_of(subscription.map(|known| known.destination_id.as_str()));
        let subscription_id = subscription.map_or("none", |known| &known.id);
        let mut body = json!({
            "sellerId": seller_id,
            "feedId": feed.id(),
            "feedType": feed.kind,
            "processingStatus": feed.status(now).as_str(),
        });
        if settings.account_id {
            put(&mut body, "accountId", json!(format!("amzn1.merchant.o.{seller_id}")));
        }
        if let Some(id) = feed.end.as_ref().and_then(|end| end.result_document_id.as_ref()) {
            put(&mut body, "resultFeedDocumentId", json!(id));
        }
        let payload = json!({"feedProcessingFinishedNotification": body});
        let whole = || envelope(FEED_PROCESSING_FINISHED, &payload, subscription_id, feed.finished, now);
        let shared = whole();
        let text = |whole: Value| Message::about_feed(to.clone(), whole, seller_id, &feed.id());
        let copies = 0..settings.mode.copies();
        copies.map(|_| text(if settings.same_notification_id { shared.clone() } else { whole() })).collect()
    }
}
