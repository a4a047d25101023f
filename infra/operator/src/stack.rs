//! A deployed stack, found by its name: its tables, its bucket, its queues.
//!
//! The template names everything after the stack, so nothing needs to be configured here. Region and credentials are
//! AWS's usual ones (`AWS_REGION`, `AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, …); `AWS_ENDPOINT_URL` points to a local AWS.

mod amazon;

use std::sync::Arc;

use aws_config::meta::region::ProvideRegion as _;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::operation::get_queue_url::GetQueueUrlError;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use countinghouse_domain::time::SystemClock;
use countinghouse_runtime::config::Variables;
use countinghouse_store::{Secrets, Tables};

pub(crate) use amazon::Description;

/// Which stack, and where.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct StackArguments {
    /// Name of the deployed stack
    #[arg(long, value_name = "NAME", default_value = "countinghouse")]
    pub(crate) stack: String,
    /// AWS region of the stack [default: the one of your AWS configuration]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Profile of your AWS configuration
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

/// Why a stack cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StackError {
    /// AWS needs a region.
    #[error("no AWS region is known: give --region, or set AWS_REGION")]
    NoRegion,
    /// The stack is not where it was looked for.
    #[error("there is no stack `{stack}` in {region}: its queue `{queue}` does not exist. Give --stack and --region")]
    NoStack {
        /// The stack's name.
        stack: String,
        /// The region.
        region: String,
        /// The queue that was looked for.
        queue: String,
    },
    /// AWS did not answer as it should.
    #[error("AWS could not be asked for the queue `{queue}`")]
    Aws {
        /// The queue.
        queue: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// `CloudFormation` knows no such stack.
    #[error("there is no stack `{stack}` in {region}. Give --stack and --region, or deploy it: sam deploy --guided")]
    NotDeployed {
        /// The stack's name.
        stack: String,
        /// The region.
        region: String,
    },
    /// `CloudFormation` did not answer as it should.
    #[error("CloudFormation could not be asked for the stack `{stack}`")]
    Description {
        /// The stack's name.
        stack: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Where Amazon is supposed to be cannot be read.
    #[error("{place} is not an address such as https://sellingpartnerapi-eu.amazon.com")]
    Endpoint {
        /// The template's parameter, or the environment's variable.
        place: &'static str,
    },
    /// The address of a queue names no account.
    #[error("the address of the queue `{0}` names no AWS account")]
    NoAccount(String),
}

/// A stack.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    /// Its name.
    pub(crate) name: String,
    /// What AWS's clients are made of.
    pub(crate) aws: SdkConfig,
    /// The names of its tables.
    pub(crate) tables: Tables,
    region: String,
}

impl Stack {
    /// Reads AWS's configuration. The stack itself is not looked at yet.
    pub(crate) async fn open(arguments: &StackArguments) -> Result<Self, StackError> {
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
        let region = region(arguments).await;
        if let Some(region) = &region {
            loader = loader.region(region.clone());
        }
        if let Some(profile) = &arguments.profile {
            // Named by a person, it is stronger than keys that the environment happens to have.
            let place = ProviderConfig::without_region().with_region(region).with_http_client(http.clone());
            let provider = ProfileFileCredentialsProvider::builder().configure(&place).profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(provider);
        }
        let aws = loader.load().await;
        let region = aws.region().filter(|region| !region.as_ref().is_empty()).ok_or(StackError::NoRegion)?.to_string();
        let tables = Tables::of_stack(&arguments.stack);
        Ok(Self { name: arguments.stack.clone(), aws, tables, region })
    }

    /// The client of the tables.
    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.aws)
    }

    /// The client of the stacks.
    pub(crate) fn cloudformation(&self) -> aws_sdk_cloudformation::Client {
        aws_sdk_cloudformation::Client::new(&self.aws)
    }

    /// The client of the schedules.
    pub(crate) fn scheduler(&self) -> aws_sdk_scheduler::Client {
        aws_sdk_scheduler::Client::new(&self.aws)
    }

    /// The credentials in Secrets Manager.
    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::new(aws_sdk_secretsmanager::Client::new(&self.aws), Arc::new(SystemClock))
    }

    /// The client of the bucket. A local AWS knows buckets by path only.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let mut config = aws_sdk_s3::config::Builder::from(&self.aws);
        if self.aws.endpoint_url().is_some() {
            config = config.force_path_style(true);
        }
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// The address of one of the stack's queues, for example `vendor-submissions`.
    pub(crate) async fn queue_url(&self, queue: &str) -> Result<String, StackError> {
        let queue = format!("{}-{queue}", self.name);
        let answer = aws_sdk_sqs::Client::new(&self.aws).get_queue_url().queue_name(&queue).send().await;
        match answer {
            Ok(answer) => Ok(answer.queue_url.unwrap_or_default()),
            Err(error) => {
                let missing = error.as_service_error().is_some_and(GetQueueUrlError::is_queue_does_not_exist);
                if missing {
                    return Err(StackError::NoStack { stack: self.name.clone(), region: self.region.clone(), queue });
                }
                Err(StackError::Aws { queue, source: Box::new(error) })
            }
        }
    }

    /// The bucket: its name has the account in it, which a queue's address tells.
    pub(crate) async fn bucket(&self) -> Result<String, StackError> {
        let url = self.queue_url("bookings").await?;
        let account = account_of(&url).ok_or_else(|| StackError::NoAccount(format!("{}-bookings", self.name)))?;
        Ok(format!("{}-reports-{account}-{}", self.name, self.region))
    }
}

/// The region: an argument, else AWS's own order. A variable that is empty counts as one that is not set.
async fn region(arguments: &StackArguments) -> Option<Region> {
    let given = |region: Region| (!region.as_ref().is_empty()).then_some(region);
    if let Some(region) = arguments.region.clone().and_then(|region| given(Region::new(region))) {
        return Some(region);
    }
    let variables = Variables::of_process();
    let of_environment = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| variables.optional(name));
    if let Some(region) = of_environment.and_then(|region| given(Region::new(region.to_owned()))) {
        return Some(region);
    }
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &arguments.profile {
        profile = profile.profile_name(name);
    }
    profile.build().region().await.and_then(given)
}

/// The account in `https://sqs.eu-west-1.amazonaws.com/123456789012/countinghouse-bookings`.
fn account_of(queue_url: &str) -> Option<&str> {
    let account = queue_url.rsplit('/').nth(1)?;
    (account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit())).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_read_from_a_queues_address() {
        assert_eq!(
            account_of("https://sqs.eu-west-1.amazonaws.com/123456789012/countinghouse-bookings"),
            Some("123456789012")
        );
        assert_eq!(account_of("http://127.0.0.1:4566/000000000000/countinghouse-bookings"), Some("000000000000"));
        assert_eq!(account_of("countinghouse-bookings"), None);
        assert_eq!(account_of("https://example.com/queue/countinghouse-bookings"), None);
    }
}
