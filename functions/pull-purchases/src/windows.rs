//! The windows of an account: page after page into the table, and each window proven at its end.

use std::time::Duration;

use countinghouse_amazon::AmazonError;
use countinghouse_purchases::{Piece, RemarkKind, Transaction};
use countinghouse_store::{PageRecord, StoredWindow};

use crate::PullError;
use crate::tally::Tally;
use crate::turn::{Progress, Subject};

/// So often a window is begun again within a turn; then it has a rest.
const MOST_RESTARTS: u32 = 3;
/// The rest.
const AFTER_RESTARTS: Duration = Duration::from_mins(5);

/// Pulls what is due and what was asked for, the earliest day first.
pub(crate) async fn pull(subject: &Subject<'_>, tally: &mut Tally) -> Result<Progress, PullError> {
    let purchases = &subject.dependencies.purchases;
    let windows = purchases.plan_windows(&subject.account, subject.dependencies.plan, None, subject.now()).await?;
    for window in windows.into_iter().filter(|window| !window.state.is_over()) {
        let progress = pull_window(subject, window, tally).await?;
        if progress != Progress::Done {
            return Ok(progress);
        }
    }
    Ok(Progress::Done)
}

async fn pull_window(
    subject: &Subject<'_>,
    mut window: StoredWindow,
    tally: &mut Tally,
) -> Result<Progress, PullError> {
    let purchases = &subject.dependencies.purchases;
    let mut restarts = 0;
    // A window without a token of which pages were read is read to its end.
    while window.pages.pages == 0 || window.next_page_token.is_some() {
        if subject.is_over() {
            return Ok(Progress::Later(Duration::ZERO));
        }
        let page = match subject.amazon.transactions_page(window.window, window.next_page_token.as_deref()).await {
            Ok(page) => page,
            Err(AmazonError::PageExpired { .. }) if restarts < MOST_RESTARTS => {
                restarts = restarts.saturating_add(1);
                tracing::info!(seller_id = subject.account.as_str(), window = %window.window, "the page token has expired; the window begins again");
                window = purchases.restart_window(&window, subject.now()).await?;
                continue;
            }
            Err(AmazonError::PageExpired { .. }) => return Ok(Progress::Later(AFTER_RESTARTS)),
            Err(error) => return Progress::after(error),
        };
        let record = book(subject, &window, page.transactions, tally).await?;
        window = purchases.note_page(&window, &record, page.next.as_deref(), subject.now()).await?;
    }
    prove(subject, &window, tally).await?;
    Ok(Progress::Done)
}

/// Books one page. What cannot be read is kept and shown.
async fn book(
    subject: &Subject<'_>,
    window: &StoredWindow,
    pieces: Vec<Piece<Transaction>>,
    tally: &mut Tally,
) -> Result<PageRecord, PullError> {
    let (mut transactions, mut unreadable) = (Vec::with_capacity(pieces.len()), 0_u64);
    for piece in pieces {
        match piece.reading {
            Ok(read) => {
                let strange = read.remarks.iter().filter(|remark| remark.kind != RemarkKind::UnknownField);
                for remark in strange {
                    tracing::warn!(seller_id = subject.account.as_str(), transaction_id = read.value.transaction_id, remark = %remark, "Amazon says something strange");
                }
                transactions.push(read.value);
            }
            Err(error) => {
                unreadable = unreadable.saturating_add(1);
                subject.keep_unreadable(&error.to_string(), piece.json.as_json()).await?;
            }
        }
    }
    let purchases = &subject.dependencies.purchases;
    let booked = purchases.book(&subject.account, &window.pull(), transactions, subject.now()).await?;
    tally.page(&booked, unreadable);
    Ok(PageRecord { contents: booked.contents, unreadable })
}

async fn prove(subject: &Subject<'_>, window: &StoredWindow, tally: &mut Tally) -> Result<(), PullError> {
    let (window, proof) = subject.dependencies.purchases.prove_window(window, subject.now()).await?;
    tally.proven(proof.is_proven());
    tracing::info!(
        seller_id = subject.account.as_str(),
        window = %window.window,
        state = window.state.name(),
        pages = proof.pages,
        transactions = proof.transactions,
        gaps = proof.gaps.len(),
        differing = proof.differing.len(),
        "the window is read to its end"
    );
    Ok(())
}
