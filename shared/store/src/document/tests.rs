//! Documents as items.

use countinghouse_domain::document::{Amounts, Builder, Component, Document, Text, VatRow};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::money::Currency;
use jiff::Timestamp;

use super::item::{self, KEYS, Keeping};
use super::personal;
use crate::Item;
use crate::size::item_bytes;
use crate::table::Table;
use crate::testing::plain;

fn amounts(gross: &str, vat: &str, net: &str) -> Amounts {
    Amounts { gross: gross.parse().unwrap(), vat: vat.parse().unwrap(), net: net.parse().unwrap() }
}

fn sale(line: u64) -> VatRow<'static> {
    let mut row = VatRow::empty(line, Currency::EUR)
        .with(Text::TransactionType, "SHIPMENT")
        .with(Text::InvoiceNumber, "DE6000000000AA")
        .with(Text::Marketplace, "DE")
        .with(Text::OrderId, "305-1234567-7654321")
        .with(Text::TransactionId, "DRGC8lFbB")
        .with(Text::ShipmentId, "DRGC8lFbB")
        .with(Text::Sku, "ART-0042")
        .with(Text::Responsibility, "Seller")
        .with(Text::ReasonCode, "Taxable")
        .with(Text::TaxType, "VAT")
        .with(Text::ShipFromCountry, "DE")
        .with(Text::ShipToCountry, "DE")
        .with(Text::ShipToCity, "Rzeszów")
        .with(Text::BuyerRegistration, "DE123456789")
        .with(Text::SellerRegistration, "DE987654321")
        .with_amounts(Component::Item, amounts("11.90", "1.90", "10.00"), Amounts::default())
        .with_amounts(Component::Shipping, amounts("2.38", "0.38", "2.00"), amounts("-2.38", "-0.38", "-2.00"));
    row.tax_rate = Some("0.19".parse().unwrap());
    row.quantity = Some(1);
    row.order_date = Some(jiff::civil::date(2026, 11, 19));
    row.shipment_date = Some(jiff::civil::date(2026, 11, 20));
    row.is_amazon_invoiced = Some(true);
    row
}

fn document(rows: Vec<VatRow<'static>>) -> Document {
    let mut rows = rows.into_iter();
    let first = rows.next().unwrap();
    let mut builder = Builder::new(&first).unwrap();
    for row in rows {
        builder.add(&row).unwrap();
    }
    let mut document = builder.finish().unwrap();
    document.stamp("50011020301");
    document
}

fn lines(count: u64) -> Document {
    document((2..count + 2).map(sale).collect())
}

fn seller() -> SellerId {
    "A3TH9S8BH6GOGM".parse().unwrap()
}

fn keeping() -> Keeping {
    let now: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
    Keeping {
        report_ids: vec!["50011020301".parse().unwrap()],
        booked_at: now,
        updated_at: now,
        revisions: 0,
        superseded_by: None,
        expires_at: "2026-12-22T04:00:00Z".parse().unwrap(),
        forgotten_at: None,
    }
}

fn table() -> Table {
    let config = aws_sdk_dynamodb::Config::builder().behavior_version_latest().build();
    Table::new(aws_sdk_dynamodb::Client::from_conf(config), "documents", KEYS)
}

fn written(document: &Document) -> Vec<Item> {
    item::write(&seller(), document, &keeping()).unwrap()
}

fn parts(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item[KEYS.1].as_s().unwrap().as_str()).collect()
}

#[test]
fn a_document_is_items_that_a_person_can_read() {
    let items: Vec<_> = written(&lines(1)).iter().map(plain).collect();
    insta::assert_json_snapshot!(items);
}

#[test]
fn a_document_reads_as_it_was_written() {
    let mut row = sale(2);
    row.exchange_rate = Some("4.3012".parse().unwrap());
    row.converted_vat = "8.17".parse().unwrap();
    row.extra = vec![("Buyer Note", "Hallo"), ("Buyer Note", "")];
    for rows in [vec![sale(2)], vec![row.clone()], vec![row, sale(3), sale(4)]] {
        let document = document(rows);
        let read = item::read(&table(), &written(&document)).unwrap().unwrap();
        assert_eq!(read.document, document);
        assert_eq!(read.document.fingerprint(), document.fingerprint());
        assert_eq!(read.report_ids, keeping().report_ids);
    }
}

