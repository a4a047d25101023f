//! The figures of one account, worked out from what is stored of it. Pure.

use std::collections::BTreeMap;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::marketplace::Marketplace;
use countinghouse_domain::rate::{Bucket, Operation};
use countinghouse_store::{Job, Pending, Seller, StoredSettlement};
use jiff::Timestamp;

use crate::balance::{Balance, balances};
use crate::jobs::{self, KEPT_DAYS, StateFigures};

/// What is stored of an account, as far as it says how things stand.
#[derive(Debug, Clone)]
pub struct StoredAccount {
    /// Who is connected, and for what.
    pub seller: Seller,
    /// All settlements, the oldest end first.
    pub settlements: Vec<StoredSettlement>,
    /// The newest reports, and every one that is on its way.
    pub jobs: Vec<Job>,
    /// Windows that are wanted and have no report.
    pub pending: Vec<Pending>,
    /// The rate budgets that were used.
    pub buckets: Vec<(Operation, Bucket)>,
    /// When the application's secret expires, where anything is known of its age.
    pub secret_expires_at: Option<Timestamp>,
}

/// How things stand with an account. What an account is not connected for is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFigures {
    /// Whose.
    pub seller: SellerId,
    /// The account at Amazon in each currency.
    pub balances: Vec<Balance>,
    /// For how many hours there has been no settlement.
    pub hours_since_settlement: Option<u64>,
    /// For how many hours no VAT report has come to its end.
    pub hours_since_vat_report: Option<u64>,
    /// Reports by state.
    pub states: BTreeMap<&'static str, StateFigures>,
    /// For how long the report on its way that has stood still the longest has stood still.
    pub oldest_open_job_s: u64,
    /// The fullness of the rate budget that is the emptiest, in percent.
    pub rate_left_percent: u64,
    /// In how many days the application's secret expires; negative when it has.
    pub days_until_secret_expires: Option<i64>,
    /// In how many days Amazon deletes the first report that is wanted and not stored; 90 where none is.
    pub days_until_reports_are_lost: i64,
}

impl AccountFigures {
    /// Works the figures out.
    pub fn of(account: &StoredAccount, now: Timestamp) -> Self {
        let seller = &account.seller;
        let connected = seller.connected_at;
        let hours_since =
            |last: Option<Timestamp>| jobs::seconds_since(last.unwrap_or(connected), now).div_euclid(3_600);
        let last_settlement = account.settlements.iter().map(|each| each.header.end).max();
        let states = jobs::by_state(&account.jobs, &account.pending, now);
        let lost = jobs::days_until_lost(&account.jobs, &account.settlements, now);
        Self {
            seller: seller.seller_id.clone(),
            balances: balances(&account.settlements),
            hours_since_settlement: seller.flows.settlements.then(|| hours_since(last_settlement)),
            hours_since_vat_report: has_vat_reports(seller).then(|| hours_since(jobs::last_vat_report(&account.jobs))),
            oldest_open_job_s: jobs::oldest_open_s(&states),
            states,
            rate_left_percent: least_left_percent(&account.buckets, now),
            days_until_secret_expires: account.secret_expires_at.map(|at| days_between(now, at)),
            days_until_reports_are_lost: lost.unwrap_or(KEPT_DAYS),
        }
    }
}

/// Whether VAT reports are asked for: the flow is on, and one of the marketplaces has them.
fn has_vat_reports(seller: &Seller) -> bool {
    let mut marketplaces = seller.marketplace_ids.iter().filter_map(Marketplace::by_id);
    seller.flows.vat && marketplaces.any(Marketplace::has_vat_reports)
}

/// Whole days from one moment to another, rounded down: an hour ago is minus one.
fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_hours().div_euclid(24)
}

/// How full the bucket is in which least is left, in percent. One that takes a single request at a time is empty after
/// each and says nothing.
fn least_left_percent(buckets: &[(Operation, Bucket)], now: Timestamp) -> u64 {
    let several = buckets.iter().filter(|(_, bucket)| bucket.limit.burst > 1);
    several.map(|(_, bucket)| left_percent(*bucket, now)).min().unwrap_or(100)
}

/// How full a bucket is now, in percent; nothing may be taken from one that a 429 has closed.
fn left_percent(bucket: Bucket, now: Timestamp) -> u64 {
    if bucket.blocked_until.is_some_and(|until| until > now) {
        return 0;
    }
    // What was learned before is learned again: that fills it up to now and changes nothing else.
    let full = bucket.limit.burst.saturating_mul(1_000_000);
    let tokens = bucket.learned(bucket.limit.micro_requests_per_s, now).micro_tokens;
    tokens.saturating_mul(100).checked_div(full).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_bucket_fills_with_time_and_a_429_closes_it() {
        let start = at("2026-11-22T00:00:00Z");
        let full = Bucket::full(Operation::GetReports.documented_limit(), start);
        assert_eq!(left_percent(full, start), 100);
        let taken = full.take(start).unwrap();
        assert_eq!(left_percent(taken, start), 90);
        assert_eq!(left_percent(taken, at("2026-11-22T01:00:00Z")), 100);
        assert_eq!(left_percent(taken.throttled(start), start), 0);
        let single = Bucket::full(Operation::UploadVatInvoice.documented_limit(), start).take(start).unwrap();
        let buckets = [(Operation::GetReports, taken), (Operation::UploadVatInvoice, single)];
        assert_eq!((least_left_percent(&buckets, start), least_left_percent(&[], start)), (90, 100));
    }

    #[test]
    fn days_are_whole_and_what_has_passed_is_negative() {
        let now = at("2026-11-22T12:00:00Z");
        assert_eq!(days_between(now, at("2026-12-22T13:00:00Z")), 30);
        assert_eq!(days_between(now, at("2026-11-22T13:00:00Z")), 0);
        assert_eq!(days_between(now, at("2026-11-22T11:00:00Z")), -1);
    }
}
