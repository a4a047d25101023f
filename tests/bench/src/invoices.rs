//! Invoices made by `countinghouse invoice`: the first one, a thousand, and the memory for them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::measure::{grouped, megabytes};
use crate::report::Report;
use crate::{Bench, Outcome};

const FIRST_WITHIN: Duration = Duration::from_millis(60);
const EACH_WITHIN: Duration = Duration::from_millis(15);
const ALL_WITHIN: Duration = Duration::from_mins(1);
const LARGEST_MEGABYTES: f64 = 96.0;
const MANY: u64 = 1_000;
/// A synthetic report, of which the first row is repeated.
const SAMPLE: &str = "tests/fixtures/vidr/sample.txt";
/// What makes a row another document.
const KEYS: [&str; 4] = ["order-id", "order-item-id", "shipping-id", "transaction-id"];
/// How long a process is left alone between two looks at it.
const LOOK: Duration = Duration::from_millis(2);
/// A second has so many of the units in which Linux counts processor time.
const TICKS: u64 = 100;

/// Measures.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome {
    let one = generated(&bench.cache, 1)?;
    let mut times = Vec::new();
    for _ in 0..bench.repetitions() {
        times.push(make(bench, &one, 1)?.wall);
    }
    let first = times.into_iter().min().unwrap_or_default();
    let what = "invoices: from start of the program to the first PDF and XML";
    report.hold(what, milliseconds(first), "at most 60 ms", first <= FIRST_WITHIN);

    let made = make(bench, &generated(&bench.cache, MANY)?, MANY)?;
    let each = made.processor / u32::try_from(MANY)?;
    report.hold("  one page, PDF and XML, processor time", milliseconds(each), "at most 15 ms", each <= EACH_WITHIN);
    let seconds = format!("{:.1} s", made.wall.as_secs_f64());
    report.hold(format!("  {} of them", grouped(MANY)), seconds, "under 60 s", made.wall < ALL_WITHIN);
    let peak = format!("{:.1} MB", made.peak_megabytes);
    let target = format!("at most {LARGEST_MEGABYTES} MB");
    report.hold("  peak memory over all of them", peak, target, made.peak_megabytes <= LARGEST_MEGABYTES);
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// A report of so many documents of one page.
fn generated(cache: &Path, documents: u64) -> Outcome<PathBuf> {
    let path = cache.join(format!("vidr-{documents}.txt"));
    let sample = std::fs::read_to_string(SAMPLE)?;
    let mut lines = sample.lines();
    let header = lines.next().ok_or("the sample report is empty")?;
    let row: Vec<&str> = lines.next().ok_or("the sample report has no row")?.split('\t').collect();
    let names: Vec<&str> = header.split('\t').collect();
    let mut text = format!("{header}\n");
    for number in 0..documents {
        let fields = names.iter().zip(&row).map(|(name, field)| {
            let own = KEYS.contains(name).then(|| format!("302-{:07}-{number:07}", 1_720_555));
            own.unwrap_or_else(|| (*field).to_owned())
        });
        text += &fields.collect::<Vec<_>>().join("\t");
        text.push('\n');
    }
    std::fs::write(&path, text)?;
    Ok(path)
}

/// What a run of the program took.
struct Made {
    wall: Duration,
    processor: Duration,
    peak_megabytes: f64,
}

/// Makes the documents of a report in an empty folder, and checks that all are there.
fn make(bench: &Bench, report: &Path, documents: u64) -> Outcome<Made> {
    let out = bench.cache.join("invoices");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let program = &bench.program;
    let begun = Instant::now();
    let mut child = Command::new(program)
        .arg("invoice")
        .arg(report)
        .args(["--sample", "--json", "--out"])
        .arg(&out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}; `make build` builds it", program.display()))?;
    let (processor, peak_megabytes) = watched(&mut child)?;
    let wall = begun.elapsed();
    let status = child.wait()?;
    let files = std::fs::read_dir(&out)?.count();
    if !status.success() || u64::try_from(files)? != documents * 2 {
        return Err(format!("{} documents gave {files} files, {status}", grouped(documents)).into());
    }
    Ok(Made { wall, processor, peak_megabytes })
}

/// Looks at a process until it ends: its processor time and the largest resident set it ever had.
fn watched(child: &mut Child) -> Outcome<(Duration, f64)> {
    let (_open, pause) = mpsc::channel::<()>();
    let folder = PathBuf::from(format!("/proc/{}", child.id()));
    let (mut processor, mut peak) = (Duration::ZERO, 0.0_f64);
    while child.try_wait()?.is_none() {
        // At its very end a process has neither; what was seen last counts.
        processor = processor_time(&folder).unwrap_or(processor).max(processor);
        peak = peak_megabytes(&folder).unwrap_or(peak).max(peak);
        let _elapsed = pause.recv_timeout(LOOK);
    }
    Ok((processor, peak))
}

fn processor_time(folder: &Path) -> Option<Duration> {
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    // After the name, which is in parentheses: user and system time are the 12th and 13th.
    let fields: Vec<u64> =
        stat.rsplit(')').next()?.split_whitespace().skip(12 - 1).take(2).flat_map(str::parse).collect();
    Some(Duration::from_millis(fields.iter().sum::<u64>() * 1_000 / TICKS))
}

fn peak_megabytes(folder: &Path) -> Option<f64> {
    let status = std::fs::read_to_string(folder.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(megabytes(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1_024))
}
