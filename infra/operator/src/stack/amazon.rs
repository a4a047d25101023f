//! Amazon, as a deployed stack reaches it: the same endpoints, the same credentials, the same rate budget.
//!
//! What the operator asks Amazon for is taken from the budget that the functions share: a command waits for its turn as
//! they do.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;
use aws_sdk_cloudformation::operation::describe_stacks::DescribeStacksError;
use countinghouse_amazon::{Amazon, AmazonConfig, CredentialSource, Endpoints, Signing};
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::amazon::StoredCredentials;
use countinghouse_runtime::config::Variables;
use countinghouse_store::{DynamoRateBudget, Sellers};
use url::Url;

use super::{Stack, StackError};

/// What CloudFormation says of a deployed stack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Description {
    /// The template's parameters and what they were deployed with.
    pub(crate) parameters: BTreeMap<String, String>,
    /// What the template puts out, for example `NotificationsQueueArn`.
    pub(crate) outputs: BTreeMap<String, String>,
}

impl Stack {
    /// What CloudFormation says of the stack: its parameters and outputs.
    pub(crate) async fn description(&self) -> Result<Description, StackError> {
        let answer = self.cloudformation().describe_stacks().stack_name(&self.name).send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(is_missing) => return Err(self.missing()),
            Err(error) => {
                return Err(StackError::Description { stack: self.name.clone(), source: Box::new(error) });
            }
        };
        let found = answer.stacks().first().ok_or_else(|| self.missing())?;
        let pair = |name: Option<&str>, value: Option<&str>| Some((name?.to_owned(), value?.to_owned()));
        let parameters = found.parameters().iter();
        Ok(Description {
            parameters: parameters.filter_map(|each| pair(each.parameter_key(), each.parameter_value())).collect(),
            outputs: found.outputs().iter().filter_map(|each| pair(each.output_key(), each.output_value())).collect(),
        })
    }

    /// Amazon as the stack's functions see it: one client for the Selling Partner API and for Amazon Business, with the
    /// accounts' stored credentials and the shared rate budget. Nothing is asked of Amazon yet.
    pub(crate) async fn amazon(&self) -> Result<Amazon, StackError> {
        let sellers = Sellers::new(self.dynamodb(), &self.tables.sellers);
        self.amazon_with(Arc::new(StoredCredentials::new(sellers, self.secrets()))).await
    }

    /// The same with credentials that are not stored, or not yet.
    pub(crate) async fn amazon_with(&self, credentials: Arc<dyn CredentialSource>) -> Result<Amazon, StackError> {
        let configuration = self.amazon_configuration(&self.description().await?)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let budget = DynamoRateBudget::new(self.dynamodb(), &self.tables.rate_budgets, Arc::clone(&clock));
        Ok(Amazon::new(configuration, credentials, Arc::new(budget), clock))
    }

    /// Where Amazon is, as the stack's parameters and the environment say it.
    pub(crate) fn amazon_configuration(&self, description: &Description) -> Result<AmazonConfig, StackError> {
        let signing = self.aws.credentials_provider().map(Signing::new);
        configuration(&description.parameters, &Variables::of_process(), signing)
    }

    fn missing(&self) -> StackError {
        StackError::NotDeployed { stack: self.name.clone(), region: self.region.clone() }
    }
}

/// `CloudFormation` has no error of its own for a stack that is not there.
fn is_missing(error: &DescribeStacksError) -> bool {
    error.code() == Some("ValidationError") && error.message().is_some_and(|text| text.contains("does not exist"))
}

/// Where Amazon is. The template's parameter says it to the functions, and so to this program; a variable of the same
/// name as theirs stands above it, and Amazon's own address below.
fn configuration(
    parameters: &BTreeMap<String, String>,
    variables: &Variables,
    signing: Option<Signing>,
) -> Result<AmazonConfig, StackError> {
    let told = |parameter: &'static str, variable: &'static str| {
        let told = variables.optional(variable).map(|text| (text, variable));
        told.or_else(|| {
            parameters.get(parameter).filter(|text| !text.is_empty()).map(|text| (text.as_str(), parameter))
        })
    };
    let address = |parameter, variable, default: Url| match told(parameter, variable) {
        None => Ok(default),
        Some((text, place)) => text.parse().map_err(|_unreadable| StackError::Endpoint { place }),
    };
    let defaults = AmazonConfig::default();
    let (selling, business) = (defaults.endpoints.clone(), defaults.business_endpoints.clone());
    let is_signed = told("SigV4Signing", "SIGV4_SIGNING").is_some_and(|(text, _)| text == "on");
    Ok(AmazonConfig {
        lwa_endpoint: address("LwaEndpoint", "LWA_ENDPOINT", defaults.lwa_endpoint.clone())?,
        endpoints: Endpoints {
            na: address("SpApiEndpointNa", "SP_API_ENDPOINT_NA", selling.na)?,
            eu: address("SpApiEndpointEu", "SP_API_ENDPOINT_EU", selling.eu)?,
            fe: address("SpApiEndpointFe", "SP_API_ENDPOINT_FE", selling.fe)?,
        },
        business_endpoints: Endpoints {
            na: address("BusinessApiEndpointNa", "BUSINESS_API_ENDPOINT_NA", business.na)?,
            eu: address("BusinessApiEndpointEu", "BUSINESS_API_ENDPOINT_EU", business.eu)?,
            fe: address("BusinessApiEndpointJp", "BUSINESS_API_ENDPOINT_JP", business.fe)?,
        },
        signing: signing.filter(|_| is_signed),
        ..defaults
    })
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::marketplace::Region;

    use super::*;

    fn read(parameters: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<AmazonConfig, StackError> {
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        configuration(&owned(parameters).into_iter().collect(), &Variables::new(owned(variables)), None)
    }

    #[test]
    fn the_stacks_parameters_say_where_amazon_is_and_a_variable_stands_above_them() {
        let parameters = [("SpApiEndpointEu", "http://127.0.0.1:1/eu"), ("SpApiEndpointNa", "http://127.0.0.1:1/na")];
        let config = read(&parameters, &[("SP_API_ENDPOINT_NA", "http://127.0.0.1:2/na")]).unwrap();
        assert_eq!(config.endpoints.of(Region::Eu).as_str(), "http://127.0.0.1:1/eu");
        assert_eq!(config.endpoints.of(Region::Na).as_str(), "http://127.0.0.1:2/na");
        assert_eq!(config.endpoints.of(Region::Fe), AmazonConfig::default().endpoints.of(Region::Fe));
    }

    #[test]
    fn an_address_that_is_none_is_named_by_its_place_and_not_repeated() {
        let message = read(&[("LwaEndpoint", "amzn1.oa2-cs.v1.pasted")], &[]).unwrap_err().to_string();
        assert!(message.contains("LwaEndpoint") && !message.contains("pasted"), "{message}");
    }
}
