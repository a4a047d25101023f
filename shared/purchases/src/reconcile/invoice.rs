//! Whether a line has its invoice, and which.

use crate::model::{InvoiceDetail, InvoiceType, LineInvoices};

/// How far the invoice of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvoiceState {
    /// Amazon has not said anything: no answer, no details, or details in which everything is null.
    Nothing,
    /// The invoice will be consolidated with others and is not made yet (`Pending`).
    Pending,
    /// There are invoices, but none of them is the credit memo of this refund (Japan only, where types are told).
    CreditMemoMissing,
    /// It is there.
    Found,
}

impl InvoiceState {
    /// A short, stable name for metrics and items.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Pending => "pending",
            Self::CreditMemoMissing => "credit_memo_missing",
            Self::Found => "found",
        }
    }

    /// Whether it is worth asking Amazon again.
    pub const fn is_to_be_asked_again(self) -> bool {
        !matches!(self, Self::Found)
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "Amazon names none",
            Self::Pending => "the consolidated invoice is pending",
            Self::CreditMemoMissing => "there are only invoices",
            Self::Found => "it is there",
        }
    }
}

/// How far the invoice of a line is, by what Amazon answered, if anything. Of a refund (`gives_back`) the credit memo
/// is wanted where Amazon tells invoices from credit memos.
pub fn invoice_state(answer: Option<&LineInvoices>, gives_back: bool) -> InvoiceState {
    let details = answer.map(|answer| answer.invoices.as_slice()).unwrap_or_default();
    if details.iter().any(InvoiceDetail::is_pending) {
        return InvoiceState::Pending;
    }
    let mut numbered = details.iter().filter(|detail| detail.number().is_some());
    let is_other = |detail: &InvoiceDetail| detail.invoice_type == Some(InvoiceType::Standard);
    if numbered.clone().next().is_none() {
        InvoiceState::Nothing
    } else if gives_back && numbered.all(is_other) {
        InvoiceState::CreditMemoMissing
    } else {
        InvoiceState::Found
    }
}

/// Whether a text names an invoice: Amazon's reference writes `Pending` and `null` in places of a number.
fn named(number: Option<&String>) -> Option<&str> {
    let number = number?.trim();
    let stands_for_nothing = ["", "null", "pending"].iter().any(|each| number.eq_ignore_ascii_case(each));
    (!stands_for_nothing).then_some(number)
}

impl InvoiceDetail {
    /// Its own number. None where Amazon has not named it yet.
    pub fn own_number(&self) -> Option<&str> {
        named(self.invoice_number.as_ref())
    }

    /// Its number, or else that of the invoice that it is consolidated into. None where Amazon has not named it yet.
    pub fn number(&self) -> Option<&str> {
        self.own_number().or_else(|| self.consolidated_number())
    }

    /// The number of the invoice that it is consolidated into.
    pub fn consolidated_number(&self) -> Option<&str> {
        named(self.consolidated.as_ref()?.invoice_number.as_ref())
    }

    /// Whether Amazon says that the invoice, or the one that it is consolidated into, is still to be made.
    pub fn is_pending(&self) -> bool {
        let consolidated = self.consolidated.as_ref().and_then(|each| each.invoice_number.as_deref());
        [self.invoice_number.as_deref(), consolidated]
            .iter()
            .flatten()
            .any(|number| number.trim().eq_ignore_ascii_case("pending"))
    }

    /// Whether it is a credit memo.
    pub fn is_credit_memo(&self) -> bool {
        self.invoice_type == Some(InvoiceType::CreditMemo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(details: &str, gives_back: bool) -> InvoiceState {
        let item = r#"{"orderId": "1", "orderLineItemId": "2", "shipmentId": "3"}"#;
        let json = format!(r#"{{"orderLineItem": {item}, "invoiceDetails": {details}}}"#);
        invoice_state(Some(&LineInvoices::from_json(&json).unwrap().value), gives_back)
    }

    #[test]
    fn nothing_null_and_empty_is_no_invoice_yet() {
        assert_eq!(invoice_state(None, false), InvoiceState::Nothing);
        for details in [
            "null",
            "[]",
            "[null]",
            "[{}]",
            r#"[{"invoiceNumber": null, "invoiceDate": null, "consolidatedInvoiceDetails": {"invoiceNumber": null}}]"#,
            r#"[{"invoiceNumber": "null"}]"#,
            r#"[{"invoiceNumber": " ", "invoiceDate": "2026-11-21T08:00:00Z"}]"#,
        ] {
            assert_eq!(state(details, false), InvoiceState::Nothing, "{details}");
            assert!(state(details, true).is_to_be_asked_again());
        }
    }

    #[test]
    fn a_consolidated_invoice_that_is_pending_is_asked_for_again_even_beside_a_number() {
        for details in [
            r#"[{"invoiceNumber": "N1", "consolidatedInvoiceDetails": {"invoiceNumber": "Pending"}}]"#,
            r#"[{"invoiceNumber": "N1"}, {"consolidatedInvoiceDetails": {"invoiceNumber": "PENDING"}}]"#,
            r#"[{"invoiceNumber": "Pending"}]"#,
        ] {
            assert_eq!(state(details, false), InvoiceState::Pending, "{details}");
        }
        let done = r#"[{"invoiceNumber": null, "consolidatedInvoiceDetails": {"invoiceNumber": "C1"}}]"#;
        assert_eq!(state(done, false), InvoiceState::Found);
    }

    #[test]
    fn a_refund_waits_for_its_credit_memo_where_amazon_tells_types() {
        assert_eq!(state(r#"[{"invoiceNumber": "N1"}]"#, true), InvoiceState::Found);
        let standard = r#"{"invoiceNumber": "N1", "invoiceType": "STANDARD"}"#;
        assert_eq!(state(&format!("[{standard}]"), true), InvoiceState::CreditMemoMissing);
        assert_eq!(state(&format!("[{standard}]"), false), InvoiceState::Found);
        let both = format!(r#"[{standard}, {{"invoiceNumber": "C1", "invoiceType": "CREDIT_MEMO"}}]"#);
        assert_eq!(state(&both, true), InvoiceState::Found);
    }
}
