//! Settlements.

use countinghouse_domain::ids::{ReportId, SellerId};
use countinghouse_domain::payment::Classifier;
use countinghouse_domain::settlement::{
    Chain, Evidence, Layout, Proof, SettlementAmount, SettlementHeader, Tally, prove,
};
use countinghouse_store::{
    AttentionReason, Balances, Claim, Completion, NeedsAttention, SettlementStatus, Settlements, StoreError,
    StoredSettlement,
};
use jiff::Timestamp;

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        of_many_who_claim_a_settlement_one_is_first,
        other_bytes_are_a_conflict_that_is_shown_and_never_booked,
        the_first_layout_wins_over_the_second_also_while_it_is_being_booked,
        a_settlement_of_another_seller_is_a_conflict,
        the_same_bytes_under_another_report_are_the_same_settlement,
        a_settlement_completed_twice_ends_the_same,
        a_sum_that_differs_needs_attention,
        a_predecessor_that_comes_late_closes_the_gap,
        neighbours_that_complete_at_the_same_moment_are_chained,
        a_reserve_that_does_not_come_back_needs_attention,
        what_was_claimed_for_other_bytes_cannot_be_completed,
        a_settlement_that_is_booked_again_is_not_relied_on_until_it_is_completed,
    ]
}

fn now() -> Timestamp {
    "2026-11-22T04:00:00Z".parse().unwrap()
}

fn seller() -> SellerId {
    "A3TH9S8BH6GOGM".parse().unwrap()
}

fn report() -> ReportId {
    "50011020300".parse().unwrap()
}

/// The n-th fortnight.
fn header(number: i64, total: &str) -> SettlementHeader {
    let start = |number: i64| Timestamp::from_second(1_800_000_000 + number * 1_209_600).unwrap();
    SettlementHeader {
        settlement_id: format!("2387439{number}").parse().unwrap(),
        start: start(number),
        end: start(number + 1),
        deposit_date: start(number + 1),
        total_amount: total.parse().unwrap(),
        currency: "EUR".parse().unwrap(),
    }
}

/// What the rows of a settlement come to.
struct Read {
    header: SettlementHeader,
    tally: Tally,
    proof: Proof,
}

fn read(number: i64, total: &str, rows: &[(&str, &str)]) -> Read {
    let header = header(number, total);
    let mut tally = Tally::default();
    let mut classifier = Classifier::new();
    for (line, (description, amount)) in (3..).zip(rows) {
        let amount = SettlementAmount {
            transaction_type: "other-transaction",
            amount_type: "other-transaction",
            amount_description: description,
            marketplace_name: "Amazon.de",
            ..SettlementAmount::empty(line, amount.parse().unwrap())
        };
        tally.add(&amount, classifier.classify(&amount)).unwrap();
    }
    let evidence = Evidence {
        layout: Layout::V2,
        sha256: format!("sha of {number}"),
        rows: tally.all().count,
        payments_written: tally.all().count,
    };
    let proof = prove(&header, &tally, evidence).unwrap();
    Read { header, tally, proof }
}

async fn settlements(aws: &World) -> Settlements {
    Settlements::new(aws.dynamodb(), aws.table("settlements").await)
}

async fn claim(settlements: &Settlements, header: &SettlementHeader, sha256: &str) -> Claim {
    settlements.claim(&seller(), header, Layout::V2, sha256, &report(), now()).await.unwrap()
}

async fn complete(settlements: &Settlements, read: &Read) -> StoredSettlement {
    let completion = Completion {
        header: &read.header,
        proof: &read.proof,
        tally: &read.tally,
        balances: Balances::of(&read.tally),
        program_version: "0.1.0",
        rules: "5f3c0a91d2e4",
        unknown_columns: &[],
        warnings: &[],
    };
    settlements.complete(&seller(), &completion, now()).await.unwrap()
}

async fn book(settlements: &Settlements, read: &Read) -> StoredSettlement {
    claim(settlements, &read.header, &read.proof.evidence.sha256).await;
    complete(settlements, read).await
}

async fn of_many_who_claim_a_settlement_one_is_first(aws: World) {
    let settlements = settlements(&aws).await;
    let header = header(1, "10");
    let claims = (0..10).map(|_| claim(&settlements, &header, "a"));
    let claims = futures_util::future::join_all(claims).await;
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::New).count(), 1);
    assert_eq!(claims.iter().filter(|claim| matches!(claim, Claim::Resumed(_))).count(), 9);
}

