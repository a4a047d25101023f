//! One screen for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countinghouse_domain::job::JobState;
use countinghouse_domain::settlement::Chain;
use countinghouse_store::{Seller, StoredSettlement};
use countinghouse_vat_invoices::state::State;
use jiff::{SignedDuration, Timestamp};
use watch_books::Balance;

use super::gather::{Account, Overview};
use super::wants::{Want, report_words};
use crate::desk::{age, day, minute, money, plain, span, table};

/// What has ended is counted for so long; what is on its way, always.
const RECENT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// More things that need a person are counted, not listed.
const SHOWN: usize = 40;

/// The whole screen.
pub(super) fn text(stack: &str, overview: &Overview, wants: &[Want]) -> String {
    let mut text = String::new();
    let say = |text: &mut String, line: &str| {
        let _infallible = writeln!(text, "{line}");
    };
    let verdict = match wants.len() {
        0 => "nothing needs a person".to_owned(),
        1 => "1 thing needs a person, see the end".to_owned(),
        more => format!("{more} things need a person, see the end"),
    };
    say(&mut text, &format!("{stack} at {} UTC: {verdict}", minute(overview.now)));
    if overview.accounts.is_empty() {
        say(&mut text, "\nNo account is connected: countinghouse connect");
    }
    for account in &overview.accounts {
        text.push_str(&of_account(account, overview.now));
    }
    say(&mut text, "\nQueues");
    let rows = overview.queues.iter().map(|(name, depth)| {
        [
            name.clone(),
            depth.waiting.to_string(),
            depth.at_work.to_string(),
            depth.later.to_string(),
            depth.dead.to_string(),
        ]
    });
    text.push_str(&table(["queue", "waiting", "at work", "for later", "dead letters"], 1..5, rows));
    if !wants.is_empty() {
        say(&mut text, "\nNeeds a person");
        let rows = wants.iter().take(SHOWN).map(|want| {
            let since = want.since.map(|since| age(since, overview.now)).unwrap_or_default();
            [want.account.clone(), want.what.clone(), since, want.why.clone(), want.cure.to_owned()]
        });
        text.push_str(&table(["account", "what", "for", "why", "what to do"], 0..0, rows));
        if wants.len() > SHOWN {
            say(&mut text, &format!("and {} more: --json has all of them", wants.len().saturating_sub(SHOWN)));
        }
    }
    text
}

fn of_account(account: &Account, now: Timestamp) -> String {
    let mut text = String::new();
    let seller = &account.seller;
    let _infallible =
        writeln!(text, "\n{} ({}, {}): {}", plain(&seller.name), seller.seller_id, seller.region.code(), flows(seller));
    if !account.figures.balances.is_empty() {
        text.push_str("\nAccount at Amazon, by the last settlement\n");
        text.push_str(&balances(account, now));
    } else if seller.flows.settlements {
        text.push_str("\nNo settlement is booked yet.\n");
    }
    let reports = reports(account, now);
    if !reports.is_empty() {
        text.push_str("\nReports of the last 30 days\n");
        text.push_str(&table(["report", "state", "reports", "newest", "oldest"], 2..3, reports));
    }
    if let Some(hours) = account.figures.hours_since_vat_report {
        let ago = match hours {
            0 => "less than an hour".to_owned(),
            hours => span(SignedDuration::from_hours(i64::try_from(hours).unwrap_or(i64::MAX))),
        };
        let _infallible = writeln!(text, "\nThe last VAT report was booked, or was empty, {ago} ago.");
    }
    let mut line = |what: &str, counts: Vec<String>| {
        if !counts.is_empty() {
            let _infallible = writeln!(text, "\n{what}: {}", counts.join(", "));
        }
    };
    line(
        "Vendor invoices",
        account.vendor.iter().map(|(name, count)| format!("{count} {}", name.replace('_', " "))).collect(),
    );
    let waiting = account.purchases.iter().filter(|(_, count, _)| *count > 0);
    let waiting: Vec<String> = waiting
        .map(|(waiting, count, since)| {
            format!(
                "{count} {}{}",
                waiting.name(),
                since.map(|since| format!(" for {}", age(since, now))).unwrap_or_default()
            )
        })
        .collect();
    let all_agree = seller.flows.purchases && waiting.is_empty();
    line("Purchases", if all_agree { vec!["nothing is open, and nothing differs".to_owned()] } else { waiting });
    let own = account.own.iter().map(|(state, documents)| {
        let oldest = documents.iter().map(|document| document.due_since).min();
        let due = oldest.map(|since| format!(" (due for {})", age(since, now))).unwrap_or_default();
        format!("{} {}{due}", documents.len(), state_words(*state))
    });
    let own: Vec<String> = own.collect();
    let all_done = seller.flows.invoicing && own.is_empty();
    line("Own invoices", if all_done { vec!["all are at their end".to_owned()] } else { own });
    text
}

