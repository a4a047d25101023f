//! Whatever settlement is written, in whatever layout, locale, character set and line end, reads back equal.

use std::fmt::Write as _;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, WINDOWS_1252};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::support::{Pieces, read_settlement};

/// A row before it is written.
#[derive(Debug, Clone)]
struct Row {
    cents: i64,
    second: i64,
    order_id: String,
    item: String,
    sku: usize,
    quantity: Option<u16>,
}

#[derive(Debug, Clone, Copy)]
enum Layout {
    V2,
    V1,
    Xml,
}

#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
#[derive(Debug, Clone, Copy)]
struct Style {
    layout: Layout,
    comma: bool,
    dates: usize,
    charset: &'static Encoding,
    declared: bool,
    crlf: bool,
    byte_order_mark: bool,
    last_line_end: bool,
    piece: usize,
}

/// Goods whose names are in the character set, so that something is to be decoded.
fn skus(charset: &'static Encoding) -> [&'static str; 4] {
    if charset == SHIFT_JIS {
        ["TEA-1", "緑茶の詰め合わせ", "東京の倉庫、アマゾン", "ソ表能-十"]
    } else {
        ["TEA-1", "Tee-grün", "Thé à la menthe – 10 €", "größe-XL"]
    }
}

/// 2026-07-03T00:00:00Z.
const START: i64 = 1_783_036_800;

fn date(seconds: i64, notation: usize) -> String {
    let pattern =
        ["%Y-%m-%d %H:%M:%S UTC", "%d.%m.%Y %H:%M:%S UTC", "%Y/%m/%d %H:%M:%S UTC", "%Y-%m-%dT%H:%M:%S+00:00"];
    jiff::Timestamp::from_second(START + seconds).unwrap().strftime(pattern[notation]).to_string()
}

fn amount(cents: i64, comma: bool) -> String {
    let text = Decimal::new(cents, 2).to_string();
    if comma { text.replace('.', ",") } else { text }
}

fn write_settlement(rows: &[Row], style: Style) -> Vec<u8> {
    let text = match style.layout {
        Layout::V2 => write_v2(rows, style),
        Layout::V1 => write_v1(rows, style),
        Layout::Xml => write_xml(rows, style),
    };
    let text = if style.crlf { text.replace('\n', "\r\n") } else { text };
    let text = if style.last_line_end { &text } else { text.trim_end() };
    let mut bytes = if style.byte_order_mark && style.charset == UTF_8 { vec![0xef, 0xbb, 0xbf] } else { Vec::new() };
    bytes.extend_from_slice(&style.charset.encode(text).0);
    bytes
}

fn total(rows: &[Row]) -> i64 {
    rows.iter().map(|row| row.cents).sum()
}

fn quantity(row: &Row) -> String {
    row.quantity.map(|quantity| quantity.to_string()).unwrap_or_default()
}

fn write_v2(rows: &[Row], style: Style) -> String {
    let mut text = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date-time\torder-item-code\tsku\tquantity-purchased\tpromotion-id\n".to_owned();
    let [start, end, deposit] = [0, 1_209_600, 1_382_400].map(|second| date(second, style.dates));
    let sum = amount(total(rows), style.comma);
    writeln!(text, "0123456789012345678\t{start}\t{end}\t{deposit}\t{sum}\tEUR\t\t\t\t\t\t\t\t\t\t").unwrap();
    for row in rows {
        let (order, item, sku, quantity) = (&row.order_id, &row.item, skus(style.charset)[row.sku], quantity(row));
        let (value, posted) = (amount(row.cents, style.comma), date(row.second, style.dates));
        writeln!(text, "0123456789012345678\t\t\t\t\t\tOrder\t{order}\tItemPrice\tPrincipal\t{value}\t{posted}\t{item}\t{sku}\t{quantity}\t").unwrap();
    }
    text
}

fn write_v1(rows: &[Row], style: Style) -> String {
    let mut text = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tposted-date\torder-item-code\tsku\tquantity-purchased\tprice-type\tprice-amount\tother-amount\n".to_owned();
    let [start, end, deposit] = [0, 1_209_600, 1_382_400].map(|second| date(second, style.dates));
    let sum = amount(total(rows), style.comma);
    writeln!(text, "0123456789012345678\t{start}\t{end}\t{deposit}\t{sum}\tEUR\t\t\t\t\t\t\t\t\t").unwrap();
    for row in rows {
        let (order, item, sku, quantity) = (&row.order_id, &row.item, skus(style.charset)[row.sku], quantity(row));
        let (value, posted) = (amount(row.cents, style.comma), date(row.second, style.dates));
        writeln!(
            text,
            "0123456789012345678\t\t\t\t\t\tOrder\t{order}\t{posted}\t{item}\t{sku}\t{quantity}\tPrincipal\t{value}\t"
        )
        .unwrap();
    }
    text
}

