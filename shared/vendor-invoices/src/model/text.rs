//! Texts, and those of a form of their own: dates, countries, currencies, numbers of items, units.

use countinghouse_domain::money::Currency;
use jiff::Timestamp;
use serde_json::Value;

use super::kinds::named;
use super::{Style, Wire};
use crate::api::Api;
use crate::form::Form;
use crate::node::Node;
use crate::note::shown;
use crate::rule::{Notice, Rule};

impl Wire for String {
    const EXPECTED: &'static str = "a text";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        match node {
            Node::Text(text) => Some(text.clone()),
            Node::Number(_) => {
                form.violation(Rule::WrongType, "a text in quotation marks", node.kind());
                None
            }
            Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_) => {
                form.wrong_type("a text", node);
                None
            }
        }
    }

    fn write(&self, _style: Style) -> Value {
        Value::from(self.as_str())
    }
}

/// A moment, with the text that it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateTime {
    text: String,
    at: Timestamp,
}

impl DateTime {
    /// The moment.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Reads a date-time of RFC 3339 with its offset: what Amazon's model asks for, and nothing looser.
    fn parse(text: &str) -> Option<Self> {
        let template = b"0000-00-00T00:00:00";
        let head = text.as_bytes().get(..template.len())?;
        let shaped = head.iter().zip(template).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            _ => byte == wanted,
        });
        let tail = text.get(template.len()..)?;
        let offset = tail.strip_prefix('.').map_or(tail, |tail| tail.trim_start_matches(|c: char| c.is_ascii_digit()));
        let numbered = match offset.as_bytes() {
            [b'Z'] => true,
            [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        if !(shaped && numbered) {
            return None;
        }
        text.parse().ok().map(|at| Self { text: text.to_owned(), at })
    }

    /// What is expected instead of a text that is none: with what it lacks, if that is all.
    fn instead_of(text: &str, in_csv: bool) -> String {
        if Self::parse(&format!("{text}Z")).is_some() {
            return format!("the offset from UTC too, such as {text}Z or {text}+01:00");
        }
        if Self::parse(&format!("{text}T00:00:00Z")).is_some() {
            return format!("the time and its offset from UTC too, such as {text}T00:00:00Z");
        }
        if in_csv {
            return format!("a day such as 2026-03-31 or 31.03.2026, or {}", Self::EXPECTED);
        }
        Self::EXPECTED.to_owned()
    }
}

impl Wire for DateTime {
    const EXPECTED: &'static str = "a date and time such as 2026-03-31T12:00:00Z";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        let Node::Text(text) = node else {
            form.wrong_type(Self::EXPECTED, node);
            return None;
        };
        let date = Self::parse(text);
        if date.is_none() {
            form.violation(Rule::DateTimeFormat, Self::instead_of(text, form.in_csv), shown(text));
        }
        date
    }

    fn write(&self, style: Style) -> Value {
        Value::from(if style.canonical { self.at.to_string() } else { self.text.clone() })
    }
}

/// A country of ISO 3166-1, two capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

/// All codes of ISO 3166-1.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET \
    FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ \
    IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS \
    PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL \
    TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

impl Country {
    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("ZZ")
    }

    /// The letters of the code.
    pub const fn letters(self) -> [u8; 2] {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let code: [u8; 2] = text.as_bytes().try_into().ok()?;
        COUNTRIES.split(' ').any(|known| known == text).then_some(Self(code))
    }
}

impl Wire for Country {
    const EXPECTED: &'static str = "a country such as DE, by ISO 3166-1";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        let Node::Text(text) = node else {
            form.wrong_type(Self::EXPECTED, node);
            return None;
        };
        let country = Self::parse(text);
        if country.is_none() {
            let meant = match text.trim().to_ascii_uppercase().as_str() {
                "UK" => Some("GB".to_owned()),
                "EL" => Some("GR".to_owned()),
                upper => Self::parse(upper).map(|country| country.code().to_owned()),
            };
            let expected = match meant {
                Some(code) => format!("{}; perhaps {code}", Self::EXPECTED),
                None => Self::EXPECTED.to_owned(),
            };
            form.violation(Rule::CountryCode, expected, shown(text));
        }
        country
    }

    fn write(&self, _style: Style) -> Value {
        Value::from(self.code())
    }
}

