//! One thing that is fetched: a window's report, a settlement, or days of purchases.

use countinghouse_domain::ids::{ReportId, SellerId};
use countinghouse_domain::job::{JobState, Window};
use countinghouse_domain::marketplace::Region;
use countinghouse_store::{WantedReport, WindowStanding};

use jiff::Timestamp;

use super::Flow;

/// One thing that is fetched.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) account: SellerId,
    pub(super) region: Region,
    pub(super) flow: Flow,
    pub(super) window: Window,
    pub(super) kind: Kind,
    pub(super) stand: Stand,
}

/// What it is.
#[derive(Debug)]
pub(super) enum Kind {
    /// A report that is asked for.
    Report(WantedReport),
    /// Amazon's list of settlements; each that is found is an item of its own.
    List,
    /// A settlement that Amazon made.
    Settlement,
    /// Days of purchases.
    Days,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stand {
    /// Amazon is still to be asked; perhaps it was, and the answer is lost.
    Wanted,
    /// The stack is at work on this report; on the days where there is none.
    AtWork(Option<ReportId>),
    /// It has come to an end.
    Over(End),
}

/// An end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    pub(super) report: Option<ReportId>,
    /// In a word, for example `booked`.
    pub(super) state: String,
    /// What came of it.
    pub(super) what: String,
    pub(super) needs_attention: bool,
}

impl End {
    /// What Amazon or the stack could not do.
    pub(super) fn failed(why: String) -> Self {
        Self { report: None, state: "failed".to_owned(), what: why, needs_attention: true }
    }
}

impl Item {
    pub(super) const fn is_wanted(&self) -> bool {
        matches!(self.stand, Stand::Wanted)
    }

    pub(super) const fn is_over(&self) -> bool {
        matches!(self.stand, Stand::Over(_))
    }

    pub(super) const fn needs_attention(&self) -> bool {
        matches!(&self.stand, Stand::Over(end) if end.needs_attention)
    }

    /// Moves it on by what is known of its window. An end is looked up with its report.
    pub(super) fn stands(&mut self, standing: Option<&WindowStanding>, now: Timestamp) {
        self.stand = match standing {
            Some(WindowStanding { again_at: Some(again_at), .. }) if *again_at <= now => Stand::Wanted,
            Some(WindowStanding { report_id: Some(report), .. }) => Stand::AtWork(Some(report.clone())),
            Some(_) | None => Stand::Wanted,
        };
    }

    /// What is fetched in days, both of them included.
    pub(super) fn days(&self) -> String {
        let last = self.window.to.saturating_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(self.window.to);
        format!("{} to {}", crate::desk::day(self.window.from), crate::desk::day(last))
    }
}

/// Whether a report has come to its end.
pub(super) const fn is_end(state: JobState) -> bool {
    matches!(state, JobState::Booked | JobState::Cancelled | JobState::Fatal | JobState::Quarantined)
}
