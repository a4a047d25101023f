//! What is examined: a stack, as far as AWS tells of it, its accounts, and Amazon as they see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_cloudformation::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_cloudformation::operation::describe_stacks::DescribeStacksError;
use countinghouse_amazon::Amazon;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_runtime::amazon::StoredCredentials;
use countinghouse_store::{Secrets, Seller, Sellers};
use jiff::Timestamp;

use super::budget::ReadingBudget;
use super::check::Verdict;
use super::clock::{DateReader, Told};
use super::credentials::{CurrentCredentials, application_option};
use super::mend::Mend;
use super::unanswered::Unanswered;
use crate::desk::DeskError;
use crate::stack::{Description, Stack, StackArguments, StackError};

/// What CloudFormation says of the stack.
#[derive(Debug)]
pub(super) struct Described {
    /// For example `UPDATE_COMPLETE`.
    pub(super) status: String,
    /// Why it has that status, where it is told.
    pub(super) reason: Option<String>,
    /// When it was deployed last.
    pub(super) deployed_at: Option<Timestamp>,
    /// Parameters, outputs and tags.
    pub(super) description: Description,
}

/// Something that the template made.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// For example `AWS::SQS::Queue`.
    pub(super) kind: String,
    /// What AWS knows it by: a queue's address, a schedule's name.
    pub(super) id: String,
}

impl Resource {
    /// Its name: the last part of an address.
    pub(super) fn name(&self) -> &str {
        self.id.rsplit(['/', '|']).next().unwrap_or(&self.id)
    }
}

/// Everything that the checks look at.
#[derive(Debug)]
pub(super) struct Patient {
    pub(super) stack: Stack,
    pub(super) clock: Arc<dyn Clock>,
    /// When the examination began.
    pub(super) now: Timestamp,
    pub(super) mend: Mend,
    /// Secrets, each read once.
    pub(super) secrets: Secrets,
    /// What CloudFormation says, or why it says nothing.
    pub(super) described: Result<Described, Verdict>,
    /// What the template made, or why that is not known.
    pub(super) resources: Result<Vec<Resource>, Verdict>,
    /// The accounts that are looked at.
    pub(super) accounts: Vec<Seller>,
    /// Why the accounts are not known.
    pub(super) no_accounts: Option<Verdict>,
    /// The secret with the application's credentials, of each account where it can be read.
    applications: BTreeMap<SellerId, String>,
    /// Amazon; none where it is not to be asked.
    pub(super) amazon: Option<Amazon>,
    /// What time AWS says it is.
    pub(super) aws_date: Option<Told>,
}

impl Patient {
    /// Finds the stack and its accounts. Without a stack there is nothing to examine; whatever else cannot be had is for
    /// the checks to say.
    pub(super) async fn find(
        arguments: &StackArguments,
        account: Option<&str>,
        with_amazon: bool,
    ) -> Result<Self, DeskError> {
        let stack = Stack::open(arguments).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let region = stack.aws.region().map(ToString::to_string).unwrap_or_default();
        let mend = Mend { stack: stack.name.clone(), region, profile: arguments.profile.clone() };
        let dates = DateReader::new(Arc::clone(&clock));
        let described = describe(&stack, &mend, &dates).await?;
        let resources = list_resources(&stack, &mend).await;
        let (accounts, no_accounts) = accounts(&stack, &mend, account).await?;
        let amazon = match &described {
            Ok(described) if with_amazon => Some(amazon(&stack, &described.description, &clock)?),
            // Where Amazon is cannot be read: its own addresses will do.
            Err(_) if with_amazon => Some(amazon(&stack, &Description::default(), &clock)?),
            _ => None,
        };
        let aws_date = dates.last();
        let (now, secrets) = (clock.now(), stack.secrets());
        let applications = applications(&secrets, &accounts).await;
        Ok(Self {
            stack,
            clock,
            now,
            mend,
            secrets,
            described,
            resources,
            accounts,
            no_accounts,
            applications,
            amazon,
            aws_date,
        })
    }

    /// What the template made of this kind, or why that is not known.
    pub(super) fn made(&self, kind: &str) -> Result<Vec<&Resource>, Verdict> {
        let resources = self.resources.as_ref().map_err(Clone::clone)?;
        Ok(resources.iter().filter(|each| each.kind == kind).collect())
    }

    /// A parameter of the template.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.described.as_ref().ok()?.description.parameters.get(name).map(String::as_str)
    }

    /// An output of the template.
    pub(super) fn output(&self, name: &str) -> Option<&str> {
        self.described.as_ref().ok()?.description.outputs.get(name).map(String::as_str)
    }

    /// The command that connects an account again, with its application: `--again` with what is stored.
    pub(super) fn connect(&self, account: &Seller, options: &str) -> String {
        let application = self.applications.get(&account.seller_id).map(|secret| application_option(secret));
        self.mend.connect(account, format!("{options}{}", application.unwrap_or_default()).trim_start())
    }

    /// The name of the bucket: as the template puts it out, or made of what a queue's address tells.
    pub(super) async fn bucket(&self) -> Result<String, StackError> {
        match self.output("ReportsBucketName") {
            Some(name) => Ok(name.to_owned()),
            None => self.stack.bucket().await,
        }
    }

    /// The name without the stack's in front of it.
    pub(super) fn short<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(&self.stack.name).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name)
    }

    /// The finding for a store that could not be read.
    pub(super) fn unread(&self, error: &countinghouse_store::StoreError) -> Verdict {
        Unanswered::store(error).verdict(&self.mend)
    }
}

