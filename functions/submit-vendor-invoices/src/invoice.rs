//! One invoice: rejected, or claimed, written down as being sent, sent, and its outcome written down.
//!
//! The order is what keeps an invoice from being sent twice. Everything that may fail before the request goes out is
//! done before `sending` is written; from then on, whoever finds the invoice `sending` and nobody at it knows that
//! Amazon may have it.

use std::time::Duration;

use countinghouse_amazon::{AmazonError, Problem, Submission};
use countinghouse_domain::vendor::VendorApi;
use countinghouse_runtime::batch::chain;
use countinghouse_store::{
    Attempt, InvoiceClaim, InvoiceFacts, OfferedInvoice, ReceivedFrom, RejectedInvoice, Rejection, StoredProblem,
    StoredViolation,
};
use countinghouse_vendor_invoices::{Api, Checked, Invoice};
use serde_json::json;

use crate::SubmitError;
use crate::file::Subject;
use crate::reading::{ReadInvoice, Taken};

/// What became of an invoice in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Amazon took it.
    Submitted,
    /// It was known.
    Known,
    /// It broke rules.
    Rejected {
        /// Whether nobody knew that before.
        is_new: bool,
    },
    /// Its number belongs to another invoice.
    Refused,
    /// Amazon refused it at once.
    Failed,
    /// Nobody knows what Amazon made of it.
    AnswerLost {
        /// Whether it was sent in this run; otherwise in one that died.
        was_sent_now: bool,
    },
}

/// What to do next.
pub(crate) enum Step {
    /// The next invoice.
    Done(Done),
    /// The same invoice again, after a while: nothing was sent.
    Wait(Duration),
}

pub(crate) async fn take(subject: &Subject<'_>, taken: &Taken) -> Result<Step, SubmitError> {
    match &taken.what {
        Ok(read) => match &read.checked.invoice {
            Some(invoice) if read.checked.accepted() => offer(subject, taken, read, invoice).await,
            _ => reject(subject, rejected(subject, taken, read)).await,
        },
        Err(why) => {
            let violation = StoredViolation {
                pointer: String::new(),
                rule: "readable".to_owned(),
                expected: why.clone(),
                found: String::new(),
                place: Some(format!("line {}", taken.line)),
            };
            let (api, facts) = (VendorApi::Retail, InvoiceFacts::default());
            let (vendor, received) = (subject.vendor.clone(), subject.received(taken));
            let invoice =
                RejectedInvoice { vendor, invoice_id: None, api, facts, received, violations: vec![violation] };
            reject(subject, invoice).await
        }
    }
}

async fn reject(subject: &Subject<'_>, invoice: RejectedInvoice) -> Result<Step, SubmitError> {
    let rejection = subject.dependencies.invoices.rejected(&invoice, subject.dependencies.clock.now()).await?;
    let is_new = rejection != Rejection::Known;
    if is_new {
        tracing::warn!(
            seller_id = subject.vendor.as_str(),
            invoice_id = invoice.invoice_id,
            number = invoice.received.number,
            violations = invoice.violations.len(),
            "an invoice is rejected by our own checks"
        );
    }
    Ok(Step::Done(Done::Rejected { is_new }))
}

fn rejected(subject: &Subject<'_>, taken: &Taken, read: &ReadInvoice) -> RejectedInvoice {
    let violation = |each: &countinghouse_vendor_invoices::Violation| StoredViolation {
        pointer: each.pointer.clone(),
        rule: each.rule.to_string(),
        expected: each.expected.clone(),
        found: each.found.clone(),
        place: read.found.places.as_ref().map(|places| places.of(&each.pointer).to_string()),
    };
    RejectedInvoice {
        vendor: subject.vendor.clone(),
        invoice_id: read.checked.id.clone().filter(|id| !id.is_empty()),
        api: api(read.checked.api),
        facts: facts(&read.checked),
        received: subject.received(taken),
        violations: read.checked.violations.iter().map(violation).collect(),
    }
}

const fn api(api: Api) -> VendorApi {
    match api {
        Api::Retail => VendorApi::Retail,
        Api::DirectFulfillment => VendorApi::DirectFulfillment,
    }
}

fn facts(checked: &Checked) -> InvoiceFacts {
    let of_invoice = checked.invoice.as_ref().map(|invoice| InvoiceFacts {
        vendor_code: Some(invoice.remit_to_party_id().to_owned()),
        invoice_type: Some(if invoice.is_credit_note() { "CreditNote" } else { "Invoice" }.to_owned()),
        invoice_date: Some(invoice.date().to_string()),
        purchase_orders: invoice.purchase_orders().to_vec(),
        total: Some(invoice.total()),
        ..InvoiceFacts::default()
    });
    InvoiceFacts {
        rules: Some(checked.region.to_string()),
        reading: checked.reading.as_ref().map(ToString::to_string),
        warnings: checked.warnings.iter().map(ToString::to_string).collect(),
        ..of_invoice.unwrap_or_default()
    }
}

