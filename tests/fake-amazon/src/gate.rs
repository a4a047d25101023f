//! What every call of the API passes: token, faults, rate, then the operation itself.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use url::form_urlencoded;
use uuid::Uuid;

use crate::account::Kind;
use crate::business::operations as business;
use crate::clock::plus_ms;
use crate::dispatch::{dispatch, subject};
use crate::faults::FaultKind;
use crate::marketplaces::Region;
use crate::operations::{Access, Operation, OperationSpec, route};
use crate::rates::{Plan, rate_header};
use crate::reply::{Answer, Reply};
use crate::sandbox;
use crate::scenario::NotificationMode;
use crate::world::{CallRecord, Principal, World};

const MAX_USER_AGENT_CHARS: usize = 500;
const SANDBOX_PLAN: Plan = Plan { rate: 5.0, burst: 15 };

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A call that has passed the gate.
#[derive(Debug)]
pub(crate) struct ApiCall {
    pub(crate) path: String,
    pub(crate) parameters: Vec<String>,
    pub(crate) query: Query,
    pub(crate) principal: Principal,
    content_type: Option<String>,
    body: Bytes,
    pub(crate) now: Timestamp,
}

impl ApiCall {
    /// The n-th parameter of the path.
    pub(crate) fn parameter(&self, index: usize) -> &str {
        self.parameters.get(index).map_or("", String::as_str)
    }

    /// The seller that calls; empty for a grantless token, which no seller's operation lets through.
    pub(crate) fn seller_id(&self) -> &str {
        self.principal.seller_id().unwrap_or_default()
    }

    /// The application that calls with a grantless token; empty for a seller's.
    pub(crate) fn client_id(&self) -> &str {
        match &self.principal {
            Principal::Grantless { client_id, .. } | Principal::Seller { client_id, .. } => client_id,
            Principal::Restricted { .. } => "",
        }
    }

    /// The body.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Reply> {
        if self.content_type.as_deref().is_some_and(|media| !media.trim_start().starts_with("application/json")) {
            return Err(Reply::unsupported_media_type());
        }
        serde_json::from_slice(&self.body)
            .map_err(|_unreadable| Reply::invalid_input("Could not match input arguments"))
    }
}

/// The parameters behind the question mark.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A list: joined by commas, or the parameter repeated, or both.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let values: Vec<_> =
            self.0.iter().filter(|(key, _)| key == name).flat_map(|(_, value)| value.split(',')).collect();
        (!values.is_empty()).then_some(values)
    }
}

/// An answer with everything that goes around it.
#[derive(Debug)]
pub(crate) struct Handled {
    pub(crate) reply: Reply,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) lost: bool,
    pub(crate) delay_ms: u64,
    /// Notifications go out before the answer does.
    pub(crate) notify_first: bool,
}

/// What a call has gathered on its way, for the log and the headers.
#[derive(Default)]
struct Trail {
    operation: Option<Operation>,
    seller_id: Option<String>,
    subject: Option<String>,
    fault: Option<FaultKind>,
    rate: Option<f64>,
}

/// Answers a call of the API.
pub(crate) fn handle(world: &mut World, incoming: &Incoming, now: Timestamp) -> Handled {
    world.tick(now);
    let mut trail = Trail::default();
    let reply = answer(world, incoming, now, &mut trail).unwrap_or_else(|refusal| refusal);
    if let Some(operation) = trail.operation {
        world.calls.push(CallRecord {
            at: now,
            operation,
            seller_id: trail.seller_id.clone(),
            subject: trail.subject.clone(),
            status: reply.status,
            fault: trail.fault.as_ref().map(|fault| format!("{fault:?}")),
        });
    }
    let before = world.settings.notifications.mode == NotificationMode::BeforeCreationIsAnswered;
    Handled {
        headers: headers(&reply, &trail),
        lost: matches!(trail.fault, Some(FaultKind::LostAnswer | FaultKind::LostRequest)),
        delay_ms: if let Some(FaultKind::Delay { delay_ms }) = trail.fault { delay_ms } else { 0 },
        notify_first: before && trail.operation == Some(Operation::CreateReport),
        reply,
    }
}

fn headers(reply: &Reply, trail: &Trail) -> Vec<(&'static str, String)> {
    let mut headers = vec![("x-amzn-requestid", Uuid::new_v4().to_string())];
    if let Some(error_type) = reply.error_type {
        headers.push(("x-amzn-errortype", error_type.to_owned()));
    }
    let tells_rate = matches!(reply.status, 200..=209 | 400 | 404);
    if let (true, Some(rate)) = (tells_rate, trail.rate) {
        headers.push(("x-amzn-ratelimit-limit", rate_header(rate)));
    }
    headers.push(("x-amz-apigw-id", Uuid::new_v4().simple().to_string()));
    headers
}

