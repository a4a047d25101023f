//! The life of an order: it ships, the settlement closes, it is refunded, the refund is settled.

use std::collections::BTreeMap;
use std::rc::Rc;

use countinghouse_domain::job::JobState;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::cases;
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::Stack;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_store::{Payment, StoredDocument};
use serde_json::{Value, json};

cases![an_order_lives_from_its_invoice_to_its_refund_payments, two_sellers_are_booked_as_the_story_says];

async fn an_order_lives_from_its_invoice_to_its_refund_payments(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let story = Story::of_today();
    let expected = &story.expected()["eu"]["life"];
    let order = expected["order_id"].as_str().unwrap();

    // It ships: the daily report has the invoice, and no money has moved.
    seller.add_vat_rows(stack, &story.vat_rows(&["SHIPMENT"]));
    let outcome = stack.request_vat(&seller.id).await;
    assert_eq!(outcome["requested"], 1, "{outcome}");
    stack.poll().await;
    stack.until_vat_job(&seller, JobState::Booked).await;
    let documents = stack.documents_of_order(&seller, order).await;
    assert_eq!(documents.iter().map(summary).collect::<Vec<_>>(), of_kind(expected, "invoice"));
    assert!(stack.payments_of_order(&seller, order).await.is_empty());

    // The settlement closes: the payments, and the same invoice.
    let first = settle(stack, &seller, &story.text("eu/settlement-1.txt")).await;
    let payments = stack.payments_of_order(&seller, order).await;
    assert_eq!(amounts(&payments), expected["payments"][first.as_str()]);

    // It is refunded: a later report has the credit note.
    seller.add_vat_rows(stack, &story.vat_rows(&["REFUND", "RETURN"]));
    let now = SystemClock.now();
    let from = now.checked_sub(jiff::SignedDuration::from_hours(29 * 24)).unwrap();
    let later = json!({"version": 1, "seller_id": seller.id, "from": from.to_string()});
    let outcome = stack.invoke(&format!("{}-create-reports", stack.name), later).await.unwrap();
    assert_eq!(outcome["requested"], 1, "{outcome}");
    stack.poll().await;
    countinghouse_it::wait::until("the credit note is booked", async || {
        (stack.documents_of_order(&seller, order).await.len() == 2).then_some(())
    })
    .await;
    let documents = stack.documents_of_order(&seller, order).await;
    let credit_notes: Vec<_> = documents.iter().map(summary).filter(|each| each["kind"] == "credit_note").collect();
    assert_eq!(credit_notes, of_kind(expected, "credit_note"));
    assert_eq!(stack.payments_of_order(&seller, order).await.len(), payments.len(), "no money has moved yet");

    // The refund is settled: the refund payments, and every step is found by the order's number.
    let second = settle(stack, &seller, &story.text("eu/settlement-2.txt")).await;
    let all = stack.payments_of_order(&seller, order).await;
    assert_eq!(amounts(&all[payments.len()..]), expected["payments"][second.as_str()]);
    let invoiced: Vec<_> = documents.iter().map(|each| each.document.total.gross).collect();
    let paid = |wanted: &str| -> rust_decimal::Decimal {
        all.iter().filter(|payment| payment.payment_type.name() == wanted).map(|payment| payment.amount).sum()
    };
    assert!(invoiced.contains(&paid("customer_payment")), "the customer paid what was invoiced");
    assert!(invoiced.contains(&paid("customer_refund")), "the customer got back what was credited");
    seller.disconnect(stack).await;
}

