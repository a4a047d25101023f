//! What two places say and must agree on: the template and the programs, the events and their functions, the
//! layers and what they may depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use aws_lambda_events::sqs::SqsEvent;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::buyer::Buyer;
use countinghouse_it::calls::recorded;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::{Suite, root};
use countinghouse_runtime::config::{ConfigError, Variables};
use countinghouse_runtime::function::Invocation;
use countinghouse_store::{Projection, TABLES};
use jiff::SignedDuration;
use serde_json::Value;

cases![
    every_function_asks_for_the_variables_that_the_template_sets,
    the_template_makes_the_tables_that_the_program_knows,
    every_event_is_handled_by_its_function,
    the_pure_crates_depend_on_nothing_that_does_io,
    the_story_is_what_its_script_writes,
];

/// Which variables a function asks for when it starts.
fn asked(build: impl Fn(&Variables) -> Result<(), ConfigError>, variables: &Variables) -> BTreeSet<String> {
    build(variables).unwrap();
    // Every function starts its log and its metrics with these; see countinghouse_runtime::function.
    let of_all = ["LOG_LEVEL", "STACK_NAME"].map(str::to_owned);
    variables.asked().into_iter().filter(|name| !name.starts_with("AWS_")).map(str::to_owned).chain(of_all).collect()
}

