//! Invoices for tests: one that is accepted for each case, and ways to change it.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::{Checked, Draft, Node, Place, check};

/// The moment at which tests check.
pub(crate) fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// Reads JSON.
pub(crate) fn json(text: &str) -> Node {
    Node::parse(text).unwrap()
}

/// Checks an invoice.
pub(crate) fn checked(node: &Node) -> Checked {
    check(&Draft::new(node.clone(), Place::first_of("test")), now())
}

/// Puts a value, written as JSON, at a JSON pointer, or removes what is there if the value is empty.
pub(crate) fn put(node: &mut Node, pointer: &str, value: &str) {
    let (head, last) = pointer.rsplit_once('/').unwrap();
    let at = find(node, head);
    let value = (!value.is_empty()).then(|| json(value));
    match at {
        Node::Object(fields) => {
            fields.retain(|(name, _)| name != last);
            fields.extend(value.map(|value| (last.to_owned(), value)));
        }
        Node::List(elements) => match (last.parse::<usize>(), value) {
            (Ok(index), Some(value)) => elements[index] = value,
            (Ok(index), None) => {
                elements.remove(index);
            }
            (Err(_), value) => elements.extend(value),
        },
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => panic!("{pointer}"),
    }
}

/// What is at a JSON pointer.
pub(crate) fn find<'n>(node: &'n mut Node, pointer: &str) -> &'n mut Node {
    pointer.split('/').skip(1).fold(node, |at, name| match at {
        Node::List(elements) => &mut elements[name.parse::<usize>().unwrap()],
        Node::Object(fields) => {
            let found = fields.iter_mut().find(|(field, _)| field == name);
            &mut found.unwrap_or_else(|| panic!("no {name} on the way to {pointer}")).1
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => panic!("{pointer}"),
    })
}

/// An invoice with changes: each a JSON pointer and the value to be put there.
pub(crate) fn with(base: &str, changes: &[(&str, &str)]) -> Node {
    let mut node = json(base);
    for (pointer, value) in changes {
        put(&mut node, pointer, value);
    }
    node
}

/// The violations, as pointer and rule, in order of the pointers.
pub(crate) fn violations(checked: &Checked) -> Vec<(&str, &'static str)> {
    let mut found: Vec<_> = checked.violations.iter().map(|each| (each.pointer.as_str(), each.rule.name())).collect();
    found.sort_unstable();
    found
}

/// The warnings, as pointer and name, in order of the pointers.
pub(crate) fn warnings(checked: &Checked) -> Vec<(&str, &'static str)> {
    let mut found: Vec<_> = checked.warnings.iter().map(|each| (each.pointer.as_str(), each.rule.name())).collect();
    found.sort_unstable();
    found
}

