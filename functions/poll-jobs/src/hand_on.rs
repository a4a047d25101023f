//! Handing a finished report on: first the message, then the state, so that a crash between the two repeats the
//! message rather than losing it.

use countinghouse_domain::ids::{ReportDocumentId, ReportId, SellerId};
use countinghouse_domain::report::ReportType;
use countinghouse_runtime::messages::{Download, Version};
use std::time::Duration;

use crate::{Dependencies, PollError};

pub(crate) async fn hand_on(
    dependencies: &Dependencies,
    seller_id: &SellerId,
    report_id: &ReportId,
    report_type: ReportType,
    report_document_id: ReportDocumentId,
) -> Result<(), PollError> {
    let message = Download {
        version: Version,
        seller_id: seller_id.clone(),
        report_id: report_id.clone(),
        report_type,
        report_document_id,
        attempt: 1,
    };
    dependencies.downloads.send(&message, Duration::ZERO).await?;
    tracing::info!(
        seller_id = seller_id.as_str(),
        report_id = report_id.as_str(),
        report_type = report_type.name(),
        "the report is done and handed on"
    );
    Ok(())
}
