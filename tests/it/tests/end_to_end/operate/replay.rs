//! `countinghouse replay`: documents that are booked again after a fix or with newer rules.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::document::Document;
use countinghouse_domain::job::JobState;
use countinghouse_it::cases;
use countinghouse_it::operator::{Said, run};
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait::until_within;
use countinghouse_store::{Payment, RebookOutcome, line_key, part_of, partition_key};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::deaths::{book, items, survives, to_book};
use crate::settlements::{LONG_ROWS, long};

cases![
    a_long_settlement_is_booked_again_in_several_runs,
    a_booking_again_killed_anywhere_ends_as_the_rules_of_today_say,
    newer_rules_are_shown_applied_and_gone,
    a_sum_that_would_change_is_refused_and_restored_only_when_asked,
    a_report_in_quarantine_is_shown_and_booked_once_it_can_be,
    what_still_cannot_be_booked_is_said_and_left,
    a_settlement_of_another_account_stays_a_conflict,
    a_vat_document_is_judged_anew_and_a_later_report_is_not_undone,
    a_vat_document_that_several_reports_name_counts_once,
    an_order_of_another_program_or_for_other_bytes_changes_nothing,
];

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// The key of a payment.
fn payment_key(settlement: &str, line: u64) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("settlement".to_owned(), text(&partition_key(&settlement.parse().unwrap(), part_of(line)))),
        ("line".to_owned(), text(&line_key(line, 1))),
    ])
}

/// Changes a payment as an older program, which did not know its rule, would have written it.
async fn unclassify(stack: &Stack, settlement: &str, line: u64) {
    Client::new(&stack.aws)
        .update_item()
        .table_name(stack.output("PaymentsTableName"))
        .set_key(Some(payment_key(settlement, line)))
        .update_expression("SET #type = :u, category = :u")
        .expression_attribute_names("#type", "type")
        .expression_attribute_values(":u", text("unclassified"))
        .send()
        .await
        .unwrap();
}

async fn delete(stack: &Stack, table: &str, key: HashMap<String, AttributeValue>) {
    let client = Client::new(&stack.aws);
    client.delete_item().table_name(stack.output(table)).set_key(Some(key)).send().await.unwrap();
}

async fn settled(stack: &Stack, seller: &Seller, name: &str) -> (String, String) {
    let file = seller.own_settlement(&Story::checked_in().text(name));
    let id = settlement_id(&file).to_owned();
    let report = seller.close(stack, &file);
    stack.poll().await;
    stack.until_settled(seller, &id).await;
    stack.until_job(seller, &report, JobState::Booked).await;
    (id, report)
}

async fn replay(stack: &Stack, seller: &Seller, arguments: &[&str]) -> Said {
    run(stack, &[&["replay", "--account", &seller.id], arguments].concat()).await
}

/// The fees for an order's item among the payments: their lines.
fn fees(payments: &[Payment]) -> Vec<u64> {
    let is_fee = |payment: &&Payment| payment.payment_type.name() == "amazon_fee";
    payments.iter().filter(is_fee).map(|payment| payment.line).take(3).collect()
}