/// The pointers of all texts or numbers that are called `amount`: money, quantities, weights.
pub(crate) fn amounts(node: &Node, pointer: &str, found: &mut Vec<String>) {
    match node {
        Node::Object(fields) => {
            for (name, value) in fields {
                let pointer = format!("{pointer}/{name}");
                if name == "amount" {
                    found.push(pointer);
                } else {
                    amounts(value, &pointer, found);
                }
            }
        }
        Node::List(elements) => {
            for (index, element) in elements.iter().enumerate() {
                amounts(element, &format!("{pointer}/{index}"), found);
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => {}
    }
}

/// Changes the amount at a pointer.
pub(crate) fn changed(node: &Node, pointer: &str, change: impl Fn(Decimal) -> Decimal) -> Node {
    let mut node = node.clone();
    let amount = find(&mut node, pointer);
    *amount = match amount {
        Node::Number(digits) => Node::Number(change(digits.parse().unwrap()).to_string()),
        Node::Text(text) => Node::Text(change(text.parse().unwrap()).to_string()),
        Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_) => panic!("{pointer}"),
    };
    node
}

/// Changes each amount of an accepted invoice, one at a time, and sees that the invoice is rejected. No change is as
/// large as the tax: a total that is more by the whole tax is another reading, not a wrong amount.
pub(crate) fn every_wrong_amount_is_caught(node: &Node) {
    assert!(checked(node).accepted());
    let mut pointers = Vec::new();
    amounts(node, "", &mut pointers);
    assert!(pointers.len() > 3);
    for pointer in pointers {
        for change in ["1", "-1", "13", "0.01", "-0.01", "1000000"] {
            let is_number = matches!(find(&mut node.clone(), &pointer), Node::Number(_));
            if is_number && change.contains('.') {
                continue;
            }
            let wrong = changed(node, &pointer, |amount| amount + change.parse::<Decimal>().unwrap());
            let reading = checked(&wrong).reading;
            assert!(!checked(&wrong).accepted(), "{pointer} {change}: {reading:?}");
        }
    }
}

/// A European invoice with two items and two rates: 10 × 12.50 at 20 %, 3 × 40.00 at 5 %, 276.00 with tax 31.00.
pub(crate) const EUROPE: &str = r#"{
  "invoiceType": "Invoice", "id": "R-2025-17", "date": "2025-12-01T10:00:00Z",
  "remitToParty": {"partyId": "WERKZ", "address": {"name": "Werkzeug Beispiel GmbH", "addressLine1": "Musterweg 3",
    "city": "Jena", "postalOrZipCode": "07743", "countryCode": "DE"},
    "taxRegistrationDetails": [{"taxRegistrationType": "VAT", "taxRegistrationNumber": "DE123456789"}]},
  "billToParty": {"partyId": "AMAZONEU", "address": {"name": "Online Retail S.a r.l.", "addressLine1": "Rue 1",
    "city": "Luxembourg", "countryCode": "LU"}},
  "paymentTerms": {"type": "Basic", "netDueDays": 30},
  "invoiceTotal": {"currencyCode": "EUR", "amount": "276.00"},
  "taxDetails": [
    {"taxType": "VAT", "taxRate": "20", "taxAmount": {"currencyCode": "EUR", "amount": "25.00"},
     "taxableAmount": {"currencyCode": "EUR", "amount": "125.00"}},
    {"taxType": "VAT", "taxRate": "5", "taxAmount": {"currencyCode": "EUR", "amount": "6.00"},
     "taxableAmount": {"currencyCode": "EUR", "amount": "120.00"}}],
  "items": [
    {"itemSequenceNumber": 1, "vendorProductIdentifier": "HAMMER", "purchaseOrderNumber": "4QWERTY1",
     "invoicedQuantity": {"amount": 10, "unitOfMeasure": "Eaches"},
     "netCost": {"currencyCode": "EUR", "amount": "12.50"},
     "taxDetails": [{"taxType": "VAT", "taxRate": "20", "taxAmount": {"currencyCode": "EUR", "amount": "25.00"},
       "taxableAmount": {"currencyCode": "EUR", "amount": "125.00"}}]},
    {"itemSequenceNumber": 2, "amazonProductIdentifier": "B000000001", "purchaseOrderNumber": "4QWERTY2",
     "invoicedQuantity": {"amount": 3, "unitOfMeasure": "Cases", "unitSize": 6},
     "netCost": {"currencyCode": "EUR", "amount": "40.00"},
     "taxDetails": [{"taxType": "VAT", "taxRate": "5", "taxAmount": {"currencyCode": "EUR", "amount": "6.00"},
       "taxableAmount": {"currencyCode": "EUR", "amount": "120.00"}}]}]
}"#;

/// A European credit note.
pub(crate) const CREDIT_NOTE: &str = r#"{
  "invoiceType": "CreditNote", "id": "G-2025-4", "date": "2025-12-01T10:00:00Z",
  "remitToParty": {"partyId": "WERKZ", "address": {"name": "Werkzeug Beispiel GmbH", "addressLine1": "Musterweg 3",
    "city": "Jena", "countryCode": "DE"}},
  "billToParty": {"partyId": "AMAZONEU", "address": {"name": "Online Retail S.a r.l.", "addressLine1": "Rue 1",
    "city": "Luxembourg", "countryCode": "LU"}},
  "invoiceTotal": {"currencyCode": "EUR", "amount": "59.50"},
  "taxDetails": [{"taxType": "VAT", "taxRate": "19", "taxAmount": {"currencyCode": "EUR", "amount": "9.50"}}],
  "items": [{"itemSequenceNumber": 1, "vendorProductIdentifier": "HAMMER",
    "invoicedQuantity": {"amount": 4, "unitOfMeasure": "Eaches"},
    "netCost": {"currencyCode": "EUR", "amount": "12.50"},
    "creditNoteDetails": {"referenceInvoiceNumber": "R-2025-17"}}]
}"#;

/// An invoice in the United States, without tax.
pub(crate) const AMERICA: &str = r#"{
  "invoiceType": "Invoice", "id": "US-9", "date": "2025-12-01T10:00:00Z",
  "remitToParty": {"partyId": "TOOLS", "address": {"name": "Example Tools Inc", "addressLine1": "1 Example Road",
    "city": "Springfield", "stateOrRegion": "OR", "countryCode": "US"}},
  "billToParty": {"partyId": "AMAZON", "address": {"name": "Retailer", "addressLine1": "2 Example Road",
    "city": "Seattle", "stateOrRegion": "WA", "countryCode": "US"}},
  "invoiceTotal": {"currencyCode": "USD", "amount": "170.00"},
  "chargeDetails": [{"type": "Freight", "chargeAmount": {"currencyCode": "USD", "amount": "25.00"}}],
  "allowanceDetails": [{"type": "Discount", "allowanceAmount": {"currencyCode": "USD", "amount": "5.00"}}],
  "items": [{"itemSequenceNumber": 1, "vendorProductIdentifier": "SAW", "purchaseOrderNumber": "8ASDFGH3",
    "invoicedQuantity": {"amount": 10, "unitOfMeasure": "Eaches"},
    "netCost": {"currencyCode": "USD", "amount": "15.00"},
    "chargeDetails": [{"type": "Freight", "chargeAmount": {"currencyCode": "USD", "amount": "25.00"}}]}]
}"#;

