//! How large the functions are, and how soon they ask for work.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::read::DeflateEncoder;

use crate::measure::megabytes;
use crate::report::Report;
use crate::{Bench, Outcome};

/// What a function may be at most.
struct Limits {
    /// Of the program as it is.
    program_megabytes: Option<f64>,
    /// Of the program as it is deployed, in a zip.
    zip_megabytes: Option<f64>,
    started_within: Duration,
}

/// A function that draws no documents.
const USUAL: Limits =
    Limits { program_megabytes: Some(12.0), zip_megabytes: None, started_within: Duration::from_millis(20) };
/// The one that does: typesetting, template and fonts are part of it, and are ready when it asks for work.
const DRAWING: Limits =
    Limits { program_megabytes: None, zip_megabytes: Some(20.0), started_within: Duration::from_millis(30) };
/// Its name.
const DRAWS: &str = "issue-invoices";
/// A function that has not asked for work by then never will.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(20);
/// Names every variable of every function.
const TEMPLATE: &str = "infra/template.yaml";

/// What Lambda itself tells a function, and what has no name that says what it holds.
const ENVIRONMENT: [(&str, &str); 13] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "example"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("PERSONAL_DATA_RETENTION_DAYS", "365"),
    ("LOG_LEVEL", "info"),
    ("SIGV4_SIGNING", "off"),
];

/// Measures.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome {
    let mut names: Vec<_> = std::fs::read_dir(&bench.functions)
        .map_err(|error| format!("{}: {error}; `make package` puts the functions there", bench.functions.display()))?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, _>>()?;
    names.sort();
    if names.is_empty() {
        return Err(format!("no function in {}: `make package` puts them there", bench.functions.display()).into());
    }
    let environment = environment()?;
    for name in names {
        let program = bench.functions.join(&name).join("bootstrap");
        let limits = if name == DRAWS { &DRAWING } else { &USUAL };
        size(report, &name, &program, limits)?;
        let mut times = Vec::new();
        for _ in 0..if bench.quick { 5 } else { 21 } {
            times.push(start(&program, &environment)?);
        }
        times.sort();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let met = median < limits.started_within;
        let shown = format!("{:.1} ms", median.as_secs_f64() * 1e3);
        let target = format!("under {} ms", limits.started_within.as_millis());
        report.hold("  from start to the first request for work, median", shown, target, met);
    }
    Ok(())
}

fn size(report: &mut Report, name: &str, program: &Path, limits: &Limits) -> Outcome {
    let what = format!("{name}: size");
    let size = megabytes(program.metadata()?.len());
    let shown = format!("{size:.1} MB");
    match limits.program_megabytes {
        Some(most) => report.hold(what, shown, format!("under {most} MB"), size < most),
        None => report.tell(what, shown),
    }
    if let Some(most) = limits.zip_megabytes {
        let size = megabytes(compressed(program)?);
        let what = "  in a zip, with template and fonts";
        report.hold(what, format!("{size:.1} MB"), format!("at most {most} MB"), size <= most);
    }
    Ok(())
}

/// The bytes of a file in a zip; the zip's own words about it are a hundred more.
fn compressed(file: &Path) -> Outcome<u64> {
    let mut packed = DeflateEncoder::new(BufReader::new(std::fs::File::open(file)?), Compression::default());
    Ok(std::io::copy(&mut packed, &mut std::io::sink())?)
}

/// Everything that any function reads at its start; each takes what it needs.
fn environment() -> Outcome<BTreeMap<String, String>> {
    let template = std::fs::read_to_string(TEMPLATE)?;
    let is_variable = |name: &&str| {
        name.contains('_')
            && name.bytes().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == b'_')
    };
    let names = template.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
    // Where Amazon is, and how often it is asked, the functions know without being told.
    let told = names.filter(is_variable).filter(|name| !name.contains("_ENDPOINT") && !name.ends_with("_HOURS"));
    let mut environment: BTreeMap<String, String> = told
        .map(|name| {
            let is_queue = name.ends_with("_QUEUE_URL");
            let value = if is_queue { "http://127.0.0.1:9/000000000000/bench" } else { "bench" };
            (name.to_owned(), value.to_owned())
        })
        .collect();
    environment.extend(ENVIRONMENT.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(environment)
}

/// From starting the process to its request for the next event.
fn start(program: &Path, environment: &BTreeMap<String, String>) -> Outcome<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let (asked, waiting) = mpsc::channel();
    // It sleeps in `accept`, so that all of the machine is the function's.
    std::thread::spawn(move || asked.send(first_request(&listener)));
    let begun = Instant::now();
    let child = Command::new(program)
        .env_clear()
        .envs(environment)
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut child = Running(child);
    let Ok(request) = waiting.recv_timeout(GIVEN_UP_AFTER) else {
        return Err(format!("{} did not ask for work:\n{}", program.display(), child.said()?).into());
    };
    let (line, at) = request?;
    if line.starts_with("GET /2018-06-01/runtime/invocation/next ") {
        Ok(at.duration_since(begun))
    } else {
        Err(format!("{} asked for something else first: {line}", program.display()).into())
    }
}

/// The first line of the first request, and when it came.
fn first_request(listener: &TcpListener) -> std::io::Result<(String, Instant)> {
    let (stream, _) = listener.accept()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok((line, Instant::now()))
}

/// A process that ends when the measurement does.
struct Running(Child);

impl Running {
    /// What it printed; ends it.
    fn said(&mut self) -> Outcome<String> {
        self.0.kill()?;
        let mut text = String::new();
        if let Some(mut pipe) = self.0.stdout.take() {
            pipe.read_to_string(&mut text)?;
        }
        if let Some(mut pipe) = self.0.stderr.take() {
            pipe.read_to_string(&mut text)?;
        }
        Ok(text)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}
