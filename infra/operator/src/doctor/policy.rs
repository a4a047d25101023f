//! What a resource's policy lets Amazon do.
//!
//! Only as much of IAM's language as these policies use. What cannot be decided is said to be so, not guessed.

use serde_json::Value;

/// Amazon's own account, from which the Selling Partner API sends notifications. Source: "Set up notifications
/// (Amazon SQS)" in the guide of the Notifications API.
pub(super) const AMAZONS_ACCOUNT: &str = "437568002678";

/// What a policy says to one action of Amazon's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Permission {
    /// It is allowed.
    Allowed,
    /// Nothing allows it.
    NotAllowed,
    /// A statement forbids it: its `Sid`, or its place.
    Denied(String),
    /// A statement decides under a condition that is not understood here: its `Sid`, or its place.
    Unsure(String),
}

/// What the policy, a JSON text, says to an action of Amazon's on a resource.
pub(super) fn permission(policy: &str, action: &str, resource: &str) -> Permission {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return Permission::NotAllowed };
    let statements = listed(policy.get("Statement"));
    let (mut is_allowed, mut perhaps_allowed, mut perhaps_denied) = (false, None, None);
    for (number, statement) in statements.iter().enumerate() {
        let is_meant = names_amazon(statement)
            && names(statement, "Action", "NotAction", action)
            && (statement.get("Resource").is_none() && statement.get("NotResource").is_none()
                || names(statement, "Resource", "NotResource", resource));
        if !is_meant || never_holds(statement) {
            continue;
        }
        let sid = statement.get("Sid").and_then(Value::as_str).map(str::to_owned);
        let sid = sid.unwrap_or_else(|| format!("statement {}", number.saturating_add(1)));
        let is_plain = statement.get("Condition").is_none_or(Value::is_null);
        match (statement.get("Effect").and_then(Value::as_str), is_plain) {
            (Some("Deny"), true) => return Permission::Denied(sid),
            (Some("Deny"), false) => perhaps_denied = Some(sid),
            (Some("Allow"), true) => is_allowed = true,
            (Some("Allow"), false) => perhaps_allowed = Some(sid),
            _ => {}
        }
    }
    match (is_allowed, perhaps_allowed, perhaps_denied) {
        (false, None, _) => Permission::NotAllowed,
        (_, _, Some(sid)) | (false, Some(sid), None) => Permission::Unsure(sid),
        (true, _, None) => Permission::Allowed,
    }
}

