//! A client of AWS that dies at the k-th call, as a function does that is killed: before the call was sent, or
//! after AWS has taken it and before the answer was read. Every later call fails, too.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::Notify;

/// When the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The call is not sent any more.
    Before,
    /// The call is taken, its answer is lost.
    After,
}

/// The life of a process, counted in calls of AWS.
#[derive(Debug)]
pub struct Life {
    dies_at: usize,
    death: Death,
    calls: AtomicUsize,
    last: Mutex<String>,
    died: Notify,
}

impl Life {
    /// Dies at the n-th call, the first is 1.
    pub fn until(dies_at: usize, death: Death) -> Arc<Self> {
        Arc::new(Self { dies_at, death, calls: AtomicUsize::new(0), last: Mutex::default(), died: Notify::new() })
    }

    /// The same configuration for the process that dies.
    pub fn of(self: &Arc<Self>, aws: &SdkConfig) -> SdkConfig {
        let inner = aws.http_client().expect("the configuration has a client");
        let mortal = Mortal { inner, life: Arc::clone(self) };
        // Nothing is tried again by a dead process.
        aws.clone()
            .into_builder()
            .http_client(SharedHttpClient::new(mortal))
            .retry_config(RetryConfig::disabled())
            .build()
    }

    /// Runs a function until it is done, or dies: then it is dropped where it stands.
    pub async fn live<T>(&self, function: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.died.notified() => None,
            outcome = function => (self.calls.load(Ordering::SeqCst) < self.dies_at).then_some(outcome),
        }
    }

    /// The call at which it died, for people.
    pub fn last_call(&self) -> String {
        self.last.lock().unwrap().clone()
    }
}

#[derive(Clone)]
struct Mortal {
    inner: SharedHttpClient,
    life: Arc<Life>,
}

impl fmt::Debug for Mortal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mortal").field("life", &self.life).finish_non_exhaustive()
    }
}

impl HttpClient for Mortal {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(MortalConnector { inner, life: Arc::clone(&self.life) })
    }
}

#[derive(Debug)]
struct MortalConnector {
    inner: SharedHttpConnector,
    life: Arc<Life>,
}

impl HttpConnector for MortalConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let life = Arc::clone(&self.life);
        let number = life.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let dead = || ConnectorError::other("this process is dead".into(), None);
        if number > life.dies_at {
            return HttpConnectorFuture::ready(Err(dead()));
        }
        if number < life.dies_at {
            return self.inner.call(request);
        }
        let target = request.headers().get("x-amz-target").map(str::to_owned);
        let path = request.uri().split('?').next().unwrap_or_default().to_owned();
        *life.last.lock().unwrap() = target.unwrap_or_else(|| format!("{} {path}", request.method()));
        if life.death == Death::Before {
            life.died.notify_one();
            return HttpConnectorFuture::ready(Err(dead()));
        }
        let sent = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            // Whatever AWS answers, nobody reads it.
            let _ = sent.await;
            life.died.notify_one();
            Err(dead())
        })
    }
}
