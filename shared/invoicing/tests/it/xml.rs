//! The XML. What the official validators say of it is checked by tests/documents.

use countinghouse_domain::document::Personal;
use countinghouse_invoicing::{Profile, Rendered, Renderer, XmlKind};
use countinghouse_vat_invoices::document::{DueDocument, RegistrationType};

use crate::cases;

fn render(document: &DueDocument, profile: &Profile) -> Rendered {
    Renderer::new().unwrap().render(document, &cases::issue("T-2026-000001"), profile).unwrap()
}

/// The XML with one element on a line, and with its kind before it.
fn shown(rendered: &Rendered) -> String {
    let xml = String::from_utf8(rendered.xml.clone()).unwrap().replace("><", ">\n<");
    format!("{}\n{xml}", rendered.xml_kind.name())
}

fn with_xrechnung(syntax: &str) -> Profile {
    let text = include_str!("../../profiles/example.toml");
    let text = text.replace("when = \"never\"", "when = \"business\"").replace("syntax = \"cii\"", syntax);
    Profile::read("seller.toml", &text, |_name| Err(String::new())).unwrap()
}

#[test]
fn an_invoice_with_promotions_and_two_rates() {
    insta::assert_snapshot!(shown(&render(&cases::domestic(), &Profile::sample().unwrap())));
}

#[test]
fn a_credit_note_has_positive_amounts_and_names_its_invoice() {
    let rendered = render(&cases::credit_note(), &Profile::sample().unwrap());
    let xml = shown(&rendered);
    assert!(xml.contains("<ram:TypeCode>381</ram:TypeCode>"), "{xml}");
    assert!(xml.contains("<ram:IssuerAssignedID>DE-2026-000123</ram:IssuerAssignedID>"), "{xml}");
    assert!(xml.contains("<ram:GrandTotalAmount>159.65</ram:GrandTotalAmount>"), "{xml}");
}

#[test]
fn a_corrected_invoice_names_the_one_that_it_replaces() {
    let xml = shown(&render(&cases::correction(), &Profile::sample().unwrap()));
    assert!(xml.contains("<ram:TypeCode>384</ram:TypeCode>"), "{xml}");
    assert!(xml.contains("<ram:IssuerAssignedID>DE-2026-000098</ram:IssuerAssignedID>"), "{xml}");
}

#[test]
fn a_supply_without_vat_says_why() {
    let profile = Profile::sample().unwrap();
    for (document, category, reason) in [
        (cases::intra_community(), "K", "VATEX-EU-IC"),
        (cases::reverse_charge(), "AE", "VATEX-EU-AE"),
        (cases::export(), "G", "VATEX-EU-G"),
    ] {
        let xml = shown(&render(&document, &profile));
        assert!(xml.contains(&format!("<ram:CategoryCode>{category}</ram:CategoryCode>")), "{xml}");
        assert!(xml.contains(&format!("<ram:ExemptionReasonCode>{reason}</ram:ExemptionReasonCode>")), "{xml}");
    }
}

#[test]
fn a_fattura_pa_for_an_italian_business() {
    insta::assert_snapshot!(shown(&render(&cases::italy(), &Profile::sample().unwrap())));
}

#[test]
fn a_fattura_pa_goes_where_the_buyer_says() {
    let recipient = |account: &str| {
        let mut document = cases::italy();
        document.buyer.e_invoice_account = Personal::from(account);
        let xml = shown(&render(&document, &Profile::sample().unwrap()));
        let code = xml.split("<CodiceDestinatario>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        (code, xml.contains("versione=\"FPA12\""), xml.contains("<PECDestinatario>a@pec.example</PECDestinatario>"))
    };
    assert_eq!(recipient("abc1234"), ("ABC1234".to_owned(), false, false));
    assert_eq!(recipient("UF1234"), ("UF1234".to_owned(), true, false));
    assert_eq!(recipient("a@pec.example"), ("0000000".to_owned(), false, true));
    assert_eq!(recipient(""), ("0000000".to_owned(), false, false));
}

#[test]
fn a_person_in_italy_is_told_by_the_codice_fiscale() {
    let mut document = cases::italy();
    document.buyer.vat_number = Personal::from("RSSMRA80A01H501U");
    document.buyer.registration_type = RegistrationType::CitizenId;
    let xml = shown(&render(&document, &Profile::sample().unwrap()));
    assert!(xml.contains("<CodiceFiscale>RSSMRA80A01H501U</CodiceFiscale>"), "{xml}");
}

#[test]
fn an_xrechnung_is_written_where_the_seller_asks_for_it() {
    let cii = render(&cases::business(), &with_xrechnung("syntax = \"cii\""));
    assert_eq!(cii.xml_kind, XmlKind::XRechnungCii);
    let ubl = render(&cases::business(), &with_xrechnung("syntax = \"ubl\""));
    assert_eq!(ubl.xml_kind, XmlKind::XRechnungUbl);
    insta::assert_snapshot!(shown(&ubl));
}

#[test]
fn an_xrechnung_that_cannot_be_made_is_told_and_replaced() {
    let mut document = cases::business();
    document.buyer.vat_number = Personal::default();
    let rendered = render(&document, &with_xrechnung("syntax = \"cii\""));
    assert_eq!(rendered.xml_kind, XmlKind::FacturX);
    let check = rendered.checks.iter().find(|check| check.name == "xrechnung").unwrap();
    assert!(!check.passed && check.text.contains("the buyer has no VAT number"), "{}", check.text);
}

#[test]
fn consumers_get_no_xrechnung_unless_all_do() {
    assert_eq!(render(&cases::domestic(), &with_xrechnung("syntax = \"cii\"")).xml_kind, XmlKind::FacturX);
}
