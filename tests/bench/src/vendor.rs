//! Vendor invoices checked in a second, and the memory that it takes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use countinghouse_domain::time::{Clock, SystemClock};
use countinghouse_vendor_invoices::{Duplicates, FileReader, check};
use flate2::read::GzDecoder;

use crate::generate::vendor;
use crate::measure::{best_of, grouped};
use crate::memory::measured;
use crate::report::Report;
use crate::{Bench, Outcome};

const MOST_SECONDS: f64 = 5.0;
const FEW: u64 = 10_000;
/// By how much the memory for ten times as many invoices may be larger: the page cache and the allocator breathe.
const MEGABYTES_APART: f64 = 2.0;

/// Measures.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome {
    let file = vendor::file(&bench.cache, FEW)?;
    let [speed] = best_of(bench.repetitions().min(3), [&|| check_all(&file)])?;
    report.tell(format!("vendor invoices, {}: read and checked", grouped(FEW)), speed.of("invoices"));
    let seconds = speed.seconds_for(FEW);
    report.hold("  all of them", format!("{seconds:.2} s"), format!("under {MOST_SECONDS} s"), seconds < MOST_SECONDS);
    let (_, few) = measured("vendor-invoices", &file, &[])?;
    report.tell(format!("peak memory, {} vendor invoices", grouped(FEW)), format!("{few:.1} MB"));
    let (_, many) = measured("vendor-invoices", &vendor::file(&bench.cache, 10 * FEW)?, &[])?;
    let what = format!("peak memory, {} vendor invoices", grouped(10 * FEW));
    let target = format!("at most {MEGABYTES_APART} MB more");
    report.hold(what, format!("{many:.1} MB"), target, many - few < MEGABYTES_APART);
    Ok(())
}

/// What `countinghouse vendor check` does with a file, without the table; fails if an invoice is rejected.
pub(crate) fn check_all(file: &Path) -> Outcome<u64> {
    let source: Box<dyn Read> = Box::new(GzDecoder::new(File::open(file)?));
    let mut reader = FileReader::open(source, "bench")?;
    let (mut duplicates, mut invoices) = (Duplicates::default(), 0);
    while let Some(found) = reader.next_invoice()? {
        let mut checked = check(&found.draft, SystemClock.now());
        duplicates.note(&found.draft, &mut checked)?;
        if let Some(violation) = checked.violations.first() {
            return Err(format!("a generated invoice is rejected: {violation}").into());
        }
        invoices += 1;
    }
    Ok(invoices)
}
