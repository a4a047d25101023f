//! `countinghouse connect` and `disconnect`, as a stranger uses them, on a stack of their own.

mod stranger;

use std::rc::Rc;

use countinghouse_it::cases;
use countinghouse_it::operator::{run_unread, run_with};
use countinghouse_it::stack::Stack;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait;
use countinghouse_store::{DynamoRateBudget, Flows};
use fake_amazon::{ApplicationConfig, Content, Fault, FaultKind, Kind, Operation, Region, Role, SettlementConfig};
use serde_json::{Value, json};

use stranger::{Stranger, clean, has, schedule_is_on, secret, stack, versions};

cases![
    a_stranger_connects_is_notified_disconnects_and_comes_back,
    a_second_run_changes_nothing_and_says_so,
    what_amazon_does_not_take_is_not_stored,
    a_missing_role_leaves_its_flow_out_and_a_named_flow_out_of_the_question,
    a_region_that_allows_nothing_is_said_and_can_be_given,
    marketplaces_are_those_that_the_seller_takes_part_in,
    a_subscription_to_another_queue_is_left_until_told_otherwise,
    what_amazon_refuses_for_the_queue_is_mended_by_a_second_run,
    a_rate_limit_says_when_to_come_back,
    vendors_and_buyers_connect_the_same_way,
    a_dry_run_changes_nothing,
    one_authorisation_is_connected_once,
    an_account_from_before_is_found_and_keeps_its_secret,
    a_destination_goes_when_nobody_needs_it,
    what_is_changed_is_changed_whole_though_nobody_reads,
    an_id_that_is_none_is_refused,
];

async fn a_stranger_connects_is_notified_disconnects_and_comes_back(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    let (account, application) =
        (format!("countinghouse/{}", stranger.id), format!("countinghouse/application/{}", stranger.application));

    // The application first, as lines; then the seller, with the refresh token alone.
    let lines =
        format!("client_id={}\nclient_secret={}\n", stranger.config.client_id, stranger.config.client_secret.expose());
    let arguments = ["connect", "application", "--name", &stranger.application, "--credentials-from", "-"];
    has(&clean(run_with(stack, &arguments, &lines, &[]).await), 0, &["✓ application", "✓ secret", "stored"]);
    let token = format!("refresh_token={}", stranger.config.refresh_token.expose());
    let said = stranger.connect_with(stack, &token, &[]).await;
    let parts = [
        "✓ access token",
        "✓ region          eu",
        "DE, FR, GB (3 of 3 that the seller takes part in)",
        "✓ role            Finance and Accounting: settlements",
        "✓ role            Tax Remittance (Restricted) or Tax Invoicing (Restricted): VAT reports",
        "✓ account         settlements, vat (written)",
        "REPORT_PROCESSING_FINISHED (created)",
        "FEED_PROCESSING_FINISHED (created)",
        "backfill",
    ];
    has(&said, 0, &parts);
    let stored = secret(stack, &account).await.unwrap();
    assert_eq!(stored, json!({"application": application, "refresh_token": stranger.config.refresh_token.expose()}));
    let item = stranger.item(stack).await.unwrap();
    assert_eq!(item.flows, Flows { settlements: true, vat: true, ..Flows::default() });
    assert_eq!((item.name.as_str(), item.marketplace_ids.len()), (stranger.config.store_name.as_str(), 3));
    for schedule in ["create-reports", "poll-jobs"] {
        assert!(schedule_is_on(stack, schedule).await, "{schedule}");
    }

    // What Amazon closes now is notified through the new subscription, and booked without a poll.
    let text = Story::checked_in().text("eu/settlement-1.txt");
    let id = countinghouse_it::seller::settlement_id(&text).to_owned();
    stack.amazon.close_settlement(&stranger.id, SettlementConfig::closed(Content::text(&text))).unwrap();
    let settled = async || {
        let found = stack.settlements().get(&stranger.seller_id(), &id.parse().unwrap()).await.unwrap();
        found.filter(|settlement| settlement.proof.is_some())
    };
    wait::until("the settlement is booked", settled).await;

    let said = stranger.disconnect(stack).await;
    let parts =
        ["subscription", "ended", "deleted: no other account needs it", "its books stay", "marked for deletion"];
    has(&said, 0, &parts);
    assert!(stranger.item(stack).await.is_none() && secret(stack, &account).await.is_none());
    assert!(secret(stack, &application).await.is_some(), "the application stays");
    assert!(stack.amazon.subscriptions(&stranger.id).unwrap().is_empty());
    let budget = DynamoRateBudget::new(
        aws_sdk_dynamodb::Client::new(&stack.aws),
        format!("{}-rate-budgets", stack.name),
        std::sync::Arc::new(countinghouse_domain::time::SystemClock),
    );
    assert!(budget.buckets(&stranger.seller_id()).await.unwrap().is_empty());
    assert!(settled().await.is_some(), "the books stay");
    has(&stranger.disconnect(stack).await, 0, &["is not connected; nothing is left to do"]);

    let said = stranger.connect_with(stack, &token, &["--name", "Example GmbH"]).await;
    has(&said, 0, &["stored as a new version", "REPORT_PROCESSING_FINISHED (created)"]);
    assert_eq!(stranger.item(stack).await.unwrap().name, "Example GmbH");
    let said = stranger.connect_with(stack, "", &["--flows", "settlements"]).await;
    has(&said, 0, &["is connected: now settlements; before: settlements, vat."]);
    assert_eq!(stranger.subscribed(stack).len(), 2);
}

