//! A stack in which everything is as it should be, for doctor to examine.

use aws_sdk_dynamodb::Client;
use aws_sdk_s3::primitives::ByteStream;
use countinghouse_domain::job::JobState;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::buyer::Buyer;
use countinghouse_it::operator::{Said, run};
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::Vendor;
use countinghouse_it::wait;
use countinghouse_store::{
    ApplicationCredentials, Flows, Jobs, Secrets, Sellers, account_secret_name, application_secret_name, profile_key,
};
use fake_amazon::{NotificationMode, Region, SellerConfig};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A schedule that is on and does not run in the middle of a test.
const NEVER_NOW: &str = "cron(0 0 1 1 ? *)";
/// The rare types of notifications that a seller with all flows hears of.
const TYPES: [&str; 2] = ["REPORT_PROCESSING_FINISHED", "FEED_PROCESSING_FINISHED"];

/// One finding, as a script reads it.
pub(crate) struct Defect {
    pub(crate) check: String,
    pub(crate) of: String,
    pub(crate) result: String,
    pub(crate) text: String,
    pub(crate) cure: String,
}

/// The stack, with an account of each kind.
pub(crate) struct Ward {
    pub(crate) stack: Stack,
    pub(crate) seller: Seller,
    pub(crate) vendor: Vendor,
    pub(crate) buyer: Buyer,
    /// The settlement that is booked.
    pub(crate) settlement: String,
    /// Where Amazon sends notifications: the destination's id.
    pub(crate) destination: String,
    http: reqwest::Client,
}

impl Ward {
    /// Deploys a stack, connects its accounts, lets everything run once, and sees that doctor finds nothing.
    pub(crate) async fn healthy(suite: &Suite, name: &str) -> Self {
        let parameters = [
            ("ScheduleState", "ENABLED"),
            ("CreateReportsSchedule", NEVER_NOW),
            ("PollJobsSchedule", NEVER_NOW),
            ("PullPurchasesSchedule", NEVER_NOW),
            ("WatchBooksSchedule", NEVER_NOW),
            ("AlarmEmail", "finance@example.com"),
        ];
        let stack = suite.deploy(name, &parameters, calm()).await;
        stack.notify(NotificationMode::Never);
        let seller = Seller::european(&stack).await;
        let vendor = Vendor::connect(&stack).await;
        let buyer = Buyer::connect(&stack, Region::Eu).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (settlement, destination) = (String::new(), String::new());
        let mut ward = Self { stack, seller, vendor, buyer, settlement, destination, http };
        ward.connect().await;
        ward.subscribe().await;
        ward.book().await;
        ward.is_well("nothing is broken yet").await;
        ward
    }

    /// The seller with every flow, in the way in which secrets are kept now; the others as they were connected.
    async fn connect(&self) {
        let id = self.seller.id.parse().unwrap();
        self.put_application(|_| {}).await;
        self.put_account(&format!("Atzr|test-{}", self.number())).await;
        let sellers = self.sellers();
        let mut row = sellers.get(&id).await.unwrap().unwrap();
        row.connected_at = days_ago(3);
        row.flows = Flows { vat: true, settlements: true, invoicing: true, ..Flows::default() };
        sellers.put(&row).await.unwrap();
        let bucket = self.stack.output("ReportsBucketName");
        let profile = self.s3().put_object().bucket(bucket).key(profile_key(&id));
        profile.body(ByteStream::from_static(b"# of no use here")).send().await.unwrap();
    }

    /// The seller's refresh token ends in its number, as its id begins with it.
    fn number(&self) -> u32 {
        self.seller.id.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }

    /// The name of the application's secret.
    pub(crate) fn application(&self) -> String {
        application_secret_name(&self.stack.name)
    }

    /// Stores the application's credentials, as they are right, changed by the case.
    pub(crate) async fn put_application(&self, change: impl FnOnce(&mut ApplicationCredentials)) {
        let example = SellerConfig::example_eu();
        let mut right = ApplicationCredentials::new(example.client_id, example.client_secret.expose().into());
        right.client_secret_expires_at = Some(days_ahead(150));
        change(&mut right);
        self.secrets().put_application(&self.application(), &right).await.unwrap();
    }

