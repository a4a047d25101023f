//! Whether a settlement may be booked again: its total never changes.

use rust_decimal::Decimal;

use super::PaymentsDifference;
use crate::settlement::{Proof, ProofStatus};

/// How far a settlement in the books is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Claimed and never completed: whatever is there is a part.
    Booking,
    /// Complete, and the sum of its payments is the deposit.
    Proven,
    /// Complete, and something differs.
    Unproven,
}

/// Why a settlement is not booked again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What the file makes does not come to the deposit, and what is in the books does.
    #[error(
        "it is proven, and read again its amounts come to {sum} where the deposit is {total}: a proven settlement never becomes unproven"
    )]
    WouldUnprove {
        /// The sum of the amounts as they are read now.
        sum: Decimal,
        /// The settlement's total.
        total: Decimal,
    },
    /// The payments in the table do not come to what was proven: somebody changed or removed some.
    #[error(
        "the sum of its payments would change from {before} to {after}: the table no longer has the payments that were proven, somebody changed or removed some"
    )]
    SumChanges {
        /// What the payments in the table come to.
        before: Decimal,
        /// What they would come to.
        after: Decimal,
    },
    /// The books have payments that the file does not make; booking again would leave them beside the others.
    #[error(
        "the table has {count} payments, {sum} in all, that the file does not make any more; they would stay beside the others"
    )]
    Vanished {
        /// How many.
        count: u64,
        /// What they come to.
        sum: Decimal,
    },
}

/// Whether a settlement may be booked again with this difference, of which `after` is the proof.
///
/// The sum of a settlement's payments is the deposit, before and after. So a sum that changes is refused, but for a
/// settlement that was not proven and would be. `restore` allows to write the payments of a proven settlement again
/// where the table has lost or changed some of them: the file is the one that was proven, and its sum is the deposit.
pub fn judge(
    stored: Option<Standing>,
    difference: &PaymentsDifference,
    after: &Proof,
    restore: bool,
) -> Result<(), Refusal> {
    let gone = difference.vanished();
    if gone.count > 0 {
        return Err(Refusal::Vanished { count: gone.count, sum: gone.sum });
    }
    let Some(stored) = stored else { return Ok(()) };
    let becomes_proven = after.status == ProofStatus::Proven;
    let (before, now) = (difference.rows_before(), difference.rows_after());
    if stored == Standing::Proven && !becomes_proven {
        return Err(Refusal::WouldUnprove { sum: after.sum, total: after.total_amount });
    }
    let may_change = match stored {
        Standing::Booking => true,
        Standing::Proven => restore,
        Standing::Unproven => becomes_proven,
    };
    if before != now && !may_change {
        return Err(Refusal::SumChanges { before: before.sum, after: now.sum });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, Place};
    use super::*;
    use crate::payment::{Classification, PaymentType};
    use crate::settlement::{Evidence, Layout, SettlementAmount, SettlementHeader, Tally, prove};

    fn entries(cents: &[i64]) -> Vec<Entry<'static>> {
        let entry = |(line, cents): (u64, &i64)| Entry {
            place: Place { line, part: 1 },
            payment_type: PaymentType::CustomerPayment,
            category: "principal".into(),
            amount: Decimal::new(*cents, 2),
            details: Vec::new(),
        };
        (3..).zip(cents).map(entry).collect()
    }

    fn difference(before: &[i64], after: &[i64]) -> PaymentsDifference {
        PaymentsDifference::between(entries(before), entries(after)).unwrap()
    }

    fn proof(total: i64, cents: &[i64]) -> Proof {
        let header = SettlementHeader {
            settlement_id: "1".parse().unwrap(),
            start: "2026-07-03T00:00:00Z".parse().unwrap(),
            end: "2026-07-17T00:00:00Z".parse().unwrap(),
            deposit_date: "2026-07-19T00:00:00Z".parse().unwrap(),
            total_amount: Decimal::new(total, 2),
            currency: crate::money::Currency::EUR,
        };
        let mut tally = Tally::default();
        for cents in cents {
            let amount = SettlementAmount::empty(3, Decimal::new(*cents, 2));
            let class = Classification { payment_type: PaymentType::CustomerPayment, category: "principal" };
            tally.add(&amount, class).unwrap();
        }
        let evidence =
            Evidence { layout: Layout::V2, sha256: String::new(), rows: 1, payments_written: tally.all().count };
        prove(&header, &tally, evidence).unwrap()
    }

    #[test]
    fn the_same_sum_may_be_booked_again() {
        assert_eq!(judge(Some(Standing::Proven), &difference(&[5, 7], &[5, 7]), &proof(12, &[5, 7]), false), Ok(()));
        assert_eq!(judge(None, &difference(&[], &[5, 7]), &proof(12, &[5, 7]), false), Ok(()));
    }

    #[test]
    fn a_changed_sum_of_a_proven_settlement_is_refused_and_restored_only_when_asked() {
        let lost = difference(&[5], &[5, 7]);
        let refused = judge(Some(Standing::Proven), &lost, &proof(12, &[5, 7]), false);
        assert_eq!(refused, Err(Refusal::SumChanges { before: Decimal::new(5, 2), after: Decimal::new(12, 2) }));
        assert_eq!(judge(Some(Standing::Proven), &lost, &proof(12, &[5, 7]), true), Ok(()));
    }

    #[test]
    fn a_proven_settlement_never_becomes_unproven_also_when_asked_to_restore() {
        for restore in [false, true] {
            let refused = judge(Some(Standing::Proven), &difference(&[5, 7], &[5, 6]), &proof(12, &[5, 6]), restore);
            assert_eq!(refused, Err(Refusal::WouldUnprove { sum: Decimal::new(11, 2), total: Decimal::new(12, 2) }));
        }
    }

    #[test]
    fn an_unproven_settlement_may_become_proven_and_not_change_otherwise() {
        let mended = difference(&[5], &[5, 7]);
        assert_eq!(judge(Some(Standing::Unproven), &mended, &proof(12, &[5, 7]), false), Ok(()));
        let other = judge(Some(Standing::Unproven), &mended, &proof(13, &[5, 7]), true);
        assert!(matches!(other, Err(Refusal::SumChanges { .. })));
        assert_eq!(judge(Some(Standing::Booking), &mended, &proof(13, &[5, 7]), false), Ok(()));
    }

    #[test]
    fn payments_that_would_stay_beside_the_others_are_refused() {
        let refused = judge(Some(Standing::Proven), &difference(&[5, 7, 0], &[5, 7]), &proof(12, &[5, 7]), true);
        assert_eq!(refused, Err(Refusal::Vanished { count: 1, sum: Decimal::ZERO }));
    }
}
