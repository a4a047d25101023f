//! The pattern of a series, for example `{kind}-{year}-{marketplace}-{number:6}`.

use std::fmt::{self, Write};
use std::str::FromStr;

use countinghouse_domain::document::DocumentKind;
use serde::{Deserialize, Serialize};

use super::{BadNumber, InvoiceNumber, MAX_CHARS, is_allowed};

/// More digits than a running number has.
const MAX_WIDTH: u8 = 12;

/// The pattern of a series. In braces stands what is filled in, everything else is taken as it is:
///
/// | part | becomes |
/// |---|---|
/// | `{year}` or `{yy}` | the year of issue, four digits or two |
/// | `{marketplace}` | the country of the marketplace, `DE` |
/// | `{country}` | the country whose VAT it is; the marketplace's where it is none's |
/// | `{kind}` | `INV` for an invoice, `CN` for a credit note |
/// | `{number:6}` | the running number, filled with zeros to six digits, with more where it needs more |
///
/// Two documents whose numbers differ only in the running number belong to one series and share its count
/// ([`SeriesPattern::series`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SeriesPattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Year4,
    Year2,
    Marketplace,
    Country,
    Kind,
    Number(u8),
}

/// A pattern that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A part in braces that is not known.
    #[error("{{{0}}} is not known: {{year}}, {{yy}}, {{marketplace}}, {{country}}, {{kind}} or {{number:6}}")]
    UnknownPart(String),
    /// A brace that is not closed, or not opened.
    #[error("the pattern has a brace without its other half")]
    Brace,
    /// None, or two of them.
    #[error("the pattern must have the running number once, such as {{number:6}}")]
    Number,
    /// The width of the running number.
    #[error("the running number has 1 to {MAX_WIDTH} digits, such as {{number:6}}")]
    Width,
    /// Digits right after the running number: it could not be read back.
    #[error("no digit and no year may follow the running number directly: put a sign between them")]
    DigitsAfterNumber,
    /// A character or a length that Amazon does not accept.
    #[error(transparent)]
    BadNumber(#[from] BadNumber),
}

/// What a number is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The year of issue.
    pub year: i16,
    /// The country of the marketplace, two letters.
    pub marketplace: String,
    /// The country whose VAT it is, two letters; empty where it is none's.
    pub country: String,
    /// Invoice or credit note.
    pub kind: DocumentKind,
}

/// What a number says, read back. What the pattern does not have is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The year, of two digits as 20xx.
    pub year: Option<i16>,
    /// The country of the marketplace.
    pub marketplace: Option<String>,
    /// The country whose VAT it is.
    pub country: Option<String>,
    /// Invoice or credit note.
    pub kind: Option<DocumentKind>,
    /// The running number.
    pub number: u64,
}

const KINDS: [(DocumentKind, &str); 2] = [(DocumentKind::Invoice, "INV"), (DocumentKind::CreditNote, "CN")];

fn kind_word(kind: DocumentKind) -> &'static str {
    KINDS.into_iter().find(|(each, _)| *each == kind).map_or("", |(_, word)| word)
}

impl Place {
    fn country(&self) -> &str {
        if self.country.is_empty() { &self.marketplace } else { &self.country }
    }
}

impl SeriesPattern {
    /// The pattern where none is configured.
    pub const DEFAULT: &str = "{kind}-{year}-{marketplace}-{number:6}";

    /// The number for a place.
    pub fn render(&self, place: &Place, number: u64) -> Result<InvoiceNumber, BadNumber> {
        self.fill(place, |width| format!("{number:0width$}")).parse()
    }

    /// The name of the series to which the numbers of a place belong: the number with `#` where the running number is.
    pub fn series(&self, place: &Place) -> String {
        self.fill(place, |_width| "#".to_owned())
    }

