//! What can be checked, and what a check came to.

use std::fmt;
use std::str::FromStr;

use countinghouse_domain::ids::SellerId;

/// One kind of check. The names are a promise to scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Check {
    /// The stack is there, and its last deployment ended well.
    Stack,
    /// The template that is deployed and this program belong together.
    TemplateVersion,
    /// Somebody gets the alarms.
    AlarmSubscriber,
    /// This machine's clock, and AWS's or Amazon's.
    Clock,
    /// Replaced documents can be had back.
    BucketVersioning,
    /// Nobody else can read the bucket.
    BucketPublicAccess,
    /// A schedule is there and on.
    Schedule,
    /// What a schedule should have done has been done.
    LastRun,
    /// Nothing lies in a dead-letter queue.
    DeadLetterQueue,
    /// Messages are taken out of a queue.
    Queue,
    /// Amazon may send to the queue of notifications.
    QueuePolicy,
    /// Amazon may use the key of that queue.
    KeyPolicy,
    /// Amazon has the queue as a destination.
    Destination,
    /// An account's row makes sense.
    Account,
    /// An account's secret is there and can be read.
    Secret,
    /// The application's secret lives on for a while.
    SecretAge,
    /// Amazon gives an access token for it.
    Token,
    /// The application has the roles that a flow needs.
    Role,
    /// Amazon gives a restricted token for a document with personal data.
    RestrictedToken,
    /// Amazon notifies this stack of an account's reports.
    Subscription,
    /// Reports come through.
    Jobs,
    /// Reports that cannot be read.
    Quarantine,
    /// Every settlement is proven.
    SettlementProof,
    /// No settlement came with other bytes.
    SettlementConflict,
    /// No settlement is missing between two others.
    SettlementGap,
    /// A settlement comes every other week.
    SettlementSilence,
    /// Every amount is understood.
    Unclassified,
    /// Own invoices get to Amazon in time.
    OwnInvoices,
    /// A seller who issues invoices has a profile.
    InvoiceProfile,
    /// Vendor invoices get to their end.
    VendorInvoices,
    /// Purchases are proven and agree with each other.
    Purchases,
}

impl Check {
    /// Every kind, in the order in which they are shown.
    pub(super) const ALL: [Self; 31] = [
        Self::Stack,
        Self::TemplateVersion,
        Self::AlarmSubscriber,
        Self::Clock,
        Self::BucketVersioning,
        Self::BucketPublicAccess,
        Self::Schedule,
        Self::LastRun,
        Self::DeadLetterQueue,
        Self::Queue,
        Self::QueuePolicy,
        Self::KeyPolicy,
        Self::Destination,
        Self::Account,
        Self::Secret,
        Self::SecretAge,
        Self::Token,
        Self::Role,
        Self::RestrictedToken,
        Self::Subscription,
        Self::Jobs,
        Self::Quarantine,
        Self::SettlementProof,
        Self::SettlementConflict,
        Self::SettlementGap,
        Self::SettlementSilence,
        Self::Unclassified,
        Self::OwnInvoices,
        Self::InvoiceProfile,
        Self::VendorInvoices,
        Self::Purchases,
    ];

