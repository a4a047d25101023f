//! The items of the table of jobs.

use countinghouse_domain::ids::{ReportId, SellerId};
use countinghouse_domain::job::{JobState, Window};
use countinghouse_domain::report::{ReportType, RequestableReport};
use jiff::{SignedDuration, Timestamp};

use super::model::{Facts, Found, Job, Origin, Pending, RebookOutcome, Rebooked, WantedReport};
use crate::item::{Fields, ItemBuilder};
use crate::{Item, StoreError};

pub(super) const KEYS: (&str, &str) = ("seller", "job");

/// A report that is done should be in the bucket after this time; if not, its message is sent again.
const DOWNLOAD_TAKES_AT_MOST: SignedDuration = SignedDuration::from_hours(1);

/// The sort key of a report.
pub(super) fn report_key(report_id: &ReportId) -> String {
    format!("report {report_id}")
}

/// A window that is wanted.
pub(super) fn intent(wanted: &WantedReport, now: Timestamp) -> Item {
    let mut item = ItemBuilder::new();
    item.text("seller", wanted.seller.as_str())
        .text("job", wanted.key())
        .text("report_type", wanted.report.name())
        .text("state", JobState::Intended.name())
        .time("window_from", wanted.window.from)
        .time("window_to", wanted.window.to)
        .texts("marketplace_ids", &wanted.marketplaces)
        .time("intended_at", now)
        .time("updated_at", now);
    in_flight(&mut item, wanted.seller.as_str(), Some(now));
    item.take()
}

/// A window whose report failed, wanted once more; the failed report is remembered.
pub(super) fn intend_again(window: Item, failed: &ReportId, now: Timestamp) -> Item {
    let fields = Fields::of(&window, KEYS);
    let seller = fields.text("seller").unwrap_or_default().to_owned();
    let mut earlier: Vec<String> =
        fields.texts("failed_report_ids").unwrap_or_default().into_iter().map(str::to_owned).collect();
    earlier.push(failed.to_string());
    let mut item = ItemBuilder::edit(window);
    item.remove("report_id")
        .texts("failed_report_ids", earlier)
        .text("state", JobState::Intended.name())
        .time("intended_at", now)
        .time("updated_at", now);
    in_flight(&mut item, &seller, Some(now));
    item.take()
}

/// A window that was written down and never asked for, wanted once more.
pub(super) fn intend_once_more(window: Item, now: Timestamp) -> Item {
    ItemBuilder::edit(window).remove("not_asked").time("intended_at", now).time("updated_at", now).take()
}

/// A window that Amazon was surely not asked for.
pub(super) fn not_asked(window: Item) -> Item {
    ItemBuilder::edit(window).flag("not_asked", true).take()
}

/// A window that nobody needs any more, because another one covers it.
pub(super) fn retired(window: Item, covered_by: &str, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(window_in_state(window, JobState::Cancelled, now));
    item.text("reason", format!("never requested: covered by {covered_by}"));
    in_flight(&mut item, "", None);
    item.take()
}

/// A window that has its report.
pub(super) fn window_with_report(window: Item, report_id: &ReportId, state: JobState, now: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(window_in_state(window, state, now));
    item.text("report_id", report_id.as_str()).remove("not_asked");
    in_flight(&mut item, "", None);
    item.take()
}

/// A window whose report has moved on.
pub(super) fn window_in_state(window: Item, state: JobState, now: Timestamp) -> Item {
    ItemBuilder::edit(window).text("state", state.name()).time("updated_at", now).take()
}

/// A report that became known.
pub(super) fn found(seller: &SellerId, found: &Found, now: Timestamp) -> Item {
    let mut item = ItemBuilder::new();
    item.text("seller", seller.as_str())
        .text("job", report_key(&found.report_id))
        .text("report_id", found.report_id.as_str())
        .text("report_type", found.report_type.name())
        .text("origin", found.origin.name())
        .texts("marketplace_ids", &found.marketplaces)
        .time("recorded_at", now);
    if let Some(window) = found.window {
        item.time("window_from", window.from).time("window_to", window.to);
    }
    advanced(item.take(), found.state, &found.facts, now)
}

/// A report that was asked for a window: it points to it, and covers what was asked for.
pub(super) fn report_of_window(report: Item, wanted: &WantedReport) -> Item {
    ItemBuilder::edit(report)
        .text("window", wanted.key())
        .time("window_from", wanted.window.from)
        .time("window_to", wanted.window.to)
        .texts("marketplace_ids", &wanted.marketplaces)
        .take()
}

