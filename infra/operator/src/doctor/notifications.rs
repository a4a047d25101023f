//! The way of Amazon's notifications into the stack: queue, key, destination, subscriptions.

use std::collections::HashMap;

use aws_sdk_kms::types::KeyManagerType;
use aws_sdk_sqs::types::QueueAttributeName;

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use super::policy::{AMAZONS_ACCOUNT, Permission, permission};
use super::queues::gone;
use super::unanswered::Unanswered;

/// What Amazon does with the queue: it sends, and looks beforehand whether it may.
const QUEUE_ACTIONS: [&str; 2] = ["sqs:SendMessage", "sqs:GetQueueAttributes"];
/// What it does with the queue's key for that.
const KEY_ACTIONS: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

/// A queue that Amazon sends to.
#[derive(Debug)]
struct AmazonsQueue {
    name: String,
    url: String,
    attributes: HashMap<QueueAttributeName, String>,
}

/// The policies of the queues that Amazon sends to, and of their keys.
pub(super) async fn check(patient: &Patient) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, output) in [("notifications", "NotificationsQueueUrl"), ("client-secrets", "ClientSecretsQueueUrl")] {
        let url = match patient.output(output) {
            Some(url) => url.to_owned(),
            // The output may be unknown because the stack may not be described; the queue has a name all the same.
            None if name == "notifications" => match patient.stack.queue_url(name).await {
                Ok(url) => url,
                Err(error) => {
                    let verdict = Verdict::broken(crate::desk::chain(&error), [patient.mend.deploy("")]);
                    findings.push(Finding::new(Check::QueuePolicy, name, verdict));
                    continue;
                }
            },
            None => continue,
        };
        let name = url.rsplit('/').next().unwrap_or(name).to_owned();
        match attributes(patient, &url).await {
            Err(verdict) => findings.push(Finding::new(Check::QueuePolicy, name, verdict)),
            Ok(attributes) => {
                let queue = AmazonsQueue { name, url, attributes };
                findings.push(Finding::new(Check::QueuePolicy, &queue.name, queue_policy(patient, &queue)));
                findings.push(Finding::new(Check::KeyPolicy, &queue.name, key_policy(patient, &queue).await));
            }
        }
    }
    findings
}

async fn attributes(patient: &Patient, url: &str) -> Result<HashMap<QueueAttributeName, String>, Verdict> {
    let client = aws_sdk_sqs::Client::new(&patient.stack.aws);
    let asked = client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All).send().await;
    match asked {
        Ok(answer) => Ok(answer.attributes.unwrap_or_default()),
        Err(error) => {
            let unanswered = Unanswered::aws("sqs:GetQueueAttributes", &error);
            Err(if unanswered.is_missing() { gone(patient) } else { unanswered.verdict(&patient.mend) })
        }
    }
}

fn queue_policy(patient: &Patient, queue: &AmazonsQueue) -> Verdict {
    let of = |name| queue.attributes.get(&name).map(String::as_str);
    if of(QueueAttributeName::FifoQueue) == Some("true") {
        return Verdict::broken("it is a FIFO queue; Amazon sends to standard queues only", [patient.mend.deploy("")]);
    }
    let policy = of(QueueAttributeName::Policy).unwrap_or_default();
    let arn = of(QueueAttributeName::QueueArn).unwrap_or_default();
    let cure = || {
        let actions = "--actions SendMessage GetQueueAttributes";
        [patient.mend.aws(&format!(
            "sqs add-permission --queue-url {} --label AmazonMaySendNotifications --aws-account-ids {AMAZONS_ACCOUNT} \
             {actions}",
            queue.url
        ))]
    };
    for action in QUEUE_ACTIONS {
        match permission(policy, action, arn) {
            Permission::Allowed => {}
            Permission::NotAllowed => {
                return Verdict::broken(
                    format!("Amazon's account {AMAZONS_ACCOUNT} is not allowed {action}: no notification arrives"),
                    cure(),
                );
            }
            Permission::Denied(statement) => {
                return Verdict::broken(
                    format!(
                        "the statement `{statement}` of its policy forbids Amazon {action}: no notification arrives"
                    ),
                    [format!("take the statement out of the policy: {}", page(patient, queue))],
                );
            }
            Permission::Unsure(statement) => {
                return Verdict::look(
                    format!("the statement `{statement}` decides under a condition whether Amazon may {action}"),
                    [format!("see that it lets the account {AMAZONS_ACCOUNT} pass: {}", page(patient, queue))],
                );
            }
        }
    }
    Verdict::fine(format!("a standard queue to which Amazon's account {AMAZONS_ACCOUNT} may send"))
}

fn page(patient: &Patient, queue: &AmazonsQueue) -> String {
    let url = queue.url.replace(':', "%3A").replace('/', "%2F");
    patient.mend.console(&format!("sqs/v3/home?region={}#/queues/{url}", patient.mend.region))
}

