//! Access tokens of "Login with Amazon", one for each seller and for each scope of an application, shared by everything
//! in the process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use countinghouse_domain::ids::SellerId;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::answer::Answer;
use crate::client::Inner;
use crate::credentials::{ApplicationCredentials, Credentials};
use crate::error::{AmazonError, Call, Refusal};
use crate::exchange::{Attempts, Cause, read};
use crate::grantless::Scope;
use crate::retry::Outcome;
use crate::transport::{NoReply, Outgoing, Reply};

/// An access token, and which one it is: after a refusal the next one is asked for.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) value: SecretString,
    usable_until: Timestamp,
    round: u64,
}

/// The tokens of all sellers and applications.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<HashMap<Holder, Arc<Slot>>>);

/// Whose token: a seller's has no scope.
type Holder = (SellerId, Option<Scope>);

/// By what right a token is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Grant<'a> {
    /// A seller's authorisation.
    Seller(&'a SellerId),
    /// None: the application asks for itself.
    Application(&'a ApplicationCredentials, Scope),
}

impl<'a> Grant<'a> {
    const fn asker(self) -> &'a SellerId {
        match self {
            Self::Seller(seller) => seller,
            Self::Application(application, _) => application.name(),
        }
    }

    const fn scope(self) -> Option<Scope> {
        match self {
            Self::Seller(_) => None,
            Self::Application(_, scope) => Some(scope),
        }
    }
}

/// One seller's token. Whoever needs a new one holds the lock while asking, and the others then find it there.
#[derive(Debug, Default)]
struct Slot {
    /// How often the token service was asked to the end.
    rounds: AtomicU64,
    held: tokio::sync::Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    token: Option<AccessToken>,
    refusal: Option<(Refusal, Box<Answer>)>,
}

impl Tokens {
    fn slot(&self, grant: Grant<'_>) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((grant.asker().clone(), grant.scope())).or_default())
    }
}

impl Inner {
    /// A usable token of the seller, and not the one that was `refused`.
    pub(crate) async fn token(
        &self,
        seller: &SellerId,
        refused: Option<&AccessToken>,
    ) -> Result<AccessToken, AmazonError> {
        self.token_by(Grant::Seller(seller), refused).await
    }

    /// A usable token by this right, and not the one that was `refused`.
    pub(crate) async fn token_by(
        &self,
        grant: Grant<'_>,
        refused: Option<&AccessToken>,
    ) -> Result<AccessToken, AmazonError> {
        let slot = self.tokens.slot(grant);
        let seen = slot.rounds.load(Ordering::Acquire);
        let mut held = slot.held.lock().await;
        let now = self.clock.now();
        let fits = |token: &&AccessToken| {
            token.usable_until > now && refused.is_none_or(|refused| token.round > refused.round)
        };
        if let Some(token) = held.token.as_ref().filter(fits) {
            return Ok(token.clone());
        }
        let rounds = slot.rounds.load(Ordering::Acquire);
        // Somebody asked while this caller waited, and was refused: asking again would be hammering.
        if let Some((refusal, answer)) = held.refusal.clone().filter(|_| rounds > seen) {
            return Err(AmazonError::Unauthorized { seller: grant.asker().clone(), refusal, answer });
        }
        let round = rounds.saturating_add(1);
        *held = Held::default();
        let result = self.fresh_token(grant, round).await;
        match &result {
            Ok(token) => held.token = Some(token.clone()),
            Err(AmazonError::Unauthorized { refusal, answer, .. }) => {
                held.refusal = Some((refusal.clone(), answer.clone()));
            }
            Err(_) => {}
        }
        slot.rounds.store(round, Ordering::Release);
        result
    }

    async fn fresh_token(&self, grant: Grant<'_>, round: u64) -> Result<AccessToken, AmazonError> {
        let asked_at = self.clock.now();
        let reply = match grant {
            Grant::Seller(seller) => self.ask_for_seller(seller).await?,
            Grant::Application(application, scope) => {
                self.ask_for_token(application.name(), &grantless_form(application, scope)).await?
            }
        };
        let granted: Granted = read(Call::Token, &reply)?;
        tracing::debug!(seller_id = %grant.asker(), lifetime_s = granted.expires_in, "Amazon gave an access token");
        Ok(AccessToken { usable_until: usable_until(asked_at, granted.expires_in), value: granted.access_token, round })
    }

