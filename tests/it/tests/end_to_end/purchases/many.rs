//! Ten thousand transactions, deployed, with everything that can go wrong on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::buyer::Buyer;
use countinghouse_it::cases;
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::suite::Suite;
use countinghouse_it::wait::until_within;
use countinghouse_store::{Listed, StoredWindow, WindowState};
use fake_amazon::{BusinessConfig, Fault, FaultKind, Operation, Purchases, PurchasesTruth, Region};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::json;

cases![ten_thousand_transactions_end_once_each_with_every_sum_right];

/// On a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// The last midnight (UTC), where the last window that is due ends.
fn midnight() -> Timestamp {
    let day = SystemClock.now().strftime("%Y-%m-%dT00:00:00Z").to_string();
    day.parse().unwrap()
}

async fn ten_thousand_transactions_end_once_each_with_every_sum_right(suite: Rc<Suite>) {
    let stack = &suite.deploy("it-purchases", &[], calm()).await;
    let buyer = Buyer::connect(stack, Region::Eu).await;
    let settings = BusinessConfig { page_size: 250, page_overlap: 3, ..BusinessConfig::default() };
    stack.amazon.set_business(&buyer.id, settings).unwrap();
    let from = midnight().checked_sub(SignedDuration::from_hours(24 * 12)).unwrap();
    let wish = Purchases {
        transactions: 10_000,
        from: Some(from),
        days: 8,
        late_days: 3,
        held_ms: 3_600_000,
        invoices_later_ms: 3_600_000,
        differing: 7,
        ..Purchases::default()
    };
    let truth = buyer.buys(stack, &wish);
    for (skip, fault) in [
        (2, FaultKind::Throttled),
        (5, FaultKind::InternalError),
        (14, FaultKind::Unavailable),
        (17, FaultKind::LostAnswer),
        (23, FaultKind::TokenExpired),
        // From here on most calls have a page token.
        (25, FaultKind::PageTokenExpired),
        (31, FaultKind::PageTokenExpired),
        (38, FaultKind::PageTokenExpired),
    ] {
        buyer.fault(stack, Fault::next(Operation::GetTransactions, fault).skip(skip));
    }
    for (skip, fault) in [(3, FaultKind::Throttled), (40, FaultKind::InternalError), (90, FaultKind::LostAnswer)] {
        buyer.fault(stack, Fault::next(Operation::GetInvoiceDetailsByOrderLineItems, fault).skip(skip));
    }
    let answer = stack.run_schedule("pull-purchases").await;
    assert_eq!(answer["accounts"], 1, "{answer}");
    until_pulled(stack, &buyer, 30).await;
    let early = listed(stack, &buyer).await.len();
    assert_eq!(early, truth.transactions - truth.held, "what Amazon does not show yet is not there yet");

    // An hour later everything is shown; a person asks for those days again.
    stack.amazon.advance_ms(2 * 3_600_000).await;
    let order = json!({"version": 1, "seller_id": buyer.id, "from": from, "to": midnight()});
    stack.invoke(&format!("{}-pull-purchases", stack.name), order).await.unwrap();
    let windows = until_pulled(stack, &buyer, 30).await;

    let all = listed(stack, &buyer).await;
    assert_eq!(all.len(), truth.transactions);
    assert_eq!(sums(&all), sums_of(&truth));
    let differing: BTreeSet<&str> =
        all.iter().filter(|each| each.state == "differs").map(|each| each.transaction_id.as_str()).collect();
    for expected in &truth.differing {
        assert!(differing.contains(expected.transaction_id.as_str()), "{expected:?}");
    }
    for (day, count) in &truth.by_feed_day {
        let window = windows.iter().find(|each| each.window.from.to_string().starts_with(day)).unwrap();
        let proof = window.proof().unwrap().unwrap();
        assert_eq!((window.state, proof.gaps.as_slice()), (WindowState::Proven, [].as_slice()), "{day}");
        assert_eq!(proof.transactions, u64::try_from(*count).unwrap(), "{day}");
    }
    let begun_again =
        stack.logs("pull-purchases").await.iter().filter(|line| line.contains("page token has expired")).count();
    assert!(begun_again > 0, "no page token has expired");
    let invoices: u64 = stack_metric(stack, "InvoicesFound").await;
    assert!(invoices > 5_000, "{invoices} invoices");
    nothing_personal(stack).await;
    assert!(stack.is_empty("PurchasesDlqUrl").await);
}

/// Waits until every window is over and nothing is in the queue.
async fn until_pulled(stack: &Stack, buyer: &Buyer, windows: usize) -> Vec<StoredWindow> {
    let what = format!("the purchases of {} are pulled", buyer.id);
    until_within(PATIENCE, &what, async || {
        let known = stack.purchases().windows(&buyer.id.parse().unwrap()).await.unwrap();
        let over = known.iter().filter(|window| window.state.is_over()).count();
        (over >= windows && over == known.len() && stack.is_empty("PurchasesQueueUrl").await).then_some(known)
    })
    .await
}

async fn listed(stack: &Stack, buyer: &Buyer) -> Vec<Listed> {
    let (purchases, account) = (stack.purchases(), buyer.id.parse().unwrap());
    let from = midnight().checked_sub(SignedDuration::from_hours(24 * 40)).unwrap();
    let ids = purchases.ids_by_feed_date(&account, from, SystemClock.now()).await.unwrap();
    purchases.listed(&account, &ids).await.unwrap()
}

type Sums = BTreeMap<(String, String), (usize, Decimal)>;

fn sums(listed: &[Listed]) -> Sums {
    let mut sums = Sums::new();
    for each in listed {
        let key = (each.amount.currency.code().to_owned(), each.transaction_type.clone());
        let sum = sums.entry(key).or_default();
        *sum = (sum.0 + 1, sum.1 + each.amount.amount);
    }
    sums
}

fn sums_of(truth: &PurchasesTruth) -> Sums {
    let sum = |sum: &fake_amazon::TruthSum| {
        ((sum.currency.clone(), sum.transaction_type.clone()), (sum.count, sum.amount.parse().unwrap()))
    };
    truth.sums.iter().map(sum).collect()
}

/// The sum of a metric over all lines that the function has logged.
async fn stack_metric(stack: &Stack, metric: &str) -> u64 {
    let lines = stack.logs("pull-purchases").await;
    let values = lines.iter().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()?[metric].as_u64());
    values.sum()
}

/// No log shows anybody's name, address or card.
async fn nothing_personal(stack: &Stack) {
    for line in stack.logs("pull-purchases").await {
        for secret in ["@example", "Erika", "Beispiel", "amzn1.account", "last_4", "Atza|", "Atzr|"] {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}
