//! Amazon's notification, as far as it matters here.
//!
//! Source: the schema `ReportProcessingFinishedNotification` and real captures (WIRE.md 5): `payloadVersion` is
//! `1.0` in reality, `accountId` may be absent, `sellerId` is null for vendor groups, and older types are written
//! in Pascal case.

use serde::Deserialize;

/// The envelope.
#[derive(Debug, Deserialize)]
pub(crate) struct Notification {
    #[serde(alias = "NotificationType", rename = "notificationType")]
    pub(crate) notification_type: String,
    #[serde(alias = "Payload", rename = "payload", default)]
    pub(crate) payload: Payload,
}

/// What the types that matter carry; every other type has an empty payload here.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Payload {
    #[serde(alias = "ReportProcessingFinishedNotification", rename = "reportProcessingFinishedNotification")]
    pub(crate) report: Option<ReportFinished>,
    #[serde(alias = "FeedProcessingFinishedNotification", rename = "feedProcessingFinishedNotification")]
    pub(crate) feed: Option<FeedFinished>,
}

/// A feed has ended. How it ended is asked of Amazon.
#[derive(Debug, Deserialize)]
pub(crate) struct FeedFinished {
    #[serde(alias = "SellerId", rename = "sellerId")]
    pub(crate) seller_id: Option<String>,
    #[serde(alias = "FeedId", rename = "feedId")]
    pub(crate) feed_id: String,
    #[serde(alias = "FeedType", rename = "feedType")]
    pub(crate) feed_type: String,
}

/// A report has ended.
#[derive(Debug, Deserialize)]
pub(crate) struct ReportFinished {
    #[serde(alias = "SellerId", rename = "sellerId")]
    pub(crate) seller_id: Option<String>,
    #[serde(alias = "ReportId", rename = "reportId")]
    pub(crate) report_id: String,
    #[serde(alias = "ReportType", rename = "reportType")]
    pub(crate) report_type: String,
    #[serde(alias = "ProcessingStatus", rename = "processingStatus")]
    pub(crate) processing_status: String,
    #[serde(alias = "ReportDocumentId", rename = "reportDocumentId")]
    pub(crate) report_document_id: Option<String>,
}

/// The type that says that a report has ended.
pub(crate) const REPORT_PROCESSING_FINISHED: &str = "REPORT_PROCESSING_FINISHED";

/// The type that says that a feed has ended.
pub(crate) const FEED_PROCESSING_FINISHED: &str = "FEED_PROCESSING_FINISHED";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_that_has_ended_is_read() {
        let text = r#"{"notificationVersion":"2020-09-04","notificationType":"FEED_PROCESSING_FINISHED","payloadVersion":"1.0",
            "payload":{"feedProcessingFinishedNotification":{"sellerId":"A1SELLER","accountId":"amzn1.merchant.o.A1SELLER",
            "feedId":"53347018502","feedType":"UPLOAD_VAT_INVOICE","processingStatus":"DONE","resultFeedDocumentId":"amzn1.tortuga.3.x"}}}"#;
        let feed = serde_json::from_str::<Notification>(text).unwrap().payload.feed.unwrap();
        assert_eq!((feed.feed_id.as_str(), feed.feed_type.as_str()), ("53347018502", "UPLOAD_VAT_INVOICE"));
        assert_eq!(feed.seller_id.as_deref(), Some("A1SELLER"));
    }

    #[test]
    fn the_wire_form_of_today_is_read() {
        let text = r#"{"notificationVersion":"2020-09-04","notificationType":"REPORT_PROCESSING_FINISHED","payloadVersion":"1.0",
            "eventTime":"2026-11-14T03:35:13.214Z","payload":{"reportProcessingFinishedNotification":{"sellerId":"A1SELLER",
            "reportId":"54517018502","reportType":"SC_VAT_TAX_REPORT","processingStatus":"DONE","reportDocumentId":"amzn1.tortuga.3.x"}},
            "notificationMetadata":{"applicationId":"a","subscriptionId":"s","publishTime":"2026-11-14T03:35:14Z","notificationId":"n"}}"#;
        let report = serde_json::from_str::<Notification>(text).unwrap().payload.report.unwrap();
        assert_eq!(report.seller_id.as_deref(), Some("A1SELLER"));
        assert_eq!(report.report_document_id.as_deref(), Some("amzn1.tortuga.3.x"));
    }

    #[test]
    fn pascal_case_and_a_vendor_group_without_seller_are_read() {
        let text = r#"{"NotificationType":"REPORT_PROCESSING_FINISHED","Payload":{"ReportProcessingFinishedNotification":
            {"SellerId":null,"ReportId":"1","ReportType":"GET_VENDOR_SALES_REPORT","ProcessingStatus":"FATAL"}}}"#;
        let report = serde_json::from_str::<Notification>(text).unwrap().payload.report.unwrap();
        assert_eq!(report.seller_id, None);
        assert_eq!(report.processing_status, "FATAL");
    }

    #[test]
    fn another_type_is_read_as_an_envelope_alone() {
        let text = r#"{"notificationType":"ANY_OFFER_CHANGED","payload":{"anyOfferChanged":{"x":1}}}"#;
        assert!(serde_json::from_str::<Notification>(text).unwrap().payload.report.is_none());
    }
}
