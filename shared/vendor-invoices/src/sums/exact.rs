//! Exact decimals and the one place where they are rounded.

use rust_decimal::{Decimal, RoundingStrategy};

/// Half a unit of the last of `digits` decimals.
pub(super) fn half(digits: u32) -> Decimal {
    Decimal::new(5, digits.saturating_add(1))
}

/// Rounded as in commerce, half away from zero.
pub(super) fn rounded(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// What else an amount is confirmed by, beside its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmed {
    /// Nothing: there must be only one way to round it, and a half is rounded up.
    ByRateOnly,
    /// An exact sum has it: it may be rounded in any way that people round.
    BySum,
}

/// Whether `found` is `exact`, rounded to the decimals of the currency, or to those that it has itself if these are
/// more.
pub(super) fn is_rounding(exact: Decimal, found: Decimal, digits: u32, confirmed: Confirmed) -> bool {
    let digits = digits.max(found.normalize().scale());
    match confirmed {
        Confirmed::ByRateOnly => rounded(exact, digits) == found,
        Confirmed::BySum => exact.saturating_sub(found).abs() <= half(digits),
    }
}

/// A number as people write it: at least the currency's decimals if it has any.
pub(super) fn written(value: Decimal, digits: u32) -> String {
    let mut value = value.normalize();
    if value.scale() > 0 && value.scale() < digits {
        value.rescale(digits);
    }
    value.to_string()
}
