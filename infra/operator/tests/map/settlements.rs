//! Settlements.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::made::{Files, Row, v1, v2};
use crate::program::{FLAGGED, PROVEN, UNREADABLE, command, fixture, map, map_with, says_what_is_expected};

const SALE: Row = ["Order", "ItemPrice", "Principal", "100.00"];
const FEE: Row = ["Order", "ItemFees", "Commission", "-15.00"];

#[test]
fn a_european_settlement_is_booked_row_by_row() {
    says_what_is_expected("settlement-v2-eu.txt", "settlement-v2-eu.expected.jsonl", PROVEN);
}

#[test]
fn two_amounts_in_one_row_of_v1_are_two_payments() {
    says_what_is_expected("settlement-v1.txt", "settlement-v1.expected.jsonl", PROVEN);
}

#[test]
fn gzip_on_standard_input_says_the_same_as_the_file() {
    let text = std::fs::read(fixture("settlement-v2-eu.txt")).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&text).unwrap();
    let said = map_with(["-"], &encoder.finish().unwrap());
    let from_file = map(&[fixture("settlement-v2-eu.txt")]);
    assert_eq!(said.code, PROVEN, "{}", said.stderr);
    assert_eq!(said.objects("payment"), from_file.objects("payment"));
    assert_eq!(said.objects("settlement")[0]["report"], "standard input");
}

#[test]
fn settlements_are_chained_in_whatever_order_they_are_given() {
    let files = Files::new();
    let first = files.write("1", v2("11", (1, 15), "85.00", &[SALE, FEE]));
    let second = files.write("2", v2("12", (15, 29), "100.00", &[SALE]));
    for order in [[&first, &second], [&second, &first]] {
        let said = map(&order);
        assert_eq!(said.code, PROVEN, "{}", said.stderr);
        assert_eq!(said.settlement("11")["chain"], serde_json::json!({"position": "first"}));
        assert_eq!(said.settlement("12")["chain"], serde_json::json!({"position": "chained", "predecessor": "11"}));
    }
}

#[test]
fn a_missing_settlement_between_two_others_is_a_gap() {
    let files = Files::new();
    let first = files.write("1", v2("11", (1, 8), "100.00", &[SALE]));
    let third = files.write("3", v2("13", (15, 22), "100.00", &[SALE]));
    let said = map(&[first, third]);
    assert_eq!(said.code, FLAGGED);
    assert_eq!(said.settlement("13")["chain"]["position"], "gap");
    assert!(said.stderr.contains("settlement 13: a settlement is missing"), "{}", said.stderr);
}

#[test]
fn a_debt_that_the_next_settlement_does_not_take_up_is_flagged() {
    let files = Files::new();
    let debt = files.write("1", v2("11", (1, 15), "-15.00", &[FEE]));
    let taken_up = ["other-transaction", "other-transaction", "Payable to Amazon", "-15.00"];
    let right = files.write("2", v2("12", (15, 29), "85.00", &[taken_up, SALE]));
    let wrong = files.write("3", v2("12", (15, 29), "100.00", &[SALE]));
    assert_eq!(map(&[&debt, &right]).code, PROVEN);
    let said = map(&[&debt, &wrong]);
    assert_eq!(said.code, FLAGGED);
    assert!(said.stderr.contains("hands on a debt of -15.00, but Payable to Amazon is 0"), "{}", said.stderr);
}

