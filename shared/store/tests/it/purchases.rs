//! Purchases whose orders are forgotten.

use countinghouse_domain::ids::SellerId;
use countinghouse_purchases::{LineInvoices, Transaction};
use countinghouse_store::Purchases;
use jiff::Timestamp;

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws; an_order_that_is_forgotten_does_not_come_back_and_its_amounts_stay]
}

const TRANSACTION: &str = r#"{
  "transactionId": "1x47pVc0", "transactionType": "CHARGE", "amount": {"currencyCode": "EUR", "amount": "12.50"},
  "transactionDate": "2026-11-20T08:00:00Z", "feedDate": "2026-11-21T08:00:00Z", "marketplaceId": "A1PA6795UKMFR9",
  "legalEntityName": "Example GmbH", "buyer": {"id": "B1", "name": "Erika Beispiel", "email": "e@example.com"},
  "transactionLineItems": [{
    "orderId": "302-1", "orderLineItemId": "7", "shipmentId": "S1", "asin": "B00EXAMP01", "itemQuantity": 1,
    "principalAmount": {"currencyCode": "EUR", "amount": "12.50"}, "totalAmount": {"currencyCode": "EUR", "amount": "12.50"},
    "businessOrderInfo": {"Ordered by": "Erika Beispiel"}
  }]
}"#;

const ANSWER: &str = r#"{"orderLineItem":{"orderId":"302-1","orderLineItemId":"7","shipmentId":"S1"},"invoiceDetails":[
  {"invoiceNumber":"INV-1","invoiceDate":"2026-11-21T00:00:00Z","billToAddress":{"name":"Erika Beispiel","city":"Soest"}}]}"#;

fn transaction(from: &str, to: &str) -> Transaction {
    Transaction::from_json(&TRANSACTION.replace(from, to)).unwrap().value
}

async fn an_order_that_is_forgotten_does_not_come_back_and_its_amounts_stay(aws: World) {
    const ORDER: &str = "302-1";
    let account: SellerId = "BUYER1".parse().unwrap();
    let now: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
    let purchases = Purchases::new(aws.dynamodb(), aws.table("purchases").await, 730);
    let book = async |pull: &str, transaction: Transaction| {
        purchases.book(&account, pull, vec![transaction], now).await.unwrap()
    };
    let answer = async || {
        let due = purchases.due_lines(&account, "2027-11-22T04:00:00Z".parse().unwrap(), None, 10).await.unwrap();
        let answers = [LineInvoices::from_json(ANSWER).unwrap().value];
        purchases.answer(&account, &due.lines, &answers, now).await.unwrap()
    };
    book("one", transaction("", "")).await;
    answer().await;
    let personal = purchases.personal_of_order(&account, ORDER).await.unwrap();
    let names: Vec<_> = personal.items.iter().map(|item| item.attributes.join(" ")).collect();
    assert_eq!(names, ["buyer", "business_order_info", "bill_to_address"]);
    assert!(personal.shared_with.is_empty());

    let removed = purchases.forget_order(&account, ORDER, now).await.unwrap();
    assert_eq!(removed, personal);
    assert_eq!(purchases.forget_order(&account, ORDER, now).await.unwrap().items, []);
    assert_eq!(purchases.forgotten_at(&account, ORDER).await.unwrap(), Some(now));

    // Amazon says something new about it, and is asked for its invoice again: as if nobody had bought it.
    let booked = book("two", transaction("12.50", "13.00")).await;
    assert_eq!(booked.updated, 1);
    answer().await;
    assert_eq!(purchases.personal_of_order(&account, ORDER).await.unwrap().items, []);
    let stored = purchases.transactions(&account, ["1x47pVc0"]).await.unwrap().remove(0);
    assert_eq!(stored.transaction.amount.amount, "13.00".parse().unwrap());
    assert_eq!(stored.transaction.lines.len(), 1);
    // A refund of the order that comes for the first time; an order that nobody has forgotten.
    book("three", transaction("1x47pVc0", "2y58")).await;
    let other = TRANSACTION.replace("1x47pVc0", "3z69").replace("302-1", "302-2");
    book("three", Transaction::from_json(&other).unwrap().value).await;
    assert_eq!(purchases.personal_of_order(&account, ORDER).await.unwrap().items, []);
    assert_eq!(purchases.personal_of_order(&account, "302-2").await.unwrap().items.len(), 2);
}
