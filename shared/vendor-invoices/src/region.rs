//! Which country's rules an invoice is judged by.

use std::fmt;

use serde::{Serialize, Serializer};

/// The rules that apply, by the country of the parties: Amazon publishes a table for three regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Region {
    /// India.
    India,
    /// The European Union, the United Kingdom, Switzerland and their neighbours.
    Europe,
    /// The United States, Canada and Mexico.
    NorthAmerica,
    /// Another country, by its code of two letters; no table is published, so only the general rules apply.
    Other([u8; 2]),
    /// No party names a country.
    Unknown,
}

impl Region {
    /// The name for people and machines: `IN`, `EU`, `NA`, another country's code, or `unknown`.
    pub fn name(&self) -> &str {
        match self {
            Self::India => "IN",
            Self::Europe => "EU",
            Self::NorthAmerica => "NA",
            Self::Other(code) => std::str::from_utf8(code).unwrap_or("unknown"),
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
