//! Single purchases and what becomes of them over days.

use std::rc::Rc;

use countinghouse_it::buyer::Buyer;
use countinghouse_it::cases;
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::suite::Suite;
use countinghouse_store::{Waiting, WindowState};
use fake_amazon::{AddedInvoice, BusinessConfig, Fault, FaultKind, Operation, Purchases, Region, Scenario};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Desk;

cases![
    a_transaction_that_is_told_of_days_later_comes_with_the_overlap,
    an_invoice_that_appears_later_closes_its_transaction,
    an_invoice_that_never_appears_is_overdue_after_its_deadline,
    a_refund_before_its_charge_is_linked_when_the_charge_comes,
    parts_of_a_split_payment_are_one_purchase_in_whatever_order_they_come,
    japanese_invoices_are_kept_whole_and_their_address_apart,
    a_backfill_reaches_further_back,
    a_later_word_on_a_transaction_updates_it_and_leaves_no_former_line,
    what_cannot_be_read_is_kept_and_the_rest_is_booked,
    a_page_token_that_expires_begins_the_day_again,
    a_limit_is_waited_for_in_the_queue,
    a_transaction_of_a_thousand_lines_is_spread_over_items,
];

/// The day whose purchases these are is over.
const NOON: &str = "2026-11-22T12:00:00Z";
const YESTERDAY: &str = "2026-11-21T10:00:00Z";

