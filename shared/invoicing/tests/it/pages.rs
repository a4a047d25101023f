//! The PDF.

use countinghouse_invoicing::{Language, Profile, Renderer, XmlKind};

use crate::cases;

#[test]
fn every_case_is_made_byte_for_byte_again() {
    let (first, second, profile) = (Renderer::new().unwrap(), Renderer::new().unwrap(), Profile::sample().unwrap());
    for (name, document) in cases::all() {
        let issue = cases::issue("T-2026-000001");
        let made = first.render(&document, &issue, &profile).unwrap();
        assert!(made == second.render(&document, &issue, &profile).unwrap(), "{name}");
        assert!(made.pdf.starts_with(b"%PDF-1.7"), "{name}");
        assert!(made.checks.iter().all(|check| check.passed || check.name == "signs"), "{name}: {:?}", made.checks);
    }
}

#[test]
fn every_page_is_tagged_for_readers_aloud_and_says_its_language() {
    let (renderer, profile) = (Renderer::new().unwrap(), Profile::sample().unwrap());
    for (name, document) in cases::all() {
        let made = renderer.render(&document, &cases::issue("T-1"), &profile).unwrap();
        let has = |text: &str| made.pdf.windows(text.len()).any(|part| part == text.as_bytes());
        let language = format!("/Lang({}", made.language.code());
        // Headings, tables with their heads, and the logo's words for those who do not see it.
        for part in ["/StructTreeRoot", "/Marked true", &language, "/S/H1", "/S/Table", "/S/TH", "/Alt("] {
            assert!(has(part), "{name}: {part}");
        }
    }
}

#[test]
fn a_document_does_not_depend_on_those_made_before() {
    let (renderer, profile) = (Renderer::new().unwrap(), Profile::sample().unwrap());
    let issue = cases::issue("T-2026-000001");
    let alone = renderer.render(&cases::oss(), &issue, &profile).unwrap();
    renderer.render(&cases::long(), &issue, &profile).unwrap();
    assert!(alone == renderer.render(&cases::oss(), &issue, &profile).unwrap());
}

#[test]
fn each_marketplace_has_the_language_of_its_customers() {
    let (renderer, profile) = (Renderer::new().unwrap(), Profile::sample().unwrap());
    let language = |document| renderer.render(&document, &cases::issue("T-1"), &profile).unwrap().language;
    assert_eq!(language(cases::domestic()), Language::De);
    assert_eq!(language(cases::oss()), Language::Fr);
    assert_eq!(language(cases::italy()), Language::It);
    assert_eq!(language(cases::reverse_charge()), Language::Es);
    assert_eq!(language(cases::intra_community()), Language::Nl);
    assert_eq!(language(cases::poland()), Language::Pl);
    assert_eq!(language(cases::sweden()), Language::Sv);
    assert_eq!(language(cases::britain()), Language::En);
}

#[test]
fn a_long_document_has_as_many_pages_as_it_needs() {
    let (renderer, profile) = (Renderer::new().unwrap(), Profile::sample().unwrap());
    let pages = |document| renderer.render(&document, &cases::issue("T-1"), &profile).unwrap().pages;
    assert!(pages(cases::long()) > 5);
    assert_eq!(pages(cases::domestic()), 1);
    // Tried as one page, and longer: eleven lines with long titles.
    let mut eleven = cases::long();
    eleven.lines.truncate(11);
    let lines = eleven.lines.clone();
    let eleven = cases::document("DE", "EUR", eleven.treatment, lines);
    assert_eq!(pages(cases::addressed(eleven)), 2);
}

#[test]
fn a_marketplace_that_is_no_country_is_no_obstacle() {
    let (renderer, profile) = (Renderer::new().unwrap(), Profile::sample().unwrap());
    let mut document = cases::domestic();
    document.marketplace = "Non-Amazon".to_owned();
    assert_eq!(renderer.render(&document, &cases::issue("T-1"), &profile).unwrap().language, Language::En);
}

#[test]
fn a_thousand_lines_are_a_document_too() {
    let (renderer, profile) = (Renderer::new().unwrap(), Profile::sample().unwrap());
    let lines = cases::long().lines.into_iter().cycle().take(1_000).collect();
    let document = cases::addressed(cases::document("DE", "EUR", cases::long().treatment, lines));
    assert!(renderer.render(&document, &cases::issue("T-1"), &profile).unwrap().pages > 40);
}

#[test]
fn signs_that_no_font_has_are_replaced_and_told() {
    let (renderer, profile) = (Renderer::new().unwrap(), Profile::sample().unwrap());
    let made = renderer.render(&cases::scripts(), &cases::issue("T-1"), &profile).unwrap();
    let signs = made.checks.iter().find(|check| check.name == "signs").unwrap();
    assert_eq!((signs.passed, signs.text.as_str()), (false, "5 signs that no font has were replaced"));
    // The XML has the title as it is.
    assert!(String::from_utf8(made.xml).unwrap().contains("🔥 HOT ❤"));
}

#[test]
fn pictures_of_every_format_are_printed_as_logo() {
    const PNG: &[u8] = include_bytes!("logo.png");
    const JPEG: &[u8] = include_bytes!("logo.jpg");
    const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'><rect width='4' height='2'/></svg>";
    let text = include_str!("../../profiles/example.toml").replace("# logo = ", "logo = ");
    let renderer = Renderer::new().unwrap();
    for logo in [PNG, JPEG, SVG] {
        let profile = Profile::read("seller.toml", &text, |_name| Ok(logo.to_vec())).unwrap();
        let made = renderer.render(&cases::domestic(), &cases::issue("T-1"), &profile).unwrap();
        assert_eq!((made.pages, made.xml_kind), (1, XmlKind::FacturX));
    }
}
