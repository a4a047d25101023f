//! Secrets and the tokens that Amazon gives for them. Nothing of a secret's contents is ever shown.

use std::collections::BTreeSet;
use std::pin::Pin;

use countinghouse_amazon::{AmazonError, CredentialError, CredentialSource, Credentials, Refusal};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::marketplace::Region;
use countinghouse_runtime::amazon::StoredCredentials;
use countinghouse_store::{ApplicationCredentials, CLIENT_SECRET_LIVES, Seller, StoreError};
use jiff::{SignedDuration, Timestamp};

use super::WITHOUT_AMAZON;
use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use super::unanswered::Unanswered;
use crate::desk::{chain, day, span};

/// So long before its end a client secret is to be replaced; Amazon begins to remind 90 days before.
const NOTICE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Credentials on their way.
type Asked<'a> = Pin<Box<dyn Future<Output = Result<Credentials, CredentialError>> + Send + 'a>>;

/// The stored credentials as they are now. Functions also try the secret before, which must not hide a wrong one here.
#[derive(Debug)]
pub(super) struct CurrentCredentials(pub(super) StoredCredentials);

impl CredentialSource for CurrentCredentials {
    fn credentials<'a>(&'a self, seller: &'a SellerId) -> Asked<'a> {
        self.0.credentials(seller)
    }
}

/// An application: the secret that has its credentials, and the regions in which its accounts are.
#[derive(Debug)]
pub(super) struct Application {
    pub(super) secret: String,
    /// What it proves itself with, or why that is not known.
    pub(super) credentials: Result<ApplicationCredentials, Verdict>,
    pub(super) accounts: Vec<Seller>,
}

impl Application {
    /// The regions of those of its accounts of which Amazon notifies.
    pub(super) fn notified_regions(&self) -> BTreeSet<Region> {
        self.accounts.iter().filter(|account| is_notified(account)).map(|account| account.region).collect()
    }
}

/// Whether Amazon is to notify of the account's reports.
pub(super) const fn is_notified(account: &Seller) -> bool {
    account.flows.vat || account.flows.settlements || account.flows.invoicing
}

/// What the secrets of all accounts come to.
#[derive(Debug)]
pub(super) struct Keyring {
    pub(super) findings: Vec<Finding>,
    pub(super) applications: Vec<Application>,
    /// Accounts whose secret is as it should be.
    pub(super) usable: BTreeSet<SellerId>,
}

/// Reads every account's secret, and that of its application.
pub(super) async fn open(patient: &Patient) -> Keyring {
    let mut ring = Keyring { findings: Vec::new(), applications: Vec::new(), usable: BTreeSet::new() };
    for account in &patient.accounts {
        let (secret, id) = (&account.secret_name, &account.seller_id);
        let application = match patient.secrets.application_of(secret).await {
            Ok(application) => application,
            Err(error) => {
                let verdict = unreadable(patient, account, secret, &error).await;
                ring.findings.push(Finding::about(Check::Secret, id, verdict));
                continue;
            }
        };
        if !ring.applications.iter().any(|each| each.secret == application) {
            let credentials = match patient.secrets.application(&application).await {
                Ok(found) => Ok(found),
                Err(error) => Err(unreadable(patient, account, &application, &error).await),
            };
            ring.applications.push(Application { secret: application.clone(), credentials, accounts: Vec::new() });
        }
        let known = ring.applications.iter_mut().find(|each| each.secret == application);
        let Some(application) = known else { continue };
        application.accounts.push(account.clone());
        let verdict = match &application.credentials {
            Ok(_) if application.secret == *secret => Verdict::fine(format!("{secret}, with its application's secret")),
            Ok(_) => Verdict::fine(format!("{secret}, of {}", application.secret)),
            Err(verdict) => verdict.clone(),
        };
        if application.credentials.is_ok() {
            ring.usable.insert(id.clone());
        }
        ring.findings.push(Finding::about(Check::Secret, id, verdict));
    }
    for application in &ring.applications {
        ring.findings.push(Finding::new(Check::SecretAge, &application.secret, age(patient, application).await));
    }
    ring
}

/// Why a secret cannot be read.
async fn unreadable(patient: &Patient, account: &Seller, secret: &str, error: &StoreError) -> Verdict {
    let connect = if *secret == account.secret_name {
        patient.connect(account, "")
    } else {
        patient.mend.own(&format!("connect application{}", name_option(secret)))
    };
    match error {
        StoreError::Missing { .. } => {
            let client = aws_sdk_secretsmanager::Client::new(&patient.stack.aws);
            let described = client.describe_secret().secret_id(secret).send().await;
            match described.ok().and_then(|described| described.deleted_date) {
                Some(deleted) => {
                    let at = Timestamp::from_second(deleted.secs()).map(day).unwrap_or_default();
                    Verdict::broken(
                        format!("the secret {secret} is marked for deletion: AWS deletes it soon after {at}"),
                        [patient.mend.aws(&format!("secretsmanager restore-secret --secret-id {secret}"))],
                    )
                }
                None => Verdict::broken(format!("there is no secret {secret}"), [connect]),
            }
        }
        StoreError::Corrupt { .. } => Verdict::broken(format!("it cannot be understood: {error}"), [connect]),
        StoreError::Throttled { .. } | StoreError::Conflict { .. } | StoreError::Service { .. } => {
            Unanswered::store(error).verdict(&patient.mend)
        }
    }
}

