//! Where Amazon sends its notifications, and of what.
//!
//! Source: Amazon's model notifications (v1). A *destination* is a queue that an application names, once in each region;
//! a *subscription* is a seller's wish for one type of notifications at a destination.

use countinghouse_domain::rate::Operation;
use serde::{Deserialize, Serialize};

use crate::client::Seller;
use crate::error::AmazonError;
use crate::exchange::read;
use crate::grantless::{Application, Scope};
use crate::request::{ApiRequest, path_with_id};

const DESTINATIONS: &str = "/notifications/v1/destinations";
const SUBSCRIPTIONS: &str = "/notifications/v1/subscriptions";
/// The version of the types that are subscribed to here; Amazon's messages say so too.
const PAYLOAD_VERSION: &str = "1.0";

/// What Amazon notifies of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotificationType {
    /// A report has come to its end.
    ReportProcessingFinished,
    /// A feed has come to its end.
    FeedProcessingFinished,
}

impl NotificationType {
    /// Every type that is of use here.
    pub const ALL: [Self; 2] = [Self::ReportProcessingFinished, Self::FeedProcessingFinished];

    /// Amazon's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReportProcessingFinished => "REPORT_PROCESSING_FINISHED",
            Self::FeedProcessingFinished => "FEED_PROCESSING_FINISHED",
        }
    }
}

/// A place that Amazon sends notifications to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Amazon's id of it.
    pub id: String,
    /// The name that it was given.
    pub name: String,
    /// The queue, unless it is an event bus.
    pub queue_arn: Option<String>,
}

/// A seller's wish for notifications of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Amazon's id of it.
    pub id: String,
    /// Where the notifications go.
    pub destination_id: String,
    /// The version of the messages.
    pub payload_version: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateDestination<'a> {
    name: &'a str,
    resource_specification: Resource<'a>,
}

#[derive(Serialize)]
struct Resource<'a> {
    sqs: Queue<'a>,
}

#[derive(Serialize)]
struct Queue<'a> {
    arn: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateSubscription<'a> {
    payload_version: &'a str,
    destination_id: &'a str,
}

#[derive(Deserialize)]
struct Payload<T> {
    payload: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDestination {
    destination_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    resource: Option<RawResource>,
}

#[derive(Deserialize)]
struct RawResource {
    #[serde(default)]
    sqs: Option<RawQueue>,
}

#[derive(Deserialize)]
struct RawQueue {
    arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSubscription {
    subscription_id: String,
    destination_id: String,
    #[serde(default)]
    payload_version: String,
}

impl From<RawDestination> for Destination {
    fn from(raw: RawDestination) -> Self {
        let queue_arn = raw.resource.and_then(|resource| resource.sqs).map(|queue| queue.arn);
        Self { id: raw.destination_id, name: raw.name, queue_arn }
    }
}

impl From<RawSubscription> for Subscription {
    fn from(raw: RawSubscription) -> Self {
        Self { id: raw.subscription_id, destination_id: raw.destination_id, payload_version: raw.payload_version }
    }
}

fn subscription_path(notification: NotificationType) -> String {
    path_with_id(SUBSCRIPTIONS, notification.name())
}

fn unsubscribe(notification: NotificationType, subscription_id: &str) -> ApiRequest {
    let path = path_with_id(&subscription_path(notification), subscription_id);
    ApiRequest::delete(Operation::DeleteSubscriptionById, path)
}

impl Application {
    /// The places that the application has in this region.
    pub async fn destinations(&self) -> Result<Vec<Destination>, AmazonError> {
        let request = ApiRequest::get(Operation::GetDestinations, DESTINATIONS.to_owned());
        let reply = self.call(&request, Scope::Notifications).await?;
        let found = read::<Payload<Vec<RawDestination>>>(request.call(), &reply)?;
        Ok(found.payload.into_iter().map(Destination::from).collect())
    }

    /// Names a queue, by its ARN, as a place for notifications. Amazon looks whether it may send there. One for the same
    /// queue that is there already is an error that [`AmazonError::is_conflict`] knows.
    pub async fn create_destination(&self, name: &str, queue_arn: &str) -> Result<Destination, AmazonError> {
        let body = CreateDestination { name, resource_specification: Resource { sqs: Queue { arn: queue_arn } } };
        let request = ApiRequest::post(Operation::CreateDestination, DESTINATIONS.to_owned(), &body)?;
        let reply = self.call(&request, Scope::Notifications).await?;
        read::<Payload<RawDestination>>(request.call(), &reply).map(|made| made.payload.into())
    }

    /// Takes a place away. What was subscribed there goes nowhere afterwards.
    pub async fn delete_destination(&self, id: &str) -> Result<(), AmazonError> {
        let request = ApiRequest::delete(Operation::DeleteDestination, path_with_id(DESTINATIONS, id));
        self.call(&request, Scope::Notifications).await.map(|_reply| ())
    }

    /// Ends a subscription of any seller of this application. One that is not there is
    /// [`NotFound`](AmazonError::NotFound).
    pub async fn unsubscribe(&self, notification: NotificationType, subscription_id: &str) -> Result<(), AmazonError> {
        self.call(&unsubscribe(notification, subscription_id), Scope::Notifications).await.map(|_reply| ())
    }
}

impl Seller {
    /// The seller's subscription to notifications of a type, if there is one.
    pub async fn subscription(&self, notification: NotificationType) -> Result<Option<Subscription>, AmazonError> {
        let request = ApiRequest::get(Operation::GetSubscription, subscription_path(notification));
        match self.call(&request).await {
            Ok(reply) => {
                read::<Payload<RawSubscription>>(request.call(), &reply).map(|found| Some(found.payload.into()))
            }
            Err(AmazonError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Subscribes the seller to notifications of a type. If there is a subscription already, the error is one that
    /// [`AmazonError::is_conflict`] knows.
    pub async fn subscribe(
        &self,
        notification: NotificationType,
        destination_id: &str,
    ) -> Result<Subscription, AmazonError> {
        let body = CreateSubscription { payload_version: PAYLOAD_VERSION, destination_id };
        let request = ApiRequest::post(Operation::CreateSubscription, subscription_path(notification), &body)?;
        let reply = self.call(&request).await?;
        read::<Payload<RawSubscription>>(request.call(), &reply).map(|made| made.payload.into())
    }

    /// Ends a subscription with the seller's own token: for Amazon was seen to refuse the application's for it.
    pub async fn unsubscribe(&self, notification: NotificationType, subscription_id: &str) -> Result<(), AmazonError> {
        self.call(&unsubscribe(notification, subscription_id)).await.map(|_reply| ())
    }
}
