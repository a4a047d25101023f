//! The model against Amazon's reference, and against what Amazon may send instead.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use countinghouse_domain::money::Money;

use super::*;
use crate::wire::RemarkKind;

const WHOLE: &str = r#"{
  "transactionId": "T1", "transactionType": "CHARGE", "transactionDate": "2026-04-03T16:59:18.768Z",
  "feedDate": "2026-05-12T20:44:21.791Z", "marketplaceId": "ATVPDKIKX0DER",
  "amount": {"currencyCode": "USD", "amount": "5.99"},
  "paymentInstrumentType": "Visa", "paymentInstrumentLast4Digits": "0042",
  "buyer": {"id": "amzn1.account.1", "name": "Ada", "email": "ada@example.com"},
  "associatedTransactionDetails": [{"associatedTransactionId": "T2"}],
  "transactionLineItems": [{
    "totalAmount": {"currencyCode": "USD", "amount": "5.99"}, "principalAmount": {"currencyCode": "USD", "amount": "5.99"},
    "shippingCharge": {"currencyCode": "USD", "amount": "2.99"}, "discount": {"currencyCode": "USD", "amount": "-2.99"},
    "tax": {"currencyCode": "USD", "amount": "0.0"}, "taxRate": "0.00", "orderId": "114-1", "orderLineItemId": "3120",
    "purchaseOrderNumber": "", "itemQuantity": 1, "shipmentId": "DhG3", "shipmentDate": "2026-04-03T16:59:21Z",
    "businessOrderInfo": {"Cost center": "", "GL code": "535-office"}}]
}"#;

fn changed(from: &str, to: &str) -> String {
    assert!(WHOLE.contains(from), "{from}");
    WHOLE.replace(from, to)
}

fn money(text: &str) -> Money {
    let (amount, currency) = text.split_once(' ').unwrap();
    Money::new(amount.parse().unwrap(), currency.parse().unwrap())
}

/// The definitions of Amazon's reference: name → fields.
fn reference() -> Option<BTreeMap<String, BTreeSet<String>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seeds/001_caad52b8f9de8075.txt");
    let text = std::fs::read_to_string(path).ok()?;
    let mut definitions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut name, mut recent) = (String::new(), Vec::<&str>::new());
    for line in text.split_once("Definitions").unwrap().1.lines().filter(|line| !line.trim().is_empty()) {
        // A table follows the definition's name and one line that describes it.
        if line == "NameDescriptionSchema" || line == "NameSchema" {
            recent[recent.len().saturating_sub(2)].clone_into(&mut name);
        }
        if line == "required" || line == "optional" {
            definitions.entry(name.clone()).or_default().insert((*recent.last().unwrap()).to_owned());
        }
        recent.push(line);
    }
    Some(definitions)
}

#[test]
fn every_field_of_amazons_reference_is_there_by_its_exact_name() {
    let Some(reference) = reference() else { return println!("skipped: ../shared is not here") };
    for (name, ours) in [
        ("Customer", Customer::FIELDS),
        ("Transaction", Transaction::FIELDS),
        ("TransactionLineItem", LineItem::FIELDS),
        ("AssociatedTransactionDetail", AssociatedTransaction::FIELDS),
        ("InvoiceDetailsOfOrderLineItem", LineInvoices::FIELDS),
        ("InvoiceDetail", InvoiceDetail::FIELDS),
        ("ConsolidatedInvoiceDetails", ConsolidatedInvoice::FIELDS),
        ("TransactionDataItem", InvoiceItem::FIELDS),
        ("InvoiceIssuerDetail", InvoiceIssuer::FIELDS),
        ("MerchantDetail", SellerInformation::FIELDS),
        ("TaxDetail", TaxTotals::FIELDS),
        ("LineItemLevelFeeDetail", ItemFee::FIELDS),
        ("InvoiceLevelFeeDetail", InvoiceFee::FIELDS),
        ("LineItemLevelFeeApportionmentDetail", ItemFeeShare::FIELDS),
        ("InvoiceLevelFeeApportionmentDetail", InvoiceFeeShare::FIELDS),
        ("LineItemApportionmentDetail", ItemShare::FIELDS),
        ("OrderLineItem", &["orderId", "orderLineItemId", "shipmentId"]),
        ("PhysicalAddress", PostalAddress::FIELDS),
        ("Money", &["currencyCode", "amount"]),
    ] {
        let newer = ["chargeIdentifier", "invoiceNumber"].map(str::to_owned);
        let mut ours: BTreeSet<String> = ours.iter().map(|field| (*field).to_owned()).collect();
        if name == "Transaction" {
            ours.retain(|field| !newer.contains(field));
        }
        assert_eq!(Some(&ours), reference.get(name), "{name}");
    }
    assert_eq!(reference.len(), 24, "nineteen beside the three whole requests and answers and the two of errors");
    assert_eq!(People::FIELDS, ["buyer", "payer"], "two fields of a transaction");
}

