//! What is true of purchases that were made up, for tests that compare.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::money::Currency;

/// What is true of purchases that were made up.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PurchasesTruth {
    /// How many transactions.
    pub transactions: usize,
    /// How many line items they have together.
    pub line_items: usize,
    /// The sum of the amounts as they are written, for each currency and type.
    pub sums: Vec<TruthSum>,
    /// How many transactions have a feed date on a day (UTC).
    pub by_feed_day: BTreeMap<String, usize>,
    /// The first feed date.
    pub first_feed_date: Option<Timestamp>,
    /// The last feed date.
    pub last_feed_date: Option<Timestamp>,
    /// From this instant on, all transactions and all invoices are shown as they will stay.
    pub complete_at: Option<Timestamp>,
    /// How many have a feed date at least a day after the transaction's date.
    pub late: usize,
    /// How many appear later than their feed date says.
    pub held: usize,
    /// How many are one of several that pay for one order.
    pub split: usize,
    /// How many line items have no shipment: invoices cannot be asked for.
    pub without_shipment: usize,
    /// The invoices of each line item that can be asked for; without a number, it never has one.
    pub invoices: Vec<TruthInvoice>,
    /// The transactions that do not add up.
    pub differing: Vec<TruthDifference>,
    #[serde(skip)]
    minor: BTreeMap<(Currency, &'static str), (usize, i64)>,
}

/// A sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthSum {
    /// The currency.
    pub currency: String,
    /// `CHARGE`, `REFUND` or `OVERREFUND`.
    pub transaction_type: String,
    /// Of so many transactions.
    pub count: usize,
    /// A decimal number.
    pub amount: String,
}

/// An invoice or credit memo of a line item, or that there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthInvoice {
    /// The order.
    pub order_id: String,
    /// The line item.
    pub order_line_item_id: String,
    /// The shipment.
    pub shipment_id: String,
    /// The number of the invoice; `None` if there will never be one.
    pub invoice_number: Option<String>,
    /// The number of the invoice that it is consolidated into.
    pub consolidated_number: Option<String>,
    /// Since when it is shown whole.
    pub from: Option<Timestamp>,
}

/// A transaction that does not add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthDifference {
    /// Which.
    pub transaction_id: String,
    /// So much more than its line items, a decimal number.
    pub by: String,
    /// In this currency.
    pub currency: String,
}

impl PurchasesTruth {
    /// Counts a transaction.
    pub(crate) fn count(&mut self, currency: Currency, transaction_type: &'static str, minor: i64) {
        self.transactions += 1;
        let sum = self.minor.entry((currency, transaction_type)).or_default();
        *sum = (sum.0 + 1, sum.1 + minor);
    }

    /// Counts a feed date, and the instant from which the transaction is shown.
    pub(crate) fn feed(&mut self, feed_date: Timestamp, visible_at: Timestamp) {
        let day = feed_date.to_zoned(TimeZone::UTC).date().to_string();
        *self.by_feed_day.entry(day).or_default() += 1;
        self.first_feed_date = Some(self.first_feed_date.map_or(feed_date, |known| known.min(feed_date)));
        self.last_feed_date = Some(self.last_feed_date.map_or(feed_date, |known| known.max(feed_date)));
        self.complete(visible_at);
    }

    /// Something changes at this instant.
    pub(crate) fn complete(&mut self, at: Timestamp) {
        self.complete_at = Some(self.complete_at.map_or(at, |known| known.max(at)));
    }

    /// Writes down the sums of what was counted.
    pub(crate) fn write_sums(&mut self) {
        let sums = self.minor.iter().map(|((currency, transaction_type), (count, minor))| TruthSum {
            currency: currency.code.to_owned(),
            transaction_type: (*transaction_type).to_owned(),
            count: *count,
            amount: currency.text(*minor),
        });
        self.sums = sums.collect();
    }

    /// The truth about both.
    pub(crate) fn add(&mut self, other: &Self) {
        self.transactions += other.transactions;
        self.line_items += other.line_items;
        for (key, (count, minor)) in &other.minor {
            let sum = self.minor.entry(*key).or_default();
            *sum = (sum.0 + count, sum.1 + minor);
        }
        self.write_sums();
        for (day, count) in &other.by_feed_day {
            *self.by_feed_day.entry(day.clone()).or_default() += count;
        }
        self.first_feed_date = self.first_feed_date.into_iter().chain(other.first_feed_date).min();
        self.last_feed_date = self.last_feed_date.max(other.last_feed_date);
        self.complete_at = self.complete_at.max(other.complete_at);
        self.late += other.late;
        self.held += other.held;
        self.split += other.split;
        self.without_shipment += other.without_shipment;
        self.invoices.extend_from_slice(&other.invoices);
        self.differing.extend_from_slice(&other.differing);
    }
}
