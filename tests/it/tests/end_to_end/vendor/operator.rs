//! `countinghouse vendor`, as a vendor uses it, on the real stack.

use std::process::Output;
use std::rc::Rc;

use countinghouse_domain::vendor::InvoiceStatus;
use countinghouse_it::cases;
use countinghouse_it::stack::Stack;
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::{Vendor, direct, file, retail};
use fake_amazon::{Fault, FaultKind, Operation, VendorOutcome};
use serde_json::{Value, json};
use tokio::process::Command;

cases![
    what_is_handed_in_is_waited_for_and_shown,
    a_lost_answer_is_shown_and_resolved,
    what_failed_is_handed_in_again,
    what_needs_a_person_is_taken_off_the_list,
];

/// Runs the operator's program against the stack.
async fn vendor(stack: &Stack, arguments: &[&str]) -> (i32, String, String) {
    let region = stack.aws.region().unwrap().to_string();
    // Tests and programs are built side by side: target/local/deps/end_to_end and target/local/countinghouse.
    let this = std::env::current_exe().unwrap();
    let program = this.ancestors().nth(2).unwrap().join("countinghouse");
    let Output { status, stdout, stderr } = Command::new(&program)
        .arg("vendor")
        .args(arguments)
        .args(["--stack", &stack.name, "--region", &region])
        .env("AWS_ENDPOINT_URL", &stack.endpoint)
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")])
        .output()
        .await
        .unwrap_or_else(|error| panic!("{} cannot be run: {error}; it is built with the tests", program.display()));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// The same, while the schedule of poll-jobs runs on.
async fn vendor_and_polls(stack: &Stack, arguments: &[&str]) -> (i32, String, String) {
    let polls = async {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(300));
        loop {
            ticks.tick().await;
            stack.poll().await;
        }
    };
    tokio::select! {
        said = vendor(stack, arguments) => said,
        () = polls => unreachable!("polling has no end"),
    }
}

/// A file of this name with these invoices.
fn written(name: &str, invoices: &[Value]) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, file(invoices)).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

async fn what_is_handed_in_is_waited_for_and_shown(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let account = Vendor::connect(stack).await;
    let mut bad = retail("OP-3");
    bad["invoiceTotal"]["amount"] = json!("1.00");
    let (_directory, path) = written("handed in.json", &[retail("OP-1"), direct("OP-2"), bad]);

    let (code, _, stderr) = vendor(stack, &["submit", &path, "--account", &account.id]).await;
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("nothing is submitted"), "{stderr}");
    assert!(account.sent_ids(stack).is_empty());

    let submit = ["submit", &path, "--account", &account.id, "--accepted-only", "--wait"];
    let (code, stdout, stderr) = vendor_and_polls(stack, &submit).await;
    assert_eq!(code, 2, "one was rejected: {stdout}{stderr}");
    let outcome = |id: &str| stdout.lines().rfind(|line| line.trim_start().starts_with(id)).unwrap().to_owned();
    assert!(outcome("OP-1").contains("accepted") && outcome("OP-2").contains("accepted"), "{stdout}");
    assert_eq!(account.sent_ids(stack), ["OP-1", "OP-2"]);

    let (code, stdout, _) = vendor(stack, &["status", "--account", &account.id]).await;
    assert_eq!(code, 0);
    for expected in ["OP-1", "405.50 USD", "S8672793", "OP-3", "rejected", "its id is still free"] {
        assert!(stdout.contains(expected), "{expected}: {stdout}");
    }
    let (_, stdout, _) = vendor(stack, &["status", "OP-1", "--account", &account.id]).await;
    for expected in ["History (UTC)", "claimed", "sending", "submitted", "incoming/handed in.json", "sent/OP-1.json"] {
        assert!(stdout.contains(expected), "{expected}: {stdout}");
    }
    let (_, stdout, _) = vendor(stack, &["status", "--json", "--account", &account.id]).await;
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let statuses: Vec<_> =
        lines.iter().map(|line| (line["id"].as_str().unwrap(), line["status"].as_str().unwrap())).collect();
    assert_eq!(statuses, [("OP-1", "accepted"), ("OP-2", "accepted"), ("OP-3", "rejected")]);
    assert!(lines[2]["violations"].as_array().is_some_and(|list| !list.is_empty()), "{}", lines[2]);

    // Handing in the same once more sends nothing.
    let (code, stdout, stderr) = vendor_and_polls(stack, &submit).await;
    assert_eq!(code, 2, "{stdout}{stderr}");
    assert_eq!(account.sent_ids(stack), ["OP-1", "OP-2"]);
    account.disconnect(stack).await;
}

