//! What the cases of connecting need: a stack of their own, and accounts that nobody has connected yet.

use std::sync::atomic::{AtomicU32, Ordering};

use countinghouse_domain::ids::SellerId;
use countinghouse_it::operator::{Said, run_with};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::suite::Suite;
use countinghouse_store::{Seller, Sellers};
use fake_amazon::{Kind, NotificationMode, NotificationSettings, Secret, SellerConfig};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// The stack of these cases. Its schedules are switched on here, and fire in another century.
pub(super) async fn stack(suite: &Suite) -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    let never = "cron(0 0 1 1 ? 2099)";
    let parameters = [
        ("CreateReportsSchedule", never),
        ("PollJobsSchedule", never),
        ("PullPurchasesSchedule", never),
        ("WatchBooksSchedule", never),
    ];
    STACK
        .get_or_init(async || {
            let stack = suite.deploy("connect", &parameters, calm()).await;
            // No queue but those of the destinations that are made here.
            stack.amazon.set_notifications(NotificationSettings {
                queue_url: None,
                endpoint_url: Some(stack.endpoint.clone()),
                region: Some("eu-west-1".to_owned()),
                mode: NotificationMode::Once,
                ..NotificationSettings::default()
            });
            stack
        })
        .await
}

/// An account at Amazon that nobody has connected yet, with an application of its own.
pub(super) struct Stranger {
    pub(super) id: String,
    pub(super) application: String,
    pub(super) config: SellerConfig,
}

static NUMBER: AtomicU32 = AtomicU32::new(1);

impl Stranger {
    pub(super) fn new(stack: &Stack, change: impl FnOnce(&mut SellerConfig)) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut config = SellerConfig {
            seller_id: format!("A{number:03}STRANGER"),
            client_id: format!("amzn1.application-oa2-client.stranger{number}"),
            client_secret: Secret::new(format!("amzn1.oa2-cs.v1.geheim{number}")),
            refresh_token: Secret::new(format!("Atzr|geheim{number}")),
            store_name: format!("Shop of stranger {number}"),
            ..SellerConfig::example_eu()
        };
        change(&mut config);
        stack.amazon.add_seller(config.clone()).unwrap();
        Self { id: config.seller_id.clone(), application: format!("app{number}"), config }
    }

    pub(super) fn credentials(&self) -> Value {
        json!({
            "client_id": self.config.client_id,
            "client_secret": self.config.client_secret.expose(),
            "refresh_token": self.config.refresh_token.expose(),
        })
    }

    /// Runs `countinghouse connect`, with these credentials on standard input.
    pub(super) async fn connect_with(&self, stack: &Stack, credentials: &str, more: &[&str]) -> Said {
        let kind = match self.config.kind {
            Kind::Seller => "seller",
            Kind::Vendor => "vendor",
            Kind::Business => "buyer",
        };
        let mut arguments = vec!["connect", kind, &self.id, "--application", &self.application];
        arguments.extend(more);
        clean(run_with(stack, &arguments, credentials, &[]).await)
    }

    pub(super) async fn connect(&self, stack: &Stack, more: &[&str]) -> Said {
        self.connect_with(stack, &self.credentials().to_string(), more).await
    }

    pub(super) async fn disconnect(&self, stack: &Stack) -> Said {
        clean(run_with(stack, &["disconnect", &self.id, "--yes"], "", &[]).await)
    }

    pub(super) fn seller_id(&self) -> SellerId {
        self.id.parse().unwrap()
    }

    pub(super) async fn item(&self, stack: &Stack) -> Option<Seller> {
        sellers(stack).get(&self.seller_id()).await.unwrap()
    }

    /// The types of notifications that go to the stack's queue.
    pub(super) fn subscribed(&self, stack: &Stack) -> Vec<String> {
        let destinations = stack.amazon.destinations();
        let ours = |id: &String| {
            let queue = stack.output("NotificationsQueueArn");
            destinations.iter().any(|(known, arn)| known == id && arn.as_deref() == Some(queue))
        };
        let all = stack.amazon.subscriptions(&self.id).unwrap();
        all.into_iter().filter(|(_, destination)| ours(destination)).map(|(name, _)| name).collect()
    }
}

/// Nothing secret is ever shown.
pub(super) fn clean(said: Said) -> Said {
    let all = format!("{}{}", said.stdout, said.stderr);
    for secret in ["geheim", "Atzr|", "Atza|", "Atc|", "oa2-cs"] {
        assert!(!all.contains(secret), "{secret} is shown: {all}");
    }
    said
}

fn sellers(stack: &Stack) -> Sellers {
    Sellers::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("SellersTableName"))
}

/// A secret's text, if it is there.
pub(super) async fn secret(stack: &Stack, name: &str) -> Option<Value> {
    let client = aws_sdk_secretsmanager::Client::new(&stack.aws);
    let answer = client.get_secret_value().secret_id(name).send().await.ok()?;
    Some(serde_json::from_str(answer.secret_string().unwrap()).unwrap())
}

/// How many versions a secret has.
pub(super) async fn versions(stack: &Stack, name: &str) -> usize {
    let client = aws_sdk_secretsmanager::Client::new(&stack.aws);
    client.list_secret_version_ids().secret_id(name).include_deprecated(true).send().await.unwrap().versions().len()
}

pub(super) async fn schedule_is_on(stack: &Stack, name: &str) -> bool {
    let url = format!("{}/schedules/{}-{name}", stack.endpoint, stack.name);
    let scope = "test/20260101/eu-west-1/scheduler/aws4_request";
    let signed = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer: Value = client.get(url).header("authorization", signed).send().await.unwrap().json().await.unwrap();
    answer["State"] == "ENABLED"
}

#[track_caller]
pub(super) fn has(said: &Said, code: i32, parts: &[&str]) {
    assert_eq!(said.code, code, "{}{}", said.stdout, said.stderr);
    for part in parts {
        assert!(said.stdout.contains(part), "`{part}` is not in:\n{}{}", said.stdout, said.stderr);
    }
}
