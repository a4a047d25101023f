//! Which taxes may be where, beyond India.

use rust_decimal::Decimal;

use super::Case;
use crate::api::Api;
use crate::form::Form;
use crate::model::{InvoiceFields, TaxDetails, TaxType};
use crate::region::Region;
use crate::rule::{Notice, Rule};

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    let invoice = case.invoice;
    let none = invoice.tax_details.is_empty() && invoice.items.iter().all(|item| item.tax_details.is_empty());
    if case.table_is(Region::Europe) && none && !form.is_noted_of("taxDetails") {
        let expected = "the tax, at the header or at the items, also where its amount is zero";
        form.violation_of("taxDetails", Rule::EuropeTaxType, expected, "none");
    }
    let vat_rates: Vec<Decimal> = lists(case.api, invoice).flat_map(|(_, taxes)| vat_rates(taxes)).collect();
    for (pointer, taxes) in lists(case.api, invoice) {
        if taxes.is_empty() {
            continue;
        }
        form.within(pointer, |form| {
            for (index, tax) in taxes.iter().enumerate() {
                form.within(index, |form| one(case, tax, taxes, &vat_rates, form));
            }
        });
    }
}

fn one(case: &Case<'_>, tax: &TaxDetails, beside: &[TaxDetails], all_vat_rates: &[Decimal], form: &mut Form) {
    let Some(kind) = tax.tax_type else { return };
    if kind == TaxType::DomesticVat {
        let own: Vec<Decimal> = vat_rates(beside).collect();
        let rates = if own.is_empty() { all_vat_rates } else { &own };
        if !tax.tax_rate.is_some_and(|rate| rates.contains(&rate)) {
            let expected = match rates.first() {
                Some(rate) => format!("the rate of the VAT, {rate}"),
                None => "a tax of type VAT, whose rate DomesticVAT repeats".to_owned(),
            };
            let found = tax.tax_rate.map_or("nothing".to_owned(), |rate| rate.to_string());
            form.violation_of("taxRate", Rule::DomesticVatRate, expected, found);
        }
    }
    let elsewhere = (kind.is_indian() && (case.table_is(Region::Europe) || case.table_is(Region::NorthAmerica)))
        || (kind == TaxType::DomesticVat && case.table_is(Region::NorthAmerica));
    if elsewhere {
        let text = format!("{} is a tax of another region", kind.text());
        form.warning_of("taxType", Notice::TaxTypeRegion, text);
    }
}

fn vat_rates(taxes: &[TaxDetails]) -> impl Iterator<Item = Decimal> {
    taxes.iter().filter(|tax| tax.tax_type.is_some_and(TaxType::is_vat)).filter_map(|tax| tax.tax_rate)
}

/// Every list of taxes with its place.
pub(super) fn lists(api: Api, invoice: &InvoiceFields) -> impl Iterator<Item = (String, &[TaxDetails])> {
    let header = match api {
        Api::Retail => "taxDetails",
        Api::DirectFulfillment => "taxTotals",
    };
    let charges = invoice.charge_details.iter().enumerate();
    let allowances = invoice.allowance_details.iter().enumerate();
    let items = invoice.items.iter().enumerate();
    std::iter::once((header.to_owned(), invoice.tax_details.as_slice()))
        .chain(charges.map(|(index, each)| (format!("chargeDetails/{index}/taxDetails"), each.tax_details.as_slice())))
        .chain(
            allowances
                .map(|(index, each)| (format!("allowanceDetails/{index}/taxDetails"), each.tax_details.as_slice())),
        )
        .chain(items.flat_map(|(index, item)| {
            let charges = item.charge_details.iter().enumerate().map(move |(at, each)| {
                (format!("items/{index}/chargeDetails/{at}/taxDetails"), each.tax_details.as_slice())
            });
            let allowances = item.allowance_details.iter().enumerate().map(move |(at, each)| {
                (format!("items/{index}/allowanceDetails/{at}/taxDetails"), each.tax_details.as_slice())
            });
            std::iter::once((format!("items/{index}/taxDetails"), item.tax_details.as_slice()))
                .chain(charges)
                .chain(allowances)
        }))
}
