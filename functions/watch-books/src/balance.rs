//! The account at Amazon, as the last settlement of a currency leaves it.

use countinghouse_domain::ids::SettlementId;
use countinghouse_domain::money::Currency;
use countinghouse_domain::payment::PaymentType;
use countinghouse_store::StoredSettlement;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

/// Amazon closes a settlement every fourteen days, unless a seller's own history says otherwise.
const USUAL_PERIOD: SignedDuration = SignedDuration::from_hours(14 * 24);
/// So many of the last settlements say how often Amazon closes one.
const HISTORY: usize = 6;
/// What the rules call the rows that carry a balance from one settlement to the next.
const CARRIED: [&str; 3] = ["reserve_previous", "reserve_current", "payable_to_amazon"];

/// The account of a seller in a currency: opening + in + out + payout = closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The currency.
    pub currency: Currency,
    /// The last settlement that is booked whole.
    pub settlement_id: SettlementId,
    /// When its period ended.
    pub ended_at: Timestamp,
    /// When the next one is due.
    pub next_due: Timestamp,
    /// What was left before it: the reserve that came back, less what the seller owed.
    pub opening: Decimal,
    /// The categories that brought money.
    pub incoming: Decimal,
    /// The categories that took money; negative.
    pub outgoing: Decimal,
    /// What was paid out; negative, or zero.
    pub payout: Decimal,
    /// What is left: the reserve, or less than nothing where the seller owes Amazon.
    pub closing: Decimal,
    /// What Amazon holds back until the next settlement.
    pub reserve: Decimal,
}

/// The account in each currency, from a seller's settlements in the order of their ends.
pub(crate) fn balances(settlements: &[StoredSettlement]) -> Vec<Balance> {
    let mut currencies: Vec<Currency> = settlements.iter().map(|each| each.header.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    currencies.into_iter().filter_map(|currency| balance(settlements, currency)).collect()
}

fn balance(settlements: &[StoredSettlement], currency: Currency) -> Option<Balance> {
    let of_currency: Vec<_> = settlements.iter().filter(|each| each.header.currency == currency).collect();
    let last = of_currency.iter().rev().find(|each| each.proof.is_some())?;
    let (proof, carried) = (last.proof.as_ref()?, last.balances.unwrap_or_default());
    let moved = proof.by_category.iter().filter(|(category, _)| !CARRIED.contains(&category.as_str()));
    let (mut incoming, mut outgoing) = (Decimal::ZERO, Decimal::ZERO);
    for (_, subtotal) in moved {
        let side = if subtotal.sum.is_sign_negative() { &mut outgoing } else { &mut incoming };
        *side = side.saturating_add(subtotal.sum);
    }
    let derived = proof.derived.as_ref().filter(|derived| derived.payment_type == PaymentType::Payout);
    let payout = derived.map_or(Decimal::ZERO, |derived| derived.amount);
    let opening = carried.previous_reserve.saturating_add(carried.payable_to_amazon);
    let closing = opening.saturating_add(incoming).saturating_add(outgoing).saturating_add(payout);
    let ends: Vec<Timestamp> = of_currency.iter().map(|each| each.header.end).collect();
    Some(Balance {
        currency,
        settlement_id: last.header.settlement_id.clone(),
        ended_at: last.header.end,
        next_due: last.header.end.saturating_add(usual_period(&ends)).unwrap_or(Timestamp::MAX),
        opening,
        incoming,
        outgoing,
        payout,
        closing,
        reserve: carried.current_reserve.abs(),
    })
}

/// How often Amazon closes a settlement: the middle one of the last periods, or fourteen days.
fn usual_period(ends: &[Timestamp]) -> SignedDuration {
    let newest = ends.get(ends.len().saturating_sub(HISTORY)..).unwrap_or(ends);
    let mut periods: Vec<SignedDuration> = newest
        .iter()
        .zip(newest.iter().skip(1))
        .map(|(earlier, later)| later.duration_since(*earlier))
        .filter(SignedDuration::is_positive)
        .collect();
    periods.sort_unstable();
    let middle = periods.len().checked_div(2).unwrap_or(0);
    // A gap in the books is no habit of Amazon's.
    periods.get(middle).copied().filter(|period| *period <= USUAL_PERIOD.saturating_mul(2)).unwrap_or(USUAL_PERIOD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    #[test]
    fn the_next_settlement_is_due_as_long_after_the_last_as_usual() {
        assert_eq!(usual_period(&[]), USUAL_PERIOD);
        assert_eq!(usual_period(&[day(1)]), USUAL_PERIOD);
        assert_eq!(usual_period(&[day(1), day(8), day(15)]), SignedDuration::from_hours(7 * 24));
        assert_eq!(usual_period(&[day(1), day(200)]), USUAL_PERIOD, "a gap is no habit");
        let with_one_early = [day(1), day(15), day(17), day(31), day(45)];
        assert_eq!(usual_period(&with_one_early), USUAL_PERIOD);
    }
}
