//! What concerns every amount: its currency and its sign.

use countinghouse_domain::money::Currency;
use rust_decimal::Decimal;

use super::Case;
use crate::api::Api;
use crate::form::Form;
use crate::model::{AllowanceDetails, ChargeDetails, MoneyFields, TaxDetails, TaxType};
use crate::rule::Rule;

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    let invoice = case.invoice;
    let amounts = Amounts { currency: invoice.invoice_total.as_ref().and_then(|total| total.currency) };
    if let Some(amount) = invoice.invoice_total.as_ref().and_then(|total| total.amount) {
        if amount.is_zero() {
            form.violation_of("invoiceTotal/amount", Rule::TotalZero, "a total that is not zero", amount.to_string());
        } else if amount < Decimal::ZERO {
            form.violation_of("invoiceTotal/amount", Rule::NegativeAmount, "a positive total", amount.to_string());
        }
    }
    let taxes = match case.api {
        Api::Retail => "taxDetails",
        Api::DirectFulfillment => "taxTotals",
    };
    amounts.taxes(taxes, &invoice.tax_details, form);
    amounts.charges(&invoice.charge_details, form);
    amounts.allowances(&invoice.allowance_details, form);
    for (index, item) in invoice.items.iter().enumerate() {
        form.within(format_args!("items/{index}"), |form| {
            amounts.currency("netCost", item.net_cost.as_ref(), form);
            amounts.taxes("taxDetails", &item.tax_details, form);
            amounts.charges(&item.charge_details, form);
            amounts.allowances(&item.allowance_details, form);
        });
    }
}

/// `DomesticVAT` may be in a currency of its own, but what it is on is in the same one.
fn one_currency(tax: &TaxDetails, form: &mut Form) {
    let of = |money: &Option<MoneyFields>| money.as_ref().and_then(|money| money.currency);
    if let (Some(wanted), Some(found)) = (of(&tax.tax_amount), of(&tax.taxable_amount))
        && wanted != found
    {
        let expected = format!("{wanted}, for a DomesticVAT and its taxable amount are in one currency");
        form.violation_of("taxableAmount/currencyCode", Rule::Currency, expected, found.code());
    }
}

struct Amounts {
    currency: Option<Currency>,
}

impl Amounts {
    fn charges(&self, charges: &[ChargeDetails], form: &mut Form) {
        for (index, charge) in charges.iter().enumerate() {
            form.within(format_args!("chargeDetails/{index}"), |form| {
                self.amount("chargeAmount", charge.amount.as_ref(), form);
                self.taxes("taxDetails", &charge.tax_details, form);
            });
        }
    }

    fn allowances(&self, allowances: &[AllowanceDetails], form: &mut Form) {
        for (index, allowance) in allowances.iter().enumerate() {
            form.within(format_args!("allowanceDetails/{index}"), |form| {
                self.amount("allowanceAmount", allowance.amount.as_ref(), form);
                self.taxes("taxDetails", &allowance.tax_details, form);
            });
        }
    }

    fn taxes(&self, name: &str, taxes: &[TaxDetails], form: &mut Form) {
        for (index, tax) in taxes.iter().enumerate() {
            form.within(format_args!("{name}/{index}"), |form| {
                if tax.tax_type == Some(TaxType::DomesticVat) {
                    one_currency(tax, form);
                }
                if let Some(rate) = tax.tax_rate.filter(|rate| *rate < Decimal::ZERO) {
                    form.violation_of("taxRate", Rule::NegativeAmount, "a rate that is not negative", rate.to_string());
                }
                for (name, money) in [("taxAmount", &tax.tax_amount), ("taxableAmount", &tax.taxable_amount)] {
                    self.sign(name, money.as_ref(), form);
                    if tax.tax_type != Some(TaxType::DomesticVat) {
                        self.currency(name, money.as_ref(), form);
                    }
                }
            });
        }
    }

    fn amount(&self, name: &str, money: Option<&MoneyFields>, form: &mut Form) {
        self.sign(name, money, form);
        self.currency(name, money, form);
    }

    #[expect(clippy::unused_self, reason = "reads as the checks beside it")]
    fn sign(&self, name: &str, money: Option<&MoneyFields>, form: &mut Form) {
        if let Some(amount) = money.and_then(|money| money.amount).filter(|amount| *amount < Decimal::ZERO) {
            let expected = "an amount that is not negative: charges are added, allowances are deducted";
            form.violation_of(&format!("{name}/amount"), Rule::NegativeAmount, expected, amount.to_string());
        }
    }

    fn currency(&self, name: &str, money: Option<&MoneyFields>, form: &mut Form) {
        if let (Some(wanted), Some(found)) = (self.currency, money.and_then(|money| money.currency))
            && wanted != found
        {
            let expected = format!("{wanted}, the currency of the total");
            form.violation_of(&format!("{name}/currencyCode"), Rule::Currency, expected, found.code());
        }
    }
}
