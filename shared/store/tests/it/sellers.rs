//! Sellers and their secrets.

use std::sync::Arc;

use countinghouse_domain::marketplace::Region;
use countinghouse_domain::time::FixedClock;
use countinghouse_store::{Credentials, Flows, Secrets, Seller, Sellers, StoreError};
use jiff::SignedDuration;
use secrecy::ExposeSecret;

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws; a_seller_is_found_as_connected, a_rotated_secret_is_noticed_within_minutes, a_secret_that_is_not_there_is_missing]
}

async fn a_seller_is_found_as_connected(aws: World) {
    let sellers = Sellers::new(aws.dynamodb(), aws.table("sellers").await);
    let seller = |id: &str| Seller {
        seller_id: id.parse().unwrap(),
        name: "Example GmbH".to_owned(),
        region: Region::Eu,
        marketplace_ids: vec!["A1PA6795UKMFR9".parse().unwrap()],
        secret_name: format!("countinghouse/{id}"),
        connected_at: "2026-11-01T08:30:00Z".parse().unwrap(),
        flows: Flows { vat: true, ..Flows::default() },
    };
    sellers.put(&seller("B")).await.unwrap();
    sellers.put(&seller("A")).await.unwrap();
    sellers.put(&seller("A")).await.unwrap();
    assert_eq!(sellers.list().await.unwrap(), [seller("A"), seller("B")]);
    assert_eq!(sellers.get(&"B".parse().unwrap()).await.unwrap(), Some(seller("B")));
    assert_eq!(sellers.get(&"C".parse().unwrap()).await.unwrap(), None);
}

fn credentials(secret: &str) -> Credentials {
    Credentials { client_id: "id".into(), client_secret: secret.into(), refresh_token: "token".into() }
}

async fn a_rotated_secret_is_noticed_within_minutes(aws: World) {
    let clock = Arc::new(FixedClock::new("2026-11-22T04:00:00Z".parse().unwrap()));
    let reader = Secrets::new(aws.secrets(), clock.clone());
    let writer = Secrets::new(aws.secrets(), clock.clone());
    let read = async || reader.credentials(aws.case()).await.unwrap().client_secret.expose_secret().to_owned();
    writer.store(aws.case(), &credentials("first")).await.unwrap();
    assert_eq!(read().await, "first");
    writer.store(aws.case(), &credentials("second")).await.unwrap();
    assert_eq!(read().await, "first");
    clock.advance(SignedDuration::from_mins(5));
    assert_eq!(read().await, "second");
    writer.store(aws.case(), &credentials("third")).await.unwrap();
    reader.forget(aws.case());
    assert_eq!(read().await, "third");
}

async fn a_secret_that_is_not_there_is_missing(aws: World) {
    let clock = Arc::new(FixedClock::new("2026-11-22T04:00:00Z".parse().unwrap()));
    let error = Secrets::new(aws.secrets(), clock).credentials(aws.case()).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
}
