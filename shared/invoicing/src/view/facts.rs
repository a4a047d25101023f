//! The block beside the address: number, days, order, registrations.

use countinghouse_vat_invoices::document::RegistrationType;

use super::Page;

/// Labels and values; what the report does not have is left out.
pub(super) fn facts(page: &Page<'_>) -> Vec<[String; 2]> {
    let (document, labels) = (page.document, page.labels);
    let day = |day: Option<jiff::civil::Date>| day.map(|day| page.language.date(day)).unwrap_or_default();
    let (number, supplied) = if page.is_credit() {
        (&labels.credit_note_number, &labels.refund_date)
    } else {
        (&labels.invoice_number, &labels.supply_date)
    };
    let registration = match document.buyer.registration_type {
        RegistrationType::Vat | RegistrationType::NotStated => &labels.buyer_vat_id,
        RegistrationType::BusinessReg | RegistrationType::CitizenId | RegistrationType::Unknown => &labels.buyer_tax_id,
    };
    let facts = [
        (number, page.issue.number.clone()),
        (&labels.issue_date, page.language.date(page.issue.issued_on)),
        (supplied, day(document.shipment_date)),
        (&labels.order_date, if page.is_credit() { String::new() } else { day(document.order_date) }),
        (&labels.order_number, document.order_id.clone()),
        (&labels.purchase_order, document.purchase_order.expose().to_owned()),
        (registration, document.buyer.vat_number.expose().to_owned()),
        (&labels.shipped_from, shipped_from(page)),
    ];
    let shown = facts.into_iter().filter(|(_, value)| !value.trim().is_empty());
    shown.map(|(label, value)| [label.clone(), page.cleaner.breakable(&value)]).collect()
}

/// The country that the goods left, where they crossed a border.
fn shipped_from(page: &Page<'_>) -> String {
    let (from, to) = (&page.document.ship_from.country, &page.document.ship_to.country);
    if page.is_credit() || from.is_empty() || from == to {
        return String::new();
    }
    page.vocabulary.country(from, page.language).to_owned()
}
