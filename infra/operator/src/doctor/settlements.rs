//! Settlements: is each proven, and does one follow the other?

use std::collections::BTreeMap;

use countinghouse_domain::ids::SellerId;
use countinghouse_store::{
    AttentionReason, ConflictRecord, NeedsAttention, Seller, Settlements, StoreError, StoredSettlement,
};
use jiff::SignedDuration;

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use crate::desk::{age, day};

/// A settlement is booked within minutes of its claim.
const BOOKED_WITHIN: SignedDuration = SignedDuration::from_hours(6);
/// Amazon settles every two weeks.
const SILENT_AFTER: SignedDuration = SignedDuration::from_hours(16 * 24);

/// What needs attention of all accounts, and when each was settled last.
pub(super) async fn check(patient: &Patient) -> Vec<Finding> {
    let sellers: Vec<_> = patient.accounts.iter().filter(|account| account.flows.settlements).collect();
    if sellers.is_empty() {
        return Vec::new();
    }
    let settlements = Settlements::new(patient.stack.dynamodb(), &patient.stack.tables.settlements);
    let mut open: BTreeMap<SellerId, Vec<NeedsAttention>> = BTreeMap::new();
    match settlements.needs_attention().await {
        Ok(found) => {
            for each in found {
                let seller = match &each {
                    NeedsAttention::Settlement(settlement) => settlement.seller.clone(),
                    NeedsAttention::Conflict(conflict) => conflict.seller.clone(),
                };
                open.entry(seller).or_default().push(each);
            }
        }
        Err(error) => return vec![Finding::new(Check::SettlementProof, "all accounts", patient.unread(&error))],
    }
    let mut findings = Vec::new();
    for seller in sellers {
        let id = &seller.seller_id;
        let open = open.remove(id).unwrap_or_default();
        findings.extend([
            Finding::about(Check::SettlementProof, id, proof(patient, seller, &open)),
            Finding::about(Check::SettlementConflict, id, conflict(patient, &open)),
            Finding::about(Check::SettlementGap, id, gap(patient, seller, &open)),
            Finding::about(Check::Unclassified, id, unclassified(patient, seller, &open)),
            Finding::about(Check::SettlementSilence, id, silence(patient, seller, settlements.list(id).await)),
        ]);
    }
    findings
}

fn settlements_with(open: &[NeedsAttention], reasons: &[AttentionReason]) -> Vec<StoredSettlement> {
    let meant = |each: &NeedsAttention| match each {
        NeedsAttention::Settlement(settlement) => {
            settlement.reasons.iter().any(|reason| reasons.contains(reason)).then(|| settlement.as_ref().clone())
        }
        NeedsAttention::Conflict(_) => None,
    };
    open.iter().filter_map(meant).collect()
}

fn more(count: usize) -> String {
    if count > 1 { format!(", and {} more", count - 1) } else { String::new() }
}

fn proof(patient: &Patient, seller: &Seller, open: &[NeedsAttention]) -> Verdict {
    let unproven = settlements_with(open, &[AttentionReason::Unproven]);
    if let Some(first) = unproven.first() {
        let difference = first.proof.as_ref().map(|proof| {
            let missing = proof.amounts.saturating_sub(proof.payments_written);
            format!(
                "its payments differ from its total by {} {}, {missing} missing",
                proof.difference, first.header.currency
            )
        });
        return Verdict::broken(
            format!(
                "settlement {} is not proven: {}{}",
                first.header.settlement_id,
                difference.unwrap_or_else(|| "it has no proof".to_owned()),
                more(unproven.len())
            ),
            [
                "do not use it in the books; book it again from its stored report:".to_owned(),
                patient
                    .mend
                    .own(&format!("replay --account {} --settlement {}", seller.seller_id, first.header.settlement_id)),
            ],
        );
    }
    let is_late = |each: &&StoredSettlement| patient.now.duration_since(each.claimed.claimed_at) > BOOKED_WITHIN;
    let booking = settlements_with(open, &[AttentionReason::Booking]);
    let late: Vec<_> = booking.iter().filter(is_late).collect();
    if let Some(first) = late.first() {
        return Verdict::broken(
            format!(
                "settlement {} was begun {} ago and is not complete{}",
                first.header.settlement_id,
                age(first.claimed.claimed_at, patient.now),
                more(late.len())
            ),
            [patient.mend.log("book-documents"), patient.mend.own("redrive bookings")],
        );
    }
    Verdict::fine(if booking.is_empty() { "all proven".to_owned() } else { format!("{} being booked", booking.len()) })
}

/// One seller is connected under two ids: the same file came for both.
fn booked_for_another(patient: &Patient, conflict: &ConflictRecord, count: usize) -> Verdict {
    let (account, owner) = (&conflict.seller, &conflict.booked.seller);
    Verdict::look(
        format!(
            "settlement {} came for {account}, as report {}, but is booked for account {owner}{}",
            conflict.settlement_id,
            conflict.refused_report_id,
            more(count)
        ),
        [
            "a settlement belongs to one seller: see in Seller Central (Settings, Account Info) which of the two ids is the \
             Merchant Token, and disconnect the other; its books stay"
                .to_owned(),
            patient.mend.own(&format!("disconnect {owner} --dry-run")),
        ],
    )
}

