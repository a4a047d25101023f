//! From a cell's text to the value that JSON would have.

use super::columns::Kind;
use super::error::CsvProblem;
use crate::Node;

/// The value of a cell that is not empty. What is no number or date stays as it is: the check says what is wrong.
pub(super) fn value(text: &str, kind: Kind, decimal_comma: bool) -> Result<Node, CsvProblem> {
    match kind {
        Kind::Text | Kind::Currency | Kind::Sequence if is_shortened(text) => {
            Err(CsvProblem::Shortened(text.chars().take(40).collect()))
        }
        Kind::Whole => Ok(whole(text)),
        Kind::Decimal | Kind::Amount if decimal_comma => with_point(text).map(Node::Text),
        Kind::Date => Ok(Node::Text(date(text))),
        Kind::Text | Kind::Currency | Kind::Sequence | Kind::Decimal | Kind::Amount => Ok(Node::text(text)),
    }
}

/// A JSON number if it is one, otherwise the text.
fn whole(text: &str) -> Node {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_json = is_number && (digits == "0" || !digits.starts_with('0'));
    if is_json { Node::Number(text.to_owned()) } else { Node::text(text) }
}

/// A number with its decimal comma as a point. A point is the decimal sign only where it cannot separate thousands.
fn with_point(text: &str) -> Result<String, CsvProblem> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match (digits.contains(','), digits.contains('.')) {
        (true, true) => Err(CsvProblem::Ambiguous(text.to_owned())),
        (true, false) => Ok(text.replacen(',', ".", 1)),
        (false, true) if may_be_thousands(digits) => Err(CsvProblem::Ambiguous(text.to_owned())),
        (false, _) => Ok(text.to_owned()),
    }
}

/// `1.234` and `12.345.678`, but not `0.125` or `12.50`.
fn may_be_thousands(digits: &str) -> bool {
    let mut groups = digits.split('.');
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && !first.starts_with('0') && groups.all(|group| group.len() == 3)
}

/// `8.9E+12`: a spreadsheet shows long numbers so, and saves what it shows.
fn is_shortened(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once("E+").or_else(|| text.split_once("e+")) else { return false };
    let number =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || b".,".contains(&byte));
    number(digits) && number(exponent)
}

/// A day alone is its midnight in UTC; `20.11.2026` is how spreadsheets write days where commas are decimal.
fn date(text: &str) -> String {
    let numbers: Vec<&str> = text.split(['-', '.']).collect();
    let all = |lengths: [&[usize]; 3]| {
        numbers.len() == 3
            && numbers.iter().zip(lengths).all(|(number, lengths)| {
                lengths.contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    match numbers.as_slice() {
        [year, month, day] if text.contains('-') && all([&[4], &[2], &[2]]) => {
            format!("{year}-{month}-{day}T00:00:00Z")
        }
        [day, month, year] if text.contains('.') && all([&[1, 2], &[1, 2], &[4]]) => {
            format!("{year}-{month:0>2}-{day:0>2}T00:00:00Z")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_what_json_would_have() {
        for (text, kind, comma, expected) in [
            ("12", Kind::Whole, false, Node::Number("12".into())),
            ("12.5", Kind::Whole, false, Node::text("12.5")),
            ("007", Kind::Whole, false, Node::text("007")),
            ("-3", Kind::Whole, false, Node::Number("-3".into())),
            ("12,50", Kind::Amount, true, Node::text("12.50")),
            ("-12,50", Kind::Amount, true, Node::text("-12.50")),
            ("12,50", Kind::Amount, false, Node::text("12,50")),
            ("1.234", Kind::Amount, false, Node::text("1.234")),
            ("12.50", Kind::Amount, true, Node::text("12.50")),
            ("0.125", Kind::Decimal, true, Node::text("0.125")),
            ("1234.125", Kind::Decimal, true, Node::text("1234.125")),
            ("2026-11-20", Kind::Date, false, Node::text("2026-11-20T00:00:00Z")),
            ("3.1.2026", Kind::Date, true, Node::text("2026-01-03T00:00:00Z")),
            ("2026-11-20T08:00:00Z", Kind::Date, false, Node::text("2026-11-20T08:00:00Z")),
            ("11/20/2026", Kind::Date, false, Node::text("11/20/2026")),
            ("8900000001234", Kind::Text, false, Node::text("8900000001234")),
        ] {
            assert_eq!(value(text, kind, comma).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_may_be_a_thousand_is_refused_where_the_comma_is_decimal() {
        for text in ["1.234", "-1.234", "12.345.678", "1.234,50"] {
            assert!(value(text, Kind::Amount, true).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_that_a_spreadsheet_has_shortened_is_refused() {
        for text in ["8.9E+12", "8,9E+12", "5E+10"] {
            assert!(value(text, Kind::Text, true).is_err(), "{text}");
        }
        assert!(value("RE+1", Kind::Text, true).is_ok());
    }
}
