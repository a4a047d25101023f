//! An application's secrets: when they expire, and how a new one comes (Application Management API 2023-11-30).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::clock::{millisecond_time, plus_ms};
use crate::delivery::{Queue, RawNotification};
use crate::gate::ApiCall;
use crate::reply::{Answer, Reply};
use crate::scenario::Secret;
use crate::world::{StateError, World};

const DAY_MS: i64 = 24 * 3_600_000;
/// How long a secret lives.
const SECRET_LIFE_MS: i64 = 180 * DAY_MS;
/// How long a secret lives on after it was replaced.
const OLD_SECRET_LIFE_MS: i64 = 7 * DAY_MS;
const NEW_SECRET: &str = "APPLICATION_OAUTH_CLIENT_NEW_SECRET";
const SECRET_EXPIRY: &str = "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY";

/// What the developer console has about an application.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApplicationConfig {
    /// The application. Its present secret stands with each seller that has authorised it.
    pub client_id: String,
    /// The ARN of the queue that new secrets are sent to; without one a rotation is refused.
    pub rotation_queue_arn: Option<String>,
    /// Queues whose policy does not let Amazon in: no destination is made of them.
    pub closed_queue_arns: Vec<String>,
    /// When the present secret expires; never if not given.
    pub secret_expires_at: Option<Timestamp>,
}

/// The applications that something is known of.
#[derive(Debug, Default)]
pub(crate) struct Applications(BTreeMap<String, Application>);

#[derive(Debug, Default)]
struct Application {
    config: ApplicationConfig,
    /// Secrets that were replaced, and until when they are good all the same.
    old: Vec<(Secret, Timestamp)>,
}

impl Applications {
    /// Takes in what the console has; what was replaced before stays replaced.
    pub(crate) fn set(&mut self, config: ApplicationConfig) {
        let known = self.0.entry(config.client_id.clone()).or_default();
        known.config = config;
    }

    /// Whether the present secret of an application has come to its end.
    pub(crate) fn has_expired(&self, client_id: &str, now: Timestamp) -> bool {
        let expires_at = self.0.get(client_id).and_then(|known| known.config.secret_expires_at);
        expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Whether Amazon may send to this queue.
    pub(crate) fn may_send(&self, client_id: &str, arn: &str) -> bool {
        self.0.get(client_id).is_none_or(|known| known.config.closed_queue_arns.iter().all(|closed| closed != arn))
    }

    /// Whether this is a secret that was replaced and still is good.
    pub(crate) fn is_old_secret(&self, client_id: &str, secret: &str, now: Timestamp) -> bool {
        let mut old = self.0.get(client_id).into_iter().flat_map(|known| &known.old);
        old.any(|(known, until)| known.expose() == secret && now < *until)
    }
}

/// rotateApplicationClientSecret.
pub(crate) fn rotate(world: &mut World, call: &ApiCall) -> Answer {
    world.rotate_secret(call.client_id(), call.now).map(|_secret| Reply::empty(204))
}

impl World {
    /// Gives an application a new secret and sends it to its queue.
    pub(crate) fn rotate_secret(&mut self, client_id: &str, now: Timestamp) -> Result<Secret, Reply> {
        let registered = self.applications.0.get(client_id).and_then(|known| known.config.rotation_queue_arn.clone());
        let Some(arn) = registered else {
            return Err(Reply::invalid_input(
                "Application is not enrolled for rotation notification. Please update application notification \
                 preference in Developer console.",
            ));
        };
        let secret = Secret::new(format!("amzn1.oa2-cs.v1.{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()));
        let (expires_at, old_until) = (plus_ms(now, SECRET_LIFE_MS), plus_ms(now, OLD_SECRET_LIFE_MS));
        let application = self.applications.0.entry(client_id.to_owned()).or_default();
        application.config.secret_expires_at = Some(expires_at);
        for seller in self.sellers.values_mut().filter(|seller| seller.config.client_id == client_id) {
            let old = std::mem::replace(&mut seller.config.client_secret, secret.clone());
            if application.old.iter().all(|(known, _)| *known != old) && old != secret {
                application.old.push((old, old_until));
            }
        }
        let payload = json!({"applicationOAuthClientNewSecret": {
            "clientId": client_id,
            "newClientSecret": secret.expose(),
            "newClientSecretExpiryTime": millisecond_time(expires_at),
            "oldClientSecretExpiryTime": millisecond_time(old_until),
        }});
        self.notify_raw(RawNotification::about_application(Queue::Arn(arn), NEW_SECRET, &payload, now));
        Ok(secret)
    }

    /// Warns that an application's secret will expire, as Amazon does from ninety days before.
    pub(crate) fn warn_of_expiry(&mut self, client_id: &str, now: Timestamp) -> Result<(), StateError> {
        let known = self.applications.0.get(client_id);
        let arn = known.and_then(|known| known.config.rotation_queue_arn.clone());
        let arn = arn.ok_or_else(|| StateError::NoApplication(client_id.to_owned()))?;
        let expires_at = known.and_then(|known| known.config.secret_expires_at);
        let payload = json!({"applicationOAuthClientSecretExpiry": {
            "clientId": client_id,
            "clientSecretExpiryTime": millisecond_time(expires_at.unwrap_or_else(|| plus_ms(now, 30 * DAY_MS))),
            "clientSecretExpiryReason": "PERIODIC_ROTATION",
        }});
        self.notify_raw(RawNotification::about_application(Queue::Arn(arn), SECRET_EXPIRY, &payload, now));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    const CLIENT: &str = "amzn1.application-oa2-client.example";
    const OLD: &str = "amzn1.oa2-cs.v1.example";

    fn world(arn: Option<&str>) -> World {
        let mut world = World::new(&Scenario::two_sellers(), "", Timestamp::UNIX_EPOCH).unwrap();
        let rotation_queue_arn = arn.map(str::to_owned);
        world.applications.set(ApplicationConfig {
            client_id: CLIENT.to_owned(),
            rotation_queue_arn,
            ..ApplicationConfig::default()
        });
        world
    }

    #[test]
    fn an_application_without_a_queue_gets_no_new_secret() {
        let refused = world(None).rotate_secret(CLIENT, Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(refused.status, 400);
    }

    #[test]
    fn a_rotation_gives_all_sellers_the_new_secret_and_the_old_one_lives_seven_more_days() {
        let mut world = world(Some("arn:aws:sqs:eu-west-1:000000000000:q"));
        let now = Timestamp::UNIX_EPOCH;
        let secret = world.rotate_secret(CLIENT, now).unwrap();
        assert!(world.sellers.values().all(|seller| seller.config.client_secret == secret));
        assert!(world.applications.is_old_secret(CLIENT, OLD, plus_ms(now, 7 * DAY_MS - 1)));
        assert!(!world.applications.is_old_secret(CLIENT, OLD, plus_ms(now, 7 * DAY_MS)));
        assert!(!world.applications.has_expired(CLIENT, plus_ms(now, 180 * DAY_MS - 1)));
        assert!(world.applications.has_expired(CLIENT, plus_ms(now, 180 * DAY_MS)));
        assert_eq!(world.due_messages(now).len(), 1);
    }
}
