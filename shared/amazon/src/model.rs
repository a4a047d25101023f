//! What is said and heard in the Reports API, version 2021-06-30.

use std::collections::BTreeMap;

use countinghouse_domain::ids::{MarketplaceId, ReportDocumentId, ReportId};
use countinghouse_domain::job::{ProcessingStatus, Window};
use countinghouse_domain::report::{Asking, ReportType, RequestableReport};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A request that Amazon would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// A report is made for 1 to 25 marketplaces.
    #[error("a report is made for 1 to 25 marketplaces, not for {0}")]
    Marketplaces(usize),
    /// A window ends after it begins.
    #[error("the window {0} is empty")]
    EmptyWindow(Window),
    /// The list of reports is asked for 1 to 10 report types.
    #[error("reports are listed for 1 to 10 report types, not for {0}")]
    ReportTypes(usize),
    /// The list of reports is asked for 10 marketplaces at most.
    #[error("reports are listed for 10 marketplaces at most, not for {0}")]
    ListedMarketplaces(usize),
}

/// A request for a report. One for a settlement cannot be written down: Amazon makes settlements by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRequest {
    report: RequestableReport,
    window: Window,
    marketplaces: Vec<MarketplaceId>,
    options: BTreeMap<String, String>,
}

impl ReportRequest {
    /// A report of what happened in a window at these marketplaces, with the option that the window asks for
    /// ([`RequestableReport::asking`]).
    pub fn new(
        report: RequestableReport,
        window: Window,
        marketplaces: Vec<MarketplaceId>,
    ) -> Result<Self, InvalidRequest> {
        if !(1..=25).contains(&marketplaces.len()) {
            return Err(InvalidRequest::Marketplaces(marketplaces.len()));
        }
        if window.from >= window.to {
            return Err(InvalidRequest::EmptyWindow(window));
        }
        let option = match report.asking(window) {
            Asking::Window(option) => option,
            Asking::Open => None,
        };
        let options = option.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Self { report, window, marketplaces, options: options.into_iter().collect() })
    }

    /// The same with one more report option.
    #[must_use]
    pub fn with_option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// Which report.
    pub const fn report(&self) -> RequestableReport {
        self.report
    }

    /// What it covers.
    pub const fn window(&self) -> Window {
        self.window
    }

    /// For which marketplaces.
    pub fn marketplaces(&self) -> &[MarketplaceId] {
        &self.marketplaces
    }

    pub(crate) fn body(&self) -> CreateReport<'_> {
        let sent = (self.report.asking(self.window) != Asking::Open).then_some(self.window);
        CreateReport {
            report_type: self.report.name(),
            data_start_time: sent.map(|window| window.from),
            data_end_time: sent.map(|window| window.to),
            marketplace_ids: &self.marketplaces,
            report_options: &self.options,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateReport<'a> {
    report_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_start_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_end_time: Option<Timestamp>,
    marketplace_ids: &'a [MarketplaceId],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    report_options: &'a BTreeMap<String, String>,
}

/// Which reports to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportsQuery {
    pub(crate) report_types: Vec<ReportType>,
    pub(crate) statuses: Vec<ProcessingStatus>,
    pub(crate) marketplaces: Vec<MarketplaceId>,
    pub(crate) created_since: Option<Timestamp>,
    pub(crate) created_until: Option<Timestamp>,
}

impl ReportsQuery {
    /// All reports of these types that Amazon still has: those of the last 90 days.
    pub fn new(report_types: Vec<ReportType>) -> Result<Self, InvalidRequest> {
        if !(1..=10).contains(&report_types.len()) {
            return Err(InvalidRequest::ReportTypes(report_types.len()));
        }
        let (statuses, marketplaces) = (Vec::new(), Vec::new());
        Ok(Self { report_types, statuses, marketplaces, created_since: None, created_until: None })
    }

