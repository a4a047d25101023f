//! The Reports API 2021-06-30: requests, states and lists of reports.

pub(crate) mod document;
pub(crate) mod schedules;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::account::Role;
use crate::clock::{amazon_time, plus_ms};
use crate::feeds::judge::COUNTRIES as VCS_COUNTRIES;
use crate::gate::{ApiCall, Query};
use crate::marketplaces;
use crate::reply::{Answer, Reply, put};
use crate::report::{End, NewReport, RETENTION_MS, Report, Status, is_settlement, is_vidr, wants_all};
use crate::scenario::VAT_REPORT;
use crate::seller::Seller;
use crate::world::{Page, World};

/// Amazon's numbers of the settlement types, as its refusals name them. The one of the XML type is not known.
const SETTLEMENT_NUMBERS: [(&str, u32); 3] = [
    ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", 1118),
    ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE", 1117),
    ("GET_V2_SETTLEMENT_REPORT_DATA_XML", 1116),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateReportBody {
    report_type: String,
    #[serde(default)]
    marketplace_ids: Vec<String>,
    data_start_time: Option<String>,
    data_end_time: Option<String>,
    #[serde(rename = "reportOptions")]
    options: Option<Map<String, Value>>,
}

/// createReport.
pub(crate) fn create(world: &mut World, call: &ApiCall) -> Answer {
    let body: CreateReportBody = call.json()?;
    let seller = seller(world, call)?;
    check_type(seller, &body.report_type)?;
    check_marketplaces(seller, &body.marketplace_ids)?;
    let data_start = body.data_start_time.as_deref().map(|text| past_time(text, call.now)).transpose()?;
    let data_end = body.data_end_time.as_deref().map(|text| past_time(text, call.now)).transpose()?;
    if data_start.zip(data_end).is_some_and(|(start, end)| end < start) {
        return Err(Reply::invalid_input("Provided endDate is before the startDate."));
    }
    if is_vidr(&body.report_type) {
        check_vidr(seller, &body.marketplace_ids, body.options.as_ref(), data_start.zip(data_end))?;
    }
    let wish = NewReport {
        report_type: body.report_type,
        marketplace_ids: body.marketplace_ids,
        data_start,
        data_end,
        schedule_number: None,
        options: body.options,
    };
    let number =
        world.request_report(call.seller_id(), wish, call.now).map_err(|_no_seller| Reply::internal_failure())?;
    world.tick(call.now);
    Ok(Reply::json(202, json!({"reportId": number.to_string()})))
}

pub(crate) fn seller<'w>(world: &'w mut World, call: &ApiCall) -> Result<&'w mut Seller, Reply> {
    world.seller(call.seller_id()).map_err(|_no_seller| Reply::unauthorized(""))
}

/// Refuses types that cannot be requested, or that the application has no role for.
fn check_type(seller: &Seller, report_type: &str) -> Result<(), Reply> {
    if let Some((_, number)) = SETTLEMENT_NUMBERS.iter().find(|(name, _)| *name == report_type) {
        let message = format!("Request for report type {number} is not allowed at this time");
        return Err(Reply::invalid_input(&message));
    }
    check_role(seller, report_type)?;
    let well_formed = ["GET_", "SC_"].iter().any(|prefix| report_type.starts_with(prefix))
        && report_type.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
        && !is_settlement(report_type);
    if well_formed { Ok(()) } else { Err(Reply::invalid_input("Provided reportType is not valid.")) }
}

/// Refuses types that the application has no role for.
fn check_role(seller: &Seller, report_type: &str) -> Result<(), Reply> {
    let has_role = if is_settlement(report_type) {
        seller.config.has(Role::FinanceAndAccounting)
    } else if report_type == VAT_REPORT {
        seller.config.has(Role::TaxRemittance) || seller.config.has(Role::TaxInvoicing)
    } else {
        !is_vidr(report_type) || seller.config.has(Role::TaxInvoicing)
    };
    let is_forbidden = seller.config.forbidden_report_types.iter().any(|forbidden| forbidden == report_type);
    if has_role && !is_forbidden { Ok(()) } else { Err(Reply::forbidden()) }
}

