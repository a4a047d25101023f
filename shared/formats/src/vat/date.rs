//! The date notations of the VAT report.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

/// What an error says was expected.
pub(crate) const A_DATE: &str = "a date such as 28-Aug-2026 UTC, 28-Aug-2026 or 2026-08-28";

/// Reads a day: `28-Aug-2026 UTC`, the same without the zone, or ISO 8601, of which a time is turned into UTC.
pub(crate) fn parse(text: &[u8]) -> Option<Date> {
    let plain = text.strip_suffix(b" UTC").unwrap_or(text);
    match *plain {
        [d1, d2, b'-', m1, m2, m3, b'-', y1, y2, y3, y4] => day(&[y1, y2, y3, y4], month([m1, m2, m3])?, &[d1, d2]),
        [d, b'-', m1, m2, m3, b'-', y1, y2, y3, y4] => day(&[y1, y2, y3, y4], month([m1, m2, m3])?, &[d]),
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => {
            day(&[y1, y2, y3, y4], i8::try_from(number(&[m1, m2])?).ok()?, &[d1, d2])
        }
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T', ..] => {
            let moment: Timestamp = std::str::from_utf8(text).ok()?.parse().ok()?;
            Some(moment.to_zoned(TimeZone::UTC).date())
        }
        _ => None,
    }
}

fn day(year: &[u8], month: i8, day: &[u8]) -> Option<Date> {
    let (year, day) = (number(year)?, i8::try_from(number(day)?).ok()?);
    // Amazon did not exist before.
    Date::new(year, month, day).ok().filter(|_| year >= 1994)
}

fn month(name: [u8; 3]) -> Option<i8> {
    const NAMES: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let place = NAMES.iter().position(|each| each.eq_ignore_ascii_case(&name))?;
    i8::try_from(place + 1).ok()
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| sum.wrapping_mul(10).wrapping_add(i16::from(digit)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_is_the_same_day() {
        for text in [
            "28-Aug-2026 UTC",
            "28-Aug-2026",
            "28-AUG-2026",
            "2026-08-28",
            "2026-08-28 UTC",
            "2026-08-28T23:59:59Z",
            "2026-08-29T01:00:00+02:00",
        ] {
            assert_eq!(parse(text.as_bytes()), Some(jiff::civil::date(2026, 8, 28)), "{text}");
        }
        assert_eq!(parse(b"1-Mar-2024"), Some(jiff::civil::date(2024, 3, 1)));
    }

    #[test]
    fn whatever_else_is_no_day() {
        for text in [
            "",
            "28/08/2026",
            "08/28/2026",
            "28-Foo-2026",
            "30-Feb-2026",
            "2026-13-01",
            "28-Aug-26",
            "28 Aug 2026",
            "28-Aug-2026 CET",
            "28-Aug-0026 UTC",
            "2026-08-28T25:00:00Z",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
