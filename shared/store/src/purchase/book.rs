//! Books what a page says.
//!
//! The order of writing makes a run that is cut anywhere repeatable: first the lines and what leads to a transaction,
//! then the others whose verdict it changes, and its own header last. A transaction without its header is as good as
//! unknown, so it is booked again, and with it everything that follows from it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::ids::SellerId;
use countinghouse_purchases::{Booked as Amounts, Next, Outcome, Schedule, Transaction};
use jiff::Timestamp;

use super::Purchases;
use super::bulk::{delete_all, put_all};
use super::keys::{HEADER, KEYS, LINE, numbered, transaction_key};
use super::model::{Booked, Question, StoredTransaction};
use super::outcome::{judged, purchases};
use super::scene::{Member, Scene, plain};
use super::transaction::{expires_at, header, parts, personal_line};
use crate::item::{Fields, ItemBuilder};
use crate::{Item, StoreError};

/// So many earlier amounts of a transaction are remembered.
const MOST_EARLIER: usize = 20;

/// A transaction that is to be written.
struct Fresh {
    /// As Amazon states it, with everything personal.
    whole: Transaction,
    content_hash: String,
    known: Option<StoredTransaction>,
}

impl Purchases {
    /// Books transactions as one page of a window states them, and judges everything that hangs together with them.
    ///
    /// A transaction that is known as it is changes nothing. Of two words on one transaction the later one counts:
    /// that of the later feed date or date; where these are the same, what Amazon says now counts more than what it
    /// said in an earlier pull, and within one pull the hash decides, so that the order of pages does not.
    pub async fn book(
        &self,
        account: &SellerId,
        pull: &str,
        transactions: Vec<Transaction>,
        now: Timestamp,
    ) -> Result<Booked, StoreError> {
        let mut booked = Booked::default();
        let hashed = hashed(transactions);
        booked.contents = hashed.iter().map(|(each, hash)| (each.transaction_id.clone(), hash.clone())).collect();
        let latest = latest(hashed);
        let keys = latest.keys().map(|id| self.table.key(&transaction_key(account, id), HEADER)).collect();
        let mut headers = HashMap::new();
        for item in self.table.get_many(keys).await? {
            headers.insert(self.table.fields(&item).text("transaction_id")?.to_owned(), item);
        }
        let (mut fresh, mut repeated) = (Vec::new(), Vec::new());
        for (id, (whole, content_hash)) in latest {
            match headers.remove(&id) {
                None => {
                    booked.new = booked.new.saturating_add(1);
                    fresh.push(Fresh { whole, content_hash, known: None });
                }
                Some(header) if is_news(&header, &whole, &content_hash, pull)? => {
                    booked.updated = booked.updated.saturating_add(1);
                    let known = self.with_lines(vec![header]).await?.pop();
                    fresh.push(Fresh { whole, content_hash, known });
                }
                Some(header) => {
                    booked.unchanged = booked.unchanged.saturating_add(1);
                    repeated.push(header);
                }
            }
        }
        self.forget_former_lines(&repeated).await?;
        if !fresh.is_empty() {
            self.write_fresh(account, pull, fresh, now).await?;
        }
        Ok(booked)
    }

