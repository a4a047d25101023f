//! `countinghouse purchases`: what was bought on Amazon Business, and whether it agrees.

mod desk;
mod export;
mod show;
pub(crate) mod span;
mod status;

use std::process::ExitCode;

use clap::Subcommand;

/// See what was bought on Amazon Business, and whether everything agrees
///
/// The function pull-purchases keeps every charge and refund with its lines and invoices, and compares them. Here is
/// how they stand, and a file of them for an accountant.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(status::Arguments),
    Export(export::Arguments),
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::Status(arguments) => status::run(arguments),
        Command::Export(arguments) => export::run(arguments),
    }
}
