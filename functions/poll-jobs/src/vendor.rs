//! Vendor invoices on their way: what does Amazon say of each?

use countinghouse_amazon::{AmazonError, Problem, Seller, Transaction, TransactionState};
use countinghouse_domain::vendor::{InvoiceStatus, TransactionStatus};
use countinghouse_store::{StoredInvoice, StoredProblem, TransactionNews};
use jiff::{SignedDuration, Timestamp};

use crate::{Dependencies, Outcome, PollError, count};

/// For how long one run asks about a vendor's invoices; the rest is first in the next run.
const LONGEST_RUN: SignedDuration = SignedDuration::from_secs(90);

/// Looks after the vendor's invoices that are due, the longest overdue first.
pub(crate) async fn invoices_in_flight(
    dependencies: &Dependencies,
    amazon: &Seller,
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    let began = dependencies.clock.now();
    let mut unexpected = None;
    for invoice in dependencies.vendor_invoices.due(amazon.id(), began).await? {
        let now = dependencies.clock.now();
        if now.duration_since(began) > LONGEST_RUN {
            count(&mut outcome.deferred);
            return Ok(());
        }
        match look_after(dependencies, amazon, &invoice, now, outcome).await {
            Err(PollError::Amazon(AmazonError::RateLimited { .. })) => {
                count(&mut outcome.deferred);
                return Ok(());
            }
            // One answer that makes no sense must not keep the others from being asked about.
            Err(error @ PollError::Amazon(AmazonError::Unexpected { .. })) => unexpected = Some(error),
            result => result?,
        }
    }
    unexpected.map_or(Ok(()), Err)
}

/// For how long the invoice on its way that has stood still the longest has stood still.
pub(crate) async fn oldest_open_s(dependencies: &Dependencies) -> Result<u64, PollError> {
    let oldest = dependencies.vendor_invoices.oldest_on_its_way().await?;
    let age = oldest.map_or(SignedDuration::ZERO, |since| dependencies.clock.now().duration_since(since));
    Ok(u64::try_from(age.as_secs()).unwrap_or(0))
}

async fn look_after(
    dependencies: &Dependencies,
    amazon: &Seller,
    invoice: &StoredInvoice,
    now: Timestamp,
    outcome: &mut Outcome,
) -> Result<(), PollError> {
    if invoice.status == InvoiceStatus::Sending {
        if dependencies.vendor_invoices.give_up_sending(&invoice.vendor, &invoice.invoice_id, now).await? {
            tracing::error!(
                seller_id = invoice.vendor.as_str(),
                invoice_id = invoice.invoice_id,
                "a process died while it was sending this invoice; nobody knows whether Amazon has it"
            );
            count(&mut outcome.vendor_answers_lost);
        }
        return Ok(());
    }
    let (Some(transaction_id), Some(submitted_at)) = (&invoice.transaction_id, invoice.submitted_at) else {
        return Ok(());
    };
    count(&mut outcome.asked);
    let said = match amazon.vendor_transaction(invoice.api, transaction_id).await {
        Ok(transaction) => Said::of(transaction),
        // Amazon gave this id itself, so it took the invoice; that it does not know it (yet) is no failure of it.
        Err(AmazonError::NotFound { answer, .. } | AmazonError::BadRequest { answer, .. }) => Said {
            status: TransactionStatus::Processing,
            problems: Vec::new(),
            note: Some(format!("Amazon does not find the transaction: {answer}")),
        },
        Err(error) => return Err(error.into()),
    };
    let status = invoice.status.after(said.status, submitted_at, now);
    let news = TransactionNews {
        transaction_id: transaction_id.clone(),
        status,
        problems: said.problems,
        note: said.note.or_else(|| note(status, invoice.status)),
    };
    let written = dependencies.vendor_invoices.asked(&invoice.vendor, &invoice.invoice_id, &news, now).await?;
    if written.is_some() && status != invoice.status {
        tell(invoice, status, outcome);
    }
    Ok(())
}

/// What Amazon said.
struct Said {
    status: TransactionStatus,
    problems: Vec<StoredProblem>,
    note: Option<String>,
}

impl Said {
    fn of(transaction: Transaction) -> Self {
        let problem = |each: Problem| StoredProblem { code: each.code, message: each.message, details: each.details };
        let problems = transaction.problems.into_iter().map(problem).collect();
        match transaction.state {
            TransactionState::Known(status) => Self { status, problems, note: None },
            TransactionState::Other(word) => {
                let note = Some(format!("Amazon says `{word}`, which is no status that is known"));
                Self { status: TransactionStatus::Processing, problems, note }
            }
        }
    }
}

fn note(status: InvoiceStatus, before: InvoiceStatus) -> Option<String> {
    let is_new = status == InvoiceStatus::PresumedAcceptedUnverified && status != before;
    is_new.then(|| "Amazon still says Processing after 30 minutes; look in Vendor Central to be sure".to_owned())
}

fn tell(invoice: &StoredInvoice, status: InvoiceStatus, outcome: &mut Outcome) {
    let (seller_id, invoice_id) = (invoice.vendor.as_str(), invoice.invoice_id.as_str());
    match status {
        InvoiceStatus::Accepted => {
            count(&mut outcome.vendor_accepted);
            tracing::info!(seller_id, invoice_id, "Amazon accepted the invoice");
        }
        InvoiceStatus::Failed => {
            count(&mut outcome.vendor_failed);
            tracing::error!(seller_id, invoice_id, "Amazon refused the invoice; its errors stand on the item");
        }
        InvoiceStatus::PresumedAcceptedUnverified => {
            count(&mut outcome.vendor_unverified);
            tracing::warn!(seller_id, invoice_id, "the invoice is presumed accepted, unverified");
        }
        InvoiceStatus::Rejected
        | InvoiceStatus::Claimed
        | InvoiceStatus::Sending
        | InvoiceStatus::Submitted
        | InvoiceStatus::Processing
        | InvoiceStatus::AnswerLost => {}
    }
}
