//! A span of time, fetched and booked by order of a person.

use std::rc::Rc;

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::job::JobState;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::buyer::Buyer;
use countinghouse_it::cases;
use countinghouse_it::operator::{run, run_until_killed, run_with};
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::calm;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use fake_amazon::{
    Content, Delays, Fault, FaultKind, NotificationMode, Operation, Outcome, OutcomeResult, Plan, Purchases,
    RateSettings, Region, Scenario,
};
use jiff::SignedDuration;
use serde_json::json;

cases![
    three_months_come_within_amazons_rates_through_faults_and_a_kill,
    reports_that_amazon_has_already_are_taken_over,
    purchases_of_days_that_were_never_pulled_are_pulled_once,
    a_report_that_fails_at_amazon_stands_in_the_table_at_the_end,
    the_plan_says_what_it_takes_and_what_only_an_import_brings,
];

/// So many days ago, as a person writes it.
fn days_ago(days: i64) -> String {
    let then = SystemClock.now().checked_sub(SignedDuration::from_hours(24 * days)).unwrap();
    then.strftime("%Y-%m-%d").to_string()
}

async fn three_months_come_within_amazons_rates_through_faults_and_a_kill(suite: Rc<Suite>) {
    // So slow that it has to wait time and again, and so quick that a test can.
    let slow = |rate, burst| Plan { rate, burst };
    let operations = [(Operation::CreateReport, slow(1.0, 2)), (Operation::GetReports, slow(1.0, 1))];
    let scenario = Scenario {
        delays: Delays { queue_ms: 300, processing_ms: 300 },
        rates: RateSettings { operations: operations.into(), ..calm().rates },
        ..calm()
    };
    let stack = &suite.deploy("it-backfill", &[("DownloadsVisibilitySeconds", "30")], scenario).await;
    stack.notify(NotificationMode::Never);
    let story = Story::of_today();
    let seller = Seller::european(stack).await;
    seller.add_vat_rows(stack, &story.text("eu/vat.csv"));
    let settlements = ["eu/settlement-1.txt", "eu/settlement-2.txt", "eu/settlement-gbp.txt"].map(|name| {
        let text = seller.own_settlement(&story.text(name));
        seller.close(stack, &text);
        settlement_id(&text).to_owned()
    });
    // The first answer teaches the rate; then comes trouble.
    for fault in [
        Fault::next(Operation::GetReports, FaultKind::Unavailable),
        Fault::next(Operation::CreateReport, FaultKind::LostAnswer).skip(1),
        Fault::next(Operation::CreateReport, FaultKind::Throttled).skip(2),
        Fault::next(Operation::GetReport, FaultKind::InternalError),
        Fault::next(Operation::GetReportDocument, FaultKind::InternalError),
        Fault::next(Operation::DownloadDocument, FaultKind::UrlExpired),
    ] {
        seller.fault(stack, fault);
    }
    let from = days_ago(92);
    let backfill = ["backfill", "--from", from.as_str(), "--account", seller.id.as_str()];

    let dry = run(stack, &[&backfill[..], &["--dry-run"]].concat()).await;
    assert_eq!(dry.code, 0, "{dry:?}");
    assert_eq!(dry.stdout.lines().filter(|line| line.contains(" vat ") && line.contains("to be asked for")).count(), 4);
    assert!(stack.amazon.calls().is_empty(), "a plan asks nothing of Amazon");

    // It is killed while it waits: the answer for the second window is lost, and Amazon refuses the third.
    let said = run_until_killed(stack, &[&backfill[..], &["--yes"]].concat(), "the next report of").await;
    assert!(said.contains("Ctrl-C loses nothing") && said.contains("asked for, report"), "{said}");
    let asked_before = stack.amazon.reports(Some(&seller.id)).len();

    // Nobody polls here: the command itself asks how things stand.
    let done = run(stack, &[&backfill[..], &["--yes", "--wait"]].concat()).await;
    assert_eq!(done.code, 0, "{done:?}");
    for id in &settlements {
        assert!(done.stdout.contains(&format!("settlement {id}: ")), "{}", done.stdout);
        assert_eq!(stack.settlement(&seller, id).await.unwrap().status().name(), "proven");
    }
    assert_eq!(stack.documents_of(&seller).await.len(), 20);
    let jobs = stack.jobs_of(&seller).await;
    assert_eq!(jobs.len(), 7, "{jobs:#?}");
    assert!(jobs.iter().all(|job| matches!(job.state, JobState::Booked | JobState::Cancelled)), "{jobs:#?}");
    let at_amazon = stack.amazon.reports(Some(&seller.id)).len();
    assert_eq!(at_amazon, 7, "each window was asked for once, killed or not: {asked_before} before the kill");
    assert!(jobs.iter().any(|job| job.origin.name() == "adopted"), "the one whose answer was lost: {jobs:#?}");
    assert!(stack.is_empty("DownloadsDlqUrl").await && stack.is_empty("BookingsDlqUrl").await);

    // Everything is there: only Amazon's list is looked at.
    let calls = || [Operation::CreateReport, Operation::GetReportDocument].map(|call| seller.calls(stack, call));
    let asked = calls();
    let again = run(stack, &[&backfill[..], &["--yes"]].concat()).await;
    assert_eq!(again.code, 0, "{again:?}");
    assert!(!again.stdout.contains("to be asked for"), "{}", again.stdout);
    assert_eq!(calls(), asked);
}

