//! The amounts of an invoice, of both APIs alike.

use countinghouse_domain::money::Currency;
use rust_decimal::Decimal;

use super::sum;
use crate::api::Api;
use crate::model::{Adjustment, InvoiceFields, InvoiceItem, TaxDetails, TaxType};

/// The amounts of an invoice.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) currency: Currency,
    /// The decimals of the currency.
    pub(super) digits: u32,
    pub(super) total: Decimal,
    pub(super) lines: Vec<Line>,
    /// The taxes of the header.
    pub(super) taxes: Vec<Tax>,
    /// The charges of the header.
    pub(super) charges: Vec<Adjusted>,
    /// The allowances of the header.
    pub(super) allowances: Vec<Adjusted>,
}

/// An item.
#[derive(Debug)]
pub(super) struct Line {
    /// The price of one unit.
    pub(super) unit: Decimal,
    /// How many units, or how much weight.
    pub(super) factor: Decimal,
    /// Price times units.
    pub(super) net: Decimal,
    pub(super) taxes: Vec<Tax>,
    pub(super) charges: Vec<Adjusted>,
    pub(super) allowances: Vec<Adjusted>,
}

/// A tax.
#[derive(Debug)]
pub(super) struct Tax {
    pub(super) kind: TaxType,
    pub(super) rate: Option<Decimal>,
    pub(super) amount: Decimal,
    /// Whether it is in another currency than the invoice.
    pub(super) foreign: bool,
    /// The decimals of its currency.
    pub(super) digits: u32,
    pub(super) taxable: Option<Decimal>,
    /// Whether the taxable amount is in another currency than the tax, so that nothing is to be told of the two.
    pub(super) apart: bool,
    /// Its place in the invoice, as a JSON pointer.
    pub(super) pointer: String,
}

/// A charge or an allowance.
#[derive(Debug)]
pub(super) struct Adjusted {
    pub(super) kind: &'static str,
    pub(super) amount: Decimal,
    pub(super) taxes: Vec<Tax>,
    /// Its amount's place in the invoice, as a JSON pointer.
    pub(super) pointer: String,
}

impl Tax {
    /// Whether it is a tax of the invoice, and not the same tax again in the local currency.
    pub(super) fn counts(&self) -> bool {
        self.kind != TaxType::DomesticVat
    }

    /// The place of its amount.
    pub(super) fn amount_pointer(&self) -> String {
        format!("{}/taxAmount/amount", self.pointer)
    }
}

impl Facts {
    /// `None` where an amount is missing that a sum needs.
    pub(super) fn of(invoice: &InvoiceFields, api: Api) -> Option<Self> {
        let total = invoice.invoice_total.as_ref()?;
        let currency = total.currency?;
        if invoice.items.is_empty() {
            return None;
        }
        let header = match api {
            Api::Retail => "/taxDetails",
            Api::DirectFulfillment => "/taxTotals",
        };
        let lines = invoice.items.iter().enumerate();
        Some(Self {
            currency,
            digits: currency.minor_digits(),
            total: total.amount?,
            lines: lines.map(|(index, item)| line(index, item, currency)).collect::<Option<_>>()?,
            taxes: taxes(header, &invoice.tax_details, currency)?,
            charges: adjusted("/chargeDetails", "chargeAmount", &invoice.charge_details, currency)?,
            allowances: adjusted("/allowanceDetails", "allowanceAmount", &invoice.allowance_details, currency)?,
        })
    }

    /// The sum of the items without tax.
    pub(super) fn goods(&self) -> Decimal {
        sum(self.lines.iter().map(|line| line.net))
    }

    /// The sum of the items, each rounded to the currency's decimals.
    pub(super) fn rounded_goods(&self) -> Decimal {
        sum(self.lines.iter().map(|line| super::exact::rounded(line.net, self.digits)))
    }

    /// The taxes of the items that count.
    pub(super) fn line_taxes(&self) -> impl Iterator<Item = (&Line, &Tax)> {
        self.lines.iter().flat_map(|line| line.taxes.iter().filter(|tax| tax.counts()).map(move |tax| (line, tax)))
    }

    /// All charges and allowances, of the header and of the lines.
    pub(super) fn adjusted(&self) -> impl Iterator<Item = &Adjusted> {
        let lines = self.lines.iter().flat_map(|line| line.charges.iter().chain(&line.allowances));
        self.charges.iter().chain(&self.allowances).chain(lines)
    }

    /// The rates that are not zero.
    pub(super) fn rates(&self) -> impl Iterator<Item = Decimal> {
        let lines = self.lines.iter().flat_map(|line| &line.taxes);
        let adjusted = self.adjusted().flat_map(|each| &each.taxes);
        let taxes = self.taxes.iter().chain(lines).chain(adjusted).filter(|tax| tax.counts());
        taxes.filter_map(|tax| tax.rate).filter(|rate| !rate.is_zero())
    }

    /// The taxes of the header that count.
    pub(super) fn header_taxes(&self) -> impl Iterator<Item = &Tax> {
        self.taxes.iter().filter(|tax| tax.counts())
    }
}

fn line(index: usize, item: &InvoiceItem, currency: Currency) -> Option<Line> {
    let quantity = item.invoiced_quantity.as_ref()?;
    let unit = item.net_cost.as_ref()?.amount?;
    let factor = match (&quantity.total_weight, item.net_cost_unit_of_measure) {
        (Some(weight), Some(_)) => weight.amount?,
        _ => Decimal::from(quantity.amount?),
    };
    let pointer = format!("/items/{index}");
    Some(Line {
        unit,
        factor,
        net: unit.saturating_mul(factor),
        taxes: taxes(&format!("{pointer}/taxDetails"), &item.tax_details, currency)?,
        charges: adjusted(&format!("{pointer}/chargeDetails"), "chargeAmount", &item.charge_details, currency)?,
        allowances: adjusted(
            &format!("{pointer}/allowanceDetails"),
            "allowanceAmount",
            &item.allowance_details,
            currency,
        )?,
    })
}

fn taxes(pointer: &str, taxes: &[TaxDetails], currency: Currency) -> Option<Vec<Tax>> {
    let one = |(index, tax): (usize, &TaxDetails)| {
        let amount = tax.tax_amount.as_ref()?;
        Some(Tax {
            // A type that could not be read is a violation already; the sums are still looked at.
            kind: tax.tax_type.unwrap_or(TaxType::MutuallyDefined),
            rate: tax.tax_rate,
            amount: amount.amount?,
            foreign: amount.currency.is_some_and(|found| found != currency),
            digits: amount.currency.unwrap_or(currency).minor_digits(),
            apart: tax
                .taxable_amount
                .as_ref()
                .and_then(|money| money.currency)
                .zip(amount.currency)
                .is_some_and(|(taxable, tax)| taxable != tax),
            taxable: tax.taxable_amount.as_ref().and_then(|money| money.amount),
            pointer: format!("{pointer}/{index}"),
        })
    };
    taxes.iter().enumerate().map(one).collect()
}

fn adjusted<A: Adjustment>(pointer: &str, name: &str, list: &[A], currency: Currency) -> Option<Vec<Adjusted>> {
    let one = |(index, each): (usize, &A)| {
        Some(Adjusted {
            kind: each.kind_name().unwrap_or("another kind"),
            amount: each.amount()?.amount?,
            taxes: taxes(&format!("{pointer}/{index}/taxDetails"), each.taxes(), currency)?,
            pointer: format!("{pointer}/{index}/{name}/amount"),
        })
    };
    list.iter().enumerate().map(one).collect()
}
