//! The one payment that a settlement file does not contain: the row that closes the account.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::PaymentType;
use crate::settlement::SettlementHeader;

/// The derived row: rows + derived = 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derived {
    /// `payout` for a positive total, `balance_movement` for a negative one.
    pub payment_type: PaymentType,
    /// A finer name.
    pub category: &'static str,
    /// The negative of the settlement's total.
    pub amount: Decimal,
    /// The deposit date for a payout; the end of the period for a debt that is carried forward.
    pub posted_at: Timestamp,
}

/// The row that closes the account of a settlement; none where the total is zero.
///
/// A positive total is paid out at the deposit date. A negative total is carried forward: the next settlement
/// of the chain opens with it as `Payable to Amazon` (FORMATS.md A.5).
pub fn derive(header: &SettlementHeader) -> Option<Derived> {
    if header.total_amount.is_zero() {
        return None;
    }
    let mut amount = header.total_amount;
    amount.set_sign_positive(header.total_amount.is_sign_negative());
    Some(if header.total_amount.is_sign_negative() {
        Derived {
            payment_type: PaymentType::BalanceMovement,
            category: "carried_forward",
            amount,
            posted_at: header.end,
        }
    } else {
        Derived { payment_type: PaymentType::Payout, category: "payout", amount, posted_at: header.deposit_date }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(total: &str) -> SettlementHeader {
        SettlementHeader {
            settlement_id: "1".parse().unwrap(),
            start: "2026-07-03T00:00:00Z".parse().unwrap(),
            end: "2026-07-17T00:00:00Z".parse().unwrap(),
            deposit_date: "2026-07-19T00:00:00Z".parse().unwrap(),
            total_amount: total.parse().unwrap(),
            currency: crate::money::Currency::EUR,
        }
    }

    #[test]
    fn a_positive_total_is_paid_out_at_the_deposit_date() {
        let derived = derive(&header("1016.08")).unwrap();
        assert_eq!(derived.payment_type, PaymentType::Payout);
        assert_eq!(derived.amount, "-1016.08".parse().unwrap());
        assert_eq!(derived.posted_at, header("1").deposit_date);
    }

    #[test]
    fn a_negative_total_is_carried_forward() {
        let derived = derive(&header("-62.31")).unwrap();
        assert_eq!(derived.payment_type, PaymentType::BalanceMovement);
        assert_eq!(derived.amount, "62.31".parse().unwrap());
    }

    #[test]
    fn a_total_of_zero_moves_nothing() {
        assert_eq!(derive(&header("0.00")), None);
    }
}