fn answer(world: &mut World, incoming: &Incoming, now: Timestamp, trail: &mut Trail) -> Answer {
    let (region, path) = region_prefix(&incoming.path);
    let (in_sandbox, path) = match path.strip_prefix("/sandbox/") {
        Some(rest) => (true, format!("/{rest}")),
        None => (world.settings.sandbox, path.to_owned()),
    };
    let routed = route(incoming.method.as_str(), &path);
    trail.operation = routed.as_ref().map(|(spec, _)| spec.operation);
    trail.subject = routed.as_ref().and_then(|(spec, parameters)| subject(spec.operation, parameters, &incoming.body));
    check_user_agent(&incoming.headers)?;
    let principal = authenticate(world, &incoming.headers, region, now)?;
    trail.seller_id = principal.seller_id().map(str::to_owned);
    if in_sandbox {
        return sandboxed(world, incoming, &path, &principal, now);
    }
    let (spec, parameters) = routed.ok_or_else(|| Reply::not_found("There is no such resource."))?;
    check_access(world, spec, &principal)?;
    trail.fault = world.faults.take(spec.operation, principal.seller_id(), trail.subject.as_deref());
    if let Some(fault) = &trail.fault {
        broken(world, fault, incoming, &principal, now)?;
    }
    let plan = world.settings.rates.plan(spec);
    take_token(world, spec.name, &principal, plan, now)?;
    trail.rate = world.settings.rates.enabled.then_some(plan.rate);
    let call = ApiCall {
        path,
        parameters,
        query: Query::parse(&incoming.query),
        principal,
        content_type: header(&incoming.headers, "content-type").map(str::to_owned),
        body: incoming.body.clone(),
        now,
    };
    check_restricted(spec, &call)?;
    let answered = dispatch(world, spec.operation, &call);
    if trail.fault == Some(FaultKind::InternalErrorAfter) { Err(Reply::internal_failure()) } else { answered }
}

/// Takes a region off the path: `/eu/reports/…` is the endpoint of Europe.
fn region_prefix(path: &str) -> (Option<Region>, &str) {
    let Some((prefix, _)) = path.trim_start_matches('/').split_once('/') else { return (None, path) };
    match Region::from_path_prefix(prefix) {
        Some(region) => (Some(region), path.get(prefix.len() + 1..).unwrap_or(path)),
        None => (None, path),
    }
}

pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn check_user_agent(headers: &HeaderMap) -> Result<(), Reply> {
    match header(headers, "user-agent").map(|agent| agent.chars().count()) {
        None | Some(0) => Err(Reply::invalid_input("The user-agent header is missing.")),
        Some(chars) if chars > MAX_USER_AGENT_CHARS => {
            Err(Reply::invalid_input("The user-agent header is longer than 500 characters."))
        }
        Some(_) => Ok(()),
    }
}

fn authenticate(
    world: &World,
    headers: &HeaderMap,
    region: Option<Region>,
    now: Timestamp,
) -> Result<Principal, Reply> {
    let given = header(headers, "x-amz-access-token")
        .ok_or_else(|| Reply::unauthorized("Access token is missing in the request header."))?;
    let unknown = "The access token you provided is revoked, malformed or invalid.";
    let token = world.tokens.get(given).ok_or_else(|| Reply::unauthorized(unknown))?;
    if token.expires_at <= now {
        return Err(Reply::unauthorized("The access token you provided has expired."));
    }
    if let (Some(region), Some(seller_id)) = (region, token.principal.seller_id()) {
        let at_home = world.sellers.get(seller_id).is_some_and(|seller| seller.config.region == region);
        if !at_home {
            return Err(Reply::unauthorized(unknown));
        }
    }
    Ok(token.principal.clone())
}

