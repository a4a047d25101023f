//! The charges of a document: their signs, rates and sums. Amazon's figures are kept; only signs are turned.

use countinghouse_domain::document::{Amounts, DocumentKind};
use countinghouse_domain::money::MoneyError;
use rust_decimal::Decimal;

use crate::document::{Attention, Attentions, Charge, ChargeKind, Line, VatCategory};
use crate::vidr::{RawCharge, derive_rate, rate_fits, recognise_rate, vat_difference};

/// A line without its charges, and what its row says of them.
#[derive(Debug)]
pub(super) struct RawLine {
    pub(super) line: Line,
    /// The promotions on item, gift wrap and shipping.
    pub(super) promotion_ids: [String; 3],
    pub(super) charges: Vec<RawCharge>,
}

/// The charges of all lines.
#[derive(Debug)]
pub(super) struct Charges {
    pub(super) lines: Vec<Line>,
    pub(super) total: Amounts,
    pub(super) as_reported: Amounts,
    /// Every rate that occurs.
    pub(super) rates: Vec<Decimal>,
}

impl Charges {
    /// Reads the charges of lines that have none yet.
    pub(super) fn read(
        kind: DocumentKind,
        lines: Vec<RawLine>,
        attention: &mut Attentions,
    ) -> Result<Self, MoneyError> {
        let as_reported = sum(lines.iter().flat_map(|raw| &raw.charges).map(|charge| charge.amounts))?;
        let prices = lines.iter().flat_map(|raw| &raw.charges).filter(|charge| !charge.kind.is_promotion());
        let prices = sum(prices.map(|charge| charge.amounts))?;
        let flips = prices.gross.is_sign_negative() && !prices.gross.is_zero();
        if flips && kind == DocumentKind::Invoice {
            attention.add(Attention::SignsMixed);
        }
        let mut charges = Self { lines: Vec::new(), total: Amounts::ZERO, as_reported, rates: Vec::new() };
        for raw in lines {
            let mut line = raw.line.clone();
            line.charges = read_line(raw, flips, attention);
            for charge in &line.charges {
                charges.total = charges.total.plus(charge.amounts)?;
                if !charges.rates.contains(&charge.rate) {
                    charges.rates.push(charge.rate);
                }
            }
            charges.lines.push(line);
        }
        if charges.total.gross.is_sign_negative() && !charges.total.gross.is_zero() {
            attention.add(Attention::SignsMixed);
        }
        let all = charges.lines.iter().flat_map(|line| &line.charges);
        if all.clone().all(|charge| charge.amounts.is_zero()) {
            attention.add(Attention::NothingCharged);
        }
        Ok(charges)
    }
}

fn sum(amounts: impl Iterator<Item = Amounts>) -> Result<Amounts, MoneyError> {
    amounts.into_iter().try_fold(Amounts::ZERO, Amounts::plus)
}

fn read_line(raw: RawLine, flips: bool, attention: &mut Attentions) -> Vec<Charge> {
    let RawLine { line, promotion_ids, charges: raw } = raw;
    let pieces = line.quantity.unsigned_abs();
    let known: Vec<Decimal> =
        raw.iter().filter_map(|charge| Some(recognise_rate(charge.rate?, &charge.amounts, pieces))).collect();
    let raw = raw.into_iter().filter(|charge| charge.kind == ChargeKind::Item || !charge.amounts.is_zero());
    raw.map(|charge| read_charge((&line, &promotion_ids), charge, flips, &known, attention)).collect()
}

fn read_charge(
    (line, promotion_ids): (&Line, &[String; 3]),
    raw: RawCharge,
    flips: bool,
    known: &[Decimal],
    attention: &mut Attentions,
) -> Charge {
    let RawCharge { kind, amounts, rate } = raw;
    let (source, pieces) = (line.source_line, line.quantity.unsigned_abs());
    let amounts = if flips { negated(amounts) } else { amounts };
    let lowers = amounts.gross.is_sign_negative() && !amounts.gross.is_zero();
    let amounts = if kind.is_promotion() && !lowers {
        attention.add(Attention::PromotionSign { line: source, charge: kind });
        negated(amounts)
    } else {
        if !kind.is_promotion() && lowers {
            attention.add(Attention::SignsMixed);
        }
        amounts
    };
    let rate = match rate {
        Some(written) => Some(recognise_rate(written, &amounts, pieces)),
        None => derive_rate(&amounts, pieces, known),
    };
    if rate.is_none() {
        attention.add(Attention::RateMissing { line: source, charge: kind });
    }
    let rate = rate.unwrap_or_default();
    for found in mismatches(source, pieces, kind, &amounts, rate) {
        attention.add(found);
    }
    let promotion_id = match (kind, promotion_ids) {
        (ChargeKind::ItemPromotion, [id, _, _])
        | (ChargeKind::GiftWrapPromotion, [_, id, _])
        | (ChargeKind::ShippingPromotion, [_, _, id]) => id.clone(),
        (ChargeKind::Item | ChargeKind::GiftWrap | ChargeKind::Shipping, _) => String::new(),
    };
    // The category follows when it is known why the VAT is what it is.
    Charge { kind, amounts, rate, category: VatCategory::Standard, promotion_id }
}

/// Gross that is not net + VAT, and VAT that is not rate × net.
fn mismatches(line: u64, pieces: u64, charge: ChargeKind, amounts: &Amounts, rate: Decimal) -> Vec<Attention> {
    let mut found = Vec::new();
    let sum = amounts.net.checked_add(amounts.vat);
    let difference = sum.and_then(|sum| amounts.gross.checked_sub(sum)).unwrap_or(amounts.gross);
    if !difference.is_zero() {
        found.push(Attention::GrossMismatch { line, charge, difference });
    }
    if !rate_fits(rate, amounts, pieces) {
        let difference = vat_difference(rate, amounts).unwrap_or(amounts.vat);
        found.push(Attention::VatMismatch { line, charge, difference });
    }
    found
}

fn negated(amounts: Amounts) -> Amounts {
    let negate = |amount: Decimal| if amount.is_zero() { amount.abs() } else { -amount };
    Amounts { gross: negate(amounts.gross), vat: negate(amounts.vat), net: negate(amounts.net) }
}
