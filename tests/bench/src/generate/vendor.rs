//! A file of vendor invoices in Amazon's own schema, all of them right.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Random, kept};
use crate::Outcome;

/// The gzip file with so many invoices.
pub(crate) fn file(cache: &Path, invoices: u64) -> Outcome<PathBuf> {
    kept(cache, &format!("vendor-invoices-{invoices}"), |output| {
        let mut random = Random(7);
        output.write_all(b"{\"invoices\":[\n")?;
        for number in 0..invoices {
            if number > 0 {
                output.write_all(b",\n")?;
            }
            invoice(output, number, &mut random)?;
        }
        output.write_all(b"\n]}\n")?;
        Ok(())
    })
}

/// One with one to five items, at 19 per cent, the total with tax.
fn invoice(output: &mut dyn Write, number: u64, random: &mut Random) -> Outcome {
    let (mut items, mut net, mut tax) = (String::new(), 0, 0);
    for line in 1..=random.below(5) + 1 {
        let (quantity, price) = (random.below(40) + 1, (random.below(500) + 1) * 100);
        let (line_net, line_tax) = (quantity * price, quantity * price / 100 * 19);
        net += line_net;
        tax += line_tax;
        if line > 1 {
            items.push(',');
        }
        write!(
            items,
            r#"{{"itemSequenceNumber":{line},"amazonProductIdentifier":"B0{number:08}","vendorProductIdentifier":"SKU-{line}","invoicedQuantity":{{"amount":{quantity},"unitOfMeasure":"Eaches"}},"netCost":{},"purchaseOrderNumber":"4KZ8Q2WL","taxDetails":[{}]}}"#,
            money(price),
            tax_of(line_tax, line_net)
        )?;
    }
    write!(
        output,
        r#"{{"invoiceType":"Invoice","id":"LK-{number}","date":"2026-10-05T09:30:00Z","remitToParty":{},"billToParty":{},"paymentTerms":{{"type":"Basic","netDueDays":30}},"invoiceTotal":{},"taxDetails":[{}],"items":[{items}]}}"#,
        PAYEE,
        PAYER,
        money(net + tax),
        tax_of(tax, net)
    )?;
    Ok(())
}

const PAYEE: &str = r#"{"partyId":"LINDE","address":{"name":"Linden & Kiesel GmbH","addressLine1":"Uferweg 4","city":"Bremen","postalOrZipCode":"28195","countryCode":"DE"},"taxRegistrationDetails":[{"taxRegistrationType":"VAT","taxRegistrationNumber":"DE999999999"}]}"#;
const PAYER: &str = r#"{"partyId":"EXLUX","address":{"name":"Example Retail EU SARL","addressLine1":"Rue du Lac 9","city":"Luxembourg","postalOrZipCode":"1234","countryCode":"LU"},"taxRegistrationDetails":[{"taxRegistrationType":"VAT","taxRegistrationNumber":"LU99999999"}]}"#;

fn money(cents: u64) -> String {
    format!(r#"{{"currencyCode":"EUR","amount":"{}.{:02}"}}"#, cents / 100, cents % 100)
}

fn tax_of(amount: u64, taxable: u64) -> String {
    format!(r#"{{"taxType":"VAT","taxRate":"19","taxAmount":{},"taxableAmount":{}}}"#, money(amount), money(taxable))
}
