//! What the application must be allowed for an account, and the cheapest call that shows it.
//!
//! The roles are Amazon's, by the name that its console shows. Each call reads as little as there is; where an answer
//! is 403, the right is missing. Source: Amazon's pages "Role Mappings for SP-API Operations" and "… for SP-API Types".

use countinghouse_amazon::{AmazonError, ReportsQuery, Seller};
use countinghouse_domain::ids::{ReportDocumentId, TransactionId};
use countinghouse_domain::job::Window;
use countinghouse_domain::report::ReportType;
use countinghouse_domain::vendor::VendorApi;
use countinghouse_store::Flows;
use jiff::{SignedDuration, Timestamp};

/// Something that the application must be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// Settlements, and the marketplaces that a seller takes part in.
    Settlements,
    /// VAT reports.
    VatReports,
    /// Documents with personal data of buyers.
    PersonalData,
    /// What a seller has to invoice.
    InvoiceData,
    /// Uploads of own invoices.
    InvoiceUploads,
    /// Invoices of a vendor, retail procurement.
    VendorRetail,
    /// Invoices of a vendor, direct fulfillment.
    VendorDirect,
    /// Purchases on Amazon Business.
    Purchases,
}

impl Right {
    /// Amazon's name of the role.
    pub(crate) const fn role(self) -> &'static str {
        match self {
            Self::Settlements => "Finance and Accounting",
            Self::VatReports | Self::PersonalData => "Tax Remittance (Restricted) or Tax Invoicing (Restricted)",
            Self::InvoiceData | Self::InvoiceUploads => "Tax Invoicing (Restricted)",
            Self::VendorRetail => "Amazon Fulfillment or Inventory and Order Tracking",
            Self::VendorDirect => "Direct to Consumer Shipping (Restricted)",
            Self::Purchases => "Business Purchase Reconciliation (Restricted)",
        }
    }

    /// What it opens, for people.
    pub(crate) const fn opens(self) -> &'static str {
        match self {
            Self::Settlements => "settlements",
            Self::VatReports => "VAT reports",
            Self::PersonalData => "restricted data tokens, for documents with buyers' data",
            Self::InvoiceData => "the VAT invoice data report",
            Self::InvoiceUploads => "uploads of own invoices",
            Self::VendorRetail => "a vendor's invoices, retail procurement",
            Self::VendorDirect => "a vendor's invoices, direct fulfillment",
            Self::Purchases => "purchases on Amazon Business",
        }
    }

    /// Where Amazon lets a role be chosen.
    pub(crate) const fn console(self) -> &'static str {
        match self {
            Self::VendorRetail | Self::VendorDirect => {
                "Solution Provider Portal, or Vendor Central, Integration, API Integration"
            }
            Self::Purchases => "Amazon Business, developer console of the Solution Provider Portal",
            Self::Settlements | Self::VatReports | Self::PersonalData | Self::InvoiceData | Self::InvoiceUploads => {
                "Solution Provider Portal, or Seller Central, Apps and Services, Develop Apps"
            }
        }
    }

    /// The right without which a region cannot be found for an account with these flows.
    pub(crate) const fn first_of(flows: Flows) -> Self {
        match flows {
            Flows { purchases: true, .. } => Self::Purchases,
            Flows { vendor: true, .. } => Self::VendorRetail,
            Flows { .. } => Self::Settlements,
        }
    }
}

/// What was found out about a right.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The right.
    pub(crate) right: Right,
    /// Whether it is there.
    pub(crate) result: Result<(), AmazonError>,
}

/// The rights that an account with these flows needs, one after the other.
pub(crate) fn of(flows: Flows) -> Vec<Right> {
    let of = |on: bool, rights: &'static [Right]| if on { rights } else { &[] };
    [
        of(flows.settlements, &[Right::Settlements]),
        of(flows.vat, &[Right::VatReports, Right::PersonalData]),
        of(flows.invoicing, &[Right::InvoiceData, Right::InvoiceUploads]),
        of(flows.vendor, &[Right::VendorRetail, Right::VendorDirect]),
        of(flows.purchases, &[Right::Purchases]),
    ]
    .concat()
}

/// The flows that work with what was found out. A vendor needs one of the two APIs only.
pub(crate) fn working(mut wanted: Flows, findings: &[Finding]) -> Flows {
    let is_missing = |right: Right| findings.iter().any(|finding| finding.right == right && finding.result.is_err());
    wanted.settlements &= !is_missing(Right::Settlements);
    wanted.vat &= !is_missing(Right::VatReports) && !is_missing(Right::PersonalData);
    wanted.invoicing &= !is_missing(Right::InvoiceData) && !is_missing(Right::InvoiceUploads);
    wanted.vendor &= !(is_missing(Right::VendorRetail) && is_missing(Right::VendorDirect));
    wanted.purchases &= !is_missing(Right::Purchases);
    wanted
}

