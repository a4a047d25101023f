//! An application's secret, shared by its accounts, and its rotation.

use std::sync::Arc;

use countinghouse_domain::time::FixedClock;
use countinghouse_store::{
    ApplicationCredentials, ExpiryNotice, NewClientSecret, Noted, Put, Rotated, Secrets, StoreError,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        accounts_share_their_applications_secret,
        storing_the_same_again_makes_no_version,
        a_removed_secret_is_not_there_and_can_be_stored_again,
        a_new_client_secret_is_the_next_version_and_the_one_before_stays,
        news_told_twice_or_late_change_nothing,
        two_runs_at_once_store_one_version,
        a_secret_with_all_in_one_is_rotated_too,
        the_end_of_a_client_secret_is_noted_and_not_that_of_the_one_before,
    ]
}

const CLIENT: &str = "amzn1.application-oa2-client.1";

struct Desk {
    secrets: Secrets,
    clock: Arc<FixedClock>,
    aws: World,
    application: String,
    account: String,
}

impl Desk {
    fn new(aws: World) -> Self {
        let clock = Arc::new(FixedClock::new("2026-11-22T04:00:00Z".parse().unwrap()));
        let (application, account) = (format!("{}-application", aws.case()), format!("{}-account", aws.case()));
        Self { secrets: Secrets::new(aws.secrets(), clock.clone()), clock, aws, application, account }
    }

    async fn connected(aws: World) -> Self {
        let desk = Self::new(aws);
        let first = ApplicationCredentials::new(CLIENT, "first".into());
        assert_eq!(desk.secrets.put_application(&desk.application, &first).await.unwrap(), Put::Created);
        let token = "Atzr|one".into();
        assert_eq!(desk.secrets.put_account(&desk.account, &desk.application, &token).await.unwrap(), Put::Created);
        desk
    }

    async fn client_secret(&self) -> String {
        self.secrets.credentials(&self.account).await.unwrap().client_secret.expose_secret().to_owned()
    }

    async fn previous(&self) -> Option<String> {
        let previous = self.secrets.previous_credentials(&self.account).await.unwrap();
        previous.map(|found| found.client_secret.expose_secret().to_owned())
    }

    async fn versions(&self, secret: &str) -> usize {
        let listed = self.aws.secrets().list_secret_version_ids().secret_id(secret).include_deprecated(true).send();
        listed.await.unwrap().versions().len()
    }
}

fn new_secret(secret: &str, expires_at: &str, previous_expires_at: &str) -> NewClientSecret {
    NewClientSecret {
        client_id: CLIENT.to_owned(),
        client_secret: secret.into(),
        expires_at: Some(expires_at.parse().unwrap()),
        previous_expires_at: Some(previous_expires_at.parse().unwrap()),
    }
}

fn second() -> NewClientSecret {
    new_secret("second", "2027-05-21T04:00:00.198Z", "2026-11-29T04:00:00.180Z")
}

async fn accounts_share_their_applications_secret(aws: World) {
    let desk = Desk::connected(aws).await;
    let other = format!("{}-other", desk.account);
    desk.secrets.put_account(&other, &desk.application, &"Atzr|two".into()).await.unwrap();
    for (account, token) in [(&desk.account, "Atzr|one"), (&other, "Atzr|two")] {
        let read = desk.secrets.credentials(account).await.unwrap();
        let texts = [read.client_id, read.client_secret, read.refresh_token];
        assert_eq!(texts.each_ref().map(ExposeSecret::expose_secret), [CLIENT, "first", token]);
        assert_eq!(desk.secrets.application_of(account).await.unwrap(), desk.application);
    }
    let error = desk.secrets.credentials(&desk.application).await.unwrap_err().to_string();
    assert!(error.contains("attribute `refresh_token` is not there"), "{error}");
    let error = desk.secrets.application(&desk.account).await.unwrap_err().to_string();
    assert!(error.contains("it is an account's secret"), "{error}");
}

async fn storing_the_same_again_makes_no_version(aws: World) {
    let desk = Desk::connected(aws).await;
    let again = ApplicationCredentials::new(CLIENT, "first".into());
    desk.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(desk.secrets.put_application(&desk.application, &again).await.unwrap(), Put::Unchanged);
    let token = "Atzr|one".into();
    assert_eq!(desk.secrets.put_account(&desk.account, &desk.application, &token).await.unwrap(), Put::Unchanged);
    assert_eq!(desk.versions(&desk.application).await, 1);
    let since = desk.secrets.application(&desk.application).await.unwrap().client_secret_since;
    assert_eq!(since, Some("2026-11-22T04:00:00Z".parse().unwrap()));
    let other = ApplicationCredentials::new(CLIENT, "by hand".into());
    assert_eq!(desk.secrets.put_application(&desk.application, &other).await.unwrap(), Put::Changed);
    assert_eq!((desk.client_secret().await, desk.previous().await), ("by hand".to_owned(), Some("first".to_owned())));
}

async fn a_removed_secret_is_not_there_and_can_be_stored_again(aws: World) {
    let desk = Desk::connected(aws).await;
    assert!(desk.secrets.remove(&desk.account).await.unwrap());
    assert!(!desk.secrets.remove(&desk.account).await.unwrap());
    assert!(!desk.secrets.remove("never-there").await.unwrap());
    let error = desk.secrets.credentials(&desk.account).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    let token = "Atzr|again".into();
    assert_eq!(desk.secrets.put_account(&desk.account, &desk.application, &token).await.unwrap(), Put::Changed);
    assert_eq!(desk.secrets.credentials(&desk.account).await.unwrap().refresh_token.expose_secret(), "Atzr|again");
}