    fn fill(&self, place: &Place, number: impl Fn(usize) -> String) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Year4 => write_year(&mut text, 4, place.year),
                Part::Year2 => write_year(&mut text, 2, place.year.rem_euclid(100)),
                Part::Marketplace => text.push_str(&place.marketplace),
                Part::Country => text.push_str(place.country()),
                Part::Kind => text.push_str(kind_word(place.kind)),
                Part::Number(width) => text.push_str(&number(usize::from(*width))),
            }
        }
        text
    }

    /// Whether a series is one of this pattern's for documents of a kind: the pattern gives it for some year and some
    /// countries.
    pub fn makes_series(&self, series: &str, kind: DocumentKind) -> bool {
        let parsed = self.read(series, |rest, _width, _parsed| rest.strip_prefix('#'));
        parsed.is_some_and(|parsed| parsed.kind.is_none_or(|each| each == kind))
    }

    /// Reads a number back; none where it is not of this pattern.
    pub fn parse_number(&self, number: &str) -> Option<Parsed> {
        self.read(number, |rest, width, parsed| {
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = rest.split_at_checked(length)?;
            let filled = number.len() == width || !number.starts_with('0');
            parsed.number = digits(number).filter(|_| number.len() >= width && filled)?;
            Some(rest)
        })
    }

    /// Reads a text along the pattern; `running` reads what stands for a running number of so many digits, and says what
    /// follows it.
    fn read<'a>(
        &self,
        text: &'a str,
        running: impl Fn(&'a str, usize, &mut Parsed) -> Option<&'a str>,
    ) -> Option<Parsed> {
        let mut parsed = Parsed::default();
        let mut rest = text;
        for part in &self.parts {
            rest = match part {
                Part::Literal(literal) => rest.strip_prefix(literal.as_str())?,
                Part::Year4 => take(rest, 4, |text| digits(text).map(|year| parsed.year = Some(year)))?,
                Part::Year2 => take(rest, 2, |text| digits::<i16>(text).map(|year| parsed.year = Some(2000 + year)))?,
                Part::Marketplace => take(rest, 2, |text| country(text).map(|each| parsed.marketplace = Some(each)))?,
                Part::Country => take(rest, 2, |text| country(text).map(|each| parsed.country = Some(each)))?,
                Part::Kind => {
                    let (kind, word) = KINDS.into_iter().find(|(_, word)| rest.starts_with(word))?;
                    parsed.kind = Some(kind);
                    rest.strip_prefix(word)?
                }
                Part::Number(width) => running(rest, usize::from(*width), &mut parsed)?,
            };
        }
        rest.is_empty().then_some(parsed)
    }
}

fn write_year(text: &mut String, width: usize, year: i16) {
    let _infallible = write!(text, "{year:0width$}");
}

fn take(text: &str, length: usize, use_it: impl FnOnce(&str) -> Option<()>) -> Option<&str> {
    let (part, rest) = text.split_at_checked(length)?;
    use_it(part).map(|()| rest)
}

fn digits<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn country(text: &str) -> Option<String> {
    text.bytes().all(|byte| byte.is_ascii_uppercase()).then(|| text.to_owned())
}

impl FromStr for SeriesPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if c == '{' {
                let (name, after) = rest.get(1..).and_then(|rest| rest.split_once('}')).ok_or(PatternError::Brace)?;
                parts.push(part(name)?);
                rest = after;
            } else {
                let end = rest.find('{').unwrap_or(rest.len());
                let (literal, after) = rest.split_at_checked(end).ok_or(PatternError::Brace)?;
                if literal.contains('}') {
                    return Err(PatternError::Brace);
                }
                if let Some(wrong) = literal.chars().find(|c| !is_allowed(*c)) {
                    return Err(BadNumber::Character(wrong).into());
                }
                parts.push(Part::Literal(literal.to_owned()));
                rest = after;
            }
        }
        let pattern = Self { text: text.to_owned(), parts };
        pattern.check()?;
        Ok(pattern)
    }
}

impl SeriesPattern {
    fn check(&self) -> Result<(), PatternError> {
        let is_number = |part: &Part| matches!(part, Part::Number(_));
        if self.parts.iter().filter(|part| is_number(part)).count() != 1 {
            return Err(PatternError::Number);
        }
        let mut after = self.parts.iter().skip_while(|part| !is_number(part)).skip(1);
        let digits_follow = match after.next() {
            Some(Part::Year4 | Part::Year2) => true,
            Some(Part::Literal(literal)) => literal.starts_with(|c: char| c.is_ascii_digit()),
            Some(Part::Marketplace | Part::Country | Part::Kind | Part::Number(_)) | None => false,
        };
        if digits_follow {
            return Err(PatternError::DigitsAfterNumber);
        }
        // The longest number of the pattern must be one, with room for a running number that outgrows its width.
        let widest = Place { year: 2026, marketplace: "DE".into(), country: "DE".into(), kind: DocumentKind::Invoice };
        let longest = self.fill(&widest, |width| "9".repeat(width.max(9)));
        longest.parse::<InvoiceNumber>()?;
        Ok(())
    }
}

fn part(name: &str) -> Result<Part, PatternError> {
    match name {
        "year" => Ok(Part::Year4),
        "yy" => Ok(Part::Year2),
        "marketplace" => Ok(Part::Marketplace),
        "country" => Ok(Part::Country),
        "kind" => Ok(Part::Kind),
        "number" => Ok(Part::Number(1)),
        _ => match name.strip_prefix("number:") {
            Some(width) => {
                let width = digits(width).filter(|width| (1..=MAX_WIDTH).contains(width));
                width.map(Part::Number).ok_or(PatternError::Width)
            }
            None => Err(PatternError::UnknownPart(name.chars().take(MAX_CHARS).collect())),
        },
    }
}

impl TryFrom<String> for SeriesPattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

