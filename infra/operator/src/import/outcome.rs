//! What came of a file that was imported, in words.

use countinghouse_domain::job::JobState;
use countinghouse_domain::settlement::Chain;
use countinghouse_store::{Job, SettlementStatus, StoredSettlement};

/// What came of a file.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) report: String,
    pub(super) state: String,
    pub(super) what: String,
    pub(super) needs_attention: bool,
}

/// A settlement with its proof and its place in the chain; none while it is being booked.
pub(super) fn of_settlement(stored: &StoredSettlement) -> Option<(String, bool)> {
    let proof = stored.proof.as_ref().filter(|_| stored.status() != SettlementStatus::Booking)?;
    let id = &stored.header.settlement_id;
    let chain = match &stored.chain {
        Some(Chain::Chained(before)) => format!(", after {before}"),
        Some(Chain::First) => ", the first of its chain".to_owned(),
        Some(Chain::Gap) => ", the one before it is missing".to_owned(),
        None => String::new(),
    };
    let (amounts, total, currency) = (proof.amounts, stored.header.total_amount, stored.header.currency);
    let mut text = format!("settlement {id}: {amounts} payments, {total} {currency}{chain}");
    let reasons: Vec<_> = stored.reasons.iter().map(|reason| reason.name().replace('_', " ")).collect();
    if !reasons.is_empty() {
        text.push_str("; needs a person: ");
        text.push_str(&reasons.join(", "));
    }
    Some((text, !reasons.is_empty()))
}

/// A report that has come to its end; none while it is on its way.
pub(super) fn of_job(job: &Job) -> Option<(String, bool)> {
    match job.state {
        JobState::Booked => {
            let counts: Vec<_> = job.facts.counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
            let flagged = job.facts.counts.get("flagged").is_some_and(|count| *count > 0);
            Some((counts.join(", "), flagged))
        }
        JobState::Quarantined | JobState::Fatal | JobState::Cancelled => {
            Some((job.facts.reason.clone().unwrap_or_else(|| "no reason is known".to_owned()), true))
        }
        JobState::Intended | JobState::Requested | JobState::Processing | JobState::Done | JobState::Downloaded => None,
    }
}
