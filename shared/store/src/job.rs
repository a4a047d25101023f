//! The life cycle of a report, from the intent to ask for it until it is in the books.
//!
//! Two kinds of items: a **window** is what was wanted (written before Amazon is asked), a **report** is what
//! Amazon makes. `attach` joins the two. News of a report may arrive from the request, from a poll and from a
//! notification, in any order and any number of times; the end is the same.

mod coverage;
mod item;
mod model;

pub use coverage::covered_until;
pub use model::{
    Attached, Discovered, Facts, Found, Intent, Job, Origin, Pending, RebookOutcome, Rebooked, WantedReport,
    WindowStanding,
};

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use countinghouse_domain::ids::{ReportId, SellerId};
use countinghouse_domain::job::{JobState, Window};
use countinghouse_domain::report::RequestableReport;
use jiff::{SignedDuration, Timestamp};

use crate::table::{ATTEMPTS, Change, Table};
use crate::{Item, StoreError};
use item::{KEYS, report_key};

/// A window whose report failed may be asked for again after this pause.
const AGAIN_AFTER_FATAL: SignedDuration = SignedDuration::from_hours(6);

/// More windows than two years of daily reports; what lies further back does not decide what is due.
const WINDOWS_LOOKED_AT: usize = 800;

/// The table of jobs.
#[derive(Debug, Clone)]
pub struct Jobs {
    table: Table,
}

