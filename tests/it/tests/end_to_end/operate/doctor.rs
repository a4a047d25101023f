//! `countinghouse doctor` on a real stack: nothing is found where nothing is wrong, and what is broken on purpose is
//! found, alone, with its cure.

mod amazon;
mod books;
mod ward;
mod wires;

use std::collections::BTreeSet;
use std::rc::Rc;

use countinghouse_it::operator::{run, run_with};
use countinghouse_it::runner::Case;
use countinghouse_it::suite::Suite;
use fake_amazon::Operation;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

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
        Operation::GetTransactionStatus,
        Operation::GetTransactionStatusV1,
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
    what_cannot_be_checked_is_a_finding_and_stops_no_other(&ward).await;
    without_a_stack_there_is_nothing_to_examine(&ward).await;
}

async fn a_person_reads_a_table_and_what_to_do(ward: &Ward) {
    let said = run(&ward.stack, &["doctor"]).await;
    assert_eq!(said.code, 2, "{}", said.stderr);
    let name = &ward.stack.name;
    for expected in [
        "  check ".to_owned(),
        " ✗   dead-letter-queue ".to_owned(),
        " ✓   token ".to_owned(),
        format!(
            "\n✗ dead-letter-queue: {name}-downloads-dlq\n    wrong  1 message failed after all tries\n    mend   aws logs tail"
        ),
        format!("countinghouse redrive downloads --stack {name} --region eu-west-1"),
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

/// AWS refuses to tell of schedules, and the queues are out of reach.
async fn what_cannot_be_checked_is_a_finding_and_stops_no_other(ward: &Ward) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::task::spawn_local(async move {
        let body = r#"{"Message":"User: arn:aws:iam::000000000000:user/reader is not authorized"}"#;
        let head = "HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: AccessDeniedException\r\nconnection: close";
        let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let variables =
        [("AWS_ENDPOINT_URL_SCHEDULER", refusing.as_str()), ("AWS_ENDPOINT_URL_SQS", &format!("http://{nobody}"))];
    let said = run_with(&ward.stack, &["doctor", "--json", "--except", "secret-age"], "", &variables).await;
    server.abort();
    assert_eq!(said.code, 2, "{}", said.stderr);
    let found = ward::defects(&said, "two services do not answer");
    let checks: BTreeSet<_> = found.iter().map(|defect| defect.check.as_str()).collect();
    assert_eq!(checks, ["dead-letter-queue", "queue", "queue-policy", "schedule"].into(), "{}", said.stdout);
    for defect in &found {
        assert_eq!(defect.result, "look");
        assert!(defect.text.starts_with("could not be checked: "), "{}", defect.text);
    }
    let schedule = found.iter().find(|defect| defect.check == "schedule").unwrap();
    assert_eq!(schedule.text, "could not be checked: the AWS permission scheduler:GetSchedule is missing");
    assert!(schedule.cure.contains("aws sts get-caller-identity"), "{}", schedule.cure);
    let fine = lines(&said).iter().filter(|line| line["result"] == "fine").count();
    assert!(fine > 40, "{fine} others were checked");
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
