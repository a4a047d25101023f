//! Reports from outside the project, where they are there.

use std::fs;

use countinghouse_formats::WarningKind;

use crate::support::{Whole, read_settlement, workspace};

fn sample(name: &str) -> Option<Whole> {
    let path = workspace("../shared/samples").join(name);
    let Ok(bytes) = fs::read(&path) else {
        println!("skipped: ../shared is not here");
        return None;
    };
    Some(read_settlement(bytes.as_slice(), None).unwrap())
}

#[test]
fn three_settlements_of_one_account_add_up_and_follow_each_other() {
    let mut end = None;
    for (name, rows, total) in [
        ("adwweaver__Amazon-Settlement-Transformer__50011020300.txt", 3, "-321.69"),
        ("adwweaver__Amazon-Settlement-Transformer__50018020314.txt", 15, "-62.31"),
        ("adwweaver__Amazon-Settlement-Transformer__50034020328.txt", 189, "1016.08"),
    ] {
        let Some(whole) = sample(name) else { return };
        assert_eq!(whole.layout, "V1");
        assert_eq!(whole.source.rows, rows, "{name}");
        assert_eq!(whole.sum().to_string(), total);
        assert_eq!(whole.header.total_amount.to_string(), total);
        assert!(end.is_none_or(|end| end == whole.header.start));
        // The third file has an empty line in its middle, as it was published.
        assert!(whole.source.warnings.iter().all(|warning| warning.kind == WarningKind::EmptyLine));
        end = Some(whole.header.end);
    }
}

#[test]
fn a_synthetic_v2_settlement_adds_up() {
    let Some(whole) = sample("xieyi138-star__amazon-settlement-parser__settlement-sample.txt") else { return };
    assert_eq!((whole.layout, whole.source.rows), ("V2", 23));
    assert_eq!(whole.sum().to_string(), "582.89");
    assert_eq!(whole.header.total_amount.to_string(), "582.89");
}

#[test]
fn an_excerpt_of_a_v2_settlement_is_read_whole_and_its_sum_is_not_its_total() {
    let Some(whole) = sample("rahuldabola__portone-recon__amazon_settlements_data.EXCERPT.txt") else { return };
    assert_eq!((whole.layout, whole.source.rows, whole.amounts.len()), ("V2", 66, 66));
    assert_ne!(whole.sum(), whole.header.total_amount);
    assert_eq!(whole.amounts[0].posted_at.unwrap().to_string(), "2026-07-17T07:26:32Z");
}