/// A state in words.
fn state_words(state: State) -> String {
    if state == State::NeedsPerson { "in need of a person".to_owned() } else { state.name().replace('_', " ") }
}

/// What the account is connected for.
pub(super) fn flow_names(seller: &Seller) -> Vec<&'static str> {
    let flows = seller.flows;
    [
        (flows.vat, "vat"),
        (flows.settlements, "settlements"),
        (flows.vendor, "vendor"),
        (flows.purchases, "purchases"),
        (flows.invoicing, "invoicing"),
    ]
    .into_iter()
    .filter_map(|(is_on, name)| is_on.then_some(name))
    .collect()
}

fn flows(seller: &Seller) -> String {
    let names = flow_names(seller);
    if names.is_empty() { "connected for nothing".to_owned() } else { names.join(", ") }
}

/// Two tables, so that each fits a usual terminal: the figures, and the settlements that they are of.
fn balances(account: &Account, now: Timestamp) -> String {
    let figures = account.figures.balances.iter().map(|balance| {
        let shown = |amount| money(amount, balance.currency);
        [
            balance.currency.to_string(),
            shown(balance.opening),
            shown(balance.incoming),
            shown(balance.outgoing),
            shown(balance.payout),
            shown(balance.closing),
            shown(balance.reserve),
        ]
    });
    let mut text = table(["", "opening", "in", "out", "paid out", "closing", "reserve"], 1..7, figures);
    text.push('\n');
    let settlements = account.figures.balances.iter().map(|balance| {
        let settlement = settlement_of(account, balance);
        [
            balance.currency.to_string(),
            balance.settlement_id.to_string(),
            format!("to {}", day(balance.ended_at)),
            settlement.map(|settlement| settlement.status().name().to_owned()).unwrap_or_default(),
            settlement.and_then(|settlement| settlement.chain.as_ref()).map(place).unwrap_or_default(),
            due(balance.next_due, now),
        ]
    });
    text.push_str(&table(["", "settlement", "period", "status", "chain", "next due"], 0..0, settlements));
    text
}

pub(super) fn settlement_of<'a>(account: &'a Account, balance: &Balance) -> Option<&'a StoredSettlement> {
    account.settlements.iter().find(|each| each.header.settlement_id == balance.settlement_id)
}

fn place(chain: &Chain) -> String {
    match chain {
        Chain::First | Chain::Gap => chain.name().to_owned(),
        Chain::Chained(predecessor) => format!("after {predecessor}"),
    }
}

fn due(at: Timestamp, now: Timestamp) -> String {
    if at < now { format!("{}, {} late", day(at), span(now.duration_since(at))) } else { day(at) }
}

/// How many reports stand where: those on their way, and those that came to an end lately.
fn reports(account: &Account, now: Timestamp) -> Vec<[String; 5]> {
    type Times = (u64, Timestamp, Timestamp);
    let mut groups: BTreeMap<(&'static str, usize), (JobState, Times)> = BTreeMap::new();
    for job in &account.jobs {
        let is_over = !job.state.is_in_flight() && job.state != JobState::Downloaded;
        if is_over && job.state != JobState::Quarantined && now.duration_since(job.updated_at) > RECENT {
            continue;
        }
        let order = JobState::ALL.iter().position(|state| *state == job.state).unwrap_or_default();
        let group = groups.entry((report_words(job.report_type), order));
        let (_, (count, oldest, newest)) = group.or_insert((job.state, (0, job.updated_at, job.updated_at)));
        *count = count.saturating_add(1);
        *oldest = (*oldest).min(job.updated_at);
        *newest = (*newest).max(job.updated_at);
    }
    let row = |((report, _), (state, (count, oldest, newest))): ((&'static str, usize), (JobState, Times))| {
        let ago = |time| format!("{} ago", age(time, now));
        let oldest = if count > 1 { ago(oldest) } else { String::new() };
        [report.to_owned(), state.to_string(), count.to_string(), ago(newest), oldest]
    };
    groups.into_iter().map(row).collect()
}
