//! Transactions and their lines, item by item.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::ids::SellerId;
use countinghouse_purchases::{InvoiceDetail, LineInvoices, Transaction};
use jiff::{SignedDuration, Timestamp};

use super::Purchases;
use super::item::{
    attributes, json_text, read_header, read_line, restore_line, write_header, write_line, write_personal,
    write_personal_line,
};
use super::keys::{HEADER, LINE, PERSONAL, numbered, of_account, transaction_key};
use super::model::{LineKey, Question, StoredTransaction};
use crate::item::{Fields, ItemBuilder};
use crate::{Item, StoreError};

impl Purchases {
    /// The transactions with these ids and all of their lines, as they are now; those that are not there are left out.
    pub async fn transactions(
        &self,
        account: &SellerId,
        ids: impl IntoIterator<Item = &str>,
    ) -> Result<Vec<StoredTransaction>, StoreError> {
        let ids: BTreeSet<&str> = ids.into_iter().collect();
        let keys = ids.into_iter().map(|id| self.table.key(&transaction_key(account, id), HEADER)).collect();
        self.with_lines(self.table.get_many(keys).await?).await
    }

    /// The transactions of these headers.
    pub(super) async fn with_lines(&self, headers: Vec<Item>) -> Result<Vec<StoredTransaction>, StoreError> {
        let mut wanted = Vec::new();
        for header in &headers {
            let fields = self.table.fields(header);
            let key = fields.text("purchase")?;
            let lines: usize = fields.number("line_count")?;
            wanted.extend((1..=lines).map(|number| self.table.key(key, &numbered(LINE, number))));
        }
        let mut lines: HashMap<String, BTreeMap<usize, Item>> = HashMap::new();
        for item in self.table.get_many(wanted).await? {
            let fields = self.table.fields(&item);
            let (key, number) = (fields.text("purchase")?.to_owned(), fields.number("line")?);
            lines.entry(key).or_default().insert(number, item);
        }
        let none = BTreeMap::new();
        let of = |header: &Item| header.get("purchase").and_then(|key| key.as_s().ok()).and_then(|key| lines.get(key));
        headers.iter().map(|header| read_stored(header, of(header).unwrap_or(&none))).collect()
    }

    /// Gives the lines of transactions back what their company asked for at the checkout, where it has not expired.
    pub async fn restore_personal(&self, transactions: &mut [StoredTransaction]) -> Result<(), StoreError> {
        let mut places = HashMap::new();
        for (place, stored) in transactions.iter().enumerate() {
            let key = transaction_key(&stored.account, &stored.transaction.transaction_id);
            let personal: u64 = Fields::of(&stored.header, super::keys::KEYS).number_if("personal_lines")?.unwrap_or(0);
            if personal > 0 {
                places.insert(key, place);
            }
        }
        let mut wanted = Vec::new();
        for (key, place) in &places {
            let lines = transactions.get(*place).map_or(0, |stored| stored.transaction.lines.len());
            wanted.extend((1..=lines).map(|number| self.table.key(key, &personal_line(number))));
        }
        for item in self.table.get_many(wanted).await? {
            let fields = self.table.fields(&item);
            let number: usize = fields.number("line")?;
            let stored = places.get(fields.text("purchase")?).and_then(|place| transactions.get_mut(*place));
            let line = stored.and_then(|stored| stored.transaction.lines.get_mut(number.saturating_sub(1)));
            if let Some(line) = line {
                restore_line(line, &fields)?;
            }
        }
        Ok(())
    }
}

/// Where the personal part of a line lies.
pub(super) fn personal_line(number: usize) -> String {
    format!("{PERSONAL} {}", numbered(LINE, number))
}

/// The items of a transaction apart from its header, and how many lines have a personal part.
pub(super) fn parts(
    account: &SellerId,
    transaction: &Transaction,
    questions: &[Question],
    expires_at: Option<i64>,
) -> (Vec<Item>, usize) {
    let key = transaction_key(account, &transaction.transaction_id);
    let mut items = Vec::new();
    let start = |part: &str| {
        let mut item = ItemBuilder::with_capacity(32);
        item.text("purchase", key.as_str()).text("part", part).text("account", account.as_str());
        item
    };
    let mut personal = start(PERSONAL);
    if let (true, Some(expires_at)) = (write_personal(&mut personal, transaction), expires_at) {
        items.push(personal.number("expires_at", expires_at).take());
    }
    let mut personal_lines = 0_usize;
    for (place, line) in transaction.lines.iter().enumerate() {
        let number = place.saturating_add(1);
        let mut item = start(&numbered(LINE, number));
        item.number("line", number).text("transaction_id", transaction.transaction_id.as_str());
        write_line(&mut item, line, transaction.amount.currency);
        write_question(&mut item, account, questions.get(place).unwrap_or(&Question::default()));
        items.push(item.take());
        let mut personal = start(&personal_line(number));
        if let (true, Some(expires_at)) = (write_personal_line(&mut personal, line), expires_at) {
            personal_lines = personal_lines.saturating_add(1);
            items.push(personal.number("line", number).number("expires_at", expires_at).take());
        }
    }
    (items, personal_lines)
}

