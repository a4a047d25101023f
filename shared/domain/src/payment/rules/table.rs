//! Reads the table of rules.

use std::collections::HashMap;

use super::pattern::Pattern;
use super::{Classification, PaymentType, Rule};

/// What is wrong with a table, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rules, line {line}: {problem}")]
pub struct TableError {
    /// The line, the first is 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

type Sets = HashMap<&'static str, Vec<Pattern>, foldhash::fast::FixedState>;

/// Reads the lines: comments, sets and rules.
pub(super) fn parse(text: &'static str) -> Result<Vec<Rule>, TableError> {
    let mut sets = Sets::default();
    let mut open_set = "";
    let mut rules = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let fault = |problem| TableError { line, problem };
        if content.trim().is_empty() || content.starts_with('#') {
            continue;
        }
        if let Some(definition) = content.strip_prefix("set ") {
            let (name, members) = definition.split_once('=').ok_or(fault("a set is written `set <name> = a | b`"))?;
            open_set = name.trim();
            let members = alternatives(members, &sets).map_err(fault)?;
            if sets.insert(open_set, members).is_some() {
                return Err(fault("this set is defined twice"));
            }
        } else if let Some(more) = content.trim_start().strip_prefix('|') {
            let mut more = alternatives(more, &sets).map_err(fault)?;
            sets.get_mut(open_set).ok_or(fault("a line that begins with `|` continues a set"))?.append(&mut more);
        } else {
            rules.push(rule(line, content, &sets).map_err(fault)?);
        }
    }
    Ok(rules)
}

fn rule(line: usize, content: &'static str, sets: &Sets) -> Result<Rule, &'static str> {
    let mut columns = content.split("  ").map(str::trim).filter(|column| !column.is_empty());
    let mut column = |missing| columns.next().ok_or(missing);
    let texts = [
        column("the transaction-type is missing")?,
        column("the amount-type is missing")?,
        column("the amount-description is missing")?,
    ];
    let payment_type = PaymentType::from_name(column("the type is missing")?).ok_or("there is no such type")?;
    let category = column("the category is missing")?;
    if !category.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err("a category is written in lower case with `_`");
    }
    let note = columns.next().unwrap_or_default();
    if columns.next().is_some() {
        return Err("a column too many: only single blanks stand within a column");
    }
    let [first, second, third] = texts.map(|text| alternatives(text, sets));
    let classification = Classification { payment_type, category };
    Ok(Rule { classification, line, columns: texts, note, patterns: [first?, second?, third?] })
}

/// Reads `a | b | <set>`.
fn alternatives(text: &str, sets: &Sets) -> Result<Vec<Pattern>, &'static str> {
    let mut patterns = Vec::new();
    for each in text.split('|').map(str::trim) {
        if each.is_empty() {
            return Err("an empty text is written (none)");
        }
        if each.starts_with('<') {
            patterns.extend_from_slice(sets.get(each).ok_or("this set is not defined above")?);
        } else {
            patterns.push(Pattern::new(each));
        }
    }
    Ok(patterns)
}
