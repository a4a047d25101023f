//! The application itself: its tokens, its destinations, its secret; and what a seller is asked for on connecting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countinghouse_amazon::{
    Amazon, AmazonError, Application, ApplicationCredentials, CredentialError, CredentialSource, Credentials,
    LocalBudget, NotificationType, Refusal, Seller,
};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::rate::Operation;
use countinghouse_domain::time::Clock;
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::conformance::{model, reached};
use crate::scene::{Stored, TOKENS, clock, config, seller_id, shown};
use crate::server::{Received, Reply, Server};

const REPORTS: NotificationType = NotificationType::ReportProcessingFinished;
const QUEUE: &str = "arn:aws:sqs:eu-west-1:444455556666:countinghouse-notifications";

struct Bench {
    server: Server,
    application: Application,
    seller: Seller,
    budget: Arc<LocalBudget>,
}

/// Tokens are granted; everything else goes by the script.
async fn bench(script: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Bench {
    let tokens = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if request.path() != TOKENS {
            return script(request);
        }
        let token = format!("Atc|{}", tokens.fetch_add(1, Ordering::SeqCst) + 1);
        Reply::json(200, &json!({"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": "x"}))
    })
    .await;
    let clock = clock();
    let budget = Arc::new(LocalBudget::new(Arc::clone(&clock) as Arc<dyn Clock>));
    let stored = Arc::new(Stored::default());
    let amazon = Amazon::new(config(&server), stored, Arc::clone(&budget) as _, clock);
    let credentials = ApplicationCredentials::new("amzn1.application-oa2-client.1", "s3cret&hush".into()).unwrap();
    let application = amazon.application(credentials, Region::Eu);
    Bench { server, application, seller: amazon.seller(seller_id(), Region::Eu), budget }
}

impl Bench {
    fn calls(&self) -> Vec<Received> {
        self.server.received().into_iter().filter(|each| each.path() != TOKENS).collect()
    }

    fn token_forms(&self) -> Vec<String> {
        let tokens = self.server.received().into_iter().filter(|each| each.path() == TOKENS);
        tokens.map(|each| String::from_utf8(each.body).unwrap()).collect()
    }
}

fn destination() -> serde_json::Value {
    json!({"destinationId": "d-1", "name": "countinghouse", "resource": {"sqs": {"arn": QUEUE}}})
}

fn subscription() -> Reply {
    Reply::json(200, &json!({"payload": {"subscriptionId": "s-1", "payloadVersion": "1.0", "destinationId": "d-1"}}))
}

#[tokio::test]
async fn each_scope_has_a_token_of_its_own_that_no_seller_has_a_part_in() {
    let bench = bench(|request| match request.method.as_str() {
        "POST" => Reply::text(204, ""),
        _ => Reply::json(200, &json!({"payload": []})),
    })
    .await;
    bench.application.destinations().await.unwrap();
    bench.application.destinations().await.unwrap();
    bench.application.rotate_client_secret().await.unwrap();
    let expected = ["sellingpartnerapi%3A%3Anotifications", "sellingpartnerapi%3A%3Aclient_credential%3Arotation"];
    let expected = expected.map(|scope| {
        format!(
            "grant_type=client_credentials&scope={scope}&client_id=amzn1.application-oa2-client.1\
             &client_secret=s3cret%26hush"
        )
    });
    assert_eq!(bench.token_forms(), expected);
    let used: Vec<_> = bench.calls().iter().map(|call| call.token().to_owned()).collect();
    assert_eq!(used, ["Atc|1", "Atc|1", "Atc|2"]);
}

