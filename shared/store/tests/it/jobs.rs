//! Jobs.

use countinghouse_domain::ids::{ReportId, SellerId};
use countinghouse_domain::job::{JobState, Window};
use countinghouse_domain::report::{ReportType, RequestableReport};
use countinghouse_store::{
    Attached, Discovered, Facts, Found, Intent, Job, Jobs, Origin, RebookOutcome, Rebooked, WantedReport,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        a_window_is_requested_once,
        a_window_that_was_surely_not_asked_for_is_asked_for_without_looking,
        news_before_and_after_the_request_is_recorded_ends_the_same,
        late_and_repeated_news_changes_nothing,
        of_many_who_bring_the_same_news_one_moves_the_job,
        a_second_report_for_a_window_is_recorded_beside_the_first,
        a_failed_window_is_asked_for_again,
        a_wish_that_a_longer_window_covers_is_ended,
        a_settlement_found_ten_times_is_one_job,
        a_job_is_in_flight_until_it_is_downloaded,
        a_report_that_is_booked_again_keeps_what_came_of_it,
    ]
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T04:00:00Z")
}

fn wanted() -> WantedReport {
    WantedReport {
        seller: "A3TH9S8BH6GOGM".parse().unwrap(),
        report: RequestableReport::ScVatTaxReport,
        window: Window { from: at("2026-11-14T00:00:00Z"), to: at("2026-11-22T00:00:00Z") },
        marketplaces: vec!["A1PA6795UKMFR9".parse().unwrap()],
    }
}

fn seller() -> SellerId {
    wanted().seller
}

fn report() -> ReportId {
    "50011020301".parse().unwrap()
}

fn found(state: JobState, origin: Origin) -> Found {
    Found {
        report_id: report(),
        report_type: ReportType::SC_VAT_TAX_REPORT,
        state,
        origin,
        window: None,
        marketplaces: Vec::new(),
        facts: Facts { document_id: Some("amzn1.doc".parse().unwrap()), ..Facts::default() },
    }
}

async fn jobs(aws: &World) -> Jobs {
    Jobs::new(aws.dynamodb(), aws.table("jobs").await)
}

async fn a_window_is_requested_once(aws: World) {
    let jobs = jobs(&aws).await;
    assert_eq!(jobs.intend(&wanted(), now()).await.unwrap(), Intent::New);
    assert_eq!(jobs.intend(&wanted(), at("2026-11-22T05:00:00Z")).await.unwrap(), Intent::Pending { since: now() });
    assert_eq!(jobs.pending(&seller()).await.unwrap()[0].wanted, wanted());
    let covered = jobs.covered_until(&seller(), RequestableReport::ScVatTaxReport).await.unwrap();
    assert_eq!(covered, None, "what was only intended covers nothing");

    assert_eq!(jobs.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap(), Attached::Now);
    assert_eq!(jobs.attach(&wanted(), &report(), Origin::Adopted, now()).await.unwrap(), Attached::Already);
    let requested = Intent::Requested { report_id: report(), state: JobState::Requested };
    assert_eq!(jobs.intend(&wanted(), now()).await.unwrap(), requested);
    assert!(jobs.pending(&seller()).await.unwrap().is_empty());
    let covered = jobs.covered_until(&seller(), RequestableReport::ScVatTaxReport).await.unwrap();
    assert_eq!(covered, Some(wanted().window.to));
}

async fn a_window_that_was_surely_not_asked_for_is_asked_for_without_looking(aws: World) {
    let jobs = jobs(&aws).await;
    let later = at("2026-11-22T05:00:00Z");
    jobs.intend(&wanted(), now()).await.unwrap();
    let standing = jobs.window(&wanted()).await.unwrap().unwrap();
    assert_eq!((standing.state, standing.report_id, standing.since), (JobState::Intended, None, now()));
    // Somebody else's news of another time changes nothing.
    jobs.not_asked(&wanted(), later).await.unwrap();
    assert_eq!(jobs.intend(&wanted(), later).await.unwrap(), Intent::Pending { since: now() });
    jobs.not_asked(&wanted(), now()).await.unwrap();
    assert_eq!(jobs.intend(&wanted(), later).await.unwrap(), Intent::New);
    assert_eq!(jobs.intend(&wanted(), later).await.unwrap(), Intent::Pending { since: later }, "only once");

    jobs.attach(&wanted(), &report(), Origin::Requested, later).await.unwrap();
    jobs.not_asked(&wanted(), later).await.unwrap();
    let standing = jobs.window(&wanted()).await.unwrap().unwrap();
    assert_eq!((standing.state, standing.report_id, standing.again_at), (JobState::Requested, Some(report()), None));
    jobs.advance(&seller(), &report(), JobState::Fatal, Facts::default(), later).await.unwrap();
    let standing = jobs.window(&wanted()).await.unwrap().unwrap();
    assert_eq!((standing.state, standing.again_at), (JobState::Fatal, Some(at("2026-11-22T11:00:00Z"))));
}

