//! The date notations of settlement reports. All are UTC or carry their offset.

use jiff::Timestamp;

use crate::error::{ErrorKind, Fault};

/// What an error says was expected.
const A_DATE: &str = "a date such as 2026-11-22T04:00:00+00:00, 2026-11-22 04:00:00 UTC, 22.11.2026 04:00:00 UTC or 2026/11/22 04:00:00 UTC, or such a date without a time";

/// What an error says where the day and the month cannot be told apart.
const NO_SLASHES: &str = "the year first or points between: here the day and the month cannot be told apart (a spreadsheet may have done that)";

const SECONDS_PER_DAY: i64 = 86_400;

/// Remembers the last date: rows of one order carry the same.
#[derive(Debug, Default)]
pub(crate) struct Dates {
    last_text: Vec<u8>,
    last: Option<Timestamp>,
}

impl Dates {
    /// Reads a date of `column`; the text is trimmed and not empty.
    #[inline]
    pub(crate) fn parse(&mut self, column: &str, text: &[u8]) -> Result<Timestamp, Fault> {
        if let Some(last) = self.last
            && self.last_text == text
        {
            return Ok(last);
        }
        let parsed = parse(text).ok_or_else(|| Fault::bytes(ErrorKind::BadDate, column, text, expected(text)))?;
        self.last_text.clear();
        self.last_text.extend_from_slice(text);
        self.last = Some(parsed);
        Ok(parsed)
    }
}

fn expected(text: &[u8]) -> &'static str {
    let year_first = text.iter().take_while(|byte| byte.is_ascii_digit()).count() == 4;
    if text.contains(&b'/') && !year_first { NO_SLASHES } else { A_DATE }
}

/// A date in one of the notations; a date without a time is its midnight.
fn parse(text: &[u8]) -> Option<Timestamp> {
    let (day, rest) = text.split_at_checked(10)?;
    let days = days_of(day)?;
    match rest {
        [] => seconds(days, 0),
        [b' ', time @ .., b' ', b'U', b'T', b'C'] => seconds(days, time_of(time)?),
        [b'T', time @ .., b'Z'] | [b'T', time @ .., b'+', b'0', b'0', b':', b'0', b'0'] if time.len() == 8 => {
            is_iso(day).then(|| seconds(days, time_of(time)?)).flatten()
        }
        // Another offset, or fractions of a second.
        [b'T', ..] if is_iso(day) => std::str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}

fn is_iso(day: &[u8]) -> bool {
    day.get(4) == Some(&b'-')
}

fn seconds(days: i64, second: i64) -> Option<Timestamp> {
    Timestamp::from_second(days.checked_mul(SECONDS_PER_DAY)?.checked_add(second)?).ok()
}

/// The days since 1970-01-01 of `yyyy-MM-dd`, `yyyy/MM/dd` or `dd.MM.yyyy`.
fn days_of(day: &[u8]) -> Option<i64> {
    match *day {
        [y1, y2, y3, y4, s @ (b'-' | b'/'), m1, m2, t, d1, d2] if s == t => {
            days_from_civil(number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?)
        }
        [d1, d2, b'.', m1, m2, b'.', y1, y2, y3, y4] => {
            days_from_civil(number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?)
        }
        _ => None,
    }
}

/// The second of the day of `HH:mm:ss`.
fn time_of(time: &[u8]) -> Option<i64> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *time else { return None };
    let (hours, minutes, seconds) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    let valid = hours < 24 && minutes < 60 && seconds < 60;
    valid.then(|| hours.wrapping_mul(3600).wrapping_add(minutes.wrapping_mul(60)).wrapping_add(seconds))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| sum.wrapping_mul(10).wrapping_add(i64::from(digit)))
    })
}

fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let date = jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let date = date.ok().filter(|_| year >= 1970)?;
    let span = date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1))).ok()?;
    Some(i64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        parse(text.as_bytes()).map_or_else(|| "none".to_owned(), |timestamp| timestamp.to_string())
    }

    #[test]
    fn every_notation_is_the_same_moment() {
        for text in [
            "2026-07-17T07:06:34+00:00",
            "2026-07-17T07:06:34Z",
            "2026-07-17T00:06:34-07:00",
            "2026-07-17 07:06:34 UTC",
            "17.07.2026 07:06:34 UTC",
            "2026/07/17 07:06:34 UTC",
        ] {
            assert_eq!(read(text), "2026-07-17T07:06:34Z", "{text}");
        }
    }

    #[test]
    fn a_date_without_a_time_is_its_midnight() {
        for text in ["2026-07-17", "17.07.2026", "2026/07/17"] {
            assert_eq!(read(text), "2026-07-17T00:00:00Z", "{text}");
        }
        assert_eq!(read("29.02.2024"), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn whatever_else_is_no_date() {
        for text in [
            "",
            "2026",
            "17.07.26",
            "2026-02-30",
            "29.02.2026",
            "2026-13-01",
            "2026-07-17 07:06:34",
            "2026-07-17 24:00:00 UTC",
            "2026-07/17",
            "17.07.2026T07:06:34Z",
            "07/17/2026",
            "17.07.2026 07:06:34 CET",
            "２０２６-07-17",
            "0000-01-01",
        ] {
            assert_eq!(read(text), "none", "{text}");
        }
    }

    #[test]
    fn dates_with_the_year_last_and_slashes_are_refused_with_the_reason() {
        for text in ["09/06/25", "07/17/2026 07:06:34 UTC", "9/6/25"] {
            let error = Dates::default().parse("posted-date", text.as_bytes()).unwrap_err().at("r", 2);
            assert!(error.to_string().contains("cannot be told apart"), "{error}");
        }
        assert!(
            !Dates::default().parse("posted-date", b"2026/17/17").unwrap_err().at("r", 2).to_string().contains("apart")
        );
    }

    #[test]
    fn the_last_date_is_remembered_and_never_mistaken() {
        let mut dates = Dates::default();
        let one = dates.parse("d", b"17.07.2026 07:06:34 UTC").unwrap();
        assert_eq!(dates.parse("d", b"17.07.2026 07:06:34 UTC").unwrap(), one);
        assert_ne!(dates.parse("d", b"17.07.2026 07:06:35 UTC").unwrap(), one);
        assert!(dates.parse("d", b"x").is_err());
        assert_eq!(dates.parse("d", b"17.07.2026 07:06:34 UTC").unwrap(), one);
    }
}