impl From<SeriesPattern> for String {
    fn from(pattern: SeriesPattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for SeriesPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(kind: DocumentKind) -> Place {
        Place { year: 2026, marketplace: "DE".into(), country: "FR".into(), kind }
    }

    fn render(pattern: &str, number: u64) -> String {
        let pattern: SeriesPattern = pattern.parse().unwrap();
        pattern.render(&place(DocumentKind::Invoice), number).unwrap().to_string()
    }

    #[test]
    fn a_pattern_is_filled_in() {
        assert_eq!(render(SeriesPattern::DEFAULT, 17), "INV-2026-DE-000017");
        assert_eq!(render("{country}{yy}/{number:4}", 17), "FR26/0017");
        assert_eq!(render("{year}{number:3}", 12_345), "202612345");
        assert_eq!(render("RE #{number}", 7), "RE #7");
        let pattern: SeriesPattern = SeriesPattern::DEFAULT.parse().unwrap();
        assert_eq!(pattern.render(&place(DocumentKind::CreditNote), 1).unwrap().as_str(), "CN-2026-DE-000001");
        assert_eq!(pattern.series(&place(DocumentKind::CreditNote)), "CN-2026-DE-#");
    }

    #[test]
    fn a_sale_that_is_no_countrys_is_numbered_by_its_marketplace() {
        let pattern: SeriesPattern = "{country}-{number:3}".parse().unwrap();
        let nowhere = Place { country: String::new(), ..place(DocumentKind::Invoice) };
        assert_eq!(pattern.render(&nowhere, 1).unwrap().as_str(), "DE-001");
    }

    #[test]
    fn a_pattern_that_cannot_work_says_why() {
        for (pattern, error) in [
            ("INV", PatternError::Number),
            ("{number}{number:3}", PatternError::Number),
            ("{number:3", PatternError::Brace),
            ("INV}{number:3}", PatternError::Brace),
            ("{number:0}", PatternError::Width),
            ("{number:13}", PatternError::Width),
            ("{number:x}", PatternError::Width),
            ("{nummer}", PatternError::UnknownPart("nummer".into())),
            ("{number:3}{year}", PatternError::DigitsAfterNumber),
            ("{number:3}0", PatternError::DigitsAfterNumber),
            ("R.{number:3}", BadNumber::Character('.').into()),
            ("{number:3} ", BadNumber::Blank.into()),
            ("a-very-long-name-of-a-series-{number:6}", BadNumber::Length(38).into()),
        ] {
            assert_eq!(pattern.parse::<SeriesPattern>(), Err(error), "{pattern}");
        }
    }

    #[test]
    fn a_number_of_another_pattern_is_not_read() {
        let pattern: SeriesPattern = SeriesPattern::DEFAULT.parse().unwrap();
        for number in ["", "INV-2026-DE-17", "INV-2026-DE-0000017", "INV-2026-de-000017", "XX-2026-DE-000017", "Ä"] {
            assert_eq!(pattern.parse_number(number), None, "{number}");
        }
    }

    #[test]
    fn a_series_is_recognised_by_the_pattern_that_makes_it() {
        let makes =
            |pattern: &str, series: &str, kind| pattern.parse::<SeriesPattern>().unwrap().makes_series(series, kind);
        let (invoice, credit_note) = (DocumentKind::Invoice, DocumentKind::CreditNote);
        assert!(makes("{country}-{year}-{number:6}", "DE-2026-#", invoice));
        assert!(makes("RE #{number}", "RE ##", invoice));
        assert!(makes(SeriesPattern::DEFAULT, "CN-2026-FR-#", credit_note));
        assert!(!makes(SeriesPattern::DEFAULT, "CN-2026-FR-#", invoice), "the word for credit notes");
        for wrong in ["", "#", "DE-26-#", "DE-2026-000001", "DE-2026-##", "De-2026-#", "DE-C2026-#", "FOO-#"] {
            assert!(!makes("{country}-{year}-{number:6}", wrong, invoice), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_rendered_is_read_back(
            number in 1_u64..10_000_000_000,
            year in 2000_i16..2100,
            credit in any::<bool>(),
            pattern in prop::sample::select(vec![
                SeriesPattern::DEFAULT, "{year}{number:5}", "{number:6}/{yy}", "{marketplace}{country}{yy}{number:3}", "{kind}{number}",
            ]),
        ) {
            let kind = if credit { DocumentKind::CreditNote } else { DocumentKind::Invoice };
            let pattern: SeriesPattern = pattern.parse().unwrap();
            let place = Place { year, ..place(kind) };
            let text = pattern.render(&place, number).unwrap();
            let parsed = pattern.parse_number(text.as_str()).unwrap();
            prop_assert_eq!(parsed.number, number);
            prop_assert!(parsed.year.is_none_or(|read| read == year));
            prop_assert!(parsed.kind.is_none_or(|read| read == kind));
            prop_assert!(parsed.country.is_none_or(|read| read == "FR"));
        }

        #[test]
        fn no_text_upsets_the_reader(pattern in "[{}a-z0-9:#-]{0,24}", number in "\\PC{0,24}") {
            if let Ok(pattern) = pattern.parse::<SeriesPattern>() {
                let _any_result = pattern.parse_number(&number);
            }
        }
    }
}