#[tokio::test]
async fn every_request_is_one_that_amazons_models_describe() {
    let names = ["notifications.json", "sellers.json", "application_2023-11-30.json", "feeds_2021-06-30.json"];
    let models: Vec<_> = names.iter().filter_map(|name| model(name)).collect();
    if models.len() < names.len() {
        println!("skipped: ../shared is not here");
        return;
    }
    let bench = bench(|request| match (request.method.as_str(), request.path()) {
        ("POST", "/notifications/v1/destinations") => Reply::json(200, &json!({"payload": destination()})),
        ("GET", "/notifications/v1/destinations") => Reply::json(200, &json!({"payload": [destination()]})),
        ("DELETE", _) => Reply::json(200, &json!({})),
        ("POST", "/applications/2023-11-30/clientSecret") => Reply::text(204, ""),
        (_, "/sellers/v1/marketplaceParticipations") => Reply::json(200, &json!({"payload": []})),
        (_, "/feeds/2021-06-30/feeds") => Reply::json(200, &json!({"feeds": []})),
        _ => subscription(),
    })
    .await;
    let Bench { application, seller, .. } = &bench;
    application.create_destination("countinghouse", QUEUE).await.unwrap();
    application.destinations().await.unwrap();
    let made = seller.subscribe(REPORTS, "d-1").await.unwrap();
    seller.subscription(REPORTS).await.unwrap();
    application.unsubscribe(REPORTS, &made.id).await.unwrap();
    seller.unsubscribe(REPORTS, &made.id).await.unwrap();
    application.delete_destination("d-1").await.unwrap();
    seller.marketplace_participations().await.unwrap();
    seller.check_feeds().await.unwrap();
    application.rotate_client_secret().await.unwrap();
    let expected = [
        "createDestination",
        "getDestinations",
        "createSubscription",
        "getSubscription",
        "deleteSubscriptionById",
        "deleteSubscriptionById",
        "deleteDestination",
        "getMarketplaceParticipations",
        "getFeeds",
        "rotateApplicationClientSecret",
    ];
    assert_eq!(reached(&models, &bench.calls()), expected);
}

#[tokio::test]
async fn a_destination_says_its_queue_and_an_event_bus_has_none() {
    let bus = json!({"destinationId": "d-2", "name": "bus", "resource": {"eventBridge": {"name": "n", "region": "r"}}});
    let bare = json!({"destinationId": "d-3", "isNew": true});
    let bench = bench(move |_| Reply::json(200, &json!({"payload": [destination(), bus, bare]}))).await;
    let found = bench.application.destinations().await.unwrap();
    let queues: Vec<_> = found.iter().map(|each| each.queue_arn.as_deref()).collect();
    assert_eq!(queues, [Some(QUEUE), None, None]);
}

#[tokio::test]
async fn what_is_there_already_is_a_conflict_and_what_is_not_there_is_none() {
    let bench = bench(|request| match request.method.as_str() {
        "POST" => Reply::error(409, "Conflict", "A subscription already exists."),
        _ => Reply::error(404, "NotFound", "There is none."),
    })
    .await;
    assert!(bench.seller.subscribe(REPORTS, "d-1").await.unwrap_err().is_conflict());
    assert!(bench.application.create_destination("n", QUEUE).await.unwrap_err().is_conflict());
    assert_eq!(bench.seller.subscription(REPORTS).await.unwrap(), None);
    let gone = bench.application.unsubscribe(REPORTS, "s-1").await.unwrap_err();
    assert!(matches!(gone, AmazonError::NotFound { .. }) && !gone.is_conflict());
}

#[tokio::test]
async fn a_rotation_is_never_asked_for_twice() {
    let bench = bench(|_| Reply::text(500, "")).await;
    let lost = bench.application.rotate_client_secret().await.unwrap_err();
    assert!(matches!(lost, AmazonError::AnswerLost { .. }), "{lost:?}");
    assert_eq!(bench.calls().len(), 1);
    let limited = bench.application.rotate_client_secret().await.unwrap_err();
    assert!(matches!(limited, AmazonError::RateLimited { .. }), "once a minute: {limited:?}");
    let name: SellerId = "amzn1.application-oa2-client.1".parse().unwrap();
    assert_eq!(bench.budget.bucket(&name, Operation::RotateApplicationClientSecret).micro_tokens, 0);
}

#[tokio::test]
async fn an_application_that_is_not_enrolled_hears_amazons_words() {
    let words = "Application is not enrolled for rotation notification. Please update application notification preference in Developer console.";
    let bench = bench(move |_| Reply::error(400, "InvalidInput", words)).await;
    let refused = bench.application.rotate_client_secret().await.unwrap_err();
    assert_eq!(refused.answer().unwrap().message.as_deref(), Some(words));
}

