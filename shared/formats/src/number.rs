//! Amounts as Amazon writes them: a sign, digits, a point or a comma, at most three decimals; nothing else.

use rust_decimal::Decimal;

use crate::error::{ErrorKind, Fault};

/// What an error says was expected.
const AN_AMOUNT: &str = "an amount such as 12.34 or 12,34";

/// More digits than any amount has; all of them fit in 64 bits.
const MAX_DIGITS: usize = 18;

/// The decimal separator of one file: decided by the first amount that has one, then the only one allowed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Decimals {
    separator: Option<u8>,
    /// The currency's smallest unit has three decimals, so that `1,234` is no thousand.
    three_decimals_are_usual: bool,
}

impl Decimals {
    /// For amounts in a currency with so many decimals.
    pub fn new(minor_digits: u32) -> Self {
        Self { separator: None, three_decimals_are_usual: minor_digits >= 3 }
    }

    /// Reads an amount of `column`; the text is trimmed.
    #[inline]
    pub fn parse(&mut self, column: &str, text: &[u8]) -> Result<Decimal, Fault> {
        let Some(number) = Number::parse(text) else {
            return Err(Fault::bytes(ErrorKind::BadAmount, column, text, AN_AMOUNT));
        };
        if number.separator != self.separator && number.separator.is_some() {
            self.meet(&number).map_err(|(kind, expected)| Fault::bytes(kind, column, text, expected))?;
        }
        Ok(Decimal::new(number.units, number.decimals))
    }

    /// A separator that is not the file's: the first one, or a mixture.
    #[cold]
    fn meet(&mut self, number: &Number) -> Result<(), (ErrorKind, &'static str)> {
        match self.separator {
            Some(b',') => Err((ErrorKind::MixedDecimals, "a decimal comma, as in the amounts before")),
            Some(_) => Err((ErrorKind::MixedDecimals, "a decimal point, as in the amounts before")),
            None if number.decimals == 3 && !self.three_decimals_are_usual => {
                Err((ErrorKind::BadAmount, "one or two decimals here: this may be a thousand or a fraction"))
            }
            None => {
                self.separator = number.separator;
                Ok(())
            }
        }
    }
}

struct Number {
    units: i64,
    decimals: u32,
    separator: Option<u8>,
}

impl Number {
    #[inline]
    fn parse(text: &[u8]) -> Option<Self> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        // The separator counts as one more sign.
        if digits.len() > MAX_DIGITS {
            return None;
        }
        let mut units: i64 = 0;
        let mut separator = None;
        let mut before: u32 = 0;
        let mut decimals: u32 = 0;
        for &byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                // Cannot overflow: at most 18 digits.
                units = units.wrapping_mul(10).wrapping_add(i64::from(digit));
                if separator.is_some() { decimals = decimals.wrapping_add(1) } else { before = before.wrapping_add(1) }
            } else if (byte == b'.' || byte == b',') && separator.is_none() {
                separator = Some(byte);
            } else {
                return None;
            }
        }
        let complete = before > 0 && (separator.is_none() == (decimals == 0)) && decimals <= 3;
        complete.then_some(Self { units: if negative { units.wrapping_neg() } else { units }, decimals, separator })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str]) -> Result<Vec<String>, ErrorKind> {
        let mut decimals = Decimals::new(2);
        texts
            .iter()
            .map(|text| decimals.parse("amount", text.as_bytes()).map(|amount| amount.to_string()))
            .collect::<Result<_, _>>()
            .map_err(|fault| fault.at("r", 1).kind())
    }

    #[test]
    fn points_or_commas_are_read_exactly() {
        assert_eq!(
            parse(&["12.34", "-0.05", "+7.5", "0.00", "12345.00"]).unwrap(),
            ["12.34", "-0.05", "7.5", "0.00", "12345.00"]
        );
        assert_eq!(parse(&["53,44", "-32,40", "100"]).unwrap(), ["53.44", "-32.40", "100"]);
    }

    #[test]
    fn a_mixture_of_points_and_commas_is_refused() {
        assert_eq!(parse(&["12.34", "12,34"]), Err(ErrorKind::MixedDecimals));
        assert_eq!(parse(&["100", "12,34", "5", "1.5"]), Err(ErrorKind::MixedDecimals));
    }

    #[test]
    fn an_amount_without_a_separator_decides_nothing() {
        assert_eq!(parse(&["100", "-3", "12,34"]).unwrap(), ["100", "-3", "12.34"]);
    }

    #[test]
    fn whatever_else_is_no_amount() {
        for text in [
            "",
            "-",
            "+",
            ".",
            ",",
            "1.",
            ".5",
            "1.234,56",
            "1,234.56",
            "1 234",
            "12,3x",
            "1e5",
            "--1",
            "1.2345",
            "NaN",
            "1234567890123456789",
            "\u{a0}1",
            "(1.00)",
            "1-",
            "０",
        ] {
            assert_eq!(parse(&[text]), Err(ErrorKind::BadAmount), "{text}");
        }
    }

    #[test]
    fn three_decimals_do_not_decide_because_they_may_be_a_thousand() {
        assert_eq!(parse(&["1,234"]), Err(ErrorKind::BadAmount));
        assert_eq!(parse(&["1.234"]), Err(ErrorKind::BadAmount));
        assert_eq!(parse(&["0,5", "1,234"]).unwrap(), ["0.5", "1.234"]);
        assert_eq!(Decimals::new(3).parse("amount", b"1.234").unwrap().to_string(), "1.234");
    }
}
