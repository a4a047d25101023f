//! Settlements: claimed before the first payment is written, completed after the last, proven or visible.
//!
//! A settlement is booked from one file. `claim` decides which: the first bytes win, the same bytes come again
//! under any report id, other bytes are a conflict that is shown and never booked. `complete` writes the proof
//! last; until then the settlement stands in the index of what needs attention, so one that got stuck is seen.

mod attention;
mod item;
mod model;

pub use attention::{AttentionReason, Balances};
pub use model::{
    Claim, ClaimedSettlement, Completion, ConflictRecord, NeedsAttention, SettlementStatus, StoredDerived, StoredProof,
    StoredSettlement, StoredSubtotal,
};

use aws_sdk_dynamodb::Client;
use countinghouse_domain::ids::{ReportId, SellerId, SettlementId};
use countinghouse_domain::money::Currency;
use countinghouse_domain::settlement::{ChainLink, Layout, SettlementHeader, chain_of};
use jiff::Timestamp;

use crate::table::{ATTEMPTS, Change, Table};
use crate::{Item, StoreError};
use item::{KEYS, OWNER, settlement_key};

/// The table of settlements.
#[derive(Debug, Clone)]
pub struct Settlements {
    table: Table,
}

impl Settlements {
    /// The settlements in this table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table, KEYS) }
    }

    /// Claims a settlement for a file, before anything of it is written.
    ///
    /// Two processes may claim at the same moment: the item is put on the condition that there is none, so one of
    /// them wins, and the other sees what the winner claimed. The settlement's owner is claimed in the same
    /// transaction: payments are kept under the settlement's id alone, and two sellers must not share one.
    pub async fn claim(
        &self,
        seller: &SellerId,
        header: &SettlementHeader,
        layout: Layout,
        sha256: &str,
        report_id: &ReportId,
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        let offered = ClaimedSettlement {
            seller: seller.clone(),
            sha256: sha256.to_owned(),
            layout,
            report_id: report_id.clone(),
            claimed_at: now,
            status: SettlementStatus::Booking,
        };
        let id = &header.settlement_id;
        for _ in 0..ATTEMPTS {
            let item = item::claimed(header, &offered);
            let Some(there) = self.table.get(seller.as_str(), &settlement_key(id)).await? else {
                let owner = self.owner(id).await?;
                let mut changes = vec![Change::New(item)];
                match &owner {
                    Some(owner) if owner != seller => return self.foreign_conflict(owner, header, &offered).await,
                    Some(_) => {}
                    None => changes.push(Change::New(item::owner(id, seller))),
                }
                if self.table.put_together(changes).await? {
                    return Ok(Claim::New);
                }
                continue;
            };
            let known = item::read_claimed(&self.table.fields(&there))?;
            if known.sha256 != offered.sha256 {
                return self.conflict(known, header, &offered).await;
            }
            if known.report_id != offered.report_id && !self.note_delivery(there, report_id).await? {
                continue;
            }
            return Ok(match known.status {
                SettlementStatus::Booking => Claim::Resumed(known),
                SettlementStatus::Proven | SettlementStatus::Unproven => Claim::AlreadyBooked(known),
            });
        }
        Err(self.contention(seller, id))
    }

    /// For which seller a settlement is booked or being booked, if it is.
    pub async fn owner(&self, id: &SettlementId) -> Result<Option<SellerId>, StoreError> {
        let item = self.table.get(&settlement_key(id), OWNER).await?;
        item.map(|item| self.table.fields(&item).parse("owner", "a seller id")).transpose()
    }

    async fn foreign_conflict(
        &self,
        owner: &SellerId,
        header: &SettlementHeader,
        offered: &ClaimedSettlement,
    ) -> Result<Claim, StoreError> {
        let key = settlement_key(&header.settlement_id);
        let there = self.table.get(owner.as_str(), &key).await?;
        let there = there.ok_or_else(|| StoreError::Missing { item: format!("{owner} / {key}") })?;
        let known = item::read_claimed(&self.table.fields(&there))?;
        self.conflict(known, header, offered).await
    }

    async fn conflict(
        &self,
        known: ClaimedSettlement,
        header: &SettlementHeader,
        offered: &ClaimedSettlement,
    ) -> Result<Claim, StoreError> {
        // Seen before is as good as written now.
        self.table.put_new(item::conflict(header, &known, offered)).await?;
        Ok(Claim::Conflict(known))
    }

    /// Amazon delivers one settlement under several report ids: each is remembered. False when another process
    /// changed the item in between.
    async fn note_delivery(&self, there: Item, report_id: &ReportId) -> Result<bool, StoreError> {
        match item::also_delivered_as(there, report_id)? {
            Some(changed) => self.table.put_back(changed).await,
            None => Ok(true),
        }
    }

    /// Opens a settlement that is booked, to book it again from the same bytes: it is `booking` until `complete`, so
    /// that nobody relies on it while its payments and its proof may disagree, and so that whoever finds it after a
    /// crash goes on.
    pub async fn reopen(&self, seller: &SellerId, id: &SettlementId, sha256: &str) -> Result<(), StoreError> {
        self.change(seller, id, |there| item::reopened(there, sha256)).await.map(drop)
    }

    /// Completes a settlement: the proof, the place in the chain, and the completion marker last.
    ///
    /// First the settlement's figures become visible to its neighbours, then the chain is worked out for it and
    /// for them, then the marker is set. A process that dies in between leaves a settlement without a marker, and
    /// running all of this again ends the same. Of two neighbours that complete at the same moment the later one
    /// sees the figures of both.
    pub async fn complete(
        &self,
        seller: &SellerId,
        completion: &Completion<'_>,
        now: Timestamp,
    ) -> Result<StoredSettlement, StoreError> {
        let id = &completion.header.settlement_id;
        self.change(seller, id, |there| item::with_figures(there, completion)).await?;
        self.rechain(seller, completion.header.currency).await?;
        let done = self.change(seller, id, |there| item::completed(there, completion, now)).await?;
        item::read(&self.table.fields(&done))
    }

    /// Works out the chain of every settlement of a seller in a currency, and returns those whose place has
    /// changed: a predecessor that arrives late closes its successor's gap.
    pub async fn rechain(&self, seller: &SellerId, currency: Currency) -> Result<Vec<SettlementId>, StoreError> {
        let mut moved = Vec::new();
        'again: for _ in 0..ATTEMPTS {
            let items = self.items(seller).await?;
            let known = items.iter().map(|item| item::read_neighbour(&self.table.fields(item)));
            let known: Vec<_> = known.collect::<Result<_, _>>()?;
            for (item, own) in items.iter().zip(&known) {
                if own.link.currency != currency {
                    continue;
                }
                let chain = chain_of(&own.link, known.iter().map(|other| &other.link));
                let Some(changed) = item::rechained(item, own, &chain, &known) else { continue };
                if !self.table.put_back(changed).await? {
                    continue 'again;
                }
                moved.push(own.link.settlement_id.clone());
            }
            moved.dedup();
            return Ok(moved);
        }
        Err(StoreError::Conflict { item: format!("{} {seller}, chain in {currency}", self.table.name) })
    }

    /// What the chain needs to know of the seller's settlements in a currency.
    pub async fn links(&self, seller: &SellerId, currency: Currency) -> Result<Vec<ChainLink>, StoreError> {
        let mut links = Vec::new();
        for item in self.items(seller).await? {
            let link = item::read_neighbour(&self.table.fields(&item))?.link;
            if link.currency == currency {
                links.push(link);
            }
        }
        Ok(links)
    }

    /// One settlement.
    pub async fn get(&self, seller: &SellerId, id: &SettlementId) -> Result<Option<StoredSettlement>, StoreError> {
        let there = self.table.get(seller.as_str(), &settlement_key(id)).await?;
        there.map(|item| item::read(&self.table.fields(&item))).transpose()
    }

    /// Every settlement of a seller, the oldest period first.
    pub async fn list(&self, seller: &SellerId) -> Result<Vec<StoredSettlement>, StoreError> {
        let items = self.items(seller).await?;
        let mut all = Vec::with_capacity(items.len());
        for item in &items {
            all.push(item::read(&self.table.fields(item))?);
        }
        all.sort_by_key(|each| (each.header.end, each.header.start));
        Ok(all)
    }

    /// Whatever a person should look at, of all sellers, the oldest period first: settlements that are not
    /// completed, not proven, with amounts that no rule knows or with a gap before them, and files in conflict.
    pub async fn needs_attention(&self) -> Result<Vec<NeedsAttention>, StoreError> {
        let keys = self.table.keys_in_index("by-status", "attention", item::OPEN).await?;
        let mut found = Vec::new();
        for item in self.table.get_many(keys).await? {
            let fields = self.table.fields(&item);
            if fields.text_if("attention")?.is_some() {
                found.push(item::read_attention(&fields)?);
            }
        }
        found.sort_by_key(NeedsAttention::settlement_end);
        Ok(found)
    }

    async fn items(&self, seller: &SellerId) -> Result<Vec<Item>, StoreError> {
        self.table.begins_with(seller.as_str(), &settlement_key_prefix()).await
    }

    async fn change(
        &self,
        seller: &SellerId,
        id: &SettlementId,
        change: impl Fn(Item) -> Result<Item, StoreError>,
    ) -> Result<Item, StoreError> {
        let key = settlement_key(id);
        for _ in 0..ATTEMPTS {
            let there = self.table.get(seller.as_str(), &key).await?;
            let there = there.ok_or_else(|| StoreError::Missing { item: format!("{seller} / {key}") })?;
            let changed = change(there)?;
            if self.table.put_back(changed.clone()).await? {
                return Ok(changed);
            }
        }
        Err(self.contention(seller, id))
    }

    fn contention(&self, seller: &SellerId, id: &SettlementId) -> StoreError {
        StoreError::Conflict { item: format!("{} {seller} / {}", self.table.name, settlement_key(id)) }
    }
}

fn settlement_key_prefix() -> String {
    "settlement ".to_owned()
}
