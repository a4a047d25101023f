//! Amazon's JSON as attributes that a person can read, and back, with every digit of every number.
//!
//! Names are written our way (`invoiceTotal` is `invoice_total`), an amount with its currency is a map of a number and
//! a currency. Numbers never pass through a float: they go from the text of the one to the text of the other.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::Item;
use crate::item::number_text;

/// Texts under these names are amounts.
const DECIMALS: [&str; 2] = ["amount", "invoiceTotal"];

/// The fields of an object, with our names. Nulls and empty things are left out. None where it is no object.
pub(in crate::purchase) fn attributes(json: &str) -> Option<Item> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    let named = |(name, raw): (String, &RawValue)| Some((snake(&name), attribute(&name, raw.get())?));
    Some(fields.into_iter().filter_map(named).collect())
}

fn attribute(name: &str, json: &str) -> Option<AttributeValue> {
    match json.bytes().next()? {
        b'{' => attributes(json).filter(|map| !map.is_empty()).map(AttributeValue::M),
        b'[' => {
            let list: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            let list: Vec<_> = list.into_iter().filter_map(|each| attribute(name, each.get())).collect();
            (!list.is_empty()).then_some(AttributeValue::L(list))
        }
        b'"' => {
            let text: String = serde_json::from_str(json).ok()?;
            let decimal = if DECIMALS.contains(&name) { Decimal::from_str_exact(&text).ok() } else { None };
            match decimal {
                Some(decimal) => Some(AttributeValue::N(number_text(decimal))),
                None if text.is_empty() => None,
                None => Some(AttributeValue::S(text)),
            }
        }
        b't' | b'f' => Some(AttributeValue::Bool(json == "true")),
        b'n' => None,
        // A number that is none of ours to calculate with; one too long for a table is kept as its text.
        _ => Some(match Decimal::from_str_exact(json) {
            Ok(_fits) => AttributeValue::N(json.to_owned()),
            Err(_long) => AttributeValue::S(json.to_owned()),
        }),
    }
}

/// The JSON of attributes, with Amazon's names; attributes of another kind than are written here say nothing.
pub(in crate::purchase) fn text(item: &Item) -> String {
    let sorted: BTreeMap<_, _> = item.iter().collect();
    let fields = sorted.into_iter().map(|(name, value)| format!("{}:{}", quoted(&camel(name)), value_text(value)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other kind of value is never written")]
fn value_text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => quoted(text),
        AttributeValue::N(text) => text.clone(),
        AttributeValue::Bool(flag) => flag.to_string(),
        AttributeValue::L(list) => format!("[{}]", list.iter().map(value_text).collect::<Vec<_>>().join(",")),
        AttributeValue::M(map) => text(map),
        _ => "null".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `invoiceTotal` is `invoice_total`, `addressLine1` is `address_line1`.
fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len().saturating_add(4));
    for sign in name.chars() {
        if sign.is_ascii_uppercase() {
            let _infallible = write!(snake, "_{}", sign.to_ascii_lowercase());
        } else {
            snake.push(sign);
        }
    }
    snake
}

fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut raise = false;
    for sign in name.chars() {
        match (sign, raise) {
            ('_', false) => raise = true,
            (_, true) => {
                camel.push(sign.to_ascii_uppercase());
                raise = false;
            }
            (_, false) => camel.push(sign),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plain;

    #[test]
    fn an_invoice_becomes_attributes_that_a_person_can_read_and_comes_back() {
        let json = r#"{"currencyCode":"JPY","invoiceTotal":"1234","orderDate":null,"tax":[{"amount":{"amount":"0.10","currencyCode":"JPY"},"rate":"0.1"}],"taxes":[],"unit":3}"#;
        let item = attributes(json).unwrap();
        assert_eq!(
            plain(&item),
            serde_json::json!({
                "currency_code": "JPY", "invoice_total": {"N": "1234"}, "unit": {"N": "3"},
                "tax": [{"amount": {"amount": {"N": "0.10"}, "currency_code": "JPY"}, "rate": "0.1"}],
            })
        );
        assert_eq!(
            text(&item),
            r#"{"currencyCode":"JPY","invoiceTotal":1234,"tax":[{"amount":{"amount":0.10,"currencyCode":"JPY"},"rate":"0.1"}],"unit":3}"#
        );
    }

    #[test]
    fn no_digit_of_a_number_is_lost() {
        let item = attributes(r#"{"a":9007199254740993.1,"b":1e400}"#).unwrap();
        assert_eq!(item.get("a"), Some(&AttributeValue::N("9007199254740993.1".to_owned())));
        assert_eq!(item.get("b"), Some(&AttributeValue::S("1e400".to_owned())));
    }

    #[test]
    fn names_come_back_as_they_were() {
        for name in ["invoiceTotal", "addressLine1", "unitTaxInclusivePrice", "asin"] {
            assert_eq!(camel(&snake(name)), name);
        }
    }
}
