//! Rows of a VAT report a second, into documents.

use std::fs::File;
use std::io::Read;

use countinghouse_domain::document::{Amounts, Assembler};
use countinghouse_formats::{Hints, Limits, Report as Opened, open};

use crate::generate::vat;
use crate::measure::{best_of, grouped};
use crate::report::Report;
use crate::{Bench, Outcome, python};

/// Measures.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome {
    let rows = bench.rows();
    let file = vat::file(&bench.cache, rows)?;
    let [ours] = best_of(bench.repetitions().min(3), [&|| into_documents(File::open(&file)?)])?;
    report.tell(format!("VAT report, {} rows, gzip: into documents", grouped(rows)), ours.of("rows"));
    // The script holds every row of every document: a tenth of the rows is what it has memory for.
    let smaller = rows.min(100_000);
    let script = python::rate(bench, "documents.py", &[&vat::file(&bench.cache, smaller)?])?;
    report.tell(format!("  the same in Python, {} rows", grouped(smaller)), script.of("rows"));
    let ratio = ours.over(script);
    report.hold("    against Python", format!("{ratio:.1} times"), "at least 10 times", ratio >= 10.0);
    Ok(())
}

/// What the program does with a file, without the table; fails if a row is missing in the documents.
pub(crate) fn into_documents(source: impl Read) -> Outcome<u64> {
    let Opened::Vat(mut reader) = open(source, Hints::named("bench"), Limits::default())? else {
        return Err("a VAT report was expected".into());
    };
    let mut assembler = Assembler::new();
    while let Some(row) = reader.next_row()? {
        assembler.add(&row)?;
    }
    let rows = reader.finish()?.rows;
    let (mut lines, mut total) = (0_usize, Amounts::default());
    for document in assembler.documents() {
        let document = document?;
        lines += document.lines.len();
        total = total.plus(document.total)?;
        if document.needs_attention() {
            return Err(format!("a generated document is flagged: {:?}", document.flags).into());
        }
    }
    if u64::try_from(lines)? != rows || total.gross != total.net + total.vat {
        return Err(format!("{rows} rows, but {lines} lines in documents, {total:?}").into());
    }
    Ok(rows)
}
