//! What every call has in common: headers, the rate budget, repetition and the names of errors.

use std::sync::Arc;
use std::time::Duration;

use countinghouse_amazon::{AmazonError, LocalBudget, Signing};
use countinghouse_domain::ids::{ReportId, SellerId};
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::rate::{BudgetError, BudgetFuture, Operation, RateBudget};
use jiff::SignedDuration;

use crate::scene::{Scene, Stored, client, clock, config, in_turn, report_json, seller_id, shown};
use crate::server::{Reply, Server};

fn id() -> ReportId {
    "50011020300".parse().unwrap()
}

async fn failing(replies: Vec<Reply>) -> (Scene, AmazonError) {
    let scene = Scene::new(in_turn(replies)).await;
    let error = scene.seller.report(&id()).await.unwrap_err();
    (scene, error)
}

#[tokio::test]
async fn a_request_carries_what_amazon_requires() {
    let scene = Scene::new(|_| report_json()).await;
    scene.seller.report(&id()).await.unwrap();
    let call = &scene.calls()[0];
    assert_eq!((call.method.as_str(), call.target.as_str()), ("GET", "/reports/2021-06-30/reports/50011020300"));
    assert_eq!(call.headers["x-amz-access-token"], "Atza|1");
    assert_eq!(call.headers["x-amz-date"], "20261122T040506Z");
    assert!(call.headers["user-agent"].starts_with("Countinghouse/0.1.0 (Language=Rust/"));
    assert_eq!(call.headers["host"], scene.server.url.authority());
    assert!(!call.headers.contains_key("authorization"));
    assert!(!call.headers.contains_key("accept-encoding"));
}

#[tokio::test]
async fn a_seller_is_served_by_its_region() {
    let server = Server::start(|request| match request.path() {
        path if path.ends_with("token") => Reply::text(200, r#"{"access_token":"Atza|1","expires_in":3600}"#),
        _ => report_json(),
    })
    .await;
    let mut config = config(&server);
    config.endpoints.na = server.url.join("na").unwrap();
    config.endpoints.fe = server.url.join("fe/").unwrap();
    let budget = Arc::new(LocalBudget::new(clock()));
    let amazon = countinghouse_amazon::Amazon::new(config, Arc::new(Stored::default()), budget, clock());
    for region in Region::ALL {
        amazon.seller(seller_id(), region).report(&id()).await.unwrap();
    }
    let paths: Vec<String> = server.received().into_iter().skip(1).map(|each| each.target).collect();
    let path = "/reports/2021-06-30/reports/50011020300";
    assert_eq!(paths, [format!("/na{path}"), path.to_owned(), format!("/fe{path}")]);
}

#[tokio::test]
async fn a_signature_is_added_where_it_is_wanted() {
    let scene = Scene::new(|_| report_json()).await;
    let keys = aws_credential_types::Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    let mut config = config(&scene.server);
    config.signing = Some(Signing::new(keys));
    let seller = client(config, &scene.stored, Arc::clone(&scene.budget) as _, &scene.clock);
    seller.report(&id()).await.unwrap();
    let call = &scene.calls()[0];
    let scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-1/execute-api/aws4_request, \
                 SignedHeaders=accept;host;x-amz-access-token;x-amz-date, Signature=";
    assert!(call.headers["authorization"].starts_with(scope), "{}", call.headers["authorization"]);
    assert_eq!(call.headers["x-amz-date"], "20261122T040506Z");
}

#[tokio::test]
async fn a_429_is_not_repeated_and_keeps_the_next_call_at_home() {
    let quota = Reply::error(429, "QuotaExceeded", "You exceeded your quota for the requested resource.");
    let (scene, error) = failing(vec![quota.with("x-amzn-RateLimit-Limit", "99"), report_json()]).await;
    let AmazonError::RateLimited { operation: Operation::GetReport, wait } = error else { panic!("{error:?}") };
    assert_eq!(wait, Duration::from_millis(500));
    assert_eq!(scene.calls().len(), 1);
    let again = scene.seller.report(&id()).await.unwrap_err();
    assert_eq!((again.kind(), again.retry_after()), ("rate_limited", Some(wait)));
    assert_eq!(scene.calls().len(), 1);
    scene.clock.advance(SignedDuration::try_from(wait).unwrap());
    scene.seller.report(&id()).await.unwrap();
}

#[tokio::test]
async fn an_empty_budget_keeps_the_call_at_home() {
    let scene = Scene::new(|_| report_json()).await;
    for _ in 0..15 {
        scene.seller.report(&id()).await.unwrap();
    }
    let error = scene.seller.report(&id()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_millis(500)), "{error:?}");
    assert_eq!(scene.calls().len(), 15);
}

#[tokio::test]
async fn a_rate_is_learned_from_success_400_and_404_only() {
    for (reply, learned) in [
        (report_json(), true),
        (Reply::error(400, "InvalidInput", "no"), true),
        (Reply::error(404, "NotFound", "no"), true),
        (Reply::error(403, "Unauthorized", "no"), false),
        (Reply::error(500, "InternalFailure", "no"), false),
    ] {
        let scene = Scene::new(in_turn(vec![reply.clone().with("x-amzn-RateLimit-Limit", "0.5")])).await;
        let _either_way = scene.seller.report(&id()).await;
        let rate = scene.budget.bucket(&seller_id(), Operation::GetReport).limit.micro_requests_per_s;
        assert_eq!(rate, if learned { 500_000 } else { 2_000_000 }, "{reply:?}");
    }
}

