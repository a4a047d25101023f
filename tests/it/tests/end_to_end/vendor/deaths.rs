//! The functions of the vendor flow killed at any call of AWS, and run again: nothing is ever sent twice.
//!
//! The end is that of a run without trouble, or, where the process died between writing down that it sends and
//! writing down the answer, a lost answer: nobody can know then what Amazon has heard.

use std::rc::Rc;
use std::sync::Arc;

use aws_config::SdkConfig;
use countinghouse_domain::time::FixedClock;
use countinghouse_it::cases;
use countinghouse_it::faults::{Death, Life};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::{Vendor, direct, file, retail};
use countinghouse_runtime::messages::{PollJobs, Version};
use fake_amazon::VendorOutcome;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::bench::{created, ground, invocation, noon, poller, submitter};
use crate::deaths::event;

cases![
    submit_vendor_invoices_killed_anywhere_sends_nothing_twice,
    a_message_killed_anywhere_becomes_one_file,
    poll_jobs_killed_anywhere_follows_every_vendor_invoice,
];

/// More calls than any of these runs makes.
const CALLS: usize = 200;

/// After so long nobody believes any more that the dead process is at work.
fn later() -> Timestamp {
    noon().checked_add(SignedDuration::from_mins(20)).unwrap()
}

/// Kills `run` at every call of AWS, each time with a vendor of its own, runs it again, and hands over what became
/// of it: the first is that of a run without trouble.
async fn kill_everywhere<T>(
    suite: &Suite,
    name: &str,
    death: Death,
    prepare: impl AsyncFn(&Stack, &Vendor) -> T,
    run: impl AsyncFn(&Stack, &SdkConfig, &T, Timestamp),
    judge: impl AsyncFn(&Stack, &Vendor, &str, Option<&Value>) -> Value,
) {
    let stack = &ground(suite, &format!("{name}-{death:?}").to_lowercase(), calm().rates).await;
    let mut untroubled = None;
    for call in 0..CALLS {
        let vendor = Vendor::connect(stack).await;
        let prepared = prepare(stack, &vendor).await;
        let life = Life::until(if call == 0 { usize::MAX } else { call }, death);
        let got_through = life.live(run(stack, &life.of(&stack.aws), &prepared, noon())).await.is_some();
        if !got_through {
            // The message comes again: once while the dead process could still be at work, and once later.
            run(stack, &stack.aws, &prepared, noon()).await;
            run(stack, &stack.aws, &prepared, later()).await;
        }
        let what = format!("killed {death:?} call {call}, {}", life.last_call());
        let end = judge(stack, &vendor, &what, untroubled.as_ref()).await;
        untroubled.get_or_insert(end);
        vendor.disconnect(stack).await;
        if call > 0 && got_through {
            assert!(call > 2, "the function makes {} calls only", call - 1);
            return;
        }
    }
    panic!("the function makes more than {CALLS} calls");
}

/// Each invoice's number with where it stands.
async fn standing(stack: &Stack, vendor: &Vendor) -> Vec<(String, String)> {
    let items = vendor.items(stack).await;
    let invoices = items.iter().filter(|item| item["history"].is_array());
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    invoices.map(|item| (text(item, "invoice_id"), text(item, "status"))).collect()
}

async fn submit(stack: &Stack, aws: &SdkConfig, message: &Value, now: Timestamp) {
    let dependencies = submitter(stack, aws, &Arc::new(FixedClock::new(now)));
    let invocation = invocation(now, SignedDuration::from_mins(5));
    submit_vendor_invoices::handle(&dependencies, event(message), invocation).await.unwrap();
}