/// What Amazon states on a header, without what was found out about it.
pub(super) fn header(
    account: &SellerId,
    transaction: &Transaction,
    content_hash: &str,
    first_seen_at: Timestamp,
) -> Item {
    let known_since = transaction.known_since().unwrap_or(first_seen_at);
    let mut item = ItemBuilder::with_capacity(40);
    item.text("purchase", transaction_key(account, &transaction.transaction_id))
        .text("part", HEADER)
        .text("account", account.as_str())
        .text("account_month", of_account(account, known_since.strftime("%Y-%m").to_string().as_str()));
    write_header(&mut item, transaction, known_since);
    item.text("content_hash", content_hash).time("first_seen_at", first_seen_at);
    item.take()
}

fn read_stored(header: &Item, lines: &BTreeMap<usize, Item>) -> Result<StoredTransaction, StoreError> {
    let fields = Fields::of(header, super::keys::KEYS);
    let mut transaction = read_header(&fields)?;
    let mut questions = Vec::new();
    for number in 1..=fields.number::<usize>("line_count")? {
        // A newer word with fewer lines was cut off before its header was written; it is written soon.
        let Some(line) = lines.get(&number) else { continue };
        let line = Fields::of(line, super::keys::KEYS);
        transaction.lines.push(read_line(&line)?);
        questions.push(read_question(&line)?);
    }
    Ok(StoredTransaction {
        account: fields.parse("account", "an account's id")?,
        transaction,
        questions,
        content_hash: fields.text("content_hash")?.to_owned(),
        first_seen_at: fields.time("first_seen_at")?,
        header: header.clone(),
    })
}

/// Writes what was asked about a line. While something is to be asked, the line stands in the index of what is due.
pub(super) fn write_question(item: &mut ItemBuilder, account: &SellerId, question: &Question) {
    item.number("asked", question.asked).remove("asked_at").remove("due_account").remove("due_at");
    if let Some(asked_at) = question.asked_at {
        item.time("asked_at", asked_at);
    }
    if let Some(next_at) = question.next_at {
        item.text("due_account", of_account(account, "invoices")).time("due_at", next_at);
    }
    item.remove("invoice_overdue");
    if question.is_overdue {
        item.flag("invoice_overdue", true);
    }
    let invoices: Vec<_> = question.invoices.iter().map(slim).map(AttributeValue::M).collect();
    item.remove("invoices");
    if !invoices.is_empty() {
        item.value("invoices", AttributeValue::L(invoices));
    }
}

/// An invoice as it stands on a line: without items, fees, tax totals and address.
fn slim(invoice: &InvoiceDetail) -> Item {
    let slim = InvoiceDetail {
        bill_to_address: None,
        tax: Vec::new(),
        items: Vec::new(),
        fees: Vec::new(),
        other: BTreeMap::new(),
        ..invoice.clone()
    };
    serde_json::to_string(&slim).ok().and_then(|json| attributes(&json)).unwrap_or_default()
}

fn read_question(fields: &Fields<'_>) -> Result<Question, StoreError> {
    Ok(Question {
        asked: fields.number_if("asked")?.unwrap_or(0),
        asked_at: fields.time_if("asked_at")?,
        next_at: fields.time_if("due_at")?,
        is_overdue: fields.flag("invoice_overdue")?,
        invoices: read_invoices(fields)?,
    })
}

fn read_invoices(fields: &Fields<'_>) -> Result<Vec<InvoiceDetail>, StoreError> {
    let fault = || fields.fault("invoices", "a list of invoices");
    let Some(list) = fields.item().get("invoices") else { return Ok(Vec::new()) };
    let list = list.as_l().map_err(|_other| fault())?;
    let texts: Result<Vec<_>, _> =
        list.iter().map(|each| each.as_m().map(json_text).map_err(|_other| fault())).collect();
    read_details(&texts?).ok_or_else(fault)
}

/// Invoices from their JSON, by way of an answer about a line, which is how Amazon says them.
pub(super) fn read_details(invoices: &[String]) -> Option<Vec<InvoiceDetail>> {
    let line = r#"{"orderId":"-","orderLineItemId":"-","shipmentId":"-"}"#;
    let json = format!(r#"{{"orderLineItem":{line},"invoiceDetails":[{}]}}"#, invoices.join(","));
    LineInvoices::from_json(&json).ok().map(|read| read.value.invoices)
}

/// When what is personal expires, in seconds since 1970.
pub(super) fn expires_at(first_seen_at: Timestamp, retention_days: u16) -> i64 {
    let hours = i64::from(retention_days).saturating_mul(24);
    first_seen_at.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX).as_second()
}

impl StoredTransaction {
    /// The key of one of its lines, by its place among them.
    pub fn line_key(&self, place: usize) -> LineKey {
        LineKey { transaction_id: self.transaction.transaction_id.clone(), number: place.saturating_add(1) }
    }
}
