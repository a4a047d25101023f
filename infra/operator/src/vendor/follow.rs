//! Follows invoices until each has an outcome.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::vendor::{InvoiceAttention, InvoiceStatus};
use countinghouse_store::{StoredFile, StoredInvoice};
use countinghouse_vendor_invoices::Invoice;
use indicatif::{ProgressBar, ProgressStyle};

use super::aws::{Desk, VendorError, table};
use super::check::{ACCEPTED, REJECTED, UNREADABLE};
use super::next;
use super::submit::Handed;
use crate::desk::Stdout;

/// An invoice whose outcome is waited for.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Which of the files.
    file: usize,
    id: String,
    content_hash: String,
}

impl Wanted {
    pub(super) fn new(file: usize, invoice: &Invoice) -> Self {
        Self { file, id: invoice.id().to_owned(), content_hash: invoice.content_hash().to_owned() }
    }
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// It stands here and goes nowhere by itself.
    Status(InvoiceStatus),
    /// Another invoice has its id, and stands here.
    Refused(InvoiceStatus),
    /// The stack could not read the file.
    Unreadable(String),
}

impl Outcome {
    fn name(&self) -> String {
        match self {
            Self::Status(status) => status.name().to_owned(),
            Self::Refused(_) => "refused".to_owned(),
            Self::Unreadable(_) => "unreadable".to_owned(),
        }
    }

    fn next(&self) -> String {
        match self {
            Self::Status(status) => next::after(*status).to_owned(),
            Self::Refused(status) => next::after_refusal(*status),
            Self::Unreadable(why) => why.clone(),
        }
    }

    const fn is_good(&self) -> bool {
        matches!(self, Self::Status(InvoiceStatus::Accepted | InvoiceStatus::PresumedAcceptedUnverified))
    }
}

/// How long to pause between two looks: short at first, while the stack is at work.
const FIRST_PAUSES: u32 = 15;
const SHORT_PAUSE: Duration = Duration::from_secs(2);
const LONG_PAUSE: Duration = Duration::from_secs(20);

/// Waits and prints what became of each; the exit code.
pub(super) async fn to_the_end(
    desk: &Desk,
    account: &SellerId,
    handed: &[Handed],
    wanted: Vec<Wanted>,
    minutes: u32,
) -> Result<u8, VendorError> {
    let bar = bar(wanted.len());
    let patience = Duration::from_secs(60 * u64::from(minutes));
    let mut slept = Duration::ZERO;
    let (mut pending, mut ended) = (wanted, Vec::new());
    for look in 0_u32.. {
        pending = look_at(desk, account, handed, pending, &mut ended).await?;
        bar.set_position(u64::try_from(ended.len()).unwrap_or(u64::MAX));
        if pending.is_empty() || slept >= patience {
            break;
        }
        let pause = if look < FIRST_PAUSES { SHORT_PAUSE } else { LONG_PAUSE };
        #[expect(clippy::disallowed_methods, reason = "a person asked to wait; no function waits so")]
        tokio::time::sleep(pause).await;
        slept = slept.saturating_add(pause);
    }
    bar.finish_and_clear();
    let mut rows: Vec<[String; 3]> =
        ended.iter().map(|(id, outcome)| [id.clone(), outcome.name(), outcome.next()]).collect();
    rows.extend(pending.iter().map(|wanted| [wanted.id.clone(), "(still on its way)".into(), LATER.into()]));
    write!(Stdout, "\n{}", table(["invoice", "outcome", "what to do next"], rows))?;
    Ok(match (pending.is_empty(), ended.iter().all(|(_, outcome)| outcome.is_good())) {
        (_, false) => REJECTED,
        (false, true) => UNREADABLE,
        (true, true) => ACCEPTED,
    })
}

const LATER: &str = "ask again with countinghouse vendor status";

/// Looks at each once; those without an outcome come back.
async fn look_at(
    desk: &Desk,
    account: &SellerId,
    handed: &[Handed],
    pending: Vec<Wanted>,
    ended: &mut Vec<(String, Outcome)>,
) -> Result<Vec<Wanted>, VendorError> {
    let mut files = Vec::new();
    for file in handed {
        let known = desk.invoices.file(account, &file.key).await?;
        files.push(known.filter(|known| known.version == file.version));
    }
    let mut still = Vec::new();
    for wanted in pending {
        let invoice = desk.invoices.get(account, &wanted.id).await?;
        let version = handed.get(wanted.file).and_then(|file| file.version.as_deref());
        let file = files.get(wanted.file).and_then(Option::as_ref);
        match outcome(&wanted.content_hash, version, file, invoice.as_ref()) {
            Some(outcome) => ended.push((wanted.id, outcome)),
            None => still.push(wanted),
        }
    }
    Ok(still)
}

/// The outcome, if there is one. What stands there from before counts only once the file was read.
fn outcome(
    content_hash: &str,
    version: Option<&str>,
    file: Option<&StoredFile>,
    invoice: Option<&StoredInvoice>,
) -> Option<Outcome> {
    if let Some(why) = file.and_then(|file| file.unreadable.clone()) {
        return Some(Outcome::Unreadable(why));
    }
    let invoice = invoice?;
    let is_ours = version.is_some() && invoice.received.version.as_deref() == version;
    if !is_ours && file.is_none() {
        return None;
    }
    match (&invoice.content_hash, invoice.status) {
        (_, InvoiceStatus::Rejected) => Some(Outcome::Status(InvoiceStatus::Rejected)),
        (Some(hash), status) if hash != content_hash => Some(Outcome::Refused(status)),
        (_, status) if status.attention() == Some(InvoiceAttention::OnItsWay) => None,
        (_, status) => Some(Outcome::Status(status)),
    }
}

fn bar(count: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("waiting for Amazon  {bar:40} {pos} of {len}, {elapsed}");
    ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX))
        .with_style(style.unwrap_or_else(|_unknown| ProgressStyle::default_bar()))
}
