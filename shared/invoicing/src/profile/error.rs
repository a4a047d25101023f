//! What is wrong with a profile, and where.

use std::fmt;

/// A profile that cannot be used: where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The file's name.
    pub file: String,
    /// The line, from 1; none where it is the whole file.
    pub line: Option<usize>,
    /// The field, for example `seller.country`; empty where the file is no TOML.
    pub field: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl ProfileError {
    pub(super) fn whole(file: &str, problem: &str) -> Self {
        Self { file: file.to_owned(), line: None, field: String::new(), problem: problem.to_owned() }
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for ProfileError {}
