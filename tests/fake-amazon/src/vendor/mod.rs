//! Vendors: invoices that come in, and what becomes of them.

pub(crate) mod admin;
mod check;
mod config;
mod handle;
pub(crate) mod operations;
mod shapes;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

pub use config::{VendorApi, VendorConfig, VendorError, VendorOutcome, VendorResult};

use crate::clock::plus_ms;

/// An invoice that Amazon took in, as often as it was sent.
#[derive(Clone, Debug, Serialize)]
pub struct VendorSubmission {
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub seller_id: String,
    /// Through which API.
    pub api: VendorApi,
    /// The number of the invoice.
    pub invoice_id: String,
    /// 1 for the first time that this number came; 2 or more says that something was sent twice.
    pub occurrence: usize,
    /// What the vendor was told, or would have been, had the answer not been lost.
    pub transaction_id: String,
    /// The invoice as it came.
    pub invoice: Value,
}

/// A vendor's invoices at Amazon. Nothing is ever forgotten.
#[derive(Debug, Default)]
pub(crate) struct VendorState {
    pub(crate) submissions: Vec<VendorSubmission>,
    transactions: BTreeMap<String, Transaction>,
    /// Where the submissions of a number lie in the list.
    numbers: HashMap<(VendorApi, String), Vec<usize>>,
}

/// What one call of a submit operation became.
#[derive(Debug)]
struct Transaction {
    api: VendorApi,
    at: Timestamp,
    /// Where its invoices lie in the list of submissions.
    invoices: Vec<usize>,
    /// How it ended, once it has.
    end: Option<End>,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Success,
    Failure(Vec<VendorError>),
}

/// What a transaction shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Processing,
    Success,
    Failure(Vec<VendorError>),
}

impl VendorState {
    /// Takes invoices in, and gives the id of their transaction.
    pub(crate) fn take(&mut self, seller_id: &str, api: VendorApi, invoices: Vec<Value>, at: Timestamp) -> String {
        let transaction_id = format!("{}-{}", at.strftime("%Y%m%d%H%M%S"), Uuid::new_v4());
        let mut places = Vec::with_capacity(invoices.len());
        for invoice in invoices {
            let invoice_id = invoice.get(api.id_field()).and_then(Value::as_str).unwrap_or_default().to_owned();
            let place = self.submissions.len();
            let same = self.numbers.entry((api, invoice_id.clone())).or_default();
            same.push(place);
            places.push(place);
            self.submissions.push(VendorSubmission {
                at,
                seller_id: seller_id.to_owned(),
                api,
                invoice_id,
                occurrence: same.len(),
                transaction_id: transaction_id.clone(),
                invoice,
            });
        }
        self.transactions.insert(transaction_id.clone(), Transaction { api, at, invoices: places, end: None });
        transaction_id
    }

    /// The state of a transaction of one of the APIs, if it is this vendor's.
    pub(crate) fn status(
        &mut self,
        config: &VendorConfig,
        api: VendorApi,
        transaction_id: &str,
        now: Timestamp,
    ) -> Option<Status> {
        let found = self.transactions.get(transaction_id).filter(|found| found.api == api)?;
        if found.end.is_none() {
            let end = self.ended(config, found, now);
            self.transactions.get_mut(transaction_id)?.end = end;
        }
        Some(match &self.transactions.get(transaction_id)?.end {
            None => Status::Processing,
            Some(End::Success) => Status::Success,
            Some(End::Failure(errors)) => Status::Failure(errors.clone()),
        })
    }

    /// How a transaction ends now, if it does: with the errors of all its invoices, or when the last one is through.
    fn ended(&self, config: &VendorConfig, transaction: &Transaction, now: Timestamp) -> Option<End> {
        let mut errors = Vec::new();
        for submission in transaction.invoices.iter().filter_map(|place| self.submissions.get(*place)) {
            let outcome = self.outcome(config, submission, now);
            let after_ms = outcome.after_ms.unwrap_or(config.processing_ms);
            if outcome.result == VendorResult::Processing || now < plus_ms(transaction.at, after_ms) {
                return None;
            }
            if outcome.result == VendorResult::Failure {
                errors.extend(outcome.failure_errors());
            }
        }
        Some(if errors.is_empty() { End::Success } else { End::Failure(errors) })
    }