#[test]
fn a_document_without_date_number_and_order_reads_as_it_was_written() {
    let mut row = sale(2).with(Text::InvoiceNumber, "").with(Text::OrderId, "");
    row.shipment_date = None;
    let document = document(vec![row]);
    let items = written(&document);
    assert_eq!(items[0]["seller_month"].as_s().unwrap(), "A3TH9S8BH6GOGM unknown");
    assert_eq!(item::read(&table(), &items).unwrap().unwrap().document, document);
}

#[test]
fn every_text_of_every_column_reads_as_it_was_written_and_nothing_personal_is_left_in_the_header() {
    let mut row = sale(2);
    for column in Text::ALL {
        if row.text(*column).is_empty() {
            row.set(*column, column.name());
        }
    }
    row.extra = vec![("Unknown", "text")];
    let full = document(vec![row]);
    let items = written(&full);
    assert_eq!(item::read(&table(), &items).unwrap().unwrap().document, full);
    assert!(format!("{full:?}").contains("[personal]"));

    let without: Vec<Item> = items.into_iter().filter(|item| item[KEYS.1].as_s().unwrap() != item::PERSONAL).collect();
    let expired = item::read(&table(), &without).unwrap().unwrap().document;
    assert!(!format!("{expired:?}").contains("[personal]"), "{expired:#?}");
    let mut taken = full;
    personal::take(&mut taken, 100);
    assert_eq!(taken, expired);
}

#[test]
fn what_is_personal_has_a_time_to_expire_and_the_rest_has_none() {
    let items = written(&lines(1));
    assert_eq!(parts(&items), ["header", "personal"]);
    assert_eq!(items[1]["expires_at"].as_n().unwrap(), "1797912000");
    assert!(!items[0].contains_key("expires_at"));
}

#[test]
fn a_document_of_one_line_costs_three_write_units() {
    let sizes: Vec<_> = written(&lines(1)).iter().map(item_bytes).collect();
    assert!(matches!(sizes.as_slice(), [1_025..=2_048, 1..=1_024]), "{sizes:?}");
}

#[test]
fn what_has_expired_is_not_written_again() {
    let late = Keeping { updated_at: "2027-01-01T00:00:00Z".parse().unwrap(), ..keeping() };
    let items = item::write(&seller(), &lines(1), &late).unwrap();
    assert_eq!(parts(&items), ["header"]);
}

#[test]
fn more_than_a_hundred_lines_are_spread_over_items() {
    let document = lines(250);
    let items = written(&document);
    assert_eq!(parts(&items), ["header", "lines 0101-0200", "lines 0201-0300", "personal"]);
    assert!(items.iter().all(|item| item_bytes(item) < 128 * 1024));
    assert_eq!(item::read(&table(), &items).unwrap().unwrap().document, document);
}

#[test]
fn lines_with_huge_texts_stay_below_the_largest_item() {
    let text: &'static str = "x".repeat(60_000).leak();
    let rows = (2..32).map(|line| {
        let mut row = sale(line).with(Text::Sku, text);
        row.extra = vec![("Unknown", text)];
        row
    });
    let document = document(rows.collect());
    let items = written(&document);
    assert!(items.iter().all(|item| item_bytes(item) < 400_000), "{:?}", items.iter().map(item_bytes).max());
    assert_eq!(item::read(&table(), &items).unwrap().unwrap().document, document);
}

#[test]
fn a_document_with_a_missing_part_is_not_read_as_if_it_were_whole() {
    let mut items = written(&lines(150));
    items.remove(1);
    let error = item::read(&table(), &items).unwrap_err().to_string();
    assert_eq!(
        error,
        "A3TH9S8BH6GOGM invoice DE6000000000AA / header: attribute `lines` is not all lines of the document"
    );
}

#[test]
fn a_revision_keeps_the_lines_and_stands_in_no_index() {
    let document = lines(150);
    let old = written(&document);
    let kept = item::revision(&old, 1, &[], keeping().updated_at);
    assert_eq!(parts(&kept), ["revision 0001", "revision 0001 lines 0101-0200"]);
    assert!(kept.iter().all(|item| !item.contains_key("issued_on") && !item.contains_key("seller_month")));
    let revisions = item::read_revisions(&table(), &kept).unwrap();
    assert_eq!(revisions[0].document.lines, document.lines);
    assert_eq!(revisions[0].document.issued_on, document.issued_on);
}
