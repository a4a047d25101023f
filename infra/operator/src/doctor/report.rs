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
    let shown: Vec<_> = findings.iter().filter(is_shown).collect();
    let rows: Vec<_> = alike(&shown).iter().map(|findings| row(findings)).collect();
    let mut text = if rows.is_empty() { String::new() } else { table(["", "check", "of", "found"], 0..0, rows) };
    let defects: Vec<_> = findings.iter().filter(|finding| finding.verdict.defect().is_some()).collect();
    for findings in alike(&defects) {
        describe(&mut text, &findings);
    }
    text.push('\n');
    text.push_str(&sum(findings));
    text
}

/// What one check says of several things in the same words stands together.
fn alike<'a>(findings: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for &finding in findings {
        let same = |group: &&mut Vec<&Finding>| {
            group.first().is_some_and(|first| first.check == finding.check && first.verdict == finding.verdict)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// The first two names, and how many more.
fn names(findings: &[&Finding]) -> String {
    let all: Vec<_> = findings.iter().map(|finding| plain(&finding.of)).collect();
    match all.as_slice() {
        [first, second, _, rest @ ..] => format!("{first}, {second}, and {} more", rest.len().saturating_add(1)),
        few => few.join(", "),
    }
}

/// What stands in a row; the whole stands below the table.
const LONGEST: usize = 90;

fn row(findings: &[&Finding]) -> [String; 4] {
    let Some(first) = findings.first() else { return [const { String::new() }; 4] };
    let text = first.verdict.text();
    let text = if first.verdict.defect().is_some() && text.chars().count() > LONGEST {
        text.chars().take(LONGEST).chain(['…']).collect()
    } else {
        text.to_owned()
    };
    [first.verdict.sign().to_owned(), first.check.name().to_owned(), names(findings), text]
}

/// One defect: what it is about, what is wrong, and how it is mended.
fn describe(text: &mut String, findings: &[&Finding]) {
    let Some((first, defect)) = findings.first().and_then(|first| Some((first, first.verdict.defect()?))) else {
        return;
    };
    let of: Vec<_> = findings.iter().map(|finding| plain(&finding.of)).collect();
    let _infallible = write!(
        text,
        "\n{} {}: {}\n    wrong  {}\n",
        first.verdict.sign(),
        first.check,
        of.join(", "),
        plain(&defect.wrong)
    );
    for (number, step) in defect.cure.iter().enumerate() {
        let label = if number == 0 { "mend" } else { "" };
        // Commands stand in one line each, to be copied.
        let _infallible = writeln!(text, "    {label:<5}  {}", plain(step));
    }
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
        let empty = |queue: &str| Finding::new(Check::DeadLetterQueue, queue, Verdict::fine("empty"));
        vec![
            Finding::new(Check::Stack, "books", Verdict::fine("CREATE_COMPLETE")),
            empty("a-dlq"),
            empty("b-dlq"),
            empty("c-dlq"),
            Finding::new(Check::QueuePolicy, "books-notifications", Verdict::broken("Amazon may not send", cure)),
            Finding::about(Check::Role, &"A1".parse().unwrap(), Verdict::skipped("--without-amazon")),
        ]
    }

    #[test]
    fn people_see_a_table_and_below_it_how_each_defect_is_mended() {
        let expected = "     check               of                         found
────────────────────────────────────────────────────────────────────────
 ✓   stack               books                      CREATE_COMPLETE
 ✓   dead-letter-queue   a-dlq, b-dlq, and 1 more   empty
 ✗   queue-policy        books-notifications        Amazon may not send
 –   role                A1                         --without-amazon

✗ queue-policy: books-notifications
    wrong  Amazon may not send
    mend   aws sqs add-permission --queue-url URL
           and then look again

6 checks: 4 fine, 0 to look at, 1 broken, 1 skipped
";
        assert_eq!(text(&findings(), false), expected);
    }

    #[test]
    fn one_defect_of_several_things_is_described_once() {
        let disabled = || Verdict::broken("it is disabled", ["sam deploy".to_owned()]);
        let of = |name: &str| Finding::new(Check::Schedule, name, disabled());
        let text = text(&[of("poll-jobs"), of("create-reports"), of("watch-books")], true);
        assert_eq!(text.matches("sam deploy").count(), 1, "{text}");
        assert!(text.contains("\n✗ schedule: poll-jobs, create-reports, watch-books\n"), "{text}");
        assert!(text.ends_with("3 checks: 0 fine, 0 to look at, 3 broken, 0 skipped\n"), "{text}");
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
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[4]["check"], "queue-policy");
        assert_eq!(lines[4]["cure"].as_array().unwrap().len(), 2);
        assert_eq!((&lines[5]["result"], &lines[5]["account"]), (&"skipped".into(), &"A1".into()));
    }
}
