//! What a message is about, without what it says: ids that Amazon or this program gave, and nothing else. A body may
//! hold anything; what is no id is not shown.

use std::collections::HashMap;

use countinghouse_domain::ids::{FeedId, ReportId, SellerId};
use countinghouse_domain::report::ReportType;
use serde_json::Value;

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct About {
    /// In words of this program.
    pub(super) kind: &'static str,
    /// Whose.
    pub(super) account: Option<String>,
    /// Which report, feed, document or function.
    pub(super) subject: Option<String>,
}

impl About {
    fn of(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }
}

/// What a message of this queue is about.
pub(super) fn about(queue: &str, body: &str, attributes: &HashMap<String, String>) -> About {
    let Ok(body) = serde_json::from_str::<Value>(body) else { return About::of("not readable") };
    let body = &body;
    match queue {
        "notifications" => notification(body),
        "downloads" => report(body, "download"),
        "bookings" => stored(body),
        "vendor-submissions" => vendor(body),
        "purchases" => About { account: account(at(body, &["seller_id"])), ..About::of("turn of an account") },
        "invoice-issues" => document(body, "own invoice to be issued"),
        "invoice-uploads" if at(body, &["feed_id"]).is_string() => About {
            account: account(at(body, &["seller_id"])),
            subject: feed(at(body, &["feed_id"])),
            kind: "feed that has ended",
        },
        "invoice-uploads" => document(body, "own invoice to be uploaded"),
        "schedules" => scheduled(body, attributes),
        _ => About::of("message"),
    }
}

/// What lies at a path; nothing where it leads nowhere.
fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().try_fold(value, |value, name| value.get(name)).unwrap_or(&Value::Null)
}

fn account(value: &Value) -> Option<String> {
    Some(value.as_str()?.parse::<SellerId>().ok()?.to_string())
}

fn report_id(value: &Value) -> Option<String> {
    Some(value.as_str()?.parse::<ReportId>().ok()?.to_string())
}

fn feed(value: &Value) -> Option<String> {
    Some(format!("feed {}", value.as_str()?.parse::<FeedId>().ok()?))
}

fn of_type(report_type: &Value, report: Option<String>) -> Option<String> {
    let report = report?;
    let known = report_type.as_str().and_then(|text| text.parse::<ReportType>().ok());
    Some(known.map_or_else(|| format!("report {report}"), |known| format!("report {report} ({known})")))
}

fn report(body: &Value, kind: &'static str) -> About {
    About {
        kind,
        account: account(at(body, &["seller_id"])),
        subject: of_type(at(body, &["report_type"]), report_id(at(body, &["report_id"]))),
    }
}

fn notification(body: &Value) -> About {
    let payload = |upper: &str, lower: &str| {
        [upper, lower]
            .into_iter()
            .map(|name| at(body, &[name]))
            .find(|value| value.is_object())
            .cloned()
            .unwrap_or_default()
    };
    let kind = at(body, &["notificationType"]).as_str().or_else(|| at(body, &["NotificationType"]).as_str());
    let payload = payload("payload", "Payload");
    match kind {
        Some("REPORT_PROCESSING_FINISHED") => {
            let news = at(&payload, &["reportProcessingFinishedNotification"]);
            About {
                kind: "news of a report",
                account: account(at(news, &["sellerId"])),
                subject: of_type(at(news, &["reportType"]), report_id(at(news, &["reportId"]))),
            }
        }
        Some("FEED_PROCESSING_FINISHED") => {
            let news = at(&payload, &["feedProcessingFinishedNotification"]);
            About {
                kind: "news of a feed",
                account: account(at(news, &["sellerId"])),
                subject: feed(at(news, &["feedId"])),
            }
        }
        // A secret may stand in it.
        Some(_) => About::of("other news"),
        None => About::of("no news of Amazon's"),
    }
}

/// An event of the bucket, the rest of a document, or an order to book one again.
fn stored(body: &Value) -> About {
    if let Some(records) = at(body, &["Records"]).as_array() {
        let keys = records.iter().filter_map(|record| at(record, &["s3", "object", "key"]).as_str());
        let first = keys.map(|key| key.split('/').collect::<Vec<_>>()).next();
        return first.map_or_else(|| About::of("event of the bucket"), |parts| of_key(&parts, "stored document"));
    }
    let parts: Vec<_> = at(body, &["key"]).as_str().unwrap_or_default().split('/').collect();
    if at(body, &["checkpoint"]).is_object() {
        of_key(&parts, "rest of a document")
    } else if at(body, &["again"]).is_object() {
        of_key(&parts, "order to book again")
    } else {
        About::of("message")
    }
}

/// `reports/<seller>/<report type>/<report>`.
fn of_key(parts: &[&str], kind: &'static str) -> About {
    let &["reports", seller, report_type, report] = parts else { return About::of(kind) };
    let text = |text: &str| Value::String(text.to_owned());
    About { kind, account: account(&text(seller)), subject: of_type(&text(report_type), report_id(&text(report))) }
}

/// Names of files are the vendor's own words, and are not shown.
fn vendor(body: &Value) -> About {
    let of_key = |key: &str| match key.split('/').collect::<Vec<_>>().as_slice() {
        ["vendor-invoices", seller, ..] => account(&Value::String((*seller).to_owned())),
        _ => None,
    };
    if let Some(records) = at(body, &["Records"]).as_array() {
        let key = records.iter().find_map(|record| at(record, &["s3", "object", "key"]).as_str());
        return About { account: key.and_then(of_key), ..About::of("file of a vendor") };
    }
    let kind = if at(body, &["checkpoint"]).is_object() { "rest of a vendor's file" } else { "vendor invoices" };
    About { account: account(at(body, &["seller_id"])), ..About::of(kind) }
}

