//! What goes with an upload.

use countinghouse_domain::document::DocumentKind;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::number::InvoiceNumber;
use countinghouse_vat_invoices::upload::{Upload, UploadRefused};

use crate::support::{fixture, read};

fn documents(name: &str) -> Vec<DueDocument> {
    read(&fixture(name)).unwrap().documents
}

fn number() -> InvoiceNumber {
    "DE-2026-000001".parse().unwrap()
}

fn invoice() -> DueDocument {
    documents("charges.txt").into_iter().next().unwrap()
}

fn credit_note() -> DueDocument {
    documents("credit-notes.txt").into_iter().find(|document| document.kind == DocumentKind::CreditNote).unwrap()
}

#[test]
fn an_invoice_goes_by_its_shipment_with_its_totals() {
    let upload = Upload::of(&invoice(), &number()).unwrap();
    assert_eq!(upload.marketplace_id, "A1PA6795UKMFR9");
    let options: Vec<_> = upload.options.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let expected = [
        ("metadata:shippingid", invoice().shipping_id),
        ("metadata:invoicenumber", "DE-2026-000001".to_owned()),
        ("metadata:totalamount", "60.39".to_owned()),
        ("metadata:totalvatamount", "9.65".to_owned()),
        ("metadata:documenttype", "Invoice".to_owned()),
    ];
    assert_eq!(options, expected.each_ref().map(|(key, value)| (*key, value.as_str())));
}

#[test]
fn a_credit_note_names_its_transaction_and_is_positive() {
    let note = credit_note();
    let upload = Upload::of(&note, &number()).unwrap();
    let value = |key: &str| upload.options.iter().find(|(each, _)| *each == key).map(|(_, value)| value.as_str());
    assert_eq!(value("metadata:documenttype"), Some("CreditNote"));
    assert_eq!(value("metadata:transactionid"), Some(note.transaction_id.as_str()));
    assert_eq!(value("metadata:totalamount"), Some("49.90"));
    assert_eq!(note.as_reported.gross.to_string(), "-49.90");
}

#[test]
fn without_a_shipment_the_order_is_named_and_without_both_nothing_is_sent() {
    let no_shipment = DueDocument { shipping_id: String::new(), ..invoice() };
    let upload = Upload::of(&no_shipment, &number()).unwrap();
    assert_eq!(upload.options[0], ("metadata:orderid", no_shipment.order_id.clone()));
    let nothing = DueDocument { order_id: String::new(), ..no_shipment };
    assert_eq!(Upload::of(&nothing, &number()), Err(UploadRefused::NoShipment));
}

#[test]
fn what_amazon_would_refuse_is_refused_here() {
    let nameless = DueDocument { transaction_id: String::new(), ..credit_note() };
    assert_eq!(Upload::of(&nameless, &number()), Err(UploadRefused::NoTransaction));
    let elsewhere = DueDocument { marketplace: "US".to_owned(), ..invoice() };
    assert_eq!(Upload::of(&elsewhere, &number()), Err(UploadRefused::Marketplace("US".to_owned())));
    let quoted = DueDocument { shipping_id: "\"409\"".to_owned(), ..invoice() };
    let refused = UploadRefused::Character { key: "metadata:shippingid", character: '"' };
    assert_eq!(Upload::of(&quoted, &number()), Err(refused));
}

#[test]
fn every_document_of_the_samples_that_is_due_can_be_uploaded() {
    for name in ["sample.txt", "domestic-in-every-marketplace.txt", "across-borders.txt", "business.txt"] {
        for document in documents(name).iter().filter(|document| document.decision().makes()) {
            Upload::of(document, &number()).unwrap();
        }
    }
}