async fn offer(
    subject: &Subject<'_>,
    taken: &Taken,
    read: &ReadInvoice,
    invoice: &Invoice,
) -> Result<Step, SubmitError> {
    let offered = OfferedInvoice {
        vendor: subject.vendor.clone(),
        invoice_id: invoice.id().to_owned(),
        api: api(invoice.api()),
        content_hash: invoice.content_hash().to_owned(),
        facts: facts(&read.checked),
        received: subject.received(taken),
        resubmit: subject.resubmit,
    };
    let (seller_id, invoice_id) = (offered.vendor.as_str(), offered.invoice_id.as_str());
    let claim = subject.dependencies.invoices.claim(&offered, subject.dependencies.clock.now()).await?;
    Ok(Step::Done(match claim {
        InvoiceClaim::Yours(attempt) => return send(subject, &attempt, offered.api, invoice).await,
        InvoiceClaim::Known(status) => {
            tracing::debug!(seller_id, invoice_id, status = status.name(), "the invoice is known");
            Done::Known
        }
        InvoiceClaim::BeingSent => Done::Known,
        InvoiceClaim::AnswerLost => {
            tracing::error!(seller_id, invoice_id, "a process died while it was sending this invoice");
            Done::AnswerLost { was_sent_now: false }
        }
        InvoiceClaim::Refused(status) => {
            let status = status.name();
            tracing::error!(seller_id, invoice_id, status, "another invoice has this number; this one is refused");
            Done::Refused
        }
    }))
}

/// Sends an invoice, once.
async fn send(
    subject: &Subject<'_>,
    attempt: &Attempt,
    api: VendorApi,
    invoice: &Invoice,
) -> Result<Step, SubmitError> {
    let dependencies = subject.dependencies;
    // One invoice for each request: a transaction's errors name no invoice, so a shared one could not be told apart.
    let body = serde_json::to_vec(&json!({"invoices": [invoice.to_body()]})).map_err(SubmitError::Body)?;
    let ready = match subject.amazon.ready_to_submit(api).await {
        Ok(ready) => ready,
        // Nothing is written for it: at ten requests a second it is usual.
        Err(AmazonError::RateLimited { wait, .. }) => return Ok(Step::Wait(wait)),
        Err(error) => return unsent(subject, attempt, error).await,
    };
    let sent = dependencies.objects.put_sent(&dependencies.bucket, attempt, &body).await?;
    if !dependencies.invoices.sending(attempt, &sent, dependencies.clock.now()).await? {
        // Another process was quicker.
        return Ok(Step::Done(Done::Known));
    }
    let submission = ready.send(&body).await;
    let now = dependencies.clock.now();
    let (seller_id, invoice_id) = (attempt.vendor.as_str(), attempt.invoice_id.as_str());
    match submission {
        Submission::Taken(transaction) => {
            let transaction_id = transaction.as_str();
            if let Err(error) = dependencies.invoices.submitted(attempt, &transaction, now).await {
                // The item stays `sending` and becomes a lost answer; this line is then all that is known.
                tracing::error!(
                    seller_id,
                    invoice_id,
                    transaction_id,
                    "Amazon took the invoice, but no table took the note"
                );
                return Err(error.into());
            }
            tracing::info!(seller_id, invoice_id, transaction_id, attempt = attempt.number, "the invoice is submitted");
            Ok(Step::Done(Done::Submitted))
        }
        Submission::NotTaken(AmazonError::BadRequest { answer, .. }) => {
            let problems: Vec<_> = answer.problems.iter().map(problem).collect();
            let why = format!("Amazon refused it at once: {answer}");
            dependencies.invoices.failed(attempt, &problems, &why, now).await?;
            tracing::error!(seller_id, invoice_id, status = answer.status, "Amazon refused the invoice at once");
            Ok(Step::Done(Done::Failed))
        }
        Submission::NotTaken(error) => unsent(subject, attempt, error).await,
        Submission::AnswerLost(error) => {
            dependencies.invoices.answer_lost(attempt, &chain(&error), now).await?;
            tracing::error!(seller_id, invoice_id, kind = error.kind(), "the invoice was sent and its answer is lost");
            Ok(Step::Done(Done::AnswerLost { was_sent_now: true }))
        }
    }
}

/// Amazon has heard nothing of it: again later, or a person has to act first.
async fn unsent(subject: &Subject<'_>, attempt: &Attempt, error: AmazonError) -> Result<Step, SubmitError> {
    let (store, now) = (&subject.dependencies.invoices, subject.dependencies.clock.now());
    store.not_sent(attempt, &format!("not sent yet: {}", chain(&error)), now).await?;
    match error.retry_after() {
        Some(wait) => Ok(Step::Wait(wait)),
        None => Err(SubmitError::Amazon(error)),
    }
}

fn problem(problem: &Problem) -> StoredProblem {
    StoredProblem { code: problem.code.clone(), message: problem.message.clone(), details: problem.details.clone() }
}

impl Subject<'_> {
    fn received(&self, taken: &Taken) -> ReceivedFrom {
        ReceivedFrom {
            key: self.place.key.clone(),
            version: self.place.version.clone(),
            number: taken.number,
            line: taken.line,
        }
    }
}
