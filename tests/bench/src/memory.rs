//! Peak memory of a process that reads one file.

use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::generate::settlement::Settlement;
use crate::generate::vat;
use crate::measure::{grouped, megabytes};
use crate::report::Report;
use crate::{Bench, Outcome, documents, settlement, vendor};

const SETTLEMENT_MEGABYTES: f64 = 32.0;
const DOCUMENTS_MEGABYTES: f64 = 512.0;

/// Measures.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome {
    let made = Settlement::new(&bench.cache, bench.rows())?;
    for repeat in [1, 10] {
        let (rows, peak) = measured(&format!("settlement:{repeat}"), &made.rows_file, &made.head(repeat)?)?;
        if rows != made.rows * u64::from(repeat) {
            return Err(format!("{rows} rows were read, not {} times {}", repeat, made.rows).into());
        }
        let what = format!("peak memory, settlement of {} rows", grouped(rows));
        let met = peak < SETTLEMENT_MEGABYTES;
        report.hold(what, format!("{peak:.1} MB"), format!("under {SETTLEMENT_MEGABYTES} MB"), met);
    }
    let (rows, peak) = measured("documents", &vat::file(&bench.cache, bench.rows())?, &[])?;
    let what = format!("peak memory, VAT report of {} rows", grouped(rows));
    let met = peak < DOCUMENTS_MEGABYTES;
    report.hold(what, format!("{peak:.1} MB"), format!("under {DOCUMENTS_MEGABYTES} MB"), met);
    Ok(())
}

/// Rows and peak memory of this program as a process of its own; `head` goes to its standard input.
pub(crate) fn measured(what: &str, file: &Path, head: &[u8]) -> Outcome<(u64, f64)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--child", what])
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(head)?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the measured process failed: {}", output.status).into());
    }
    let printed = String::from_utf8(output.stdout)?;
    let (rows, kibibytes) = printed.trim().split_once(' ').ok_or("the measured process printed something else")?;
    Ok((rows.parse()?, megabytes(kibibytes.parse::<u64>()? * 1024)))
}

/// The process that is measured: reads, and prints rows and peak memory in KiB.
pub(crate) fn child(what: &str, file: &Path) -> Outcome {
    let rows = if let Some(repeat) = what.strip_prefix("settlement:") {
        let mut head = Vec::new();
        std::io::stdin().lock().read_to_end(&mut head)?;
        // Gzip files can be joined: the head, and the same rows several times.
        let mut source: Box<dyn Read> = Box::new(Cursor::new(head));
        for _ in 0..repeat.parse::<u32>()? {
            source = Box::new(source.chain(File::open(file)?));
        }
        settlement::read_and_prove(source)?
    } else if what == "vendor-invoices" {
        vendor::check_all(file)?
    } else {
        documents::into_documents(File::open(file)?)?
    };
    println!("{rows} {}", peak_kibibytes()?);
    Ok(())
}

/// The largest resident set that this process ever had.
fn peak_kibibytes() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