async fn describe(stack: &Stack, mend: &Mend, dates: &DateReader) -> Result<Result<Described, Verdict>, StackError> {
    let asked = stack.cloudformation().describe_stacks().stack_name(&stack.name);
    let answer = match asked.customize().interceptor(dates.clone()).send().await {
        Ok(answer) => answer,
        Err(error) if is_missing(&error) => return Err(not_deployed(stack, mend)),
        Err(error) => {
            let unanswered = Unanswered::aws("cloudformation:DescribeStacks", &error);
            if unanswered.is_denied() {
                return Ok(Err(unanswered.verdict(mend)));
            }
            return Err(StackError::Description { stack: stack.name.clone(), source: Box::new(error) });
        }
    };
    let Some(found) = answer.stacks().first() else { return Err(not_deployed(stack, mend)) };
    let pair = |name: Option<&str>, value: Option<&str>| Some((name?.to_owned(), value?.to_owned()));
    let map = |pairs: Vec<Option<(String, String)>>| pairs.into_iter().flatten().collect::<BTreeMap<_, _>>();
    let description = Description {
        parameters: map(found.parameters().iter().map(|e| pair(e.parameter_key(), e.parameter_value())).collect()),
        outputs: map(found.outputs().iter().map(|e| pair(e.output_key(), e.output_value())).collect()),
    };
    let changed = found.last_updated_time().or_else(|| found.creation_time());
    Ok(Ok(Described {
        status: found.stack_status().map_or_else(String::new, |status| status.as_str().to_owned()),
        reason: found.stack_status_reason().map(str::to_owned),
        deployed_at: changed.and_then(|time| Timestamp::from_second(time.secs()).ok()),
        description,
    }))
}

fn not_deployed(stack: &Stack, mend: &Mend) -> StackError {
    StackError::NotDeployed { stack: stack.name.clone(), region: mend.region.clone() }
}

/// `CloudFormation` has no error of its own for a stack that is not there.
fn is_missing<R>(error: &SdkError<DescribeStacksError, R>) -> bool {
    error.code() == Some("ValidationError") && error.message().is_some_and(|text| text.contains("does not exist"))
}

async fn list_resources(stack: &Stack, mend: &Mend) -> Result<Vec<Resource>, Verdict> {
    let (client, mut resources, mut next) = (stack.cloudformation(), Vec::new(), None);
    loop {
        let asked = client.list_stack_resources().stack_name(&stack.name).set_next_token(next).send().await;
        let answer =
            asked.map_err(|error| Unanswered::aws("cloudformation:ListStackResources", &error).verdict(mend))?;
        let found = answer.stack_resource_summaries().iter();
        resources.extend(found.filter_map(|each| {
            Some(Resource { kind: each.resource_type()?.to_owned(), id: each.physical_resource_id()?.to_owned() })
        }));
        next = answer.next_token().map(str::to_owned);
        if next.is_none() {
            return Ok(resources);
        }
    }
}

async fn accounts(
    stack: &Stack,
    mend: &Mend,
    named: Option<&str>,
) -> Result<(Vec<Seller>, Option<Verdict>), DeskError> {
    match crate::desk::accounts(stack, named).await {
        Ok(accounts) => Ok((accounts, None)),
        Err(DeskError::Store(error)) => Ok((Vec::new(), Some(Unanswered::store(&error).verdict(mend)))),
        Err(error) => Err(error),
    }
}

async fn applications(secrets: &Secrets, accounts: &[Seller]) -> BTreeMap<SellerId, String> {
    let mut applications = BTreeMap::new();
    for account in accounts {
        // A secret that cannot be read is for another check to say.
        if let Ok(application) = secrets.application_of(&account.secret_name).await {
            applications.insert(account.seller_id.clone(), application);
        }
    }
    applications
}

fn amazon(stack: &Stack, description: &Description, clock: &Arc<dyn Clock>) -> Result<Amazon, StackError> {
    let configuration = stack.amazon_configuration(description)?;
    let sellers = Sellers::new(stack.dynamodb(), &stack.tables.sellers);
    let credentials = CurrentCredentials(StoredCredentials::new(sellers, stack.secrets()));
    let budget = ReadingBudget::new(stack, clock);
    Ok(Amazon::new(configuration, Arc::new(credentials), Arc::new(budget), Arc::clone(clock)))
}
