//! One window: persist, ask whether it is there, and only then request it.

use std::time::Duration;

use countinghouse_amazon::{AmazonError, Report, ReportRequest, ReportStatus, ReportsQuery, Seller};
use countinghouse_domain::ids::ReportId;
use countinghouse_domain::job::ProcessingStatus;
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::rate::Operation;
use countinghouse_domain::report::ReportType;
use countinghouse_store::{Intent, Origin, WantedReport};
use jiff::{SignedDuration, Timestamp};

use crate::{CreateReportsError, Dependencies};

/// How long after a request whose answer is lost Amazon's list may still lack the report.
const LIST_LAGS_BEHIND: SignedDuration = SignedDuration::from_mins(15);

/// What came of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requested {
    /// Amazon was asked and has taken it.
    Now,
    /// Amazon had a report for it.
    Adopted,
    /// It had its report before this run.
    Before,
    /// It waits for a later run: for so long, where the rate budget says how long that is.
    Waits(Option<Duration>),
}

/// Reports that Amazon listed a moment ago: all of the wanted type that were made since the wanted window ended, or
/// since Amazon keeps any.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a>(pub &'a [Report]);

/// Sees to it that a window has its report: writes it down, looks whether Amazon has one, and only then asks for it.
///
/// Who asks for many windows lists Amazon's reports once and hands them in: the list is rarely to be had. It is used for
/// windows that nobody has wanted before; one that was written down before, and perhaps asked for, is looked up anew.
pub async fn request(
    dependencies: &Dependencies,
    region: Region,
    wanted: &WantedReport,
    listed: Option<Listed<'_>>,
) -> Result<Requested, CreateReportsError> {
    let now = dependencies.clock.now();
    let since = match dependencies.jobs.intend(wanted, now).await? {
        Intent::Requested { .. } => return Ok(Requested::Before),
        Intent::Pending { since } => Some(since),
        Intent::New => None,
    };
    let seller = dependencies.amazon.seller(wanted.seller.clone(), region);
    let report = ReportRequest::new(wanted.report, wanted.window, wanted.marketplaces.clone())?;
    match ask(&seller, &report, (since, listed), now).await {
        Ok(Answer::Found(id)) => attach(dependencies, wanted, &id, Origin::Adopted, Requested::Adopted).await,
        Ok(Answer::Created(id)) => attach(dependencies, wanted, &id, Origin::Requested, Requested::Now).await,
        Ok(Answer::TooEarly) => Ok(Requested::Waits(None)),
        // The intent stays: the next run looks for the report before it asks again.
        Err(error @ (AmazonError::RateLimited { .. } | AmazonError::AnswerLost { .. })) => {
            let (seller_id, kind) = (wanted.seller.as_str(), error.kind());
            tracing::info!(seller_id, kind, window = %wanted.window, "the window waits");
            let AmazonError::RateLimited { operation, wait } = error else { return Ok(Requested::Waits(None)) };
            if operation == Operation::CreateReport {
                // It surely was not asked for, so nobody has to wait until Amazon's list would have it.
                dependencies.jobs.not_asked(wanted, since.unwrap_or(now)).await?;
            }
            Ok(Requested::Waits(Some(wait)))
        }
        Err(error) => Err(error.into()),
    }
}

enum Answer {
    Found(ReportId),
    Created(ReportId),
    TooEarly,
}

async fn ask(
    seller: &Seller,
    report: &ReportRequest,
    (since, listed): (Option<Timestamp>, Option<Listed<'_>>),
    now: Timestamp,
) -> Result<Answer, AmazonError> {
    let found = match listed.filter(|_| since.is_none()) {
        Some(Listed(reports)) => newest(reports.iter(), report),
        None => existing(seller, report).await?,
    };
    if let Some(id) = found {
        return Ok(Answer::Found(id));
    }
    if since.is_some_and(|since| now.duration_since(since) < LIST_LAGS_BEHIND) {
        return Ok(Answer::TooEarly);
    }
    seller.create_report(report).await.map(Answer::Created)
}

/// The newest report at Amazon that answers this request. One that failed does not count, and one that was made
/// before the window ended lacks its last rows.
async fn existing(seller: &Seller, request: &ReportRequest) -> Result<Option<ReportId>, AmazonError> {
    let types = vec![ReportType::Requestable(request.report())];
    let Ok(query) = ReportsQuery::new(types) else { return Ok(None) };
    let page = seller.reports(&query.created_since(request.window().to)).await?;
    Ok(newest(page.reports.iter(), request))
}

fn newest<'a>(reports: impl Iterator<Item = &'a Report>, request: &ReportRequest) -> Option<ReportId> {
    let is_whole = |report: &&Report| report.created_at.is_none_or(|at| at >= request.window().to);
    let usable = reports
        .filter(is_whole)
        .filter(|report| report.answers(request) && report.status != ReportStatus::Known(ProcessingStatus::Fatal));
    usable.max_by_key(|report| report.created_at).map(|report| report.id.clone())
}

async fn attach(
    dependencies: &Dependencies,
    wanted: &WantedReport,
    id: &ReportId,
    origin: Origin,
    requested: Requested,
) -> Result<Requested, CreateReportsError> {
    dependencies.jobs.attach(wanted, id, origin, dependencies.clock.now()).await?;
    tracing::info!(
        seller_id = wanted.seller.as_str(),
        report_id = id.as_str(),
        report_type = wanted.report.name(),
        window = %wanted.window,
        origin = origin.name(),
        "the window has its report"
    );
    Ok(requested)
}
