//! Tests of documents as a whole.

mod flags;
mod properties;
mod rebook;
mod repeats;

use super::*;
use crate::money::Currency;

fn assemble<'a>(mut assembler: Assembler, rows: impl IntoIterator<Item = VatRow<'a>>) -> Vec<Document> {
    let kept = rows.into_iter().filter(|row| assembler.add(row).unwrap()).count();
    let documents: Vec<_> = assembler.documents().map(Result::unwrap).collect();
    assert_eq!(documents.iter().map(|document| document.lines.len()).sum::<usize>(), kept);
    assert_eq!(assembler.rows_kept(), kept);
    documents
}

fn sale(line: u64) -> VatRow<'static> {
    let price = amounts("11.90", "1.90", "10.00");
    let mut row = VatRow::empty(line, Currency::EUR)
        .with(Text::TransactionType, "SHIPMENT")
        .with(Text::InvoiceNumber, "DE6000000000AA")
        .with(Text::OrderId, "111-1111111-1111111")
        .with(Text::TransactionId, "1")
        .with(Text::ShipmentId, "1")
        .with(Text::Responsibility, "Seller")
        .with(Text::ReasonCode, "Taxable")
        .with(Text::TaxType, "VAT")
        .with(Text::ShipFromCountry, "DE")
        .with(Text::ShipToCountry, "DE")
        .with_amounts(Component::Item, price, Amounts::default());
    row.tax_rate = Some("0.19".parse().unwrap());
    row.quantity = Some(1);
    row.shipment_date = Some(jiff::civil::date(2026, 8, 29));
    row.tax_calculation_date = Some(jiff::civil::date(2026, 8, 28));
    row.is_amazon_invoiced = Some(true);
    row
}

fn amounts(gross: &str, vat: &str, net: &str) -> Amounts {
    Amounts { gross: gross.parse().unwrap(), vat: vat.parse().unwrap(), net: net.parse().unwrap() }
}

fn document(rows: &[VatRow<'_>]) -> Document {
    let mut documents = assemble(Assembler::new(), rows.iter().cloned());
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn flags(row: &VatRow<'_>) -> Vec<&'static str> {
    document(std::slice::from_ref(row)).flags.iter().map(Flag::name).collect()
}
