//! `countinghouse vendor submit`: files checked, then handed to the deployed stack.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use aws_sdk_s3::primitives::ByteStream;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::SystemClock;

use super::aws::{Desk, VendorError};
use super::check::{ACCEPTED, REJECTED, UNREADABLE};
use super::follow::{self, Wanted};
use super::judge::{Judge, JudgeError, Judged, Summary};
use super::table::Table;
use crate::desk::{Stdout, block_on, chain, complain, tell};
use crate::stack::StackArguments;

/// Check invoices and, if all are accepted, hand them to the deployed stack, which sends each to Amazon once
///
/// The files go to the stack's bucket as they are, under `vendor-invoices/<account>/incoming/`. From there they are
/// checked again, sent one by one within Amazon's rate, and followed to their end (`countinghouse vendor status`).
/// The same invoice again changes nothing: it is not sent twice.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// The files, JSON or CSV
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    /// The vendor's account, as it is connected to the stack
    #[arg(long, value_name = "ID")]
    account: String,

    /// Hand the files in though some of their invoices are rejected; only the accepted ones are sent to Amazon
    #[arg(long)]
    accepted_only: bool,

    /// Let invoices take the place of ones with the same id that failed
    #[arg(long)]
    resubmit: bool,

    /// Wait until each invoice has an outcome, and print it
    #[arg(long)]
    wait: bool,

    /// How long to wait at most, in minutes; Amazon may take half an hour
    #[arg(long, value_name = "MINUTES", default_value_t = 60, requires = "wait")]
    wait_minutes: u32,

    #[command(flatten)]
    stack: StackArguments,
}

const HELP: &str = "\
Exit code:
  0  handed in; with --wait, accepted by Amazon or presumed so
  2  something is rejected (nothing is handed in without --accepted-only); with --wait, failed, refused or lost
  1  a file cannot be read or handed in, or the outcome did not come in time

Examples:
  countinghouse vendor submit november.csv --account ACME
  countinghouse vendor submit mended.json --account ACME --resubmit --wait
";

/// Checks, hands in, waits.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    if let Err(why) = check_names(&arguments.files) {
        complain(&why);
        return ExitCode::from(UNREADABLE);
    }
    let (summary, wanted) = match check(arguments) {
        Ok(checked) => checked,
        Err(error) => {
            complain(&chain(&error));
            return ExitCode::from(UNREADABLE);
        }
    };
    let _unwritten = io::stderr().lock().write_all(summary.text().as_bytes());
    if let Some(why) = refusal(&summary, arguments.accepted_only) {
        complain(&format!("nothing is submitted: {why}"));
        return ExitCode::from(summary.exit_code().max(UNREADABLE));
    }
    block_on(hand_in(arguments, wanted, summary.exit_code()))
}

/// Each file is read twice and keeps its name in the bucket.
fn check_names(files: &[String]) -> Result<(), String> {
    let mut names = HashSet::new();
    for file in files {
        if file == "-" {
            return Err("standard input has no name in the bucket: give a file".to_owned());
        }
        if !names.insert(name(file)) {
            return Err(format!("two files have the name {}: in the bucket they would be one", name(file)));
        }
    }
    Ok(())
}

/// The last part of a path.
fn name(file: &str) -> String {
    Path::new(file).file_name().map_or_else(|| file.to_owned(), |name| name.to_string_lossy().into_owned())
}

fn check(arguments: &Arguments) -> Result<(Summary, Vec<Wanted>), JudgeError> {
    let mut table = Table::new(Stdout);
    let mut judge = Judge::new(arguments.files.len(), &SystemClock);
    let mut wanted = Vec::new();
    for (number, file) in arguments.files.iter().enumerate() {
        judge.file(file, |judged: &Judged| {
            if let (true, Some(invoice)) = (arguments.wait, &judged.checked.invoice) {
                wanted.push(Wanted::new(number, invoice));
            }
            table.write(judged)
        })?;
    }
    table.finish().map_err(JudgeError::Output)?;
    Ok((judge.summary, wanted))
}

/// Why nothing is handed in.
fn refusal(summary: &Summary, accepted_only: bool) -> Option<&'static str> {
    match summary.exit_code() {
        UNREADABLE => Some("the stack would not read such a file either"),
        REJECTED if !accepted_only => Some("mend what is rejected, or hand in the others with --accepted-only"),
        _ if summary.accepted == 0 => Some("no invoice is accepted"),
        _ => None,
    }
}

async fn hand_in(arguments: &Arguments, wanted: Vec<Wanted>, checked: u8) -> Result<u8, VendorError> {
    let desk = Desk::open(&arguments.stack).await?;
    let account = desk.account(&arguments.account).await?;
    let bucket = desk.stack.bucket().await?;
    let mut handed = Vec::new();
    for file in &arguments.files {
        let upload = put(&desk, &bucket, &account, file, arguments.resubmit).await?;
        tell(&format!("handed in: {file} as s3://{bucket}/{}", upload.key));
        handed.push(upload);
    }
    if !arguments.wait {
        let hint = format!("countinghouse vendor status --account {account}");
        tell(&format!("the stack sends them now; {hint} shows what became of them"));
        return Ok(checked);
    }
    let outcome = follow::to_the_end(&desk, &account, &handed, wanted, arguments.wait_minutes).await?;
    Ok(if outcome == ACCEPTED { checked } else { outcome })
}

/// A file in the bucket.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) key: String,
    pub(super) version: Option<String>,
}

async fn put(desk: &Desk, bucket: &str, account: &SellerId, file: &str, resubmit: bool) -> Result<Handed, VendorError> {
    let folder = if resubmit { "resubmit/" } else { "" };
    let key = format!("vendor-invoices/{account}/incoming/{folder}{}", name(file));
    let body = ByteStream::from_path(file).await;
    let body = body.map_err(|error| VendorError::File { file: file.to_owned(), source: Box::new(error) })?;
    let answer = desk.stack.s3().put_object().bucket(bucket).key(&key).body(body).send().await;
    match answer {
        Ok(answer) => Ok(Handed { key, version: answer.version_id }),
        Err(error) => {
            let (file, bucket) = (file.to_owned(), bucket.to_owned());
            Err(VendorError::Upload { file, bucket, key, source: Box::new(error) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_would_be_one_in_the_bucket_are_refused() {
        let names = |files: &[&str]| check_names(&files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>());
        assert!(names(&["a/november.csv", "a/december.csv"]).is_ok());
        assert!(names(&["a/november.csv", "b/november.csv"]).unwrap_err().contains("november.csv"));
        assert!(names(&["-"]).unwrap_err().contains("standard input"));
    }
}
