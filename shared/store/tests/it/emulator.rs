//! The local AWS, its clients, and a connection that lies when it is told to.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection as Kept,
    ProjectionType, ScalarAttributeType,
};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use countinghouse_store::{IndexSchema, Projection, TABLES, TableSchema};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// A local AWS that ends with this process.
pub(crate) struct Emulator {
    pub(crate) aws: Aws,
    input: ChildStdin,
    process: Child,
    _state: tempfile::TempDir,
}

impl Emulator {
    /// None where the Python tools are not installed.
    pub(crate) async fn start() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let python = root.join(".venv/bin/python");
        if !python.exists() {
            return None;
        }
        let state = tempfile::tempdir().unwrap();
        let mut process = Command::new(python)
            .arg(root.join("infra/local/stack.py"))
            .args(["start", "--until-stdin-closes", "--state"])
            .arg(state.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        let described: serde_json::Value = serde_json::from_str(&line).expect("the local AWS did not start");
        let endpoint = described["endpoint"].as_str().unwrap().to_owned();
        let http = aws_smithy_http_client::Builder::new().build_http();
        let aws = Aws { endpoint, http, case: String::new() };
        Some(Self { aws, input, process, _state: state })
    }

    pub(crate) async fn stop(mut self) {
        drop(self.input);
        // However it ends, it has ended.
        let _ended = self.process.wait().await;
    }
}

/// The clients of one case.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    endpoint: String,
    http: SharedHttpClient,
    case: String,
}

fn credentials() -> Credentials {
    Credentials::new("test", "test", None, None, "test")
}

const REGION: Region = Region::from_static("eu-west-1");

impl Aws {
    pub(crate) fn of_case(&self, case: &str) -> Self {
        // A bucket's name is short, and has neither capitals nor colons.
        let case: String = case.chars().filter(char::is_ascii_lowercase).collect();
        let case = case.strip_prefix("it").map_or(case.as_str(), |rest| rest).chars().take(50).collect();
        Self { case, ..self.clone() }
    }

    /// The same with a connection on which `lie` may answer in the place of AWS, or change its answer.
    pub(crate) fn lying(&self, lie: impl Lie + 'static) -> Self {
        let http = SharedHttpClient::new(Liar { inner: self.http.clone(), lie: Arc::new(lie) });
        Self { http, ..self.clone() }
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::from_conf(
            aws_sdk_dynamodb::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .endpoint_url(&self.endpoint)
                .region(REGION)
                .credentials_provider(credentials())
                .http_client(self.http.clone())
                .build(),
        )
    }

    pub(crate) fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::from_conf(
            aws_sdk_secretsmanager::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .endpoint_url(&self.endpoint)
                .region(REGION)
                .credentials_provider(credentials())
                .http_client(self.http.clone())
                .build(),
        )
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .endpoint_url(&self.endpoint)
                .region(REGION)
                .credentials_provider(credentials())
                .http_client(self.http.clone())
                .force_path_style(true)
                .build(),
        )
    }

    pub(crate) fn case(&self) -> &str {
        &self.case
    }

    /// A bucket of the case.
    pub(crate) async fn bucket(&self) -> String {
        let place = BucketLocationConstraint::from(REGION.as_ref());
        let place = CreateBucketConfiguration::builder().location_constraint(place).build();
        self.s3().create_bucket().bucket(&self.case).create_bucket_configuration(place).send().await.unwrap();
        self.case.clone()
    }

    /// A table of the case, by the end of its name.
    pub(crate) async fn table(&self, name: &str) -> String {
        let schema = TABLES.iter().find(|table| table.name == name).unwrap();
        let table = format!("{}-{name}", self.case);
        create(&self.dynamodb(), schema, &table).await;
        table
    }
}

async fn create(client: &aws_sdk_dynamodb::Client, table: &TableSchema, name: &str) {
    let mut names: Vec<&str> = std::iter::once(table.hash).chain(table.range).collect();
    names.extend(table.indexes.iter().flat_map(|index| [index.hash, index.range]));
    names.sort_unstable();
    names.dedup();
    let attribute = |name: &&str| {
        let definition = AttributeDefinition::builder().attribute_name(*name);
        definition.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let indexes: Vec<_> = table.indexes.iter().map(index).collect();
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(keys(table.hash, table.range)))
        .set_attribute_definitions(Some(names.iter().map(attribute).collect()))
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .send()
        .await
        .unwrap();
}

fn index(schema: &IndexSchema) -> GlobalSecondaryIndex {
    let kept = match schema.projection {
        Projection::All => Kept::builder().projection_type(ProjectionType::All),
        Projection::KeysOnly => Kept::builder().projection_type(ProjectionType::KeysOnly),
        Projection::Include(names) => Kept::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(names.iter().map(ToString::to_string).collect())),
    };
    let index = GlobalSecondaryIndex::builder().index_name(schema.name);
    index.set_key_schema(Some(keys(schema.hash, Some(schema.range)))).projection(kept.build()).build().unwrap()
}

fn keys(hash: &str, range: Option<&str>) -> Vec<KeySchemaElement> {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    std::iter::once(key(hash, KeyType::Hash)).chain(range.map(|name| key(name, KeyType::Range))).collect()
}

/// What a lying connection does with a request: answers it itself, or sends it and changes the answer's body.
pub(crate) trait Lie: Send + Sync {
    /// The body of an answer in the place of AWS's, for a request with this operation and body.
    fn instead(&self, operation: &str, body: &[u8]) -> Option<String> {
        let _ = (operation, body);
        None
    }

    /// What is left of the body of AWS's answer.
    fn cut(&self, operation: &str, body: Vec<u8>) -> Vec<u8> {
        let _ = operation;
        body
    }
}

#[derive(Clone)]
struct Liar<C> {
    inner: C,
    lie: Arc<dyn Lie>,
}

impl<C> std::fmt::Debug for Liar<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Liar")
    }
}

impl HttpClient for Liar<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Liar { inner, lie: Arc::clone(&self.lie) })
    }
}

impl HttpConnector for Liar<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
        let operation = target.map_or_else(|| request.method().to_owned(), |(_, name)| name.to_owned());
        if let Some(body) = self.lie.instead(&operation, request.body().bytes().unwrap_or_default()) {
            return HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), SdkBody::from(body))));
        }
        let (sent, lie) = (self.inner.call(request), Arc::clone(&self.lie));
        HttpConnectorFuture::new(async move {
            let mut response = sent.await?;
            let body = response.take_body();
            let whole = aws_sdk_s3::primitives::ByteStream::new(body).collect().await;
            let whole = whole.map_or_else(|_cut| Vec::new(), |bytes| bytes.into_bytes().to_vec());
            *response.body_mut() = SdkBody::from(lie.cut(&operation, whole));
            Ok(response)
        })
    }
}
