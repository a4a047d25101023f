//! `countinghouse invoices`: own invoices of a deployed stack, from due to accepted.

pub(crate) mod desk;
mod mend;
pub(crate) mod next;
mod patterns;
mod series;
mod show;
mod status;

use std::process::ExitCode;

use clap::Subcommand;

/// Follow own invoices and credit notes until Amazon accepts them, and mend what needs a person
///
/// A document is due, issued under its number, uploading, processing, and in the end accepted. What Amazon rejects goes
/// out again under its number by itself; what needs a person is listed with its cause and what to do.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(status::Arguments),
    TryAgain(mend::TryAgain),
    Cancel(mend::Cancel),
    ContinueSeries(series::Arguments),
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::Status(arguments) => status::run(arguments),
        Command::TryAgain(arguments) => mend::try_again(arguments),
        Command::Cancel(arguments) => mend::cancel(arguments),
        Command::ContinueSeries(arguments) => series::run(arguments),
    }
}
