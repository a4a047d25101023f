//! Trouble with Amazon: lost answers, refusals, silence, limits.

use std::rc::Rc;

use countinghouse_domain::vendor::InvoiceAttention;
use countinghouse_it::cases;
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::{direct, file, retail};
use countinghouse_store::{Resolution, Resolved};
use fake_amazon::{Fault, FaultKind, Operation, VendorOutcome};
use jiff::SignedDuration;

use super::bench::{Bench, noon};

cases![
    a_lost_answer_is_never_sent_again_and_a_person_resolves_it,
    in_an_outage_the_rest_of_a_file_waits_longer_and_longer,
    what_amazon_surely_did_not_hear_is_sent_later,
    what_amazon_refuses_at_once_has_failed_with_every_error,
    a_failure_comes_with_its_errors_through_both_apis,
    processing_for_half_an_hour_is_presumed_accepted_and_a_later_answer_counts,
    a_transaction_that_amazon_does_not_know_is_asked_about_again,
    a_token_that_expires_in_mid_run_is_renewed_and_nothing_is_sent_twice,
    without_the_role_nothing_is_sent_and_the_message_comes_again,
];

async fn a_lost_answer_is_never_sent_again_and_a_person_resolves_it(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-lost").await;
    for (kind, id) in [
        (FaultKind::LostAnswer, "LOST-1"),
        (FaultKind::InternalErrorAfter, "LOST-2"),
        (FaultKind::LostRequest, "LOST-3"),
    ] {
        bench.vendor.fault(&bench.stack, Fault::next(Operation::SubmitInvoices, kind));
        bench.hand_in(&format!("{id}.json"), retail(id).to_string()).await;
        assert_eq!(bench.status(id).await, "answer_lost", "{id}");
    }
    let calls = bench.vendor.calls(&bench.stack, Operation::SubmitInvoices);
    for id in ["LOST-1", "LOST-2", "LOST-3"] {
        bench.hand_in(&format!("again {id}.json"), retail(id).to_string()).await;
        bench.hand_in_to("incoming/resubmit", &format!("{id}.json"), retail(id).to_string()).await;
    }
    bench.advance(SignedDuration::from_hours(24)).await;
    bench.poll().await;
    assert_eq!(bench.vendor.calls(&bench.stack, Operation::SubmitInvoices), calls, "nothing is sent again by itself");
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["LOST-1", "LOST-2"]);
    let table = bench.stack.vendor_invoices();
    let waiting = table.needing_attention(InvoiceAttention::NeedsAPerson).await.unwrap();
    assert_eq!(waiting.len(), 3, "{waiting:?}");

    // In Vendor Central a person finds the first, and not the third, which may then be submitted again.
    let vendor = bench.vendor.id.parse().unwrap();
    let found = table.resolve(&vendor, "LOST-1", Resolution::Accepted, "seen in Vendor Central", noon()).await.unwrap();
    let missing = table.resolve(&vendor, "LOST-3", Resolution::Failed, "not in Vendor Central", noon()).await.unwrap();
    assert!(matches!((found, missing), (Resolved::Now(_), Resolved::Now(_))));
    bench.hand_in_to("incoming/resubmit", "third.json", retail("LOST-3").to_string()).await;
    assert_eq!((bench.status("LOST-1").await, bench.status("LOST-3").await), ("accepted", "submitted"));
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["LOST-1", "LOST-2", "LOST-3"]);
}

async fn in_an_outage_the_rest_of_a_file_waits_longer_and_longer(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-outage").await;
    bench.vendor.fault(&bench.stack, Fault::next(Operation::SubmitInvoices, FaultKind::Unavailable).times(2));
    bench.hand_in("four.json", file(&["A", "B", "C", "D"].map(retail))).await;
    assert_eq!(bench.vendor.calls(&bench.stack, Operation::SubmitInvoices), 1, "the first lost answer stops the run");
    let counts = bench.stack.counts("VendorSubmissionsQueueUrl").await;
    assert_eq!((counts.waiting, counts.delayed), (0, 1), "the rest waits a minute");
}

async fn what_amazon_surely_did_not_hear_is_sent_later(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-429").await;
    bench.vendor.fault(&bench.stack, Fault::next(Operation::SubmitInvoices, FaultKind::Throttled));
    bench.hand_in("one.json", retail("RE-1").to_string()).await;
    let stored = bench.vendor.invoice(&bench.stack, "RE-1").await.unwrap();
    assert_eq!(stored.status.name(), "claimed", "{:?}", stored.note);
    bench.advance(SignedDuration::from_secs(2)).await;
    let rest = countinghouse_it::wait::until("the rest of the file waits", async || bench.messages().await.pop()).await;
    assert!(!bench.handle(&rest, SignedDuration::from_mins(5)).await);
    assert_eq!(bench.status("RE-1").await, "submitted");
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["RE-1"]);
}

async fn what_amazon_refuses_at_once_has_failed_with_every_error(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-400").await;
    bench.vendor.fault(&bench.stack, Fault::next(Operation::SubmitInvoice, FaultKind::HtmlBadRequest));
    bench.hand_in("two.json", file(&[direct("DF-1"), direct("DF-2")])).await;
    let stored = bench.vendor.invoice(&bench.stack, "DF-1").await.unwrap();
    assert_eq!(stored.status.name(), "failed");
    assert!(stored.note.unwrap().contains("400"));
    assert_eq!(bench.status("DF-2").await, "submitted", "the others go on");
}

