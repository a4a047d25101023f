//! Which rows are flagged, and which are not.

use rust_decimal::Decimal;

use super::super::*;
use super::{amounts, assemble, document, flags, sale};
use crate::money::Currency;

#[test]
fn a_plain_sale_has_no_flag_and_its_day_is_the_shipment() {
    let document = document(&[sale(2)]);
    assert_eq!(document.flags, []);
    assert_eq!(document.issued_on, Some(jiff::civil::date(2026, 8, 29)));
    assert_eq!(document.key.to_string(), "invoice DE6000000000AA");
}

#[test]
fn the_order_date_never_becomes_the_day_of_the_document() {
    let mut row = sale(2);
    row.order_date = Some(jiff::civil::date(2026, 7, 31));
    row.shipment_date = None;
    assert_eq!(document(&[row.clone()]).issued_on, row.tax_calculation_date);
    row.tax_calculation_date = None;
    let undated = document(&[row]);
    assert_eq!(undated.issued_on, None);
    assert_eq!(undated.flags, [Flag::DateMissing]);
}

#[test]
fn a_cent_for_each_piece_is_rounding_and_more_is_flagged() {
    let with = |gross: &str, vat: &str, net: &str, quantity| {
        let mut row = sale(2).with_amounts(Component::Item, amounts(gross, vat, net), Amounts::default());
        row.quantity = Some(quantity);
        flags(&row)
    };
    assert_eq!(with("11.91", "1.91", "10.00", 1), [""; 0]);
    assert_eq!(with("11.92", "1.92", "10.00", 1), ["vat_mismatch"]);
    assert_eq!(with("11.92", "1.92", "10.00", 2), [""; 0]);
    assert_eq!(with("11.90", "1.90", "9.99", 1), ["gross_mismatch"]);
}

#[test]
fn a_promotion_is_added_and_one_with_the_wrong_sign_is_flagged() {
    let shipping = amounts("3.99", "0.64", "3.35");
    let given = amounts("-3.99", "-0.64", "-3.35");
    let free = document(&[sale(2).with_amounts(Component::Shipping, shipping, given)]);
    assert_eq!(free.total, amounts("11.90", "1.90", "10.00"));
    assert_eq!(free.flags, []);
    assert_eq!(flags(&sale(2).with_amounts(Component::Shipping, shipping, shipping)), ["promotion_sign"]);
}

#[test]
fn a_refund_is_a_negative_credit_note_and_a_positive_one_is_flagged() {
    let back = amounts("-11.90", "-1.90", "-10.00");
    let refund = sale(2).with(Text::TransactionType, "REFUND");
    let credit = document(&[refund.clone().with_amounts(Component::Item, back, Amounts::default())]);
    assert_eq!((credit.kind(), credit.total), (DocumentKind::CreditNote, back));
    assert_eq!(credit.flags, []);
    assert_eq!(flags(&refund), ["amount_sign"]);
}

#[test]
fn a_return_without_an_amount_is_information() {
    let empty = sale(2).with(Text::TransactionType, "RETURN").with_amounts(
        Component::Item,
        Amounts::default(),
        Amounts::default(),
    );
    let document = document(&[empty]);
    assert_eq!(document.flags, [Flag::ZeroReturn { line: 2 }]);
    assert!(!document.needs_attention());
}

#[test]
fn zero_rate_to_a_business_across_a_border_is_reverse_charge() {
    let mut row = sale(2).with_amounts(Component::Item, amounts("10.00", "0.00", "10.00"), Amounts::default());
    row.tax_rate = Some(Decimal::ZERO);
    row.set(Text::ShipToCountry, "AT");
    assert_eq!(flags(&row), ["zero_rate_unexplained"]);
    for (registration, country, reverse) in [
        ("ATU00000000", "AT", true),
        ("ATU00000000", "", true),
        ("DE000000001", "DE", false),
        ("DE000000001", "", false),
    ] {
        let business = row.clone().with(Text::BuyerRegistration, registration).with(Text::BuyerJurisdiction, country);
        let document = document(&[business]);
        assert!(document.is_business);
        assert_eq!(document.reverse_charge, reverse, "{registration} {country}");
        assert_eq!(document.flags.is_empty(), reverse);
    }
    row.is_export = Some(true);
    assert_eq!(flags(&row), [""; 0]);
}