async fn two_sellers_are_booked_as_the_story_says(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let (european, american) = (Seller::european(stack).await, Seller::american(stack).await);
    let story = Story::of_today();
    let expected = story.expected();
    european.add_vat_rows(stack, &story.text("eu/vat.csv"));
    let files = [
        (&european, "eu", "settlement-1"),
        (&european, "eu", "settlement-2"),
        (&european, "eu", "settlement-gbp"),
        (&american, "us", "settlement-1"),
        (&american, "us", "settlement-2"),
    ];
    for (seller, shop, file) in files {
        seller.close(stack, &seller.own_settlement(&story.text(&format!("{shop}/{file}.txt"))));
    }
    stack.request_vat(&european.id).await;
    stack.poll().await;
    for (seller, shop, file) in files {
        let id = settlement_id(&story.text(&format!("{shop}/{file}.txt"))).to_owned();
        let expected = expected[shop]["settlements"].as_array().unwrap();
        let expected = expected.iter().find(|each| each["settlement_id"] == id.as_str()).unwrap();
        settlement_is_as_expected(stack, seller, &id, expected).await;
    }
    stack.until_vat_job(&european, JobState::Booked).await;
    let documents: Vec<_> = stack.documents_of(&european).await.iter().map(summary).collect();
    let mut wanted = expected["eu"]["documents"].as_array().unwrap().clone();
    wanted.sort_by_key(|each| (each["kind"] == "credit_note", each["number"].as_str().unwrap().to_owned()));
    assert_eq!(documents, wanted);
    for seller in [european, american] {
        seller.disconnect(stack).await;
    }
}

/// Closes a settlement and waits until it is proven. Answers the id that the story knows it by.
async fn settle(stack: &Stack, seller: &Seller, text: &str) -> String {
    let id = settlement_id(text);
    seller.close(stack, &seller.own_settlement(text));
    stack.poll().await;
    let settled = stack.until_settled(seller, &seller.own(id)).await;
    assert_eq!(settled.status().name(), "proven");
    id.to_owned()
}

async fn settlement_is_as_expected(stack: &Stack, seller: &Seller, id: &str, expected: &Value) {
    // The neighbours in the chain may be completed in any order.
    let settled = countinghouse_it::wait::until("the chain is worked out", async || {
        let settled = stack.settlement(seller, &seller.own(id)).await.filter(|each| each.proof.is_some())?;
        (settled.chain.as_ref().is_some_and(|chain| chain.name() == expected["chain"])).then_some(settled)
    })
    .await;
    let proof = settled.proof.as_ref().unwrap();
    let by_type: BTreeMap<_, _> = proof
        .by_type
        .iter()
        .map(|(name, subtotal)| (name.clone(), json!({"count": subtotal.count, "sum": cents(subtotal.sum)})))
        .collect();
    let derived = proof.derived.as_ref().unwrap();
    let found = json!({
        "settlement_id": id,
        "currency": settled.header.currency.code(),
        "start": settled.header.start.to_string(),
        "end": settled.header.end.to_string(),
        "rows": proof.rows,
        "total_amount": cents(settled.header.total_amount),
        "status": settled.status().name(),
        "chain": expected["chain"],
        "derived": [derived.payment_type.name(), cents(derived.amount)],
        "by_type": by_type,
    });
    assert_eq!(&found, expected);
    let payments = stack.payments_of(&seller.own(id)).await;
    let sum: rust_decimal::Decimal = payments.iter().map(|payment| payment.amount).sum();
    assert_eq!(
        payments.len(),
        usize::try_from(proof.rows).unwrap() + 1,
        "one payment for each row, and the derived one"
    );
    assert!(sum.is_zero(), "rows + derived = 0, but it is {sum}");
}

fn of_kind(expected: &Value, kind: &str) -> Vec<Value> {
    expected["documents"].as_array().unwrap().iter().filter(|each| each["kind"] == kind).cloned().collect()
}

fn amounts(payments: &[Payment]) -> Value {
    payments.iter().map(|each| json!([each.payment_type.name(), each.amount_description, cents(each.amount)])).collect()
}

fn cents(amount: rust_decimal::Decimal) -> String {
    format!("{amount:.2}")
}

/// A document in the notation of `expected.json`.
fn summary(stored: &StoredDocument) -> Value {
    let document = &stored.document;
    json!({
        "kind": document.kind().name(),
        "number": document.number(),
        "order_id": document.order_id,
        "issued_on": document.issued_on.unwrap().to_string(),
        "currency": document.currency.code(),
        "gross": cents(document.total.gross),
        "net": cents(document.total.net),
        "vat": cents(document.total.vat),
        "lines": document.lines.len(),
        "reverse_charge": document.reverse_charge,
        "export": document.export,
        "scheme": document.scheme_text,
        "collected_by": document.responsibility,
        "needs_attention": document.needs_attention(),
    })
}
