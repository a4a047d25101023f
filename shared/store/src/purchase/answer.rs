//! Lines whose invoice is to be asked for, and what Amazon answers.
//!
//! A line stands in the index of what is due until its answer is stored, and the answer is stored on it last. So a run
//! that is cut asks again, and writes the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use countinghouse_domain::ids::SellerId;
use countinghouse_purchases::{
    InvoiceState, LineInvoices, Next, OrderLineItem, Schedule, TransactionType, invoice_state,
};
use jiff::Timestamp;

use super::Purchases;
use super::bulk::put_all;
use super::invoice;
use super::keys::{LINE, numbered, of_account, transaction_key};
use super::model::{LineKey, Question};
use super::scene::Scene;
use super::transaction::{expires_at, write_question};
use crate::item::{ItemBuilder, time_text};
use crate::{Item, StoreError};

/// A line whose invoice is to be asked for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLine {
    /// Which line.
    pub key: LineKey,
    /// What it is asked for with.
    pub item: OrderLineItem,
}

/// Lines that are due, and where to go on.
#[derive(Debug, Clone, Default)]
pub struct DueLines {
    /// The lines.
    pub lines: Vec<DueLine>,
    /// What leads to the rest of them; none where there are no more.
    pub next: Option<Item>,
}

/// What came of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answered {
    /// Lines that have their invoice now.
    pub found: u64,
    /// Lines that are to be asked about again.
    pub waiting: u64,
    /// Lines that have been waited for too long.
    pub overdue: u64,
}

impl Purchases {
    /// The lines that are due, the earliest first, from where the last call ended.
    pub async fn due_lines(
        &self,
        account: &SellerId,
        now: Timestamp,
        from: Option<Item>,
        most: usize,
    ) -> Result<DueLines, StoreError> {
        let until = time_text(now);
        let (keys, next) = self
            .index_page("due", ("due_account", &of_account(account, "invoices")), ("due_at", "", &until), from, most)
            .await?;
        let mut lines = Vec::new();
        for item in self.table.get_many(keys).await? {
            let fields = self.table.fields(&item);
            // The index lags behind the table.
            if fields.time_if("due_at")?.is_none_or(|due| due > now) {
                continue;
            }
            let text = |name| fields.text(name).map(str::to_owned);
            let key = LineKey { transaction_id: text("transaction_id")?, number: fields.number("line")? };
            let (order_id, order_line_item_id) = (text("order_id")?, text("order_line_item_id")?);
            let item = OrderLineItem { order_id, order_line_item_id, shipment_id: text("shipment_id")? };
            lines.push(DueLine { key, item });
        }
        lines.sort_by(|left, right| left.key.cmp(&right.key));
        Ok(DueLines { lines, next })
    }

    /// Stores what Amazon answered about lines that were asked about, and judges everything that hangs together with
    /// them. A line item without an answer has no invoice yet.
    pub async fn answer(
        &self,
        account: &SellerId,
        asked: &[DueLine],
        answers: &[LineInvoices],
        now: Timestamp,
    ) -> Result<Answered, StoreError> {
        let answers: HashMap<&OrderLineItem, &LineInvoices> =
            answers.iter().map(|answer| (&answer.order_line_item, answer)).collect();
        let mut scene = Scene::new(account);
        let ids: BTreeSet<&str> = asked.iter().map(|line| line.key.transaction_id.as_str()).collect();
        for stored in self.transactions(account, ids).await? {
            scene.add(stored.into());
        }
        let (mut answered, mut invoices) = (Answered::default(), Vec::new());
        let forgotten = self.forgotten(account, asked.iter().map(|line| line.item.order_id.as_str())).await?;
        for line in asked {
            let answer = answers.get(&line.item).copied();
            let Some(question) = settle(&mut scene, line, answer, now, &mut answered) else { continue };
            *question.0 = question.1;
            let Some(answer) = answer else { continue };
            for detail in answer.invoices.iter().filter(|detail| detail.invoice_total.is_some()) {
                if let Some(number) = detail.number() {
                    scene.invoices.insert(number.to_owned(), detail.clone());
                }
            }
            let expires_at = Some(expires_at(now, self.retention_days));
            let expires_at = expires_at.filter(|_| !forgotten.contains(&line.item.order_id));
            invoices.extend(invoice::items(account, &line.key, &answer.invoices, expires_at));
        }
        put_all(&self.table, invoices).await?;
        self.complete(&mut scene).await?;
        let outcomes = scene.outcomes();
        self.write_outcomes(&scene, &outcomes, BTreeMap::new(), now).await?;
        self.write_questions(&scene, asked).await?;
        Ok(answered)
    }

    /// Puts the answers on their lines; everything else of a line stays as it is.
    async fn write_questions(&self, scene: &Scene, asked: &[DueLine]) -> Result<(), StoreError> {
        let key = |line: &DueLine| {
            let partition = transaction_key(&scene.account, &line.key.transaction_id);
            self.table.key(&partition, &numbered(LINE, line.key.number))
        };
        let mut items = Vec::new();
        for item in self.table.get_many(asked.iter().map(key).collect()).await? {
            let fields = self.table.fields(&item);
            let (id, number): (_, usize) = (fields.text("transaction_id")?, fields.number("line")?);
            let question = scene.members.get(id).and_then(|member| member.questions.get(number.saturating_sub(1)));
            if let Some(question) = question {
                let mut line = ItemBuilder::edit(item.clone());
                write_question(&mut line, &scene.account, question);
                items.push(line.take());
            }
        }
        put_all(&self.table, items).await
    }
}

/// The question of a line, and what it is after the answer.
fn settle<'a>(
    scene: &'a mut Scene,
    line: &DueLine,
    answer: Option<&LineInvoices>,
    now: Timestamp,
    answered: &mut Answered,
) -> Option<(&'a mut Question, Question)> {
    let member = scene.members.get_mut(&line.key.transaction_id)?;
    let gives_back =
        matches!(member.transaction.transaction_type, TransactionType::Refund | TransactionType::Overrefund);
    let since = member.transaction.known_since().unwrap_or(member.first_seen_at);
    let question = member.questions.get_mut(line.key.number.saturating_sub(1))?;
    let asked = question.asked.saturating_add(1);
    // An invoice that is there does not go away.
    let invoices = answer.map_or_else(|| question.invoices.clone(), |answer| answer.invoices.clone());
    let known = LineInvoices { order_line_item: line.item.clone(), invoices, other: BTreeMap::new() };
    let next = match invoice_state(Some(&known), gives_back) {
        InvoiceState::Found => None,
        InvoiceState::Nothing | InvoiceState::Pending | InvoiceState::CreditMemoMissing => {
            Some(Schedule::default().next(since, asked, Some(now)))
        }
    };
    let (next_at, count) = match next {
        None => (None, &mut answered.found),
        Some(Next::AskAt(at)) => (Some(at), &mut answered.waiting),
        Some(Next::Overdue(_)) => (None, &mut answered.overdue),
    };
    *count = count.saturating_add(1);
    let is_overdue = matches!(next, Some(Next::Overdue(_)));
    Some((question, Question { asked, asked_at: Some(now), next_at, is_overdue, invoices: known.invoices }))
}
