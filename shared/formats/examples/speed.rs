//! How fast a settlement of a million rows is read, mapped and proven, beside a bare loop over the same bytes that
//! only gunzips, splits at tabs and sums cents.
//!
//! `cargo run --profile local -p countinghouse-formats --example speed [ROWS [STEP [TIMES]]]`

#![expect(clippy::indexing_slicing, reason = "a bare loop believes every row")]

use std::io::{BufRead, BufReader, Read, Write};
use std::time::Instant;

use countinghouse_domain::payment::Classifier;
use countinghouse_domain::settlement::{Evidence, Tally, prove};
use countinghouse_formats::{Hints, Limits, Report, open};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

type Failure = Box<dyn std::error::Error>;
type Run = fn(&[u8]) -> Result<u64, Failure>;

fn main() -> Result<(), Failure> {
    let rows: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |rows| rows.parse())?;
    let file = write_settlement(rows)?;
    println!("{rows} rows, {} bytes of gzip", file.len());
    let only = std::env::args().nth(2).filter(|only| !only.is_empty());
    let mut best = [u128::MAX; 6];
    let names = ["gunzip", "bare loop", "bare loop, memchr", "read", "read, classify", "read, classify, tally, prove"];
    let times: u32 = std::env::args().nth(3).map_or(Ok(7), |times| times.parse())?;
    for _ in 0..times {
        let runs: [Run; 6] = [gunzip, bare, bare_memchr, read, classify, tally];
        for ((run, name), best) in runs.into_iter().zip(names).zip(&mut best) {
            if only.as_ref().is_some_and(|only| only != name) {
                continue;
            }
            let start = Instant::now();
            run(&file)?;
            *best = start.elapsed().as_nanos().min(*best);
        }
    }
    for (name, nanos) in names.iter().zip(best) {
        if nanos == u128::MAX {
            continue;
        }
        let each = nanos / u128::from(rows);
        let percent = best[1].saturating_mul(100) / nanos;
        println!(
            "{name:30} {each:5} ns a row, {:8} rows/s, {percent:3} % of the bare loop",
            1_000_000_000 / each.max(1)
        );
    }
    Ok(())
}

fn gunzip(file: &[u8]) -> Result<u64, Failure> {
    let mut source = GzDecoder::new(file);
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(total),
            count => total += u64::try_from(count)?,
        }
    }
}

/// Gunzips, splits, sums; knows the columns and believes every row.
fn bare(file: &[u8]) -> Result<u64, Failure> {
    let mut source = BufReader::with_capacity(64 * 1024, GzDecoder::new(file));
    let mut line = Vec::new();
    let (mut rows, mut sum) = (0_u64, 0_i64);
    while source.read_until(b'\n', &mut line)? > 0 {
        if rows > 1 {
            let fields: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
            sum += cents(fields[14]);
        }
        rows += 1;
        line.clear();
    }
    std::hint::black_box(sum);
    Ok(rows)
}

/// The same without a list of fields: as little as can be done.
fn bare_memchr(file: &[u8]) -> Result<u64, Failure> {
    let mut source = BufReader::with_capacity(64 * 1024, GzDecoder::new(file));
    let mut line = Vec::new();
    let (mut rows, mut sum) = (0_u64, 0_i64);
    while source.read_until(b'\n', &mut line)? > 0 {
        if rows > 1 {
            let mut tabs = memchr::memchr_iter(b'\t', &line).skip(13);
            let (from, to) = (tabs.next().unwrap_or(0), tabs.next().unwrap_or(0));
            sum += cents(&line[from + 1..to]);
            std::hint::black_box(tabs.last());
        }
        rows += 1;
        line.clear();
    }
    std::hint::black_box(sum);
    Ok(rows)
}

fn cents(text: &[u8]) -> i64 {
    let (negative, digits) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let digits = digits.iter().filter(|byte| byte.is_ascii_digit());
    let value = digits.fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    if negative { -value } else { value }
}

fn settlement(file: &[u8]) -> Result<countinghouse_formats::SettlementReader<&[u8]>, Failure> {
    match open(file, Hints::named("speed"), Limits::default())? {
        Report::Settlement(reader) => Ok(reader),
        Report::Vat(_) => Err("not a settlement".into()),
    }
}

