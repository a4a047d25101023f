//! What the functions ask of AWS, call by call, held against what they say that they need: each function's
//! `permissions.toml`, which is compared with its role in the template by `tests/infra/permission_checks.py`.

mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde::Deserialize;

use crate::stack::Stack;
use crate::suite::root;

/// One thing that a function did: an action as policies name it, and what it was done to, without the stack's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// For example `dynamodb:PutItem`.
    pub action: String,
    /// For example `table/jobs/index/in-flight`, `queue/downloads`, `object/reports/A1/x/1` or `secret/countinghouse/A1`.
    pub resource: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)
    }
}

/// One entry of a function's `permissions.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Permission {
    actions: Vec<String>,
    resources: Vec<String>,
    #[serde(rename = "why")]
    _why: String,
    /// Why no case can see it, for example because Lambda does it, not the function.
    unseen: Option<String>,
}

/// What each function was seen to do, in all cases of this process.
static SEEN: Mutex<BTreeMap<&'static str, BTreeSet<Call>>> = Mutex::new(BTreeMap::new());

/// The same configuration, for a function that runs in this process: every call is noted.
pub fn recorded(function: &'static str, stack: &Stack, aws: &SdkConfig) -> SdkConfig {
    let inner = aws.http_client().expect("the configuration has a client");
    let recorder = Recorder { inner, function, stack: format!("{}-", stack.name) };
    aws.clone().into_builder().http_client(SharedHttpClient::new(recorder)).build()
}

/// What was seen and is not listed, and, when every case has run, what is listed and was never seen.
pub fn complaints(every_case: bool) -> Vec<String> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let unlisted = seen.iter().flat_map(|(function, calls)| unlisted(function, calls));
    let functions = if every_case { functions() } else { Vec::new() };
    let none = BTreeSet::new();
    let unseen = functions.iter().flat_map(|function| unseen(function, seen.get(function.as_str()).unwrap_or(&none)));
    unlisted.chain(unseen).collect()
}

/// Every function by the name of its folder.
fn functions() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    let mut names: Vec<_> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

fn unlisted(function: &str, calls: &BTreeSet<Call>) -> Vec<String> {
    let permissions = listed(function);
    let allows = |call: &&Call| {
        permissions.values().any(|permission| {
            permission.actions.contains(&call.action)
                && permission.resources.iter().any(|pattern| matches(pattern, &call.resource))
        })
    };
    let outside = calls.iter().filter(|call| !allows(call));
    outside
        .map(|call| format!("{function} does {call}: functions/{function}/permissions.toml has no such entry"))
        .collect()
}

fn unseen(function: &str, calls: &BTreeSet<Call>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, permission) in listed(function).iter().filter(|(_, permission)| permission.unseen.is_none()) {
        for action in &permission.actions {
            for pattern in &permission.resources {
                if !calls.iter().any(|call| call.action == *action && matches(pattern, &call.resource)) {
                    found.push(format!("{function} was never seen to do {action} on {pattern}, which {name} allows"));
                }
            }
        }
    }
    found
}

fn listed(function: &str) -> BTreeMap<String, Permission> {
    let path = root().join("functions").join(function).join("permissions.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether a pattern of a policy, in which `*` stands for anything, fits.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    rest.char_indices().any(|(at, _)| matches(after, &rest[at..])) || matches(after, "")
}

#[derive(Clone)]
struct Recorder {
    inner: SharedHttpClient,
    function: &'static str,
    /// What the names of its tables and queues begin with.
    stack: String,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("function", &self.function).finish_non_exhaustive()
    }
}

impl HttpClient for Recorder {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(RecordingConnector { inner, recorder: self.clone() })
    }
}

#[derive(Debug)]
struct RecordingConnector {
    inner: SharedHttpConnector,
    recorder: Recorder,
}

impl HttpConnector for RecordingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let calls = request::calls(&request, &self.recorder.stack);
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).entry(self.recorder.function).or_default().extend(calls);
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        assert!(matches("object/reports/*", "object/reports/A1/x"));
        assert!(matches("object/own-invoices/*/due/*", "object/own-invoices/A1/due/x"));
        assert!(!matches("object/own-invoices/*/due/*", "object/own-invoices/A1/issued/x"));
        assert!(!matches("table/jobs", "table/jobs/index/in-flight"));
        assert!(matches("object/*", "object/"));
    }

    #[test]
    fn a_call_that_no_entry_allows_is_named_and_so_is_an_entry_that_no_call_needed() {
        let call = |action: &str, resource: &str| Call { action: action.into(), resource: resource.into() };
        let calls = BTreeSet::from([call("dynamodb:DeleteItem", "table/jobs")]);
        assert_eq!(
            unlisted("poll-jobs", &calls),
            [
                "poll-jobs does dynamodb:DeleteItem on table/jobs: functions/poll-jobs/permissions.toml has no such entry"
            ]
        );
        assert!(unseen("poll-jobs", &calls).iter().any(|line| line.contains("sqs:SendMessage on queue/downloads")));
    }
}
