//! Amazon's list of an account's reports: page after page, as its rate allows.

use std::collections::BTreeMap;
use std::time::Duration;

use countinghouse_amazon::{AmazonError, Report, ReportsQuery};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::job::Window;
use countinghouse_domain::report::ReportType;
use countinghouse_store::Seller;
use jiff::Timestamp;

use super::item::{Item, Kind, Stand};
use super::office::Office;
use super::progress::Progress;
use super::work::pause;
use super::{BackfillError, Flow};

/// More pages than Amazon has reports of 90 days: the list goes round in a circle.
const MOST_PAGES: usize = 400;

/// The reports of each account that something is wanted of, as Amazon listed them just now.
pub(super) type Lists = BTreeMap<SellerId, Vec<Report>>;

/// Lists what Amazon has for every account of which something is wanted, and takes its settlements over.
pub(super) async fn all(office: &Office, items: &mut Vec<Item>, progress: &Progress) -> Result<Lists, BackfillError> {
    let mut lists = Lists::new();
    for account in &office.accounts {
        let mine = |item: &&Item| item.account == account.seller_id && item.is_wanted();
        let Some(query) = query(items.iter().filter(mine))? else { continue };
        let reports = match pages(office, account, &query, progress).await {
            Ok(reports) => reports,
            // One account's trouble does not stop the others.
            Err(error) => {
                fail(items, account, &crate::desk::chain(&error));
                continue;
            }
        };
        settlements(office, account, &reports, items, progress).await?;
        lists.insert(account.seller_id.clone(), reports);
    }
    Ok(lists)
}

fn fail(items: &mut [Item], account: &Seller, why: &str) {
    for item in items.iter_mut().filter(|item| item.account == account.seller_id && item.is_wanted()) {
        if !matches!(item.kind, Kind::Days) {
            item.stand = Stand::Over(super::item::End::failed(why.to_owned()));
        }
    }
}

/// What is asked for: all types that are wanted, since the earliest of them can have been made. None for purchases only.
fn query<'a>(items: impl Iterator<Item = &'a Item>) -> Result<Option<ReportsQuery>, BackfillError> {
    let (mut types, mut since): (Vec<ReportType>, Timestamp) = (Vec::new(), Timestamp::MAX);
    for item in items {
        let (report_type, made) = match &item.kind {
            // A report of a window is made after its end.
            Kind::Report(wanted) => (ReportType::Requestable(wanted.report), item.window.to),
            Kind::List => (ReportType::SETTLEMENT_V2, item.window.from),
            Kind::Settlement | Kind::Days => continue,
        };
        if !types.contains(&report_type) {
            types.push(report_type);
        }
        since = since.min(made);
    }
    if types.is_empty() {
        return Ok(None);
    }
    Ok(Some(ReportsQuery::new(types)?.created_since(since)))
}

/// Page after page. Where the budget ends between two, the page that was had is kept.
async fn pages(
    office: &Office,
    account: &Seller,
    query: &ReportsQuery,
    progress: &Progress,
) -> Result<Vec<Report>, AmazonError> {
    let amazon = office.amazon.seller(account.seller_id.clone(), account.region);
    let (mut reports, mut next) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = loop {
            match amazon.reports_page(query, next.as_ref()).await {
                Err(AmazonError::RateLimited { wait, .. }) => {
                    progress.waits(&format!("Amazon's list of {}", account.seller_id), wait);
                    pause(wait.max(Duration::from_millis(100))).await;
                }
                page => break page?,
            }
        };
        reports.extend(page.reports);
        if page.next.is_none() || page.next == next {
            break;
        }
        next = page.next;
    }
    Ok(reports)
}

/// Takes over the settlements of the span; each is an item from now on.
async fn settlements(
    office: &Office,
    account: &Seller,
    reports: &[Report],
    items: &mut Vec<Item>,
    progress: &Progress,
) -> Result<(), BackfillError> {
    let is_list =
        |item: &Item| item.account == account.seller_id && matches!(item.kind, Kind::List) && item.is_wanted();
    let Some(place) = items.iter().position(is_list) else { return Ok(()) };
    let Some(span) = items.get(place).map(|item| item.window) else { return Ok(()) };
    let mine: Vec<Report> = reports.iter().filter(|report| is_within(report, span)).cloned().collect();
    let mut outcome = poll_jobs::Outcome::default();
    poll_jobs::take_over_settlements(&office.polls, account, &mine, &mut outcome).await?;
    progress.say(&format!(
        "{}: Amazon lists {} settlements of these days, {} of them are new",
        account.seller_id,
        mine.len(),
        outcome.discovered
    ));
    items.remove(place);
    for report in mine.iter().rev() {
        items.insert(
            place,
            Item {
                account: account.seller_id.clone(),
                region: account.region,
                flow: Flow::Settlements,
                window: report.window().unwrap_or(span),
                kind: Kind::Settlement,
                stand: Stand::AtWork(Some(report.id.clone())),
            },
        );
    }
    Ok(())
}

/// Whether a settlement has something of the span: its period, or where Amazon states none the day on which it was made.
fn is_within(report: &Report, span: Window) -> bool {
    let is_settlement = matches!(report.known_type(), Some(ReportType::Settlement(_)));
    let period = report.window().or_else(|| {
        let made = report.created_at?;
        Some(Window { from: made, to: made })
    });
    is_settlement
        && report.status.known().is_some()
        && period.is_none_or(|own| own.to > span.from && own.from < span.to)
}