async fn a_new_client_secret_is_the_next_version_and_the_one_before_stays(aws: World) {
    let desk = Desk::connected(aws).await;
    assert_eq!(desk.previous().await, None);
    desk.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(desk.secrets.rotate(&desk.application, &second()).await.unwrap(), Rotated::Stored);
    assert_eq!((desk.client_secret().await, desk.previous().await), ("second".to_owned(), Some("first".to_owned())));
    let known = desk.secrets.application(&desk.application).await.unwrap();
    let time = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    assert_eq!(known.client_secret_since, time("2026-11-22T05:00:00Z"));
    assert_eq!(known.client_secret_expires_at, time("2027-05-21T04:00:00Z"));
    assert_eq!(known.previous_client_secret_expires_at, time("2026-11-29T04:00:00Z"));
}

async fn news_told_twice_or_late_change_nothing(aws: World) {
    let desk = Desk::connected(aws).await;
    let third = new_secret("third", "2027-06-01T00:00:00Z", "2026-12-08T00:00:00Z");
    assert_eq!(desk.secrets.rotate(&desk.application, &second()).await.unwrap(), Rotated::Stored);
    assert_eq!(desk.secrets.rotate(&desk.application, &second()).await.unwrap(), Rotated::Unchanged);
    assert_eq!(desk.versions(&desk.application).await, 2);
    assert_eq!(desk.secrets.rotate(&desk.application, &third).await.unwrap(), Rotated::Stored);
    assert_eq!(desk.secrets.rotate(&desk.application, &second()).await.unwrap(), Rotated::Older);
    assert_eq!((desk.client_secret().await, desk.previous().await), ("third".to_owned(), Some("second".to_owned())));
    let strange = NewClientSecret { client_id: "amzn1.application-oa2-client.9".to_owned(), ..second() };
    let error = desk.secrets.rotate(&desk.application, &strange).await.unwrap_err().to_string();
    assert!(error.contains("is not the application that Amazon speaks of"), "{error}");
}

async fn two_runs_at_once_store_one_version(aws: World) {
    let desk = Desk::connected(aws).await;
    let other = Secrets::new(desk.aws.secrets(), desk.clock.clone());
    let news = second();
    let (one, two) =
        tokio::join!(desk.secrets.rotate(&desk.application, &news), other.rotate(&desk.application, &news));
    assert!([one.unwrap(), two.unwrap()].contains(&Rotated::Stored));
    assert_eq!(desk.client_secret().await, "second");
    assert!(desk.versions(&desk.application).await <= 2);
}

async fn a_secret_with_all_in_one_is_rotated_too(aws: World) {
    let desk = Desk::new(aws);
    let credentials = countinghouse_store::Credentials {
        client_id: CLIENT.into(),
        client_secret: "first".into(),
        refresh_token: "Atzr|one".into(),
    };
    desk.secrets.store(&desk.account, &credentials).await.unwrap();
    assert_eq!(desk.secrets.application_of(&desk.account).await.unwrap(), desk.account);
    assert_eq!(desk.secrets.rotate(&desk.account, &second()).await.unwrap(), Rotated::Stored);
    assert_eq!((desk.client_secret().await, desk.previous().await), ("second".to_owned(), Some("first".to_owned())));
    let read = desk.secrets.credentials(&desk.account).await.unwrap();
    assert_eq!(read.refresh_token.expose_secret(), "Atzr|one");
}

async fn the_end_of_a_client_secret_is_noted_and_not_that_of_the_one_before(aws: World) {
    let desk = Desk::connected(aws).await;
    let notice = |expires_at: &str, said_at: &str| ExpiryNotice {
        client_id: CLIENT.to_owned(),
        expires_at: expires_at.parse().unwrap(),
        said_at: Some(said_at.parse().unwrap()),
    };
    let note = async |notice: &ExpiryNotice| desk.secrets.note_expiry(&desk.application, notice).await.unwrap();
    let soon = notice("2026-12-20T10:00:00.224Z", "2026-11-22T05:00:00Z");
    assert_eq!((note(&soon).await, note(&soon).await), (Noted::Stored, Noted::Unchanged));
    let expires = async || desk.secrets.application(&desk.application).await.unwrap().client_secret_expires_at.unwrap();
    assert_eq!(expires().await.to_string(), "2026-12-20T10:00:00Z");
    desk.clock.advance(SignedDuration::from_hours(24));
    desk.secrets.rotate(&desk.application, &second()).await.unwrap();
    // Both are good for a week: a notice is about the old one, whatever it says, and the old one stays in reach.
    assert_eq!(note(&notice("2026-11-29T04:00:00Z", "2026-11-23T05:00:00Z")).await, Noted::Previous);
    assert_eq!(note(&notice("2026-12-20T10:00:00Z", "2026-11-23T05:00:00Z")).await, Noted::Previous);
    assert_eq!(desk.previous().await.as_deref(), Some("first"));
    desk.clock.advance(SignedDuration::from_hours(24 * 30));
    assert_eq!(note(&notice("2026-12-20T10:00:00Z", "2026-11-22T05:00:00Z")).await, Noted::Previous, "said before");
    assert_eq!(note(&notice("2027-01-10T00:00:00Z", "2026-12-22T05:00:00Z")).await, Noted::Stored);
    assert_eq!(
        (expires().await.to_string().as_str(), desk.client_secret().await.as_str()),
        ("2027-01-10T00:00:00Z", "second")
    );
}
