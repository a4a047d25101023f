//! Settlements that are not as they should be, and several of them.

use std::rc::Rc;
use std::time::Duration;

use countinghouse_domain::job::JobState;
use countinghouse_domain::settlement::Chain;
use countinghouse_it::cases;
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::calm;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait;
use countinghouse_store::{AttentionReason, NeedsAttention};

use crate::downloads::nothing_is_written;

cases![
    a_bad_amount_in_the_middle_is_quarantined_with_its_place_and_no_payment_is_written,
    a_sum_that_is_not_the_total_is_unproven_and_visible,
    a_row_that_no_rule_knows_is_booked_as_unclassified_and_visible,
    the_same_settlement_with_other_bytes_is_a_conflict_and_nothing_is_overwritten,
    the_same_bytes_under_another_report_id_are_booked_once,
    v1_and_v2_of_one_settlement_are_never_both_booked,
    a_settlement_without_rows_is_proven,
    a_vat_report_without_rows_is_booked,
    two_settlements_at_once_are_proven_and_chained,
    a_missing_settlement_is_a_gap_until_it_comes,
    a_long_settlement_is_booked_in_several_runs,
];

fn file(seller: &Seller, name: &str) -> (String, String) {
    let text = seller.own_settlement(&Story::checked_in().text(name));
    (settlement_id(&text).to_owned(), text)
}

async fn a_bad_amount_in_the_middle_is_quarantined_with_its_place_and_no_payment_is_written(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = file(&seller, "eu/settlement-1.txt");
    let line = 1 + text.lines().position(|line| line.contains("74,79")).unwrap();
    let report = seller.close(stack, &text.replacen("74,79", "74,7x", 1));
    stack.poll().await;
    let job = stack.until_job(&seller, &report, JobState::Quarantined).await;
    let reason = job.facts.reason.unwrap_or_default();
    for part in [report.as_str(), &format!("line {line}"), "column amount", "74,7x"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    nothing_is_written(stack, &seller, &id).await;
    seller.disconnect(stack).await;
}

async fn a_sum_that_is_not_the_total_is_unproven_and_visible(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = file(&seller, "eu/settlement-2.txt");
    let total = text.lines().nth(1).unwrap().split('\t').nth(4).unwrap().to_owned();
    seller.close(stack, &text.replacen(&total, "90,00", 1));
    stack.poll().await;
    let settled = stack.until_settled(&seller, &id).await;
    assert_eq!(settled.status().name(), "unproven");
    assert!(settled.reasons.contains(&AttentionReason::Unproven), "{:?}", settled.reasons);
    let proof = settled.proof.unwrap();
    assert_eq!(proof.difference, proof.sum - settled.header.total_amount);
    assert!(!proof.difference.is_zero());
    let attention = stack.settlements().needs_attention().await.unwrap();
    let is_it =
        |each: &NeedsAttention| matches!(each, NeedsAttention::Settlement(one) if one.seller.as_str() == seller.id);
    assert!(attention.iter().any(is_it));
    seller.disconnect(stack).await;
}

async fn a_row_that_no_rule_knows_is_booked_as_unclassified_and_visible(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::american(stack).await;
    let (id, text) = file(&seller, "us/settlement-2.txt");
    seller.close(stack, &text);
    stack.poll().await;
    let settled = stack.until_settled(&seller, &id).await;
    assert_eq!(settled.status().name(), "proven");
    assert!(settled.reasons.contains(&AttentionReason::Unclassified), "{:?}", settled.reasons);
    let payments = stack.payments_of(&id).await;
    let unknown: Vec<_> = payments.iter().filter(|each| each.payment_type.name() == "unclassified").collect();
    assert_eq!(unknown.len(), 1);
    assert_eq!(unknown[0].amount_description, "Porch Pickup Fee");
    let metric = stack
        .logs("book-documents")
        .await
        .into_iter()
        .any(|line| line.contains("\"UnclassifiedRows\":1") && line.contains(&seller.id));
    assert!(metric, "its own metric is in the log");
    seller.disconnect(stack).await;
}

async fn the_same_settlement_with_other_bytes_is_a_conflict_and_nothing_is_overwritten(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = file(&seller, "eu/settlement-gbp.txt");
    seller.close(stack, &text);
    stack.poll().await;
    stack.until_settled(&seller, &id).await;
    let before = (stack.settlement(&seller, &id).await, stack.payments_of(&id).await);
    let report = seller.close(stack, &text.replace("LK-SPOON-SET", "LK-SPOON-TIN"));
    stack.poll().await;
    let job = stack.until_job(&seller, &report, JobState::Quarantined).await;
    assert!(job.facts.reason.unwrap_or_default().contains("other bytes"));
    assert_eq!((stack.settlement(&seller, &id).await, stack.payments_of(&id).await), before);
    let attention = stack.settlements().needs_attention().await.unwrap();
    let is_it =
        |each: &NeedsAttention| matches!(each, NeedsAttention::Conflict(one) if one.seller.as_str() == seller.id);
    assert!(attention.iter().any(is_it), "the conflict is shown");
    seller.disconnect(stack).await;
}

async fn the_same_bytes_under_another_report_id_are_booked_once(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = file(&seller, "eu/settlement-gbp.txt");
    let reports = [seller.close(stack, &text), seller.close(stack, &text)];
    stack.poll().await;
    for report in &reports {
        stack.until_job(&seller, report, JobState::Booked).await;
    }
    let settled = stack.settlement(&seller, &id).await.unwrap();
    assert_eq!(settled.also_delivered_as.len(), 1);
    assert!(settled.reasons.is_empty(), "{:?}", settled.reasons);
    assert_eq!(stack.payments_of(&id).await.len(), 11);
    seller.disconnect(stack).await;
}

async fn v1_and_v2_of_one_settlement_are_never_both_booked(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, v2) = file(&seller, "eu/settlement-gbp.txt");
    seller.close(stack, &v2);
    stack.poll().await;
    stack.until_settled(&seller, &id).await;
    let report = seller.close(stack, &v1(&id));
    stack.poll().await;
    let job = stack.until_job(&seller, &report, JobState::Quarantined).await;
    let reason = job.facts.reason.unwrap_or_default();
    assert!(reason.contains("V1") && reason.contains("V2"), "{reason}");
    assert_eq!(stack.payments_of(&id).await.len(), 11, "the payments of V2, and no others");
    seller.disconnect(stack).await;
}