fn noon() -> Timestamp {
    NOON.parse().unwrap()
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

async fn ground(suite: &Suite, name: &str) -> Stack {
    suite.bare(name, Scenario { frozen_at: Some(noon()), ..calm() }).await
}

fn money(amount: &str) -> Value {
    json!({"currencyCode": "EUR", "amount": amount})
}

fn line(order: &str, item: &str, total: &str) -> Value {
    json!({
        "orderId": order, "orderLineItemId": item, "shipmentId": "S1", "asin": "B00EXAMP01", "itemQuantity": 1,
        "productTitle": "Paper", "principalAmount": money(total), "totalAmount": money(total),
    })
}

fn transaction(id: &str, kind: &str, feed_date: &str, amount: &str, lines: &[Value]) -> Value {
    json!({
        "transactionId": id, "transactionType": kind, "transactionDate": feed_date, "feedDate": feed_date,
        "amount": money(amount), "transactionLineItems": lines, "paymentInstrumentType": "Visa",
        "paymentInstrumentLast4Digits": "1234", "legalEntityName": "Example GmbH",
        "buyer": {"id": "B", "name": "Erika Beispiel", "email": "erika@example.com"},
    })
}

fn invoice(order: &str, item: &str, detail: Value, after: SignedDuration) -> AddedInvoice {
    AddedInvoice {
        order_id: order.to_owned(),
        order_line_item_id: item.to_owned(),
        shipment_id: "S1".to_owned(),
        detail,
        pending: None,
        appears_after_ms: i64::try_from(after.as_millis()).unwrap(),
    }
}

fn numbered(number: &str) -> Value {
    json!({"invoiceNumber": number, "invoiceDate": NOON})
}

/// The header of a transaction.
async fn header(stack: &Stack, buyer: &Buyer, id: &str) -> Value {
    let key = format!("{} transaction {id}", buyer.id);
    let items = buyer.items(stack).await;
    let header = items.into_iter().find(|item| item["purchase"] == key.as_str() && item["part"] == "header");
    header.unwrap_or_else(|| panic!("{key} is not there"))
}

async fn state(stack: &Stack, buyer: &Buyer, id: &str) -> String {
    header(stack, buyer, id).await["state"].as_str().unwrap().to_owned()
}

async fn a_transaction_that_is_told_of_days_later_comes_with_the_overlap(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-late").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    desk.pull(&buyer).await;
    let asked = buyer.calls(stack, Operation::GetTransactions);
    desk.pull(&buyer).await;
    assert_eq!(buyer.calls(stack, Operation::GetTransactions), asked, "what is covered is not due again");
    // Amazon gives it a feed date that was pulled five days before.
    desk.wait(days(5)).await;
    buyer.buys_exactly(stack, transaction("T1", "CHARGE", YESTERDAY, "5.99", &[line("O1", "L1", "5.99")]));
    desk.pull(&buyer).await;
    assert_eq!(state(stack, &buyer, "T1").await, "open");
    let windows = stack.purchases().windows(&buyer.id.parse().unwrap()).await.unwrap();
    assert!(windows.iter().all(|window| window.state == WindowState::Proven));
    let day = windows.iter().find(|window| window.window.from.to_string().starts_with("2026-11-21")).unwrap();
    assert_eq!((day.pulls, day.proof().unwrap().unwrap().transactions), (2, 1));
}

async fn an_invoice_that_appears_later_closes_its_transaction(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-invoice").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    buyer.buys_exactly(stack, transaction("T1", "CHARGE", YESTERDAY, "5.99", &[line("O1", "L1", "5.99")]));
    let pending = json!({"consolidatedInvoiceDetails": {"invoiceNumber": "Pending"}});
    let consolidated = json!({"invoiceNumber": "INV-1", "invoiceDate": NOON,
        "consolidatedInvoiceDetails": {"invoiceNumber": "CON-7"}});
    let added = AddedInvoice { pending: Some(pending), ..invoice("O1", "L1", consolidated, days(3)) };
    stack.amazon.add_invoice(&buyer.id, added).unwrap();
    desk.pull(&buyer).await;
    assert_eq!(state(stack, &buyer, "T1").await, "open");
    let mut questions = Vec::new();
    for _ in 0..(4 * 24) {
        desk.pull(&buyer).await;
        questions.push(buyer.calls(stack, Operation::GetInvoiceDetailsByOrderLineItems));
        desk.wait(SignedDuration::from_hours(1)).await;
    }
    assert_eq!(questions.last(), Some(&5), "asked at once, and after 6, 12, 24 and 48 hours");
    let header = header(stack, &buyer, "T1").await;
    assert_eq!((&header["state"], &header["invoice_numbers"]), (&json!("reconciled"), &json!(["INV-1"])));
    let items = buyer.items(stack).await;
    let covers = |number: &str| {
        let key = format!("{} invoice {number}", buyer.id);
        items
            .iter()
            .filter(|item| item["purchase"] == key.as_str())
            .map(|item| item["part"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(covers("INV-1"), ["covers T1 line 0001", "header"]);
    assert_eq!(covers("CON-7"), ["covers T1 line 0001", "header"]);
}

async fn an_invoice_that_never_appears_is_overdue_after_its_deadline(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-overdue").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    let account = buyer.id.parse().unwrap();
    buyer.buys_exactly(stack, transaction("T1", "CHARGE", YESTERDAY, "5.99", &[line("O1", "L1", "5.99")]));
    for pause in [6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 2] {
        desk.pull(&buyer).await;
        assert_eq!(stack.purchases().count_waiting(&account, Waiting::Overdue).await.unwrap(), 0);
        desk.wait(days(pause)).await;
    }
    desk.pull(&buyer).await;
    assert_eq!(stack.purchases().count_waiting(&account, Waiting::Overdue).await.unwrap(), 1);
    let asked = buyer.calls(stack, Operation::GetInvoiceDetailsByOrderLineItems);
    desk.wait(days(30)).await;
    desk.pull(&buyer).await;
    assert_eq!(buyer.calls(stack, Operation::GetInvoiceDetailsByOrderLineItems), asked, "it is not asked for any more");
    assert_eq!(header(stack, &buyer, "T1").await["account_state"], format!("{} overdue", buyer.id));
}

async fn a_refund_before_its_charge_is_linked_when_the_charge_comes(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-refund").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    stack.amazon.add_invoice(&buyer.id, invoice("O1", "L1", numbered("INV-1"), SignedDuration::ZERO)).unwrap();
    buyer.buys_exactly(stack, transaction("T2", "REFUND", YESTERDAY, "-5.99", &[line("O1", "L1", "-5.99")]));
    desk.pull(&buyer).await;
    let open = header(stack, &buyer, "T2").await;
    assert_eq!((&open["state"], &open["missing"][0]["what"]), (&json!("open"), &json!("charge")));
    desk.wait(days(1)).await;
    buyer.buys_exactly(stack, transaction("T1", "CHARGE", "2026-11-22T08:00:00Z", "5.99", &[line("O1", "L1", "5.99")]));
    desk.pull(&buyer).await;
    let refund = header(stack, &buyer, "T2").await;
    assert_eq!((&refund["state"], &refund["charge_ids"]), (&json!("reconciled"), &json!(["T1"])));
    assert_eq!(state(stack, &buyer, "T1").await, "reconciled");
}

async fn parts_of_a_split_payment_are_one_purchase_in_whatever_order_they_come(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-split").await;
    let mut ends = Vec::new();
    let part = |id: &str, feed: &str, amount: &str, others: &[&str]| {
        let mut part = transaction(id, "CHARGE", feed, amount, &[line("O1", "L1", "9.00"), line("O1", "L2", "1.00")]);
        let others: Vec<_> = others.iter().map(|other| json!({"associatedTransactionId": other})).collect();
        part["associatedTransactionDetails"] = json!(others);
        part
    };
    let parts = [("T1", "4.00", vec!["T2"]), ("T2", "5.00", vec![]), ("T3", "1.00", vec!["T2"])];
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
        for item in ["L1", "L2"] {
            stack.amazon.add_invoice(&buyer.id, invoice("O1", item, numbered("INV-1"), SignedDuration::ZERO)).unwrap();
        }
        for (day, place) in order.into_iter().enumerate() {
            let (id, amount, others) = &parts[place];
            buyer.buys_exactly(stack, part(id, &format!("2026-11-2{}T08:00:00Z", day + 1), amount, others));
            let to = desk.now().checked_add(days(3)).unwrap();
            desk.order(json!({"version": 1, "seller_id": buyer.id, "from": "2026-11-21T00:00:00Z", "to": to})).await;
        }
        desk.wait(days(3)).await;
        desk.pull(&buyer).await;
        let items = buyer.items(stack).await;
        let of =
            |key: &str| items.iter().find(|item| item["purchase"] == format!("{} {key}", buyer.id).as_str()).cloned();
        assert!(of("purchase T2").is_none(), "it has become part of T1's");
        let purchase = of("purchase T1").unwrap();
        let states: Vec<_> = ["T1", "T2", "T3"]
            .map(|id| format!("transaction {id}"))
            .map(|key| of(&key).unwrap()["state"].clone())
            .into();
        ends.push(json!({"ids": purchase["transaction_ids"], "sums": purchase["sums"], "state": purchase["state"], "states": states}));
    }
    let expected = json!({
        "ids": ["T1", "T2", "T3"], "sums": {"EUR": {"charges": "10", "net": "10"}}, "state": "reconciled",
        "states": ["reconciled", "reconciled", "reconciled"],
    });
    assert_eq!(ends, [expected.clone(), expected.clone(), expected]);
}

async fn japanese_invoices_are_kept_whole_and_their_address_apart(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-japan").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Fe).await, Desk::new(stack, &stack.aws, noon()));
    let from = noon().checked_sub(days(6)).unwrap();
    let wish = Purchases {
        transactions: 60,
        from: Some(from),
        days: 3,
        late_days: 1,
        held_percent: 0,
        invoices_later_percent: 0,
        consolidated_percent: 0,
        without_shipment_percent: 0,
        ..Purchases::default()
    };
    let truth = buyer.buys(stack, &wish);
    desk.pull(&buyer).await;
    let account = buyer.id.parse().unwrap();
    for waiting in [Waiting::Differs, Waiting::Open, Waiting::Unreadable] {
        let ids = stack.purchases().ids_waiting(&account, waiting).await.unwrap();
        let listed = stack.purchases().listed(&account, &ids).await.unwrap();
        assert!(listed.is_empty(), "{waiting:?}: {listed:#?}");
    }
    let items = buyer.items(stack).await;
    let invoices: Vec<_> =
        items.iter().filter(|item| item["purchase"].as_str().unwrap().contains(" invoice ")).collect();
    let part = |part: &str, name: &str| {
        let found = invoices.iter().find(|item| item["part"] == part && !item[name].is_null());
        found.unwrap_or_else(|| panic!("no invoice has {name}"))[name].clone()
    };
    assert_eq!(part("header", "invoice_issuer")["registration_number"], "T1234567890123");
    assert!(part("header", "invoice_total").is_string());
    assert!(part("item 0001", "apportionment")[0]["order_line_item_id"].is_string());
    assert_eq!(part("personal", "bill_to_address")["country_code"], "JP");
    for item in items.iter().filter(|item| !item["part"].as_str().unwrap().starts_with("personal")) {
        let text = item.to_string();
        for personal in ["例示 太郎", "0300000000", "@example", "Erika"] {
            assert!(!text.contains(personal), "{text}");
        }
    }
    assert!(items.iter().filter(|item| item["part"] == "personal").all(|item| item["expires_at"].is_string()));
    assert_eq!(
        items.iter().filter(|item| item["transaction_type"].is_string() && item["part"] == "header").count(),
        truth.transactions
    );
}

async fn a_backfill_reaches_further_back(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-backfill").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Na).await, Desk::new(stack, &stack.aws, noon()));
    buyer.buys_exactly(stack, transaction("T1", "CHARGE", "2025-02-28T23:59:59Z", "5.99", &[line("O1", "L1", "5.99")]));
    desk.pull(&buyer).await;
    assert!(buyer.items(stack).await.iter().all(|item| item["transaction_type"].is_null()), "it is too old");
    let order =
        json!({"version": 1, "seller_id": buyer.id, "from": "2025-02-27T12:00:00Z", "to": "2025-03-01T00:00:00Z"});
    desk.order(order.clone()).await;
    desk.order(order).await;
    let header = header(stack, &buyer, "T1").await;
    assert_eq!(
        header["account_state"],
        format!("{} overdue", buyer.id),
        "it was asked for once, long after its deadline"
    );
    let windows = stack.purchases().windows(&buyer.id.parse().unwrap()).await.unwrap();
    let backfilled: Vec<_> = windows.iter().filter(|window| window.origin.name() == "backfill").collect();
    assert_eq!((backfilled.len(), backfilled[0].pulls), (2, 2));
    assert_eq!(windows.len(), 32);
}

async fn a_later_word_on_a_transaction_updates_it_and_leaves_no_former_line(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-update").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    for item in ["L1", "L2"] {
        stack.amazon.add_invoice(&buyer.id, invoice("O1", item, numbered("INV-1"), SignedDuration::ZERO)).unwrap();
    }
    let lines = [line("O1", "L1", "6.00"), line("O1", "L2", "4.00")];
    buyer.buys_exactly(stack, transaction("T1", "CHARGE", YESTERDAY, "10.00", &lines));
    desk.pull(&buyer).await;
    let asked = buyer.calls(stack, Operation::GetInvoiceDetailsByOrderLineItems);
    desk.wait(days(1)).await;
    buyer.buys_exactly(stack, transaction("T1", "CHARGE", "2026-11-22T08:00:00Z", "6.00", &lines[..1]));
    desk.pull(&buyer).await;
    let header = header(stack, &buyer, "T1").await;
    assert_eq!(
        (&header["amount"], &header["state"], &header["revisions"]),
        (&json!("6"), &json!("reconciled"), &json!("1"))
    );
    assert_eq!(header["earlier"][0]["amount"], "10");
    let key = format!("{} transaction T1", buyer.id);
    let items = buyer.items(stack).await;
    let parts: Vec<_> =
        items.iter().filter(|item| item["purchase"] == key.as_str()).map(|item| &item["part"]).collect();
    assert_eq!(parts, ["header", "line 0001", "personal"]);
    assert_eq!(buyer.calls(stack, Operation::GetInvoiceDetailsByOrderLineItems), asked, "its invoice is known");
}

async fn what_cannot_be_read_is_kept_and_the_rest_is_booked(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-strange").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    let mut strange = transaction("T1", "CHARGE", YESTERDAY, "5.99", &[]);
    strange["amount"] = json!({"currencyCode": "EUR", "amount": "a lot"});
    buyer.buys_exactly(stack, strange);
    buyer.buys_exactly(stack, transaction("T2", "CHARGE", YESTERDAY, "1.00", &[line("O1", "L1", "1.00")]));
    desk.pull(&buyer).await;
    let account = buyer.id.parse().unwrap();
    assert_eq!(stack.purchases().count_waiting(&account, Waiting::Unreadable).await.unwrap(), 1);
    let items = buyer.items(stack).await;
    let kept: Vec<_> =
        items.iter().filter(|item| item["purchase"].as_str().unwrap().contains(" unreadable ")).collect();
    assert!(kept[0]["reason"].as_str().unwrap().contains("/amount/amount"), "{kept:#?}");
    assert!(kept[1]["json"].as_str().unwrap().contains("a lot") && kept[1]["expires_at"].is_string());
    assert_eq!(state(stack, &buyer, "T2").await, "open");
    let windows = stack.purchases().windows(&account).await.unwrap();
    let unproven = windows.iter().find(|window| window.state == WindowState::Unproven).unwrap();
    assert_eq!(unproven.proof().unwrap().unwrap().gaps, ["1 transactions could not be read"]);
}

async fn a_page_token_that_expires_begins_the_day_again(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-token").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    let settings = BusinessConfig { page_size: 2, ..BusinessConfig::default() };
    stack.amazon.set_business(&buyer.id, settings).unwrap();
    for number in 1..=7 {
        let (id, order) = (format!("T{number}"), format!("O{number}"));
        buyer.buys_exactly(stack, transaction(&id, "CHARGE", YESTERDAY, "1.00", &[line(&order, "L1", "1.00")]));
    }
    // Amazon's limit ends a turn between two pages.
    let account = buyer.id.parse().unwrap();
    let windows = async || stack.purchases().windows(&account).await.unwrap();
    while !windows().await.iter().any(|window| window.next_page_token.is_some()) {
        assert_eq!(desk.turn(&json!({"version": 1, "seller_id": buyer.id})).await, 0);
        desk.wait(SignedDuration::from_mins(1)).await;
    }
    assert!(stack.amazon.expire_pages(&buyer.id).unwrap() > 0);
    desk.pull(&buyer).await;
    let windows = windows().await;
    let day = windows.iter().find(|window| window.pages.fetched > 0).unwrap();
    assert_eq!((day.state, day.pages.pages, day.pages.fetched), (WindowState::Proven, 4, 7));
    let items = buyer.items(stack).await;
    let day = items.iter().find(|item| item["restarts"].is_string()).unwrap();
    assert_eq!(day["restarts"], "1");
}

async fn a_limit_is_waited_for_in_the_queue(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-limit").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    buyer.fault(stack, Fault::next(Operation::GetTransactions, FaultKind::Throttled).skip(3));
    let failed = desk.turn(&json!({"version": 1, "seller_id": buyer.id})).await;
    assert_eq!(failed, 0, "a limit is no failure");
    assert_eq!(buyer.calls(stack, Operation::GetTransactions), 4, "it stops at once");
    assert_eq!(stack.counts("PurchasesQueueUrl").await.delayed, 1, "and goes on later");
    desk.wait(SignedDuration::from_mins(1)).await;
    desk.pull(&buyer).await;
    let windows = stack.purchases().windows(&buyer.id.parse().unwrap()).await.unwrap();
    assert!(windows.len() == 30 && windows.iter().all(|window| window.state == WindowState::Proven));
}

async fn a_transaction_of_a_thousand_lines_is_spread_over_items(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-buy-long").await;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    let title = "A title that is long enough to be one of Amazon's. ".repeat(16);
    let lines: Vec<_> = (0..1_000)
        .map(|number| {
            let mut line = line("O1", &format!("L{number:04}"), "1.00");
            line["productTitle"] = json!(title);
            line
        })
        .collect();
    buyer.buys_exactly(stack, transaction("T1", "CHARGE", YESTERDAY, "1000.00", &lines));
    desk.pull(&buyer).await;
    let stored = stack.purchases().transactions(&buyer.id.parse().unwrap(), ["T1"]).await.unwrap();
    assert_eq!(stored[0].transaction.lines.len(), 1_000);
    assert_eq!(stored[0].transaction.lines[999].product_title.as_deref(), Some(title.as_str()));
    assert!(stored[0].questions.iter().all(|question| question.asked == 1), "each line is asked about once");
    assert!(buyer.calls(stack, Operation::GetInvoiceDetailsByOrderLineItems) <= 45, "25 lines in most questions");
    let header = header(stack, &buyer, "T1").await;
    assert_eq!((&header["state"], &header["missing_count"]), (&json!("open"), &json!("1000")));
}
