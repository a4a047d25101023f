//! Asking for what is wanted, window after window, as Amazon's rate allows.

use std::time::Duration;

use countinghouse_runtime::messages::{PullPurchases, Version};
use create_reports::{CreateReportsError, Listed, Requested};

use super::BackfillError;
use super::item::{End, Item, Kind, Stand};
use super::list::Lists;
use super::office::Office;
use super::progress::Progress;
use crate::desk::chain;

/// How long to wait where nobody says how long: the answer of a request is lost, and Amazon's list may lag behind.
const UNKNOWN_WAIT: Duration = Duration::from_secs(20);

/// Asks for whatever can be asked for now. Answers how long to wait before the rest; none where nothing is left.
pub(super) async fn all(
    office: &Office,
    items: &mut [Item],
    lists: &Lists,
    progress: &Progress,
) -> Result<Option<Duration>, BackfillError> {
    let mut wait: Option<Duration> = None;
    let mut empty = Vec::new();
    for item in items.iter_mut().filter(|item| item.is_wanted()) {
        // Budgets are kept for each account.
        if empty.contains(&item.account) && !matches!(item.kind, Kind::Days) {
            continue;
        }
        let more = match one(office, item, lists, progress).await? {
            Asked::Done => continue,
            Asked::BudgetIsEmpty(more) => {
                empty.push(item.account.clone());
                progress.waits(&format!("the next report of {}", item.account), more);
                more
            }
            Asked::AnswerIsLost => UNKNOWN_WAIT,
        };
        wait = Some(wait.map_or(more, |before| before.min(more)));
    }
    Ok(wait)
}

/// What came of asking.
enum Asked {
    /// It is asked for, or cannot be.
    Done,
    /// The account has to wait for so long.
    BudgetIsEmpty(Duration),
    /// Nobody knows whether Amazon has heard it: it is looked for in Amazon's list before it is asked for again.
    AnswerIsLost,
}

async fn one(office: &Office, item: &mut Item, lists: &Lists, progress: &Progress) -> Result<Asked, BackfillError> {
    let wanted = match &item.kind {
        Kind::Report(wanted) => wanted,
        Kind::Days => {
            let (seller_id, from, to) = (Some(item.account.clone()), Some(item.window.from), Some(item.window.to));
            let order = PullPurchases { version: Version, seller_id, from, to };
            office.turns.send(&order, Duration::ZERO).await?;
            progress.say(&format!("{} purchases {}: ordered", item.account, item.days()));
            item.stand = Stand::AtWork(None);
            return Ok(Asked::Done);
        }
        // What Amazon makes by itself is not asked for.
        Kind::List | Kind::Settlement => return Ok(Asked::Done),
    };
    let listed = lists.get(&item.account).map(|reports| Listed(reports));
    let how = match create_reports::request(&office.requests, item.region, wanted, listed).await {
        Ok(Requested::Waits(Some(wait))) => return Ok(Asked::BudgetIsEmpty(wait)),
        Ok(Requested::Waits(None)) => return Ok(Asked::AnswerIsLost),
        Ok(Requested::Now) => "asked for",
        Ok(Requested::Adopted) => "Amazon has it already",
        Ok(Requested::Before) => "there already",
        Err(CreateReportsError::Store(error)) => return Err(error.into()),
        // One window's trouble does not stop the others.
        Err(error) => {
            let why = chain(&error);
            progress.say(&format!("{} {} {}: failed, {why}", item.account, item.flow.name(), item.days()));
            item.stand = Stand::Over(End::failed(why));
            return Ok(Asked::Done);
        }
    };
    let standing = office.jobs.window(wanted).await?;
    let report = standing.as_ref().and_then(|standing| standing.report_id.as_ref());
    let report = report.map(|report| format!(", report {report}")).unwrap_or_default();
    progress.say(&format!("{} {} {}: {how}{report}", item.account, item.flow.name(), item.days()));
    item.stands(standing.as_ref(), office.polls.clock.now());
    Ok(Asked::Done)
}
