//! Waits until what was imported is booked.

use std::time::Duration;

use super::outcome::{self, Outcome};
use super::read::Reading;
use super::standing::Standing;
use super::{ImportError, Office};
use crate::desk::{self, ATTENTION, FAILED, FINE};

/// How long to pause between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// What could not be booked before stands as it stood until it is booked: so long it is given.
const BOOKED_AGAIN: Duration = Duration::from_secs(20);

/// Waits, and prints what came of each; the exit code.
pub(super) async fn to_the_end(
    office: &Office,
    readings: &[Reading],
    standings: &[Standing],
    minutes: u32,
) -> Result<u8, ImportError> {
    let patience = Duration::from_secs(60_u64.saturating_mul(u64::from(minutes)));
    let mut slept = Duration::ZERO;
    let mut pending: Vec<(&Reading, &Standing)> = readings.iter().zip(standings).collect();
    let mut ended = Vec::new();
    loop {
        let mut still = Vec::new();
        for (reading, standing) in pending {
            match look(office, reading, standing, slept).await? {
                Some(outcome) => ended.push((reading.file.clone(), outcome)),
                None => still.push((reading, standing)),
            }
        }
        pending = still;
        if pending.is_empty() || slept >= patience {
            break;
        }
        #[expect(clippy::disallowed_methods, reason = "a person asked to wait; no function waits so")]
        tokio::time::sleep(PAUSE).await;
        slept = slept.saturating_add(PAUSE);
    }
    // In the order in which they were given.
    ended.sort_by_key(|(file, _)| readings.iter().position(|reading| reading.file == *file));
    let rows = ended.iter().map(|(file, one)| [file.clone(), one.report.clone(), one.state.clone(), one.what.clone()]);
    let waiting = pending.iter().map(|(reading, _)| {
        let later = "not booked yet: countinghouse status shows it, and the queue bookings-dlq if it failed";
        [reading.file.clone(), reading.report_id.to_string(), "on its way".to_owned(), later.to_owned()]
    });
    let table = desk::table(["file", "report", "state", "what came of it"], 0..0, rows.chain(waiting));
    desk::print(&format!("\nOutcome\n{table}"))?;
    Ok(match (pending.is_empty(), ended.iter().any(|(_, one)| one.needs_attention)) {
        (false, _) => FAILED,
        (true, true) => ATTENTION,
        (true, false) => FINE,
    })
}

/// What came of one; none while it is on its way.
async fn look(
    office: &Office,
    reading: &Reading,
    standing: &Standing,
    waited: Duration,
) -> Result<Option<Outcome>, ImportError> {
    let account = &office.account.seller_id;
    let job = office.jobs.get(account, &reading.report_id).await?;
    if let (Standing::Again(before), Some(job)) = (standing, &job)
        && job.state == *before
        && waited < BOOKED_AGAIN
    {
        return Ok(None);
    }
    let mut said = job.as_ref().and_then(|job| Some((job.state.name().to_owned(), outcome::of_job(job)?)));
    let is_booked = said.as_ref().is_some_and(|(state, _)| state == "booked");
    if let Some(header) = reading.settlement.as_ref().filter(|_| is_booked || matches!(standing, Standing::There(_))) {
        let stored = office.settlements.get(account, &header.settlement_id).await?;
        said = stored.and_then(|stored| Some((stored.status().name().to_owned(), outcome::of_settlement(&stored)?)));
    }
    Ok(said.map(|(state, (what, needs_attention))| Outcome {
        report: reading.report_id.to_string(),
        state,
        what,
        needs_attention,
    }))
}
