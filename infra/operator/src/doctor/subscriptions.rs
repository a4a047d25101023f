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
use super::roles::unanswered;

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
        Err(AmazonError::Forbidden { answer, .. }) => {
            let wrong = format!("Amazon does not let the application ask for its destinations: {answer}");
            let cure = "only an application for sellers may; it needs one role at least: Seller Central, Apps and \
                        Services, Develop Apps, Edit App";
            (Verdict::look(wrong, [cure.to_owned()]), None)
        }
        Err(error) => (unanswered(&error), None),
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
    Verdict::broken(
        format!("the application has no destination that leads to {queue}; {others}"),
        account.map(|account| patient.connect(account, "--again")),
    )
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
                "Amazon does not notify of this: what it tells of is found only when poll-jobs looks",
                [patient.connect(account, "--again")],
            ),
            Ok(Some(found)) => leads_where(patient, account, &found.destination_id, destinations),
            Err(error) => unanswered(&error),
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
            ["if nothing else needs it, take it over:".to_owned(), take_over(patient, account)],
        ),
        None => Verdict::broken(
            format!("leads to the destination {id}, which is not there any more"),
            [take_over(patient, account)],
        ),
    }
}

fn take_over(patient: &Patient, account: &Seller) -> String {
    patient.connect(account, "--again --replace")
}
