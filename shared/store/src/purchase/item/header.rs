//! The attributes of a transaction's header that Amazon states, without its lines and without who bought and paid.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::money::{Currency, Money};
use countinghouse_purchases::{AssociatedTransaction, Transaction, TransactionType};
use jiff::Timestamp;

use crate::StoreError;
use crate::item::{Fields, ItemBuilder};

/// So many orders are listed on a header; all of them stand on its lines.
const MOST_ORDERS: usize = 100;

/// Writes what Amazon states. `known_since` stands in the index where Amazon gives no feed date.
pub(in crate::purchase) fn write(item: &mut ItemBuilder, transaction: &Transaction, known_since: Timestamp) {
    let orders: BTreeSet<&str> = transaction.lines.iter().filter_map(|line| line.order_id.as_deref()).collect();
    item.text("transaction_id", transaction.transaction_id.as_str())
        .text("transaction_type", transaction.transaction_type.word())
        .decimal("amount", transaction.amount.amount.normalize())
        .text("currency", transaction.amount.currency.code())
        .text_if("transaction_date", transaction.transaction_date)
        .text("feed_date", transaction.feed_date.unwrap_or(known_since).to_string())
        .text_if("marketplace_id", transaction.marketplace_id.as_deref())
        .text_if("charge_identifier", transaction.charge_identifier.as_deref())
        .text_if("invoice_number", transaction.invoice_number.as_deref())
        .text_if("shipping_tax_rate", transaction.ship_tax_rate.as_deref())
        .text_if("gift_wrap_tax_rate", transaction.gift_wrap_tax_rate.as_deref())
        .text_if("legal_entity", transaction.legal_entity_name.as_deref())
        .text_if("group", transaction.purchasing_customer_group_name.as_deref())
        .text_if("payment_instrument", transaction.payment_instrument_type.as_deref())
        .text_if("payment_instrument_last_4", transaction.payment_instrument_last_4_digits.as_deref())
        .texts("associated_transaction_ids", transaction.associated.iter().map(|each| &each.transaction_id))
        .number("line_count", transaction.lines.len())
        .number("order_count", orders.len())
        .texts("order_ids", orders.into_iter().take(MOST_ORDERS));
    if transaction.feed_date.is_none() {
        item.flag("feed_date_is_assumed", true);
    }
}

/// Reads it back, without lines.
pub(in crate::purchase) fn read(fields: &Fields<'_>) -> Result<Transaction, StoreError> {
    let text = |name| fields.text_if(name).map(|text| text.map(str::to_owned));
    let currency: Currency = fields.parse("currency", "a currency")?;
    let assumed = fields.flag("feed_date_is_assumed")?;
    let associated = fields.texts("associated_transaction_ids")?;
    Ok(Transaction {
        transaction_id: fields.text("transaction_id")?.to_owned(),
        transaction_type: TransactionType::from(fields.text("transaction_type")?),
        amount: Money::new(fields.number("amount")?, currency),
        transaction_date: fields.time_if("transaction_date")?,
        feed_date: if assumed { None } else { Some(fields.time("feed_date")?) },
        marketplace_id: text("marketplace_id")?,
        charge_identifier: text("charge_identifier")?,
        invoice_number: text("invoice_number")?,
        ship_tax_rate: text("shipping_tax_rate")?,
        gift_wrap_tax_rate: text("gift_wrap_tax_rate")?,
        legal_entity_name: text("legal_entity")?,
        purchasing_customer_group_name: text("group")?,
        payment_instrument_type: text("payment_instrument")?,
        payment_instrument_last_4_digits: text("payment_instrument_last_4")?,
        buyer: None,
        payer: None,
        associated: associated.into_iter().map(associated_with).collect(),
        lines: Vec::new(),
        other: BTreeMap::new(),
    })
}

fn associated_with(transaction_id: &str) -> AssociatedTransaction {
    AssociatedTransaction { transaction_id: transaction_id.to_owned(), other: BTreeMap::new() }
}