/// The error that every function shares.
fn ready(made: Result<issue_invoices::Dependencies, issue_invoices::StartError>) -> Result<(), ConfigError> {
    match made {
        Ok(_) => Ok(()),
        Err(issue_invoices::StartError::Config(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

async fn every_function_asks_for_the_variables_that_the_template_sets(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let aws = &stack.aws;
    let asked: BTreeMap<&str, BTreeSet<String>> = [
        ("create-reports", asked(|from| create_reports::Dependencies::new(from, aws).map(drop), &stack.variables())),
        ("poll-jobs", asked(|from| poll_jobs::Dependencies::new(from, aws).map(drop), &stack.variables())),
        (
            "receive-notifications",
            asked(|from| receive_notifications::Dependencies::new(from, aws).map(drop), &stack.variables()),
        ),
        (
            "download-documents",
            asked(|from| download_documents::Dependencies::new(from, aws).map(drop), &stack.variables()),
        ),
        ("book-documents", asked(|from| book_documents::Dependencies::new(from, aws).map(drop), &stack.variables())),
        ("issue-invoices", asked(|from| ready(issue_invoices::Dependencies::new(from, aws)), &stack.variables())),
        ("pull-purchases", asked(|from| pull_purchases::Dependencies::new(from, aws).map(drop), &stack.variables())),
        (
            "submit-vendor-invoices",
            asked(|from| submit_vendor_invoices::Dependencies::new(from, aws).map(drop), &stack.variables()),
        ),
        ("watch-books", asked(|from| watch_books::Dependencies::new(from, aws).map(drop), &stack.variables())),
        ("upload-invoices", asked(|from| upload_invoices::Dependencies::new(from, aws).map(drop), &stack.variables())),
        ("rotate-secrets", asked(|from| rotate_secrets::Dependencies::new(from, aws).map(drop), &stack.variables())),
    ]
    .into();
    for (function, asked) in asked {
        let set = stack.function_variables(function).await;
        assert_eq!(asked, set, "{function}: asked for on the left, set by the template on the right");
    }
}

async fn the_template_makes_the_tables_that_the_program_knows(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    for table in TABLES {
        let name = format!("{}-{}", stack.name, table.name);
        let described = stack.describe_table(&name).await;
        let wanted: Vec<_> = [table.hash].into_iter().chain(table.range).collect();
        assert_eq!(keys(&described), wanted, "{name}");
        let indexes = described["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
        assert_eq!(indexes.len(), table.indexes.len(), "{name}");
        for index in table.indexes {
            let there = indexes.iter().find(|each| each["IndexName"] == index.name);
            let there = there.unwrap_or_else(|| panic!("{name} has no index {}", index.name));
            assert_eq!(keys(there), [index.hash, index.range], "{name} {}", index.name);
            let kind = there["Projection"]["ProjectionType"].as_str().unwrap();
            let included = there["Projection"]["NonKeyAttributes"].as_array().cloned().unwrap_or_default();
            let included: BTreeSet<_> = included.iter().map(|each| each.as_str().unwrap()).collect();
            let wanted = match index.projection {
                Projection::All => ("ALL", BTreeSet::new()),
                Projection::KeysOnly => ("KEYS_ONLY", BTreeSet::new()),
                Projection::Include(names) => ("INCLUDE", names.iter().copied().collect()),
            };
            assert_eq!((kind, included), wanted, "{name} {}", index.name);
        }
    }
}

/// The keys of a table or an index: hash first.
fn keys(described: &Value) -> Vec<&str> {
    described["KeySchema"].as_array().unwrap().iter().map(|key| key["AttributeName"].as_str().unwrap()).collect()
}

/// Events whose messages fail by design, and those that name things that are not there.
const FAILING: [&str; 21] = [
    "receive-notifications-poison",
    "download-documents-unknown-version",
    "download-documents-later-attempt",
    "download-documents-settlement",
    "download-documents-vat-report",
    "book-documents-again",
    "book-documents-continue-settlement",
    "book-documents-continue-vat-report",
    "book-documents-continue-vat-invoice-report",
    "book-documents-object-created",
    "book-documents-url-encoded-key",
    "book-documents-vat-invoice-report",
    "pull-purchases-unknown-account",
    "submit-vendor-invoices-poison",
    "issue-invoices-shipment",
    "issue-invoices-credit-note-that-waits",
    "issue-invoices-unknown-version",
    "upload-invoices-document",
    "upload-invoices-poison",
    "rotate-secrets-poison",
    "rotate-secrets-unknown-application",
];

async fn every_event_is_handled_by_its_function(suite: Rc<Suite>) {
    let stack = suite.bare("it-events", calm()).await;
    let _seller = Seller::named(&stack, "A3TH9S8BH6GOGM").await;
    let _buyer = Buyer::named(&stack, "A7BUYEREXAMPLE", fake_amazon::Region::Eu).await;
    let mut functions = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("events")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let event: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let failed = handle(&stack, &name, event, &mut functions).await;
        assert_eq!(failed > 0, FAILING.contains(&name.as_str()), "{name}: {failed} messages failed");
    }
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    let folders: BTreeSet<_> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(functions, folders, "each function has an event");
}

/// Hands an event to the function that its file is named for; answers how many of its messages failed.
async fn handle(stack: &Stack, name: &str, event: Value, functions: &mut BTreeSet<String>) -> usize {
    let (variables, aws) = (stack.variables(), &stack.aws);
    let names = [
        "create-reports",
        "poll-jobs",
        "receive-notifications",
        "download-documents",
        "book-documents",
        "submit-vendor-invoices",
        "pull-purchases",
        "issue-invoices",
        "upload-invoices",
        "watch-books",
        "rotate-secrets",
    ];
    let function = names.into_iter().find(|function| name.starts_with(function));
    let function = function.unwrap_or_else(|| panic!("{name} names no function"));
    functions.insert(function.to_owned());
    let aws = &recorded(function, stack, aws);
    let messages = |event: Value| -> SqsEvent { serde_json::from_value(event).unwrap() };
    let response = match function {
        "create-reports" => {
            let dependencies = create_reports::Dependencies::new(&variables, aws).unwrap();
            create_reports::handle(&dependencies, serde_json::from_value(event).unwrap()).await.unwrap();
            return 0;
        }
        "poll-jobs" => {
            let dependencies = poll_jobs::Dependencies::new(&variables, aws).unwrap();
            poll_jobs::handle(&dependencies, serde_json::from_value(event).unwrap()).await.unwrap();
            return 0;
        }
        "watch-books" => {
            let dependencies = watch_books::Dependencies::new(&variables, aws).unwrap();
            watch_books::handle(&dependencies, serde_json::from_value(event).unwrap()).await.unwrap();
            return 0;
        }
        "receive-notifications" => {
            let dependencies = receive_notifications::Dependencies::new(&variables, aws).unwrap();
            receive_notifications::handle(&dependencies, messages(event)).await
        }
        "download-documents" => {
            let dependencies = download_documents::Dependencies::new(&variables, aws).unwrap();
            download_documents::handle(&dependencies, messages(event)).await
        }
        "pull-purchases" => {
            let dependencies = pull_purchases::Dependencies::new(&variables, aws).unwrap();
            let event = serde_json::from_value(event).unwrap();
            let invocation = Invocation { deadline_ms: deadline_ms() };
            let answer = pull_purchases::handle(&dependencies, event, invocation).await.unwrap();
            return match answer {
                pull_purchases::Answer::Ordered(_) => 0,
                pull_purchases::Answer::Turns(response) => response.batch_item_failures.len(),
            };
        }
        "issue-invoices" => {
            let dependencies = issue_invoices::Dependencies::new(&variables, aws).unwrap();
            let invocation = Invocation { deadline_ms: u64::MAX };
            issue_invoices::handle(&dependencies, messages(event), invocation).await
        }
        "rotate-secrets" => {
            let dependencies = rotate_secrets::Dependencies::new(&variables, aws).unwrap();
            rotate_secrets::handle(&dependencies, messages(event)).await
        }
        "upload-invoices" => {
            let dependencies = upload_invoices::Dependencies::new(&variables, aws).unwrap();
            upload_invoices::handle(&dependencies, messages(event)).await
        }
        "submit-vendor-invoices" => {
            let dependencies = submit_vendor_invoices::Dependencies::new(&variables, aws).unwrap();
            let invocation = Invocation { deadline_ms: u64::MAX };
            submit_vendor_invoices::handle(&dependencies, messages(event), invocation).await
        }
        _ => {
            let dependencies = book_documents::Dependencies::new(&variables, aws).unwrap();
            book_documents::handle(&dependencies, messages(event), Invocation { deadline_ms: u64::MAX }).await
        }
    };
    response.unwrap().batch_item_failures.len()
}

/// A quarter of an hour from now, as Lambda would say it.
fn deadline_ms() -> u64 {
    let end = SystemClock.now().checked_add(SignedDuration::from_mins(15)).unwrap();
    u64::try_from(end.as_millisecond()).unwrap()
}

async fn the_pure_crates_depend_on_nothing_that_does_io(_suite: Rc<Suite>) {
    let metadata = tokio::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .await
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    for pure in ["countinghouse-domain", "countinghouse-formats", "countinghouse-purchases"] {
        let all = needed_by(&metadata, pure);
        assert!(all.len() > 5, "{pure} needs {all:?}");
        let impure = |name: &&String| {
            name.starts_with("aws")
                || name.starts_with("lambda_")
                || ["tokio", "reqwest", "hyper"].contains(&name.as_str())
        };
        let found: Vec<_> = all.iter().filter(impure).collect();
        assert!(found.is_empty(), "{pure} depends on {found:?}");
    }
}

/// The names of all packages that are built into a package.
pub(crate) fn needed_by(metadata: &Value, package: &str) -> BTreeSet<String> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let names: BTreeMap<String, String> = list(&metadata["packages"])
        .iter()
        .map(|each| (each["id"].as_str().unwrap().to_owned(), each["name"].as_str().unwrap().to_owned()))
        .collect();
    let nodes: BTreeMap<String, Value> = list(&metadata["resolve"]["nodes"])
        .into_iter()
        .map(|node| (node["id"].as_str().unwrap().to_owned(), node))
        .collect();
    let mut open: Vec<String> = names.iter().filter(|(_, name)| *name == package).map(|(id, _)| id.clone()).collect();
    let mut needed = BTreeSet::new();
    while let Some(id) = open.pop() {
        for dependency in list(&nodes[&id]["deps"]) {
            // Kind null is an ordinary dependency: neither for tests nor for building.
            let ordinary = list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let next = dependency["pkg"].as_str().unwrap().to_owned();
            if ordinary && needed.insert(names[&next].clone()) {
                open.push(next);
            }
        }
    }
    needed
}

async fn the_story_is_what_its_script_writes(_suite: Rc<Suite>) {
    let (checked_in, written) = (Story::checked_in(), Story::written_now());
    for file in [
        "eu/vat.csv",
        "eu/settlement-1.txt",
        "eu/settlement-2.txt",
        "eu/settlement-gbp.txt",
        "us/settlement-1.txt",
        "us/settlement-2.txt",
        "expected.json",
    ] {
        assert!(
            checked_in.text(file) == written.text(file),
            "{file} is not what make.py writes: run it, and look at the difference"
        );
    }
}
