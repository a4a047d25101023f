//! The rules beyond the model: general ones, and those of Amazon's table of countries.

mod additional;
mod amounts;
mod credit_note;
mod general;
mod gst_id;
mod india;
mod itemized;
mod items;
mod parties;
mod taxes;
#[cfg(test)]
mod tests;
mod unused;

use jiff::Timestamp;

use crate::api::Api;
use crate::form::Form;
use crate::model::{InvoiceFields, InvoiceType};
use crate::region::Region;
use crate::rule::{Notice, Rule};

/// An invoice under judgement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'i> {
    invoice: &'i InvoiceFields,
    region: Region,
    /// The field that the region was derived from.
    region_of: &'static str,
    now: Timestamp,
    api: Api,
}

impl<'i> Case<'i> {
    pub(crate) const fn new(
        invoice: &'i InvoiceFields,
        (region, region_of): (Region, &'static str),
        now: Timestamp,
        api: Api,
    ) -> Self {
        Self { invoice, region, region_of, now, api }
    }

    /// Whether Amazon's table of countries is for this invoice, and its column is `region`: the table is part of the
    /// requirements of retail procurement.
    fn table_is(&self, region: Region) -> bool {
        self.api == Api::Retail && self.region == region
    }

    fn is_credit_note(&self) -> bool {
        self.invoice.invoice_type == Some(InvoiceType::CreditNote)
    }

    /// Whether it is known to be an invoice; direct fulfillment has nothing else.
    fn is_invoice(&self) -> bool {
        self.api == Api::DirectFulfillment || self.invoice.invoice_type == Some(InvoiceType::Invoice)
    }
}

/// Notes everything that is wrong with the invoice by these rules.
pub(crate) fn judge(case: &Case<'_>, form: &mut Form) {
    region(case, form);
    general::judge(case, form);
    parties::judge(case, form);
    items::judge(case, form);
    amounts::judge(case, form);
    itemized::judge(case, form);
    taxes::judge(case, form);
    credit_note::judge(case, form);
    additional::judge(case, form);
    if case.table_is(Region::India) {
        india::judge(case, form);
    }
    unused::judge(case, form);
}

/// Whether it is known whose rules apply.
fn region(case: &Case<'_>, form: &mut Form) {
    let pointer = case.region_of;
    match (case.api, case.region) {
        (Api::DirectFulfillment, Region::India) => form.violations.push(crate::Violation::new(
            pointer,
            Rule::DirectFulfillmentIndia,
            "a country other than India, for which Amazon takes no direct fulfillment invoices",
            "IN",
        )),
        (Api::Retail, Region::Other(_)) => form.warnings.push(crate::Warning::new(
            pointer,
            Notice::NoCountryTable,
            format!("Amazon publishes no rules for {}; only the general rules were checked", case.region),
        )),
        (Api::Retail, Region::Unknown) if !form.violations.iter().any(|each| each.rule == Rule::CountryCode) => {
            form.violations.push(crate::Violation::new(
                pointer,
                Rule::CountryUnknown,
                "the country of a party, for it decides which rules apply",
                "no country in any address",
            ));
        }
        _ => {}
    }
}
