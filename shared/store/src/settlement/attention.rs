//! Why a person should look at a settlement.

use countinghouse_domain::settlement::{Chain, Tally};
use rust_decimal::Decimal;

use super::SettlementStatus;

/// What is carried from one settlement of a chain to the next. Zero where the file has no such row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balances {
    /// `Previous Reserve Amount Balance`: comes back from the settlement before.
    pub previous_reserve: Decimal,
    /// `Current Reserve Amount`: held back until the next settlement; negative.
    pub current_reserve: Decimal,
    /// `Payable to Amazon`: the negative total of the settlement before.
    pub payable_to_amazon: Decimal,
}

impl Balances {
    /// The balances among the totals of a settlement.
    pub fn of(tally: &Tally) -> Self {
        Self {
            previous_reserve: tally.of_category("reserve_previous").sum,
            current_reserve: tally.of_category("reserve_current").sum,
            payable_to_amazon: tally.of_category("payable_to_amazon").sum,
        }
    }
}

/// A reason to look at a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttentionReason {
    /// Claimed and not completed.
    Booking,
    /// The proof does not hold.
    Unproven,
    /// Amounts that no rule knows.
    Unclassified,
    /// The settlement before is missing.
    Gap,
    /// The reserve that comes back is not what the settlement before held back.
    ReserveDiffers,
    /// The debt carried forward is not the negative total of the settlement before.
    PayableDiffers,
    /// A file with other bytes names the same settlement.
    Conflict,
}

impl AttentionReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Booking,
        Self::Unproven,
        Self::Unclassified,
        Self::Gap,
        Self::ReserveDiffers,
        Self::PayableDiffers,
        Self::Conflict,
    ];

    /// The name in the table, for example `gap`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Booking => "booking",
            Self::Unproven => "unproven",
            Self::Unclassified => "unclassified",
            Self::Gap => "gap",
            Self::ReserveDiffers => "reserve_differs",
            Self::PayableDiffers => "payable_differs",
            Self::Conflict => "conflict",
        }
    }

    /// The reason with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }
}

impl std::fmt::Display for AttentionReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What the settlement before left, where its rows are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    pub(super) balances: Balances,
    pub(super) total_amount: Decimal,
}

/// Whether the figures that a chain carries fit: Previous Reserve = − Current Reserve before, and Payable to
/// Amazon = the negative total before. What cannot be compared yet fits.
pub(super) fn carried_reasons(own: Option<Balances>, before: Option<Before>) -> Vec<AttentionReason> {
    let (Some(own), Some(before)) = (own, before) else { return Vec::new() };
    let mut reasons = Vec::new();
    if own.previous_reserve != -before.balances.current_reserve {
        reasons.push(AttentionReason::ReserveDiffers);
    }
    if own.payable_to_amazon != before.total_amount.min(Decimal::ZERO) {
        reasons.push(AttentionReason::PayableDiffers);
    }
    reasons
}

/// All reasons to look at a settlement.
pub(super) fn reasons(
    status: SettlementStatus,
    unclassified: u64,
    chain: Option<&Chain>,
    carried: &[AttentionReason],
) -> Vec<AttentionReason> {
    let mut reasons = Vec::new();
    match status {
        SettlementStatus::Booking => reasons.push(AttentionReason::Booking),
        SettlementStatus::Unproven => reasons.push(AttentionReason::Unproven),
        SettlementStatus::Proven => {}
    }
    if unclassified > 0 {
        reasons.push(AttentionReason::Unclassified);
    }
    if matches!(chain, Some(Chain::Gap)) {
        reasons.push(AttentionReason::Gap);
    }
    reasons.extend_from_slice(carried);
    reasons
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::payment::Classifier;
    use countinghouse_domain::settlement::SettlementAmount;

    use super::*;

    fn balances(previous: &str, current: &str, payable: &str) -> Balances {
        Balances {
            previous_reserve: previous.parse().unwrap(),
            current_reserve: current.parse().unwrap(),
            payable_to_amazon: payable.parse().unwrap(),
        }
    }

    fn before(current: &str, total: &str) -> Before {
        Before { balances: balances("0", current, "0"), total_amount: total.parse().unwrap() }
    }

    #[test]
    fn the_balances_are_those_that_the_rules_name() {
        let mut tally = Tally::default();
        let mut classifier = Classifier::new();
        for (line, description, amount) in
            [(3, "Previous Reserve Amount Balance", 8), (4, "Current Reserve Amount", -9), (5, "Payable to Amazon", -7)]
        {
            let amount = SettlementAmount {
                transaction_type: "other-transaction",
                amount_type: "other-transaction",
                amount_description: description,
                ..SettlementAmount::empty(line, Decimal::from(amount))
            };
            tally.add(&amount, classifier.classify(&amount)).unwrap();
        }
        assert_eq!(Balances::of(&tally), balances("8", "-9", "-7"));
    }

    #[test]
    fn a_reserve_that_comes_back_whole_fits() {
        assert!(carried_reasons(Some(balances("812.50", "0", "0")), Some(before("-812.50", "100"))).is_empty());
    }

    #[test]
    fn a_reserve_that_does_not_come_back_is_seen() {
        let found = carried_reasons(Some(balances("0", "0", "0")), Some(before("-812.50", "100")));
        assert_eq!(found, [AttentionReason::ReserveDiffers]);
    }

    #[test]
    fn a_debt_is_carried_forward_and_a_payout_is_not() {
        assert!(carried_reasons(Some(balances("0", "0", "-321.69")), Some(before("0", "-321.69"))).is_empty());
        assert!(carried_reasons(Some(balances("0", "0", "0")), Some(before("0", "1016.08"))).is_empty());
        let found = carried_reasons(Some(balances("0", "0", "0")), Some(before("0", "-321.69")));
        assert_eq!(found, [AttentionReason::PayableDiffers]);
    }

    #[test]
    fn what_is_not_read_yet_is_not_compared() {
        assert!(carried_reasons(None, Some(before("-1", "-1"))).is_empty());
        assert!(carried_reasons(Some(balances("7", "0", "0")), None).is_empty());
    }

    #[test]
    fn a_proven_settlement_with_a_known_predecessor_needs_nobody() {
        let chain = Chain::Chained("1".parse().unwrap());
        assert!(reasons(SettlementStatus::Proven, 0, Some(&chain), &[]).is_empty());
        let all = reasons(SettlementStatus::Unproven, 2, Some(&Chain::Gap), &[]);
        assert_eq!(all, [AttentionReason::Unproven, AttentionReason::Unclassified, AttentionReason::Gap]);
    }
}
