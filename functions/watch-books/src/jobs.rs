//! Reports on their way: how many stand where, and for how long.

use std::collections::BTreeMap;

use countinghouse_domain::job::JobState;
use countinghouse_domain::report::{ReportType, RequestableReport};
use countinghouse_store::{AttentionReason, Job, Origin, Pending, StoredSettlement};
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
pub(crate) const fn is_open(state: JobState) -> bool {
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
    // What a person imported says nothing about whether Amazon's come.
    let has_ended =
        |job: &&Job| matches!(job.state, JobState::Booked | JobState::Cancelled) && job.origin != Origin::Imported;
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

#[cfg(test)]
mod tests {
    use countinghouse_store::Facts;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn job(state: JobState, updated_at: &str) -> Job {
        Job {
            seller: "A3TH9S8BH6GOGM".parse().unwrap(),
            report_id: "50011020300".parse().unwrap(),
            report_type: ReportType::Requestable(RequestableReport::ScVatTaxReport),
            state,
            origin: Origin::Poll,
            window: None,
            marketplaces: Vec::new(),
            window_key: None,
            facts: Facts::default(),
            recorded_at: at("2026-11-01T00:00:00Z"),
            updated_at: at(updated_at),
            next_check_at: None,
            rebooked: None,
        }
    }

    #[test]
    fn what_is_on_its_way_ages_and_what_has_ended_is_counted_for_a_month() {
        let now = at("2026-11-22T12:00:00Z");
        let jobs = [
            job(JobState::Done, "2026-11-22T05:00:00Z"),
            job(JobState::Done, "2026-11-22T11:00:00Z"),
            // Its bytes are in the bucket, and nobody books them.
            job(JobState::Downloaded, "2026-11-22T11:59:00Z"),
            job(JobState::Booked, "2026-11-01T00:00:00Z"),
            job(JobState::Booked, "2026-10-01T00:00:00Z"),
        ];
        let states = by_state(&jobs, &[], now);
        assert_eq!(states["done"], StateFigures { count: 2, oldest_s: 7 * 3_600 });
        assert_eq!(states["downloaded"], StateFigures { count: 1, oldest_s: 60 });
        assert_eq!(states["booked"], StateFigures { count: 1, oldest_s: 0 });
        assert_eq!(oldest_open_s(&states), 7 * 3_600);
        assert_eq!(oldest_open_s(&BTreeMap::new()), 0);
    }

    #[test]
    fn a_vat_report_without_data_is_one_and_one_that_waits_is_none() {
        let jobs = [
            job(JobState::Booked, "2026-11-19T04:00:00Z"),
            job(JobState::Cancelled, "2026-11-20T04:00:00Z"),
            job(JobState::Quarantined, "2026-11-21T04:00:00Z"),
            job(JobState::Requested, "2026-11-22T04:00:00Z"),
        ];
        assert_eq!(last_vat_report(&jobs), Some(at("2026-11-20T04:00:00Z")));
        assert_eq!(last_vat_report(&jobs[2..]), None);
    }

    #[test]
    fn amazons_ninety_days_run_from_when_it_made_the_report() {
        let now = at("2026-11-22T12:00:00Z");
        let known_late = Job {
            facts: Facts { created_at: Some(at("2026-08-30T12:00:00Z")), ..Facts::default() },
            ..job(JobState::Done, "2026-11-21T00:00:00Z")
        };
        assert_eq!(days_until_lost(&[job(JobState::Done, "2026-11-21T00:00:00Z")], &[], now), Some(69));
        assert_eq!(
            days_until_lost(&[known_late.clone(), job(JobState::Done, "2026-11-21T00:00:00Z")], &[], now),
            Some(6)
        );
        assert_eq!(days_until_lost(&[Job { state: JobState::Downloaded, ..known_late.clone() }], &[], now), None);
        assert_eq!(days_until_lost(&[known_late], &[], at("2026-11-30T12:00:00Z")), None, "what is lost is lost");
    }
}
