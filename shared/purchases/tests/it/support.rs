//! What the tests have in common.

use std::path::{Path, PathBuf};

use countinghouse_purchases::{Evidence, InvoiceAnswers, LineInvoices, Remark, Transaction, TransactionsPage};

/// A place in the workspace.
pub(crate) fn workspace(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(place)
}

/// Both answers of the API in one object, as the fixtures have them.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) invoices: Vec<LineInvoices>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) errors: Vec<String>,
}

impl Answers {
    pub(crate) fn of(json: &str) -> Self {
        let mut answers = Self::default();
        for piece in TransactionsPage::from_json(json).unwrap().transactions {
            match piece.reading {
                Ok(read) => {
                    answers.transactions.push(read.value);
                    answers.remarks.extend(read.remarks);
                }
                Err(error) => answers.errors.push(error.to_string()),
            }
        }
        for piece in InvoiceAnswers::from_json(json).unwrap().lines {
            match piece.reading {
                Ok(read) => {
                    answers.invoices.push(read.value);
                    answers.remarks.extend(read.remarks);
                }
                Err(error) => answers.errors.push(error.to_string()),
            }
        }
        answers
    }

    pub(crate) fn evidence(&self) -> Evidence {
        let mut evidence = Evidence::default();
        evidence.extend(self.transactions.iter().cloned());
        evidence.extend(self.invoices.iter().cloned());
        evidence
    }
}
