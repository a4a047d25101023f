//! `countinghouse import`: reports that a person downloaded, into the deployed stack.

mod follow;
mod outcome;
mod read;
mod standing;
mod vidr;

use std::io;
use std::process::ExitCode;

use clap::ValueEnum;
use countinghouse_domain::ids::ReportId;
use countinghouse_domain::job::JobState;
use countinghouse_domain::report::ReportType;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::{
    Facts, Found, Jobs, ObjectMetadata, Origin, PutError, ReportObjects, Seller, Settlements, StoreError, report_key,
};

use crate::desk::{self, ATTENTION, DeskError, FAILED, FINE, block_on, complain, confirmed, print, tell};
use crate::stack::{Stack, StackArguments, StackError};
use read::{Reading, Readings};
use standing::Standing;

/// Put reports that you downloaded yourself into the deployed stack
///
/// Amazon's API hands out reports for 90 days. What is older is downloaded in Seller Central and imported here: settlements
/// (flat file V2, V1 and XML), VAT reports and VAT invoice data reports. Each file is read to its end first and shown as it
/// would be booked; then it goes into the stack's bucket and takes the same way as a report from the API.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(crate) struct Arguments {
    /// The files; gzip is unpacked, what a file is is found out by its content
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    /// The account whose reports they are, as it is connected to the stack; no report says it by itself
    #[arg(long, value_name = "ID")]
    account: String,

    /// What the files must be; a file that is something else is refused
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<Kind>,

    /// The character set of the files, where it is known; otherwise it is found out
    #[arg(long, value_name = "NAME")]
    charset: Option<String>,

    /// Import a settlement also if its amounts do not come to its total; it will be booked as unproven
    #[arg(long)]
    unproven_too: bool,

    /// Import a VAT invoice data report also if documents of it are due: they are then numbered, made and uploaded to Amazon
    #[arg(long)]
    issue_due: bool,

    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// Do it without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,

    /// Wait until each file is booked, and show what came of it
    #[arg(long)]
    wait: bool,

    /// How long to wait at most, in minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 15, requires = "wait")]
    wait_minutes: u32,

    #[command(flatten)]
    stack: StackArguments,
}

/// What a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// A settlement report
    Settlement,
    /// `SC_VAT_TAX_REPORT`
    Vat,
    /// A VAT invoice data report (VIDR)
    Vidr,
}

impl Kind {
    /// What a person calls it.
    const fn words(self) -> &'static str {
        match self {
            Self::Settlement => "settlement",
            Self::Vat => "VAT report",
            Self::Vidr => "VAT invoice data report",
        }
    }

    /// The kind of a report.
    const fn of(report: ReportType) -> Self {
        use countinghouse_domain::report::RequestableReport;
        match report {
            ReportType::Settlement(_) => Self::Settlement,
            ReportType::Requestable(RequestableReport::ScVatTaxReport) => Self::Vat,
            ReportType::Requestable(RequestableReport::VatInvoices(_)) => Self::Vidr,
        }
    }
}

const HELP: &str = "\
The same file twice is booked once: a report's id is made from its content. A settlement that is booked already from the
same bytes is left alone; one that is booked from other bytes, or for another account, is refused.

Exit code:
  0  imported, or there already; with --wait, booked and nothing needs a person
  2  something is refused, and then nothing is imported; with --wait, something needs a person
  1  a file cannot be read to its end, and then nothing is imported; or not all was booked in time

Examples:
  countinghouse import 2025-*.txt --account A3TH9S8BH6GOGM --dry-run
  countinghouse import vat-2025-06.csv.gz --account A3TH9S8BH6GOGM --yes --wait
";

/// Why nothing more is imported.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    /// The stack, or the account.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A table of the stack.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be opened again.
    #[error("{file} cannot be opened")]
    Open {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be put into the bucket.
    #[error("{file} cannot be put into the bucket; give the same command again")]
    Put {
        /// The file.
        file: String,
        /// Why.
        source: Box<PutError<io::Error>>,
    },
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
}

impl From<StackError> for ImportError {
    fn from(error: StackError) -> Self {
        Self::Desk(error.into())
    }
}

/// The stack and whose reports they are.
pub(super) struct Office {
    stack: Stack,
    account: Seller,
    pub(super) jobs: Jobs,
    pub(super) settlements: Settlements,
}

impl Office {
    async fn open(arguments: &Arguments) -> Result<Self, ImportError> {
        let stack = Stack::open(&arguments.stack).await?;
        let mut accounts = desk::accounts(&stack, Some(&arguments.account)).await?;
        let not_connected =
            || DeskError::NotConnected { account: arguments.account.clone(), connected: String::from("none") };
        let account = accounts.pop().ok_or_else(not_connected)?;
        let jobs = Jobs::new(stack.dynamodb(), &stack.tables.jobs);
        let settlements = Settlements::new(stack.dynamodb(), &stack.tables.settlements);
        Ok(Self { stack, account, jobs, settlements })
    }
}

