//! The schedules: are they there, are they on, and did what they start get done?

use aws_sdk_scheduler::types::ScheduleState;
use countinghouse_domain::rate::{Bucket, Operation};
use countinghouse_domain::report::RequestableReport;
use countinghouse_store::{DynamoRateBudget, Jobs, Purchases, Seller, StoreError};
use jiff::{SignedDuration, Timestamp};

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use super::unanswered::Unanswered;
use crate::desk::{age, minute};

/// poll-jobs asks for the list of a seller's reports every five minutes.
const POLLED_WITHIN: SignedDuration = SignedDuration::from_hours(2);
/// A VAT report is asked for each day; silence of 36 hours is an alarm.
const REPORTED_WITHIN: SignedDuration = SignedDuration::from_hours(36);
/// A day of purchases is pulled in the hour after it.
const PULLED_WITHIN: SignedDuration = SignedDuration::from_hours(36);

/// Every schedule of the template.
pub(super) async fn check(patient: &Patient) -> Vec<Finding> {
    let made = match patient.made("AWS::Scheduler::Schedule") {
        Ok(made) => made,
        Err(unanswered) => return vec![Finding::new(Check::Schedule, "all schedules", unanswered)],
    };
    let mut findings = Vec::new();
    for schedule in made {
        let name = schedule.name();
        findings.push(Finding::new(Check::Schedule, name, one(patient, name).await));
    }
    findings
}

async fn one(patient: &Patient, name: &str) -> Verdict {
    let page = patient.mend.console(&format!("scheduler/home?region={}#schedules/default/{name}", patient.mend.region));
    match patient.stack.scheduler().get_schedule().name(name).send().await {
        Ok(schedule) => {
            let expression = schedule.schedule_expression().unwrap_or_default().to_owned();
            match schedule.state() {
                Some(ScheduleState::Enabled) => Verdict::fine(format!("on: {expression}")),
                _ => Verdict::broken("it is disabled", switched_on(patient, &page)),
            }
        }
        Err(error) => {
            let unanswered = Unanswered::aws("scheduler:GetSchedule", &error);
            if unanswered.is_missing() {
                let cure =
                    [patient.mend.deploy("ScheduleState=DISABLED"), patient.mend.deploy("ScheduleState=ENABLED")];
                return Verdict::broken("it was deleted", cure);
            }
            unanswered.verdict(&patient.mend)
        }
    }
}

/// All at once where the template says so; one that somebody switched off by hand in the console.
fn switched_on(patient: &Patient, page: &str) -> Vec<String> {
    if patient.parameter("ScheduleState") == Some("DISABLED") {
        vec![patient.mend.deploy("ScheduleState=ENABLED")]
    } else {
        vec![format!("enable it: {page}")]
    }
}

/// What a schedule starts for an account, and what is stored of it.
struct Work {
    function: &'static str,
    /// What is known up to a moment.
    done: &'static str,
    within: SignedDuration,
}

/// What is stored of each schedule's last run for an account.
pub(super) async fn last_runs(patient: &Patient, account: &Seller) -> Vec<Finding> {
    let mut found = Vec::new();
    if account.flows.settlements {
        let done = "Amazon was last asked for the list of reports";
        let work = Work { function: "poll-jobs", done, within: POLLED_WITHIN };
        found.push((work, polled(patient, account).await));
    }
    if account.flows.vat {
        let done = "VAT reports are asked for, without a hole, up to";
        let work = Work { function: "create-reports", done, within: REPORTED_WITHIN };
        found.push((work, reported(patient, account).await));
    }
    if account.flows.purchases {
        let done = "purchases are pulled up to";
        let work = Work { function: "pull-purchases", done, within: PULLED_WITHIN };
        found.push((work, pulled(patient, account).await));
    }
    let finding = |(work, last): (Work, Result<Option<Timestamp>, StoreError>)| {
        let verdict = match last {
            Ok(last) => judged(patient, account, &work, last),
            Err(error) => patient.unread(&error),
        };
        Finding::part(Check::LastRun, &account.seller_id, work.function, verdict)
    };
    found.into_iter().map(finding).collect()
}

/// When something was last taken from the budget for the list of reports.
async fn polled(patient: &Patient, account: &Seller) -> Result<Option<Timestamp>, StoreError> {
    let (client, clock) = (patient.stack.dynamodb(), std::sync::Arc::clone(&patient.clock));
    let budget = DynamoRateBudget::new(client, &patient.stack.tables.rate_budgets, clock);
    let bucket = budget.bucket(&account.seller_id, Operation::GetReports).await?;
    // A bucket that nobody has ever taken from is full, at this moment.
    let untouched = Bucket::full(Operation::GetReports.documented_limit(), bucket.updated_at);
    Ok((bucket != untouched).then_some(bucket.updated_at))
}

/// Up to where VAT reports were asked for.
async fn reported(patient: &Patient, account: &Seller) -> Result<Option<Timestamp>, StoreError> {
    let jobs = Jobs::new(patient.stack.dynamodb(), &patient.stack.tables.jobs);
    jobs.covered_until(&account.seller_id, RequestableReport::ScVatTaxReport).await
}

/// Up to where purchases were pulled.
async fn pulled(patient: &Patient, account: &Seller) -> Result<Option<Timestamp>, StoreError> {
    let purchases = Purchases::new(patient.stack.dynamodb(), &patient.stack.tables.purchases, 0);
    let windows = purchases.windows(&account.seller_id).await?;
    Ok(windows.iter().filter(|window| window.completed_at.is_some()).map(|window| window.window.to).max())
}

fn judged(patient: &Patient, account: &Seller, work: &Work, last: Option<Timestamp>) -> Verdict {
    let is_late = |since| patient.now.duration_since(since) > work.within;
    let connected = account.connected_at;
    match last {
        Some(last) if !is_late(last) => Verdict::fine(format!("{} {} UTC", work.done, minute(last))),
        _ if !is_late(connected) => {
            Verdict::fine(format!("connected {} ago, its turn comes", age(connected, patient.now)))
        }
        Some(last) => Verdict::look(
            format!("{} {} UTC only, {} ago", work.done, minute(last), age(last, patient.now)),
            cure(patient, work),
        ),
        None => Verdict::look(
            format!(
                "{} has done nothing since the account was connected, {} ago",
                work.function,
                age(connected, patient.now)
            ),
            cure(patient, work),
        ),
    }
}

fn cure(patient: &Patient, work: &Work) -> [String; 2] {
    [
        patient.mend.log(work.function),
        format!("see whether its schedule is on: {}", patient.mend.own("doctor --findings")),
    ]
}
