//! What the unit tests share.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Item;

/// An item as a person sees it: plain values, sorted by name, numbers as they are written.
pub(crate) fn plain(item: &Item) -> serde_json::Value {
    let sorted: std::collections::BTreeMap<_, _> = item.iter().map(|(name, value)| (name.clone(), of(value))).collect();
    serde_json::to_value(sorted).unwrap()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other kind of value is a mistake")]
fn of(value: &AttributeValue) -> serde_json::Value {
    match value {
        AttributeValue::S(text) => text.as_str().into(),
        AttributeValue::N(text) => serde_json::json!({ "N": text }),
        AttributeValue::Bool(flag) => (*flag).into(),
        AttributeValue::L(list) => list.iter().map(of).collect(),
        AttributeValue::M(map) => plain(map),
        other => panic!("{other:?} is not written by this crate"),
    }
}
