//! The operations of the API: paths, usage plans and the kind of token, as one table.

use serde::{Deserialize, Serialize};

use crate::account::Role;

/// Something a client can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are Amazon's own operation names")]
pub enum Operation {
    CreateReport,
    GetReport,
    GetReports,
    CancelReport,
    GetReportDocument,
    CreateReportSchedule,
    GetReportSchedule,
    GetReportSchedules,
    CancelReportSchedule,
    CreateRestrictedDataToken,
    CreateDestination,
    GetDestination,
    GetDestinations,
    DeleteDestination,
    CreateSubscription,
    GetSubscription,
    GetSubscriptions,
    GetSubscriptionById,
    DeleteSubscriptionById,
    SendTestNotification,
    GetMarketplaceParticipations,
    GetAccount,
    RotateApplicationClientSecret,
    SubmitInvoices,
    GetTransaction,
    SubmitInvoice,
    /// getTransactionStatus of version 2021-12-28.
    GetTransactionStatus,
    /// getTransactionStatus of version 1.
    GetTransactionStatusV1,
    GetTransactions,
    GetInvoiceDetailsByOrderLineItems,
    CreateFeedDocument,
    GetFeedDocument,
    CreateFeed,
    GetFeed,
    GetFeeds,
    CancelFeed,
    /// Not an operation of the API: the token endpoint of Login with Amazon.
    Token,
    /// Not an operation of the API: fetching a document from its URL.
    DownloadDocument,
    /// Not an operation of the API: sending a document to its URL.
    UploadDocument,
}

impl Operation {
    /// Amazon's name of the operation.
    pub fn as_str(self) -> &'static str {
        let others = [(Self::Token, "token"), (Self::UploadDocument, "uploadDocument")];
        let names = OPERATIONS.iter().map(|spec| (spec.operation, spec.name)).chain(others);
        names.into_iter().find(|(known, _)| *known == self).map_or("downloadDocument", |(_, name)| name)
    }
}

/// Whose token an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A token that a seller has authorised.
    Seller,
    /// A token of the application alone, with the scope for notifications.
    Grantless,
    /// A token of the application alone, with the scope for new secrets.
    Rotation,
    /// A token that an account has authorised whose application has this role.
    Role(Role),
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OperationSpec {
    pub(crate) operation: Operation,
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// Calls a second, in the long run.
    pub(crate) rate: f64,
    /// Calls at once.
    pub(crate) burst: u32,
    pub(crate) access: Access,
}

const fn row(
    operation: Operation,
    name: &'static str,
    method: &'static str,
    path: &'static str,
    (rate, burst): (f64, u32),
    access: Access,
) -> OperationSpec {
    OperationSpec { operation, name, method, path, rate, burst, access }
}

use Access::{Grantless, Rotation, Seller};
use Operation as Op;

const FINANCE: Access = Access::Role(Role::FinanceAndAccounting);
const RETAIL: Access = Access::Role(Role::VendorRetailProcurementInvoices);
const DIRECT: Access = Access::Role(Role::DirectToConsumerShipping);
const BUSINESS: Access = Access::Role(Role::BusinessPurchaseReconciliation);

