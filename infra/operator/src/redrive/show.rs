//! What lies where, and what was done with it: for people, and in lines for scripts.

use std::fmt::Write as _;

use countinghouse_store::Job;
use jiff::Timestamp;
use serde::Serialize;

use super::quarantine::Outcome;
use super::queue::{Fate, Seen, SeenMessage};
use crate::desk::{age, minute, plain, table};

/// How many messages of a queue are shown one by one.
const MESSAGES_SHOWN: usize = 20;

/// Everything that was seen.
pub(super) fn people(seen: &[Seen], quarantined: &[Job], now: Timestamp, is_look: bool) -> String {
    let mut text = String::new();
    let rows = seen.iter().map(|each| {
        let oldest = each.oldest().map(|oldest| age(oldest, now)).unwrap_or_default();
        let done = if is_look || each.kind.fate != Fate::Moves { String::new() } else { each.moved.to_string() };
        [format!("{}-dlq", each.kind.name), each.kind.what.to_owned(), each.count.to_string(), oldest, done]
    });
    text.push_str(&table(["dead-letter queue", "what lies there", "messages", "oldest", "moved"], 2..5, rows));
    for each in seen {
        text.push_str(&details(each, now));
    }
    if !quarantined.is_empty() {
        text.push('\n');
        text.push_str(&self::quarantined(quarantined, now));
    }
    text.push_str(&closing(seen, is_look));
    text
}

fn details(seen: &Seen, now: Timestamp) -> String {
    let mut text = String::new();
    if seen.count == 0 && seen.hidden == 0 {
        return text;
    }
    let say = |text: &mut String, line: String| {
        let _infallible = writeln!(text, "{line}");
    };
    let name = format!("{}-dlq", seen.kind.name);
    if !seen.messages.is_empty() {
        say(&mut text, format!("\n{name}"));
        let rows = seen.messages.iter().take(MESSAGES_SHOWN).map(|message| {
            let about = &message.about;
            let since = message.sent_at.map(|at| age(at, now)).unwrap_or_default();
            let (account, subject) = (about.account.clone(), about.subject.clone());
            [about.kind.to_owned(), account.unwrap_or_default(), subject.unwrap_or_default(), since, tries(message)]
        });
        text.push_str(&table(["kind", "account", "about", "age", "received"], 3..5, rows));
        let more = seen.count.saturating_sub(u64::try_from(MESSAGES_SHOWN).unwrap_or(u64::MAX));
        if more > 0 {
            say(&mut text, format!("and {more} more"));
        }
    }
    if seen.hidden > 0 {
        let hidden = seen.hidden;
        say(&mut text, format!("{name}: {hidden} more are in somebody's hands; look again in half a minute"));
    }
    if seen.came_back > 0 {
        say(&mut text, format!("{name}: some failed again already and stay; the function's log says why"));
    }
    match seen.kind.fate {
        Fate::Rests(why) | Fate::Sealed(why) if seen.count > 0 => say(&mut text, format!("{name}: {why}")),
        Fate::Moves | Fate::Rests(_) | Fate::Sealed(_) => {}
    }
    text
}

fn tries(message: &SeenMessage) -> String {
    format!("{} times", message.receive_count)
}

fn closing(seen: &[Seen], is_look: bool) -> String {
    let lying: u64 = seen.iter().filter(|each| each.kind.fate == Fate::Moves).map(|each| each.count).sum();
    let moved: u64 = seen.iter().map(|each| each.moved).sum();
    match (is_look, lying, moved) {
        (true, 1.., _) => "\nNothing was moved. `countinghouse redrive QUEUE` or `--all` moves them back.\n".to_owned(),
        (false, _, 1..) => {
            "\nWhat fails again comes back after five tries: look again later with `countinghouse redrive`.\n"
                .to_owned()
        }
        _ => String::new(),
    }
}

