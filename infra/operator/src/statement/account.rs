//! The account of one settlement, worked out of its stored figures. Pure.

use countinghouse_domain::payment::PaymentType;
use countinghouse_store::{StoredDerived, StoredProof, StoredSettlement, StoredSubtotal};
use rust_decimal::Decimal;

/// What the rules call the rows that bring a balance from the settlement before.
const BROUGHT: [&str; 2] = ["reserve_previous", "payable_to_amazon"];
/// What they call the row that holds a balance back for the settlement after.
const HELD_BACK: &str = "reserve_current";

/// A category and what it came to.
pub(super) type Line<'a> = (&'a str, StoredSubtotal);

/// The account: opening + in + out + paid out = closing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    pub(super) brought: Vec<Line<'a>>,
    pub(super) opening: Decimal,
    /// The categories that brought money, the most first.
    pub(super) incoming: Vec<Line<'a>>,
    /// The categories that took money, the most first.
    pub(super) outgoing: Vec<Line<'a>>,
    pub(super) paid_out: Decimal,
    pub(super) closing: Decimal,
    /// What Amazon holds back of it.
    pub(super) reserve: Decimal,
    pub(super) proof: &'a StoredProof,
}

impl<'a> Statement<'a> {
    /// None while the settlement is being booked.
    pub(super) fn of(settlement: &'a StoredSettlement) -> Option<Self> {
        let proof = settlement.proof.as_ref()?;
        let of_category = |wanted: &dyn Fn(&str, Decimal) -> bool| -> Vec<Line<'a>> {
            let lines = proof.by_category.iter().filter(|(name, subtotal)| wanted(name, subtotal.sum));
            lines.map(|(name, subtotal)| (name.as_str(), *subtotal)).collect()
        };
        let is_movement = |name: &str| name != HELD_BACK && !BROUGHT.contains(&name);
        let brought = of_category(&|name, _| BROUGHT.contains(&name));
        let mut incoming = of_category(&|name, sum| is_movement(name) && !sum.is_sign_negative());
        let mut outgoing = of_category(&|name, sum| is_movement(name) && sum.is_sign_negative());
        incoming.sort_by_key(|(_, subtotal)| std::cmp::Reverse(subtotal.sum));
        outgoing.sort_by_key(|(_, subtotal)| subtotal.sum);
        let payout = |derived: &&StoredDerived| derived.payment_type == PaymentType::Payout;
        let paid_out = proof.derived.as_ref().filter(payout).map_or(Decimal::ZERO, |derived| derived.amount);
        let opening = sum(&brought);
        let closing = [opening, sum(&incoming), sum(&outgoing), paid_out].into_iter().fold(Decimal::ZERO, add);
        let reserve = proof.by_category.get(HELD_BACK).map_or(Decimal::ZERO, |held| held.sum.abs());
        Some(Self { brought, opening, incoming, outgoing, paid_out, closing, reserve, proof })
    }
}

/// What lines come to. Each was summed when it was booked, so their sum has no more digits than the settlement's own.
pub(super) fn sum(lines: &[Line<'_>]) -> Decimal {
    lines.iter().map(|(_, subtotal)| subtotal.sum).fold(Decimal::ZERO, add)
}

fn add(left: Decimal, right: Decimal) -> Decimal {
    left.saturating_add(right)
}