async fn key_policy(patient: &Patient, queue: &AmazonsQueue) -> Verdict {
    let key = queue.attributes.get(&QueueAttributeName::KmsMasterKeyId).filter(|key| !key.is_empty());
    let Some(key) = key else {
        return Verdict::fine("none is needed: SQS encrypts the queue with its own key");
    };
    let kms = aws_sdk_kms::Client::new(&patient.stack.aws);
    if key.contains("alias/aws/") {
        return aws_managed(patient, queue, key);
    }
    let described = match kms.describe_key().key_id(key).send().await {
        Ok(described) => described,
        Err(error) => return unknown_key(patient, queue, key, &Unanswered::aws("kms:DescribeKey", &error)),
    };
    let metadata = described.key_metadata();
    if metadata.and_then(|each| each.key_manager()) == Some(&KeyManagerType::Aws) {
        return aws_managed(patient, queue, key);
    }
    let (id, arn) = metadata.map_or((key.as_str(), "*"), |each| (each.key_id(), each.arn().unwrap_or("*")));
    if metadata.is_some_and(|each| !each.enabled()) {
        let cure = [patient.mend.aws(&format!("kms enable-key --key-id {id}"))];
        return Verdict::broken(format!("the key {id} is disabled: nothing can be sent to the queue or read"), cure);
    }
    match kms.get_key_policy().key_id(id).policy_name("default").send().await {
        Ok(answer) => judged_key(patient, id, arn, answer.policy().unwrap_or_default()),
        Err(error) => unknown_key(patient, queue, key, &Unanswered::aws("kms:GetKeyPolicy", &error)),
    }
}

fn judged_key(patient: &Patient, id: &str, arn: &str, policy: &str) -> Verdict {
    let cure = || {
        [
            patient.mend.aws(&format!(
                "kms get-key-policy --key-id {id} --policy-name default --output text --query Policy > key-policy.json"
            )),
            format!(
                "add to its statements: {{\"Sid\":\"AmazonSendsEncryptedNotifications\",\"Effect\":\"Allow\",\
                 \"Principal\":{{\"AWS\":\"arn:aws:iam::{AMAZONS_ACCOUNT}:root\"}},\
                 \"Action\":[\"kms:GenerateDataKey\",\"kms:Decrypt\"],\"Resource\":\"*\"}}"
            ),
            patient.mend.aws(&format!(
                "kms put-key-policy --key-id {id} --policy-name default --policy file://key-policy.json"
            )),
        ]
    };
    for action in KEY_ACTIONS {
        match permission(policy, action, arn) {
            Permission::Allowed => {}
            Permission::NotAllowed => {
                return Verdict::broken(
                    format!(
                        "the policy of the key {id} does not allow Amazon's account {AMAZONS_ACCOUNT} {action}: \
                         no notification arrives"
                    ),
                    cure(),
                );
            }
            Permission::Denied(statement) => {
                let wrong = format!("the statement `{statement}` of the key {id} forbids Amazon {action}");
                return Verdict::broken(wrong, [patient.mend.console(&format!("kms/home#/kms/keys/{id}"))]);
            }
            Permission::Unsure(statement) => {
                let wrong = format!(
                    "the statement `{statement}` of the key {id} decides under a condition whether Amazon may {action}"
                );
                return Verdict::look(wrong, [patient.mend.console(&format!("kms/home#/kms/keys/{id}"))]);
            }
        }
    }
    Verdict::fine(format!("the key {id} lets Amazon's account {AMAZONS_ACCOUNT} encrypt what it sends"))
}

fn aws_managed(patient: &Patient, queue: &AmazonsQueue, key: &str) -> Verdict {
    let attributes = "--attributes KmsMasterKeyId=,SqsManagedSseEnabled=true";
    Verdict::broken(
        format!("the queue is encrypted with {key}, a key of AWS's that Amazon's account cannot use"),
        [
            patient.mend.aws(&format!("sqs set-queue-attributes --queue-url {} {attributes}", queue.url)),
            "or, with a key of your own whose policy names Amazon's account:".to_owned(),
            patient.mend.deploy("CustomerManagedKey=true"),
        ],
    )
}

fn unknown_key(patient: &Patient, queue: &AmazonsQueue, key: &str, unanswered: &Unanswered) -> Verdict {
    if unanswered.is_missing() {
        let attributes = "--attributes KmsMasterKeyId=,SqsManagedSseEnabled=true";
        return Verdict::broken(
            format!("the queue is encrypted with the key {key}, which is not there"),
            [patient.mend.aws(&format!("sqs set-queue-attributes --queue-url {} {attributes}", queue.url))],
        );
    }
    unanswered.verdict(&patient.mend)
}
