//! The figures as metrics: for each seller, currency and state, and the worst of all for the alarms.

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::job::JobState;
use countinghouse_domain::money::Currency;
use countinghouse_runtime::metrics::{Metric, MetricLine};
use rust_decimal::Decimal;

use crate::account::AccountFigures;
use crate::balance::Balance;
use crate::jobs::is_open;
use crate::summary::{Attention, Figures};

const FUNCTION: &str = "watch-books";

/// Every line of a run. Where nobody is connected there is nothing to say.
pub(crate) fn of(figures: &Figures) -> Vec<MetricLine> {
    if figures.accounts.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![worst(figures)];
    for (state, all) in &figures.states {
        let line = MetricLine::new(FUNCTION).per("State", *state).value(Metric::JobsInState, all.count);
        // What has ended does not grow older.
        let age = JobState::from_name(state).filter(|state| is_open(*state)).map(|_| all.oldest_s.into());
        lines.push(line.amount_if(Metric::OldestJobInStateSeconds, age));
    }
    for (account, attention) in &figures.accounts {
        lines.push(of_seller(account, attention));
        lines.extend(account.balances.iter().map(|balance| of_currency(&account.seller, balance, figures)));
    }
    lines
}

fn of_seller(account: &AccountFigures, attention: &Attention) -> MetricLine {
    let line = MetricLine::new(FUNCTION)
        .per("Seller", account.seller.as_str())
        .amount_if(Metric::HoursSinceSettlement, account.hours_since_settlement.map(Decimal::from))
        .amount_if(Metric::HoursSinceVatReport, account.hours_since_vat_report.map(Decimal::from))
        .value(Metric::OldestOpenJobSeconds, account.oldest_open_job_s)
        .value(Metric::RateBudgetLeft, account.rate_left_percent)
        .amount_if(Metric::DaysUntilSecretExpires, account.days_until_secret_expires.map(Decimal::from))
        .amount(Metric::DaysUntilReportsAreLost, account.days_until_reports_are_lost.into());
    counted(line, attention)
}

fn counted(line: MetricLine, attention: &Attention) -> MetricLine {
    line.value(Metric::SettlementsUnproven, attention.unproven)
        .value(Metric::SettlementsInConflict, attention.in_conflict)
        .value(Metric::RowsUnclassified, attention.unclassified_rows)
        .value(Metric::SettlementsNeedingAPerson, attention.needing_a_person)
}

fn of_currency(seller: &SellerId, balance: &Balance, figures: &Figures) -> MetricLine {
    let until_due = balance.next_due.duration_since(figures.now).as_hours().div_euclid(24);
    let money = |amount: Decimal| with_cents(amount, balance.currency);
    MetricLine::new(FUNCTION)
        .per("Seller", seller.as_str())
        .per("Currency", balance.currency.code())
        .field("settlement_id", balance.settlement_id.as_str())
        .field("last_settlement_end", balance.ended_at.strftime("%Y-%m-%d").to_string())
        .field("next_settlement_due", balance.next_due.strftime("%Y-%m-%d").to_string())
        .amount(Metric::BalanceOpening, money(balance.opening))
        .amount(Metric::BalanceIn, money(balance.incoming))
        .amount(Metric::BalanceOut, money(balance.outgoing))
        .amount(Metric::BalancePayout, money(balance.payout))
        .amount(Metric::BalanceClosing, money(balance.closing))
        .amount(Metric::BalanceReserve, money(balance.reserve))
        .amount(Metric::DaysUntilNextSettlement, until_due.into())
}

/// An amount with as many digits as its currency has: `150` euros are `150.00`.
fn with_cents(amount: Decimal, currency: Currency) -> Decimal {
    let mut shown = amount;
    shown.rescale(amount.scale().max(currency.minor_digits()));
    shown
}

/// The longest silence, the oldest report, the least that is left: of whichever account it is.
fn worst(figures: &Figures) -> MetricLine {
    let accounts = || figures.accounts.iter().map(|(account, _)| account);
    let longest = |each: fn(&AccountFigures) -> Option<u64>| accounts().filter_map(each).max().map(Decimal::from);
    let least = |each: fn(&AccountFigures) -> Option<i64>| accounts().filter_map(each).min().map(Decimal::from);
    let line = MetricLine::new(FUNCTION)
        .amount_if(Metric::HoursSinceSettlement, longest(|account| account.hours_since_settlement))
        .amount_if(Metric::HoursSinceVatReport, longest(|account| account.hours_since_vat_report))
        .amount_if(Metric::OldestOpenJobSeconds, longest(|account| Some(account.oldest_open_job_s)))
        .amount_if(Metric::DaysUntilSecretExpires, least(|account| account.days_until_secret_expires))
        .amount_if(Metric::DaysUntilReportsAreLost, least(|account| Some(account.days_until_reports_are_lost)))
        .amount_if(Metric::RateBudgetLeft, accounts().map(|account| account.rate_left_percent).min().map(Decimal::from))
        .amount_if(Metric::VendorInvoicesNeedingAPerson, figures.vendor_needing_a_person.map(Decimal::from));
    counted(line, &figures.attention)
}
