//! Files: duplicates, other contents under a known number, unreadable ones, long ones.

use std::rc::Rc;

use countinghouse_it::cases;
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::{Vendor, direct, file, retail};
use fake_amazon::{Operation, Plan, RateSettings};
use jiff::SignedDuration;
use serde_json::json;

use super::bench::{Bench, created};

cases![
    the_same_invoice_again_is_known_and_another_with_its_number_is_refused,
    a_rejected_invoice_may_come_again_corrected,
    a_file_that_is_cut_off_submits_nothing_and_says_where,
    an_invoice_of_a_csv_file_that_cannot_be_read_does_not_stop_the_others,
    a_long_file_goes_on_where_it_stopped,
    a_small_rate_budget_is_paced_and_never_exceeded,
    a_file_for_an_account_that_is_not_connected_waits_for_a_person,
    what_is_no_file_of_invoices_is_left_alone,
    a_message_that_makes_no_sense_fails,
];

async fn the_same_invoice_again_is_known_and_another_with_its_number_is_refused(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-twice").await;
    let one = retail("RE-1");
    let mut written_otherwise = one.clone();
    written_otherwise["invoiceTotal"]["amount"] = json!(405.5);
    let mut another = one.clone();
    another["items"][0]["vendorProductIdentifier"] = json!("another");
    bench.hand_in("first.json", file(&[one.clone(), one.clone()])).await;
    bench.hand_in("again.json", file(&[written_otherwise])).await;
    bench.hand_in("other.json", file(&[another.clone(), direct("RE-1")])).await;
    // Also where a resubmission is asked for: the first did not fail.
    bench.hand_in_to("incoming/resubmit", "other.json", file(&[another])).await;
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["RE-1"]);
    let stored = bench.vendor.invoice(&bench.stack, "RE-1").await.unwrap();
    assert_eq!((stored.status.name(), stored.history.len(), stored.attempt), ("submitted", 3, 1), "as it was");
    let items = bench.vendor.items(&bench.stack).await;
    let refused: Vec<_> = items.iter().filter(|item| item["status"] == "refused").collect();
    assert_eq!(refused.len(), 2, "one for each content: {refused:?}");
    for item in refused {
        assert_eq!((&item["known_status"], &item["attention"]), (&json!("submitted"), &json!("needs_a_person")));
    }
}

async fn a_rejected_invoice_may_come_again_corrected(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-mended").await;
    let mut wrong = retail("RE-1");
    wrong["invoiceTotal"]["amount"] = json!("405.00");
    for _ in 0..2 {
        bench.hand_in("wrong.json", wrong.to_string()).await;
    }
    let rejected = bench.vendor.invoice(&bench.stack, "RE-1").await.unwrap();
    assert_eq!((rejected.status.name(), rejected.history.len()), ("rejected", 1), "told once");
    bench.hand_in("right.json", retail("RE-1").to_string()).await;
    let stored = bench.vendor.invoice(&bench.stack, "RE-1").await.unwrap();
    assert_eq!((stored.status.name(), stored.attempt, stored.violations.len()), ("submitted", 1, 0));
    // The wrong one again, now that its number is taken, stands beside it.
    bench.hand_in("wrong.json", wrong.to_string()).await;
    assert_eq!(bench.status("RE-1").await, "submitted");
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["RE-1"]);
}

async fn a_file_that_is_cut_off_submits_nothing_and_says_where(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-cut").await;
    let whole = file(&[retail("RE-1"), retail("RE-2")]);
    bench.hand_in("cut.json", &whole.as_bytes()[..whole.len() - 20]).await;
    bench.hand_in("nothing.csv", "").await;
    bench.hand_in("letter.csv", "Dear Amazon,\nplease pay.\n").await;
    assert_eq!(bench.vendor.sent_ids(&bench.stack), [""; 0]);
    let vendor = bench.vendor.id.parse().unwrap();
    for (name, place) in [("cut.json", "cut.json, line 1"), ("nothing.csv", "line 1"), ("letter.csv", "line 1")] {
        let key = format!("vendor-invoices/{}/incoming/{name}", bench.vendor.id);
        let stored = bench.stack.vendor_invoices().file(&vendor, &key).await.unwrap().unwrap();
        let why = stored.unreadable.unwrap();
        assert!(why.contains(place), "{name}: {why}");
    }
    // Put in whole, it is submitted.
    bench.hand_in("cut.json", whole).await;
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["RE-1", "RE-2"]);
    assert_eq!(bench.messages().await.len(), 0, "nothing is tried for ever");
}

