//! What Amazon's rates make of calls. Pure.

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::rate::{Bucket, Operation};
use jiff::{SignedDuration, Timestamp};

/// Calls that are still to be made, and the budget that they are taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Calls {
    pub(super) account: SellerId,
    pub(super) operation: Operation,
    /// How many.
    pub(super) count: u64,
    /// Whether nobody can know before Amazon has answered how many there are.
    pub(super) at_least: bool,
    pub(super) bucket: Bucket,
}

const MICRO: u64 = 1_000_000;

impl Calls {
    /// How many of them can be made now.
    pub(super) fn at_once(&self, now: Timestamp) -> u64 {
        if self.bucket.blocked_until.is_some_and(|until| until > now) {
            return 0;
        }
        self.tokens(now).checked_div(MICRO).unwrap_or(0)
    }

    /// How long it is from one to the next, after those.
    pub(super) fn pause(&self) -> SignedDuration {
        milliseconds(MICRO.saturating_mul(1_000).div_ceil(self.bucket.limit.micro_requests_per_s.max(1)))
    }

    /// How long it takes to make all of them, if nobody else takes from the budget.
    pub(super) fn takes(&self, now: Timestamp) -> SignedDuration {
        let blocked = self.bucket.blocked_until.map_or(SignedDuration::ZERO, |until| until.duration_since(now));
        let missing = self.count.saturating_mul(MICRO).saturating_sub(self.tokens(now));
        let rate = self.bucket.limit.micro_requests_per_s.max(1);
        let refill = milliseconds(missing.saturating_mul(1_000).div_ceil(rate));
        if self.count == 0 { SignedDuration::ZERO } else { blocked.max(SignedDuration::ZERO).max(refill) }
    }

    /// Millionths of calls that the budget has now.
    fn tokens(&self, now: Timestamp) -> u64 {
        // What was learned before is learned again: that fills it up to now and changes nothing else.
        self.bucket.learned(self.bucket.limit.micro_requests_per_s, now).micro_tokens
    }
}

fn milliseconds(count: u64) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(count).unwrap_or(i64::MAX))
}

/// How long all of them take: accounts and operations have budgets of their own, so the slowest decides.
pub(super) fn takes(calls: &[Calls], now: Timestamp) -> SignedDuration {
    calls.iter().map(|each| each.takes(now)).max().unwrap_or(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn calls(operation: Operation, count: u64, bucket: Bucket) -> Calls {
        Calls { account: "A1".parse().unwrap(), operation, count, at_least: false, bucket }
    }

    #[test]
    fn after_a_burst_of_fifteen_reports_are_asked_for_once_a_minute() {
        let now = at("2026-11-22T00:00:00Z");
        let full = Bucket::full(Operation::CreateReport.documented_limit(), now);
        let of = |count| calls(Operation::CreateReport, count, full);
        assert_eq!(of(15).takes(now), SignedDuration::ZERO);
        assert_eq!(of(15).at_once(now), 15);
        assert_eq!(of(1).pause().as_secs(), 59);
        assert_eq!(of(25).takes(now).as_secs(), 598);
    }

    #[test]
    fn what_others_have_taken_counts_and_what_has_come_back_since_does_too() {
        let start = at("2026-11-22T00:00:00Z");
        let mut bucket = Bucket::full(Operation::CreateReport.documented_limit(), start);
        for _ in 0..15 {
            bucket = bucket.take(start).unwrap();
        }
        let one = calls(Operation::CreateReport, 1, bucket);
        assert_eq!(one.takes(start).as_millis(), 59_881);
        assert_eq!(one.takes(at("2026-11-22T00:00:30Z")).as_secs(), 29);
        assert_eq!(one.takes(at("2026-11-22T00:05:00Z")), SignedDuration::ZERO);
    }

    #[test]
    fn after_a_429_nothing_is_to_be_had_for_a_while() {
        let now = at("2026-11-22T00:00:00Z");
        let bucket = Bucket::full(Operation::GetReports.documented_limit(), now).throttled(now).throttled(now);
        let one = calls(Operation::GetReports, 1, bucket);
        assert_eq!(one.at_once(now), 0);
        assert_eq!(one.takes(now).as_secs(), 90);
        assert_eq!(calls(Operation::GetReports, 0, bucket).takes(now), SignedDuration::ZERO);
    }

    #[test]
    fn the_slowest_budget_decides() {
        let now = at("2026-11-22T00:00:00Z");
        let full = |operation: Operation| Bucket::full(operation.documented_limit(), now);
        let all = [
            calls(Operation::CreateReport, 20, full(Operation::CreateReport)),
            calls(Operation::GetReports, 11, full(Operation::GetReports)),
        ];
        assert_eq!(takes(&all, now).as_secs(), 299);
        assert_eq!(takes(&[], now), SignedDuration::ZERO);
    }
}
