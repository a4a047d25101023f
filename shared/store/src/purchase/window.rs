//! Windows of feed dates, each one day: written down before Amazon is asked, and gone through page by page.
//!
//! A page and the token that leads to the next one become durable together, and only after the page's transactions
//! are. So a run that is cut anywhere goes on with the page that it had not finished, and books it again.

use std::collections::BTreeMap;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::job::Window;
use countinghouse_purchases::{Fetched, Plan, windows_between};
use jiff::Timestamp;

use super::Purchases;
use super::bulk::delete_all;
use super::keys::{PAGE, WINDOW, numbered, pages_key, window_part, windows_key};
use crate::item::ItemBuilder;
use crate::table::Change;
use crate::{Item, StoreError};

/// More transactions of one page are kept in several items: an item is at most 400 KB.
const IDS_OF_AN_ITEM: usize = 1_000;

/// Why a window was pulled first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowOrigin {
    /// It was due.
    Due,
    /// A person asked for it.
    Backfill,
}

impl WindowOrigin {
    /// As the table has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Backfill => "backfill",
        }
    }
}

/// How far a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowState {
    /// Written down; Amazon has not answered yet.
    Planned,
    /// Some pages are in the table.
    Pulling,
    /// All pages are in the table, the table has every transaction of them, and none contradicts anything.
    Proven,
    /// All pages were fetched, and its proof says what is wrong.
    Unproven,
}

impl WindowState {
    const ALL: [Self; 4] = [Self::Planned, Self::Pulling, Self::Proven, Self::Unproven];

    /// As the table has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Pulling => "pulling",
            Self::Proven => "proven",
            Self::Unproven => "unproven",
        }
    }

    /// Whether it has come to its end.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Proven | Self::Unproven)
    }
}

/// What was read of a window so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pages {
    /// Pages.
    pub pages: u64,
    /// Transactions on them, each as often as it came.
    pub fetched: u64,
    /// Those that cannot be read.
    pub unreadable: u64,
}

/// A window as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredWindow {
    /// Whose.
    pub account: SellerId,
    /// From which feed date up to which.
    pub window: Window,
    /// Why it was pulled first.
    pub origin: WindowOrigin,
    /// How far it is.
    pub state: WindowState,
    /// What was read of it so far.
    pub pages: Pages,
    /// The token that leads to the next page.
    pub next_page_token: Option<String>,
    /// How often it was begun, overlaps and backfills included.
    pub pulls: u64,
    /// When it came to its end last.
    pub completed_at: Option<Timestamp>,
    pub(super) item: Item,
}

/// One page, for the proof of its window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRecord {
    /// Its transactions that can be read, as often as they came: the id and the hash of everything that Amazon said.
    pub contents: Vec<(String, String)>,
    /// How many cannot be read; each lies in the table for itself.
    pub unreadable: u64,
}

impl Purchases {
    /// Writes down the windows that are due, or those of a span that a person asked for, from their first pages on.
    /// A window that is still being pulled is left alone. Answers all windows of the account, by their first moment.
    pub async fn plan_windows(
        &self,
        account: &SellerId,
        plan: Plan,
        span: Option<(Timestamp, Timestamp)>,
        now: Timestamp,
    ) -> Result<Vec<StoredWindow>, StoreError> {
        let known = self.windows(account).await?;
        let (wanted, origin) = match span {
            Some((from, to)) => (windows_between(from, to), WindowOrigin::Backfill),
            None => (plan.due(now, covered_until(&known)), WindowOrigin::Due),
        };
        // Whatever is due is due since the last midnight, where the last of the windows ends.
        let since = wanted.last().map_or(now, |last| last.to);
        let mut changed = false;
        for window in wanted {
            let there = known.iter().find(|each| each.window == window);
            let was_pulled = |there: &StoredWindow| origin == WindowOrigin::Due && there.completed_at >= Some(since);
            if there.is_none_or(|there| there.state.is_over() && !was_pulled(there)) {
                changed = true;
                self.plan_window(account, window, origin, there, now).await?;
            } else if let Some(there) = there.filter(|there| origin == WindowOrigin::Due && there.origin != origin) {
                // Asked for by a person and due as well.
                let mut item = ItemBuilder::edit(there.item.clone());
                changed |= self.table.put_back(item.text("origin", origin.name()).take()).await?;
            }
        }
        if changed { self.windows(account).await } else { Ok(known) }
    }

