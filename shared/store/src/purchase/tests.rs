//! Items, as a person sees them, and that they say the same when they are read.

use countinghouse_domain::ids::SellerId;
use countinghouse_purchases::{InvoiceDetail, LineInvoices, Transaction};
use jiff::Timestamp;

use super::keys::KEYS;
use super::model::{LineKey, Question};
use super::scene::plain as without_persons;
use super::transaction::{header, parts};
use super::{invoice, item};
use crate::Item;
use crate::item::Fields;
use crate::size::item_bytes;
use crate::testing::plain;

const JSON: &str = r#"{
  "transactionId": "1x47pVc0", "transactionType": "CHARGE", "amount": {"currencyCode": "EUR", "amount": "12.50"},
  "transactionDate": "2026-11-20T08:00:00.123Z", "feedDate": "2026-11-21T08:00:00Z", "marketplaceId": "A1PA6795UKMFR9",
  "paymentInstrumentType": "Visa", "paymentInstrumentLast4Digits": "1234", "legalEntityName": "Example GmbH",
  "purchasingCustomerGroupName": "Workshop", "buyer": {"id": "B1", "name": "Erika Beispiel", "email": "e@example.com"},
  "associatedTransactionDetails": [{"associatedTransactionId": "2y58"}], "newField": {"deep": 0.10},
  "transactionLineItems": [{
    "orderId": "302-1", "orderLineItemId": "7", "shipmentId": "S1", "asin": "B00EXAMP01", "itemQuantity": 2,
    "principalAmount": {"currencyCode": "EUR", "amount": "10.00"}, "tax": {"currencyCode": "EUR", "amount": "2.50"},
    "regulatoryFee": {"currencyCode": "USD", "amount": "0.10"}, "totalAmount": {"currencyCode": "EUR", "amount": "12.50"},
    "businessOrderInfo": {"Cost center": "4711"}, "purchaseOrderNumber": "PO-1"
  }]
}"#;

fn account() -> SellerId {
    "BUYER1".parse().unwrap()
}

fn transaction() -> Transaction {
    Transaction::from_json(JSON).unwrap().value
}

fn now() -> Timestamp {
    "2026-11-22T04:00:00Z".parse().unwrap()
}

fn invoices(details: &str) -> Vec<InvoiceDetail> {
    let line = r#"{"orderId":"302-1","orderLineItemId":"7","shipmentId":"S1"}"#;
    let json = format!(r#"{{"orderLineItem":{line},"invoiceDetails":{details}}}"#);
    LineInvoices::from_json(&json).unwrap().value.invoices
}

fn stored() -> Vec<Item> {
    let question = Question {
        asked: 1,
        asked_at: Some(now()),
        next_at: Some("2026-11-22T10:00:00Z".parse().unwrap()),
        is_overdue: false,
        invoices: invoices(r#"[{"consolidatedInvoiceDetails":{"invoiceNumber":"Pending"}}]"#),
    };
    let (mut items, personal_lines) = parts(&account(), &transaction(), &[question], Some(1_800_000_000));
    assert_eq!(personal_lines, 1);
    items.insert(0, header(&account(), &transaction(), "00ff", now()));
    items
}

#[test]
fn a_transaction_is_items_that_a_person_can_read() {
    insta::assert_json_snapshot!(stored().iter().map(plain).collect::<Vec<_>>());
}

#[test]
fn what_is_personal_lies_in_parts_that_expire_and_nowhere_else() {
    for item in stored() {
        let text = plain(&item).to_string();
        let is_personal = item["part"].as_s().unwrap().starts_with("personal");
        assert_eq!(is_personal, item.contains_key("expires_at"), "{text}");
        for personal in ["Erika", "e@example.com", "4711", "0.10}"] {
            assert!(is_personal || !text.contains(personal), "{text}");
        }
    }
}

#[test]
fn a_transaction_reads_as_it_was_written_but_for_what_is_personal() {
    let items = stored();
    let part = |name: &str| items.iter().find(|item| item["part"].as_s().unwrap() == name).unwrap();
    let mut read = item::read_header(&Fields::of(part("header"), KEYS)).unwrap();
    read.lines = vec![item::read_line(&Fields::of(part("line 0001"), KEYS)).unwrap()];
    assert_eq!(read, without_persons(transaction()));
}

#[test]
fn a_japanese_invoice_is_a_header_items_and_an_address_that_expires() {
    let details = invoices(
        r#"[{"invoiceNumber":"INV-1","invoiceDate":"2026-11-21T00:00:00Z","invoiceType":"STANDARD","currencyCode":"JPY",
            "invoiceTotal":"1100","tax":[{"rate":"0.1","amount":{"currencyCode":"JPY","amount":"100"}}],
            "billToAddress":{"fullName":"例示 太郎","countryCode":"JP"},
            "transactionDataItems":[{"asin":"B1","totalAmount":{"currencyCode":"JPY","amount":"1100"},
              "apportionment":[{"orderLineItemId":"7","units":1}]}]}]"#,
    );
    let line = LineKey { transaction_id: "1x47pVc0".to_owned(), number: 1 };
    let items = invoice::items(&account(), &line, &details, Some(1_800_000_000));
    insta::assert_json_snapshot!(items.iter().map(plain).collect::<Vec<_>>());
}

#[test]
fn the_longest_usual_line_is_far_below_the_limit_of_an_item() {
    let mut transaction = transaction();
    transaction.lines[0].product_title = Some("x".repeat(500));
    let (items, _) = parts(&account(), &transaction, &[], None);
    assert!(items.iter().all(|item| item_bytes(item) < 2_048));
    assert!(
        items.iter().all(|item| !item["part"].as_s().unwrap().starts_with("personal")),
        "what has expired stays away"
    );
}
