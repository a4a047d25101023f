//! Lists: by day, by state, and what cannot be read.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::money::Money;
use countinghouse_purchases::{LineInvoices, Outcome, Transaction};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::Purchases;
use super::keys::{HEADER, PERSONAL, of_account, transaction_key, unreadable_key};
use super::outcome::OVERDUE;
use super::scene::{Scene, amounts};
use super::transaction::expires_at;
use crate::item::{ItemBuilder, time_text};
use crate::{Item, StoreError};

/// What a transaction is found in the index by state under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Something contradicts.
    Differs,
    /// An invoice is missing beyond its deadline.
    Overdue,
    /// Something is not there yet.
    Open,
    /// It cannot be read.
    Unreadable,
}

impl Waiting {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Unreadable, Self::Differs, Self::Overdue, Self::Open];

    /// As the table has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Differs => "differs",
            Self::Overdue => OVERDUE,
            Self::Open => "open",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The headline of a transaction, as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Which.
    pub transaction_id: String,
    /// Amazon's word for its type.
    pub transaction_type: String,
    /// Its amount as it is booked: money back is negative.
    pub amount: Money,
    /// When it happened.
    pub transaction_date: Option<Timestamp>,
    /// Since when it is known.
    pub feed_date: Timestamp,
    /// `reconciled`, `open` or `differs`.
    pub state: String,
    /// Whether its invoice is missing beyond the deadline.
    pub is_overdue: bool,
    /// What differs or is missing, in sentences.
    pub details: Vec<String>,
    /// By how much the first difference is, where it is an amount.
    pub difference: Option<String>,
}

/// A transaction with everything that is known of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// As Amazon states it, without who bought and who paid.
    pub transaction: Transaction,
    /// What became of it.
    pub outcome: Outcome,
    /// What Amazon answered about its lines.
    pub invoices: Vec<LineInvoices>,
}

