//! What is personal, apart from the rest, so that it can expire alone: who bought and who paid, what requisitioners
//! enter at the checkout, and fields that this program does not know.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_purchases::{Customer, LineItem, Other, Transaction};

use crate::Item;
use crate::item::{Fields, ItemBuilder};

/// Writes what is personal about a transaction, apart from its lines; false where nothing is.
pub(in crate::purchase) fn write_transaction(item: &mut ItemBuilder, transaction: &Transaction) -> bool {
    let before = transaction.buyer.is_none() && transaction.payer.is_none() && transaction.other.is_empty();
    let mut unknown = BTreeMap::new();
    for (role, customer) in [("buyer", &transaction.buyer), ("payer", &transaction.payer)] {
        let Some(customer) = customer else { continue };
        item.map(role, person(customer));
        unknown.extend(customer.other.iter().map(|(name, json)| (format!("{role} {name}"), json.as_json())));
    }
    for (place, associated) in transaction.associated.iter().enumerate() {
        let number = place.saturating_add(1);
        unknown.extend(
            associated.other.iter().map(|(name, json)| (format!("associated {number} {name}"), json.as_json())),
        );
    }
    unknown.extend(transaction.other.iter().map(|(name, json)| (name.clone(), json.as_json())));
    let is_anything = !before || !unknown.is_empty();
    item.map("other_fields", texts(unknown));
    is_anything
}

/// Writes what may be personal about a line; false where nothing is.
pub(in crate::purchase) fn write_line(item: &mut ItemBuilder, line: &LineItem) -> bool {
    item.map("business_order_info", texts(&line.business_order_info)).map("other_fields", other(&line.other));
    !line.business_order_info.is_empty() || !line.other.is_empty()
}

/// Fields that this program does not know, each as the JSON that came.
pub(in crate::purchase) fn other(fields: &Other) -> Item {
    texts(fields.iter().map(|(name, json)| (name, json.as_json())))
}

/// Gives a line back what its company asked for, where that has not expired.
pub(in crate::purchase) fn restore_line(line: &mut LineItem, fields: &Fields<'_>) -> Result<(), crate::StoreError> {
    let Some(map) = fields.map("business_order_info")? else { return Ok(()) };
    for (name, text) in map {
        let text = text.as_s().map_err(|_other| fields.fault("business_order_info", "a map of texts"))?;
        line.business_order_info.insert(name.clone(), text.clone());
    }
    Ok(())
}

fn person(customer: &Customer) -> Item {
    ItemBuilder::new()
        .text_if("id", customer.id.as_deref())
        .text_if("name", customer.name.as_deref())
        .text_if("email", customer.email.as_deref())
        .take()
}

fn texts<K: ToString, V: ToString>(pairs: impl IntoIterator<Item = (K, V)>) -> Item {
    pairs.into_iter().map(|(name, text)| (name.to_string(), AttributeValue::S(text.to_string()))).collect()
}
