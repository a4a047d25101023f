//! What is read: for each account a few queries, and nothing that grows with payments or documents.

use std::collections::BTreeMap;

use countinghouse_domain::ids::ReportId;
use countinghouse_store::{Job, Seller, StoreError};

use crate::{Dependencies, StoredAccount};

/// So many of an account's newest reports are read: more than a month of VAT reports (daily), VAT invoice data reports
/// (up to thirteen a day) and settlements.
const NEWEST_JOBS: usize = 500;

/// Everything that an account's figures are worked out from.
pub(crate) async fn account(dependencies: &Dependencies, seller: Seller) -> Result<StoredAccount, StoreError> {
    let id = &seller.seller_id;
    // What is on its way may be older than the newest reports: after a backfill, or when Amazon does not answer.
    let newest = dependencies.jobs.list(id, NEWEST_JOBS).await?;
    let in_flight = dependencies.jobs.in_flight(id).await?;
    let jobs: BTreeMap<ReportId, Job> =
        newest.into_iter().chain(in_flight).map(|job| (job.report_id.clone(), job)).collect();
    let flows = seller.flows;
    let has_settlements = flows.settlements || flows.vat || flows.invoicing;
    let settlements = if has_settlements { dependencies.settlements.list(id).await? } else { Vec::new() };
    Ok(StoredAccount {
        settlements,
        jobs: jobs.into_values().collect(),
        pending: dependencies.jobs.pending(id).await?,
        buckets: dependencies.budgets.buckets(id).await?,
        secret_expires_at: dependencies.secrets.client_secret_expires_at(&seller.secret_name).await?,
        seller,
    })
}

/// How many vendor invoices and files wait for a person; none where no vendor is connected.
pub(crate) async fn vendor_needs(
    dependencies: &Dependencies,
    accounts: &[StoredAccount],
) -> Result<Option<u64>, StoreError> {
    if !accounts.iter().any(|account| account.seller.flows.vendor) {
        return Ok(None);
    }
    let waiting = dependencies.vendor_invoices.count_needing_a_person().await?;
    Ok(Some(waiting))
}