/// Reads, shows, asks, puts, waits.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let readings = match read::all(arguments) {
        Ok(readings) => readings,
        Err(unreadable) => {
            for why in &unreadable {
                complain(why);
            }
            tell("nothing is imported");
            return ExitCode::from(FAILED);
        }
    };
    block_on(import(arguments, readings))
}

async fn import(arguments: &Arguments, mut readings: Readings) -> Result<u8, ImportError> {
    let office = Office::open(arguments).await?;
    let mut standings = Vec::new();
    for reading in &readings.files {
        standings.push(standing::of(&office, reading, arguments).await?);
    }
    let known = standing::neighbours(&office, &readings).await?;
    print(&readings.text(&known))?;
    print(&standing::table(&readings.files, &standings))?;
    if standings.iter().any(Standing::is_refused) {
        tell("nothing is imported: leave out what is refused, or see --help");
        return Ok(ATTENTION);
    }
    let wanted: Vec<&Reading> = readings
        .files
        .iter()
        .zip(&standings)
        .filter(|(_, standing)| standing.is_wanted())
        .map(|(one, _)| one)
        .collect();
    if arguments.dry_run {
        tell(&format!("{} would be imported; this was a dry run", counted(wanted.len())));
        return Ok(FINE);
    }
    if wanted.is_empty() {
        tell("nothing is left to import");
    } else {
        if !arguments.yes
            && !confirmed(&format!(
                "Import {} for {} ({})?",
                counted(wanted.len()),
                office.account.name,
                arguments.account
            ))
        {
            tell("nothing is imported; --yes does it without asking");
            return Ok(FAILED);
        }
        let bucket = office.stack.bucket().await?;
        for reading in &wanted {
            put(&office, &bucket, reading, arguments.charset.clone()).await?;
            tell(&format!("imported: {} as {}", reading.file, reading.report_id));
        }
    }
    if arguments.wait {
        return follow::to_the_end(&office, &readings.files, &standings, arguments.wait_minutes).await;
    }
    if !wanted.is_empty() {
        tell(
            "the stack books them now; countinghouse status shows what came of them, and so does the same command with --wait",
        );
    }
    Ok(FINE)
}

/// The job first, so that the report is known when the bucket tells of it; then the bytes.
async fn put(office: &Office, bucket: &str, reading: &Reading, charset: Option<String>) -> Result<(), ImportError> {
    let (seller, now) = (&office.account.seller_id, SystemClock.now());
    let key = report_key(seller, reading.report_type, &reading.report_id);
    let found = Found {
        report_id: reading.report_id.clone(),
        report_type: reading.report_type,
        // Amazon has no part in it, so nobody is to ask Amazon about it.
        state: JobState::Downloaded,
        origin: Origin::Imported,
        window: reading.window,
        marketplaces: Vec::new(),
        facts: Facts {
            document_id: Some(reading.document_id.clone()),
            object_key: Some(key.clone()),
            sha256: Some(reading.stored.sha256.clone()),
            bytes: Some(reading.stored.bytes),
            ..Facts::default()
        },
    };
    office.jobs.discovered(seller, &found, now).await?;
    let metadata = ObjectMetadata {
        seller: seller.clone(),
        report_id: reading.report_id.clone(),
        report_type: reading.report_type,
        report_document_id: reading.document_id.clone(),
        charset,
        gzip: reading.gzip,
    };
    let file = reading.open()?;
    let objects = ReportObjects::new(office.stack.s3());
    let put = objects.put_file(bucket, &key, &metadata, file, &reading.stored).await;
    put.map_err(|error| ImportError::Put { file: reading.file.clone(), source: Box::new(error) })?;
    Ok(())
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

/// The id of a report that was imported: the same for the same content, compressed or not.
fn report_id(sha256: &str) -> Option<ReportId> {
    format!("import-{}", sha256.get(..20)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_was_imported_is_named_after_its_content() {
        let sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert_eq!(report_id(sha256).unwrap().as_str(), "import-9f86d081884c7d659a2f");
        assert_eq!(report_id("9f86"), None);
    }

    #[test]
    fn every_report_of_the_books_has_a_type_that_a_person_can_name() {
        let kinds: Vec<Kind> = ReportType::ALL.into_iter().map(Kind::of).collect();
        assert_eq!(kinds, [Kind::Vat, Kind::Vidr, Kind::Vidr, Kind::Settlement, Kind::Settlement, Kind::Settlement]);
    }
}
