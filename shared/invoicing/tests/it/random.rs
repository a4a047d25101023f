//! Any text and any amounts.

use std::sync::OnceLock;

use countinghouse_domain::document::Personal;
use countinghouse_invoicing::{Profile, Renderer};
use countinghouse_vat_invoices::document::{ChargeKind, Treatment};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::cases;

fn studio() -> &'static (Renderer, Profile) {
    static STUDIO: OnceLock<(Renderer, Profile)> = OnceLock::new();
    STUDIO.get_or_init(|| (Renderer::new().unwrap(), Profile::sample().unwrap()))
}

/// Gross, VAT and net in cents that fit each other.
fn figures() -> impl Strategy<Value = (i64, i64)> {
    (1_i64..5_000_000, 0_i64..900_000)
}

fn text(cents: i64) -> String {
    Decimal::new(cents, 2).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_name_and_title_is_printed(name in "\\PC{1,40}", title in any::<String>(), street in "\\PC{0,120}") {
        let mut document = cases::domestic();
        document.buyer.name = Personal::from(name.as_str());
        document.bill_to.name = Personal::from(name);
        document.bill_to.lines = vec![Personal::from(street)];
        document.lines[0].title = title;
        let (renderer, profile) = studio();
        let made = renderer.render(&document, &cases::issue("T-1"), profile);
        prop_assert!(made.is_ok(), "{made:?}");
    }

    #[test]
    fn amazons_sums_stand_in_the_xml_to_the_cent(items in prop::collection::vec((figures(), 1_i64..500), 1..12)) {
        let mut gross = 0;
        let mut vat = 0;
        let mut lines = Vec::new();
        for (number, ((net, tax), quantity)) in items.into_iter().enumerate() {
            let amounts = [text(net + tax), text(tax), text(net)];
            let [all, tax_text, net_text] = &amounts;
            let charge = cases::charge(ChargeKind::Item, "0.19", all, tax_text, net_text, Treatment::Domestic);
            lines.push(cases::line(number, "x", quantity, vec![charge]));
            gross += net + tax;
            vat += tax;
        }
        let document = cases::addressed(cases::document("DE", "EUR", Treatment::Domestic, lines));
        let (renderer, profile) = studio();
        match renderer.render(&document, &cases::issue("T-1"), profile) {
            Ok(made) => {
                let xml = String::from_utf8(made.xml).unwrap();
                let total = format!("<ram:GrandTotalAmount>{}</ram:GrandTotalAmount>", text(gross));
                let tax = format!("<ram:TaxTotalAmount currencyID=\"EUR\">{}</ram:TaxTotalAmount>", text(vat));
                prop_assert!(xml.contains(&total) && xml.contains(&tax), "{xml}");
            }
            // VAT that is far from rate times net breaks a rule of EN 16931, and never a sum.
            Err(error) => prop_assert!(error.to_string().contains("BR-CO-17") || error.to_string().contains("BR-S-09"), "{error}"),
        }
    }
}
