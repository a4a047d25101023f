//! JSON as it came, kept as text.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The fields that our types do not name, by name, so that nothing of Amazon's is lost.
pub type Other = BTreeMap<String, Raw>;

/// A piece of JSON as it came, digit for digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw(Box<str>);

impl Raw {
    /// The JSON text.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl From<&RawValue> for Raw {
    fn from(raw: &RawValue) -> Self {
        Self(raw.get().into())
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}
