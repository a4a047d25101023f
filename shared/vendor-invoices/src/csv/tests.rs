//! Files as people write them.

use super::*;
use crate::Node;

/// Reads a file to its end: invoices and errors as they come.
fn read(text: impl AsRef<[u8]>) -> (Vec<CsvInvoice>, Vec<String>) {
    let (mut invoices, mut errors) = (Vec::new(), Vec::new());
    let mut reader = match CsvReader::open(text.as_ref(), "x.csv") {
        Ok(reader) => reader,
        Err(error) => return (invoices, vec![error.to_string()]),
    };
    loop {
        match reader.next_invoice() {
            Ok(Some(invoice)) => invoices.push(invoice),
            Ok(None) => return (invoices, errors),
            Err(error) => {
                assert_eq!(error.file(), "x.csv");
                errors.push(error.to_string().strip_prefix("x.csv, ").unwrap().to_owned());
            }
        }
    }
}

/// What is at a JSON pointer, its text or number.
fn at<'a>(invoice: &'a CsvInvoice, pointer: &str) -> Option<&'a str> {
    let found = pointer.split('/').skip(1).try_fold(invoice.draft.node(), |node, step| match node {
        Node::List(entries) => entries.get(step.parse::<usize>().unwrap()),
        Node::Object(_) | Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => node.get(step),
    });
    match found? {
        Node::Text(text) | Node::Number(text) => Some(text),
        Node::Object(_) | Node::List(_) | Node::Null | Node::Bool(_) => panic!("{pointer} is neither"),
    }
}

const HEADER: &str = "api,invoice_id,currency,total,reference_number,remit_to_city,item_number,quantity,net_cost,tax_1_type,tax_1_amount,tax_3_type,tax_3_amount,tax_3_currency\n";

#[test]
fn the_lines_of_one_invoice_become_its_items() {
    let (invoices, errors) = read(format!(
        "{HEADER}retail,A,EUR,30,,Bremen,1,1,10.00,VAT,1.90,,,\nretail,A,,,,,2,2,10,VAT,1.9,DomesticVAT,8.10,PLN\nretail,B,PLN,7,,,1,7,1,,,,,\n"
    ));
    assert!(errors.is_empty(), "{errors:?}");
    let [a, b] = invoices.as_slice() else { panic!("{invoices:?}") };
    for (pointer, expected) in [
        ("/id", "A"),
        ("/invoiceTotal/amount", "30"),
        ("/invoiceTotal/currencyCode", "EUR"),
        ("/remitToParty/address/city", "Bremen"),
        ("/items/0/netCost/amount", "10.00"),
        ("/items/1/invoicedQuantity/amount", "2"),
        ("/items/1/taxDetails/0/taxAmount/currencyCode", "EUR"),
        ("/items/1/taxDetails/1/taxType", "DomesticVAT"),
        ("/items/1/taxDetails/1/taxAmount/currencyCode", "PLN"),
    ] {
        assert_eq!(at(a, pointer), Some(expected), "{pointer}");
    }
    assert_eq!((at(a, "/items/0/taxDetails/1/taxType"), at(a, "/referenceNumber")), (None, None));
    assert_eq!((at(b, "/items/0/netCost/currencyCode"), at(b, "/remitToParty/address/city")), (Some("PLN"), None));
    assert_eq!((a.draft.place().line, b.draft.place().line, b.draft.place().index), (2, 4, 1));
}

#[test]
fn each_pointer_leads_back_to_its_cell() {
    let (invoices, _) = read(format!(
        "{HEADER}retail,A,EUR,30,,Bremen,1,1,10.00,VAT,1.90,,,\nretail,A,,,,,2,2,10,VAT,1.9,DomesticVAT,8.10,PLN\n"
    ));
    for (pointer, expected) in [
        ("/id", "line 2, column 2 (invoice_id)"),
        ("/invoiceTotal", "line 2, column 4 (total)"),
        ("/invoiceTotal/currencyCode", "line 2, column 3 (currency)"),
        ("/referenceNumber", "line 2, column 5 (reference_number)"),
        ("/items/1/netCost/amount", "line 3, column 9 (net_cost)"),
        ("/items/1/taxDetails/1/taxType", "line 3, column 12 (tax_3_type)"),
        ("/items/1/taxDetails/1/taxAmount/currencyCode", "line 3, column 14 (tax_3_currency)"),
        ("/items/1/hsnCode", "line 3"),
        ("/billToParty", "line 2"),
        ("", "line 2"),
    ] {
        assert_eq!(invoices[0].places.of(pointer).to_string(), expected, "{pointer}");
    }
}

