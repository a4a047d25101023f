//! Countries: how the report writes them, the prefixes of VAT numbers, and the European Union.

/// The members of the European Union, ISO 3166.
pub const EU: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whether the country is a member of the European Union. For goods, Northern Ireland (`XI`) counts as one.
pub fn is_eu(country: &str) -> bool {
    country == "XI" || EU.contains(&country)
}

/// The country in ISO 3166: `UK` is `GB`, `EL` is `GR`, small letters are made large. Other texts are left as they are.
pub fn normalized(text: &str) -> String {
    let upper = text.trim().to_ascii_uppercase();
    match upper.as_str() {
        "UK" => "GB".to_owned(),
        "EL" => "GR".to_owned(),
        _ => upper,
    }
}

/// Prefixes of VAT numbers outside the European Union, with their countries.
const OTHER_PREFIXES: [(&str, &str); 6] =
    [("EL", "GR"), ("XI", "XI"), ("GB", "GB"), ("CHE", "CH"), ("CH", "CH"), ("NO", "NO")];

/// The country of a VAT number, by its prefix; none where it has none that is known.
pub fn of_vat_number(number: &str) -> Option<&'static str> {
    let number = number.trim();
    let starts = |prefix: &str| number.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let other = OTHER_PREFIXES.iter().find(|(prefix, _)| starts(prefix)).map(|(_, country)| *country);
    other.or_else(|| EU.into_iter().find(|country| starts(country)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazons_spellings_become_iso_3166() {
        assert_eq!((normalized("UK"), normalized(" el "), normalized("de")), ("GB".into(), "GR".into(), "DE".into()));
    }

    #[test]
    fn a_vat_number_tells_its_country() {
        for (number, country) in
            [("DE123456789", "DE"), ("EL123456789", "GR"), ("XI123456789", "XI"), ("CHE-123", "CH")]
        {
            assert_eq!(of_vat_number(number), Some(country), "{number}");
        }
        for number in ["", "123456789", "RSSMRA80A01H501U", "Ä1"] {
            assert_ne!(of_vat_number(number), Some("DE"), "{number}");
        }
    }
}
