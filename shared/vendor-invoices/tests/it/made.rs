//! Invoices that a machine makes up: of every region, both APIs, in every reading.

use proptest::prelude::*;
use serde_json::{Value, json};

/// What kind of invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    India,
    Europe,
    CreditNote,
    NorthAmerica,
    DirectFulfillment,
}

/// Where the tax stands, and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taxes {
    None,
    /// At the header and at the lines, for the whole line.
    Lines,
    /// At the header and at the lines, for one unit.
    Units,
    /// At the header only.
    Header,
}

/// An invoice to be.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) kind: Kind,
    taxes: Taxes,
    with_tax: bool,
    rate: i64,
    /// Quantity and price in hundredths.
    items: Vec<(i64, i64)>,
    charge: Option<i64>,
    allowance: Option<i64>,
    /// Whether charges and allowances stand at the first line too.
    itemized: bool,
}

/// Any invoice that is right.
pub(crate) fn invoice() -> impl Strategy<Value = Made> {
    use Kind::{CreditNote, DirectFulfillment, Europe, India, NorthAmerica};
    let kind = prop_oneof![Just(India), Just(Europe), Just(CreditNote), Just(NorthAmerica), Just(DirectFulfillment)];
    let taxes = prop_oneof![Just(Taxes::None), Just(Taxes::Lines), Just(Taxes::Units), Just(Taxes::Header)];
    let rate = prop_oneof![Just(0_i64), Just(5), Just(7), Just(9), Just(19), Just(20)];
    let items = prop::collection::vec((1_i64..50, 1_i64..500_000), 1..5);
    let adjusted = || prop::option::of(1_i64..5_000);
    (kind, taxes, any::<bool>(), rate, items, adjusted(), adjusted(), any::<bool>()).prop_map(
        |(kind, taxes, with_tax, rate, items, charge, allowance, itemized)| {
            let goods: i64 = items.iter().map(|(quantity, price)| quantity * price).sum();
            let taxes = match (kind, taxes) {
                // Europe names the tax also where there is none, India at the lines too.
                (Europe | CreditNote, Taxes::None) => Taxes::Header,
                (India, Taxes::None | Taxes::Header) => Taxes::Lines,
                (_, taxes) => taxes,
            };
            // An allowance must leave something, and direct fulfillment has none.
            let allowance = allowance.filter(|each| *each < goods && kind != DirectFulfillment);
            Made { kind, taxes, with_tax, rate, items, charge, allowance, itemized }
        },
    )
}

impl Made {
    /// Whether a tax of it lies halfway between two hundredths, so that it may be rounded either way.
    pub(crate) fn has_a_tie(&self) -> bool {
        let bases = self.items.iter().flat_map(|(quantity, price)| [*price, quantity * price]);
        bases.chain([self.goods()]).any(|base| (base * self.rate) % 100 == 50)
    }

    fn goods(&self) -> i64 {
        self.items.iter().map(|(quantity, price)| quantity * price).sum()
    }

    /// Whether the amount at this place, changed by so many hundredths, says something else that is right too. Amazon
    /// leaves open what a tax is on and whether the total has it, so two changes, both a matter of chance, make an
    /// invoice that reads well in the other way: a taxable amount that becomes another one that the tax may be on,
    /// and goods, charges, allowances or a total that move by exactly the tax.
    pub(crate) fn is_right_in_another_way(&self, place: &str, by: i64) -> bool {
        let parts: Vec<&str> = place.split('/').skip(1).collect();
        let item = |index: &str| index.parse::<usize>().ok().and_then(|index| self.items.get(index).copied());
        let is = |base: i64, changed: i64| {
            let (charge, allowance) = (self.charge.unwrap_or(0), self.allowance.unwrap_or(0));
            [base, base + charge, base - allowance, base + charge - allowance].contains(&(changed + by))
        };
        let shift = match parts[..] {
            ["items", index, "taxDetails", _, "taxableAmount", "amount"] => {
                let (quantity, price) = item(index).unwrap();
                let stated = self.line_tax(quantity, price).1;
                return stated + by == price || is(quantity * price, stated);
            }
            ["taxDetails" | "taxTotals", _, "taxableAmount", "amount"] => return is(self.goods(), self.goods()),
            ["items", index, "netCost", "amount"] => item(index).unwrap().0 * by,
            ["invoiceTotal" | "chargeDetails" | "allowanceDetails", ..] => by,
            _ => return false,
        };
        self.tax_of_all() == shift.abs()
    }

    fn tax_of_all(&self) -> i64 {
        let types = i64::try_from(self.tax_types().len()).unwrap();
        if self.taxes == Taxes::None { 0 } else { self.header_tax() * types }
    }

