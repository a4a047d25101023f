//! Amounts as whole numbers of the smallest unit, so that every sum is exact.

use serde_json::{Value, json};

/// A currency of Amazon Business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Currency {
    pub(crate) code: &'static str,
    pub(crate) decimals: u32,
}

impl Currency {
    /// Amazon's notation of so many of the smallest unit.
    pub(crate) fn money(self, minor: i64) -> Value {
        json!({"currencyCode": self.code, "amount": self.text(minor)})
    }

    /// So many of the smallest unit, as a decimal number.
    pub(crate) fn text(self, minor: i64) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let unit = 10_u64.pow(self.decimals);
        let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
        match usize::try_from(self.decimals) {
            Ok(width) if width > 0 => format!("{sign}{whole}.{rest:0width$}"),
            _ => format!("{sign}{whole}"),
        }
    }
}

/// A part of an amount in ten-thousandths, rounded half away from zero.
pub(crate) fn share(minor: i64, ten_thousandths: i64) -> i64 {
    let product = minor * ten_thousandths;
    (product + product.signum() * 5_000) / 10_000
}

/// A rate in ten-thousandths as Amazon writes it: `0.19`.
pub(crate) fn rate_text(ten_thousandths: i64) -> String {
    let text = format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000);
    let short = text.trim_end_matches('0');
    let decimals = short.len() - short.find('.').map_or(0, |dot| dot + 1);
    if decimals < 2 { format!("{short}{}", "0".repeat(2 - decimals)) } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let (eur, jpy) = (Currency { code: "EUR", decimals: 2 }, Currency { code: "JPY", decimals: 0 });
        assert_eq!(
            (eur.text(-5), eur.text(123_450), jpy.text(1_980)),
            ("-0.05".into(), "1234.50".into(), "1980".into())
        );
    }

    #[test]
    fn shares_are_rounded_half_away_from_zero() {
        assert_eq!((share(50, 100), share(-50, 100), share(49, 100)), (1, -1, 0));
        assert_eq!((rate_text(1_900), rate_text(825), rate_text(0)), ("0.19".into(), "0.0825".into(), "0.00".into()));
    }
}
