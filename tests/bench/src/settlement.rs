//! Settlement rows a second.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use countinghouse_domain::payment::Classifier;
use countinghouse_domain::settlement::{Evidence, ProofStatus, Tally, prove};
use countinghouse_formats::{Hints, Limits, Report as Opened, SettlementReader, open};
use countinghouse_store::{PaymentContext, payment_item};
use flate2::bufread::MultiGzDecoder;

use crate::generate::settlement::Settlement;
use crate::measure::{best_of, grouped};
use crate::report::Report;
use crate::{Bench, Outcome, python};

/// The position of the amount in a V2 row.
const AMOUNT: usize = 14;

/// Measures.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome {
    let made = Settlement::new(&bench.cache, bench.rows())?;
    let file = made.file(&bench.cache)?;
    let [gunzip, bare, proven, items] = best_of(
        bench.repetitions(),
        [&|| only_gunzip(&file, made.rows), &|| bare_loop(&file), &|| read_and_prove(File::open(&file)?), &|| {
            ready_items(&file)
        }],
    )?;
    let rows = grouped(made.rows);
    report.tell(format!("settlement, {rows} rows, gzip, EU: gunzip alone"), gunzip.of("rows"));
    report.tell("  bare loop: gunzip, split, sum", bare.of("rows"));
    report.tell("  read, decode, map, prove", proven.of("rows"));
    let ratio = proven.over(bare);
    report.hold("    against the bare loop", format!("{ratio:.2} of it"), "at least 0.6", ratio >= 0.6);
    report.tell("  the same with ready DynamoDB items", items.of("rows"));
    let script = python::rate(bench, "settlement.py", &[&file, &python::rules()])?;
    report.tell("  the same in Python", script.of("rows"));
    let ratio = items.over(script);
    report.hold("    against Python", format!("{ratio:.1} times"), "at least 10 times", ratio >= 10.0);
    Ok(())
}

fn gunzipped(file: &Path) -> Outcome<impl BufRead> {
    let compressed = BufReader::with_capacity(1 << 16, File::open(file)?);
    Ok(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(compressed)))
}

fn only_gunzip(file: &Path, rows: u64) -> Outcome<u64> {
    std::io::copy(&mut gunzipped(file)?, &mut std::io::sink())?;
    Ok(rows)
}

/// What nobody can do without: gunzip, split, sum. Nothing is checked, and cents are whole numbers.
fn bare_loop(file: &Path) -> Outcome<u64> {
    let mut reader = gunzipped(file)?;
    let mut line = String::new();
    let (mut rows, mut cents) = (0_u64, 0_i64);
    while reader.read_line(&mut line)? > 0 {
        let mut fields = [""; 24];
        for (field, text) in fields.iter_mut().zip(line.trim_end_matches('\n').split('\t')) {
            *field = text;
        }
        if rows >= 2 {
            let amount: String = fields.get(AMOUNT).unwrap_or(&"").replace(',', "");
            cents += amount.parse::<i64>()?;
        }
        rows += 1;
        line.clear();
    }
    std::hint::black_box(cents);
    Ok(rows.saturating_sub(2))
}

/// Opens a settlement.
pub(crate) fn open_settlement<R: Read>(source: R) -> Outcome<SettlementReader<R>> {
    match open(source, Hints::named("bench"), Limits::default())? {
        Opened::Settlement(reader) => Ok(reader),
        Opened::Vat(_) => Err("a settlement was expected".into()),
    }
}

/// What the program does with a file, without the table; fails if the settlement is not proven.
pub(crate) fn read_and_prove(source: impl Read) -> Outcome<u64> {
    let mut reader = open_settlement(source)?;
    let (header, layout) = (reader.header().clone(), reader.layout());
    let (mut tally, mut classifier) = (Tally::default(), Classifier::new());
    while let Some(amount) = reader.next_amount()? {
        tally.add(&amount, classifier.classify(&amount))?;
    }
    let source = reader.finish()?;
    let count = tally.all().count;
    let evidence = Evidence { layout, sha256: source.sha256, rows: source.rows, payments_written: count };
    match prove(&header, &tally, evidence)? {
        proof if proof.status == ProofStatus::Proven && proof.unclassified == 0 => Ok(count),
        proof => Err(format!("the generated settlement is not proven: {proof:?}").into()),
    }
}

fn ready_items(file: &Path) -> Outcome<u64> {
    let mut reader = open_settlement(File::open(file)?)?;
    let header = reader.header().clone();
    let context = context(&header.settlement_id, header.currency)?;
    let (mut tally, mut classifier) = (Tally::default(), Classifier::new());
    while let Some(amount) = reader.next_amount()? {
        let class = classifier.classify(&amount);
        tally.add(&amount, class)?;
        std::hint::black_box(payment_item(&context, &amount, class));
    }
    reader.finish()?;
    Ok(tally.all().count)
}

/// A seller and a report for items.
pub(crate) fn context(
    settlement: &countinghouse_domain::ids::SettlementId,
    currency: countinghouse_domain::money::Currency,
) -> Outcome<PaymentContext> {
    Ok(PaymentContext::new(&"A0BENCHSELLER".parse()?, settlement, currency, &"50000000001".parse()?))
}
