#![doc = include_str!("../README.md")]

mod error;
mod issue;
mod original;
mod profiles;

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_invoicing::Renderer;
use countinghouse_runtime::batch::{Never, body, each_record};
use countinghouse_runtime::config::Variables;
use countinghouse_runtime::function::Invocation;
use countinghouse_runtime::messages::InvoiceIssue;
use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_runtime::queue::Queue;
use countinghouse_store::{OwnInvoiceObjects, OwnInvoices, Sellers};

pub use error::{IssueError, StartError};
use issue::Done;
use profiles::Profiles;

/// What the function works with.
pub struct Dependencies {
    /// The connected sellers: only who issues own invoices gets numbers.
    pub sellers: Sellers,
    /// The own invoices.
    pub invoices: OwnInvoices,
    /// Their files.
    pub objects: OwnInvoiceObjects,
    /// Fonts and template, loaded once.
    pub renderer: Arc<Renderer>,
    /// The queue that this function reads: a credit note that waits goes back there.
    pub issues: Queue,
    /// Where issued documents are announced.
    pub uploads: Queue,
    /// The time.
    pub clock: Arc<dyn Clock>,
    profiles: Profiles,
}

impl std::fmt::Debug for Dependencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dependencies").field("invoices", &self.invoices).finish_non_exhaustive()
    }
}

impl Dependencies {
    /// Reads the configuration, builds the clients, and loads fonts and template.
    pub fn new(variables: &Variables, aws: &SdkConfig) -> Result<Self, StartError> {
        let sqs = aws_sdk_sqs::Client::new(aws);
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let objects = OwnInvoiceObjects::new(aws_sdk_s3::Client::new(aws), variables.required("REPORTS_BUCKET")?);
        Ok(Self {
            sellers: Sellers::new(dynamodb.clone(), variables.required("SELLERS_TABLE")?),
            invoices: OwnInvoices::new(dynamodb, variables.required("OWN_INVOICES_TABLE")?),
            issues: Queue::new(sqs.clone(), variables.required("INVOICE_ISSUES_QUEUE_URL")?),
            uploads: Queue::new(sqs, variables.required("INVOICE_UPLOADS_QUEUE_URL")?),
            renderer: Arc::new(Renderer::new()?),
            profiles: Profiles::new(objects.clone()),
            objects,
            clock: Arc::new(SystemClock),
        })
    }
}

/// What a batch came to.
#[derive(Default)]
struct Tally {
    issued: u64,
    waiting: u64,
    needing_a_person: u64,
}

/// Issues the documents that the messages name.
pub async fn handle(
    dependencies: &Dependencies,
    event: SqsEvent,
    invocation: Invocation,
) -> Result<SqsBatchResponse, Never> {
    let mut tally = Tally::default();
    let response = each_record(event, async |record: &SqsMessage| {
        let message: InvoiceIssue =
            serde_json::from_str(body(record)).map_err(|error| IssueError::unreadable(&error))?;
        // On the heap: what the work on a document keeps is large.
        let count = match Box::pin(issue::issue(dependencies, &message, invocation.deadline())).await? {
            Done::Issued => &mut tally.issued,
            Done::Waits => &mut tally.waiting,
            Done::NeedsPerson => &mut tally.needing_a_person,
            Done::Known => return Ok(()),
        };
        *count = count.saturating_add(1);
        Ok::<(), IssueError>(())
    })
    .await;
    MetricLine::new("issue-invoices")
        .value(Metric::OwnInvoicesIssued, tally.issued)
        .value(Metric::OwnInvoicesWaiting, tally.waiting)
        .value(Metric::OwnInvoicesNotMade, tally.needing_a_person)
        .emit(dependencies.clock.now());
    Ok(response)
}
