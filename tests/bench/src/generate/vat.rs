//! A VAT report: 84 columns, several rows to a document, not all of them adjacent.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Random, kept};
use crate::Outcome;

const HEADER: &str = "\"Marketplace ID\",\"Merchant ID\",\"Order Date\",\"Transaction Type\",\"Is Invoice Corrected\",\"Order ID\",\
    \"Shipment Date\",\"Shipment ID\",\"Transaction ID\",ASIN,SKU,Quantity,\"Tax Calculation Date\",\"Tax Rate\",\
    \"Product Tax Code\",Currency,\"Tax Type\",\"Tax Calculation Reason Code\",\"Tax Reporting Scheme\",\
    \"Tax Collection Responsibility\",\"Tax Address Role\",\"Jurisdiction Level\",\"Jurisdiction Name\",\
    \"OUR_PRICE Tax Inclusive Selling Price\",\"OUR_PRICE Tax Amount\",\"OUR_PRICE Tax Exclusive Selling Price\",\
    \"OUR_PRICE Tax Inclusive Promo Amount\",\"OUR_PRICE Tax Amount Promo\",\"OUR_PRICE Tax Exclusive Promo Amount\",\
    \"SHIPPING Tax Inclusive Selling Price\",\"SHIPPING Tax Amount\",\"SHIPPING Tax Exclusive Selling Price\",\
    \"SHIPPING Tax Inclusive Promo Amount\",\"SHIPPING Tax Amount Promo\",\"SHIPPING Tax Exclusive Promo Amount\",\
    \"GIFTWRAP Tax Inclusive Selling Price\",\"GIFTWRAP Tax Amount\",\"GIFTWRAP Tax Exclusive Selling Price\",\
    \"GIFTWRAP Tax Inclusive Promo Amount\",\"GIFTWRAP Tax Amount Promo\",\"GIFTWRAP Tax Exclusive Promo Amount\",\
    \"Seller Tax Registration\",\"Seller Tax Registration Jurisdiction\",\"Buyer Tax Registration\",\
    \"Buyer Tax Registration Jurisdiction\",\"Buyer Tax Registration Type\",\"Buyer E Invoice Account Id\",\
    \"Invoice Level Currency Code\",\"Invoice Level Exchange Rate\",\"Invoice Level Exchange Rate Date\",\
    \"Converted Tax Amount\",\"VAT Invoice Number\",\"Invoice Url\",\"Export Outside EU\",\"Ship From City\",\
    \"Ship From State\",\"Ship From Country\",\"Ship From Postal Code\",\"Ship From Tax Location Code\",\"Ship To City\",\
    \"Ship To State\",\"Ship To Country\",\"Ship To Postal Code\",\"Ship To Location Code\",\"Return Fc Country\",\
    \"Is Amazon Invoiced\",\"Original VAT Invoice Number\",\"Invoice Correction Details\",\"E-Invoice Delivery Status\",\
    \"E-Invoice Error Code\",\"E-Invoice Error Description\",\"E-Invoice Status Last Updated Date\",\"EInvoice URL\",\
    \"Buyer Peppol Id\",\"Seller Peppol Id\",\"Buyer NIP\",\"Seller NIP\",\"KSeF Number\",\"Seller SIREN\",\"Buyer SIREN\",\
    \"Seller SIRET\",\"Buyer SIRET\",\"Seller Routing Code\",\"Buyer Routing Code\"";

/// So many documents are open at once: their rows lie among each other.
const OPEN: u64 = 400;

/// Makes the report, or takes that of an earlier run.
pub(crate) fn file(cache: &Path, rows: u64) -> Outcome<PathBuf> {
    kept(cache, &format!("vat-{rows}"), |out| write_report(&mut BufWriter::with_capacity(1 << 16, out), rows))
}

fn write_report(out: &mut impl Write, rows: u64) -> Outcome {
    writeln!(out, "{HEADER}")?;
    let mut random = Random(84);
    for row in 0..rows {
        // Every row belongs to one of the open documents; after OPEN × 3 / 2 rows other documents are open.
        let number = row / (OPEN * 3 / 2) * OPEN + random.below(OPEN);
        write_row(out, number, &mut random)?;
    }
    out.flush()?;
    Ok(())
}

fn write_row(out: &mut impl Write, number: u64, random: &mut Random) -> Outcome {
    // What belongs to the document depends on its number alone, so that all its rows agree.
    let mut of_document = Random(number);
    let credit = of_document.percent(5);
    let (kind, prefix, sign) = if credit { ("REFUND", "DE6CN", "-") } else { ("SHIPMENT", "DE6", "") };
    let order = format!("305-{:07}-{:07}", of_document.below(10_000_000), of_document.below(10_000_000));
    let shipment = format!("U{:08x}", of_document.below(1 << 32));
    let day = of_document.below(27) + 1;
    let city = of_document.one_of(&["Berlin", "Hamburg", "Köln", "Lübeck", "München"]);
    let postal = 10_000 + of_document.below(80_000);
    let net = 500 + random.below(9_000);
    let vat = (net * 19 + 50) / 100;
    let money = |cents: u64| format!("{sign}{}.{:02}", cents / 100, cents % 100);
    let price = format!("{},{},{}", money(net + vat), money(vat), money(net));
    let (asin, sku) = (random.below(90_000), random.below(5_000));
    let zero = "0.00,0.00,0.00";
    writeln!(
        out,
        "DE,A0BENCHSELLER,\"{day:02}-Aug-2026 UTC\",{kind},FALSE,{order},\"{day:02}-Aug-2026 UTC\",{shipment},{shipment},\
         B0{asin:08},ART-{sku:05},1,\"{day:02}-Aug-2026 UTC\",0.1900,A_GEN_STANDARD,EUR,VAT,Taxable,,Seller,ShipFrom,Country,\
         GERMANY,{price},{zero},{zero},{zero},{zero},{zero},DE111111111,DE,,,,,,0.0000,,0.00,{prefix}{number:09},\
         \"https://sellercentral.example/invoice/{number:09}\",false,Graben,,DE,86836,1,{city},,DE,{postal},1,,true,,,,,,,,,,,,,,,,,,"
    )?;
    Ok(())
}
