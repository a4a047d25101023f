//! Files that are broken, cut off, swollen or something else: an error with its place, never a panic, and never half
//! a report that passes for a whole one.

use std::io::{self, Read};

use countinghouse_formats::{ErrorKind, Hints, Limits};
use countinghouse_vat_invoices::feed_report::ProcessingReport;
use proptest::prelude::*;

use crate::support::{fixture, open, read};

#[test]
fn after_an_error_nothing_more_is_read() {
    let bytes = fixture("bad-amount.txt");
    let mut reader = open(bytes.as_slice()).unwrap();
    assert!(reader.next_row().unwrap().is_some());
    let error = reader.next_row().unwrap_err();
    assert_eq!((error.line(), error.column(), error.value()), (3, Some("item-vat-amount"), Some("7,9x")));
    assert_eq!(reader.next_row().unwrap_err().kind(), ErrorKind::Unfinished);
    assert_eq!(reader.finish().unwrap_err().kind(), ErrorKind::Unfinished);
}

#[test]
fn a_report_that_was_not_read_to_its_end_cannot_be_finished() {
    let bytes = fixture("sample.txt");
    let mut reader = open(bytes.as_slice()).unwrap();
    reader.next_row().unwrap();
    assert_eq!(reader.finish().unwrap_err().kind(), ErrorKind::Unfinished);
}

#[test]
fn what_is_no_report_is_named() {
    for (bytes, words) in [
        (&b"<html><body>Sign in</body></html>"[..], "a web page"),
        (b"{\"errors\":[]}", "JSON"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"settlement-id\tsettlement-start-date\n", "a settlement report"),
        (b"Hello,\nhere is the report.\n", "text without a known header"),
        (b"", "an empty file"),
    ] {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn no_error_shows_a_persons_data() {
    // A tab in a name moves the name of the next column into an amount.
    let text = String::from_utf8(fixture("sample.txt")).unwrap();
    let header = text.lines().next().unwrap();
    for (name, shift) in
        [("sku", "x\tKarla Beispiel"), ("order-id", "Karla Beispiel\t"), ("asin", "\t\tKarla Beispiel")]
    {
        let place = header.split('\t').position(|each| each == name).unwrap();
        let row = text.lines().nth(1).unwrap();
        let mut fields: Vec<String> = row.split('\t').map(str::to_owned).collect();
        fields[place] = shift.to_owned();
        fields.pop();
        let broken = format!("{header}\n{}\n", fields.join("\t"));
        let error = read(broken.as_bytes()).unwrap_err();
        assert!(!error.to_string().contains("Karla"), "{error}");
        assert_eq!(error.line(), 2);
    }
}

#[test]
fn limits_bound_lines_columns_texts_and_depth() {
    let limit = |bytes: &[u8]| assert_eq!(read(bytes).unwrap_err().kind(), ErrorKind::Limit);
    limit(&vec![b'x'; 100_000]);
    let sample = fixture("sample.txt");
    let row = sample.split(|byte| *byte == b'\n').next().unwrap();
    limit(&[row, b"\n", "x\t".repeat(300).as_bytes()].concat());
    limit("<a>".repeat(100).as_bytes());
    limit(format!("<a><b>{}", "x&amp;".repeat(40_000)).as_bytes());
    let strict = Limits { max_columns: 10, ..Limits::default() };
    let opened = countinghouse_vat_invoices::vidr::VidrReader::open(sample.as_slice(), Hints::default(), strict);
    assert_eq!(opened.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn a_connection_that_breaks_is_no_fault_of_the_file() {
    struct Breaks<'a>(&'a [u8]);
    impl Read for Breaks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() { Err(io::ErrorKind::ConnectionReset.into()) } else { self.0.read(buffer) }
        }
    }
    for name in ["sample.txt", "charges-in-xml.xml"] {
        let bytes = fixture(name);
        let mut reader = open(Breaks(&bytes)).unwrap();
        let error = loop {
            match reader.next_row() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{name}: the end was reached"),
                Err(error) => break error,
            }
        };
        assert!(error.kind().may_pass(), "{name}: {error}");
    }
}

/// A sample with some of its bytes changed, cut out or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let names =
        prop::sample::select(vec!["sample.txt", "charges-in-xml.xml", "commas-and-quotes.csv", "windows-1252.txt"]);
    let damage = prop::collection::vec((any::<prop::sample::Index>(), 0_u8..4, any::<u8>()), 1..12);
    (names, damage).prop_map(|(name, damage)| {
        let mut bytes = fixture(name);
        for (place, how, byte) in damage {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => drop(bytes.drain(place..(place + 5).min(bytes.len()))),
                2 => bytes.insert(place, byte),
                _ => bytes.insert(place, b"\t\n\"<>&;,-."[usize::from(byte) % 10]),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn any_bytes_are_documents_or_an_error_with_a_place(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        if let Err(error) = read(&bytes) {
            prop_assert!(error.to_string().starts_with("report vidr"));
        }
        let _any_report = ProcessingReport::read(&bytes);
    }

    #[test]
    fn a_damaged_report_is_documents_or_an_error_with_a_place(bytes in damaged()) {
        match read(&bytes) {
            Ok(whole) => prop_assert!(whole.documents.iter().all(|document| !document.lines.is_empty())),
            Err(error) => prop_assert!(error.to_string().starts_with("report vidr")),
        }
    }
}