impl Purchases {
    /// The ids of the transactions that Amazon began to tell of in a span, by that date.
    pub async fn ids_by_feed_date(
        &self,
        account: &SellerId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let mut ids = Vec::new();
        let (first, last) = (from.to_string(), to.to_string());
        for month in months(from, to) {
            let hash = of_account(account, &month);
            let mut start = None;
            loop {
                let (keys, next) = self
                    .index_page("by-feed-date", ("account_month", &hash), ("feed_date", &first, &last), start, 1_000)
                    .await?;
                let prefix = transaction_key(account, "");
                let id = |key: &Item| Some(key.get("purchase")?.as_s().ok()?.strip_prefix(&prefix)?.to_owned());
                ids.extend(keys.iter().filter_map(id));
                start = next;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(ids)
    }

    /// The headlines of these transactions, in the order of their ids.
    pub async fn listed(&self, account: &SellerId, ids: &[String]) -> Result<Vec<Listed>, StoreError> {
        let keys: BTreeSet<&String> = ids.iter().collect();
        let keys = keys.into_iter().map(|id| self.table.key(&transaction_key(account, id), HEADER)).collect();
        let items = self.table.get_many(keys).await?;
        let mut listed: Vec<Listed> = items.iter().map(|item| self.read_listed(item)).collect::<Result<_, _>>()?;
        listed.sort_by(|left, right| left.transaction_id.cmp(&right.transaction_id));
        Ok(listed)
    }

    fn read_listed(&self, header: &Item) -> Result<Listed, StoreError> {
        let fields = self.table.fields(header);
        let texts = |name: &str| -> Vec<String> {
            let list = header.get(name).and_then(|list| list.as_l().ok()).map(Vec::as_slice).unwrap_or_default();
            let text = |each: &AttributeValue| Some(each.as_m().ok()?.get("text")?.as_s().ok()?.clone());
            list.iter().filter_map(text).collect()
        };
        Ok(Listed {
            transaction_id: fields.text("transaction_id")?.to_owned(),
            transaction_type: fields.text("transaction_type")?.to_owned(),
            amount: Money::new(fields.number("booked_amount")?, fields.parse("currency", "a currency")?),
            transaction_date: fields.time_if("transaction_date")?,
            feed_date: fields.time("feed_date")?,
            state: fields.text("state")?.to_owned(),
            is_overdue: fields.flag("invoice_overdue")?,
            details: [texts("differences"), texts("missing")].concat(),
            difference: fields.text_if("difference")?.map(str::to_owned),
        })
    }

    /// The transactions with everything that is known of them, judged anew, in the order of their ids.
    pub async fn judged(&self, account: &SellerId, ids: &[String]) -> Result<Vec<Judged>, StoreError> {
        let mut transactions = self.transactions(account, ids.iter().map(String::as_str)).await?;
        let mut scene = Scene::new(account);
        for stored in &transactions {
            scene.add(stored.clone().into());
        }
        self.complete(&mut scene).await?;
        let mut outcomes = scene.outcomes();
        self.restore_personal(&mut transactions).await?;
        let mut judged = Vec::new();
        for stored in transactions {
            let Some(outcome) = outcomes.remove(&stored.transaction.transaction_id) else { continue };
            let answers = stored.transaction.lines.iter().zip(stored.questions).filter_map(|(line, question)| {
                let order_line_item = line.order_line_item()?;
                Some((
                    order_line_item.clone(),
                    LineInvoices { order_line_item, invoices: question.invoices, other: BTreeMap::new() },
                ))
            });
            let mut invoices: BTreeMap<_, LineInvoices> = BTreeMap::new();
            for (item, answer) in answers {
                let known = invoices.entry(item).or_insert_with(|| answer.clone());
                if answer.invoices.len() > known.invoices.len() {
                    *known = answer;
                }
            }
            let transaction = with_cents(stored.transaction);
            judged.push(Judged { transaction, outcome, invoices: invoices.into_values().collect() });
        }
        judged.sort_by(|left, right| left.transaction.transaction_id.cmp(&right.transaction.transaction_id));
        Ok(judged)
    }

    /// How many of an account's transactions wait for something.
    pub async fn count_waiting(&self, account: &SellerId, waiting: Waiting) -> Result<u64, StoreError> {
        let (mut count, mut start) = (0_u64, None);
        loop {
            let request = self
                .table
                .client
                .query()
                .table_name(&self.table.name)
                .index_name("by-state")
                .select(Select::Count)
                .key_condition_expression("#hash = :hash")
                .expression_attribute_names("#hash", "account_state")
                .expression_attribute_values(":hash", AttributeValue::S(of_account(account, waiting.name())));
            let answer = request.set_exclusive_start_key(start).send().await;
            let answer = answer.map_err(|error| StoreError::sdk(self.table.operation("Query"), error))?;
            count = count.saturating_add(u64::try_from(answer.count).unwrap_or(0));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    /// Since when the one that has waited longest has.
    pub async fn oldest_waiting(&self, account: &SellerId, waiting: Waiting) -> Result<Option<Timestamp>, StoreError> {
        let of_state = of_account(account, waiting.name());
        let first = self.table.first_in_index("by-state", ("account_state", of_state.as_str())).await?;
        first.map(|item| self.table.fields(&item).time("since")).transpose()
    }

    /// The ids of the transactions that wait for something, the longest first.
    pub async fn ids_waiting(&self, account: &SellerId, waiting: Waiting) -> Result<Vec<String>, StoreError> {
        let of_state = of_account(account, waiting.name());
        let prefix = transaction_key(account, "");
        let keys = self.table.keys_in_index("by-state", "account_state", &of_state).await?;
        let id = |key: &Item| Some(key.get("purchase")?.as_s().ok()?.strip_prefix(&prefix)?.to_owned());
        Ok(keys.iter().filter_map(id).collect())
    }

    /// Keeps something that cannot be read: where it stops making sense, and its bytes, which expire as they may name
    /// persons.
    pub async fn keep_unreadable(
        &self,
        account: &SellerId,
        hash: &str,
        reason: &str,
        json: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = unreadable_key(account, hash);
        let mut header = ItemBuilder::new();
        header.text("purchase", key.as_str()).text("part", HEADER).text("account", account.as_str());
        header.text("account_state", of_account(account, Waiting::Unreadable.name())).text("since", time_text(now));
        let is_new = self.table.put_new(header.text("reason", reason).take()).await?;
        if is_new {
            let mut personal = ItemBuilder::new();
            personal.text("purchase", key).text("part", PERSONAL).text("account", account.as_str());
            personal.text("json", json.chars().take(MOST_JSON).collect::<String>());
            let personal = personal.number("expires_at", expires_at(now, self.retention_days)).take();
            self.table.put(personal).await?;
        }
        Ok(())
    }

    /// One page of the keys that an index holds under a value, between two values of its sort key.
    pub(super) async fn index_page(
        &self,
        index: &str,
        (hash, value): (&str, &str),
        (range, from, to): (&str, &str, &str),
        start: Option<Item>,
        most: usize,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        // An index has no empty keys, so anything is larger than a blank.
        let from = if from.is_empty() { " " } else { from };
        let request = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(index)
            .key_condition_expression("#hash = :hash AND #range BETWEEN :from AND :to")
            .expression_attribute_names("#hash", hash)
            .expression_attribute_names("#range", range)
            .expression_attribute_values(":hash", text(value))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        let answer = request.set_exclusive_start_key(start).send().await;
        let answer = answer.map_err(|error| StoreError::sdk(self.table.operation("Query"), error))?;
        let mut keys = answer.items.unwrap_or_default();
        for key in &mut keys {
            key.retain(|name, _| name == self.table.keys.0 || name == self.table.keys.1);
        }
        Ok((keys, answer.last_evaluated_key))
    }
}

/// DynamoDB shows `5.90` as `5.9`; an accountant sees the decimals of the currency.
fn with_cents(mut transaction: Transaction) -> Transaction {
    let padded = |money: &mut Money| {
        let digits = money.currency.minor_digits();
        if money.amount.scale() < digits {
            money.amount.rescale(digits);
        }
    };
    padded(&mut transaction.amount);
    transaction.lines.iter_mut().flat_map(amounts).for_each(padded);
    transaction
}

/// An item is at most 400 KB; a sign has four bytes at most.
const MOST_JSON: usize = 90_000;

/// `2026-10`, `2026-11` … for every month of a span.
fn months(from: Timestamp, to: Timestamp) -> Vec<String> {
    let utc = |time: Timestamp| time.to_zoned(TimeZone::UTC);
    let (mut month, last) = (utc(from).date().first_of_month(), utc(to).date());
    let mut months = Vec::new();
    while month <= last {
        months.push(month.strftime("%Y-%m").to_string());
        let Ok(next) = month.checked_add(1.month()) else { break };
        month = next;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_every_month_that_it_touches() {
        let months = months("2025-11-30T23:59:59Z".parse().unwrap(), "2026-02-01T00:00:00Z".parse().unwrap());
        assert_eq!(months, ["2025-11", "2025-12", "2026-01", "2026-02"]);
    }
}
