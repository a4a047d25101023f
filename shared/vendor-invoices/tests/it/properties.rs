//! A right invoice always passes; with one amount changed it never does.

use proptest::prelude::*;
use serde_json::Value;

use crate::made::{invoice, written};
use crate::support::{check_value, judge};
use crate::twins::{without_warnings, write};

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_right_invoice_passes(made in invoice()) {
        let value = made.to_value();
        let checked = check_value(&value);
        prop_assert!(checked.accepted(), "{:#?}\n{value:#}", checked.violations);
        prop_assert!(checked.reading.unwrap().explains);
    }

    #[test]
    fn one_changed_amount_is_caught(
        made in invoice(),
        which in any::<prop::sample::Index>(),
        by in prop_oneof![Just(1_i64), Just(-1), Just(100), 2_i64..10_000, -10_000_i64..-1],
    ) {
        prop_assume!(!made.has_a_tie());
        let mut value = made.to_value();
        let places = amounts(&value);
        let place = which.get(&places);
        let amount = value.pointer_mut(place).unwrap();
        let before = hundredths(amount.as_str().unwrap());
        prop_assume!(before + by >= 0 && !made.is_right_in_another_way(place, by));
        *amount = Value::from(written(before + by));
        let checked = check_value(&value);
        prop_assert!(
            !checked.accepted(),
            "{place} was {}: {}\n{value:#}", written(before), checked.reading.unwrap()
        );
    }

    #[test]
    fn one_changed_quantity_is_caught(made in invoice(), which in any::<prop::sample::Index>(), by in 1_i64..9) {
        let mut value = made.to_value();
        let index = which.index(value["items"].as_array().unwrap().len());
        let quantity = value["items"][index]["invoicedQuantity"]["amount"].as_i64().unwrap();
        value["items"][index]["invoicedQuantity"]["amount"] = Value::from(quantity + by);
        prop_assert!(!check_value(&value).accepted(), "{value:#}");
    }

    #[test]
    fn csv_says_what_json_says(made in invoice()) {
        let value = made.to_value();
        let csv = judge(&write(&value).unwrap()).remove(0).checked;
        let json = check_value(&value);
        prop_assert_eq!(without_warnings(&csv), without_warnings(&json));
        let (csv, json) = (csv.invoice.unwrap(), json.invoice.unwrap());
        prop_assert_eq!(csv.to_body(), json.to_body());
        prop_assert_eq!(csv.content_hash(), json.content_hash());
    }
}

/// The places of all amounts of money.
fn amounts(value: &Value) -> Vec<String> {
    fn collect(node: &Value, pointer: &str, found: &mut Vec<String>) {
        match node {
            Value::Object(members) => {
                if members.contains_key("currencyCode") {
                    found.push(format!("{pointer}/amount"));
                }
                members.iter().for_each(|(key, node)| collect(node, &format!("{pointer}/{key}"), found));
            }
            Value::Array(entries) => {
                entries
                    .iter()
                    .enumerate()
                    .for_each(|(index, node)| collect(node, &format!("{pointer}/{index}"), found));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    collect(value, "", &mut found);
    found
}

fn hundredths(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap()
}