#[test]
fn all_payments_of_a_settlement_come_to_zero_with_the_derived_one() {
    let files = Files::new();
    for (total, kind) in [("85.00", "payout"), ("-15.00", "balance_movement")] {
        let rows = if total == "85.00" { &[SALE, FEE][..] } else { &[FEE][..] };
        let said = map(&[files.write("x", v2("11", (1, 15), total, rows))]);
        let payments = said.objects("payment");
        let cents =
            |payment: &serde_json::Value| payment["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        assert_eq!(payments.iter().map(cents).sum::<i64>(), 0, "{}", said.stdout);
        let derived = payments.last().unwrap();
        assert_eq!((&derived["derived"], &derived["line"]), (&true.into(), &serde_json::Value::Null));
        assert_eq!(derived["type"], kind);
    }
}

#[test]
fn a_sum_that_is_not_the_total_is_unproven() {
    let files = Files::new();
    let said = map(&[files.write("x", v2("11", (1, 15), "85.01", &[SALE, FEE]))]);
    assert_eq!(said.code, FLAGGED);
    let settlement = said.settlement("11");
    assert_eq!(settlement["status"], "unproven");
    assert_eq!(settlement["difference"], "-0.01");
    assert!(said.stderr.contains("unproven, the amounts come to 85.00, but the total is 85.01"), "{}", said.stderr);
}

#[test]
fn amounts_that_no_rule_knows_are_booked_counted_and_named() {
    let files = Files::new();
    let strange = ["Mystery", "ItemPrice", "Principal", "1.00"];
    let said = map(&[files.write("x", v2("11", (1, 15), "102.00", &[strange, SALE, strange]))]);
    assert_eq!(said.code, FLAGGED);
    let settlement = said.settlement("11");
    assert_eq!((&settlement["status"], &settlement["unclassified"]), (&"proven".into(), &2.into()));
    assert_eq!(settlement["by_type"]["unclassified"], serde_json::json!({"count": 2, "sum": "2.00"}));
    let line = "no rule knows Mystery / ItemPrice / Principal: 2 amounts, together 2.00";
    assert!(said.stderr.contains(line), "{}", said.stderr);
}

#[test]
fn a_fee_without_a_name_in_the_rules_is_booked_and_told() {
    let files = Files::new();
    let new_fee = ["Order", "ItemFees", "BrandNewFee", "-1.00"];
    let said = map(&[files.write("x", v2("11", (1, 15), "99.00", &[SALE, new_fee]))]);
    assert_eq!(said.code, PROVEN, "{}", said.stderr);
    assert!(said.stderr.contains("Order / ItemFees / BrandNewFee: 1 amount, together -1.00"), "{}", said.stderr);
}

#[test]
fn a_bad_amount_is_told_with_its_place_and_no_settlement_is_printed() {
    let files = Files::new();
    let bad = ["Order", "ItemPrice", "Principal", "12.3x"];
    let said = map(&[files.write("bad.txt", v2("11", (1, 15), "100.00", &[SALE, bad]))]);
    assert_eq!(said.code, UNREADABLE);
    assert!(said.objects("settlement").is_empty());
    assert!(said.stderr.contains("bad.txt, line 4, column amount: found \"12.3x\""), "{}", said.stderr);
}

#[test]
fn an_unreadable_file_does_not_keep_the_others_from_being_booked() {
    let files = Files::new();
    let good = files.write("good", v2("11", (1, 15), "100.00", &[SALE]));
    let bad = files.write("bad", "not a report\n");
    let said = map(&[bad, good, "no such file".into()]);
    assert_eq!(said.code, UNREADABLE);
    assert_eq!(said.settlement("11")["status"], "proven");
    assert!(said.stderr.contains("no such file cannot be opened: "), "{}", said.stderr);
}

#[test]
fn v1_and_v2_of_one_settlement_are_never_both_booked() {
    let files = Files::new();
    let fee = ["other-transaction", "other-transaction", "Subscription Fee", "-39.00"];
    let (old, new) = (files.write("v1", v1("11", "-39.00")), files.write("v2", v2("11", (1, 15), "-39.00", &[fee])));
    for (one, other, layout) in [(&old, &new, "V1"), (&new, &old, "V2")] {
        let said = map(&[one, other]);
        assert_eq!(said.code, FLAGGED);
        assert_eq!(said.settlement("11")["layout"], layout);
        assert_eq!(said.objects("payment").len(), 2, "{}", said.stdout);
        assert!(said.stderr.contains("refused, settlement 11 is booked from"), "{}", said.stderr);
    }
    assert_eq!(map(&[&old]).code, PROVEN);
    let types = |file| map(&[file]).settlement("11")["by_type"].clone();
    assert_eq!(types(&old), types(&new), "both layouts say the same");
}

#[test]
fn one_settlement_under_two_report_ids_is_booked_once() {
    let files = Files::new();
    let text = v2("11", (1, 15), "85.00", &[SALE, FEE]);
    let said = map(&[files.write("report-1", &text), files.write("report-2", &text)]);
    assert_eq!(said.code, PROVEN, "{}", said.stderr);
    assert_eq!(said.objects("payment").len(), 3);
    assert!(said.stderr.contains("the same bytes"), "{}", said.stderr);
}

#[test]
fn one_settlement_with_other_bytes_is_a_conflict() {
    let files = Files::new();
    let one = files.write("1", v2("11", (1, 15), "100.00", &[SALE]));
    let other = files.write("2", v2("11", (1, 15), "85.00", &[SALE, FEE]));
    let said = map(&[one, other]);
    assert_eq!(said.code, FLAGGED);
    assert_eq!(said.settlement("11")["total_amount"], "100.00");
    assert!(said.stderr.contains("with other bytes"), "{}", said.stderr);
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    let files = Files::new();
    let rows = vec![SALE; 20_000];
    let file = files.write("long", v2("11", (1, 15), "2000000.00", &rows));
    let mut child = command().arg(file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_mistake_in_the_arguments_is_not_taken_for_something_that_needs_a_person() {
    for (arguments, code) in [
        (&["map", "--no-such"][..], 1),
        (&["no-such"], 1),
        (&[], 1),
        (&["connect"], 1),
        (&["--help"], 0),
        (&["--version"], 0),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_countinghouse")).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_help_says_what_the_exit_codes_mean() {
    let output = command().arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for text in ["Exit code:", "0  everything is proven", "1  a file is unreadable", "by_type", "`-` is standard input"]
    {
        assert!(help.contains(text), "{text} is missing in {help}");
    }
}
