//! Credit notes: where they exist, and what they refer to.

use super::{Case, general};
use crate::api::Api;
use crate::form::Form;
use crate::model::CreditNoteDetails;
use crate::note::shown;
use crate::region::Region;
use crate::rule::Rule;

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    if case.api != Api::Retail {
        return;
    }
    for (index, item) in case.invoice.items.iter().enumerate() {
        if let Some(date) = item.credit_note_details.as_ref().and_then(|details| details.goods_return_date.as_ref()) {
            form.within(format_args!("items/{index}/creditNoteDetails/goodsReturnDate"), |form| {
                general::not_in_future(case, date, form);
            });
        }
    }
    if !case.is_credit_note() {
        return;
    }
    if matches!(case.region, Region::India | Region::NorthAmerica | Region::Other(_)) {
        form.violation_of(
            "invoiceType",
            Rule::CreditNoteRegion,
            "Invoice, for credit notes are for Europe",
            "CreditNote",
        );
        return;
    }
    let mut first: Option<&str> = None;
    for (index, item) in case.invoice.items.iter().enumerate() {
        form.within(format_args!("items/{index}/creditNoteDetails"), |form| match &item.credit_note_details {
            None if form.is_noted() => {}
            None => form.violation(Rule::CreditNoteReferences, REFERENCES, "nothing"),
            Some(details) => {
                references(details, form);
                one_invoice(details, &mut first, form);
            }
        });
    }
}

const REFERENCES: &str = "referenceInvoiceNumber for a credit on an invoice, returnsReferenceNumber and goodsReturnDate \
    for a return, or coopReferenceNumber or debitNoteNumber for COOP";

/// The references of at least one kind are complete, and none is begun and left incomplete.
fn references(details: &CreditNoteDetails, form: &mut Form) {
    let invoice = details.reference_invoice_number.is_some();
    let coop = details.coop_reference_number.is_some() || details.debit_note_number.is_some();
    let returned = details.returns_reference_number.is_some();
    if returned && details.goods_return_date.is_none() {
        form.within("goodsReturnDate", |form| {
            if !form.is_noted() {
                let expected = "the day of the return, which a returnsReferenceNumber requires";
                form.violation(Rule::CreditNoteReferences, expected, "nothing");
            }
        });
    } else if details.goods_return_date.is_some() && !returned {
        let expected = "the notice of the return, which a goodsReturnDate requires";
        form.violation_of("returnsReferenceNumber", Rule::CreditNoteReferences, expected, "nothing");
    } else if !(invoice || coop || returned) {
        form.violation(Rule::CreditNoteReferences, REFERENCES, "none of them");
    }
}

/// All items of a credit note refer to one invoice.
fn one_invoice<'i>(details: &'i CreditNoteDetails, first: &mut Option<&'i str>, form: &mut Form) {
    let Some(number) = details.reference_invoice_number.as_deref() else { return };
    let wanted = *first.get_or_insert(number);
    if wanted != number {
        let expected = format!("{}, for a credit note refers to one invoice", shown(wanted));
        form.violation_of("referenceInvoiceNumber", Rule::CreditNoteOneInvoice, expected, shown(number));
    }
}
