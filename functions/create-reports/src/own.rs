//! Which VAT invoice data reports a seller's own invoices need, and when.

use countinghouse_domain::job::{Window, invoice_windows, windows_between};
use countinghouse_domain::report::{RequestableReport, VatInvoiceFormat};
use countinghouse_runtime::messages::CreateReports;
use jiff::Timestamp;

/// What a seller's own invoices are made from.
pub(crate) const REPORT: RequestableReport = RequestableReport::VatInvoices(VatInvoiceFormat::FlatFile);

/// The windows of the reports: those that are due, or all documents of the span that somebody named. Nothing is asked of
/// the future, which Amazon refuses.
pub(crate) fn windows(now: Timestamp, every_hours: u8, order: &CreateReports) -> Vec<Window> {
    match order.from {
        Some(from) => windows_between(from, order.to.unwrap_or(now).min(now)),
        None => invoice_windows(now, every_hours),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use countinghouse_domain::report::Asking;
    use countinghouse_runtime::messages::Version;
    use jiff::SignedDuration;

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    fn order(from: Option<&str>, to: Option<&str>) -> CreateReports {
        let time = |text: &str| text.parse().unwrap();
        CreateReports { version: Version, seller_id: None, from: from.map(time), to: to.map(time) }
    }

    /// The windows of every quarter of an hour of a day, each once.
    fn of_a_day(every_hours: u8) -> BTreeSet<(Timestamp, Timestamp)> {
        let quarters = (0..96).map(|quarter| {
            let now = at("22T00:00:00").checked_add(SignedDuration::from_mins(15 * quarter)).unwrap();
            windows(now, every_hours, &order(None, None))
        });
        quarters.flatten().map(|window| (window.from, window.to)).collect()
    }

    fn asked_as(all: bool) -> impl Fn(&&(Timestamp, Timestamp)) -> bool {
        move |(from, to)| match REPORT.asking(Window { from: *from, to: *to }) {
            Asking::Open => !all,
            Asking::Window(option) => all && option == Some(("ReportOption=All", "true")),
        }
    }

    #[test]
    fn what_is_pending_for_90_days_is_asked_for_in_every_slot_and_at_least_twice_a_day() {
        for (every_hours, times) in [(6, 4), (12, 2), (1, 24)] {
            let all = of_a_day(every_hours);
            let pending: Vec<_> = all.iter().filter(asked_as(false)).collect();
            assert_eq!(pending.len(), times, "every {every_hours} hours");
            assert!(pending.iter().all(|(from, to)| to.duration_since(*from) == SignedDuration::from_hours(90 * 24)));
        }
    }

    #[test]
    fn documents_of_every_status_are_asked_for_in_windows_of_30_days_back_to_90() {
        let all = of_a_day(6);
        let every_status: Vec<_> = all.iter().filter(asked_as(true)).collect();
        // Four of the last thirty days, and once each the two months before.
        assert_eq!(every_status.len(), 6);
        assert_eq!(every_status.len() + 4, all.len(), "nothing else is asked for");
        let thirty = SignedDuration::from_hours(30 * 24);
        assert!(every_status.iter().all(|(from, to)| to.duration_since(*from) == thirty));
        let first = every_status.iter().map(|(from, _)| *from).min().unwrap();
        assert!(first <= at("22T00:00:00").checked_sub(SignedDuration::from_hours(89 * 24)).unwrap(), "{first}");
    }

    #[test]
    fn a_backfill_is_cut_into_windows_of_30_days_with_all_documents_and_none_of_the_future() {
        let now = at("22T12:00:00");
        let span = order(Some("2026-01-01T00:00:00Z"), Some("2027-01-01T00:00:00Z"));
        let asked = windows(now, 6, &span);
        assert_eq!(
            (asked.first().unwrap().from, asked.last().unwrap().to),
            ("2026-01-01T00:00:00Z".parse().unwrap(), now)
        );
        assert!(asked.windows(2).all(|pair| pair[0].to == pair[1].from), "no hole: {asked:?}");
        let all = asked.iter().all(|each| REPORT.asking(*each) == Asking::Window(Some(("ReportOption=All", "true"))));
        assert!(all, "each 30 days at most: {asked:?}");
        assert!(windows(now, 6, &order(Some("2026-12-01T00:00:00Z"), None)).is_empty());
    }
}
