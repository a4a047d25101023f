//! VAT reports become documents; the expected documents lie beside each report.

use std::fs;
use std::io::{Read, Write};

use countinghouse_domain::document::{Assembler, Document, DocumentLine, Flag};
use countinghouse_formats::{ErrorKind, FormatError, Hints, Limits, Report, Source, VatReader, WarningKind, open};
use serde_json::{Value, json};

use crate::support::{Pieces, workspace};

fn open_vat<R: Read>(source: R, limits: Limits) -> Result<VatReader<R>, FormatError> {
    match open(source, Hints::named("50011020300"), limits)? {
        Report::Vat(reader) => Ok(reader),
        Report::Settlement(_) => panic!("a VAT report is not a settlement"),
    }
}

fn read(source: impl Read) -> Result<(Vec<Document>, Source), FormatError> {
    let mut reader = open_vat(source, Limits::default())?;
    let mut assembler = Assembler::new();
    while let Some(row) = reader.next_row()? {
        assembler.add(&row).unwrap();
    }
    let source = reader.finish()?;
    let documents: Vec<_> = assembler.documents().map(Result::unwrap).collect();
    let lines: usize = documents.iter().map(|document| document.lines.len()).sum();
    assert_eq!(u64::try_from(lines).unwrap(), source.rows, "every row is one line");
    Ok((documents, source))
}

/// A document as a bookkeeper reads it; what is empty is left out.
fn shown(document: &Document) -> Value {
    let mut shown = json!({
        "document": document.key.to_string(),
        "order": document.order_id,
        "date": document.issued_on.map(|date| date.to_string()),
        "currency": document.currency.code(),
        "gross": document.total.gross.to_string(),
        "vat": document.total.vat.to_string(),
        "net": document.total.net.to_string(),
        "collected_by": document.collector.name(),
        "from": document.ship_from.country,
        "to": format!("{} {} {}", document.ship_to.country, document.ship_to.postal_code.expose(), document.ship_to.city.expose()),
        "lines": document.lines.iter().map(shown_line).collect::<Vec<_>>(),
    });
    let by_rate = document.by_rate.iter().map(|it| format!("{} at {}", it.total.vat, it.rate.unwrap()));
    let by_rate: Vec<_> = by_rate.collect();
    let conversion = document.conversion.as_ref();
    let conversion =
        conversion.map(|it| format!("{} {} at {} of {}", it.vat, it.currency, it.rate.unwrap(), it.date.unwrap()));
    let e_invoice = &document.e_invoice;
    for (name, value) in [
        ("scheme", json!(document.scheme_text)),
        ("vat_by_rate", if by_rate.len() > 1 { json!(by_rate) } else { Value::Null }),
        ("reverse_charge", json!(document.reverse_charge.then_some(true))),
        ("export", json!(document.export.then_some(true))),
        ("business", json!(document.is_business.then_some(true))),
        ("buyer", json!(document.buyer.registration.expose())),
        ("corrects", json!(document.original_number)),
        ("second_currency", json!(conversion)),
        ("e_invoice", json!(format!("{} {} {}", e_invoice.status, e_invoice.updated, e_invoice.ksef_number).trim())),
        ("flags", json!(document.flags.iter().map(Flag::to_string).collect::<Vec<_>>())),
        ("attention", json!(document.needs_attention().then_some(true))),
    ] {
        let is_empty = value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            shown[name] = value;
        }
    }
    shown
}

fn shown_line(line: &DocumentLine) -> Value {
    let mut shown = json!({
        "row": line.source_line,
        "what": format!("{} {} x {}", line.transaction_type, line.quantity.unwrap_or_default(), line.sku),
        "rate": line.rate.map(|rate| rate.to_string()),
        "gross": line.total.gross.to_string(),
    });
    for (name, component) in [("item", &line.item), ("shipping", &line.shipping), ("gift_wrap", &line.gift_wrap)] {
        for (name, amounts) in [(name.to_owned(), component.price), (format!("{name}_promotion"), component.promotion)]
        {
            if !amounts.is_zero() {
                shown[name] = json!(format!("{} = {} + {}", amounts.gross, amounts.net, amounts.vat));
            }
        }
    }
    for (name, text) in &line.extra {
        shown[format!("extra: {name}")] = json!(text.expose());
    }
    shown
}

fn fixture(case: &str) -> Vec<u8> {
    fs::read(workspace("tests/fixtures/vat").join(format!("{case}.csv"))).unwrap()
}

