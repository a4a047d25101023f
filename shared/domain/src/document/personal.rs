//! Texts about a person.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text about a person: an address, a buyer's registration. Debug output hides it, and it has no `Display`,
/// so that it reaches neither logs nor errors by accident. Empty where the report has none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal(String);

impl Personal {
    /// The text itself, to be stored encrypted or shown to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the report has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Personal {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "[none]" } else { "[personal]" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_text() {
        assert_eq!(format!("{:?}", Personal::from("Rzeszów")), "[personal]");
        assert_eq!(format!("{:?}", Personal::default()), "[none]");
    }
}
