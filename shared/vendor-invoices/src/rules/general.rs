//! What concerns the invoice as a whole.

use rust_decimal::Decimal;

use super::Case;
use crate::api::Api;
use crate::form::Form;
use crate::model::{DateTime, PaymentTerms};
use crate::note::shown;
use crate::rule::{Notice, Rule};

/// The longest id, in characters.
const MAX_ID_CHARS: usize = 255;

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    let (id, date) = match case.api {
        Api::Retail => ("id", "date"),
        Api::DirectFulfillment => ("invoiceNumber", "invoiceDate"),
    };
    if let Some(text) = &case.invoice.id {
        let fits = text.chars().count() <= MAX_ID_CHARS && text.trim() == text && !text.chars().any(char::is_control);
        if !fits {
            let expected = "1 to 255 characters, without control characters and without space at the ends";
            form.violation_of(id, Rule::InvoiceId, expected, shown(text));
        }
    }
    if let Some(when) = &case.invoice.date {
        form.within(date, |form| not_in_future(case, when, form));
    }
    if let Some(terms) = &case.invoice.payment_terms {
        form.within("paymentTerms", |form| payment_terms(terms, form));
    }
}

/// A date is now or before.
pub(super) fn not_in_future(case: &Case<'_>, date: &DateTime, form: &mut Form) {
    if date.at() > case.now {
        form.violation(Rule::DateInFuture, format!("now or before, not after {}", case.now), date.at().to_string());
    }
}

fn payment_terms(terms: &PaymentTerms, form: &mut Form) {
    if let Some(percent) = terms.discount_percent
        && !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent)
    {
        form.violation_of("discountPercent", Rule::PaymentTerms, "0 to 100 percent", percent.to_string());
    }
    for (name, days) in [("discountDueDays", terms.discount_due_days), ("netDueDays", terms.net_due_days)] {
        if let Some(days) = days.filter(|days| *days < 0) {
            form.violation_of(name, Rule::PaymentTerms, "a number of days, not negative", days.to_string());
        }
    }
    if let (Some(discount), Some(net)) = (terms.discount_due_days, terms.net_due_days)
        && discount > net
    {
        let text = format!("the discount is given for {discount} days, but the total is due after {net}");
        form.warning(Notice::PaymentTermsOdd, text);
    }
}
