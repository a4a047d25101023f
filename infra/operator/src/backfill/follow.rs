//! How far things are: the stack fetches and books them, and Amazon is asked how its work stands.

use std::time::Duration;

use countinghouse_amazon::AmazonError;
use countinghouse_domain::ids::ReportId;
use countinghouse_domain::job::JobState;
use countinghouse_domain::settlement::Chain;
use countinghouse_store::{Job, StoredSettlement, WindowState};
use poll_jobs::PollError;

use super::BackfillError;
use super::item::{End, Item, Kind, Stand, is_end};
use super::office::Office;
use super::progress::Progress;
use crate::desk::chain;

/// How often Amazon is asked how a report stands; the stack's own schedule does so every five minutes.
pub(super) const ASK_EVERY: Duration = Duration::from_secs(30);

impl Office {
    /// Ends an item whose report or days have come to their end.
    pub(super) async fn end_if_over(&self, item: &mut Item) -> Result<(), BackfillError> {
        let end = match (&item.kind, &item.stand) {
            (Kind::Days, Stand::AtWork(_)) => self.end_of_days(item).await?,
            (_, Stand::AtWork(Some(report))) => self.end_of_report(item, report).await?,
            _ => None,
        };
        if let Some(end) = end {
            item.stand = Stand::Over(end);
        }
        Ok(())
    }

    async fn end_of_report(&self, item: &Item, report: &ReportId) -> Result<Option<End>, BackfillError> {
        let job = self.jobs.get(&item.account, report).await?;
        let Some(job) = job.filter(|job| is_end(job.state)) else { return Ok(None) };
        if job.state == JobState::Booked && item.flow == super::Flow::Settlements {
            let all = self.settlements.list(&item.account).await?;
            let is_it =
                |each: &&StoredSettlement| each.claimed.report_id == *report || each.also_delivered_as.contains(report);
            return Ok(all.iter().find(is_it).and_then(|settlement| of_settlement(report, settlement)));
        }
        Ok(Some(of_job(&job)))
    }

    async fn end_of_days(&self, item: &Item) -> Result<Option<End>, BackfillError> {
        let windows = self.windows(&item.account).await?;
        let days = countinghouse_purchases::windows_between(item.window.from, item.window.to);
        let states: Vec<Option<WindowState>> =
            days.iter().map(|day| windows.get(day).map(|window| window.state)).collect();
        if !states.iter().all(|state| state.is_some_and(WindowState::is_over)) {
            return Ok(None);
        }
        let unproven = states.iter().filter(|state| **state == Some(WindowState::Unproven)).count();
        let fetched: u64 = days.iter().filter_map(|day| windows.get(day)).map(|window| window.pages.fetched).sum();
        let state = if unproven == 0 { "proven" } else { "unproven" };
        let what = format!("{} days, {fetched} transactions, {unproven} days unproven", days.len());
        Ok(Some(End { report: None, state: state.to_owned(), what, needs_attention: unproven > 0 }))
    }
}

fn of_job(job: &Job) -> End {
    let reason = || job.facts.reason.clone().unwrap_or_else(|| "no reason is known".to_owned());
    let (what, needs_attention) = match job.state {
        JobState::Booked => {
            let counts: Vec<_> = job.facts.counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
            (counts.join(", "), false)
        }
        JobState::Cancelled => ("Amazon has nothing for these days".to_owned(), false),
        JobState::Fatal => (format!("{}; asked for again by the same command after six hours", reason()), true),
        JobState::Intended
        | JobState::Requested
        | JobState::Processing
        | JobState::Done
        | JobState::Downloaded
        | JobState::Quarantined => (reason(), true),
    };
    End { report: Some(job.report_id.clone()), state: job.state.name().to_owned(), what, needs_attention }
}

fn of_settlement(report: &ReportId, settlement: &StoredSettlement) -> Option<End> {
    let proof = settlement.proof.as_ref()?;
    let chain = match &settlement.chain {
        Some(Chain::Chained(before)) => format!(", after {before}"),
        Some(Chain::First) => ", the first of its chain".to_owned(),
        Some(Chain::Gap) | None => String::new(),
    };
    let reasons: Vec<_> = settlement.reasons.iter().map(|reason| reason.name().replace('_', " ")).collect();
    let needs = if reasons.is_empty() { String::new() } else { format!("; needs a person: {}", reasons.join(", ")) };
    let header = &settlement.header;
    Some(End {
        report: Some(report.clone()),
        state: settlement.status().name().to_owned(),
        what: format!(
            "settlement {}: {} payments, {} {}{chain}{needs}",
            header.settlement_id, proof.amounts, header.total_amount, header.currency
        ),
        needs_attention: !reasons.is_empty(),
    })
}

/// Looks at everything that is at work; where `ask`, Amazon is asked too, so that nobody waits for the schedule.
pub(super) async fn all(
    office: &Office,
    items: &mut [Item],
    ask: bool,
    progress: &Progress,
) -> Result<(), BackfillError> {
    for item in items.iter_mut().filter(|item| matches!(item.stand, Stand::AtWork(_))) {
        office.end_if_over(item).await?;
        if let Stand::Over(end) = &item.stand {
            let (account, flow, days) = (&item.account, item.flow.name(), item.days());
            progress.say(&format!("{account} {flow} {days}: {}, {}", end.state, end.what));
            continue;
        }
        let Stand::AtWork(Some(report)) = &item.stand else { continue };
        if !ask {
            continue;
        }
        let Some(job) = office.jobs.get(&item.account, report).await? else { continue };
        let is_due = job.next_check_at.is_some_and(|due| due <= office.polls.clock.now());
        if !job.state.is_in_flight() || !is_due {
            continue;
        }
        let amazon = office.amazon.seller(item.account.clone(), item.region);
        let mut outcome = poll_jobs::Outcome::default();
        match poll_jobs::follow_report(&office.polls, &amazon, &job, &mut outcome).await {
            Ok(()) | Err(PollError::Amazon(AmazonError::RateLimited { .. })) => {}
            Err(PollError::Store(error)) => return Err(error.into()),
            // The stack's own schedule asks again.
            Err(error) => progress.say(&format!("report {report}: {}", chain(&error))),
        }
    }
    Ok(())
}
