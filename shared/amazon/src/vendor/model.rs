//! The vendor APIs' answers, read tolerantly.
//!
//! Source: Amazon's models vendorInvoices (v1), vendorTransactionStatus (v1) and
//! vendorDirectFulfillmentTransactions (v1 and 2021-12-28).

use countinghouse_domain::ids::TransactionId;
use countinghouse_domain::vendor::TransactionStatus;
use serde::Deserialize;

use crate::answer::{MOST_PROBLEMS, Problem, RawProblem};

/// The answer to handing in invoices.
#[derive(Debug, Deserialize)]
pub(super) struct Submitted {
    pub(super) payload: SubmittedPayload,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SubmittedPayload {
    pub(super) transaction_id: TransactionId,
}

/// What Amazon says of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// How it stands.
    pub state: TransactionState,
    /// Why it failed, or what else Amazon names.
    pub problems: Vec<Problem>,
}

/// The state of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransactionState {
    /// One that the models name.
    Known(TransactionStatus),
    /// Another word.
    Other(String),
}

impl TransactionState {
    fn read(text: &str) -> Self {
        match text {
            "Processing" => Self::Known(TransactionStatus::Processing),
            "Success" => Self::Known(TransactionStatus::Success),
            "Failure" => Self::Known(TransactionStatus::Failure),
            other => Self::Other(other.chars().take(40).collect()),
        }
    }
}

/// The answer of any of the three APIs: the older ones wrap it in a payload.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TransactionReply {
    #[serde(default)]
    payload: Option<Wrapped>,
    #[serde(default)]
    transaction_status: Option<RawTransaction>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped {
    #[serde(default)]
    transaction_status: Option<RawTransaction>,
}

#[derive(Debug, Deserialize)]
struct RawTransaction {
    status: String,
    #[serde(default)]
    errors: Option<RawErrors>,
}

/// A list in the older versions, an object around a list in 2021-12-28.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RawErrors {
    List(Vec<RawProblem>),
    Wrapped {
        #[serde(default)]
        errors: Vec<RawProblem>,
    },
}

impl TransactionReply {
    pub(super) fn into_transaction(self) -> Option<Transaction> {
        let raw = self.transaction_status.or_else(|| self.payload?.transaction_status)?;
        let errors = match raw.errors {
            Some(RawErrors::List(errors) | RawErrors::Wrapped { errors }) => errors,
            None => Vec::new(),
        };
        let problems = errors.iter().take(MOST_PROBLEMS).map(Problem::from).collect();
        Some(Transaction { state: TransactionState::read(&raw.status), problems })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Transaction {
        serde_json::from_str::<TransactionReply>(json).unwrap().into_transaction().unwrap()
    }

    #[test]
    fn a_failure_with_its_errors_is_read_in_all_three_shapes() {
        let problem = Problem { code: "INVALID_ORDER_ID".into(), message: "Invalid order ID.".into(), details: None };
        let expected =
            Transaction { state: TransactionState::Known(TransactionStatus::Failure), problems: vec![problem] };
        let error = r#"{"code":"INVALID_ORDER_ID","message":"Invalid order ID.","details":""}"#;
        for errors in [format!("[{error}]"), format!(r#"{{"errors":[{error}]}}"#)] {
            let inner =
                format!(r#"{{"transactionStatus":{{"transactionId":"1","status":"Failure","errors":{errors}}}}}"#);
            assert_eq!(read(&inner), expected);
            assert_eq!(read(&format!(r#"{{"payload":{inner}}}"#)), expected);
        }
    }

    #[test]
    fn an_unknown_state_and_absent_errors_spoil_nothing() {
        let read = read(r#"{"transactionStatus":{"transactionId":"1","status":"Paused","errors":null}}"#);
        assert_eq!(read, Transaction { state: TransactionState::Other("Paused".into()), problems: Vec::new() });
    }

    #[test]
    fn an_answer_without_a_transaction_is_none() {
        for json in ["{}", r#"{"payload":{}}"#, r#"{"payload":null}"#] {
            assert!(serde_json::from_str::<TransactionReply>(json).unwrap().into_transaction().is_none(), "{json}");
        }
    }
}
