//! Reports on their way: how many stand where, and for how long.

use std::collections::BTreeMap;

use countinghouse_domain::job::JobState;
use countinghouse_domain::report::{ReportType, RequestableReport};
use countinghouse_store::{AttentionReason, Job, Pending, StoredSettlement};
use jiff::{SignedDuration, Timestamp};

/// What has ended is counted for so long.
const COUNTED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Amazon keeps a report for 90 days. Source: "Reports API v2021-06-30 reference", getReportDocument.
pub(crate) const KEPT_DAYS: i64 = 90;

/// The reports in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateFigures {
    /// How many.
    pub count: u64,
    /// For how long the one that has stood still the longest has stood still, in seconds; zero for what has ended.
    pub oldest_s: u64,
}

/// Every state, the order of the program's own list.
pub(crate) const STATES: [JobState; 9] = JobState::ALL;

/// Whether somebody still has to do something with a report in this state.
const fn is_open(state: JobState) -> bool {
    state.is_in_flight() || matches!(state, JobState::Downloaded)
}

/// Seconds, hours, days: whole ones that have passed; zero for what lies ahead.
pub(crate) fn seconds_since(earlier: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(earlier).as_secs()).unwrap_or(0)
}

/// How many of an account's reports stand in each state; wishes that became no report yet are `intended`.
pub(crate) fn by_state(jobs: &[Job], pending: &[Pending], now: Timestamp) -> BTreeMap<&'static str, StateFigures> {
    let mut states: BTreeMap<&'static str, StateFigures> = BTreeMap::new();
    let mut add = |state: JobState, since: Timestamp| {
        let figures = states.entry(state.name()).or_default();
        figures.count = figures.count.saturating_add(1);
        if is_open(state) {
            figures.oldest_s = figures.oldest_s.max(seconds_since(since, now));
        }
    };
    for job in jobs {
        if is_open(job.state) || now.duration_since(job.updated_at) <= COUNTED {
            add(job.state, job.updated_at);
        }
    }
    for wish in pending {
        add(JobState::Intended, wish.since);
    }
    states
}

/// For how long the report on its way that has stood still the longest has stood still, in seconds.
pub(crate) fn oldest_open_s(states: &BTreeMap<&'static str, StateFigures>) -> u64 {
    states.values().map(|figures| figures.oldest_s).max().unwrap_or(0)
}

/// When the last VAT report came to its end: in the books, or without data.
pub(crate) fn last_vat_report(jobs: &[Job]) -> Option<Timestamp> {
    let is_vat = |job: &&Job| matches!(job.report_type, ReportType::Requestable(RequestableReport::ScVatTaxReport));
    let has_ended = |job: &&Job| matches!(job.state, JobState::Booked | JobState::Cancelled);
    jobs.iter().filter(is_vat).filter(has_ended).map(|job| job.updated_at).max()
}

/// In how many days Amazon deletes the first report that is wanted and not stored; none where nothing is waiting. What is
/// lost already is not counted: the gap in the chain stays, and the file may still be downloaded by hand.
pub(crate) fn days_until_lost(jobs: &[Job], settlements: &[StoredSettlement], now: Timestamp) -> Option<i64> {
    let not_stored = jobs.iter().filter(|job| job.state.is_in_flight());
    let waiting = not_stored.map(|job| job.facts.created_at.unwrap_or(job.recorded_at));
    // The settlement that is missing before a gap ended, at the latest, when the next one began.
    let gaps = settlements.iter().filter(|each| each.reasons.contains(&AttentionReason::Gap));
    let missing = gaps.map(|each| each.header.start);
    let days = |since: Timestamp| KEPT_DAYS.saturating_sub(now.duration_since(since).as_hours().div_euclid(24));
    waiting.chain(missing).map(days).filter(|left| *left >= 0).min()
}
