//! Invoices: a number and a date, or (in Japan) the whole document.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::money::{Currency, rate_text};
use super::lines::Line;
use super::market::Market;
use crate::reply::put;

/// An invoice or a credit memo of some line items.
#[derive(Clone, Debug)]
pub(crate) struct Paper<'l> {
    pub(crate) number: String,
    pub(crate) date: Timestamp,
    /// The invoice that a credit memo corrects, and its date.
    pub(crate) corrects: Option<(String, Timestamp)>,
    pub(crate) consolidated: Option<String>,
    /// What it covers; of a credit memo too with the signs of a purchase.
    pub(crate) lines: Vec<&'l Line>,
    /// Members that are not for this region are written as null, instead of not at all.
    pub(crate) nulls: bool,
}

impl Paper<'_> {
    /// As getInvoiceDetailsByOrderLineItems shows it.
    pub(crate) fn to_json(&self, market: Market, ordered: Timestamp) -> Value {
        let mut body = json!({"invoiceNumber": self.number, "invoiceDate": self.date});
        match &self.consolidated {
            Some(number) => put(&mut body, "consolidatedInvoiceDetails", json!({"invoiceNumber": number})),
            None if self.nulls => put(&mut body, "consolidatedInvoiceDetails", json!({"invoiceNumber": null})),
            None => {}
        }
        if market.whole_invoices {
            self.write_whole(&mut body, market.currency, ordered);
        } else if self.nulls {
            for name in
                ["invoiceType", "associatedInvoiceNumber", "invoiceTotal", "tax", "transactionDataItems", "fees"]
            {
                put(&mut body, name, Value::Null);
            }
        }
        body
    }

    /// What is shown until the consolidated invoice is there.
    pub(crate) fn pending(&self) -> Value {
        let consolidated = json!({"invoiceNumber": "Pending"});
        if self.nulls {
            json!({"invoiceNumber": null, "invoiceDate": null, "consolidatedInvoiceDetails": consolidated})
        } else {
            json!({"invoiceNumber": self.number, "invoiceDate": self.date, "consolidatedInvoiceDetails": consolidated})
        }
    }

    fn write_whole(&self, body: &mut Value, currency: Currency, ordered: Timestamp) {
        let total: i64 = self.lines.iter().map(|line| line.amounts.total()).sum();
        let invoice_type = if self.corrects.is_some() { "CREDIT_MEMO" } else { "STANDARD" };
        let (number, date) = match &self.corrects {
            Some((number, date)) => (json!(number), json!(date)),
            None => (Value::Null, Value::Null),
        };
        for (name, value) in [
            ("invoiceType", json!(invoice_type)),
            ("associatedInvoiceNumber", number),
            ("associatedInvoiceDate", date),
            ("invoiceIssuer", json!({"name": "例示合同会社", "registrationNumber": "T1234567890123"})),
            ("sellerInformation", json!({"name": "例示商事株式会社"})),
            ("billToAddress", address()),
            ("orderDate", json!(ordered)),
            ("currencyCode", json!(currency.code)),
            ("invoiceTotal", json!(currency.text(total))),
            ("tax", self.taxes(currency)),
            ("transactionDataItems", self.lines.iter().map(|line| item(line, currency)).collect()),
            ("fees", self.shipping_fees(currency)),
        ] {
            put(body, name, value);
        }
    }

    /// The totals of each rate.
    fn taxes(&self, currency: Currency) -> Value {
        let mut rates: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for line in &self.lines {
            let sums = rates.entry(line.rate).or_default();
            *sums = (sums.0 + line.amounts.total(), sums.1 + line.amounts.tax());
        }
        rates.into_iter().map(|(rate, (total, tax))| totals(rate, total - tax, tax, currency)).collect()
    }

    /// Shipping is a fee of the whole invoice, one for each rate.
    fn shipping_fees(&self, currency: Currency) -> Value {
        let mut rates: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.amounts.shipping != 0) {
            let sums = rates.entry(line.rate).or_default();
            *sums = (sums.0 + line.amounts.shipping, sums.1 + line.amounts.shipping_tax);
        }
        let fee = |(rate, (fee, tax))| {
            json!({
                "feeType": "SHIPPING",
                "tax": totals(rate, fee, tax, currency),
                "discount": currency.money(0),
                "apportionment": [{"taxExclusiveFee": currency.money(fee), "taxAmount": currency.money(tax)}],
            })
        };
        rates.into_iter().map(fee).collect()
    }
}

fn totals(rate: i64, exclusive: i64, tax: i64, currency: Currency) -> Value {
    json!({
        "rate": rate_text(rate),
        "inclusiveTotal": currency.money(exclusive + tax),
        "exclusiveTotal": currency.money(exclusive),
        "amount": currency.money(tax),
    })
}

/// The price of all units with tax, less the discount with tax.
fn item(line: &Line, currency: Currency) -> Value {
    let amounts = &line.amounts;
    let unit_tax = line.unit_tax();
    let tax = line.quantity * unit_tax;
    let discount = amounts.discount + amounts.item_tax - tax;
    let mut body = json!({
        "taxRate": rate_text(line.rate),
        "unit": line.quantity,
        "asin": line.product.asin,
        "title": line.product.title,
        "unitTaxInclusivePrice": currency.money(line.unit_price + unit_tax),
        "unitTaxExclusivePrice": currency.money(line.unit_price),
        "unitTaxAmount": currency.money(unit_tax),
        "totalAmount": currency.money(amounts.principal + amounts.discount + amounts.item_tax),
        "apportionment": [{
            "orderLineItemId": line.key.order_line_item_id,
            "lineNumber": 1,
            "units": line.quantity,
            "unitPrice": currency.money(line.unit_price),
            "taxAmount": currency.money(tax),
        }],
        "fees": gift_wrapping(line, currency),
    });
    // Amazon's own example leaves it out where there is none, although its model requires it.
    if discount != 0 {
        put(&mut body, "discount", currency.money(discount));
    }
    body
}

/// Gift wrapping is a fee of its line item.
fn gift_wrapping(line: &Line, currency: Currency) -> Value {
    let (fee, tax) = (line.amounts.gift_wrap, line.amounts.gift_wrap_tax);
    if fee == 0 {
        return json!([]);
    }
    json!([{
        "feeType": "GIFTWRAPPING",
        "tax": totals(line.rate, fee, tax, currency),
        "discount": currency.money(0),
        "apportionment": [{
            "associatedOrderLineItemId": line.key.order_line_item_id,
            "units": 1,
            "unitTaxExclusiveFee": currency.money(fee),
            "unitTaxAmount": currency.money(tax),
        }],
    }])
}

fn address() -> Value {
    json!({
        "fullName": "例示 太郎",
        "phoneNumber": "0300000000",
        "companyName": "例示製造株式会社",
        "addressLine1": "例示町1-2-3",
        "addressLine2": null,
        "stateOrRegion": "東京都",
        "postalCode": "100-0001",
        "countryCode": "JP",
    })
}
