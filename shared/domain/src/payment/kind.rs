//! The types of payments.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Which way the money goes, from the seller's point of view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Direction {
    /// Zero or more.
    In,
    /// Less than zero.
    Out,
}

impl Direction {
    /// The sign of an amount.
    pub fn of(amount: Decimal) -> Self {
        if amount.is_sign_negative() && !amount.is_zero() { Self::Out } else { Self::In }
    }

    /// `IN` or `OUT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "IN",
            Self::Out => "OUT",
        }
    }
}

/// What an amount is to an accountant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentType {
    /// What a customer paid for an order, with its promotions and taxes.
    CustomerPayment,
    /// What a customer got back, with its promotions and taxes.
    CustomerRefund,
    /// A fee that Amazon takes for an order's item.
    AmazonFee,
    /// A fee that Amazon gives back with a refund.
    FeeRefund,
    /// A fee for a service: storage, subscription, advertising, inbound transport.
    ServiceFee,
    /// A tax that Amazon withholds and pays to the state.
    WithheldTax,
    /// A reimbursement, its reversal, or another correction.
    Adjustment,
    /// Reserves, debts and failed transfers: neither income nor cost.
    BalanceMovement,
    /// The transfer to the seller's bank account.
    Payout,
    /// No rule knows it: booked, counted, and an alarm.
    Unclassified,
}

impl PaymentType {
    /// Every type, in the order in which an accountant reads them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::CustomerPayment,
        Self::CustomerRefund,
        Self::AmazonFee,
        Self::FeeRefund,
        Self::ServiceFee,
        Self::WithheldTax,
        Self::Adjustment,
        Self::BalanceMovement,
        Self::Payout,
        Self::Unclassified,
    ];

    /// How many types there are.
    pub const COUNT: usize = 10;

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        match self {
            Self::CustomerPayment => 0,
            Self::CustomerRefund => 1,
            Self::AmazonFee => 2,
            Self::FeeRefund => 3,
            Self::ServiceFee => 4,
            Self::WithheldTax => 5,
            Self::Adjustment => 6,
            Self::BalanceMovement => 7,
            Self::Payout => 8,
            Self::Unclassified => 9,
        }
    }

    /// The name in tables and files, for example `customer_payment`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CustomerPayment => "customer_payment",
            Self::CustomerRefund => "customer_refund",
            Self::AmazonFee => "amazon_fee",
            Self::FeeRefund => "fee_refund",
            Self::ServiceFee => "service_fee",
            Self::WithheldTax => "withheld_tax",
            Self::Adjustment => "adjustment",
            Self::BalanceMovement => "balance_movement",
            Self::Payout => "payout",
            Self::Unclassified => "unclassified",
        }
    }

    /// The type with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }
}

impl fmt::Display for PaymentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_stands_at_its_index_and_is_found_by_its_name() {
        for (index, each) in PaymentType::ALL.into_iter().enumerate() {
            assert_eq!(each.index(), index);
            assert_eq!(PaymentType::from_name(each.name()), Some(each));
        }
    }

    #[test]
    fn zero_goes_in_also_when_it_is_written_with_a_minus() {
        assert_eq!(Direction::of("-0.00".parse().unwrap()), Direction::In);
        assert_eq!(Direction::of("-0.01".parse().unwrap()), Direction::Out);
        assert_eq!(Direction::of("0.01".parse().unwrap()), Direction::In);
    }
}
