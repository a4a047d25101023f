//! What is made.

use std::collections::BTreeSet;
use std::fs;

use crate::program::{MADE, NEEDS_PERSON, fixture, folder, run, sample};

#[test]
fn each_document_has_exactly_the_names_that_are_promised_and_its_two_files() {
    let out = folder();
    let said = sample(&fixture("domestic-in-every-marketplace.txt"), out.path(), &[]);
    assert_eq!(said.code, MADE, "{}", said.stderr);
    let documents = said.documents();
    assert_eq!(documents.len(), 10);
    for document in &documents {
        let names: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "currency",
            "kind",
            "number",
            "order_id",
            "pdf",
            "shipping_id",
            "total_amount",
            "total_vat_amount",
            "transaction_id",
            "xml",
        ];
        assert_eq!(names, expected);
        assert!(fs::read(document["pdf"].as_str().unwrap()).unwrap().starts_with(b"%PDF-"));
        assert!(fs::read(document["xml"].as_str().unwrap()).unwrap().starts_with(b"<?xml"));
    }
    let numbers: BTreeSet<_> = said.numbers().into_iter().collect();
    assert_eq!(numbers.len(), 10);
    assert_eq!(documents[0]["total_amount"], "49.90");
    assert_eq!(documents[0]["total_vat_amount"], "7.97");
    assert_eq!(documents[0]["kind"], "invoice");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 20);
}

#[test]
fn a_second_run_makes_the_same_bytes_and_changes_nothing() {
    let (first, second) = (folder(), folder());
    let report = fixture("charges.txt");
    let said = sample(&report, first.path(), &[]);
    assert_eq!(sample(&report, first.path(), &[]).stdout, said.stdout);
    sample(&report, second.path(), &[]);
    for entry in fs::read_dir(first.path()).unwrap() {
        let path = entry.unwrap().path();
        let twin = second.path().join(path.file_name().unwrap());
        assert_eq!(fs::read(&path).unwrap(), fs::read(&twin).unwrap(), "{}", path.display());
    }
}

#[test]
fn the_xml_report_makes_the_same_documents_as_the_flat_one() {
    let (flat, xml) = (folder(), folder());
    sample(&fixture("charges.txt"), flat.path(), &[]);
    sample(&fixture("charges-in-xml.xml"), xml.path(), &[]);
    for entry in fs::read_dir(flat.path()).unwrap() {
        let path = entry.unwrap().path();
        let twin = xml.path().join(path.file_name().unwrap());
        assert_eq!(fs::read(&path).unwrap(), fs::read(&twin).unwrap(), "{}", path.display());
    }
}

#[test]
fn credit_notes_are_positive_and_name_the_invoice_of_the_same_report() {
    let out = folder();
    let said = sample(&fixture("credit-notes.txt"), out.path(), &[]);
    assert_eq!(said.code, MADE, "{}", said.stderr);
    let documents = said.documents();
    let credit: Vec<_> = documents.iter().filter(|document| document["kind"] == "credit_note").collect();
    assert_eq!((documents.len(), credit.len()), (8, 6));
    assert!(credit.iter().all(|document| !document["total_amount"].as_str().unwrap().starts_with('-')));
    let invoice = documents.iter().find(|document| document["total_amount"] == "104.79").unwrap();
    let of_it: Vec<_> = credit.iter().filter(|document| document["shipping_id"] == invoice["shipping_id"]).collect();
    assert_eq!(of_it.len(), 2);
    for document in of_it {
        let xml = fs::read_to_string(document["xml"].as_str().unwrap()).unwrap();
        assert!(xml.contains(invoice["number"].as_str().unwrap()), "{xml}");
    }
    assert!(said.stderr.contains("Amazon issues it"), "{}", said.stderr);
}

#[test]
fn a_rejected_document_keeps_its_number_and_numbers_in_use_are_passed_over() {
    let out = folder();
    let said = sample(&fixture("statuses.txt"), out.path(), &["--first-number", "101"]);
    assert_eq!(said.code, NEEDS_PERSON);
    let numbers = said.numbers();
    assert!(numbers.contains(&"DE-2026-000103".to_owned()), "{numbers:?}");
    assert!(numbers.contains(&"DE-C2026-000103".to_owned()), "{numbers:?}");
    // 101, 102 and 103 are in use.
    assert!(numbers.contains(&"DE-2026-000104".to_owned()), "{numbers:?}");
    assert_eq!(numbers.len(), 4);
    for words in ["Amazon calculated no tax", "InvoiceOnHold", "LIQUIDATION", "uploaded and accepted", "processing it"]
    {
        assert!(said.stderr.contains(words), "{words}: {}", said.stderr);
    }
}

#[test]
fn a_series_begins_where_it_is_told_to() {
    let out = folder();
    let said =
        sample(&fixture("credit-notes.txt"), out.path(), &["--first-number", "1043", "--first-number", "DE-C2026-#=7"]);
    let numbers = said.numbers();
    assert_eq!(numbers[0], "DE-2026-001043");
    assert!(numbers.contains(&"DE-C2026-000007".to_owned()), "{numbers:?}");
}

#[test]
fn any_name_and_title_is_printed() {
    let out = folder();
    let said = sample(&fixture("names-and-long-titles.txt"), out.path(), &[]);
    assert_eq!((said.code, said.documents().len()), (MADE, 5), "{}", said.stderr);
}

#[test]
fn italian_business_gets_a_fattura_and_the_others_a_factur_x() {
    let out = folder();
    let said = sample(&fixture("business.txt"), out.path(), &[]);
    let xml = said
        .documents()
        .iter()
        .map(|document| fs::read_to_string(document["xml"].as_str().unwrap()).unwrap())
        .collect::<Vec<_>>();
    assert!(xml.iter().any(|xml| xml.contains("FatturaElettronica")), "{}", said.stderr);
    assert!(xml.iter().any(|xml| xml.contains("CrossIndustryInvoice")), "{}", said.stderr);
}

#[test]
fn people_get_a_table_and_are_told_that_the_numbers_are_drafts() {
    let out = folder();
    let said = run(&fixture("sample.txt"), out.path(), &["--sample"]);
    assert_eq!(said.code, NEEDS_PERSON, "{}", said.stderr);
    assert!(said.stdout.starts_with("document"), "{}", said.stdout);
    for words in ["PDF", "FR (OSS)", "CH (export)", "IT (reverse charge)", "FR (intra-EU)", "148.41"] {
        assert!(said.stdout.to_lowercase().contains(&words.to_lowercase()), "{words}: {}", said.stdout);
    }
    for words in ["Needs a person", "Amazon issues it", "drafts"] {
        assert!(said.stderr.contains(words), "{words}: {}", said.stderr);
    }
}

#[test]
fn a_report_without_documents_makes_none_and_needs_nobody() {
    let out = folder();
    let said = sample(&fixture("empty-report.txt"), out.path(), &[]);
    assert_eq!((said.code, said.stdout.as_str()), (MADE, ""), "{}", said.stderr);
    assert!(said.stderr.contains("No document was made"));
}

#[test]
fn an_older_report_without_names_and_numbers_makes_documents_too() {
    let out = folder();
    let said = sample(&fixture("short-header-of-2019.txt"), out.path(), &[]);
    assert_eq!((said.code, said.documents().len()), (MADE, 3), "{}", said.stderr);
    let amounts: Vec<_> = said.documents().iter().map(|each| each["total_vat_amount"].clone()).collect();
    assert_eq!(amounts, ["7.97", "10.46", "1.60"]);
}