async fn a_second_run_changes_nothing_and_says_so(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let american = Stranger::new(stack, |config| {
        config.region = Region::Na;
        config.marketplace_ids = vec!["ATVPDKIKX0DER".to_owned()];
    });
    has(&american.connect(stack, &[]).await, 0, &["✓ region          na", "✓ account         settlements (written)"]);
    let item = american.item(stack).await.unwrap();
    let name = format!("countinghouse/{}", american.id);
    let application = format!("countinghouse/application/{}", american.application);
    let before = (
        versions(stack, &name).await,
        versions(stack, &application).await,
        stack.amazon.subscriptions(&american.id).unwrap(),
    );
    let parts = [
        "stored already",
        "settlements (already so)",
        "REPORT_PROCESSING_FINISHED (already)",
        "FEED_PROCESSING_FINISHED (already)",
        "on already",
        "is connected, as it was",
    ];
    // With the same credentials, with none, and without asking for any.
    has(&american.connect(stack, &[]).await, 0, &parts);
    has(&american.connect_with(stack, "", &[]).await, 0, &parts);
    has(&american.connect_with(stack, "", &["--again"]).await, 0, &parts);
    let after = (
        versions(stack, &name).await,
        versions(stack, &application).await,
        stack.amazon.subscriptions(&american.id).unwrap(),
    );
    assert_eq!((american.item(stack).await.unwrap(), after), (item, before));
    let json = american.connect(stack, &["--json"]).await;
    let lines: Vec<Value> = json.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["step"] == "account" && line["mark"] == "already"), "{}", json.stdout);
}

async fn what_amazon_does_not_take_is_not_stored(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    let mut wrong = stranger.credentials();
    wrong["refresh_token"] = json!("Atzr|geheimnisvoll");
    let said = stranger.connect_with(stack, &wrong.to_string(), &[]).await;
    let parts =
        ["✗ access token", "Amazon says  400 invalid_grant: The request has an invalid grant parameter", "to do"];
    has(&said, 1, &parts);
    stack.amazon.set_application(ApplicationConfig {
        client_id: stranger.config.client_id.clone(),
        secret_expires_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        ..ApplicationConfig::default()
    });
    let parts =
        ["✗ access token", "401 invalid_client: Client authentication failed", "180 days", "connect application"];
    has(&stranger.connect(stack, &[]).await, 1, &parts);
    let arguments = ["connect", "application", "--name", &stranger.application];
    let said = clean(run_with(stack, &arguments, &stranger.credentials().to_string(), &[]).await);
    has(&said, 1, &["✗ application", "401 invalid_client"]);
    for (credentials, part) in [
        ("", "✗ application"),
        ("{\"refresh_token\": \"Atzr|geheim\"}", "client id and client secret are neither stored nor given"),
        ("client_id=amzn1.application-oa2-client.x", "go together"),
    ] {
        has(&stranger.connect_with(stack, credentials, &[]).await, 1, &[part]);
    }
    let said = stranger.connect_with(stack, "geheim", &[]).await;
    assert!(said.code == 1 && said.stderr.contains("standard input cannot be understood at line 1"), "{}", said.stderr);
    assert!(stranger.item(stack).await.is_none());
    for name in [stranger.id.clone(), format!("application/{}", stranger.application)] {
        assert!(secret(stack, &format!("countinghouse/{name}")).await.is_none(), "{name}");
    }
}