impl Wire for Currency {
    const EXPECTED: &'static str = "a currency such as EUR, by ISO 4217";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        let Node::Text(text) = node else {
            form.wrong_type(Self::EXPECTED, node);
            return None;
        };
        let currency = text.parse().ok();
        if currency.is_none() {
            form.violation(Rule::CurrencyCode, Self::EXPECTED, shown(text));
        }
        currency
    }

    fn write(&self, _style: Style) -> Value {
        Value::from(self.code())
    }
}

/// The number of an item: an integer in retail procurement, a text in direct fulfillment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemSequence(String);

impl ItemSequence {
    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Wire for ItemSequence {
    const EXPECTED: &'static str = "the number of the item";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        match (form.api, node) {
            (Api::Retail, _) => i64::read(node, form).map(|number| Self(number.to_string())),
            (Api::DirectFulfillment, Node::Number(digits)) => {
                form.warning(Notice::NumberForText, format!("the number {digits} is sent as text"));
                Some(Self(digits.clone()))
            }
            (Api::DirectFulfillment, _) => String::read(node, form).map(Self),
        }
    }

    fn write(&self, style: Style) -> Value {
        match (style.api, self.0.parse::<i64>()) {
            (Api::Retail, Ok(number)) => Value::from(number),
            (Api::Retail | Api::DirectFulfillment, _) => Value::from(self.0.as_str()),
        }
    }
}

/// What a quantity counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitOfMeasure {
    /// Cases.
    Cases,
    /// Single items.
    Eaches,
    /// Another unit; direct fulfillment does not say which there are.
    Other(String),
}

impl UnitOfMeasure {
    /// The units of retail procurement.
    const NAMES: [&str; 2] = ["Cases", "Eaches"];

    fn named(name: &str, api: Api) -> Option<Self> {
        match (name, api) {
            ("Cases", _) => Some(Self::Cases),
            ("Eaches", _) => Some(Self::Eaches),
            (_, Api::Retail) => None,
            (other, Api::DirectFulfillment) => Some(Self::Other(other.to_owned())),
        }
    }
}

impl Wire for UnitOfMeasure {
    const EXPECTED: &'static str = "a unit such as Cases or Eaches";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        let api = form.api;
        named(node, form, Self::NAMES.into_iter(), |name| Self::named(name, api))
    }

    fn write(&self, _style: Style) -> Value {
        Value::from(match self {
            Self::Cases => "Cases",
            Self::Eaches => "Eaches",
            Self::Other(other) => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_time_has_its_offset() {
        for text in ["2019-07-24T21:17:59.821Z", "2020-03-13T11:16:24Z", "2026-01-01T00:00:00+05:30"] {
            assert!(DateTime::parse(text).is_some(), "{text}");
        }
        for text in [
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "01.02.2026",
            "20260101T000000Z",
            "2026-01-01T00:00:00+0530",
        ] {
            assert!(DateTime::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_date_that_lacks_something_is_told_what_and_one_of_csv_has_more_forms() {
        for (text, in_csv, expected) in [
            ("2026-01-01T00:00:00", false, "the offset from UTC too, such as 2026-01-01T00:00:00Z"),
            ("2026-01-01", false, "the time and its offset from UTC too, such as 2026-01-01T00:00:00Z"),
            ("01/31/2026", false, "a date and time such as 2026-03-31T12:00:00Z"),
            ("01/31/2026", true, "a day such as 2026-03-31 or 31.03.2026, or a date and time such as"),
        ] {
            let told = DateTime::instead_of(text, in_csv);
            assert!(told.starts_with(expected), "{text}: {told}");
        }
    }

    #[test]
    fn all_countries_are_there() {
        assert_eq!(COUNTRIES.split(' ').count(), 249);
        assert!(Country::parse("IN").is_some() && Country::parse("XX").is_none() && Country::parse("in").is_none());
    }
}
