//! A seller, Amazon's server and a clock that stands still.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use countinghouse_amazon::{
    Amazon, AmazonConfig, AmazonError, CredentialError, CredentialSource, Credentials, Endpoints, LocalBudget,
    ReportRequest, RetryPolicy, Seller, Timeouts,
};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::job::Window;
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::rate::RateBudget;
use countinghouse_domain::report::RequestableReport;
use countinghouse_domain::time::{Clock, FixedClock};
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::server::{Received, Reply, Server};

pub(crate) const TOKENS: &str = "/auth/o2/token";

/// Credentials that are always there, and how often they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Stored(pub(crate) AtomicUsize);

impl CredentialSource for Stored {
    fn credentials<'a>(&'a self, _seller: &'a SellerId) -> BoxFuture<'a, Result<Credentials, CredentialError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let client_id = "amzn1.application-oa2-client.1".to_owned();
        let (client_secret, refresh_token) = ("s3cret&hush".into(), "Atzr|hush".into());
        Box::pin(std::future::ready(Ok(Credentials { client_id, client_secret, refresh_token })))
    }
}

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) budget: Arc<LocalBudget>,
    pub(crate) stored: Arc<Stored>,
    pub(crate) seller: Seller,
}

/// A client's settings for this server: quick to give up.
pub(crate) fn config(server: &Server) -> AmazonConfig {
    let pause = Duration::from_millis(1);
    AmazonConfig {
        lwa_endpoint: server.url.join(TOKENS).unwrap(),
        endpoints: Endpoints::all(&server.url),
        business_endpoints: Endpoints::all(&server.url),
        timeouts: Timeouts { answer: Duration::from_millis(300), ..Timeouts::default() },
        retry: RetryPolicy { first_pause: pause, longest_pause: pause, ..RetryPolicy::default() },
        ..AmazonConfig::default()
    }
}

pub(crate) fn seller_id() -> SellerId {
    "A3TH9S8BH6GOGM".parse().unwrap()
}

pub(crate) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new("2026-11-22T04:05:06Z".parse().unwrap()))
}

impl Scene {
    /// The token service works (its tokens are `Atza|1`, `Atza|2` …); everything else goes by the script.
    pub(crate) async fn new(script: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let tokens = AtomicUsize::new(0);
        Self::raw(move |request| {
            if request.path() != TOKENS {
                return script(request);
            }
            let number = tokens.fetch_add(1, Ordering::SeqCst) + 1;
            let token = format!("Atza|{number}");
            Reply::json(200, &json!({"access_token": token, "token_type": "bearer", "expires_in": 3600}))
        })
        .await
    }

    /// Everything goes by the script.
    pub(crate) async fn raw(script: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let (server, clock, stored) = (Server::start(script).await, clock(), Arc::new(Stored::default()));
        let budget = Arc::new(LocalBudget::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let seller = client(config(&server), &stored, Arc::clone(&budget) as _, &clock);
        Self { server, clock, budget, stored, seller }
    }

    /// What reached the server, but for requests for access tokens.
    pub(crate) fn calls(&self) -> Vec<Received> {
        self.server.received().into_iter().filter(|each| each.path() != TOKENS).collect()
    }

    pub(crate) fn token_requests(&self) -> usize {
        self.server.received().iter().filter(|each| each.path() == TOKENS).count()
    }
}

pub(crate) fn client(
    config: AmazonConfig,
    stored: &Arc<Stored>,
    budget: Arc<dyn RateBudget>,
    clock: &Arc<FixedClock>,
) -> Seller {
    Amazon::new(config, Arc::clone(stored) as _, budget, Arc::clone(clock) as _).seller(seller_id(), Region::Eu)
}

/// Answers with the replies one after the other; the last one stays.
pub(crate) fn in_turn(replies: Vec<Reply>) -> impl Fn(&Received) -> Reply + Send + Sync + 'static {
    let next = AtomicUsize::new(0);
    move |_| replies[next.fetch_add(1, Ordering::SeqCst).min(replies.len() - 1)].clone()
}

pub(crate) fn request() -> ReportRequest {
    let window = Window { from: "2026-11-14T00:00:00Z".parse().unwrap(), to: "2026-11-22T00:00:00Z".parse().unwrap() };
    let marketplaces = ["A1PA6795UKMFR9", "A13V1IB3VIYZZH"].map(|each| each.parse().unwrap()).to_vec();
    ReportRequest::new(RequestableReport::ScVatTaxReport, window, marketplaces).unwrap()
}

pub(crate) fn report_json() -> Reply {
    Reply::json(
        200,
        &json!({"reportId": "50011020300", "reportType": "SC_VAT_TAX_REPORT", "processingStatus": "IN_QUEUE",
                "createdTime": "2026-11-22T04:00:00Z"}),
    )
}

/// Everything that an error shows: its text, its sources and its debug form.
pub(crate) fn shown(error: &AmazonError) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(each) = source {
        write!(shown, " {each} {each:?}").unwrap();
        source = each.source();
    }
    shown
}
