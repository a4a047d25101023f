//! Whose turn it is: an account is pulled by one run at a time.
//!
//! Two runs would not spoil the books, for everything they write follows from what Amazon says; but each would read
//! what the other is about to change. A run that is killed leaves its turn behind, and the turn ends by itself at the
//! moment at which Lambda would have ended the run.

use countinghouse_domain::ids::SellerId;
use jiff::Timestamp;

use super::Purchases;
use super::keys::{TURN, windows_key};
use crate::StoreError;
use crate::item::ItemBuilder;
use crate::table::VERSION;

/// Whether the account may be pulled.
#[derive(Debug)]
pub enum Turn {
    /// It may, by the holder of this.
    Taken(Taken),
    /// Another run has it, until this moment at the latest.
    Busy {
        /// When the other run ends, or would have been ended.
        until: Timestamp,
    },
}

/// A turn that was taken, to be given back.
#[derive(Debug)]
pub struct Taken {
    account: SellerId,
    version: u64,
}

impl Purchases {
    /// Takes the turn of an account until `until`, if nobody has it.
    pub async fn take_turn(&self, account: &SellerId, now: Timestamp, until: Timestamp) -> Result<Turn, StoreError> {
        let key = windows_key(account);
        for _ in 0..crate::table::ATTEMPTS {
            let there = self.table.get(&key, TURN).await?;
            let (version, held_until) = match &there {
                None => (0, None),
                Some(item) => {
                    let fields = self.table.fields(item);
                    (fields.number::<u64>(VERSION)?, fields.time_if("held_until")?)
                }
            };
            if let Some(until) = held_until.filter(|until| *until > now) {
                return Ok(Turn::Busy { until });
            }
            let is_new = there.is_none();
            let mut item = ItemBuilder::edit(there.unwrap_or_default());
            item.text("purchase", &key).text("part", TURN).text("account", account.as_str()).time("held_since", now);
            let item = item.time("held_until", until).take();
            let taken = if is_new { self.table.put_new(item).await? } else { self.table.put_back(item).await? };
            if taken {
                return Ok(Turn::Taken(Taken { account: account.clone(), version: version.saturating_add(1) }));
            }
        }
        Err(StoreError::Conflict { item: format!("{key} / {TURN}") })
    }

    /// Gives a turn back. Where it has passed to another run meanwhile, nothing is changed.
    pub async fn end_turn(&self, turn: Taken) -> Result<(), StoreError> {
        let mut item = ItemBuilder::new();
        item.text("purchase", windows_key(&turn.account)).text("part", TURN).text("account", turn.account.as_str());
        self.table.put_back(item.number(VERSION, turn.version).take()).await.map(drop)
    }
}
