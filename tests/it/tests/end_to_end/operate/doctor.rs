//! `countinghouse doctor` on a real stack: nothing is found where nothing is wrong, and what is broken on purpose is
//! found, alone, with its cure.

mod amazon;
mod books;
mod ward;
mod wires;

use std::collections::BTreeSet;
use std::rc::Rc;

use countinghouse_it::operator::run;
use countinghouse_it::runner::Case;
use countinghouse_it::suite::Suite;
use fake_amazon::Operation;

use ward::{Ward, lines};

countinghouse_it::cases![examining_changes_nothing_and_asks_amazon_only_to_read];

/// All cases of doctor.
pub(crate) fn all() -> Vec<Case> {
    [wires::cases(), amazon::cases(), books::cases(), cases()].concat()
}

async fn examining_changes_nothing_and_asks_amazon_only_to_read(suite: Rc<Suite>) {
    let ward = Ward::healthy(&suite, "it-doctor").await;
    // Something to find on each side, so that nothing is left out because all is well.
    ward.put_application(|right| right.client_secret_expires_at = Some(ward::days_ahead(20))).await;
    ward.stack.send("DownloadsDlqUrl", "a download that failed").await;
    let before = ward.contents().await;
    let calls_before = ward.stack.amazon.calls().len();
    let said = ward.examine(&[]).await;
    assert_eq!(said.code, 2, "{}", said.stderr);
    let after = ward.contents().await;
    for (what, content) in &before {
        assert_eq!(after.get(what), Some(content), "{what} was changed");
    }
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());

    let calls = ward.stack.amazon.calls();
    let asked: BTreeSet<Operation> = calls[calls_before..].iter().map(|call| call.operation).collect();
    let reading = [
        Operation::Token,
        Operation::GetReports,
        Operation::GetFeeds,
        Operation::GetTransaction,
        Operation::GetTransactions,
        Operation::GetMarketplaceParticipations,
        Operation::GetDestinations,
        Operation::GetSubscription,
        // It makes a token, which nobody uses.
        Operation::CreateRestrictedDataToken,
    ];
    assert!(asked.iter().all(|operation| reading.contains(operation)), "{asked:?}");
    assert!(asked.len() >= 7, "{asked:?}");

    a_person_reads_a_table_and_what_to_do(&ward).await;
    only_what_is_asked_for_is_examined(&ward).await;
    without_a_stack_there_is_nothing_to_examine(&ward).await;
}

async fn a_person_reads_a_table_and_what_to_do(ward: &Ward) {
    let said = run(&ward.stack, &["doctor"]).await;
    assert_eq!(said.code, 2, "{}", said.stderr);
    let name = &ward.stack.name;
    for expected in [
        "  check ".to_owned(),
        format!("✗  dead-letter-queue     {name}-downloads-dlq"),
        "✓  token".to_owned(),
        format!(
            "\n✗ dead-letter-queue of {name}-downloads-dlq\n    wrong  1 message failed after all tries\n    mend   aws logs tail"
        ),
        format!("countinghouse redrive --queue downloads --stack {name} --region eu-west-1"),
        " 1 to look at, 1 broken, 0 skipped\n".to_owned(),
    ] {
        assert!(said.stdout.contains(&expected), "{expected}\n{}", said.stdout);
    }
    let findings = run(&ward.stack, &["doctor", "--findings"]).await;
    assert!(!findings.stdout.contains("✓") && findings.stdout.contains("dead-letter-queue"), "{}", findings.stdout);
    for secret in ["Atzr", "amzn1.oa2-cs"] {
        assert!(!said.stdout.contains(secret) && !said.stderr.contains(secret), "{secret} is shown");
    }
}

async fn only_what_is_asked_for_is_examined(ward: &Ward) {
    let calls = ward.stack.amazon.calls().len();
    let said = ward.examine(&["--without-amazon", "--except", "dead-letter-queue,secret-age"]).await;
    assert_eq!(said.code, 0, "what is left is fine: {}", said.stdout);
    let skipped: BTreeSet<_> = lines(&said)
        .into_iter()
        .filter(|line| line["result"] == "skipped")
        .map(|line| line["check"].as_str().unwrap().to_owned())
        .collect();
    let expected = ["clock", "destination", "restricted-token", "role", "subscription", "token"];
    assert_eq!(skipped, expected.map(str::to_owned).into(), "{}", said.stdout);
    assert!(lines(&said).iter().all(|line| line["check"] != "dead-letter-queue"));
    assert_eq!(ward.stack.amazon.calls().len(), calls, "Amazon was asked");

    let said = ward.examine(&["--account", &ward.vendor.id]).await;
    let accounts: BTreeSet<_> =
        lines(&said).iter().filter_map(|line| line["account"].as_str().map(str::to_owned)).collect();
    assert_eq!(accounts, [ward.vendor.id.clone()].into());
    let unknown = ward.examine(&["--account", "NOBODY"]).await;
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("no account `NOBODY` is connected"), "{}", unknown.stderr);
    let no_check = ward.examine(&["--except", "everything"]).await;
    assert!(no_check.code != 0 && no_check.stderr.contains("queue-policy"), "{}", no_check.stderr);
}

async fn without_a_stack_there_is_nothing_to_examine(ward: &Ward) {
    let fields = [("Action".to_owned(), "DescribeStacks".to_owned())];
    assert!(ward.aws_form("cloudformation", &fields).await.contains(&ward.stack.name));
    let this = std::env::current_exe().unwrap();
    let program = this.ancestors().nth(2).unwrap().join("countinghouse");
    let output = tokio::process::Command::new(program)
        .args(["doctor", "--stack", "nobodys", "--region", "eu-west-1"])
        .env("AWS_ENDPOINT_URL", &ward.stack.endpoint)
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")])
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("there is no stack `nobodys` in eu-west-1"), "{stderr}");
    assert!(output.stdout.is_empty());
}
