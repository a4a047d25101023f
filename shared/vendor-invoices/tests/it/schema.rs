//! What is sent against Amazon's own models, where they are at hand.

use serde_json::{Value, json};

use crate::support::{fixtures, judge, root, text};

/// A validator for one definition of a model.
fn validator(model: &str, definition: &str) -> Option<jsonschema::Validator> {
    let path = root().parent()?.join(format!("shared/models/sp-api/{model}.json"));
    let Ok(model) = std::fs::read_to_string(path) else {
        eprintln!("skipped: ../shared is not here");
        return None;
    };
    let model: Value = serde_json::from_str(&model).unwrap();
    let mut definitions = model["definitions"].clone();
    // A model of Swagger allows fields that it does not know; what is sent has none.
    for definition in definitions.as_object_mut().unwrap().values_mut() {
        if definition.get("properties").is_some() {
            definition["additionalProperties"] = json!(false);
        }
    }
    let schema = json!({ "$ref": format!("#/definitions/{definition}"), "definitions": definitions });
    Some(jsonschema::draft4::options().should_validate_formats(true).build(&schema).unwrap())
}

#[test]
fn each_accepted_fixture_is_sent_as_amazons_model_wants_it() {
    let Some(retail) = validator("vendorInvoices", "SubmitInvoicesRequest") else { return };
    let Some(direct) = validator("vendorDirectFulfillmentPaymentsV1", "SubmitInvoiceRequest") else { return };
    let mut bodies = 0;
    for name in fixtures("", ".json") {
        for judged in judge(&text(&format!("{name}.json"))) {
            let Some(invoice) = &judged.checked.invoice else { continue };
            let validator = match invoice.api() {
                countinghouse_vendor_invoices::Api::Retail => &retail,
                countinghouse_vendor_invoices::Api::DirectFulfillment => &direct,
            };
            let body = json!({ "invoices": [invoice.to_body()] });
            let errors: Vec<_> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
            bodies += 1;
        }
    }
    assert!(bodies > 100, "only {bodies} bodies");
}

#[test]
fn the_models_refuse_what_is_not_theirs() {
    let Some(retail) = validator("vendorInvoices", "SubmitInvoicesRequest") else { return };
    let mut body = json!({ "invoices": [judge(&text("rules/total.accepted.json"))[0].checked.invoice.as_ref().unwrap().to_body()] });
    assert!(retail.is_valid(&body));
    body["invoices"][0]["unknown"] = json!(1);
    assert!(!retail.is_valid(&body));
}
