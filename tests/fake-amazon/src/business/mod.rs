//! Amazon Business: what a company bought, and the invoices for it.

pub(crate) mod admin;
mod config;
mod generate;
mod handle;
pub(crate) mod money;
pub(crate) mod operations;
pub(crate) mod random;
mod truth;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

pub use config::{AddedInvoice, AddedTransaction, BusinessConfig, MissingInvoice, Purchases, RefundAmounts};
pub use truth::{PurchasesTruth, TruthDifference, TruthInvoice, TruthSum};

use crate::clock::plus_ms;
use crate::reply::put;
use crate::scenario::SellerConfig;

/// A transaction, and since when it is shown.
#[derive(Clone, Debug)]
struct Entry {
    transaction: Value,
    feed_date: Timestamp,
    visible_at: Timestamp,
}

/// What an invoice is asked for with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "Amazon's names")]
pub(crate) struct LineKey {
    pub(crate) order_id: String,
    pub(crate) order_line_item_id: String,
    pub(crate) shipment_id: String,
}

/// An invoice, since when it is there, and what is shown before.
#[derive(Clone, Debug)]
struct Invoice {
    from: Timestamp,
    detail: Value,
    pending: Option<Value>,
}

/// The rest of a list: the transactions as they were when its first page was asked for.
#[derive(Clone, Debug)]
struct Page {
    list: Arc<[usize]>,
    offset: usize,
    expires_at: Timestamp,
}

/// Everything that a company bought.
#[derive(Debug, Default)]
pub(crate) struct BusinessState {
    entries: Vec<Entry>,
    invoices: HashMap<LineKey, Vec<Invoice>>,
    pages: HashMap<String, Page>,
    pub(crate) truth: PurchasesTruth,
}

impl BusinessState {
    /// The state of a scenario's start.
    pub(crate) fn new(config: &SellerConfig, now: Timestamp) -> Self {
        let mut state = Self::default();
        for purchases in &config.business.generate {
            state.generate(config, purchases, now);
        }
        for added in &config.business.transactions {
            state.add_transaction(added.clone(), now);
        }
        for added in &config.business.invoices {
            state.add_invoice(added.clone(), now);
        }
        state
    }

    /// Makes purchases up, and tells the truth about these alone.
    pub(crate) fn generate(&mut self, config: &SellerConfig, purchases: &Purchases, now: Timestamp) -> PurchasesTruth {
        let made = generate::make(config.region, purchases, now);
        for entry in made.entries {
            self.entries.push(entry);
        }
        for (key, invoice) in made.invoices {
            self.invoices.entry(key).or_default().push(invoice);
        }
        self.truth.add(&made.truth);
        made.truth
    }

