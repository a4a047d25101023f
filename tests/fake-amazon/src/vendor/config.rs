//! What a scenario or a test says about a vendor's invoices.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Which of the two APIs an invoice came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VendorApi {
    /// submitInvoices: goods that Amazon bought.
    Retail,
    /// submitInvoice: goods that the vendor sent to Amazon's customers.
    DirectFulfillment,
}

impl VendorApi {
    /// The field with the invoice's number.
    pub(crate) fn id_field(self) -> &'static str {
        match self {
            Self::Retail => "id",
            Self::DirectFulfillment => "invoiceNumber",
        }
    }
}

/// How a vendor's invoices are treated.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VendorConfig {
    /// So many milliseconds of `Processing`.
    pub processing_ms: i64,
    /// What becomes of an invoice that is not listed.
    pub default: VendorOutcome,
    /// What becomes of single invoices, by their number.
    pub invoices: BTreeMap<String, VendorOutcome>,
    /// An invoice number that came before is a `Failure`, unless the invoice before it was one.
    pub refuse_duplicates: bool,
}

impl Default for VendorConfig {
    fn default() -> Self {
        Self {
            processing_ms: 2_000,
            default: VendorOutcome::success(),
            invoices: BTreeMap::new(),
            refuse_duplicates: true,
        }
    }
}

impl VendorConfig {
    /// What becomes of an invoice.
    pub(crate) fn outcome(&self, invoice_id: &str) -> VendorOutcome {
        self.invoices.get(invoice_id).unwrap_or(&self.default).clone()
    }
}

/// What becomes of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorOutcome {
    /// The end, or that there is none.
    pub result: VendorResult,
    /// The errors of a failure; Amazon's usual `NotAvailable` if there is none.
    #[serde(default)]
    pub errors: Vec<VendorError>,
    /// Instead of the vendor's `processing_ms`.
    #[serde(default)]
    pub after_ms: Option<i64>,
}

impl VendorOutcome {
    fn new(result: VendorResult) -> Self {
        Self { result, errors: Vec::new(), after_ms: None }
    }

    /// Ends as `Success`.
    pub fn success() -> Self {
        Self::new(VendorResult::Success)
    }

    /// Stays `Processing` for ever, or until another outcome is set.
    pub fn processing() -> Self {
        Self::new(VendorResult::Processing)
    }

    /// Ends as `Failure` with the error that says nothing.
    pub fn not_available() -> Self {
        Self::new(VendorResult::Failure)
    }

    /// Ends as `Failure` with an error.
    pub fn failure(code: &str, message: &str) -> Self {
        let error = VendorError { code: code.to_owned(), message: message.to_owned(), details: None };
        Self { errors: vec![error], ..Self::not_available() }
    }

    /// The same end after so many milliseconds.
    #[must_use]
    pub fn after_ms(self, after_ms: i64) -> Self {
        Self { after_ms: Some(after_ms), ..self }
    }

    /// The errors of a failure.
    pub(crate) fn failure_errors(&self) -> Vec<VendorError> {
        if !self.errors.is_empty() {
            return self.errors.clone();
        }
        let message = "Error details are not available. Please make sure you are sending valid input payload.";
        vec![VendorError { code: "NotAvailable".to_owned(), message: message.to_owned(), details: None }]
    }
}

/// How an invoice ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VendorResult {
    /// It was processed.
    Success,
    /// It was refused.
    Failure,
    /// It never ends: what real invoices often do.
    Processing,
}

/// An error of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorError {
    /// Amazon's code.
    pub code: String,
    /// Amazon's text.
    pub message: String,
    /// More of it, if there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_is_short() {
        let config: VendorConfig = toml::from_str(
            "default = { result = 'processing' }\n\
             [invoices.INV-1]\nresult = 'failure'\nerrors = [{ code = 'A', message = 'b' }]\nafter_ms = 5\n",
        )
        .unwrap();
        assert_eq!((config.processing_ms, config.outcome("INV-2")), (2_000, VendorOutcome::processing()));
        assert_eq!(config.outcome("INV-1"), VendorOutcome::failure("A", "b").after_ms(5));
    }

    #[test]
    fn a_failure_without_errors_says_that_nothing_is_known() {
        assert_eq!(VendorOutcome::not_available().failure_errors()[0].code, "NotAvailable");
    }
}
