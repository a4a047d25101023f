//! Files that are cut off, swollen, too long, or served by a connection that breaks.

use std::io::{self, Read, Write as _};

use countinghouse_formats::{ErrorKind, FormatError, Hints, Limits, WarningKind};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Pieces, hints, open_settlement, read_settlement};

const HEADER: &str = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date\n7\t2026-07-03\t2026-07-17\t2026-07-19\t10.00\tEUR\t\t\t\t\t\t\n";
const ROW: &str = "7\t\t\t\t\t\tOrder\t302-1234567-7654321\tItemPrice\tPrincipal\t0.01\t2026-07-05\n";

fn settlement(rows: usize) -> Vec<u8> {
    let mut text = HEADER.to_owned();
    for number in 0..rows {
        text.push_str(&ROW.replace("1234567", &format!("{:07}", number * 7919 % 9_999_991)));
    }
    text.into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// How many amounts come before the error, and the error.
fn read_until_error(source: impl Read, limits: Limits) -> (u64, FormatError) {
    let mut reader = match open_settlement(source, Hints::named("r"), limits) {
        Ok(reader) => reader,
        Err(error) => return (0, error),
    };
    let mut count = 0;
    loop {
        match reader.next_amount() {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("no error after {count} amounts"),
            Err(error) => {
                // Half a file must not pass for a whole one.
                assert_eq!(reader.next_amount().unwrap_err().kind(), ErrorKind::Unfinished);
                assert_eq!(reader.finish().unwrap_err().kind(), ErrorKind::Unfinished);
                return (count, error);
            }
        }
    }
}

#[test]
fn gzip_that_is_cut_off_says_so_wherever_it_is_cut() {
    let file = gzip(&settlement(200));
    for length in [3, 9, 10, 11, 40, file.len() / 2, file.len() - 9, file.len() - 8, file.len() - 1] {
        let (_, error) = read_until_error(&file[..length], Limits::default());
        assert_eq!(error.kind(), ErrorKind::Truncated, "cut at {length} of {}", file.len());
        assert!(error.to_string().contains("cut off"), "{error}");
    }
}

#[test]
fn damaged_gzip_is_told_from_cut_off_gzip() {
    let mut file = gzip(&settlement(200));
    let checksum = file.len() - 8;
    file[checksum] ^= 1;
    let (count, error) = read_until_error(file.as_slice(), Limits::default());
    assert_eq!((count, error.kind()), (200, ErrorKind::BadGzip));
}

#[test]
fn a_connection_that_breaks_is_no_fault_of_the_file() {
    struct Breaks<'a>(&'a [u8], io::ErrorKind);
    impl Read for Breaks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() { Err(self.1.into()) } else { self.0.read(buffer) }
        }
    }
    for kind in [io::ErrorKind::ConnectionReset, io::ErrorKind::UnexpectedEof] {
        let plain = settlement(200);
        let (_, error) = read_until_error(Breaks(&plain, kind), Limits::default());
        assert_eq!(error.kind(), ErrorKind::ReadFailed);
        assert!(error.kind().may_pass());
        let file = gzip(&plain);
        let (_, error) = read_until_error(Breaks(&file[..file.len() / 2], kind), Limits::default());
        assert_eq!(error.kind(), ErrorKind::ReadFailed);
    }
}

#[test]
fn a_read_that_is_interrupted_is_tried_again() {
    struct Interrupts<'a>(Pieces<'a>, bool);
    impl Read for Interrupts<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(buffer) }
        }
    }
    for bytes in [settlement(20), gzip(&settlement(20))] {
        let source = Interrupts(Pieces { bytes: &bytes, size: 5 }, false);
        assert_eq!(read_settlement(source, None).unwrap().amounts.len(), 20);
    }
}

#[test]
fn a_gzip_bomb_is_refused_before_it_swells() {
    let mut bomb = settlement(10);
    bomb.resize(40 << 20, b'\n');
    let (_, error) = read_until_error(gzip(&bomb).as_slice(), Limits::default());
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(error.to_string().contains("bomb"), "{error}");
    assert!(error.line() < 3 << 20, "line {} came too late", error.line());
}

#[test]
fn a_million_rows_of_one_order_are_no_bomb() {
    let mut file = HEADER.as_bytes().to_vec();
    for number in 0..100_000 {
        let amount = format!("{}.{:02}", number % 97, number % 89);
        file.extend_from_slice(ROW.replace("0.01", &amount).as_bytes());
    }
    assert_eq!(read_settlement(gzip(&file).as_slice(), None).unwrap().amounts.len(), 100_000);
}

