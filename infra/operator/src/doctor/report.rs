//! The examination as a table for people, or in lines for scripts.

use std::fmt::Write as _;

use serde::Serialize;

use super::check::{Finding, Verdict};
use crate::desk::{plain, table};

/// The names are a promise to scripts.
#[derive(Debug, Serialize)]
struct Line<'a> {
    check: &'static str,
    of: &'a str,
    account: Option<&'a str>,
    result: &'static str,
    text: &'a str,
    cure: &'a [String],
}

/// One JSON object for each finding, in lines.
pub(super) fn json(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let line = Line {
            check: finding.check.name(),
            of: &finding.of,
            account: finding.account.as_ref().map(countinghouse_domain::ids::SellerId::as_str),
            result: finding.verdict.word(),
            text: finding.verdict.text(),
            cure: finding.verdict.defect().map(|defect| defect.cure.as_slice()).unwrap_or_default(),
        };
        // Texts and lists of texts can always be written.
        let _infallible = writeln!(text, "{}", serde_json::to_string(&line).unwrap_or_default());
    }
    text
}

/// The table, then each defect with its cure, then what it comes to.
pub(super) fn text(findings: &[Finding], only_defects: bool) -> String {
    let is_shown = |finding: &&Finding| !only_defects || finding.verdict.defect().is_some();
    let row = |finding: &Finding| {
        [
            finding.verdict.sign().to_owned(),
            finding.check.name().to_owned(),
            finding.of.clone(),
            finding.verdict.text().to_owned(),
        ]
    };
    let rows: Vec<_> = findings.iter().filter(is_shown).map(row).collect();
    let mut text = if rows.is_empty() { String::new() } else { table(["", "check", "of", "found"], 0..0, rows) };
    let defects = findings.iter().filter_map(|finding| Some((finding, finding.verdict.defect()?)));
    for (finding, defect) in defects {
        let _infallible = write!(
            text,
            "\n{} {} of {}\n    wrong  {}\n",
            finding.verdict.sign(),
            finding.check,
            plain(&finding.of),
            plain(&defect.wrong)
        );
        for (number, step) in defect.cure.iter().enumerate() {
            let label = if number == 0 { "mend" } else { "" };
            // Commands stand in one line each, to be copied.
            let _infallible = writeln!(text, "    {label:<5}  {}", plain(step));
        }
    }
    text.push('\n');
    text.push_str(&sum(findings));
    text
}

fn sum(findings: &[Finding]) -> String {
    let count = |wanted: fn(&Verdict) -> bool| findings.iter().filter(|each| wanted(&each.verdict)).count();
    let fine = count(|verdict| matches!(verdict, Verdict::Fine { .. }));
    let look = count(|verdict| matches!(verdict, Verdict::Look(_)));
    let broken = count(|verdict| matches!(verdict, Verdict::Broken(_)));
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped { .. }));
    format!("{} checks: {fine} fine, {look} to look at, {broken} broken, {skipped} skipped\n", findings.len())
}

#[cfg(test)]
mod tests {
    use super::super::check::Check;
    use super::*;

    fn findings() -> Vec<Finding> {
        let cure = ["aws sqs add-permission --queue-url URL".to_owned(), "and then look again".to_owned()];
        vec![
            Finding::new(Check::Stack, "countinghouse", Verdict::fine("CREATE_COMPLETE")),
            Finding::new(
                Check::QueuePolicy,
                "countinghouse-notifications",
                Verdict::broken("Amazon may not send", cure),
            ),
            Finding::about(Check::Role, &"A1".parse().unwrap(), Verdict::skipped("--without-amazon")),
        ]
    }

    #[test]
    fn people_see_a_table_and_below_it_how_each_defect_is_mended() {
        assert_eq!(text(&findings(), false), "");
    }

    #[test]
    fn only_the_defects_are_shown_when_that_is_asked_for() {
        let text = text(&findings(), true);
        assert!(!text.contains("CREATE_COMPLETE") && text.contains("Amazon may not send"), "{text}");
    }

    #[test]
    fn scripts_read_a_line_for_each_finding() {
        let lines: Vec<serde_json::Value> =
            json(&findings()).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1]["check"], "queue-policy");
        assert_eq!(lines[1]["cure"].as_array().unwrap().len(), 2);
        assert_eq!((&lines[2]["result"], &lines[2]["account"]), (&"skipped".into(), &"A1".into()));
    }
}
