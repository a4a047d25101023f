//! What is broken on the AWS side: stack, bucket, schedules, queues, policies, keys.

use std::rc::Rc;

use aws_sdk_s3::types::{BucketVersioningStatus, PublicAccessBlockConfiguration, VersioningConfiguration};
use aws_sdk_sqs::types::QueueAttributeName;
use countinghouse_it::cases;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait;
use serde_json::{Value, json};

use super::ward::Ward;

cases![what_is_broken_in_aws_is_found_alone_with_its_cure];

const AMAZON: &str = "437568002678";

async fn what_is_broken_in_aws_is_found_alone_with_its_cure(suite: Rc<Suite>) {
    let ward = Ward::healthy(&suite, "it-doctor-aws").await;
    queue_policy(&ward).await;
    keys(&ward).await;
    dead_letters(&ward).await;
    idle_queue(&ward).await;
    schedules(&ward).await;
    bucket(&ward).await;
    version(&ward).await;
}

fn queue(ward: &Ward) -> (String, String) {
    (format!("{}-notifications", ward.stack.name), ward.stack.output("NotificationsQueueUrl").to_owned())
}

async fn set(ward: &Ward, name: QueueAttributeName, value: &str) {
    let (_, url) = queue(ward);
    ward.sqs().set_queue_attributes().queue_url(url).attributes(name, value).send().await.unwrap();
}

async fn queue_policy(ward: &Ward) {
    let (name, url) = queue(ward);
    let asked = ward.sqs().get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::Policy);
    let right = asked.send().await.unwrap().attributes.unwrap().remove(&QueueAttributeName::Policy).unwrap();
    set(ward, QueueAttributeName::Policy, "").await;
    let cure = format!(
        "aws sqs add-permission --queue-url {url} --label AmazonMaySendNotifications --aws-account-ids {AMAZON} \
         --actions SendMessage GetQueueAttributes --region eu-west-1"
    );
    let found = ward.finds("the queue's policy is removed", &[("queue-policy", &name)], &cure).await;
    assert_eq!(found[0].result, "broken");
    assert!(found[0].text.contains(&format!("account {AMAZON} is not allowed sqs:SendMessage")), "{}", found[0].text);
    // The cure, as it stands.
    let add = ward.sqs().add_permission().queue_url(&url).label("AmazonMaySendNotifications").aws_account_ids(AMAZON);
    add.actions("SendMessage").actions("GetQueueAttributes").send().await.unwrap();
    ward.is_well("the permission is added").await;

    let mut forbidden: Value = serde_json::from_str(&right).unwrap();
    let deny =
        json!({"Sid": "Lockdown", "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"});
    forbidden["Statement"].as_array_mut().unwrap().push(deny);
    set(ward, QueueAttributeName::Policy, &forbidden.to_string()).await;
    ward.finds(
        "a statement forbids Amazon to send",
        &[("queue-policy", &name)],
        "take the statement out of the policy",
    )
    .await;
    set(ward, QueueAttributeName::Policy, &right).await;
    ward.is_well("the template's policy is back").await;
}

