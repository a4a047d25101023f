//! What follows from a document's facts and lines: order, sums, dates and flags.

use rust_decimal::Decimal;

use super::build::DocumentError;
use super::check;
use super::{Amounts, Collector, Document, DocumentLine, Flag, RateTotal, Scheme};
use crate::money;

/// Derives everything that follows from the facts and the lines, after either has changed. Running it again
/// changes nothing.
pub(super) fn refresh(document: &mut Document) -> Result<(), DocumentError> {
    document.lines.sort_by(|left, right| left.ordering_key().cmp(&right.ordering_key()));
    sum_up(document)?;
    document.issued_on = latest(document, |line| line.shipped_on).or(latest(document, |line| line.tax_calculated_on));
    if let Some(first) = document.lines.first() {
        first.order_id.clone_into(&mut document.order_id);
    }
    document.scheme = Scheme::of(&document.scheme_text);
    document.collector = Collector::of(&document.responsibility, document.scheme);
    let buyer = &document.buyer;
    document.is_business =
        [&buyer.registration, &buyer.nip, &buyer.siren, &buyer.siret].iter().any(|id| !id.is_empty());
    document.reverse_charge = is_reverse_charge(document);
    document.flags.retain(Flag::is_remembered);
    let mut flags = check::flags(document);
    document.flags.append(&mut flags);
    document.flags.sort();
    Ok(())
}

fn latest<T: Ord + Copy>(document: &Document, date: impl Fn(&DocumentLine) -> Option<T>) -> Option<T> {
    document.lines.iter().filter_map(date).max()
}

fn sum_up(document: &mut Document) -> Result<(), DocumentError> {
    let mut total = Amounts::ZERO;
    let mut converted = Decimal::ZERO;
    document.by_rate.clear();
    for line in &document.lines {
        let overflow = DocumentError::overflow(line.source_line);
        total = total.plus(line.total).map_err(&overflow)?;
        converted = money::add(converted, line.converted_vat).map_err(&overflow)?;
        if let Some(entry) = document.by_rate.iter_mut().find(|entry| entry.rate == line.rate) {
            entry.total = entry.total.plus(line.total).map_err(&overflow)?;
        } else {
            document.by_rate.push(RateTotal { rate: line.rate, total: line.total });
        }
    }
    document.by_rate.sort_by_key(|entry| entry.rate);
    document.total = total;
    if let Some(conversion) = &mut document.conversion {
        conversion.vat = converted;
    }
    Ok(())
}

/// Zero rate on every line, and a buyer that is registered in another country than the one the goods left.
fn is_reverse_charge(document: &Document) -> bool {
    let zero =
        document.lines.iter().all(|line| line.rate.is_some_and(|rate| rate.is_zero()) && line.total.vat.is_zero());
    let (from, to) = (&document.ship_from.country, &document.ship_to.country);
    let country = buyer_country(document);
    zero && !document.export
        && document.collector != Collector::Marketplace
        && !document.buyer.registration.is_empty()
        && check::crosses_border(from, to)
        && country != from.as_str()
}

/// The country of the buyer's registration: the column, or the letters with which a VAT id begins.
fn buyer_country(document: &Document) -> &str {
    let stated = document.buyer.jurisdiction.as_str();
    let country =
        if stated.is_empty() { document.buyer.registration.expose().get(..2).unwrap_or_default() } else { stated };
    // Greek VAT ids begin with the language's code.
    if country == "EL" { "GR" } else { country }
}
