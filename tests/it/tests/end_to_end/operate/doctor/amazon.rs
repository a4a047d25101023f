//! What is broken between the stack and Amazon: credentials, roles, notifications, the clock.

use std::rc::Rc;

use countinghouse_it::cases;
use countinghouse_it::operator::run;
use countinghouse_it::suite::Suite;
use countinghouse_store::account_secret_name;
use serde_json::json;

use super::ward::{Ward, days_ago, days_ahead};

cases![what_is_broken_at_amazon_is_found_alone_with_its_cure];

const REPORTS: &str = "REPORT_PROCESSING_FINISHED";
const FEEDS: &str = "FEED_PROCESSING_FINISHED";
const SETTLEMENTS: &str = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";

async fn what_is_broken_at_amazon_is_found_alone_with_its_cure(suite: Rc<Suite>) {
    let mut ward = Ward::healthy(&suite, "it-doctor-amazon").await;
    tokens(&ward).await;
    secrets(&ward).await;
    ages(&ward).await;
    roles(&ward).await;
    notifications(&mut ward).await;
    clock(&ward).await;
}

/// The command that connects the seller, with these options.
fn connect(ward: &Ward, options: &str) -> String {
    let (id, name) = (&ward.seller.id, &ward.stack.name);
    format!("countinghouse connect seller {id}{options} --application {name} --stack {name} --region eu-west-1")
}

/// The command that stores the application's credentials.
fn connect_application(ward: &Ward) -> String {
    format!("countinghouse connect application --name {0} --stack {0} --region eu-west-1", ward.stack.name)
}

async fn tokens(ward: &Ward) {
    let id = ward.seller.id.as_str();
    ward.put_account("Atzr|another").await;
    let found = ward.finds("the refresh token is wrong", &[("token", id)], &connect(ward, "")).await;
    assert!(found[0].text.starts_with("invalid_grant: "), "{}", found[0].text);
    ward.put_account_right().await;
    ward.stack.amazon.set_revoked(id, true).unwrap();
    ward.finds("the authorisation is withdrawn", &[("token", id)], "https://sellercentral.amazon.com/apps/manage")
        .await;
    ward.stack.amazon.set_revoked(id, false).unwrap();

    ward.put_application(|right| right.client_secret = "amzn1.oa2-cs.v1.wrong".into()).await;
    let found = ward.finds("the newest client secret is wrong", &[("token", id)], &connect_application(ward)).await;
    assert_eq!(found[0].result, "look");
    assert!(found[0].text.contains("the one before still works"), "{}", found[0].text);
    ward.put_application(|right| right.client_secret = "amzn1.oa2-cs.v1.wrong-too".into()).await;
    let found = ward.finds("both client secrets are wrong", &[("token", id)], &connect_application(ward)).await;
    assert_eq!(found[0].result, "broken");
    assert!(
        found[0].text.starts_with("invalid_client: the client secret is wrong or has expired"),
        "{}",
        found[0].text
    );
    for secret in ["Atzr", "oa2-cs"] {
        assert!(!found[0].text.contains(secret) && !found[0].cure.contains(secret), "{secret} is shown");
    }
    ward.put_application(|_| {}).await;
    ward.is_well("the credentials are right again").await;
}

async fn secrets(ward: &Ward) {
    let id = ward.seller.id.as_str();
    let name = account_secret_name(&id.parse().unwrap());
    let target = |verb: &str| format!("secretsmanager.{verb}");
    let delete = json!({"SecretId": name, "RecoveryWindowInDays": 7});
    ward.aws_json("secretsmanager", &target("DeleteSecret"), &delete).await;
    let cure = format!("aws secretsmanager restore-secret --secret-id {name} --region eu-west-1");
    let found = ward.finds("the secret is deleted", &[("secret", id)], &cure).await;
    assert!(found[0].text.starts_with(&format!("the secret {name} is marked for deletion")), "{}", found[0].text);
    ward.aws_json("secretsmanager", &target("RestoreSecret"), &json!({"SecretId": name})).await;
    ward.is_well("the secret is restored").await;

    let put = json!({"SecretId": name, "SecretString": "{\"refresh_token\":\"Atzr|hush\"}"});
    ward.aws_json("secretsmanager", &target("PutSecretValue"), &put).await;
    // Which application it is of is not known any more.
    let cure = format!("countinghouse connect seller {id} --stack {} --region eu-west-1", ward.stack.name);
    let found = ward.finds("the secret lacks a part", &[("secret", id)], &cure).await;
    assert!(!found[0].text.contains("hush"), "{}", found[0].text);
    let delete = json!({"SecretId": name, "ForceDeleteWithoutRecovery": true});
    ward.aws_json("secretsmanager", &target("DeleteSecret"), &delete).await;
    let found = ward.finds("there is no secret", &[("secret", id)], &cure).await;
    assert_eq!(found[0].text, format!("there is no secret {name}"));
    ward.put_account_right().await;
    ward.is_well("the secret is there").await;
}

