//! Whole answers: a page of transactions, the invoices of line items. One piece that makes no sense does not spoil
//! the others, and is not lost.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::model::entry::{read, root, subject, to_json};
use crate::model::{InvoiceDetail, OrderLineItem, Transaction};
use crate::wire::{Fault, Fields, Other, Part, Raw, Read, ReadError, Reader, Remark, object};

/// One piece of an answer: what it says, or why it cannot be read, and its JSON in either case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<T> {
    /// As it came. It may name persons.
    pub json: Raw,
    /// What it says.
    pub reading: Result<Read<T>, ReadError>,
}

/// A page of transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionsPage {
    /// The transactions, as they stand on the page.
    pub transactions: Vec<Piece<Transaction>>,
    /// The token that leads to the next page; none on the last.
    pub next: Option<String>,
    /// What is strange about the page itself.
    pub remarks: Vec<Remark>,
}

/// The invoices of the line items that were asked for. A line item that has none may be absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceAnswers {
    /// For each line item that Amazon answers.
    pub lines: Vec<Piece<LineInvoices>>,
    /// What is strange about the answer itself.
    pub remarks: Vec<Remark>,
}

object! {
    /// The invoices that cover a line item.
    LineInvoices {
        /// Which line item.
        order_line_item: OrderLineItem = "orderLineItem",
        /// Its invoices and credit memos.
        invoices: Vec<InvoiceDetail> = "invoiceDetails",
    }
}

impl TransactionsPage {
    /// Reads an answer of `getTransactions`.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        let page = root(json, |raw, reader| {
            let (mut fields, mut other) = (reader.fields(raw)?, Other::new());
            let list = list("transactions", &mut fields, reader)?;
            let next = reader.take("nextPageToken", &mut fields, &mut other)?;
            reader.keep(fields, &mut other);
            Ok((list, next))
        });
        let Read { value: (list, next), remarks } = page.map_err(|fault| fault.about(None))?;
        let transactions = pieces(list, |raw| subject(raw, "transactionId", "transaction"));
        Ok(Self { transactions, next, remarks })
    }
}

impl InvoiceAnswers {
    /// Reads an answer of `getInvoiceDetailsByOrderLineItems`.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        let answer = root(json, |raw, reader| {
            let (mut fields, mut other) = (reader.fields(raw)?, Other::new());
            let list = list("invoiceDetailsByOrderLineItems", &mut fields, reader)?;
            reader.keep(fields, &mut other);
            Ok(list)
        });
        let Read { value: list, remarks } = answer.map_err(|fault| fault.about(None))?;
        let of_line = |raw: &RawValue| {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
            subject(fields.get("orderLineItem")?, "orderLineItemId", "order line item")
        };
        Ok(Self { lines: pieces(list, of_line), remarks })
    }
}

impl LineInvoices {
    /// Reads the invoices of one line item.
    pub fn from_json(json: &str) -> Result<Read<Self>, ReadError> {
        read(json, |_raw| None)
    }

    /// The invoices as Amazon writes them; [`from_json`](Self::from_json) reads them back.
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

fn pieces<T: Part>(list: Vec<Raw>, subject: impl Fn(&RawValue) -> Option<String>) -> Vec<Piece<T>> {
    list.into_iter().map(|json| Piece { reading: read(json.as_json(), &subject), json }).collect()
}

/// The list of an answer. Null is a list of nothing; an answer without the field is another answer.
fn list(name: &str, fields: &mut Fields, reader: &mut Reader) -> Result<Vec<Raw>, Fault> {
    let raw = fields.remove(name).ok_or_else(|| reader.within(name, |reader| reader.missing()))?;
    let entries: Option<Vec<&RawValue>> =
        serde_json::from_str(raw.get()).map_err(|_shape| reader.within(name, |reader| reader.fault("a list", raw)))?;
    let entries = entries.unwrap_or_default();
    Ok(entries.into_iter().filter(|entry| entry.get() != "null").map(Raw::from).collect())
}
