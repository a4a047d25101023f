//! Which windows cover a span, as Amazon takes them. Pure.

use countinghouse_domain::job::{Window, windows_between};
use countinghouse_store::Seller;
use create_reports::vat_marketplaces;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{BackfillError, Flow};
use crate::desk::day;

/// Amazon lists reports of 90 days; a day is left as a margin. Source: "Reports API v2021-06-30 reference", getReports.
const LISTED: SignedDuration = SignedDuration::from_hours(24 * 89);

/// What is to be fetched: whole days that are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    /// The moment after the last.
    pub(super) to: Timestamp,
}

impl Span {
    /// From a moment to another, or to the last midnight.
    pub(super) fn of(from: Timestamp, to: Option<Timestamp>, now: Timestamp) -> Result<Self, BackfillError> {
        let to = to.unwrap_or(now).min(midnight(now));
        if from < to { Ok(Self { from, to }) } else { Err(BackfillError::EmptySpan { from: day(from), to: day(to) }) }
    }

    /// What of it Amazon still lists: what it has made by itself. Where the span reaches to the last midnight, what was made
    /// today counts too.
    pub(super) fn listed(self, now: Timestamp) -> Option<Window> {
        let earliest = now.saturating_sub(LISTED).unwrap_or(Timestamp::MIN);
        let to = if self.to == midnight(now) { now } else { self.to };
        (to > earliest).then(|| Window { from: self.from.max(earliest), to })
    }

    /// The windows of a report that is asked for.
    pub(super) fn windows(self) -> Vec<Window> {
        windows_between(self.from, self.to)
    }
}

/// The last midnight (UTC).
fn midnight(now: Timestamp) -> Timestamp {
    now.to_zoned(TimeZone::UTC).start_of_day().map_or(now, |midnight| midnight.timestamp())
}

/// What can be fetched for an account, of what is wanted.
pub(super) fn flows(account: &Seller, wanted: &[Flow]) -> Vec<Flow> {
    let has_vat = !vat_marketplaces(account).is_empty();
    let connected = [
        (Flow::Vat, account.flows.vat && has_vat),
        (Flow::Settlements, account.flows.settlements),
        (Flow::Purchases, account.flows.purchases),
        (Flow::Invoicing, account.flows.invoicing && has_vat),
    ];
    connected
        .into_iter()
        .filter(|(flow, is_connected)| *is_connected && (wanted.is_empty() || wanted.contains(flow)))
        .map(|(flow, _)| flow)
        .collect()
}

/// Days that follow each other, as spans: what is missing of a longer time.
pub(super) fn together(mut days: Vec<Window>) -> Vec<Window> {
    days.sort_unstable();
    let mut spans: Vec<Window> = Vec::new();
    for next in days {
        match spans.last_mut().filter(|last| last.to == next.from) {
            Some(last) => last.to = next.to,
            None => spans.push(next),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::marketplace::Region;
    use countinghouse_store::Flows;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window(from: &str, to: &str) -> Window {
        Window { from: at(from), to: at(to) }
    }

    #[test]
    fn a_span_ends_at_the_last_midnight_so_that_the_same_command_has_the_same_windows_all_day() {
        let from = at("2026-08-24T00:00:00Z");
        for now in ["2026-11-22T00:00:01Z", "2026-11-22T23:59:59Z"] {
            for to in [None, Some(at("2026-12-01T00:00:00Z"))] {
                let span = Span::of(from, to, at(now)).unwrap();
                assert_eq!(span.to, at("2026-11-22T00:00:00Z"));
                assert_eq!(span.windows().len(), 3);
                assert!(span.windows().iter().all(|window| window.length() <= SignedDuration::from_hours(24 * 30)));
            }
        }
        let today = at("2026-11-22T00:00:00Z");
        let error = Span::of(today, None, at("2026-11-22T12:00:00Z")).unwrap_err().to_string();
        assert!(error.contains("between 2026-11-22 and 2026-11-22"), "{error}");
    }

    #[test]
    fn amazon_lists_what_is_younger_than_ninety_days() {
        let now = at("2026-11-22T12:00:00Z");
        let span = Span::of(at("2026-01-01T00:00:00Z"), None, now).unwrap();
        assert_eq!(span.listed(now), Some(window("2026-08-25T12:00:00Z", "2026-11-22T12:00:00Z")));
        let until = Span::of(at("2026-09-01T00:00:00Z"), Some(at("2026-10-01T00:00:00Z")), now).unwrap();
        assert_eq!(until.listed(now), Some(window("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z")));
        let old = Span { from: at("2025-01-01T00:00:00Z"), to: at("2025-06-01T00:00:00Z") };
        assert_eq!(old.listed(now), None);
    }

    #[test]
    fn only_what_an_account_is_connected_for_is_fetched() {
        let mut account = Seller {
            seller_id: "A1".parse().unwrap(),
            name: "Example".to_owned(),
            region: Region::Eu,
            marketplace_ids: vec!["A1PA6795UKMFR9".parse().unwrap()],
            secret_name: "countinghouse/A1".to_owned(),
            connected_at: at("2026-11-01T00:00:00Z"),
            flows: Flows { vat: true, settlements: true, invoicing: true, ..Flows::default() },
        };
        assert_eq!(flows(&account, &[]), [Flow::Vat, Flow::Settlements, Flow::Invoicing]);
        assert_eq!(flows(&account, &[Flow::Settlements, Flow::Purchases]), [Flow::Settlements]);
        // In America there is no VAT.
        account.marketplace_ids = vec!["ATVPDKIKX0DER".parse().unwrap()];
        assert_eq!(flows(&account, &[]), [Flow::Settlements]);
    }

    #[test]
    fn days_that_follow_each_other_are_one_span() {
        let days = [
            window("2026-08-03T00:00:00Z", "2026-08-04T00:00:00Z"),
            window("2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z"),
            window("2026-08-02T00:00:00Z", "2026-08-03T00:00:00Z"),
            window("2026-08-09T00:00:00Z", "2026-08-10T00:00:00Z"),
        ];
        let expected = [
            window("2026-08-01T00:00:00Z", "2026-08-04T00:00:00Z"),
            window("2026-08-09T00:00:00Z", "2026-08-10T00:00:00Z"),
        ];
        assert_eq!(together(days.to_vec()), expected);
    }
}
