//! The client of Amazon's API: endpoints from the environment, credentials from Secrets Manager, the rate budget
//! from DynamoDB.

use std::sync::Arc;

use aws_types::SdkConfig;
use countinghouse_amazon::{Amazon, AmazonConfig, CredentialError, CredentialSource, Credentials, Endpoints, Signing};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::Clock;
use countinghouse_store::{DynamoRateBudget, Secrets, Sellers, StoreError};
use futures_util::future::BoxFuture;
use secrecy::ExposeSecret;

use crate::config::{ConfigError, Variables};

/// Credentials as the stack stores them: the seller's item names the secret, Secrets Manager has it.
#[derive(Debug)]
pub struct StoredCredentials {
    sellers: Sellers,
    secrets: Secrets,
}

impl StoredCredentials {
    /// The credentials of these sellers.
    pub const fn new(sellers: Sellers, secrets: Secrets) -> Self {
        Self { sellers, secrets }
    }

    /// The credentials as they are stored now: whoever asks needs a token, which is once an hour, and a secret that
    /// was rotated must not be missed.
    async fn find(&self, seller: &SellerId) -> Result<Credentials, CredentialError> {
        let secret = self.secret_of(seller).await?;
        let stored = self.secrets.credentials_read_anew(&secret).await;
        stored.map(credentials).map_err(|error| fault(seller, &secret, error))
    }

    async fn find_previous(&self, seller: &SellerId) -> Result<Option<Credentials>, CredentialError> {
        let secret = self.secret_of(seller).await?;
        let before = self.secrets.previous_credentials(&secret).await;
        before.map(|found| found.map(credentials)).map_err(|error| fault(seller, &secret, error))
    }

    async fn secret_of(&self, seller: &SellerId) -> Result<String, CredentialError> {
        let found = self.sellers.get(seller).await.map_err(|error| fault(seller, "", error))?;
        found.map(|found| found.secret_name).ok_or_else(|| CredentialError::Missing(seller.clone()))
    }
}

fn credentials(stored: countinghouse_store::Credentials) -> Credentials {
    Credentials {
        client_id: stored.client_id.expose_secret().to_owned(),
        client_secret: stored.client_secret,
        refresh_token: stored.refresh_token,
    }
}

fn fault(seller: &SellerId, secret: &str, error: StoreError) -> CredentialError {
    match error {
        // The application's secret is not there, and its name helps.
        StoreError::Missing { ref item } if !secret.is_empty() && !item.ends_with(secret) => {
            CredentialError::Malformed { seller: seller.clone(), reason: error.to_string() }
        }
        StoreError::Missing { .. } => CredentialError::Missing(seller.clone()),
        StoreError::Corrupt { .. } => CredentialError::Malformed { seller: seller.clone(), reason: error.to_string() },
        StoreError::Throttled { .. } | StoreError::Conflict { .. } | StoreError::Service { .. } => {
            CredentialError::Unavailable(Box::new(error))
        }
    }
}

impl CredentialSource for StoredCredentials {
    fn credentials<'a>(&'a self, seller: &'a SellerId) -> BoxFuture<'a, Result<Credentials, CredentialError>> {
        Box::pin(self.find(seller))
    }

    fn previous<'a>(&'a self, seller: &'a SellerId) -> BoxFuture<'a, Result<Option<Credentials>, CredentialError>> {
        Box::pin(self.find_previous(seller))
    }
}

const ADDRESS: &str = "an address such as https://sellingpartnerapi-eu.amazon.com";

/// Where the Selling Partner API is, as the environment says: `SP_API_ENDPOINT_NA`, `_EU` and `_FE` (Amazon's own by
/// default), and what every client needs: see `common`.
pub fn configuration(variables: &Variables, aws: &SdkConfig) -> Result<AmazonConfig, ConfigError> {
    let endpoints = AmazonConfig::default().endpoints;
    let endpoints = Endpoints {
        na: variables.or("SP_API_ENDPOINT_NA", ADDRESS, endpoints.na)?,
        eu: variables.or("SP_API_ENDPOINT_EU", ADDRESS, endpoints.eu)?,
        fe: variables.or("SP_API_ENDPOINT_FE", ADDRESS, endpoints.fe)?,
    };
    Ok(AmazonConfig { endpoints, ..common(variables, aws)? })
}

/// Where Amazon Business is, as the environment says: `BUSINESS_API_ENDPOINT_NA`, `_EU` and `_JP` (Amazon's own by
/// default), and what every client needs: see `common`.
pub fn business_configuration(variables: &Variables, aws: &SdkConfig) -> Result<AmazonConfig, ConfigError> {
    let endpoints = AmazonConfig::default().business_endpoints;
    let business_endpoints = Endpoints {
        na: variables.or("BUSINESS_API_ENDPOINT_NA", ADDRESS, endpoints.na)?,
        eu: variables.or("BUSINESS_API_ENDPOINT_EU", ADDRESS, endpoints.eu)?,
        fe: variables.or("BUSINESS_API_ENDPOINT_JP", ADDRESS, endpoints.fe)?,
    };
    Ok(AmazonConfig { business_endpoints, ..common(variables, aws)? })
}

/// Where access tokens come from (`LWA_ENDPOINT`, Amazon's own by default), and whether requests are signed
/// (`SIGV4_SIGNING`, `on` or `off`, the default).
fn common(variables: &Variables, aws: &SdkConfig) -> Result<AmazonConfig, ConfigError> {
    let defaults = AmazonConfig::default();
    let wrong = |expected| ConfigError::Invalid { name: "SIGV4_SIGNING", expected };
    let signing = match variables.or("SIGV4_SIGNING", "on or off", String::from("off"))?.as_str() {
        "on" => {
            Some(aws.credentials_provider().ok_or_else(|| wrong("off, for there are no credentials to sign with"))?)
        }
        "off" => None,
        _ => return Err(wrong("on or off")),
    };
    Ok(AmazonConfig {
        lwa_endpoint: variables.or("LWA_ENDPOINT", ADDRESS, defaults.lwa_endpoint.clone())?,
        signing: signing.map(Signing::new),
        ..defaults
    })
}

/// The client of the Selling Partner API, with the shared rate budget in the table `RATE_BUDGETS_TABLE`.
pub fn client(
    variables: &Variables,
    aws: &SdkConfig,
    sellers: Sellers,
    clock: &Arc<dyn Clock>,
) -> Result<Amazon, ConfigError> {
    build(configuration(variables, aws)?, variables, aws, sellers, clock)
}

/// The client of Amazon Business, with the same rate budget.
pub fn business_client(
    variables: &Variables,
    aws: &SdkConfig,
    sellers: Sellers,
    clock: &Arc<dyn Clock>,
) -> Result<Amazon, ConfigError> {
    build(business_configuration(variables, aws)?, variables, aws, sellers, clock)
}

fn build(
    configuration: AmazonConfig,
    variables: &Variables,
    aws: &SdkConfig,
    sellers: Sellers,
    clock: &Arc<dyn Clock>,
) -> Result<Amazon, ConfigError> {
    let secrets = Secrets::new(aws_sdk_secretsmanager::Client::new(aws), Arc::clone(clock));
    let budget = DynamoRateBudget::new(
        aws_sdk_dynamodb::Client::new(aws),
        variables.required("RATE_BUDGETS_TABLE")?,
        Arc::clone(clock),
    );
    let credentials = StoredCredentials::new(sellers, secrets);
    Ok(Amazon::new(configuration, Arc::new(credentials), Arc::new(budget), Arc::clone(clock)))
}