#[test]
fn separators_byte_order_marks_and_line_ends_make_no_difference() {
    let plain = "api,invoice_id,total,currency,remit_to_name\nretail,A,12.50,EUR,\"Kiesel, Linden\"\n";
    let semicolons = "api;invoice_id;total;currency;remit_to_name\nretail;A;12,50;EUR;\"Kiesel, Linden\"\n";
    let tabs = "api\tinvoice_id\ttotal\tcurrency\tremit_to_name\nretail\tA\t12.50\tEUR\tKiesel, Linden\n";
    let (expected, _) = read(plain);
    assert_eq!(at(&expected[0], "/invoiceTotal/amount"), Some("12.50"));
    for text in [plain, semicolons, tabs] {
        for text in
            [text.to_owned(), format!("\u{feff}{text}"), text.replace('\n', "\r\n"), format!("{}\n \n", text.trim())]
        {
            let (invoices, errors) = read(&text);
            assert!(errors.is_empty(), "{text}: {errors:?}");
            assert_eq!(invoices[0].draft, expected[0].draft, "{text}");
        }
    }
}

#[test]
fn lines_are_counted_with_blank_ones_and_without_a_line_end() {
    for text in [
        "api,invoice_id,total\n\n\nretail,A,1\n\nretail,A,2",
        "api,invoice_id,total\r\n\r\n\r\nretail,A,1\r\n\r\nretail,A,2",
    ] {
        let (_, errors) = read(text);
        assert!(errors[0].starts_with("line 6, column 3 (total): this differs from line 4"), "{errors:?}");
    }
}

#[test]
fn items_are_counted_where_the_column_is_missing() {
    let (invoices, _) = read("api,invoice_id,quantity\nretail,A,1\nretail,A,2\ndirect-fulfillment,B,3\n");
    let numbers = |invoice: &CsvInvoice| invoice.draft.node().get("items").cloned();
    let Some(Node::List(items)) = numbers(&invoices[0]) else { panic!() };
    assert_eq!(items[1].get("itemSequenceNumber"), Some(&Node::Number("2".into())));
    let Some(Node::List(items)) = numbers(&invoices[1]) else { panic!() };
    assert_eq!(items[0].get("itemSequenceNumber"), Some(&Node::text("1")));
}

#[test]
fn direct_fulfillment_has_its_own_names() {
    let (invoices, errors) = read(
        "api,invoice_id,invoice_date,ship_to_country,payment_terms_code,bill_to_postal_code,total_tax_1_type,amazon_product_id,vendor_order_number\ndirect-fulfillment,D,2026-11-01,DE,N30,12345,VAT,B01,V7\n",
    );
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(invoices[0].draft.api(), Api::DirectFulfillment);
    for (pointer, expected) in [
        ("/invoiceNumber", "D"),
        ("/invoiceDate", "2026-11-01T00:00:00Z"),
        ("/shipToCountryCode", "DE"),
        ("/paymentTermsCode", "N30"),
        ("/billToParty/address/postalCode", "12345"),
        ("/taxTotals/0/taxType", "VAT"),
        ("/items/0/buyerProductIdentifier", "B01"),
        ("/items/0/vendorOrderNumber", "V7"),
    ] {
        assert_eq!(at(&invoices[0], pointer), Some(expected), "{pointer}");
    }
}

#[test]
fn a_column_of_the_other_api_is_kept_for_the_check_to_refuse() {
    let (invoices, _) = read("api,invoice_id,payment_terms_code\nretail,A,N30\n");
    assert_eq!(at(&invoices[0], "/paymentTermsCode"), Some("N30"));
}

#[test]
fn rows_of_one_invoice_that_stand_apart_are_an_error_with_both_lines() {
    let (invoices, errors) = read("api,invoice_id,total\nretail,A,1\nretail,B,2\nretail,A,1\nretail,C,3\n");
    assert_eq!(invoices.len(), 3);
    assert_eq!(
        errors,
        [
            "line 4, column 2 (invoice_id): invoice \"A\" was already on line 2: the lines of one invoice must stand together"
        ]
    );
}

#[test]
fn a_faulty_invoice_keeps_no_other_from_being_read_and_all_its_faults_are_told() {
    let (invoices, errors) = read(
        "api;invoice_id;total;reference_number\nretail;A;1;\nretail;B;1.234;\nretail;B;;5E+12\nretail;B;1\nwholesale;C;3;\nretail;;3;\nretail;D;4;\n",
    );
    let ids: Vec<_> = invoices.iter().map(|invoice| at(invoice, "/id").unwrap()).collect();
    assert_eq!(ids, ["A", "D"]);
    let starts = [
        "line 3, column 3 (total): \"1.234\" may be a thousand",
        "line 4, column 4 (reference_number): a spreadsheet has shortened",
        "line 5: this line has 3 cells, the header 4",
        "line 6, column 1 (api): found \"wholesale\", expected retail or direct-fulfillment",
        "line 7, column 2 (invoice_id): the invoice's id is missing",
    ];
    assert_eq!(errors.len(), starts.len(), "{errors:#?}");
    for (error, start) in errors.iter().zip(starts) {
        assert!(error.starts_with(start), "{error}");
    }
}

