//! Which stored documents are meant.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::job::JobState;
use countinghouse_domain::report::ReportType;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::{AttentionReason, Job, Jobs, Settlements, StoredSettlement};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Arguments, ReplayError};
use crate::desk::{accounts, plain};
use crate::stack::Stack;

/// A stored document, and the settlement that it delivered, where it did.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) job: Job,
    pub(super) settlement: Option<StoredSettlement>,
}

/// The documents that are meant.
#[derive(Debug, Default)]
pub(super) struct Selected {
    pub(super) candidates: Vec<Candidate>,
    /// How many stored reports of which type this command does not book again.
    pub(super) left_out: BTreeMap<&'static str, usize>,
}

pub(super) async fn candidates(stack: &Stack, arguments: &Arguments) -> Result<Selected, ReplayError> {
    let sellers = match &arguments.account {
        // Also one that is connected no more: its books are still there.
        Some(id) => vec![id.parse().map_err(|_invalid| ReplayError::NoId(plain(id)))?],
        None => accounts(stack, None).await?.into_iter().map(|account| account.seller_id).collect::<Vec<SellerId>>(),
    };
    let mut selected = Selected::default();
    for seller in &sellers {
        of_seller(stack, seller, arguments, &mut selected).await?;
    }
    if selected.candidates.is_empty() && selected.left_out.is_empty() {
        if let Some(what) = one(arguments) {
            return Err(ReplayError::Nothing(what));
        }
        if let Some(account) = &arguments.account {
            // An account that nobody has connected is a mistake in its id.
            accounts(stack, Some(account)).await?;
        }
    }
    Ok(selected)
}

/// What a person named one by one, and must be there.
fn one(arguments: &Arguments) -> Option<String> {
    let settlement = arguments.settlement.as_ref().map(|id| format!("settlement {}", plain(id)));
    settlement.or_else(|| arguments.report.as_ref().map(|id| format!("report {}", plain(id))))
}

async fn of_seller(
    stack: &Stack,
    seller: &SellerId,
    arguments: &Arguments,
    selected: &mut Selected,
) -> Result<(), ReplayError> {
    let jobs = Jobs::new(stack.dynamodb(), &stack.tables.jobs).list(seller, usize::MAX).await?;
    let settlements = Settlements::new(stack.dynamodb(), &stack.tables.settlements).list(seller).await?;
    let delivered = delivered(&settlements);
    let there: BTreeSet<_> = jobs.iter().map(|job| job.report_id.clone()).collect();
    let mut found = Vec::new();
    let mut taken = BTreeSet::new();
    for job in jobs.into_iter().filter(is_stored) {
        let settlement = delivered.get(job.report_id.as_str()).and_then(|place| settlements.get(*place));
        if !is_meant(&job, settlement, arguments) {
            continue;
        }
        if is_covered(job.report_type) {
            // A settlement that came under several report ids is booked again once, from the report that it is booked
            // from.
            if let Some(settlement) = settlement {
                let first = &settlement.claimed.report_id;
                let is_repetition = job.report_id != *first && there.contains(first) && arguments.report.is_none();
                if is_repetition || !taken.insert(settlement.header.settlement_id.clone()) {
                    continue;
                }
            }
            found.push(Candidate { settlement: settlement.cloned(), job });
        } else {
            let count: &mut usize = selected.left_out.entry(job.report_type.name()).or_default();
            *count = count.saturating_add(1);
        }
    }
    found.sort_by_key(|each| (each.job.recorded_at, each.job.report_id.clone()));
    selected.candidates.append(&mut found);
    Ok(())
}

/// The settlements by the reports that delivered them.
fn delivered(settlements: &[StoredSettlement]) -> BTreeMap<&str, usize> {
    let mut by_report = BTreeMap::new();
    for (place, settlement) in settlements.iter().enumerate() {
        by_report.insert(settlement.claimed.report_id.as_str(), place);
        by_report.extend(settlement.also_delivered_as.iter().map(|id| (id.as_str(), place)));
    }
    by_report
}

const fn is_covered(report_type: ReportType) -> bool {
    matches!(report_type, ReportType::Settlement(_) | ReportType::SC_VAT_TAX_REPORT)
}

/// Whether its bytes came into the bucket.
pub(crate) fn is_stored(job: &Job) -> bool {
    let is_there = matches!(job.state, JobState::Downloaded | JobState::Booked | JobState::Quarantined);
    is_there && job.facts.object_key.is_some()
}

fn is_meant(job: &Job, settlement: Option<&StoredSettlement>, arguments: &Arguments) -> bool {
    if let Some(id) = &arguments.settlement {
        return settlement.is_some_and(|settlement| settlement.header.settlement_id.as_str() == id);
    }
    if let Some(id) = &arguments.report {
        return job.report_id.as_str() == id;
    }
    if let Some(from) = arguments.from {
        let last = arguments.to.unwrap_or_else(|| day_of(SystemClock.now()));
        return is_within(job, settlement, from, last);
    }
    if arguments.quarantined {
        return job.state == JobState::Quarantined;
    }
    if arguments.unclassified {
        return settlement.is_some_and(|settlement| {
            settlement.reasons.contains(&AttentionReason::Unclassified)
                || settlement.proof.as_ref().is_some_and(|proof| proof.unclassified > 0)
        });
    }
    arguments.all
}

fn is_within(job: &Job, settlement: Option<&StoredSettlement>, first: Date, last: Date) -> bool {
    match (settlement, job.window) {
        (Some(settlement), _) => (first..=last).contains(&day_of(settlement.header.end)),
        (None, Some(window)) => day_of(window.from) <= last && day_of(window.to) >= first,
        (None, None) => (first..=last).contains(&day_of(job.recorded_at)),
    }
}

fn day_of(time: jiff::Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}
