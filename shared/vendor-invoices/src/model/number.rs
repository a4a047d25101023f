//! Numbers: exact decimals and integers.

use rust_decimal::Decimal;
use serde_json::Value;

use super::{Style, Wire};
use crate::form::Form;
use crate::node::Node;
use crate::note::shown;
use crate::rule::{Notice, Rule};

/// Below this is every amount, so that no product or sum of an invoice leaves a decimal's 28 digits.
const MAX_AMOUNT: Decimal = Decimal::from_parts(0xd4a5_1000, 0xe8, 0, false, 0);

/// The most decimals of an amount, rate or weight.
const MAX_DECIMALS: u32 = 6;

/// Below this is every integer.
const MAX_INTEGER: i64 = 1_000_000_000;

const A_DECIMAL: &str = "a decimal such as 12.34: a point, no thousands separator, no other sign";

impl Wire for Decimal {
    const EXPECTED: &'static str = "a decimal such as 12.34";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        let text = match node {
            Node::Text(text) => text,
            Node::Number(digits) => {
                form.warning(Notice::AmountAsNumber, format!("the number {digits} is sent as text"));
                digits
            }
            Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_) => {
                form.wrong_type("a decimal as text", node);
                return None;
            }
        };
        let parsed = parse(text);
        match parsed {
            Ok(value) => return Some(value),
            Err(Fault::Form) => form.violation(Rule::DecimalFormat, A_DECIMAL, shown(text)),
            Err(Fault::Range) => {
                let expected = "less than 1,000,000,000,000, with at most 6 decimals";
                form.violation(Rule::DecimalRange, expected, shown(text));
            }
        }
        None
    }

    fn write(&self, style: Style) -> Value {
        Value::from(if style.canonical { self.normalize().to_string() } else { self.to_string() })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Fault {
    Form,
    Range,
}

/// Reads a decimal of Amazon's pattern `^-?(0|([1-9]\d*))(\.\d+)?([eE][+-]?\d+)?$`, exactly or not at all.
fn parse(text: &str) -> Result<Decimal, Fault> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = whole == "0" || !whole.starts_with('0');
    let exponent_digits = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    if !(digits(whole) && canonical && fraction.is_none_or(digits) && exponent_digits.is_none_or(digits)) {
        return Err(Fault::Form);
    }
    let value = Decimal::from_str_exact(mantissa).map_err(|_too_long| Fault::Range)?;
    let value = match exponent {
        Some(exponent) => shifted(value, exponent.parse().map_err(|_too_long| Fault::Range)?)?,
        None => value,
    };
    let fits = value.abs() < MAX_AMOUNT && value.normalize().scale() <= MAX_DECIMALS;
    if fits { Ok(value) } else { Err(Fault::Range) }
}

/// The value times ten to the power of `exponent`.
fn shifted(value: Decimal, exponent: i64) -> Result<Decimal, Fault> {
    let scale = i64::from(value.scale()).checked_sub(exponent).ok_or(Fault::Range)?;
    let zeros = u32::try_from(scale.min(0).unsigned_abs()).map_err(|_too_large| Fault::Range)?;
    let power = 10_i128.checked_pow(zeros).ok_or(Fault::Range)?;
    let units = value.mantissa().checked_mul(power).ok_or(Fault::Range)?;
    let scale = u32::try_from(scale.max(0)).map_err(|_too_small| Fault::Range)?;
    Decimal::try_from_i128_with_scale(units, scale).map_err(|_too_long| Fault::Range)
}

impl Wire for i64 {
    const EXPECTED: &'static str = "an integer";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        let (text, as_text) = match node {
            Node::Number(digits) => (digits.as_str(), false),
            Node::Text(text) => (text.as_str(), true),
            Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_) => {
                form.wrong_type("an integer", node);
                return None;
            }
        };
        let value = parse(text).ok().and_then(whole).filter(|value| value.abs() < MAX_INTEGER);
        match value {
            Some(value) if as_text => {
                form.warning(Notice::NumberAsText, format!("the text \"{value}\" is sent as the number {value}"));
            }
            Some(_) => {}
            None => form.violation(Rule::IntegerFormat, "a whole number below 1,000,000,000", shown(text)),
        }
        value
    }

    fn write(&self, _style: Style) -> Value {
        Value::from(*self)
    }
}

/// A decimal without a fraction as an integer.
pub(super) fn whole(value: Decimal) -> Option<i64> {
    if !value.fract().is_zero() {
        return None;
    }
    i64::try_from(value.trunc().mantissa()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_of_amazons_pattern_are_read_exactly_and_keep_their_zeros() {
        for (text, value) in [
            ("0", "0"),
            ("97.5", "97.5"),
            ("100.00", "100.00"),
            ("-0.05", "-0.05"),
            ("1e3", "1000"),
            ("1.5E+2", "150"),
            ("125e-2", "1.25"),
            ("999999999999.999999", "999999999999.999999"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), value, "{text}");
        }
    }

    #[test]
    fn whatever_else_is_no_decimal() {
        for text in ["", "-", "+1", "01", ".5", "5.", "1,5", "1 000", "1e", "e5", "string", "1.2.3", "NaN", "0x1", "١"]
        {
            assert_eq!(parse(text), Err(Fault::Form), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_held_exactly_is_refused_and_never_rounded() {
        for text in [
            "1000000000000",
            "0.0000001",
            "1e400",
            "1e-400",
            "1e99999999999999999999",
            "0.10000000000000000000000000000000001",
        ] {
            assert_eq!(parse(text), Err(Fault::Range), "{text}");
        }
    }

    #[test]
    fn an_integer_may_be_written_with_zeros_after_the_point() {
        assert_eq!(parse("2.0").ok().and_then(whole), Some(2));
        assert_eq!(parse("2.5").ok().and_then(whole), None);
    }
}