/// How long the application's secret is good.
async fn age(patient: &Patient, application: &Application) -> Verdict {
    let Ok(credentials) = &application.credentials else { return Verdict::skipped("its secret cannot be read") };
    let (expires_at, how) = if let Some(expires_at) = credentials.client_secret_expires_at {
        (Some(expires_at), "as Amazon has said")
    } else {
        let since = match credentials.client_secret_since {
            Some(since) => Ok(Some(since)),
            None => patient.secrets.changed_at(&application.secret).await,
        };
        match since {
            Ok(since) => (
                since.and_then(|since| since.checked_add(CLIENT_SECRET_LIVES).ok()),
                "at the latest: 180 days after it was stored",
            ),
            Err(error) => return patient.unread(&error),
        }
    };
    let Some(expires_at) = expires_at else { return Verdict::skipped("nothing says how old it is") };
    judged_age(patient, application, expires_at, how)
}

fn judged_age(patient: &Patient, application: &Application, expires_at: Timestamp, how: &str) -> Verdict {
    let left = expires_at.duration_since(patient.now);
    if left.is_negative() || left.is_zero() {
        return Verdict::broken(
            format!("the client secret expired on {}, {how}: every call to Amazon fails", day(expires_at)),
            new_secret(patient, application),
        );
    }
    let said = format!("{} left: until {}, {how}", span(left), day(expires_at));
    if left < NOTICE {
        let option = application_option(&application.secret);
        return Verdict::look(
            format!("the client secret expires soon, {said}"),
            [patient.mend.own(&format!("rotate{option}"))],
        );
    }
    Verdict::fine(said)
}

/// A secret that does not work any more cannot ask for the next one: a person makes it.
fn new_secret(patient: &Patient, application: &Application) -> Vec<String> {
    let alone = application.accounts.iter().find(|account| account.secret_name == application.secret);
    vec![
        "make a new client secret: https://sellercentral.amazon.com/sellingpartner/developerconsole (View, at LWA credentials)"
            .to_owned(),
        match alone {
            Some(account) => patient.connect(account, ""),
            None => patient.mend.own(&format!("connect application{}", name_option(&application.secret))),
        },
    ]
}

/// The name of an application, where it is not the usual one.
fn unusual_name(secret: &str) -> Option<&str> {
    secret.strip_prefix("countinghouse/application/").filter(|name| *name != "default")
}

/// The option of `rotate` that names an application.
pub(super) fn application_option(secret: &str) -> String {
    unusual_name(secret).map(|name| format!(" --application {name}")).unwrap_or_default()
}

/// The option of `connect application` that names one.
fn name_option(secret: &str) -> String {
    unusual_name(secret).map(|name| format!(" --name {name}")).unwrap_or_default()
}

/// Whether Amazon gives an access token for an account. `Err` says why nothing else can be asked for it.
pub(super) async fn token(patient: &Patient, ring: &Keyring, account: &Seller) -> (Finding, bool) {
    let (finding, is_there) = match &patient.amazon {
        None => (Verdict::skipped(WITHOUT_AMAZON), false),
        Some(_) if !ring.usable.contains(&account.seller_id) => (Verdict::skipped("its secret cannot be read"), false),
        Some(amazon) => {
            let seller = amazon.seller(account.seller_id.clone(), account.region);
            match seller.check_credentials().await {
                Ok(()) => (Verdict::fine("Amazon gives an access token"), true),
                Err(error) => (refused(patient, ring, account, &error).await, false),
            }
        }
    };
    (Finding::about(Check::Token, &account.seller_id, finding), is_there)
}

async fn refused(patient: &Patient, ring: &Keyring, account: &Seller, error: &AmazonError) -> Verdict {
    let connect = patient.connect(account, "");
    let application =
        ring.applications.iter().find(|each| each.accounts.iter().any(|other| other.seller_id == account.seller_id));
    let AmazonError::Unauthorized { refusal, .. } = error else {
        return Verdict::look(
            format!("could not be checked: {}", chain(error)),
            ["run it again; Amazon's own state: https://sellercentral.amazon.com/sp-api-status".to_owned()],
        );
    };
    match refusal {
        Refusal::Authorisation => Verdict::broken(
            "invalid_grant: the refresh token is wrong or another application's, or the authorisation was withdrawn",
            [
                "authorise the application again: https://sellercentral.amazon.com/apps/manage (vendors: \
                 https://vendorcentral.amazon.com, Integration, API Integration)"
                    .to_owned(),
                connect,
            ],
        ),
        Refusal::Secret => {
            let cure = application.map(|each| new_secret(patient, each)).unwrap_or_default();
            if previous_works(patient, account, application).await {
                return Verdict::look(
                    "invalid_client: Amazon does not take the client secret; the one before still works for a few days",
                    cure,
                );
            }
            Verdict::broken("invalid_client: the client secret is wrong or has expired, or the client id is wrong", cure)
        }
        Refusal::Other(code) => Verdict::broken(
            format!("{code}: Amazon gives no access token"),
            [
                "see what is wrong with the application: https://sellercentral.amazon.com/sellingpartner/developerconsole"
                    .to_owned(),
                connect,
            ],
        ),
    }
}

/// Whether Amazon takes the client secret before the present one, as the functions would find out.
async fn previous_works(patient: &Patient, account: &Seller, application: Option<&Application>) -> bool {
    let (Some(application), Some(amazon)) = (application, &patient.amazon) else { return false };
    let Ok(Some(before)) = patient.secrets.previous_application(&application.secret).await else { return false };
    let Some(proof) = proof_of(&before) else { return false };
    amazon.application(proof, account.region).check_credentials().await.is_ok()
}

/// What an application proves itself with at Amazon.
pub(super) fn proof_of(credentials: &ApplicationCredentials) -> Option<countinghouse_amazon::ApplicationCredentials> {
    countinghouse_amazon::ApplicationCredentials::new(credentials.client_id.as_str(), credentials.client_secret.clone())
        .ok()
}