fn check_marketplaces(seller: &Seller, marketplace_ids: &[String]) -> Result<(), Reply> {
    let known = marketplace_ids.iter().all(|id| seller.config.marketplace_ids.contains(id));
    if known && (1..=25).contains(&marketplace_ids.len()) {
        return Ok(());
    }
    Err(Reply::invalid_input("Provided MarketplaceIdList is invalid."))
}

/// The VAT invoice data report: a role, marketplaces of the calculation service, and at most thirty days of all.
fn check_vidr(
    seller: &Seller,
    marketplace_ids: &[String],
    options: Option<&Map<String, Value>>,
    window: Option<(Timestamp, Timestamp)>,
) -> Result<(), Reply> {
    if !seller.config.has(Role::TaxInvoicing) {
        return Err(Reply::forbidden());
    }
    let invoiced = |id: &String| marketplaces::find(id).is_some_and(|known| VCS_COUNTRIES.contains(&known.country));
    if !marketplace_ids.iter().all(invoiced) {
        return Err(Reply::invalid_input("Provided MarketplaceIdList is invalid."));
    }
    let too_long = |(from, to): (Timestamp, Timestamp)| to.duration_since(from) > SignedDuration::from_hours(30 * 24);
    match (wants_all(options), window) {
        (true, None) => Err(Reply::invalid_input("Both startDate and endDate are required for ReportOptions All.")),
        (true, Some(window)) if too_long(window) => {
            Err(Reply::invalid_input("The maximum date range for ReportOptions All is 30 days."))
        }
        _ => Ok(()),
    }
}

fn past_time(text: &str, now: Timestamp) -> Result<Timestamp, Reply> {
    let time = parse_time(text)?;
    if time > now {
        return Err(Reply::invalid_input("The data start and end times must not be in the future."));
    }
    Ok(time)
}

/// A time in ISO 8601; without an offset it is UTC, and a date is its midnight.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, Reply> {
    let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let civil = || text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from));
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| civil().and_then(utc))
        .ok_or_else(|| Reply::invalid_input("Invalid date and time format; expected ISO 8601."))
}

/// getReport.
pub(crate) fn get(world: &mut World, call: &ApiCall) -> Answer {
    let seller = seller(world, call)?;
    let report = seller.visible_report(call.parameter(0), call.now);
    let report = report.ok_or_else(|| Reply::not_found("The report was not found."))?;
    Ok(Reply::json(200, to_json(report, call.now)))
}

/// A report as getReport and getReports show it.
pub(crate) fn to_json(report: &Report, now: Timestamp) -> Value {
    let status = report.status(now);
    let began = now >= report.started && status != Status::Cancelled || report.end.is_some();
    let fields = [
        ("reportId", Some(report.id())),
        ("reportType", Some(report.report_type.clone())),
        ("dataStartTime", report.data_start.map(amazon_time)),
        ("dataEndTime", report.data_end.map(amazon_time)),
        ("reportScheduleId", report.schedule_number.map(|number| number.to_string())),
        ("createdTime", Some(amazon_time(report.created))),
        ("processingStatus", Some(status.as_str().to_owned())),
        ("processingStartTime", began.then(|| amazon_time(report.started))),
        ("processingEndTime", report.end.as_ref().map(|_| amazon_time(report.finished))),
        ("reportDocumentId", report.end.as_ref().and_then(|end| end.document_id.clone())),
    ];
    let mut object: Map<String, Value> =
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect();
    object.insert("marketplaceIds".to_owned(), json!(report.marketplace_ids));
    Value::Object(object)
}

/// cancelReport.
pub(crate) fn cancel(world: &mut World, call: &ApiCall) -> Answer {
    let now = call.now;
    let seller = seller(world, call)?;
    let number = seller.visible_report(call.parameter(0), now).map(|report| report.number);
    let report = number.and_then(|number| seller.reports.get_mut(&number));
    let report = report.ok_or_else(|| Reply::not_found("The report was not found."))?;
    if report.status(now) != Status::InQueue {
        return Err(Reply::invalid_input("Only a report that is IN_QUEUE can be cancelled."));
    }
    report.end = Some(End { status: Status::Cancelled, document_id: None });
    report.started = now;
    report.finished = now;
    world.tick(now);
    Ok(Reply::empty(200))
}

/// getReports.
pub(crate) fn list(world: &mut World, call: &ApiCall) -> Answer {
    let page = if let Some(token) = call.query.get("nextToken") {
        continued(world, call, token)?
    } else {
        first(world, call)?
    };
    Ok(Reply::json(200, shown(world, page, call.now)))
}

