//! Documents as attributes: through their serialised form, with amounts as numbers and empty values left out.

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

use crate::Item;
use crate::item::number_text;

/// Decimals are serialised as texts; under these names they are stored as numbers.
const DECIMALS: [&str; 6] = ["gross", "vat", "net", "rate", "converted_vat", "difference"];

/// Of the amounts of a line most are zero. A rate of zero is a rate, and none is not.
const ZERO_MAY_BE_LEFT_OUT: [&str; 4] = ["gross", "vat", "net", "converted_vat"];

/// Whether amounts of zero are left out too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zeros {
    Kept,
    LeftOut,
}

/// The attributes of an object.
pub(super) fn attributes(object: &Map<String, Value>, zeros: Zeros) -> Item {
    object
        .iter()
        .filter_map(|(name, value)| attribute(name, value, zeros).map(|attribute| (name.clone(), attribute)))
        .collect()
}

fn attribute(name: &str, value: &Value, zeros: Zeros) -> Option<AttributeValue> {
    match value {
        Value::Null => None,
        Value::Bool(flag) => Some(AttributeValue::Bool(*flag)),
        Value::Number(number) => Some(AttributeValue::N(number.to_string())),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if DECIMALS.contains(&name) => match text.parse::<Decimal>() {
            Ok(decimal) if decimal.is_zero() && zeros == Zeros::LeftOut && ZERO_MAY_BE_LEFT_OUT.contains(&name) => None,
            Ok(decimal) => Some(AttributeValue::N(number_text(decimal))),
            Err(_text) => Some(AttributeValue::S(text.clone())),
        },
        Value::String(text) => Some(AttributeValue::S(text.clone())),
        Value::Array(list) => {
            let list: Vec<_> = list.iter().filter_map(|each| attribute(name, each, zeros)).collect();
            (!list.is_empty()).then_some(AttributeValue::L(list))
        }
        Value::Object(object) => {
            let map = attributes(object, zeros);
            (!map.is_empty()).then_some(AttributeValue::M(map))
        }
    }
}

/// The object of attributes; none where an attribute is of a kind that is never written.
pub(super) fn object(item: &Item) -> Option<Map<String, Value>> {
    item.iter().map(|(name, attribute)| Some((name.clone(), value(name, attribute)?))).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other kind of value is never written")]
fn value(name: &str, attribute: &AttributeValue) -> Option<Value> {
    Some(match attribute {
        AttributeValue::S(text) => Value::String(text.clone()),
        AttributeValue::N(text) if DECIMALS.contains(&name) => Value::String(text.clone()),
        AttributeValue::N(text) => Value::Number(whole(text)?),
        AttributeValue::Bool(flag) => Value::Bool(*flag),
        AttributeValue::L(list) => list.iter().map(|each| value(name, each)).collect::<Option<_>>()?,
        AttributeValue::M(map) => Value::Object(object(map)?),
        _ => return None,
    })
}

fn whole(text: &str) -> Option<Number> {
    text.parse::<u64>().map(Number::from).or_else(|_signed| text.parse::<i64>().map(Number::from)).ok()
}

/// Writes the stored values over those of an empty object, which has what was left out.
pub(super) fn over(empty: &mut Value, stored: Value) {
    match (empty, stored) {
        (Value::Object(empty), Value::Object(stored)) => {
            for (name, value) in stored {
                over(empty.entry(name).or_insert(Value::Null), value);
            }
        }
        (place, stored) => *place = stored,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn amounts_are_numbers_and_what_is_empty_is_left_out() {
        let stored =
            attributes(&map(&json!({"net": "-12.50", "vat": "0.00", "sku": "", "rate": null})), Zeros::LeftOut);
        assert_eq!(stored, Item::from([("net".to_owned(), AttributeValue::N("-12.50".to_owned()))]));
        let rate = attributes(&map(&json!({"rate": "0.00"})), Zeros::LeftOut);
        assert_eq!(rate, Item::from([("rate".to_owned(), AttributeValue::N("0".to_owned()))]));
        let kept = attributes(&map(&json!({"vat": "-0.00"})), Zeros::Kept);
        assert_eq!(kept, Item::from([("vat".to_owned(), AttributeValue::N("0".to_owned()))]));
    }

    #[test]
    fn what_was_left_out_comes_back_from_the_empty_object() {
        let mut empty = json!({"net": "0", "sku": "", "item": {"price": {"vat": "0"}}, "quantity": null});
        let full = json!({"net": "-12.50", "sku": "", "item": {"price": {"vat": "0"}}, "quantity": -3});
        let stored = object(&attributes(&map(&full), Zeros::LeftOut)).unwrap();
        over(&mut empty, Value::Object(stored));
        assert_eq!(empty, full);
    }
}
