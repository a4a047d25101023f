//! What becomes of invoices on the real stack: the template, the binaries, the bucket's events, the schedule.

use std::rc::Rc;

use countinghouse_domain::vendor::InvoiceStatus;
use countinghouse_it::cases;
use countinghouse_it::stack::Stack;
use countinghouse_it::suite::{Suite, root};
use countinghouse_it::vendor::{STREET, Vendor, direct, file, retail};
use countinghouse_it::wait;
use fake_amazon::VendorOutcome;
use serde_json::{Value, json};

cases![
    a_file_of_both_apis_is_followed_from_the_bucket_to_its_end,
    a_csv_file_is_submitted,
    invoices_in_a_message_become_a_file_and_are_submitted,
    what_amazon_refuses_is_submitted_again_when_that_is_asked_for,
];

/// Polls until an invoice stands somewhere: other cases poll too.
async fn poll_until(
    stack: &Stack,
    vendor: &Vendor,
    id: &str,
    status: InvoiceStatus,
) -> countinghouse_store::StoredInvoice {
    stack.poll().await;
    vendor.until(stack, id, status).await
}

async fn a_file_of_both_apis_is_followed_from_the_bucket_to_its_end(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let vendor = Vendor::connect(stack).await;
    let mut bad = retail("BAD-1");
    bad["invoiceTotal"]["amount"] = json!("405.49");
    let body = file(&[retail("RE/2026 1"), direct("DF-1"), bad]);
    let key = vendor.put(stack, "incoming", "november 2026.json", body).await;
    for id in ["RE/2026 1", "DF-1"] {
        vendor.until_taken(stack, id).await;
        let done = poll_until(stack, &vendor, id, InvoiceStatus::Accepted).await;
        let steps: Vec<_> = done.history.iter().map(|step| step.status.name()).collect();
        assert_eq!(steps, ["claimed", "sending", "submitted", "accepted"], "{id}");
        assert_eq!((done.received.key.as_str(), done.next_check_at), (key.as_str(), None));
        assert!(done.received.version.is_some(), "the bucket has versions");
    }
    let stored = vendor.invoice(stack, "RE/2026 1").await.unwrap();
    let total = stored.facts.total.unwrap();
    assert_eq!((total.amount, total.currency.code()), ("405.50".parse().unwrap(), "USD"));
    assert_eq!((stored.facts.rules.as_deref(), stored.facts.vendor_code.as_deref()), (Some("NA"), Some("SUPPL")));
    assert_eq!(stored.facts.purchase_orders, ["S8672793"]);
    assert!(stored.facts.reading.is_some());

    // The exact body lies in the bucket, one invoice alone.
    let sent = stored.sent.unwrap();
    assert_eq!(sent.key, format!("vendor-invoices/{}/sent/RE%2F2026%201.json", vendor.id));
    let body: Value = serde_json::from_slice(&stack.object(&sent.key).await).unwrap();
    let at_amazon = vendor.sent(stack);
    assert_eq!(body["invoices"].as_array().unwrap().len(), 1);
    assert_eq!(body["invoices"][0], at_amazon[0].invoice);
    assert_eq!(vendor.sent_ids(stack), ["DF-1", "RE/2026 1"], "each once, and nothing that breaks rules");

    // A person sees the bad one with everything that is wrong, and the file with its counts.
    let bad = vendor.until(stack, "BAD-1", InvoiceStatus::Rejected).await;
    assert!(bad.violations.iter().any(|each| each.pointer == "/invoiceTotal/amount"), "{:?}", bad.violations);
    let file = wait::until("the file is done", async || {
        stack.vendor_invoices().file(&vendor.id.parse().unwrap(), &key).await.unwrap()
    })
    .await;
    assert_eq!((file.counts.invoices, file.counts.submitted, file.counts.rejected), (3, 2, 1));
    the_logs_tell_what_happened_and_nothing_personal(stack, &vendor).await;
    vendor.disconnect(stack).await;
}

