//! What needs a person, and what to do about it. Pure.

use std::collections::BTreeSet;

use countinghouse_domain::job::JobState;
use countinghouse_domain::report::{ReportType, RequestableReport};
use countinghouse_store::{AttentionReason, Job, NeedsAttention, StoredSettlement, Waiting};
use countinghouse_vat_invoices::state::State;
use jiff::{SignedDuration, Timestamp};

use super::gather::{Account, Overview};
use crate::desk;

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Want {
    /// Whose; empty where it is the stack's own.
    pub(super) account: String,
    pub(super) what: String,
    pub(super) since: Option<Timestamp>,
    pub(super) why: String,
    pub(super) cure: &'static str,
}

/// No settlement for so long is silence: Amazon closes one every fourteen days. The template's alarm has the same limit.
const SETTLEMENT_SILENCE_HOURS: u64 = 16 * 24;
/// No VAT report for so long is silence: one is asked for every day. The template's alarm has the same limit.
const VAT_SILENCE_HOURS: u64 = 36;
/// A report that stands still for so long is stuck. The template's alarm has the same limit.
const STUCK: SignedDuration = SignedDuration::from_hours(6);
/// What failed at Amazon before is history.
const RECENT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// All of it, account by account.
pub(super) fn of(overview: &Overview) -> Vec<Want> {
    let now = overview.now;
    let mut wants = Vec::new();
    for account in &overview.accounts {
        settlements(account, now, &mut wants);
        reports(account, now, &mut wants);
        silence(account, &mut wants);
        others(account, &mut wants);
    }
    for (name, depth) in overview.queues.iter().filter(|(_, depth)| depth.dead > 0) {
        wants.push(Want {
            account: String::new(),
            what: format!("queue {name}-dlq"),
            since: None,
            why: format!("{} failed too often", counted(depth.dead, "message")),
            cure: if name == "schedules" {
                "the log of the function says why; the next run of the schedule does the same"
            } else {
                "mend what the function's log says, then countinghouse redrive"
            },
        });
    }
    wants
}

fn settlements(account: &Account, now: Timestamp, wants: &mut Vec<Want>) {
    for each in &account.attention {
        match each {
            NeedsAttention::Conflict(conflict) if conflict.booked.seller != conflict.seller => wants.push(Want {
                account: account.seller.seller_id.to_string(),
                what: format!("settlement {}", conflict.settlement_id),
                since: Some(conflict.refused_at),
                why: format!(
                    "report {} has it, but it is booked for account {}",
                    conflict.refused_report_id, conflict.booked.seller
                ),
                cure: "see in Seller Central which id is the Merchant Token; countinghouse disconnect the other",
            }),
            NeedsAttention::Conflict(conflict) => wants.push(Want {
                account: account.seller.seller_id.to_string(),
                what: format!("settlement {}", conflict.settlement_id),
                since: Some(conflict.refused_at),
                why: format!(
                    "report {} has other bytes than report {}, which is booked",
                    conflict.refused_report_id, conflict.booked.report_id
                ),
                cure: "compare the two reports; what is booked stays",
            }),
            NeedsAttention::Settlement(settlement) => settlement_wants(account, settlement, now, wants),
        }
    }
}

fn settlement_wants(account: &Account, settlement: &StoredSettlement, now: Timestamp, wants: &mut Vec<Want>) {
    let id = &settlement.header.settlement_id;
    let claimed_at = settlement.claimed.claimed_at;
    for reason in &settlement.reasons {
        // A settlement that is being booked needs nobody for some minutes.
        if *reason == AttentionReason::Booking && now.duration_since(claimed_at) < STUCK {
            continue;
        }
        let (why, cure) = words(*reason, settlement);
        let since = settlement.proof.as_ref().map_or(claimed_at, |proof| proof.completed_at);
        let what = format!("settlement {id}");
        wants.push(Want { account: account.seller.seller_id.to_string(), what, since: Some(since), why, cure });
    }
}

fn words(reason: AttentionReason, settlement: &StoredSettlement) -> (String, &'static str) {
    let (header, proof) = (&settlement.header, settlement.proof.as_ref());
    match reason {
        AttentionReason::Booking => {
            ("claimed, and not completed".to_owned(), "look into the queue bookings-dlq: countinghouse redrive")
        }
        AttentionReason::Unproven => (
            proof.map_or_else(
                || "unproven".to_owned(),
                |proof| {
                    let difference = desk::money(proof.difference, header.currency);
                    format!("unproven: the payments miss the total by {difference} {}", header.currency)
                },
            ),
            "compare the report in the bucket with Seller Central",
        ),
        AttentionReason::Unclassified => (
            format!("{} that no rule knows", counted(proof.map_or(0, |proof| proof.unclassified), "amount")),
            "add a rule to rules.txt, deploy, then countinghouse replay",
        ),
        AttentionReason::Gap => (
            format!("the settlement before {} is missing", desk::day(header.start)),
            "countinghouse backfill; what is older than 90 days: countinghouse import",
        ),
        AttentionReason::ReserveDiffers => (
            "the reserve that came back is not what the settlement before held back".to_owned(),
            "compare the two settlements: a row is missing in one",
        ),
        AttentionReason::PayableDiffers => (
            "the debt carried forward is not the negative total of the settlement before".to_owned(),
            "compare the two settlements: a row is missing in one",
        ),
        AttentionReason::Conflict => ("in conflict".to_owned(), "compare the two reports; what is booked stays"),
    }
}