/// A settlement of one fee in the layout of 33 columns.
fn v1(settlement_id: &str) -> String {
    let header = "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type order-id \
        merchant-order-id adjustment-id shipment-id marketplace-name shipment-fee-type shipment-fee-amount order-fee-type \
        order-fee-amount fulfillment-id posted-date order-item-code merchant-order-item-id merchant-adjustment-item-id sku \
        quantity-purchased price-type price-amount item-related-fee-type item-related-fee-amount misc-fee-amount \
        other-fee-amount other-fee-reason-description direct-payment-type direct-payment-amount other-amount";
    let columns: Vec<&str> = header.split_whitespace().collect();
    let row = |values: &[(&str, &str)]| -> String {
        let value = |column: &&str| values.iter().find(|(name, _)| name == column).map_or("", |(_, value)| *value);
        columns.iter().map(value).collect::<Vec<_>>().join("\t") + "\n"
    };
    let summary = row(&[
        ("settlement-id", settlement_id),
        ("settlement-start-date", "2026-10-29T09:12:24+00:00"),
        ("settlement-end-date", "2026-11-12T09:12:24+00:00"),
        ("deposit-date", "2026-11-14T09:12:24+00:00"),
        ("total-amount", "-39.00"),
        ("currency", "GBP"),
    ]);
    let fee = row(&[
        ("settlement-id", settlement_id),
        ("transaction-type", "Subscription Fee"),
        ("posted-date", "2026-10-30T04:09:26+00:00"),
        ("other-amount", "-39.00"),
    ]);
    columns.join("\t") + "\n" + &summary + &fee
}

async fn a_settlement_without_rows_is_proven(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = file(&seller, "eu/settlement-gbp.txt");
    let head: String = text.lines().take(2).map(|line| line.to_owned() + "\n").collect();
    let total = head.lines().nth(1).unwrap().split('\t').nth(4).unwrap().to_owned();
    seller.close(stack, &head.replacen(&total, "0.00", 1));
    stack.poll().await;
    let settled = stack.until_settled(&seller, &id).await;
    assert_eq!(settled.status().name(), "proven");
    assert_eq!(settled.proof.unwrap().amounts, 0);
    assert!(stack.payments_of(&id).await.is_empty());
    seller.disconnect(stack).await;
}

async fn a_vat_report_without_rows_is_booked(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let header = Story::checked_in().vat_rows(&[]);
    // The content decides what a report is.
    let report = seller.close(stack, &header);
    stack.poll().await;
    let job = stack.until_job(&seller, &report, JobState::Booked).await;
    assert_eq!(job.facts.counts.get("rows"), Some(&0));
    assert!(stack.documents_of(&seller).await.is_empty());
    seller.disconnect(stack).await;
}

