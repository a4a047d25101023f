//! The languages of the marketplaces: which one a document has, and how it writes amounts and dates.

use countinghouse_domain::money::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A language of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Italian.
    It,
    /// Spanish.
    Es,
    /// Dutch.
    Nl,
    /// Polish.
    Pl,
    /// Swedish.
    Sv,
}

/// A space at which no line breaks.
const FIXED_SPACE: char = '\u{a0}';

/// A true minus sign.
const MINUS: char = '\u{2212}';

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Language {
    /// All of them.
    pub const ALL: [Self; 8] = [Self::En, Self::De, Self::Fr, Self::It, Self::Es, Self::Nl, Self::Pl, Self::Sv];

    /// The code of ISO 639.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::It => "it",
            Self::Es => "es",
            Self::Nl => "nl",
            Self::Pl => "pl",
            Self::Sv => "sv",
        }
    }

    /// The language of that code, if it is one of these.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The language of a marketplace's customers, and English where none of these is theirs. Belgium has two: its
    /// postal codes tell Flanders (1500 to 3999 and 8000 to 9999) from Wallonia and Brussels.
    pub fn of_marketplace(country: &str, postal_code: &str) -> Self {
        match country {
            "DE" | "AT" => Self::De,
            "FR" => Self::Fr,
            "IT" => Self::It,
            "ES" => Self::Es,
            "NL" => Self::Nl,
            "PL" => Self::Pl,
            "SE" => Self::Sv,
            "BE" => match postal_code.trim().parse::<u16>() {
                Ok(1500..=3999 | 8000..=9999) => Self::Nl,
                _ => Self::Fr,
            },
            _ => Self::En,
        }
    }

    /// An amount without its currency, for example `1.234,56`, with as many decimals as it has, but at least two.
    pub fn amount(self, amount: Decimal) -> String {
        self.written(at_least_two_decimals(amount))
    }

    /// A number with the decimals that it is given with.
    pub(crate) fn written(self, amount: Decimal) -> String {
        let mut text = String::new();
        if amount.is_sign_negative() && !amount.is_zero() {
            text.push(MINUS);
        }
        let plain = amount.abs().to_string();
        let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
        let group = match self {
            Self::En => ',',
            Self::De | Self::It | Self::Es | Self::Nl => '.',
            Self::Fr | Self::Pl | Self::Sv => FIXED_SPACE,
        };
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && whole.len().saturating_sub(index).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        text.push(self.decimal_point());
        text + decimals
    }

    /// An amount with the sign of its currency where that is usual: `1.234,56 €`, `€ 1.234,56`, `£1,234.56`.
    pub fn money(self, amount: Decimal, currency: Currency) -> String {
        let text = self.amount(amount);
        let sign = match currency.code() {
            "EUR" => "€",
            "GBP" => "£",
            "PLN" => "zł",
            "SEK" => "kr",
            code => return format!("{text}{FIXED_SPACE}{code}"),
        };
        match (self, sign) {
            (Self::En, "€" | "£") => format!("{sign}{text}"),
            (Self::Nl, "€" | "£") => format!("{sign}{FIXED_SPACE}{text}"),
            _ => format!("{text}{FIXED_SPACE}{sign}"),
        }
    }

    /// A rate given as a fraction, with as many decimals as wanted: `19 %`, `5,5 %`, in English `19%`.
    pub fn rate(self, fraction: Decimal, decimals: u32) -> String {
        let mut percent = fraction.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(fraction).normalize();
        if percent.scale() < decimals {
            percent.rescale(decimals);
        }
        let text = percent.to_string().replace('.', &self.decimal_point().to_string());
        match self {
            Self::En | Self::It | Self::Pl | Self::Nl => format!("{text}%"),
            Self::De | Self::Fr | Self::Es | Self::Sv => format!("{text}{FIXED_SPACE}%"),
        }
    }

    /// A day as the language writes it.
    pub fn date(self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        match self {
            Self::En => {
                let name = usize::try_from(month).ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
                format!("{day} {} {year}", name.unwrap_or(&""))
            }
            Self::De | Self::Pl => format!("{day:02}.{month:02}.{year}"),
            Self::Fr | Self::It | Self::Es => format!("{day:02}/{month:02}/{year}"),
            Self::Nl => format!("{day:02}-{month:02}-{year}"),
            Self::Sv => format!("{year}-{month:02}-{day:02}"),
        }
    }

    const fn decimal_point(self) -> char {
        match self {
            Self::En => '.',
            Self::De | Self::Fr | Self::It | Self::Es | Self::Nl | Self::Pl | Self::Sv => ',',
        }
    }
}

/// The same amount, written with two decimals or with those that it needs beyond.
pub(crate) fn at_least_two_decimals(amount: Decimal) -> Decimal {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn each_language_writes_an_amount_its_own_way() {
        let amount: Decimal = "-1234567.8".parse().unwrap();
        let written = Language::ALL.map(|language| language.money(amount, Currency::EUR).replace(FIXED_SPACE, "_"));
        assert_eq!(
            written,
            [
                "€−1,234,567.80",
                "−1.234.567,80_€",
                "−1_234_567,80_€",
                "−1.234.567,80_€",
                "−1.234.567,80_€",
                "€_−1.234.567,80",
                "−1_234_567,80_€",
                "−1_234_567,80_€"
            ]
        );
    }

    #[test]
    fn each_language_writes_a_day_its_own_way() {
        let written = Language::ALL.map(|language| language.date(jiff::civil::date(2026, 3, 9)));
        assert_eq!(
            written,
            [
                "9 Mar 2026",
                "09.03.2026",
                "09/03/2026",
                "09/03/2026",
                "09/03/2026",
                "09-03-2026",
                "09.03.2026",
                "2026-03-09"
            ]
        );
    }

    #[test]
    fn amounts_keep_the_decimals_that_they_have() {
        let amounts =
            ["0", "5", "1.5", "0.125", "999.99", "1000"].map(|text| Language::De.amount(text.parse().unwrap()));
        assert_eq!(amounts, ["0,00", "5,00", "1,50", "0,125", "999,99", "1.000,00"]);
    }

    #[test]
    fn zero_is_never_negative() {
        assert_eq!(Language::En.amount(-Decimal::ZERO), "0.00");
    }

    #[test]
    fn rates_are_per_cent() {
        assert_eq!(Language::De.rate("0.19".parse().unwrap(), 0), "19\u{a0}%");
        assert_eq!(Language::Fr.rate("0.055".parse().unwrap(), 1), "5,5\u{a0}%");
        assert_eq!(Language::En.rate("0.2".parse().unwrap(), 1), "20.0%");
    }

    #[test]
    fn belgium_speaks_the_language_of_the_postal_code() {
        let of = |code| Language::of_marketplace("BE", code);
        assert_eq!(
            (of("9000"), of("2000"), of("1000"), of("4000"), of("")),
            (Language::Nl, Language::Nl, Language::Fr, Language::Fr, Language::Fr)
        );
    }
}
