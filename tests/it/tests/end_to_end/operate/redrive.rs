//! `countinghouse redrive`: what failed, back into the flow.

use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use countinghouse_domain::job::JobState;
use countinghouse_it::cases;
use countinghouse_it::operator::{Said, run};
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait;
use serde_json::{Value, json};

cases![
    messages_of_every_queue_are_shown_without_their_contents_and_moved_back,
    a_run_that_is_killed_loses_no_message,
    a_poison_message_comes_back_and_is_not_lost,
    reports_in_quarantine_are_booked_or_say_why_not,
];

/// The queues whose messages are moved, by the stems of the template's outputs.
const MOVED: [(&str, &str); 7] = [
    ("notifications", "Notifications"),
    ("downloads", "Downloads"),
    ("bookings", "Bookings"),
    ("vendor-submissions", "VendorSubmissions"),
    ("purchases", "Purchases"),
    ("invoice-issues", "InvoiceIssues"),
    ("invoice-uploads", "InvoiceUploads"),
];

/// A stack of its own: other cases must not meet what lies in its queues.
async fn stack(suite: &Suite, name: &str) -> Stack {
    let soon = [
        ("NotificationsVisibilitySeconds", "1"),
        ("BookingsVisibilitySeconds", "6"),
        ("BookDocumentsTimeoutSeconds", "5"),
        ("ScheduleState", "DISABLED"),
    ];
    let stack = suite.deploy(name, &soon, calm()).await;
    stack.notify(fake_amazon::NotificationMode::Never);
    stack
}

async fn redrive(stack: &Stack, arguments: &[&str]) -> Said {
    run(stack, &[&["redrive"], arguments].concat()).await
}