fn read(file: &[u8]) -> Result<u64, Failure> {
    let mut reader = settlement(file)?;
    while let Some(amount) = reader.next_amount()? {
        std::hint::black_box(&amount);
    }
    Ok(reader.finish()?.rows)
}

fn classify(file: &[u8]) -> Result<u64, Failure> {
    let mut reader = settlement(file)?;
    let mut classifier = Classifier::new();
    while let Some(amount) = reader.next_amount()? {
        std::hint::black_box(classifier.classify(&amount));
        std::hint::black_box(&amount);
    }
    Ok(reader.finish()?.rows)
}

fn tally(file: &[u8]) -> Result<u64, Failure> {
    let mut reader = settlement(file)?;
    let mut classifier = Classifier::new();
    let mut tally = Tally::default();
    while let Some(amount) = reader.next_amount()? {
        let class = classifier.classify(&amount);
        tally.add(&amount, class)?;
        std::hint::black_box(&amount);
    }
    let (header, layout) = (reader.header().clone(), reader.layout());
    let source = reader.finish()?;
    let payments_written = tally.all().count;
    let evidence = Evidence { layout, sha256: source.sha256, rows: source.rows, payments_written };
    let proof = prove(&header, &tally, evidence)?;
    assert!(proof.difference.is_zero(), "{proof:?}");
    Ok(source.rows)
}

/// A settlement in the euro locale: orders of some items, each with its components.
fn write_settlement(rows: u64) -> Result<Vec<u8>, Failure> {
    const COMPONENTS: [(&str, &str, i64); 6] = [
        ("ItemPrice", "Principal", 1_999),
        ("ItemPrice", "Tax", 380),
        ("ItemPrice", "Shipping", 499),
        ("Promotion", "Shipping", -499),
        ("ItemFees", "Commission", -300),
        ("ItemFees", "FBAPerUnitFulfillmentFee", -317),
    ];
    let mut body = GzEncoder::new(Vec::new(), Compression::default());
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let lines = |out: &mut dyn Write, random: &mut dyn FnMut() -> u64| -> Result<i64, Failure> {
        let mut sum = 0;
        let (mut order, mut stamp, mut sku, mut item, mut extra) = (String::new(), String::new(), 0, 0, 0);
        for row in 0..rows {
            let place = usize::try_from(row % 6)?;
            if place == 0 {
                let bits = random();
                order = format!("{:03}-{:07}-{:07}", 300 + bits % 10, bits >> 8 & 0x7f_ffff, bits >> 36 & 0x7f_ffff);
                let day = 3 + row * 14 / rows;
                stamp = format!("{day:02}.07.2026 {:02}:{:02}:{:02} UTC", bits % 24, bits / 24 % 60, bits / 1440 % 60);
                (sku, item, extra) = (bits % 900, bits >> 20, i64::try_from(bits % 3_000)?);
            }
            let (kind, description, base) = COMPONENTS[place];
            let amount = if base > 0 { base + extra } else { base - extra / 7 };
            sum += amount;
            let day = &stamp[..10];
            writeln!(
                out,
                "23874397121\t\t\t\t\t\tOrder\t{order}\t{order}\t\tB{:08x}\tAmazon.de\t{kind}\t{description}\t{}\tAFN\t{day}\t{stamp}\t{:014}\t\t\tSKU-{sku:05}\t1\t",
                item & 0xffff_ffff,
                money(amount),
                item % 100_000_000_000_000
            )?;
        }
        Ok(sum)
    };
    // The total stands before the rows: write them twice with the same numbers.
    let mut again = random;
    let total = lines(&mut std::io::sink(), &mut again.clone())?;
    writeln!(
        body,
        "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name\tamount-type\tamount-description\tamount\tfulfillment-id\tposted-date\tposted-date-time\torder-item-code\tmerchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased\tpromotion-id"
    )?;
    writeln!(
        body,
        "23874397121\t03.07.2026 07:06:34 UTC\t17.07.2026 07:06:34 UTC\t19.07.2026 07:06:34 UTC\t{}\tEUR\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t",
        money(total)
    )?;
    lines(&mut body, &mut again)?;
    Ok(body.finish()?)
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{},{:02}", cents.abs() / 100, cents.abs() % 100)
}
