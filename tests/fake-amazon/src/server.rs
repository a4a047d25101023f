//! The HTTP side: routes, the accept loop, and the task that sends notifications on time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use hyper::body::Incoming as HyperBody;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::clock::{Clock, pause};
use crate::delivery::Courier;
use crate::download::{self, Download};
use crate::faults::FaultKind;
use crate::feeds::upload::{self, Uploaded};
use crate::gate::{self, Handled, Incoming, header, status_code};
use crate::lwa;
use crate::operations::Operation;
use crate::reply::ReplyBody;
use crate::scenario::Scenario;
use crate::world::{CallRecord, StateError, World};

const MAX_BODY_BYTES: usize = 1_000_000;
/// More than an upload may have, so that its refusal is S3's.
const MAX_UPLOAD_BYTES: usize = 20_000_000;
/// How long the sender of notifications sleeps at most.
const LONGEST_NAP: Duration = Duration::from_hours(1);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    pub(crate) scenario: Scenario,
    pub(crate) clock: Clock,
    courier: Courier,
    /// One delivery at a time, so that who moves the clock finds everything sent.
    delivering: tokio::sync::Mutex<()>,
    pub(crate) wake: Notify,
}

/// Marks a response instead of which the connection is closed.
#[derive(Clone, Copy, Debug)]
struct CloseConnection;

/// The service failed on purpose: hyper closes the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer is lost on purpose")]
struct AnswerLost;

impl Shared {
    pub(crate) fn new(scenario: Scenario, base_url: &str) -> Result<Self, StateError> {
        let clock = Clock::new(scenario.frozen_at);
        Ok(Self {
            world: Mutex::new(World::new(&scenario, base_url, clock.now())?),
            scenario,
            clock,
            courier: Courier::default(),
            delivering: tokio::sync::Mutex::new(()),
            wake: Notify::new(),
        })
    }

    /// The state; a panic of another request does not make it useless.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state and the present instant.
    pub(crate) fn world_now(&self) -> (MutexGuard<'_, World>, Timestamp) {
        (self.world(), self.clock.now())
    }

    /// Puts everything back to the start of the scenario.
    pub(crate) fn reset(&self) -> Result<(), StateError> {
        let (mut world, now) = self.world_now();
        *world = World::new(&self.scenario, &world.base_url, now)?;
        Ok(())
    }

    /// Sends every notification whose time has come.
    pub(crate) async fn deliver_due(&self) {
        let _one_at_a_time = self.delivering.lock().await;
        let (messages, settings, now) = {
            let (mut world, now) = self.world_now();
            (world.due_messages(now), world.settings.notifications.clone(), now)
        };
        for message in &messages {
            let sent = self.courier.send(&settings, message, now).await;
            self.world().outbox.sent.push(sent);
        }
    }

    /// Sends notifications on time, for as long as the server runs.
    async fn keep_delivering(self: Arc<Self>) {
        loop {
            self.deliver_due().await;
            let nap = if self.clock.is_frozen() { LONGEST_NAP } else { self.nap() };
            tokio::select! {
                () = self.wake.notified() => {}
                () = pause(nap) => {}
            }
        }
    }

    fn nap(&self) -> Duration {
        let (world, now) = self.world_now();
        let next = world.next_due().map(|due| due.duration_since(now).as_millis().max(1));
        let nap = next.and_then(|nap_ms| u64::try_from(nap_ms).ok()).map_or(LONGEST_NAP, Duration::from_millis);
        nap.min(LONGEST_NAP)
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/auth/o2/token", post(token))
        .route("/documents/{key}", get(document))
        .route("/uploads/{key}", put(upload).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES)))
        .nest("/_fake", crate::admin::router())
        .fallback(api)
        .with_state(shared)
}

/// Serves until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = router(Arc::clone(&shared));
    let mut tasks = JoinSet::new();
    tasks.spawn(shared.keep_delivering());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => drop(tasks.spawn(connection(stream, peer, router.clone()))),
                Err(error) => tracing::warn!(%error, "a connection was not accepted"),
            },
            Some(_finished) = tasks.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router) {
    // Small answers go out at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "no TCP_NODELAY");
    }
    let service = hyper::service::service_fn(move |request: hyper::Request<HyperBody>| {
        let router = router.clone();
        async move {
            let answered: Result<Response, Infallible> = router.oneshot(request.map(Body::new)).await;
            let Ok(response) = answered;
            if response.extensions().get::<CloseConnection>().is_some() { Err(AnswerLost) } else { Ok(response) }
        }
    });
    if let Err(error) = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
    {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

fn closed() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
}