#[test]
fn limits_are_kept_and_named() {
    let file = settlement(200);
    let of = |limits| {
        let (count, error) = read_until_error(file.as_slice(), limits);
        assert_eq!(error.kind(), ErrorKind::Limit);
        (count, error.to_string())
    };
    let (_, text) = of(Limits { max_columns: 11, ..Limits::default() });
    assert!(text.contains("at most 11 columns"), "{text}");
    let (_, text) = of(Limits { max_decompressed_bytes: 5_000, ..Limits::default() });
    assert!(text.contains("at most 5000 bytes"), "{text}");
    let (count, text) = of(Limits { max_line_bytes: 100, ..Limits::default() });
    assert!(count == 0 && text.contains("at most 100 bytes in a line"), "{text}");
}

#[test]
fn a_line_without_an_end_is_refused_without_being_held_in_memory() {
    let endless = HEADER.as_bytes().chain(io::repeat(b'x'));
    let (count, error) = read_until_error(endless, Limits::default());
    assert_eq!((count, error.kind(), error.line()), (0, ErrorKind::Limit, 3));
    let xml = "<AmazonEnvelope><Message><SettlementReport><!--".as_bytes().chain(io::repeat(b'x'));
    assert_eq!(read_until_error(xml, Limits::default()).1.kind(), ErrorKind::Limit);
    let comment = "<AmazonEnvelope><Message><SettlementReport><!--".as_bytes().chain(Brackets);
    assert_eq!(read_until_error(comment, Limits::default()).1.kind(), ErrorKind::Limit);
}

/// `<<<<…` without end: pieces that are short, in a comment that is not.
struct Brackets;

impl Read for Brackets {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(b'<');
        Ok(buffer.len())
    }
}

#[test]
fn xml_that_nests_without_end_is_refused() {
    for start in ["", "<AmazonEnvelope><Message><SettlementReport>"] {
        let text = format!("<AmazonEnvelope><!-- <SettlementReport> -->{start}{}", "<Order>".repeat(200_000));
        let (_, error) = read_until_error(text.as_bytes(), Limits::default());
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    }
}

#[test]
fn an_error_in_the_middle_comes_after_the_rows_before_it_and_has_its_place() {
    let mut file = settlement(3);
    file.extend_from_slice(ROW.replace("0.01", "0.0l").as_bytes());
    file.extend_from_slice(ROW.as_bytes());
    let (count, error) = read_until_error(file.as_slice(), Limits::default());
    assert_eq!(count, 3);
    assert_eq!((error.report(), error.line(), error.column(), error.value()), ("r", 6, Some("amount"), Some("0.0l")));
    assert_eq!(error.kind().name(), "bad_amount");
}

#[test]
fn the_hash_is_that_of_the_decompressed_bytes() {
    let file = settlement(5);
    let plain = read_settlement(file.as_slice(), None).unwrap().source;
    let zipped = read_settlement(gzip(&file).as_slice(), None).unwrap().source;
    assert_eq!(plain.sha256, zipped.sha256);
    assert_eq!((usize::try_from(plain.bytes).unwrap(), plain.lines, plain.rows), (file.len(), 7, 5));
    let other = read_settlement(settlement(6).as_slice(), None).unwrap().source;
    assert_ne!(plain.sha256, other.sha256);
}

#[test]
fn an_unknown_or_unusable_declaration_is_told() {
    let file = settlement(1);
    let unknown = read_settlement(file.as_slice(), Some("text/plain; charset=martian")).unwrap().source;
    assert_eq!(unknown.warnings[0].kind, WarningKind::UnknownCharset);
    let error = read_settlement(file.as_slice(), Some("UTF-16")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadCharset);
}

#[test]
fn a_summary_without_rows_is_a_whole_report() {
    let whole = read_settlement(settlement(0).as_slice(), None).unwrap();
    assert_eq!((whole.amounts.len(), whole.source.rows, whole.source.lines), (0, 0, 2));
}

#[test]
fn a_report_that_was_not_read_to_its_end_cannot_be_finished() {
    let file = settlement(2);
    let mut reader = open_settlement(file.as_slice(), hints(None), Limits::default()).unwrap();
    reader.next_amount().unwrap();
    assert_eq!(reader.finish().unwrap_err().kind(), ErrorKind::Unfinished);
}
