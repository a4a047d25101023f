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

/// Whether `found` is `exact`, rounded to the decimals of the currency, or to those that it has itself if these are
/// more. Which way a half is rounded is left open.
pub(super) fn is_rounding(exact: Decimal, found: Decimal, digits: u32) -> bool {
    let digits = digits.max(found.normalize().scale());
    exact.saturating_sub(found).abs() <= half(digits)
}

/// A number as people write it: at least the currency's decimals if it has any.
pub(super) fn written(value: Decimal, digits: u32) -> String {
    let mut value = value.normalize();
    if value.scale() > 0 && value.scale() < digits {
        value.rescale(digits);
    }
    value.to_string()
}