async fn a_settlement_that_is_booked_again_is_not_relied_on_until_it_is_completed(aws: World) {
    let settlements = settlements(&aws).await;
    let read = read(1, "10", &[("Subscription Fee", "10")]);
    let booked = book(&settlements, &read).await;
    let id = &booked.header.settlement_id;
    let other = settlements.reopen(&seller(), id, "other bytes").await;
    assert!(matches!(other, Err(StoreError::Conflict { .. })), "{other:?}");
    for _ in 0..2 {
        settlements.reopen(&seller(), id, "sha of 1").await.unwrap();
        let open = settlements.get(&seller(), id).await.unwrap().unwrap();
        assert_eq!(open.status(), SettlementStatus::Booking);
        assert_eq!(open.reasons, [AttentionReason::Booking]);
        assert_eq!(open.proof, booked.proof, "what was proven stays beside it");
    }
    // Whoever finds it after a crash goes on.
    let found = claim(&settlements, &read.header, "sha of 1").await;
    assert!(matches!(found, Claim::Resumed(_)), "{found:?}");
    assert_eq!(complete(&settlements, &read).await, booked);
}

async fn other_bytes_are_a_conflict_that_is_shown_and_never_booked(aws: World) {
    let settlements = settlements(&aws).await;
    let booked = book(&settlements, &read(1, "10", &[("Subscription Fee", "10")])).await;
    for _ in 0..2 {
        let Claim::Conflict(known) = claim(&settlements, &booked.header, "other bytes").await else {
            panic!("other bytes were accepted")
        };
        assert_eq!((known.sha256.as_str(), known.status), ("sha of 1", SettlementStatus::Proven));
    }
    assert_eq!(settlements.get(&seller(), &booked.header.settlement_id).await.unwrap().unwrap(), booked);
    assert_eq!(settlements.list(&seller()).await.unwrap().len(), 1);
    let attention = settlements.needs_attention().await.unwrap();
    let [NeedsAttention::Conflict(conflict)] = attention.as_slice() else { panic!("{attention:#?}") };
    assert_eq!((conflict.refused_sha256.as_str(), conflict.booked.sha256.as_str()), ("other bytes", "sha of 1"));
    assert_eq!(conflict.settlement_id, booked.header.settlement_id);
}

async fn the_first_layout_wins_over_the_second_also_while_it_is_being_booked(aws: World) {
    let settlements = settlements(&aws).await;
    let header = header(1, "10");
    let claim =
        async |layout, sha256| settlements.claim(&seller(), &header, layout, sha256, &report(), now()).await.unwrap();
    assert_eq!(claim(Layout::V1, "v1").await, Claim::New);
    assert!(matches!(claim(Layout::V2, "v2").await, Claim::Conflict(known) if known.layout == Layout::V1));
    assert!(matches!(claim(Layout::V1, "v1").await, Claim::Resumed(_)));
}

async fn a_settlement_of_another_seller_is_a_conflict(aws: World) {
    let settlements = settlements(&aws).await;
    let header = header(1, "10");
    assert_eq!(claim(&settlements, &header, "a").await, Claim::New);
    let other: SellerId = "A2".parse().unwrap();
    let claimed = settlements.claim(&other, &header, Layout::V2, "a", &report(), now()).await.unwrap();
    assert!(matches!(claimed, Claim::Conflict(known) if known.seller == seller()));
    assert!(settlements.get(&other, &header.settlement_id).await.unwrap().is_none());
}

async fn the_same_bytes_under_another_report_are_the_same_settlement(aws: World) {
    let settlements = settlements(&aws).await;
    let booked = book(&settlements, &read(1, "10", &[("Subscription Fee", "10")])).await;
    let other: ReportId = "50011020999".parse().unwrap();
    for _ in 0..2 {
        let again = settlements.claim(&seller(), &booked.header, Layout::V2, "sha of 1", &other, now()).await.unwrap();
        assert!(matches!(again, Claim::AlreadyBooked(known) if known.report_id == report()));
    }
    let stored = settlements.get(&seller(), &booked.header.settlement_id).await.unwrap().unwrap();
    assert_eq!(stored.also_delivered_as, [other]);
    assert!(settlements.needs_attention().await.unwrap().is_empty());
}

