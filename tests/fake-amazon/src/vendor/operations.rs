//! submitInvoices, submitInvoice, and the operations that tell what became of them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::messages;
use super::shapes::{DIRECT_FULFILLMENT, RETAIL};
use super::{Status, VendorApi, VendorError};
use crate::gate::ApiCall;
use crate::reply::{Answer, Reply, put};
use crate::reports::seller;
use crate::world::World;

#[derive(Debug, Deserialize)]
struct SubmitBody {
    #[serde(default)]
    invoices: Vec<Value>,
}

/// The number of the first invoice of a request, for the log and for faults.
pub(crate) fn subject(body: &Value, api: VendorApi) -> Option<String> {
    body.pointer("/invoices/0")?.get(api.id_field())?.as_str().map(str::to_owned)
}

/// submitInvoices and submitInvoice.
pub(crate) fn submit(world: &mut World, call: &ApiCall, api: VendorApi) -> Answer {
    let body: SubmitBody = call.json()?;
    let shape = match api {
        VendorApi::Retail => &RETAIL,
        VendorApi::DirectFulfillment => &DIRECT_FULFILLMENT,
    };
    let wrong = messages(shape, &body.invoices)
        .map_err(|_unreadable| Reply::invalid_input("Could not match input arguments"))?;
    if !wrong.is_empty() {
        return Err(Reply::invalid_inputs(&wrong));
    }
    let transaction_id = seller(world, call)?.vendor.take(call.seller_id(), api, body.invoices, call.now);
    Ok(Reply::json(202, json!({"payload": {"transactionId": transaction_id}})))
}

/// getTransaction, and getTransactionStatus v1: the transaction is in a payload.
pub(crate) fn payload(world: &mut World, call: &ApiCall, api: VendorApi) -> Answer {
    let body = transaction(world, call, api, |errors| json!(errors))?;
    Ok(Reply::json(200, json!({"payload": body})))
}

/// getTransactionStatus 2021-12-28: no payload, and (so says its model) the errors are one object deeper.
pub(crate) fn plain(world: &mut World, call: &ApiCall, api: VendorApi) -> Answer {
    let body = transaction(world, call, api, |errors| json!({"errors": errors}))?;
    Ok(Reply::json(200, body))
}

fn transaction(
    world: &mut World,
    call: &ApiCall,
    api: VendorApi,
    shown: fn(&[VendorError]) -> Value,
) -> Result<Value, Reply> {
    let transaction_id = call.parameter(0);
    let seller = seller(world, call)?;
    let status = seller.vendor.status(&seller.config.vendor, api, transaction_id, call.now);
    let status = status.ok_or_else(|| Reply::invalid_input("Invalid transmission ID."))?;
    let name = match status {
        Status::Processing => "Processing",
        Status::Success => "Success",
        Status::Failure(_) => "Failure",
    };
    let mut body = json!({"transactionId": transaction_id, "status": name});
    if let Status::Failure(errors) = status {
        put(&mut body, "errors", shown(&errors));
    }
    Ok(json!({"transactionStatus": body}))
}
