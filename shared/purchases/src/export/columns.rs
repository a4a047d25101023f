//! The columns, in their order. A new one is added at the end: imports go by place as often as by name.

use crate::export::row::{Row, amount, order_info, text, time};
use crate::model::InvoiceDetail;
use crate::reconcile::Verdict;

/// A column of the export.
#[derive(Debug)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What stands in it, for people.
    pub meaning: &'static str,
    pub(crate) value: fn(&Row) -> String,
}

const fn column(name: &'static str, meaning: &'static str, value: fn(&Row) -> String) -> Column {
    Column { name, meaning, value }
}

fn option(value: Option<&String>) -> String {
    value.map(|value| text(value)).unwrap_or_default()
}

/// All columns.
pub const COLUMNS: &[Column] = &[
    column("transaction_id", "Amazon's identifier of the transaction", |row| text(&row.transaction.transaction_id)),
    column("transaction_type", "CHARGE, REFUND or OVERREFUND", |row| text(row.transaction.transaction_type.word())),
    column("transaction_date", "when it happened, UTC", |row| time(row.transaction.transaction_date)),
    column("feed_date", "since when Amazon tells of it, UTC", |row| time(row.transaction.feed_date)),
    column("currency", "the currency of all amounts of the row", |row| {
        row.transaction.amount.currency.code().to_owned()
    }),
    column(
        "transaction_amount",
        "the amount of the transaction, on its first row only; money back is negative",
        |row| amount(row.amount),
    ),
    column("purchase", "the same for all transactions that Amazon calls associated", |row| text(&row.outcome.purchase)),
    column(
        "lines_with",
        "of a part of a split payment, the transaction that has the lines of the purchase in this file",
        |row| option(row.outcome.lines_with.as_ref()),
    ),
    column("refund_of", "of a refund, the charges that it gives back", |row| text(&row.outcome.charges.join(" "))),
    column("payment_instrument", "card, pay by invoice …", |row| {
        option(row.transaction.payment_instrument_type.as_ref())
    }),
    column("last_4_digits", "of the payment instrument", |row| {
        option(row.transaction.payment_instrument_last_4_digits.as_ref())
    }),
    column("legal_entity", "for which it was ordered", |row| option(row.transaction.legal_entity_name.as_ref())),
    column("group", "the department for which it was ordered", |row| {
        option(row.transaction.purchasing_customer_group_name.as_ref())
    }),
    column("marketplace_id", "where it was bought", |row| option(row.transaction.marketplace_id.as_ref())),
    column("line", "the number of the line item, from 1", |row| {
        row.number.map(|number| number.to_string()).unwrap_or_default()
    }),
    column("order_id", "Amazon's order", |row| row.of_line(|line| line.order_id.as_ref())),
    column("order_line_item_id", "the line of the order", |row| row.of_line(|line| line.order_line_item_id.as_ref())),
    column("shipment_id", "the shipment", |row| row.of_line(|line| line.shipment_id.as_ref())),
    column("shipment_date", "when it was shipped, UTC", |row| time(row.line.and_then(|line| line.shipment_date))),
    column("purchase_order", "the buyer's purchase order", |row| {
        row.of_line(|line| line.purchase_order_number.as_ref())
    }),
    column("purchase_order_line", "its line", |row| row.of_line(|line| line.purchase_order_line_item_id.as_ref())),
    column("asin", "the item at Amazon", |row| row.of_line(|line| line.asin.as_ref())),
    column("unspsc", "the item's code of the United Nations", |row| row.of_line(|line| line.unspsc.as_ref())),
    column("title", "the item's title", |row| row.of_line(|line| line.product_title.as_ref())),
    column("seller", "the legal name of the seller", |row| row.of_line(|line| line.merchant_legal_name.as_ref())),
    column("quantity", "how many", |row| {
        row.line.and_then(|line| line.item_quantity).map(|quantity| quantity.to_string()).unwrap_or_default()
    }),
    column("unit_price", "the price of one, as Amazon writes it", |row| {
        amount(row.line.and_then(|line| line.unit_price))
    }),
    column("principal", "before charges and credits; this and the next six are negative for money back", |row| {
        amount(row.amounts.principal)
    }),
    column("shipping", "the shipping charge", |row| amount(row.amounts.shipping)),
    column("gift_wrap", "the gift wrapping charge", |row| amount(row.amounts.gift_wrap)),
    column("regulatory_fee", "the regulatory fee", |row| amount(row.amounts.regulatory_fee)),
    column("discount", "negative on a charge, positive on a refund", |row| amount(row.amounts.discount)),
    column("tax", "the tax", |row| amount(row.amounts.tax)),
    column("line_total", "the whole line", |row| amount(row.amounts.whole())),
    column("tax_rate", "as Amazon writes it", |row| row.of_line(|line| line.tax_rate.as_ref())),
    column("refund_reason", "why it was refunded", |row| row.of_line(|line| line.refund_reason.as_ref())),
    column("budget_id", "the buyer's budget", |row| row.of_line(|line| line.budget_id.as_ref())),
    column("order_info", "what the company asks for at the checkout: name=value; …", order_info),
    column(
        "invoice_number",
        "the invoices that cover the line; of a refund the credit memos, where Amazon tells",
        |row| row.of_invoices(|invoice| invoice.number().map(str::to_owned)),
    ),
    column("invoice_date", "when each was issued, UTC", |row| {
        row.of_invoices(|invoice| Some(time(invoice.invoice_date)))
    }),
    column("consolidated_invoice", "the invoices that these are consolidated into", |row| {
        row.of_invoices(|invoice| invoice.consolidated_number().map(str::to_owned))
    }),
    column("invoice_state", "`found`, `pending`, `credit_memo_missing` or `nothing`", |row| {
        row.invoice_state.to_owned()
    }),
    column("invoice_registration_number", "the tax registration number of the issuer; Japan only", |row| {
        row.of_invoices(registration_number)
    }),
    column("state", "reconciled, open or differs", |row| row.outcome.verdict.name().to_owned()),
    column("state_detail", "what is missing or differs, and by how much", |row| match &row.outcome.verdict {
        Verdict::Reconciled => String::new(),
        verdict @ (Verdict::Open { .. } | Verdict::Differs { .. }) => text(&verdict.to_string()),
    }),
];

fn registration_number(invoice: &InvoiceDetail) -> Option<String> {
    invoice.invoice_issuer.as_ref()?.registration_number.clone()
}
