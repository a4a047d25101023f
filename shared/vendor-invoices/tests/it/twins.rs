//! CSV and JSON say the same.

use std::collections::BTreeMap;

use countinghouse_vendor_invoices::csv::{self, Kind};
use countinghouse_vendor_invoices::{Api, CheckLine};
use serde_json::Value;

use crate::support::{Judged, fixtures, judge, text};

#[test]
fn each_csv_fixture_is_judged_as_its_json_twin() {
    for name in fixtures("csv", ".csv") {
        let lines =
            |ending: &str| judge(&text(&format!("{name}{ending}"))).iter().map(Judged::line).collect::<Vec<_>>();
        assert_eq!(lines(".csv"), lines(".json"), "{name}");
        let bodies = |ending: &str| {
            let all = judge(&text(&format!("{name}{ending}")));
            all.into_iter().map(|each| each.checked.invoice.map(|invoice| invoice.to_body())).collect::<Vec<_>>()
        };
        assert_eq!(bodies(".csv"), bodies(".json"), "{name}");
    }
}

#[test]
fn violations_name_their_cells() {
    let judged = judge(&text("csv/rejected-several.csv"));
    let named: Vec<String> = judged
        .iter()
        .flat_map(|each| {
            each.checked.violations.iter().map(|found| each.places.as_ref().unwrap().of(&found.pointer).to_string())
        })
        .collect();
    assert_eq!(
        named,
        [
            "line 2, column 13 (total_tax_2_amount)",
            "line 2, column 13 (total_tax_2_amount)",
            "line 4, column 4 (invoice_date)",
            "line 5, column 60 (purchase_order)",
        ]
    );
}

/// Each fixture whose shape a CSV file can have, written as CSV, is judged as it is as JSON.
#[test]
fn fixtures_written_as_csv_are_judged_alike() {
    let mut compared = 0;
    for name in fixtures("rules", ".json").into_iter().chain(fixtures("cells", ".json")) {
        // CSV has no field twice, and other forms of a date, which it names.
        if name.starts_with("rules/repeated-field") || name == "rules/date-time-format.rejected" {
            continue;
        }
        let file: Value = serde_json::from_str(&text(&format!("{name}.json"))).unwrap();
        let Some([invoice]) = file["invoices"].as_array().map(Vec::as_slice) else { continue };
        let Some(written) = write(invoice) else { continue };
        let (as_json, as_csv) = (judge(&text(&format!("{name}.json"))), judge(&written));
        assert_eq!(without_warnings(&as_csv[0].checked), without_warnings(&as_json[0].checked), "{name}\n{written}");
        compared += 1;
    }
    assert!(compared > 150, "only {compared} could be compared");
}

#[test]
fn the_templates_are_accepted() {
    for api in Api::ALL {
        for judged in judge(csv::template(api)) {
            assert!(judged.checked.accepted() && judged.checked.warnings.is_empty(), "{}", judged.line());
            assert_eq!(judged.checked.api, api);
        }
    }
}

/// How numbers were written may be warned of in one notation only.
pub(crate) fn without_warnings(checked: &countinghouse_vendor_invoices::Checked) -> Value {
    let mut line = serde_json::to_value(CheckLine::from(checked)).unwrap();
    line.as_object_mut().unwrap().remove("warnings");
    line
}

/// Writes an invoice as CSV; nothing where CSV has no cell for something in it.
pub(crate) fn write(invoice: &Value) -> Option<String> {
    let api = if invoice.get("invoiceNumber").is_some() { Api::DirectFulfillment } else { Api::Retail };
    let id = invoice.get("id").or_else(|| invoice.get("invoiceNumber"))?.as_str().filter(|id| id.trim() == *id)?;
    let currency = invoice["invoiceTotal"]["currencyCode"].as_str()?;
    let items = invoice["items"].as_array()?.len().max(1);
    let mut rows =
        vec![
            BTreeMap::from([("api".to_owned(), api.name().to_owned()), ("invoice_id".to_owned(), id.to_owned())]);
            items
        ];
    rows[0].insert("currency".to_owned(), currency.to_owned());
    let mut leaves = Vec::new();
    collect(invoice, &mut Vec::new(), &mut leaves);
    for (path, text) in leaves {
        if path.last().is_some_and(|key| key == "currencyCode") {
            // Another currency can be said of a tax only, for both of its amounts.
            if text != currency {
                let group = path.get(..path.len() - 2)?.to_vec();
                let (row, name) = cell(api, &group, Kind::Currency)?;
                rows[row].insert(name, text);
            }
            continue;
        }
        let is_amount = path.last().is_some_and(|key| key == "amount");
        let parent = path.split_last()?.1.to_vec();
        let amount = is_amount.then(|| cell(api, &parent, Kind::Amount)).flatten();
        let (row, name) = amount.or_else(|| cell(api, &path, Kind::Text))?;
        rows[row].insert(name, text);
    }
    Some(lines(&rows))
}

fn lines(rows: &[BTreeMap<String, String>]) -> String {
    let mut columns: Vec<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
    columns.sort();
    columns.dedup();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let header = columns.iter().map(|name| (*name).clone()).collect::<Vec<_>>().join(",");
    let row = |row: &BTreeMap<String, String>| {
        columns.iter().map(|name| quoted(row.get(*name).map_or("", String::as_str))).collect::<Vec<_>>().join(",")
    };
    std::iter::once(header).chain(rows.iter().map(row)).collect::<Vec<_>>().join("\n")
}

fn collect(node: &Value, path: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, String)>) {
    let mut below = |key: String, node: &Value| {
        path.push(key);
        collect(node, path, leaves);
        path.pop();
    };
    match node {
        Value::Object(members) => members.iter().for_each(|(key, node)| below(key.clone(), node)),
        Value::Array(entries) => entries.iter().enumerate().for_each(|(index, node)| below(index.to_string(), node)),
        Value::String(text) => leaves.push((path.clone(), text.clone())),
        Value::Number(number) => leaves.push((path.clone(), number.to_string())),
        Value::Null | Value::Bool(_) => leaves.push((vec!["no cell has this".to_owned()], String::new())),
    }
}

/// The row and the column of a place. `kind` tells amounts and currencies, whose columns stand for a part, from others.
fn cell(api: Api, path: &[String], kind: Kind) -> Option<(usize, String)> {
    let special = |kind: Kind| matches!(kind, Kind::Amount | Kind::Currency);
    csv::columns().iter().find_map(|column| {
        let place = column.place(api)?;
        let own = match api {
            Api::Retail => column.retail.is_some(),
            Api::DirectFulfillment => column.direct_fulfillment.is_some(),
        };
        let fits = if special(kind) { column.kind == kind } else { !special(column.kind) };
        if !own || !fits {
            return None;
        }
        let (mut row, mut name) = (0, column.name.clone());
        let steps: Vec<&str> = place.split('/').collect();
        let matches = steps.len() == path.len()
            && steps.iter().zip(path).all(|(step, key)| match (*step, key.parse::<usize>()) {
                ("*", Ok(index)) => {
                    row = index;
                    true
                }
                ("#", Ok(index)) => {
                    name = name.replacen('#', &(index + 1).to_string(), 1);
                    true
                }
                (step, _) => step == key,
            });
        matches.then_some((row, name))
    })
}
