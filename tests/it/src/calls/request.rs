//! Reads from a request which action of a policy it needs, and on what.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use super::Call;

/// What a request needs; more than one action where a policy wants them apart.
pub(super) fn calls(request: &HttpRequest, stack: &str) -> Vec<Call> {
    match request.headers().get("x-amz-target").and_then(|target| target.split_once('.')) {
        Some((service, operation)) => {
            let body = request.body().bytes().unwrap_or_default();
            let body: Value = serde_json::from_slice(body).expect("a request in JSON");
            if service.starts_with("DynamoDB") {
                of_dynamodb(operation, &body, stack)
            } else if service == "AmazonSQS" {
                vec![of_sqs(operation, &body, stack)]
            } else {
                vec![of_secrets(operation, &body)]
            }
        }
        None => of_s3(request),
    }
}

fn call(action: impl Into<String>, resource: impl Into<String>) -> Call {
    Call { action: action.into(), resource: resource.into() }
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_default()
}

/// The name without the stack's.
fn own<'a>(name: &'a str, stack: &str) -> &'a str {
    name.strip_prefix(stack).unwrap_or(name)
}

fn of_dynamodb(operation: &str, body: &Value, stack: &str) -> Vec<Call> {
    let table = |name: &str| format!("table/{}", own(name, stack));
    let keys = |part: &Value| part.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    match operation {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = keys(&body["RequestItems"]);
            tables.iter().map(|name| call(format!("dynamodb:{operation}"), table(name))).collect()
        }
        // A transaction needs what its parts would need one by one.
        "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array().into_iter().flatten();
            let part = |part: &Value| {
                let (kind, inner) =
                    part.as_object().and_then(|map| map.iter().next()).expect("a part of a transaction");
                let action =
                    if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
                call(format!("dynamodb:{action}"), table(text(inner, "TableName")))
            };
            parts.map(part).collect()
        }
        _ => {
            let name = table(text(body, "TableName"));
            let index = body["IndexName"].as_str();
            let resource = index.map_or_else(|| name.clone(), |index| format!("{name}/index/{index}"));
            vec![call(format!("dynamodb:{operation}"), resource)]
        }
    }
}

fn of_sqs(operation: &str, body: &Value, stack: &str) -> Call {
    let queue = text(body, "QueueUrl").rsplit('/').next().unwrap_or_default();
    // Policies do not know of batches.
    let action = operation.trim_end_matches("Batch");
    call(format!("sqs:{action}"), format!("queue/{}", own(queue, stack)))
}

fn of_secrets(operation: &str, body: &Value) -> Call {
    let name = if operation == "CreateSecret" { "Name" } else { "SecretId" };
    call(format!("secretsmanager:{operation}"), format!("secret/{}", text(body, name)))
}

fn of_s3(request: &HttpRequest) -> Vec<Call> {
    let after_host = request.uri().splitn(4, '/').nth(3).unwrap_or_default();
    let (path, query) = after_host.split_once('?').unwrap_or((after_host, ""));
    let key = path.split_once('/').map_or("", |(_bucket, key)| key);
    let asks = |name: &str| query.split('&').any(|part| part.split('=').next() == Some(name));
    if key.is_empty() {
        assert_eq!(request.method(), "GET", "a request that is not known: {} {after_host}", request.method());
        return vec![call(if asks("versions") { "s3:ListBucketVersions" } else { "s3:ListBucket" }, "bucket")];
    }
    let object = format!("object/{}", key.replace("%20", " "));
    let action = match request.method() {
        "GET" | "HEAD" if asks("versionId") => "s3:GetObjectVersion",
        "GET" | "HEAD" => "s3:GetObject",
        "PUT" if asks("tagging") => "s3:PutObjectTagging",
        "PUT" | "POST" => "s3:PutObject",
        "DELETE" if asks("uploadId") => "s3:AbortMultipartUpload",
        "DELETE" if asks("versionId") => "s3:DeleteObjectVersion",
        "DELETE" => "s3:DeleteObject",
        method => panic!("a request that is not known: {method} {after_host}"),
    };
    // Writing an object with tags is two actions.
    let tagged = request.headers().get("x-amz-tagging").map(|_| call("s3:PutObjectTagging", object.clone()));
    std::iter::once(call(action, object)).chain(tagged).collect()
}
