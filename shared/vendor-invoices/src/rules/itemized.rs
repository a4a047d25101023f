//! Charges and allowances of the lines are itemised at the header too.

use std::collections::HashSet;

use super::Case;
use crate::api::Api;
use crate::form::Form;
use crate::model::{Adjustment, InvoiceItem};
use crate::rule::Rule;

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    // Only the requirements of retail procurement ask for it.
    if case.api == Api::Retail {
        one(case, "chargeDetails", &case.invoice.charge_details, |item| &item.charge_details, form);
        one(case, "allowanceDetails", &case.invoice.allowance_details, |item| &item.allowance_details, form);
    }
}

fn one<A: Adjustment>(
    case: &Case<'_>,
    name: &str,
    header: &[A],
    of_item: impl Fn(&InvoiceItem) -> &Vec<A>,
    form: &mut Form,
) {
    let at_header: HashSet<&str> = header.iter().filter_map(Adjustment::kind_name).collect();
    let mut missing: Vec<&str> = case
        .invoice
        .items
        .iter()
        .flat_map(|item| of_item(item).iter().filter_map(Adjustment::kind_name).collect::<Vec<_>>())
        .filter(|kind| !at_header.contains(kind))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    for kind in missing {
        let expected = format!("{kind} at the header, with the sum of the lines");
        form.violation_of(name, Rule::HeaderItemized, expected, "only at the lines");
    }
}