fn document(body: &Value, kind: &'static str) -> About {
    let key = at(body, &["document"]).as_str().filter(|key| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | ':');
        key.len() <= 120 && key.chars().all(is_plain)
    });
    About { kind, account: account(at(body, &["seller_id"])), subject: key.map(str::to_owned) }
}

/// Lambda keeps a run that failed with its function; the scheduler one that it could not start with its schedule.
fn scheduled(body: &Value, attributes: &HashMap<String, String>) -> About {
    let function = at(body, &["requestContext", "functionArn"]).as_str().and_then(|arn| arn.split(':').nth(6));
    let error = at(body, &["responsePayload", "errorType"]).as_str();
    if let Some(function) = function {
        let why = error.and_then(word).map(|error| format!(", {error}")).unwrap_or_default();
        return About { subject: word(function).map(|name| format!("{name}{why}")), ..About::of("run that failed") };
    }
    let attribute = |name: &str| attributes.get(name).map(String::as_str);
    let schedule = attribute("SCHEDULE_ARN").and_then(|arn| arn.rsplit('/').next()).and_then(word);
    let code = attribute("ERROR_CODE").and_then(word);
    let subject = [schedule, code].into_iter().flatten().collect::<Vec<_>>().join(", ");
    About { subject: Some(subject).filter(|text| !text.is_empty()), ..About::of("run that could not start") }
}

/// A name that a program gave: letters, digits and few signs.
fn word(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!text.is_empty() && text.len() <= 80 && text.chars().all(is_plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(queue: &str, body: &str) -> (&'static str, Option<String>, Option<String>) {
        let About { kind, account, subject } = about(queue, body, &HashMap::new());
        (kind, account, subject)
    }

    #[test]
    fn a_booking_names_its_report_however_it_came() {
        let key = "reports/A1/GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2/50034020328";
        let expected = Some("report 50034020328 (GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2)".to_owned());
        let event = format!(r#"{{"Records":[{{"s3":{{"bucket":{{"name":"b"}},"object":{{"key":"{key}"}}}}}}]}}"#);
        assert_eq!(of("bookings", &event), ("stored document", Some("A1".to_owned()), expected.clone()));
        let rest = format!(r#"{{"version":1,"bucket":"b","key":"{key}","checkpoint":{{}}}}"#);
        assert_eq!(of("bookings", &rest), ("rest of a document", Some("A1".to_owned()), expected.clone()));
        let again = format!(r#"{{"version":1,"bucket":"b","key":"{key}","again":{{"order":"x"}}}}"#);
        assert_eq!(of("bookings", &again), ("order to book again", Some("A1".to_owned()), expected));
    }

    #[test]
    fn news_of_reports_and_feeds_names_them_and_other_news_nothing() {
        let report = r#"{"notificationType":"REPORT_PROCESSING_FINISHED","payload":{"reportProcessingFinishedNotification":
            {"sellerId":"A1","reportId":"5","reportType":"SC_VAT_TAX_REPORT"}}}"#;
        assert_eq!(
            of("notifications", report),
            ("news of a report", Some("A1".to_owned()), Some("report 5 (SC_VAT_TAX_REPORT)".to_owned()))
        );
        let secret = r#"{"notificationType":"APPLICATION_OAUTH_CLIENT_NEW_SECRET","payload":{"clientSecret":"hush"}}"#;
        assert_eq!(of("notifications", secret), ("other news", None, None));
        assert_eq!(of("notifications", r#"{"hello":"hush"}"#), ("no news of Amazon's", None, None));
    }

    #[test]
    fn what_is_no_id_is_not_shown() {
        let body =
            r#"{"version":1,"seller_id":"Erika Mustermann, Köln","document":"Erika Mustermann <e@example.com>"}"#;
        assert_eq!(of("invoice-issues", body), ("own invoice to be issued", None, None));
        assert_eq!(of("bookings", "Erika Mustermann"), ("not readable", None, None));
        let file = r#"{"Records":[{"s3":{"object":{"key":"vendor-invoices/ACME/incoming/erika.json"}}}]}"#;
        assert_eq!(of("vendor-submissions", file), ("file of a vendor", Some("ACME".to_owned()), None));
    }

    #[test]
    fn a_run_that_failed_names_its_function_and_the_kind_of_its_error() {
        let body = r#"{"requestContext":{"functionArn":"arn:aws:lambda:eu-west-1:123456789012:function:countinghouse-create-reports:$LATEST"},
            "responsePayload":{"errorType":"throttled","errorMessage":"hush"}}"#;
        assert_eq!(
            of("schedules", body),
            ("run that failed", None, Some("countinghouse-create-reports, throttled".to_owned()))
        );
        let attributes = HashMap::from([
            (
                "SCHEDULE_ARN".to_owned(),
                "arn:aws:scheduler:eu-west-1:1:schedule/default/countinghouse-poll-jobs".to_owned(),
            ),
            ("ERROR_CODE".to_owned(), "THROTTLING".to_owned()),
        ]);
        let found = about("schedules", r#"{"version":1}"#, &attributes);
        assert_eq!(found.subject, Some("countinghouse-poll-jobs, THROTTLING".to_owned()));
    }
}
