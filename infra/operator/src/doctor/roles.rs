//! Whether the application has the roles that an account's flows need: seen only by calling what needs them.

use countinghouse_amazon::{Amazon, AmazonError, ReportsQuery, Seller as AmazonSeller};
use countinghouse_domain::ids::ReportDocumentId;
use countinghouse_domain::job::Window;
use countinghouse_domain::report::{ReportType, RequestableReport, VatInvoiceFormat};
use countinghouse_domain::vendor::VendorApi;
use countinghouse_store::{Jobs, Seller};
use jiff::SignedDuration;

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use crate::desk::{chain, span};

/// A role at Amazon, by the name that its console shows, and the flow that needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Need {
    flow: &'static str,
    role: &'static str,
    what: What,
}

/// The cheapest call that needs a role and changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The list of reports of a type, one of which is asked for.
    Reports(ReportType),
    /// The list of uploaded invoices.
    Feeds,
    /// A transaction that does not exist, of either API of vendors.
    VendorTransaction,
    /// The purchases of one second.
    Purchases,
}

/// No transaction and no document has this name; Amazon then refuses the name, and not the caller.
const NOTHING: &str = "countinghouse-doctor";

fn needs(account: &Seller) -> Vec<Need> {
    let invoices = ReportType::Requestable(RequestableReport::VatInvoices(VatInvoiceFormat::FlatFile));
    let need = |flow, role, what| Need { flow, role, what };
    let all = [
        (
            account.flows.settlements,
            need("settlements", "Finance and Accounting", What::Reports(ReportType::SETTLEMENT_V2)),
        ),
        (account.flows.vat, need("vat", "Tax Remittance (Restricted)", What::Reports(ReportType::SC_VAT_TAX_REPORT))),
        (account.flows.invoicing, need("invoicing", "Tax Invoicing (Restricted)", What::Reports(invoices))),
        (account.flows.invoicing, need("invoicing uploads", "Tax Invoicing (Restricted)", What::Feeds)),
        (account.flows.vendor, need("vendor", "Vendor Retail Procurement Invoices", What::VendorTransaction)),
        (account.flows.purchases, need("purchases", "Business Purchase Reconciliation", What::Purchases)),
    ];
    all.into_iter().filter(|(is_on, _)| *is_on).map(|(_, need)| need).collect()
}

/// The roles of an account's flows, and restricted tokens where it needs them.
pub(super) async fn check(patient: &Patient, amazon: &Amazon, account: &Seller) -> Vec<Finding> {
    let seller = amazon.seller(account.seller_id.clone(), account.region);
    let mut findings = Vec::new();
    for need in needs(account) {
        let answer = call(patient, &seller, need.what).await;
        findings.push(Finding::part(
            Check::Role,
            &account.seller_id,
            need.flow,
            judged(patient, account, need, answer),
        ));
    }
    if account.flows.vat {
        findings.push(Finding::about(
            Check::RestrictedToken,
            &account.seller_id,
            restricted(patient, &seller, account).await,
        ));
    }
    findings
}

/// The same where Amazon gives no token.
pub(super) fn skipped(account: &Seller, token: &Verdict) -> Vec<Finding> {
    let why = match token {
        Verdict::Skipped { why } => why.clone(),
        Verdict::Fine { .. } | Verdict::Look(_) | Verdict::Broken(_) => "no access token, see `token`".to_owned(),
    };
    let verdict = || Verdict::skipped(why.clone());
    let id = &account.seller_id;
    let mut findings: Vec<_> =
        needs(account).into_iter().map(|need| Finding::part(Check::Role, id, need.flow, verdict())).collect();
    if account.flows.vat {
        findings.push(Finding::about(Check::RestrictedToken, id, verdict()));
    }
    for notification in super::subscriptions::wanted(account) {
        findings.push(Finding::part(Check::Subscription, id, notification.name(), verdict()));
    }
    findings
}

