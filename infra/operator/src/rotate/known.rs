//! Which applications the connected accounts use, and what is known of their client secrets.

use std::collections::BTreeMap;

use countinghouse_domain::marketplace::Region;
use countinghouse_store::{
    ApplicationCredentials, CLIENT_SECRET_LIVES, Secrets, Sellers, StoreError, application_secret_name,
};
use jiff::Timestamp;

use crate::stack::Stack;

/// The application that `connect` stores unless it is told another name.
const USUAL: &str = "default";

/// An application at Amazon.
#[derive(Debug)]
pub(super) struct Application {
    /// The name that it was connected with; of an account that has all in one secret, the secret's name.
    pub(super) name: String,
    /// The secret that holds its credentials. There are several only where accounts have all in one secret.
    pub(super) secrets: Vec<String>,
    /// The accounts that use it.
    pub(super) accounts: Vec<String>,
    /// A region that it is used in.
    pub(super) region: Region,
    /// What is stored.
    pub(super) credentials: ApplicationCredentials,
    /// When the secret was changed last, where nothing better is known of its age.
    pub(super) changed_at: Option<Timestamp>,
}

impl Application {
    /// Whether a person means this one.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.secrets.iter().any(|secret| secret == name)
    }

    /// Since when the present client secret is known to have been there.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.credentials.client_secret_since.or(self.changed_at)
    }

    /// When its client secret ends at the latest, and whether Amazon has said so.
    pub(super) fn expires_at(&self) -> Option<(Timestamp, bool)> {
        match self.credentials.client_secret_expires_at {
            Some(told) => Some((told, true)),
            None => self.since().and_then(|since| since.checked_add(CLIENT_SECRET_LIVES).ok()).map(|at| (at, false)),
        }
    }
}

/// All applications, by name: those of the accounts, and the usual one where it is stored for no account yet.
pub(super) async fn applications(stack: &Stack) -> Result<Vec<Application>, StoreError> {
    let secrets = stack.secrets();
    let mut found: BTreeMap<String, Application> = BTreeMap::new();
    for account in Sellers::new(stack.dynamodb(), &stack.tables.sellers).list().await? {
        let secret = match secrets.application_of(&account.secret_name).await {
            Ok(secret) => secret,
            // An account without a secret uses no application; `doctor` says so.
            Err(StoreError::Missing { .. }) => continue,
            Err(error) => return Err(error),
        };
        add(&mut found, &secrets, secret, account.region, Some(account.seller_id.as_str())).await?;
    }
    let usual = application_secret_name(USUAL);
    match add(&mut found, &secrets, usual, Region::Eu, None).await {
        Ok(()) | Err(StoreError::Missing { .. }) => {}
        Err(error) => return Err(error),
    }
    let mut applications: Vec<_> = found.into_values().collect();
    applications.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(applications)
}

/// Adds a secret to the application that it is of.
async fn add(
    found: &mut BTreeMap<String, Application>,
    secrets: &Secrets,
    secret: String,
    region: Region,
    account: Option<&str>,
) -> Result<(), StoreError> {
    let credentials = secrets.application(&secret).await?;
    let changed_at = secrets.changed_at(&secret).await?;
    let name = secret.strip_prefix(&application_secret_name("")).unwrap_or(&secret).to_owned();
    let known = found.entry(credentials.client_id.clone()).or_insert_with(|| Application {
        name: name.clone(),
        secrets: Vec::new(),
        accounts: Vec::new(),
        region,
        credentials: credentials.clone(),
        changed_at,
    });
    // A shared secret's name says more than one of many.
    if secret.starts_with(&application_secret_name("")) && !known.secrets.contains(&secret) {
        (known.name, known.credentials, known.changed_at) = (name, credentials, changed_at);
        known.secrets.insert(0, secret);
    } else if !known.secrets.contains(&secret) {
        known.secrets.push(secret);
    }
    known.accounts.extend(account.map(str::to_owned));
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::rotate) fn application(name: &str) -> Application {
        Application {
            name: name.to_owned(),
            secrets: vec![application_secret_name(name)],
            accounts: vec!["A1SELLER".to_owned()],
            region: Region::Eu,
            credentials: ApplicationCredentials::new("amzn1.application-oa2-client.1", "geheim".into()),
            changed_at: Some("2026-06-01T00:00:00Z".parse().unwrap()),
        }
    }

    #[test]
    fn what_amazon_said_stands_above_what_the_age_says() {
        let mut known = application("default");
        assert_eq!(known.expires_at().unwrap(), ("2026-11-28T00:00:00Z".parse().unwrap(), false));
        known.credentials.client_secret_since = Some("2026-07-01T00:00:00Z".parse().unwrap());
        assert_eq!(known.expires_at().unwrap(), ("2026-12-28T00:00:00Z".parse().unwrap(), false));
        known.credentials.client_secret_expires_at = Some("2026-12-01T00:00:00Z".parse().unwrap());
        assert_eq!(known.expires_at().unwrap(), ("2026-12-01T00:00:00Z".parse().unwrap(), true));
    }
}