fn reports(account: &Account, now: Timestamp, wants: &mut Vec<Want>) {
    let covered = covered_windows(&account.jobs);
    for job in &account.jobs {
        let Some((why, cure)) = trouble(account, job, &covered, now) else { continue };
        let reason = job.facts.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        wants.push(Want {
            account: account.seller.seller_id.to_string(),
            what: format!("report {} ({})", job.report_id, job.report_type),
            since: Some(job.updated_at),
            why: format!("{why}{reason}"),
            cure,
        });
    }
}

/// What is wrong with a report, and what to do about it.
fn trouble(
    account: &Account,
    job: &Job,
    covered: &BTreeSet<&str>,
    now: Timestamp,
) -> Option<(&'static str, &'static str)> {
    let stood = now.duration_since(job.updated_at);
    let is_replaced = job.window_key.as_ref().is_some_and(|key| covered.contains(key.as_str()));
    match job.state {
        // A conflict is told of with its settlement.
        JobState::Quarantined if !in_conflict(account, job) => {
            Some(("quarantined", "mend the cause, then countinghouse redrive; the bytes are in the bucket"))
        }
        JobState::Fatal if stood < RECENT && !is_replaced => {
            Some(("failed at Amazon", "countinghouse backfill asks again after six hours"))
        }
        JobState::Downloaded if stood > STUCK => {
            Some(("downloaded, and not booked", "look into the queue bookings-dlq: countinghouse redrive"))
        }
        JobState::Intended | JobState::Requested | JobState::Processing | JobState::Done if stood > STUCK => {
            Some(("stands still at Amazon or on the way from there", "countinghouse doctor"))
        }
        JobState::Intended
        | JobState::Requested
        | JobState::Processing
        | JobState::Done
        | JobState::Downloaded
        | JobState::Booked
        | JobState::Cancelled
        | JobState::Fatal
        | JobState::Quarantined => None,
    }
}

/// The windows that have a good report, whatever became of others before.
fn covered_windows(jobs: &[Job]) -> BTreeSet<&str> {
    let good = jobs.iter().filter(|job| job.state != JobState::Fatal);
    good.filter_map(|job| job.window_key.as_deref()).collect()
}

fn in_conflict(account: &Account, job: &Job) -> bool {
    account.attention.iter().any(|each| match each {
        NeedsAttention::Conflict(conflict) => conflict.refused_report_id == job.report_id,
        NeedsAttention::Settlement(_) => false,
    })
}

fn silence(account: &Account, wants: &mut Vec<Want>) {
    let mut say = |hours: Option<u64>, limit: u64, what: &str, cure| {
        let Some(hours) = hours.filter(|hours| *hours > limit) else { return };
        let silent = desk::span(SignedDuration::from_hours(i64::try_from(hours).unwrap_or(i64::MAX)));
        wants.push(Want {
            account: account.seller.seller_id.to_string(),
            what: what.to_owned(),
            since: None,
            why: format!("none for {silent}"),
            cure,
        });
    };
    say(account.figures.hours_since_settlement, SETTLEMENT_SILENCE_HOURS, "settlements", "countinghouse doctor");
    say(account.figures.hours_since_vat_report, VAT_SILENCE_HOURS, "VAT reports", "countinghouse doctor");
}

fn others(account: &Account, wants: &mut Vec<Want>) {
    let mut say = |what: &str, since: Option<Timestamp>, why: String, cure| {
        let (account, what) = (account.seller.seller_id.to_string(), what.to_owned());
        wants.push(Want { account, what, since, why, cure });
    };
    if account.vendor_needs > 0 {
        say(
            "vendor invoices",
            None,
            format!("{} need a person", account.vendor_needs),
            "countinghouse vendor status --open",
        );
    }
    for (waiting, count, since) in account.purchases.iter().filter(|(_, count, _)| *count > 0) {
        let why = match waiting {
            Waiting::Unreadable => "that cannot be read",
            Waiting::Differs => "with amounts that disagree",
            Waiting::Overdue => "without an invoice beyond the deadline",
            Waiting::Open => continue,
        };
        say("purchases", *since, format!("{} {why}", counted(*count, "transaction")), "countinghouse purchases status");
    }
    for (_, documents) in account.own.iter().filter(|(state, _)| *state == State::NeedsPerson) {
        let since = documents.iter().map(|document| document.due_since).min();
        let count = u64::try_from(documents.len()).unwrap_or(u64::MAX);
        say(
            "own invoices",
            since,
            format!("{} that cannot be made or uploaded as they are", counted(count, "document")),
            "countinghouse invoices status",
        );
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What a report is to a person.
pub(super) const fn report_words(report: ReportType) -> &'static str {
    match report {
        ReportType::Settlement(_) => "settlement",
        ReportType::Requestable(RequestableReport::ScVatTaxReport) => "VAT report",
        ReportType::Requestable(RequestableReport::VatInvoices(_)) => "VAT invoice data report",
    }
}
