//! The table of rules that decides a payment's type, and the classifier that asks it.
//!
//! The rules are data: `rules/rules.txt`, which an accountant can read and correct without reading this code.

mod classifier;
mod lookup;
mod pattern;
mod table;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

pub use classifier::Classifier;
use lookup::Triple;
use pattern::Pattern;
pub use table::TableError;

use super::PaymentType;

/// How much of its digest names a table: enough that no two tables agree by chance.
const FINGERPRINT_BYTES: usize = 6;

/// What a rule says of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Classification {
    /// The type.
    pub payment_type: PaymentType,
    /// A finer name, for example `commission`.
    pub category: &'static str,
}

impl Classification {
    /// What is said of an amount that no rule knows.
    pub const UNCLASSIFIED: Self = Self { payment_type: PaymentType::Unclassified, category: "unclassified" };

    /// Whether the type is certain only from the kind of the amount, and its name is not in the table: worth
    /// a look, for the name may deserve a category of its own.
    pub fn is_unlisted(self) -> bool {
        self.category.starts_with("unlisted_")
    }
}

/// One line of the table.
#[derive(Debug)]
pub struct Rule {
    /// What it says.
    pub classification: Classification,
    /// The line of the table, the first is 1.
    pub line: usize,
    /// The three columns of patterns as the table has them.
    pub columns: [&'static str; 3],
    /// Why, or where it is seen; may be empty.
    pub note: &'static str,
    patterns: [Vec<Pattern>; 3],
}

/// The table.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
}

impl Rules {
    /// The table that comes with the program.
    #[expect(clippy::expect_used, reason = "the text is compiled in, and a test reads it")]
    pub fn built_in() -> &'static Self {
        static RULES: LazyLock<Rules> = LazyLock::new(|| {
            Rules::parse(include_str!("rules/rules.txt")).expect("the built-in table of rules is sound")
        });
        &RULES
    }

    /// Names the table that comes with the program: the beginning of the SHA-256 of its text, in hex. Two programs
    /// that agree in it give every amount the same type.
    pub fn fingerprint() -> &'static str {
        static FINGERPRINT: LazyLock<String> = LazyLock::new(|| {
            let digest = Sha256::digest(include_bytes!("rules/rules.txt"));
            digest.iter().take(FINGERPRINT_BYTES).fold(String::new(), |mut hex, byte| {
                let _infallible = write!(hex, "{byte:02x}");
                hex
            })
        });
        &FINGERPRINT
    }

    /// Reads a table in the notation of `rules.txt`.
    pub fn parse(text: &'static str) -> Result<Self, TableError> {
        table::parse(text).map(|rules| Self { rules })
    }

    /// The lines of the table, in its order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// What the table says of Amazon's three texts: of all rules that match, the most specific one decides.
    pub fn classify(&self, transaction_type: &str, amount_type: &str, amount_description: &str) -> Classification {
        let triple = Triple::new(transaction_type, amount_type, amount_description);
        lookup::find(&self.rules, &triple).map_or(Classification::UNCLASSIFIED, |rule| rule.classification)
    }
}
