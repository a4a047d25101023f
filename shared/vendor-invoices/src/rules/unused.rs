//! What Amazon's table says is not used: it is sent all the same, with a warning.

use super::Case;
use crate::form::Form;
use crate::model::InvoiceItem;
use crate::region::Region;
use crate::rule::Notice;

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    let [india, europe, america] =
        [Region::India, Region::Europe, Region::NorthAmerica].map(|each| case.table_is(each));
    let invoice = case.invoice;
    if (europe || america) && invoice.reference_number.is_some() {
        note(case, "referenceNumber", form);
    }
    if (india || america) && !invoice.additional_details.is_empty() {
        note(case, "additionalDetails", form);
    }
    if europe || america {
        items(case, "hsnCode", |item| item.hsn_code.is_some(), form);
    }
    if india || america || (europe && !case.is_credit_note()) {
        items(case, "creditNoteDetails", |item| item.credit_note_details.is_some(), form);
    }
    if europe && case.is_credit_note() {
        items(case, "purchaseOrderNumber", |item| item.purchase_order_number.is_some(), form);
    }
}

/// One warning for all items, at the first that has it.
fn items(case: &Case<'_>, name: &str, has: impl Fn(&InvoiceItem) -> bool, form: &mut Form) {
    if let Some(index) = case.invoice.items.iter().position(has) {
        form.within(format_args!("items/{index}"), |form| note(case, name, form));
    }
}

fn note(case: &Case<'_>, name: &str, form: &mut Form) {
    let region = case.region;
    let kind = if case.is_credit_note() { "credit notes" } else { "invoices" };
    form.warning_of(name, Notice::NotUsed, format!("Amazon does not use {name} for {kind} in {region}"));
}
