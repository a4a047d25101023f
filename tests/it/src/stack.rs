//! One deployed stack with its own fake Amazon.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::sync::OnceLock;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use fake_amazon::{Delays, FakeAmazon, NotificationMode, NotificationSettings, RateSettings, Scenario};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::suite::{python, root};

const REGION: &str = "eu-west-1";

/// A scenario in which nothing but the case itself makes trouble: reports are done at once, and the limits are so
/// wide that many cases can poll.
pub fn calm() -> Scenario {
    Scenario {
        delays: Delays { queue_ms: 0, processing_ms: 0 },
        rates: RateSettings { scale: 10_000.0, ..RateSettings::default() },
        ..Scenario::default()
    }
}

/// The runtime that fake Amazons live on, beside the one of the cases.
fn servers() -> &'static Runtime {
    static SERVERS: OnceLock<Runtime> = OnceLock::new();
    SERVERS.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
}

/// The template, deployed, and the Amazon that it talks to.
#[derive(Debug)]
pub struct Stack {
    /// The stack's name.
    pub name: String,
    /// The local AWS.
    pub endpoint: String,
    /// What the template puts out, by name.
    pub outputs: BTreeMap<String, String>,
    /// The Amazon of this stack.
    pub amazon: FakeAmazon,
    /// For clients of the local AWS.
    pub aws: SdkConfig,
    http: reqwest::Client,
    /// Held while poll-jobs runs.
    polling: tokio::sync::Mutex<()>,
}

impl Stack {
    pub(crate) async fn deploy(endpoint: &str, name: &str, parameters: &[(&str, &str)], scenario: Scenario) -> Self {
        let mut stack = Self::undeployed(endpoint, name, scenario).await;
        stack.outputs = deploy_template(endpoint, name, parameters, &stack.amazon).await;
        stack.notify(NotificationMode::Once);
        stack
    }

    pub(crate) async fn undeployed(endpoint: &str, name: &str, scenario: Scenario) -> Self {
        let amazon = servers().spawn(FakeAmazon::start(scenario)).await.unwrap().unwrap();
        // Whoever is first installs it; all install the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (name, outputs, aws) = (name.to_owned(), BTreeMap::new(), configuration(endpoint));
        Self { name, endpoint: endpoint.to_owned(), outputs, amazon, aws, http, polling: tokio::sync::Mutex::default() }
    }

    /// Changes how often Amazon notifies.
    pub fn notify(&self, mode: NotificationMode) {
        self.amazon.set_notifications(NotificationSettings {
            queue_url: self.outputs.get("NotificationsQueueUrl").cloned(),
            endpoint_url: Some(self.endpoint.clone()),
            region: Some(REGION.to_owned()),
            mode,
            ..NotificationSettings::default()
        });
    }

    /// The variables that tell a program where this stack's Amazon is.
    pub fn amazon_endpoints(&self) -> Vec<(&'static str, String)> {
        let region = |region| self.amazon.region_url(region);
        vec![
            ("LWA_ENDPOINT", self.amazon.token_url()),
            ("SP_API_ENDPOINT_NA", region(fake_amazon::Region::Na)),
            ("SP_API_ENDPOINT_EU", region(fake_amazon::Region::Eu)),
            ("SP_API_ENDPOINT_FE", region(fake_amazon::Region::Fe)),
            ("BUSINESS_API_ENDPOINT_NA", region(fake_amazon::Region::Na)),
            ("BUSINESS_API_ENDPOINT_EU", region(fake_amazon::Region::Eu)),
            ("BUSINESS_API_ENDPOINT_JP", region(fake_amazon::Region::Fe)),
        ]
    }