    async fn write_fresh(
        &self,
        account: &SellerId,
        pull: &str,
        fresh: Vec<Fresh>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut scene = Scene::new(account);
        let (mut items, mut headers) = (Vec::new(), BTreeMap::new());
        let orders = fresh.iter().flat_map(|each| orders_of(&each.whole));
        let forgotten = self.forgotten(account, orders).await?;
        for each in fresh {
            let first_seen_at = each.known.as_ref().map_or(now, |known| known.first_seen_at);
            let questions = questions(&each, first_seen_at);
            // What has expired does not come back.
            let is_forgotten = orders_of(&each.whole).any(|order| forgotten.contains(order));
            let expires_at = Some(expires_at(first_seen_at, self.retention_days))
                .filter(|at| *at > now.as_second() && !is_forgotten);
            let (parts, personal_lines) = parts(account, &each.whole, &questions, expires_at);
            let header = fresh_header(account, &each, first_seen_at, pull, personal_lines, now);
            items.extend(parts);
            headers.insert(each.whole.transaction_id.clone(), header);
            let stored = each.known.map(|known| known.header);
            let transaction = plain(each.whole);
            scene.add(Member { transaction, questions, first_seen_at, header: stored });
        }
        self.complete(&mut scene).await?;
        items.extend(scene.links());
        put_all(&self.table, items).await?;
        let outcomes = scene.outcomes();
        let own = self.write_outcomes(&scene, &outcomes, headers, now).await?;
        put_all(&self.table, own.clone()).await?;
        self.forget_former_lines(&own).await
    }

    /// Writes the purchases, and the headers of those whose verdict has changed, but for the given ones: these are
    /// returned with their verdicts, to be written last.
    pub(super) async fn write_outcomes(
        &self,
        scene: &Scene,
        outcomes: &BTreeMap<String, Outcome>,
        mut headers: BTreeMap<String, Item>,
        now: Timestamp,
    ) -> Result<Vec<Item>, StoreError> {
        let (items, former) = purchases(scene, outcomes);
        put_all(&self.table, items).await?;
        delete_all(&self.table, former.iter().map(|key| self.table.key(key, HEADER)).collect()).await?;
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for (id, outcome) in outcomes {
            let Some(member) = scene.members.get(id) else { continue };
            if let Some(header) = headers.remove(id) {
                own.extend(judged(&scene.account, member, outcome, header, now));
            } else {
                let stored = member.header.clone().unwrap_or_default();
                others.extend(judged(&scene.account, member, outcome, stored, now));
            }
        }
        put_all(&self.table, others).await?;
        Ok(own)
    }

    /// Deletes lines that a newer word on a transaction no longer has. The header says how many there were before,
    /// so a run that is cut between the two leaves nothing behind for good.
    async fn forget_former_lines(&self, headers: &[Item]) -> Result<(), StoreError> {
        let mut keys = Vec::new();
        for header in headers {
            let fields = self.table.fields(header);
            let (key, lines): (_, usize) = (fields.text("purchase")?, fields.number("line_count")?);
            let former: usize = fields.number_if("former_line_count")?.unwrap_or(0);
            for number in lines.saturating_add(1)..=former {
                keys.push(self.table.key(key, &numbered(LINE, number)));
                keys.push(self.table.key(key, &personal_line(number)));
            }
        }
        delete_all(&self.table, keys).await
    }
}

/// The orders that a transaction has lines of.
pub(super) fn orders_of(transaction: &Transaction) -> impl Iterator<Item = &str> {
    transaction.lines.iter().filter_map(|line| line.order_id.as_deref())
}

/// Each transaction with the hash of all of it. Lines stand in an order of their own, so that it does not matter in
/// which one Amazon lists them.
fn hashed(transactions: Vec<Transaction>) -> Vec<(Transaction, String)> {
    let hashed = |mut transaction: Transaction| {
        transaction.lines.sort_by_cached_key(|line| {
            let json = serde_json::to_string(line).unwrap_or_default();
            (line.order_id.clone(), line.order_line_item_id.clone(), line.shipment_id.clone(), json)
        });
        let hash = transaction.content_hash();
        (transaction, hash)
    };
    transactions.into_iter().map(hashed).collect()
}

/// The last word on each transaction.
fn latest(hashed: Vec<(Transaction, String)>) -> BTreeMap<String, (Transaction, String)> {
    let mut latest: BTreeMap<String, (Transaction, String)> = BTreeMap::new();
    for offered in hashed {
        let rank = |(transaction, hash): &(Transaction, String)| {
            (transaction.feed_date, transaction.transaction_date, hash.clone())
        };
        let id = offered.0.transaction_id.clone();
        if latest.get(&id).is_none_or(|known| rank(&offered) > rank(known)) {
            latest.insert(id, offered);
        }
    }
    latest
}

