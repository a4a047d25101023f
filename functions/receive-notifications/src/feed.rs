//! A feed has ended: where it carried an own invoice, somebody asks Amazon what became of it.

use std::time::Duration;

use countinghouse_domain::ids::{FeedId, SellerId};
use countinghouse_runtime::messages::{InvoiceFeed, Version};
use countinghouse_vat_invoices::upload::FEED_TYPE;

use crate::notification::FeedFinished;
use crate::{Dependencies, NotificationError, short};

/// Takes the end of a feed; false where it is of no concern here: another type, another program's, or known.
pub(crate) async fn take(dependencies: &Dependencies, feed: &FeedFinished) -> Result<bool, NotificationError> {
    if feed.feed_type != FEED_TYPE {
        tracing::info!(feed_type = short(&feed.feed_type), "a notification of a feed that is not an own invoice");
        return Ok(false);
    }
    let Some(seller_id) = &feed.seller_id else { return Ok(false) };
    let seller_id: SellerId = seller_id.parse()?;
    let feed_id: FeedId = feed.feed_id.parse()?;
    let invoices = &dependencies.own_invoices;
    let Some(document) = invoices.document_of_feed(&seller_id, feed_id.as_str()).await? else {
        // Another program's; or it came before the feed was written down, and poll-jobs asks.
        tracing::info!(seller_id = seller_id.as_str(), "a notification of a feed that is not known");
        return Ok(false);
    };
    let known = invoices.get(&seller_id, &document).await?.and_then(|known| known.feed);
    if !known.is_some_and(|known| known.feed_id == feed_id.as_str() && known.hint.is_none()) {
        return Ok(false);
    }
    let message = InvoiceFeed { version: Version, seller_id, feed_id };
    dependencies.uploads.send(&message, Duration::ZERO).await?;
    let (seller_id, feed_id) = (message.seller_id.as_str(), message.feed_id.as_str());
    tracing::info!(seller_id, feed_id, document, "the feed of an own invoice has ended");
    Ok(true)
}