fn check(case: &str) -> Source {
    let (documents, source) = read(fixture(case).as_slice()).unwrap();
    let found = Value::Array(documents.iter().map(shown).collect());
    let place = workspace("tests/fixtures/vat").join(format!("{case}.expected.json"));
    let expected = fs::read_to_string(&place).map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
    assert!(found == expected, "{} should be:\n{}", place.display(), serde_json::to_string_pretty(&found).unwrap());
    source
}

macro_rules! cases {
    ($($name:ident $case:literal $warnings:expr;)*) => {
        $(
            #[test]
            fn $name() {
                let warnings: Vec<_> = check($case).warnings.iter().map(|warning| warning.kind).collect();
                let expected: &[WarningKind] = $warnings;
                assert_eq!(warnings, expected);
            }
        )*

        /// Every report among the fixtures has its test.
        const CASES: &[&str] = &[$($case),*];
    };
}

cases! {
    a_header_of_2019_lacks_what_came_later       "header-of-2019" &[];
    a_header_of_2021_has_73_columns              "header-of-2021" &[];
    a_header_of_2026_and_a_surplus_comma         "header-of-2026-oss" &[WarningKind::LongRow];
    rows_wrapped_in_quotes_are_unwrapped         "rows-wrapped-in-quotes" &[WarningKind::Other];
    a_business_across_a_border_owes_the_vat      "reverse-charge-in-two-currencies" &[];
    vat_is_shown_in_a_second_currency            "vat-shown-in-a-second-currency" &[];
    what_amazon_collects_is_not_the_sellers      "collected-by-amazon" &[];
    an_export_has_no_vat                         "export" &[];
    a_refund_and_a_return_are_credit_notes       "refund-and-return" &[];
    rows_of_one_document_stand_apart             "rows-of-one-document-apart" &[];
    gift_wrap_is_charged_and_promotions_added    "gift-wrap-and-promotions" &[];
    without_a_number_the_transaction_stands_in   "number-missing" &[];
    a_correction_names_what_it_corrects          "correction" &[];
    a_line_break_in_a_field_moves_no_line_number "line-break-in-a-field" &[];
    an_old_character_set_is_read                 "windows-1252" &[];
    columns_stand_in_any_order                   "columns-in-another-order" &[WarningKind::UnknownColumn];
    figures_that_do_not_fit_are_flagged          "figures-that-do-not-fit" &[];
    semicolons_and_decimal_commas_are_read       "saved-by-a-spreadsheet" &[];
}

