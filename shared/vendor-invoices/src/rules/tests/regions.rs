//! The columns of Amazon's table of countries.

use super::{accept, reject};
use crate::Node;
use crate::testing::{AMERICA, CREDIT_NOTE, EUROPE, INDIA, checked, find, put, violations, with};

#[test]
fn europe() {
    reject(
        EUROPE,
        &[
            (
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationType", r#""GST""#)],
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationType", "tax-registration-type")],
            ),
            (
                &[
                    ("/taxDetails", ""),
                    ("/items/0/taxDetails", ""),
                    ("/items/1/taxDetails", ""),
                    ("/invoiceTotal/amount", r#""245""#),
                ],
                &[("/taxDetails", "europe-tax-type")],
            ),
        ],
    );
    accept(
        EUROPE,
        &[
            (
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationNumber", r#""NUMBER""#)],
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationNumber", "vat-number-form")],
            ),
            (&[("/referenceNumber", r#""x""#)], &[("/referenceNumber", "not-used")]),
            (&[("/items/1/hsnCode", r#""7606""#)], &[("/items/1/hsnCode", "not-used")]),
            (&[("/items/0/creditNoteDetails", r#"{"rmaId": "1"}"#)], &[("/items/0/creditNoteDetails", "not-used")]),
        ],
    );
}

#[test]
fn domestic_vat_repeats_the_rate_of_the_vat() {
    let domestic = |rate: &str| {
        format!(
            r#"{{"taxType": "DomesticVAT", "taxRate": "{rate}", "taxAmount": {{"currencyCode": "PLN", "amount": "21.50"}},
            "taxableAmount": {{"currencyCode": "PLN", "amount": "430.00"}}}}"#
        )
    };
    accept(EUROPE, &[(&[("/taxDetails/-", &domestic("5"))], &[])]);
    reject(
        EUROPE,
        &[(
            &[("/taxDetails/-", &domestic("5.1"))],
            &[("/taxDetails/2/taxAmount/amount", "tax-amount"), ("/taxDetails/2/taxRate", "domestic-vat-rate")],
        )],
    );
    let unproven =
        r#"{"taxType": "DomesticVAT", "taxRate": "5", "taxAmount": {"currencyCode": "PLN", "amount": "21"}}"#;
    accept(EUROPE, &[(&[("/taxDetails/-", unproven)], &[("/taxDetails/2/taxAmount/amount", "tax-unproven")])]);
}

#[test]
fn the_polish_split_payment_is_written_as_amazon_asks() {
    let detail = |kind: &str, text: &str, language: &str| {
        format!(r#"[{{"type": "{kind}", "detail": "{text}", "languageCode": "{language}"}}]"#)
    };
    let exact = "mechanizm podzielonej płatności";
    accept(
        EUROPE,
        &[
            (&[("/additionalDetails", &detail("SUR", exact, "PL"))], &[]),
            (&[("/additionalDetails", &detail("SUR", "surtax of 2 percent", "EN"))], &[]),
            (&[("/additionalDetails", &detail("SUR", "odwrotne obciążenie", "PL"))], &[]),
            (&[("/additionalDetails", &detail("SUR", "Zamówienie podzielone na dwie dostawy", "PL"))], &[]),
            (&[("/additionalDetails", &detail("OCR", "12345", "PL"))], &[]),
        ],
    );
    let place = |field: &'static str| format!("/additionalDetails/0/{field}");
    reject(
        EUROPE,
        &[
            (
                &[("/additionalDetails", &detail("SUR", "mechanizm podzielonej platnosci", "PL"))],
                &[(&place("detail"), "polish-split-payment")],
            ),
            (
                &[("/additionalDetails", &detail("SUR", "Split payment", "PL"))],
                &[(&place("detail"), "polish-split-payment")],
            ),
            (&[("/additionalDetails", &detail("OCR", exact, "PL"))], &[(&place("type"), "polish-split-payment")]),
            (
                &[("/additionalDetails", &detail("SUR", exact, "pl"))],
                &[(&place("languageCode"), "polish-split-payment")],
            ),
        ],
    );
}

#[test]
fn credit_notes_have_their_references_and_are_for_europe() {
    let references = "/items/0/creditNoteDetails";
    accept(
        CREDIT_NOTE,
        &[
            (&[(references, r#"{"returnsReferenceNumber": "1", "goodsReturnDate": "2025-11-01T00:00:00Z"}"#)], &[]),
            (&[(references, r#"{"coopReferenceNumber": "1"}"#)], &[]),
            (&[(references, r#"{"debitNoteNumber": "1"}"#)], &[]),
            (&[("/items/0/purchaseOrderNumber", r#""4QWERTY1""#)], &[("/items/0/purchaseOrderNumber", "not-used")]),
        ],
    );
    reject(
        CREDIT_NOTE,
        &[
            (&[(references, "")], &[(references, "credit-note-references")]),
            (&[(references, r#"{"rmaId": "1"}"#)], &[(references, "credit-note-references")]),
            (
                &[(references, r#"{"returnsReferenceNumber": "1"}"#)],
                &[("/items/0/creditNoteDetails/goodsReturnDate", "credit-note-references")],
            ),
            (
                &[(references, r#"{"goodsReturnDate": "2025-11-01T00:00:00Z"}"#)],
                &[("/items/0/creditNoteDetails/returnsReferenceNumber", "credit-note-references")],
            ),
            (
                &[(references, r#"{"returnsReferenceNumber": "1", "goodsReturnDate": "2026-11-01T00:00:00Z"}"#)],
                &[("/items/0/creditNoteDetails/goodsReturnDate", "date-in-future")],
            ),
        ],
    );
    let mut two =
        with(CREDIT_NOTE, &[("/invoiceTotal/amount", r#""119.00""#), ("/taxDetails/0/taxAmount/amount", r#""19.00""#)]);
    let mut second = find(&mut two, "/items/0").clone();
    put(&mut second, "/itemSequenceNumber", "2");
    put(&mut second, "/creditNoteDetails/referenceInvoiceNumber", r#""R-2025-18""#);
    let Node::List(items) = find(&mut two, "/items") else { panic!() };
    items.push(second);
    assert_eq!(
        violations(&checked(&two)),
        [("/items/1/creditNoteDetails/referenceInvoiceNumber", "credit-note-one-invoice"),]
    );
    for base in [AMERICA, INDIA] {
        reject(base, &[(&[("/invoiceType", r#""CreditNote""#)], &[("/invoiceType", "credit-note-region")])]);
    }
}

#[test]
fn india() {
    reject(
        INDIA,
        &[
            (&[("/referenceNumber", "")], &[("/referenceNumber", "india-reference-number")]),
            (&[("/shipFromParty", "")], &[("/shipFromParty", "party-missing")]),
            (&[("/shipToParty", "")], &[("/shipToParty", "party-missing")]),
            (&[("/billToParty", "")], &[("/billToParty", "party-missing")]),
            (
                &[("/shipFromParty/address/stateOrRegion", "")],
                &[("/shipFromParty/address/stateOrRegion", "india-state")],
            ),
            (
                &[("/shipToParty/address/stateOrRegion", r#""Karnataka""#)],
                &[("/shipToParty/address/stateOrRegion", "india-state")],
            ),
            (
                &[("/shipFromParty/taxRegistrationDetails", "")],
                &[("/shipFromParty/taxRegistrationDetails", "india-gst-id")],
            ),
            (
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationNumber", r#""27AAPFU0939F1ZW""#)],
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationNumber", "india-gst-id")],
            ),
            (&[("/items/0/hsnCode", "")], &[("/items/0/hsnCode", "india-hsn")]),
            (&[("/items/0/hsnCode", r#""76.06.92.99.00""#)], &[("/items/0/hsnCode", "india-hsn")]),
            (
                &[("/taxDetails", ""), ("/items/0/taxDetails", ""), ("/invoiceTotal/amount", r#""1000.02""#)],
                &[("/items/0/taxDetails", "india-tax-missing"), ("/taxDetails", "india-tax-missing")],
            ),
            (
                &[("/taxDetails/0/taxType", r#""GST""#), ("/items/0/taxDetails/0/taxType", r#""GST""#)],
                &[("/items/0/taxDetails", "india-tax-types"), ("/taxDetails", "india-tax-types")],
            ),
            (
                &[("/taxDetails/0/taxType", r#""SGST""#), ("/items/0/taxDetails/0/taxType", r#""SGST""#)],
                &[("/items/0/taxDetails", "india-tax-types"), ("/taxDetails", "india-tax-types")],
            ),
        ],
    );
    accept(
        INDIA,
        &[
            (&[("/referenceNumber", r#""IRN1""#)], &[("/referenceNumber", "irn-form")]),
            (&[("/shipToParty/address/stateOrRegion", r#""IN-KA""#)], &[]),
            (&[("/items/0/hsnCode", r#""76069290""#)], &[]),
            (
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationType", r#""VAT""#)],
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationType", "gst-id-as-vat")],
            ),
            (&[("/billToParty/partyId", r#""AMAZONIN""#)], &[("/billToParty", "bill-to-differs")]),
            (&[("/additionalDetails", r#"[{"type": "OCR", "detail": "1"}]"#)], &[("/additionalDetails", "not-used")]),
        ],
    );
}

#[test]
fn an_indian_invoice_is_for_one_purchase_order() {
    let mut two = with(
        INDIA,
        &[
            ("/invoiceTotal/amount", r#""2360.04""#),
            ("/taxDetails/0/taxAmount/amount", r#""360.00""#),
            ("/taxDetails/0/taxableAmount/amount", r#""2000.04""#),
        ],
    );
    let mut second = find(&mut two, "/items/0").clone();
    put(&mut second, "/itemSequenceNumber", "2");
    put(&mut second, "/purchaseOrderNumber", r#""3DY3TK6U""#);
    let Node::List(items) = find(&mut two, "/items") else { panic!() };
    items.push(second);
    assert_eq!(violations(&checked(&two)), [("/items/1/purchaseOrderNumber", "india-one-order")]);
    put(&mut two, "/items/1/purchaseOrderNumber", r#""3DY3TK6T""#);
    assert_eq!(violations(&checked(&two)), []);
}

#[test]
fn north_america() {
    let registration =
        |kind: &str| format!(r#"[{{"taxRegistrationType": "{kind}", "taxRegistrationNumber": "123456789RT0001"}}]"#);
    accept(
        AMERICA,
        &[
            (&[("/remitToParty/taxRegistrationDetails", &registration("VAT"))], &[]),
            (&[("/referenceNumber", r#""x""#)], &[("/referenceNumber", "not-used")]),
            (
                &[("/additionalDetails", r#"[{"type": "CartonCount", "detail": "4"}]"#)],
                &[("/additionalDetails", "not-used")],
            ),
            (&[("/items/0/hsnCode", r#""7606""#)], &[("/items/0/hsnCode", "not-used")]),
        ],
    );
    reject(
        AMERICA,
        &[
            (
                &[("/remitToParty/taxRegistrationDetails", &registration("GST"))],
                &[("/remitToParty/taxRegistrationDetails/0/taxRegistrationType", "tax-registration-type")],
            ),
            (&[("/chargeDetails", ""), ("/invoiceTotal/amount", r#""170""#)], &[("/chargeDetails", "header-itemized")]),
        ],
    );
}

#[test]
fn another_country_has_the_general_rules_and_a_warning() {
    let place = "/billToParty/address/countryCode";
    for country in ["JP", "AU", "SG", "AE", "TR"] {
        let quoted = format!("\"{country}\"");
        accept(AMERICA, &[(&[(place, &quoted), ("/referenceNumber", r#""x""#)], &[(place, "no-country-table")])]);
        assert_eq!(checked(&with(AMERICA, &[(place, &quoted)])).region.name(), country);
    }
}
