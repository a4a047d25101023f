//! The invoices of lines: asked for in questions of 25, and again later where there are none yet.

use std::collections::BTreeSet;
use std::time::Duration;

use countinghouse_purchases::{InvoiceAnswers, LineInvoices, OrderLineItem, questions};
use countinghouse_store::DueLine;

use crate::PullError;
use crate::tally::Tally;
use crate::turn::{Progress, Subject};

/// So many lines are asked about, then judged together.
const ROUND: usize = 200;

/// Asks for every invoice that is due. An answer takes its lines out of the index of what is due, so the index is looked
/// at from its start each time; it lags behind, so a line is asked about once in a turn at most.
pub(crate) async fn ask(subject: &Subject<'_>, tally: &mut Tally) -> Result<Progress, PullError> {
    let (purchases, now) = (&subject.dependencies.purchases, subject.now());
    let (mut from, mut seen) = (None, BTreeSet::new());
    loop {
        let mut due = purchases.due_lines(&subject.account, now, from.take(), ROUND).await?;
        due.lines.retain(|line| seen.insert(line.key.clone()));
        if due.lines.is_empty() {
            from = due.next;
            if from.is_none() {
                return Ok(Progress::Done);
            }
            continue;
        }
        let progress = ask_round(subject, due.lines, tally).await?;
        if progress != Progress::Done {
            return Ok(progress);
        }
    }
}

async fn ask_round(subject: &Subject<'_>, due: Vec<DueLine>, tally: &mut Tally) -> Result<Progress, PullError> {
    let (mut asked, mut answers) = (BTreeSet::new(), Vec::new());
    let mut progress = Ok(Progress::Done);
    for question in questions(due.iter().map(|line| line.item.clone())) {
        if subject.is_over() {
            progress = Ok(Progress::Later(Duration::ZERO));
            break;
        }
        match subject.amazon.invoices_of(&question).await {
            Ok(answer) => {
                asked.extend(question);
                answers.extend(read(subject, answer).await?);
            }
            Err(error) => {
                progress = Progress::after(error);
                break;
            }
        }
    }
    // What was answered before the limit or the failure is not asked again.
    store(subject, due, &asked, &answers, tally).await?;
    progress
}

async fn store(
    subject: &Subject<'_>,
    mut due: Vec<DueLine>,
    asked: &BTreeSet<OrderLineItem>,
    answers: &[LineInvoices],
    tally: &mut Tally,
) -> Result<(), PullError> {
    due.retain(|line| asked.contains(&line.item));
    if due.is_empty() {
        return Ok(());
    }
    let purchases = &subject.dependencies.purchases;
    tally.answered(purchases.answer(&subject.account, &due, answers, subject.now()).await?);
    Ok(())
}

/// The answers that can be read. A line whose answer cannot be read is asked about again.
async fn read(subject: &Subject<'_>, answers: InvoiceAnswers) -> Result<Vec<LineInvoices>, PullError> {
    let mut readable = Vec::with_capacity(answers.lines.len());
    for piece in answers.lines {
        match piece.reading {
            Ok(read) => readable.push(read.value),
            Err(error) => subject.keep_unreadable(&error.to_string(), piece.json.as_json()).await?,
        }
    }
    Ok(readable)
}
