//! Invoices and credit memos, each once, whichever line led to it, and the lines that each covers.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::ids::SellerId;
use countinghouse_purchases::InvoiceDetail;

use super::Purchases;
use super::item::{attributes, json_text};
use super::keys::{HEADER, KEYS, LINE, PERSONAL, invoice_key, numbered};
use super::model::LineKey;
use super::transaction::read_details;
use crate::item::{Fields, ItemBuilder};
use crate::{Item, StoreError};

/// How the sort keys of an invoice's items begin.
const INVOICE_ITEM: &str = "item ";
/// How the sort keys of the lines that it covers begin.
const COVERS: &str = "covers ";

/// An invoice as it is stored.
#[derive(Debug, Default)]
pub(super) struct StoredInvoice {
    /// As Amazon states it, without its address.
    pub(super) invoice: Option<InvoiceDetail>,
    /// The transactions of the lines that it covers.
    pub(super) transactions: BTreeSet<String>,
}

impl Purchases {
    /// An invoice with its items, and whose lines it covers.
    pub(super) async fn stored_invoice(&self, account: &SellerId, number: &str) -> Result<StoredInvoice, StoreError> {
        let (mut header, mut items, mut transactions) = (None, Vec::new(), BTreeSet::new());
        for item in self.table.partition(&invoice_key(account, number)).await? {
            let fields = self.table.fields(&item);
            let part = fields.text("part")?;
            if part == HEADER {
                header = Some(item);
            } else if part.starts_with(COVERS) {
                transactions.insert(fields.text("transaction_id")?.to_owned());
            } else if part.starts_with(INVOICE_ITEM) {
                items.push(json_text(&item));
            }
        }
        let Some(header) = header else { return Ok(StoredInvoice { invoice: None, transactions }) };
        let fields = Fields::of(&header, KEYS);
        let fault = || fields.fault("invoice_number", "an invoice");
        let read = |texts: &[String]| read_details(texts).and_then(|mut all| all.pop()).ok_or_else(fault);
        let mut invoice = read(&[json_text(&header)])?;
        let with_items = format!(r#"{{"transactionDataItems":[{}]}}"#, items.join(","));
        invoice.items = read(&[with_items])?.items;
        invoice.other = BTreeMap::new();
        invoice.items.iter_mut().for_each(|item| item.other.clear());
        Ok(StoredInvoice { invoice: Some(invoice), transactions })
    }
}

/// The items of the invoices that Amazon names for a line; those of one number are the same, whichever line asks.
pub(super) fn items(
    account: &SellerId,
    line: &LineKey,
    invoices: &[InvoiceDetail],
    expires_at: Option<i64>,
) -> Vec<Item> {
    let mut items = Vec::new();
    for invoice in invoices {
        let Some(number) = invoice.number() else { continue };
        items.extend(invoice_items(account, number, invoice, expires_at));
        items.push(covers(account, number, line));
        // The one that several are consolidated into covers their lines, too.
        if let Some(consolidated) = invoice.consolidated_number().filter(|consolidated| *consolidated != number) {
            items.push(start(account, consolidated, HEADER).text("invoice_number", consolidated).take());
            items.push(covers(account, consolidated, line));
        }
    }
    items
}

fn start(account: &SellerId, number: &str, part: &str) -> ItemBuilder {
    let mut item = ItemBuilder::new();
    item.text("purchase", invoice_key(account, number)).text("part", part).text("account", account.as_str());
    item
}

fn covers(account: &SellerId, number: &str, line: &LineKey) -> Item {
    let part = format!("{COVERS}{} {}", line.transaction_id, numbered(LINE, line.number));
    let mut item = start(account, number, &part);
    item.text("transaction_id", line.transaction_id.as_str()).number("line", line.number).take()
}

fn invoice_items(account: &SellerId, number: &str, invoice: &InvoiceDetail, expires_at: Option<i64>) -> Vec<Item> {
    let json = |value: &InvoiceDetail| serde_json::to_string(value).ok().and_then(|json| attributes(&json));
    let without = InvoiceDetail { bill_to_address: None, items: Vec::new(), other: BTreeMap::new(), ..invoice.clone() };
    let mut header = start(account, number, HEADER);
    header.number("item_count", invoice.items.len());
    let mut items = vec![united(header.take(), json(&without))];
    for (place, each) in invoice.items.iter().enumerate() {
        let item = start(account, number, &numbered(INVOICE_ITEM, place.saturating_add(1))).take();
        items.push(united(item, serde_json::to_string(each).ok().and_then(|json| attributes(&json))));
    }
    let personal = InvoiceDetail { other: invoice.other.clone(), ..only_address(invoice) };
    let personal = json(&personal).filter(|personal| !personal.is_empty());
    if let (Some(personal), Some(expires_at)) = (personal, expires_at) {
        let item = start(account, number, PERSONAL).number("expires_at", expires_at).take();
        items.push(united(item, Some(personal)));
    }
    items
}

fn united(mut item: Item, more: Option<Item>) -> Item {
    for (name, value) in more.unwrap_or_default() {
        // No field of Amazon's may take the place of a key.
        item.entry(name).or_insert(value);
    }
    item
}

/// Nothing of an invoice but to whom it was issued, and what this program does not know.
fn only_address(invoice: &InvoiceDetail) -> InvoiceDetail {
    InvoiceDetail {
        invoice_number: None,
        invoice_date: None,
        consolidated: None,
        invoice_type: None,
        associated_invoice_number: None,
        associated_invoice_date: None,
        invoice_issuer: None,
        bill_to_address: invoice.bill_to_address.clone(),
        seller_information: None,
        order_date: None,
        currency_code: None,
        invoice_total: None,
        tax: Vec::new(),
        items: Vec::new(),
        fees: Vec::new(),
        other: BTreeMap::new(),
    }
}
