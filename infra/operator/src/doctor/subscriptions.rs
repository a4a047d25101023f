//! Whether Amazon sends its notifications to this stack: the destination of each application, in each region, and the
//! subscriptions of each seller.

use std::collections::BTreeMap;

use countinghouse_amazon::{Amazon, AmazonError, Destination, NotificationType};
use countinghouse_domain::marketplace::Region;
use countinghouse_store::Seller;

use super::WITHOUT_AMAZON;
use super::check::{Check, Finding, Verdict};
use super::credentials::{Application, Keyring, is_notified, proof_of};
use super::patient::Patient;
use crate::desk::{chain, span};

/// The destinations of an application in a region: its secret's name, and the region.
pub(super) type Destinations = BTreeMap<(String, Region), Vec<Destination>>;

/// The destinations of every application in every region that has sellers.
pub(super) async fn destinations(patient: &Patient, ring: &Keyring) -> (Vec<Finding>, Destinations) {
    let (mut findings, mut known) = (Vec::new(), Destinations::new());
    for application in &ring.applications {
        for region in application.notified_regions() {
            let (verdict, found) = one(patient, application, region).await;
            let of = format!("{} {region}", application.secret);
            findings.push(Finding::new(Check::Destination, of, verdict));
            if let Some(found) = found {
                known.insert((application.secret.clone(), region), found);
            }
        }
    }
    (findings, known)
}

async fn one(patient: &Patient, application: &Application, region: Region) -> (Verdict, Option<Vec<Destination>>) {
    let Some(amazon) = &patient.amazon else { return (Verdict::skipped(WITHOUT_AMAZON), None) };
    let Some(proof) = application.credentials.as_ref().ok().and_then(proof_of) else {
        return (Verdict::skipped("its secret cannot be read"), None);
    };
    match amazon.application(proof, region).destinations().await {
        Ok(found) => (judged(patient, application, region, &found), Some(found)),
        Err(AmazonError::Unauthorized { .. }) => (Verdict::skipped("Amazon gives no access token, see `token`"), None),
        Err(error) => (unanswered(patient, application, &error), None),
    }
}

fn judged(patient: &Patient, application: &Application, region: Region, found: &[Destination]) -> Verdict {
    let Some(queue) = patient.output("NotificationsQueueArn") else {
        return Verdict::skipped("the stack's queue is not known, see `stack`");
    };
    if let Some(here) = found.iter().find(|each| each.queue_arn.as_deref() == Some(queue)) {
        return Verdict::fine(format!("{} leads to {queue}", here.id));
    }
    let others: Vec<_> = found.iter().filter_map(|each| each.queue_arn.as_deref()).collect();
    let others = if others.is_empty() { "it has none" } else { &format!("it has {}", others.join(", ")) };
    let account = application.accounts.iter().find(|each| each.region == region && is_notified(each));
    let account = account.map(|each| each.seller_id.to_string()).unwrap_or_default();
    Verdict::broken(
        format!("the application has no destination that leads to {queue}; {others}"),
        [patient.mend.own(&format!("connect --account {account}"))],
    )
}

fn unanswered(patient: &Patient, application: &Application, error: &AmazonError) -> Verdict {
    match error {
        AmazonError::RateLimited { wait, .. } => {
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1);
            Verdict::skipped(format!(
                "Amazon's rate is used up, run doctor again in {}",
                span(jiff::SignedDuration::from_secs(seconds))
            ))
        }
        AmazonError::Forbidden { answer, .. } => Verdict::look(
            format!("Amazon does not let the application ask for its destinations: {answer}"),
            ["only an application for sellers may: https://sellercentral.amazon.com/sellingpartner/developerconsole"
                .to_owned()],
        ),
        error => Verdict::look(
            format!("could not be checked: {}", chain(error)),
            [patient.mend.own(&format!(
                "doctor --account {}",
                application.accounts.first().map(|each| each.seller_id.to_string()).unwrap_or_default()
            ))],
        ),
    }
}

/// The subscriptions of an account to everything that it has to hear of.
pub(super) async fn of_account(
    patient: &Patient,
    amazon: &Amazon,
    ring: &Keyring,
    destinations: &Destinations,
    account: &Seller,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let application =
        ring.applications.iter().find(|each| each.accounts.iter().any(|other| other.seller_id == account.seller_id));
    let destinations = application.and_then(|each| destinations.get(&(each.secret.clone(), account.region)));
    for notification in wanted(account) {
        let seller = amazon.seller(account.seller_id.clone(), account.region);
        let verdict = match seller.subscription(notification).await {
            Ok(None) => Verdict::broken(
                "Amazon does not notify of this: reports are found by polling only, hours later",
                [connect(patient, account)],
            ),
            Ok(Some(found)) => leads_where(patient, account, &found.destination_id, destinations),
            Err(error) => application.map_or_else(
                || Verdict::skipped("its application is not known"),
                |application| unanswered(patient, application, &error),
            ),
        };
        findings.push(Finding::part(Check::Subscription, &account.seller_id, notification.name(), verdict));
    }
    findings
}

/// What an account has to hear of.
pub(super) fn wanted(account: &Seller) -> Vec<NotificationType> {
    let mut wanted = Vec::new();
    if is_notified(account) {
        wanted.push(NotificationType::ReportProcessingFinished);
    }
    if account.flows.invoicing {
        wanted.push(NotificationType::FeedProcessingFinished);
    }
    wanted
}

fn leads_where(patient: &Patient, account: &Seller, id: &str, destinations: Option<&Vec<Destination>>) -> Verdict {
    let (Some(destinations), Some(queue)) = (destinations, patient.output("NotificationsQueueArn")) else {
        return Verdict::skipped("it is there; where it leads is not known, see `destination`");
    };
    match destinations.iter().find(|each| each.id == id) {
        Some(here) if here.queue_arn.as_deref() == Some(queue) => Verdict::fine("leads to the stack's queue"),
        Some(other) => Verdict::broken(
            format!("leads elsewhere: to {}", other.queue_arn.as_deref().unwrap_or(&other.name)),
            [connect(patient, account)],
        ),
        None => Verdict::broken(
            format!("leads to the destination {id}, which is not there any more"),
            [connect(patient, account)],
        ),
    }
}

fn connect(patient: &Patient, account: &Seller) -> String {
    patient.mend.own(&format!("connect --account {}", account.seller_id))
}
