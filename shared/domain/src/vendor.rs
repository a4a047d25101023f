//! Vendor invoices at Amazon: what may become of one, and when to ask again.
//!
//! Amazon has no question "which invoices do you have?" and no key that makes sending twice harmless. So an invoice
//! is written down before it is sent, and one whose answer was lost waits for a person.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

/// Which of Amazon's two APIs takes an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VendorApi {
    /// Retail procurement: Amazon buys and sells on.
    Retail,
    /// Direct fulfillment: the vendor ships to Amazon's customer.
    DirectFulfillment,
}

impl VendorApi {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Retail, Self::DirectFulfillment];

    /// `retail` or `direct-fulfillment`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retail => "retail",
            Self::DirectFulfillment => "direct-fulfillment",
        }
    }
}

impl fmt::Display for VendorApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names none of Amazon's vendor APIs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither retail nor direct-fulfillment")]
pub struct UnknownVendorApi(pub String);

impl FromStr for VendorApi {
    type Err = UnknownVendorApi;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|each| each.name() == text);
        found.ok_or_else(|| UnknownVendorApi(text.chars().take(40).collect()))
    }
}

/// Amazon's word for the state of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// At work, or for retail: no more will be said.
    Processing,
    /// Taken.
    Success,
    /// Refused, with errors.
    Failure,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvoiceStatus {
    /// Our own checks found mistakes; Amazon has heard nothing of it.
    Rejected,
    /// Its number is taken for ever and it will be sent; Amazon has heard nothing of it.
    Claimed,
    /// It is being sent at this moment. A process that dies here leaves nobody who knows what Amazon has heard.
    Sending,
    /// Amazon gave it a transaction id.
    Submitted,
    /// Amazon says that it is at work.
    Processing,
    /// Amazon still said "processing" after half an hour, which it does with invoices that it took. Nothing proves it.
    PresumedAcceptedUnverified,
    /// Amazon says that it took it, or a person found it there.
    Accepted,
    /// Amazon refused it, or a person found that Amazon does not have it.
    Failed,
    /// It went out and no answer came back. Only a person can find out, in Vendor Central, what Amazon made of it.
    AnswerLost,
}

/// Who should look at an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvoiceAttention {
    /// Nobody yet: it should come to an end by itself.
    OnItsWay,
    /// A person: it goes nowhere by itself.
    NeedsAPerson,
    /// Whoever wants to be sure: Amazon will probably never say more.
    Unverified,
}

impl InvoiceAttention {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::OnItsWay, Self::NeedsAPerson, Self::Unverified];

    /// The name in tables, for example `needs_a_person`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnItsWay => "on_its_way",
            Self::NeedsAPerson => "needs_a_person",
            Self::Unverified => "unverified",
        }
    }
}

/// After so long nobody can still be sending: no Lambda function lives longer than a quarter of an hour.
pub const SENDING_TAKES_AT_MOST: SignedDuration = SignedDuration::from_mins(15);
/// After so long "processing" counts as accepted. Amazon's guides say 15 minutes for retail and 30 for direct
/// fulfillment; failures that users report came within seconds.
pub const PRESUMED_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// How often an unverified invoice is asked about: definite answers after hours are rare, but have been seen.
pub const ASKED_AGAIN_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Until when it is asked about. Users report transactions that say "processing" for days and never change later.
pub const ASKED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