    /// Stores the seller's refresh token.
    pub(crate) async fn put_account(&self, refresh_token: &str) {
        let name = account_secret_name(&self.seller.id.parse().unwrap());
        self.secrets().put_account(&name, &self.application(), &refresh_token.to_owned().into()).await.unwrap();
    }

    /// The seller's right refresh token.
    pub(crate) async fn put_account_right(&self) {
        self.put_account(&format!("Atzr|test-{}", self.number())).await;
    }

    /// Names the stack's queue to Amazon, and subscribes the seller.
    pub(crate) async fn subscribe(&mut self) {
        let queue = self.stack.output("NotificationsQueueArn").to_owned();
        self.destination = self.create_destination(&queue).await;
        for notification in TYPES {
            self.create_subscription(notification, &self.destination).await;
        }
    }

    /// A destination of the application at Amazon. Answers its id.
    pub(crate) async fn create_destination(&self, queue: &str) -> String {
        let body = json!({"name": "test", "resourceSpecification": {"sqs": {"arn": queue}}});
        let token = self.grantless_token().await;
        let made = self.amazon("POST", "/notifications/v1/destinations", &token, &body).await;
        made["payload"]["destinationId"].as_str().unwrap().to_owned()
    }

    /// Takes a destination away.
    pub(crate) async fn delete_destination(&self, id: &str) {
        let token = self.grantless_token().await;
        self.amazon("DELETE", &format!("/notifications/v1/destinations/{id}"), &token, &Value::Null).await;
    }

    /// A subscription of the seller.
    pub(crate) async fn create_subscription(&self, notification: &str, destination: &str) {
        let body = json!({"payloadVersion": "1.0", "destinationId": destination});
        let token = self.sellers_token().await;
        self.amazon("POST", &format!("/notifications/v1/subscriptions/{notification}"), &token, &body).await;
    }

    /// Ends a subscription of the seller.
    pub(crate) async fn delete_subscription(&self, notification: &str) {
        let path = format!("/notifications/v1/subscriptions/{notification}");
        let found = self.amazon("GET", &path, &self.sellers_token().await, &Value::Null).await;
        let id = found["payload"]["subscriptionId"].as_str().unwrap().to_owned();
        self.amazon("DELETE", &format!("{path}/{id}"), &self.grantless_token().await, &Value::Null).await;
    }

    async fn grantless_token(&self) -> String {
        self.token(&[("grant_type", "client_credentials"), ("scope", "sellingpartnerapi::notifications")]).await
    }