    /// The name, for example `queue-policy`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Stack => "stack",
            Self::TemplateVersion => "template-version",
            Self::AlarmSubscriber => "alarm-subscriber",
            Self::Clock => "clock",
            Self::BucketVersioning => "bucket-versioning",
            Self::BucketPublicAccess => "bucket-public-access",
            Self::Schedule => "schedule",
            Self::LastRun => "last-run",
            Self::DeadLetterQueue => "dead-letter-queue",
            Self::Queue => "queue",
            Self::QueuePolicy => "queue-policy",
            Self::KeyPolicy => "key-policy",
            Self::Destination => "destination",
            Self::Account => "account",
            Self::Secret => "secret",
            Self::SecretAge => "secret-age",
            Self::Token => "token",
            Self::Role => "role",
            Self::RestrictedToken => "restricted-token",
            Self::Subscription => "subscription",
            Self::Jobs => "jobs",
            Self::Quarantine => "quarantine",
            Self::SettlementProof => "settlement-proof",
            Self::SettlementConflict => "settlement-conflict",
            Self::SettlementGap => "settlement-gap",
            Self::SettlementSilence => "settlement-silence",
            Self::Unclassified => "unclassified",
            Self::OwnInvoices => "own-invoices",
            Self::InvoiceProfile => "invoice-profile",
            Self::VendorInvoices => "vendor-invoices",
            Self::Purchases => "purchases",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Check {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|each| each.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.into_iter().map(Self::name).collect();
            format!("there is no such check; there are: {}", names.join(", "))
        })
    }
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As it should be.
    Fine {
        /// What was found.
        found: String,
    },
    /// Somebody should look at it.
    Look(Defect),
    /// Something does not work.
    Broken(Defect),
    /// Not checked.
    Skipped {
        /// Why not.
        why: String,
    },
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Defect {
    /// What is wrong.
    pub(super) wrong: String,
    /// How to mend it: commands to run as they stand, pages of a console, one in each line.
    pub(super) cure: Vec<String>,
}

impl Verdict {
    pub(super) fn fine(found: impl Into<String>) -> Self {
        Self::Fine { found: found.into() }
    }

    pub(super) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped { why: why.into() }
    }

    pub(super) fn look(wrong: impl Into<String>, cure: impl IntoIterator<Item = String>) -> Self {
        Self::Look(Defect { wrong: wrong.into(), cure: cure.into_iter().collect() })
    }

    pub(super) fn broken(wrong: impl Into<String>, cure: impl IntoIterator<Item = String>) -> Self {
        Self::Broken(Defect { wrong: wrong.into(), cure: cure.into_iter().collect() })
    }

    /// The sign in the table.
    pub(super) const fn sign(&self) -> &'static str {
        match self {
            Self::Fine { .. } => "✓",
            Self::Look(_) => "!",
            Self::Broken(_) => "✗",
            Self::Skipped { .. } => "–",
        }
    }

    /// The word for scripts.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Fine { .. } => "fine",
            Self::Look(_) => "look",
            Self::Broken(_) => "broken",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// What there is to say, in one line.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Fine { found } => found,
            Self::Look(defect) | Self::Broken(defect) => &defect.wrong,
            Self::Skipped { why } => why,
        }
    }

    /// What is not as it should be, if something is.
    pub(super) const fn defect(&self) -> Option<&Defect> {
        match self {
            Self::Look(defect) | Self::Broken(defect) => Some(defect),
            Self::Fine { .. } | Self::Skipped { .. } => None,
        }
    }
}

/// One line of the examination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) check: Check,
    /// What was looked at: a queue, an account, a secret.
    pub(super) of: String,
    /// The account that it is about, if it is about one.
    pub(super) account: Option<SellerId>,
    pub(super) verdict: Verdict,
}

impl Finding {
    /// Of something that belongs to the whole stack.
    pub(super) fn new(check: Check, of: impl Into<String>, verdict: Verdict) -> Self {
        Self { check, of: of.into(), account: None, verdict }
    }

    /// Of an account.
    pub(super) fn about(check: Check, account: &SellerId, verdict: Verdict) -> Self {
        Self { check, of: account.to_string(), account: Some(account.clone()), verdict }
    }

    /// Of a part of an account, for example one of its flows.
    pub(super) fn part(check: Check, account: &SellerId, part: &str, verdict: Verdict) -> Self {
        Self { check, of: format!("{account} {part}"), account: Some(account.clone()), verdict }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own_that_leads_back_to_it() {
        let names: BTreeSet<_> = Check::ALL.into_iter().map(Check::name).collect();
        assert_eq!(names.len(), Check::ALL.len());
        assert!(Check::ALL.into_iter().all(|check| check.name().parse() == Ok(check)));
        assert!(Check::ALL.is_sorted());
        assert!("quue".parse::<Check>().unwrap_err().contains("queue-policy"));
    }
}
