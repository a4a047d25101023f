//! Lines: one for each article, gift wrap and shipping. Promotions are allowances on the document, one for each kind
//! and rate, because a line must not have a negative price.

use std::collections::BTreeMap;

use countinghouse_vat_invoices::document::{Charge, ChargeKind, Line, VatCategory};
use en16931::invoice::{Code, DocumentAllowanceCharge, InvoiceLine, Item, ItemAttribute, LineVat, PriceDetails};
use en16931::{DocumentReference, Quantity, UnitPriceAmount};
use rust_decimal::Decimal;

use super::{LONGEST, Material, amount, percentage};
use crate::clean::xml;
use crate::error::RenderError;
use crate::labels::Labels;

/// UN/ECE recommendation 20: a piece.
const PIECE: &str = "H87";
/// UNTDID 5189: a discount.
const DISCOUNT: &str = "95";
/// The decimals of a price that is written for one piece; otherwise it is written for all.
const PRICE_DECIMALS: u32 = 6;

/// Promotions, and those that have the other sign.
pub(super) struct Promotions {
    pub(super) allowances: Vec<DocumentAllowanceCharge>,
    pub(super) charges: Vec<DocumentAllowanceCharge>,
}

pub(super) fn lines(material: &Material<'_>) -> Result<Vec<InvoiceLine>, RenderError> {
    let mut lines = Vec::new();
    for line in &material.document.lines {
        for charge in line.charges.iter().filter(|charge| !charge.kind.is_promotion()) {
            let number = lines.len().saturating_add(1);
            lines.push(invoice_line(material, line, charge, number)?);
        }
    }
    Ok(lines)
}

fn invoice_line(
    material: &Material<'_>,
    line: &Line,
    charge: &Charge,
    number: usize,
) -> Result<InvoiceLine, RenderError> {
    let net = charge.amounts.net;
    let pieces = if charge.kind == ChargeKind::Item { Decimal::from(line.quantity.max(1)) } else { Decimal::ONE };
    // A price must not be negative; what is taken back has a negative quantity.
    let quantity = if net.is_sign_negative() && !net.is_zero() { -pieces } else { pieces };
    Ok(InvoiceLine {
        id: number.to_string(),
        note: None,
        order_line_reference: Some(xml(&line.order_item_id, LONGEST))
            .filter(|id| !id.is_empty())
            .map(DocumentReference::new),
        accounting_reference: None,
        object_identifier: None,
        quantity: Quantity::new(quantity),
        unit_code: Code::new(PIECE),
        net_amount: amount(net, material.document)?,
        period: None,
        allowances: Vec::new(),
        charges: Vec::new(),
        price: price(net.abs(), pieces),
        vat: line_vat(charge.category, charge.rate),
        item: item(material, line, charge),
    })
}

/// The price for one piece where that is exact, otherwise for all of them: so price times quantity is the net amount to
/// the cent, and nothing is rounded.
fn price(net: Decimal, pieces: Decimal) -> PriceDetails {
    let one = net.checked_div(pieces).map(|one| one.normalize());
    match one.filter(|one| one.scale() <= PRICE_DECIMALS) {
        Some(one) => PriceDetails { net_price: UnitPriceAmount::new(one), ..PriceDetails::default() },
        None => PriceDetails {
            net_price: UnitPriceAmount::new(net),
            base_quantity: Some(Quantity::new(pieces)),
            base_quantity_code: Some(Code::new(PIECE)),
            ..PriceDetails::default()
        },
    }
}

fn item(material: &Material<'_>, line: &Line, charge: &Charge) -> Item {
    if charge.kind != ChargeKind::Item {
        return Item { name: Some(label(material.labels, charge.kind).to_owned()), ..Item::default() };
    }
    let names = [&line.title, &line.sku, &line.asin, &line.order_item_id];
    let name = names.into_iter().map(|name| xml(name, LONGEST)).find(|name| !name.is_empty());
    let asin = Some(xml(&line.asin, LONGEST)).filter(|asin| !asin.is_empty());
    Item {
        name: Some(name.unwrap_or_else(|| "–".to_owned())),
        seller_identifier: Some(xml(&line.sku, LONGEST)).filter(|sku| !sku.is_empty()),
        attributes: asin
            .map(|asin| ItemAttribute { name: Some("ASIN".to_owned()), value: Some(asin) })
            .into_iter()
            .collect(),
        ..Item::default()
    }
}

fn line_vat(category: VatCategory, rate: Decimal) -> LineVat {
    LineVat { category: Code::new(category.code()), rate: percentage(category, rate) }
}

pub(super) fn promotions(material: &Material<'_>) -> Result<Promotions, RenderError> {
    let mut sums: BTreeMap<(ChargeKind, VatCategory, Decimal), Decimal> = BTreeMap::new();
    let charges = material.document.lines.iter().flat_map(|line| &line.charges);
    for charge in charges.filter(|charge| charge.kind.is_promotion()) {
        let sum = sums.entry((charge.kind, charge.category, charge.rate.normalize())).or_default();
        let overflow = || RenderError::Sums("the promotions are too large".to_owned());
        *sum = sum.checked_add(charge.amounts.net).ok_or_else(overflow)?;
    }
    let mut promotions = Promotions { allowances: Vec::new(), charges: Vec::new() };
    for ((kind, category, rate), net) in sums {
        let given = net.is_sign_negative();
        let entry = DocumentAllowanceCharge {
            amount: amount(net.abs(), material.document)?,
            base_amount: None,
            percentage: None,
            vat: line_vat(category, rate),
            reason: Some(label(material.labels, kind).to_owned()),
            reason_code: given.then(|| Code::new(DISCOUNT)),
        };
        if given { &mut promotions.allowances } else { &mut promotions.charges }.push(entry);
    }
    Ok(promotions)
}

/// The word for a charge that is not the article.
pub(crate) fn label(labels: &Labels, kind: ChargeKind) -> &str {
    match kind {
        ChargeKind::Item => &labels.description,
        ChargeKind::GiftWrap => &labels.gift_wrap,
        ChargeKind::Shipping => &labels.shipping,
        ChargeKind::ItemPromotion => &labels.item_promotion,
        ChargeKind::GiftWrapPromotion => &labels.gift_wrap_promotion,
        ChargeKind::ShippingPromotion => &labels.shipping_promotion,
    }
}
