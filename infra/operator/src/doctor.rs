//! `countinghouse doctor`: is everything of a deployed stack as it should be?
//!
//! It reads and changes nothing. Of Amazon it asks for access tokens, and calls operations that read; one of them makes
//! a restricted data token, which is thrown away.

mod accounts;
mod bucket;
mod budget;
mod check;
mod clock;
mod credentials;
mod deployment;
mod invoices;
mod mend;
mod notifications;
mod patient;
mod policy;
mod queues;
mod report;
mod reports;
mod roles;
mod schedules;
mod settlements;
mod subscriptions;
mod unanswered;

use std::future::Future;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use countinghouse_store::Seller;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use check::{Check, Finding};
use credentials::Keyring;
use patient::Patient;
use subscriptions::Destinations;

use crate::desk::{ATTENTION, DeskError, FINE, block_on, show};
use crate::stack::StackArguments;

/// Why a check that needs Amazon was not made.
const WITHOUT_AMAZON: &str = "--without-amazon";

/// A group of checks may take so long: several answers of Amazon's, each with its own limit.
const LONGEST: Duration = Duration::from_mins(2);

/// Examine a deployed stack, and say how to mend what is not as it should be
///
/// Looks at the stack and its version, the clock, the bucket, schedules, queues and what failed for good, the queue that
/// Amazon notifies through with its policy, its key, its destinations and subscriptions, and of each account at its
/// secret, its access token, roles and restricted token, its reports, settlements, invoices and purchases. Each finding
/// comes with the command or the page of a console that mends it.
///
/// Changes nothing, neither in AWS nor at Amazon. A check that cannot be made, for example because an AWS permission is
/// missing, is a finding of its own.
///
/// Exit code 0: all is fine. 2: something is to be looked at or broken. 1: there is no such stack, or AWS cannot be
/// reached.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Of the accounts only this one; otherwise all that are connected
    #[arg(long, value_name = "ID")]
    account: Option<String>,

    /// Ask Amazon nothing: no access tokens, roles, destinations or subscriptions
    #[arg(long)]
    without_amazon: bool,

    /// Leave out checks of these names, for example `alarm-subscriber`
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    except: Vec<Check>,

    /// Show only what is not as it should be
    #[arg(long)]
    findings: bool,

    /// One JSON object for each finding, in lines: check, of, account, result (fine, look, broken, skipped), text, cure
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    stack: StackArguments,
}

/// Examines and prints.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    block_on(examine(arguments))
}

async fn examine(arguments: &Arguments) -> Result<u8, DeskError> {
    let bar = bar();
    bar.set_message("finding the stack");
    let with_amazon = !arguments.without_amazon;
    let patient = Patient::find(&arguments.stack, arguments.account.as_deref(), with_amazon).await?;
    let mut findings = everything(Arc::new(patient), &bar).await;
    bar.finish_and_clear();
    findings.retain(|finding| !arguments.except.contains(&finding.check));
    // What belongs together stands together, in the order in which it was found.
    findings.sort_by_key(|finding| finding.check);
    let is_fine = findings.iter().all(|finding| finding.verdict.defect().is_none());
    let text = if arguments.json {
        findings.retain(|finding| !arguments.findings || finding.verdict.defect().is_some());
        report::json(&findings)
    } else {
        report::text(&findings, arguments.findings)
    };
    show(&text)?;
    Ok(if is_fine { FINE } else { ATTENTION })
}

/// Groups of checks that run side by side. One that fails or takes too long stops no other.
struct Examination<'a> {
    running: JoinSet<(usize, Vec<Finding>)>,
    bar: &'a ProgressBar,
    started: usize,
}

impl<'a> Examination<'a> {
    fn new(bar: &'a ProgressBar) -> Self {
        Self { running: JoinSet::new(), bar, started: 0 }
    }

