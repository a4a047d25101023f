//! What we send, held against Amazon's published models where they are at hand.

use std::collections::BTreeMap;
use std::path::Path;

use countinghouse_amazon::{CreatedFeed, FeedRequest, ReportsQuery};
use countinghouse_domain::job::ProcessingStatus;
use countinghouse_domain::report::ReportType;
use serde_json::{Value, json};

use crate::scene::{Scene, report_json, request};
use crate::server::{Received, Reply};

pub(crate) fn model(name: &str) -> Option<Value> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models/sp-api").join(name);
    let text = std::fs::read_to_string(shared).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// The operation that a request reaches, by its method and path.
fn operation<'a>(models: &'a [Value], call: &Received) -> (&'a Value, &'a Value) {
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), call.path().split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
    };
    let method = call.method.to_lowercase();
    for model in models {
        for (path, methods) in model["paths"].as_object().unwrap() {
            if fits(path) && methods.get(&method).is_some() {
                return (model, &methods[&method]);
            }
        }
    }
    panic!("no operation for {} {}", call.method, call.path())
}

fn check_query(parameters: &[Value], call: &Received) {
    for (name, value) in call.query() {
        let found = parameters.iter().find(|each| each["in"] == "query" && each["name"] == name.as_str());
        let parameter = found.unwrap_or_else(|| panic!("{} has no parameter {name}", call.path()));
        match parameter["type"].as_str().unwrap() {
            "array" => {
                let items: Vec<&str> = value.split(',').collect();
                assert!(items.len() as u64 <= parameter["maxItems"].as_u64().unwrap_or(u64::MAX), "{name}");
                if let Some(allowed) = parameter["items"]["enum"].as_array() {
                    assert!(items.iter().all(|item| allowed.contains(&json!(item))), "{name}: {value}");
                }
            }
            "integer" => {
                let (least, most) = (parameter["minimum"].as_u64().unwrap(), parameter["maximum"].as_u64().unwrap());
                assert!((least..=most).contains(&value.parse().unwrap()), "{name}: {value}");
            }
            "string" if parameter["format"] == "date-time" => {
                assert!(value.parse::<jiff::Timestamp>().is_ok(), "{name}: {value}");
            }
            "string" => assert!(!value.is_empty(), "{name}"),
            other => panic!("{name} is of type {other}"),
        }
    }
    assert!(call.query().contains_key("nextToken") <= (call.query().len() == 1));
}

