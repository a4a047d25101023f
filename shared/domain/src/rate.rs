//! The token bucket that Amazon's rate limits follow: so many requests a second, so many at once.
//!
//! One bucket for each (selling partner, operation) serves all functions. It learns its rate from the answers
//! (`x-amzn-RateLimit-Limit`) and is emptied by a 429. Source: "Usage Plans and Rate Limits" (WIRE.md 4).

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::SellerId;

/// An operation of the Selling Partner API that has a bucket of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// Asks for a report.
    CreateReport,
    /// The state of one report.
    GetReport,
    /// The list of reports.
    GetReports,
    /// The address of a report's document.
    GetReportDocument,
    /// A token for a document with personal data.
    CreateRestrictedDataToken,
    /// Hands in invoices of a vendor, retail procurement.
    SubmitInvoices,
    /// Hands in invoices of a vendor, direct fulfillment.
    SubmitInvoice,
    /// What became of a vendor's transaction, retail procurement.
    GetTransaction,
    /// What became of a vendor's transaction, direct fulfillment; both versions of the API share this bucket.
    GetTransactionStatus,
    /// The purchases of a window, Amazon Business.
    GetTransactions,
    /// The invoices of line items, Amazon Business.
    GetInvoiceDetailsByOrderLineItems,
    /// A place for a feed's bytes.
    CreateFeedDocument,
    /// Makes a feed of uploaded bytes.
    CreateFeed,
    /// The state of one feed.
    GetFeed,
    /// The address of a feed's processing report.
    GetFeedDocument,
    /// The list of feeds.
    GetFeeds,
    /// Where a seller sells.
    GetMarketplaceParticipations,
    /// The places that an application has its notifications sent to.
    GetDestinations,
    /// A further such place.
    CreateDestination,
    /// One such place less.
    DeleteDestination,
    /// Which notifications of a type a seller's events make.
    GetSubscription,
    /// Notifications of a type, from now on.
    CreateSubscription,
    /// No notifications of a type any more.
    DeleteSubscriptionById,
    /// A new secret for an application.
    RotateApplicationClientSecret,
    /// A feed of type `UPLOAD_VAT_INVOICE`: Amazon limits these besides createFeed. No request has this name; who makes
    /// such a feed takes from this bucket too.
    UploadVatInvoice,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 25] = [
        Self::CreateReport,
        Self::GetReport,
        Self::GetReports,
        Self::GetReportDocument,
        Self::CreateRestrictedDataToken,
        Self::SubmitInvoices,
        Self::SubmitInvoice,
        Self::GetTransaction,
        Self::GetTransactionStatus,
        Self::GetTransactions,
        Self::GetInvoiceDetailsByOrderLineItems,
        Self::CreateFeedDocument,
        Self::CreateFeed,
        Self::GetFeed,
        Self::GetFeedDocument,
        Self::GetFeeds,
        Self::GetMarketplaceParticipations,
        Self::GetDestinations,
        Self::CreateDestination,
        Self::DeleteDestination,
        Self::GetSubscription,
        Self::CreateSubscription,
        Self::DeleteSubscriptionById,
        Self::RotateApplicationClientSecret,
        Self::UploadVatInvoice,
    ];

    /// Amazon's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateReport => "createReport",
            Self::GetReport => "getReport",
            Self::GetReports => "getReports",
            Self::GetReportDocument => "getReportDocument",
            Self::CreateRestrictedDataToken => "createRestrictedDataToken",
            Self::SubmitInvoices => "submitInvoices",
            Self::SubmitInvoice => "submitInvoice",
            Self::GetTransaction => "getTransaction",
            Self::GetTransactionStatus => "getTransactionStatus",
            Self::GetTransactions => "getTransactions",
            Self::GetInvoiceDetailsByOrderLineItems => "getInvoiceDetailsByOrderLineItems",
            Self::CreateFeedDocument => "createFeedDocument",
            Self::CreateFeed => "createFeed",
            Self::GetFeed => "getFeed",
            Self::GetFeedDocument => "getFeedDocument",
            Self::GetFeeds => "getFeeds",
            Self::GetMarketplaceParticipations => "getMarketplaceParticipations",
            Self::GetDestinations => "getDestinations",
            Self::CreateDestination => "createDestination",
            Self::DeleteDestination => "deleteDestination",
            Self::GetSubscription => "getSubscription",
            Self::CreateSubscription => "createSubscription",
            Self::DeleteSubscriptionById => "deleteSubscriptionById",
            Self::RotateApplicationClientSecret => "rotateApplicationClientSecret",
            Self::UploadVatInvoice => "uploadVatInvoice",
        }
    }

    /// The limit that Amazon's models state, used until an answer teaches another.
    pub const fn documented_limit(self) -> Limit {
        match self {
            Self::CreateReport | Self::GetReportDocument => Limit::new(16_700, 15),
            Self::GetReport | Self::GetFeed => Limit::new(2_000_000, 15),
            Self::GetReports | Self::GetFeedDocument | Self::GetFeeds => Limit::new(22_200, 10),
            Self::GetMarketplaceParticipations => Limit::new(16_000, 15),
            Self::GetDestinations
            | Self::CreateDestination
            | Self::DeleteDestination
            | Self::GetSubscription
            | Self::CreateSubscription
            | Self::DeleteSubscriptionById => Limit::new(1_000_000, 5),
            // Once a minute, and never two at once.
            Self::RotateApplicationClientSecret => Limit::new(16_700, 1),
            Self::CreateFeedDocument => Limit::new(500_000, 15),
            Self::CreateFeed => Limit::new(8_300, 15),
            // One in three seconds, and never two at once.
            Self::UploadVatInvoice => Limit::new(333_333, 1),
            Self::CreateRestrictedDataToken => Limit::new(1_000_000, 10),
            Self::SubmitInvoices | Self::SubmitInvoice | Self::GetTransactionStatus => Limit::new(10_000_000, 10),
            Self::GetTransaction => Limit::new(10_000_000, 20),
            // Amazon's older reference says 0.5 a second, its newer one 2; for the invoices only the newer one says
            // anything. The lower rate is safe with either, and the first answer teaches the true one.
            Self::GetTransactions | Self::GetInvoiceDetailsByOrderLineItems => Limit::new(500_000, 10),
        }
    }
}