async fn ages(ward: &Ward) {
    let name = ward.application();
    ward.put_application(|right| right.client_secret_expires_at = Some(days_ahead(20))).await;
    let cure = format!("countinghouse rotate --application {0} --stack {0}", ward.stack.name);
    let found = ward.finds("the client secret ends in twenty days", &[("secret-age", &name)], &cure).await;
    assert!(found[0].text.starts_with("the client secret expires soon, 19 days left"), "{}", found[0].text);
    ward.put_application(|right| right.client_secret_expires_at = Some(days_ago(2))).await;
    let found = ward.finds("the client secret has ended", &[("secret-age", &name)], "developerconsole").await;
    assert_eq!(found[0].result, "broken");
    ward.put_application(|_| {}).await;
    ward.is_well("the client secret lives on").await;
}

async fn roles(ward: &Ward) {
    let id = ward.seller.id.as_str();
    let path = format!("/sellers/{id}");
    ward.at_amazon("PATCH", &path, &json!({"forbidden_report_types": [SETTLEMENTS]})).await;
    let of = format!("{id} settlements");
    let found = ward.finds("a role is missing", &[("role", &of)], "choose the role in the developer profile").await;
    for expected in ["the role Finance and Accounting is missing", "Access to the resource is forbidden"] {
        assert!(found[0].text.contains(expected), "{}", found[0].text);
    }
    assert!(found[0].cure.contains(&connect(ward, "")), "{}", found[0].cure);
    ward.at_amazon("PATCH", &path, &json!({"forbidden_report_types": []})).await;
    ward.is_well("the role is there").await;
}

async fn notifications(ward: &mut Ward) {
    let id = ward.seller.id.clone();
    let of = |notification: &str| format!("{id} {notification}");
    ward.delete_subscription(REPORTS).await;
    ward.finds("a subscription is missing", &[("subscription", &of(REPORTS))], &connect(ward, " --again")).await;
    let elsewhere = "arn:aws:sqs:eu-west-1:000000000000:somebody-elses";
    let other = ward.create_destination(elsewhere).await;
    ward.create_subscription(REPORTS, &other).await;
    let found = ward
        .finds(
            "a subscription leads elsewhere",
            &[("subscription", &of(REPORTS))],
            &connect(ward, " --again --replace"),
        )
        .await;
    assert_eq!(found[0].text, format!("leads elsewhere: to {elsewhere}"));

    ward.delete_destination(&other).await;
    ward.delete_destination(&ward.destination).await;
    let destination = format!("{} eu", ward.application());
    let (first, second) = (of(FEEDS), of(REPORTS));
    let expected = [("destination", destination.as_str()), ("subscription", &second), ("subscription", &first)];
    let found = ward.finds("the destination is deleted", &expected, &connect(ward, " --again")).await;
    assert!(found[0].text.contains("no destination that leads to arn:aws:sqs:"), "{}", found[0].text);
    assert!(found[1].text.contains("which is not there any more"), "{}", found[1].text);
    // The cure, as it stands.
    let said =
        run(&ward.stack, &["connect", "seller", &id, "--again", "--replace", "--application", &ward.stack.name]).await;
    assert_eq!(said.code, 0, "{}{}", said.stdout, said.stderr);
    ward.is_well("destination and subscriptions are back").await;
}

async fn clock(ward: &Ward) {
    ward.stack.amazon.advance_ms(12 * 60_000).await;
    let found = ward.finds("Amazon's clock differs", &[("clock", "Amazon eu")], "sudo timedatectl set-ntp true").await;
    assert!(
        found[0].text.starts_with("this machine's clock is 1") && found[0].text.contains("behind Amazon's"),
        "{}",
        found[0].text
    );
    ward.stack.amazon.advance_ms(-12 * 60_000).await;
    ward.is_well("the clocks agree").await;
}