    async fn sellers_token(&self) -> String {
        let refresh_token = format!("Atzr|test-{}", self.number());
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]).await
    }

    async fn token(&self, asked: &[(&str, &str)]) -> String {
        let example = SellerConfig::example_eu();
        let mut body = json!({"client_id": example.client_id, "client_secret": example.client_secret.expose()});
        for (name, value) in asked {
            body[*name] = json!(value);
        }
        let answer = self.http.post(self.stack.amazon.token_url()).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn amazon(&self, method: &str, path: &str, token: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.stack.amazon.region_url(Region::Eu));
        let request = self.http.request(method.parse().unwrap(), url).header("x-amz-access-token", token);
        let request = request.header("user-agent", "test/1 (Language=Rust)");
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Changes what the fake Amazon knows, by one of its own endpoints.
    pub(crate) async fn at_amazon(&self, method: &str, path: &str, body: &Value) {
        let url = format!("{}/_fake{path}", self.stack.amazon.base_url());
        let answer = self.http.request(method.parse().unwrap(), url).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    }

    /// Everything runs once: a settlement is booked, reports are asked for, purchases are pulled.
    async fn book(&mut self) {
        let text = self.seller.own_settlement(&Story::of_today().text("eu/settlement-2.txt"));
        settlement_id(&text).clone_into(&mut self.settlement);
        self.seller.close(&self.stack, &text);
        self.stack.run_schedule("create-reports").await;
        self.stack.poll().await;
        self.stack.until_settled(&self.seller, &self.settlement).await;
        self.stack.run_schedule("pull-purchases").await;
        let id = self.buyer.id.parse().unwrap();
        wait::until("every day of purchases is pulled", async || {
            let windows = self.stack.purchases().windows(&id).await.unwrap();
            (!windows.is_empty() && windows.iter().all(|window| window.state.is_over())).then_some(())
        })
        .await;
        let jobs = self.stack.jobs();
        wait::until("every report is over", async || {
            self.stack.poll().await;
            let all = jobs.list(&self.seller.id.parse().unwrap(), 100).await.unwrap();
            let over = [JobState::Booked, JobState::Cancelled];
            (!all.is_empty() && all.iter().all(|job| over.contains(&job.state))).then_some(())
        })
        .await;
        for queue in ["DownloadsQueueUrl", "BookingsQueueUrl", "PurchasesQueueUrl"] {
            wait::until(queue, async || self.stack.is_empty(queue).await.then_some(())).await;
        }
    }

    /// Examines the stack, for scripts.
    pub(crate) async fn examine(&self, more: &[&str]) -> Said {
        run(&self.stack, &[&["doctor", "--json"], more].concat()).await
    }

    /// Doctor finds exactly these: the check, and what stands in its `of`; and the first one's cure says this.
    pub(crate) async fn finds(&self, broken: &str, expected: &[(&str, &str)], cure: &str) -> Vec<Defect> {
        let said = self.examine(&[]).await;
        let defects = defects(&said, broken);
        let found: Vec<_> = defects.iter().map(|defect| (defect.check.as_str(), defect.of.as_str())).collect();
        assert_eq!(found, expected, "{broken}\n{}", said.stdout);
        assert!(defects[0].cure.contains(cure), "{broken}: {cure} is not in\n{}", defects[0].cure);
        assert_eq!(said.code, 2, "{broken}");
        defects
    }

    /// Doctor finds nothing, and leaves nothing out.
    pub(crate) async fn is_well(&self, why: &str) {
        let said = self.examine(&[]).await;
        let results: Vec<_> = lines(&said).iter().map(|line| line["result"].as_str().unwrap().to_owned()).collect();
        assert!(results.iter().all(|result| result == "fine"), "{why}\n{}{}", said.stdout, said.stderr);
        assert!(results.len() > 50, "{why}\n{}", said.stdout);
        assert_eq!(said.code, 0, "{why}\n{}", said.stderr);
    }

    /// Everything that the stack and Amazon hold, to be compared.
    pub(crate) async fn contents(&self) -> BTreeMap<String, Value> {
        let mut contents = BTreeMap::new();
        let outputs = self.stack.outputs.clone();
        for (name, value) in &outputs {
            if name.ends_with("TableName") {
                let mut items = self.stack.items(name).await;
                items.sort_by_key(ToString::to_string);
                contents.insert(name.clone(), json!(items));
            }
            if name.ends_with("Url") {
                let asked = json!({"QueueUrl": value, "AttributeNames": ["All"]});
                contents.insert(name.clone(), self.aws_json("sqs", "AmazonSQS.GetQueueAttributes", &asked).await);
            }
        }
        let own = [&self.seller.id, &self.vendor.id, &self.buyer.id, &self.stack.name].map(|id| format!("/{id}"));
        // Other stacks in the same local AWS have secrets, too.
        let is_own = |secret: &&Value| own.iter().any(|end| secret["Name"].as_str().unwrap().ends_with(end.as_str()));
        for secret in self.every_secret().await.iter().filter(is_own) {
            let (id, key) = (json!({"SecretId": secret["Name"]}), format!("secret {}", secret["Name"]));
            let mut versions = self.aws_json("secretsmanager", "secretsmanager.ListSecretVersionIds", &id).await;
            // When a secret was read last is not what it says.
            forget(&mut versions, "LastAccessedDate");
            let value = self.aws_json("secretsmanager", "secretsmanager.GetSecretValue", &id).await;
            contents.insert(key, json!([versions, value["SecretString"], value["VersionId"]]));
        }
        assert_eq!(contents.keys().filter(|name| name.starts_with("secret ")).count(), own.len());
        let state = self.http.get(format!("{}/_fake/state", self.stack.amazon.base_url())).send().await.unwrap();
        let mut state: Value = state.json().await.unwrap();
        // It counts the calls, and its clock runs.
        for name in ["calls", "now"] {
            state.as_object_mut().unwrap().remove(name);
        }
        contents.insert("Amazon".to_owned(), state);
        let bucket = self.stack.output("ReportsBucketName");
        let objects = self.s3().list_object_versions().bucket(bucket).send().await.unwrap();
        let versions: Vec<_> = objects
            .versions()
            .iter()
            .map(|each| (each.key().unwrap_or_default().to_owned(), each.version_id().unwrap_or_default().to_owned()))
            .collect();
        assert!(!versions.is_empty());
        contents.insert("bucket".to_owned(), json!(versions));
        contents
    }

    /// Every secret of the local AWS, however many other stacks have some.
    async fn every_secret(&self) -> Vec<Value> {
        let (mut secrets, mut page) = (Vec::new(), json!({"MaxResults": 100}));
        loop {
            let listed = self.aws_json("secretsmanager", "secretsmanager.ListSecrets", &page).await;
            secrets.extend(listed["SecretList"].as_array().unwrap().iter().cloned());
            match listed.get("NextToken").and_then(Value::as_str) {
                Some(token) => page["NextToken"] = json!(token),
                None => return secrets,
            }
        }
    }

    /// A call of the local AWS for which there is no client here.
    pub(crate) async fn aws_json(&self, service: &str, target: &str, body: &Value) -> Value {
        let media = if service == "sqs" { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" };
        let request = self.http.post(&self.stack.endpoint).header("authorization", authorization(service));
        let request = request.header("x-amz-target", target).header("content-type", media).body(body.to_string());
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{target}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// The same for a service whose calls are paths.
    pub(crate) async fn aws_path(&self, service: &str, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.stack.endpoint);
        let request = self.http.request(method.parse().unwrap(), url).header("authorization", authorization(service));
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// The same for a service of forms.
    pub(crate) async fn aws_form(&self, service: &str, fields: &[(String, String)]) -> String {
        let request = self.http.post(&self.stack.endpoint).header("authorization", authorization(service));
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        let form: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.join("&"));
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{fields:?}: {status} {text}");
        text
    }

    pub(crate) fn sellers(&self) -> Sellers {
        Sellers::new(Client::new(&self.stack.aws), self.stack.output("SellersTableName"))
    }

    pub(crate) fn jobs(&self) -> Jobs {
        self.stack.jobs()
    }

    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::new(aws_sdk_secretsmanager::Client::new(&self.stack.aws), Arc::new(SystemClock))
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.stack.aws).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.stack.aws)
    }
}