fn write_xml(rows: &[Row], style: Style) -> String {
    let [start, end, deposit] = [0, 1_209_600, 1_382_400].map(|second| date(second, style.dates));
    let mut text = format!(
        "<?xml version=\"1.0\"?>\n<AmazonEnvelope><Message><SettlementReport><SettlementData><AmazonSettlementID>0123456789012345678</AmazonSettlementID><TotalAmount currency=\"EUR\">{}</TotalAmount><StartDate>{start}</StartDate><EndDate>{end}</EndDate><DepositDate>{deposit}</DepositDate></SettlementData>\n",
        amount(total(rows), style.comma)
    );
    for row in rows {
        let (order, item, sku, quantity) = (&row.order_id, &row.item, skus(style.charset)[row.sku], quantity(row));
        let (value, posted) = (amount(row.cents, style.comma), date(row.second, style.dates));
        writeln!(text, "<Order><AmazonOrderID>{order}</AmazonOrderID>\n<Fulfillment><PostedDate>{posted}</PostedDate><Item><AmazonOrderItemCode>{item}</AmazonOrderItemCode><SKU>{sku}</SKU><Quantity>{quantity}</Quantity><ItemPrice><Component><Type>Principal</Type><Amount currency=\"EUR\">{value}</Amount></Component></ItemPrice></Item></Fulfillment></Order>").unwrap();
    }
    text + "</SettlementReport></Message></AmazonEnvelope>\n"
}

fn row() -> impl Strategy<Value = Row> {
    let cents = prop_oneof![Just(0), -999_999_999..999_999_999_i64, -100..100_i64];
    (cents, 0..1_209_600_i64, "[0-9]{3}-[0-9]{7}-[0-9]{7}", "0[0-9]{13}|[0-9]{19}|", 0..4_usize, any::<Option<u16>>())
        .prop_map(|(cents, second, order_id, item, sku, quantity)| Row { cents, second, order_id, item, sku, quantity })
}

fn style() -> impl Strategy<Value = Style> {
    let layout = prop_oneof![Just(Layout::V2), Just(Layout::V1), Just(Layout::Xml)];
    let charset = prop_oneof![Just(UTF_8), Just(WINDOWS_1252), Just(SHIFT_JIS)];
    (layout, charset, any::<[bool; 5]>(), 0..4_usize, prop_oneof![Just(1_usize), 2..200_usize, Just(1 << 20)]).prop_map(
        |(layout, charset, [comma, declared, crlf, byte_order_mark, last_line_end], dates, piece)| Style {
            // Without a declaration a few Japanese characters are not enough to be sure of Shift_JIS.
            declared: declared || charset == SHIFT_JIS,
            layout,
            comma,
            dates,
            charset,
            crlf,
            byte_order_mark,
            last_line_end,
            piece,
        },
    )
}

proptest! {
    #[test]
    fn a_settlement_reads_back_equal(rows in prop::collection::vec(row(), 0..40), style in style()) {
        let bytes = write_settlement(&rows, style);
        let declared = style.declared.then(|| style.charset.name());
        let whole = read_settlement(Pieces { bytes: &bytes, size: style.piece }, declared).unwrap();
        prop_assert_eq!(whole.sum(), Decimal::new(total(&rows), 2));
        prop_assert_eq!(whole.sum(), whole.header.total_amount);
        prop_assert_eq!(whole.header.settlement_id.as_str(), "0123456789012345678");
        prop_assert_eq!(whole.header.start.as_second(), START);
        prop_assert_eq!(usize::try_from(whole.source.rows).unwrap(), rows.len());
        prop_assert_eq!(whole.amounts.len(), rows.len());
        for (read, row) in whole.amounts.iter().zip(&rows) {
            prop_assert_eq!(read.amount, Decimal::new(row.cents, 2));
            prop_assert_eq!(read.posted_at.unwrap().as_second(), START + row.second);
            prop_assert_eq!(&read.order_id, &row.order_id);
            prop_assert_eq!(&read.order_item_code, &row.item);
            prop_assert_eq!(&read.sku, skus(style.charset)[row.sku]);
            prop_assert_eq!(read.quantity, row.quantity.map(i64::from));
            prop_assert_eq!(&read.amount_description, "Principal");
        }
    }

    #[test]
    fn a_damaged_settlement_is_an_error_or_is_read_but_never_a_panic(
        rows in prop::collection::vec(row(), 1..8),
        style in style(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..12),
    ) {
        let mut bytes = write_settlement(&rows, style);
        for (place, byte, kind) in damage {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => bytes.truncate(place + 1),
            }
        }
        let whole = read_settlement(bytes.as_slice(), None).map_err(|error| error.to_string());
        let pieces = read_settlement(Pieces { bytes: &bytes, size: 3 }, None).map_err(|error| error.to_string());
        prop_assert_eq!(whole, pieces);
    }
}
