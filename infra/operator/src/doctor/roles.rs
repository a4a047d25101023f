//! Whether the application has the roles that an account's flows need, by the calls that `connect` makes too.

use countinghouse_amazon::{Amazon, AmazonError};
use countinghouse_store::Seller;
use jiff::SignedDuration;

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use crate::connect::roles::{self, Right};
use crate::connect::{Trouble, roles::Finding as Seen};
use crate::desk::{chain, span};

/// The roles of an account's flows, and restricted tokens where it needs them.
pub(super) async fn check(patient: &Patient, amazon: &Amazon, account: &Seller) -> Vec<Finding> {
    let seller = amazon.seller(account.seller_id.clone(), account.region);
    let seen = roles::examine(&seller, account.flows, patient.now).await;
    let is_there = |right: Right| seen.iter().any(|each| each.right == right && each.result.is_ok());
    let vendor = is_there(Right::VendorRetail) || is_there(Right::VendorDirect);
    let finding = |each: &Seen| {
        let spared = vendor && matches!(each.right, Right::VendorRetail | Right::VendorDirect);
        finding(account, each.right, judged(patient, account, each, spared))
    };
    seen.iter().map(finding).collect()
}

/// The same where Amazon gives no token.
pub(super) fn skipped(account: &Seller, token: &Verdict) -> Vec<Finding> {
    let why = match token {
        Verdict::Skipped { why } => why.clone(),
        Verdict::Fine { .. } | Verdict::Look(_) | Verdict::Broken(_) => "no access token, see `token`".to_owned(),
    };
    let mut findings: Vec<_> = roles::of(account.flows)
        .into_iter()
        .map(|right| finding(account, right, Verdict::skipped(why.clone())))
        .collect();
    for notification in super::subscriptions::wanted(account) {
        let verdict = Verdict::skipped(why.clone());
        findings.push(Finding::part(Check::Subscription, &account.seller_id, notification.name(), verdict));
    }
    findings
}

fn finding(account: &Seller, right: Right, verdict: Verdict) -> Finding {
    match right {
        Right::PersonalData => Finding::about(Check::RestrictedToken, &account.seller_id, verdict),
        Right::Settlements
        | Right::VatReports
        | Right::InvoiceData
        | Right::InvoiceUploads
        | Right::VendorRetail
        | Right::VendorDirect
        | Right::Purchases => Finding::part(Check::Role, &account.seller_id, right.opens(), verdict),
    }
}

fn judged(patient: &Patient, account: &Seller, seen: &Seen, spared: bool) -> Verdict {
    match &seen.result {
        Ok(()) => Verdict::fine("Amazon answers"),
        Err(AmazonError::Forbidden { .. }) if spared => Verdict::fine("not allowed, and not needed: the other API is"),
        Err(error @ AmazonError::Forbidden { answer, .. }) => Verdict::broken(
            format!(
                "the role {} is missing, or the account has not authorised it since: Amazon says {answer}",
                seen.right.role()
            ),
            [
                Trouble::of_right(error, seen.right).to_do,
                "the account authorises it anew: Seller Central, Apps and Services, Manage Your Apps \
                 (https://sellercentral.amazon.com/apps/manage); then, with the refresh token that it gives:"
                    .to_owned(),
                patient.connect(account, ""),
            ],
        ),
        Err(error) => unanswered(error),
    }
}

/// Why Amazon did not answer, where that says nothing about the account.
pub(super) fn unanswered(error: &AmazonError) -> Verdict {
    if let AmazonError::RateLimited { operation, wait } = error {
        let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1);
        let wait = span(SignedDuration::from_secs(seconds));
        let name = operation.name();
        return Verdict::skipped(format!("Amazon allows few calls of {name}; run doctor again in {wait}"));
    }
    Verdict::look(
        format!("could not be checked: {}", chain(error)),
        ["run it again; how Amazon itself is: https://sellercentral.amazon.com/sp-api-status".to_owned()],
    )
}
