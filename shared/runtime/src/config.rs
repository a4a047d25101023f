//! The environment, read once at the start. An error names the variable.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Mutex;

/// Why a function cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable that has no default is not set, or is empty.
    #[error("the environment variable {name} is not set; infra/template.yaml sets it for each function")]
    Missing {
        /// The variable.
        name: &'static str,
    },
    /// A variable cannot be read. Its value is not repeated: it could be a secret in the wrong place.
    #[error("the environment variable {name} cannot be read: expected {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What it should look like.
        expected: &'static str,
    },
}

/// The variables of a process, and which of them were asked for.
#[derive(Debug)]
pub struct Variables {
    values: BTreeMap<String, String>,
    asked: Mutex<BTreeSet<&'static str>>,
}

impl Variables {
    /// The variables of this process. The program reads the environment nowhere else.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        Self::new(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// Variables that a test sets.
    pub fn new(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { values: values.into_iter().collect(), asked: Mutex::default() }
    }

    /// A text that must be there.
    pub fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).map(str::to_owned).ok_or(ConfigError::Missing { name })
    }

    /// A value that must be there, for example an address.
    pub fn required_as<T: FromStr>(&self, name: &'static str, expected: &'static str) -> Result<T, ConfigError> {
        self.required(name)?.parse().map_err(|_unreadable| ConfigError::Invalid { name, expected })
    }

    /// A value with a default.
    pub fn or<T: FromStr>(&self, name: &'static str, expected: &'static str, default: T) -> Result<T, ConfigError> {
        match self.optional(name) {
            Some(text) => text.parse().map_err(|_unreadable| ConfigError::Invalid { name, expected }),
            None => Ok(default),
        }
    }

    /// A text that may be absent; an empty one counts as absent.
    pub fn optional(&self, name: &'static str) -> Option<&str> {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(name);
        self.values.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The names that were asked for, to hold against the template.
    pub fn asked(&self) -> BTreeSet<&'static str> {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        Variables::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn an_error_names_the_variable_and_not_its_value() {
        let error = variables(&[("DAYS", "secret")]).or::<u32>("DAYS", "a number of days", 1).unwrap_err();
        assert_eq!(error.to_string(), "the environment variable DAYS cannot be read: expected a number of days");
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        let variables = variables(&[("TABLE", "")]);
        assert_eq!(variables.required("TABLE"), Err(ConfigError::Missing { name: "TABLE" }));
        assert_eq!(variables.asked().into_iter().collect::<Vec<_>>(), ["TABLE"]);
    }
}
