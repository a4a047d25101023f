//! Invoice numbers and the series they come from: patterns, rendering, reading back. Which number is next without a gap
//! is decided where the numbers are kept; here is only what a number is.

mod pattern;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use pattern::{Parsed, PatternError, Place, SeriesPattern};

/// The longest number, in characters. A FatturaPA takes 20.
pub const MAX_CHARS: usize = 32;

/// A number as Amazon, the tax authority and the customer see it: 1 to 32 of the characters that Amazon accepts, which
/// are letters and digits of ASCII, blanks between others, and `, / \ - _ ; : #`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InvoiceNumber(String);

/// A text that cannot be an invoice number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadNumber {
    /// Nothing, or too much.
    #[error("an invoice number has 1 to {MAX_CHARS} characters, this one has {0}")]
    Length(usize),
    /// A character that Amazon does not accept.
    #[error(
        "an invoice number has letters A to Z, digits and , / \\ - _ ; : # or blanks between them, but not \"{0}\""
    )]
    Character(char),
    /// A blank at an end, or two side by side: Amazon trims them, and the numbers would differ.
    #[error("an invoice number has no blank at its ends and no two side by side: Amazon removes them")]
    Blank,
}

/// Whether Amazon accepts the character in a number. Source: "Use Amazon Tax Calculation Data to Create Invoices", step 3.
pub const fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ',' | '/' | '\\' | ' ' | '-' | '_' | ';' | ':' | '#')
}

impl InvoiceNumber {
    /// The number as it is printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name for files: letters, digits, `-` and `_` as they are, other characters as `~` and two hexadecimal digits.
    /// Two numbers never have one name, also where capitals do not count: what differs only by them is told apart by the
    /// caller.
    pub fn file_stem(&self) -> String {
        let mut stem = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
                stem.push(char::from(byte));
            } else {
                stem.push('~');
                stem.push_str(&hex::encode_upper([byte]));
            }
        }
        stem
    }
}

impl FromStr for InvoiceNumber {
    type Err = BadNumber;

    fn from_str(text: &str) -> Result<Self, BadNumber> {
        let count = text.chars().count();
        if count == 0 || count > MAX_CHARS {
            return Err(BadNumber::Length(count));
        }
        if let Some(wrong) = text.chars().find(|c| !is_allowed(*c)) {
            return Err(BadNumber::Character(wrong));
        }
        if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
            return Err(BadNumber::Blank);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for InvoiceNumber {
    type Error = BadNumber;

    fn try_from(text: String) -> Result<Self, BadNumber> {
        text.parse()
    }
}

impl From<InvoiceNumber> for String {
    fn from(number: InvoiceNumber) -> Self {
        number.0
    }
}

impl fmt::Display for InvoiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazons_characters_are_accepted_and_no_others() {
        for text in ["INT-3431-XJE3", "CN-123-ABC", "2026/DE 00001", "A\\1,2;3:4#5_6"] {
            assert_eq!(text.parse::<InvoiceNumber>().unwrap().as_str(), text);
        }
        for (text, wrong) in [("R.1", '.'), ("Nº1", 'º'), ("\"1\"", '"'), ("1\n", '\n'), ("Ä1", 'Ä')] {
            assert_eq!(text.parse::<InvoiceNumber>(), Err(BadNumber::Character(wrong)), "{text}");
        }
        assert_eq!("".parse::<InvoiceNumber>(), Err(BadNumber::Length(0)));
        assert_eq!("1".repeat(33).parse::<InvoiceNumber>(), Err(BadNumber::Length(33)));
        for text in [" 1", "1 ", "1  2"] {
            assert_eq!(text.parse::<InvoiceNumber>(), Err(BadNumber::Blank), "{text:?}");
        }
        assert!(serde_json::from_str::<InvoiceNumber>("\"a.b\"").is_err());
    }

    #[test]
    fn a_number_makes_a_file_name_of_its_own() {
        let stem = |text: &str| text.parse::<InvoiceNumber>().unwrap().file_stem();
        assert_eq!(stem("INV-2026-DE-000001"), "INV-2026-DE-000001");
        assert_eq!(stem("2026/DE 1"), "2026~2FDE~201");
        assert_ne!(stem("A/1"), stem("A\\1"));
    }
}