impl InvoiceStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Rejected,
        Self::Claimed,
        Self::Sending,
        Self::Submitted,
        Self::Processing,
        Self::PresumedAcceptedUnverified,
        Self::Accepted,
        Self::Failed,
        Self::AnswerLost,
    ];

    /// The name in tables, for example `answer_lost`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Claimed => "claimed",
            Self::Sending => "sending",
            Self::Submitted => "submitted",
            Self::Processing => "processing",
            Self::PresumedAcceptedUnverified => "presumed_accepted_unverified",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::AnswerLost => "answer_lost",
        }
    }

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }

    /// Who should look at it; nobody for what is accepted.
    pub const fn attention(self) -> Option<InvoiceAttention> {
        match self {
            Self::Claimed | Self::Sending | Self::Submitted | Self::Processing => Some(InvoiceAttention::OnItsWay),
            Self::Rejected | Self::Failed | Self::AnswerLost => Some(InvoiceAttention::NeedsAPerson),
            Self::PresumedAcceptedUnverified => Some(InvoiceAttention::Unverified),
            Self::Accepted => None,
        }
    }

    /// Whether Amazon has a transaction that can be asked about.
    pub const fn has_a_transaction_to_ask_about(self) -> bool {
        matches!(self, Self::Submitted | Self::Processing | Self::PresumedAcceptedUnverified)
    }

    /// Where an invoice stands after Amazon was asked. `submitted_at` is when Amazon gave it its transaction.
    #[must_use]
    pub fn after(self, answer: TransactionStatus, submitted_at: Timestamp, now: Timestamp) -> Self {
        match answer {
            _ if !self.has_a_transaction_to_ask_about() => self,
            TransactionStatus::Success => Self::Accepted,
            TransactionStatus::Failure => Self::Failed,
            TransactionStatus::Processing if self == Self::PresumedAcceptedUnverified => self,
            TransactionStatus::Processing if now.duration_since(submitted_at) >= PRESUMED_AFTER => {
                Self::PresumedAcceptedUnverified
            }
            TransactionStatus::Processing => Self::Processing,
        }
    }

    /// When to look after it again, having looked `now`; none when there is nothing more to learn. `since` is when it
    /// began to be sent, or when Amazon gave it its transaction.
    pub fn next_look(self, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let after = |start: Timestamp, pause| start.saturating_add(pause).unwrap_or(now);
        match self {
            Self::Sending => Some(after(since, SENDING_TAKES_AT_MOST)),
            Self::Submitted | Self::Processing => Some(now),
            Self::PresumedAcceptedUnverified if now < after(since, ASKED_FOR) => Some(after(now, ASKED_AGAIN_EVERY)),
            Self::PresumedAcceptedUnverified
            | Self::Rejected
            | Self::Claimed
            | Self::Accepted
            | Self::Failed
            | Self::AnswerLost => None,
        }
    }
}

impl fmt::Display for InvoiceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_reads_what_it_writes() {
        for each in InvoiceStatus::ALL {
            assert_eq!(InvoiceStatus::from_name(each.name()), Some(each));
        }
        for each in VendorApi::ALL {
            assert_eq!(each.name().parse(), Ok(each));
        }
        assert!("Retail".parse::<VendorApi>().is_err());
    }

    #[test]
    fn processing_counts_as_accepted_after_half_an_hour_and_not_a_second_before() {
        let submitted = at("2026-11-22T12:00:00Z");
        let asked = |now| InvoiceStatus::Submitted.after(TransactionStatus::Processing, submitted, at(now));
        assert_eq!(asked("2026-11-22T12:29:59Z"), InvoiceStatus::Processing);
        assert_eq!(asked("2026-11-22T12:30:00Z"), InvoiceStatus::PresumedAcceptedUnverified);
    }

    #[test]
    fn a_definite_answer_counts_also_after_days() {
        let (submitted, now) = (at("2026-11-22T12:00:00Z"), at("2026-11-27T12:00:00Z"));
        let presumed = InvoiceStatus::PresumedAcceptedUnverified;
        assert_eq!(presumed.after(TransactionStatus::Failure, submitted, now), InvoiceStatus::Failed);
        assert_eq!(presumed.after(TransactionStatus::Success, submitted, now), InvoiceStatus::Accepted);
        assert_eq!(presumed.after(TransactionStatus::Processing, submitted, now), presumed);
    }

    #[test]
    fn an_answer_about_what_was_never_taken_changes_nothing() {
        let now = at("2026-11-22T12:00:00Z");
        for status in [InvoiceStatus::Claimed, InvoiceStatus::Failed, InvoiceStatus::AnswerLost] {
            assert_eq!(status.after(TransactionStatus::Success, now, now), status);
        }
    }

    #[test]
    fn an_unverified_invoice_is_asked_about_every_six_hours_for_a_week() {
        let submitted = at("2026-11-22T12:00:00Z");
        let presumed = InvoiceStatus::PresumedAcceptedUnverified;
        let next = |now| presumed.next_look(submitted, at(now));
        assert_eq!(next("2026-11-22T12:30:00Z"), Some(at("2026-11-22T18:30:00Z")));
        assert!(next("2026-11-29T11:59:59Z").is_some());
        assert_eq!(next("2026-11-29T12:00:00Z"), None);
    }

    #[test]
    fn what_is_being_sent_is_looked_at_when_nobody_can_be_sending_any_more() {
        let began = at("2026-11-22T12:00:00Z");
        assert_eq!(InvoiceStatus::Sending.next_look(began, began), Some(at("2026-11-22T12:15:00Z")));
        assert_eq!(InvoiceStatus::AnswerLost.next_look(began, began), None);
    }

    #[test]
    fn what_amazon_has_for_sure_needs_nobody() {
        let unseen: Vec<_> = InvoiceStatus::ALL.into_iter().filter(|each| each.attention().is_none()).collect();
        assert_eq!(unseen, [InvoiceStatus::Accepted]);
    }
}
