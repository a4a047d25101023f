use super::*;

const EXAMPLE: &str = include_str!("../../profiles/example.toml");

fn read(text: &str) -> Result<Profile, ProfileError> {
    Profile::read("seller.toml", text, |_name| Err("there is none".to_owned()))
}

/// The example with one line changed; the line's number and the error.
fn complaint(from: &str, to: &str) -> (usize, ProfileError) {
    assert_eq!(EXAMPLE.matches(from).count(), 1, "{from}");
    let line = EXAMPLE.lines().position(|line| line.contains(from)).unwrap() + 1;
    (line, read(&EXAMPLE.replace(from, to)).unwrap_err())
}

#[test]
fn the_example_can_be_used_as_it_is() {
    let profile = read(EXAMPLE).unwrap();
    assert_eq!(profile.vat_ids.len(), 8);
    assert_eq!(profile.seller.city, "Hamburg");
    assert_eq!(profile.small_print(Language::Fr), "");
    assert!(profile.small_print(Language::De).starts_with("Verpackungsregister"));
}

#[test]
fn the_example_with_every_setting_can_be_used_too() {
    let all: String = EXAMPLE
        .lines()
        .map(|line| {
            // A setting that is commented out begins with its name.
            match line
                .strip_prefix("# ")
                .filter(|rest| rest.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')))
            {
                Some(setting) => format!("{setting}\n"),
                None => format!("{line}\n"),
            }
        })
        .collect();
    let profile = Profile::read("seller.toml", &all, |name| {
        assert_eq!(name, "logo.svg");
        Ok(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec())
    });
    let profile = profile.unwrap();
    assert_eq!(profile.logo.as_ref().map(|logo| logo.format), Some(LogoFormat::Svg));
    assert_eq!(profile.language("BE", "1000"), Language::Nl);
    assert_eq!(profile.words(Language::De).unwrap()["credit_note"], "Stornorechnung");
    assert!(profile.fattura_pa.unwrap().rea.is_some());
}

#[test]
fn the_sample_can_be_used() {
    let profile = Profile::sample().unwrap();
    assert!(profile.logo.is_some() && profile.vat_ids.is_empty());
}

#[test]
fn an_error_says_line_field_and_what_to_do() {
    let cases = [
        ("country = \"DE\" ", "country = \"Germany\" ", "seller.country", "write two letters"),
        ("FR = \"FR40123456824\"", "FR = \"40123456824\"", "vat_ids.FR", "its country's letters"),
        ("color = \"#1f4e5f\"", "color = \"teal\"", "look.color", "write it as #1f4e5f"),
        ("name = \"Linden & Kiesel GmbH\" ", "name = \" \" ", "seller.name", "it is empty"),
        ("when = \"never\"", "when = \"sometimes\"", "xrechnung.when", "`never`"),
        ("regime = \"RF01\"", "regime = \"RF99\"", "fattura_pa.regime", "RF01 to RF20"),
        ("postal_code = \"20121\"", "postal_code = \"201\"", "fattura_pa.postal_code", "five digits"),
        ("province = \"MI\"", "province = \"Milano\"", "fattura_pa.province", "two large letters"),
        (
            "invoice = \"{country}-{year}-{number:6}\"",
            "invoice = \"{country}-{year}\"",
            "numbers.invoice",
            "{number:6}",
        ),
        (
            "electronic_address_scheme = \"EM\"",
            "electronic_address_scheme = \"XX\"",
            "xrechnung.electronic_address_scheme",
            "XX",
        ),
        ("street = \"Speicherstraße 14\"", "street = 14", "seller.street", "string"),
    ];
    for (from, to, field, advice) in cases {
        let (line, error) = complaint(from, to);
        assert_eq!((error.line, error.field.as_str()), (Some(line), field), "{error}");
        assert!(error.to_string().contains(&advice.replace('`', "")) || error.to_string().contains(advice), "{error}");
    }
}

#[test]
fn a_field_that_is_missing_is_named_with_its_section() {
    let (_, error) = complaint("city = \"Hamburg\"", "");
    assert_eq!(error.field, "seller.city");
    assert!(error.to_string().contains("`city` is missing"), "{error}");
}

#[test]
fn a_slip_gets_a_suggestion() {
    let (line, error) = complaint("postal_code = \"20457\"", "postcode = \"20457\"");
    assert_eq!((error.line, error.field.as_str()), (Some(line), "seller.postcode"), "{error}");
    assert!(error.problem.contains("perhaps `postal_code` is meant"), "{error}");
    let (_, error) = complaint("small_print = \"Verpackungsregister", "smal_print = \"Verpackungsregister");
    assert!(error.problem.contains("perhaps `small_print` is meant"), "{error}");
}

#[test]
fn there_is_no_place_for_a_bank_account() {
    for field in ["iban", "bank_name", "bic", "account_number", "bankverbindung"] {
        let (line, error) = complaint("web = \"linden-kiesel.example\"", &format!("{field} = \"x\""));
        assert_eq!(error.line, Some(line), "{field}");
        assert!(error.problem.contains("buyers pay through Amazon"), "{error}");
    }
}

#[test]
fn a_file_that_is_no_toml_says_where_it_goes_wrong() {
    let error = read("[seller]\nname =\n").unwrap_err();
    assert_eq!(error.line, Some(2), "{error}");
}

#[test]
fn a_text_that_does_not_fit_its_place_on_the_page_is_told_with_what_does() {
    let long = |letters: usize| "x".repeat(letters);
    let cases = [
        ("name = \"Linden & Kiesel GmbH\" ", format!("name = \"{}\" ", long(71)), "seller.name", "at most 70"),
        (
            "register = \"Amtsgericht Hamburg, HRB 555017\"",
            format!("register = \"{}\"", long(109)),
            "seller.register",
            "room for 7 lines of 36 signs",
        ),
        ("# footer = ", format!("footer = \"{}\" # ", long(241)), "text.footer", "at most 240 signs in 2 lines"),
        ("# small_print = ", format!("small_print = \"{}\" # ", "a\\n".repeat(41)), "text.small_print", "in 40 lines"),
    ];
    for (from, to, field, advice) in cases {
        let (line, error) = complaint(from, &to);
        assert_eq!((error.line, error.field.as_str()), (Some(line), field), "{error}");
        assert!(error.problem.contains(advice), "{error}");
    }
    let (_, error) =
        complaint("small_print = \"Verpackungsregister", &format!("footer = \"{}\"\nsmall_print = \"V", long(241)));
    assert_eq!(error.field, "text.de.footer");
    let longest = EXAMPLE.replace("# footer = ", &format!("footer = \"{}\" # ", long(240)));
    assert_eq!(read(&longest).unwrap().footer(Language::Fr).len(), 240);
}

#[test]
fn a_logo_must_be_a_picture_that_fits() {
    let with_logo = EXAMPLE.replace("# logo = \"logo.svg\"", "logo = \"logo.svg\"");
    let read =
        |bytes: Result<Vec<u8>, String>| Profile::read("seller.toml", &with_logo, |_name| bytes.clone()).unwrap_err();
    let problems = [
        read(Err("no such file".to_owned())).problem,
        read(Ok(b"GIF89a".to_vec())).problem,
        read(Ok(vec![0x89; 600_000])).problem,
    ];
    assert!(problems[0].contains("cannot be read: no such file"), "{problems:?}");
    assert!(problems[1].contains("neither SVG nor PNG nor JPEG"), "{problems:?}");
    assert!(problems[2].contains("at most 500000"), "{problems:?}");
}

#[test]
fn debug_output_of_a_logo_is_short() {
    assert!(format!("{:?}", Profile::sample().unwrap().logo).len() < 40);
}
