//! Payments a second into the local DynamoDB, against a bare loop on the same one.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    PutRequest, ScalarAttributeType, WriteRequest,
};
use countinghouse_domain::payment::Classifier;
use countinghouse_domain::settlement::Tally;
use countinghouse_store::{Item, Payments, TABLES, TableSchema, WriterSettings, payment_item};
use serde::Deserialize;
use tokio::task::JoinSet;

use crate::generate::settlement::Settlement;
use crate::measure::{Rate, grouped};
use crate::report::Report;
use crate::settlement::{context, open_settlement};
use crate::{Bench, Outcome};

/// A bare loop has as many requests on the way as the program's writer.
const BATCH: usize = 25;

/// Measures.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome {
    let rows = if bench.quick { 10_000 } else { 100_000 };
    let made = Settlement::new(&bench.cache, rows)?;
    let file = made.file(&bench.cache)?;
    let emulator = Emulator::start(bench)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (bare, booked) = runtime.block_on(async {
        let client = emulator.client();
        // The emulator slows down as it fills, so each side goes first once, and the better run of each counts.
        let first_bare = bare_loop(&client, "bench-bare-1", &file).await?;
        let first_booked = book(&client, "bench-booked-1", &file).await?;
        let second_booked = book(&client, "bench-booked-2", &file).await?;
        let second_bare = bare_loop(&client, "bench-bare-2", &file).await?;
        Outcome::Ok((better(first_bare, second_bare), better(first_booked, second_booked)))
    })?;
    report.tell(format!("local DynamoDB, {} rows: bare BatchWriteItem loop", grouped(rows)), bare.of("items"));
    report.tell("  read, map, prove and write", booked.of("items"));
    let ratio = booked.over(bare);
    report.hold("    against the bare loop", format!("{ratio:.2} of it"), "at least 0.6", ratio >= 0.6);
    Ok(())
}

fn better(one: Rate, other: Rate) -> Rate {
    if one.per_second >= other.per_second { one } else { other }
}

/// The program's way: from the compressed file into the table.
async fn book(client: &Client, table: &str, file: &Path) -> Outcome<Rate> {
    create(client, table).await?;
    let start = Instant::now();
    let mut reader = open_settlement(File::open(file)?)?;
    let header = reader.header().clone();
    let context = context(&header.settlement_id, header.currency)?;
    let (mut tally, mut classifier) = (Tally::default(), Classifier::new());
    let mut writer = Payments::new(client.clone(), table).writer(WriterSettings::default());
    while let Some(amount) = reader.next_amount()? {
        let class = classifier.classify(&amount);
        tally.add(&amount, class)?;
        writer.push(payment_item(&context, &amount, class)).await?;
    }
    let written = writer.finish().await?.items;
    if written != tally.all().count || tally.all().sum != header.total_amount {
        return Err(format!("{written} items written, {tally:?} read").into());
    }
    Ok(Rate::new(written, start.elapsed()))
}

/// Nothing but sending: the items are ready before the clock starts.
async fn bare_loop(client: &Client, table: &str, file: &Path) -> Outcome<Rate> {
    create(client, table).await?;
    let batches = batches(file)?;
    let count = u64::try_from(batches.iter().map(Vec::len).sum::<usize>())?;
    let start = Instant::now();
    let mut on_the_way = JoinSet::new();
    for batch in batches {
        if on_the_way.len() >= WriterSettings::default().in_flight
            && let Some(done) = on_the_way.join_next().await
        {
            done??;
        }
        on_the_way.spawn(send(client.clone(), table.to_owned(), batch));
    }
    while let Some(done) = on_the_way.join_next().await {
        done??;
    }
    Ok(Rate::new(count, start.elapsed()))
}

async fn send(client: Client, table: String, items: Vec<Item>) -> Outcome {
    let mut requests = Vec::with_capacity(items.len());
    for item in items {
        let put = PutRequest::builder().set_item(Some(item)).build()?;
        requests.push(WriteRequest::builder().put_request(put).build());
    }
    let answer = client.batch_write_item().request_items(table, requests).send().await?;
    if answer.unprocessed_items.is_some_and(|tables| !tables.is_empty()) {
        return Err("the local DynamoDB handed items back".into());
    }
    Ok(())
}

fn batches(file: &Path) -> Outcome<Vec<Vec<Item>>> {
    let mut reader = open_settlement(File::open(file)?)?;
    let header = reader.header().clone();
    let context = context(&header.settlement_id, header.currency)?;
    let mut classifier = Classifier::new();
    let mut batches: Vec<Vec<Item>> = Vec::new();
    while let Some(amount) = reader.next_amount()? {
        let class = classifier.classify(&amount);
        let item = payment_item(&context, &amount, class).item;
        match batches.last_mut() {
            Some(last) if last.len() < BATCH => last.push(item),
            _ => batches.push(vec![item]),
        }
    }
    Ok(batches)
}

/// Makes a table with the keys and the index of the payments.
async fn create(client: &Client, table: &str) -> Outcome {
    let TableSchema { hash, range, indexes, .. } =
        TABLES.iter().find(|each| each.name == "payments").ok_or("there is no table of payments")?;
    let key = |name: &str, key_type| KeySchemaElement::builder().attribute_name(name).key_type(key_type).build();
    let mut names = vec![*hash];
    let mut request = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    request = request.key_schema(key(hash, KeyType::Hash)?);
    if let Some(range) = range {
        names.push(range);
        request = request.key_schema(key(range, KeyType::Range)?);
    }
    for index in *indexes {
        names.extend([index.hash, index.range]);
        let projection = match index.projection {
            countinghouse_store::Projection::KeysOnly => {
                Projection::builder().projection_type(ProjectionType::KeysOnly)
            }
            countinghouse_store::Projection::All => Projection::builder().projection_type(ProjectionType::All),
            countinghouse_store::Projection::Include(kept) => Projection::builder()
                .projection_type(ProjectionType::Include)
                .set_non_key_attributes(Some(kept.iter().map(ToString::to_string).collect())),
        };
        let index = GlobalSecondaryIndex::builder()
            .index_name(index.name)
            .key_schema(key(index.hash, KeyType::Hash)?)
            .key_schema(key(index.range, KeyType::Range)?)
            .projection(projection.build())
            .build()?;
        request = request.global_secondary_indexes(index);
    }
    for name in names {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        request = request.attribute_definitions(attribute.build()?);
    }
    request.send().await?;
    Ok(())
}

/// A local AWS that ends with this program.
struct Emulator {
    process: Child,
    described: Described,
}

/// What it prints when it is ready.
#[derive(Deserialize)]
struct Described {
    endpoint: String,
    region: String,
}

impl Emulator {
    fn start(bench: &Bench) -> Outcome<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/local/stack.py");
        let mut process = Command::new(&bench.python)
            .arg(script)
            .args(["start", "--until-stdin-closes", "--state"])
            .arg(bench.cache.join("aws"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let described = serde_json::from_str(&line).map_err(|_other| "the local AWS did not start")?;
        Ok(Self { process, described })
    }

    fn client(&self) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.described.region.clone()))
            .endpoint_url(&self.described.endpoint)
            .credentials_provider(Credentials::new("test", "test", None, None, "bench"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Client::from_conf(config)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It stops when its standard input closes.
        drop(self.process.stdin.take());
        let _status = self.process.wait();
    }
}