#[rustfmt::skip]
pub(crate) const OPERATIONS: &[OperationSpec] = &[
    row(Op::CreateReport,                 "createReport",                 "POST",   "/reports/2021-06-30/reports",                        (0.0167, 15), Seller),
    row(Op::GetReport,                    "getReport",                    "GET",    "/reports/2021-06-30/reports/{}",                     (2.0, 15),    Seller),
    row(Op::GetReports,                   "getReports",                   "GET",    "/reports/2021-06-30/reports",                        (0.0222, 10), Seller),
    row(Op::CancelReport,                 "cancelReport",                 "DELETE", "/reports/2021-06-30/reports/{}",                     (0.0222, 10), Seller),
    row(Op::GetReportDocument,            "getReportDocument",            "GET",    "/reports/2021-06-30/documents/{}",                   (0.0167, 15), Seller),
    row(Op::CreateReportSchedule,         "createReportSchedule",         "POST",   "/reports/2021-06-30/schedules",                      (0.0222, 10), Seller),
    row(Op::GetReportSchedule,            "getReportSchedule",            "GET",    "/reports/2021-06-30/schedules/{}",                   (0.0222, 10), Seller),
    row(Op::GetReportSchedules,           "getReportSchedules",           "GET",    "/reports/2021-06-30/schedules",                      (0.0222, 10), Seller),
    row(Op::CancelReportSchedule,         "cancelReportSchedule",         "DELETE", "/reports/2021-06-30/schedules/{}",                   (0.0222, 10), Seller),
    row(Op::CreateRestrictedDataToken,    "createRestrictedDataToken",    "POST",   "/tokens/2021-03-01/restrictedDataToken",             (1.0, 10),    Seller),
    row(Op::CreateDestination,            "createDestination",            "POST",   "/notifications/v1/destinations",                     (1.0, 5),     Grantless),
    row(Op::GetDestination,               "getDestination",               "GET",    "/notifications/v1/destinations/{}",                  (1.0, 5),     Grantless),
    row(Op::GetDestinations,              "getDestinations",              "GET",    "/notifications/v1/destinations",                     (1.0, 5),     Grantless),
    row(Op::DeleteDestination,            "deleteDestination",            "DELETE", "/notifications/v1/destinations/{}",                  (1.0, 5),     Grantless),
    row(Op::CreateSubscription,           "createSubscription",           "POST",   "/notifications/v1/subscriptions/{}",                 (1.0, 5),     Seller),
    row(Op::GetSubscription,              "getSubscription",              "GET",    "/notifications/v1/subscriptions/{}",                 (1.0, 5),     Seller),
    row(Op::GetSubscriptions,             "getSubscriptions",             "GET",    "/notifications/v1/subscriptions",                    (1.0, 5),     Seller),
    row(Op::SendTestNotification,         "sendTestNotification",         "POST",   "/notifications/v1/subscriptions/{}/testNotification",(1.0, 5),     Grantless),
    row(Op::GetSubscriptionById,          "getSubscriptionById",          "GET",    "/notifications/v1/subscriptions/{}/{}",              (1.0, 5),     Grantless),
    row(Op::DeleteSubscriptionById,       "deleteSubscriptionById",       "DELETE", "/notifications/v1/subscriptions/{}/{}",              (1.0, 5),     Grantless),
    row(Op::GetMarketplaceParticipations, "getMarketplaceParticipations", "GET",    "/sellers/v1/marketplaceParticipations",              (0.016, 15),  FINANCE),
    row(Op::GetAccount,                   "getAccount",                   "GET",    "/sellers/v1/account",                                (0.016, 15),  FINANCE),
    row(Op::RotateApplicationClientSecret,"rotateApplicationClientSecret","POST",   "/applications/2023-11-30/clientSecret",              (0.0167, 1),  Rotation),
    row(Op::SubmitInvoices,               "submitInvoices",               "POST",   "/vendor/payments/v1/invoices",                       (10.0, 10),   RETAIL),
    row(Op::GetTransaction,               "getTransaction",               "GET",    "/vendor/transactions/v1/transactions/{}",            (10.0, 20),   RETAIL),
    row(Op::SubmitInvoice,                "submitInvoice",                "POST",   "/vendor/directFulfillment/payments/v1/invoices",     (10.0, 10),   DIRECT),
    row(Op::GetTransactionStatus,         "getTransactionStatus",         "GET",    "/vendor/directFulfillment/transactions/2021-12-28/transactions/{}", (10.0, 10), DIRECT),
    row(Op::GetTransactionStatusV1,       "getTransactionStatusV1",       "GET",    "/vendor/directFulfillment/transactions/v1/transactions/{}", (10.0, 10), DIRECT),
    row(Op::GetTransactions,              "getTransactions",              "GET",    "/reconciliation/2021-01-08/transactions",            (2.0, 10),    BUSINESS),
    row(Op::GetInvoiceDetailsByOrderLineItems, "getInvoiceDetailsByOrderLineItems", "POST", "/reconciliation/2021-01-08/invoices",     (2.0, 10),    BUSINESS),
    row(Op::CreateFeedDocument,           "createFeedDocument",           "POST",   "/feeds/2021-06-30/documents",                        (0.5, 15),    Seller),
    row(Op::GetFeedDocument,              "getFeedDocument",              "GET",    "/feeds/2021-06-30/documents/{}",                     (0.0222, 10), Seller),
    row(Op::CreateFeed,                   "createFeed",                   "POST",   "/feeds/2021-06-30/feeds",                            (0.0083, 15), Seller),
    row(Op::GetFeed,                      "getFeed",                      "GET",    "/feeds/2021-06-30/feeds/{}",                         (2.0, 15),    Seller),
    row(Op::GetFeeds,                     "getFeeds",                     "GET",    "/feeds/2021-06-30/feeds",                            (0.0222, 10), Seller),
    row(Op::CancelFeed,                   "cancelFeed",                   "DELETE", "/feeds/2021-06-30/feeds/{}",                         (2.0, 15),    Seller),
];

/// Finds the operation of a request, with the values of the path's parameters in order.
pub(crate) fn route(method: &str, path: &str) -> Option<(&'static OperationSpec, Vec<String>)> {
    OPERATIONS
        .iter()
        .filter(|spec| spec.method == method)
        .find_map(|spec| match_path(spec.path, path).map(|parameters| (spec, parameters)))
}

/// Matches a path against a template in which each `{…}` stands for one segment.
pub(crate) fn match_path(template: &str, path: &str) -> Option<Vec<String>> {
    let mut parameters = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        if expected.starts_with('{') {
            if segment.is_empty() {
                return None;
            }
            parameters.push(percent_decoded(segment));
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(parameters)
}

/// A path segment with its `%xx` resolved; a plus sign stays one.
pub(crate) fn percent_decoded(segment: &str) -> String {
    let query = format!("v={}", segment.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_parameter_finds_its_operation() {
        let (spec, parameters) = route("GET", "/reports/2021-06-30/reports/ID%2F1").unwrap();
        assert_eq!((spec.name, parameters), ("getReport", vec!["ID/1".to_owned()]));
    }

    #[test]
    fn the_method_tells_apart_operations_of_one_path() {
        assert_eq!(route("DELETE", "/reports/2021-06-30/reports/1").unwrap().0.name, "cancelReport");
        assert!(route("PUT", "/reports/2021-06-30/reports/1").is_none());
        assert!(route("GET", "/reports/2021-06-30/reports/").is_none());
        assert!(route("GET", "/reports/2021-06-30/reports/1/2").is_none());
    }

    #[test]
    fn the_fixed_segment_wins_over_a_parameter() {
        let (spec, _) = route("POST", "/notifications/v1/subscriptions/T/testNotification").unwrap();
        assert_eq!(spec.name, "sendTestNotification");
    }
}