async fn call(patient: &Patient, seller: &AmazonSeller, what: What) -> Result<(), AmazonError> {
    match what {
        What::Reports(report) => match ReportsQuery::new(vec![report]) {
            Ok(query) => seller.reports_page(&query.created_since(patient.now), None).await.map(|_page| ()),
            // One type is never too many.
            Err(_too_many) => Ok(()),
        },
        What::Feeds => seller.check_feeds().await,
        What::VendorTransaction => match transaction(seller, VendorApi::Retail).await {
            // A vendor has one of the two roles, or both.
            Err(AmazonError::Forbidden { .. }) => transaction(seller, VendorApi::DirectFulfillment).await,
            answer => answer,
        },
        What::Purchases => {
            let to = patient.now;
            let from = to.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(to);
            seller.transactions_page(Window { from, to }, None).await.map(|_page| ())
        }
    }
}

/// Asks for a transaction that is not there: whoever may ask is told so.
async fn transaction(seller: &AmazonSeller, api: VendorApi) -> Result<(), AmazonError> {
    let Ok(id) = NOTHING.parse() else { return Ok(()) };
    match seller.vendor_transaction(api, &id).await {
        Ok(_) | Err(AmazonError::NotFound { .. } | AmazonError::BadRequest { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn judged(patient: &Patient, account: &Seller, need: Need, answer: Result<(), AmazonError>) -> Verdict {
    match answer {
        Ok(()) => Verdict::fine(format!("{}: Amazon answers", need.role)),
        Err(AmazonError::Forbidden { answer, .. }) => Verdict::broken(
            format!("the role {} is missing: Amazon says {answer}", need.role),
            roles_cure(patient, account, need.role),
        ),
        Err(error) => unanswered(&error),
    }
}

/// A role is added to the application, and counts for an account once it has authorised the application anew.
fn roles_cure(patient: &Patient, account: &Seller, role: &str) -> Vec<String> {
    vec![
        format!(
            "add the role \"{role}\" to the application: \
             https://sellercentral.amazon.com/sellingpartner/developerconsole (Edit App)"
        ),
        "let the account authorise it anew: https://sellercentral.amazon.com/apps/manage, and store the new token:"
            .to_owned(),
        patient.mend.own(&format!("connect --account {}", account.seller_id)),
    ]
}

fn unanswered(error: &AmazonError) -> Verdict {
    if let AmazonError::RateLimited { wait, .. } = error {
        let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1);
        let wait = span(SignedDuration::from_secs(seconds));
        return Verdict::skipped(format!("Amazon's rate is used up at the moment; run doctor again in {wait}"));
    }
    Verdict::look(
        format!("could not be checked: {}", chain(error)),
        ["run it again; Amazon's own state: https://sellercentral.amazon.com/sp-api-status".to_owned()],
    )
}

/// A restricted token for the newest document with personal data, or for one that does not exist.
async fn restricted(patient: &Patient, seller: &AmazonSeller, account: &Seller) -> Verdict {
    let jobs = Jobs::new(patient.stack.dynamodb(), &patient.stack.tables.jobs);
    let known = match jobs.list(&account.seller_id, 200).await {
        Ok(known) => known,
        Err(error) => return patient.unread(&error),
    };
    let is_restricted = |job: &&countinghouse_store::Job| job.report_type.needs_restricted_data_token();
    let newest = known.iter().filter(is_restricted).find_map(|job| job.facts.document_id.clone());
    let found = newest.is_some();
    let Some(document) = newest.or_else(|| NOTHING.parse::<ReportDocumentId>().ok()) else {
        return Verdict::skipped("there is no document to ask for");
    };
    match seller.check_restricted_access(&document).await {
        Ok(()) if found => Verdict::fine("Amazon gives one for the newest VAT report"),
        Ok(()) => Verdict::fine("Amazon lets the application ask; there is no VAT report yet"),
        Err(AmazonError::Forbidden { answer, .. }) => Verdict::broken(
            format!("Amazon gives no restricted token, which VAT reports need: {answer}"),
            roles_cure(patient, account, "Tax Remittance (Restricted)"),
        ),
        Err(error) => unanswered(&error),
    }
}
