//! What a check tells: violations, which reject an invoice, and warnings, which do not.

use std::fmt;

use serde::Serialize;

use crate::rule::{Notice, Rule};

/// The longest value that is shown, in characters.
const SHOWN_CHARS: usize = 80;

/// A rule that an invoice breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The place as a JSON pointer (RFC 6901), relative to the invoice: `/items/0/netCost/amount`. Where something
    /// is missing, the place where it belongs.
    pub pointer: String,
    /// The rule.
    pub rule: Rule,
    /// What was expected there.
    pub expected: String,
    /// What was found there.
    pub found: String,
}

impl Violation {
    /// A violation of `rule` at `pointer`.
    pub fn new(pointer: impl Into<String>, rule: Rule, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), rule, expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]: expected {}, found {}", self.pointer, self.rule, self.expected, self.found)
    }
}

/// Something that a person should know, though the invoice is accepted with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The place as a JSON pointer, relative to the invoice; empty where it is about the whole invoice.
    pub pointer: String,
    /// What it is about.
    pub rule: Notice,
    /// What was found and what is done with it.
    pub text: String,
}

impl Warning {
    /// A warning about the place `pointer`.
    pub fn new(pointer: impl Into<String>, rule: Notice, text: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), rule, text: text.into() }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{} ", self.pointer)?;
        }
        write!(f, "[{}]: {}", self.rule, self.text)
    }
}

/// A value in quotation marks as a violation shows it: without control characters, not longer than a line of text.
pub(crate) fn shown(value: &str) -> String {
    let mut text = String::with_capacity(value.len().min(SHOWN_CHARS) + 2);
    text.push('"');
    text.extend(value.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }));
    text.push_str(if value.chars().nth(SHOWN_CHARS).is_some() { "…\"" } else { "\"" });
    text
}