    /// All reports of one type that Amazon still has.
    pub fn of(report: ReportType) -> Self {
        let (statuses, marketplaces) = (Vec::new(), Vec::new());
        Self { report_types: vec![report], statuses, marketplaces, created_since: None, created_until: None }
    }

    /// Only those in one of these states.
    #[must_use]
    pub fn with_statuses(mut self, statuses: Vec<ProcessingStatus>) -> Self {
        self.statuses = statuses;
        self
    }

    /// Only those for one of these marketplaces. For settlements Amazon does not keep to it: the marketplace stands
    /// in the file.
    pub fn with_marketplaces(mut self, marketplaces: Vec<MarketplaceId>) -> Result<Self, InvalidRequest> {
        if marketplaces.len() > 10 {
            return Err(InvalidRequest::ListedMarketplaces(marketplaces.len()));
        }
        self.marketplaces = marketplaces;
        Ok(self)
    }

    /// Only those that were created since then. Amazon refuses more than 90 days; what is longer ago is cut to a
    /// little less when the question is sent.
    #[must_use]
    pub const fn created_since(mut self, since: Timestamp) -> Self {
        self.created_since = Some(since);
        self
    }

    /// Only those that were created until then.
    #[must_use]
    pub const fn created_until(mut self, until: Timestamp) -> Self {
        self.created_until = Some(until);
        self
    }
}

/// Where the next page of a list begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(pub(crate) String);

/// Reports, as Amazon lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportsPage {
    /// The reports.
    pub reports: Vec<Report>,
    /// How many entries of the list could not be understood.
    pub unreadable: usize,
    /// Where the list goes on.
    pub next: Option<PageToken>,
}

/// A report at Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which one; unique only together with the seller.
    pub id: ReportId,
    /// Amazon's name of its type.
    pub report_type: String,
    /// How far it is.
    pub status: ReportStatus,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// The beginning of what it covers.
    pub data_from: Option<Timestamp>,
    /// The end of what it covers.
    pub data_to: Option<Timestamp>,
    /// When Amazon ended its work on it.
    pub processed_at: Option<Timestamp>,
    /// For which marketplaces it was made.
    pub marketplaces: Vec<MarketplaceId>,
    /// Its document. A report that failed may have one too, which says why.
    pub document: Option<ReportDocumentId>,
}

impl Report {
    /// The type, where it is one that the books are made from.
    pub fn known_type(&self) -> Option<ReportType> {
        self.report_type.parse().ok()
    }

    /// What it covers, where Amazon says so.
    pub fn window(&self) -> Option<Window> {
        Some(Window { from: self.data_from?, to: self.data_to? })
    }

    /// Whether it is what this request would make: the same type, window and marketplaces (in any order). A report of
    /// what is open has no window of its own: then it is one that was created after the window's end.
    pub fn answers(&self, request: &ReportRequest) -> bool {
        let sorted = |ids: &[MarketplaceId]| {
            let mut ids = ids.to_vec();
            ids.sort();
            ids.dedup();
            ids
        };
        self.report_type == request.report.name()
            && self.covers_what_is_asked(request)
            && sorted(&self.marketplaces) == sorted(&request.marketplaces)
    }
}

impl Report {
    fn covers_what_is_asked(&self, request: &ReportRequest) -> bool {
        let window = self.window();
        match request.report.asking(request.window) {
            Asking::Window(_) => window == Some(request.window),
            // A window without length, or one that is too long, says no more than none.
            Asking::Open => {
                let is_open = |own: Window| own.from >= own.to || request.report.asking(own) == Asking::Open;
                window.is_none_or(is_open) && self.created_at.is_some_and(|at| at >= request.window.to)
            }
        }
    }
}

/// How far a report is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportStatus {
    /// A status of Amazon's model.
    Known(ProcessingStatus),
    /// One that the model does not name (yet).
    Other(String),
}