/// Asks Amazon for each right that these flows need. Nothing is changed.
pub(crate) async fn examine(seller: &Seller, flows: Flows, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut document = None;
    for right in of(flows) {
        // Where there is a document with personal data, it is the best one to ask for.
        let result = if right == Right::VatReports {
            listed(seller, ReportType::SC_VAT_TAX_REPORT).await.map(|found| document = found)
        } else if right == Right::PersonalData {
            personal_data(seller, document.take()).await
        } else {
            check(seller, right, now).await
        };
        findings.push(Finding { right, result });
    }
    findings
}

/// Asks Amazon for one right.
pub(crate) async fn check(seller: &Seller, right: Right, now: Timestamp) -> Result<(), AmazonError> {
    match right {
        Right::Settlements => listed(seller, ReportType::SETTLEMENT_V2).await.map(drop),
        Right::VatReports => listed(seller, ReportType::SC_VAT_TAX_REPORT).await.map(drop),
        Right::PersonalData => personal_data(seller, None).await,
        Right::InvoiceData => listed(seller, ReportType::VAT_INVOICES).await.map(drop),
        Right::InvoiceUploads => seller.check_feeds().await,
        Right::VendorRetail => transaction(seller, VendorApi::Retail).await,
        Right::VendorDirect => transaction(seller, VendorApi::DirectFulfillment).await,
        Right::Purchases => purchases(seller, now).await,
    }
}

/// One page of the reports of a type: the newest document among them.
async fn listed(seller: &Seller, report: ReportType) -> Result<Option<ReportDocumentId>, AmazonError> {
    let query = ReportsQuery::of(report);
    let page = seller.reports_page(&query, None).await?;
    Ok(page.reports.into_iter().find_map(|report| report.document))
}

/// A document that no seller has: Amazon refuses it, and not who asks.
const NO_DOCUMENT: &str = "amzn1.spdoc.1.4.eu.00000000-0000-0000-0000-000000000000.T0000000000000.0000";
/// A transaction that no vendor has.
const NO_TRANSACTION: &str = "20200101000000-00000000-0000-0000-0000-000000000000";

async fn personal_data(seller: &Seller, document: Option<ReportDocumentId>) -> Result<(), AmazonError> {
    match document.or_else(|| NO_DOCUMENT.parse().ok()) {
        Some(document) => seller.check_restricted_access(&document).await,
        None => Ok(()),
    }
}

async fn transaction(seller: &Seller, api: VendorApi) -> Result<(), AmazonError> {
    let Ok(unknown) = NO_TRANSACTION.parse::<TransactionId>() else { return Ok(()) };
    match seller.vendor_transaction(api, &unknown).await {
        Ok(_) | Err(AmazonError::NotFound { .. } | AmazonError::BadRequest { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The purchases of one minute, yesterday: none, as a rule.
async fn purchases(seller: &Seller, now: Timestamp) -> Result<(), AmazonError> {
    let from = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    let to = from.checked_add(SignedDuration::from_mins(1)).unwrap_or(now);
    seller.transactions_page(Window { from, to }, None).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(right: Right, is_there: bool) -> Finding {
        let missing = || AmazonError::LinkExpired;
        Finding { right, result: if is_there { Ok(()) } else { Err(missing()) } }
    }

    #[test]
    fn a_flow_works_only_with_all_of_its_rights() {
        let wanted = Flows { settlements: true, vat: true, invoicing: true, ..Flows::default() };
        let findings = [
            finding(Right::Settlements, true),
            finding(Right::VatReports, true),
            finding(Right::PersonalData, false),
            finding(Right::InvoiceData, true),
            finding(Right::InvoiceUploads, true),
        ];
        assert_eq!(working(wanted, &findings), Flows { vat: false, ..wanted });
        assert_eq!(of(wanted).len(), findings.len());
    }

    #[test]
    fn a_vendor_needs_one_of_the_two_apis() {
        let wanted = Flows { vendor: true, ..Flows::default() };
        let findings = |retail, direct| [finding(Right::VendorRetail, retail), finding(Right::VendorDirect, direct)];
        assert!(working(wanted, &findings(true, false)).vendor && working(wanted, &findings(false, true)).vendor);
        assert!(!working(wanted, &findings(false, false)).vendor);
    }

    #[test]
    fn the_things_that_nobody_has_can_be_asked_for() {
        assert!(NO_DOCUMENT.parse::<ReportDocumentId>().is_ok() && NO_TRANSACTION.parse::<TransactionId>().is_ok());
    }
}