/// A report that has moved on. Each state leaves its time (`done_at`), so that a person sees where it waited.
pub(super) fn advanced(report: Item, next: JobState, facts: &Facts, now: Timestamp) -> Item {
    let seller = Fields::of(&report, KEYS).text("seller").unwrap_or_default().to_owned();
    let mut item = ItemBuilder::edit(report);
    item.text("state", next.name()).time("updated_at", now).time(&format!("{}_at", next.name()), now);
    // A reason belongs to the state that it explains.
    item.remove("reason");
    item.text_if("report_document_id", facts.document_id.as_ref())
        .text_if("reason", facts.reason.as_deref())
        .text_if("object_key", facts.object_key.as_deref())
        .text_if("sha256", facts.sha256.as_deref())
        .number_if("bytes", facts.bytes);
    if let Some(created_at) = facts.created_at {
        item.time("created_at", created_at);
    }
    if !facts.counts.is_empty() {
        let mut counts = ItemBuilder::new();
        for (name, count) in &facts.counts {
            counts.number(name, count);
        }
        item.map("counts", counts.take());
    }
    in_flight(&mut item, &seller, next_check(next, facts, now));
    item.take()
}

fn next_check(state: JobState, facts: &Facts, now: Timestamp) -> Option<Timestamp> {
    let usual = match state {
        JobState::Intended | JobState::Requested | JobState::Processing => now,
        JobState::Done => now.saturating_add(DOWNLOAD_TAKES_AT_MOST).unwrap_or(now),
        JobState::Downloaded | JobState::Booked | JobState::Cancelled | JobState::Fatal | JobState::Quarantined => {
            return None;
        }
    };
    Some(facts.next_check_at.unwrap_or(usual))
}

/// Puts an item into the index of what is in flight, or takes it out.
fn in_flight(item: &mut ItemBuilder, seller: &str, next_check_at: Option<Timestamp>) {
    match next_check_at {
        Some(at) => item.text("in_flight_seller", seller).time("next_check_at", at),
        None => item.remove("in_flight_seller").remove("next_check_at"),
    };
}

/// A report in flight that is to be looked at again at another time.
pub(super) fn looked_at_again(report: Item, seller: &SellerId, at: Timestamp) -> Item {
    let mut item = ItemBuilder::edit(report);
    in_flight(&mut item, seller.as_str(), Some(at));
    item.take()
}

pub(super) fn state(fields: &Fields<'_>) -> Result<JobState, StoreError> {
    JobState::from_name(fields.text("state")?).ok_or_else(|| fields.fault("state", "a state of a job"))
}

pub(super) fn read_window(fields: &Fields<'_>) -> Result<Window, StoreError> {
    Ok(Window { from: fields.time("window_from")?, to: fields.time("window_to")? })
}

pub(super) fn read_pending(fields: &Fields<'_>) -> Result<Pending, StoreError> {
    let report: ReportType = fields.parse("report_type", "a report type")?;
    let ReportType::Requestable(report) = report else {
        return Err(fields.fault("report_type", "a report that can be requested"));
    };
    let _: RequestableReport = report;
    let wanted = WantedReport {
        seller: fields.parse("seller", "a seller id")?,
        report,
        window: read_window(fields)?,
        marketplaces: fields.ids("marketplace_ids")?,
    };
    Ok(Pending { wanted, since: fields.time("intended_at")? })
}

pub(super) fn read_job(fields: &Fields<'_>) -> Result<Job, StoreError> {
    let origin = fields.text("origin")?;
    let window = match (fields.time_if("window_from")?, fields.time_if("window_to")?) {
        (Some(from), Some(to)) => Some(Window { from, to }),
        _ => None,
    };
    Ok(Job {
        seller: fields.parse("seller", "a seller id")?,
        report_id: fields.parse("report_id", "a report id")?,
        report_type: fields.parse("report_type", "a report type")?,
        state: state(fields)?,
        origin: Origin::ALL
            .into_iter()
            .find(|each| each.name() == origin)
            .ok_or_else(|| fields.fault("origin", "requested, adopted, notification, poll or imported"))?,
        window,
        marketplaces: fields.ids("marketplace_ids")?,
        window_key: fields.text_if("window")?.map(str::to_owned),
        facts: read_facts(fields)?,
        recorded_at: fields.time("recorded_at")?,
        updated_at: fields.time("updated_at")?,
        next_check_at: fields.time_if("next_check_at")?,
        rebooked: read_rebooked(fields)?,
    })
}

fn read_rebooked(fields: &Fields<'_>) -> Result<Option<Rebooked>, StoreError> {
    let Some(map) = fields.map("rebooked")? else { return Ok(None) };
    let inner = Fields::of(map, KEYS);
    let fault = || fields.fault("rebooked", "when a report was booked again, and what came of it");
    let text = |name: &str| inner.text(name).map(str::to_owned).map_err(|_other| fault());
    let outcome = text("outcome")?;
    Ok(Some(Rebooked {
        order: text("order")?,
        at: inner.time("done_at").map_err(|_other| fault())?,
        outcome: RebookOutcome::ALL.into_iter().find(|each| each.name() == outcome).ok_or_else(fault)?,
        program_version: text("program_version")?,
        rules: text("rules")?,
        reason: inner.text_if("reason").map_err(|_other| fault())?.map(str::to_owned),
    }))
}