fn check_value(model: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => model.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    match value {
        Value::Object(members) => {
            for required in schema["required"].as_array().into_iter().flatten() {
                assert!(members.contains_key(required.as_str().unwrap()), "{place} lacks {required}");
            }
            for (name, member) in members {
                let found = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
                let inner = found.unwrap_or_else(|| panic!("{place} has no {name}"));
                check_value(model, inner, member, &format!("{place}.{name}"));
            }
        }
        Value::Array(items) => {
            assert!(items.len() as u64 <= schema["maxItems"].as_u64().unwrap_or(50), "{place}");
            for item in items {
                check_value(model, &schema["items"], item, place);
            }
        }
        Value::String(text) => {
            assert_eq!(schema["type"], "string", "{place}");
            if let Some(allowed) = schema["enum"].as_array() {
                assert!(allowed.contains(value), "{place}: {text}");
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => panic!("{place} is {value}"),
    }
}

#[tokio::test]
async fn every_request_is_one_that_amazons_models_describe() {
    let (Some(reports), Some(tokens)) = (model("reports_2021-06-30.json"), model("tokens_2021-03-01.json")) else {
        println!("skipped: ../shared is not here");
        return;
    };
    let scene = Scene::new(|request| match (request.method.as_str(), request.path()) {
        ("POST", "/reports/2021-06-30/reports") => Reply::json(202, &json!({"reportId": "1"})),
        ("POST", _) => Reply::json(200, &json!({"restrictedDataToken": "Atz.sprdt|1"})),
        (_, "/reports/2021-06-30/reports") => {
            let next = (request.query().len() > 1).then_some("next");
            Reply::json(200, &json!({"reports": [], "nextToken": next}))
        }
        (_, path) if path.contains("/documents/") => {
            Reply::json(200, &json!({"reportDocumentId": "d", "url": "http://127.0.0.1:9/"}))
        }
        _ => report_json(),
    })
    .await;
    let everything = ReportsQuery::new(ReportType::ALL.to_vec())
        .unwrap()
        .with_statuses(vec![
            ProcessingStatus::InQueue,
            ProcessingStatus::InProgress,
            ProcessingStatus::Done,
            ProcessingStatus::Cancelled,
            ProcessingStatus::Fatal,
        ])
        .with_marketplaces(request().marketplaces().to_vec())
        .unwrap()
        .created_since("2026-11-01T00:00:00Z".parse().unwrap())
        .created_until("2026-11-22T00:00:00Z".parse().unwrap());
    scene.seller.create_report(&request().with_option("name", "value")).await.unwrap();
    scene.seller.report(&"1".parse().unwrap()).await.unwrap();
    scene.seller.reports(&everything).await.unwrap();
    scene.seller.report_document(&"d".parse().unwrap(), ReportType::SC_VAT_TAX_REPORT).await.unwrap();

    let reached = reached(&[reports, tokens], &scene.calls());
    let expected =
        ["createReport", "getReport", "getReports", "getReports", "createRestrictedDataToken", "getReportDocument"];
    assert_eq!(reached, expected);
}

/// The operations that these calls reach; each call is as its model says.
pub(crate) fn reached(models: &[Value], calls: &[Received]) -> Vec<String> {
    let mut reached = Vec::new();
    for call in calls {
        let (model, operation) = operation(models, call);
        let parameters = operation["parameters"].as_array().unwrap();
        check_query(parameters, call);
        match parameters.iter().find(|each| each["in"] == "body") {
            Some(body) => check_value(model, &body["schema"], &call.json(), "body"),
            None => assert!(call.body.is_empty()),
        }
        reached.push(operation["operationId"].as_str().unwrap().to_owned());
    }
    reached
}

#[tokio::test]
async fn an_invoice_is_uploaded_and_followed_as_amazons_model_of_feeds_describes() {
    let Some(feeds) = model("feeds_2021-06-30.json") else {
        println!("skipped: ../shared is not here");
        return;
    };
    let scene = Scene::new(|request| match (request.method.as_str(), request.path()) {
        ("POST", "/feeds/2021-06-30/documents") => {
            let url = format!("http://{}/bucket/x?X-Amz-Signature=1", request.headers["host"]);
            Reply::json(201, &json!({"feedDocumentId": "amzn1.tortuga.4.x", "url": url}))
        }
        ("POST", "/feeds/2021-06-30/feeds") => Reply::json(202, &json!({"feedId": "53347018502"})),
        ("GET", "/feeds/2021-06-30/feeds/53347018502") => Reply::json(
            200,
            &json!({"feedId": "53347018502", "feedType": "UPLOAD_VAT_INVOICE", "processingStatus": "DONE",
                    "createdTime": "2026-11-22T04:00:00Z", "resultFeedDocumentId": "amzn1.tortuga.4.y"}),
        ),
        ("GET", path) if path.contains("/documents/") => {
            let url = format!("http://{}/bucket/y", request.headers["host"]);
            Reply::json(200, &json!({"feedDocumentId": "amzn1.tortuga.4.y", "url": url}))
        }
        _ => Reply::text(200, "Feed Processing Summary:\n"),
    })
    .await;
    let ready = scene.seller.ready_to_upload().await.unwrap();
    let delivered = ready.deliver("application/pdf", b"%PDF-1.7").await.unwrap();
    // A credit note has every key that an upload may have.
    let feed_options = BTreeMap::from([
        ("metadata:shippingid", "409302382"),
        ("metadata:invoicenumber", "DE-C2026-000001"),
        ("metadata:totalamount", "49.90"),
        ("metadata:totalvatamount", "7.97"),
        ("metadata:documenttype", "CreditNote"),
        ("metadata:transactionid", "amzn1:crow:A0f6kWaFSV6ymAlMHe4VJw"),
    ]);
    let request = FeedRequest {
        feed_type: "UPLOAD_VAT_INVOICE",
        marketplace_ids: vec!["A1PA6795UKMFR9"],
        input_feed_document_id: &delivered,
        feed_options,
    };
    let CreatedFeed::Created(feed) = ready.create(&request).await else { panic!("created") };
    let report = scene.seller.feed(&feed).await.unwrap().report.unwrap();
    scene.seller.feed_report(&report).await.unwrap();
    let calls = scene.calls();
    // What goes to an address that Amazon gave is no call of its API.
    let calls: Vec<_> = calls.into_iter().filter(|call| !call.path().starts_with("/bucket/")).collect();
    assert_eq!(reached(&[feeds], &calls), ["createFeedDocument", "createFeed", "getFeed", "getFeedDocument"]);
}