#[tokio::test]
async fn a_short_outage_is_ridden_out_and_each_attempt_is_counted() {
    let outage = vec![Reply::error(500, "InternalFailure", "x"), Reply::Silence, report_json()];
    let scene = Scene::new(in_turn(outage)).await;
    scene.seller.report(&id()).await.unwrap();
    assert_eq!(scene.calls().len(), 3);
    let left = scene.budget.bucket(&seller_id(), Operation::GetReport).micro_tokens;
    assert_eq!(left, 12_000_000);
}

#[tokio::test]
async fn a_longer_outage_is_unavailable() {
    let busy = Reply::error(503, "ServiceUnavailable", "Busy.").with("x-amzn-RequestId", "63f6");
    let (scene, error) = failing(vec![busy]).await;
    let expected = "getReport could not be answered; Amazon says 503 ServiceUnavailable: Busy. (request 63f6)";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert_eq!(scene.calls().len(), 3);
}

#[tokio::test]
async fn amazons_word_on_when_to_come_back_is_handed_on() {
    let (scene, error) = failing(vec![Reply::text(503, "<html>").with("retry-after", "120")]).await;
    assert_eq!((error.kind(), error.retry_after()), ("unavailable", Some(Duration::from_mins(2))));
    assert_eq!(scene.calls().len(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_waited_for_so_long_and_asked_for_again() {
    let (scene, error) = failing(vec![Reply::Hang, Reply::Hang, Reply::Hang]).await;
    assert_eq!(error.kind(), "unavailable");
    assert_eq!(scene.calls().len(), 3);
}

#[tokio::test]
async fn a_refusal_is_named_and_final() {
    for (reply, kind, shows) in [
        (
            Reply::error(400, "InvalidInput", "Wrong."),
            "bad_request",
            "getReport was refused; Amazon says 400 InvalidInput: Wrong.",
        ),
        (
            Reply::error(404, "NotFound", "None."),
            "not_found",
            "getReport found nothing; Amazon says 404 NotFound: None.",
        ),
        (Reply::text(400, "<html>hush</html>"), "bad_request", "getReport was refused; Amazon says 400"),
        (Reply::text(415, ""), "bad_request", "getReport was refused; Amazon says 415"),
        (
            Reply::text(302, "").with("location", "http://127.0.0.1:1/hush"),
            "unexpected_answer",
            "getReport: an answer of status 302",
        ),
        (
            Reply::text(200, r#"{"reportId":"hush hush"}"#),
            "unexpected_answer",
            "getReport: the answer has another shape than Amazon's model states",
        ),
        (
            Reply::text(200, "<html>hush</html>"),
            "unexpected_answer",
            "getReport: the answer has another shape than Amazon's model states",
        ),
    ] {
        let (scene, error) = failing(vec![reply]).await;
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, shows));
        assert_eq!(error.retry_after(), None);
        assert_eq!(scene.calls().len(), 1);
        assert!(!shown(&error).contains("hush"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn no_error_shows_the_token() {
    for reply in [
        Reply::Silence,
        Reply::text(500, "x"),
        Reply::text(302, ""),
        Reply::error(403, "Unauthorized", "Atza|1 is bad"),
    ] {
        let (_scene, error) = failing(vec![reply]).await;
        assert!(!shown(&error).contains("Atza|"), "{}", shown(&error));
    }
}

/// A budget whose table does not answer: at once, or only when something is noted.
#[derive(Debug)]
struct Broken {
    takes: bool,
}

fn broken<'a, T: Send + 'a>() -> BudgetFuture<'a, Result<T, BudgetError>> {
    Box::pin(std::future::ready(Err(BudgetError("the table does not answer".into()))))
}

impl RateBudget for Broken {
    fn take<'a>(&'a self, _: &'a SellerId, _: Operation) -> BudgetFuture<'a, Result<Option<Duration>, BudgetError>> {
        if self.takes { Box::pin(std::future::ready(Ok(None))) } else { broken() }
    }

    fn learn<'a>(&'a self, _: &'a SellerId, _: Operation, _: u64) -> BudgetFuture<'a, Result<(), BudgetError>> {
        broken()
    }

    fn throttled<'a>(&'a self, _: &'a SellerId, _: Operation) -> BudgetFuture<'a, Result<Duration, BudgetError>> {
        broken()
    }
}

#[tokio::test]
async fn without_the_budget_nothing_is_sent_but_a_note_that_fails_spoils_no_answer() {
    let scene = Scene::new(|_| report_json().with("x-amzn-RateLimit-Limit", "1")).await;
    let seller = |takes| client(config(&scene.server), &scene.stored, Arc::new(Broken { takes }), &scene.clock);
    let error = seller(false).report(&id()).await.unwrap_err();
    assert_eq!(error.kind(), "rate_budget_unavailable");
    assert!(error.retry_after().is_some());
    assert!(scene.calls().is_empty());
    seller(true).report(&id()).await.unwrap();
}
