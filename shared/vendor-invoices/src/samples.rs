//! Amazon's five examples behave exactly as they should, and the Indian ones are accepted once they are mended. The
//! examples themselves are not part of the repository; where they are not there, these tests do nothing.

use std::path::Path;

use crate::testing::{checked, every_wrong_amount_is_caught, put, violations, warnings};
use crate::{JsonReader, Node};

/// The example of this file name, `None` if the examples are not here.
fn sample(name: &str) -> Option<Node> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/vendor");
    let Ok(file) = std::fs::File::open(root.join(name)) else {
        println!("skipped: ../shared is not here");
        return None;
    };
    let draft = JsonReader::new(file, name).next().unwrap().unwrap();
    Some(draft.node().clone())
}

#[test]
fn example_1_is_accepted_with_a_warning_for_each_unit_size_that_is_text() {
    let Some(node) = sample("1-multiple-items-no-tax-US.json") else { return };
    let checked = checked(&node);
    assert_eq!(checked.violations, []);
    assert_eq!(
        warnings(&checked),
        [0, 1, 2]
            .map(|i| format!("/items/{i}/invoicedQuantity/unitSize"))
            .each_ref()
            .map(|p| (p.as_str(), "number-as-text"))
    );
    assert_eq!(checked.region.name(), "NA");
    assert_eq!(checked.reading.unwrap().words, "items 1295 = 1295 USD; no tax");
    let body = checked.invoice.unwrap().to_body();
    assert_eq!(body["items"][0]["invoicedQuantity"]["unitSize"], 10);
}

#[test]
fn example_2_is_accepted_with_gs_taken_as_gst() {
    let Some(node) = sample("2-single-tax-CA.json") else { return };
    let checked = checked(&node);
    assert_eq!(checked.violations, []);
    assert!(checked.warnings.iter().all(|warning| warning.rule.name() == "tax-type-gs"), "{:?}", checked.warnings);
    assert_eq!(checked.warnings.len(), 5);
    assert_eq!(
        checked.reading.unwrap().words,
        "items 1950 = 1950 CAD; the total is without the tax of 97.50; the lines state the tax of one unit"
    );
    assert_eq!(checked.invoice.unwrap().to_body()["taxDetails"][0]["taxType"], "GST");
}

const MISSING_IN_BOTH: [(&str, &str); 6] = [
    ("/billToParty/taxRegistrationDetails/0/taxRegistrationNumber", "india-gst-id"),
    ("/referenceNumber", "india-reference-number"),
    ("/remitToParty/taxRegistrationDetails/0/taxRegistrationNumber", "india-gst-id"),
    ("/shipFromParty/address/stateOrRegion", "india-state"),
    ("/shipFromParty/taxRegistrationDetails", "india-gst-id"),
    ("/shipToParty/address/stateOrRegion", "india-state"),
];

fn mend_both(node: &mut Node) {
    let gst_id = "\"27AAPFU0939F1ZV\"";
    put(node, "/referenceNumber", &format!("\"{}\"", "a".repeat(64)));
    put(node, "/billToParty/taxRegistrationDetails/0/taxRegistrationNumber", gst_id);
    put(node, "/remitToParty/taxRegistrationDetails/0/taxRegistrationNumber", gst_id);
    let registration = format!(r#"[{{"taxRegistrationType":"GST","taxRegistrationNumber":{gst_id}}}]"#);
    put(node, "/shipFromParty/taxRegistrationDetails", &registration);
    put(node, "/shipFromParty/address/stateOrRegion", r#""MH""#);
    put(node, "/shipToParty/address/stateOrRegion", r#""KA""#);
}

/// What else example 4 lacks.
fn mend_charges(node: &mut Node) {
    put(node, "/items/1/hsnCode", r#""76069291""#);
    for index in [0, 1] {
        let pointer = format!("/chargeDetails/0/taxDetails/{index}/taxableAmount");
        put(node, &pointer, r#"{"currencyCode":"INR","amount":"1200.00"}"#);
    }
}

#[test]
fn example_3_is_rejected_for_what_india_requires_and_accepted_once_mended() {
    let Some(mut node) = sample("3-multiple-taxes-IN.json") else { return };
    let before = checked(&node);
    assert_eq!(violations(&before), MISSING_IN_BOTH);
    mend_both(&mut node);
    let after = checked(&node);
    assert_eq!(after.violations, []);
    assert_eq!(after.region.name(), "IN");
    assert_eq!(
        after.reading.unwrap().words,
        "items 218866.43 + tax 39395.96 = 258262.39 INR; the total includes the tax; the lines state the tax of one unit"
    );
    assert_eq!(after.warnings.iter().filter(|each| each.rule.name() == "rounding").count(), 2);
}

#[test]
fn example_4_is_rejected_for_that_its_missing_hsn_code_and_its_placeholders_and_accepted_once_mended() {
    let Some(mut node) = sample("4-charges-with-tax-IN.json") else { return };
    let before = checked(&node);
    let mut expected = MISSING_IN_BOTH.to_vec();
    expected.extend([
        ("/chargeDetails/0/taxDetails/0/taxableAmount/amount", "decimal-format"),
        ("/chargeDetails/0/taxDetails/0/taxableAmount/currencyCode", "currency-code"),
        ("/chargeDetails/0/taxDetails/1/taxableAmount/amount", "decimal-format"),
        ("/chargeDetails/0/taxDetails/1/taxableAmount/currencyCode", "currency-code"),
        ("/items/1/hsnCode", "india-hsn"),
    ]);
    expected.sort_unstable();
    assert_eq!(violations(&before), expected);
    mend_both(&mut node);
    mend_charges(&mut node);
    let after = checked(&node);
    assert_eq!(after.violations, []);
    assert_eq!(
        after.reading.unwrap().words,
        "items 218866.43 + charges 1200 + tax 39611.96 = 259678.39 INR; the total includes the tax; the lines state \
         the tax of one unit; the tax on charges and allowances is beside the header's tax"
    );
}

#[test]
fn example_5_is_accepted_with_a_warning_for_its_unit_size() {
    let Some(node) = sample("5-credit-note-EU.json") else { return };
    let checked = checked(&node);
    assert_eq!(checked.violations, []);
    assert_eq!(warnings(&checked), [("/items/0/invoicedQuantity/unitSize", "number-as-text")]);
    assert_eq!(checked.region.name(), "EU");
    assert_eq!(
        checked.reading.unwrap().words,
        "items 100 = 100 GBP; the total is without the tax of 10; the tax is only at the header"
    );
    assert!(checked.invoice.unwrap().is_credit_note());
}

#[test]
fn any_single_wrong_amount_in_amazons_examples_is_caught() {
    for name in ["1-multiple-items-no-tax-US.json", "2-single-tax-CA.json", "5-credit-note-EU.json"] {
        let Some(node) = sample(name) else { return };
        every_wrong_amount_is_caught(&node);
    }
    let Some(mut node) = sample("3-multiple-taxes-IN.json") else { return };
    mend_both(&mut node);
    every_wrong_amount_is_caught(&node);
    let Some(mut node) = sample("4-charges-with-tax-IN.json") else { return };
    mend_both(&mut node);
    mend_charges(&mut node);
    every_wrong_amount_is_caught(&node);
}
