//! Report schedules: reports that Amazon makes again and again.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{check_marketplaces, check_type, parse_time, seller};
use crate::clock::{amazon_time, plus_ms};
use crate::gate::ApiCall;
use crate::reply::{Answer, Reply, put};
use crate::report::{NewReport, RETENTION_MS};
use crate::seller::Schedule;
use crate::world::World;

const PERIODS: [&str; 18] = [
    "PT5M", "PT15M", "PT30M", "PT1H", "PT2H", "PT4H", "PT8H", "PT12H", "P1D", "P2D", "P3D", "PT84H", "P7D", "P14D",
    "P15D", "P18D", "P30D", "P1M",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateScheduleBody {
    report_type: String,
    #[serde(default)]
    marketplace_ids: Vec<String>,
    period: String,
    next_report_creation_time: Option<String>,
    report_options: Option<Map<String, Value>>,
}

/// createReportSchedule: replaces the schedule of the same type and marketplaces.
pub(crate) fn create(world: &mut World, call: &ApiCall) -> Answer {
    let body: CreateScheduleBody = call.json()?;
    let seller = seller(world, call)?;
    check_type(seller, &body.report_type)?;
    check_marketplaces(seller, &body.marketplace_ids)?;
    let period = PERIODS.into_iter().find(|period| *period == body.period);
    let period = period.ok_or_else(|| Reply::invalid_input("Provided period is not valid."))?;
    let next = body.next_report_creation_time.as_deref().map(parse_time).transpose()?;
    let next = next.filter(|time| *time > call.now).unwrap_or_else(|| after(call.now, period));
    seller.schedules.retain(|_, schedule| {
        schedule.report_type != body.report_type || schedule.marketplace_ids != body.marketplace_ids
    });
    let number = seller.next_number();
    let schedule = Schedule {
        report_type: body.report_type,
        marketplace_ids: body.marketplace_ids,
        options: body.report_options.map(Value::Object),
        period,
        next,
    };
    seller.schedules.insert(number, schedule);
    Ok(Reply::json(201, json!({"reportScheduleId": number.to_string()})))
}

/// getReportSchedule.
pub(crate) fn get(world: &mut World, call: &ApiCall) -> Answer {
    let seller = seller(world, call)?;
    let found = call.parameter(0).parse().ok().and_then(|number| Some((number, seller.schedules.get(&number)?)));
    let (number, schedule) = found.ok_or_else(|| Reply::not_found("The report schedule was not found."))?;
    Ok(Reply::json(200, to_json(number, schedule)))
}

/// getReportSchedules.
pub(crate) fn list(world: &mut World, call: &ApiCall) -> Answer {
    let types = call.query.list("reportTypes").filter(|types| types.len() <= 10);
    let types = types.ok_or_else(|| Reply::invalid_input("1 to 10 reportTypes are required."))?;
    let schedules = &seller(world, call)?.schedules;
    let wanted = schedules.iter().filter(|(_, schedule)| types.contains(&schedule.report_type.as_str()));
    let shown: Vec<_> = wanted.map(|(number, schedule)| to_json(*number, schedule)).collect();
    Ok(Reply::json(200, json!({"reportSchedules": shown})))
}

/// cancelReportSchedule.
pub(crate) fn cancel(world: &mut World, call: &ApiCall) -> Answer {
    let schedules = &mut seller(world, call)?.schedules;
    let removed = call.parameter(0).parse().ok().and_then(|number: u64| schedules.remove(&number));
    removed.ok_or_else(|| Reply::not_found("The report schedule was not found."))?;
    Ok(Reply::empty(200))
}

fn to_json(number: u64, schedule: &Schedule) -> Value {
    let mut body = json!({
        "reportScheduleId": number.to_string(),
        "reportType": schedule.report_type,
        "marketplaceIds": schedule.marketplace_ids,
        "period": schedule.period,
        "nextReportCreationTime": amazon_time(schedule.next),
    });
    if let Some(options) = &schedule.options {
        put(&mut body, "reportOptions", options.clone());
    }
    body
}

/// One period later; a month is a calendar month of UTC.
fn after(at: Timestamp, period: &str) -> Timestamp {
    shifted(at, period, 1)
}

fn shifted(at: Timestamp, period: &str, times: i64) -> Timestamp {
    let span = period.parse::<Span>().and_then(|span| span.checked_mul(times));
    let moved = span.and_then(|span| at.to_zoned(TimeZone::UTC).checked_add(span));
    moved.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// Requests the reports whose time has come; those that would be thrown away already are left out.
pub(crate) fn run_due(world: &mut World, now: Timestamp) {
    let oldest = plus_ms(now, -RETENTION_MS);
    let mut due = Vec::new();
    for (seller_id, seller) in &mut world.sellers {
        for (number, schedule) in &mut seller.schedules {
            while schedule.next <= now {
                let at = schedule.next;
                schedule.next = after(at, schedule.period);
                let wish = NewReport {
                    report_type: schedule.report_type.clone(),
                    marketplace_ids: schedule.marketplace_ids.clone(),
                    data_start: Some(shifted(at, schedule.period, -1)),
                    data_end: Some(at),
                    schedule_number: Some(*number),
                    options: schedule.options.as_ref().and_then(|options| options.as_object().cloned()),
                };
                if at >= oldest {
                    due.push((seller_id.clone(), wish, at));
                }
            }
        }
    }
    for (seller_id, wish, at) in due {
        if let Err(error) = world.request_report(&seller_id, wish, at) {
            tracing::error!(%seller_id, %error, "a scheduled report could not be made");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_period_moves_time() {
        let start: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        for period in PERIODS {
            assert!(after(start, period) > start, "{period}");
        }
        assert_eq!(after(start, "P1M").to_string(), "2026-02-28T00:00:00Z");
        assert_eq!(after(start, "PT84H").to_string(), "2026-02-03T12:00:00Z");
    }
}
