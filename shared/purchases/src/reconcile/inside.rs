//! An invoice by itself, where Amazon tells its amounts (Japan): taxes, items, fees and how they are spread.
//!
//! Each comparison is made where all its amounts are there. Credits are written negative or positive; a discount
//! always makes less.

use countinghouse_domain::money::Money;
use rust_decimal::Decimal;

use crate::model::{InvoiceDetail, InvoiceFee, InvoiceItem, ItemFee, TaxTotals};
use crate::reconcile::booked::sum;
use crate::reconcile::documents::{Document, Holders};
use crate::reconcile::evidence::Findings;
use crate::reconcile::{Difference, DifferenceKind};

/// Looks into each document.
pub(crate) fn check(documents: &[Document], holders: &Holders, findings: &mut Findings) {
    for document in documents {
        let concerned = holders.concerned(document.listed.iter().copied(), document.is_credit);
        let mut all: Vec<Difference> = Vec::new();
        for version in &document.versions {
            let new = differences(document.number, version);
            all.extend(new.into_iter().filter(|each| !all.contains(each)).collect::<Vec<_>>());
        }
        for difference in all.into_iter().chain(two_totals(document)) {
            for id in &concerned {
                findings.differs(id, difference.clone());
            }
        }
    }
}

/// One invoice that comes to two totals, for two of its lines.
fn two_totals(document: &Document) -> Option<Difference> {
    let mut totals = document.versions.iter().filter_map(|version| document.total_of(version));
    let first = totals.next()?;
    let other = totals.find(|total| *total != first)?;
    let place = format!("invoice {}, /invoiceTotal", document.number);
    let hint = Some("Amazon tells the same invoice in two ways for two lines");
    Some(Difference { hint, ..Difference::new(DifferenceKind::InsideInvoice, place, first, other) })
}

/// What contradicts inside an invoice.
fn differences(number: &str, detail: &InvoiceDetail) -> Vec<Difference> {
    let mut look = Look { number, found: Vec::new() };
    for (place, tax) in detail.tax.iter().enumerate() {
        look.tax(&format!("/tax/{place}"), tax);
    }
    for (place, item) in detail.items.iter().enumerate() {
        look.item(&format!("/transactionDataItems/{place}"), item);
    }
    for (place, fee) in detail.fees.iter().enumerate() {
        look.invoice_fee(&format!("/fees/{place}"), fee);
    }
    look.totals(detail);
    look.found
}

struct Look<'a> {
    number: &'a str,
    found: Vec<Difference>,
}