#[test]
fn lines_that_contradict_each_other_are_an_error_with_both_lines() {
    let (invoices, errors) = read("api,invoice_id,total,quantity\nretail,A,1,1\nretail,A,,1\nretail,A,2,1\n");
    assert!(invoices.is_empty());
    assert!(errors[0].starts_with("line 4, column 3 (total): this differs from line 2"), "{errors:?}");
}

#[test]
fn what_belongs_to_the_invoice_may_stand_on_any_of_its_lines() {
    let (invoices, errors) = read("api,invoice_id,total,currency,quantity\nretail,A,,,1\nretail,A,12,EUR,\n");
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(at(&invoices[0], "/invoiceTotal/currencyCode"), Some("EUR"));
    let Some(Node::List(items)) = invoices[0].draft.node().get("items") else { panic!() };
    assert_eq!(items.len(), 1, "a line without an item is none");
}

#[test]
fn surplus_cells_are_refused_only_where_something_is_in_them() {
    let (invoices, errors) = read("api,invoice_id,,total\nretail,A,,1,,\nretail,B,,1,x\nretail,C,x,1\n");
    assert_eq!(invoices.len(), 1);
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].starts_with("line 3: this line has 5 cells, the header 4"), "{errors:?}");
    assert!(errors[1].starts_with("line 4, column 3 (): this cell stands in a column"), "{errors:?}");
}

#[test]
fn a_missing_quotation_mark_is_found() {
    let (invoices, errors) = read("api,invoice_id,remit_to_name\nretail,A,\"Linden\nretail,B,Kiesel\n");
    assert!(invoices.is_empty());
    assert!(errors[0].starts_with("line 2, column 3 (remit_to_name): a cell has a line break"), "{errors:?}");
    let endless = format!("api,invoice_id,remit_to_name\nretail,A,\"{}", "x\n".repeat(MAX_LINE_BYTES));
    let (_, errors) = read(endless);
    assert!(errors[0].starts_with("line 2: this line is longer than 262144 bytes"), "{errors:?}");
}

#[test]
fn what_is_no_csv_in_utf_8_is_refused() {
    for (bytes, expected) in [
        (b"".as_slice(), "x.csv, line 1: the file is empty"),
        (b"\xFF\xFEa\0p\0i\0", "x.csv, line 1: this is not UTF-8"),
        (b"api,invoice_id,remit_to_name\nretail,A,K\xF6ln\n", "line 2: this is not UTF-8"),
        (b"PK\x03\x04", "x.csv, line 1, column 1"),
    ] {
        let (invoices, errors) = read(bytes);
        assert!(invoices.is_empty() && errors[0].starts_with(expected), "{errors:?}");
    }
}

#[test]
fn an_invoice_beyond_the_bound_ends_the_file() {
    let text = format!("api,invoice_id,quantity\n{}", "retail,A,1\n".repeat(MAX_INVOICE_LINES + 1));
    let mut reader = CsvReader::open(text.as_bytes(), "x.csv").unwrap();
    let error = reader.next_invoice().unwrap_err();
    assert!(error.ends_the_file() && error.to_string().contains("line 10002: this invoice has more than 10000 lines"));
    assert!(reader.next_invoice().unwrap().is_none());
}

#[test]
fn the_templates_can_be_read() {
    for api in Api::ALL {
        let (invoices, errors) = read(template(api));
        assert!(errors.is_empty() && !invoices.is_empty(), "{errors:?}");
        assert!(invoices.iter().all(|invoice| invoice.draft.api() == api));
    }
}

#[test]
fn a_date_that_cannot_be_read_is_told_the_forms_of_csv() {
    let (invoices, errors) = read("api,invoice_id,invoice_date\nretail,A,03/31/2026\n");
    assert!(errors.is_empty(), "{errors:?}");
    let checked = crate::check(&invoices[0].draft, crate::testing::now());
    let told = checked.violations.iter().find(|each| each.rule == crate::Rule::DateTimeFormat).unwrap();
    assert!(told.expected.starts_with("a day such as 2026-03-31 or 31.03.2026, or "), "{told}");
}
