//! What can be wrong with a piece of JSON, and where.

use std::fmt;

/// Why a transaction or an invoice could not be read. Values are never repeated: they may be anybody's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", place(subject.as_deref(), pointer))]
pub struct ReadError {
    /// What was being read, for example `transaction 1x47pVc0`; none where it has no identifier.
    pub subject: Option<String>,
    /// Where, as a JSON pointer from the root of that piece, for example `/transactionLineItems/0/tax/amount`.
    pub pointer: String,
    /// What is wrong, for example `a decimal number is expected, but a text stands there`.
    pub problem: String,
}

/// `transaction 1x47, /amount: `, as far as it is known.
fn place(subject: Option<&str>, pointer: &str) -> String {
    let parts = subject.into_iter().chain(Some(pointer).filter(|each| !each.is_empty()));
    let place = parts.collect::<Vec<_>>().join(", ");
    if place.is_empty() { place } else { format!("{place}: ") }
}

/// What was read, and what was strange about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The thing.
    pub value: T,
    /// What Amazon's model does not state; all of it is kept in the `other` fields.
    pub remarks: Vec<Remark>,
}

/// Something that Amazon's model does not state. It spoils nothing, but somebody should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What it is.
    pub kind: RemarkKind,
}

/// What is strange about a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemarkKind {
    /// A field of a name that the model does not have.
    UnknownField,
    /// A word that is not one of the model's, for example a new type of transaction.
    UnknownValue,
    /// A field that the books can do without, written in a way that cannot be read.
    Unreadable,
}

impl RemarkKind {
    /// A short, stable name for metrics and items.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown_field",
            Self::UnknownValue => "unknown_value",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            RemarkKind::UnknownField => "a field that Amazon's model does not state",
            RemarkKind::UnknownValue => "a word that Amazon's model does not state",
            RemarkKind::Unreadable => "a value that cannot be read",
        };
        write!(f, "{}: {what}", self.pointer)
    }
}

/// A fault while its place is known, but not yet whose it is.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) pointer: String,
    pub(crate) problem: String,
    /// Whether a field that is optional may be kept aside instead.
    pub(crate) is_bearable: bool,
}

impl Fault {
    pub(crate) fn about(self, subject: Option<String>) -> ReadError {
        ReadError { subject, pointer: self.pointer, problem: self.problem }
    }
}
