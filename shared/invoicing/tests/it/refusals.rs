//! What is not made, and why.

use countinghouse_invoicing::{Profile, RenderError, Renderer};
use countinghouse_vat_invoices::document::{Attention, ChargeKind, InvoiceFormat, Treatment};
use countinghouse_vat_invoices::status::{InvoiceStatus, KnownStatus};

use crate::cases;

fn refusal(change: impl FnOnce(&mut countinghouse_vat_invoices::document::DueDocument)) -> RenderError {
    let mut document = cases::domestic();
    change(&mut document);
    let profile = Profile::sample().unwrap();
    Renderer::new().unwrap().render(&document, &cases::issue("T-1"), &profile).unwrap_err()
}

#[test]
fn what_amazon_invoices_is_not_made() {
    let refusals = [
        refusal(|document| document.treatment = Treatment::DeemedSupply),
        refusal(|document| document.is_amazon_invoiced = Some(true)),
        refusal(|document| document.status = InvoiceStatus::Known(KnownStatus::InvoiceCreatedByAmazon)),
    ];
    assert!(refusals.iter().all(|error| error.name() == "not_ours"), "{refusals:?}");
}

#[test]
fn what_needs_a_person_waits_for_one() {
    let error = refusal(|document| document.attention.add(Attention::NoTaxCalculated));
    assert_eq!(error.name(), "needs_a_person");
    assert!(error.to_string().contains("find the VAT"), "{error}");
}

#[test]
fn a_report_of_another_company_is_refused() {
    let text = include_str!("../../profiles/example.toml").replace("DE123456788", "DE999999999");
    let profile = Profile::read("seller.toml", &text, |_name| Err(String::new())).unwrap();
    let error = Renderer::new().unwrap().render(&cases::domestic(), &cases::issue("T-1"), &profile).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Amazon calculated with the VAT number DE123456788, and the profile's for DE is DE999999999: one of them is \
         wrong, or the report belongs to another company"
    );
}

#[test]
fn amounts_that_no_electronic_invoice_can_state_are_refused() {
    let thirds = cases::charge(ChargeKind::Item, "0.19", "1.1900", "0.1900", "1.0000", Treatment::Domestic);
    let lines = vec![cases::line(1, "x", 1, vec![thirds])];
    let fine = cases::addressed(cases::document("DE", "EUR", Treatment::Domestic, lines));
    let (renderer, profile) = (Renderer::new().unwrap(), Profile::sample().unwrap());
    assert!(renderer.render(&fine, &cases::issue("T-1"), &profile).is_ok(), "zeros do not count");
    let thirds = cases::charge(ChargeKind::Item, "0.19", "1.191", "0.19", "1.001", Treatment::Domestic);
    let lines = vec![cases::line(1, "x", 1, vec![thirds])];
    let document = cases::addressed(cases::document("DE", "EUR", Treatment::Domestic, lines));
    let error = renderer.render(&document, &cases::issue("T-1"), &profile).unwrap_err();
    assert!(matches!(&error, RenderError::TooFine { line: 2, amount } if amount == "1.001"), "{error}");
}

#[test]
fn sums_that_do_not_agree_are_refused() {
    let error = refusal(|document| document.total.gross += rust_decimal::Decimal::new(1, 2));
    assert_eq!(error.to_string(), "the sums do not agree: 138.66 net and 20.99 VAT are not 159.66");
}

#[test]
fn a_fattura_pa_without_its_data_says_what_is_missing() {
    let error = |change: fn(&mut countinghouse_vat_invoices::document::DueDocument), text: &str| {
        let mut document = cases::italy();
        change(&mut document);
        let error = Renderer::new().unwrap().render(&document, &cases::issue("T-1"), &Profile::sample().unwrap());
        let error = error.unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    error(|document| document.buyer.vat_number = "".into(), "neither a partita IVA nor a codice fiscale");
    error(|document| document.seller.vat_number = "DE123456788".into(), "not an Italian one of 11 digits");
    let long = cases::issue("IT-2026-INVOICE-000001");
    let made = Renderer::new().unwrap().render(&cases::italy(), &long, &Profile::sample().unwrap()).unwrap_err();
    assert!(made.to_string().contains("longer than 20 signs"), "{made}");
    let error = refusal(|document| document.recommended_format = InvoiceFormat::Xml);
    assert_eq!(error.name(), "fattura_pa");
}
