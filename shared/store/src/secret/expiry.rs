//! Until when an application's client secret is good.

use jiff::{SignedDuration, Timestamp};

use super::{Secrets, operation};
use crate::StoreError;

/// Amazon stops taking a client secret 180 days after it was made. Source: developer-docs.amazon.com, "Rotating your
/// application's client secrets".
pub const CLIENT_SECRET_LIVES: SignedDuration = SignedDuration::from_hours(180 * 24);

impl Secrets {
    /// When the client secret of an account's application expires, by the name of the account's secret: as Amazon has
    /// said, or 180 days after it was stored, or after its secret was changed last. None where the account has no secret.
    pub async fn client_secret_expires_at(&self, secret_name: &str) -> Result<Option<Timestamp>, StoreError> {
        let found = async {
            let name = self.application_of(secret_name).await?;
            let application = self.application(&name).await?;
            if let Some(expires_at) = application.client_secret_expires_at {
                return Ok(Some(expires_at));
            }
            let since = match application.client_secret_since {
                Some(since) => Some(since),
                None => self.changed_at(&name).await?,
            };
            Ok(since.and_then(|since| since.checked_add(CLIENT_SECRET_LIVES).ok()))
        };
        match found.await {
            Err(StoreError::Missing { .. }) => Ok(None),
            found => found,
        }
    }

    /// When a secret was changed last, as Secrets Manager says.
    pub async fn changed_at(&self, secret_name: &str) -> Result<Option<Timestamp>, StoreError> {
        let request = self.client.describe_secret().secret_id(secret_name);
        let answer = request.send().await.map_err(|error| StoreError::sdk(operation(secret_name), error))?;
        let changed = answer.last_changed_date.or(answer.created_date);
        Ok(changed.and_then(|at| Timestamp::from_second(at.secs()).ok()))
    }
}
