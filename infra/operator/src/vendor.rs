//! `countinghouse vendor`: vendor invoices, checked before they are sent.

mod aws;
mod check;
mod follow;
mod history;
mod judge;
mod lines;
mod next;
mod resolve;
mod rules;
mod status;
mod submit;
mod table;
mod template;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Subcommand;

use crate::desk::complain;

/// Check vendor invoices and follow them to their end
///
/// Amazon takes a vendor's invoices in silence and rejects them later by e-mail. Here an invoice is checked before
/// it is sent, with everything that is wrong with it at once.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Submit(submit::Arguments),
    Status(status::Arguments),
    Resolve(resolve::Arguments),
    Acknowledge(resolve::Acknowledgement),
    Rules(rules::Arguments),
    Template(template::Arguments),
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Submit(arguments) => submit::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Resolve(arguments) => resolve::run(arguments),
        Command::Acknowledge(arguments) => resolve::acknowledge(arguments),
        Command::Rules(arguments) => print(&rules::text(arguments)),
        Command::Template(arguments) => print(&template::text(arguments)),
    }
}

/// Prints a text.
fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(crate::desk::READER_GONE),
        Err(error) => {
            complain(&format!("standard output cannot be written: {error}"));
            ExitCode::FAILURE
        }
    }
}
