//! What is known of a report and of the wish for it.

use std::collections::BTreeMap;

use countinghouse_domain::ids::{MarketplaceId, ReportDocumentId, ReportId, SellerId};
use countinghouse_domain::job::{JobState, Window};
use countinghouse_domain::report::{ReportType, RequestableReport};
use jiff::Timestamp;

/// A report that is wanted for a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedReport {
    /// Whose.
    pub seller: SellerId,
    /// Which.
    pub report: RequestableReport,
    /// For which time.
    pub window: Window,
    /// For which marketplaces; their order means nothing.
    pub marketplaces: Vec<MarketplaceId>,
}

impl WantedReport {
    /// The sort key of the window, the same for the same wish.
    pub fn key(&self) -> String {
        let mut marketplaces: Vec<_> = self.marketplaces.iter().map(MarketplaceId::as_str).collect();
        marketplaces.sort_unstable();
        marketplaces.dedup();
        format!("window {} {} {}", self.report.name(), self.window, marketplaces.join(","))
    }

    /// Whether a report for this also has everything of another wish, which is not the same one, or stands for it.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let (mine, others) = (self.window, other.window);
        let reaches = mine.from <= others.from && others.to <= mine.to;
        // Two windows of one report are asked for in different ways: then neither has what the other has.
        let alike = self.report.asking(mine) == self.report.asking(others);
        self.report == other.report
            && mine != others
            && (reaches && alike || self.report.supersedes(mine, others))
            && other.marketplaces.iter().all(|each| self.marketplaces.contains(each))
    }
}

/// What came of writing an intent down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Nobody wanted it before: ask Amazon.
    New,
    /// It was written down, and perhaps asked for: look whether Amazon has it before asking.
    Pending {
        /// When it was written down.
        since: Timestamp,
    },
    /// It is there.
    Requested {
        /// The report.
        report_id: ReportId,
        /// How far it is.
        state: JobState,
    },
}

/// A window without a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// What is wanted.
    pub wanted: WantedReport,
    /// Since when.
    pub since: Timestamp,
}

/// How far a window is that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowStanding {
    /// Its report; none while it was not asked for, or the answer is lost.
    pub report_id: Option<ReportId>,
    /// The state of its report, or `intended`.
    pub state: JobState,
    /// Since when.
    pub since: Timestamp,
    /// From when on it may be asked for again, where its report failed.
    pub again_at: Option<Timestamp>,
}

/// What came of joining a report to its window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attached {
    /// They are joined now.
    Now,
    /// They were joined before.
    Already,
    /// The window has another report, which stays; this one is recorded beside it and is booked too: the rows are
    /// the same, and booking them twice changes nothing.
    Another(ReportId),
}

/// How a report came to be known first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// This program asked for it.
    Requested,
    /// It was there when this program wanted it.
    Adopted,
    /// A notification told of it.
    Notification,
    /// A poll found it.
    Poll,
    /// A person downloaded it and imported the file; Amazon's API was never asked for it.
    Imported,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 5] = [Self::Requested, Self::Adopted, Self::Notification, Self::Poll, Self::Imported];

    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Adopted => "adopted",
            Self::Notification => "notification",
            Self::Poll => "poll",
            Self::Imported => "imported",
        }
    }
}

/// A report that was found at Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The report.
    pub report_id: ReportId,
    /// Its type.
    pub report_type: ReportType,
    /// How far it is.
    pub state: JobState,
    /// How it became known.
    pub origin: Origin,
    /// The time that it covers, where Amazon says so.
    pub window: Option<Window>,
    /// The marketplaces that it covers, where Amazon says so.
    pub marketplaces: Vec<MarketplaceId>,
    /// What else is known.
    pub facts: Facts,
}

impl Found {
    /// What is known of a report that was just asked for.
    pub fn wanted(wanted: &WantedReport, report_id: ReportId) -> Self {
        Self {
            report_id,
            report_type: ReportType::Requestable(wanted.report),
            state: JobState::Requested,
            origin: Origin::Requested,
            window: Some(wanted.window),
            marketplaces: wanted.marketplaces.clone(),
            facts: Facts::default(),
        }
    }
}

/// What came of recording a report that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovered {
    /// It was not known.
    New,
    /// It was known, and this moved it on.
    Advanced,
    /// It was known, and this is old news.
    Unchanged(JobState),
}

/// What a step teaches about a job. What is absent stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The document at Amazon.
    pub document_id: Option<ReportDocumentId>,
    /// Why it failed or waits, for a person; no personal data.
    pub reason: Option<String>,
    /// The object in the bucket.
    pub object_key: Option<String>,
    /// SHA-256 of the stored bytes, in hex.
    pub sha256: Option<String>,
    /// How many bytes are stored.
    pub bytes: Option<u64>,
    /// What was booked, for example `payments` → 2,934.
    pub counts: BTreeMap<String, u64>,
    /// When to look at it again; absent means at the next poll, or for a report that is done in an hour.
    pub next_check_at: Option<Timestamp>,
    /// When Amazon made it, where Amazon has said so; its document is there for 90 days from then.
    pub created_at: Option<Timestamp>,
}

/// What came of booking a report again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebookOutcome {
    /// It is booked.
    Booked,
    /// It cannot be booked as it is.
    Quarantined,
    /// It was not what was asked for: another program, other rules, other bytes. Nothing was changed.
    Refused,
}

impl RebookOutcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Booked, Self::Quarantined, Self::Refused];

    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Quarantined => "quarantined",
            Self::Refused => "refused",
        }
    }
}

/// The last time that a person had a report booked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebooked {
    /// The order: whoever gave it recognises it.
    pub order: String,
    /// When it was done.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: RebookOutcome,
    /// The version of the program that did it.
    pub program_version: String,
    /// Its table of rules, by its fingerprint.
    pub rules: String,
    /// Why not, where it was not booked.
    pub reason: Option<String>,
}

/// A report on its way into the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Whose.
    pub seller: SellerId,
    /// The report.
    pub report_id: ReportId,
    /// Its type.
    pub report_type: ReportType,
    /// How far it is.
    pub state: JobState,
    /// How it became known first.
    pub origin: Origin,
    /// The time that it covers, where known.
    pub window: Option<Window>,
    /// The marketplaces that it covers, where known.
    pub marketplaces: Vec<MarketplaceId>,
    /// The sort key of the window that it was asked for, if it was.
    pub window_key: Option<String>,
    /// What the steps taught; `next_check_at` stands beside it.
    pub facts: Facts,
    /// When it became known.
    pub recorded_at: Timestamp,
    /// When it last moved on.
    pub updated_at: Timestamp,
    /// When to look at it again; absent once it is downloaded or over.
    pub next_check_at: Option<Timestamp>,
    /// The last time that it was booked again by order of a person.
    pub rebooked: Option<Rebooked>,
}