/// All that a list will show, newest first.
fn first(world: &mut World, call: &ApiCall) -> Result<Page, Reply> {
    let filter = Filter::parse(&call.query, call.now)?;
    let of = seller(world, call)?;
    filter.types.iter().try_for_each(|report_type| check_role(of, report_type))?;
    let reports = seller(world, call)?.reports.values().rev();
    let wanted = reports.filter(|report| report.is_visible(call.now) && filter.takes(report, call.now));
    let rest = wanted.map(|report| report.number).collect();
    Ok(Page { seller_id: call.seller_id().to_owned(), rest, size: filter.page_size })
}

fn continued(world: &World, call: &ApiCall, token: &str) -> Result<Page, Reply> {
    if call.query.len() > 1 {
        return Err(Reply::invalid_input("nextToken must be the only parameter."));
    }
    let page = world.pages.get(token).filter(|page| page.seller_id == call.seller_id());
    page.cloned().ok_or_else(|| Reply::invalid_input("The nextToken is invalid."))
}

fn shown(world: &mut World, page: Page, now: Timestamp) -> Value {
    let Page { seller_id, mut rest, size } = page;
    let later = rest.split_off(size.min(rest.len()));
    let reports = world.sellers.get(&seller_id).map(|seller| &seller.reports);
    let known = |number| reports.and_then(|reports| reports.get(number));
    let reports: Vec<_> = rest.iter().filter_map(known).map(|report| to_json(report, now)).collect();
    let mut body = json!({"reports": reports});
    if !later.is_empty() {
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        put(&mut body, "nextToken", json!(token));
        world.pages.insert(token, Page { seller_id, rest: later, size });
    }
    body
}

/// Which reports getReports shows.
#[derive(Debug)]
struct Filter {
    types: Vec<String>,
    statuses: Option<Vec<Status>>,
    marketplaces: Option<Vec<String>>,
    since: Timestamp,
    until: Timestamp,
    page_size: usize,
}

impl Filter {
    fn parse(query: &Query, now: Timestamp) -> Result<Self, Reply> {
        let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let types = query.list("reportTypes").map(owned);
        let types = types.ok_or_else(|| Reply::invalid_input("Either reportTypes or nextToken is required."))?;
        let marketplaces = query.list("marketplaceIds").map(owned);
        if types.len() > 10 || marketplaces.as_ref().is_some_and(|list| list.len() > 10) {
            return Err(Reply::invalid_input("A list has more than 10 values."));
        }
        let time = |name| query.get(name).map(parse_time).transpose();
        Ok(Self {
            types,
            statuses: query.list("processingStatuses").map(parse_statuses).transpose()?,
            marketplaces,
            since: time("createdSince")?.unwrap_or_else(|| plus_ms(now, -RETENTION_MS)),
            until: time("createdUntil")?.unwrap_or(now),
            page_size: parse_page_size(query.get("pageSize"))?,
        })
    }

    /// Settlements are shown whatever marketplace is asked for: a known trait of Amazon's answers.
    fn takes(&self, report: &Report, now: Timestamp) -> bool {
        let in_marketplace = |wanted: &Vec<String>| report.marketplace_ids.iter().any(|id| wanted.contains(id));
        self.types.contains(&report.report_type)
            && self.statuses.as_ref().is_none_or(|wanted| wanted.contains(&report.status(now)))
            && (is_settlement(&report.report_type) || self.marketplaces.as_ref().is_none_or(in_marketplace))
            && (self.since..=self.until).contains(&report.created)
    }
}

pub(crate) fn parse_statuses(list: Vec<&str>) -> Result<Vec<Status>, Reply> {
    let parse = |text: &str| Status::ALL.into_iter().find(|status| status.as_str() == text);
    let statuses = list.into_iter().map(parse).collect::<Option<_>>();
    statuses.ok_or_else(|| Reply::invalid_input("Invalid input in processing status"))
}

pub(crate) fn parse_page_size(text: Option<&str>) -> Result<usize, Reply> {
    let Some(text) = text else { return Ok(10) };
    let size = text.parse().ok().filter(|size| (1..=100).contains(size));
    size.ok_or_else(|| Reply::invalid_input("pageSize must be a number from 1 to 100."))
}
