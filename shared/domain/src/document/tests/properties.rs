//! What holds for every document, whatever the rows are.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::super::*;
use super::assemble;
use crate::money::Currency;

/// What a row is made of; the texts come from few values, so that rows meet in documents.
#[derive(Debug, Clone)]
struct Sketch {
    kind: &'static str,
    number: &'static str,
    order: &'static str,
    shipment: &'static str,
    sku: &'static str,
    quantity: Option<i64>,
    rate: Option<i64>,
    cents: [i64; 18],
    day: i8,
    extra: Option<&'static str>,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let texts = (
        prop::sample::select(vec!["SHIPMENT", "SHIPMENT", "RETURN", "REFUND", "LIQUIDATION"]),
        prop::sample::select(vec!["", "DE6000000000AA", "DE6000000000AB", "FR6000000000AR"]),
        prop::sample::select(vec!["111-1111111-1111111", "222-2222222-2222222"]),
        prop::sample::select(vec!["1", "2", "amzn1:crow:x"]),
        prop::sample::select(vec!["sku1", "sku2", "Größe\u{202f}L"]),
    );
    let numbers = (
        prop::option::of(-2_i64..5),
        prop::option::of(prop::sample::select(vec![0_i64, 7, 19])),
        prop::array::uniform18(
            prop_oneof![3 => Just(0_i64), 2 => -10_000_i64..10_000, 1 => any::<i32>().prop_map(i64::from)],
        ),
        1_i8..28,
        prop::option::of(prop::sample::select(vec!["x", ""])),
    );
    (texts, numbers).prop_map(|((kind, number, order, shipment, sku), (quantity, rate, cents, day, extra))| Sketch {
        kind,
        number,
        order,
        shipment,
        sku,
        quantity,
        rate,
        cents,
        day,
        extra,
    })
}

fn row(sketch: &Sketch, line: u64) -> VatRow<'static> {
    let mut row = VatRow::empty(line, Currency::EUR);
    for (column, text) in [
        (Text::TransactionType, sketch.kind),
        (Text::InvoiceNumber, sketch.number),
        (Text::OrderId, sketch.order),
        (Text::ShipmentId, sketch.shipment),
        (Text::TransactionId, sketch.shipment),
        (Text::Sku, sketch.sku),
        (Text::InvoiceUrl, "https://www.amazon.example/gp/invoice/download.html?v=1"),
        (Text::Responsibility, "Seller"),
        (Text::ShipFromCountry, "DE"),
        (Text::ShipToCountry, "DE"),
        (Text::ShipToCity, "Köln"),
    ] {
        row.set(column, text);
    }
    row.quantity = sketch.quantity;
    row.tax_rate = sketch.rate.map(|percent| Decimal::new(percent, 2));
    row.shipment_date = Some(jiff::civil::date(2026, 11, sketch.day));
    let mut figures = sketch.cents.iter().map(|cents| Decimal::new(*cents, 2));
    let mut figure = || figures.next().unwrap();
    for component in &mut row.components {
        for block in [&mut component.price, &mut component.promotion] {
            *block = Amounts { gross: figure(), vat: figure(), net: figure() };
        }
    }
    row.extra = if sketch.extra.is_some() { EXTRA.to_vec() } else { Vec::new() };
    row
}

const EXTRA: &[(&str, &str)] = &[("New Column", "x"), ("Newer Column", "")];

fn rows(sketches: &[Sketch]) -> Vec<VatRow<'static>> {
    sketches.iter().zip(2..).map(|(sketch, line)| row(sketch, line)).collect()
}

