#![doc = include_str!("../README.md")]

mod desk;
mod invoice;
mod map;
mod purchases;
mod stack;
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
    Invoice(invoice::Arguments),
    Map(map::Arguments),
    Purchases(purchases::Arguments),
    Vendor(vendor::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Invoice(arguments) => invoice::run(&arguments),
        Command::Map(arguments) => map::run(&arguments),
        Command::Purchases(arguments) => purchases::run(&arguments),
        Command::Vendor(arguments) => vendor::run(&arguments),
    }
}
