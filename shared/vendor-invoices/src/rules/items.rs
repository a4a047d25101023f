//! What concerns each item.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::Case;
use crate::api::Api;
use crate::form::Form;
use crate::model::{InvoiceItem, ItemQuantity};
use crate::note::shown;
use crate::rule::{Notice, Rule};

/// How many letters or digits a purchase order's number has.
const ORDER_CHARS: usize = 8;

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    let items = &case.invoice.items;
    form.within("items", |form| {
        if items.is_empty() && !form.is_noted() {
            form.violation(Rule::Items, "items, for the total is their sum", "none");
        }
        let mut numbers = HashSet::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            form.within(index, |form| {
                sequence(case, item, &mut numbers, form);
                one(case, item, form);
            });
        }
    });
}

/// Each item has a number of its own; in direct fulfillment the numbers are those of the purchase order.
fn sequence<'i>(
    case: &Case<'_>,
    item: &'i InvoiceItem,
    numbers: &mut HashSet<(Option<&'i str>, &'i str)>,
    form: &mut Form,
) {
    let Some(number) = &item.item_sequence_number else { return };
    let order = match case.api {
        Api::Retail => None,
        Api::DirectFulfillment => item.purchase_order_number.as_deref(),
    };
    if !numbers.insert((order, number.as_str())) {
        let found = format!("{} again", shown(number.as_str()));
        form.violation_of("itemSequenceNumber", Rule::ItemSequence, "a number that no other item has", found);
    }
}

fn one(case: &Case<'_>, item: &InvoiceItem, form: &mut Form) {
    let named = item.amazon_product_identifier.is_some() || item.vendor_product_identifier.is_some();
    if case.api == Api::Retail && !named {
        form.within("amazonProductIdentifier", |form| {
            if !form.is_noted() {
                let expected = "amazonProductIdentifier or vendorProductIdentifier, as in the order";
                form.violation(Rule::ProductIdentifier, expected, "neither");
            }
        });
    }
    if let Some(amount) = item.net_cost.as_ref().and_then(|cost| cost.amount) {
        // Direct fulfillment does not forbid goods without a price.
        let wrong = amount < Decimal::ZERO || (amount.is_zero() && case.api == Api::Retail);
        if wrong {
            form.violation_of("netCost/amount", Rule::NetCost, "more than zero", amount.to_string());
        }
    }
    if let Some(code) = item.hsn_code.as_ref().filter(|code| code.chars().any(char::is_alphabetic)) {
        form.violation_of("hsnCode", Rule::HsnLetters, "digits and dots, no letters", shown(code));
    }
    if let Some(quantity) = &item.invoiced_quantity {
        form.within("invoicedQuantity", |form| self::quantity(quantity, form));
    }
    weight(item, form);
    order(case, item, form);
}

fn quantity(quantity: &ItemQuantity, form: &mut Form) {
    for (name, amount) in [("amount", quantity.amount), ("unitSize", quantity.unit_size)] {
        if let Some(amount) = amount.filter(|amount| *amount <= 0) {
            form.violation_of(name, Rule::Quantity, "more than zero", amount.to_string());
        }
    }
}

/// An item priced by weight says how much it weighs, in the unit of its price.
fn weight(item: &InvoiceItem, form: &mut Form) {
    let weight = item.invoiced_quantity.as_ref().and_then(|quantity| quantity.total_weight.as_ref());
    let expected = "both totalWeight and netCostUnitOfMeasure for an item priced by weight, or neither";
    match (weight, item.net_cost_unit_of_measure) {
        (None, Some(_)) => form.within("invoicedQuantity/totalWeight", |form| {
            if !form.is_noted() {
                form.violation(Rule::WeightPriced, expected, "only netCostUnitOfMeasure");
            }
        }),
        (Some(_), None) => form.within("netCostUnitOfMeasure", |form| {
            if !form.is_noted() {
                form.violation(Rule::WeightPriced, expected, "only totalWeight");
            }
        }),
        (Some(weight), Some(unit)) => {
            if let Some(other) = weight.unit_of_measure.filter(|other| *other != unit) {
                let name = |unit: crate::model::WeightUnit| unit.name(Api::Retail).unwrap_or_default();
                let expected = format!("{}, the unit of totalWeight", name(other));
                form.violation_of("netCostUnitOfMeasure", Rule::WeightPriced, expected, name(unit));
            }
            if let Some(amount) = weight.amount.filter(|amount| *amount <= Decimal::ZERO) {
                let pointer = "invoicedQuantity/totalWeight/amount";
                form.violation_of(pointer, Rule::Quantity, "more than zero", amount.to_string());
            }
        }
        (None, None) => {}
    }
}

/// Each item of an invoice names its purchase order.
fn order(case: &Case<'_>, item: &InvoiceItem, form: &mut Form) {
    form.within("purchaseOrderNumber", |form| match &item.purchase_order_number {
        None if case.is_invoice() && !form.is_noted() => {
            form.violation(Rule::PurchaseOrder, "the purchase order of the item", "nothing");
        }
        Some(number) => {
            let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if plain && number.len() == ORDER_CHARS {
            } else if plain && case.api == Api::DirectFulfillment {
                // Amazon's model says 8, its own example has 9.
                form.warning(Notice::PurchaseOrderLength, format!("{} has not 8 letters or digits", shown(number)));
            } else {
                form.violation(Rule::PurchaseOrderFormat, "8 letters or digits", shown(number));
            }
        }
        None => {}
    });
}
