//! Days as a person gives them.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// A day (UTC), `2026-11-22`, or a month, `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    first: Date,
    is_month: bool,
}

/// A text that is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a day such as 2026-11-22 is expected, or a month such as 2026-11")]
pub(crate) struct NoDay;

impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        let is_month = text.len() == "2026-11".len();
        let day = if is_month { format!("{text}-01") } else { text.to_owned() };
        Date::strptime("%Y-%m-%d", &day).map(|first| Self { first, is_month }).map_err(|_unreadable| NoDay)
    }
}

impl Day {
    /// Its first moment.
    pub(crate) fn start(self) -> Timestamp {
        moment(self.first)
    }

    /// The moment after its last.
    pub(crate) fn end(self) -> Timestamp {
        let next = if self.is_month { self.first.checked_add(1.month()) } else { self.first.checked_add(1.day()) };
        next.map_or(Timestamp::MAX, moment)
    }
}

fn moment(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> (String, String) {
        let day: Day = text.parse().unwrap();
        (day.start().to_string(), day.end().to_string())
    }

    #[test]
    fn a_day_is_a_day_and_a_month_a_month() {
        let expected = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(span("2026-02-28"), expected("2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z"));
        assert_eq!(span("2026-12"), expected("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"));
        for text in ["", "2026", "2026-13", "2026-02-30", "22.11.2026", "yesterday"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }
}
