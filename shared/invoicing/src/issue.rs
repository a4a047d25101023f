//! Number and day of a document.

use jiff::civil::Date;

/// The number that a document was given and the day on which it was issued. Both never change, and with them the same
/// document is made byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The number, unique in its series.
    pub number: String,
    /// The day of issue.
    pub issued_on: Date,
}
