//! The turn of one account: its windows, then its invoices, as far as time and Amazon's limits allow.

use std::time::Duration;

use countinghouse_amazon::{AmazonError, Seller as Amazon};
use countinghouse_domain::ids::SellerId;
use countinghouse_runtime::deadline::Deadline;
use countinghouse_runtime::function::Invocation;
use countinghouse_runtime::messages::{PullPurchases, Version};
use countinghouse_store::Turn;
use jiff::Timestamp;

use crate::tally::Tally;
use crate::{Dependencies, PullError, invoices, windows};

/// A bucket that is empty gives one request after a moment; waiting a little longer saves a start for each of them.
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether the work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is.
    Done,
    /// The rest is for a later turn, after this time.
    Later(Duration),
}

impl Progress {
    /// Both, one after the other: what waits longer does not hold up what could go on sooner.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Done, other) => other,
            (one, Self::Done) => one,
            (Self::Later(one), Self::Later(other)) => Self::Later(one.min(other)),
        }
    }

    /// What an error of Amazon's means: a limit that is reached is no failure.
    pub(crate) fn after(error: AmazonError) -> Result<Self, PullError> {
        if let AmazonError::RateLimited { wait, .. } = &error {
            return Ok(Self::Later((*wait).max(SHORTEST_PAUSE)));
        }
        Err(error.into())
    }
}

/// One turn.
pub(crate) struct Subject<'a> {
    pub(crate) dependencies: &'a Dependencies,
    pub(crate) account: SellerId,
    pub(crate) amazon: Amazon,
    deadline: Deadline,
}

impl Subject<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.dependencies.clock.now()
    }

    /// Whether it is time to stop.
    pub(crate) fn is_over(&self) -> bool {
        self.deadline.has_passed(self.now())
    }
}

/// Takes the turn of the account that the message names.
pub(crate) async fn take(
    dependencies: &Dependencies,
    message: PullPurchases,
    invocation: Invocation,
) -> Result<(), PullError> {
    let account = message.seller_id.ok_or(PullError::NoAccount)?;
    let connected = dependencies.accounts.get(&account).await?.filter(|connected| connected.flows.purchases);
    let connected = connected.ok_or_else(|| PullError::UnknownAccount(account.clone()))?;
    let now = dependencies.clock.now();
    if let Some(from) = message.from {
        // Written down before anything else: the next turn pulls it, whoever has it.
        dependencies
            .purchases
            .plan_windows(&account, dependencies.plan, Some((from, message.to.unwrap_or(now))), now)
            .await?;
    }
    let turn = match dependencies.purchases.take_turn(&account, now, invocation.deadline()).await? {
        Turn::Taken(turn) => turn,
        Turn::Busy { until } => {
            let wait = Duration::try_from(until.duration_since(now)).unwrap_or(SHORTEST_PAUSE);
            tracing::info!(seller_id = account.as_str(), "another run pulls this account");
            return go_on_later(dependencies, account, wait.max(SHORTEST_PAUSE)).await;
        }
    };
    let deadline = Deadline::new(now, invocation.deadline());
    let amazon = dependencies.amazon.seller(account.clone(), connected.region);
    let subject = Subject { dependencies, account, amazon, deadline };
    let mut tally = Tally::default();
    let worked = work(&subject, &mut tally).await;
    tally.emit(&subject);
    let ended = dependencies.purchases.end_turn(turn).await;
    let progress = worked?;
    ended?;
    match progress {
        Progress::Done => Ok(()),
        Progress::Later(wait) => go_on_later(dependencies, subject.account, wait).await,
    }
}

/// Windows and invoices have limits of their own at Amazon, so one does not wait for the other.
async fn work(subject: &Subject<'_>, tally: &mut Tally) -> Result<Progress, PullError> {
    let pulled = windows::pull(subject, tally).await?;
    let asked = invoices::ask(subject, tally).await?;
    let progress = pulled.and(asked);
    if progress == Progress::Done {
        tally.look(subject).await?;
    }
    Ok(progress)
}

async fn go_on_later(dependencies: &Dependencies, account: SellerId, wait: Duration) -> Result<(), PullError> {
    let rest = PullPurchases { version: Version, seller_id: Some(account), from: None, to: None };
    Ok(dependencies.turns.send(&rest, wait).await?)
}
