//! The sums: by rate, together, paid and due. All of them are Amazon's.

use rust_decimal::Decimal;

use super::Page;
use super::rows::rate_decimals;
use crate::labels::fill;

/// The texts of the sums.
pub(super) struct Totals {
    /// For each rate what it is taken from, and the VAT.
    pub(super) rates: Vec<[String; 2]>,
    pub(super) net: String,
    pub(super) total_label: String,
    pub(super) total: String,
    pub(super) paid_label: String,
    pub(super) paid: String,
    pub(super) due: String,
}

pub(super) fn totals(page: &Page<'_>) -> Totals {
    let (document, labels, language) = (page.document, page.labels, page.language);
    let decimals = rate_decimals(page);
    let rates = document.by_rate.iter().map(|rate| {
        let values = [language.rate(rate.rate, decimals), language.amount(rate.total.net)];
        let label = fill(&labels.vat_on, &[("rate", &values[0]), ("net", &values[1])]);
        [label, language.amount(rate.total.vat)]
    });
    let (total_label, paid_label) =
        if page.is_credit() { (&labels.total_credit, &labels.refunded) } else { (&labels.total, &labels.paid) };
    Totals {
        rates: rates.collect(),
        net: language.amount(document.total.net),
        total_label: total_label.clone(),
        total: language.money(document.total.gross, document.currency),
        paid_label: paid_label.clone(),
        paid: language.money(document.total.gross, document.currency),
        due: language.money(Decimal::ZERO, document.currency),
    }
}
