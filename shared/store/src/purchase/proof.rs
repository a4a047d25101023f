//! The proof of a window, as attributes and from them.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::money::Money;
use countinghouse_purchases::{Entry, Proof, Stored, prove};
use jiff::Timestamp;

use super::Purchases;
use super::keys::{HEADER, KEYS, transaction_key};
use super::window::{StoredWindow, WindowState};
use crate::item::{Fields, ItemBuilder};
use crate::{Item, StoreError};

/// So many gaps or differing transactions are listed; all of them are counted.
const MOST_LISTED: usize = 100;

/// A proof as it is stored, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowProof {
    /// How many different transactions there are.
    pub transactions: u64,
    /// What they come to: the currency, Amazon's word for the type, how many, and the sum as it is booked.
    pub sums: Vec<(String, String, u64, rust_decimal::Decimal)>,
    /// How many of them contradicted something when the window was proven.
    pub differing: u64,
    /// What keeps the window from being proven, at most a hundred of it.
    pub gaps: Vec<String>,
    /// The SHA-256 of identifiers and contents.
    pub hash: String,
}

impl Purchases {
    /// Ends a window whose last page is noted: reads back what its pages named, and proves that it is there.
    pub async fn prove_window(
        &self,
        window: &StoredWindow,
        now: Timestamp,
    ) -> Result<(StoredWindow, Proof), StoreError> {
        let fetched = self.fetched(window).await?;
        let account = &window.account;
        let mut ids: BTreeSet<String> = fetched.transaction_ids().map(str::to_owned).collect();
        // Those, too, that Amazon named on this day in an earlier pull. The index may lag behind for the newest, which
        // are on the pages.
        ids.extend(self.ids_by_feed_date(account, window.window.from, window.window.to).await?);
        let keys = ids.iter().map(|id| self.table.key(&transaction_key(account, id), HEADER)).collect();
        let headers = self.table.get_many(keys).await?;
        let stored: Result<Vec<_>, _> = headers.iter().map(counted).collect();
        let proof = prove(window.window, &fetched, stored?);
        let state = if proof.is_proven() { WindowState::Proven } else { WindowState::Unproven };
        let ended = self.end_window(window, state, attributes(&proof), now).await?;
        Ok((ended, proof))
    }
}

/// What the proof needs of a header.
fn counted(header: &Item) -> Result<Stored, StoreError> {
    let fields = Fields::of(header, KEYS);
    let amount = Money::new(fields.number("booked_amount")?, fields.parse("currency", "a currency")?);
    let assumed = fields.flag("feed_date_is_assumed")?;
    Ok(Stored {
        entry: Entry {
            transaction_id: fields.text("transaction_id")?.to_owned(),
            transaction_type: fields.text("transaction_type")?.to_owned(),
            amount,
            content_hash: fields.text("content_hash")?.to_owned(),
        },
        feed_date: fields.time_if("feed_date")?.filter(|_| !assumed),
        state: fields.text("state")?.to_owned(),
    })
}

fn attributes(proof: &Proof) -> Item {
    let sum =
        |((currency, kind), sum): (&(countinghouse_domain::money::Currency, String), &countinghouse_purchases::Sum)| {
            let mut map = ItemBuilder::new();
            map.text("currency", currency.code()).text("transaction_type", kind.as_str());
            map.number("transactions", sum.transactions).decimal("amount", sum.amount.normalize());
            AttributeValue::M(map.take())
        };
    let states = proof.states.iter().map(|(state, count)| (state.clone(), AttributeValue::N(count.to_string())));
    let mut item = ItemBuilder::new();
    item.number("pages", proof.pages)
        .number("fetched", proof.fetched)
        .number("unreadable", proof.unreadable)
        .number("transactions", proof.transactions)
        .value("sums", AttributeValue::L(proof.sums.iter().map(sum).collect()))
        .map("states", states.collect())
        .number("differing_count", proof.differing.len())
        .texts("differing", proof.differing.iter().take(MOST_LISTED))
        .number("gap_count", proof.gaps.len())
        .texts("gaps", proof.gaps.iter().take(MOST_LISTED))
        .text("hash", proof.hash.as_str());
    item.take()
}

impl StoredWindow {
    /// Its proof, where it has one.
    pub fn proof(&self) -> Result<Option<WindowProof>, StoreError> {
        let Some(proof) = Fields::of(&self.item, KEYS).map("proof")? else { return Ok(None) };
        let fields = Fields::of(proof, KEYS);
        let fault = || fields.fault("sums", "a list of sums");
        let sums = proof.get("sums").and_then(|sums| sums.as_l().ok()).ok_or_else(fault)?;
        let sum = |sum: &AttributeValue| {
            let sum = Fields::of(sum.as_m().map_err(|_other| fault())?, KEYS);
            let (currency, kind) = (sum.text("currency")?.to_owned(), sum.text("transaction_type")?.to_owned());
            Ok((currency, kind, sum.number("transactions")?, sum.number("amount")?))
        };
        Ok(Some(WindowProof {
            transactions: fields.number("transactions")?,
            sums: sums.iter().map(sum).collect::<Result<_, StoreError>>()?,
            differing: fields.number("differing_count")?,
            gaps: fields.texts("gaps")?.into_iter().map(str::to_owned).collect(),
            hash: fields.text("hash")?.to_owned(),
        }))
    }
}