    /// How many transactions there are, shown or not.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn add_transaction(&mut self, added: AddedTransaction, now: Timestamp) {
        let AddedTransaction { mut transaction, appears_after_ms } = added;
        let stated = transaction.get("feedDate").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let feed_date = stated.unwrap_or(now);
        if stated.is_none() {
            put(&mut transaction, "feedDate", json!(feed_date));
        }
        let visible_at = plus_ms(now, appears_after_ms).max(feed_date);
        self.entries.push(Entry { transaction, feed_date, visible_at });
    }

    pub(crate) fn add_invoice(&mut self, added: AddedInvoice, now: Timestamp) {
        let AddedInvoice { order_id, order_line_item_id, shipment_id, detail, pending, appears_after_ms } = added;
        let key = LineKey { order_id, order_line_item_id, shipment_id };
        let invoice = Invoice { from: plus_ms(now, appears_after_ms), detail, pending };
        self.invoices.entry(key).or_default().push(invoice);
    }

    /// The first page of a window of feed dates, both ends included, in the order of the feed dates.
    fn first_page(&self, from: Timestamp, to: Timestamp, now: Timestamp) -> Page {
        let shown =
            |entry: &Entry| (from..=to).contains(&entry.feed_date) && entry.visible_at.max(entry.feed_date) <= now;
        let mut list: Vec<(Timestamp, usize)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| shown(entry))
            .map(|(place, entry)| (entry.feed_date, place))
            .collect();
        list.sort_unstable();
        Page { list: list.into_iter().map(|(_, place)| place).collect(), offset: 0, expires_at: Timestamp::MAX }
    }

    /// The page that a token leads to; the token can be used again until it expires.
    fn next_page(&self, token: &str, now: Timestamp) -> Option<Page> {
        self.pages.get(token).filter(|page| now < page.expires_at).cloned()
    }

    /// Shows a page, with a token if there is another.
    fn show(&mut self, config: &BusinessConfig, page: &Page, now: Timestamp) -> Value {
        let size = config.page_size.max(1);
        let end = page.list.len().min(page.offset + size);
        let begin = page.offset.saturating_sub(config.page_overlap);
        let places = page.list.get(begin..end).unwrap_or_default();
        let transactions: Vec<_> =
            places.iter().filter_map(|place| self.entries.get(*place)).map(|entry| &entry.transaction).collect();
        let mut body = json!({"transactions": transactions});
        if end < page.list.len() {
            let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
            put(&mut body, "nextPageToken", json!(token));
            let expires_at = plus_ms(now, config.page_token_ms);
            self.pages.insert(token, Page { list: Arc::clone(&page.list), offset: end, expires_at });
        }
        body
    }

    /// Makes a page token too old, or all of them, and tells how many.
    pub(crate) fn expire_pages(&mut self, token: Option<&str>, now: Timestamp) -> usize {
        let hit = |known: &String| token.is_none_or(|wanted| wanted == known);
        self.pages.iter_mut().filter(|(known, _)| hit(known)).map(|(_, page)| page.expires_at = now).count()
    }

    /// The invoices of a line item as they are now; `None` leaves the line item out of the answer.
    fn details(&self, key: &LineKey, missing: MissingInvoice, now: Timestamp) -> Option<Vec<Value>> {
        let shown = |invoice: &Invoice| {
            if invoice.from <= now { Some(invoice.detail.clone()) } else { invoice.pending.clone() }
        };
        let details: Vec<_> = self.invoices.get(key).into_iter().flatten().filter_map(shown).collect();
        if !details.is_empty() {
            return Some(details);
        }
        let nothing = json!({"invoiceNumber": null, "invoiceDate": null, "consolidatedInvoiceDetails": null});
        match missing {
            MissingInvoice::Absent => None,
            MissingInvoice::Empty => Some(Vec::new()),
            MissingInvoice::Null => Some(vec![nothing]),
            MissingInvoice::Mixed => match key.order_line_item_id.bytes().map(u32::from).sum::<u32>() % 3 {
                0 => None,
                1 => Some(Vec::new()),
                _ => Some(vec![nothing]),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        plus_ms("2026-11-22T04:00:00Z".parse().unwrap(), ms)
    }

    fn entry(id: &str, feed_ms: i64) -> AddedTransaction {
        let transaction = json!({"transactionId": id, "feedDate": at(feed_ms)});
        AddedTransaction { transaction, appears_after_ms: 0 }
    }

    fn ids(body: &Value) -> Vec<&str> {
        body["transactions"].as_array().unwrap().iter().map(|one| one["transactionId"].as_str().unwrap()).collect()
    }

    fn state() -> BusinessState {
        let mut state = BusinessState::default();
        for (id, feed_ms) in [("C", 30), ("A", 10), ("B", 20), ("D", 40)] {
            state.add_transaction(entry(id, feed_ms), at(0));
        }
        state
    }

    #[test]
    fn a_window_has_both_of_its_ends() {
        let state = state();
        let page = state.first_page(at(10), at(30), at(1_000));
        assert_eq!(page.list.len(), 3);
    }

    #[test]
    fn a_transaction_is_shown_from_its_feed_date_or_later() {
        let mut state = state();
        assert_eq!(state.first_page(at(0), at(100), at(29)).list.len(), 2);
        state.add_transaction(AddedTransaction { appears_after_ms: 500, ..entry("E", 5) }, at(0));
        assert_eq!(state.first_page(at(0), at(100), at(499)).list.len(), 4);
        assert_eq!(state.first_page(at(0), at(100), at(500)).list.len(), 5);
    }

    #[test]
    fn pages_go_on_where_they_were_when_something_new_appears() {
        let config = BusinessConfig { page_size: 2, page_overlap: 1, ..BusinessConfig::default() };
        let mut state = state();
        let first = state.first_page(at(0), at(100), at(100));
        let body = state.show(&config, &first, at(100));
        assert_eq!(ids(&body), ["A", "B"]);
        state.add_transaction(entry("E", 15), at(100));
        let token = body["nextPageToken"].as_str().unwrap();
        let page = state.next_page(token, at(600_099)).unwrap();
        let last = state.show(&config, &page, at(100));
        assert_eq!((ids(&last), last.get("nextPageToken")), (vec!["B", "C", "D"], None));
        assert!(state.next_page(token, at(600_100)).is_none(), "it lives for ten minutes");
        state.expire_pages(Some(token), at(200));
        assert!(state.next_page(token, at(200)).is_none());
    }

    #[test]
    fn an_invoice_is_nothing_then_pending_then_there() {
        let mut state = BusinessState::default();
        let name = || "1".to_owned();
        let key = LineKey { order_id: name(), order_line_item_id: name(), shipment_id: name() };
        assert_eq!(state.details(&key, MissingInvoice::Absent, at(0)), None);
        assert_eq!(state.details(&key, MissingInvoice::Empty, at(0)), Some(Vec::new()));
        assert_eq!(state.details(&key, MissingInvoice::Null, at(0)).unwrap()[0]["invoiceNumber"], Value::Null);
        let added = AddedInvoice {
            order_id: name(),
            order_line_item_id: name(),
            shipment_id: name(),
            detail: json!({"invoiceNumber": "INV-1"}),
            pending: Some(json!({"consolidatedInvoiceDetails": {"invoiceNumber": "Pending"}})),
            appears_after_ms: 100,
        };
        state.add_invoice(added, at(0));
        let shown = |ms| state.details(&key, MissingInvoice::Absent, at(ms)).unwrap()[0].clone();
        assert_eq!(shown(99)["consolidatedInvoiceDetails"]["invoiceNumber"], "Pending");
        assert_eq!(shown(100)["invoiceNumber"], "INV-1");
    }
}
