//! The static sandbox: a request is compared with the official cases, and the case's answer is given.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::gate::Query;
use crate::operations::match_path;
use crate::reply::Reply;

/// Why the sandbox cases cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The file is not there or cannot be read.
    #[error("the file {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file does not hold an array of cases.
    #[error("the file {} does not hold sandbox cases", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        #[source]
        source: serde_json::Error,
    },
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SandboxCase {
    pub(crate) operation: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) request: Option<SandboxRequest>,
    #[serde(default)]
    pub(crate) response: Value,
}

/// What a request must have to be this case.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct SandboxRequest {
    #[serde(default)]
    pub(crate) parameters: Map<String, Value>,
}

impl SandboxCase {
    /// The parameters that are compared.
    fn listed(&self) -> impl Iterator<Item = (&String, &Value)> {
        let parameters = self.request.iter().flat_map(|request| &request.parameters);
        parameters.filter_map(|(name, parameter)| Some((name, parameter.get("value")?)))
    }

    fn takes(&self, method: &str, path: &str, query: &Query, body: &Value) -> bool {
        let Some(values) = (self.method == method).then(|| match_path(&self.path, path)).flatten() else {
            return false;
        };
        let names = self.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        let in_path: Vec<(&str, String)> = names.zip(values).collect();
        self.listed().all(|(name, expected)| {
            if name == "body" {
                return covers(expected, body);
            }
            let segment = in_path.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            match (segment, expected) {
                (Some(segment), expected) => is_text(expected, segment),
                (None, Value::Array(expected)) => query.list(name).is_some_and(|list| {
                    list.len() == expected.len() && expected.iter().zip(list).all(|(value, text)| is_text(value, text))
                }),
                (None, expected) => query.get(name).is_some_and(|text| is_text(expected, text)),
            }
        })
    }
}

fn is_text(expected: &Value, text: &str) -> bool {
    expected
        .as_str()
        .map_or_else(|| *expected == text.parse::<Value>().unwrap_or_default(), |expected| expected == text)
}

/// Whether everything expected is in the body; the body may have more.
fn covers(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            expected.iter().all(|(key, value)| actual.get(key).is_some_and(|found| covers(value, found)))
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len() && expected.iter().zip(actual).all(|(value, found)| covers(value, found))
        }
        (expected, actual) => expected == actual,
    }
}

/// Reads the cases: a JSON array of `{operation, method, path, status, request, response}`.
pub(crate) fn load(path: &Path) -> Result<Vec<SandboxCase>, SandboxError> {
    let text = std::fs::read_to_string(path).map_err(|source| SandboxError::Read { path: path.to_owned(), source })?;
    serde_json::from_str(&text).map_err(|source| SandboxError::Json { path: path.to_owned(), source })
}

/// The operation and the answer of the case that a request is; the one with most parameters, then the first.
pub(crate) fn answer(
    cases: &[SandboxCase],
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
) -> Option<(String, Reply)> {
    let query = Query::parse(query);
    let body = serde_json::from_slice(body).unwrap_or(Value::Null);
    let fitting = cases.iter().filter(|case| case.takes(method, path, &query, &body));
    // `max_by_key` takes the last of equals, so the cases are looked at from the end.
    let case = fitting.rev().max_by_key(|case| case.listed().count())?;
    let empty = case.response.is_null();
    let reply = if empty { Reply::empty(case.status) } else { Reply::json(case.status, case.response.clone()) };
    Some((case.operation.clone(), reply))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cases() -> Vec<SandboxCase> {
        serde_json::from_value(json!([
            {"operation": "cancel", "method": "DELETE", "path": "/r/{id}", "status": 200,
             "request": {"parameters": {"id": {"value": "ID"}}}, "response": null},
            {"operation": "cancel", "method": "DELETE", "path": "/r/{id}", "status": 400,
             "request": {"parameters": {}}, "response": {"errors": []}},
            {"operation": "list", "method": "GET", "path": "/r", "status": 200,
             "request": {"parameters": {"types": {"value": ["A", "B"]}}}, "response": {"list": 1}},
            {"operation": "create", "method": "POST", "path": "/r", "status": 202,
             "request": {"parameters": {"body": {"value": {"type": "A", "ids": ["1"]}}}}, "response": {"id": "1"}},
        ]))
        .unwrap()
    }

    fn status(method: &str, path: &str, query: &str, body: &str) -> Option<u16> {
        answer(&cases(), method, path, query, body.as_bytes()).map(|(_, reply)| reply.status)
    }

    #[test]
    fn the_case_with_most_parameters_wins() {
        assert_eq!(status("DELETE", "/r/ID", "", ""), Some(200));
        assert_eq!(status("DELETE", "/r/other", "", ""), Some(400));
    }

    #[test]
    fn lists_and_bodies_are_compared() {
        assert_eq!(status("GET", "/r", "types=A,B", ""), Some(200));
        assert_eq!(status("GET", "/r", "types=A", ""), None);
        assert_eq!(status("POST", "/r", "", r#"{"type":"A","ids":["1"],"more":true}"#), Some(202));
        assert_eq!(status("POST", "/r", "", r#"{"type":"A"}"#), None);
    }
}
