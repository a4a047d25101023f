//! The checks of a document. Correct rows pass all of them without a flag.

use rust_decimal::Decimal;

use super::{Amounts, Collector, Component, Document, DocumentKind, DocumentLine, Flag, Scheme};

/// Whether goods went from one country to another.
pub(super) fn crosses_border(from: &str, to: &str) -> bool {
    !from.is_empty() && !to.is_empty() && from != to
}

/// Every flag that follows from the document as it stands.
pub(super) fn flags(document: &Document) -> Vec<Flag> {
    let mut flags = Vec::new();
    whole_document(document, &mut flags);
    damaged_texts(document, &mut flags);
    // One cent (or what the currency has for it): amounts are rounded for each piece.
    let unit = Decimal::new(1, document.currency.minor_digits());
    for line in &document.lines {
        amounts(document, line, unit, &mut flags);
        rates(document, line, &mut flags);
        words(document, line, &mut flags);
    }
    flags
}

fn whole_document(document: &Document, flags: &mut Vec<Flag>) {
    if document.number().is_none() {
        flags.push(Flag::NumberMissing { expected: document.is_amazon_invoiced == Some(true) });
    }
    if document.issued_on.is_none() {
        flags.push(Flag::DateMissing);
    }
    if document.collector == Collector::Marketplace {
        flags.push(Flag::MarketplaceCollected);
    }
    if document.is_correction {
        flags.push(Flag::Correction { original_known: !document.original_number.is_empty() });
    }
    if document.by_rate.len() > 1 {
        flags.push(Flag::MixedRates);
    }
    if document.lines.iter().any(|line| line.order_id != document.order_id) {
        flags.push(Flag::SeveralOrders);
    }
    let line = document.first_source_line();
    let mut unknown = |column: &str, value: &str| flags.push(unknown_text(line, column, value));
    if document.scheme == Scheme::Unknown {
        unknown("Tax Reporting Scheme", &document.scheme_text);
    }
    if document.collector == Collector::NotStated && !document.responsibility.is_empty() {
        unknown("Tax Collection Responsibility", &document.responsibility);
    }
    if !["", "VAT"].contains(&document.tax_type.as_str()) {
        unknown("Tax Type", &document.tax_type);
    }
}

fn unknown_text(line: u64, column: &str, value: &str) -> Flag {
    Flag::UnknownText { line, column: column.to_owned(), value: value.chars().take(40).collect() }
}

fn words(document: &Document, line: &DocumentLine, flags: &mut Vec<Flag>) {
    if DocumentKind::of_transaction_type(&line.transaction_type).is_none() {
        flags.push(unknown_text(line.source_line, "Transaction Type", &line.transaction_type));
    }
    let reason = line.reason_code.as_str();
    let sale_without_vat = reason == "NonTaxable" && !document.export && document.collector != Collector::Marketplace;
    if sale_without_vat && !line.total.is_zero() {
        flags.push(Flag::VatNotCalculated { line: line.source_line });
    }
    if !["", "Taxable", "NonTaxable"].contains(&reason) {
        flags.push(unknown_text(line.source_line, "Tax Calculation Reason Code", reason));
    }
}

fn amounts(document: &Document, line: &DocumentLine, unit: Decimal, flags: &mut Vec<Flag>) {
    let mut any = false;
    for component in Component::ALL {
        let amounts = line.component(component);
        if amounts.is_zero() {
            continue;
        }
        any = true;
        block(document, line, component, false, &amounts.price, unit, flags);
        block(document, line, component, true, &amounts.promotion, unit, flags);
        let invoice = document.kind() == DocumentKind::Invoice;
        if has_sign(&amounts.price, invoice) {
            flags.push(Flag::AmountSign { line: line.source_line, component });
        }
        if has_sign(&amounts.promotion, !invoice) {
            flags.push(Flag::PromotionSign { line: line.source_line, component });
        }
    }
    if !any {
        let line = line.source_line;
        let credit = document.kind() == DocumentKind::CreditNote;
        flags.push(if credit { Flag::ZeroReturn { line } } else { Flag::ZeroLine { line } });
    }
}

/// Whether any of the three figures is negative, or positive.
fn has_sign(amounts: &Amounts, negative: bool) -> bool {
    amounts.figures().iter().any(|figure| !figure.is_zero() && figure.is_sign_negative() == negative)
}

/// The two sums that must hold within a price or a promotion.
fn block(
    document: &Document,
    line: &DocumentLine,
    component: Component,
    promotion: bool,
    amounts: &Amounts,
    unit: Decimal,
    flags: &mut Vec<Flag>,
) {
    if amounts.is_zero() {
        return;
    }
    let source_line = line.source_line;
    if let Some(difference) = gross_difference(amounts)
        && !difference.is_zero()
    {
        flags.push(Flag::GrossMismatch { line: source_line, component, promotion, difference });
    }
    // What Amazon collects is its own: it may state the rate and no VAT.
    if document.collector == Collector::Marketplace && amounts.vat.is_zero() {
        return;
    }
    if let Some(difference) = vat_difference(amounts, line, unit) {
        flags.push(Flag::VatMismatch { line: source_line, component, promotion, difference });
    }
}

fn gross_difference(amounts: &Amounts) -> Option<Decimal> {
    amounts.gross.checked_sub(amounts.net)?.checked_sub(amounts.vat)
}

/// VAT − rate × net, if it is more than a cent for each piece.
fn vat_difference(amounts: &Amounts, line: &DocumentLine, unit: Decimal) -> Option<Decimal> {
    let expected = line.rate?.checked_mul(amounts.net)?;
    let difference = amounts.vat.checked_sub(expected)?;
    let pieces = line.quantity.unwrap_or(1).checked_abs()?.max(1);
    let tolerance = unit.checked_mul(Decimal::from(pieces))?;
    (difference.abs() > tolerance).then(|| difference.normalize())
}

fn rates(document: &Document, line: &DocumentLine, flags: &mut Vec<Flag>) {
    let Some(rate) = line.rate else {
        if !line.total.vat.is_zero() {
            flags.push(Flag::RateMissing { line: line.source_line });
        }
        return;
    };
    let explained = document.export
        || document.reverse_charge
        || document.collector == Collector::Marketplace
        || line.reason_code == "NonTaxable"
        || line.total.is_zero();
    let crosses = crosses_border(&document.ship_from.country, &document.ship_to.country);
    if rate.is_zero() && crosses && !explained {
        flags.push(Flag::ZeroRateUnexplained { line: line.source_line });
    }
}

fn damaged_texts(document: &Document, flags: &mut Vec<Flag>) {
    let first = document.first_source_line();
    for (column, text) in [
        ("Ship From City", document.ship_from.city.expose()),
        ("Ship From State", document.ship_from.state.expose()),
        ("Ship To City", document.ship_to.city.expose()),
        ("Ship To State", document.ship_to.state.expose()),
        ("Invoice Correction Details", document.correction_details.expose()),
    ] {
        damaged_text(first, column, text, true, flags);
    }
    for line in &document.lines {
        damaged_text(line.source_line, "SKU", &line.sku, false, flags);
    }
}

fn damaged_text(line: u64, column: &str, text: &str, question_marks: bool, flags: &mut Vec<Flag>) {
    let certain = !text.is_ascii() && text.contains('\u{FFFD}');
    if certain || (question_marks && text.contains('?') && has_question_mark_in_word(text)) {
        flags.push(Flag::DamagedText { line, column: column.to_owned(), certain });
    }
}

fn has_question_mark_in_word(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    letters.windows(2).any(|pair| matches!(pair, ['?', next] if next.is_alphabetic()))
}
