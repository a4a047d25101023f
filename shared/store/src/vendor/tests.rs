//! The items as a person sees them.

use countinghouse_domain::vendor::{InvoiceStatus, VendorApi};
use jiff::{SignedDuration, Timestamp};

use super::item;
use super::model::{
    FileCounts, InvoiceFacts, OfferedInvoice, ReceivedFrom, RejectedInvoice, SentBody, StoredProblem, StoredViolation,
    TransactionNews,
};
use super::read;
use crate::size::item_bytes;
use crate::testing::plain;

fn at(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    noon.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

fn received() -> ReceivedFrom {
    let key = "vendor-invoices/ACME/incoming/november.json".to_owned();
    ReceivedFrom { key, version: Some("096fKKXTRTtl3on89fVO.nfljtsv6qko".to_owned()), number: 7, line: 212 }
}

fn facts() -> InvoiceFacts {
    InvoiceFacts {
        vendor_code: Some("SUPPL".to_owned()),
        invoice_type: Some("Invoice".to_owned()),
        invoice_date: Some("2026-11-20T10:00:00Z".to_owned()),
        purchase_orders: vec!["S8672793".to_owned()],
        total: Some(countinghouse_domain::money::Money::new("1295.00".parse().unwrap(), "USD".parse().unwrap())),
        rules: Some("NA".to_owned()),
        reading: Some("total without tax: items 1295 = 1295 USD".to_owned()),
        warnings: vec!["/items/0/invoicedQuantity/unitSize [unit-size-as-text]: \"10\" is sent as 10".to_owned()],
    }
}

fn offered() -> OfferedInvoice {
    OfferedInvoice {
        vendor: "ACME".parse().unwrap(),
        invoice_id: "RE 2026/11".to_owned(),
        api: VendorApi::Retail,
        content_hash: "9f86d081884c7d659a2feaa0c55ad015".to_owned(),
        facts: facts(),
        received: received(),
        resubmit: false,
    }
}

fn submitted() -> crate::Item {
    let sent = SentBody {
        key: "vendor-invoices/ACME/sent/RE%202026%2F11.json".to_owned(),
        version: Some("3HL4kqtJvjVBH40Nrjfkd".to_owned()),
        sha256: "2c26b46b68ffc68ff99b453c1d304134".to_owned(),
    };
    let sending = item::sending(item::claimed(&offered(), at(0)), &sent, at(0));
    item::submitted(sending, &"20261122120000-e1275c33".parse().unwrap(), at(0))
}

fn rejected(violations: usize) -> RejectedInvoice {
    let violation = StoredViolation {
        pointer: "/invoiceTotal/amount".to_owned(),
        rule: "total-sum".to_owned(),
        expected: "1295".to_owned(),
        found: "\"1295.01\"".to_owned(),
        place: Some("line 4, column 6 (total)".to_owned()),
    };
    RejectedInvoice {
        vendor: "ACME".parse().unwrap(),
        invoice_id: Some("RE 2026/11".to_owned()),
        api: VendorApi::Retail,
        facts: InvoiceFacts { rules: Some("NA".to_owned()), ..InvoiceFacts::default() },
        received: received(),
        violations: vec![violation; violations],
    }
}

#[test]
fn an_invoice_that_amazon_refused_is_an_item_that_a_person_can_read() {
    let problem = StoredProblem { code: "INVALID_ORDER_ID".into(), message: "Invalid order ID.".into(), details: None };
    let news = TransactionNews {
        transaction_id: "20261122120000-e1275c33".parse().unwrap(),
        status: InvoiceStatus::Failed,
        problems: vec![problem],
        note: None,
    };
    insta::assert_json_snapshot!(plain(&item::asked(submitted(), InvoiceStatus::Submitted, &news, at(5))));
}

#[test]
fn a_rejected_invoice_is_an_item_that_a_person_can_read() {
    insta::assert_json_snapshot!(plain(&item::rejected(None, &rejected(1), at(0))));
}

#[test]
fn a_refused_invoice_and_a_file_are_items_that_a_person_can_read() {
    let refused = item::refused(&submitted(), &offered(), InvoiceStatus::Submitted, at(0));
    let counts = FileCounts { invoices: 3, submitted: 2, rejected: 1, ..FileCounts::default() };
    let file = item::file(&"ACME".parse().unwrap(), ("vendor-invoices/ACME/incoming/x.csv", None), None, counts, at(0));
    insta::assert_json_snapshot!([plain(&refused), plain(&file)]);
}

#[test]
fn an_invoice_reads_as_it_was_written() {
    let stored = read::invoice(&submitted()).unwrap();
    assert_eq!((stored.facts, stored.received, stored.attempt), (facts(), received(), 1));
    assert_eq!(
        (stored.status, stored.submitted_at, stored.next_check_at),
        (InvoiceStatus::Submitted, Some(at(0)), Some(at(0)))
    );
    let rejected = read::invoice(&item::rejected(None, &rejected(2), at(0))).unwrap();
    assert_eq!((rejected.violations.len(), rejected.violation_count, rejected.attempt), (2, 2, 0));
}

#[test]
fn an_item_stays_far_below_the_limit_however_much_is_wrong() {
    let mut many = rejected(10_000);
    many.facts.warnings = vec!["🧾".repeat(5_000); 5_000];
    many.facts.purchase_orders = vec!["S8672793".to_owned(); 10_000];
    for violation in &mut many.violations {
        violation.found = "🧾".repeat(5_000);
        violation.pointer = "/items/0".repeat(5_000);
    }
    let stored = item::rejected(None, &many, at(0));
    assert!(item_bytes(&stored) < 150_000, "{}", item_bytes(&stored));
    assert_eq!(read::invoice(&stored).unwrap().violation_count, 10_000);
}

#[test]
fn a_number_beyond_the_longest_key_has_a_key_of_its_own() {
    let (one, other) = (item::invoice_key(&"9".repeat(1_500)), item::invoice_key(&"9".repeat(1_501)));
    assert!(one.len() <= 1_024 && one != other);
}

#[test]
fn a_history_that_never_ends_keeps_its_first_step_and_the_last_ones() {
    let mut stored = item::claimed(&offered(), at(0));
    for minute in 1..500 {
        stored = item::unsent(stored, InvoiceStatus::Claimed, &format!("try {minute}"), at(minute));
    }
    let history = read::invoice(&stored).unwrap().history;
    assert_eq!((history.len(), history[0].at, history[99].at), (100, at(0), at(499)));
}
