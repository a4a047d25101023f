//! A row as a record, and back.

use rust_decimal::Decimal;

use super::super::key::IdentityKind;
use super::super::{Amounts, ComponentAmounts, DocumentKind, Text, VatRow};
use super::interner::Interner;
use super::pack::{
    Unpack, put_bool, put_bytes, put_date, put_decimal, put_length, put_number, put_optional_decimal, put_signed,
};
use crate::money::Currency;

/// Whose tax it is and how it came about: a few hundred combinations in a report of a million rows.
const CONTEXT: &[Text] = &[
    Text::Marketplace,
    Text::MerchantId,
    Text::TransactionType,
    Text::TaxType,
    Text::ReasonCode,
    Text::Scheme,
    Text::Responsibility,
    Text::AddressRole,
    Text::JurisdictionLevel,
    Text::JurisdictionName,
    Text::SellerRegistration,
    Text::SellerJurisdiction,
    Text::InvoiceCurrency,
    Text::ShipToCountry,
    Text::SellerPeppolId,
    Text::SellerNip,
    Text::SellerSiren,
    Text::SellerSiret,
    Text::SellerRoutingCode,
    Text::ProductTaxCode,
];

/// The warehouse.
const WAREHOUSE: &[Text] = &[
    Text::ShipFromCity,
    Text::ShipFromState,
    Text::ShipFromCountry,
    Text::ShipFromPostalCode,
    Text::ShipFromLocationCode,
    Text::ReturnCountry,
];

/// The article: two names for it, stored apart, because a report of many lines need not pair them.
const ASIN: &[Text] = &[Text::Asin];
const SKU: &[Text] = &[Text::Sku];

/// The row's own, where it has them; a bit for each says whether it does.
const OWN: &[Text] = &[
    Text::BuyerRegistration,
    Text::BuyerJurisdiction,
    Text::BuyerRegistrationType,
    Text::BuyerEInvoiceAccount,
    Text::ShipToCity,
    Text::ShipToState,
    Text::ShipToPostalCode,
    Text::ShipToLocationCode,
    Text::OriginalNumber,
    Text::CorrectionDetails,
    Text::EInvoiceStatus,
    Text::EInvoiceErrorCode,
    Text::EInvoiceError,
    Text::EInvoiceUpdated,
    Text::EInvoiceUrl,
    Text::BuyerPeppolId,
    Text::BuyerNip,
    Text::KsefNumber,
    Text::BuyerSiren,
    Text::BuyerSiret,
    Text::BuyerRoutingCode,
];

/// Every amount has two decimals and fits in 64 bits: it is stored as cents.
const TWO_DECIMALS: u32 = 1 << 18;

/// The transaction is the shipment, as on every real `SHIPMENT`.
const SAME_TRANSACTION: u8 = 1;
/// There is something about a second currency.
const CONVERTED: u8 = 2;
/// There are columns that no table knows.
const EXTRA: u8 = 4;

const fn first_byte(kind: DocumentKind, place: IdentityKind) -> u8 {
    let kind = match kind {
        DocumentKind::Invoice => 0,
        DocumentKind::CreditNote => 1,
    };
    let place = match place {
        IdentityKind::Number => 0,
        IdentityKind::Transaction => 2,
        IdentityKind::Shipment => 4,
    };
    kind | place
}

/// Whose record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The document's.
    Same,
    /// The document's of the other kind and the same number.
    OtherKind,
    /// Another document's.
    Other,
}

/// Whether a record belongs to this document.
pub(super) fn owner(record: &[u8], kind: DocumentKind, place: IdentityKind, text: &str) -> Owner {
    let mut unpack = Unpack(record);
    let differing = unpack.byte() ^ first_byte(kind, place);
    if differing > 1 || unpack.bytes() != text.as_bytes() {
        Owner::Other
    } else if differing == 1 {
        Owner::OtherKind
    } else {
        Owner::Same
    }
}

