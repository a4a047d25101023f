//! The attributes of a line item, without what its company asked for at the checkout, which may name persons.

use countinghouse_domain::money::Currency;
use countinghouse_purchases::LineItem;

use super::money;
use crate::StoreError;
use crate::item::{Fields, ItemBuilder};

/// Writes a line.
pub(in crate::purchase) fn write(item: &mut ItemBuilder, line: &LineItem, of_transaction: Currency) {
    let currency = currency_of(line, of_transaction);
    item.text("currency", currency.code())
        .text_if("order_id", line.order_id.as_deref())
        .text_if("order_line_item_id", line.order_line_item_id.as_deref())
        .text_if("shipment_id", line.shipment_id.as_deref())
        .text_if("shipment_date", line.shipment_date)
        .text_if("asin", line.asin.as_deref())
        .text_if("product_title", line.product_title.as_deref())
        .text_if("unspsc", line.unspsc.as_deref())
        .number_if("quantity", line.item_quantity)
        .text_if("purchase_order", line.purchase_order_number.as_deref())
        .text_if("purchase_order_line", line.purchase_order_line_item_id.as_deref())
        .text_if("merchant", line.merchant_legal_name.as_deref())
        .text_if("budget_id", line.budget_id.as_deref())
        .text_if("refund_reason", line.refund_reason.as_deref())
        .text_if("tax_rate", line.tax_rate.as_deref());
    let amounts = [
        ("unit_price", line.unit_price),
        ("principal", line.principal_amount),
        ("shipping", line.shipping_charge),
        ("gift_wrap", line.gift_wrapping_charge),
        ("discount", line.discount),
        ("tax", line.tax),
        ("regulatory_fee", line.regulatory_fee),
        ("total", line.total_amount),
    ];
    for (name, amount) in amounts {
        money::write(item, name, amount, currency);
    }
}

/// Reads a line back.
pub(in crate::purchase) fn read(fields: &Fields<'_>) -> Result<LineItem, StoreError> {
    let currency: Currency = fields.parse("currency", "a currency")?;
    let text = |name| fields.text_if(name).map(|text| text.map(str::to_owned));
    let amount = |name| money::read(fields, name, currency);
    Ok(LineItem {
        refund_reason: text("refund_reason")?,
        total_amount: amount("total")?,
        principal_amount: amount("principal")?,
        shipping_charge: amount("shipping")?,
        regulatory_fee: amount("regulatory_fee")?,
        gift_wrapping_charge: amount("gift_wrap")?,
        discount: amount("discount")?,
        tax: amount("tax")?,
        unit_price: amount("unit_price")?,
        tax_rate: text("tax_rate")?,
        order_id: text("order_id")?,
        unspsc: text("unspsc")?,
        order_line_item_id: text("order_line_item_id")?,
        purchase_order_number: text("purchase_order")?,
        purchase_order_line_item_id: text("purchase_order_line")?,
        asin: text("asin")?,
        product_title: text("product_title")?,
        item_quantity: fields.number_if("quantity")?,
        shipment_id: text("shipment_id")?,
        shipment_date: fields.time_if("shipment_date")?,
        merchant_legal_name: text("merchant")?,
        budget_id: text("budget_id")?,
        business_order_info: std::collections::BTreeMap::new(),
        other: std::collections::BTreeMap::new(),
    })
}

/// The currency of most of a line: of its total, or else its principal, or else the transaction.
fn currency_of(line: &LineItem, of_transaction: Currency) -> Currency {
    line.total_amount.or(line.principal_amount).map_or(of_transaction, |amount| amount.currency)
}