fn authorization(service: &str) -> String {
    let scope = format!("test/20260101/eu-west-1/{service}/aws4_request");
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
}

fn forget(value: &mut Value, name: &str) {
    match value {
        Value::Object(fields) => {
            fields.remove(name);
            fields.values_mut().for_each(|each| forget(each, name));
        }
        Value::Array(values) => values.iter_mut().for_each(|each| forget(each, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

pub(crate) fn lines(said: &Said) -> Vec<Value> {
    let lines: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!lines.is_empty(), "{}", said.stderr);
    lines
}

/// What is not as it should be; each says what is wrong and how it is mended.
pub(crate) fn defects(said: &Said, why: &str) -> Vec<Defect> {
    let is_defect = |line: &&Value| line["result"] == "look" || line["result"] == "broken";
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let read = |line: &Value| Defect {
        check: text(line, "check"),
        of: text(line, "of"),
        result: text(line, "result"),
        text: text(line, "text"),
        cure: line["cure"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect::<Vec<_>>().join("\n"),
    };
    let defects: Vec<_> = lines(said).iter().filter(is_defect).map(read).collect();
    for defect in &defects {
        assert!(!defect.cure.is_empty() && !defect.text.is_empty(), "{why}: {} has no cure", defect.check);
    }
    assert!(!defects.is_empty(), "{why}: doctor found nothing\n{}", said.stdout);
    defects
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    whole(SystemClock.now() - SignedDuration::from_hours(24 * days))
}

pub(crate) fn days_ahead(days: i64) -> Timestamp {
    whole(SystemClock.now() + SignedDuration::from_hours(24 * days))
}

pub(crate) fn whole(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap()
}