    /// One output of the template, for example `JobsTableName`.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("the template has no output {name}"))
    }

    /// Does what a schedule does: invokes its target with its input. Answers what the function answered.
    pub async fn run_schedule(&self, name: &str) -> Value {
        let schedule = self.get("scheduler", &format!("schedules/{}-{name}", self.name)).await;
        let target = &schedule["Target"];
        let input = target["Input"].as_str().unwrap_or_else(|| panic!("the schedule has no input: {schedule}"));
        let function = target["Arn"].as_str().and_then(|arn| arn.rsplit(':').next()).unwrap();
        self.invoke(function, serde_json::from_str(input).unwrap()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Polls, as the schedule does: one run after the other. Two runs at once may hand a report on twice, which changes
    /// nothing in the books but gives a document whose first download was faulty a second one.
    pub async fn poll(&self) -> Value {
        let _one_at_a_time = self.polling.lock().await;
        self.run_schedule("poll-jobs").await
    }

    /// Asks for one seller's VAT reports, as a person does.
    pub async fn request_vat(&self, seller_id: &str) -> Value {
        let order = json!({"version": 1, "seller_id": seller_id});
        let function = format!("{}-create-reports", self.name);
        self.invoke(&function, order).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Invokes a function; its error as text.
    pub async fn invoke(&self, function: &str, payload: Value) -> Result<Value, String> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.endpoint);
        let request = self.http.post(url).header("authorization", authorization("lambda")).json(&payload);
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let failed = answer.headers().contains_key("x-amz-function-error");
        let body: Value = answer.json().await.map_err(|error| error.to_string())?;
        if failed { Err(format!("{function}: {body}")) } else { Ok(body) }
    }

    /// The names of the variables that the template sets for a function.
    pub async fn function_variables(&self, function: &str) -> BTreeSet<String> {
        let path = format!("2015-03-31/functions/{}-{function}/configuration", self.name);
        let configuration = self.get("lambda", &path).await;
        let variables = configuration["Environment"]["Variables"].as_object();
        variables.unwrap_or_else(|| panic!("{function} has no variables: {configuration}")).keys().cloned().collect()
    }

    async fn get(&self, service: &str, path: &str) -> Value {
        let url = format!("{}/{path}", self.endpoint);
        let answer = self.http.get(url).header("authorization", authorization(service)).send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path} answers {status}, {error}: {body}"))
    }

    /// A table as DynamoDB describes it; plain, because the local one writes a flag as a text.
    pub async fn describe_table(&self, name: &str) -> Value {
        let request = self.http.post(&self.endpoint).header("authorization", authorization("dynamodb"));
        let request =
            request.header("x-amz-target", "DynamoDB_20120810.DescribeTable").json(&json!({"TableName": name}));
        let described: Value = request.send().await.unwrap().json().await.unwrap();
        described["Table"].clone()
    }

    /// What a function has logged, by the command that people use.
    pub async fn logs(&self, function: &str) -> Vec<String> {
        let command = python("stack.py")
            .args(["logs", "--endpoint", &self.endpoint, "--stack", &self.name, function])
            .stdin(Stdio::null())
            .output();
        let output = command.await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// Sends a message to one of the stack's queues, by the name of its output.
    pub async fn send(&self, queue: &str, body: impl Into<String>) {
        let sqs = aws_sdk_sqs::Client::new(&self.aws);
        sqs.send_message().queue_url(self.output(queue)).message_body(body).send().await.unwrap();
    }

    /// Whether a queue has no message: neither waiting nor delayed nor in a function's hands.
    pub async fn is_empty(&self, queue: &str) -> bool {
        let counts = self.counts(queue).await;
        counts.waiting + counts.delayed + counts.in_hand == 0
    }

    /// How many messages a queue has.
    pub async fn counts(&self, queue: &str) -> Counts {
        use aws_sdk_sqs::types::QueueAttributeName::{
            All, ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed, ApproximateNumberOfMessagesNotVisible,
        };
        let sqs = aws_sdk_sqs::Client::new(&self.aws);
        let answer =
            sqs.get_queue_attributes().queue_url(self.output(queue)).attribute_names(All).send().await.unwrap();
        let attributes = answer.attributes.unwrap();
        let count = |name| attributes.get(&name).map_or(0, |text| text.parse().unwrap());
        Counts {
            waiting: count(ApproximateNumberOfMessages),
            delayed: count(ApproximateNumberOfMessagesDelayed),
            in_hand: count(ApproximateNumberOfMessagesNotVisible),
        }
    }

    /// Takes the messages of a queue that no function reads, for example a dead-letter queue.
    pub async fn take_messages(&self, queue: &str) -> Vec<String> {
        let sqs = aws_sdk_sqs::Client::new(&self.aws);
        let url = self.output(queue);
        let received = sqs.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(0);
        let mut bodies = Vec::new();
        for message in received.send().await.unwrap().messages.unwrap_or_default() {
            sqs.delete_message().queue_url(url).receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
            bodies.push(message.body.unwrap_or_default());
        }
        bodies
    }
}

/// The messages of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Ready to be taken.
    pub waiting: u64,
    /// Not before a time.
    pub delayed: u64,
    /// Taken, and not yet done.
    pub in_hand: u64,
}

/// Clients of the local AWS; nothing of the user's own AWS has a part in it.
pub fn configuration(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

/// A header that names the service; the local AWS checks no signature.
fn authorization(service: &str) -> String {
    let scope = format!("test/20260101/{REGION}/{service}/aws4_request");
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
}

async fn deploy_template(
    endpoint: &str,
    name: &str,
    parameters: &[(&str, &str)],
    amazon: &FakeAmazon,
) -> BTreeMap<String, String> {
    let packaged = root().join("target/lambda/book-documents/bootstrap");
    assert!(packaged.exists(), "the functions are not packaged: run `make package`, or `make test`, which does it");
    let mut command = python("stack.py");
    command.args(["deploy", "--endpoint", endpoint, "--stack", name]);
    let endpoints = [
        ("LwaEndpoint", amazon.token_url()),
        ("SpApiEndpointNa", amazon.region_url(fake_amazon::Region::Na)),
        ("SpApiEndpointEu", amazon.region_url(fake_amazon::Region::Eu)),
        ("SpApiEndpointFe", amazon.region_url(fake_amazon::Region::Fe)),
        ("BusinessApiEndpointNa", amazon.region_url(fake_amazon::Region::Na)),
        ("BusinessApiEndpointEu", amazon.region_url(fake_amazon::Region::Eu)),
        ("BusinessApiEndpointJp", amazon.region_url(fake_amazon::Region::Fe)),
    ];
    for (parameter, value) in endpoints {
        command.arg("--parameter").arg(format!("{parameter}={value}"));
    }
    for (parameter, value) in parameters {
        command.arg("--parameter").arg(format!("{parameter}={value}"));
    }
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    assert!(output.status.success(), "the stack {name} was not deployed:\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
