//! Which operation answers a call, and what a call is about.

use bytes::Bytes;
use serde_json::Value;

use crate::business::operations as business;
use crate::feeds::operations as feeds;
use crate::gate::ApiCall;
use crate::operations::Operation;
use crate::reply::{Answer, Reply};
use crate::vendor::{VendorApi, operations as vendor};
use crate::world::World;
use crate::{application, notifications, participations, reports, restricted};

/// What a call is about, for the log and for faults: the last part of its path, or something of its body.
pub(crate) fn subject(operation: Operation, parameters: &[String], body: &Bytes) -> Option<String> {
    let apis =
        [(Operation::SubmitInvoices, VendorApi::Retail), (Operation::SubmitInvoice, VendorApi::DirectFulfillment)];
    let api = apis.into_iter().find(|(known, _)| *known == operation);
    let in_body = matches!(operation, Operation::CreateReport | Operation::CreateFeed) || api.is_some();
    let body: Option<Value> = in_body.then(|| serde_json::from_slice(body).ok()).flatten();
    let told = body.and_then(|body| match api {
        Some((_, api)) => vendor::subject(&body, api),
        None if operation == Operation::CreateFeed => feeds::subject(&body),
        None => Some(body.get("reportType")?.as_str()?.to_owned()),
    });
    told.or_else(|| parameters.last().cloned())
}

/// Answers a call that has passed the gate.
pub(crate) fn dispatch(world: &mut World, operation: Operation, call: &ApiCall) -> Answer {
    match operation {
        Operation::CreateReport => reports::create(world, call),
        Operation::GetReport => reports::get(world, call),
        Operation::GetReports => reports::list(world, call),
        Operation::CancelReport => reports::cancel(world, call),
        Operation::GetReportDocument => reports::document::get(world, call),
        Operation::CreateReportSchedule => reports::schedules::create(world, call),
        Operation::GetReportSchedule => reports::schedules::get(world, call),
        Operation::GetReportSchedules => reports::schedules::list(world, call),
        Operation::CancelReportSchedule => reports::schedules::cancel(world, call),
        Operation::CreateRestrictedDataToken => restricted::create(world, call),
        Operation::CreateDestination => notifications::create_destination(world, call),
        Operation::GetDestination => notifications::get_destination(world, call),
        Operation::GetDestinations => Ok(notifications::get_destinations(world, call)),
        Operation::DeleteDestination => notifications::delete_destination(world, call),
        Operation::CreateSubscription => notifications::create_subscription(world, call),
        Operation::GetSubscription => notifications::get_subscription(world, call),
        Operation::GetSubscriptions => notifications::get_subscriptions(world, call),
        Operation::GetSubscriptionById => notifications::get_subscription_by_id(world, call),
        Operation::DeleteSubscriptionById => notifications::delete_subscription_by_id(world, call),
        Operation::SendTestNotification => notifications::send_test(world, call),
        Operation::GetMarketplaceParticipations => participations::marketplaces(world, call),
        Operation::GetAccount => participations::account(world, call),
        Operation::RotateApplicationClientSecret => application::rotate(world, call),
        Operation::SubmitInvoices => vendor::submit(world, call, VendorApi::Retail),
        Operation::GetTransaction => vendor::payload(world, call, VendorApi::Retail),
        Operation::SubmitInvoice => vendor::submit(world, call, VendorApi::DirectFulfillment),
        Operation::GetTransactionStatus => vendor::plain(world, call, VendorApi::DirectFulfillment),
        Operation::GetTransactionStatusV1 => vendor::payload(world, call, VendorApi::DirectFulfillment),
        Operation::GetTransactions => business::transactions(world, call),
        Operation::GetInvoiceDetailsByOrderLineItems => business::invoices(world, call),
        Operation::CreateFeedDocument => feeds::create_document(world, call),
        Operation::GetFeedDocument => feeds::get_document(world, call),
        Operation::CreateFeed => feeds::create(world, call),
        Operation::GetFeed => feeds::get(world, call),
        Operation::GetFeeds => feeds::list(world, call),
        Operation::CancelFeed => feeds::cancel(world, call),
        Operation::Token | Operation::UploadDocument | Operation::DownloadDocument => {
            Err(Reply::not_found("There is no such resource."))
        }
    }
}
