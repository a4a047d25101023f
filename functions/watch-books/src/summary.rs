//! The figures of all accounts, and the worst of each: what the alarms look at. Pure.

use std::collections::BTreeMap;

use countinghouse_domain::ids::SellerId;
use countinghouse_store::{AttentionReason, NeedsAttention};
use jiff::{SignedDuration, Timestamp};

use crate::account::{AccountFigures, StoredAccount};
use crate::jobs::{STATES, StateFigures};

/// A settlement that is being booked needs nobody for so long.
const BOOKING_TAKES_AT_MOST: SignedDuration = SignedDuration::from_hours(6);

/// What of the settlements waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attention {
    /// Settlements whose payments do not sum to their total.
    pub unproven: u64,
    /// Files that came with other bytes for a settlement that is booked.
    pub in_conflict: u64,
    /// Amounts that no rule knows.
    pub unclassified_rows: u64,
    /// Settlements and files, for whatever reason.
    pub needing_a_person: u64,
}

impl Attention {
    fn of<'a>(list: impl Iterator<Item = &'a NeedsAttention>, now: Timestamp) -> Self {
        let mut all = Self::default();
        for each in list {
            all.add(each, now);
        }
        all
    }

    fn add(&mut self, each: &NeedsAttention, now: Timestamp) {
        let settlement = match each {
            NeedsAttention::Conflict(_) => {
                count(&mut self.in_conflict, 1);
                return count(&mut self.needing_a_person, 1);
            }
            NeedsAttention::Settlement(settlement) => settlement,
        };
        count(&mut self.unproven, u64::from(settlement.reasons.contains(&AttentionReason::Unproven)));
        if settlement.reasons.contains(&AttentionReason::Unclassified) {
            count(&mut self.unclassified_rows, settlement.proof.as_ref().map_or(0, |proof| proof.unclassified));
        }
        let is_under_way = settlement.reasons.iter().all(|reason| *reason == AttentionReason::Booking)
            && now.duration_since(settlement.claimed.claimed_at) < BOOKING_TAKES_AT_MOST;
        count(&mut self.needing_a_person, u64::from(!is_under_way));
    }
}

fn count(counter: &mut u64, by: u64) {
    *counter = counter.saturating_add(by);
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// When.
    pub now: Timestamp,
    /// Each account, with what of its settlements waits for a person.
    pub accounts: Vec<(AccountFigures, Attention)>,
    /// What waits for a person, of all sellers: also of those that are not connected any more.
    pub attention: Attention,
    /// Reports by state, of all accounts; every state is there.
    pub states: BTreeMap<&'static str, StateFigures>,
    /// Vendor invoices and files that wait for a person; none where no vendor is connected.
    pub vendor_needing_a_person: Option<u64>,
}

impl Figures {
    /// Works everything out, at a moment.
    pub fn of(
        accounts: &[StoredAccount],
        attention: &[NeedsAttention],
        vendor_needing_a_person: Option<u64>,
        now: Timestamp,
    ) -> Self {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|account| {
                let id = &account.seller.seller_id;
                let own = Attention::of(attention.iter().filter(|each| seller_of(each) == id), now);
                (AccountFigures::of(account, now), own)
            })
            .collect();
        let mut states: BTreeMap<_, _> = STATES.map(|state| (state.name(), StateFigures::default())).into();
        for (name, figures) in accounts.iter().flat_map(|(account, _)| &account.states) {
            let all = states.entry(name).or_default();
            count(&mut all.count, figures.count);
            all.oldest_s = all.oldest_s.max(figures.oldest_s);
        }
        Self { now, attention: Attention::of(attention.iter(), now), accounts, states, vendor_needing_a_person }
    }
}

fn seller_of(each: &NeedsAttention) -> &SellerId {
    match each {
        NeedsAttention::Settlement(settlement) => &settlement.seller,
        NeedsAttention::Conflict(conflict) => &conflict.seller,
    }
}
