//! The queues: what failed for good, and what waits without being taken.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName::{
    All, ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed, ApproximateNumberOfMessagesNotVisible,
};

use super::check::{Check, Finding, Verdict};
use super::patient::{Patient, Resource};
use super::unanswered::Unanswered;

/// A function takes a message within a second; what nobody has taken after this pause nobody takes.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);
/// So many waiting messages are more than a day's work of most sellers.
const MANY: u64 = 1_000;

/// The messages of a queue, as SQS estimates them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    waiting: u64,
    in_hand: u64,
    delayed: u64,
}

/// Every queue of the template.
pub(super) async fn check(patient: &Patient) -> Vec<Finding> {
    let made = match patient.made("AWS::SQS::Queue") {
        Ok(made) => made,
        Err(unanswered) => return vec![Finding::new(Check::Queue, "all queues", unanswered)],
    };
    let (mut findings, mut idle) = (Vec::new(), Vec::new());
    for queue in made {
        let is_dead_letters = queue.name().ends_with("-dlq");
        let check = if is_dead_letters { Check::DeadLetterQueue } else { Check::Queue };
        match counts(patient, queue).await {
            Err(verdict) => findings.push(Finding::new(check, queue.name(), verdict)),
            Ok(counts) if is_dead_letters => {
                findings.push(Finding::new(check, queue.name(), dead_letters(patient, queue, counts)));
            }
            Ok(counts) if counts.waiting > 0 && counts.in_hand == 0 => idle.push(queue),
            Ok(counts) => findings.push(Finding::new(check, queue.name(), work(patient, queue, counts))),
        }
    }
    findings.extend(second_look(patient, idle).await);
    findings
}

/// A queue in which messages wait and none is in hand may just have got them: it is looked at again.
async fn second_look(patient: &Patient, idle: Vec<&Resource>) -> Vec<Finding> {
    if idle.is_empty() {
        return Vec::new();
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "a person waits for the difference between two looks; no function does"
    )]
    tokio::time::sleep(TAKEN_WITHIN).await;
    let mut findings = Vec::new();
    for queue in idle {
        let verdict = match counts(patient, queue).await {
            Err(verdict) => verdict,
            Ok(counts) if counts.waiting > 0 && counts.in_hand == 0 => {
                let function = reader_of(patient.short(queue.name()));
                Verdict::broken(
                    format!("{} and no function takes them", messages(counts.waiting, "wait", "waits")),
                    [
                        patient.mend.aws(&format!(
                            "lambda list-event-source-mappings --function-name {}-{function}",
                            patient.stack.name
                        )),
                        patient.mend.aws("lambda update-event-source-mapping --enabled --uuid UUID"),
                        patient.mend.log(function),
                    ],
                )
            }
            Ok(counts) => work(patient, queue, counts),
        };
        findings.push(Finding::new(Check::Queue, queue.name(), verdict));
    }
    findings
}

async fn counts(patient: &Patient, queue: &Resource) -> Result<Counts, Verdict> {
    let client = aws_sdk_sqs::Client::new(&patient.stack.aws);
    let answer = client.get_queue_attributes().queue_url(&queue.id).attribute_names(All).send().await;
    let answer = answer.map_err(|error| {
        let unanswered = Unanswered::aws("sqs:GetQueueAttributes", &error);
        if unanswered.is_missing() { gone(patient) } else { unanswered.verdict(&patient.mend) }
    })?;
    let attributes = answer.attributes.unwrap_or_default();
    let count = |name| attributes.get(&name).and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(Counts {
        waiting: count(ApproximateNumberOfMessages),
        in_hand: count(ApproximateNumberOfMessagesNotVisible),
        delayed: count(ApproximateNumberOfMessagesDelayed),
    })
}

/// The finding of a queue that somebody deleted.
pub(super) fn gone(patient: &Patient) -> Verdict {
    Verdict::broken(
        "the queue was deleted",
        [
            patient.mend.console(
                "cloudformation/home#/stacks (detect drift, then take the queue out of the template and put it back)",
            ),
            patient.mend.deploy(""),
        ],
    )
}

fn dead_letters(patient: &Patient, queue: &Resource, counts: Counts) -> Verdict {
    let total = counts.waiting.saturating_add(counts.in_hand).saturating_add(counts.delayed);
    if total == 0 {
        return Verdict::fine("empty");
    }
    let short = patient.short(queue.name());
    let name = short.strip_suffix("-dlq").unwrap_or(short);
    let mut cure = vec![patient.mend.log(reader_of(name))];
    match name {
        // The next run of the schedule does the work.
        "schedules" => cure.push(patient.mend.own("redrive schedules --drop")),
        // The message told of a client secret, which is not kept.
        "client-secrets" => {
            cure.extend([patient.mend.own("rotate"), patient.mend.own("redrive client-secrets --drop")]);
        }
        name => cure.push(patient.mend.own(&format!("redrive {name}"))),
    }
    Verdict::broken(format!("{} after all tries", messages(total, "failed", "failed")), cure)
}

fn work(patient: &Patient, queue: &Resource, counts: Counts) -> Verdict {
    let Counts { waiting, in_hand, delayed } = counts;
    let found = format!("{waiting} waiting, {in_hand} in hand, {delayed} later");
    if waiting < MANY {
        return Verdict::fine(if waiting + in_hand + delayed == 0 { "empty".to_owned() } else { found });
    }
    let function = reader_of(patient.short(queue.name()));
    Verdict::look(
        format!("work piles up: {found}. After a backfill that is normal; otherwise see what the function logs"),
        [patient.mend.log(function)],
    )
}

/// The function that reads a queue.
fn reader_of(queue: &str) -> &str {
    match queue {
        "notifications" => "receive-notifications",
        "downloads" => "download-documents",
        "bookings" => "book-documents",
        "vendor-submissions" => "submit-vendor-invoices",
        "purchases" => "pull-purchases",
        "invoice-issues" => "issue-invoices",
        "invoice-uploads" => "upload-invoices",
        "client-secrets" => "rotate-secrets",
        // Scheduled runs that failed, of any function: poll-jobs runs the most often.
        _ => "poll-jobs",
    }
}

fn messages(count: u64, many: &str, one: &str) -> String {
    if count == 1 { format!("1 message {one}") } else { format!("{count} messages {many}") }
}