/// Whether a transaction says something new.
fn is_news(header: &Item, transaction: &Transaction, content_hash: &str, pull: &str) -> Result<bool, StoreError> {
    let fields = Fields::of(header, KEYS);
    let known_hash = fields.text("content_hash")?;
    if known_hash == content_hash {
        return Ok(false);
    }
    let known = super::item::read_header(&fields)?;
    let dates = |each: &Transaction| (each.feed_date, each.transaction_date);
    Ok(match dates(transaction).cmp(&dates(&known)) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => fields.text_if("pull")? != Some(pull) || content_hash > known_hash,
    })
}

/// What is to be asked about each line: what was asked already stays, by the identifiers of the line.
fn questions(fresh: &Fresh, first_seen_at: Timestamp) -> Vec<Question> {
    let mut known: HashMap<_, Vec<Question>> = HashMap::new();
    if let Some(stored) = &fresh.known {
        for (line, question) in stored.transaction.lines.iter().zip(&stored.questions) {
            known.entry(line.order_line_item()).or_default().push(question.clone());
        }
    }
    let amounts = Amounts::of(&fresh.whole);
    let since = fresh.whole.known_since().unwrap_or(first_seen_at);
    let question = |(place, line): (usize, &countinghouse_purchases::LineItem)| {
        let item = line.order_line_item();
        if let Some(question) = known.get_mut(&item).and_then(Vec::pop) {
            return question;
        }
        // Where nothing was paid there is no invoice, and without identifiers none can be asked for.
        let whole = amounts.lines.get(place).and_then(countinghouse_purchases::BookedLine::whole);
        let is_free = whole.is_some_and(|whole| whole.amount.is_zero());
        let next_at = match Schedule::default().next(since, 0, None) {
            Next::AskAt(at) if item.is_some() && !is_free => Some(at),
            Next::AskAt(_) | Next::Overdue(_) => None,
        };
        Question { next_at, ..Question::default() }
    };
    fresh.whole.lines.iter().enumerate().map(question).collect()
}

/// The header of a transaction with what it said before.
fn fresh_header(
    account: &SellerId,
    fresh: &Fresh,
    first_seen_at: Timestamp,
    pull: &str,
    personal_lines: usize,
    now: Timestamp,
) -> Item {
    let mut item = ItemBuilder::edit(header(account, &fresh.whole, &fresh.content_hash, first_seen_at));
    item.text("pull", pull).number("personal_lines", personal_lines).time("updated_at", now);
    let Some(known) = &fresh.known else { return item.take() };
    let fields = Fields::of(&known.header, KEYS);
    let revisions: u64 = fields.number_if("revisions").ok().flatten().unwrap_or(0);
    let former = fields.number_if::<usize>("former_line_count").ok().flatten().unwrap_or(0);
    item.number("revisions", revisions.saturating_add(1));
    item.number("former_line_count", former.max(known.transaction.lines.len()));
    let mut earlier = match known.header.get("earlier") {
        Some(AttributeValue::L(list)) => list.clone(),
        _ => Vec::new(),
    };
    let mut before = ItemBuilder::new();
    before.decimal("amount", known.transaction.amount.amount.normalize());
    before.text("currency", known.transaction.amount.currency.code()).text("content_hash", known.content_hash.as_str());
    earlier.insert(0, AttributeValue::M(before.time("until_at", now).take()));
    earlier.truncate(MOST_EARLIER);
    // What the verdict was stays until there is a new one, so that its change is seen.
    if let Some(state) = known.header.get("state") {
        item.value("state", state.clone());
    }
    if let Some(changed) = known.header.get("state_changed_at") {
        item.value("state_changed_at", changed.clone());
    }
    item.value("earlier", AttributeValue::L(earlier)).take()
}