/// The reports in quarantine.
pub(super) fn quarantined(jobs: &[Job], now: Timestamp) -> String {
    if jobs.is_empty() {
        return "no report is in quarantine\n".to_owned();
    }
    let rows = jobs.iter().map(|job| {
        let reason = plain(job.facts.reason.as_deref().unwrap_or_default());
        [
            job.seller.to_string(),
            job.report_id.to_string(),
            job.report_type.to_string(),
            age(job.updated_at, now),
            reason,
        ]
    });
    let mut text =
        String::from("In quarantine: `countinghouse replay --quarantined` shows what booking them now would come to\n");
    text.push_str(&table(["account", "report", "type", "age", "why"], 3..4, rows));
    text
}

/// What became of the reports.
pub(super) fn outcomes(ended: &[(Job, Outcome)]) -> String {
    let rows = ended.iter().map(|(job, outcome)| {
        [job.seller.to_string(), job.report_id.to_string(), job.report_type.to_string(), outcome.text()]
    });
    table(["account", "report", "type", "outcome"], 0..0, rows)
}

/// What was taken away.
pub(super) fn dropped(seen: &Seen) -> String {
    format!("{} messages of {}-dlq dropped\n", seen.dropped, seen.kind.name)
}

/// The names are a promise to scripts.
#[derive(Debug, Serialize)]
struct MessageLine<'a> {
    queue: String,
    message_id: &'a str,
    kind: &'a str,
    account: Option<&'a str>,
    about: Option<&'a str>,
    sent_at: Option<Timestamp>,
    receive_count: u64,
}

#[derive(Debug, Serialize)]
struct QueueLine {
    queue: String,
    messages: u64,
    in_hand: u64,
    oldest: Option<Timestamp>,
    moved: u64,
    dropped: u64,
    came_back: u64,
}

#[derive(Debug, Serialize)]
struct QuarantineLine<'a> {
    account: &'a str,
    report: &'a str,
    report_type: &'a str,
    outcome: &'a str,
    reason: String,
    since: String,
}

/// One line for each message, each queue and each report in quarantine.
pub(super) fn lines(seen: &[Seen], quarantined: &[Job]) -> String {
    let mut text = String::new();
    for each in seen {
        let queue = format!("{}-dlq", each.kind.name);
        for message in &each.messages {
            line(
                &mut text,
                &MessageLine {
                    queue: queue.clone(),
                    message_id: &message.id,
                    kind: message.about.kind,
                    account: message.about.account.as_deref(),
                    about: message.about.subject.as_deref(),
                    sent_at: message.sent_at,
                    receive_count: message.receive_count,
                },
            );
        }
        line(
            &mut text,
            &QueueLine {
                queue,
                messages: each.count,
                in_hand: each.hidden,
                oldest: each.oldest(),
                moved: each.moved,
                dropped: each.dropped,
                came_back: each.came_back,
            },
        );
    }
    for job in quarantined {
        let reason = plain(job.facts.reason.as_deref().unwrap_or_default());
        line(&mut text, &quarantine_line(job, "quarantined", reason));
    }
    text
}

/// One line for each report that was booked again.
pub(super) fn outcome_lines(ended: &[(Job, Outcome)]) -> String {
    let mut text = String::new();
    for (job, outcome) in ended {
        line(&mut text, &quarantine_line(job, outcome.name(), outcome.text()));
    }
    text
}

fn quarantine_line<'a>(job: &'a Job, outcome: &'a str, reason: String) -> QuarantineLine<'a> {
    QuarantineLine {
        account: job.seller.as_str(),
        report: job.report_id.as_str(),
        report_type: job.report_type.name(),
        outcome,
        reason,
        since: minute(job.updated_at),
    }
}

/// Texts, numbers and lists can always be written.
fn line(text: &mut String, value: &impl Serialize) {
    let _infallible = writeln!(text, "{}", serde_json::to_string(value).unwrap_or_default());
}
