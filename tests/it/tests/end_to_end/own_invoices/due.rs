//! What Amazon's report makes due, and what it leaves alone.

use std::rc::Rc;

use countinghouse_domain::report::ReportType;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait::until;
use countinghouse_vat_invoices::state::State;
use fake_amazon::{ForeignNotification, Shipments};

use super::desk::{ask_for_all, issuing_seller, numbers_have_no_gap, reports_are_over, stored};

cases![
    what_is_due_is_issued_once_with_amazons_totals_and_what_amazon_issues_is_left_alone,
    invoices_that_another_program_issues_are_not_issued_here,
];

async fn what_is_due_is_issued_once_with_amazons_totals_and_what_amazon_issues_is_left_alone(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = issuing_seller(stack, "A1OWNINVOICES").await;
    let plain = Shipments { amazon_invoiced_percent: 0, no_tax_percent: 0, ..Shipments::default() };
    let wishes = [
        Shipments { seed: 4, shipments: 8, refund_percent: 100, ..plain },
        Shipments { seed: 5, shipments: 2, amazon_invoiced_percent: 100, ..plain },
        Shipments { seed: 6, shipments: 2, no_tax_percent: 100, refund_percent: 0, ..plain },
    ];
    for wish in &wishes {
        stack.amazon.generate_shipments(&seller.id, wish).unwrap();
    }

    // The plan: what is pending, and three months of everything.
    let outcome = stack.request_vat(&seller.id).await;
    assert_eq!(outcome["requested"], 4, "{outcome}");
    assert_eq!(stack.request_vat(&seller.id).await["already_there"], 4, "each window once");
    stack.poll().await;
    reports_are_over(stack, &seller, 4).await;

    // All of it again, up to this moment: it says the same.
    ask_for_all(stack, &seller).await;
    let jobs = reports_are_over(stack, &seller, 5).await;

    let documents = stack.amazon.vat_documents(&seller.id).unwrap();
    let (amazons, ours): (Vec<_>, Vec<_>) = documents.iter().partition(|document| document.amazon_invoiced);
    let (untaxed, due): (Vec<_>, Vec<_>) = ours.into_iter().partition(|document| document.status == "NoTaxCalculated");
    let credit_notes = due.iter().filter(|each| each.transaction_type != "SHIPMENT").count();
    assert!(amazons.len() > 1 && untaxed.len() > 1 && due.len() > 8 && credit_notes > 0, "{documents:?}");
    for document in &due {
        let made = until("a due document is made", async || {
            stored(stack, &seller, document).await.filter(|stored| stored.made.is_some())
        })
        .await;
        assert_eq!(format!("{:.2}", made.total.amount), document.total_amount, "{}", made.key);
        assert_eq!(format!("{:.2}", made.total_vat.amount), document.total_vat_amount, "{}", made.key);
    }
    for document in &untaxed {
        let stored = stored(stack, &seller, document).await.unwrap();
        assert_eq!(stored.standing.state, State::NeedsPerson);
        assert!(stored.numbering.is_none() && stored.note.is_some(), "{stored:?}");
    }
    for document in &amazons {
        assert_eq!(stored(stack, &seller, document).await, None, "Amazon issues it");
    }
    let all = jobs.iter().max_by_key(|job| job.window.map(|window| window.to)).unwrap();
    let counted = |name: &str| all.facts.counts.get(name).copied().unwrap_or_default();
    assert_eq!(counted("of_amazon"), u64::try_from(amazons.len()).unwrap(), "{:?}", all.facts.counts);
    assert_eq!(counted("needs_a_person"), u64::try_from(untaxed.len()).unwrap(), "{:?}", all.facts.counts);
    numbers_have_no_gap(stack, &seller, due.len()).await;
    seller.disconnect(stack).await;
}

async fn invoices_that_another_program_issues_are_not_issued_here(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let notification = ForeignNotification {
        seller_id: Some(seller.id.clone()),
        report_id: "54517029999".to_owned(),
        report_type: ReportType::VAT_INVOICES.name().to_owned(),
        processing_status: "DONE".to_owned(),
        report_document_id: Some("amzn1.tortuga.4.eu.others".to_owned()),
        copies: 1,
        after_ms: 0,
    };
    stack.amazon.send_notification(&notification).await;
    until("the notification is taken", async || {
        let taken = "a notification of invoices that are not issued here";
        let mine = |line: &String| line.contains(taken) && line.contains(&seller.id);
        stack.logs("receive-notifications").await.iter().any(mine).then_some(())
    })
    .await;
    assert!(stack.jobs_of(&seller).await.is_empty());
    seller.disconnect(stack).await;
}