async fn an_invoice_of_a_csv_file_that_cannot_be_read_does_not_stop_the_others(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-csv").await;
    let template =
        std::fs::read_to_string(countinghouse_it::suite::root().join("shared/vendor-invoices/templates/retail.csv"))
            .unwrap();
    // The credit note's line loses its last cell.
    let cut = template.trim_end().rsplit_once(',').unwrap().0;
    bench.hand_in("cell.csv", format!("{cut}\n")).await;
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["LK-2026-101"]);
    let items = bench.vendor.items(&bench.stack).await;
    let nameless = items.iter().find(|item| item["invoice"].as_str().unwrap().starts_with("without number ")).unwrap();
    assert_eq!((&nameless["status"], &nameless["violations"][0]["place"]), (&json!("rejected"), &json!("line 4")));
    assert!(nameless["violations"][0]["expected"].as_str().unwrap().contains("cells"), "{nameless}");
}

async fn a_long_file_goes_on_where_it_stopped(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-long").await;
    let ids: Vec<_> = (1..=5).map(|number| format!("RE-{number}")).collect();
    let body = file(&ids.iter().map(|id| retail(id)).collect::<Vec<_>>());
    let key = bench.vendor.put(&bench.stack, "incoming", "long.json", body).await;
    // No time at all: everything is handed on.
    assert!(!bench.handle(&created(&bench.stack, &key), SignedDuration::ZERO).await);
    let mut messages = bench.messages().await;
    assert_eq!(messages.len(), 1);
    assert_eq!((&messages[0]["checkpoint"]["invoices_done"], &messages[0]["key"]), (&json!(0), &json!(key)));
    // As if three had been done before.
    messages[0]["checkpoint"]["invoices_done"] = json!(3);
    messages[0]["checkpoint"]["submitted"] = json!(3);
    assert!(!bench.handle(&messages[0], SignedDuration::from_mins(5)).await);
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["RE-4", "RE-5"]);
    let stored = bench.stack.vendor_invoices().file(&bench.vendor.id.parse().unwrap(), &key).await.unwrap().unwrap();
    assert_eq!((stored.counts.invoices, stored.counts.submitted), (5, 5));
}

async fn a_small_rate_budget_is_paced_and_never_exceeded(suite: Rc<Suite>) {
    // As Amazon's model states it. Our clock stands still, so after the burst nothing more may be asked.
    let plan = Plan { rate: 10.0, burst: 10 };
    let rates = RateSettings { operations: [(Operation::SubmitInvoices, plan)].into(), ..RateSettings::default() };
    let bench = Bench::with_rates(&suite, "it-vendor-rate", rates).await;
    let ids: Vec<_> = (1..=24).map(|number| format!("RE-{number:02}")).collect();
    bench.hand_in("many.json", file(&ids.iter().map(|id| retail(id)).collect::<Vec<_>>())).await;
    assert_eq!(bench.vendor.sent(&bench.stack).len(), 10, "the burst");
    let mut runs = 0;
    let mut sent = 10;
    while sent < ids.len() {
        bench.advance(SignedDuration::from_secs(1)).await;
        let rest =
            countinghouse_it::wait::until("the rest of the file waits", async || bench.messages().await.pop()).await;
        assert_eq!(rest["checkpoint"]["invoices_done"], json!(sent));
        assert!(!bench.handle(&rest, SignedDuration::from_mins(5)).await);
        sent = bench.vendor.sent(&bench.stack).len();
        runs += 1;
        assert!(runs < 5);
    }
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ids);
    let refused = bench.stack.amazon.calls().iter().filter(|call| call.status == 429).count();
    assert_eq!(refused, 0, "Amazon never had to refuse");
}

async fn a_file_for_an_account_that_is_not_connected_waits_for_a_person(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-strange").await;
    let other = Vendor::without_the_flow(&bench.stack).await;
    let key = other.put(&bench.stack, "incoming", "x.json", retail("RE-1").to_string()).await;
    assert!(!bench.handle(&created(&bench.stack, &key), SignedDuration::from_mins(5)).await);
    let stored = bench.stack.vendor_invoices().file(&other.id.parse().unwrap(), &key).await.unwrap().unwrap();
    assert!(stored.unreadable.unwrap().contains("not connected for vendor invoices"));
    assert_eq!(other.sent_ids(&bench.stack), [""; 0]);
}

async fn what_is_no_file_of_invoices_is_left_alone(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-else").await;
    for (folder, name) in [("sent", "RE-1.json"), ("incoming", ""), ("archive", "x.json")] {
        bench.hand_in_to(folder, name, retail("RE-1").to_string()).await;
    }
    let event = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"});
    assert!(!bench.handle(&event, SignedDuration::from_mins(5)).await);
    assert_eq!(bench.vendor.items(&bench.stack).await.len(), 0);
}

async fn a_message_that_makes_no_sense_fails(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-poison").await;
    for message in [json!({}), json!({"version": 2, "seller_id": bench.vendor.id, "invoices": []}), json!("hello")] {
        assert!(bench.handle(&message, SignedDuration::from_mins(5)).await, "{message}");
    }
}
