//! The fixtures: reports with the expected documents beside each.
//!
//! Every file is read whole, in pieces and byte by byte; all must agree with the expected result. With
//! `UPDATE_FIXTURES=1` the expected results are written instead; then read them.

use std::path::Path;
use std::{env, fs};

use countinghouse_domain::document::{Amounts, DocumentKind, Personal};
use countinghouse_formats::FormatError;
use countinghouse_vat_invoices::document::{DueDocument, InvoiceFormat, Line, PostalAddress};
use serde_json::{Value, json};

use crate::support::{Pieces, Whole, fixture, read, read_as, workspace};

#[test]
fn reports_make_the_expected_documents_however_their_bytes_arrive() {
    let folder = workspace("tests/fixtures/vidr");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension != "json"));
    files.sort();
    assert!(files.len() > 20, "few fixtures in {}", folder.display());
    for file in files {
        check(&file);
    }
}

fn check(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let whole = describe(&read(&bytes));
    compare_with_expected(&whole, &path.with_extension("expected.json"));
    for size in [1, 7, 4096] {
        let pieces = describe(&read_as(|| Pieces { bytes: &bytes, size }));
        assert_eq!(pieces, whole, "{} in pieces of {size}", path.display());
    }
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
    json!({
        "rows": whole.source.rows,
        "charset": whole.source.charset,
        "warnings": whole.source.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "invoices": whole.index.count(DocumentKind::Invoice),
        "credit_notes": whole.index.count(DocumentKind::CreditNote),
        "documents": whole.documents.iter().map(document).collect::<Vec<_>>(),
    })
}

fn document(document: &DueDocument) -> Value {
    let dates = [document.order_date, document.shipment_date].map(|day| day.map(|day| day.to_string()));
    let original = document.original.as_ref().map(|original| {
        let number = if original.number.is_empty() { "number not in the report" } else { &original.number };
        format!("{number}, shipment {}", original.shipping_id)
    });
    let by_rate =
        document.by_rate.iter().map(|rate| format!("{} {}: {}", rate.category.code(), rate.rate, amounts(rate.total)));
    let mut value = json!({
        "what": format!("{} of a {}", document.kind, document.transaction_type.name()),
        "decision": document.decision().to_string(),
        "order": document.order_id,
        "shipment": document.shipping_id,
        "transaction": document.transaction_id,
        "status": document.status.word(),
        "marketplace": document.marketplace,
        "ordered": dates[0],
        "shipped": dates[1],
        "total": format!("{} {}", amounts(document.total), document.currency),
        "by_rate": by_rate.collect::<Vec<_>>(),
        "treatment": format!("{} {}", document.treatment.name(), document.tax_country),
        "seller": document.seller.vat_number,
        "for": document.invoice_name().expose(),
        "bill_to": address(document.invoice_address()),
        "lines": document.lines.iter().map(line).collect::<Vec<_>>(),
    });
    let object = value.as_object_mut().unwrap();
    let mut add = |name: &str, text: &str| {
        if !text.is_empty() {
            object.insert(name.to_owned(), text.into());
        }
    };
    add(
        "as_reported",
        &if document.as_reported == document.total { String::new() } else { amounts(document.as_reported) },
    );
    add("uploaded_as", &document.uploaded_number);
    add("original", original.as_deref().unwrap_or_default());
    add("correction", document.correction.as_deref().unwrap_or_default());
    add("buyer_registration", document.buyer.vat_number.expose());
    add("purchase_order", document.purchase_order.expose());
    add("e_invoice_to", document.buyer.e_invoice_account.expose());
    add("citation", document.citations.in_language("de"));
    add("format", if document.recommended_format == InvoiceFormat::Pdf { "" } else { "XML" });
    if address(&document.ship_to) != address(document.invoice_address()) {
        add("ship_to", &address(&document.ship_to));
    }
    let attention: Vec<_> = document
        .attention
        .iter()
        .map(|each| {
            let name = if each.blocks() { "needs a person" } else { "worth a look" };
            format!("{name}: {each}")
        })
        .collect();
    if !attention.is_empty() {
        object.insert("attention".to_owned(), attention.into());
    }
    value
}

fn amounts(amounts: Amounts) -> String {
    format!("{} (VAT {}, net {})", amounts.gross, amounts.vat, amounts.net)
}

fn address(address: &PostalAddress) -> String {
    let lines = address.lines.iter().map(Personal::expose);
    let texts = lines.chain([address.postal_code.expose(), address.city.expose(), address.state.expose()]);
    let name = [address.name.expose()].into_iter();
    let all: Vec<_> = name.chain(texts).chain([address.country.as_str()]).filter(|text| !text.is_empty()).collect();
    all.join(", ")
}

/// `line 2: 1 x LK-LAMP-01 (B0TESTLAMP) Desk lamp; item 49.90 (VAT 7.97, net 41.93) at 0.19; shipping …`
fn line(line: &Line) -> String {
    let charges = line.charges.iter().map(|charge| {
        let promotion =
            if charge.promotion_id.is_empty() { String::new() } else { format!(" [{}]", charge.promotion_id) };
        let (name, code) = (charge.kind.name().replace('_', " "), charge.category.code());
        format!("; {name} {} at {} {code}{promotion}", amounts(charge.amounts), charge.rate)
    });
    let charges: String = charges.collect();
    format!("line {}: {} x {} ({}) {}{charges}", line.source_line, line.quantity, line.sku, line.asin, line.title)
}

#[test]
fn the_xml_twin_says_what_the_flat_file_says() {
    for (flat, xml) in [("charges.txt", "charges-in-xml.xml"), ("business.txt", "business-in-camel-case.xml")] {
        let without_places = |name: &str| {
            let mut documents = read(&fixture(name)).unwrap().documents;
            for line in documents.iter_mut().flat_map(|document| &mut document.lines) {
                line.source_line = 0;
            }
            documents
        };
        assert_eq!(without_places(flat), without_places(xml), "{flat} and {xml}");
    }
}
