//! `countinghouse profile`: the seller's profile, from which own invoices are made.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use countinghouse_domain::document::DocumentKind;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_invoicing::{Profile, ProfileError};
use countinghouse_store::OwnInvoiceObjects;
use countinghouse_vat_invoices::number::{Place, SeriesPattern};
use jiff::tz::TimeZone;

use crate::desk::{self, ATTENTION, FINE, Stdout, block_on, complain};
use crate::invoices::desk::{Desk, InvoicesError};
use crate::invoices::next::is_worth_a_try;
use crate::stack::StackArguments;

/// Check a seller's profile, and put it where own invoices are made from it
///
/// A profile is everything on an invoice that Amazon does not know: name, address, VAT numbers, look, number patterns and
/// small print, in TOML, with a logo beside it. shared/invoicing/profiles/example.toml explains every field.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Check),
    Put(Put),
}

/// Tell what is wrong with a profile, with line, field and what to write; no AWS
#[derive(Debug, clap::Args)]
struct Check {
    /// The profile; the logo that it names lies beside it
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Check a profile and store it with its logo in the stack's bucket; documents are made from it from then on
///
/// What was issued before stays as it is. Exit code 2: it is stored, and the account does not issue its own invoices yet.
#[derive(Debug, clap::Args)]
struct Put {
    /// The profile; the logo that it names lies beside it
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The seller's account
    #[arg(long, value_name = "ID")]
    account: String,

    #[command(flatten)]
    stack: StackArguments,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::Check(arguments) => block_on(check(arguments)),
        Command::Put(arguments) => block_on(put(arguments)),
    }
}

/// A profile that can be used, and the files that it is made of.
struct Read {
    profile: Profile,
    toml: Vec<u8>,
    beside: Vec<(String, Vec<u8>)>,
}

fn read(path: &Path) -> Result<Read, InvoicesError> {
    let file = path.display().to_string();
    let toml = fs::read(path).map_err(|source| InvoicesError::File { file: file.clone(), source })?;
    let text = std::str::from_utf8(&toml).map_err(|error| not_utf8(&file, error.valid_up_to()))?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let mut beside = Vec::new();
    let profile = Profile::read(&file, text, |name| {
        if name.contains(['/', '\\']) {
            return Err("it must lie beside the profile, so write its name without a folder".to_owned());
        }
        let bytes = fs::read(folder.join(name)).map_err(|error| error.to_string())?;
        beside.push((name.to_owned(), bytes.clone()));
        Ok(bytes)
    })?;
    Ok(Read { profile, toml, beside })
}

fn not_utf8(file: &str, byte: usize) -> ProfileError {
    let problem = format!("it is not UTF-8 from byte {byte} on: save it as UTF-8");
    ProfileError { file: file.to_owned(), line: None, field: String::new(), problem }
}

#[expect(clippy::unused_async, reason = "runs like its neighbour, which talks to AWS")]
async fn check(arguments: &Check) -> Result<u8, InvoicesError> {
    let read = read(&arguments.file)?;
    desk::show(&summary(&read))?;
    Ok(FINE)
}

async fn put(arguments: &Put) -> Result<u8, InvoicesError> {
    let read = read(&arguments.file)?;
    let text = summary(&read);
    let desk = Desk::open(&arguments.stack).await?;
    let accounts = desk.all_accounts().await?;
    let Some(account) = accounts.iter().find(|each| each.seller_id.as_str() == arguments.account) else {
        let ids: Vec<_> = accounts.iter().map(|each| each.seller_id.as_str()).collect();
        let connected = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        return Err(InvoicesError::NotConnected { account: arguments.account.chars().take(60).collect(), connected });
    };
    let bucket = desk.stack.bucket().await?;
    let objects = OwnInvoiceObjects::new(desk.stack.s3(), &bucket);
    let keys = objects.put_profile(&account.seller_id, read.toml, read.beside).await?;
    let mut stdout = Stdout;
    stdout.write_all(text.as_bytes())?;
    for key in keys {
        writeln!(stdout, "stored           s3://{bucket}/{key}")?;
    }
    if !account.flows.invoicing {
        let id = &account.seller_id;
        complain(&format!(
            "the profile is stored, but {id} is not connected for own invoices yet, so nothing is made from it"
        ));
        return Ok(ATTENTION);
    }
    let waiting = waiting(&desk, &account.seller_id).await?;
    if waiting > 0 {
        let id = &account.seller_id;
        let need = if waiting == 1 { "document needs" } else { "documents need" };
        writeln!(stdout, "{waiting} {need} a person: countinghouse invoices try-again --all --account {id}")?;
    }
    Ok(FINE)
}

/// How many documents of the seller wait for a person, perhaps for this profile.
async fn waiting(desk: &Desk, seller: &SellerId) -> Result<usize, InvoicesError> {
    let waiting = desk.invoices.needing_attention().await?;
    Ok(waiting.iter().filter(|each| each.seller == *seller && is_worth_a_try(each)).count())
}

/// What a person compares with the company's papers.
fn summary(read: &Read) -> String {
    let Read { profile, beside, .. } = read;
    let seller = &profile.seller;
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            let _infallible = writeln!(text, "{label:<17}{value}");
        }
    };
    line("seller", &seller.name);
    line("address", &format!("{}, {} {}, {}", seller.street, seller.postal_code, seller.city, seller.country));
    line("VAT numbers", &profile.vat_ids.values().cloned().collect::<Vec<_>>().join(", "));
    line("logo", &beside.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "));
    line("invoices", &example(&profile.numbers.invoice, DocumentKind::Invoice, &seller.country));
    line("credit notes", &example(&profile.numbers.credit_note, DocumentKind::CreditNote, &seller.country));
    text
}

/// A pattern with the first number and the series that it gives this year.
fn example(pattern: &str, kind: DocumentKind, country: &str) -> String {
    let Ok(parsed) = pattern.parse::<SeriesPattern>() else { return pattern.to_owned() };
    let year = SystemClock.now().to_zoned(TimeZone::UTC).year();
    let place = Place { year, marketplace: country.to_owned(), country: country.to_owned(), kind };
    let series = parsed.series(&place);
    parsed.render(&place, 1).map_or_else(|_| series.clone(), |first| format!("{first} and so on, series {series}"))
}
