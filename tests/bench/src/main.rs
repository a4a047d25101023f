#![doc = include_str!("../README.md")]

mod documents;
mod dynamodb;
mod functions;
mod generate;
mod invoices;
mod items;
mod measure;
mod memory;
mod python;
mod report;
mod settlement;
mod vendor;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use report::Report;

/// Whatever goes wrong ends the run with a message.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measure what the project promises
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Smaller files and fewer repetitions
    #[arg(long)]
    quick: bool,

    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,

    /// Where the generated reports are kept
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    cache: PathBuf,

    /// Where the packaged functions are: `DIR/FUNCTION/bootstrap`
    #[arg(long, value_name = "DIR", default_value = "target/lambda")]
    functions: PathBuf,

    /// The command line tool, which makes invoices
    #[arg(long, value_name = "FILE", default_value = "target/local/countinghouse")]
    program: PathBuf,

    /// A Python that has boto3 and ministack
    #[arg(long, value_name = "FILE", default_value = ".venv/bin/python")]
    python: PathBuf,

    /// Be the process whose memory is measured: `settlement:REPEAT`, `documents` or
    /// `vendor-invoices`, and the file
    #[arg(long, hide = true, num_args = 2, value_names = ["WHAT", "FILE"])]
    child: Vec<String>,
}

/// The parts of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Settlement rows a second, against a bare loop and against Python
    Settlement,
    /// Rows of a VAT report a second into documents, against Python
    Documents,
    /// Vendor invoices checked in a second, and the memory for it
    Vendor,
    /// Invoices as PDF and XML, and the memory for a thousand
    Invoices,
    /// Peak memory of a process
    Memory,
    /// Size and cost of payment items
    Items,
    /// Size and start of the functions
    Functions,
    /// Payments a second into the local DynamoDB
    Dynamodb,
}

/// Measures one part and adds its lines to the report.
type Run = fn(&Bench, &mut Report) -> Outcome;

/// What the parts share.
#[derive(Debug)]
struct Bench {
    quick: bool,
    cache: PathBuf,
    functions: PathBuf,
    program: PathBuf,
    python: PathBuf,
}

impl Bench {
    /// How many rows the large files have.
    const fn rows(&self) -> u64 {
        if self.quick { 100_000 } else { 1_000_000 }
    }

    /// How often a measurement is repeated; the best one counts, for a disturbance only ever slows down.
    const fn repetitions(&self) -> usize {
        if self.quick { 2 } else { 5 }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = if let [what, file] = arguments.child.as_slice() {
        memory::child(what, Path::new(file)).map(|()| true)
    } else {
        run(arguments)
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the parts; true if every target is met.
fn run(arguments: Arguments) -> Outcome<bool> {
    let Arguments { quick, only, cache, functions, program, python, .. } = arguments;
    let bench = Bench { quick, cache, functions, program, python };
    std::fs::create_dir_all(&bench.cache)?;
    let parts: [(Part, Run); 8] = [
        (Part::Settlement, settlement::run),
        (Part::Documents, documents::run),
        (Part::Vendor, vendor::run),
        (Part::Invoices, invoices::run),
        (Part::Memory, memory::run),
        (Part::Items, items::run),
        (Part::Functions, functions::run),
        (Part::Dynamodb, dynamodb::run),
    ];
    let mut report = Report::default();
    for (part, run) in parts.iter().filter(|(part, _)| only.is_empty() || only.contains(part)) {
        eprintln!("measuring: {}", format!("{part:?}").to_lowercase());
        run(&bench, &mut report)?;
    }
    println!("{report}");
    Ok(report.all_met())
}
