//! HTTP: one client, built at the first call, with one TLS library and Mozilla's root certificates.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method};
use reqwest::StatusCode;
use reqwest::redirect::Policy;
use url::Url;

use crate::config::{Timeouts, UserAgent};
use crate::error::Failure;

/// No answer of an API is larger; documents do not pass here.
const LARGEST_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Sends requests.
///
/// It follows no redirects (Amazon sends none, and a token must not travel), decompresses nothing and takes no
/// proxy from the environment: the program's configuration is the only thing that decides where a token goes.
#[derive(Debug)]
pub(crate) struct Transport {
    client: OnceLock<reqwest::Client>,
    /// Opens a connection for each request. One that was kept may have been closed by the other side, unseen while
    /// the process stood still; what must not be sent twice would then be lost for no reason.
    careful: OnceLock<reqwest::Client>,
    timeouts: Timeouts,
    user_agent: UserAgent,
}

/// A request that is ready to go.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether it may be sent again.
    pub(crate) is_repeatable: bool,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no whole answer.
#[derive(Debug)]
pub(crate) enum NoReply {
    /// The request could not be built.
    Broken(Failure),
    /// There was no connection.
    NotSent(Failure),
    /// The request went out.
    Lost(Failure),
}

impl NoReply {
    /// Sorts an error of the HTTP client. What is not surely unsent counts as sent. The address is cut off: that of
    /// a document is signed.
    pub(crate) fn of(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_builder() {
            Self::Broken(error.into())
        } else if error.is_connect() {
            Self::NotSent(error.into())
        } else {
            Self::Lost(error.into())
        }
    }
}

impl Transport {
    pub(crate) const fn new(timeouts: Timeouts, user_agent: UserAgent) -> Self {
        Self { client: OnceLock::new(), careful: OnceLock::new(), timeouts, user_agent }
    }

    fn client(&self, may_keep_connections: bool) -> Result<&reqwest::Client, Failure> {
        let (place, kept) = if may_keep_connections { (&self.client, usize::MAX) } else { (&self.careful, 0) };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let client = build(self.timeouts, &self.user_agent)?.pool_max_idle_per_host(kept).build()?;
        Ok(place.get_or_init(|| client))
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Outgoing) -> Result<Reply, NoReply> {
        let sending = self.client(request.is_repeatable).map_err(NoReply::Broken)?;
        let sending = sending.request(request.method, request.url);
        let sending = sending.headers(request.headers).body(request.body).timeout(self.timeouts.answer);
        let mut response = sending.send().await.map_err(NoReply::of)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(NoReply::of)? {
            if body.len().saturating_add(chunk.len()) > LARGEST_ANSWER_BYTES {
                return Err(NoReply::Lost("the answer is too large".into()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body: body.freeze() })
    }

    /// Opens a document, whose bytes are then read one piece after the other. Nothing but its address is sent.
    pub(crate) async fn open(&self, url: Url) -> Result<reqwest::Response, NoReply> {
        self.client(true).map_err(NoReply::Broken)?.get(url).send().await.map_err(NoReply::of)
    }
}

impl Reply {
    /// Amazon's own word on when to come back, where it is a number of seconds.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }
}

pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn build(timeouts: Timeouts, user_agent: &UserAgent) -> Result<reqwest::ClientBuilder, Failure> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(user_agent.as_str())
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.idle)
        .redirect(Policy::none())
        .referer(false)
        .no_proxy())
}