async fn a_missing_role_leaves_its_flow_out_and_a_named_flow_out_of_the_question(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |config| config.roles = Some(vec![Role::FinanceAndAccounting]));
    let said = stranger.connect(stack, &["--flows", "settlements,vat"]).await;
    let parts = [
        "✗ role            Tax Remittance (Restricted) or Tax Invoicing (Restricted): VAT reports",
        "Amazon says  403 Unauthorized: Access to the resource is forbidden",
        "Seller Central, Apps and Services, Develop Apps",
        "Nothing was stored.",
    ];
    has(&said, 1, &parts);
    assert!(stranger.item(stack).await.is_none());
    let said = stranger.connect(stack, &[]).await;
    has(&said, 2, &["! role", "✓ account         settlements (written)", "--again"]);
    assert_eq!(stranger.item(stack).await.unwrap().flows, Flows { settlements: true, ..Flows::default() });
    // The role came: the flow is switched on when it is named, with own invoices too.
    let roles = vec![Role::FinanceAndAccounting, Role::TaxInvoicing];
    stack.amazon.set_roles(&stranger.id, roles).unwrap();
    let said = stranger.connect_with(stack, "", &["--again", "--flows", "settlements,vat,invoicing"]).await;
    has(&said, 0, &["uploads of own invoices", "settlements, vat, invoicing (written)"]);
}

async fn a_region_that_allows_nothing_is_said_and_can_be_given(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |config| config.roles = Some(vec![Role::TaxRemittance]));
    let said = stranger.connect(stack, &[]).await;
    has(&said, 1, &["✗ region", "403 Unauthorized", "Finance and Accounting", "--amazon-region"]);
    assert!(stranger.item(stack).await.is_none());
    let given = ["--amazon-region", "eu", "--marketplaces", "DE,UK"];
    has(&stranger.connect(stack, &given).await, 2, &["DE, GB as given", "✓ account         vat (written)"]);
    let said = stranger.connect(stack, &["--amazon-region", "na", "--marketplaces", "DE"]).await;
    assert!(said.code == 1 && said.stderr.contains("not all of one region"), "{}", said.stderr);
}

async fn marketplaces_are_those_that_the_seller_takes_part_in(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    let said = stranger.connect(stack, &["--marketplaces", "DE,SE"]).await;
    has(&said, 1, &["✗ marketplaces", "the seller takes no part in SE", "Amazon lists DE, FR, GB"]);
    assert!(stranger.item(stack).await.is_none());
    has(&stranger.connect(stack, &["--marketplaces", "DE"]).await, 0, &["DE (1 of 3"]);
    // A choice stays until another is made.
    has(&stranger.connect_with(stack, "", &[]).await, 0, &["DE (1 of 3", "already so"]);
    has(&stranger.connect_with(stack, "", &["--marketplaces", "DE,GB"]).await, 0, &["DE, GB (2 of 3", "(written)"]);
}

async fn a_subscription_to_another_queue_is_left_until_told_otherwise(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    let elsewhere = subscribe_elsewhere(stack, &stranger).await;
    let said = stranger.connect(stack, &[]).await;
    let parts = [
        "! subscription    REPORT_PROCESSING_FINISHED goes to another destination",
        elsewhere.as_str(),
        "--replace",
        "FEED_PROCESSING_FINISHED (created)",
    ];
    has(&said, 2, &parts);
    assert_eq!(stranger.subscribed(stack), ["FEED_PROCESSING_FINISHED"]);
    // Disconnecting leaves alone what is not its own.
    let said = stranger.connect_with(stack, "", &["--replace", "--dry-run"]).await;
    has(&said, 0, &["would be taken over"]);
    let said = stranger.connect_with(stack, "", &["--replace"]).await;
    has(&said, 0, &["REPORT_PROCESSING_FINISHED (taken over from another destination)"]);
    assert_eq!(stranger.subscribed(stack).len(), 2);
}