fn check_access(world: &World, spec: &OperationSpec, principal: &Principal) -> Result<(), Reply> {
    let account = principal.seller_id().and_then(|id| world.sellers.get(id)).map(|seller| &seller.config);
    let allowed = match (spec.access, principal) {
        (Access::Role(role), Principal::Seller { .. }) => {
            return if account.is_some_and(|account| account.has(role)) { Ok(()) } else { Err(Reply::forbidden()) };
        }
        (Access::Seller, Principal::Seller { .. } | Principal::Restricted { .. }) => {
            account.is_some_and(|account| account.kind != Kind::Business)
        }
        (Access::Grantless, Principal::Grantless { scopes, .. }) => {
            scopes.iter().any(|scope| scope == "sellingpartnerapi::notifications")
        }
        (Access::Rotation, Principal::Grantless { scopes, .. }) => {
            scopes.iter().any(|scope| scope == "sellingpartnerapi::client_credential:rotation")
        }
        (Access::Seller | Access::Role(_), Principal::Grantless { .. })
        | (Access::Grantless | Access::Rotation, Principal::Seller { .. } | Principal::Restricted { .. })
        | (Access::Role(_), Principal::Restricted { .. }) => false,
    };
    if allowed { Ok(()) } else { Err(Reply::unauthorized("")) }
}

/// A restricted token opens what it was made for, and nothing else.
fn check_restricted(spec: &OperationSpec, call: &ApiCall) -> Result<(), Reply> {
    let Principal::Restricted { paths, .. } = &call.principal else { return Ok(()) };
    let path_is_named = paths.iter().any(|path| path == &call.path);
    if spec.operation == Operation::GetReportDocument && path_is_named {
        return Ok(());
    }
    Err(Reply::unauthorized("The restricted data token was not issued for this resource."))
}

/// What a fault does before the operation is executed.
fn broken(
    world: &mut World,
    fault: &FaultKind,
    incoming: &Incoming,
    principal: &Principal,
    now: Timestamp,
) -> Result<(), Reply> {
    match fault {
        FaultKind::Throttled => Err(Reply::throttled()),
        FaultKind::InternalError => Err(Reply::internal_failure()),
        FaultKind::Unavailable | FaultKind::LostRequest => Err(Reply::unavailable()),
        FaultKind::GatewayTimeout => Err(Reply::gateway_timeout()),
        FaultKind::HtmlBadRequest => Err(Reply::html_bad_request()),
        FaultKind::PageTokenExpired => {
            let Some(token) = business::page_token(&incoming.query) else { return Ok(()) };
            if let Some(seller) = principal.seller_id().and_then(|id| world.sellers.get_mut(id)) {
                seller.business.expire_pages(Some(&token), now);
            }
            Err(business::bad_page_token())
        }
        FaultKind::TokenExpired => {
            let given = header(&incoming.headers, "x-amz-access-token");
            if let Some(token) = given.and_then(|given| world.tokens.get_mut(given)) {
                token.expires_at = plus_ms(now, -1);
            }
            Err(Reply::unauthorized("The access token you provided has expired."))
        }
        FaultKind::LostAnswer
        | FaultKind::InternalErrorAfter
        | FaultKind::Delay { .. }
        | FaultKind::UrlExpired
        | FaultKind::Cut { .. }
        | FaultKind::TruncatedGzip { .. }
        | FaultKind::GzipBomb { .. }
        | FaultKind::WrongCharset { .. }
        | FaultKind::Slow { .. } => Ok(()),
    }
}

fn take_token(
    world: &mut World,
    operation: &str,
    principal: &Principal,
    plan: Plan,
    now: Timestamp,
) -> Result<(), Reply> {
    let caller = match principal {
        Principal::Seller { seller_id, .. } | Principal::Restricted { seller_id, .. } => seller_id,
        Principal::Grantless { client_id, .. } => client_id,
    };
    if !world.settings.rates.enabled || world.buckets.take(caller, operation, plan, now) {
        return Ok(());
    }
    Err(Reply::throttled())
}

fn sandboxed(world: &mut World, incoming: &Incoming, path: &str, principal: &Principal, now: Timestamp) -> Answer {
    let found = sandbox::answer(&world.sandbox, incoming.method.as_str(), path, &incoming.query, &incoming.body);
    let (operation, reply) = found.ok_or_else(Reply::internal_failure)?;
    take_token(world, &format!("sandbox {operation}"), principal, SANDBOX_PLAN, now)?;
    Ok(reply)
}

/// The status as HTTP has it.
pub(crate) fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_taken_off_the_path() {
        assert_eq!(region_prefix("/eu/reports/x"), (Some(Region::Eu), "/reports/x"));
        assert_eq!(region_prefix("/reports/x"), (None, "/reports/x"));
        assert_eq!(region_prefix("/eu"), (None, "/eu"));
    }

    #[test]
    fn lists_are_joined_by_commas_or_repeated() {
        let query = Query::parse("a=1%2C2&b=x&a=3");
        assert_eq!(query.list("a"), Some(vec!["1", "2", "3"]));
        assert_eq!((query.list("c"), query.get("b"), query.len()), (None, Some("x"), 3));
    }
}
