//! The AWS clients' configuration, built once for each process.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::SdkConfig;

use crate::config::{ConfigError, Variables};

/// What the clients of a function share: region and credentials from the environment, as Lambda sets them, and one
/// pool of connections. `AWS_ENDPOINT_URL` points all of them somewhere else, for example to a local AWS.
///
/// Lambda's credentials are good as long as the process lives, so none of the other sources that AWS's own loader
/// knows are asked: the program is smaller and starts sooner without them.
pub fn configuration(variables: &Variables) -> Result<SdkConfig, ConfigError> {
    let credentials = Credentials::new(
        variables.required("AWS_ACCESS_KEY_ID")?,
        variables.required("AWS_SECRET_ACCESS_KEY")?,
        variables.optional("AWS_SESSION_TOKEN").map(str::to_owned),
        None,
        "environment",
    );
    let mut configuration = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(variables.required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new());
    configuration.set_endpoint_url(variables.optional("AWS_ENDPOINT_URL").map(str::to_owned));
    Ok(configuration.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(endpoint: &str) -> Variables {
        let pairs = [
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", endpoint),
        ];
        Variables::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    #[test]
    fn the_region_and_the_endpoint_are_those_of_the_environment() {
        let configuration = configuration(&variables("http://127.0.0.1:4566")).unwrap();
        assert_eq!(configuration.region().map(Region::as_ref), Some("eu-west-1"));
        assert_eq!(configuration.endpoint_url(), Some("http://127.0.0.1:4566"));
        assert_eq!(super::configuration(&variables("")).unwrap().endpoint_url(), None);
    }

    #[test]
    fn what_lambda_did_not_set_is_named() {
        let error = configuration(&Variables::new([])).unwrap_err();
        assert_eq!(error, ConfigError::Missing { name: "AWS_ACCESS_KEY_ID" });
    }
}
