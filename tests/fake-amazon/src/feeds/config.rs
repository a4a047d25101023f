//! What a scenario or a test says about feeds and own invoices.

use serde::{Deserialize, Serialize};

use crate::scenario::once;

/// How feeds are treated.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeedSettings {
    /// Milliseconds in `IN_QUEUE`.
    pub queue_ms: i64,
    /// Milliseconds in `IN_PROGRESS`.
    pub processing_ms: i64,
    /// So many milliseconds after the feed's end the VAT invoice data report tells the result.
    pub decision_ms: i64,
    /// One `UPLOAD_VAT_INVOICE` in so many milliseconds: its own pace, besides that of createFeed.
    pub pace_ms: i64,
    /// `false` takes metadata keys in small letters only. Amazon's own texts have them in both.
    pub any_case: bool,
    /// `true` shows rejected documents in a report of pending ones too. Amazon's text names pending ones only.
    pub pending_has_rejected: bool,
}

impl Default for FeedSettings {
    fn default() -> Self {
        Self {
            queue_ms: 1_000,
            processing_ms: 2_000,
            decision_ms: 0,
            pace_ms: 3_000,
            any_case: true,
            pending_has_rejected: false,
        }
    }
}

/// What the next feeds become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedOutcome {
    /// For this seller only.
    #[serde(default)]
    pub seller_id: Option<String>,
    /// For this invoice number only.
    #[serde(default)]
    pub invoice_number: Option<String>,
    /// For so many feeds.
    #[serde(default = "once")]
    pub times: u32,
    /// What they become.
    pub result: FeedResult,
}

impl FeedOutcome {
    /// What the next feed becomes.
    pub fn next(result: FeedResult) -> Self {
        Self { seller_id: None, invoice_number: None, times: 1, result }
    }

    /// The same for one invoice number only.
    #[must_use]
    pub fn about(self, invoice_number: &str) -> Self {
        Self { invoice_number: Some(invoice_number.to_owned()), ..self }
    }
}

/// How a feed ends that would have been accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FeedResult {
    /// `DONE`, with this error in its report; the document is rejected.
    Rejected {
        /// Amazon's code.
        code: u32,
        /// Amazon's text.
        message: String,
    },
    /// `DONE` with a report of success, and yet the document is rejected.
    RejectedLater {
        /// What the VAT invoice data report says.
        message: String,
    },
    /// `FATAL` without a document; nothing happened.
    Fatal,
    /// `CANCELLED`; nothing happened.
    Cancelled,
    /// `DONE`, but the document stays in processing for ever.
    Processing,
}
