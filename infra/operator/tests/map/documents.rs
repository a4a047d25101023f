//! Documents of VAT reports.

use crate::program::{FLAGGED, PROVEN, UNREADABLE, fixture, map, map_with, says_what_is_expected};
use crate::samples::sample;

#[test]
fn rows_of_one_number_make_one_document_and_a_wrong_gross_is_flagged() {
    says_what_is_expected("vat-documents.csv", "vat-documents.expected.jsonl", FLAGGED);
}

#[test]
fn nothing_personal_is_printed() {
    let said = map(&[fixture("vat-documents.csv")]);
    for personal in ["FR99000000001", "Entenhausen", "99999", "example.invalid"] {
        assert!(!said.stdout.contains(personal) && !said.stderr.contains(personal), "{personal}");
    }
}

#[test]
fn the_summary_says_which_document_is_flagged_and_why() {
    let said = map(&[fixture("vat-documents.csv")]);
    let line = "vat-documents.csv: invoice DE60000003: line 6: gross of the item differs from net + VAT by 0.10";
    assert!(said.stderr.contains(line), "{}", said.stderr);
}

#[test]
fn a_bad_row_is_told_with_its_place_and_no_document_is_printed() {
    let text = std::fs::read_to_string(fixture("vat-documents.csv")).unwrap().replace("-11.90", "-11.9o");
    let said = map_with(["-"], text.as_bytes());
    assert_eq!((said.code, said.stdout.as_str()), (UNREADABLE, ""));
    let place = "report standard input, line 5, column OUR_PRICE Tax Inclusive Selling Price: found \"-11.9o\"";
    assert!(said.stderr.contains(place), "{}", said.stderr);
}

#[test]
fn a_report_with_a_real_header_and_a_surplus_comma_is_booked() {
    let Some(file) = sample("84col_SYNTHETIC.csv") else { return };
    let said = map(&[file]);
    assert_eq!(said.code, PROVEN, "{}", said.stderr);
    assert_eq!((said.objects("invoice").len(), said.objects("credit_note").len()), (3, 1));
}