async fn a_report_that_is_booked_again_keeps_what_came_of_it(aws: World) {
    let jobs = jobs(&aws).await;
    let rebooked = |outcome, reason: Option<&str>| Rebooked {
        order: "1".to_owned(),
        at: now(),
        outcome,
        program_version: "0.1.0".to_owned(),
        rules: "5f3c0a91d2e4".to_owned(),
        reason: reason.map(str::to_owned),
    };
    jobs.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap();
    let booked = rebooked(RebookOutcome::Booked, None);
    let early = jobs.rebooked(&seller(), &report(), &booked, &Facts::default()).await.unwrap();
    assert!(!early, "it is not in the bucket yet");
    let why = Facts { reason: Some("line 7".to_owned()), ..Facts::default() };
    jobs.advance(&seller(), &report(), JobState::Quarantined, why, now()).await.unwrap();

    let refused = rebooked(RebookOutcome::Refused, Some("other rules"));
    assert!(jobs.rebooked(&seller(), &report(), &refused, &Facts::default()).await.unwrap());
    let job = jobs.get(&seller(), &report()).await.unwrap().unwrap();
    assert_eq!((job.state, job.facts.reason.as_deref()), (JobState::Quarantined, Some("line 7")));
    assert_eq!(job.rebooked, Some(refused));

    // Still quarantined, for a newer reason; then booked, and booked once more.
    let newer = Facts { reason: Some("line 9".to_owned()), ..Facts::default() };
    let quarantined = rebooked(RebookOutcome::Quarantined, Some("line 9"));
    jobs.rebooked(&seller(), &report(), &quarantined, &newer).await.unwrap();
    let job = jobs.get(&seller(), &report()).await.unwrap().unwrap();
    assert_eq!((job.state, job.facts.reason.as_deref()), (JobState::Quarantined, Some("line 9")));
    for _ in 0..2 {
        assert!(jobs.rebooked(&seller(), &report(), &booked, &Facts::default()).await.unwrap());
        let job = jobs.get(&seller(), &report()).await.unwrap().unwrap();
        assert_eq!((job.state, job.facts.reason, job.rebooked.as_ref()), (JobState::Booked, None, Some(&booked)));
    }
    let window = Intent::Requested { report_id: report(), state: JobState::Booked };
    assert_eq!(jobs.intend(&wanted(), now()).await.unwrap(), window, "its window follows");
}

/// What may differ is only how and when the job became known.
fn essence(mut job: Job) -> Job {
    job.origin = Origin::Requested;
    job
}

async fn news_before_and_after_the_request_is_recorded_ends_the_same(aws: World) {
    let jobs_before = jobs(&aws).await;
    let other = aws.of_case("news-after");
    let jobs_after = jobs(&other).await;
    for each in [&jobs_before, &jobs_after] {
        assert_eq!(each.intend(&wanted(), now()).await.unwrap(), Intent::New);
    }
    let news = found(JobState::Done, Origin::Notification);
    assert_eq!(jobs_before.discovered(&seller(), &news, now()).await.unwrap(), Discovered::New);
    jobs_before.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap();
    jobs_after.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap();
    assert_eq!(jobs_after.discovered(&seller(), &news, now()).await.unwrap(), Discovered::Advanced);

    let before = jobs_before.get(&seller(), &report()).await.unwrap().unwrap();
    let after = jobs_after.get(&seller(), &report()).await.unwrap().unwrap();
    assert_eq!(before.state, JobState::Done);
    assert_eq!(essence(before), essence(after));
    let done = Intent::Requested { report_id: report(), state: JobState::Done };
    assert_eq!(jobs_before.intend(&wanted(), now()).await.unwrap(), done);
    assert_eq!(jobs_after.intend(&wanted(), now()).await.unwrap(), done);
}

async fn late_and_repeated_news_changes_nothing(aws: World) {
    let jobs = jobs(&aws).await;
    jobs.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap();
    let advance = async |state| jobs.advance(&seller(), &report(), state, Facts::default(), now()).await.unwrap();
    assert!(advance(JobState::Downloaded).await);
    let downloaded = jobs.get(&seller(), &report()).await.unwrap();
    for late in [JobState::Requested, JobState::Processing, JobState::Done, JobState::Downloaded, JobState::Cancelled] {
        assert!(!advance(late).await, "{late}");
    }
    let late = found(JobState::Done, Origin::Poll);
    let unchanged = Discovered::Unchanged(JobState::Downloaded);
    assert_eq!(jobs.discovered(&seller(), &late, now()).await.unwrap(), unchanged);
    assert_eq!(jobs.get(&seller(), &report()).await.unwrap(), downloaded);
    assert!(advance(JobState::Booked).await);
}