    fn currency(&self) -> &'static str {
        match self.kind {
            Kind::India => "INR",
            Kind::NorthAmerica => "CAD",
            Kind::Europe | Kind::CreditNote | Kind::DirectFulfillment => "EUR",
        }
    }

    fn money(&self, hundredths: i64) -> Value {
        json!({ "currencyCode": self.currency(), "amount": written(hundredths) })
    }

    const fn tax_types(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::India => &["SGST", "CGST"],
            Kind::NorthAmerica => &["GST"],
            Kind::Europe | Kind::CreditNote | Kind::DirectFulfillment => &["VAT"],
        }
    }

    fn tax(&self, amount: i64, taxable: i64) -> Value {
        let one = |kind: &&str| json!({ "taxType": kind, "taxRate": self.rate.to_string(), "taxAmount": self.money(amount), "taxableAmount": self.money(taxable) });
        self.tax_types().iter().map(one).collect()
    }

    /// The tax of one type of an item, as its line states it, and as the header counts it.
    fn line_tax(&self, quantity: i64, price: i64) -> (i64, i64, i64) {
        let rounded = |base: i64| (base * self.rate + 50).div_euclid(100);
        if self.taxes == Taxes::Units {
            let of_unit = rounded(price);
            return (of_unit, price, of_unit * quantity);
        }
        let of_line = rounded(quantity * price);
        (of_line, quantity * price, of_line)
    }

    fn header_tax(&self) -> i64 {
        if self.taxes == Taxes::Header {
            return (self.goods() * self.rate + 50).div_euclid(100);
        }
        self.items.iter().map(|(quantity, price)| self.line_tax(*quantity, *price).2).sum()
    }

    fn charge(&self, amount: i64) -> Value {
        let kind = if self.kind == Kind::DirectFulfillment { "FREIGHTOUT" } else { "Freight" };
        json!([{ "type": kind, "chargeAmount": self.money(amount) }])
    }

    fn allowance(&self, amount: i64) -> Value {
        json!([{ "type": "Discount", "allowanceAmount": self.money(amount) }])
    }

    /// As Amazon's API takes it.
    pub(crate) fn to_value(&self) -> Value {
        let (charge, allowance) = (self.charge.unwrap_or(0), self.allowance.unwrap_or(0));
        let total = self.goods() + charge - allowance + if self.with_tax { self.tax_of_all() } else { 0 };
        let mut invoice = self.frame();
        invoice["invoiceTotal"] = self.money(total);
        let header = if self.kind == Kind::DirectFulfillment { "taxTotals" } else { "taxDetails" };
        if self.taxes != Taxes::None {
            invoice[header] = self.tax(self.header_tax(), self.goods());
        }
        let items = (1..).zip(&self.items).map(|(number, (quantity, price))| self.item(number, *quantity, *price));
        invoice["items"] = items.collect();
        if let Some(charge) = self.charge {
            invoice["chargeDetails"] = self.charge(charge);
            if self.itemized {
                invoice["items"][0]["chargeDetails"] = self.charge(charge);
            }
        }
        if let Some(allowance) = self.allowance {
            invoice["allowanceDetails"] = self.allowance(allowance);
            if self.itemized {
                invoice["items"][0]["allowanceDetails"] = self.allowance(allowance);
            }
        }
        invoice
    }

    fn item(&self, number: i64, quantity: i64, price: i64) -> Value {
        let direct = self.kind == Kind::DirectFulfillment;
        let product = if direct { "buyerProductIdentifier" } else { "amazonProductIdentifier" };
        let mut item = json!({
            "itemSequenceNumber": if direct { json!(number.to_string()) } else { json!(number) },
            product: format!("B0MADE{number}"),
            "invoicedQuantity": { "amount": quantity, "unitOfMeasure": "Eaches" },
            "netCost": self.money(price),
        });
        match self.kind {
            Kind::CreditNote => item["creditNoteDetails"] = json!({ "referenceInvoiceNumber": "MADE-0" }),
            Kind::India | Kind::Europe | Kind::NorthAmerica | Kind::DirectFulfillment => {
                item["purchaseOrderNumber"] = json!("4KZ8Q2WL");
            }
        }
        if self.kind == Kind::India {
            item["hsnCode"] = json!("74.19.80.30");
        }
        if matches!(self.taxes, Taxes::Lines | Taxes::Units) {
            let (stated, taxable, _) = self.line_tax(quantity, price);
            item["taxDetails"] = self.tax(stated, taxable);
        }
        item
    }

    /// Everything but the amounts: taken from a fixture of its kind.
    fn frame(&self) -> Value {
        let fixture = match self.kind {
            Kind::India => "cells/net-cost/india.accepted.json",
            Kind::Europe => "cells/net-cost/europe.accepted.json",
            Kind::CreditNote => "cells/credit-note-references/europe.accepted-invoice.json",
            Kind::NorthAmerica => "cells/tax-type/north-america.accepted-with-tax.json",
            Kind::DirectFulfillment => "direct-fulfillment/accepted.json",
        };
        let mut file: Value = serde_json::from_str(&crate::support::text(fixture)).unwrap();
        let mut invoice = file["invoices"][0].take();
        for name in ["taxDetails", "taxTotals", "chargeDetails", "allowanceDetails"] {
            invoice.as_object_mut().unwrap().remove(name);
        }
        invoice
    }
}

/// Hundredths as a decimal.
pub(crate) fn written(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