#[test]
fn every_fixture_has_its_test() {
    let names = fs::read_dir(workspace("tests/fixtures/vat")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut reports: Vec<String> =
        names.filter_map(|name| name.to_str().unwrap().strip_suffix(".csv").map(str::to_owned)).collect();
    reports.sort();
    let mut cases = CASES.to_vec();
    cases.sort_unstable();
    assert_eq!(reports, cases);
}

#[test]
fn the_same_bytes_in_any_pieces_and_zipped_give_the_same() {
    for case in CASES {
        let bytes = fixture(case);
        let whole = read(bytes.as_slice()).unwrap();
        for size in [1, 7, 100] {
            assert_eq!(read(Pieces { bytes: &bytes, size }).unwrap(), whole, "{case}");
        }
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zip.write_all(&bytes).unwrap();
        assert_eq!(read(zip.finish().unwrap().as_slice()).unwrap(), whole, "{case}");
    }
}

/// The plain report with one text replaced, wherever it is in the rows.
fn broken(from: &str, to: &str) -> FormatError {
    let text = String::from_utf8(fixture("gift-wrap-and-promotions")).unwrap();
    let (header, row) = text.split_once('\n').unwrap();
    assert!(row.contains(from), "{from}");
    read(format!("{header}\n{}", row.replacen(from, to, 1)).as_bytes()).unwrap_err()
}

#[test]
fn an_error_says_report_line_column_value_and_what_was_expected() {
    assert_eq!(
        broken("23.80", "23.8O").to_string(),
        "report 50011020300, line 2, column OUR_PRICE Tax Inclusive Selling Price: found \"23.8O\", \
         expected an amount such as 12.34 or 12,34"
    );
    for (from, to, kind, column) in [
        ("28-Aug-2026 UTC", "08/28/2026", ErrorKind::BadDate, "Order Date"),
        ("0.1900", "19", ErrorKind::BadNumber, "Tax Rate"),
        ("0.1900", "0.19.00", ErrorKind::BadNumber, "Tax Rate"),
        (",EUR,", ",EURO,", ErrorKind::BadCurrency, "Currency"),
        (",EUR,", ",,", ErrorKind::BadCurrency, "Currency"),
        ("23.80", "", ErrorKind::BadAmount, "OUR_PRICE Tax Inclusive Selling Price"),
        ("3.80,20", "3,80,20", ErrorKind::BadRow, "Return Fc Country"),
        ("3.80,20", "\"3,80\",20", ErrorKind::MixedDecimals, "OUR_PRICE Tax Amount"),
        (",FALSE,", ",maybe,", ErrorKind::BadValue, "Is Invoice Corrected"),
        (",TEAPOT,1,", ",TEAPOT,one,", ErrorKind::BadNumber, "Quantity"),
        ("\"28-Aug-2026 UTC\"", "\"28-Aug-2026 UTC\" x", ErrorKind::BadRow, ""),
        ("\"28-Aug-2026 UTC\"", "\"28-Aug-2026 UTC", ErrorKind::BadRow, ""),
    ] {
        let error = broken(from, to);
        assert_eq!((error.kind(), error.column().unwrap_or_default()), (kind, column), "{error}");
        assert_eq!(error.line(), 2);
    }
}

#[test]
fn no_error_shows_what_may_be_personal() {
    // A comma in the city that is not quoted moves the postal code to where a code of the place is.
    let shifted = broken("Berlin,,DE,10115,", "Ber,Spandau,,DE,10115,");
    assert_eq!((shifted.kind(), shifted.column()), (ErrorKind::BadRow, Some("Return Fc Country")));
    for error in [shifted, broken(",true,", ",10115,"), broken(",false,Graben,", ",Graben,false,")] {
        let text = error.to_string();
        assert!(!["Spandau", "10115", "Graben"].iter().any(|personal| text.contains(personal)), "{text}");
        assert_eq!(error.value(), None);
    }
}

#[test]
fn a_row_that_is_cut_short_is_an_error_and_after_it_nothing_is_read() {
    let text = String::from_utf8(fixture("refund-and-return")).unwrap();
    let cut = &text[..text.len() - 300];
    let mut reader = open_vat(cut.as_bytes(), Limits::default()).unwrap();
    for _ in 0..3 {
        reader.next_row().unwrap().unwrap();
    }
    let error = reader.next_row().unwrap_err();
    assert_eq!((error.kind(), error.line()), (ErrorKind::BadRow, 5), "{error}");
    assert_eq!(reader.next_row().unwrap_err().kind(), ErrorKind::Unfinished);
    assert_eq!(reader.finish().unwrap_err().kind(), ErrorKind::Unfinished);
}

#[test]
fn a_quote_that_is_never_closed_ends_at_the_limit_and_names_the_line_of_the_quote() {
    let text = String::from_utf8(fixture("header-of-2026-oss")).unwrap();
    let open_quote = text.replacen("Berlin", "\"Berlin", 1) + &"x\n".repeat(40_000);
    let error = read(open_quote.as_bytes()).unwrap_err();
    assert_eq!((error.kind(), error.line()), (ErrorKind::Limit, 2), "{error}");
}

#[test]
fn a_report_without_rows_has_no_documents() {
    let text = String::from_utf8(fixture("export")).unwrap();
    let (header, _) = text.split_once('\n').unwrap();
    let (documents, source) = read(header.as_bytes()).unwrap();
    assert_eq!((documents.len(), source.rows), (0, 0));
}

#[test]
fn a_header_that_lacks_a_column_names_it() {
    let text = String::from_utf8(fixture("export")).unwrap();
    let error = read(text.replacen("\"SHIPPING Tax Amount\"", "Versand", 1).as_bytes()).unwrap_err();
    assert_eq!((error.kind(), error.column(), error.line()), (ErrorKind::BadHeader, Some("SHIPPING Tax Amount"), 1));
}

#[test]
fn a_report_from_outside_the_project_is_read() {
    let name = "../shared/samples/LUKOAI__LUKO-WERHE1__sc_vat_tax_report_84col_SYNTHETIC.csv";
    let Ok(bytes) = fs::read(workspace(name)) else {
        println!("skipped: ../shared is not here");
        return;
    };
    let (documents, source) = read(bytes.as_slice()).unwrap();
    assert_eq!(source.rows, 4);
    assert_eq!((source.warnings[0].kind, source.warnings[0].count), (WarningKind::LongRow, 4));
    let told: Vec<_> =
        documents.iter().map(|it| (it.key.to_string(), it.total.gross.to_string(), it.needs_attention())).collect();
    let expected = [
        ("invoice PL6000000000AA", "27.50", false),
        ("invoice CZ6000000000AA", "121.87", false),
        ("credit note FR6000000000AR", "-29.08", false),
        ("invoice DE6000000000AA", "28.89", false),
    ];
    assert_eq!(told, expected.map(|(key, gross, attention)| (key.to_owned(), gross.to_owned(), attention)));
    assert!(documents[1].reverse_charge);
}