fn lines(said: &Said) -> Vec<Value> {
    said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A message about the bucket's object of this report.
fn stored(stack: &Stack, seller: &Seller, report: &str) -> String {
    let key = format!("reports/{}/GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2/{report}", seller.id);
    let object = json!({"bucket": {"name": stack.output("ReportsBucketName")}, "object": {"key": key}});
    json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": object}]}).to_string()
}

async fn messages_of_every_queue_are_shown_without_their_contents_and_moved_back(suite: Rc<Suite>) {
    let stack = &stack(&suite, "it-redrive").await;
    let seller = Seller::european(stack).await;
    let said = redrive(stack, &[]).await;
    assert_eq!(said.code, 0, "{said:?}");

    let file = seller.own_settlement(&Story::checked_in().text("eu/settlement-gbp.txt"));
    let report = seller.close(stack, &file);
    let at_amazon = seller.report_at_amazon(stack, &report);
    let document = at_amazon["reportDocumentId"].as_str().unwrap();
    let v2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";
    let news = json!({"notificationType": "REPORT_PROCESSING_FINISHED", "payloadVersion": "2020-09-04",
        "notificationVersion": "2020-09-04", "eventTime": "2026-11-22T03:35:13.214Z",
        "payload": {"reportProcessingFinishedNotification": {"sellerId": seller.id, "reportId": report,
            "reportType": v2, "processingStatus": "DONE", "reportDocumentId": document}},
        "notificationMetadata": {"applicationId": "a", "subscriptionId": "s", "publishTime": "2026-11-22T03:35:14.284Z",
            "notificationId": "n"}});
    // Nobody reads a dead-letter queue but this command, so the messages lie there until it moves them.
    stack.send("NotificationsDlqUrl", news.to_string()).await;
    let secret =
        json!({"version": 1, "seller_id": "Erika Mustermann", "clientSecret": "amzn1.oa2-cs.v1.hush"}).to_string();
    for (_, stem) in &MOVED[1..] {
        stack.send(&format!("{stem}DlqUrl"), &secret).await;
    }
    stack.send("ClientSecretsDlqUrl", &secret).await;
    let failed = json!({"requestContext": {"functionArn": format!("arn:aws:lambda:eu-west-1:000000000000:function:{}-poll-jobs:$LATEST", stack.name)},
        "responsePayload": {"errorType": "throttled", "errorMessage": "hush"}});
    stack.send("SchedulesDlqUrl", failed.to_string()).await;

    for arguments in [&["--dry-run", "--all"][..], &[], &["--json"]] {
        let said = redrive(stack, arguments).await;
        assert_eq!(said.code, 2, "{said:?}");
        for expected in
            ["notifications-dlq", "client-secrets-dlq", &report, &seller.id, "news of a report", "poll-jobs, throttled"]
        {
            assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
        }
        for hidden in ["hush", "Erika"] {
            assert!(!said.stdout.contains(hidden) && !said.stderr.contains(hidden), "{hidden}: {}", said.stdout);
        }
    }
    assert_eq!(stack.counts("NotificationsDlqUrl").await.waiting, 1, "a look changes nothing");

    let said = redrive(stack, &["notifications-dlq"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let id = settlement_id(&file);
    assert_eq!(stack.until_settled(&seller, id).await.status().name(), "proven", "the report went all the way");
    let said = redrive(stack, &["--all", "--json"]).await;
    assert_eq!(said.code, 2, "two queues wait for a person: {said:?}");
    for line in lines(&said).iter().filter(|line| line["messages"].is_u64()) {
        let queue = line["queue"].as_str().unwrap().trim_end_matches("-dlq");
        let moved = MOVED.iter().any(|(name, _)| *name == queue);
        let expected = u64::from(moved && queue != "notifications");
        assert_eq!(line["moved"], expected, "{line}");
    }

    let said = redrive(stack, &["bookings", "--drop", "--yes"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    let said = redrive(stack, &["schedules"]).await;
    assert!(said.code == 2 && said.stdout.contains("the next run of the schedule does the work"), "{said:?}");
    let said = redrive(stack, &["schedules", "--drop"]).await;
    assert!(said.code == 2 && said.stderr.contains("nothing was dropped"), "{said:?}");
    for queue in ["schedules", "client-secrets"] {
        let said = redrive(stack, &[queue, "--drop", "--yes"]).await;
        assert!(said.code == 0 && said.stdout.contains("1 messages of"), "{said:?}");
    }
    assert!(stack.is_empty("SchedulesDlqUrl").await && stack.is_empty("ClientSecretsDlqUrl").await);
    let said = redrive(stack, &["letters"]).await;
    assert!(said.code == 1 && said.stderr.contains("there are: notifications"), "{said:?}");
    seller.disconnect(stack).await;
}

const MANY: usize = 60;

async fn a_run_that_is_killed_loses_no_message(suite: Rc<Suite>) {
    let stack = &stack(&suite, "it-redrive-killed").await;
    let seller = Seller::european(stack).await;
    let file = seller.own_settlement(&Story::checked_in().text("eu/settlement-gbp.txt"));
    let report = seller.close(stack, &file);
    stack.poll().await;
    stack.until_job(&seller, &report, JobState::Booked).await;
    let before = stack.payments_of(settlement_id(&file)).await;
    let body = stored(stack, &seller, &report);
    for _ in 0..MANY {
        stack.send("BookingsDlqUrl", &body).await;
    }
    let this = std::env::current_exe().unwrap();
    let mut child = tokio::process::Command::new(this.ancestors().nth(2).unwrap().join("countinghouse"))
        .args(["redrive", "bookings", "--stack", &stack.name, "--region", "eu-west-1"])
        .env("AWS_ENDPOINT_URL", &stack.endpoint)
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait::until("some messages are moved", async || {
        (stack.counts("BookingsDlqUrl").await.waiting < u64::try_from(MANY).unwrap()).then_some(())
    })
    .await;
    child.kill().await.unwrap();
    // Half a minute later everybody sees again what it had in its hands.
    wait::until_within(Duration::from_secs(90), "the rest is moved", async || {
        let said = redrive(stack, &["bookings"]).await;
        (said.code == 0 && stack.is_empty("BookingsDlqUrl").await).then_some(())
    })
    .await;
    wait::until_within(Duration::from_secs(90), "all of them are handled", async || {
        stack.is_empty("BookingsQueueUrl").await.then_some(())
    })
    .await;
    assert_eq!(stack.payments_of(settlement_id(&file)).await, before, "twice is as once");
    assert!(stack.is_empty("BookingsDlqUrl").await);
    let said = redrive(stack, &["bookings"]).await;
    assert_eq!(said.code, 0, "nothing is left: {said:?}");
    seller.disconnect(stack).await;
}

async fn a_poison_message_comes_back_and_is_not_lost(suite: Rc<Suite>) {
    let stack = &stack(&suite, "it-redrive-poison").await;
    stack.send("NotificationsDlqUrl", "{\"poison\": true").await;
    let said = redrive(stack, &["notifications"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("comes back after five tries"), "{}", said.stdout);
    wait::until_within(Duration::from_mins(1), "the poison is back", async || {
        (stack.counts("NotificationsDlqUrl").await.waiting == 1).then_some(())
    })
    .await;
    assert_eq!(stack.take_messages("NotificationsDlqUrl").await, ["{\"poison\": true"]);
}

async fn reports_in_quarantine_are_booked_or_say_why_not(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let file = seller.own_settlement(&Story::checked_in().text("eu/settlement-1.txt"));
    let bad = seller.close(stack, &file.replacen("74,79", "74,7x", 1));
    stack.poll().await;
    stack.until_job(&seller, &bad, JobState::Quarantined).await;
    let account = ["--quarantined", "--account", &seller.id];
    let said = redrive(stack, &[&account[..], &["--dry-run"]].concat()).await;
    assert!(said.code == 2 && said.stdout.contains(&bad) && said.stdout.contains("column amount"), "{said:?}");
    let said = redrive(stack, &account).await;
    assert!(said.code == 2 && said.stdout.contains("still quarantined: "), "{said:?}");
    let rebooked = stack.job(&seller, &bad).await.unwrap().rebooked.unwrap();
    assert_eq!(rebooked.outcome.name(), "quarantined");

    // The stored bytes are mended by hand: the bucket's event books them at once, and nothing is left in quarantine.
    let job = stack.job(&seller, &bad).await.unwrap();
    let s3 =
        aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&stack.aws).force_path_style(true).build());
    let (bucket, key) = (stack.output("ReportsBucketName"), job.facts.object_key.unwrap());
    let metadata = s3.head_object().bucket(bucket).key(&key).send().await.unwrap().metadata;
    let mended = s3.put_object().bucket(bucket).key(&key).set_metadata(metadata.map(|mut metadata| {
        metadata.insert("compression".to_owned(), "none".to_owned());
        metadata
    }));
    mended.body(file.clone().into_bytes().into()).send().await.unwrap();
    stack.until_job(&seller, &bad, JobState::Booked).await;
    assert_eq!(stack.until_settled(&seller, settlement_id(&file)).await.status().name(), "proven");
    let said = redrive(stack, &account).await;
    assert!(said.code == 0 && said.stdout.contains("no report is in quarantine"), "{said:?}");
    seller.disconnect(stack).await;
}