impl ReportStatus {
    /// The status, where the model names it.
    pub const fn known(&self) -> Option<ProcessingStatus> {
        match self {
            Self::Known(status) => Some(*status),
            Self::Other(_) => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedReport {
    pub(crate) report_id: ReportId,
}

/// A list in which one bad entry does not spoil the others.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportList {
    pub(crate) reports: Vec<serde_json::Value>,
    #[serde(default)]
    pub(crate) next_token: Option<String>,
}

impl ReportList {
    pub(crate) fn into_page(self) -> ReportsPage {
        let all = self.reports.len();
        let reports: Vec<Report> = self
            .reports
            .into_iter()
            .filter_map(|each| serde_json::from_value::<RawReport>(each).ok().map(Report::from))
            .collect();
        let unreadable = all.saturating_sub(reports.len());
        ReportsPage { reports, unreadable, next: self.next_token.filter(|token| !token.is_empty()).map(PageToken) }
    }
}

/// A report as it comes: only what cannot be done without is required.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawReport {
    report_id: ReportId,
    report_type: String,
    processing_status: String,
    #[serde(default)]
    marketplace_ids: Option<Vec<String>>,
    #[serde(default)]
    created_time: Option<String>,
    #[serde(default)]
    data_start_time: Option<String>,
    #[serde(default)]
    data_end_time: Option<String>,
    #[serde(default)]
    processing_end_time: Option<String>,
    #[serde(default)]
    report_document_id: Option<ReportDocumentId>,
}

impl From<RawReport> for Report {
    fn from(raw: RawReport) -> Self {
        let time = |text: Option<String>| text.and_then(|each| each.parse().ok());
        let marketplaces = raw.marketplace_ids.unwrap_or_default();
        Self {
            id: raw.report_id,
            report_type: raw.report_type.chars().take(100).collect(),
            status: match raw.processing_status.parse() {
                Ok(status) => ReportStatus::Known(status),
                Err(_) => ReportStatus::Other(raw.processing_status.chars().take(40).collect()),
            },
            created_at: time(raw.created_time),
            data_from: time(raw.data_start_time),
            data_to: time(raw.data_end_time),
            processed_at: time(raw.processing_end_time),
            marketplaces: marketplaces.into_iter().filter_map(|each| each.parse().ok()).collect(),
            document: raw.report_document_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::report::VatInvoiceFormat;
    use serde_json::json;

    use super::*;

    fn window() -> Window {
        Window { from: "2026-11-14T00:00:00Z".parse().unwrap(), to: "2026-11-22T00:00:00Z".parse().unwrap() }
    }

    fn ids(list: &[&str]) -> Vec<MarketplaceId> {
        list.iter().map(|each| each.parse().unwrap()).collect()
    }

    fn page(reports: &[serde_json::Value]) -> ReportsPage {
        serde_json::from_value::<ReportList>(json!({"reports": reports, "somethingNew": 1})).unwrap().into_page()
    }

    #[test]
    fn an_unknown_status_field_or_entry_does_not_spoil_the_list() {
        let page = page(&[
            json!({"reportId": "1", "reportType": "NEW", "processingStatus": "PAUSED", "createdTime": "x", "new": {}}),
            json!({"reportType": "SC_VAT_TAX_REPORT"}),
            json!({"reportId": "0002", "reportType": "SC_VAT_TAX_REPORT", "processingStatus": "DONE",
                   "createdTime": "2026-11-20T01:02:03.004Z", "reportDocumentId": null, "marketplaceIds": null}),
        ]);
        assert_eq!(page.unreadable, 1);
        assert_eq!(page.reports[0].status, ReportStatus::Other("PAUSED".to_owned()));
        assert_eq!(page.reports[0].created_at, None);
        assert_eq!(page.reports[0].known_type(), None);
        assert_eq!(page.reports[1].id.as_str(), "0002");
        assert_eq!(page.reports[1].status.known(), Some(ProcessingStatus::Done));
        assert_eq!(page.reports[1].created_at, Some("2026-11-20T01:02:03.004Z".parse().unwrap()));
    }

    #[test]
    fn a_report_of_the_same_type_window_and_marketplaces_answers_a_request() {
        let request =
            |from: &[&str]| ReportRequest::new(RequestableReport::ScVatTaxReport, window(), ids(from)).unwrap();
        let report = |kind: &str, end: &str| {
            page(&[json!({"reportId": "1", "reportType": kind, "processingStatus": "IN_QUEUE",
                "marketplaceIds": ["B", "A"], "dataStartTime": "2026-11-14T00:00:00+00:00", "dataEndTime": end})])
            .reports
            .remove(0)
        };
        let same = report("SC_VAT_TAX_REPORT", "2026-11-22T00:00:00.000Z");
        assert!(same.answers(&request(&["A", "B"])));
        assert!(!same.answers(&request(&["A"])));
        assert!(!report("SC_VAT_TAX_REPORT", "2026-11-21T00:00:00Z").answers(&request(&["A", "B"])));
        assert!(!report("OTHER", "2026-11-22T00:00:00Z").answers(&request(&["A", "B"])));
    }

    #[test]
    fn a_report_of_pending_invoices_is_told_by_its_age_and_has_no_window_of_all_invoices() {
        let flat = RequestableReport::VatInvoices(VatInvoiceFormat::FlatFile);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let ninety_days = Window { from: at("2026-08-24T06:00:00Z"), to: at("2026-11-22T06:00:00Z") };
        let request = ReportRequest::new(flat, ninety_days, ids(&["A"])).unwrap();
        let body = serde_json::to_value(request.body()).unwrap();
        assert_eq!(body, json!({"reportType": flat.name(), "marketplaceIds": ["A"]}));
        let report = |created: &str, window: Option<(&str, &str)>| {
            let (from, to) = window.unzip();
            page(&[json!({"reportId": "1", "reportType": flat.name(), "processingStatus": "IN_QUEUE",
                "createdTime": created, "marketplaceIds": ["A"], "dataStartTime": from, "dataEndTime": to})])
            .reports
            .remove(0)
        };
        assert!(report("2026-11-22T06:15:00Z", None).answers(&request));
        let now = ("2026-11-22T06:15:00Z", "2026-11-22T06:15:00Z");
        assert!(report("2026-11-22T06:15:00Z", Some(now)).answers(&request), "no window at all");
        assert!(!report("2026-11-22T05:59:59Z", None).answers(&request), "too old");
        let all = ("2026-10-23T06:00:00Z", "2026-11-22T06:00:00Z");
        assert!(!report("2026-11-22T06:15:00Z", Some(all)).answers(&request), "all, not pending");
    }

    #[test]
    fn all_invoices_of_a_month_are_asked_for_with_the_literal_key() {
        let flat = RequestableReport::VatInvoices(VatInvoiceFormat::FlatFile);
        let body = serde_json::to_value(ReportRequest::new(flat, window(), ids(&["A"])).unwrap().body()).unwrap();
        assert_eq!(body["reportOptions"], json!({"ReportOption=All": "true"}));
        assert_eq!(body["dataStartTime"], "2026-11-14T00:00:00Z");
    }

    #[test]
    fn what_amazon_would_refuse_cannot_be_asked() {
        let new = |window, count: usize| {
            ReportRequest::new(RequestableReport::ScVatTaxReport, window, ids(&vec!["A"; count]))
        };
        assert_eq!(new(window(), 0), Err(InvalidRequest::Marketplaces(0)));
        assert_eq!(new(window(), 26), Err(InvalidRequest::Marketplaces(26)));
        let empty = Window { from: window().to, to: window().to };
        assert_eq!(new(empty, 1), Err(InvalidRequest::EmptyWindow(empty)));
        assert_eq!(ReportsQuery::new(Vec::new()), Err(InvalidRequest::ReportTypes(0)));
        let query = ReportsQuery::new(vec![ReportType::SETTLEMENT_V2]).unwrap();
        assert_eq!(query.with_marketplaces(ids(&["A"; 11])), Err(InvalidRequest::ListedMarketplaces(11)));
    }
}