async fn newer_rules_are_shown_applied_and_gone(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, report) = settled(stack, &seller, "eu/settlement-1.txt").await;
    let (right, proof) = (stack.payments_of(&id).await, stack.settlement(&seller, &id).await.unwrap());

    let said = replay(stack, &seller, &["--all"]).await;
    assert_eq!((said.code, said.stdout.contains("no difference")), (0, true), "{said:?}");

    // Its period ends on the 5th.
    for (span, count) in [
        (["--from", "2026-11-05", "--to", "2026-11-05"], "1 stored document "),
        (["--from", "2026-11-06", "--to", "2026-12-31"], "0 stored"),
    ] {
        let said = replay(stack, &seller, &span).await;
        assert_eq!((said.code, said.stdout.starts_with(count)), (0, true), "{said:?}");
    }
    let said = replay(stack, &seller, &["--unclassified"]).await;
    assert!(said.stdout.starts_with("0 stored"), "{said:?}");

    let lines = fees(&right);
    for line in &lines {
        unclassify(stack, &id, *line).await;
    }
    let old = stack.payments_of(&id).await;
    assert_ne!(old, right);
    let meant: Vec<_> = right.iter().filter(|payment| lines.contains(&payment.line)).collect();
    let sum: rust_decimal::Decimal = meant.iter().map(|payment| payment.amount).sum();

    // A script that does not say --yes changes nothing.
    let said = replay(stack, &seller, &["--settlement", &id]).await;
    assert_eq!(said.code, 2, "{said:?}");
    for expected in
        ["unclassified (unclassified)", "amazon_fee (", "Totals of these settlements, by type", &report, &id]
    {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }
    assert!(said.stdout.contains(&format!("{sum:.2} EUR")), "{sum}: {}", said.stdout);
    assert!(said.stderr.contains("nothing was changed"), "{}", said.stderr);
    assert_eq!(stack.payments_of(&id).await, old);

    let said = replay(stack, &seller, &["--settlement", &id, "--json"]).await;
    let all: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let moves = all[0]["payments"]["moves"].as_array().unwrap();
    assert!(
        moves.iter().all(|each| each["from_type"] == "unclassified" && each["to_type"] == "amazon_fee"),
        "{moves:?}"
    );
    assert_eq!(moves.iter().map(|each| each["count"].as_u64().unwrap()).sum::<u64>(), 3);
    assert_eq!(all[0]["payments"]["sum_before"], all[0]["payments"]["sum_after"], "settled totals never change");
    assert_eq!(
        (&all[0]["status_before"], &all[1]["summary"], &all[1]["applies"]),
        (&json!("proven"), &json!(true), &json!(1))
    );

    let said = replay(stack, &seller, &["--settlement", &id, "--yes"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("booked again: 1 document, and no difference is left"), "{}", said.stdout);
    assert_eq!(stack.payments_of(&id).await, right);
    let after = stack.settlement(&seller, &id).await.unwrap();
    assert_eq!(after, proof, "proven as before, and nothing to look at");
    assert_eq!(stack.job(&seller, &report).await.unwrap().rebooked.unwrap().outcome, RebookOutcome::Booked);

    let said = replay(stack, &seller, &["--all", "--yes"]).await;
    assert_eq!((said.code, said.stdout.contains("no difference")), (0, true), "{said:?}");
    seller.disconnect(stack).await;
}

