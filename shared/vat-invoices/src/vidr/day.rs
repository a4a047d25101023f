//! The notations of days.

use jiff::civil::Date;

/// What an error says was expected.
pub(super) const A_DAY: &str =
    "a day such as 17/05/2026 (the day first), 2026-05-17, 2026-05-17T09:30:00+02:00, 17.05.2026 or 17-May-2026";

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads a day: `17/05/2026` as Amazon's description has it, the day first; ISO 8601 with or without a time, of which
/// the day stands as it is written, in its own offset; `17.05.2026`; `17-May-2026`, also with ` UTC` after it.
pub(super) fn parse(text: &str) -> Option<Date> {
    let day = text.split(['T', ' ']).next()?;
    let rest = text.get(day.len()..)?;
    if !is_time(rest) {
        return None;
    }
    let separator = day.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = day.split(separator);
    let (first, middle, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, day) = match separator {
        '-' | '/' if first.len() == 4 => (first, last),
        '/' | '.' | '-' if last.len() == 4 => (last, first),
        _ => return None,
    };
    let month = match separator {
        '-' if last.len() == 4 => named_month(middle)?,
        _ => number(middle, 2)?,
    };
    // Amazon did not exist before.
    let year = number(year, 4).filter(|year| *year >= 1994)?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(number(day, 2)?).ok()?).ok()
}

fn named_month(name: &str) -> Option<i16> {
    let place = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    i16::try_from(place + 1).ok()
}

fn number(digits: &str, most: usize) -> Option<i16> {
    let plain = !digits.is_empty() && digits.len() <= most && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// What may follow a day: a time, a zone, or nothing; the day is right whatever it says.
fn is_time(rest: &str) -> bool {
    rest.len() <= 40 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" :.+-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_is_the_same_day() {
        for text in [
            "17/05/2026",
            "2026-05-17",
            "2026/05/17",
            "2026-05-17T23:30:00Z",
            "2026-05-17T00:30:00+02:00",
            "2026-05-17 23:30:00 UTC",
            "17.05.2026",
            "17-May-2026 UTC",
            "17-MAY-2026",
        ] {
            assert_eq!(parse(text), Some(jiff::civil::date(2026, 5, 17)), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_no_day() {
        for text in [
            "",
            "17",
            "05/17/2026",
            "17/05/26",
            "30/02/2026",
            "2026-13-01",
            "0026-05-17",
            "17-Foo-2026",
            "17/05/2026/1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