/// A rate and a burst. The rate is in millionths of a request for each second, so that no float is needed:
/// Amazon's 0.0167 requests/s are 16,700.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Millionths of a request for each second.
    pub micro_requests_per_s: u64,
    /// How many requests may be made at once after a pause.
    pub burst: u64,
}

impl Limit {
    /// A rate and a burst.
    pub const fn new(micro_requests_per_s: u64, burst: u64) -> Self {
        Self { micro_requests_per_s, burst }
    }
}

/// The rate in an `x-amzn-RateLimit-Limit` header, in millionths of a request for each second.
///
/// The header is a decimal such as `0.0167`; a text that is none, or a rate of zero, teaches nothing.
pub fn rate_of_header(text: &str) -> Option<u64> {
    let rate: rust_decimal::Decimal = text.trim().parse().ok()?;
    let micro = rate.checked_mul(1_000_000.into())?.trunc();
    u64::try_from(micro).ok().filter(|each| *each > 0)
}

/// One bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its limit, documented or learned.
    pub limit: Limit,
    /// Millionths of requests that may be made now; never more than the burst.
    pub micro_tokens: u64,
    /// When `micro_tokens` was true.
    pub updated_at: Timestamp,
    /// No request before this moment, after a 429.
    pub blocked_until: Option<Timestamp>,
    /// How many 429 came one after another.
    pub throttled_in_a_row: u32,
}

const MICRO: u64 = 1_000_000;
/// After many 429 in a row a bucket still lets one request through every quarter of an hour.
const LONGEST_PAUSE_S: u64 = 900;

impl Bucket {
    /// A full bucket.
    pub const fn full(limit: Limit, now: Timestamp) -> Self {
        Self {
            limit,
            micro_tokens: limit.burst.saturating_mul(MICRO),
            updated_at: now,
            blocked_until: None,
            throttled_in_a_row: 0,
        }
    }

    fn refilled(mut self, now: Timestamp) -> Self {
        let elapsed_ms =
            u64::try_from(now.as_millisecond().saturating_sub(self.updated_at.as_millisecond())).unwrap_or(0);
        if elapsed_ms > 0 {
            let gained = elapsed_ms.saturating_mul(self.limit.micro_requests_per_s).checked_div(1000).unwrap_or(0);
            self.micro_tokens = self.micro_tokens.saturating_add(gained).min(self.limit.burst.saturating_mul(MICRO));
            self.updated_at = now;
        }
        self
    }

    /// Takes one request: the bucket afterwards, or how long to wait.
    pub fn take(self, now: Timestamp) -> Result<Self, Duration> {
        if let Some(until) = self.blocked_until.filter(|until| *until > now) {
            let ms = u64::try_from(until.as_millisecond().saturating_sub(now.as_millisecond())).unwrap_or(0);
            return Err(Duration::from_millis(ms.max(1)));
        }
        let mut bucket = self.refilled(now);
        bucket.blocked_until = None;
        match bucket.micro_tokens.checked_sub(MICRO) {
            Some(rest) => {
                bucket.micro_tokens = rest;
                Ok(bucket)
            }
            None => Err(bucket.time_for(MICRO.saturating_sub(bucket.micro_tokens))),
        }
    }

