//! `countinghouse vendor check`, and the template.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::{ACCEPTED, REJECTED, UNREADABLE, fixture, vendor, vendor_with};

/// Writes files into a directory of their own.
fn files(contents: &[(&str, &str)]) -> (TempDir, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let write = |(name, content): &(&str, &str)| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let paths = contents.iter().map(write).collect();
    (directory, paths)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(&fixture(name))).unwrap()
}

#[test]
fn each_line_of_json_has_the_promised_names_and_no_others() {
    let said = vendor(&["check", "--json", &fixture("amazon/4-charges-with-tax-india.json")]);
    assert_eq!(said.code, REJECTED, "{}", said.stderr);
    let line: Value = serde_json::from_str(&said.stdout).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&line), ["accepted", "api", "id", "reading", "region", "violations", "warnings"]);
    assert_eq!(names(&line["violations"][0]), ["expected", "found", "pointer", "rule"]);
    assert_eq!((line["api"].as_str(), line["region"].as_str()), (Some("retail"), Some("IN")));
    assert!(
        said.stdout
            .starts_with("{\"id\":\"0145550001\",\"api\":\"retail\",\"region\":\"IN\",\"accepted\":false,\"reading\":")
    );
}

#[test]
fn the_exit_code_says_the_worst_that_came() {
    let (good, bad) = (fixture("rules/total.accepted.json"), fixture("rules/total.rejected.json"));
    let other = fixture("cells/date/north-america.accepted.json");
    assert_eq!(vendor(&["check", &good, &other]).code, ACCEPTED);
    assert_eq!(vendor(&["check", &other, &bad]).code, REJECTED);
    let said = vendor(&["check", "nowhere.json", &bad, &other]);
    assert_eq!(said.code, UNREADABLE);
    assert!(said.stderr.contains("nowhere.json cannot be opened"), "{}", said.stderr);
    assert!(said.stdout.contains("rejected, 1 violation") && said.stdout.contains("HP-7731"), "{}", said.stdout);
}

#[test]
fn a_file_without_an_invoice_is_told_and_is_no_success() {
    let template = vendor(&["template", "--api", "retail"]).stdout;
    let header = template.lines().next().unwrap();
    for nothing in ["[]", "{\"invoices\": []}", header] {
        let said = vendor_with(&["check", "--json", "-"], nothing.as_bytes());
        assert_eq!(said.code, UNREADABLE, "{nothing}: {}", said.stderr);
        assert!(said.stderr.contains("standard input: there is no invoice in this file"), "{}", said.stderr);
        assert_eq!(said.stdout, "");
    }
}

#[test]
fn json_that_is_cut_off_is_unreadable_with_its_place_after_what_came_before() {
    let whole = text("csv/north-america-tabs.json");
    let cut = &whole[..whole.len() - 40];
    let said = vendor_with(&["check", "--json", "-"], cut.as_bytes());
    assert_eq!(said.code, UNREADABLE);
    assert_eq!(said.stdout.lines().count(), 1, "{}", said.stdout);
    assert!(said.stderr.contains("standard input, line "), "{}", said.stderr);
}

#[test]
fn a_faulty_line_of_csv_is_told_with_its_place_and_the_other_invoices_are_checked() {
    let csv = text("csv/europe.csv");
    let (header, rows) = csv.split_once('\n').unwrap();
    let second = rows.replace("LK-2026-101", "LK-2026-102");
    let broken = format!("{header}\nretail,Invoice,LK-2026-100\n{rows}{second}");
    let said = vendor_with(&["check", "-"], broken.as_bytes());
    assert_eq!(said.code, UNREADABLE);
    assert!(said.stderr.contains("standard input, line 2: this line has 3 cells"), "{}", said.stderr);
    assert!(said.stdout.contains("LK-2026-101") && said.stdout.contains("LK-2026-102"), "{}", said.stdout);
}

#[test]
fn the_table_says_where_in_the_csv_file_each_violation_stands() {
    let said = vendor(&["check", &fixture("csv/rejected-several.csv")]);
    assert_eq!(said.code, REJECTED);
    for expected in [
        "/items/1/purchaseOrderNumber, line 5, column 60 (purchase_order)",
        "rule      purchase-order-format",
        "expected  8 letters or digits",
        "found     \"4KZ\"",
    ] {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }
    assert!(said.stderr.contains("2 invoices in 1 file: 0 accepted, 2 rejected"), "{}", said.stderr);
}

#[test]
fn the_same_invoice_in_two_files_is_a_warning_and_another_with_its_id_is_rejected() {
    let invoice = text("rules/total.accepted.json");
    let other = invoice.replace("\"netDueDays\": 30", "\"netDueDays\": 60");
    let (_directory, paths) = files(&[("a.json", &invoice), ("b.json", &invoice), ("c.json", &other)]);
    let same = vendor(&["check", "--json", &paths[0], &paths[1]]);
    assert_eq!(same.code, ACCEPTED, "{}", same.stdout);
    assert!(same.stdout.contains("invoice-repeated") && same.stdout.contains("a.json, line 3"), "{}", same.stdout);
    let differs = vendor(&["check", "--json", &paths[0], &paths[2]]);
    assert_eq!(differs.code, REJECTED);
    assert!(differs.stdout.contains("invoice-id-reused") && differs.stdout.contains("a.json"), "{}", differs.stdout);
}

#[test]
fn the_templates_that_are_printed_are_accepted() {
    for api in ["retail", "direct-fulfillment"] {
        let template = vendor(&["template", "--api", api]);
        let said = vendor_with(&["check", "--json", "-"], template.stdout.as_bytes());
        assert_eq!(said.code, ACCEPTED, "{}", said.stdout);
        assert!(said.stdout.contains(&format!("\"api\":\"{api}\"")), "{}", said.stdout);
    }
}

#[test]
fn every_column_is_listed_with_its_place() {
    let said = vendor(&["template", "--columns"]);
    for expected in [
        "tax_#_rate,item,number,items/*/taxDetails/#/taxRate,",
        "ship_from_state,invoice,text,shipFromParty/address/stateOrRegion,",
        "charge_#_tax_#_amount,item,amount,items/*/chargeDetails/#/taxDetails/#/taxAmount,",
    ] {
        assert!(said.stdout.contains(expected), "{expected}");
    }
    assert!(!said.stdout.contains("payment_terms_code"));
    assert!(vendor(&["template", "--columns", "--api", "direct-fulfillment"]).stdout.contains("payment_terms_code"));
}

#[test]
fn submit_refuses_what_is_rejected_before_it_looks_for_a_stack() {
    let said = vendor(&["submit", "--account", "ACME", &fixture("rules/total.rejected.json")]);
    assert_eq!(said.code, REJECTED, "{}", said.stderr);
    assert!(said.stderr.contains("nothing is submitted"), "{}", said.stderr);
    let said = vendor(&["submit", "--account", "ACME", "nowhere.json"]);
    assert_eq!(said.code, UNREADABLE, "{}", said.stderr);
}
