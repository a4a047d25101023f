#![doc = include_str!("../README.md")]

mod desk;
mod doctor;
mod import;
mod invoice;
mod invoices;
mod map;
mod profile;
mod purchases;
mod stack;
mod vendor;
mod status;

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
    Doctor(doctor::Arguments),
    Import(import::Arguments),
    Invoice(invoice::Arguments),
    Invoices(invoices::Arguments),
    Map(map::Arguments),
    Profile(profile::Arguments),
    Purchases(purchases::Arguments),
    Vendor(vendor::Arguments),
    Replay(replay::Arguments),
    Status(status::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Invoice(arguments) => invoice::run(&arguments),
        Command::Invoices(arguments) => invoices::run(&arguments),
        Command::Map(arguments) => map::run(&arguments),
        Command::Profile(arguments) => profile::run(&arguments),
        Command::Purchases(arguments) => purchases::run(&arguments),
        Command::Vendor(arguments) => vendor::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
    }
}
