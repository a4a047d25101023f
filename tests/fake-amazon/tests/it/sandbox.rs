//! The official sandbox cases, if they are here.

use fake_amazon::RateSettings;
use serde_json::Value;

use crate::support::{Client, EU, official, scenario};

/// The request of a case: its path with the query, and its body.
fn request(case: &Value) -> (String, Option<Value>) {
    let mut path = case["path"].as_str().unwrap().to_owned();
    let mut query = Vec::new();
    let mut body = None;
    for (name, parameter) in case["request"]["parameters"].as_object().into_iter().flatten() {
        let Some(value) = parameter.get("value") else { continue };
        let text = value.as_str().map(str::to_owned);
        let list = || value.as_array().map(|list| list.iter().map(|one| one.as_str().unwrap()).collect::<Vec<_>>());
        let text = text.or_else(|| list().map(|list| list.join(","))).unwrap_or_else(|| value.to_string());
        let placeholder = format!("{{{name}}}");
        if name == "body" {
            body = Some(value.clone());
        } else if path.contains(&placeholder) {
            path = path.replace(&placeholder, &text);
        } else {
            query.push(format!("{name}={text}"));
        }
    }
    // A parameter of the path that the case does not name may be anything.
    let path: Vec<_> = path.split('/').map(|part| if part.starts_with('{') { "any" } else { part }).collect();
    (format!("{}?{}", path.join("/"), query.join("&")), body)
}

#[tokio::test]
async fn the_official_cases_are_answered_as_amazon_answers_them() {
    let Some(file) = official("sandbox_cases.json") else { return };
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut scenario = scenario();
    scenario.sandbox_cases = Some(file);
    scenario.rates = RateSettings { enabled: false, ..RateSettings::default() };
    let client = Client::start(scenario).await;
    let token = client.token(EU).await;
    let mut seen: Vec<(String, String, Option<Value>)> = Vec::new();
    let mut answered = 0;
    for case in &cases {
        let method = case["method"].as_str().unwrap();
        let (path, body) = request(case);
        let key = (method.to_owned(), path.clone(), body.clone());
        if seen.contains(&key) {
            println!("the same request as an earlier case: {} {}", case["operation"], case["status"]);
            continue;
        }
        seen.push(key);
        let answer = client.call(&token, method, &format!("/sandbox{path}"), body.as_ref()).await;
        // An answer with status 204 has no body in HTTP, whatever the case says.
        let expected = if answer.status == 204 { Value::Null } else { case["response"].clone() };
        assert_eq!(
            (u64::from(answer.status), answer.json()),
            (case["status"].as_u64().unwrap(), expected),
            "{} {path}",
            case["operation"]
        );
        answered += 1;
    }
    assert!(answered * 10 >= cases.len() * 9, "{answered} of {}", cases.len());
}

#[tokio::test]
async fn a_request_that_is_no_case_is_an_internal_failure() {
    let Some(file) = official("sandbox_cases.json") else { return };
    let mut scenario = scenario();
    (scenario.sandbox_cases, scenario.sandbox) = (Some(file), true);
    let client = Client::start(scenario).await;
    let token = client.token(EU).await;
    let answer = client.get(&token, "/reports/2021-06-30/reports/unheard-of").await;
    assert_eq!((answer.status, answer.error().1.as_str()), (500, "InternalFailure"));
    assert_eq!(client.get("made-up", "/reports/2021-06-30/reports/ID323").await.status, 403);
}
