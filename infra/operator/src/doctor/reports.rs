//! Reports on their way into the books: those that stand still, and those that cannot be read.

use countinghouse_domain::job::JobState;
use countinghouse_store::{Job, Jobs, Pending, Seller, StoreError};
use jiff::SignedDuration;

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use crate::desk::age;

/// A report is in the books within minutes; Amazon itself may take an hour or two to make one.
const STUCK_AFTER: SignedDuration = SignedDuration::from_hours(6);
/// More than an account has in 90 days: daily reports, those of own invoices every six hours, settlements.
const LOOKED_AT: usize = 2_000;

/// Whether reports come through, and whether each could be read.
pub(super) async fn check(patient: &Patient, account: &Seller) -> Vec<Finding> {
    let about = |check, verdict| Finding::about(check, &account.seller_id, verdict);
    match read(patient, account).await {
        Ok((jobs, pending)) => vec![
            about(Check::Jobs, stuck(patient, account, &jobs, &pending)),
            about(Check::Quarantine, quarantined(patient, account, &jobs)),
        ],
        Err(error) => vec![about(Check::Jobs, patient.unread(&error))],
    }
}

async fn read(patient: &Patient, account: &Seller) -> Result<(Vec<Job>, Vec<Pending>), StoreError> {
    let jobs = Jobs::new(patient.stack.dynamodb(), &patient.stack.tables.jobs);
    let listed = jobs.list(&account.seller_id, LOOKED_AT).await?;
    Ok((listed, jobs.pending(&account.seller_id).await?))
}

fn stuck(patient: &Patient, account: &Seller, jobs: &[Job], pending: &[Pending]) -> Verdict {
    let is_old = |since| patient.now.duration_since(since) > STUCK_AFTER;
    let is_under_way = |job: &&Job| job.state.is_in_flight() || job.state == JobState::Downloaded;
    let under_way: Vec<_> = jobs.iter().filter(is_under_way).collect();
    let oldest_job = under_way.iter().filter(|job| is_old(job.updated_at)).min_by_key(|job| job.updated_at);
    let oldest_wish = pending.iter().filter(|wish| is_old(wish.since)).min_by_key(|wish| wish.since);
    let stuck = under_way.iter().filter(|job| is_old(job.updated_at)).count()
        + pending.iter().filter(|wish| is_old(wish.since)).count();
    let (what, since, function) = match (oldest_job, oldest_wish) {
        (Some(job), _) => (
            format!("report {} ({}) is {}", job.report_id, job.report_type.name(), job.state.name()),
            job.updated_at,
            next_function(job.state),
        ),
        (None, Some(wish)) => {
            (format!("{} is wanted and not requested", wish.wanted.report.name()), wish.since, "create-reports")
        }
        (None, None) => {
            let count = under_way.len().saturating_add(pending.len());
            return Verdict::fine(if count == 0 {
                "nothing is under way".to_owned()
            } else {
                format!("{count} under way, none without a step for more than 6 h")
            });
        }
    };
    let more = if stuck > 1 { format!(", and {} more", stuck - 1) } else { String::new() };
    let mut cure =
        vec![patient.mend.log(function), patient.mend.own(&format!("status --account {}", account.seller_id))];
    match function {
        "download-documents" => cure.push(patient.mend.own("redrive downloads")),
        "book-documents" => cure.push(patient.mend.own("redrive bookings")),
        _ => {}
    }
    Verdict::look(format!("{what} and has made no step for {}{more}", age(since, patient.now)), cure)
}

/// The function whose turn it is.
const fn next_function(state: JobState) -> &'static str {
    match state {
        JobState::Done => "download-documents",
        JobState::Downloaded => "book-documents",
        JobState::Intended
        | JobState::Requested
        | JobState::Processing
        | JobState::Booked
        | JobState::Cancelled
        | JobState::Fatal
        | JobState::Quarantined => "poll-jobs",
    }
}

fn quarantined(patient: &Patient, account: &Seller, jobs: &[Job]) -> Verdict {
    let found: Vec<_> = jobs.iter().filter(|job| job.state == JobState::Quarantined).collect();
    let Some(newest) = found.first() else { return Verdict::fine("every report could be read") };
    let reason = newest.facts.reason.as_deref().unwrap_or("no reason is stored");
    let more = match found.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    Verdict::look(
        format!("report {} ({}) cannot be booked: {reason}{more}", newest.report_id, newest.report_type.name()),
        [
            "mend the cause, or deploy the version that reads it; see what booking it again would change, then do it:"
                .to_owned(),
            patient.mend.own(&format!("replay --quarantined --account {}", account.seller_id)),
            patient.mend.own(&format!("redrive --quarantined --account {}", account.seller_id)),
        ],
    )
}
