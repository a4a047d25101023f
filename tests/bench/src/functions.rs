//! How large the functions are, and how soon they ask for work.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::measure::megabytes;
use crate::report::Report;
use crate::{Bench, Outcome};

const LARGEST_MEGABYTES: f64 = 12.0;
const STARTED_WITHIN: Duration = Duration::from_millis(20);
/// A function that has not asked for work by then never will.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(20);

/// What a function reads at its start; each takes what it needs.
const ENVIRONMENT: [(&str, &str); 22] = [
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
    ("SELLERS_TABLE", "bench-sellers"),
    ("JOBS_TABLE", "bench-jobs"),
    ("SETTLEMENTS_TABLE", "bench-settlements"),
    ("PAYMENTS_TABLE", "bench-payments"),
    ("DOCUMENTS_TABLE", "bench-documents"),
    ("RATE_BUDGETS_TABLE", "bench-rate-budgets"),
    ("REPORTS_BUCKET", "bench-reports"),
    ("DOWNLOADS_QUEUE_URL", "http://127.0.0.1:9/000000000000/downloads"),
    ("BOOKINGS_QUEUE_URL", "http://127.0.0.1:9/000000000000/bookings"),
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
    for name in names {
        let program = bench.functions.join(&name).join("bootstrap");
        let size = megabytes(program.metadata()?.len());
        let met = size < LARGEST_MEGABYTES;
        report.hold(format!("{name}: size"), format!("{size:.1} MB"), format!("under {LARGEST_MEGABYTES} MB"), met);
        let mut times = Vec::new();
        for _ in 0..if bench.quick { 5 } else { 21 } {
            times.push(start(&program)?);
        }
        times.sort();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let met = median < STARTED_WITHIN;
        let shown = format!("{:.1} ms", median.as_secs_f64() * 1e3);
        report.hold("  from start to the first request for work, median", shown, "under 20 ms", met);
    }
    Ok(())
}

/// From starting the process to its request for the next event.
fn start(program: &Path) -> Outcome<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let (asked, waiting) = mpsc::channel();
    // It sleeps in `accept`, so that all of the machine is the function's.
    std::thread::spawn(move || asked.send(first_request(&listener)));
    let begun = Instant::now();
    let child = Command::new(program)
        .env_clear()
        .envs(ENVIRONMENT)
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