/// An Indian invoice whose lines state the tax of one unit.
pub(crate) const INDIA: &str = r#"{
  "invoiceType": "Invoice", "id": "IN-77", "date": "2025-12-01T10:00:00+05:30",
  "referenceNumber": "35054cc24d97033afc24f49ec4444dbab81f542c555f9d30359dc75794e06bbe",
  "remitToParty": {"partyId": "AUZAR", "address": {"name": "Auzar Example Pvt", "addressLine1": "5 Example Marg",
    "city": "Pune", "stateOrRegion": "MH", "countryCode": "IN"},
    "taxRegistrationDetails": [{"taxRegistrationType": "GST", "taxRegistrationNumber": "27AAPFU0939F1ZV"}]},
  "shipFromParty": {"partyId": "AUZAR", "address": {"name": "Auzar Example Pvt", "addressLine1": "5 Example Marg",
    "city": "Pune", "stateOrRegion": "MH", "countryCode": "IN"},
    "taxRegistrationDetails": [{"taxRegistrationType": "GST", "taxRegistrationNumber": "27AAPFU0939F1ZV"}]},
  "shipToParty": {"partyId": "AMAZONIN", "address": {"name": "Retailer", "addressLine1": "6 Example Road",
    "city": "Bengaluru", "stateOrRegion": "KA", "countryCode": "IN"}},
  "billToParty": {"partyId": "AMAZONBL", "address": {"name": "Retailer", "addressLine1": "6 Example Road",
    "city": "Bengaluru", "stateOrRegion": "KA", "countryCode": "IN"},
    "taxRegistrationDetails": [{"taxRegistrationType": "GST", "taxRegistrationNumber": "29AAGCB7383J1Z4"}]},
  "invoiceTotal": {"currencyCode": "INR", "amount": "1180.02"},
  "taxDetails": [{"taxType": "IGST", "taxRate": "18", "taxAmount": {"currencyCode": "INR", "amount": "180.00"},
    "taxableAmount": {"currencyCode": "INR", "amount": "1000.02"}}],
  "items": [{"itemSequenceNumber": 1, "vendorProductIdentifier": "LOTA", "purchaseOrderNumber": "3DY3TK6T",
    "hsnCode": "76.06.92.90", "invoicedQuantity": {"amount": 6, "unitOfMeasure": "Eaches"},
    "netCost": {"currencyCode": "INR", "amount": "166.67"},
    "taxDetails": [{"taxType": "IGST", "taxRate": "18", "taxAmount": {"currencyCode": "INR", "amount": "30.00"},
      "taxableAmount": {"currencyCode": "INR", "amount": "166.67"}}]}]
}"#;

/// A direct fulfillment invoice whose rates are fractions, as in Amazon's example.
pub(crate) const DIRECT: &str = r#"{
  "invoiceNumber": "DF-1", "invoiceDate": "2025-12-01T10:00:00Z",
  "remitToParty": {"partyId": "WERKZ"},
  "shipFromParty": {"partyId": "WH01"},
  "shipToCountryCode": "DE", "paymentTermsCode": "Basic",
  "invoiceTotal": {"currencyCode": "EUR", "amount": "148.75"},
  "taxTotals": [{"taxType": "VAT", "taxRate": "0.19", "taxAmount": {"currencyCode": "EUR", "amount": "23.75"},
    "taxableAmount": {"currencyCode": "EUR", "amount": "125.00"}}],
  "chargeDetails": [{"type": "GIFTWRAP", "chargeAmount": {"currencyCode": "EUR", "amount": "5.00"},
    "taxDetails": [{"taxType": "VAT", "taxRate": "0.19", "taxAmount": {"currencyCode": "EUR", "amount": "0.95"}}]}],
  "items": [{"itemSequenceNumber": "1", "vendorProductIdentifier": "LAMPE", "purchaseOrderNumber": "D3rC3KTxG",
    "invoicedQuantity": {"amount": 2, "unitOfMeasure": "Each"},
    "netCost": {"currencyCode": "EUR", "amount": "60.00"},
    "taxDetails": [{"taxType": "VAT", "taxRate": "0.19", "taxAmount": {"currencyCode": "EUR", "amount": "22.80"},
      "taxableAmount": {"currencyCode": "EUR", "amount": "120.00"}}]}]
}"#;

/// All of them.
pub(crate) const ALL: [&str; 5] = [EUROPE, CREDIT_NOTE, AMERICA, INDIA, DIRECT];