/// Packs a row. `group` is a buffer that is kept to save allocations. None beyond 2^32 groups of texts.
pub(super) fn encode(
    row: &VatRow<'_>,
    kind: DocumentKind,
    (place, identity): (IdentityKind, &str),
    texts: &mut Interner,
    group: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Option<()> {
    out.push(first_byte(kind, place));
    put_bytes(out, identity.as_bytes());
    texts.put_alike(out, row.invoice_url());
    put_number(out, row.line);
    put_groups(row, texts, group, out)?;
    put_bytes(out, row.order_id().as_bytes());
    put_bytes(out, row.shipment_id().as_bytes());
    let same = row.transaction_id() == row.shipment_id();
    let converted = row.exchange_rate.is_some() || row.exchange_rate_date.is_some() || !row.converted_vat.is_zero();
    let extra = !row.extra.is_empty();
    let bit = |condition: bool, bit: u8| if condition { bit } else { 0 };
    out.push(bit(same, SAME_TRANSACTION) | bit(converted, CONVERTED) | bit(extra, EXTRA));
    if !same {
        put_bytes(out, row.transaction_id().as_bytes());
    }
    put_own(row, out);
    put_date(out, row.order_date);
    put_date(out, row.shipment_date);
    put_date(out, row.tax_calculation_date);
    out.push(u8::from(row.quantity.is_some()));
    put_signed(out, row.quantity.unwrap_or_default());
    put_amounts(row, out);
    if converted {
        put_optional_decimal(out, row.exchange_rate);
        put_date(out, row.exchange_rate_date);
        put_decimal(out, row.converted_vat);
    }
    if extra {
        put_extra(row, texts, group, out)?;
    }
    Some(())
}

fn put_groups(row: &VatRow<'_>, texts: &mut Interner, group: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<()> {
    group.clear();
    put_bytes(group, row.currency.code().as_bytes());
    put_optional_decimal(group, row.tax_rate);
    put_bool(group, row.is_corrected);
    put_bool(group, row.is_export);
    put_bool(group, row.is_amazon_invoiced);
    for columns in [CONTEXT, WAREHOUSE, ASIN, SKU] {
        for column in columns {
            put_bytes(group, row.text(*column).as_bytes());
        }
        put_number(out, u64::from(texts.number(group)?));
        group.clear();
    }
    Some(())
}

fn put_own(row: &VatRow<'_>, out: &mut Vec<u8>) {
    let mut present = 0_u64;
    for column in OWN.iter().rev() {
        present = (present << 1) | u64::from(!row.text(*column).is_empty());
    }
    put_number(out, present);
    for column in OWN {
        let text = row.text(*column);
        if !text.is_empty() {
            put_bytes(out, text.as_bytes());
        }
    }
}

fn put_extra(row: &VatRow<'_>, texts: &mut Interner, group: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<()> {
    group.clear();
    put_length(group, row.extra.len());
    for (name, _) in &row.extra {
        put_bytes(group, name.as_bytes());
    }
    put_number(out, u64::from(texts.number(group)?));
    for (_, text) in &row.extra {
        put_bytes(out, text.as_bytes());
    }
    Some(())
}

fn figures(components: &[ComponentAmounts; 3]) -> impl DoubleEndedIterator<Item = Decimal> + '_ {
    components.iter().flat_map(|component| [component.price, component.promotion]).flat_map(|block| block.figures())
}

/// An amount with two decimals as a whole number, where it is one that fits.
fn cents(figure: Decimal) -> Option<i64> {
    i64::try_from(figure.mantissa()).ok().filter(|_| figure.scale() == 2)
}

fn put_amounts(row: &VatRow<'_>, out: &mut Vec<u8>) {
    let mut present = 0_u32;
    let mut two_decimals = true;
    for figure in figures(&row.components).rev() {
        present = (present << 1) | u32::from(!figure.is_zero());
        two_decimals &= figure.is_zero() || cents(figure).is_some();
    }
    put_number(out, u64::from(if two_decimals { present | TWO_DECIMALS } else { present }));
    for figure in figures(&row.components).filter(|figure| !figure.is_zero()) {
        match cents(figure).filter(|_| two_decimals) {
            Some(cents) => put_signed(out, cents),
            None => put_decimal(out, figure),
        }
    }
}

/// Unpacks the address of a row that [`encode`] packed. It is put together from pieces, so there is nothing to
/// borrow it from.
pub(super) fn decode_url(record: &[u8], texts: &Interner) -> String {
    let mut unpack = Unpack(record);
    unpack.byte();
    unpack.bytes();
    texts.take_alike(&mut unpack)
}