impl Jobs {
    /// The jobs in this table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table, KEYS) }
    }

    /// Writes down that a report is wanted, before Amazon is asked.
    ///
    /// `New`: nobody has wanted this window before; ask Amazon. `Pending`: somebody wrote it down and may or may
    /// not have asked; look with getReports whether Amazon has it, and only if not ask. `Requested`: it is there.
    pub async fn intend(&self, wanted: &WantedReport, now: Timestamp) -> Result<Intent, StoreError> {
        for _ in 0..ATTEMPTS {
            if self.table.put_new(item::intent(wanted, now)).await? {
                return Ok(Intent::New);
            }
            let Some(window) = self.table.get(wanted.seller.as_str(), &wanted.key()).await? else { continue };
            let fields = self.table.fields(&window);
            let Some(report_id) = fields.parse_if::<ReportId>("report_id", "a report id")? else {
                if fields.flag("not_asked")? {
                    if self.table.put_back(item::intend_once_more(window, now)).await? {
                        return Ok(Intent::New);
                    }
                    continue;
                }
                return Ok(Intent::Pending { since: fields.time("intended_at")? });
            };
            let state = item::state(&fields)?;
            let failed_at = fields.time("updated_at")?;
            if state != JobState::Fatal || now.duration_since(failed_at) < AGAIN_AFTER_FATAL {
                return Ok(Intent::Requested { report_id, state });
            }
            if self.table.put_back(item::intend_again(window, &report_id, now)).await? {
                return Ok(Intent::New);
            }
        }
        Err(self.contention(&wanted.seller, &wanted.key()))
    }

    /// Notes that Amazon was surely not asked for a window, because the rate budget is empty: whoever wants it next need
    /// not look for a report that cannot be there. Where the window was written down anew since `intended_at`, or has its
    /// report, nothing is changed.
    pub async fn not_asked(&self, wanted: &WantedReport, intended_at: Timestamp) -> Result<(), StoreError> {
        let Some(window) = self.table.get(wanted.seller.as_str(), &wanted.key()).await? else { return Ok(()) };
        let fields = self.table.fields(&window);
        // Times are kept in whole seconds.
        let is_it = fields.time("intended_at")?.as_second() == intended_at.as_second();
        if is_it && fields.text_if("report_id")?.is_none() {
            // Where somebody else was quicker, their word counts.
            self.table.put_back(item::not_asked(window)).await?;
        }
        Ok(())
    }

    /// Joins the report that Amazon made for a window to it, in one transaction with the report's own item.
    pub async fn attach(
        &self,
        wanted: &WantedReport,
        report_id: &ReportId,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Attached, StoreError> {
        let seller = wanted.seller.as_str();
        for _ in 0..ATTEMPTS {
            let window = self.table.get(seller, &wanted.key()).await?;
            let report = self.table.get(seller, &report_key(report_id)).await?;
            let other = match &window {
                Some(window) => self.table.fields(window).parse_if::<ReportId>("report_id", "a report id")?,
                None => None,
            };
            match other {
                Some(known) if known == *report_id && report.is_some() => return Ok(Attached::Already),
                Some(known) if known != *report_id => {
                    let found = Found { origin, ..Found::wanted(wanted, report_id.clone()) };
                    self.discovered(&wanted.seller, &found, now).await?;
                    return Ok(Attached::Another(known));
                }
                _ => {}
            }
            if self.table.put_together(joined(&self.table, wanted, report_id, origin, window, report, now)?).await? {
                self.retire_covered(wanted, now).await?;
                return Ok(Attached::Now);
            }
        }
        Err(self.contention(&wanted.seller, &wanted.key()))
    }

    /// Ends the wishes that a requested window covers: after an outage the next day's window is longer, and nobody
    /// needs the one that was written down the day before and never became a report.
    async fn retire_covered(&self, wanted: &WantedReport, now: Timestamp) -> Result<(), StoreError> {
        for pending in self.pending(&wanted.seller).await? {
            if !wanted.covers(&pending.wanted) {
                continue;
            }
            let Some(window) = self.table.get(wanted.seller.as_str(), &pending.wanted.key()).await? else { continue };
            if self.table.fields(&window).text_if("report_id")?.is_none() {
                // Where somebody else was quicker, the window has its report.
                self.table.put_back(item::retired(window, &wanted.key(), now)).await?;
            }
        }
        Ok(())
    }

    /// Records a report that was found at Amazon: by a poll, in a notification, or while a request was resolved.
    /// Found again, its news moves it on, if it is news.
    pub async fn discovered(&self, seller: &SellerId, found: &Found, now: Timestamp) -> Result<Discovered, StoreError> {
        if self.table.put_new(item::found(seller, found, now)).await? {
            return Ok(Discovered::New);
        }
        if self.advance(seller, &found.report_id, found.state, found.facts.clone(), now).await? {
            return Ok(Discovered::Advanced);
        }
        let job = self.get(seller, &found.report_id).await?;
        job.map(|job| Discovered::Unchanged(job.state)).ok_or_else(|| missing(seller, &found.report_id))
    }

    /// Moves a job on; false where that is no step forward (late or repeated news), and nothing is changed.
    pub async fn advance(
        &self,
        seller: &SellerId,
        report_id: &ReportId,
        next: JobState,
        facts: Facts,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            let report = self.table.get(seller.as_str(), &report_key(report_id)).await?;
            let report = report.ok_or_else(|| missing(seller, report_id))?;
            let fields = self.table.fields(&report);
            if !item::state(&fields)?.may_become(next) {
                return Ok(false);
            }
            let window_key = fields.text_if("window")?.map(str::to_owned);
            let mut changes = vec![Change::Back(item::advanced(report, next, &facts, now))];
            if let Some(key) = window_key {
                let window = self.table.get(seller.as_str(), &key).await?;
                changes.extend(window.map(|window| Change::Back(item::window_in_state(window, next, now))));
            }
            if self.table.put_together(changes).await? {
                return Ok(true);
            }
        }
        Err(self.contention(seller, &report_key(report_id)))
    }

    /// Writes down what came of booking a report again by order of a person: also from `booked` to `booked`, and with
    /// the newest reason where it stays quarantined. False where the report is not in the bucket.
    pub async fn rebooked(
        &self,
        seller: &SellerId,
        report_id: &ReportId,
        rebooked: &Rebooked,
        facts: &Facts,
    ) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            let report = self.table.get(seller.as_str(), &report_key(report_id)).await?;
            let report = report.ok_or_else(|| missing(seller, report_id))?;
            let window_key = self.table.fields(&report).text_if("window")?.map(str::to_owned);
            let Some(noted) = item::rebooked(report, rebooked, facts)? else { return Ok(false) };
            let state = item::state(&self.table.fields(&noted))?;
            let mut changes = vec![Change::Back(noted)];
            if let Some(key) = window_key {
                let window = self.table.get(seller.as_str(), &key).await?;
                changes.extend(window.map(|window| Change::Back(item::window_in_state(window, state, rebooked.at))));
            }
            if self.table.put_together(changes).await? {
                return Ok(true);
            }
        }
        Err(self.contention(seller, &report_key(report_id)))
    }

    /// Puts off the next look at a job in flight that stands where it stood; nothing else is changed. When somebody
    /// else moved it at the same moment, their word counts.
    pub async fn look_again(&self, seller: &SellerId, report_id: &ReportId, at: Timestamp) -> Result<(), StoreError> {
        let Some(report) = self.table.get(seller.as_str(), &report_key(report_id)).await? else { return Ok(()) };
        if item::state(&self.table.fields(&report))?.is_in_flight() {
            self.table.put_back(item::looked_at_again(report, seller, at)).await?;
        }
        Ok(())
    }

    /// One job.
    pub async fn get(&self, seller: &SellerId, report_id: &ReportId) -> Result<Option<Job>, StoreError> {
        let report = self.table.get(seller.as_str(), &report_key(report_id)).await?;
        report.map(|report| item::read_job(&self.table.fields(&report))).transpose()
    }

    /// How far a window is that is wanted: its report's state, or `intended` where it has none; none where nobody has
    /// written it down.
    pub async fn window(&self, wanted: &WantedReport) -> Result<Option<WindowStanding>, StoreError> {
        let window = self.table.get(wanted.seller.as_str(), &wanted.key()).await?;
        let Some(window) = window else { return Ok(None) };
        let fields = self.table.fields(&window);
        let report_id = fields.parse_if::<ReportId>("report_id", "a report id")?;
        let state = if report_id.is_some() { item::state(&fields)? } else { JobState::Intended };
        let since = fields.time(if report_id.is_some() { "updated_at" } else { "intended_at" })?;
        let again_at = (state == JobState::Fatal).then(|| since.saturating_add(AGAIN_AFTER_FATAL).unwrap_or(since));
        Ok(Some(WindowStanding { report_id, state, since, again_at }))
    }

    /// When the window of a job was last written down, before Amazon was asked for it: a report that was asked for by
    /// this program is not older.
    pub async fn intended_at(&self, job: &Job) -> Result<Option<Timestamp>, StoreError> {
        let Some(key) = &job.window_key else { return Ok(None) };
        let window = self.table.get(job.seller.as_str(), key).await?;
        window.map(|window| self.table.fields(&window).time("intended_at")).transpose()
    }

    /// The reports that are not downloaded yet, those to look at first before the others. A report that is done
    /// is among them until its document is in the bucket, so that a lost message is noticed.
    pub async fn in_flight(&self, seller: &SellerId) -> Result<Vec<Job>, StoreError> {
        let mut jobs = Vec::new();
        for item in self.items_in_flight(seller, "report ").await? {
            let job = item::read_job(&self.table.fields(&item))?;
            // The index lags behind the table: what has moved on since is left out.
            if job.next_check_at.is_some() {
                jobs.push(job);
            }
        }
        jobs.sort_by(|left, right| (left.next_check_at, &left.report_id).cmp(&(right.next_check_at, &right.report_id)));
        Ok(jobs)
    }

    /// The windows that were written down and never joined to a report: to be resolved by asking Amazon.
    pub async fn pending(&self, seller: &SellerId) -> Result<Vec<Pending>, StoreError> {
        let mut pending = Vec::new();
        for item in self.items_in_flight(seller, "window ").await? {
            let fields = self.table.fields(&item);
            if fields.text_if("report_id")?.is_none() {
                pending.push(item::read_pending(&fields)?);
            }
        }
        pending.sort_by_key(|each| each.since);
        Ok(pending)
    }

    async fn items_in_flight(&self, seller: &SellerId, kind: &str) -> Result<Vec<Item>, StoreError> {
        let mut keys = self.table.keys_in_index("in-flight", "in_flight_seller", seller.as_str()).await?;
        keys.retain(|key| key.get(KEYS.1).and_then(|job| job.as_s().ok()).is_some_and(|job| job.starts_with(kind)));
        self.table.get_many(keys).await
    }

    /// Up to where the windows of a report reach without a hole; see [`covered_until`].
    pub async fn covered_until(
        &self,
        seller: &SellerId,
        report: RequestableReport,
    ) -> Result<Option<Timestamp>, StoreError> {
        let prefix = format!("window {} ", report.name());
        let mut windows: Vec<(Window, JobState)> = Vec::new();
        for item in self.table.last(seller.as_str(), &prefix, WINDOWS_LOOKED_AT).await? {
            let fields = self.table.fields(&item);
            let state = if fields.text_if("report_id")?.is_some() { item::state(&fields)? } else { JobState::Intended };
            windows.push((item::read_window(&fields)?, state));
        }
        Ok(covered_until(&windows))
    }

    /// The reports of a seller, the highest report id first; Amazon counts its reports upwards.
    pub async fn list(&self, seller: &SellerId, limit: usize) -> Result<Vec<Job>, StoreError> {
        let items = self.table.last(seller.as_str(), "report ", limit).await?;
        items.iter().map(|item| item::read_job(&self.table.fields(item))).collect()
    }

    /// How many of the reports in `jobs` are in which state, for people.
    pub fn count_by_state(jobs: &[Job]) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for job in jobs {
            let count: &mut usize = counts.entry(job.state.name()).or_default();
            *count = count.saturating_add(1);
        }
        counts
    }

    fn contention(&self, seller: &SellerId, key: &str) -> StoreError {
        StoreError::Conflict { item: format!("{} {seller} / {key}", self.table.name) }
    }
}

fn missing(seller: &SellerId, report_id: &ReportId) -> StoreError {
    StoreError::Missing { item: format!("{seller} / {}", report_key(report_id)) }
}

/// The two items of a joined window and report. Whichever was there first is kept and gets what the other knows.
fn joined(
    table: &Table,
    wanted: &WantedReport,
    report_id: &ReportId,
    origin: Origin,
    window: Option<Item>,
    report: Option<Item>,
    now: Timestamp,
) -> Result<Vec<Change>, StoreError> {
    let (report, state) = if let Some(report) = report {
        let state = item::state(&table.fields(&report))?;
        (Change::Back(item::report_of_window(report, wanted)), state)
    } else {
        let found = Found { origin, ..Found::wanted(wanted, report_id.clone()) };
        let new = item::found(&wanted.seller, &found, now);
        (Change::New(item::report_of_window(new, wanted)), JobState::Requested)
    };
    let window = match window {
        Some(window) => Change::Back(item::window_with_report(window, report_id, state, now)),
        None => Change::New(item::window_with_report(item::intent(wanted, now), report_id, state, now)),
    };
    Ok(vec![window, report])
}