async fn a_sum_that_would_change_is_refused_and_restored_only_when_asked(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, _) = settled(stack, &seller, "eu/settlement-gbp.txt").await;
    let right = stack.payments_of(&id).await;
    let lost = right.iter().find(|payment| !payment.derived && !payment.amount.is_zero()).unwrap();
    delete(stack, "PaymentsTableName", payment_key(&id, lost.line)).await;

    let said = replay(stack, &seller, &["--settlement", &id, "--yes"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains("REFUSED: the sum of its payments would change from"), "{}", said.stdout);
    let cure = format!("countinghouse replay --settlement {id} --account {} --restore", seller.id);
    assert!(said.stdout.contains(&cure), "{}", said.stdout);
    assert_eq!(stack.payments_of(&id).await.len(), right.len() - 1, "nothing was written");

    let said = replay(stack, &seller, &["--settlement", &id, "--restore", "--yes"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(stack.payments_of(&id).await, right);

    // A payment that stands in no file would stay beside the others.
    let mut foreign = payment_key(&id, 900);
    let template = Client::new(&stack.aws);
    let there = template.get_item().table_name(stack.output("PaymentsTableName"));
    let item = there.set_key(Some(payment_key(&id, lost.line))).send().await.unwrap().item.unwrap();
    foreign.extend(item.into_iter().filter(|(name, _)| name != "settlement" && name != "line"));
    template.put_item().table_name(stack.output("PaymentsTableName")).set_item(Some(foreign)).send().await.unwrap();
    let said = replay(stack, &seller, &["--settlement", &id, "--restore", "--yes"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains("that the file does not make any more"), "{}", said.stdout);
    seller.disconnect(stack).await;
}

/// Makes a booked settlement one that an older program could not read.
async fn quarantine(stack: &Stack, seller: &Seller, id: &str, report: &str) {
    for payment in stack.payments_of(id).await {
        let mut key = payment_key(id, payment.line);
        if payment.derived {
            key.insert("line".to_owned(), text("derived payout"));
        }
        delete(stack, "PaymentsTableName", key).await;
    }
    let settlement = format!("settlement {id}");
    for (seller, settlement) in [(seller.id.as_str(), settlement.as_str()), (settlement.as_str(), "owner")] {
        let key = [("seller".to_owned(), text(seller)), ("settlement".to_owned(), text(settlement))];
        delete(stack, "SettlementsTableName", HashMap::from(key)).await;
    }
    Client::new(&stack.aws)
        .update_item()
        .table_name(stack.output("JobsTableName"))
        .key("seller", text(&seller.id))
        .key("job", text(&format!("report {report}")))
        .update_expression("SET #state = :state, #reason = :reason")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#reason", "reason")
        .expression_attribute_values(":state", text("quarantined"))
        .expression_attribute_values(":reason", text("an older program did not know this layout"))
        .send()
        .await
        .unwrap();
}

async fn a_report_in_quarantine_is_shown_and_booked_once_it_can_be(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, report) = settled(stack, &seller, "eu/settlement-2.txt").await;
    let right = stack.payments_of(&id).await;
    quarantine(stack, &seller, &id, &report).await;
    assert!(stack.payments_of(&id).await.is_empty());

    let said = replay(stack, &seller, &["--quarantined"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    for expected in ["quarantined → booked", "(nothing) → proven", "customer_payment (", &format!("settlement {id}")]
    {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }
    let said = replay(stack, &seller, &["--quarantined", "--yes"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(stack.payments_of(&id).await, right);
    let job = stack.job(&seller, &report).await.unwrap();
    assert_eq!((job.state, job.facts.reason), (JobState::Booked, None));
    assert_eq!(stack.settlement(&seller, &id).await.unwrap().status().name(), "proven");

    let said = replay(stack, &seller, &["--quarantined", "--yes"]).await;
    assert_eq!((said.code, said.stdout.contains("no difference")), (0, true), "{said:?}");
    seller.disconnect(stack).await;
}

async fn what_still_cannot_be_booked_is_said_and_left(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let file = seller.own_settlement(&Story::checked_in().text("eu/settlement-1.txt"));
    let report = seller.close(stack, &file.replacen("74,79", "74,7x", 1));
    stack.poll().await;
    let before = stack.until_job(&seller, &report, JobState::Quarantined).await;
    let said = replay(stack, &seller, &["--quarantined", "--yes"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains("cannot be booked") && said.stdout.contains("column amount"), "{}", said.stdout);
    assert_eq!(stack.job(&seller, &report).await.unwrap(), before, "nothing was tried");

    // The right file of the same settlement comes, is booked, and the bad one is a conflict no more than before.
    let said = replay(stack, &seller, &["--report", "99999999"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("nothing is stored for report 99999999"), "{}", said.stderr);
    let said = run(stack, &["replay"]).await;
    assert!(said.code != 0 && said.stderr.contains("--quarantined"), "{said:?}");
    seller.disconnect(stack).await;
}

async fn a_settlement_of_another_account_stays_a_conflict(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let (owner, other) = (Seller::european(stack).await, Seller::european(stack).await);
    let file = owner.own_settlement(&Story::checked_in().text("eu/settlement-gbp.txt"));
    owner.close(stack, &file);
    stack.poll().await;
    stack.until_settled(&owner, settlement_id(&file)).await;
    let report = other.close(stack, &file);
    stack.poll().await;
    let before = stack.until_job(&other, &report, JobState::Quarantined).await;
    let said = replay(stack, &other, &["--quarantined", "--yes"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains(&format!("is booked for account {}", owner.id)), "{}", said.stdout);
    assert!(!said.stdout.contains("→ booked") && !said.stdout.contains("booked again:"), "{}", said.stdout);
    assert_eq!(stack.job(&other, &report).await.unwrap(), before, "nothing was tried");
    owner.disconnect(stack).await;
    other.disconnect(stack).await;
}

/// Changes a document as an older program would have written it: another total, and a flag that it does not deserve.
async fn misjudge(stack: &Stack, seller: &Seller, document: &Document) {
    let key = format!("{} {}", seller.id, document.key);
    let flag = HashMap::from([("flag".to_owned(), text("date_missing"))]);
    Client::new(&stack.aws)
        .update_item()
        .table_name(stack.output("DocumentsTableName"))
        .key("document", text(&key))
        .key("part", text("header"))
        .update_expression("SET gross = :gross, flags = :flags")
        .expression_attribute_values(":gross", AttributeValue::N("1".to_owned()))
        .expression_attribute_values(":flags", AttributeValue::L(vec![AttributeValue::M(flag)]))
        .send()
        .await
        .unwrap();
}

/// Windows of VAT reports overlap, so that several stored reports name one document.
async fn a_vat_document_that_several_reports_name_counts_once(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let story = Story::checked_in();
    for events in [vec!["SHIPMENT"], vec!["SHIPMENT", "REFUND"]] {
        let report = seller.close(stack, &story.vat_rows(&events));
        stack.poll().await;
        stack.until_job(&seller, &report, JobState::Booked).await;
    }
    let right = stack.documents_of(&seller).await;
    let document = &right.first().unwrap().document;
    misjudge(stack, &seller, document).await;

    let said = replay(stack, &seller, &["--all"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    let counts = format!("0 new, 1 changed, {} as they are", right.len() - 1);
    assert!(said.stdout.contains(&counts), "{counts}: {}", said.stdout);
    assert_eq!(said.stdout.matches(&format!("{}: 1.00 →", document.key)).count(), 1, "{}", said.stdout);
    assert_eq!(said.stdout.matches("documents: 1 changed").count(), 2, "both reports say it: {}", said.stdout);

    let said = replay(stack, &seller, &["--all", "--json"]).await;
    let whole: Value = serde_json::from_str(said.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&whole["applies"], &whole["documents_changed"]), (&json!(2), &json!(1)), "{whole}");
    let changes = whole["documents"]["changes"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[0]["document"]), (1, &json!(document.key.to_string())), "{whole}");

    let said = replay(stack, &seller, &["--all", "--yes"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let mended = stack.documents_of(&seller).await;
    assert!(mended.iter().map(|each| &each.document).eq(right.iter().map(|each| &each.document)), "{mended:?}");
    seller.disconnect(stack).await;
}

async fn a_vat_document_is_judged_anew_and_a_later_report_is_not_undone(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let rows = Story::checked_in().vat_rows(&["SHIPMENT"]);
    // The content decides what a report is.
    let first = seller.close(stack, &rows);
    stack.poll().await;
    stack.until_job(&seller, &first, JobState::Booked).await;
    let right = stack.documents_of(&seller).await;
    let said = replay(stack, &seller, &["--report", &first]).await;
    assert_eq!((said.code, said.stdout.contains("no difference")), (0, true), "{said:?}");

    let document = right.first().unwrap();
    misjudge(stack, &seller, &document.document).await;
    let said = replay(stack, &seller, &["--report", &first]).await;
    assert_eq!(said.code, 2, "{said:?}");
    let number = document.document.key.to_string();
    for expected in ["Invoices and credit notes", "1 changed", "flag date_missing", "-date_missing", &number, "1.00 →"]
    {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }
    let said = replay(stack, &seller, &["--report", &first, "--yes"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let mended = stack.documents_of(&seller).await;
    assert_eq!(
        mended.iter().map(|each| &each.document).collect::<Vec<_>>(),
        right.iter().map(|each| &each.document).collect::<Vec<_>>()
    );
    let said = replay(stack, &seller, &["--all", "--yes"]).await;
    assert_eq!((said.code, said.stdout.contains("no difference")), (0, true), "{said:?}");
    seller.disconnect(stack).await;
}

async fn an_order_of_another_program_or_for_other_bytes_changes_nothing(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, report) = settled(stack, &seller, "eu/settlement-gbp.txt").await;
    let right = stack.payments_of(&id).await;
    unclassify(stack, &id, right.iter().find(|payment| !payment.derived).unwrap().line).await;
    let before = stack.payments_of(&id).await;
    let job = stack.job(&seller, &report).await.unwrap();
    let (bucket, key) = (stack.output("ReportsBucketName"), job.facts.object_key.unwrap());
    for (order, expected) in [
        (json!({"order": "1", "rules": "000000000000"}), "rules 000000000000"),
        (json!({"order": "2", "program_version": "9.9.9"}), "version 9.9.9"),
        (json!({"order": "3", "sha256": "00"}), "not the one of which the difference was shown"),
    ] {
        let message = json!({"version": 1, "bucket": bucket, "key": key, "again": order});
        stack.send("BookingsQueueUrl", message.to_string()).await;
        let answer = countinghouse_it::wait::until("the order is answered", async || {
            let rebooked = stack.job(&seller, &report).await.unwrap().rebooked?;
            (Value::String(rebooked.order.clone()) == order["order"]).then_some(rebooked)
        })
        .await;
        assert_eq!(answer.outcome, RebookOutcome::Refused);
        assert!(answer.reason.unwrap().contains(expected), "{expected}");
    }
    assert_eq!(stack.payments_of(&id).await, before);
    assert_eq!(stack.job(&seller, &report).await.unwrap().state, JobState::Booked);
    seller.disconnect(stack).await;
}

async fn a_long_settlement_is_booked_again_in_several_runs(suite: Rc<Suite>) {
    // Three seconds are the least that a function may have; a quarter of them is kept in reserve.
    let short =
        [("BookDocumentsTimeoutSeconds", "3"), ("BookingsVisibilitySeconds", "6"), ("ScheduleState", "DISABLED")];
    let stack = &suite.deploy("it-again-long", &short, calm()).await;
    stack.notify(fake_amazon::NotificationMode::Never);
    let seller = Seller::american(stack).await;
    let file = seller.own_settlement(&long(&Story::checked_in().text("us/settlement-1.txt")));
    let id = settlement_id(&file).to_owned();
    seller.close(stack, &file);
    stack.poll().await;
    let settled = until_within(Duration::from_mins(3), "the long settlement is completed", async || {
        stack.settlement(&seller, &id).await.filter(|each| each.status().name() == "proven")
    })
    .await;
    let handed_on = async || {
        let is_it = |line: &String| line.contains("the rest of the report is handed on");
        stack.logs("book-documents").await.into_iter().filter(is_it).count()
    };
    let runs = handed_on().await;
    let last = u64::try_from(LONG_ROWS).unwrap();
    for line in [3, 1_500, last] {
        unclassify(stack, &id, line).await;
    }
    let said = replay(stack, &seller, &["--settlement", &id, "--yes"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains(&format!("line 3, 1500, {last}")), "{}", said.stdout);
    assert_eq!(stack.settlement(&seller, &id).await.unwrap(), settled);
    assert!(handed_on().await > runs, "it was not booked again in one run");
    let said = replay(stack, &seller, &["--all"]).await;
    assert_eq!((said.code, said.stdout.contains("no difference")), (0, true), "{said:?}");
}

async fn a_booking_again_killed_anywhere_ends_as_the_rules_of_today_say(suite: Rc<Suite>) {
    let story = Story::checked_in();
    survives(
        &suite,
        "it-killed-again",
        async |stack: &Stack, seller: &Seller| {
            let file = seller.own_settlement(&story.text("eu/settlement-gbp.txt"));
            let created = to_book(stack, seller, &file).await;
            book(stack, &stack.aws, &created, "2026-11-22T11:00:00Z".parse().unwrap()).await;
            let id = settlement_id(&file);
            for payment in stack.payments_of(id).await.iter().filter(|payment| !payment.derived).take(3) {
                unclassify(stack, id, payment.line).await;
            }
            let object = &created["Records"][0]["s3"];
            json!({"version": 1, "bucket": object["bucket"]["name"], "key": object["object"]["key"], "again": {"order": "1"}})
        },
        async |stack: &Stack, aws: &SdkConfig, _: &Seller, message: &Value, now: Timestamp| {
            book(stack, aws, message, now).await;
        },
        async |stack: &Stack, seller: &Seller, _: &Value| {
            let payments = items(stack, "PaymentsTableName", seller).await;
            assert!(!json!(payments).to_string().contains("unclassified"), "{payments:?}");
            json!({
                "settlements": items(stack, "SettlementsTableName", seller).await,
                "payments": payments,
                "jobs": items(stack, "JobsTableName", seller).await,
            })
        },
    )
    .await;
}
