//! Asking for VAT reports: each window once, whatever goes wrong.

use std::rc::Rc;

use countinghouse_domain::job::JobState;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use fake_amazon::{Content, Fault, FaultKind, NotificationMode, Operation, Outcome, OutcomeResult};

cases![
    a_window_is_requested_once,
    a_lost_answer_of_create_report_is_adopted_and_one_report_exists,
    a_notification_before_the_job_is_recorded_books_the_report_and_it_is_adopted,
    a_window_without_data_ends_cancelled,
    a_failed_report_keeps_amazons_reason,
    a_token_that_expires_in_mid_run_is_renewed,
    several_sellers_are_served_in_one_run,
];

/// A European seller with a few invoices at Amazon.
async fn seller_with_sales(stack: &Stack) -> Seller {
    let seller = Seller::european(stack).await;
    seller.add_vat_rows(stack, &Story::of_today().text("eu/vat.csv"));
    seller
}

async fn a_window_is_requested_once(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = seller_with_sales(stack).await;
    let first = stack.request_vat(&seller.id).await;
    let again = stack.request_vat(&seller.id).await;
    assert_eq!((&first["requested"], &again["requested"]), (&1.into(), &0.into()), "{first} {again}");
    assert_eq!(seller.calls(stack, Operation::CreateReport), 1);
    seller.disconnect(stack).await;
}

async fn a_lost_answer_of_create_report_is_adopted_and_one_report_exists(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = seller_with_sales(stack).await;
    seller.fault(stack, Fault::next(Operation::CreateReport, FaultKind::LostAnswer));
    let outcome = stack.request_vat(&seller.id).await;
    assert_eq!(outcome["waiting"], 1, "{outcome}");
    // Asked again at once, it looks for the report before it would ask for another.
    let outcome = stack.request_vat(&seller.id).await;
    assert_eq!(outcome["requested"], 0, "{outcome}");
    stack.poll().await;
    let job = stack.until_vat_job(&seller, JobState::Booked).await;
    assert_eq!(job.origin.name(), "adopted");
    assert_eq!(seller.calls(stack, Operation::CreateReport), 1);
    assert_eq!(stack.amazon.reports(Some(&seller.id)).len(), 1);
    seller.disconnect(stack).await;
}

async fn a_notification_before_the_job_is_recorded_books_the_report_and_it_is_adopted(suite: Rc<Suite>) {
    // Nobody else polls here.
    let stack = &suite.deploy("it-before", &[], calm()).await;
    stack.notify(NotificationMode::Never);
    let seller = seller_with_sales(stack).await;
    // The process dies between Amazon's answer and its own note of it, as far as anybody can see.
    seller.fault(stack, Fault::next(Operation::CreateReport, FaultKind::LostAnswer));
    stack.request_vat(&seller.id).await;
    assert!(stack.jobs_of(&seller).await.is_empty(), "no report is recorded yet");
    let report = stack.amazon.reports(Some(&seller.id))[0]["reportId"].as_str().unwrap().to_owned();
    seller.notify(stack, &report, 1).await;
    let job = stack.until_job(&seller, &report, JobState::Booked).await;
    assert_eq!((job.origin.name(), job.window_key.as_deref()), ("notification", None));
    let outcome = stack.request_vat(&seller.id).await;
    assert_eq!(outcome["requested"], 0, "{outcome}");
    stack.poll().await;
    let joined = stack.job(&seller, &report).await.unwrap();
    assert!(joined.window_key.is_some_and(|key| key.starts_with("window SC_VAT_TAX_REPORT ")));
    assert_eq!(joined.state, JobState::Booked);
    assert_eq!(seller.calls(stack, Operation::CreateReport), 1);
}

async fn a_window_without_data_ends_cancelled(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    stack.request_vat(&seller.id).await;
    stack.poll().await;
    let job = stack.until_vat_job(&seller, JobState::Cancelled).await;
    assert_eq!(job.next_check_at, None, "a normal end: nothing is in flight");
    seller.disconnect(stack).await;
}

async fn a_failed_report_keeps_amazons_reason(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = seller_with_sales(stack).await;
    let outcome = Outcome {
        seller_id: Some(seller.id.clone()),
        report_type: None,
        times: 1,
        result: OutcomeResult::Fatal,
        document: Some(Content::text("The date range is not supported.").uncompressed()),
        delays: None,
    };
    stack.amazon.add_outcome(outcome).unwrap();
    stack.request_vat(&seller.id).await;
    stack.poll().await;
    let job = stack.until_vat_job(&seller, JobState::Fatal).await;
    assert_eq!(job.facts.reason.as_deref(), Some("The date range is not supported."));
    seller.disconnect(stack).await;
}

async fn a_token_that_expires_in_mid_run_is_renewed(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = seller_with_sales(stack).await;
    for operation in [Operation::CreateReport, Operation::GetReport, Operation::GetReportDocument] {
        seller.fault(stack, Fault::next(operation, FaultKind::TokenExpired));
    }
    stack.request_vat(&seller.id).await;
    stack.poll().await;
    stack.until_vat_job(&seller, JobState::Booked).await;
    assert!(stack.amazon.faults().iter().all(|fault| fault.seller_id.as_deref() != Some(&seller.id)), "all happened");
    seller.disconnect(stack).await;
}

async fn several_sellers_are_served_in_one_run(suite: Rc<Suite>) {
    // A run for all sellers: those of other cases are elsewhere.
    let stack = &suite.deploy("it-sellers", &[], calm()).await;
    stack.notify(NotificationMode::Never);
    let story = Story::of_today();
    let mut sellers = Vec::new();
    for _ in 0..4 {
        let seller = Seller::european(stack).await;
        seller.add_vat_rows(stack, &story.text("eu/vat.csv"));
        seller.close(stack, &seller.own_settlement(&story.text("eu/settlement-2.txt")));
        sellers.push(seller);
    }
    // One of them has taken the authorisation back: its trouble is its own.
    stack.amazon.set_revoked(&sellers[0].id, true).unwrap();
    let outcome = stack.run_schedule("create-reports").await;
    assert_eq!((&outcome["requested"], &outcome["failed_sellers"]), (&3.into(), &1.into()), "{outcome}");
    stack.poll().await;
    for seller in &sellers[1..] {
        stack.until_vat_job(seller, JobState::Booked).await;
        let id = countinghouse_it::seller::settlement_id(&story.text("eu/settlement-2.txt")).to_owned();
        assert_eq!(stack.until_settled(seller, &seller.own(&id)).await.status().name(), "proven");
        assert_eq!(stack.documents_of(seller).await.len(), 20);
    }
    assert!(stack.jobs_of(&sellers[0]).await.is_empty());
}