#[test]
fn a_transaction_is_read_and_written_back_with_everything_in_it() {
    let read = Transaction::from_json(WHOLE).unwrap();
    assert_eq!(read.remarks, []);
    let transaction = read.value;
    assert_eq!(transaction.transaction_type, TransactionType::Charge);
    assert_eq!(transaction.amount, money("5.99 USD"));
    assert_eq!(transaction.payment_instrument_last_4_digits.as_deref(), Some("0042"));
    assert_eq!(transaction.lines[0].discount, Some(money("-2.99 USD")));
    assert_eq!(transaction.lines[0].purchase_order_number, None);
    assert_eq!(transaction.lines[0].business_order_info["Cost center"], "");
    assert_eq!(transaction.order_line_items()[0].shipment_id, "DhG3");
    let written = transaction.to_json();
    assert!(written.contains(r#""tax":{"currencyCode":"USD","amount":"0.0"}"#), "{written}");
    assert!(!written.contains("null"), "{written}");
    assert_eq!(Transaction::from_json(&written).unwrap().value, transaction);
}

#[test]
fn an_amount_that_is_a_number_is_taken_digit_for_digit() {
    let json = changed(
        r#""amount": {"currencyCode": "USD", "amount": "5.99"},
"#,
        r#""amount": {"currencyCode": "USD", "amount": 79228162514264337593543950.335},
"#,
    );
    let amount = Transaction::from_json(&json).unwrap().value.amount;
    assert_eq!(amount.to_string(), "79228162514264337593543950.335 USD");
}

#[test]
fn absent_null_and_blank_say_the_same() {
    let whole = Transaction::from_json(WHOLE).unwrap().value;
    for (name, blank) in
        [("buyer", "null"), ("marketplaceId", "null"), ("marketplaceId", "\"\""), ("transactionLineItems", "null")]
    {
        let mut value: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
        value[name] = serde_json::from_str(blank).unwrap();
        let with = Transaction::from_json(&value.to_string()).unwrap();
        value.as_object_mut().unwrap().remove(name);
        let without = Transaction::from_json(&value.to_string()).unwrap();
        assert_eq!(with, without, "{name}");
        assert_ne!(with.value, whole);
        assert_eq!(with.remarks, []);
    }
}

#[test]
fn nothing_in_no_currency_is_no_amount() {
    let json =
        changed(r#""tax": {"currencyCode": "USD", "amount": "0.0"}"#, r#""tax": {"currencyCode": "", "amount": "0"}"#);
    assert_eq!(Transaction::from_json(&json).unwrap().value.lines[0].tax, None);
}

#[test]
fn a_field_that_is_new_is_kept_digit_for_digit_and_remarked() {
    let json =
        changed(r#""itemQuantity": 1"#, r#""itemQuantity": 1, "weight": {"kg": 0.10000000000000000001}, "new": null"#);
    let json = json.replace(r#""amount": "-2.99"}"#, r#""amount": "-2.99", "reason": "coupon"}"#);
    let read = Transaction::from_json(&json).unwrap();
    let line = &read.value.lines[0];
    assert_eq!(line.other["weight"].as_json(), r#"{"kg": 0.10000000000000000001}"#);
    assert_eq!(line.other["discount.reason"].as_json(), r#""coupon""#);
    assert_eq!(line.other.len(), 2);
    let remarks: Vec<String> = read.remarks.iter().map(ToString::to_string).collect();
    let what = "a field that Amazon's model does not state";
    assert_eq!(
        remarks,
        [format!("/transactionLineItems/0/discount/reason: {what}"), format!("/transactionLineItems/0/weight: {what}"),]
    );
    assert!(read.value.to_json().contains("0.10000000000000000001"));
}

#[test]
fn a_word_that_is_new_is_kept_and_remarked() {
    let read = Transaction::from_json(&changed("CHARGE", "CHARGEBACK")).unwrap();
    assert_eq!(read.value.transaction_type, TransactionType::Unknown("CHARGEBACK".to_owned()));
    assert_eq!(read.remarks[0].pointer, "/transactionType");
    assert_eq!(read.remarks[0].kind, RemarkKind::UnknownValue);
    assert!(read.value.to_json().contains(r#""transactionType":"CHARGEBACK""#));
}

#[test]
fn what_the_books_can_do_without_is_kept_aside_when_it_makes_no_sense() {
    for (from, to, pointer, kept) in [
        (r#""itemQuantity": 1"#, r#""itemQuantity": "a few""#, "/transactionLineItems/0/itemQuantity", r#""a few""#),
        (r#""taxRate": "0.00""#, r#""taxRate": [0]"#, "/transactionLineItems/0/taxRate", "[0]"),
        (
            r#""shipmentDate": "2026-04-03T16:59:21Z""#,
            r#""shipmentDate": "soon""#,
            "/transactionLineItems/0/shipmentDate",
            r#""soon""#,
        ),
    ] {
        let read = Transaction::from_json(&changed(from, to)).unwrap();
        assert_eq!((read.remarks[0].pointer.as_str(), read.remarks[0].kind), (pointer, RemarkKind::Unreadable));
        let name = pointer.rsplit('/').next().unwrap();
        assert_eq!(read.value.lines[0].other[name].as_json(), kept);
        assert_eq!(Transaction::from_json(&read.value.to_json()).unwrap(), read);
    }
}

#[test]
fn what_the_books_need_is_refused_with_its_place_and_without_its_value() {
    for (from, to, message) in [
        (r#""transactionId": "T1""#, r#""transactionId": null"#, "/transactionId: this is missing, or null"),
        (
            r#""transactionType": "CHARGE""#,
            r#""transactionKind": "CHARGE""#,
            "transaction T1, /transactionType: this is missing, or null",
        ),
        (
            r#""amount": "5.99"},
"#,
            r#""amount": "hush"},
"#,
            "transaction T1, /amount/amount: a decimal number is expected, but a text stands there",
        ),
        (
            r#""tax": {"currencyCode": "USD", "amount": "0.0"}"#,
            r#""tax": {"currencyCode": "hush", "amount": "0.0"}"#,
            "transaction T1, /transactionLineItems/0/tax/currencyCode: a currency of ISO 4217 is expected, but a text stands there",
        ),
        (
            r#""tax": {"currencyCode": "USD", "amount": "0.0"}"#,
            r#""tax": {"amount": "0.1"}"#,
            "transaction T1, /transactionLineItems/0/tax/currencyCode: this is missing, or null",
        ),
        (
            r#""tax": {"currencyCode": "USD", "amount": "0.0"}"#,
            r#""tax": 7"#,
            "transaction T1, /transactionLineItems/0/tax: an object is expected, but a number stands there",
        ),
        (
            r#""amount": "0.0""#,
            r#""amount": "1,00""#,
            "transaction T1, /transactionLineItems/0/tax/amount: a decimal number is expected, but a text stands there",
        ),
        (
            r#"[{"associatedTransactionId": "T2"}]"#,
            r#""T2""#,
            "transaction T1, /associatedTransactionDetails: a list is expected, but a text stands there",
        ),
    ] {
        assert_eq!(Transaction::from_json(&changed(from, to)).unwrap_err().to_string(), message);
    }
    assert_eq!(Transaction::from_json("{").unwrap_err().to_string(), "this is not JSON (line 1, column 1)");
}

#[test]
fn the_persons_can_be_taken_out_and_nothing_of_them_stays() {
    let mut transaction = Transaction::from_json(WHOLE).unwrap().value;
    let hash = transaction.content_hash();
    let people = transaction.take_people();
    assert_eq!(people.buyer.as_ref().unwrap().name.as_deref(), Some("Ada"));
    assert!(!people.is_empty());
    assert!(!transaction.to_json().contains("Ada") && !transaction.to_json().contains("amzn1.account"));
    assert_ne!(transaction.content_hash(), hash);
    assert_eq!(People::from_json(&people.to_json()).unwrap(), people);
    assert!(transaction.take_people().is_empty());
}

#[test]
fn of_two_words_on_one_transaction_the_later_wins_in_any_order() {
    let earlier = Transaction::from_json(WHOLE).unwrap().value;
    let later = Transaction::from_json(&changed("2026-05-12T20", "2026-05-13T20")).unwrap().value;
    let settled = Transaction::from_json(&changed("\"0042\"", "\"0043\"")).unwrap().value;
    assert!(later.supersedes(&earlier) && !earlier.supersedes(&later));
    assert!(settled.supersedes(&earlier) && !earlier.supersedes(&settled));
    assert!(!earlier.supersedes(&earlier));
}

#[test]
fn one_transaction_that_makes_no_sense_does_not_spoil_its_page() {
    let page =
        format!(r#"{{"transactions": [{WHOLE}, {{"transactionId": "T9"}}, null], "nextPageToken": "abc=", "new": 1}}"#);
    let page = TransactionsPage::from_json(&page).unwrap();
    assert_eq!(page.next.as_deref(), Some("abc="));
    assert_eq!(page.remarks[0].pointer, "/new");
    assert_eq!(page.transactions.len(), 2);
    assert_eq!(page.transactions[0].reading.as_ref().unwrap().value.transaction_id, "T1");
    let error = page.transactions[1].reading.as_ref().unwrap_err();
    assert_eq!(error.subject.as_deref(), Some("transaction T9"));
    assert_eq!(page.transactions[1].json.as_json(), r#"{"transactionId": "T9"}"#);
}

#[test]
fn a_page_without_transactions_is_the_end_or_another_answer() {
    for json in [r#"{"transactions": []}"#, r#"{"transactions": null, "nextPageToken": ""}"#] {
        let page = TransactionsPage::from_json(json).unwrap();
        assert_eq!((page.transactions.len(), page.next), (0, None));
    }
    assert_eq!(TransactionsPage::from_json("{}").unwrap_err().to_string(), "/transactions: this is missing, or null");
    assert!(TransactionsPage::from_json("<html>").is_err());
}

#[test]
fn invoices_are_read_line_by_line_and_what_is_null_says_nothing() {
    let json = r#"{"invoiceDetailsByOrderLineItems": [
        {"orderLineItem": {"orderId": "1", "orderLineItemId": "2", "shipmentId": "3"}, "invoiceDetails":
          [{"invoiceNumber": "N1", "invoiceDate": "2026-03-30T15:30:22.077Z"}, null,
           {"invoiceNumber": null, "invoiceDate": null, "consolidatedInvoiceDetails": {"invoiceNumber": null}}]},
        {"orderLineItem": {"orderId": "1", "orderLineItemId": "5", "shipmentId": null}, "invoiceDetails": null},
        {"orderLineItem": {"orderId": "1", "orderLineItemId": "6", "shipmentId": "3"}}]}"#;
    let answers = InvoiceAnswers::from_json(json).unwrap();
    let first = &answers.lines[0].reading.as_ref().unwrap().value;
    assert_eq!(first.invoices.len(), 2);
    assert_eq!(first.invoices[0].invoice_number.as_deref(), Some("N1"));
    assert_eq!(LineInvoices::from_json(&first.to_json()).unwrap().value, *first);
    let error = answers.lines[1].reading.as_ref().unwrap_err();
    assert_eq!(error.to_string(), "order line item 5, /orderLineItem/shipmentId: this is missing, or null");
    assert_eq!(answers.lines[2].reading.as_ref().unwrap().value.invoices, []);
}
