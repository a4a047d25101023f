//! What the models of both APIs require.

use super::{accept, reject};
use crate::testing::{DIRECT, EUROPE, checked, json, violations, with};

#[test]
fn the_model_is_held() {
    reject(
        EUROPE,
        &[
            (&[("/colour", "1")], &[("/colour", "unknown-field")]),
            (&[("/items/0/netcost", "1")], &[("/items/0/netcost", "unknown-field")]),
            (&[("/id", "")], &[("/id", "required-field")]),
            (&[("/id", r#"" ""#)], &[("/id", "required-field")]),
            (&[("/id", "null")], &[("/id", "required-field")]),
            (&[("/id", "17")], &[("/id", "wrong-type")]),
            (&[("/date", r#""2025-12-01""#)], &[("/date", "date-time-format")]),
            (&[("/invoiceType", r#""invoice""#)], &[("/invoiceType", "enum-value")]),
            (&[("/remitToParty", r#""WERKZ""#)], &[("/remitToParty", "wrong-type")]),
            (&[("/remitToParty/partyId", "")], &[("/remitToParty/partyId", "required-field")]),
            (
                &[("/billToParty/address/countryCode", r#""lu""#)],
                &[("/billToParty/address/countryCode", "country-code")],
            ),
            (&[("/billToParty/address/name", "")], &[("/billToParty/address/name", "required-field")]),
            (&[("/invoiceTotal/currencyCode", r#""Euro""#)], &[("/invoiceTotal/currencyCode", "currency-code")]),
            (&[("/invoiceTotal/amount", r#""276,00""#)], &[("/invoiceTotal/amount", "decimal-format")]),
            (&[("/invoiceTotal/amount", "1e12")], &[("/invoiceTotal/amount", "decimal-range")]),
            (&[("/items/0/invoicedQuantity/amount", "1.5")], &[("/items/0/invoicedQuantity/amount", "integer-format")]),
            (&[("/items/0/itemSequenceNumber", "true")], &[("/items/0/itemSequenceNumber", "wrong-type")]),
            (
                &[("/items/0/invoicedQuantity/unitOfMeasure", r#""Each""#)],
                &[("/items/0/invoicedQuantity/unitOfMeasure", "enum-value")],
            ),
            (&[("/additionalDetails", r#"[{"type":"OCR"}]"#)], &[("/additionalDetails/0/detail", "required-field")]),
            (&[("/taxDetails", "{}")], &[("/taxDetails", "wrong-type")]),
            (&[("/items", "[7]")], &[("/items/0", "wrong-type")]),
        ],
    );
    accept(
        EUROPE,
        &[
            (&[("/referenceNumber", "null")], &[("/referenceNumber", "null-left-out")]),
            (
                &[("/remitToParty/address/addressLine2", r#""""#)],
                &[("/remitToParty/address/addressLine2", "empty-left-out")],
            ),
            (&[("/invoiceTotal/amount", "276.0")], &[("/invoiceTotal/amount", "amount-as-number")]),
            (
                &[("/items/1/invoicedQuantity/unitSize", r#""6""#)],
                &[("/items/1/invoicedQuantity/unitSize", "number-as-text")],
            ),
            (&[("/paymentTerms/netDueDays", r#""30""#)], &[("/paymentTerms/netDueDays", "number-as-text")]),
        ],
    );
}

#[test]
fn a_repeated_field_is_refused() {
    let text = EUROPE.replacen("\"id\": \"R-2025-17\",", "\"id\": \"R-2025-17\", \"id\": \"R-2025-18\",", 1);
    assert_eq!(violations(&checked(&with(&text, &[]))), [("/id", "repeated-field")]);
}

#[test]
fn what_is_no_object_is_refused_whole() {
    assert_eq!(violations(&checked(&json("[1]"))), [("", "wrong-type")]);
}

#[test]
fn an_unknown_field_is_refused_with_the_name_that_was_probably_meant() {
    let meant = |base: &str, pointer: &str| {
        let checked = checked(&with(base, &[(pointer, "\"x\"")]));
        checked.violations.iter().find(|each| each.pointer == pointer).unwrap().expected.clone()
    };
    assert!(meant(EUROPE, "/items/0/hsncode").contains("perhaps `hsnCode`"));
    assert!(meant(EUROPE, "/remitToParty/address/postalCode").contains("perhaps `postalOrZipCode`"));
    assert!(meant(DIRECT, "/taxDetails").contains("perhaps `taxTotals`"));
    assert_eq!(meant(EUROPE, "/colour"), "a field of Amazon's model");
}