proptest! {
    #[test]
    fn every_row_is_one_line_and_every_cent_is_in_the_totals(sketches in prop::collection::vec(sketch(), 0..40)) {
        let rows = rows(&sketches);
        let documents = assemble(Assembler::new(), rows.iter().cloned());
        let mut lines: Vec<u64> = documents.iter().flat_map(|document| &document.lines).map(|line| line.source_line).collect();
        lines.sort_unstable();
        prop_assert_eq!(lines, rows.iter().map(|row| row.line).collect::<Vec<_>>());

        let cents: i64 = sketches.iter().flat_map(|sketch| sketch.cents.iter().step_by(3)).sum();
        let gross: Decimal = documents.iter().map(|document| document.total.gross).sum();
        prop_assert_eq!(gross, Decimal::new(cents, 2));
        for document in &documents {
            let by_rate: Decimal = document.by_rate.iter().map(|entry| entry.total.vat).sum();
            prop_assert_eq!(by_rate, document.total.vat);
        }
    }

    #[test]
    fn packing_a_row_loses_nothing(sketch in sketch(), line in 1_u64..) {
        let row = row(&sketch, line);
        let direct = Builder::new(&row).unwrap().finish().unwrap();
        prop_assert_eq!(assemble(Assembler::new(), [row]), vec![direct]);
    }

    #[test]
    fn partitions_have_each_document_once_and_whole(sketches in prop::collection::vec(sketch(), 0..40), parts in 1_u32..6) {
        let rows = rows(&sketches);
        let whole = assemble(Assembler::new(), rows.iter().cloned());
        let mut parted: Vec<_> =
            (0..parts).flat_map(|part| assemble(Assembler::with_partition(part, parts), rows.iter().cloned())).collect();
        parted.sort_by_key(Document::first_source_line);
        let mut whole_sorted = whole;
        whole_sorted.sort_by_key(Document::first_source_line);
        prop_assert_eq!(parted, whole_sorted);
    }

    #[test]
    fn the_order_of_the_rows_changes_neither_figures_nor_fingerprint(sketches in prop::collection::vec(sketch(), 0..30)) {
        let mut rows = rows(&sketches);
        let mut forwards = assemble(Assembler::new(), rows.iter().cloned());
        rows.reverse();
        let mut backwards = assemble(Assembler::new(), rows.iter().cloned());
        forwards.sort_by(|left, right| left.key.cmp(&right.key));
        backwards.sort_by(|left, right| left.key.cmp(&right.key));
        let prints = |documents: &[Document]| documents.iter().map(Document::fingerprint).collect::<Vec<_>>();
        prop_assert_eq!(prints(&forwards), prints(&backwards));
    }

    #[test]
    fn reports_that_overlap_give_the_whole_document_in_any_order(
        sketches in prop::collection::vec(sketch(), 1..8),
        windows in prop::collection::vec((0_usize..8, 1_usize..8), 1..6),
    ) {
        let rows = one_document(&sketches);
        let whole = assemble(Assembler::new(), rows.iter().cloned()).remove(0);
        let mut merged: Option<Document> = None;
        let cuts = windows.into_iter().map(|(start, length)| (start.min(rows.len() - 1), length)).chain([(0, rows.len())]);
        for (start, length) in cuts {
            let cut = rows.iter().skip(start).take(length).cloned();
            let Some(later) = assemble(Assembler::new(), cut).pop() else { continue };
            merged = Some(match &merged {
                None => later,
                Some(earlier) => match merge(earlier, &later).unwrap() {
                    Merge::Same => earlier.clone(),
                    Merge::Extended(document) => *document,
                    other @ (Merge::Updated(_) | Merge::Revised { .. }) => return Err(TestCaseError::fail(format!("{other:?}"))),
                },
            });
        }
        let merged = merged.unwrap();
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(merge(&merged, &whole).unwrap(), Merge::Same);
    }

    #[test]
    fn a_report_that_is_booked_again_changes_nothing_the_second_time(
        first in prop::collection::vec(sketch(), 1..8),
        second in prop::collection::vec(sketch(), 1..8),
        is_newest in any::<bool>(),
    ) {
        let standing = if is_newest { Standing::Newest } else { Standing::Older };
        let of_report = |sketches: &[Sketch], report: &str| {
            let mut document = assemble(Assembler::new(), one_document(sketches)).remove(0);
            document.stamp(report);
            document
        };
        let (booked, again) = (of_report(&first, "1"), of_report(&second, "2"));
        let rebooked = match rebook(&booked, &again, standing).unwrap() {
            Merge::Same => booked.clone(),
            Merge::Updated(document) | Merge::Extended(document) | Merge::Revised { document, .. } => *document,
        };
        prop_assert_eq!(rebook(&rebooked, &again, standing).unwrap(), Merge::Same);
        // What an older report says changes no line that is there.
        prop_assert!(is_newest || booked.lines.iter().all(|line| rebooked.lines.contains(line)));
        prop_assert_eq!(rebook(&booked, &booked, standing).unwrap(), Merge::Same);
    }

    #[test]
    fn a_later_report_wins_where_figures_differ(sketch in sketch(), cents in 1_i64..1000) {
        let earlier = assemble(Assembler::new(), [row(&sketch, 2)]).remove(0);
        let mut changed = row(&sketch, 9);
        changed.components[1].price.gross += Decimal::new(cents, 2);
        changed.set(Text::TransactionType, if sketch.kind == "LIQUIDATION" { "LIQUIDATION" } else { sketch.kind });
        let later = assemble(Assembler::new(), [changed]).remove(0);
        prop_assume!(earlier.key == later.key);
        let Merge::Revised { document, differences } = merge(&earlier, &later).unwrap() else {
            return Err(TestCaseError::fail("not revised"));
        };
        prop_assert_eq!(differences.len(), 1);
        prop_assert_eq!(document.total, later.total);
        prop_assert!(document.needs_attention());
        prop_assert_eq!(merge(&document, &later).unwrap(), Merge::Same);
    }
}

/// Rows that all belong to one document and differ in their identifiers or figures by position.
fn one_document(sketches: &[Sketch]) -> Vec<VatRow<'static>> {
    const SKUS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut rows = rows(sketches);
    for (row, sku) in rows.iter_mut().zip(SKUS) {
        row.set(Text::InvoiceNumber, "DE6000000000AA");
        row.set(Text::TransactionType, "SHIPMENT");
        row.set(Text::Sku, sku);
    }
    rows
}