async fn a_failure_comes_with_its_errors_through_both_apis(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-failure").await;
    for id in ["RE-1", "DF-1"] {
        bench.vendor.will(&bench.stack, id, VendorOutcome::failure("INVALID_ORDER_ID", "Invalid order ID."));
    }
    bench.hand_in("two.json", file(&[retail("RE-1"), direct("DF-1")])).await;
    let outcome = bench.poll().await;
    assert_eq!((outcome.vendor_failed, outcome.vendor_accepted), (2, 0));
    for id in ["RE-1", "DF-1"] {
        let stored = bench.vendor.invoice(&bench.stack, id).await.unwrap();
        assert_eq!((stored.status.name(), stored.problems[0].code.as_str()), ("failed", "INVALID_ORDER_ID"), "{id}");
    }
    bench.poll().await;
    assert_eq!(bench.vendor.calls(&bench.stack, Operation::GetTransaction), 1, "what is over is not asked about");
}

async fn processing_for_half_an_hour_is_presumed_accepted_and_a_later_answer_counts(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-silence").await;
    for id in ["RE-1", "RE-2", "DF-1"] {
        bench.vendor.will(&bench.stack, id, VendorOutcome::processing());
    }
    bench.hand_in("three.json", file(&[retail("RE-1"), retail("RE-2"), direct("DF-1")])).await;
    bench.advance(SignedDuration::from_mins(29)).await;
    assert_eq!(bench.poll().await.vendor_unverified, 0);
    assert_eq!(bench.status("RE-1").await, "processing");
    bench.advance(SignedDuration::from_mins(1)).await;
    assert_eq!(bench.poll().await.vendor_unverified, 3);
    for id in ["RE-1", "RE-2", "DF-1"] {
        assert_eq!(bench.status(id).await, "presumed_accepted_unverified");
    }
    let shown = bench.stack.vendor_invoices().needing_attention(InvoiceAttention::Unverified).await.unwrap();
    assert_eq!(shown.len(), 3, "shown as such: {shown:?}");

    // Not asked again before six hours have passed; then a definite answer counts.
    bench.vendor.will(&bench.stack, "RE-1", VendorOutcome::success());
    bench.vendor.will(&bench.stack, "DF-1", VendorOutcome::not_available());
    bench.advance(SignedDuration::from_hours(5)).await;
    assert_eq!(bench.poll().await.asked, 0);
    bench.advance(SignedDuration::from_hours(1)).await;
    assert_eq!(bench.poll().await.asked, 3);
    assert_eq!((bench.status("RE-1").await, bench.status("DF-1").await), ("accepted", "failed"));
    // After a week nobody asks any more.
    bench.advance(SignedDuration::from_hours(24 * 7)).await;
    bench.poll().await;
    let silent = bench.vendor.invoice(&bench.stack, "RE-2").await.unwrap();
    assert_eq!((silent.status.name(), silent.next_check_at), ("presumed_accepted_unverified", None));
    assert_eq!(bench.vendor.sent(&bench.stack).len(), 3);
}

async fn a_transaction_that_amazon_does_not_know_is_asked_about_again(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-404").await;
    bench.hand_in("two.json", file(&[retail("RE-1"), direct("DF-1")])).await;
    bench.vendor.fault(&bench.stack, Fault::next(Operation::GetTransaction, FaultKind::HtmlBadRequest));
    bench.poll().await;
    let stored = bench.vendor.invoice(&bench.stack, "RE-1").await.unwrap();
    assert_eq!(stored.status.name(), "processing");
    assert!(stored.note.unwrap().contains("does not find the transaction"));
    bench.poll().await;
    assert_eq!((bench.status("RE-1").await, bench.status("DF-1").await), ("accepted", "accepted"));
}

async fn a_token_that_expires_in_mid_run_is_renewed_and_nothing_is_sent_twice(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-token").await;
    for operation in [Operation::SubmitInvoices, Operation::GetTransaction] {
        bench.vendor.fault(&bench.stack, Fault::next(operation, FaultKind::TokenExpired));
    }
    bench.hand_in("one.json", retail("RE-1").to_string()).await;
    bench.poll().await;
    assert_eq!(bench.status("RE-1").await, "accepted");
    assert_eq!(bench.vendor.sent_ids(&bench.stack), ["RE-1"]);
}

async fn without_the_role_nothing_is_sent_and_the_message_comes_again(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-vendor-role").await;
    bench.stack.amazon.set_revoked(&bench.vendor.id, true).unwrap();
    let key = bench.vendor.put(&bench.stack, "incoming", "one.json", retail("RE-1").to_string()).await;
    let message = super::bench::created(&bench.stack, &key);
    assert!(bench.handle(&message, SignedDuration::from_mins(5)).await, "the message fails and comes again");
    let stored = bench.vendor.invoice(&bench.stack, "RE-1").await.unwrap();
    assert_eq!(stored.status.name(), "claimed");
    assert!(stored.note.unwrap().starts_with("not sent yet: "), "a person sees why");
    bench.stack.amazon.set_revoked(&bench.vendor.id, false).unwrap();
    assert!(!bench.handle(&message, SignedDuration::from_mins(5)).await);
    assert_eq!(bench.status("RE-1").await, "submitted");
}
