//! One request and its answer: rate budget, headers, repetition and the names of errors.

use std::time::Duration;

use countinghouse_domain::rate::{Operation, rate_of_header};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use uuid::Uuid;

use crate::answer::Answer;
use crate::client::Seller;
use crate::error::{AmazonError, Call, Failure};
use crate::request::ApiRequest;
use crate::retry::{Decision, GiveUp, Outcome, RetryPolicy, decide};
use crate::signing::ToSign;
use crate::token::AccessToken;
use crate::transport::{NoReply, Outgoing, Reply};

/// The attempts at one call.
pub(crate) struct Attempts<'a> {
    policy: &'a RetryPolicy,
    repeatable: bool,
    made: u32,
    began: Instant,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(policy: &'a RetryPolicy, repeatable: bool) -> Self {
        Self { policy, repeatable, made: 0, began: Instant::now() }
    }

    /// Whether to give up after this outcome. If not, the pause before the next attempt is over on return.
    pub(crate) async fn give_up_after(&mut self, outcome: Outcome) -> Option<GiveUp> {
        self.made = self.made.saturating_add(1);
        match decide(self.policy, self.made, outcome, self.repeatable, self.began.elapsed(), random()) {
            Decision::GiveUp(why) => Some(why),
            Decision::Retry { after } => {
                pause(after).await;
                None
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a moment, and bounded: see `RetryPolicy`; a rate limit never comes here"
)]
async fn pause(after: Duration) {
    tokio::time::sleep(after).await;
}

fn random() -> u32 {
    let [a, b, c, d, ..] = *Uuid::new_v4().as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// Why an attempt failed, kept until it is known what the failure means.
#[derive(Debug)]
pub(crate) struct Cause {
    answer: Option<Box<Answer>>,
    retry_after: Option<Duration>,
    source: Option<Failure>,
}

impl Cause {
    pub(crate) fn answered(answer: Answer, retry_after: Option<Duration>) -> Self {
        Self { answer: Some(Box::new(answer)), retry_after, source: None }
    }

    pub(crate) fn failed(error: Failure) -> Self {
        Self { answer: None, retry_after: None, source: Some(error) }
    }

    pub(crate) fn unavailable(self, call: Call) -> AmazonError {
        AmazonError::Unavailable { call, answer: self.answer, retry_after: self.retry_after, source: self.source }
    }

    fn answer_lost(self, call: Call) -> AmazonError {
        AmazonError::AnswerLost { call, answer: self.answer, source: self.source }
    }

    fn refused(self, call: Call) -> AmazonError {
        let Some(answer) = self.answer else { return self.unavailable(call) };
        match answer.status {
            401 | 403 => AmazonError::Forbidden { call, answer },
            404 => AmazonError::NotFound { call, answer },
            400..=499 => AmazonError::BadRequest { call, answer },
            _ => AmazonError::unexpected(call, format!("an answer of status {}", answer.status)),
        }
    }
}

/// The right to make one request, already taken from the rate budget.
#[derive(Debug)]
pub(crate) struct Permit;

impl Seller {
    /// Takes one request from the rate budget.
    pub(crate) async fn permit(&self, operation: Operation) -> Result<Permit, AmazonError> {
        match self.amazon.budget.take(&self.id, operation).await.map_err(AmazonError::Budget)? {
            None => Ok(Permit),
            Some(wait) => Err(AmazonError::RateLimited { operation, wait }),
        }
    }

    /// Sends a request with the seller's access token. A token that is refused is replaced once.
    pub(crate) async fn call(&self, request: &ApiRequest) -> Result<Reply, AmazonError> {
        let permit = self.permit(request.operation).await?;
        let token = self.amazon.token(&self.id, None).await?;
        self.call_with(request, &token, permit).await
    }

    /// Sends a request with a token and a permit that were fetched before.
    pub(crate) async fn call_with(
        &self,
        request: &ApiRequest,
        token: &AccessToken,
        permit: Permit,
    ) -> Result<Reply, AmazonError> {
        match self.exchange(request, &token.value, permit).await {
            Err(AmazonError::Forbidden { .. }) => {
                let token = self.amazon.token(&self.id, Some(token)).await?;
                let permit = self.permit(request.operation).await?;
                self.exchange(request, &token.value, permit).await
            }
            result => result,
        }
    }

    /// Sends a request with this token until it is answered, refused or given up.
    pub(crate) async fn exchange(
        &self,
        request: &ApiRequest,
        token: &SecretString,
        first: Permit,
    ) -> Result<Reply, AmazonError> {
        let mut attempts = Attempts::new(&self.amazon.config.retry, request.is_repeatable());
        let mut permit = first;
        loop {
            let (outcome, cause) = match self.attempt(request, token, permit).await? {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            match attempts.give_up_after(outcome).await {
                None => permit = self.permit(request.operation).await?,
                Some(GiveUp::RateLimited) => return Err(self.throttled(request.operation).await),
                Some(GiveUp::Unavailable) => return Err(cause.unavailable(request.call())),
                Some(GiveUp::AnswerLost) => return Err(cause.answer_lost(request.call())),
                Some(GiveUp::Refused) => return Err(cause.refused(request.call())),
            }
        }
    }

    async fn attempt(
        &self,
        request: &ApiRequest,
        token: &SecretString,
        _permit: Permit,
    ) -> Result<Result<Reply, (Outcome, Cause)>, AmazonError> {
        let outgoing = self.outgoing(request, token).await?;
        let began = Instant::now();
        let result = self.amazon.transport.send(outgoing).await;
        let status = result.as_ref().ok().map(|reply| reply.status.as_u16());
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let operation = request.operation.name();
        tracing::debug!(seller_id = %self.id, operation, http_status = status, duration_ms, "asked Amazon");
        Ok(match result {
            Ok(reply) => {
                self.learn(request.operation, &reply).await;
                if reply.status.is_success() { Ok(reply) } else { Err(failed(&reply)) }
            }
            Err(NoReply::NotSent(error)) => Err((Outcome::NotSent, Cause::failed(error))),
            Err(NoReply::Lost(error)) => Err((Outcome::Lost, Cause::failed(error))),
            Err(NoReply::Broken(error)) => return Err(unbuilt(request, error)),
        })
    }

    async fn outgoing(&self, request: &ApiRequest, token: &SecretString) -> Result<Outgoing, AmazonError> {
        let now = self.amazon.clock.now();
        let config = &self.amazon.config;
        let endpoints = if request.is_business() { &config.business_endpoints } else { &config.endpoints };
        let url = request.url(endpoints.of(self.region));
        let body = request.body.clone().unwrap_or_default();
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::from_str(token.expose_secret()).map_err(|error| unbuilt(request, error.into()))?;
        value.set_sensitive(true);
        headers.insert("x-amz-access-token", value);
        headers.insert("x-amz-date", amz_date(now).map_err(|error| unbuilt(request, error.into()))?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if request.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(signing) = &self.amazon.config.signing {
            let region = self.region.aws_region();
            let to_sign = ToSign { method: &request.method, url: &url, body: &body, region, now };
            signing.sign(&to_sign, &mut headers).await.map_err(|error| unbuilt(request, error))?;
        }
        let (method, is_repeatable) = (request.method.clone(), request.is_repeatable());
        Ok(Outgoing { method, url, headers, body, is_repeatable })
    }

    /// Notes the rate that an answer states. Amazon states it on success, 400 and 404 only. That the note failed
    /// does not make the answer worse.
    async fn learn(&self, operation: Operation, reply: &Reply) {
        let states_it = reply.status.is_success() || matches!(reply.status.as_u16(), 400 | 404);
        let header = reply.headers.get("x-amzn-ratelimit-limit").filter(|_| states_it);
        let Some(rate) = header.and_then(|value| rate_of_header(value.to_str().ok()?)) else { return };
        if let Err(error) = self.amazon.budget.learn(&self.id, operation, rate).await {
            tracing::warn!(seller_id = %self.id, operation = operation.name(), error = %error, "a rate was not noted");
        }
    }

    async fn throttled(&self, operation: Operation) -> AmazonError {
        match self.amazon.budget.throttled(&self.id, operation).await {
            Ok(wait) => AmazonError::RateLimited { operation, wait },
            Err(error) => AmazonError::Budget(error),
        }
    }
}

fn failed(reply: &Reply) -> (Outcome, Cause) {
    let retry_after = reply.retry_after();
    let answer = Answer::of_api(reply.status, &reply.headers, &reply.body);
    (Outcome::Answered { status: answer.status, retry_after }, Cause::answered(answer, retry_after))
}

fn unbuilt(request: &ApiRequest, error: Failure) -> AmazonError {
    AmazonError::unexpected_because(request.call(), "the request could not be built", error)
}

/// Reads the answer to a request that made something: whatever is wrong with the answer, the thing may be there.
pub(crate) fn made<T: serde::de::DeserializeOwned>(call: Call, reply: &Reply) -> Result<T, AmazonError> {
    serde_json::from_slice(&reply.body).map_err(|error| {
        let answer = Answer::of_api(reply.status, &reply.headers, &[]);
        AmazonError::AnswerLost { call, answer: Some(Box::new(answer)), source: Some(Failure::from(shape(&error))) }
    })
}

/// Reads the answer to a question.
pub(crate) fn read<T: serde::de::DeserializeOwned>(call: Call, reply: &Reply) -> Result<T, AmazonError> {
    let what = "the answer has another shape than Amazon's model states";
    serde_json::from_slice(&reply.body).map_err(|error| AmazonError::unexpected_because(call, what, shape(&error)))
}

/// Where JSON stopped making sense, without the values that serde would quote.
fn shape(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// `20190430T123600Z`.
fn amz_date(now: Timestamp) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    HeaderValue::from_str(&now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string())
}

/// Whether this is the answer for a document that holds no personal data after all.
pub(crate) fn is_unsupported_document(error: &AmazonError) -> bool {
    let AmazonError::BadRequest { answer, .. } = error else { return false };
    let message = answer.message.as_deref().unwrap_or_default();
    answer.status == StatusCode::BAD_REQUEST.as_u16() && message.contains("Invalid or unsupported document ID")
}
