//! Token buckets: one for each pair of selling partner and operation.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::operations::{Operation, OperationSpec};

/// How hard the server limits its callers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateSettings {
    /// `false` lets every call through.
    pub enabled: bool,
    /// Every rate is multiplied by this; the bursts stay.
    pub scale: f64,
    /// Other figures for single operations, before `scale`.
    pub operations: BTreeMap<Operation, Plan>,
}

impl Default for RateSettings {
    fn default() -> Self {
        Self { enabled: true, scale: 1.0, operations: BTreeMap::new() }
    }
}

/// A usage plan.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Calls a second, in the long run.
    pub rate: f64,
    /// Calls at once.
    pub burst: u32,
}

impl RateSettings {
    /// The plan in force for an operation.
    pub(crate) fn plan(&self, spec: &OperationSpec) -> Plan {
        let plan = self.operations.get(&spec.operation).copied();
        let plan = plan.unwrap_or(Plan { rate: spec.rate, burst: spec.burst });
        Plan { rate: plan.rate * self.scale, burst: plan.burst }
    }
}

/// The buckets of all callers.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    buckets: HashMap<(String, String), Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Timestamp,
}

impl Buckets {
    /// Takes one token, and tells whether there was one.
    pub(crate) fn take(&mut self, caller: &str, operation: &str, plan: Plan, now: Timestamp) -> bool {
        let full = f64::from(plan.burst);
        let bucket = self
            .buckets
            .entry((caller.to_owned(), operation.to_owned()))
            .or_insert(Bucket { tokens: full, filled_at: now });
        let elapsed_s = now.duration_since(bucket.filled_at).as_secs_f64().max(0.0);
        bucket.tokens = (bucket.tokens + elapsed_s * plan.rate).min(full);
        bucket.filled_at = now;
        // A token that lacks a rounding error is a token.
        if bucket.tokens < 1.0 - 1e-9 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    /// Fills all buckets again.
    pub(crate) fn clear(&mut self) {
        self.buckets.clear();
    }
}

/// A rate as the `x-amzn-RateLimit-Limit` header has it: always with a decimal point.
pub(crate) fn rate_header(rate: f64) -> String {
    format!("{rate:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::plus_ms;

    const PLAN: Plan = Plan { rate: 0.5, burst: 2 };

    #[test]
    fn a_bucket_gives_its_burst_then_refills_at_its_rate() {
        let mut buckets = Buckets::default();
        let start: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
        let mut take = |at| buckets.take("seller", "getReport", PLAN, at);
        assert!(take(start) && take(start));
        assert!(!take(start));
        assert!(!take(plus_ms(start, 1_999)));
        assert!(take(plus_ms(start, 2_000)));
        assert!(!take(plus_ms(start, 2_000)));
    }

    #[test]
    fn callers_and_operations_do_not_share_a_bucket() {
        let mut buckets = Buckets::default();
        let plan = Plan { rate: 1.0, burst: 1 };
        let now = Timestamp::UNIX_EPOCH;
        assert!(buckets.take("a", "getReport", plan, now));
        assert!(!buckets.take("a", "getReport", plan, now));
        assert!(buckets.take("b", "getReport", plan, now));
        assert!(buckets.take("a", "getReports", plan, now));
    }

    #[test]
    fn the_header_has_a_decimal_point() {
        assert_eq!((rate_header(2.0), rate_header(0.0167)), ("2.0".to_owned(), "0.0167".to_owned()));
    }
}
