//! What is made up adds up.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn now() -> Timestamp {
    "2026-11-22T04:00:00Z".parse().unwrap()
}

fn made(region: Region, wish: &Purchases) -> Made {
    make(region, wish, now())
}

/// Hundredths (or whole yen) of an amount as it is written.
fn minor(money: &Value) -> i64 {
    money["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

fn lines(transaction: &Value) -> &Vec<Value> {
    transaction["transactionLineItems"].as_array().unwrap()
}

#[test]
fn the_same_wish_gives_the_same_purchases() {
    let wish = Purchases::default();
    let (one, other) = (made(Region::Eu, &wish), made(Region::Eu, &wish));
    let shown = |made: &Made| made.entries.iter().map(|entry| entry.transaction.to_string()).collect::<Vec<_>>();
    assert_eq!(shown(&one), shown(&other));
    assert_ne!(shown(&one), shown(&made(Region::Eu, &Purchases { seed: 2, ..wish })));
}

#[test]
fn there_are_exactly_as_many_as_were_asked_for_and_every_id_is_new() {
    for count in [0, 1, 2, 999] {
        let made = made(Region::Na, &Purchases { transactions: count, split_percent: 60, ..Purchases::default() });
        let ids: BTreeSet<_> = made.entries.iter().map(|one| one.transaction["transactionId"].to_string()).collect();
        assert_eq!((ids.len(), made.truth.transactions), (count, count));
        assert_eq!(made.truth.by_feed_day.values().sum::<usize>(), count);
    }
}

#[test]
fn every_line_and_every_transaction_adds_up() {
    for region in [Region::Eu, Region::Na, Region::Fe] {
        let made = made(region, &Purchases { transactions: 2_000, ..Purchases::default() });
        for entry in &made.entries {
            let transaction = &entry.transaction;
            let sum: i64 = lines(transaction).iter().map(|line| minor(&line["totalAmount"])).sum();
            assert_eq!(sum, minor(&transaction["amount"]), "{transaction}");
            assert_eq!(sum < 0, transaction["transactionType"] != "CHARGE");
            for line in lines(transaction) {
                let parts =
                    ["principalAmount", "shippingCharge", "giftWrappingCharge", "regulatoryFee", "discount", "tax"];
                let parts = parts.iter().filter(|name| line[**name].is_object()).map(|name| minor(&line[*name]));
                assert_eq!(parts.sum::<i64>(), minor(&line["totalAmount"]), "{line}");
            }
        }
        let types: BTreeSet<_> = made.truth.sums.iter().map(|sum| sum.transaction_type.as_str()).collect();
        assert_eq!(types, BTreeSet::from(["CHARGE", "OVERREFUND", "REFUND"]));
    }
}

#[test]
fn the_truth_is_the_sum_of_what_is_shown() {
    let made = made(Region::Fe, &Purchases { transactions: 500, ..Purchases::default() });
    let mut sums: BTreeMap<(String, String), (usize, i64)> = BTreeMap::new();
    for entry in &made.entries {
        let one = &entry.transaction;
        let text = |pointer: &str| one.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let sum = sums.entry((text("/amount/currencyCode"), text("/transactionType"))).or_default();
        *sum = (sum.0 + 1, sum.1 + minor(&one["amount"]));
    }
    for told in &made.truth.sums {
        let (count, amount) = sums.remove(&(told.currency.clone(), told.transaction_type.clone())).unwrap();
        assert_eq!((told.count, told.amount.replace('.', "").parse()), (count, Ok(amount)), "{told:?}");
    }
    assert!(sums.is_empty());
}

#[test]
fn parts_of_a_payment_name_each_other() {
    let made = made(Region::Eu, &Purchases { split_percent: 100, refund_percent: 0, ..Purchases::default() });
    assert!(made.truth.split >= 90, "{}", made.truth.split);
    let by_id: BTreeMap<_, _> =
        made.entries.iter().map(|one| (one.transaction["transactionId"].to_string(), &one.transaction)).collect();
    for (id, transaction) in &by_id {
        for other in transaction["associatedTransactionDetails"].as_array().into_iter().flatten() {
            let other = by_id[&other["associatedTransactionId"].to_string()];
            let back = other["associatedTransactionDetails"].to_string();
            assert!(back.contains(id.trim_matches('"')), "{back}");
            assert_eq!(lines(other)[0]["orderId"], lines(transaction)[0]["orderId"]);
        }
    }
}

#[test]
fn japanese_invoices_are_the_sum_of_their_lines() {
    let wish = Purchases { transactions: 400, split_percent: 0, ..Purchases::default() };
    let made = made(Region::Fe, &wish);
    let mut documents = 0;
    let mut credit_memos = 0;
    for (key, invoice) in &made.invoices {
        let Some(total) = invoice.detail["invoiceTotal"].as_str() else { continue };
        let refund = invoice.detail["invoiceType"] == "CREDIT_MEMO";
        let covers =
            |line: &&Value| line["shipmentId"] == json!(key.shipment_id) && line["orderId"] == json!(key.order_id);
        let of_type = |entry: &&Entry| (entry.transaction["transactionType"] == "CHARGE") != refund;
        let entries: Vec<_> = made.entries.iter().filter(of_type).collect();
        let per_transaction: Vec<i64> = entries
            .iter()
            .map(|entry| lines(&entry.transaction).iter().filter(covers).map(|line| minor(&line["totalAmount"])).sum())
            .collect();
        let total: i64 = total.parse().unwrap();
        assert!(per_transaction.iter().any(|sum: &i64| sum.abs() == total), "{}", invoice.detail);
        let taxes = invoice.detail["tax"].as_array().unwrap();
        assert_eq!(taxes.iter().map(|tax| minor(&tax["inclusiveTotal"])).sum::<i64>(), total);
        let items = invoice.detail["transactionDataItems"].as_array().unwrap();
        let fees = items.iter().flat_map(|item| item["fees"].as_array().unwrap());
        let fees = fees.chain(invoice.detail["fees"].as_array().unwrap());
        let fees: i64 = fees.map(|fee| minor(&fee["tax"]["inclusiveTotal"])).sum();
        assert_eq!(items.iter().map(|item| minor(&item["totalAmount"])).sum::<i64>() + fees, total);
        documents += 1;
        credit_memos += i64::from(refund);
    }
    assert!(documents > 100 && credit_memos > 5, "{documents} {credit_memos}");
}

#[test]
fn what_shall_differ_differs_by_what_the_truth_says() {
    let made = made(Region::Eu, &Purchases { differing: 3, ..Purchases::default() });
    assert_eq!(made.truth.differing.len(), 3);
    for told in &made.truth.differing {
        let found = made.entries.iter().find(|one| one.transaction["transactionId"] == json!(told.transaction_id));
        let transaction = &found.unwrap().transaction;
        let sum: i64 = lines(transaction).iter().map(|line| minor(&line["totalAmount"])).sum();
        let by: i64 = told.by.replace('.', "").parse().unwrap();
        assert_eq!(minor(&transaction["amount"]), sum + by);
    }
}
