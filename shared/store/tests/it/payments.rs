//! Payments.

use std::sync::Mutex;
use std::time::Duration;

use countinghouse_domain::ids::SettlementId;
use countinghouse_domain::payment::{Classification, Derived, PaymentType};
use countinghouse_domain::settlement::SettlementAmount;
use countinghouse_store::{
    PaymentContext, PaymentItem, Payments, StoreError, WriterSettings, Written, derived_item, payment_item,
};
use rust_decimal::Decimal;

use crate::emulator::Lie;
use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        every_amount_is_read_back_in_the_order_of_the_file,
        payments_written_twice_are_there_once,
        what_the_table_hands_back_is_sent_again,
        a_table_that_stays_busy_is_an_error_and_what_is_durable_is_known,
        the_payments_of_an_order_are_found,
    ]
}

const SETTINGS: WriterSettings = WriterSettings { in_flight: 16, attempts: 5, pause: Duration::ZERO };

fn id() -> SettlementId {
    "23874397121".parse().unwrap()
}

fn context() -> PaymentContext {
    let currency = "EUR".parse().unwrap();
    PaymentContext::new(&"A3TH9S8BH6GOGM".parse().unwrap(), &id(), currency, &"50011020300".parse().unwrap())
}

fn payment(line: u64, part: u8) -> PaymentItem {
    let order_id = format!("305-0000000-{:07}", line / 10);
    let amount = SettlementAmount {
        part,
        transaction_type: "Order",
        amount_type: "ItemPrice",
        amount_description: "Principal",
        order_id: &order_id,
        posted_at: Some("2026-07-03T05:07:18Z".parse().unwrap()),
        ..SettlementAmount::empty(line, Decimal::new(i64::try_from(line).unwrap(), 2))
    };
    let class = Classification { payment_type: PaymentType::CustomerPayment, category: "sales_principal" };
    payment_item(&context(), &amount, class)
}

async fn payments(aws: &World) -> Payments {
    Payments::new(aws.dynamodb(), aws.table("payments").await)
}

async fn write(payments: &Payments, lines: std::ops::RangeInclusive<u64>) -> Result<Written, StoreError> {
    let mut writer = payments.writer(SETTINGS);
    for line in lines {
        writer.push(payment(line, 1)).await?;
    }
    writer.finish().await
}

async fn every_amount_is_read_back_in_the_order_of_the_file(aws: World) {
    let payments = payments(&aws).await;
    let mut writer = payments.writer(SETTINGS);
    for line in 3..=2_345 {
        writer.push(payment(line, 1)).await.unwrap();
    }
    writer.push(payment(2_345, 2)).await.unwrap();
    let written = writer.finish().await.unwrap();
    assert_eq!((written.items, written.durable_items, written.durable_line), (2_344, 2_344, 2_345));
    assert_eq!((written.above_one_unit, written.sent_again), (0, 0));
    let derived = Derived {
        payment_type: PaymentType::Payout,
        category: "payout",
        amount: "-7".parse().unwrap(),
        posted_at: "2026-07-19T05:07:18Z".parse().unwrap(),
    };
    payments.put(derived_item(&context(), &derived)).await.unwrap();

    assert_eq!(payments.count(&id()).await.unwrap(), written.items);
    let all = payments.of_settlement(&id()).collect().await.unwrap();
    let mut places = all.iter().map(|payment| (payment.derived, payment.line, payment.part));
    assert_eq!(places.next(), Some((true, 0, 1)));
    let expected = (3..=2_345).map(|line| (false, line, 1)).chain([(false, 2_345, 2)]);
    assert!(places.eq(expected));
    assert_eq!(all[1].amount, "0.03".parse().unwrap());
}

async fn payments_written_twice_are_there_once(aws: World) {
    let payments = payments(&aws).await;
    write(&payments, 3..=1_500).await.unwrap();
    let once = payments.of_settlement(&id()).collect().await.unwrap();
    // As after a crash: the second run starts in the middle.
    write(&payments, 700..=1_500).await.unwrap();
    assert_eq!(payments.of_settlement(&id()).collect().await.unwrap(), once);
}

/// Hands the first item of every batch back, so many times in all.
struct HandsBack {
    left: Mutex<usize>,
}

impl Lie for HandsBack {
    fn instead(&self, operation: &str, body: &[u8]) -> Option<String> {
        let mut left = self.left.lock().unwrap();
        if operation != "BatchWriteItem" || *left == 0 {
            return None;
        }
        *left -= 1;
        let request: serde_json::Value = serde_json::from_slice(body).unwrap();
        Some(serde_json::json!({ "UnprocessedItems": request["RequestItems"] }).to_string())
    }
}

async fn what_the_table_hands_back_is_sent_again(aws: World) {
    let table = aws.table("payments").await;
    let busy = aws.lying(HandsBack { left: Mutex::new(7) });
    let written = write(&Payments::new(busy.dynamodb(), table.clone()), 1..=500).await.unwrap();
    assert_eq!((written.items, written.durable_items), (500, 500));
    assert_eq!(written.sent_again, 7 * 25);
    assert_eq!(Payments::new(aws.dynamodb(), table).count(&id()).await.unwrap(), 500);
}

async fn a_table_that_stays_busy_is_an_error_and_what_is_durable_is_known(aws: World) {
    let table = aws.table("payments").await;
    write(&Payments::new(aws.dynamodb(), table.clone()), 1..=100).await.unwrap();
    let busy = Payments::new(aws.lying(HandsBack { left: Mutex::new(usize::MAX) }).dynamodb(), table);
    let mut writer = busy.writer(SETTINGS);
    for line in 101..=125 {
        writer.push(payment(line, 1)).await.unwrap();
    }
    assert_eq!(writer.written().durable_items, 0);
    let error = writer.finish().await.unwrap_err();
    assert!(matches!(error, StoreError::Throttled { .. }), "{error}");
    assert!(error.may_pass());
}

async fn the_payments_of_an_order_are_found(aws: World) {
    let payments = payments(&aws).await;
    write(&payments, 1_005..=1_064).await.unwrap();
    let found = payments.of_order("305-0000000-0000103").await.unwrap();
    let lines: Vec<_> = found.iter().map(|payment| payment.line).collect();
    assert_eq!(lines, (1_030..=1_039).collect::<Vec<_>>());
    assert!(payments.of_order("nobody").await.unwrap().is_empty());
}
