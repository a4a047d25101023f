//! Measures the making of documents and prints one line of JSON; `make bench` reads it.
//!
//! `first` makes one document and ends: its whole run is the time from start to first document. `warm N` makes N
//! documents of one page and prints the median time of one in microseconds, and the peak of the process's memory.

#[path = "../tests/it/cases/mod.rs"]
#[expect(dead_code, reason = "the cases are for tests too")]
mod cases;

use std::time::Instant;

use countinghouse_invoicing::{Profile, Renderer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = match arguments.next().as_deref() {
        Some("first") => 1,
        Some("warm") => arguments.next().ok_or("how many?")?.parse()?,
        _ => return Err("first, or warm N".into()),
    };
    let (renderer, profile) = (Renderer::new()?, Profile::sample()?);
    let documents = [cases::domestic(), cases::oss(), cases::intra_community(), cases::credit_note()];
    let mut times = Vec::with_capacity(count);
    for (number, document) in documents.iter().cycle().take(count).enumerate() {
        let started = Instant::now();
        let made = renderer.render(document, &cases::issue(&format!("DE-2026-{number:06}")), &profile)?;
        times.push(started.elapsed().as_micros());
        assert_eq!(made.pages, 1);
    }
    times.sort_unstable();
    let median = times.get(count / 2).ok_or("at least one")?;
    println!("{{\"documents\":{count},\"median_us\":{median},\"peak_kib\":{}}}", peak_kib()?);
    Ok(())
}

/// The peak of the resident memory, as Linux counts it.
fn peak_kib() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
