//! A client secret is replaced: asked for, sent as a message, stored, used; and whatever goes wrong on the way.

use std::rc::Rc;
use std::sync::Arc;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use countinghouse_domain::time::SystemClock;
use countinghouse_it::calls::recorded;
use countinghouse_it::cases;
use countinghouse_it::faults::{Death, Life};
use countinghouse_it::operator::run;
use countinghouse_it::seller::{Seller, client_id, first_secret, settlement_id};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait;
use countinghouse_store::{NewClientSecret, Secrets, application_secret_name};
use fake_amazon::{ApplicationConfig, NotificationMode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

cases![
    a_new_client_secret_is_asked_for_stored_and_used_while_the_old_one_still_works,
    a_message_waits_in_its_queue_until_its_secret_can_be_stored,
    a_client_secret_is_stored_once_wherever_the_function_dies,
    a_client_secret_that_was_sent_to_the_wrong_queue_is_stored_and_never_a_dead_letter,
    a_client_secret_that_cannot_be_used_is_replaced_by_a_report,
    an_application_that_is_not_enrolled_is_told_where_to_enrol,
];

/// The function, as it runs in this process.
async fn handle(stack: &Stack, aws: &aws_config::SdkConfig, records: Vec<SqsMessage>) -> usize {
    let aws = &recorded("rotate-secrets", stack, aws);
    let dependencies = rotate_secrets::Dependencies::new(&stack.variables(), aws).unwrap();
    let mut event = SqsEvent::default();
    event.records = records;
    rotate_secrets::handle(&dependencies, event).await.unwrap().batch_item_failures.len()
}

fn message(body: &str, tries: u32) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some("11111111-2222-3333-4444-555555555555".to_owned());
    message.body = Some(body.to_owned());
    message.attributes.insert("ApproximateReceiveCount".to_owned(), tries.to_string());
    message
}

fn new_secret(application: &str, secret: &str) -> String {
    json!({
        "notificationVersion": "1.0",
        "notificationType": "APPLICATION_OAUTH_CLIENT_NEW_SECRET",
        "payloadVersion": "1.0",
        "eventTime": "2026-11-22T03:35:13.214Z",
        "payload": {"applicationOAuthClientNewSecret": {
            "clientId": client_id(application),
            "newClientSecret": secret,
            "newClientSecretExpiryTime": "2027-05-21T03:35:13.198Z",
            "oldClientSecretExpiryTime": "2126-11-29T03:35:13.180Z",
        }},
    })
    .to_string()
}

fn secrets(stack: &Stack) -> Secrets {
    Secrets::new(aws_sdk_secretsmanager::Client::new(&stack.aws), Arc::new(SystemClock))
}

/// The present client secret, and the one before.
async fn stored(stack: &Stack, application: &str) -> (String, Option<String>) {
    let name = application_secret_name(application);
    let secrets = secrets(stack);
    let now = secrets.application(&name).await.unwrap();
    let before = secrets.previous_application(&name).await.unwrap();
    let text = |secret: &secrecy::SecretString| secret.expose_secret().to_owned();
    (text(&now.client_secret), before.map(|before| text(&before.client_secret)))
}

/// Amazon closes a settlement, and it is booked: every call of Amazon's that this needs was allowed.
async fn books(stack: &Stack, seller: &Seller, file: &str) {
    let text = seller.own_settlement(&Story::checked_in().text(file));
    seller.close(stack, &text);
    stack.poll().await;
    stack.until_settled(seller, settlement_id(&text)).await;
}