async fn a_settlement_completed_twice_ends_the_same(aws: World) {
    let settlements = settlements(&aws).await;
    let rows = [("Subscription Fee", "-39.00"), ("Previous Reserve Amount Balance", "812.50")];
    let read = read(1, "773.50", &rows);
    let once = book(&settlements, &read).await;
    assert_eq!(once.status(), SettlementStatus::Proven);
    assert_eq!(once.chain, Some(Chain::First));
    let proof = once.proof.as_ref().unwrap();
    assert_eq!((proof.amounts, proof.payments_written, proof.rows), (2, 2, 2));
    assert_eq!(proof.by_type["balance_movement"].sum, "812.50".parse().unwrap());
    assert_eq!(proof.derived.as_ref().unwrap().amount, "-773.50".parse().unwrap());
    let twice = book(&settlements, &read).await;
    assert_eq!(once, twice);
    assert!(settlements.needs_attention().await.unwrap().is_empty());
}

async fn a_sum_that_differs_needs_attention(aws: World) {
    let settlements = settlements(&aws).await;
    let stored = book(&settlements, &read(1, "10.01", &[("Subscription Fee", "10"), ("Never seen", "0")])).await;
    assert_eq!(stored.status(), SettlementStatus::Unproven);
    assert_eq!(stored.reasons, [AttentionReason::Unproven, AttentionReason::Unclassified]);
    assert_eq!(stored.proof.as_ref().unwrap().difference, "-0.01".parse().unwrap());
    let attention = settlements.needs_attention().await.unwrap();
    assert_eq!(attention, [NeedsAttention::Settlement(Box::new(stored))]);
}

async fn a_predecessor_that_comes_late_closes_the_gap(aws: World) {
    let settlements = settlements(&aws).await;
    let row = [("Subscription Fee", "10")];
    let one = book(&settlements, &read(1, "10", &row)).await;
    let three = book(&settlements, &read(3, "10", &row)).await;
    assert_eq!(three.chain, Some(Chain::Gap));
    assert_eq!(three.reasons, [AttentionReason::Gap]);
    let two = book(&settlements, &read(2, "10", &row)).await;
    assert_eq!(two.chain, Some(Chain::Chained(one.header.settlement_id)));
    let three = settlements.get(&seller(), &three.header.settlement_id).await.unwrap().unwrap();
    assert_eq!(three.chain, Some(Chain::Chained(two.header.settlement_id.clone())));
    assert!(settlements.needs_attention().await.unwrap().is_empty());
    let links = settlements.links(&seller(), two.header.currency).await.unwrap();
    assert_eq!(links.len(), 3);
    assert!(links.iter().all(|link| link.marketplaces.contains("Amazon.de")));
}

async fn neighbours_that_complete_at_the_same_moment_are_chained(aws: World) {
    let settlements = settlements(&aws).await;
    let reads: Vec<_> = (1..=6).map(|number| read(number, "10", &[("Subscription Fee", "10")])).collect();
    futures_util::future::join_all(reads.iter().map(|read| book(&settlements, read))).await;
    let all = settlements.list(&seller()).await.unwrap();
    assert_eq!(all.first().unwrap().chain, Some(Chain::First));
    for pair in all.windows(2) {
        assert_eq!(pair[1].chain, Some(Chain::Chained(pair[0].header.settlement_id.clone())));
        assert!(pair[1].reasons.is_empty(), "{:?}", pair[1].reasons);
    }
}

async fn a_reserve_that_does_not_come_back_needs_attention(aws: World) {
    let settlements = settlements(&aws).await;
    let held = [("Subscription Fee", "100"), ("Current Reserve Amount", "-60")];
    book(&settlements, &read(1, "40", &held)).await;
    let back = read(2, "55", &[("Previous Reserve Amount Balance", "55")]);
    let stored = book(&settlements, &back).await;
    assert_eq!(stored.status(), SettlementStatus::Proven, "its own sum is right");
    assert_eq!(stored.reasons, [AttentionReason::ReserveDiffers]);
}

async fn what_was_claimed_for_other_bytes_cannot_be_completed(aws: World) {
    let settlements = settlements(&aws).await;
    let read = read(1, "10", &[("Subscription Fee", "10")]);
    claim(&settlements, &read.header, "other bytes").await;
    let completion = Completion {
        header: &read.header,
        proof: &read.proof,
        tally: &read.tally,
        balances: Balances::default(),
        program_version: "0.1.0",
        rules: "5f3c0a91d2e4",
        unknown_columns: &[],
        warnings: &[],
    };
    let error = settlements.complete(&seller(), &completion, now()).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
}