    /// Starts a group; `check` and `of` stand for it where it does not come to its end.
    fn start(
        &mut self,
        check: Check,
        of: impl Into<String>,
        group: impl Future<Output = Vec<Finding>> + Send + 'static,
    ) {
        let (number, of) = (self.started, of.into());
        self.started = number.saturating_add(1);
        self.bar.inc_length(1);
        self.running.spawn(async move {
            // A group that panics is caught here, too.
            let ended = tokio::time::timeout(LONGEST, tokio::spawn(group)).await;
            let findings = match ended {
                Ok(Ok(findings)) => findings,
                Ok(Err(failed)) => vec![Finding::new(check, of, unanswered::failed(&failed))],
                Err(_elapsed) => vec![Finding::new(check, of, unanswered::too_late(LONGEST.as_secs()))],
            };
            (number, findings)
        });
    }

    /// What all groups found, in the order in which they were started.
    async fn end(mut self) -> Vec<Finding> {
        let mut groups = Vec::new();
        while let Some(ended) = self.running.join_next().await {
            // Each catches its own failures.
            groups.extend(ended);
            self.bar.inc(1);
        }
        groups.sort_by_key(|(number, _)| *number);
        groups.into_iter().flat_map(|(_, findings)| findings).collect()
    }
}

async fn everything(patient: Arc<Patient>, bar: &ProgressBar) -> Vec<Finding> {
    bar.set_length(0);
    bar.set_message("examining the stack");
    let mut findings = deployment::check(&patient);
    findings.extend(accounts::check(&patient));
    let mut examination = Examination::new(bar);
    let with = || Arc::clone(&patient);
    let whole = with();
    examination.start(Check::Clock, "this machine", async move { clock::check(&whole).await });
    let whole = with();
    examination.start(Check::BucketVersioning, "the bucket", async move { bucket::check(&whole).await });
    let whole = with();
    examination.start(Check::Schedule, "all schedules", async move { schedules::check(&whole).await });
    let whole = with();
    examination.start(Check::Queue, "all queues", async move { queues::check(&whole).await });
    let whole = with();
    examination.start(Check::QueuePolicy, "notifications", async move { notifications::check(&whole).await });
    let whole = with();
    examination.start(Check::SettlementProof, "all accounts", async move { settlements::check(&whole).await });
    for account in &patient.accounts {
        let (patient, account) = (with(), account.clone());
        let of = account.seller_id.to_string();
        examination.start(Check::Jobs, of, async move { books(&patient, &account).await });
    }
    // The secrets are read once; what is asked with them comes after.
    let ring = Arc::new(credentials::open(&patient).await);
    findings.extend(ring.findings.clone());
    let (destinations_found, destinations) = subscriptions::destinations(&patient, &ring).await;
    findings.extend(destinations_found);
    let destinations = Arc::new(destinations);
    for account in &patient.accounts {
        let (patient, account) = (with(), account.clone());
        let (ring, destinations) = (Arc::clone(&ring), Arc::clone(&destinations));
        let of = account.seller_id.to_string();
        examination.start(Check::Token, of, async move { at_amazon(&patient, &ring, &destinations, &account).await });
    }
    findings.extend(examination.end().await);
    findings
}

/// What an account's tables say.
async fn books(patient: &Patient, account: &Seller) -> Vec<Finding> {
    let mut findings = schedules::last_runs(patient, account).await;
    if account.flows.vat || account.flows.settlements || account.flows.invoicing {
        findings.extend(reports::check(patient, account).await);
    }
    findings.extend(invoices::check(patient, account).await);
    findings
}

/// What Amazon says to an account.
async fn at_amazon(patient: &Patient, ring: &Keyring, destinations: &Destinations, account: &Seller) -> Vec<Finding> {
    let (token, is_there) = credentials::token(patient, ring, account).await;
    let why = token.verdict.clone();
    let mut findings = vec![token];
    match &patient.amazon {
        Some(amazon) if is_there => {
            findings.extend(roles::check(patient, amazon, account).await);
            findings.extend(subscriptions::of_account(patient, amazon, ring, destinations, account).await);
        }
        _ => findings.extend(roles::skipped(account, &why)),
    }
    findings
}

fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg}  {bar:30} {pos} of {len} groups, {elapsed}");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_unknown| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