/// A text, or a list of texts or objects.
fn listed(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

fn names_amazon(statement: &Value) -> bool {
    if let Some(others) = statement.get("NotPrincipal") {
        return !is_amazon(others);
    }
    statement.get("Principal").is_some_and(is_amazon)
}

fn is_amazon(principal: &Value) -> bool {
    let everybody = principal.as_str() == Some("*");
    let root = format!(":iam::{AMAZONS_ACCOUNT}:root");
    let meant = |text: &str| text == "*" || text == AMAZONS_ACCOUNT || text.ends_with(&root);
    everybody || listed(principal.get("AWS")).into_iter().filter_map(Value::as_str).any(meant)
}

/// Whether the statement is about this, by its list of what it is about or its list of what it is not.
fn names(statement: &Value, positive: &str, negative: &str, wanted: &str) -> bool {
    let any = |name: &str| {
        listed(statement.get(name)).into_iter().filter_map(Value::as_str).any(|pattern| matches(pattern, wanted))
    };
    if statement.get(negative).is_some() { !any(negative) } else { any(positive) }
}

/// Amazon sends over TLS, so what is said of calls without it never concerns it.
fn never_holds(statement: &Value) -> bool {
    let Some(Value::Object(conditions)) = statement.get("Condition") else { return false };
    let asks_for_no_tls = |(operator, tests): (&String, &Value)| {
        let operator = operator.to_ascii_lowercase();
        let test = tests.as_object().and_then(|tests| {
            tests.iter().find(|(key, _)| key.eq_ignore_ascii_case("aws:SecureTransport")).map(|(_, value)| value)
        });
        let is_false = |value: &Value| value.as_bool() == Some(false) || value.as_str() == Some("false");
        let values = listed(test);
        matches!(operator.as_str(), "bool" | "boolifexists") && !values.is_empty() && values.into_iter().all(is_false)
    };
    conditions.iter().any(asks_for_no_tls)
}

/// IAM's patterns: `*` for any text, `?` for one sign; case does not matter in actions, and resources here have none
/// that differ in case alone.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<_>, Vec<_>) =
        (pattern.to_ascii_lowercase().chars().collect(), text.to_ascii_lowercase().chars().collect());
    // Which beginnings of the text the pattern read so far can stand for.
    let mut reached = vec![false; text.len().saturating_add(1)];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for sign in pattern {
        let before = reached.clone();
        let mut any_before = false;
        for (length, place) in reached.iter_mut().enumerate() {
            let stood = before.get(length).copied().unwrap_or(false);
            any_before = any_before || stood;
            let last = length.checked_sub(1);
            let stood_one_shorter = last.and_then(|last| before.get(last)).copied().unwrap_or(false);
            let read = last.and_then(|last| text.get(last)).copied();
            *place = match sign {
                '*' => any_before,
                '?' => stood_one_shorter,
                sign => stood_one_shorter && read == Some(sign),
            };
        }
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:countinghouse-notifications";

    fn send(statements: &Value) -> Permission {
        permission(&json!({"Version": "2012-10-17", "Statement": statements}).to_string(), "sqs:SendMessage", QUEUE)
    }

    fn templates() -> Value {
        json!([
            {"Sid": "AmazonMaySendNotifications", "Effect": "Allow",
             "Principal": {"AWS": "arn:aws:iam::437568002678:root"},
             "Action": ["sqs:SendMessage", "sqs:GetQueueAttributes"], "Resource": QUEUE},
            {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE,
             "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ])
    }

    #[test]
    fn the_templates_policy_lets_amazon_send() {
        assert_eq!(send(&templates()), Permission::Allowed);
    }

    #[test]
    fn a_policy_that_was_removed_or_names_others_lets_nobody_send() {
        assert_eq!(permission("", "sqs:SendMessage", QUEUE), Permission::NotAllowed);
        assert_eq!(send(&json!([])), Permission::NotAllowed);
        for statement in [
            json!({"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sqs:*", "Resource": "*"}),
            json!({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:*", "Resource": "*"}),
            json!({"Effect": "Allow", "Principal": {"AWS": "437568002678"}, "Action": "sqs:Get*", "Resource": "*"}),
            json!({"Effect": "Allow", "Principal": {"AWS": "437568002678"}, "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:other"}),
        ] {
            assert_eq!(send(&json!([statement])), Permission::NotAllowed, "{statement}");
        }
    }

    #[test]
    fn other_ways_to_write_the_same_are_understood() {
        for statement in [
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
            json!({"Effect": "Allow", "Principal": {"AWS": ["111122223333", "437568002678"]}, "Action": ["SQS:Send*"], "Resource": QUEUE}),
            json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "NotAction": "sqs:DeleteQueue", "Resource": "arn:aws:sqs:eu-west-?:123456789012:*"}),
        ] {
            assert_eq!(send(&statement), Permission::Allowed, "{statement}");
        }
    }

    #[test]
    fn what_forbids_stands_above_what_allows() {
        let mut statements = templates();
        statements.as_array_mut().unwrap().push(
            json!({"Sid": "NobodyElse", "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}),
        );
        assert_eq!(send(&statements), Permission::Denied("NobodyElse".to_owned()));
    }

    #[test]
    fn a_condition_that_is_not_understood_is_not_guessed() {
        let condition = json!({"StringEquals": {"aws:SourceAccount": "1"}});
        let allow =
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition});
        assert_eq!(send(&json!([allow])), Permission::Unsure("statement 1".to_owned()));
        let allowed_anyway = json!([allow, templates()[0]]);
        assert_eq!(send(&allowed_anyway), Permission::Allowed);
        let mut statements = templates();
        statements.as_array_mut().unwrap().push(json!({"Sid": "Org", "Effect": "Deny", "Principal": "*",
            "Action": "sqs:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}));
        assert_eq!(send(&statements), Permission::Unsure("Org".to_owned()));
    }

    #[test]
    fn patterns_read_as_iam_reads_them() {
        assert!(matches("kms:GenerateDataKey*", "kms:GenerateDataKey"));
        assert!(matches("*", "") && matches("**", "x") && matches("a?c*", "abcd"));
        assert!(!matches("kms:Decrypt", "kms:DecryptX") && !matches("?", "") && !matches("", "x"));
    }
}