async fn submit_vendor_invoices_killed_anywhere_sends_nothing_twice(suite: Rc<Suite>) {
    let die = async |death| {
        Box::pin(kill_everywhere(
            &suite,
            "it-killed-submit",
            death,
            async |stack: &Stack, vendor: &Vendor| {
                let mut bad = retail("BAD-1");
                bad["invoiceTotal"]["amount"] = json!("1.00");
                let body = file(&[retail("RE-1"), bad, direct("DF-1"), retail("RE-1")]);
                created(stack, &vendor.put(stack, "incoming", "x.json", body).await)
            },
            async |stack: &Stack, aws: &SdkConfig, message: &Value, now: Timestamp| {
                submit(stack, aws, message, now).await;
            },
            async |stack: &Stack, vendor: &Vendor, what: &str, untroubled: Option<&Value>| {
                let sent = vendor.sent_ids(stack);
                let standing = standing(stack, vendor).await;
                for (id, status) in &standing {
                    let times = sent.iter().filter(|each| *each == id).count();
                    let is_right = match status.as_str() {
                        "submitted" => times == 1,
                        "rejected" => times == 0,
                        "answer_lost" => times <= 1 && untroubled.is_some(),
                        _ => false,
                    };
                    assert!(is_right, "{what}: {id} is {status} and was sent {times} times");
                }
                let lost = standing.iter().filter(|(_, status)| status == "answer_lost").count();
                assert!(lost <= 1, "{what}: one process cannot lose two answers");
                assert_eq!(standing.len(), 3, "{what}: {standing:?}");
                let key = format!("vendor-invoices/{}/incoming/x.json", vendor.id);
                let file = stack.vendor_invoices().file(&vendor.id.parse().unwrap(), &key).await.unwrap();
                assert_eq!(file.unwrap_or_else(|| panic!("{what}: the file is not done")).counts.invoices, 4);
                json!(standing)
            },
        ))
        .await;
    };
    tokio::join!(Box::pin(die(Death::Before)), Box::pin(die(Death::After)));
}

async fn a_message_killed_anywhere_becomes_one_file(suite: Rc<Suite>) {
    let die = async |death| {
        Box::pin(kill_everywhere(
            &suite,
            "it-killed-message",
            death,
            async |_: &Stack, vendor: &Vendor| json!({"version": 1, "seller_id": vendor.id, "invoices": [retail("RE-1")]}),
            async |stack: &Stack, aws: &SdkConfig, message: &Value, now: Timestamp| {
                submit(stack, aws, message, now).await;
                // What the bucket would say of it.
                let vendor = message["seller_id"].as_str().unwrap();
                let key = format!("vendor-invoices/{vendor}/incoming/messages/1.json");
                submit(stack, aws, &created(stack, &key), now).await;
            },
            async |stack: &Stack, vendor: &Vendor, what: &str, _: Option<&Value>| {
                let standing = standing(stack, vendor).await;
                assert_eq!(standing.len(), 1, "{what}");
                assert!(["submitted", "answer_lost"].contains(&standing[0].1.as_str()), "{what}: {standing:?}");
                assert!(vendor.sent_ids(stack).len() <= 1, "{what}: sent twice");
                json!(standing)
            },
        ))
        .await;
    };
    tokio::join!(Box::pin(die(Death::Before)), Box::pin(die(Death::After)));
}

async fn poll_jobs_killed_anywhere_follows_every_vendor_invoice(suite: Rc<Suite>) {
    let die = async |death| {
        Box::pin(kill_everywhere(
            &suite,
            "it-killed-follow",
            death,
            async |stack: &Stack, vendor: &Vendor| {
                vendor.will(stack, "RE-2", VendorOutcome::failure("INVALID_ORDER_ID", "Invalid order ID."));
                let body = file(&[retail("RE-1"), retail("RE-2"), direct("DF-1")]);
                let message = created(stack, &vendor.put(stack, "incoming", "x.json", body).await);
                submit(stack, &stack.aws, &message, noon()).await;
            },
            async |stack: &Stack, aws: &SdkConfig, (): &(), now: Timestamp| {
                let dependencies = poller(stack, aws, &Arc::new(FixedClock::new(now)));
                let _outcome = poll_jobs::handle(&dependencies, PollJobs { version: Version }).await;
            },
            async |stack: &Stack, vendor: &Vendor, what: &str, untroubled: Option<&Value>| {
                let mut end = Vec::new();
                for id in ["DF-1", "RE-1", "RE-2"] {
                    let stored = vendor.invoice(stack, id).await.unwrap();
                    let steps: Vec<_> = stored.history.iter().map(|step| step.status.name()).collect();
                    end.push(json!([id, steps, stored.problems.len(), stored.next_check_at.is_some()]));
                }
                let end = json!(end);
                assert_eq!(untroubled.unwrap_or(&end), &end, "{what}");
                assert_eq!(vendor.sent(stack).len(), 3, "{what}");
                end
            },
        ))
        .await;
    };
    tokio::join!(Box::pin(die(Death::Before)), Box::pin(die(Death::After)));
}
