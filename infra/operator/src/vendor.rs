//! `countinghouse vendor`: vendor invoices, checked before they are sent.

mod check;
mod dedupe;
mod judge;
mod lines;
mod rules;
mod table;
mod template;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Subcommand;

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
    Rules(rules::Arguments),
    Template(template::Arguments),
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Rules(arguments) => print(&rules::text(arguments)),
        Command::Template(arguments) => print(&template::text(arguments)),
    }
}

/// Prints a text. A reader that went away has read what it wanted.
fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("standard output cannot be written: {error}"));
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

/// Says on standard error what went wrong.
fn complain(text: &str) {
    let _unwritten = writeln!(io::stderr().lock(), "countinghouse: {text}");
}

/// An error with everything that caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = error.source();
    }
    text
}
