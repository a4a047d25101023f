//! What a turn came to, as metrics.

use countinghouse_runtime::metrics::{Metric, MetricLine};
use countinghouse_store::{Answered, Booked, Waiting};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::PullError;
use crate::turn::Subject;

/// What a turn came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pages: u64,
    new: u64,
    updated: u64,
    unreadable: u64,
    found: u64,
    proven: u64,
    unproven: u64,
    standing: Option<Standing>,
}

/// How an account stands at the end of a turn.
#[derive(Debug, Clone, Copy)]
struct Standing {
    unreadable: u64,
    differing: u64,
    overdue: u64,
    open: u64,
    oldest_days: u64,
}

fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

impl Tally {
    pub(crate) fn page(&mut self, booked: &Booked, unreadable: u64) {
        add(&mut self.pages, 1);
        add(&mut self.new, booked.new);
        add(&mut self.updated, booked.updated);
        add(&mut self.unreadable, unreadable);
    }

    pub(crate) fn answered(&mut self, answered: Answered) {
        add(&mut self.found, answered.found);
    }

    pub(crate) fn proven(&mut self, is_proven: bool) {
        add(if is_proven { &mut self.proven } else { &mut self.unproven }, 1);
    }

    /// Looks how the account stands now.
    pub(crate) async fn look(&mut self, subject: &Subject<'_>) -> Result<(), PullError> {
        let (purchases, account) = (&subject.dependencies.purchases, &subject.account);
        let oldest = [
            purchases.oldest_waiting(account, Waiting::Overdue).await?,
            purchases.oldest_waiting(account, Waiting::Open).await?,
        ];
        self.standing = Some(Standing {
            unreadable: purchases.count_waiting(account, Waiting::Unreadable).await?,
            differing: purchases.count_waiting(account, Waiting::Differs).await?,
            overdue: purchases.count_waiting(account, Waiting::Overdue).await?,
            open: purchases.count_waiting(account, Waiting::Open).await?,
            oldest_days: oldest.into_iter().flatten().min().map_or(0, |since| days(since, subject.now())),
        });
        Ok(())
    }

    pub(crate) fn emit(&self, subject: &Subject<'_>) {
        let mut line = MetricLine::new("pull-purchases")
            .field("seller_id", subject.account.as_str())
            .value(Metric::PurchasePagesPulled, self.pages)
            .value(Metric::TransactionsPulled, self.new)
            .value(Metric::TransactionsUpdated, self.updated)
            .value(Metric::InvoicesFound, self.found)
            .value(Metric::ProvenPurchaseWindows, self.proven)
            .value(Metric::UnprovenPurchaseWindows, self.unproven);
        if let Some(standing) = self.standing {
            line = line
                .value(Metric::UnreadableTransactions, standing.unreadable)
                .value(Metric::DifferingTransactions, standing.differing)
                .value(Metric::OverdueInvoices, standing.overdue)
                .value(Metric::OpenTransactions, standing.open)
                .value(Metric::OldestOpenTransactionDays, standing.oldest_days);
        }
        line.emit(subject.now());
    }
}

fn days(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(since).as_hours().checked_div(24).unwrap_or(0)).unwrap_or(0)
}

impl Subject<'_> {
    /// Keeps something that cannot be read, under the hash of its bytes.
    pub(crate) async fn keep_unreadable(&self, reason: &str, json: &str) -> Result<(), PullError> {
        tracing::error!(seller_id = self.account.as_str(), error = reason, "Amazon says something that cannot be read");
        let hash: String = hex::encode(Sha256::digest(json.as_bytes())).chars().take(16).collect();
        self.dependencies.purchases.keep_unreadable(&self.account, &hash, reason, json, self.now()).await?;
        Ok(())
    }
}