/// A report that was booked again by order of a person; none where it never came into the bucket, or is at Amazon.
pub(super) fn rebooked(report: Item, rebooked: &Rebooked, facts: &Facts) -> Result<Option<Item>, StoreError> {
    let state = state(&Fields::of(&report, KEYS))?;
    let next = match rebooked.outcome {
        RebookOutcome::Booked => JobState::Booked,
        RebookOutcome::Quarantined => JobState::Quarantined,
        RebookOutcome::Refused => state,
    };
    if !matches!(state, JobState::Downloaded | JobState::Booked | JobState::Quarantined) {
        return Ok(None);
    }
    let mut noted = ItemBuilder::new();
    noted
        .text("order", rebooked.order.as_str())
        .time("done_at", rebooked.at)
        .text("outcome", rebooked.outcome.name())
        .text("program_version", rebooked.program_version.as_str())
        .text("rules", rebooked.rules.as_str())
        .text_if("reason", rebooked.reason.as_deref());
    // A refusal changes nothing else: the state keeps its reason and its time.
    let moved =
        if rebooked.outcome == RebookOutcome::Refused { report } else { advanced(report, next, facts, rebooked.at) };
    Ok(Some(ItemBuilder::edit(moved).map("rebooked", noted.take()).take()))
}

fn read_facts(fields: &Fields<'_>) -> Result<Facts, StoreError> {
    let text = |name| fields.text_if(name).map(|text| text.map(str::to_owned));
    Ok(Facts {
        document_id: fields.parse_if("report_document_id", "a report document id")?,
        reason: text("reason")?,
        object_key: text("object_key")?,
        sha256: text("sha256")?,
        bytes: fields.number_if("bytes")?,
        counts: fields.counts("counts")?,
        next_check_at: fields.time_if("next_check_at")?,
        created_at: fields.time_if("created_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plain;

    fn wanted() -> WantedReport {
        WantedReport {
            seller: "A3TH9S8BH6GOGM".parse().unwrap(),
            report: RequestableReport::ScVatTaxReport,
            window: Window {
                from: "2026-11-14T00:00:00Z".parse().unwrap(),
                to: "2026-11-22T00:00:00Z".parse().unwrap(),
            },
            marketplaces: vec!["A1PA6795UKMFR9".parse().unwrap(), "A13V1IB3VIYZZH".parse().unwrap()],
        }
    }

    fn now() -> Timestamp {
        "2026-11-22T04:00:00Z".parse().unwrap()
    }

    fn requested() -> Item {
        let new = found(&wanted().seller, &Found::wanted(&wanted(), "50011020300".parse().unwrap()), now());
        report_of_window(new, &wanted())
    }

    #[test]
    fn a_window_that_is_wanted_is_an_item_that_a_person_can_read() {
        insta::assert_json_snapshot!(plain(&intent(&wanted(), now())));
    }

    #[test]
    fn a_report_that_is_downloaded_is_an_item_that_a_person_can_read() {
        let facts = Facts {
            document_id: Some("amzn1.spdoc.1.4.eu.c1b".parse().unwrap()),
            object_key: Some("reports/A3TH9S8BH6GOGM/SC_VAT_TAX_REPORT/50011020300".to_owned()),
            sha256: Some("9f86d081".to_owned()),
            bytes: Some(24_600),
            ..Facts::default()
        };
        let done = advanced(requested(), JobState::Done, &Facts::default(), now());
        insta::assert_json_snapshot!(plain(&advanced(done, JobState::Downloaded, &facts, now())));
    }

    #[test]
    fn a_report_is_in_flight_until_its_document_is_in_the_bucket() {
        let in_flight = |item: &Item| item.contains_key("in_flight_seller");
        let done = advanced(requested(), JobState::Done, &Facts::default(), now());
        assert!(in_flight(&requested()) && in_flight(&done));
        let at = read_job(&Fields::of(&done, KEYS)).unwrap().next_check_at;
        assert_eq!(at, Some("2026-11-22T05:00:00Z".parse().unwrap()));
        for state in [JobState::Downloaded, JobState::Cancelled, JobState::Fatal] {
            assert!(!in_flight(&advanced(requested(), state, &Facts::default(), now())), "{state}");
        }
    }

    #[test]
    fn the_order_of_marketplaces_does_not_make_another_window() {
        let mut other = wanted();
        other.marketplaces.reverse();
        assert_eq!(other.key(), wanted().key());
    }

    #[test]
    fn a_reason_goes_when_the_state_that_it_explains_goes() {
        let why = Facts { reason: Some("line 7 has no amount".to_owned()), ..Facts::default() };
        let stuck = advanced(requested(), JobState::Quarantined, &why, now());
        let booked = advanced(stuck.clone(), JobState::Booked, &Facts::default(), now());
        let reason = |item: &Item| read_job(&Fields::of(item, KEYS)).unwrap().facts.reason;
        assert_eq!((reason(&stuck), reason(&booked)), (why.reason, None));
    }
}