    async fn plan_window(
        &self,
        account: &SellerId,
        window: Window,
        origin: WindowOrigin,
        there: Option<&StoredWindow>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut item = ItemBuilder::edit(there.map(|there| there.item.clone()).unwrap_or_default());
        item.text("purchase", windows_key(account)).text("part", window_part(window)).text("account", account.as_str());
        item.time("window_from", window.from).time("window_to", window.to).time("planned_at", now);
        let origin =
            there.map_or(origin, |there| if there.origin == WindowOrigin::Due { there.origin } else { origin });
        item.text("origin", origin.name());
        item.number("pulls", there.map_or(0, |there| there.pulls).saturating_add(1));
        let item = from_first_page(item);
        // Where somebody else was quicker, it is planned.
        if there.is_some() {
            self.table.put_back(item).await?
        } else {
            self.table.put_new(item).await?
        };
        Ok(())
    }

    /// All windows of an account, by their first moment.
    pub async fn windows(&self, account: &SellerId) -> Result<Vec<StoredWindow>, StoreError> {
        let items = self.table.begins_with(&windows_key(account), WINDOW).await?;
        items.into_iter().map(|item| self.read_window(item)).collect()
    }

    /// Notes a page whose transactions are durable, and the token that leads to the next page.
    pub async fn note_page(
        &self,
        window: &StoredWindow,
        page: &PageRecord,
        next: Option<&str>,
        now: Timestamp,
    ) -> Result<StoredWindow, StoreError> {
        let number = window.pages.pages.saturating_add(1);
        let fetched = u64::try_from(page.contents.len()).unwrap_or(u64::MAX).saturating_add(page.unreadable);
        let mut item = ItemBuilder::edit(window.item.clone());
        item.text("state", WindowState::Pulling.name())
            .number("pages", number)
            .number("fetched", window.pages.fetched.saturating_add(fetched))
            .number("unreadable", window.pages.unreadable.saturating_add(page.unreadable))
            .time("updated_at", now)
            .remove("next_page_token")
            .text_if("next_page_token", next);
        let mut changes: Vec<Change> = page_items(window, number, page).into_iter().map(Change::Beside).collect();
        changes.push(Change::Back(item.take()));
        self.put_window(window, changes).await
    }

    /// Begins a window again from its first page: Amazon refused its token. Everything that was booked stays.
    pub async fn restart_window(&self, window: &StoredWindow, now: Timestamp) -> Result<StoredWindow, StoreError> {
        let restarts: u64 = self.table.fields(&window.item).number_if("restarts")?.unwrap_or(0);
        let mut item = ItemBuilder::edit(window.item.clone());
        item.time("updated_at", now).number("restarts", restarts.saturating_add(1));
        self.put_window(window, vec![Change::Back(from_first_page(item))]).await
    }

    /// What the pages of a window said.
    pub(super) async fn fetched(&self, window: &StoredWindow) -> Result<Fetched, StoreError> {
        let mut pages: BTreeMap<u64, (Vec<(String, String)>, u64)> = BTreeMap::new();
        for item in self.table.begins_with(&pages_key(&window.account, window.window), PAGE).await? {
            let fields = self.table.fields(&item);
            let number = fields.number("page")?;
            // Pages of a round that was broken off may lie beyond those that count.
            if number > window.pages.pages {
                continue;
            }
            let (contents, unreadable) = pages.entry(number).or_default();
            *unreadable = unreadable.saturating_add(fields.number_if("unreadable")?.unwrap_or(0));
            for text in fields.texts("transactions")? {
                let (hash, id) = text.split_once(' ').ok_or_else(|| fields.fault("transactions", "hashes and ids"))?;
                contents.push((id.to_owned(), hash.to_owned()));
            }
        }
        let mut fetched = Fetched::default();
        for (contents, unreadable) in pages.into_values() {
            fetched.add_contents(contents, unreadable);
        }
        Ok(fetched)
    }

