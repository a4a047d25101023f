//! From Amazon's report to Amazon's acceptance.

use std::rc::Rc;
use std::time::Duration;

use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::Stack;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait::{until, until_within};
use countinghouse_store::StoredOwnInvoice;
use countinghouse_vat_invoices::state::State;
use fake_amazon::{FeedOutcome, FeedResult, Shipments, VatDocument};

use super::desk::{ask_for_all, issuing_seller, numbers_have_no_gap, reports_are_over, stored};

cases![invoices_credit_notes_and_a_rejected_one_are_accepted_and_amazons_own_is_never_touched];

/// One upload in three seconds is all that Amazon takes.
const UPLOADS: Duration = Duration::from_mins(2);

async fn invoices_credit_notes_and_a_rejected_one_are_accepted_and_amazons_own_is_never_touched(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = issuing_seller(stack, "A2OWNINVOICES").await;
    let plain = Shipments { amazon_invoiced_percent: 0, no_tax_percent: 0, ..Shipments::default() };
    let wishes = [
        Shipments { seed: 21, shipments: 2, refund_percent: 100, ..plain },
        Shipments { seed: 22, shipments: 1, refund_percent: 0, amazon_invoiced_percent: 100, ..plain },
    ];
    for wish in &wishes {
        stack.amazon.generate_shipments(&seller.id, wish).unwrap();
    }
    let message = "Order ID or shipping ID is not valid".to_owned();
    let refused = FeedOutcome::next(FeedResult::Rejected { code: 79_517, message });
    stack.amazon.add_feed_outcome(FeedOutcome { seller_id: Some(seller.id.clone()), ..refused });

    // It is due, and goes out under its number.
    assert_eq!(stack.request_vat(&seller.id).await["requested"], 4);
    stack.poll().await;
    reports_are_over(stack, &seller, 4).await;
    let ours: Vec<VatDocument> = documents(stack, &seller).into_iter().filter(|each| !each.amazon_invoiced).collect();
    assert!(ours.len() >= 4 && ours.iter().any(|each| each.transaction_type != "SHIPMENT"), "{ours:?}");
    let mut first = Vec::new();
    for document in &ours {
        let out = until_within(UPLOADS, "a document is uploaded", async || {
            stored(stack, &seller, document).await.filter(|stored| stored.feed.is_some())
        })
        .await;
        first.push(out);
    }

    // Amazon reads what was uploaded, and refuses one.
    until("each feed has said something", async || {
        stack.poll().await;
        let mut waiting = false;
        for document in &ours {
            waiting |= stored(stack, &seller, document).await.unwrap().feed.unwrap().hint.is_none();
        }
        (!waiting).then_some(())
    })
    .await;
    let mut rejected = Vec::new();
    for document in &ours {
        rejected.extend(stored(stack, &seller, document).await.filter(|each| each.standing.state == State::Rejected));
    }
    assert_eq!(rejected.len(), 1, "{rejected:?}");
    assert_eq!(rejected[0].standing.refusal.as_ref().unwrap().code, Some(79_517));

    // The next report says what Amazon accepted, and the refused one goes out again; the one after that accepts it too.
    ask_for_all(stack, &seller).await;
    reports_are_over(stack, &seller, 5).await;
    until_within(UPLOADS, "the refused one is uploaded again", async || {
        let again = stack.amazon.vat_documents(&seller.id).unwrap().iter().any(|each| each.uploads == 2);
        again.then_some(())
    })
    .await;
    until("it is with Amazon", async || {
        stack.poll().await;
        let all = stored_all(stack, &seller, &ours).await;
        all.iter().all(|each| matches!(each.standing.state, State::Processing | State::Accepted)).then_some(())
    })
    .await;
    ask_for_all(stack, &seller).await;
    reports_are_over(stack, &seller, 6).await;

    for (before, document) in first.iter().zip(documents(stack, &seller).iter().filter(|each| !each.amazon_invoiced)) {
        let after = stored(stack, &seller, document).await.unwrap();
        assert_eq!(after.standing.state, State::Accepted, "{after:?}");
        let number = after.numbering.as_ref().unwrap().number.as_str();
        assert_eq!(number, before.numbering.as_ref().unwrap().number.as_str(), "under its number");
        assert_eq!(document.invoice_number.as_deref(), Some(number));
        assert!(document.status.ends_with("Uploaded"), "{document:?}");
        assert_eq!(format!("{:.2}", after.total.amount), document.total_amount);
        assert_eq!(format!("{:.2}", after.total_vat.amount), document.total_vat_amount);
        let uploads = if before.key == rejected[0].key { 2 } else { 1 };
        assert_eq!(document.uploads, uploads, "{document:?}");
        what_amazon_has_is_what_lies_in_the_bucket(stack, &seller, &after).await;
    }
    for document in documents(stack, &seller).iter().filter(|each| each.amazon_invoiced) {
        assert_eq!((document.uploads, stored(stack, &seller, document).await), (0, None));
    }
    assert_eq!(stack.amazon.feeds(Some(&seller.id)).len(), ours.len() + 1, "nothing was uploaded twice");
    numbers_have_no_gap(stack, &seller, ours.len()).await;
    seller.disconnect(stack).await;
}

fn documents(stack: &Stack, seller: &Seller) -> Vec<VatDocument> {
    stack.amazon.vat_documents(&seller.id).unwrap()
}

async fn stored_all(stack: &Stack, seller: &Seller, documents: &[VatDocument]) -> Vec<StoredOwnInvoice> {
    let mut all = Vec::new();
    for document in documents {
        all.extend(stored(stack, seller, document).await);
    }
    all
}

async fn what_amazon_has_is_what_lies_in_the_bucket(stack: &Stack, seller: &Seller, stored: &StoredOwnInvoice) {
    let feed = &stored.feed.as_ref().unwrap().feed_id;
    let uploaded = stack.amazon.uploaded(&seller.id, feed).unwrap();
    assert!(uploaded.starts_with(b"%PDF-1.7"));
    assert_eq!(uploaded, stack.object(&stored.made.as_ref().unwrap().pdf.key).await);
}