impl Look<'_> {
    /// What is stated against what may follow; nothing is said where nothing follows.
    fn compare(&mut self, place: &str, stated: Option<Money>, made: &[Option<Decimal>]) {
        let (Some(stated), Some(first)) = (stated, made.iter().flatten().next()) else { return };
        if !made.iter().flatten().any(|each| each.abs() == stated.amount.abs()) {
            let place = format!("invoice {}, {place}", self.number);
            let expected = Money::new(*first, stated.currency);
            self.found.push(Difference::new(DifferenceKind::InsideInvoice, place, expected, stated));
        }
    }

    /// The invoice's total against what may make it, and how that was made.
    fn whole(&mut self, total: Option<Money>, made: Option<Decimal>, hint: &'static str) {
        let before = self.found.len();
        self.compare("/invoiceTotal", total, &[made]);
        for difference in self.found.iter_mut().skip(before) {
            difference.hint = Some(hint);
        }
    }

    fn tax(&mut self, place: &str, tax: &TaxTotals) {
        let made = both(tax.exclusive_total, tax.amount);
        self.compare(&format!("{place}/inclusiveTotal"), tax.inclusive_total, &[made]);
    }

    fn item(&mut self, place: &str, item: &InvoiceItem) {
        let made = both(item.unit_tax_exclusive_price, item.unit_tax_amount);
        self.compare(&format!("{place}/unitTaxInclusivePrice"), item.unit_tax_inclusive_price, &[made]);
        let price = item.unit_tax_inclusive_price.and_then(|price| times(item.unit, price));
        let total = format!("{place}/totalAmount");
        self.compare(&total, item.total_amount, &[price.map(|price| less(price, item.discount))]);
        // Whether the shares are of the price before or after the discount, Amazon does not say.
        let shares = all(item.apportionment.iter().map(|share| {
            let price = times(share.units, share.unit_price?)?;
            let is_inclusive =
                item.unit_tax_exclusive_price.is_none() && share.unit_price == item.unit_tax_inclusive_price;
            Some(if is_inclusive { price } else { sum([price, share.tax_amount?.amount]) })
        }));
        self.compare(&total, item.total_amount, &[shares.map(|each| less(each, item.discount)), shares]);
        let units = all(item.apportionment.iter().map(|share| share.units.map(Decimal::from)));
        let stated = item.total_amount.and_then(|total| Some(Money::new(item.unit?.into(), total.currency)));
        if stated.is_some_and(|stated| units.is_some_and(|units| units != stated.amount)) {
            self.compare(&format!("{place}/unit"), stated, &[units]);
        }
        for (number, fee) in item.fees.iter().enumerate() {
            self.item_fee(&format!("{place}/fees/{number}"), fee);
        }
    }

    fn item_fee(&mut self, place: &str, fee: &ItemFee) {
        let Some(tax) = &fee.tax else { return };
        self.tax(&format!("{place}/tax"), tax);
        let shares = all(fee.apportionment.iter().map(|share| {
            let unit = both(share.unit_tax_exclusive_fee, share.unit_tax_amount)?;
            Some(unit.saturating_mul(share.units?.into()))
        }));
        self.shares_of_fee(place, tax, fee.discount, shares);
    }

    fn invoice_fee(&mut self, place: &str, fee: &InvoiceFee) {
        let Some(tax) = &fee.tax else { return };
        self.tax(&format!("{place}/tax"), tax);
        let shares = all(fee.apportionment.iter().map(|share| both(share.tax_exclusive_fee, share.tax_amount)));
        self.shares_of_fee(place, tax, fee.discount, shares);
    }

    fn shares_of_fee(&mut self, place: &str, tax: &TaxTotals, discount: Option<Money>, shares: Option<Decimal>) {
        let Some(shares) = shares else { return };
        let before_discount = discount.map(|discount| sum([shares, discount.amount.abs()]));
        self.compare(&format!("{place}/tax/inclusiveTotal"), tax.inclusive_total, &[Some(shares), before_discount]);
    }

    /// The whole: the totals of the tax rates, and the items with all fees.
    fn totals(&mut self, detail: &InvoiceDetail) {
        let amounts = detail.tax.iter().filter_map(|tax| tax.inclusive_total);
        let amounts = amounts.chain(detail.items.iter().filter_map(|item| item.total_amount));
        let Some(currency) = amounts.map(|amount| amount.currency).next() else { return };
        let total = detail.invoice_total.map(|total| Money::new(total, currency));
        let taxed = all(detail.tax.iter().map(|tax| tax.inclusive_total.map(|each| each.amount.abs())));
        self.whole(total, taxed, "added up from the totals of the tax rates");
        let items = all(detail.items.iter().map(|item| item.total_amount.map(|each| each.amount.abs())));
        let of_items =
            detail.items.iter().flat_map(|item| &item.fees).map(|fee| fee_amount(fee.tax.as_ref(), fee.discount));
        let of_invoice = detail.fees.iter().map(|fee| fee_amount(fee.tax.as_ref(), fee.discount));
        let fees: Option<Vec<Decimal>> = of_items.chain(of_invoice).collect();
        let made = items.zip(fees).map(|(items, fees)| sum(fees.into_iter().chain([items])));
        self.whole(total, made, "added up from the items and fees");
    }
}

/// What a fee comes to.
fn fee_amount(tax: Option<&TaxTotals>, discount: Option<Money>) -> Option<Decimal> {
    let inclusive = tax?.inclusive_total?.amount.abs();
    Some(less(inclusive, discount))
}

/// The amount after a discount, which brings it nearer to nothing.
fn less(amount: Decimal, discount: Option<Money>) -> Decimal {
    let discount = discount.map(|each| each.amount.abs()).unwrap_or_default();
    amount.abs().saturating_sub(discount)
}

fn both(left: Option<Money>, right: Option<Money>) -> Option<Decimal> {
    Some(sum([left?.amount, right?.amount]))
}

fn times(units: Option<i64>, price: Money) -> Option<Decimal> {
    Some(price.amount.saturating_mul(units?.into()))
}

/// The sum, where there is anything and everything says its amount.
fn all(amounts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    let amounts: Vec<Decimal> = amounts.collect::<Option<_>>()?;
    (!amounts.is_empty()).then(|| sum(amounts))
}