fn conflict(patient: &Patient, open: &[NeedsAttention]) -> Verdict {
    let conflicts: Vec<_> = open
        .iter()
        .filter_map(|each| match each {
            NeedsAttention::Conflict(conflict) => Some(conflict),
            NeedsAttention::Settlement(_) => None,
        })
        .collect();
    let Some(first) = conflicts.first() else { return Verdict::fine("none") };
    if first.booked.seller != first.seller {
        return booked_for_another(patient, first, conflicts.len());
    }
    let place = |report| format!("reports/{}/{{type}}/{report}", first.seller);
    Verdict::look(
        format!(
            "settlement {} came again with other bytes, as report {}; the first, {}, stands{}",
            first.settlement_id,
            first.refused_report_id,
            first.booked.report_id,
            more(conflicts.len())
        ),
        [
            format!(
                "compare the two in the bucket: {} and {}",
                place(first.booked.report_id.as_str()),
                place(first.refused_report_id.as_str())
            ),
            patient.mend.own(&format!("status --account {}", first.seller)),
        ],
    )
}

fn gap(patient: &Patient, seller: &Seller, open: &[NeedsAttention]) -> Verdict {
    let missing = settlements_with(open, &[AttentionReason::Gap]);
    if let Some(first) = missing.first() {
        let start = first.header.start;
        let month_before = start.saturating_sub(SignedDuration::from_hours(31 * 24)).unwrap_or(start);
        return Verdict::look(
            format!(
                "the settlement before {}, which ended about {}, is missing{}",
                first.header.settlement_id,
                day(start),
                more(missing.len())
            ),
            [
                patient.mend.own(&format!(
                    "backfill --account {} --from {} --to {}",
                    seller.seller_id,
                    day(month_before),
                    day(start)
                )),
                "if it is older than 90 days: download it in Seller Central (Payments, Reports Repository), then"
                    .to_owned(),
                patient.mend.own(&format!("import FILE --account {}", seller.seller_id)),
            ],
        );
    }
    let differing = settlements_with(open, &[AttentionReason::ReserveDiffers, AttentionReason::PayableDiffers]);
    if let Some(first) = differing.first() {
        return Verdict::look(
            format!(
                "what settlement {} carries over does not fit the one before{}",
                first.header.settlement_id,
                more(differing.len())
            ),
            [
                "compare Previous Reserve and Payable to Amazon of the two in their files".to_owned(),
                patient.mend.own(&format!("status --account {}", seller.seller_id)),
            ],
        );
    }
    Verdict::fine("each follows the one before")
}

fn unclassified(patient: &Patient, seller: &Seller, open: &[NeedsAttention]) -> Verdict {
    let found = settlements_with(open, &[AttentionReason::Unclassified]);
    let Some(first) = found.first() else { return Verdict::fine("every amount has its type") };
    let amounts = first.proof.as_ref().map_or(0, |proof| proof.unclassified);
    Verdict::look(
        format!(
            "{amounts} amount{} of settlement {} {} of a kind that no rule knows{}",
            if amounts == 1 { "" } else { "s" },
            first.header.settlement_id,
            if amounts == 1 { "is" } else { "are" },
            more(found.len())
        ),
        [
            "add a rule to shared/domain/src/payment/rules/rules.txt, build and deploy, then".to_owned(),
            patient
                .mend
                .own(&format!("replay --account {} --settlement {}", seller.seller_id, first.header.settlement_id)),
        ],
    )
}

fn silence(patient: &Patient, seller: &Seller, settlements: Result<Vec<StoredSettlement>, StoreError>) -> Verdict {
    let settlements = match settlements {
        Ok(settlements) => settlements,
        Err(error) => return patient.unread(&error),
    };
    let last = settlements.iter().map(|each| each.header.end).max();
    let since = last.unwrap_or(seller.connected_at);
    if patient.now.duration_since(since) > SILENT_AFTER {
        let what = if last.is_some() { "the end of the last one" } else { "the account was connected" };
        return Verdict::look(
            format!("no settlement for {}, since {what}", age(since, patient.now)),
            [
                "is the shop still selling? Seller Central, Payments: https://sellercentral.amazon.com/payments/reports-repository"
                    .to_owned(),
                patient.mend.own(&format!(
                    "backfill --account {} --from {} --to {}",
                    seller.seller_id,
                    day(since.max(patient.now.saturating_sub(SignedDuration::from_hours(89 * 24)).unwrap_or(since))),
                    day(patient.now)
                )),
            ],
        );
    }
    Verdict::fine(last.map_or_else(|| "none yet".to_owned(), |end| format!("the last ended {}", day(end))))
}