async fn two_settlements_at_once_are_proven_and_chained(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::american(stack).await;
    let ids: Vec<String> = ["us/settlement-1.txt", "us/settlement-2.txt"]
        .map(|name| {
            let (id, text) = file(&seller, name);
            seller.close(stack, &text);
            id
        })
        .to_vec();
    stack.poll().await;
    for id in &ids {
        assert_eq!(stack.until_settled(&seller, id).await.status().name(), "proven");
    }
    let chain = async |id: &str| stack.settlement(&seller, id).await.unwrap().chain;
    assert_eq!(chain(&ids[0]).await, Some(Chain::First));
    assert_eq!(chain(&ids[1]).await, Some(Chain::Chained(ids[0].parse().unwrap())));
    seller.disconnect(stack).await;
}

async fn a_missing_settlement_is_a_gap_until_it_comes(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let story = Story::checked_in();
    // An earlier settlement of the same chain ends before the first of the story begins.
    let (first_id, first) = file(&seller, "eu/settlement-1.txt");
    let earlier_id = first_id.replacen("245", "244", 1);
    let earlier = first
        .replace(&first_id, &earlier_id)
        .replace("05.11.2026 20:21:38", "08.10.2026 20:21:38")
        .replace("22.10.2026 20:21:38", "24.09.2026 20:21:38");
    let (second_id, second) =
        (seller.own(settlement_id(&story.text("eu/settlement-2.txt"))), story.text("eu/settlement-2.txt"));
    seller.close(stack, &earlier);
    stack.poll().await;
    stack.until_settled(&seller, &earlier_id).await;
    seller.close(stack, &seller.own_settlement(&second));
    stack.poll().await;
    let settled = stack.until_settled(&seller, &second_id).await;
    assert_eq!(settled.chain, Some(Chain::Gap));
    assert!(settled.reasons.contains(&AttentionReason::Gap), "{:?}", settled.reasons);
    seller.close(stack, &first);
    stack.poll().await;
    stack.until_settled(&seller, &first_id).await;
    let settled = stack.settlement(&seller, &second_id).await.unwrap();
    assert_eq!(settled.chain, Some(Chain::Chained(first_id.parse().unwrap())));
    assert!(!settled.reasons.contains(&AttentionReason::Gap), "{:?}", settled.reasons);
    seller.disconnect(stack).await;
}

pub(crate) const LONG_ROWS: usize = 40_000;

async fn a_long_settlement_is_booked_in_several_runs(suite: Rc<Suite>) {
    // Three seconds are the least that a function may have; a quarter of them is kept in reserve.
    let short = [("BookDocumentsTimeoutSeconds", "3"), ("BookingsVisibilitySeconds", "6")];
    let stack = suite.deploy("it-long", &short, calm()).await;
    let seller = Seller::american(&stack).await;
    let (id, text) = file(&seller, "us/settlement-1.txt");
    let report = seller.close(&stack, &long(&text));
    stack.notify(fake_amazon::NotificationMode::Never);
    stack.poll().await;
    let settled = wait::until_within(Duration::from_mins(3), "the long settlement is completed", async || {
        stack.settlement(&seller, &id).await.filter(|each| each.proof.is_some())
    })
    .await;
    assert_eq!(settled.status().name(), "proven");
    let written = stack.payments().count(&id.parse().unwrap()).await.unwrap();
    assert_eq!(usize::try_from(written).unwrap(), LONG_ROWS);
    stack.until_job(&seller, &report, JobState::Booked).await;
    let handed_on = |line: &String| line.contains("the rest of the report is handed on");
    let runs = stack.logs("book-documents").await.into_iter().filter(handed_on).count();
    assert!(runs >= 1, "it was not booked in one run");
}

/// The same settlement with many rows of one cent in and one cent out, and a total of zero.
pub(crate) fn long(text: &str) -> String {
    let mut lines = text.lines();
    let (header, summary, row) = (lines.next().unwrap(), lines.next().unwrap(), lines.next().unwrap());
    let total = summary.split('\t').nth(4).unwrap();
    let amount = row.split('\t').nth(14).unwrap();
    let mut long = format!("{header}\n{}\n", summary.replacen(&format!("\t{total}\t"), "\t0.00\t", 1));
    for number in 0..LONG_ROWS {
        let cent = if number % 2 == 0 { "0.01" } else { "-0.01" };
        long.push_str(&row.replacen(&format!("\t{amount}\t"), &format!("\t{cent}\t"), 1));
        long.push('\n');
    }
    long
}