/// Whether Amazon gives a token for a client secret.
async fn is_taken(stack: &Stack, application: &str, secret: &str) -> bool {
    let body = json!({
        "grant_type": "client_credentials",
        "scope": "sellingpartnerapi::notifications",
        "client_id": client_id(application),
        "client_secret": secret,
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.post(stack.amazon.token_url()).json(&body).send().await.unwrap().status().is_success()
}

fn enrol(stack: &Stack, application: &str) {
    stack.amazon.set_application(ApplicationConfig {
        client_id: client_id(application),
        rotation_queue_arn: Some(stack.output("ClientSecretsQueueArn").to_owned()),
        ..ApplicationConfig::default()
    });
}

const DAY_MS: i64 = 24 * 3_600_000;

async fn a_new_client_secret_is_asked_for_stored_and_used_while_the_old_one_still_works(suite: Rc<Suite>) {
    const NAME: &str = "rotation";
    let stack = suite.deploy("it-rotate", &[], calm()).await;
    stack.notify(NotificationMode::Never);
    let seller = Seller::of_application(&stack, NAME).await;
    let other = Seller::of_application(&stack, NAME).await;
    enrol(&stack, NAME);
    books(&stack, &seller, "eu/settlement-gbp.txt").await;

    let said = run(&stack, &["rotate", "--application", NAME, "--wait", "--minutes", "1"]).await;
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("which 2 accounts use"), "{}", said.stderr);
    assert!(said.stderr.contains("The new client secret is stored. It is good until "), "{}", said.stderr);
    let new = stack.amazon.client_secret(&seller.id).unwrap().expose().to_owned();
    let old = first_secret(NAME);
    assert_ne!(new, old);
    assert_eq!(stored(&stack, NAME).await, (new.clone(), Some(old.clone())));
    assert!(stack.is_empty("ClientSecretsQueueUrl").await && stack.is_empty("ClientSecretsDlqUrl").await);

    // Tokens are gone: each function asks for one with the new secret. The old one works beside it.
    stack.amazon.expire_tokens(None);
    books(&stack, &other, "eu/settlement-gbp.txt").await;
    assert!(is_taken(&stack, NAME, &old).await && is_taken(&stack, NAME, &new).await);

    // Amazon does not take a secret that is stored too soon: the one before does it.
    let early = NewClientSecret {
        client_id: client_id(NAME),
        client_secret: "amzn1.oa2-cs.v1.not-yet-known-to-amazon".into(),
        expires_at: Some("2127-05-21T00:00:00Z".parse().unwrap()),
        previous_expires_at: Some("2126-11-29T00:00:00Z".parse().unwrap()),
    };
    secrets(&stack).rotate(&application_secret_name(NAME), &early).await.unwrap();
    stack.amazon.expire_tokens(None);
    books(&stack, &seller, "eu/settlement-1.txt").await;
    let known = NewClientSecret {
        client_secret: new.as_str().into(),
        expires_at: Some("2128-05-21T00:00:00Z".parse().unwrap()),
        ..early
    };
    secrets(&stack).rotate(&application_secret_name(NAME), &known).await.unwrap();

    // Eight days later the old one has ended, and nobody notices.
    stack.amazon.advance_ms(8 * DAY_MS).await;
    assert!(!is_taken(&stack, NAME, &old).await && is_taken(&stack, NAME, &new).await);
    stack.amazon.expire_tokens(None);
    books(&stack, &other, "eu/settlement-1.txt").await;

    let status = run(&stack, &["rotate", "--application", NAME, "--status", "--json"]).await;
    let shown: Value = serde_json::from_str(status.stdout.trim()).unwrap();
    assert_eq!(
        (status.code, shown["application"].as_str(), shown["expires_at"].as_str()),
        (0, Some(NAME), Some("2128-05-21T00:00:00Z"))
    );
    assert_eq!(shown["accounts"], json!([seller.id, other.id]));
    for text in [&said.stdout, &said.stderr, &status.stdout, &status.stderr] {
        assert!(!text.contains("oa2-cs"), "{text}");
    }
}

async fn a_message_waits_in_its_queue_until_its_secret_can_be_stored(suite: Rc<Suite>) {
    const NAME: &str = "waiting";
    let stack = suite.deploy("it-secrets", &[("ClientSecretsVisibilitySeconds", "2")], calm()).await;
    stack.notify(NotificationMode::Never);
    let _seller = Seller::of_application(&stack, NAME).await;
    let name = application_secret_name(NAME);
    let manager = aws_sdk_secretsmanager::Client::new(&stack.aws);
    manager.delete_secret().secret_id(&name).send().await.unwrap();

    stack.send("ClientSecretsQueueUrl", new_secret(NAME, "amzn1.oa2-cs.v1.second")).await;
    // Ten times: the queues with a limit of five would have moved it.
    wait::until("the message has failed again and again", async || {
        let failed = stack.logs("rotate-secrets").await.iter().filter(|line| line.contains("message failed")).count();
        (failed >= 7).then_some(())
    })
    .await;
    assert!(!stack.is_empty("ClientSecretsQueueUrl").await && stack.is_empty("ClientSecretsDlqUrl").await);

    manager.restore_secret().secret_id(&name).send().await.unwrap();
    wait::until("the message is used", async || stack.is_empty("ClientSecretsQueueUrl").await.then_some(())).await;
    let expected = ("amzn1.oa2-cs.v1.second".to_owned(), Some(first_secret(NAME)));
    assert_eq!(stored(&stack, NAME).await, expected);

    // The same message again, as Amazon may send it, and one that nobody can read, which stays.
    stack.send("ClientSecretsQueueUrl", new_secret(NAME, "amzn1.oa2-cs.v1.second")).await;
    stack.send("ClientSecretsQueueUrl", "amzn1.oa2-cs.v1.broken {").await;
    wait::until("both were tried", async || {
        let log = stack.logs("rotate-secrets").await;
        let said = |text: &str| log.iter().any(|line| line.contains(text));
        (said("was stored already") && said("unreadable_notification")).then_some(())
    })
    .await;
    assert_eq!(stored(&stack, NAME).await, expected);
    assert!(stack.is_empty("ClientSecretsDlqUrl").await);
    let log = stack.logs("rotate-secrets").await.join("\n");
    assert!(log.contains(&client_id(NAME)) && !log.contains("oa2-cs"), "{log}");
}

async fn a_client_secret_is_stored_once_wherever_the_function_dies(suite: Rc<Suite>) {
    let stack = suite.bare("it-secret-deaths", calm()).await;
    for death in [Death::Before, Death::After] {
        let mut call = 1;
        loop {
            let name = format!("dying-{}-{call}", if death == Death::Before { "before" } else { "after" });
            let seller = Seller::of_application(&stack, &name).await;
            let body = new_secret(&name, "amzn1.oa2-cs.v1.second");
            let life = Life::until(call, death);
            let dying = life.of(&stack.aws);
            let done = life.live(Box::pin(handle(&stack, &dying, vec![message(&body, 1)]))).await;
            assert!(done.is_none_or(|failed| failed == 0), "it died at {}", life.last_call());
            assert_eq!(handle(&stack, &stack.aws, vec![message(&body, 2)]).await, 0);
            let expected = ("amzn1.oa2-cs.v1.second".to_owned(), Some(first_secret(&name)));
            assert_eq!(stored(&stack, &name).await, expected, "{death:?} call {call}: {}", life.last_call());
            seller.disconnect(&stack).await;
            if done.is_some() {
                break;
            }
            call += 1;
        }
        assert!(call > 3, "it made {call} calls");
    }
}

async fn a_client_secret_that_was_sent_to_the_wrong_queue_is_stored_and_never_a_dead_letter(suite: Rc<Suite>) {
    const NAME: &str = "misled";
    let stack = suite.stack().await;
    let seller = Seller::of_application(stack, NAME).await;
    stack.send("NotificationsQueueUrl", new_secret(NAME, "amzn1.oa2-cs.v1.second")).await;
    wait::until("the secret is stored", async || {
        (stored(stack, NAME).await.0 == "amzn1.oa2-cs.v1.second").then_some(())
    })
    .await;
    // What cannot even be read is handed on, too, and stays where it is encrypted and nobody reads.
    stack.send("NotificationsQueueUrl", r#"{"newClientSecret":"amzn1.oa2-cs.v1.broken""#).await;
    wait::until("the broken message is handed on", async || {
        let there = !stack.is_empty("ClientSecretsQueueUrl").await;
        (there && stack.is_empty("NotificationsQueueUrl").await).then_some(())
    })
    .await;
    assert!(stack.is_empty("ClientSecretsDlqUrl").await);
    for letter in stack.take_messages("NotificationsDlqUrl").await {
        assert!(!letter.contains("oa2-cs"), "a secret is a dead letter");
    }
    let sqs = aws_sdk_sqs::Client::new(&stack.aws);
    sqs.purge_queue().queue_url(stack.output("ClientSecretsQueueUrl")).send().await.unwrap();
    seller.disconnect(stack).await;
}

async fn a_client_secret_that_cannot_be_used_is_replaced_by_a_report(suite: Rc<Suite>) {
    let stack = suite.bare("it-secret-reports", calm()).await;
    let unknown = new_secret("nobody", "amzn1.oa2-cs.v1.second");
    assert_eq!(handle(&stack, &stack.aws, vec![message(&unknown, 899), message("amzn1.oa2-cs.v1 {", 899)]).await, 2);
    assert!(stack.take_messages("ClientSecretsDlqUrl").await.is_empty());
    assert_eq!(handle(&stack, &stack.aws, vec![message(&unknown, 900), message("amzn1.oa2-cs.v1 {", 900)]).await, 0);
    let mut reports = stack.take_messages("ClientSecretsDlqUrl").await;
    reports.sort();
    assert_eq!(reports.len(), 2);
    assert!(reports.iter().all(|report| !report.contains("oa2-cs.")), "{reports:?}");
    let reports: Vec<Value> = reports.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(reports[0]["kind"], "unknown_application");
    assert_eq!(reports[0]["client_id"], client_id("nobody"));
    assert_eq!(reports[1]["kind"], "unreadable_notification");
}

async fn an_application_that_is_not_enrolled_is_told_where_to_enrol(suite: Rc<Suite>) {
    const NAME: &str = "unenrolled";
    let stack = suite.stack().await;
    let seller = Seller::of_application(stack, NAME).await;
    let said = run(stack, &["rotate", "--application", NAME]).await;
    assert_eq!(said.code, 2, "{}", said.stderr);
    assert!(said.stderr.contains("Application is not enrolled for rotation notification"), "{}", said.stderr);
    assert!(said.stderr.contains("Notification Preferences"), "{}", said.stderr);
    assert!(said.stderr.contains(stack.output("ClientSecretsQueueArn")), "{}", said.stderr);
    assert_eq!(stored(stack, NAME).await, (first_secret(NAME), None));
    let said = run(stack, &["rotate", "--application", "nobody-has-it"]).await;
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains("no application `nobody-has-it` is known"), "{}", said.stderr);
    seller.disconnect(stack).await;
}
