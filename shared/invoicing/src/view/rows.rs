//! The rows of the table: one for each article, and one below it for everything that was charged or given with it.

use countinghouse_vat_invoices::document::{Charge, ChargeKind, Line};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use super::Page;

/// A row of the table.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// The number of the article; empty in a row that belongs to the article above.
    position: String,
    title: String,
    detail: String,
    quantity: String,
    unit_price: String,
    rate: String,
    net: String,
    vat: String,
    gross: String,
    /// Whether the next row belongs to the same article.
    open: bool,
}

pub(super) fn rows(page: &Page<'_>) -> Vec<Row> {
    let decimals = rate_decimals(page);
    let price_decimals = price_decimals(page);
    let mut rows = Vec::new();
    for (index, line) in page.document.lines.iter().enumerate() {
        for (place, charge) in line.charges.iter().enumerate() {
            let is_item = charge.kind == ChargeKind::Item;
            rows.push(Row {
                position: if place == 0 { index.saturating_add(1).to_string() } else { String::new() },
                title: if is_item { page.cleaner.breakable(title(line)) } else { label(page, charge.kind).to_owned() },
                detail: if place == 0 { detail(page, line) } else { String::new() },
                quantity: if is_item { line.quantity.to_string() } else { String::new() },
                unit_price: if is_item { price(page, line, charge, price_decimals) } else { String::new() },
                rate: page.language.rate(charge.rate, decimals),
                net: page.language.amount(charge.amounts.net),
                vat: page.language.amount(charge.amounts.vat),
                gross: page.language.amount(charge.amounts.gross),
                open: place.saturating_add(1) < line.charges.len(),
            });
        }
    }
    rows
}

/// How many decimals all rates need, so that they stand under each other.
pub(super) fn rate_decimals(page: &Page<'_>) -> u32 {
    let charges = page.document.lines.iter().flat_map(|line| &line.charges);
    let percent = charges.map(|charge| charge.rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or_default());
    percent.map(|percent| percent.normalize().scale()).max().unwrap_or_default()
}

/// The article's name, or what else there is to tell it by.
fn title(line: &Line) -> &str {
    let names = [&line.title, &line.sku, &line.asin, &line.order_item_id];
    names.into_iter().find(|name| !name.trim().is_empty()).map_or("–", String::as_str)
}

fn detail(page: &Page<'_>, line: &Line) -> String {
    let numbers = [("SKU", &line.sku), ("ASIN", &line.asin)];
    let shown = numbers.into_iter().filter(|(_, number)| !number.trim().is_empty());
    let text: Vec<String> = shown.map(|(label, number)| format!("{label}\u{a0}{number}")).collect();
    page.cleaner.breakable(&text.join(" · "))
}

fn label<'a>(page: &'a Page<'_>, kind: ChargeKind) -> &'a str {
    let labels = page.labels;
    match kind {
        ChargeKind::Item => &labels.description,
        ChargeKind::GiftWrap => &labels.gift_wrap,
        ChargeKind::Shipping => &labels.shipping,
        ChargeKind::ItemPromotion => &labels.item_promotion,
        ChargeKind::GiftWrapPromotion => &labels.gift_wrap_promotion,
        ChargeKind::ShippingPromotion => &labels.shipping_promotion,
    }
}

/// The price of one without VAT.
fn price(page: &Page<'_>, line: &Line, charge: &Charge, decimals: u32) -> String {
    let mut price = unit_price(line, charge).round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    price.rescale(decimals);
    page.language.written(price)
}

fn unit_price(line: &Line, charge: &Charge) -> Decimal {
    charge.amounts.net.checked_div(Decimal::from(line.quantity)).unwrap_or(charge.amounts.net)
}

/// How many decimals all prices need, so that they stand under each other: two, or as many as give the net amounts
/// again, but at most four.
fn price_decimals(page: &Page<'_>) -> u32 {
    let items = page.document.lines.iter().filter_map(|line| Some(unit_price(line, line.item()?)));
    items.map(|price| price.normalize().scale().clamp(2, 4)).max().unwrap_or(2)
}
