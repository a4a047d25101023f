#![doc = include_str!("../README.md")]

mod backfill;
mod connect;
mod desk;
mod disconnect;
mod doctor;
mod forget;
mod import;
mod invoice;
mod invoices;
mod map;
mod profile;
mod purchases;
mod redrive;
mod replay;
mod rotate;
mod stack;
mod statement;
mod status;
mod vendor;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Turns what Amazon reports into accounting documents and payments, with a proof that nothing is missing.
#[derive(Debug, Parser)]
#[command(name = "countinghouse", version, arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Backfill(backfill::Arguments),
    Connect(connect::Arguments),
    Disconnect(disconnect::Arguments),
    Doctor(doctor::Arguments),
    Forget(forget::Arguments),
    Import(import::Arguments),
    Invoice(invoice::Arguments),
    Invoices(invoices::Arguments),
    Map(map::Arguments),
    Profile(profile::Arguments),
    Purchases(purchases::Arguments),
    Redrive(redrive::Arguments),
    Replay(replay::Arguments),
    Rotate(rotate::Arguments),
    Statement(statement::Arguments),
    Status(status::Arguments),
    Vendor(vendor::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Clap's own exit code for a mistake in the arguments is 2, which means here that something needs a person.
            let _unwritten = error.print();
            return ExitCode::from(if error.use_stderr() { desk::FAILED } else { desk::FINE });
        }
    };
    match arguments.command {
        Command::Backfill(arguments) => backfill::run(&arguments),
        Command::Connect(arguments) => connect::run(&arguments),
        Command::Disconnect(arguments) => disconnect::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Forget(arguments) => forget::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Invoice(arguments) => invoice::run(&arguments),
        Command::Invoices(arguments) => invoices::run(&arguments),
        Command::Map(arguments) => map::run(&arguments),
        Command::Profile(arguments) => profile::run(&arguments),
        Command::Purchases(arguments) => purchases::run(&arguments),
        Command::Redrive(arguments) => redrive::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Rotate(arguments) => rotate::run(&arguments),
        Command::Statement(arguments) => statement::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Vendor(arguments) => vendor::run(&arguments),
    }
}
