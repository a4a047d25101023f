//! VAT rates by country, to tell whose VAT a figure is and whether it can be right. In tenths of a percent, the rates in
//! force between 2024 and 2026. Source: the European Commission's table of VAT rates, HM Revenue & Customs.

use rust_decimal::Decimal;

/// A country and its rates in tenths of a percent.
type Row = (&'static str, &'static [i64]);

#[rustfmt::skip]
const RATES: [Row; 31] = [
    ("AT", &[200, 130, 100, 190]),
    ("BE", &[210, 120, 60]),
    ("BG", &[200, 90]),
    ("CH", &[81, 26, 38]),
    ("CY", &[190, 90, 50, 30]),
    ("CZ", &[210, 120]),
    ("DE", &[190, 70]),
    ("DK", &[250]),
    ("EE", &[240, 220, 130, 90, 50]),
    ("ES", &[210, 100, 40, 75, 20, 50]),
    ("FI", &[255, 240, 140, 135, 100]),
    ("FR", &[200, 100, 55, 21, 85]),
    ("GB", &[200, 50]),
    ("GR", &[240, 130, 60, 170, 90, 40]),
    ("HR", &[250, 130, 50]),
    ("HU", &[270, 180, 50]),
    ("IE", &[230, 135, 90, 48, 45]),
    ("IT", &[220, 100, 50, 40]),
    ("LT", &[210, 120, 90, 50]),
    ("LU", &[170, 160, 140, 80, 30]),
    ("LV", &[210, 120, 50]),
    ("MT", &[180, 120, 70, 50]),
    ("NL", &[210, 90]),
    ("NO", &[250, 150, 120]),
    ("PL", &[230, 80, 50]),
    ("PT", &[230, 130, 60, 220, 160, 120, 50, 40, 90]),
    ("RO", &[210, 190, 110, 90, 50]),
    ("SE", &[250, 120, 60]),
    ("SI", &[220, 95, 50]),
    ("SK", &[230, 200, 190, 100, 50]),
    ("XI", &[200, 50]),
];

/// Where goods of everyday life are taxed at zero (books, food, children's clothes), so that a rate of zero needs no
/// other reason.
const ZERO_RATED: [&str; 4] = ["GB", "IE", "MT", "XI"];

/// Whether the country has this rate above zero, a fraction; false for a country that is not in the table.
pub fn is_known(country: &str, rate: Decimal) -> bool {
    let row = RATES.iter().find(|(each, _)| *each == country);
    row.is_some_and(|(_, rates)| rates.iter().any(|tenths| Decimal::new(*tenths, 3) == rate))
}

/// Whether the table has the country.
pub fn has_country(country: &str) -> bool {
    RATES.iter().any(|(each, _)| *each == country)
}

/// Whether a rate of zero is usual in the country.
pub fn has_zero_rate(country: &str) -> bool {
    ZERO_RATED.contains(&country)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country;

    #[test]
    fn every_member_of_the_union_has_its_rates() {
        for country in country::EU {
            assert!(has_country(country), "{country}");
        }
    }

    #[test]
    fn a_rate_is_known_however_it_is_written() {
        for rate in ["0.19", "0.190", "0.1900"] {
            assert!(is_known("DE", rate.parse().unwrap()));
        }
        assert!(is_known("FR", "0.055".parse().unwrap()));
        assert!(!is_known("FR", "0.19".parse().unwrap()));
        assert!(!is_known("US", "0.19".parse().unwrap()));
    }
}