/// Unpacks what [`encode`] packed.
pub(super) fn decode<'a>(record: &'a [u8], texts: &'a Interner, url: &'a str) -> VatRow<'a> {
    let mut unpack = Unpack(record);
    let number = unpack.byte() & 6 == 0;
    let identity = unpack.text();
    Interner::pass_alike(&mut unpack);
    let line = unpack.number();
    let mut row = take_groups(&mut unpack, texts);
    row.line = line;
    if number {
        row.set(Text::InvoiceNumber, identity);
    }
    row.set(Text::OrderId, unpack.text());
    let shipment = unpack.text();
    row.set(Text::ShipmentId, shipment);
    let bits = unpack.byte();
    let transaction = if bits & SAME_TRANSACTION == 0 { unpack.text() } else { shipment };
    row.set(Text::TransactionId, transaction);
    row.set(Text::InvoiceUrl, url);
    take_own(&mut row, &mut unpack);
    row.order_date = unpack.date();
    row.shipment_date = unpack.date();
    row.tax_calculation_date = unpack.date();
    let has_quantity = unpack.byte() == 1;
    row.quantity = Some(unpack.signed()).filter(|_| has_quantity);
    row.components = take_amounts(&mut unpack);
    if bits & CONVERTED != 0 {
        row.exchange_rate = unpack.optional_decimal();
        row.exchange_rate_date = unpack.date();
        row.converted_vat = unpack.decimal();
    }
    if bits & EXTRA != 0 {
        row.extra = take_extra(&mut unpack, texts);
    }
    row
}

fn take_group<'a>(unpack: &mut Unpack<'_>, texts: &'a Interner) -> Unpack<'a> {
    Unpack(u32::try_from(unpack.number()).map_or(&[][..], |number| texts.group(number)))
}

fn take_groups<'a>(unpack: &mut Unpack<'_>, texts: &'a Interner) -> VatRow<'a> {
    let mut context = take_group(unpack, texts);
    let currency = context.text().parse().unwrap_or(Currency::EUR);
    let mut row = VatRow::empty(0, currency);
    row.tax_rate = context.optional_decimal();
    row.is_corrected = context.bool();
    row.is_export = context.bool();
    row.is_amazon_invoiced = context.bool();
    for column in CONTEXT {
        row.set(*column, context.text());
    }
    for columns in [WAREHOUSE, ASIN, SKU] {
        let mut group = take_group(unpack, texts);
        for column in columns {
            row.set(*column, group.text());
        }
    }
    row
}

fn take_own<'a>(row: &mut VatRow<'a>, unpack: &mut Unpack<'a>) {
    let mut present = unpack.number();
    for column in OWN {
        if present & 1 == 1 {
            row.set(*column, unpack.text());
        }
        present >>= 1;
    }
}

fn take_amounts(unpack: &mut Unpack<'_>) -> [ComponentAmounts; 3] {
    let bits = unpack.number();
    let two_decimals = bits & u64::from(TWO_DECIMALS) != 0;
    let mut present = bits;
    let mut figure = || {
        let there = present & 1 == 1;
        present >>= 1;
        if !there {
            // Zero as the report writes it.
            Decimal::new(0, 2)
        } else if two_decimals {
            Decimal::new(unpack.signed(), 2)
        } else {
            unpack.decimal()
        }
    };
    let mut block = || Amounts { gross: figure(), vat: figure(), net: figure() };
    [(); 3].map(|()| ComponentAmounts { price: block(), promotion: block() })
}

fn take_extra<'a>(unpack: &mut Unpack<'a>, texts: &'a Interner) -> Vec<(&'a str, &'a str)> {
    let mut names = take_group(unpack, texts);
    let count = names.length();
    (0..count).map(|_| (names.text(), unpack.text())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_column_is_stored_in_exactly_one_place() {
        let by_itself = [Text::OrderId, Text::ShipmentId, Text::TransactionId, Text::InvoiceNumber, Text::InvoiceUrl];
        let mut stored: Vec<Text> = [CONTEXT, WAREHOUSE, ASIN, SKU, OWN, &by_itself].concat();
        stored.sort();
        assert_eq!(stored, Text::ALL);
    }
}
