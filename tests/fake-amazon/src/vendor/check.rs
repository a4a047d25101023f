//! The check that a submitted invoice passes before it is taken: Amazon's texts, as its sandbox cases have them.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use super::shapes::{Field, Kind, Shape};

/// What is wrong with the invoices of one request, as the messages of its errors.
///
/// A value that is not in its enumeration ends the check, as it does at Amazon; everything else is gathered.
pub(crate) fn messages(shape: &Shape, invoices: &[Value]) -> Result<Vec<String>, NotOfTheModel> {
    let mut found = Found::default();
    if invoices.is_empty() {
        found.incomplete.push(incomplete("invoices", &["invoice"]));
    }
    for invoice in invoices {
        object(shape, invoice, &mut found)?;
    }
    if !found.enums.is_empty() {
        return Ok(found.enums);
    }
    let Found { elements, incomplete, values, .. } = found;
    Ok([elements, incomplete, values].concat())
}

/// A value has a type of JSON that its field does not take: nothing of the request can be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotOfTheModel;

/// Messages in the order in which Amazon gives them.
#[derive(Debug, Default)]
struct Found {
    enums: Vec<String>,
    elements: Vec<String>,
    incomplete: Vec<String>,
    values: Vec<String>,
}

fn object(shape: &Shape, value: &Value, found: &mut Found) -> Result<(), NotOfTheModel> {
    let object = value.as_object().ok_or(NotOfTheModel)?;
    let given = |field: &&Field| object.get(field.name).filter(|value| !value.is_null());
    let missing: Vec<_> =
        shape.fields.iter().filter(|field| field.required && given(field).is_none()).map(|field| field.name).collect();
    if !missing.is_empty() {
        found.incomplete.push(incomplete(shape.name, &missing));
    }
    for field in shape.fields {
        if let Some(value) = given(&field) {
            check(field, value, found)?;
        }
    }
    Ok(())
}

fn incomplete(name: &str, expected: &[&str]) -> String {
    let expected = expected.join(", ");
    format!("The content of element '{name}' is not complete. One of '{{{expected}}}' is expected.")
}

fn check(field: &Field, value: &Value, found: &mut Found) -> Result<(), NotOfTheModel> {
    let text = || value.as_str().ok_or(NotOfTheModel);
    match &field.kind {
        Kind::Text => drop(text()?),
        Kind::Short(max) => short(field.name, text()?, *max, found),
        Kind::Enum(values) => one_of(field.name, text()?, values, found),
        Kind::DateTime => valid(field.name, text()?, "dateTime", is_date_time, found),
        Kind::Decimal => valid(field.name, text()?, "decimal", is_decimal, found),
        Kind::Integer if !(value.is_i64() || value.is_u64()) => return Err(NotOfTheModel),
        Kind::Number if !value.is_number() => return Err(NotOfTheModel),
        Kind::Integer | Kind::Number => {}
        Kind::Object(shape) => object(shape, value, found)?,
        Kind::List(shape) => {
            for element in value.as_array().ok_or(NotOfTheModel)? {
                object(shape, element, found)?;
            }
        }
    }
    Ok(())
}

fn one_of(name: &str, text: &str, values: &[&str], found: &mut Found) {
    if values.contains(&text) {
        return;
    }
    let list = values.join(", ");
    found.enums.push(format!(
        "Value '{text}' is not valid with respect to enumeration '[{list}]'. It must be a value from the enumeration."
    ));
    found.enums.push(format!("The value '{text}' of element '{name}' is not valid."));
}

fn short(name: &str, text: &str, max: usize, found: &mut Found) {
    let length = text.chars().count();
    if length <= max {
        return;
    }
    found.elements.push(format!("The value '{text}' of element '{name}' is not valid."));
    let mut message = format!("Value '{text}' with length = '{length}' is not facet-valid with respect to ");
    // Writing into a string does not fail.
    let _ = write!(message, "maxLength '{max}' for type '{name}'.");
    found.values.push(message);
}

fn valid(name: &str, text: &str, kind: &str, passes: fn(&str) -> bool, found: &mut Found) {
    if passes(text) {
        return;
    }
    found.elements.push(format!("The value '{text}' of element '{name}' is not valid."));
    found.values.push(format!("'{text}' is not a valid value for '{kind}'."));
}

fn is_date_time(text: &str) -> bool {
    let civil = || text.parse::<jiff::civil::DateTime>().is_ok();
    text.contains('T') && (text.parse::<Timestamp>().is_ok() || civil())
}

/// The pattern of the models: `-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent.trim_start_matches(['+', '-']))),
        None => (text, None),
    };
    let number = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let plain = digits(whole) && (whole == "0" || !whole.starts_with('0'));
    plain && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shapes::{DIRECT_FULFILLMENT, RETAIL};
    use super::*;

    #[test]
    fn an_unknown_enum_value_is_all_that_is_said() {
        let found = messages(&RETAIL, &[json!({"invoiceType": "Invoic"})]).unwrap();
        let expected = [
            "Value 'Invoic' is not valid with respect to enumeration '[CreditNote, Invoice]'. \
             It must be a value from the enumeration.",
            "The value 'Invoic' of element 'invoiceType' is not valid.",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_date_that_is_none_and_missing_fields_are_said_together() {
        let invoice = json!({"invoiceNumber": "TestInvoice400", "invoiceDate": "2020-03.13"});
        let found = messages(&DIRECT_FULFILLMENT, &[invoice]).unwrap();
        let expected = [
            "The value '2020-03.13' of element 'invoiceDate' is not valid.",
            "The content of element 'invoice' is not complete. \
             One of '{remitToParty, shipFromParty, invoiceTotal, items}' is expected.",
            "'2020-03.13' is not a valid value for 'dateTime'.",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_number_where_a_text_belongs_makes_the_request_unreadable() {
        let total = |amount: Value| json!({"invoiceTotal": {"currencyCode": "EUR", "amount": amount}});
        assert_eq!(messages(&RETAIL, &[total(json!(1.5))]), Err(NotOfTheModel));
        let found = messages(&RETAIL, &[total(json!("1,5"))]).unwrap();
        assert_eq!(found.last().unwrap(), "'1,5' is not a valid value for 'decimal'.");
        let size = json!({"items": [{"invoicedQuantity": {"unitSize": "10"}}]});
        assert_eq!(messages(&RETAIL, &[size]), Err(NotOfTheModel));
    }

    #[test]
    fn decimals_are_those_of_the_models() {
        for good in ["0", "-1", "1295", "97.5", "1e3", "0.10", "2.5E-3"] {
            assert!(is_decimal(good), "{good}");
        }
        for bad in ["", "01", ".5", "1.", "1,5", "+1", "1e", "string", "--1"] {
            assert!(!is_decimal(bad), "{bad}");
        }
    }

    #[test]
    fn a_request_without_invoices_is_incomplete() {
        assert!(messages(&RETAIL, &[]).unwrap()[0].contains("'invoices' is not complete"));
    }
}