    /// Ends a window with its proof, and forgets pages of rounds that were broken off.
    pub(super) async fn end_window(
        &self,
        window: &StoredWindow,
        state: WindowState,
        proof: Item,
        now: Timestamp,
    ) -> Result<StoredWindow, StoreError> {
        let key = pages_key(&window.account, window.window);
        let mut left_over = Vec::new();
        for item in self.table.begins_with(&key, PAGE).await? {
            let fields = self.table.fields(&item);
            if fields.number::<u64>("page")? > window.pages.pages {
                left_over.push(self.table.key(&key, fields.text("part")?));
            }
        }
        delete_all(&self.table, left_over).await?;
        let mut item = ItemBuilder::edit(window.item.clone());
        item.text("state", state.name()).time("updated_at", now).time("completed_at", now);
        let item = item.remove("next_page_token").map("proof", proof).take();
        self.put_window(window, vec![Change::Back(item)]).await
    }

    async fn put_window(&self, window: &StoredWindow, changes: Vec<Change>) -> Result<StoredWindow, StoreError> {
        let name = || format!("{} / {}", windows_key(&window.account), window_part(window.window));
        if !self.table.put_together(changes).await? {
            return Err(StoreError::Conflict { item: name() });
        }
        let item = self.table.get(&windows_key(&window.account), &window_part(window.window)).await?;
        self.read_window(item.ok_or_else(|| StoreError::Missing { item: name() })?)
    }

    fn read_window(&self, item: Item) -> Result<StoredWindow, StoreError> {
        let fields = self.table.fields(&item);
        let state = fields.text("state")?;
        let state = WindowState::ALL.into_iter().find(|each| each.name() == state);
        let origin = fields.text("origin")?;
        let origin = [WindowOrigin::Due, WindowOrigin::Backfill].into_iter().find(|each| each.name() == origin);
        let (pages, fetched) = (fields.number("pages")?, fields.number("fetched")?);
        Ok(StoredWindow {
            account: fields.parse("account", "an account's id")?,
            window: Window { from: fields.time("window_from")?, to: fields.time("window_to")? },
            origin: origin.ok_or_else(|| fields.fault("origin", "due or backfill"))?,
            state: state.ok_or_else(|| fields.fault("state", "a state of a window"))?,
            pages: Pages { pages, fetched, unreadable: fields.number("unreadable")? },
            next_page_token: fields.text_if("next_page_token")?.map(str::to_owned),
            pulls: fields.number("pulls")?,
            completed_at: fields.time_if("completed_at")?,
            item,
        })
    }
}

impl StoredWindow {
    /// What a transaction says of where it came from: this window, in this pull of it.
    pub fn pull(&self) -> String {
        format!("{} pull {}", self.window, self.pulls)
    }
}

/// A window of which nothing is read.
fn from_first_page(mut item: ItemBuilder) -> Item {
    item.text("state", WindowState::Planned.name()).number("pages", 0).number("fetched", 0).number("unreadable", 0);
    item.remove("next_page_token").take()
}

/// Up to where the windows reach that are pulled because they were due. A day that was not over when it was pulled
/// does not count.
fn covered_until(windows: &[StoredWindow]) -> Option<Timestamp> {
    let counts = |each: &&StoredWindow| {
        let was_over = each.completed_at.is_none_or(|completed| completed >= each.window.to);
        each.origin == WindowOrigin::Due && (!each.state.is_over() || was_over)
    };
    windows.iter().filter(counts).map(|each| each.window.to).max()
}

/// A page in as many items as it needs; an empty page is an item, too.
fn page_items(window: &StoredWindow, number: u64, page: &PageRecord) -> Vec<Item> {
    let count = page.contents.len().div_ceil(IDS_OF_AN_ITEM).max(1);
    let mut chunks = page.contents.chunks(IDS_OF_AN_ITEM);
    let name = numbered(PAGE, usize::try_from(number).unwrap_or(usize::MAX));
    let item = |place: usize| {
        let part = if place == 0 { name.clone() } else { format!("{name}.{:02}", place.saturating_add(1)) };
        let mut item = ItemBuilder::new();
        item.text("purchase", pages_key(&window.account, window.window))
            .text("part", part)
            .text("account", window.account.as_str())
            .number("page", number)
            .number_if("unreadable", (place == 0 && page.unreadable > 0).then_some(page.unreadable))
            .texts("transactions", chunks.next().unwrap_or_default().iter().map(|(id, hash)| format!("{hash} {id}")))
            .take()
    };
    (0..count).map(item).collect()
}
