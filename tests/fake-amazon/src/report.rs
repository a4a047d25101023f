//! A report: its times, what it is made from, and how it ends.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::clock::plus_ms;
use crate::content::{Content, DocumentBody};
use crate::feeds::vidr::VidrWish;
use crate::feeds::{VIDR_FLAT, VIDR_XML};
use crate::marketplaces;
use crate::scenario::{Outcome, OutcomeResult, SellerConfig, VAT_REPORT};

/// Reports are kept for ninety days.
pub(crate) const RETENTION_MS: i64 = 90 * 24 * 3_600_000;

/// A report of any type, and how it will end.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "Amazon calls it the report's type")]
pub(crate) struct Report {
    pub(crate) number: u64,
    pub(crate) report_type: String,
    pub(crate) marketplace_ids: Vec<String>,
    pub(crate) data_start: Option<Timestamp>,
    pub(crate) data_end: Option<Timestamp>,
    pub(crate) created: Timestamp,
    pub(crate) started: Timestamp,
    pub(crate) finished: Timestamp,
    pub(crate) schedule_number: Option<u64>,
    pub(crate) source: Source,
    pub(crate) end: Option<End>,
}

/// What a report is made from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    VatRows,
    Vidr(VidrWish),
    Content(Content),
    NoData,
    Fatal(Option<Content>),
}

/// How a report ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) status: Status,
    pub(crate) document_id: Option<String>,
}

/// Amazon's `processingStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    InQueue,
    InProgress,
    Done,
    Cancelled,
    Fatal,
}

impl Status {
    pub(crate) const ALL: [Self; 5] = [Self::InQueue, Self::InProgress, Self::Done, Self::Cancelled, Self::Fatal];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InQueue => "IN_QUEUE",
            Self::InProgress => "IN_PROGRESS",
            Self::Done => "DONE",
            Self::Cancelled => "CANCELLED",
            Self::Fatal => "FATAL",
        }
    }
}

/// A request for a report, checked.
#[derive(Clone, Debug)]
pub(crate) struct NewReport {
    pub(crate) report_type: String,
    pub(crate) marketplace_ids: Vec<String>,
    pub(crate) data_start: Option<Timestamp>,
    pub(crate) data_end: Option<Timestamp>,
    pub(crate) schedule_number: Option<u64>,
    /// `reportOptions`.
    pub(crate) options: Option<Map<String, Value>>,
}

impl Report {
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        match &self.end {
            Some(end) => end.status,
            None if now < self.started => Status::InQueue,
            None => Status::InProgress,
        }
    }

    /// Amazon has made it, and has not thrown it away yet.
    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        self.created <= now && now <= plus_ms(self.created, RETENTION_MS)
    }

    pub(crate) fn id(&self) -> String {
        self.number.to_string()
    }
}

/// Whether Amazon makes reports of this type by itself only.
pub(crate) fn is_settlement(report_type: &str) -> bool {
    report_type.starts_with("GET_V2_SETTLEMENT_REPORT_DATA_")
}

/// The document of a report.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) report_type: String,
    pub(crate) body: DocumentBody,
}

/// What a requested report will be made from.
pub(crate) fn source(
    config: &SellerConfig,
    wish: &NewReport,
    outcome: Option<Outcome>,
    pending_has_rejected: bool,
    now: Timestamp,
) -> Source {
    let report_type = wish.report_type.as_str();
    let (result, document) = outcome.map_or((OutcomeResult::Done, None), |one| (one.result, one.document));
    match (result, document, config.requested.get(report_type)) {
        (OutcomeResult::Fatal, document, _) => Source::Fatal(document),
        (OutcomeResult::Done, Some(content), _) => Source::Content(content),
        (OutcomeResult::Done, None, Some(content)) => Source::Content(content.clone()),
        (OutcomeResult::Done, None, None) if report_type == VAT_REPORT => Source::VatRows,
        (OutcomeResult::Done, None, None) if is_vidr(report_type) => {
            Source::Vidr(vidr_wish(wish, pending_has_rejected, now))
        }
        (OutcomeResult::Done, None, None) | (OutcomeResult::Cancelled, ..) => Source::NoData,
    }
}

/// Whether it is the VAT invoice data report.
pub(crate) fn is_vidr(report_type: &str) -> bool {
    [VIDR_FLAT, VIDR_XML].contains(&report_type)
}

/// Whether all documents of a window are wanted; the key is literally this.
pub(crate) fn wants_all(options: Option<&Map<String, Value>>) -> bool {
    let all = options.and_then(|options| options.get("ReportOption=All"));
    all.and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn vidr_wish(wish: &NewReport, pending_has_rejected: bool, now: Timestamp) -> VidrWish {
    let known = wish.marketplace_ids.iter().filter_map(|id| marketplaces::find(id));
    VidrWish {
        all: wants_all(wish.options.as_ref()),
        xml: wish.report_type == VIDR_XML,
        countries: known.map(|marketplace| marketplace.country.to_owned()).collect(),
        from: wish.data_start.unwrap_or(Timestamp::MIN),
        to: wish.data_end.unwrap_or(now),
        pending_has_rejected,
    }
}