#[test]
fn what_amazon_collects_is_named_and_its_missing_vat_is_no_mistake() {
    let row = sale(2).with(Text::Responsibility, "Marketplace").with(Text::Scheme, "DEEMED_RESELLER").with_amounts(
        Component::Item,
        amounts("29.08", "0.00", "29.08"),
        Amounts::default(),
    );
    let document = document(&[row]);
    assert_eq!(document.collector, Collector::Marketplace);
    assert_eq!(document.flags, [Flag::MarketplaceCollected]);
}

#[test]
fn words_that_no_rule_knows_are_kept_and_flagged() {
    for column in [Text::TransactionType, Text::Scheme, Text::Responsibility, Text::ReasonCode, Text::TaxType] {
        let document = document(&[sale(2).with(column, "NEW_WORD")]);
        assert_eq!(
            document.flags,
            [Flag::UnknownText { line: 2, column: column.name().to_owned(), value: "NEW_WORD".to_owned() }]
        );
    }
}

#[test]
fn vat_that_amazon_did_not_calculate_is_flagged() {
    let mut row = sale(2).with(Text::ReasonCode, "NonTaxable").with(Text::ShipToCountry, "AT").with_amounts(
        Component::Item,
        amounts("29.90", "0.00", "29.90"),
        Amounts::default(),
    );
    row.tax_rate = Some(Decimal::ZERO);
    assert_eq!(flags(&row), ["vat_not_calculated"]);
}

#[test]
fn without_a_number_the_transaction_names_the_document() {
    let unnumbered = document(&[sale(2).with(Text::InvoiceNumber, "")]);
    assert_eq!(unnumbered.key.to_string(), "invoice transaction 1");
    assert_eq!(unnumbered.flags, [Flag::NumberMissing { expected: true }]);
    assert_eq!(unnumbered.supersedes(), []);
    assert_eq!(document(&[sale(2)]).supersedes(), [unnumbered.key]);

    let mut own = sale(2).with(Text::InvoiceNumber, "").with(Text::TransactionId, "");
    own.is_amazon_invoiced = Some(false);
    let own = document(&[own]);
    assert_eq!(own.key.to_string(), "invoice shipment 1");
    assert!(!own.needs_attention());
}

#[test]
fn a_row_without_any_identifier_is_an_error_with_its_line() {
    let error = Assembler::new().add(&VatRow::empty(7, Currency::EUR)).unwrap_err();
    assert_eq!(error, DocumentError::NoIdentity { line: 7 });
}

#[test]
fn two_currencies_in_one_document_are_an_error_with_both_lines() {
    let mut assembler = Assembler::new();
    assembler.add(&sale(2)).unwrap();
    assembler.add(&VatRow { currency: "PLN".parse().unwrap(), ..sale(5) }).unwrap();
    let error = assembler.document(0).unwrap().unwrap_err();
    assert_eq!(error.to_string(), "line 5, column Currency: found PLN, but the document began in EUR on line 2");
}

#[test]
fn one_number_for_two_orders_or_two_kinds_needs_attention() {
    let orders = document(&[sale(2), sale(3).with(Text::OrderId, "222-2222222-2222222")]);
    assert_eq!(orders.flags, [Flag::SeveralOrders]);
    let back = amounts("-11.90", "-1.90", "-10.00");
    let credit = sale(3).with(Text::TransactionType, "RETURN").with_amounts(Component::Item, back, Amounts::default());
    let kinds = assemble(Assembler::new(), [sale(2), credit]);
    assert_eq!(kinds.len(), 2);
    for document in kinds {
        assert_eq!(document.flags, [Flag::NumberOfBothKinds]);
    }
}

#[test]
fn rows_that_disagree_about_the_tax_need_attention_and_about_a_city_do_not() {
    let tax = document(&[sale(2), sale(3).with(Text::Scheme, "VCS_EU_OSS")]);
    assert_eq!(tax.flags, [Flag::FactsDiffer { fact: "Tax Reporting Scheme".to_owned(), touches_tax: true }]);
    let city = document(&[sale(2).with(Text::ShipFromCity, "Graben"), sale(3).with(Text::ShipFromCity, "Werne")]);
    assert!(!city.needs_attention());
}

#[test]
fn lost_letters_are_noticed() {
    let certain = document(&[sale(2).with(Text::ShipToCity, "M\u{fffd}lheim")]);
    assert_eq!(certain.flags, [Flag::DamagedText { line: 2, column: "Ship To City".to_owned(), certain: true }]);
    assert!(certain.needs_attention());
    assert!(!document(&[sale(2).with(Text::ShipToCity, "M?lheim")]).needs_attention());
    assert_eq!(flags(&sale(2).with(Text::ShipToCity, "Mülheim (why?)")), [""; 0]);
}