#[tokio::test]
async fn an_entry_that_makes_no_sense_does_not_hide_the_other_marketplaces() {
    let entry = |id: &str, takes_part: bool| {
        json!({"marketplace": {"id": id, "name": "Amazon.de", "countryCode": "DE"}, "storeName": "Shop",
               "participation": {"isParticipating": takes_part, "hasSuspendedListings": false}})
    };
    let payload = json!([entry("A1PA6795UKMFR9", true), {"marketplace": 7}, entry("A13V1IB3VIYZZH", false)]);
    let bench = bench(move |_| Reply::json(200, &json!({"payload": payload}))).await;
    let found = bench.seller.marketplace_participations().await.unwrap();
    let seen: Vec<_> = found.iter().map(|each| (each.marketplace.as_str(), each.takes_part)).collect();
    assert_eq!(seen, [("A1PA6795UKMFR9", true), ("A13V1IB3VIYZZH", false)]);
}

#[tokio::test]
async fn a_document_that_is_not_there_shows_the_right_and_a_403_its_absence() {
    let document = "amzn1.spdoc.1.4.eu.x.T1".parse().unwrap();
    let unknown = bench(|_| Reply::error(400, "InvalidInput", "Invalid or unsupported document ID found")).await;
    unknown.seller.check_restricted_access(&document).await.unwrap();
    let body = unknown.calls()[0].json();
    assert_eq!(body["restrictedResources"][0]["path"], "/reports/2021-06-30/documents/amzn1.spdoc.1.4.eu.x.T1");
    let without = bench(|_| Reply::error(403, "Unauthorized", "Access to the resource is forbidden")).await;
    let error = without.seller.check_restricted_access(&document).await.unwrap_err();
    assert!(matches!(error, AmazonError::Forbidden { .. }), "{error:?}");
    let limited = bench(|_| Reply::error(429, "QuotaExceeded", "Too many.")).await;
    let error = limited.seller.check_restricted_access(&document).await.unwrap_err();
    assert!(matches!(error, AmazonError::RateLimited { .. }), "{error:?}");
}

/// Credentials whose present secret is `new`; the one before is `old`, if there is one.
#[derive(Debug)]
struct Rotated {
    has_previous: bool,
}

impl CredentialSource for Rotated {
    fn credentials<'a>(&'a self, _seller: &'a SellerId) -> BoxFuture<'a, Result<Credentials, CredentialError>> {
        Box::pin(std::future::ready(Ok(credentials("new"))))
    }

    fn previous<'a>(&'a self, _seller: &'a SellerId) -> BoxFuture<'a, Result<Option<Credentials>, CredentialError>> {
        Box::pin(std::future::ready(Ok(self.has_previous.then(|| credentials("old")))))
    }
}

fn credentials(secret: &str) -> Credentials {
    let client_id = "amzn1.application-oa2-client.1".to_owned();
    Credentials { client_id, client_secret: format!("hush-{secret}").into(), refresh_token: "Atzr|hush".into() }
}

/// A seller whose application has a rotated secret, at a token service that takes only this one.
async fn rotated(taken: &'static str, has_previous: bool) -> (Server, Seller) {
    let server = Server::start(move |request| {
        let form = String::from_utf8_lossy(&request.body).into_owned();
        if form.ends_with(&format!("client_secret=hush-{taken}")) {
            Reply::json(200, &json!({"access_token": "Atza|1", "expires_in": 3600}))
        } else {
            let body = json!({"error_description": "Client authentication failed", "error": "invalid_client"});
            Reply::json(401, &body)
        }
    })
    .await;
    let clock = clock();
    let budget = Arc::new(LocalBudget::new(Arc::clone(&clock) as Arc<dyn Clock>));
    let amazon = Amazon::new(config(&server), Arc::new(Rotated { has_previous }), budget, clock);
    (server, amazon.seller(seller_id(), Region::Eu))
}

#[tokio::test]
async fn the_secret_before_the_present_one_is_tried_once_where_the_present_one_is_refused() {
    let (server, seller) = rotated("old", true).await;
    seller.check_credentials().await.unwrap();
    assert_eq!(server.received().len(), 2);
    let (server, seller) = rotated("new", true).await;
    seller.check_credentials().await.unwrap();
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn where_neither_secret_is_good_or_none_came_before_the_refusal_is_amazons() {
    for (has_previous, asked) in [(true, 2), (false, 1)] {
        let (server, seller) = rotated("neither", has_previous).await;
        let refused = seller.check_credentials().await.unwrap_err();
        assert!(matches!(&refused, AmazonError::Unauthorized { refusal: Refusal::Secret, .. }), "{refused:?}");
        assert_eq!(refused.answer().unwrap().to_string(), "401 invalid_client: Client authentication failed");
        assert!(!shown(&refused).contains("hush"));
        assert_eq!(server.received().len(), asked);
    }
}