async fn a_lost_answer_is_shown_and_resolved(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let account = Vendor::connect(stack).await;
    account.fault(stack, Fault::next(Operation::SubmitInvoices, FaultKind::LostAnswer));
    let (_directory, path) = written("lost.json", &[retail("LOST-9")]);
    let (code, stdout, stderr) = vendor_and_polls(stack, &["submit", &path, "--account", &account.id, "--wait"]).await;
    assert_eq!(code, 2, "{stdout}{stderr}");
    assert!(stdout.contains("answer_lost") && stdout.contains("Vendor Central"), "{stdout}");
    let (_, stdout, _) = vendor(stack, &["status", "--open", "--account", &account.id]).await;
    assert!(stdout.contains("LOST-9"), "{stdout}");

    let resolve = ["resolve", "LOST-9", "--account", &account.id, "--accepted", "--note", "seen in Vendor Central"];
    let (code, stdout, stderr) = vendor(stack, &resolve).await;
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("LOST-9 is accepted now"), "{stdout}");
    assert_eq!(account.invoice(stack, "LOST-9").await.unwrap().status, InvoiceStatus::Accepted);
    let (_, stdout, _) = vendor(stack, &["status", "LOST-9", "--account", &account.id]).await;
    assert!(stdout.contains("seen in Vendor Central"), "{stdout}");
    let (_, stdout, _) = vendor(stack, &["status", "--open", "--account", &account.id]).await;
    assert!(!stdout.contains("LOST-9"), "{stdout}");
    assert_eq!(account.sent_ids(stack).len(), 1, "never sent again");

    let (code, _, stderr) = vendor(stack, &["resolve", "NOBODY", "--account", &account.id, "--not-received"]).await;
    assert_eq!(code, 1);
    assert!(stderr.contains("nothing is known of an invoice `NOBODY`"), "{stderr}");
    account.disconnect(stack).await;
}

async fn what_failed_is_handed_in_again(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let account = Vendor::connect(stack).await;
    account.will(stack, "AGAIN-1", VendorOutcome::failure("INVALID_ORDER_ID", "Invalid order ID."));
    let (_directory, path) = written("again.json", &[retail("AGAIN-1")]);
    let submit = ["submit", &path, "--account", &account.id, "--wait"];
    let (code, stdout, stderr) = vendor_and_polls(stack, &submit).await;
    assert_eq!(code, 2, "{stdout}{stderr}");
    assert!(stdout.contains("failed") && stdout.contains("--resubmit"), "{stdout}");
    account.will(stack, "AGAIN-1", VendorOutcome::success());
    let (code, stdout, stderr) = vendor_and_polls(stack, &[&submit[..], &["--resubmit"]].concat()).await;
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(account.sent_ids(stack), ["AGAIN-1", "AGAIN-1"]);
    account.disconnect(stack).await;
}

async fn what_needs_a_person_is_taken_off_the_list(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let account = Vendor::connect(stack).await;
    let key = account.put(stack, "incoming", "broken.json", "{\"invoices\": [").await;
    countinghouse_it::wait::until("the file is unreadable", async || {
        let file = stack.vendor_invoices().file(&account.id.parse().unwrap(), &key).await.unwrap()?;
        file.unreadable
    })
    .await;
    let (_, stdout, _) = vendor(stack, &["status", "--account", &account.id]).await;
    assert!(stdout.contains("unreadable") && stdout.contains("broken.json"), "{stdout}");
    let (code, _, stderr) = vendor(stack, &["acknowledge", &format!("file {key}"), "--account", &account.id]).await;
    assert_eq!(code, 0, "{stderr}");
    let (_, stdout, _) = vendor(stack, &["status", "--account", &account.id]).await;
    assert!(!stdout.contains("broken.json"), "{stdout}");
    let (code, _, stderr) = vendor(stack, &["status", "--account", "stranger"]).await;
    assert_eq!(code, 1);
    assert!(stderr.contains("no account `stranger` is connected for vendor invoices"), "{stderr}");
    account.disconnect(stack).await;
}