/// Somebody else's program has a destination and a subscription there. Answers the destination's id.
async fn subscribe_elsewhere(stack: &Stack, stranger: &Stranger) -> String {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = async |form: &[(&str, &str)]| {
        let common = [
            ("client_id", stranger.config.client_id.as_str()),
            ("client_secret", stranger.config.client_secret.expose()),
        ];
        let pairs = common.iter().chain(form);
        // A query and a form are written alike.
        let form = reqwest::Url::parse_with_params("http://form/", pairs).unwrap().query().unwrap().to_owned();
        let request = http.post(stack.amazon.token_url()).header("content-type", "application/x-www-form-urlencoded");
        let answer: Value = request.body(form).send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let scope = ("scope", "sellingpartnerapi::notifications");
    let grantless = token(&[("grant_type", "client_credentials"), scope]).await;
    let own =
        token(&[("grant_type", "refresh_token"), ("refresh_token", stranger.config.refresh_token.expose())]).await;
    let post = async |path: &str, token: &str, body: Value| {
        let url = format!("{}/notifications/v1/{path}", stack.amazon.base_url());
        let request = http.post(url).header("x-amz-access-token", token).header("user-agent", "Other (Language=Rust)");
        request.json(&body).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let queue = json!({"sqs": {"arn": "arn:aws:sqs:eu-west-1:000000000000:somebody-elses"}});
    let body = json!({"name": "other", "resourceSpecification": queue});
    let made = post("destinations", &grantless, body).await;
    let id = made["payload"]["destinationId"].as_str().unwrap().to_owned();
    let body = json!({"payloadVersion": "1.0", "destinationId": id});
    post("subscriptions/REPORT_PROCESSING_FINISHED", &own, body).await;
    id
}

async fn what_amazon_refuses_for_the_queue_is_mended_by_a_second_run(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    // Amazon's answer to a subscription is lost: it is there, and found.
    let lost = Fault::next(Operation::CreateSubscription, FaultKind::LostAnswer).for_seller(&stranger.id);
    stack.amazon.add_fault(lost).unwrap();
    has(&stranger.connect(stack, &[]).await, 0, &["REPORT_PROCESSING_FINISHED (already)"]);
    assert_eq!(stranger.subscribed(stack).len(), 2);
    has(&stranger.disconnect(stack).await, 0, &["ended"]);

    // The queue's policy does not let Amazon in.
    let closed = Stranger::new(stack, |_| {});
    let application = |queues: &[&str]| ApplicationConfig {
        client_id: closed.config.client_id.clone(),
        closed_queue_arns: queues.iter().map(|queue| (*queue).to_owned()).collect(),
        ..ApplicationConfig::default()
    };
    let queue = stack.output("NotificationsQueueArn");
    stack.amazon.set_application(application(&[queue]));
    let parts = ["! destination", "403 Unauthorized: Access to requested resource is denied.", queue, "437568002678"];
    has(&closed.connect(stack, &[]).await, 2, &parts);
    stack.amazon.set_application(application(&[]));
    has(&closed.connect_with(stack, "", &["--again"]).await, 0, &["notifications (created)"]);
    assert_eq!(closed.subscribed(stack).len(), 2);

    let other = Stranger::new(stack, |_| {});
    let refused = Fault::next(Operation::CreateSubscription, FaultKind::HtmlBadRequest).for_seller(&other.id);
    stack.amazon.add_fault(refused).unwrap();
    let parts = ["! subscription", "Amazon says  400", "found by polling only", "FEED_PROCESSING_FINISHED (created)"];
    has(&other.connect(stack, &[]).await, 2, &parts);
    assert!(other.item(stack).await.is_some(), "the account is connected all the same");
    has(&other.connect_with(stack, "", &["--again"]).await, 0, &["REPORT_PROCESSING_FINISHED (created)"]);
}

async fn a_rate_limit_says_when_to_come_back(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    let limited = Fault::next(Operation::GetMarketplaceParticipations, FaultKind::Throttled).for_seller(&stranger.id);
    stack.amazon.add_fault(limited).unwrap();
    let said = stranger.connect(stack, &[]).await;
    has(&said, 1, &["✗ region", "few calls of getMarketplaceParticipations", "run the same command again in", " s\n"]);
    // The shared budget knows it now, and Amazon is not asked again before.
    let calls = stack.amazon.count(Operation::GetMarketplaceParticipations);
    has(&stranger.connect(stack, &[]).await, 1, &["run the same command again in"]);
    let mine = stack.amazon.calls().into_iter().filter(|call| call.seller_id.as_deref() == Some(&stranger.id));
    let asked = mine.filter(|call| call.operation == Operation::GetMarketplaceParticipations).count();
    assert_eq!(asked, 1, "{calls}");
    assert!(stranger.item(stack).await.is_none());
}

async fn vendors_and_buyers_connect_the_same_way(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let vendor = Stranger::new(stack, |config| {
        config.kind = Kind::Vendor;
        config.roles = Some(vec![Role::VendorRetailProcurementInvoices]);
        config.marketplace_ids.clear();
    });
    let said = vendor.connect(stack, &["--name", "Supplier"]).await;
    let parts =
        ["✓ region          eu", "retail procurement", "only needed for that", "✓ account         vendor (written)"];
    has(&said, 0, &parts);
    let item = vendor.item(stack).await.unwrap();
    assert_eq!((item.name.as_str(), item.flows), ("Supplier", Flows { vendor: true, ..Flows::default() }));
    has(&vendor.connect_with(stack, "", &[]).await, 0, &["vendor (already so)"]);

    let buyer = Stranger::new(stack, |config| {
        config.kind = Kind::Business;
        config.region = Region::Fe;
    });
    let said = buyer.connect(stack, &[]).await;
    let parts = ["✓ region          fe", "Business Purchase Reconciliation", "✓ account         purchases (written)"];
    has(&said, 0, &parts);
    assert!(schedule_is_on(stack, "pull-purchases").await);

    let without = Stranger::new(stack, |config| {
        config.kind = Kind::Business;
        config.roles = Some(Vec::new());
    });
    has(&without.connect(stack, &["--amazon-region", "eu"]).await, 1, &["✗ region", "403 Unauthorized"]);
    assert!(without.item(stack).await.is_none());
    for account in [&vendor, &buyer] {
        has(&account.disconnect(stack).await, 0, &["its books stay"]);
        assert!(account.item(stack).await.is_none());
    }
}

async fn a_dry_run_changes_nothing(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    let parts = ["✓ access token", "○ secret", "○ account", "would be created", "Nothing was changed"];
    has(&stranger.connect(stack, &["--dry-run"]).await, 0, &parts);
    assert!(stranger.item(stack).await.is_none() && stranger.subscribed(stack).is_empty());
    assert!(secret(stack, &format!("countinghouse/{}", stranger.id)).await.is_none());
    stranger.connect(stack, &[]).await;
    let said = clean(run_with(stack, &["disconnect", &stranger.id, "--dry-run"], "", &[]).await);
    has(&said, 0, &["would be ended", "would be marked for deletion", "Nothing was changed"]);
    // Without an answer nothing is done.
    let said = clean(run_with(stack, &["disconnect", &stranger.id], "n\n", &[]).await);
    assert_eq!(said.code, 1, "{}", said.stdout);
    assert_eq!((stranger.item(stack).await.is_some(), stranger.subscribed(stack).len()), (true, 2));
}

async fn one_authorisation_is_connected_once(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    has(&stranger.connect(stack, &[]).await, 0, &[]);
    let arguments = ["connect", "seller", "A999MISTAKE", "--application", &stranger.application];
    let said = clean(run_with(stack, &arguments, &stranger.credentials().to_string(), &[]).await);
    has(&said, 1, &["✗ account", &format!("connected already, as {}", stranger.id)]);
    // Another application does not take the name of one that is there.
    let other = Stranger::new(stack, |_| {});
    let arguments = ["connect", "seller", &other.id, "--application", &stranger.application];
    let said = clean(run_with(stack, &arguments, &other.credentials().to_string(), &[]).await);
    has(&said, 1, &["✗ application", "would lose their access", "--application NAME"]);
    assert!(other.item(stack).await.is_none());
}

async fn an_account_from_before_is_found_and_keeps_its_secret(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    // Its secret has everything in one.
    let seller = countinghouse_it::seller::Seller::american(stack).await;
    let name = format!("countinghouse/{}", seller.id);
    let before = secret(stack, &name).await.unwrap();
    assert!(before["client_secret"].is_string());
    let said = clean(run_with(stack, &["connect", "seller", &seller.id, "--again"], "", &[]).await);
    let parts = [name.as_str(), "stored already", "settlements (already so)", "REPORT_PROCESSING_FINISHED (created)"];
    has(&said, 0, &parts);
    assert_eq!(secret(stack, &name).await.unwrap(), before);
    has(&clean(run_with(stack, &["disconnect", &seller.id, "--yes"], "", &[]).await), 0, &["marked for deletion"]);
}

async fn a_destination_goes_when_nobody_needs_it(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let one = Stranger::new(stack, |_| {});
    let (client_id, client_secret) = (one.config.client_id.clone(), one.config.client_secret.clone());
    let mut other =
        Stranger::new(stack, |config| (config.client_id, config.client_secret) = (client_id, client_secret));
    other.application.clone_from(&one.application);
    has(&one.connect(stack, &[]).await, 0, &["(created)"]);
    has(&other.connect(stack, &[]).await, 0, &["(already)"]);
    has(&one.disconnect(stack).await, 0, &["stays: other accounts need it"]);
    assert_eq!(other.subscribed(stack).len(), 2);
    // The seller withdraws the authorisation: nothing can be asked of Amazon, and all the rest goes.
    stack.amazon.set_revoked(&other.id, true).unwrap();
    let said = other.disconnect(stack).await;
    has(&said, 0, &["invalid_grant", "ends with the authorisation", "marked for deletion"]);
    assert!(other.item(stack).await.is_none());
}

async fn what_is_changed_is_changed_whole_though_nobody_reads(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |_| {});
    let connect = ["connect", "seller", &stranger.id, "--application", &stranger.application];
    assert_eq!(run_unread(stack, &connect, &stranger.credentials().to_string()).await, 0);
    assert_eq!((stranger.item(stack).await.is_some(), stranger.subscribed(stack).len()), (true, 2));
    // What changes nothing ends with its reader, and never as if all had been said.
    assert_eq!(run_unread(stack, &["status"], "").await, 141);
    assert_eq!(run_unread(stack, &["disconnect", &stranger.id, "--yes"], "").await, 0);
    assert!(
        stranger.item(stack).await.is_none()
            && secret(stack, &format!("countinghouse/{}", stranger.id)).await.is_none()
    );
    assert!(stranger.subscribed(stack).is_empty());
}

async fn an_id_that_is_none_is_refused(suite: Rc<Suite>) {
    let stack = stack(&suite).await;
    let stranger = Stranger::new(stack, |config| config.seller_id = format!("foo-{}", config.seller_id));
    let said = stranger.connect(stack, &[]).await;
    let parts = ["✗ seller id", "does not look like one", "A3TH9S8BH6GOGM", "--unusual-id", "Nothing was stored."];
    has(&said, 1, &parts);
    assert!(stranger.item(stack).await.is_none());
    assert!(secret(stack, &format!("countinghouse/{}", stranger.id)).await.is_none());
    let said = clean(run_with(stack, &["disconnect", &stranger.id, "--yes"], "", &[]).await);
    assert!(
        said.code == 1 && said.stderr.contains("is connected, and nothing is left of one; connected: "),
        "{said:?}"
    );
    has(&stranger.connect(stack, &["--unusual-id"]).await, 0, &["· seller id", "is connected"]);
    has(&stranger.disconnect(stack).await, 0, &["marked for deletion"]);
}