async fn the_logs_tell_what_happened_and_nothing_personal(stack: &Stack, vendor: &Vendor) {
    let logs = stack.logs("submit-vendor-invoices").await;
    let mine: Vec<_> = logs.iter().filter(|line| line.contains(&vendor.id)).collect();
    let metrics: Vec<Value> =
        mine.iter().filter(|line| line.contains("_aws")).map(|line| serde_json::from_str(line).unwrap()).collect();
    let sum = |name: &str| metrics.iter().filter_map(|line| line[name].as_u64()).sum::<u64>();
    let counts = ["VendorInvoicesSubmitted", "VendorInvoicesRejected", "VendorInvoicesAnswerLost"].map(sum);
    assert_eq!(counts, [2, 1, 0], "{metrics:?}");
    for function in ["submit-vendor-invoices", "poll-jobs"] {
        for line in stack.logs(function).await {
            for hush in [STREET, "Beispiel GmbH", "DE123456789", "Atzr|", "Atza|"] {
                assert!(!line.contains(hush), "{function} logs {hush}: {line}");
            }
        }
    }
    let polled = stack.logs("poll-jobs").await;
    assert!(polled.iter().any(|line| line.contains("OldestOpenVendorInvoiceSeconds")), "the oldest open one is told");
}

async fn a_csv_file_is_submitted(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let vendor = Vendor::connect(stack).await;
    let template = std::fs::read(root().join("shared/vendor-invoices/templates/retail.csv")).unwrap();
    vendor.put(stack, "incoming/from the office", "Rechnungen.CSV", template).await;
    for id in ["LK-2026-101", "LK-2026-C07"] {
        vendor.until_taken(stack, id).await;
        poll_until(stack, &vendor, id, InvoiceStatus::Accepted).await;
    }
    assert_eq!(vendor.sent_ids(stack), ["LK-2026-101", "LK-2026-C07"]);
    vendor.disconnect(stack).await;
}

async fn invoices_in_a_message_become_a_file_and_are_submitted(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let vendor = Vendor::connect(stack).await;
    let message = json!({"version": 1, "seller_id": vendor.id, "invoices": [retail("MSG-1"), direct("MSG-2")]});
    stack.send("VendorSubmissionsQueueUrl", message.to_string()).await;
    let stored = vendor.until_taken(stack, "MSG-1").await;
    vendor.until_taken(stack, "MSG-2").await;
    let folder = format!("vendor-invoices/{}/incoming/messages/", vendor.id);
    assert!(stored.received.key.starts_with(&folder), "{}", stored.received.key);
    let received: Value = serde_json::from_slice(&stack.object(&stored.received.key).await).unwrap();
    assert_eq!(received["invoices"], message["invoices"], "as it was received");
    // The same message again changes nothing.
    stack.send("VendorSubmissionsQueueUrl", message.to_string()).await;
    wait::until("the second message is handled", async || {
        let files = vendor.items(stack).await;
        (files.iter().filter(|item| item["invoice"].as_str().unwrap().starts_with("file ")).count() == 2).then_some(())
    })
    .await;
    assert_eq!(vendor.sent_ids(stack), ["MSG-1", "MSG-2"]);
    vendor.disconnect(stack).await;
}

async fn what_amazon_refuses_is_submitted_again_when_that_is_asked_for(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let vendor = Vendor::connect(stack).await;
    vendor.will(stack, "RE-7", VendorOutcome::failure("INVALID_ORDER_ID", "Invalid order ID."));
    vendor.put(stack, "incoming", "seven.json", retail("RE-7").to_string()).await;
    vendor.until_taken(stack, "RE-7").await;
    let failed = poll_until(stack, &vendor, "RE-7", InvoiceStatus::Failed).await;
    let errors: Vec<_> = failed.problems.iter().map(|each| (each.code.as_str(), each.message.as_str())).collect();
    assert_eq!(errors, [("INVALID_ORDER_ID", "Invalid order ID.")]);

    let mut corrected = retail("RE-7");
    for item in corrected["items"].as_array_mut().unwrap() {
        item["purchaseOrderNumber"] = json!("S8672794");
    }
    vendor.will(stack, "RE-7", VendorOutcome::success());
    vendor.put(stack, "incoming/resubmit", "seven.json", corrected.to_string()).await;
    let what = "the corrected invoice is submitted";
    wait::until(what, async || {
        vendor.invoice(stack, "RE-7").await.filter(|each| each.attempt == 2 && each.transaction_id.is_some())
    })
    .await;
    let done = poll_until(stack, &vendor, "RE-7", InvoiceStatus::Accepted).await;
    assert_eq!(done.problems.len(), 1, "what Amazon said before is kept");
    let places: Vec<_> = [done.sent.unwrap().key, failed.sent.unwrap().key]
        .map(|key| key.rsplit("sent/").next().unwrap().to_owned())
        .into();
    assert_eq!(places, ["RE-7/2.json", "RE-7.json"], "both bodies are kept");
    assert_eq!(vendor.sent_ids(stack), ["RE-7", "RE-7"]);
    vendor.disconnect(stack).await;
}
