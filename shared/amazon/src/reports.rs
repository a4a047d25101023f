//! Asking for reports, for their state and for the list of them.

use countinghouse_domain::ids::{MarketplaceId, ReportId};
use countinghouse_domain::job::ProcessingStatus;
use countinghouse_domain::rate::Operation;
use jiff::{SignedDuration, Timestamp};

use crate::client::Seller;
use crate::error::{AmazonError, Call};
use crate::exchange::{made, read};
use crate::model::{CreatedReport, PageToken, RawReport, Report, ReportList, ReportRequest, ReportsPage, ReportsQuery};
use crate::request::{ApiRequest, path_with_id};

const REPORTS: &str = "/reports/2021-06-30/reports";
/// As many as Amazon gives at once: the list is rarely to be had, once in 45 seconds.
const PAGE_SIZE: &str = "100";
/// Amazon refuses to look back more than 90 days; an hour is left for clocks that differ.
const LONGEST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(90 * 24 - 1);
/// A list of more pages goes round in a circle: Amazon keeps 90 days of reports.
const MOST_PAGES: usize = 200;

impl Seller {
    /// Asks Amazon to make a report. Never sent twice: after [`AmazonError::AnswerLost`] look for the report with
    /// [`reports`](Self::reports) and [`Report::answers`].
    pub async fn create_report(&self, request: &ReportRequest) -> Result<ReportId, AmazonError> {
        let sent = ApiRequest::post(Operation::CreateReport, REPORTS.to_owned(), &request.body())?;
        let reply = self.call(&sent).await?;
        made::<CreatedReport>(sent.call(), &reply).map(|created| created.report_id)
    }

    /// The state of one report.
    pub async fn report(&self, id: &ReportId) -> Result<Report, AmazonError> {
        let request = ApiRequest::get(Operation::GetReport, path_with_id(REPORTS, id.as_str()));
        let reply = self.call(&request).await?;
        read::<RawReport>(request.call(), &reply).map(Report::from)
    }

    /// All reports that the query describes, page after page. Each page costs a request, and if the budget ends
    /// between two pages the whole list is to be asked for again: narrow the query by time, or go by
    /// [`reports_page`](Self::reports_page).
    pub async fn reports(&self, query: &ReportsQuery) -> Result<ReportsPage, AmazonError> {
        let mut all = self.reports_page(query, None).await?;
        let mut pages: usize = 1;
        while let Some(token) = all.next.take() {
            pages = pages.saturating_add(1);
            let page = self.reports_page(query, Some(&token)).await?;
            if pages > MOST_PAGES || page.next.as_ref() == Some(&token) {
                let call = Call::Operation(Operation::GetReports);
                return Err(AmazonError::unexpected(call, "the list of reports has no end"));
            }
            all.reports.extend(page.reports);
            all.unreadable = all.unreadable.saturating_add(page.unreadable);
            all.next = page.next;
        }
        Ok(all)
    }

    /// One page of the reports that the query describes: the first, or the one that a token leads to.
    pub async fn reports_page(
        &self,
        query: &ReportsQuery,
        page: Option<&PageToken>,
    ) -> Result<ReportsPage, AmazonError> {
        let mut request = ApiRequest::get(Operation::GetReports, REPORTS.to_owned());
        request.query = match page {
            // Amazon refuses a token that does not come alone.
            Some(token) => vec![("nextToken", token.0.clone())],
            None => parameters(query, self.amazon.clock.now()),
        };
        let reply = self.call(&request).await?;
        let page = read::<ReportList>(request.call(), &reply)?.into_page();
        if page.unreadable > 0 {
            tracing::warn!(seller_id = %self.id, unreadable = page.unreadable, "some listed reports make no sense");
        }
        Ok(page)
    }
}

fn parameters(query: &ReportsQuery, now: Timestamp) -> Vec<(&'static str, String)> {
    let list = |names: Vec<&str>| names.join(",");
    let earliest = now.checked_sub(LONGEST_LOOK_BACK).unwrap_or(now);
    let types = list(query.report_types.iter().map(|each| each.name()).collect());
    let mut parameters = vec![("reportTypes", types), ("pageSize", PAGE_SIZE.to_owned())];
    if !query.statuses.is_empty() {
        parameters.push(("processingStatuses", list(query.statuses.iter().map(|each| status(*each)).collect())));
    }
    if !query.marketplaces.is_empty() {
        parameters.push(("marketplaceIds", list(query.marketplaces.iter().map(MarketplaceId::as_str).collect())));
    }
    if let Some(since) = query.created_since {
        parameters.push(("createdSince", since.max(earliest).to_string()));
    }
    if let Some(until) = query.created_until {
        parameters.push(("createdUntil", until.to_string()));
    }
    parameters
}

const fn status(status: ProcessingStatus) -> &'static str {
    match status {
        ProcessingStatus::InQueue => "IN_QUEUE",
        ProcessingStatus::InProgress => "IN_PROGRESS",
        ProcessingStatus::Done => "DONE",
        ProcessingStatus::Cancelled => "CANCELLED",
        ProcessingStatus::Fatal => "FATAL",
    }
}
