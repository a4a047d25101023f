//! What a check found, as one line of JSON.

use serde::Serialize;

use crate::api::Api;
use crate::check::Checked;
use crate::note::{Violation, Warning};
use crate::region::Region;

/// What a check found, for machines. The names are a promise to those who read them.
#[derive(Debug, Clone, Serialize)]
pub struct CheckLine<'a> {
    /// The invoice's id, if it has one.
    pub id: Option<&'a str>,
    /// The API that it is for.
    pub api: Api,
    /// Whose rules it was judged by.
    pub region: Region,
    /// Whether it breaks no rule.
    pub accepted: bool,
    /// How its amounts were read, in words.
    pub reading: Option<&'a str>,
    /// Every rule that it breaks.
    pub violations: &'a [Violation],
    /// What a person should know all the same.
    pub warnings: &'a [Warning],
}

impl<'a> From<&'a Checked> for CheckLine<'a> {
    fn from(checked: &'a Checked) -> Self {
        Self {
            id: checked.id.as_deref(),
            api: checked.api,
            region: checked.region,
            accepted: checked.accepted(),
            reading: checked.reading.as_ref().map(|reading| reading.words.as_str()),
            violations: &checked.violations,
            warnings: &checked.warnings,
        }
    }
}