    /// What an answer taught: the rate that its header states.
    #[must_use]
    pub fn learned(self, micro_requests_per_s: u64, now: Timestamp) -> Self {
        let mut bucket = self.refilled(now);
        bucket.limit.micro_requests_per_s = micro_requests_per_s;
        bucket.throttled_in_a_row = 0;
        bucket
    }

    /// What a 429 taught: the bucket is empty, and after several in a row the pause doubles.
    #[must_use]
    pub fn throttled(self, now: Timestamp) -> Self {
        let mut bucket = self.refilled(now);
        bucket.micro_tokens = 0;
        bucket.throttled_in_a_row = bucket.throttled_in_a_row.saturating_add(1);
        let doublings = bucket.throttled_in_a_row.saturating_sub(1).min(10);
        let pause = bucket.time_for(MICRO).saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX));
        let pause = pause.min(Duration::from_secs(LONGEST_PAUSE_S));
        bucket.blocked_until = jiff::SignedDuration::try_from(pause).ok().and_then(|each| now.checked_add(each).ok());
        bucket
    }

    fn time_for(&self, micro_tokens: u64) -> Duration {
        let rate = self.limit.micro_requests_per_s.max(1);
        let ms = micro_tokens.saturating_mul(1000).div_ceil(rate);
        Duration::from_millis(ms)
    }
}

/// A future that borrows nothing but what it was made from.
pub type BudgetFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where a bucket could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the shared rate budget could not be used")]
pub struct BudgetError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The buckets that all functions share.
pub trait RateBudget: Send + Sync + std::fmt::Debug {
    /// Takes one request: `Ok(None)` when it may be made now, `Ok(Some(wait))` when not.
    fn take<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
    ) -> BudgetFuture<'a, Result<Option<Duration>, BudgetError>>;

    /// Notes the rate that an answer stated, in millionths of a request for each second.
    fn learn<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
        micro_requests_per_s: u64,
    ) -> BudgetFuture<'a, Result<(), BudgetError>>;

    /// Notes a 429; returns how long to wait.
    fn throttled<'a>(
        &'a self,
        seller: &'a SellerId,
        operation: Operation,
    ) -> BudgetFuture<'a, Result<Duration, BudgetError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_is_followed_by_the_rate() {
        let start = at("2026-11-22T00:00:00Z");
        let mut bucket = Bucket::full(Operation::CreateReport.documented_limit(), start);
        for _ in 0..15 {
            bucket = bucket.take(start).unwrap();
        }
        assert_eq!(bucket.take(start), Err(Duration::from_millis(59_881)));
        assert!(bucket.take(at("2026-11-22T00:01:00Z")).is_ok());
    }

    #[test]
    fn a_429_empties_the_bucket_and_the_next_doubles_the_pause() {
        let start = at("2026-11-22T00:00:00Z");
        let once = Bucket::full(Limit::new(1_000_000, 10), start).throttled(start);
        assert_eq!(once.take(start), Err(Duration::from_secs(1)));
        let twice = once.throttled(start);
        assert_eq!(twice.take(start), Err(Duration::from_secs(2)));
        let often = (0..40).fold(twice, |bucket, _| bucket.throttled(start));
        assert_eq!(often.take(start), Err(Duration::from_secs(LONGEST_PAUSE_S)));
    }

    #[test]
    fn a_learned_rate_replaces_the_documented_one() {
        let start = at("2026-11-22T00:00:00Z");
        let bucket = Bucket::full(Limit::new(1, 1), start).take(start).unwrap().learned(2_000_000, start);
        assert_eq!(bucket.take(start), Err(Duration::from_millis(500)));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let bucket = Bucket::full(Limit::new(1_000_000, 1), at("2026-11-22T00:00:10Z"));
        let empty = bucket.take(at("2026-11-22T00:00:10Z")).unwrap();
        assert!(empty.take(at("2026-11-22T00:00:00Z")).is_err());
    }

    #[test]
    fn the_header_is_a_rate_and_nothing_else_teaches() {
        assert_eq!(rate_of_header("0.0167"), Some(16_700));
        assert_eq!(rate_of_header(" 2.0 "), Some(2_000_000));
        for text in ["", "0", "-1", "fast"] {
            assert_eq!(rate_of_header(text), None, "{text}");
        }
    }
}
