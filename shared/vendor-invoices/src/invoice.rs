//! An accepted invoice.

use std::collections::HashSet;

use countinghouse_domain::money::{Currency, Money};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::api::Api;
use crate::model::{InvoiceFields, InvoiceType, Style, Wire as _};

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
    body: Value,
    content_hash: String,
}

impl Invoice {
    /// `None` where something is missing that an accepted invoice has.
    pub(crate) fn new(fields: &InvoiceFields, api: Api) -> Option<Self> {
        let total = fields.invoice_total.as_ref()?;
        let mut seen = HashSet::new();
        let orders = fields.items.iter().filter_map(|item| item.purchase_order_number.as_ref());
        let purchase_orders = orders.filter(|number| seen.insert(*number)).cloned().collect();
        Some(Self {
            api,
            id: fields.id.clone()?,
            remit_to: fields.remit_to_party.as_ref()?.party_id.clone()?,
            bill_to: fields.bill_to_party.as_ref().and_then(|party| party.party_id.clone()),
            credit_note: fields.invoice_type == Some(InvoiceType::CreditNote),
            date: fields.date.as_ref()?.at(),
            total: Money::new(total.amount?, total.currency?),
            purchase_orders,
            body: fields.write(Style { api, canonical: false }),
            content_hash: fingerprint(api, &fields.write(Style { api, canonical: true })),
        })
    }

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
    pub fn to_body(&self) -> Value {
        self.body.clone()
    }

    /// SHA-256 in hex of what the invoice says: neither the order of its fields, nor the zeros at the end of an
    /// amount, nor the offset of a date changes it.
    pub fn content_hash(&self) -> &str {
        &self.content_hash
    }
}

/// SHA-256 of a value with the fields of its objects in alphabetical order.
fn fingerprint(api: Api, value: &Value) -> String {
    let mut hash = Sha256::new();
    hash.update(api.name());
    feed(value, &mut hash);
    hex::encode(hash.finalize())
}

/// Each part is fed with a sign of its kind and its length, so that no two values feed the same bytes.
fn feed(value: &Value, hash: &mut Sha256) {
    match value {
        Value::Object(fields) => {
            hash.update(format!("{{{}", fields.len()));
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in fields {
                hash.update(format!("{}:{name}", name.len()));
                feed(value, hash);
            }
        }
        Value::Array(list) => {
            hash.update(format!("[{}", list.len()));
            for value in list {
                feed(value, hash);
            }
        }
        Value::String(text) => hash.update(format!("\"{}:{text}", text.len())),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => hash.update(format!("={other};")),
    }
}
