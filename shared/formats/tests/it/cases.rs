//! The fixtures: files in Amazon's formats with the expected result beside each.
//!
//! Every file is read whole, in pieces, byte by byte, and as gzip; all must agree with the expected result. With
//! `UPDATE_FIXTURES=1` the expected results are written instead; then read them.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::Path;
use std::{env, fs};

use countinghouse_formats::FormatError;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Owned, Pieces, Whole, read_settlement, workspace};

/// The Content-Type of fixtures that were served with one.
const DECLARED: [(&str, &str); 3] = [
    ("japan-shift-jis-declared.txt", "text/tab-separated-values; charset=Shift_JIS"),
    ("windows-1252-declared-as-latin-1.txt", "text/tab-separated-values; charset=ISO-8859-1"),
    ("windows-1252-declared-as-utf-8.txt", "text/plain;charset=UTF-8"),
];

#[test]
fn settlements_v2_read_as_expected_however_their_bytes_arrive() {
    check_folder("settlement-v2");
}

#[test]
fn settlements_v1_read_as_expected_however_their_bytes_arrive() {
    check_folder("settlement-v1");
}

#[test]
fn settlements_in_xml_read_as_expected_however_their_bytes_arrive() {
    check_folder("settlement-xml");
}

#[test]
fn files_that_are_no_report_are_told_apart() {
    check_folder("no-report");
}

fn check_folder(folder: &str) {
    let folder = workspace("tests/fixtures").join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension != "json"));
    files.sort();
    assert!(!files.is_empty(), "no fixtures in {}", folder.display());
    for file in files {
        check(&file);
    }
}

fn check(path: &Path) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let declared = DECLARED.iter().find(|(each, _)| *each == name).map(|(_, charset)| *charset);
    let bytes = fs::read(path).unwrap();
    let whole = describe(&read_settlement(bytes.as_slice(), declared));
    compare_with_expected(&whole, &path.with_extension("expected.json"));
    let gzip = gzip_of(&bytes);
    let two_members = [gzip_of(&bytes[..bytes.len() / 3]), gzip_of(&bytes[bytes.len() / 3..])].concat();
    let ways: [(&str, Box<dyn Read>); 6] = [
        ("in pieces of 7 bytes", Box::new(Pieces { bytes: &bytes, size: 7 })),
        ("byte by byte", Box::new(Pieces { bytes: &bytes, size: 1 })),
        ("as gzip", Box::new(gzip.as_slice())),
        ("as gzip, byte by byte", Box::new(Pieces { bytes: &gzip, size: 1 })),
        ("as gzip of two members", Box::new(two_members.as_slice())),
        ("as gzip of two members, in pieces", Box::new(Pieces { bytes: &two_members, size: 11 })),
    ];
    for (way, source) in ways {
        assert_eq!(describe(&read_settlement(source, declared)), whole, "{name} {way}");
    }
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a switch for developers, not configuration")]
fn compare_with_expected(found: &Value, path: &Path) {
    let text = format!("{found:#}\n");
    if env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(text, expected, "{} is not what was read", path.display());
}

/// A report as a bookkeeper reads it.
fn describe(read: &Result<Whole, FormatError>) -> Value {
    let whole = match read {
        Ok(whole) => whole,
        Err(error) => return json!({ "error": error.kind().name(), "text": error.to_string() }),
    };
    let header = &whole.header;
    let difference = whole.sum() - header.total_amount;
    json!({
        "settlement": header.settlement_id.as_str(),
        "layout": whole.layout,
        "start": header.start.to_string(),
        "end": header.end.to_string(),
        "deposit_date": header.deposit_date.to_string(),
        "total": format!("{} {}", header.total_amount, header.currency),
        "sum": whole.sum().to_string(),
        "difference": difference.normalize().to_string(),
        "rows": whole.source.rows,
        "lines": whole.source.lines,
        "charset": whole.source.charset,
        "sha256": whole.source.sha256,
        "unknown_columns": whole.source.unknown_columns,
        "warnings": whole.source.warnings.iter().map(|warning| format!("{}: {warning}", warning.kind.name())).collect::<Vec<_>>(),
        "amounts": whole.amounts.iter().map(line).collect::<Vec<_>>(),
    })
}

/// `line 3: 19.99 Order / ItemPrice / Principal; order-id 028-…; posted 2026-07-04T10:00:00Z`
fn line(amount: &Owned) -> String {
    let mut text = format!("line {}", amount.line);
    if amount.part > 1 {
        write!(text, ".{}", amount.part).unwrap();
    }
    let names = [&amount.transaction_type, &amount.amount_type, &amount.amount_description];
    write!(text, ": {} {} / {} / {}", amount.amount, names[0], names[1], names[2]).unwrap();
    let quantity = amount.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
    let posted = amount.posted_at.map(|posted| posted.to_string()).unwrap_or_default();
    for (name, value) in [
        ("order", &amount.order_id),
        ("merchant order", &amount.merchant_order_id),
        ("adjustment", &amount.adjustment_id),
        ("shipment", &amount.shipment_id),
        ("on", &amount.marketplace_name),
        ("fulfillment", &amount.fulfillment_id),
        ("posted", &posted),
        ("item", &amount.order_item_code),
        ("merchant item", &amount.merchant_order_item_id),
        ("merchant adjustment item", &amount.merchant_adjustment_item_id),
        ("sku", &amount.sku),
        ("quantity", &quantity),
        ("promotion", &amount.promotion_id),
    ] {
        if !value.is_empty() {
            write!(text, "; {name} {value}").unwrap();
        }
    }
    for (name, value) in &amount.extra {
        write!(text, "; [{name}] {value}").unwrap();
    }
    text
}
