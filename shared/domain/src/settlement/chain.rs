//! The chain of settlements: one starts where another ended.
//!
//! A seller has several chains side by side (one for each marketplace group and currency), and a file does not
//! name its chain: the match is by time to the second, by currency, and by the marketplaces of the rows.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::SettlementId;
use crate::money::Currency;

/// What the chain needs to know of a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// The settlement.
    pub settlement_id: SettlementId,
    /// The first moment of its period.
    pub start: Timestamp,
    /// The end of its period.
    pub end: Timestamp,
    /// Its currency.
    pub currency: Currency,
    /// The marketplaces that its rows name; may be empty.
    pub marketplaces: BTreeSet<String>,
}

/// Where a settlement stands in its chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "position", content = "predecessor")]
pub enum Chain {
    /// No earlier settlement of this chain is known.
    First,
    /// This settlement is the one before: its end is this one's start.
    Chained(SettlementId),
    /// Earlier settlements of this chain are known, but none ends where this one starts: one is missing.
    Gap,
}

impl Chain {
    /// `first`, `chained` or `gap`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Chained(_) => "chained",
            Self::Gap => "gap",
        }
    }
}

/// Finds the place of `link` among the other known settlements of the same seller.
pub fn chain_of<'a>(link: &ChainLink, known: impl IntoIterator<Item = &'a ChainLink>) -> Chain {
    let mut earlier_exists = false;
    let mut best: Option<(usize, &ChainLink)> = None;
    for other in known {
        if other.settlement_id == link.settlement_id || other.currency != link.currency || !may_share(link, other) {
            continue;
        }
        if other.end == link.start {
            let shared = link.marketplaces.intersection(&other.marketplaces).count();
            if best.is_none_or(|(most, _)| shared > most) {
                best = Some((shared, other));
            }
        }
        earlier_exists |= other.end <= link.start;
    }
    match (best, earlier_exists) {
        (Some((_, other)), _) => Chain::Chained(other.settlement_id.clone()),
        (None, true) => Chain::Gap,
        (None, false) => Chain::First,
    }
}

/// Two settlements may be of one chain if they name a marketplace in common, or if one of them names none.
fn may_share(left: &ChainLink, right: &ChainLink) -> bool {
    left.marketplaces.is_empty() || right.marketplaces.is_empty() || !left.marketplaces.is_disjoint(&right.marketplaces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(id: &str, start: &str, end: &str, currency: &str, marketplaces: &[&str]) -> ChainLink {
        ChainLink {
            settlement_id: id.parse().unwrap(),
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            currency: currency.parse().unwrap(),
            marketplaces: marketplaces.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_settlement_that_starts_where_another_ends_is_chained() {
        let one = link("1", "2025-06-05T22:07:18Z", "2025-07-31T22:07:18Z", "CAD", &[]);
        let two = link("2", "2025-07-31T22:07:18Z", "2025-08-14T22:07:18Z", "CAD", &["Amazon.ca"]);
        assert_eq!(chain_of(&two, [&one, &two]), Chain::Chained("1".parse().unwrap()));
        assert_eq!(chain_of(&one, [&one, &two]), Chain::First);
    }

    #[test]
    fn a_missing_predecessor_is_a_gap() {
        let one = link("1", "2025-06-05T00:00:00Z", "2025-06-19T00:00:00Z", "EUR", &["Amazon.de"]);
        let three = link("3", "2025-07-03T00:00:00Z", "2025-07-17T00:00:00Z", "EUR", &["Amazon.de"]);
        assert_eq!(chain_of(&three, [&one]), Chain::Gap);
    }

    #[test]
    fn chains_of_two_currencies_or_marketplaces_do_not_mix() {
        let german = link("1", "2025-06-05T00:00:00Z", "2025-06-19T00:00:00Z", "EUR", &["Amazon.de"]);
        let french = link("2", "2025-06-19T00:00:00Z", "2025-07-03T00:00:00Z", "EUR", &["Amazon.fr"]);
        let swedish = link("3", "2025-06-19T00:00:00Z", "2025-07-03T00:00:00Z", "SEK", &["Amazon.se"]);
        assert_eq!(chain_of(&french, [&german]), Chain::First);
        assert_eq!(chain_of(&swedish, [&german]), Chain::First);
    }

    #[test]
    fn of_two_settlements_that_end_together_the_one_with_the_same_marketplaces_is_taken() {
        let unnamed = link("1", "2025-06-05T00:00:00Z", "2025-06-19T00:00:00Z", "EUR", &[]);
        let german = link("2", "2025-06-05T00:00:00Z", "2025-06-19T00:00:00Z", "EUR", &["Amazon.de"]);
        let next = link("3", "2025-06-19T00:00:00Z", "2025-07-03T00:00:00Z", "EUR", &["Amazon.de"]);
        assert_eq!(chain_of(&next, [&unnamed, &german]), Chain::Chained("2".parse().unwrap()));
    }
}