    /// Asks with the seller's credentials. Where the application's secret is refused, the one before it is tried once:
    /// after a rotation both are good for a while, and what is stored may be ahead of Amazon, or behind.
    async fn ask_for_seller(&self, seller: &SellerId) -> Result<Reply, AmazonError> {
        let credentials = self.credentials.credentials(seller).await.map_err(AmazonError::Credentials)?;
        let refused = match self.ask_for_token(seller, &seller_form(&credentials)).await {
            Err(refused @ AmazonError::Unauthorized { refusal: Refusal::Secret, .. }) => refused,
            answer => return answer,
        };
        let Ok(Some(previous)) = self.credentials.previous(seller).await else { return Err(refused) };
        let answer = self.ask_for_token(seller, &seller_form(&previous)).await;
        if answer.is_ok() {
            tracing::warn!(seller_id = %seller, "Amazon refuses the present client secret and takes the one before it");
        }
        // If neither is good, the present one is the one to mend.
        answer.map_err(|_previous| refused)
    }

    async fn ask_for_token(&self, asker: &SellerId, form: &[u8]) -> Result<Reply, AmazonError> {
        let mut attempts = Attempts::new(&self.config.retry, true);
        loop {
            let (outcome, cause) = match self.transport.send(self.token_request(form)).await {
                Ok(reply) if reply.status.is_success() => return Ok(reply),
                Ok(reply) => {
                    let answer = Answer::of_tokens(reply.status, &reply.headers, &reply.body);
                    let outcome = outcome_of(&answer, &reply);
                    if !is_passing(outcome) {
                        return Err(refused(asker, answer));
                    }
                    (outcome, Cause::answered(answer, reply.retry_after()))
                }
                Err(NoReply::Broken(error)) => {
                    return Err(AmazonError::unexpected_because(Call::Token, "the request could not be built", error));
                }
                Err(NoReply::NotSent(error)) => (Outcome::NotSent, Cause::failed(error)),
                Err(NoReply::Lost(error)) => (Outcome::Lost, Cause::failed(error)),
            };
            if attempts.give_up_after(outcome).await.is_some() {
                return Err(cause.unavailable(Call::Token));
            }
        }
    }

    fn token_request(&self, form: &[u8]) -> Outgoing {
        let mut headers = HeaderMap::new();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded;charset=UTF-8");
        headers.insert(CONTENT_TYPE, form_type);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let (method, url, body) = (Method::POST, self.config.lwa_endpoint.clone(), form.to_vec());
        Outgoing { method, url, headers, body, is_repeatable: true }
    }
}

fn seller_form(credentials: &Credentials) -> Vec<u8> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", credentials.refresh_token.expose_secret())
        .append_pair("client_id", &credentials.client_id)
        .append_pair("client_secret", credentials.client_secret.expose_secret())
        .finish();
    form.into_bytes()
}

fn grantless_form(application: &ApplicationCredentials, scope: Scope) -> Vec<u8> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("scope", scope.name())
        .append_pair("client_id", application.client_id())
        .append_pair("client_secret", application.client_secret().expose_secret())
        .finish();
    form.into_bytes()
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default = "an_hour")]
    expires_in: i64,
}

const fn an_hour() -> i64 {
    3600
}

/// A token is given up five minutes before its end, or a tenth of a short life: a call must not meet its end.
fn usable_until(asked_at: Timestamp, lifetime_s: i64) -> Timestamp {
    let margin_s = (lifetime_s / 10).clamp(0, 300);
    let usable = SignedDuration::from_secs(lifetime_s.saturating_sub(margin_s));
    asked_at.checked_add(usable).unwrap_or(asked_at)
}

/// The token service says `server_error` with a status that may be 400.
fn outcome_of(answer: &Answer, reply: &Reply) -> Outcome {
    let passing = matches!(answer.code.as_deref(), Some("server_error" | "temporarily_unavailable"));
    let status = if passing { answer.status.max(500) } else { answer.status };
    Outcome::Answered { status, retry_after: reply.retry_after() }
}

const fn is_passing(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Answered { status, .. } => status == 429 || status >= 500,
        Outcome::NotSent | Outcome::Lost => true,
    }
}

fn refused(asker: &SellerId, answer: Answer) -> AmazonError {
    let refusal = match answer.code.as_deref() {
        Some("invalid_grant") => Refusal::Authorisation,
        Some("invalid_client") => Refusal::Secret,
        Some(code) => Refusal::Other(code.to_owned()),
        None => return AmazonError::BadRequest { call: Call::Token, answer: Box::new(answer) },
    };
    AmazonError::Unauthorized { seller: asker.clone(), refusal, answer: Box::new(answer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_given_up_shortly_before_its_end() {
        let asked_at: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let until = |lifetime_s| usable_until(asked_at, lifetime_s).to_string();
        assert_eq!(until(3600), "2026-11-22T00:55:00Z");
        assert_eq!(until(60), "2026-11-22T00:00:54Z");
        assert_eq!(until(0), "2026-11-22T00:00:00Z");
        assert_eq!(until(i64::MAX), "2026-11-22T00:00:00Z");
    }
}
