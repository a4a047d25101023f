//! Amounts of the VAT invoice data report, exact, and compared to two decimals.

/// Millionths of a unit, from a decimal number with a point or a comma.
pub(crate) fn parse(text: &str) -> Option<i128> {
    let text = text.trim();
    let text = if text.contains('.') { text.replace(',', "") } else { text.replace(',', ".") };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 18 || fraction.len() > 6 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let millionths: i128 = format!("{whole}{fraction:0<6}").parse().ok()?;
    Some(if negative { -millionths } else { millionths })
}

/// Hundredths, rounded half away from zero, without a sign: documents are positive.
pub(crate) fn cents(millionths: i128) -> i128 {
    (millionths.abs() + 5_000) / 10_000
}

/// Hundredths as a decimal number.
pub(crate) fn text(cents: i128) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_rounded_at_the_end() {
        assert_eq!(parse("120.00"), Some(120_000_000));
        assert_eq!(parse("-0,12"), Some(-120_000));
        assert_eq!(parse("1,234.5"), Some(1_234_500_000));
        assert_eq!((cents(-1_995_000), text(cents(1_995_000))), (200, "2.00".to_owned()));
        for bad in ["", "x", "1.2.3", "--1", "1.1234567"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