async fn of_many_who_bring_the_same_news_one_moves_the_job(aws: World) {
    let jobs = jobs(&aws).await;
    jobs.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap();
    let (seller, report) = (seller(), report());
    let all = (0..10).map(|_| jobs.advance(&seller, &report, JobState::Done, Facts::default(), now()));
    let all = futures_util::future::join_all(all).await;
    assert_eq!(all.into_iter().filter(|moved| *moved.as_ref().unwrap()).count(), 1);
}

async fn a_second_report_for_a_window_is_recorded_beside_the_first(aws: World) {
    let jobs = jobs(&aws).await;
    jobs.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap();
    let second: ReportId = "50011020302".parse().unwrap();
    let attached = jobs.attach(&wanted(), &second, Origin::Requested, now()).await.unwrap();
    assert_eq!(attached, Attached::Another(report()));
    assert!(jobs.get(&seller(), &second).await.unwrap().is_some(), "its rows must not be lost");
    assert_eq!(jobs.list(&seller(), 10).await.unwrap().len(), 2);
}

async fn a_failed_window_is_asked_for_again(aws: World) {
    let jobs = jobs(&aws).await;
    let covered = async || jobs.covered_until(&seller(), RequestableReport::ScVatTaxReport).await.unwrap();
    jobs.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap();
    let why = Facts { reason: Some("no role".to_owned()), ..Facts::default() };
    assert!(jobs.advance(&seller(), &report(), JobState::Fatal, why.clone(), now()).await.unwrap());
    assert_eq!(jobs.get(&seller(), &report()).await.unwrap().unwrap().facts.reason, why.reason);
    assert_eq!(covered().await, None);
    let failed = Intent::Requested { report_id: report(), state: JobState::Fatal };
    assert_eq!(jobs.intend(&wanted(), now()).await.unwrap(), failed, "not at once");
    let later = now() + SignedDuration::from_hours(6);
    assert_eq!(jobs.intend(&wanted(), later).await.unwrap(), Intent::New);
    assert_eq!(jobs.pending(&seller()).await.unwrap().len(), 1);
    jobs.attach(&wanted(), &"50011020302".parse().unwrap(), Origin::Requested, later).await.unwrap();
    assert_eq!(covered().await, Some(wanted().window.to));
}

async fn a_wish_that_a_longer_window_covers_is_ended(aws: World) {
    let jobs = jobs(&aws).await;
    jobs.intend(&wanted(), now()).await.unwrap();
    let elsewhere = WantedReport { marketplaces: vec!["A13V1IB3VIYZZH".parse().unwrap()], ..wanted() };
    jobs.intend(&elsewhere, now()).await.unwrap();
    let longer = WantedReport { window: Window { to: at("2026-11-23T00:00:00Z"), ..wanted().window }, ..wanted() };
    jobs.intend(&longer, now()).await.unwrap();
    jobs.attach(&longer, &report(), Origin::Requested, now()).await.unwrap();
    let left: Vec<_> = jobs.pending(&seller()).await.unwrap().into_iter().map(|each| each.wanted).collect();
    assert_eq!(left, [elsewhere]);
}

async fn a_settlement_found_ten_times_is_one_job(aws: World) {
    let jobs = jobs(&aws).await;
    let settlement = Found { report_type: ReportType::SETTLEMENT_V2, ..found(JobState::Done, Origin::Notification) };
    let seller = seller();
    let found = (0..10).map(|_| jobs.discovered(&seller, &settlement, now()));
    let found = futures_util::future::join_all(found).await;
    let new = found.iter().filter(|each| matches!(each, Ok(Discovered::New))).count();
    let old = found.iter().filter(|each| matches!(each, Ok(Discovered::Unchanged(JobState::Done)))).count();
    assert_eq!((new, old), (1, 9));
    assert_eq!(jobs.list(&seller, 10).await.unwrap().len(), 1);
}

async fn a_job_is_in_flight_until_it_is_downloaded(aws: World) {
    let jobs = jobs(&aws).await;
    jobs.attach(&wanted(), &report(), Origin::Requested, now()).await.unwrap();
    let checks = async || {
        let jobs = jobs.in_flight(&seller()).await.unwrap();
        jobs.into_iter().map(|job| job.next_check_at.unwrap()).collect::<Vec<_>>()
    };
    let advance = async |state| jobs.advance(&seller(), &report(), state, Facts::default(), now()).await.unwrap();
    assert_eq!(checks().await, [now()]);
    advance(JobState::Done).await;
    assert_eq!(checks().await, [now() + SignedDuration::from_hours(1)]);
    jobs.look_again(&seller(), &report(), at("2026-11-22T09:00:00Z")).await.unwrap();
    assert_eq!(checks().await, [at("2026-11-22T09:00:00Z")]);
    advance(JobState::Downloaded).await;
    assert!(checks().await.is_empty());
    jobs.look_again(&seller(), &report(), now()).await.unwrap();
    assert!(checks().await.is_empty(), "a job that is downloaded is not looked after any more");
    assert!(jobs.in_flight(&"A2".parse().unwrap()).await.unwrap().is_empty());
}
