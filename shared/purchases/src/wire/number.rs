//! Decimal numbers, exactly as written.

use rust_decimal::Decimal;

/// The number that a text states, exactly: with a sign, with an exponent (JSON allows one), but without grouping,
/// and never rounded. `None` where the text is no number or has more digits than a decimal holds (28).
pub(crate) fn exact(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else { return plain(text) };
    let exponent: i32 = exponent.parse().ok()?;
    let number = plain(digits)?;
    if number.is_zero() {
        return Some(Decimal::ZERO);
    }
    let scale = i64::from(number.scale()).checked_sub(exponent.into())?;
    match u32::try_from(scale) {
        Ok(scale) => Decimal::try_from_i128_with_scale(number.mantissa(), scale).ok(),
        Err(_negative) => {
            let power = 10_i128.checked_pow(u32::try_from(scale.checked_neg()?).ok()?)?;
            Decimal::try_from_i128_with_scale(number.mantissa().checked_mul(power)?, 0).ok()
        }
    }
}

fn plain(text: &str) -> Option<Decimal> {
    // The decimal library takes `1_000` and a trailing point for numbers; Amazon's model knows neither.
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let has_edges = digits.starts_with(|sign: char| sign.is_ascii_digit()) && !digits.ends_with('.');
    if is_plain && has_edges { Decimal::from_str_exact(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_digit_for_digit() {
        for text in ["0.1", "-2.99", "1751.0", "79228162514264337593543950335", "0.0000000000000000000000000001"] {
            assert_eq!(exact(text).unwrap().to_string(), text);
        }
        assert_eq!(exact(" +5.90 ").unwrap().to_string(), "5.90");
    }

    #[test]
    fn an_exponent_moves_the_point_and_nothing_else() {
        for (text, expected) in
            [("1e2", "100"), ("1.25E+1", "12.5"), ("5e-3", "0.005"), ("0e9", "0"), ("-1.5e0", "-1.5")]
        {
            assert_eq!(exact(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_would_have_to_be_rounded_or_guessed_is_no_number() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1,5",
            "1_000",
            "1 000",
            "0x1",
            "NaN",
            "1e",
            "1e99",
            "1e-99",
            "1e999999999999",
            "0.00000000000000000000000000001",
            "792281625142643375935439503360",
        ] {
            assert_eq!(exact(text), None, "{text}");
        }
    }
}