async fn keys(ward: &Ward) {
    let (name, _) = queue(ward);
    set(ward, QueueAttributeName::KmsMasterKeyId, "alias/aws/sqs").await;
    let found =
        ward.finds("a key of AWS's", &[("key-policy", &name)], "KmsMasterKeyId=,SqsManagedSseEnabled=true").await;
    assert!(found[0].cure.contains("CustomerManagedKey=true"), "{}", found[0].cure);

    let policy = |statements: Value| json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let own = json!({"Sid": "Us", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "kms:*", "Resource": "*"});
    let created = ward.aws_json("kms", "TrentService.CreateKey", &json!({"Policy": policy(json!([own]))})).await;
    let key = created["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    set(ward, QueueAttributeName::KmsMasterKeyId, &key).await;
    let cure = format!("aws kms put-key-policy --key-id {key} --policy-name default --policy file://key-policy.json");
    let found = ward.finds("the key's policy names only us", &[("key-policy", &name)], &cure).await;
    assert!(found[0].text.contains("kms:GenerateDataKey"), "{}", found[0].text);
    // The statement of the cure, as it stands.
    let statement = found[0].cure.lines().find_map(|line| line.strip_prefix("add to its statements: ")).unwrap();
    let statement: Value = serde_json::from_str(statement).unwrap();
    let put = json!({"KeyId": key, "PolicyName": "default", "Policy": policy(json!([own, statement]))});
    ward.aws_json("kms", "TrentService.PutKeyPolicy", &put).await;
    ward.is_well("the key's policy names Amazon's account").await;

    ward.aws_json("kms", "TrentService.DisableKey", &json!({"KeyId": key})).await;
    ward.finds("the key is disabled", &[("key-policy", &name)], &format!("aws kms enable-key --key-id {key}")).await;
    set(ward, QueueAttributeName::KmsMasterKeyId, "").await;
    ward.is_well("the queue needs no key").await;
}

async fn dead_letters(ward: &Ward) {
    ward.stack.send("BookingsDlqUrl", "a booking that failed").await;
    ward.stack.send("BookingsDlqUrl", "another").await;
    let name = format!("{}-bookings-dlq", ward.stack.name);
    let cure = format!("countinghouse redrive bookings --stack {}", ward.stack.name);
    let found = ward.finds("messages in a dead-letter queue", &[("dead-letter-queue", &name)], &cure).await;
    assert_eq!(found[0].text, "2 messages failed after all tries");
    assert_eq!(ward.stack.take_messages("BookingsDlqUrl").await.len(), 2, "they are still there");
    ward.is_well("the dead-letter queue is empty").await;
}

async fn idle_queue(ward: &Ward) {
    let mappings = ward.aws_path("lambda", "GET", "/2015-03-31/event-source-mappings", &Value::Null).await;
    let arn = format!(":{}-vendor-submissions", ward.stack.name);
    let all = mappings["EventSourceMappings"].as_array().unwrap();
    let mapping = all.iter().find(|each| each["EventSourceArn"].as_str().unwrap().ends_with(&arn)).unwrap();
    let path = format!("/2015-03-31/event-source-mappings/{}", mapping["UUID"].as_str().unwrap());
    ward.aws_path("lambda", "PUT", &path, &json!({"Enabled": false})).await;
    ward.stack.send("VendorSubmissionsQueueUrl", r#"{"version":1}"#).await;
    let name = format!("{}-vendor-submissions", ward.stack.name);
    let cure = format!("list-event-source-mappings --function-name {}-submit-vendor-invoices", ward.stack.name);
    let found = ward.finds("a function does not read its queue", &[("queue", &name)], &cure).await;
    assert_eq!(found[0].text, "1 message waits and no function takes them");
    assert_eq!(ward.stack.take_messages("VendorSubmissionsQueueUrl").await.len(), 1);
    ward.aws_path("lambda", "PUT", &path, &json!({"Enabled": true})).await;
    ward.is_well("the function reads its queue").await;
}

async fn schedules(ward: &Ward) {
    let name = format!("{}-poll-jobs", ward.stack.name);
    let path = format!("/schedules/{name}");
    let right = ward.aws_path("scheduler", "GET", &path, &Value::Null).await;
    let mut disabled = right.clone();
    disabled["State"] = json!("DISABLED");
    ward.aws_path("scheduler", "PUT", &path, &disabled).await;
    let cure =
        format!("https://eu-west-1.console.aws.amazon.com/scheduler/home?region=eu-west-1#schedules/default/{name}");
    let found = ward.finds("a schedule is disabled", &[("schedule", &name)], &cure).await;
    assert_eq!(found[0].text, "it is disabled");
    ward.aws_path("scheduler", "DELETE", &path, &Value::Null).await;
    let found = ward.finds("a schedule is deleted", &[("schedule", &name)], "ScheduleState=ENABLED").await;
    assert_eq!(found[0].text, "it was deleted");
    ward.aws_path("scheduler", "POST", &path, &right).await;
    ward.is_well("the schedule is back").await;
}

async fn bucket(ward: &Ward) {
    let name = ward.stack.output("ReportsBucketName").to_owned();
    let versions = |status| VersioningConfiguration::builder().status(status).build();
    let s3 = ward.s3();
    let set =
        s3.put_bucket_versioning().bucket(&name).versioning_configuration(versions(BucketVersioningStatus::Suspended));
    set.send().await.unwrap();
    let cure = format!("aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled");
    ward.finds("versions are suspended", &[("bucket-versioning", &name)], &cure).await;
    let set =
        s3.put_bucket_versioning().bucket(&name).versioning_configuration(versions(BucketVersioningStatus::Enabled));
    set.send().await.unwrap();

    let open = PublicAccessBlockConfiguration::builder().block_public_acls(true).ignore_public_acls(true);
    let closed = open.clone().block_public_policy(true).restrict_public_buckets(true).build();
    let set = s3
        .put_public_access_block()
        .bucket(&name)
        .public_access_block_configuration(open.block_public_policy(false).build());
    set.send().await.unwrap();
    let cure = format!("aws s3api put-public-access-block --bucket {name}");
    let found = ward.finds("the bucket could be opened", &[("bucket-public-access", &name)], &cure).await;
    assert!(found[0].text.contains("BlockPublicPolicy, RestrictPublicBuckets"), "{}", found[0].text);
    s3.delete_public_access_block().bucket(&name).send().await.unwrap();
    ward.finds("nothing blocks the public", &[("bucket-public-access", &name)], &cure).await;
    s3.put_public_access_block().bucket(&name).public_access_block_configuration(closed).send().await.unwrap();
    ward.is_well("the bucket is closed and versioned").await;
}

/// The template that is deployed says another version; then none, as a template of long ago.
async fn version(ward: &Ward) {
    let name = ward.stack.name.as_str();
    let original = template(ward).await;
    let own = env!("CARGO_PKG_VERSION");
    let output = |version: &str| format!("Value: {version}}}");
    assert!(original.contains(&output(own)), "the template does not say its version");
    update(ward, &original.replace(&output(own), &output("99.1.0"))).await;
    let found = ward.finds("the stack is newer", &[("template-version", name)], "install version 99.1.0").await;
    assert_eq!(found[0].text, format!("the stack has version 99.1.0, this program is {own}, which is older"));
    update(ward, &original.replace(&output(own), &output("0.0.9"))).await;
    ward.finds(
        "the stack is older",
        &[("template-version", name)],
        &format!("sam deploy --template infra/template.yaml --stack-name {name}"),
    )
    .await;
    let line = original.lines().find(|line| line.trim_start().starts_with("Version: {")).unwrap();
    update(ward, &original.replace(line, "")).await;
    ward.finds("the stack does not say its version", &[("template-version", name)], "sam deploy").await;
    update(ward, &original).await;
    ward.is_well("program and template are of one version").await;
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

async fn template(ward: &Ward) -> String {
    let asked =
        [field("Action", "GetTemplate"), field("StackName", &ward.stack.name), field("TemplateStage", "Original")];
    let answer = ward.aws_form("cloudformation", &asked).await;
    let body = answer.split_once("<TemplateBody>").unwrap().1.split_once("</TemplateBody>").unwrap().0;
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    signs.into_iter().fold(body.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

/// Deploys a template with the parameters that the stack has.
async fn update(ward: &Ward, template: &str) {
    let key = format!("template-of-{}.yaml", ward.stack.name);
    let body = aws_sdk_s3::primitives::ByteStream::from(template.as_bytes().to_vec());
    ward.s3().put_object().bucket("countinghouse-artifacts").key(&key).body(body).send().await.unwrap();
    let url = format!("{}/countinghouse-artifacts/{key}", ward.stack.endpoint);
    let mut fields =
        vec![field("Action", "UpdateStack"), field("StackName", &ward.stack.name), field("TemplateURL", &url)];
    fields.push(field("Capabilities.member.1", "CAPABILITY_IAM"));
    fields.push(field("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"));
    let described = describe(ward).await;
    let keys = described.split("<ParameterKey>").skip(1).map(|rest| rest.split_once("</").unwrap().0);
    for (number, key) in keys.enumerate() {
        fields.push(field(&format!("Parameters.member.{}.ParameterKey", number + 1), key));
        fields.push(field(&format!("Parameters.member.{}.UsePreviousValue", number + 1), "true"));
    }
    ward.aws_form("cloudformation", &fields).await;
    wait::until("the stack is updated", async || describe(ward).await.contains(">UPDATE_COMPLETE<").then_some(()))
        .await;
}

async fn describe(ward: &Ward) -> String {
    ward.aws_form("cloudformation", &[field("Action", "DescribeStacks"), field("StackName", &ward.stack.name)]).await
}