async fn reports_that_amazon_has_already_are_taken_over(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    seller.add_vat_rows(stack, &Story::of_today().text("eu/vat.csv"));
    let (from, to) = (days_ago(60), days_ago(0));
    let time = |day: &str| format!("{day}T00:00:00Z");
    let order = json!({"version": 1, "seller_id": seller.id, "from": time(&from), "to": time(&to)});
    let outcome = stack.invoke(&format!("{}-create-reports", stack.name), order).await.unwrap();
    assert_eq!(outcome["requested"], 2, "{outcome}");
    // The stack is deployed anew, and knows nothing of it.
    let client = aws_sdk_dynamodb::Client::new(&stack.aws);
    for item in stack.items_of("JobsTableName", &seller).await {
        let text = |name: &str| AttributeValue::S(item[name].as_str().unwrap().to_owned());
        let delete = client.delete_item().table_name(stack.output("JobsTableName"));
        delete.key("seller", text("seller")).key("job", text("job")).send().await.unwrap();
    }
    let said = run(stack, &["backfill", "--from", &from, "--account", &seller.id, "--flows", "vat", "--yes"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.stderr.matches("Amazon has it already").count(), 2, "{}", said.stderr);
    assert_eq!(seller.calls(stack, Operation::CreateReport), 2, "nothing is asked for twice");
    let jobs = stack.jobs_of(&seller).await;
    assert!(jobs.len() == 2 && jobs.iter().all(|job| job.origin.name() == "adopted"), "{jobs:#?}");
    assert_eq!(stack.documents_of(&seller).await.len(), 20);
    seller.disconnect(stack).await;
}

async fn purchases_of_days_that_were_never_pulled_are_pulled_once(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let buyer = Buyer::connect(stack, Region::Na).await;
    let wish = Purchases {
        transactions: 12,
        from: Some(SystemClock.now().checked_sub(SignedDuration::from_hours(24 * 60)).unwrap()),
        days: 5,
        differing: 0,
        late_percent: 0,
        held_percent: 0,
        ..Purchases::default()
    };
    buyer.buys(stack, &wish);
    let (from, to) = (days_ago(62), days_ago(50));
    let backfill = ["backfill", "--from", from.as_str(), "--to", to.as_str(), "--account", buyer.id.as_str(), "--yes"];
    let said = run(stack, &backfill).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("13 days, ") && said.stdout.contains("0 days unproven"), "{}", said.stdout);
    let windows = stack.purchases().windows(&buyer.id.parse().unwrap()).await.unwrap();
    let backfilled = windows.iter().filter(|window| window.origin.name() == "backfill" && window.state.is_over());
    assert_eq!(backfilled.count(), 13);
    let pulls = buyer.calls(stack, Operation::GetTransactions);
    let again = run(stack, &backfill).await;
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(buyer.calls(stack, Operation::GetTransactions), pulls, "what is proven is not pulled again");
}

async fn a_report_that_fails_at_amazon_stands_in_the_table_at_the_end(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    seller.add_vat_rows(stack, &Story::of_today().text("eu/vat.csv"));
    let outcome = Outcome {
        seller_id: Some(seller.id.clone()),
        report_type: None,
        times: 1,
        result: OutcomeResult::Fatal,
        document: Some(Content::text("The date range is not supported.").uncompressed()),
        delays: None,
    };
    stack.amazon.add_outcome(outcome).unwrap();
    let from = days_ago(30);
    let backfill = ["backfill", "--from", from.as_str(), "--account", seller.id.as_str(), "--flows", "vat"];
    let refused = run_with(stack, &backfill, "no\n", &[]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("nothing is fetched"), "{}", refused.stderr);
    assert!(stack.jobs_of(&seller).await.is_empty());
    let said = run_with(stack, &backfill, "y\n", &[]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains("fatal") && said.stdout.contains("The date range is not supported."), "{said:?}");
    let said = run(stack, &["backfill", "--from", &from, "--account", &seller.id, "--flows", "purchases"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("no account is connected for purchases"), "{}", said.stderr);
    let said = run(stack, &["backfill", "--from", &days_ago(0), "--account", &seller.id]).await;
    assert!(said.code == 1 && said.stderr.contains("nothing lies between"), "{said:?}");
    seller.disconnect(stack).await;
}

async fn the_plan_says_what_it_takes_and_what_only_an_import_brings(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let said = run(stack, &["backfill", "--from", &days_ago(800), "--account", &seller.id, "--dry-run"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let line = |word: &str| said.stdout.lines().find(|line| line.contains(word)).unwrap_or_default().to_owned();
    // Twelve after the burst, one a minute.
    let calls = line("createReport");
    assert!(
        calls.contains("27") && calls.contains("15") && calls.contains("59 s") && calls.contains("11 min"),
        "{calls}"
    );
    assert!(line("takes at least").contains("By Amazon's rates"), "{}", said.stdout);
    assert!(line("countinghouse import").contains(&days_ago(89)), "{}", said.stdout);
    assert_eq!(seller.calls(stack, Operation::GetReports), 0);
    seller.disconnect(stack).await;
}
