//! `countinghouse purchases status`: how the purchases of each account stand.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::process::ExitCode;

use countinghouse_domain::money::Currency;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::{Listed, Seller, StoredWindow, Waiting, WindowProof};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::desk::{Desk, PurchasesError, block_on};
use super::show;
use super::span::Day;
use crate::stack::StackArguments;

/// Something needs a person.
const ATTENTION: u8 = 2;

/// Show sums, windows with their proofs, and what differs or is open
///
/// Exit code 0: nothing differs, is overdue, unreadable or unproven. 2: something is. 1: it could not be looked up.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only this account; otherwise all that are connected
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// Only what Amazon began to tell of from this day or month on
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,

    /// Only what Amazon began to tell of until this day or month
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,

    /// One JSON object for each account, in lines; with every window
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    stack: StackArguments,
}

/// What the transactions of one currency come to, as they are booked.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) transactions: u64,
    pub(super) charges: Decimal,
    pub(super) refunds: Decimal,
    pub(super) over_refunds: Decimal,
    pub(super) others: Decimal,
}

impl Sums {
    pub(super) fn net(&self) -> Decimal {
        [self.charges, self.refunds, self.over_refunds, self.others]
            .into_iter()
            .fold(Decimal::ZERO, Decimal::saturating_add)
    }
}

/// How an account stands.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) account: Seller,
    pub(super) now: Timestamp,
    pub(super) sums: BTreeMap<Currency, Sums>,
    pub(super) windows: Vec<(StoredWindow, Option<WindowProof>)>,
    pub(super) reconciled: u64,
    /// What waits for something, the longest first; none of a kind where nothing does.
    pub(super) waiting: Vec<(Waiting, Vec<Listed>)>,
    pub(super) unreadable: u64,
}

impl Standing {
    fn needs_attention(&self) -> bool {
        let unproven = self.windows.iter().any(|(window, _)| window.state.name() == "unproven");
        let bad = |waiting: &Waiting| matches!(waiting, Waiting::Differs | Waiting::Overdue);
        unproven || self.unreadable > 0 || self.waiting.iter().any(|(kind, listed)| bad(kind) && !listed.is_empty())
    }
}

/// Asks and prints.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(status(arguments))
}

async fn status(arguments: &Arguments) -> Result<ExitCode, PurchasesError> {
    let desk = Desk::open(&arguments.stack).await?;
    let mut attention = false;
    let accounts = desk.accounts(arguments.account.as_deref()).await?;
    if accounts.is_empty() && !arguments.json {
        writeln!(io::stdout().lock(), "No account is connected for purchases.")?;
    }
    for account in accounts {
        let standing = standing(&desk, account, arguments).await?;
        attention |= standing.needs_attention();
        let text = if arguments.json { show::json(&standing) } else { show::text(&standing) };
        io::stdout().lock().write_all(text.as_bytes())?;
    }
    Ok(if attention { ExitCode::from(ATTENTION) } else { ExitCode::SUCCESS })
}

async fn standing(desk: &Desk, account: Seller, arguments: &Arguments) -> Result<Standing, PurchasesError> {
    let (purchases, id, now) = (&desk.purchases, &account.seller_id, SystemClock.now());
    let mut windows = Vec::new();
    for window in purchases.windows(id).await? {
        let proof = window.proof()?;
        windows.push((window, proof));
    }
    let first = windows.iter().map(|(window, _)| window.window.from).min();
    let last = windows.iter().map(|(window, _)| window.window.to).max();
    let (from, to) = (arguments.from.map(Day::start), arguments.to.map(Day::end));
    let from = from.or(first).unwrap_or(now);
    // Whether a window's last moment belongs to it, Amazon does not say.
    let to = to.or(last).unwrap_or(now).max(from);
    let ids = purchases.ids_by_feed_date(id, from, to).await?;
    let all = purchases.listed(id, &ids).await?;
    let state_of = |listed: &Listed| match listed.state.as_str() {
        "reconciled" => None,
        "differs" => Some(Waiting::Differs),
        _ if listed.is_overdue => Some(Waiting::Overdue),
        _ => Some(Waiting::Open),
    };
    let of_kind = |kind: Waiting| {
        let mut listed: Vec<Listed> = all.iter().filter(|each| state_of(each) == Some(kind)).cloned().collect();
        listed.sort_by(|left, right| {
            (left.feed_date, &left.transaction_id).cmp(&(right.feed_date, &right.transaction_id))
        });
        (kind, listed)
    };
    let waiting = [Waiting::Differs, Waiting::Overdue, Waiting::Open].map(of_kind).into();
    let reconciled = all.iter().filter(|each| state_of(each).is_none()).count();
    Ok(Standing {
        sums: sums(&all),
        now,
        windows,
        reconciled: u64::try_from(reconciled).unwrap_or(u64::MAX),
        waiting,
        unreadable: purchases.count_waiting(id, Waiting::Unreadable).await?,
        account,
    })
}

fn sums(listed: &[Listed]) -> BTreeMap<Currency, Sums> {
    let mut sums: BTreeMap<Currency, Sums> = BTreeMap::new();
    for each in listed {
        let of_currency = sums.entry(each.amount.currency).or_default();
        of_currency.transactions = of_currency.transactions.saturating_add(1);
        let sum = match each.transaction_type.as_str() {
            "CHARGE" => &mut of_currency.charges,
            "REFUND" => &mut of_currency.refunds,
            "OVERREFUND" => &mut of_currency.over_refunds,
            _ => &mut of_currency.others,
        };
        *sum = sum.saturating_add(each.amount.amount);
    }
    sums
}
