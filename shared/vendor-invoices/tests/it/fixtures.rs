//! Every fixture says what is expected of it, and every rule and cell of Amazon's table has its fixtures.

use countinghouse_vendor_invoices::Rule;

use crate::support::{directory, fixtures, judge, rules, text};

#[test]
fn each_fixture_is_judged_as_it_says() {
    let mut wrong = Vec::new();
    for name in fixtures("", ".json") {
        let lines: String = judge(&text(&format!("{name}.json"))).iter().map(|each| each.line() + "\n").collect();
        let expected = std::fs::read_to_string(directory().join(format!("{name}.expected.json"))).unwrap_or_default();
        if lines != expected {
            let actual = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.expected.json"));
            std::fs::create_dir_all(actual.parent().unwrap()).unwrap();
            std::fs::write(&actual, lines).unwrap();
            wrong.push(actual);
        }
    }
    assert!(wrong.is_empty(), "{} fixtures are judged otherwise; what came is in {wrong:#?}", wrong.len());
}

#[test]
fn the_last_invoice_of_a_fixture_is_what_its_name_says() {
    for name in fixtures("rules", ".json").into_iter().chain(fixtures("cells", ".json")) {
        let judged = judge(&text(&format!("{name}.json")));
        let last = &judged.last().unwrap().checked;
        let outcome = name.rsplit('.').next().unwrap();
        assert_eq!(last.accepted(), !outcome.starts_with("rejected"), "{name}: {:?}", last.violations);
        let not_used = last.warnings.iter().any(|each| each.rule.name() == "not-used");
        assert_eq!(not_used, outcome.starts_with("not-used"), "{name}: {:?}", last.warnings);
    }
}

#[test]
fn each_rule_has_a_fixture_that_breaks_it_alone_and_one_that_keeps_it() {
    for rule in Rule::ALL {
        let rejected = judge(&text(&format!("rules/{rule}.rejected.json")));
        assert_eq!(rules(&rejected.last().unwrap().checked), [rule.name()], "{rule}");
        let accepted = judge(&text(&format!("rules/{rule}.accepted.json")));
        assert!(accepted.iter().all(|each| each.checked.accepted()), "{rule}");
    }
    for name in fixtures("rules", ".json") {
        let rule = name.strip_prefix("rules/").and_then(|name| name.split('.').next()).unwrap();
        assert!(Rule::ALL.iter().any(|known| known.name() == rule), "{name} is for no rule");
    }
}

/// The rows of Amazon's table, each with the columns that can be broken: what is "not used" can only be warned of.
const ROWS: [(&str, &[&str]); 16] = [
    ("invoice-type", ALL),
    ("credit-note-references", &["europe"]),
    ("date", ALL),
    ("hsn-code", &["india"]),
    ("tax-type", ALL),
    ("tax-registration", ALL),
    ("tax-details", ALL),
    ("remit-to", ALL),
    ("ship-from", ALL),
    ("ship-to", ALL),
    ("bill-to", ALL),
    ("product-identifier", ALL),
    ("net-cost", ALL),
    ("purchase-order", ALL),
    ("additional-details", &["europe"]),
    ("reference-number", &["india"]),
];
const ALL: &[&str] = &["india", "europe", "north-america"];

#[test]
fn each_cell_of_amazons_table_has_fixtures() {
    let fixtures = fixtures("cells", ".json");
    let has = |cell: &str, kind: &str| fixtures.iter().any(|name| name.starts_with(&format!("cells/{cell}.{kind}")));
    for (row, judged) in ROWS {
        for region in ALL {
            let cell = format!("{row}/{region}");
            if judged.contains(region) {
                assert!(has(&cell, "accepted") && has(&cell, "rejected"), "{cell}");
            } else {
                assert!(has(&cell, "not-used"), "{cell}");
            }
        }
    }
}

#[test]
fn look_alikes_of_amazons_examples_are_accepted_but_for_what_the_table_asks_in_india() {
    let judged = |name: &str| judge(&text(&format!("amazon/{name}.json"))).remove(0).checked;
    for name in ["1-several-items-no-tax", "2-single-tax-of-one-unit", "5-credit-note-europe"] {
        assert!(judged(name).accepted(), "{name}");
    }
    let missing = ["india-gst-id", "india-reference-number", "india-state"];
    assert_eq!(rules(&judged("3-several-taxes-india")), missing);
    let placeholders = ["currency-code", "decimal-format", "india-gst-id", "india-hsn"];
    assert_eq!(rules(&judged("4-charges-with-tax-india")), [&placeholders[..], &missing[1..]].concat());
    for name in ["3-several-taxes-india-mended", "4-charges-with-tax-india-mended"] {
        assert!(judged(name).accepted(), "{name}");
    }
}
