//! The same rows in several reports, and very many rows.

use super::super::*;
use super::{document, sale};

#[test]
fn rows_that_look_alike_are_both_booked_and_a_repeated_report_adds_nothing() {
    let twice = document(&[sale(2), sale(3)]);
    assert_eq!(twice.total.gross, "23.80".parse().unwrap());
    let again = document(&[sale(8), sale(9)]);
    assert_eq!(twice.fingerprint(), again.fingerprint());
    assert_eq!(merge(&twice, &again).unwrap(), Merge::Same);
    assert_eq!(merge(&twice, &document(&[sale(4)])).unwrap(), Merge::Same);
    let Merge::Extended(both) = merge(&document(&[sale(4)]), &twice).unwrap() else { panic!("not extended") };
    assert_eq!(both.lines.len(), 2);
}

#[test]
fn a_new_address_is_no_change_and_a_new_state_of_the_e_invoice_is_no_revision() {
    let old = document(&[sale(2).with(Text::InvoiceUrl, "https://x/1")]);
    let moved = document(&[sale(2).with(Text::InvoiceUrl, "https://x/2")]);
    assert_eq!(old.fingerprint(), moved.fingerprint());
    assert_eq!(merge(&old, &moved).unwrap(), Merge::Same);
    let delivered = document(&[sale(2).with(Text::EInvoiceStatus, "DELIVERED")]);
    let Merge::Updated(updated) = merge(&old, &delivered).unwrap() else { panic!("not updated") };
    assert_eq!(updated.e_invoice.status, "DELIVERED");
    assert_eq!(merge(&updated, &old).unwrap(), Merge::Same);
}

#[test]
fn a_personal_fact_that_changed_is_named_without_its_value() {
    let old = document(&[sale(2).with(Text::BuyerRegistration, "DE000000001")]);
    let new = document(&[sale(2).with(Text::BuyerRegistration, "DE000000002")]);
    let Merge::Revised { differences, document } = merge(&old, &new).unwrap() else { panic!("not revised") };
    let expected =
        Difference { place: "document".to_owned(), fact: "buyer registration".to_owned(), earlier: None, later: None };
    assert_eq!(differences, [expected]);
    assert_eq!(document.flags, [Flag::Revised { differences: 1 }]);
}

#[test]
fn a_million_small_documents_fit_in_little_memory() {
    // Ten thousand tell as much: the memory grows in a straight line.
    let mut assembler = Assembler::new();
    for number in 0..10_000_u64 {
        let texts = [
            format!("DE6{number:010X}I"),
            format!("302-{number:07}-{:07}", number * 7919 % 10_000_000),
            format!("{}", 115_943_490_522_302 + number),
            format!(
                "https://www.amazon.de/gp/invoice/download.html?v=urn%3aalx%3adoc%3a{number:08x}-1f96-4462-8642-{number:012x}%3a{number:08x}-4776-48b5-be38-{number:012x}&t=EU_Retail_Forward"
            ),
        ];
        let mut row = sale(number + 2);
        row.set(Text::InvoiceNumber, &texts[0]);
        row.set(Text::OrderId, &texts[1]);
        row.set(Text::ShipmentId, &texts[2]);
        row.set(Text::TransactionId, &texts[2]);
        row.set(Text::InvoiceUrl, &texts[3]);
        row.set(Text::ShipToCity, "Mülheim (Mosel)");
        row.set(Text::ShipToPostalCode, "54486");
        assembler.add(&row).unwrap();
    }
    assert_eq!(assembler.len(), 10_000);
    let bytes_per_row = assembler.estimated_bytes() / 10_000;
    assert!(bytes_per_row < 450, "{bytes_per_row}");
}