async fn api(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else { return status_code(413).into_response() };
    let incoming = Incoming {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    let handled = {
        let (mut world, now) = shared.world_now();
        gate::handle(&mut world, &incoming, now)
    };
    if handled.notify_first {
        shared.deliver_due().await;
    } else {
        shared.wake.notify_one();
    }
    if handled.delay_ms > 0 {
        pause(Duration::from_millis(handled.delay_ms)).await;
    }
    if handled.lost {
        return closed();
    }
    let mut response = response(handled);
    // The server's own clock, which a test may have moved.
    if let Ok(date) = shared.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().parse() {
        response.headers_mut().insert("date", date);
    }
    response
}

fn response(handled: Handled) -> Response {
    let (media, body) = match handled.reply.body {
        ReplyBody::Json(body) => (Some("application/json"), Body::from(body.to_string())),
        ReplyBody::Html(page) => (Some("text/html"), Body::from(page)),
        ReplyBody::Empty => (None, Body::empty()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status_code(handled.reply.status);
    let headers = response.headers_mut();
    if let Some(media) = media {
        headers.insert("content-type", HeaderValue::from_static(media));
    }
    for (name, value) in handled.headers {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    response
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = lwa::fields(header(&headers, "content-type"), &body);
    let (reply, fault) = {
        let (mut world, now) = shared.world_now();
        let seller_id = lwa::seller_of(&world, &fields).map(str::to_owned);
        let fault = world.faults.take(Operation::Token, seller_id.as_deref(), None);
        let reply = match &fault {
            Some(FaultKind::Throttled) => lwa::refusal(429, "temporarily_unavailable", "Too many requests"),
            Some(FaultKind::InternalError) => lwa::refusal(500, "server_error", "Internal error"),
            Some(FaultKind::GatewayTimeout) => lwa::refusal(504, "server_error", "Gateway timeout"),
            Some(FaultKind::Unavailable) => lwa::refusal(503, "temporarily_unavailable", "Service unavailable"),
            Some(FaultKind::HtmlBadRequest) => return gate_html(),
            _ => lwa::answer(&mut world, &fields, now),
        };
        world.calls.push(CallRecord {
            at: now,
            operation: Operation::Token,
            seller_id,
            subject: fields.get("grant_type").cloned(),
            status: reply.status,
            fault: fault.as_ref().map(|fault| format!("{fault:?}")),
        });
        (reply, fault)
    };
    match fault {
        Some(FaultKind::LostAnswer) => return closed(),
        Some(FaultKind::Delay { delay_ms }) => pause(Duration::from_millis(delay_ms)).await,
        _ => {}
    }
    let headers = [
        ("content-type", "application/json;charset=UTF-8".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("pragma", "no-cache".to_owned()),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
    ];
    (status_code(reply.status), headers, reply.body.to_string()).into_response()
}

fn gate_html() -> Response {
    response(Handled {
        reply: crate::reply::Reply::html_bad_request(),
        headers: Vec::new(),
        lost: false,
        delay_ms: 0,
        notify_first: false,
    })
}

async fn document(
    State(shared): State<Arc<Shared>>,
    Path(key): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let download = {
        let (mut world, now) = shared.world_now();
        download::open(&mut world, &key, uri.query().unwrap_or_default(), &headers, now)
    };
    match download {
        Download::Serve { document, content_encoding, fault } => {
            download::respond(document, content_encoding, fault).await
        }
        Download::Refuse(refusal) => refusal.response(),
        Download::Drop => closed(),
    }
}

async fn upload(
    State(shared): State<Arc<Shared>>,
    Path(key): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let uploaded = {
        let (mut world, now) = shared.world_now();
        upload::put(&mut world, &key, uri.query().unwrap_or_default(), &headers, &body, now)
    };
    match uploaded {
        Uploaded::Taken { delay_ms } => {
            if delay_ms > 0 {
                pause(Duration::from_millis(delay_ms)).await;
            }
            [("etag", format!("\"{}\"", Uuid::new_v4().simple()))].into_response()
        }
        Uploaded::Refuse(refusal) => refusal.response(),
        Uploaded::Drop => closed(),
    }
}
