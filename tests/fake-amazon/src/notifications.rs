//! The Notifications API v1: destinations of an application, subscriptions of a seller.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::delivery::RawNotification;
use crate::gate::ApiCall;
use crate::reply::{Answer, Reply, put};
use crate::reports::seller;
use crate::seller::Subscription;
use crate::world::{Destination, World};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateDestinationBody {
    name: String,
    resource_specification: ResourceSpecification,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpecification {
    sqs: Option<Sqs>,
    event_bridge: Option<EventBridge>,
}

#[derive(Debug, Deserialize)]
struct Sqs {
    arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventBridge {
    region: String,
    account_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateSubscriptionBody {
    payload_version: String,
    destination_id: String,
    processing_directive: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestBody {
    destination_id: String,
}

/// createDestination: refuses a second one for the same queue.
pub(crate) fn create_destination(world: &mut World, call: &ApiCall) -> Answer {
    let body: CreateDestinationBody = call.json()?;
    if body.name.is_empty() || body.name.chars().count() > 256 {
        return Err(Reply::invalid_input("The name must have 1 to 256 characters."));
    }
    let resource = resource(&body)?;
    if world.destinations.iter().any(|known| known.client_id == call.client_id() && known.resource == resource) {
        return Err(Reply::conflict("A destination for this resource already exists."));
    }
    let arn = resource.pointer("/sqs/arn").and_then(Value::as_str);
    if arn.is_some_and(|arn| !world.applications.may_send(call.client_id(), arn)) {
        return Err(Reply::unauthorized(""));
    }
    let id = Uuid::new_v4().to_string();
    let destination = Destination { id, client_id: call.client_id().to_owned(), name: body.name, resource };
    let reply = Reply::json(200, json!({"payload": destination_json(&destination)}));
    world.destinations.push(destination);
    Ok(reply)
}

fn resource(body: &CreateDestinationBody) -> Result<Value, Reply> {
    match (&body.resource_specification.sqs, &body.resource_specification.event_bridge) {
        (Some(sqs), None) if is_queue_arn(&sqs.arn) => Ok(json!({"sqs": {"arn": sqs.arn}})),
        (None, Some(bus)) => Ok(json!({"eventBridge": {
            "name": format!("aws.partner/sellingpartnerapi.amazon.com/{}/{}", bus.account_id, body.name),
            "region": bus.region,
            "accountId": bus.account_id,
        }})),
        _ => Err(Reply::invalid_input("The resource specification is invalid.")),
    }
}

/// `arn:aws:sqs:<region>:<account>:<name>`, none of them empty.
fn is_queue_arn(arn: &str) -> bool {
    let parts = arn.strip_prefix("arn:aws:sqs:").map(|rest| rest.split(':').collect::<Vec<_>>());
    let filled = |part: &&str| !part.is_empty() && !part.contains(char::is_whitespace);
    arn.len() <= 1_000 && parts.is_some_and(|parts| parts.len() >= 3 && parts.iter().all(filled))
}

fn destination_json(destination: &Destination) -> Value {
    json!({"destinationId": destination.id, "name": destination.name, "resource": destination.resource})
}

fn own_destination<'w>(world: &'w World, call: &ApiCall) -> Result<&'w Destination, Reply> {
    let own = |known: &&Destination| known.id == call.parameter(0) && known.client_id == call.client_id();
    world.destinations.iter().find(own).ok_or_else(|| Reply::not_found("The destination was not found."))
}

/// getDestination.
pub(crate) fn get_destination(world: &mut World, call: &ApiCall) -> Answer {
    Ok(Reply::json(200, json!({"payload": destination_json(own_destination(world, call)?)})))
}

/// getDestinations.
pub(crate) fn get_destinations(world: &mut World, call: &ApiCall) -> Reply {
    let own = world.destinations.iter().filter(|known| known.client_id == call.client_id());
    Reply::json(200, json!({"payload": own.map(destination_json).collect::<Vec<_>>()}))
}

/// deleteDestination.
pub(crate) fn delete_destination(world: &mut World, call: &ApiCall) -> Answer {
    let id = own_destination(world, call)?.id.clone();
    world.destinations.retain(|known| known.id != id);
    Ok(Reply::json(200, json!({})))
}

/// createSubscription: refuses a second one for the same type and version.
pub(crate) fn create_subscription(world: &mut World, call: &ApiCall) -> Answer {
    let body: CreateSubscriptionBody = call.json()?;
    let mine = |known: &&Destination| known.id == body.destination_id && known.client_id == call.client_id();
    if !world.destinations.iter().any(|known| mine(&known)) {
        return Err(Reply::invalid_input("The destination was not found."));
    }
    let subscriptions = &mut seller(world, call)?.subscriptions;
    let twin = |known: &Subscription| {
        known.notification_type == call.parameter(0) && known.payload_version == body.payload_version
    };
    if subscriptions.iter().any(twin) {
        return Err(Reply::conflict("A subscription for this notification type already exists."));
    }
    let subscription = Subscription {
        id: Uuid::new_v4().to_string(),
        notification_type: call.parameter(0).to_owned(),
        payload_version: body.payload_version,
        destination_id: body.destination_id,
        directive: body.processing_directive,
    };
    let reply = Reply::json(200, json!({"payload": subscription_json(&subscription)}));
    subscriptions.push(subscription);
    Ok(reply)
}

fn subscription_json(subscription: &Subscription) -> Value {
    let mut body = json!({
        "subscriptionId": subscription.id,
        "payloadVersion": subscription.payload_version,
        "destinationId": subscription.destination_id,
    });
    if let Some(directive) = &subscription.directive {
        put(&mut body, "processingDirective", directive.clone());
    }
    body
}

/// getSubscription: the latest version, or the one asked for.
pub(crate) fn get_subscription(world: &mut World, call: &ApiCall) -> Answer {
    let version = call.query.get("payloadVersion");
    let wanted = |known: &&Subscription| {
        known.notification_type == call.parameter(0) && version.is_none_or(|version| known.payload_version == version)
    };
    let subscriptions = &seller(world, call)?.subscriptions;
    let latest = subscriptions.iter().filter(wanted).max_by(|a, b| a.payload_version.cmp(&b.payload_version));
    let latest = latest.ok_or_else(|| Reply::not_found("There is no such subscription."))?;
    Ok(Reply::json(200, json!({"payload": subscription_json(latest)})))
}

/// getSubscriptions: all versions of one type.
pub(crate) fn get_subscriptions(world: &mut World, call: &ApiCall) -> Answer {
    let types = call.query.list("notificationTypes").filter(|types| types.len() == 1);
    let types = types.ok_or_else(|| Reply::invalid_input("Exactly one notificationTypes is required."))?;
    let version = call.query.get("payloadVersion");
    let wanted = |known: &&Subscription| {
        types.contains(&known.notification_type.as_str())
            && version.is_none_or(|version| known.payload_version == version)
    };
    let shown: Vec<_> = seller(world, call)?.subscriptions.iter().filter(wanted).map(subscription_json).collect();
    Ok(Reply::json(200, json!({"payload": {"subscriptions": shown}})))
}

/// getSubscriptionById: any seller's, as long as it is the application's own destination.
pub(crate) fn get_subscription_by_id(world: &mut World, call: &ApiCall) -> Answer {
    let (_, found) = by_id(world, call)?;
    Ok(Reply::json(200, json!({"payload": subscription_json(&found)})))
}

/// deleteSubscriptionById.
pub(crate) fn delete_subscription_by_id(world: &mut World, call: &ApiCall) -> Answer {
    let (seller_id, found) = by_id(world, call)?;
    if let Some(seller) = world.sellers.get_mut(&seller_id) {
        seller.subscriptions.retain(|known| known.id != found.id);
    }
    Ok(Reply::json(200, json!({})))
}

fn by_id(world: &World, call: &ApiCall) -> Result<(String, Subscription), Reply> {
    let mine = |seller_client: &str| seller_client == call.client_id();
    let found = world.sellers.iter().filter(|(_, seller)| mine(&seller.config.client_id)).find_map(|(id, seller)| {
        let fits =
            |known: &&Subscription| known.notification_type == call.parameter(0) && known.id == call.parameter(1);
        seller.subscriptions.iter().find(fits).map(|found| (id.clone(), found.clone()))
    });
    found.ok_or_else(|| Reply::not_found("There is no such subscription."))
}

/// sendTestNotification: Amazon has it in the sandbox only; here it sends at any time.
pub(crate) fn send_test(world: &mut World, call: &ApiCall) -> Answer {
    let body: TestBody = call.json()?;
    let mine = |known: &&Destination| known.id == body.destination_id && known.client_id == call.client_id();
    let destination = world.destinations.iter().find(mine);
    let arn = destination.and_then(Destination::sqs_arn).map(str::to_owned);
    let arn = arn.ok_or_else(|| Reply::not_found("The destination was not found."))?;
    world.notify_raw(RawNotification::test(arn, call.parameter(0), call.now));
    Ok(Reply::json(200, json!({})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_queue_arns_of_the_aws_partition_pass() {
        assert!(is_queue_arn("arn:aws:sqs:eu-west-1:000000000000:notifications"));
        for arn in
            ["arn:aws-cn:sqs:x:1:q", "arn:aws:sqs:eu-west-1:notifications", "arn:aws:sqs:a::q", "arn:aws:sns:a:1:q"]
        {
            assert!(!is_queue_arn(arn), "{arn}");
        }
    }
}
