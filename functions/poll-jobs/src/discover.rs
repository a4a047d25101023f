//! What Amazon has that is not known here: settlements, whose notification may never have come, and reports that
//! were requested while the answer was lost.

use std::collections::BTreeSet;

use countinghouse_amazon::{AmazonError, Report, ReportRequest, ReportsQuery, Seller as AmazonSeller};
use countinghouse_domain::ids::ReportId;
use countinghouse_domain::job::{JobState, ProcessingStatus};
use countinghouse_domain::report::ReportType;
use countinghouse_store::{Discovered, Facts, Found, Origin, Pending, Seller};
use jiff::SignedDuration;

use crate::hand_on::hand_on;
use crate::{Dependencies, Outcome, PollError, count};

/// Amazon keeps reports for 90 days and refuses to list further back; a day is left as a margin.
const LISTED: SignedDuration = SignedDuration::from_hours(24 * 89);
/// More jobs than a seller has in 90 days: daily VAT reports and some settlements for each marketplace.
const KNOWN_JOBS: usize = 2_000;

pub(crate) async fn reports(
    dependencies: &Dependencies,
    seller: &Seller,
    amazon: &AmazonSeller,
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    let mut types = Vec::new();
    if seller.flows.settlements {
        types.push(ReportType::SETTLEMENT_V2);
    }
    let pending = dependencies.jobs.pending(&seller.seller_id).await?;
    let wanted: BTreeSet<_> = pending.iter().map(|each| ReportType::Requestable(each.wanted.report)).collect();
    types.extend(wanted);
    if types.is_empty() {
        return Ok(());
    }
    let since = dependencies.clock.now().saturating_sub(LISTED).unwrap_or(jiff::Timestamp::MIN);
    let page = match amazon.reports(&ReportsQuery::new(types)?.created_since(since)).await {
        Err(AmazonError::RateLimited { .. }) => {
            count(&mut outcome.deferred);
            return Ok(());
        }
        page => page?,
    };
    if page.unreadable > 0 {
        tracing::warn!(
            seller_id = seller.seller_id.as_str(),
            unreadable = page.unreadable,
            "entries of Amazon's list make no sense"
        );
    }
    adopt(dependencies, &pending, &page.reports, outcome).await?;
    settlements(dependencies, seller, &page.reports, outcome).await
}

async fn adopt(
    dependencies: &Dependencies,
    pending: &[Pending],
    reports: &[Report],
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    for each in pending {
        let wanted = &each.wanted;
        let request = ReportRequest::new(wanted.report, wanted.window, wanted.marketplaces.clone())?;
        let failed = |report: &&Report| report.status.known() == Some(ProcessingStatus::Fatal);
        if let Some(report) = reports.iter().find(|report| report.answers(&request) && !failed(report)) {
            dependencies.jobs.attach(wanted, &report.id, Origin::Adopted, dependencies.clock.now()).await?;
            count(&mut outcome.adopted);
        }
    }
    Ok(())
}

/// Records the settlements among Amazon's reports that are not known, and hands on those that are done.
pub async fn settlements(
    dependencies: &Dependencies,
    seller: &Seller,
    reports: &[Report],
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    let known = dependencies.jobs.list(&seller.seller_id, KNOWN_JOBS).await?;
    let known: BTreeSet<&ReportId> = known.iter().map(|job| &job.report_id).collect();
    let mut news: Vec<&Report> = reports.iter().filter(|report| !known.contains(&report.id)).collect();
    // The oldest first, so that a settlement is usually booked after the one before it in its chain.
    news.sort_by_key(|report| report.created_at);
    for report in news {
        let Some(report_type @ ReportType::Settlement(_)) = report.known_type() else { continue };
        let Some(state) = report.status.known().map(JobState::from) else { continue };
        record(dependencies, seller, report, report_type, state, outcome).await?;
    }
    Ok(())
}

async fn record(
    dependencies: &Dependencies,
    seller: &Seller,
    report: &Report,
    report_type: ReportType,
    state: JobState,
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    let document = report.document.clone().filter(|_| state == JobState::Done);
    if let Some(document) = &document {
        hand_on(dependencies, &seller.seller_id, &report.id, report_type, document.clone()).await?;
        count(&mut outcome.handed_on);
    }
    let found = Found {
        report_id: report.id.clone(),
        report_type,
        state,
        origin: Origin::Poll,
        window: report.window(),
        marketplaces: report.marketplaces.clone(),
        facts: Facts { document_id: document, created_at: report.created_at, ..Facts::default() },
    };
    let recorded = dependencies.jobs.discovered(&seller.seller_id, &found, dependencies.clock.now()).await?;
    if recorded == Discovered::New {
        count(&mut outcome.discovered);
    }
    Ok(())
}