    /// What becomes of an invoice: a number that came before is refused, unless the invoice before it failed.
    fn outcome(&self, config: &VendorConfig, submission: &VendorSubmission, now: Timestamp) -> VendorOutcome {
        let same = self.numbers.get(&(submission.api, submission.invoice_id.clone()));
        let before = same.into_iter().flatten().take(submission.occurrence - 1);
        let failed = |one: &VendorSubmission| {
            let known = self.transactions.get(&one.transaction_id);
            let end = known.and_then(|known| known.end.clone().or_else(|| self.ended(config, known, now)));
            matches!(end, Some(End::Failure(_)))
        };
        let all_failed = before.filter_map(|place| self.submissions.get(*place)).all(failed);
        if config.refuse_duplicates && !all_failed {
            return VendorOutcome::not_available();
        }
        config.outcome(&submission.invoice_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        plus_ms("2026-11-22T04:00:00Z".parse().unwrap(), ms)
    }

    fn submit(state: &mut VendorState, ids: &[&str], ms: i64) -> String {
        let invoices = ids.iter().map(|id| json!({"id": id})).collect();
        state.take("V", VendorApi::Retail, invoices, at(ms))
    }

    fn status(state: &mut VendorState, config: &VendorConfig, id: &str, ms: i64) -> Status {
        state.status(config, VendorApi::Retail, id, at(ms)).unwrap()
    }

    #[test]
    fn a_transaction_ends_after_its_time() {
        let (mut state, config) = (VendorState::default(), VendorConfig::default());
        let id = submit(&mut state, &["A", "B"], 0);
        assert_eq!(status(&mut state, &config, &id, 1_999), Status::Processing);
        assert_eq!(status(&mut state, &config, &id, 2_000), Status::Success);
        assert!(state.status(&config, VendorApi::DirectFulfillment, &id, at(0)).is_none(), "of the other API");
    }

    #[test]
    fn one_failed_invoice_fails_its_transaction() {
        let (mut state, mut config) = (VendorState::default(), VendorConfig::default());
        config.invoices.insert("B".to_owned(), VendorOutcome::failure("INVALID_ORDER_ID", "Invalid order ID."));
        let id = submit(&mut state, &["A", "B"], 0);
        let Status::Failure(errors) = status(&mut state, &config, &id, 2_000) else { panic!("not failed") };
        assert_eq!(errors[0].code, "INVALID_ORDER_ID");
    }

    #[test]
    fn what_is_processing_for_ever_ends_when_it_is_told_to() {
        let (mut state, mut config) = (VendorState::default(), VendorConfig::default());
        config.default = VendorOutcome::processing();
        let id = submit(&mut state, &["A"], 0);
        assert_eq!(status(&mut state, &config, &id, 90 * 24 * 3_600_000), Status::Processing);
        config.invoices.insert("A".to_owned(), VendorOutcome::success());
        assert_eq!(status(&mut state, &config, &id, 90 * 24 * 3_600_000), Status::Success);
        config.invoices.insert("A".to_owned(), VendorOutcome::not_available());
        assert_eq!(status(&mut state, &config, &id, i64::MAX), Status::Success, "an end is an end");
    }

    #[test]
    fn a_number_that_came_before_is_counted_and_refused() {
        let (mut state, config) = (VendorState::default(), VendorConfig::default());
        submit(&mut state, &["A"], 0);
        let again = submit(&mut state, &["A"], 5_000);
        assert_eq!(state.submissions.iter().map(|one| one.occurrence).collect::<Vec<_>>(), [1, 2]);
        assert!(matches!(status(&mut state, &config, &again, 10_000), Status::Failure(_)));
    }

    #[test]
    fn a_number_whose_invoice_failed_is_taken_again() {
        let (mut state, mut config) = (VendorState::default(), VendorConfig::default());
        config.invoices.insert("A".to_owned(), VendorOutcome::not_available());
        let first = submit(&mut state, &["A"], 0);
        assert!(matches!(status(&mut state, &config, &first, 5_000), Status::Failure(_)));
        config.invoices.insert("A".to_owned(), VendorOutcome::success());
        let again = submit(&mut state, &["A"], 5_000);
        assert_eq!(status(&mut state, &config, &again, 10_000), Status::Success);
    }
}
