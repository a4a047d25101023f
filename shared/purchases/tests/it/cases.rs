//! The fixtures: both answers of the API in one file, with what becomes of them beside it, as JSON for the verdicts and
//! as the CSV export. With `UPDATE_FIXTURES=1` the expected results are written instead; then read them.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use countinghouse_purchases::{Booked, COLUMNS, CsvExport, Exported, LineInvoices, Transaction, Verdict};
use serde_json::{Value, json};

use crate::support::{Answers, workspace};

const CASES: [&str; 10] =
    ["associated", "differs", "eu", "jp", "jp-differs", "na", "nulls", "over-refunds", "refunds", "unknown-fields"];

fn answers(case: &str) -> Answers {
    let path = workspace("tests/fixtures/purchases").join(case).with_extension("json");
    Answers::of(&fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// What becomes of a case, for people.
fn found(answers: &Answers) -> Value {
    let outcomes = answers.evidence().reconcile();
    let transactions: BTreeMap<&str, Value> = answers
        .transactions
        .iter()
        .map(|transaction| {
            let outcome = &outcomes[&transaction.transaction_id];
            let texts = |list: Vec<String>| if list.is_empty() { Value::Null } else { json!(list) };
            let mut value = json!({
                "booked": Booked::of(transaction).amount.to_string(),
                "purchase": outcome.purchase,
                "state": outcome.verdict.name(),
                "refunds": texts(outcome.charges.clone()),
                "missing": texts(outcome.verdict.missing().iter().map(ToString::to_string).collect()),
                "differences": texts(outcome.verdict.differences().iter().map(ToString::to_string).collect()),
            });
            value.as_object_mut().unwrap().retain(|_, each| !each.is_null());
            (transaction.transaction_id.as_str(), value)
        })
        .collect();
    let remarks: Vec<String> = answers.remarks.iter().map(ToString::to_string).collect();
    json!({"transactions": transactions, "remarks": remarks, "unreadable": answers.errors})
}

fn csv(answers: &Answers) -> String {
    let outcomes = answers.evidence().reconcile();
    let mut export = CsvExport::new(Vec::new()).unwrap();
    for transaction in &answers.transactions {
        let outcome = &outcomes[&transaction.transaction_id];
        export.write(&Exported { transaction, outcome, invoices: &answers.invoices }).unwrap();
    }
    String::from_utf8(export.finish().unwrap()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a switch for developers, not configuration")]
fn compare_with_expected(found: &str, path: &Path) {
    if env::var_os("UPDATE_FIXTURES").is_some() {
        return fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(found, expected, "{} is not what was found", path.display());
}

#[test]
fn every_case_becomes_what_lies_beside_it() {
    for case in CASES {
        let (answers, place) = (answers(case), workspace("tests/fixtures/purchases").join(case));
        let text = format!("{}\n", serde_json::to_string_pretty(&found(&answers)).unwrap());
        compare_with_expected(&text, &place.with_extension("expected.json"));
        compare_with_expected(&csv(&answers), &place.with_extension("expected.csv"));
    }
}

#[test]
fn no_fixture_is_forgotten() {
    let mut files: Vec<String> = fs::read_dir(workspace("tests/fixtures/purchases"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .filter(|name| !name.ends_with(".expected"))
        .collect();
    files.sort();
    assert_eq!(files, CASES);
}

#[test]
fn every_case_comes_back_from_its_own_json_without_loss() {
    for case in CASES {
        let answers = answers(case);
        for transaction in &answers.transactions {
            assert_eq!(Transaction::from_json(&transaction.to_json()).unwrap().value, *transaction, "{case}");
        }
        for invoices in &answers.invoices {
            assert_eq!(LineInvoices::from_json(&invoices.to_json()).unwrap().value, *invoices, "{case}");
        }
    }
}

#[test]
fn the_csv_adds_up_to_the_amounts_and_names_no_person() {
    for case in ["na", "eu", "jp", "refunds"] {
        let (answers, text) = (answers(case), csv(&answers(case)));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let sum = |name: &str| {
            let place = header.iter().position(|column| column == name).unwrap();
            let amounts = rows.iter().map(|row| &row[place]).filter(|text| !text.is_empty());
            amounts.map(|text| text.parse::<rust_decimal::Decimal>().unwrap()).sum::<rust_decimal::Decimal>()
        };
        let amounts = answers.transactions.iter().map(|each| Booked::of(each).amount.amount);
        assert_eq!(sum("transaction_amount"), amounts.sum::<rust_decimal::Decimal>(), "{case}");
        // The one that differs is the refund without lines.
        if case != "refunds" {
            assert_eq!(sum("line_total"), sum("transaction_amount"), "{case}");
        }
        for personal in ["Ada", "Bob", "example.com", "amzn1.account", "例"] {
            assert!(!text.contains(personal), "{case} names {personal}");
        }
    }
}

#[test]
fn an_open_transaction_has_an_age_and_the_others_have_none() {
    let now = "2026-11-30T22:00:00Z".parse().unwrap();
    for (id, outcome) in answers("eu").evidence().reconcile() {
        let age = outcome.verdict.open_for(now).map(|age| age.as_hours());
        let expected = matches!(outcome.verdict, Verdict::Open { .. }).then_some(240);
        assert_eq!(age, expected, "{id}");
    }
}

#[test]
fn the_readme_names_every_column_in_order() {
    let readme = fs::read_to_string(workspace("shared/purchases/README.md")).unwrap();
    let rows: Vec<String> =
        COLUMNS.iter().map(|column| format!("| `{}` | {} |", column.name, column.meaning)).collect();
    assert!(readme.contains(&rows.join("\n")), "the table should be:\n{}", rows.join("\n"));
}
