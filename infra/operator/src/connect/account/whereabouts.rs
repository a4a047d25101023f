//! Where an account is at Amazon, said to the person who connects it.

use countinghouse_amazon::Amazon;
use countinghouse_domain::marketplace::{Marketplace, Region};
use countinghouse_domain::time::{Clock as _, SystemClock};

use super::Desk;
use crate::connect::advice::{self, Trouble};
use crate::connect::place::{self, Found};
use crate::connect::roles::{self, Right};
use crate::connect::{ConnectError, Mark};

/// Where an account is.
pub(super) struct Whereabouts {
    /// The region that takes its token.
    pub(super) region: Region,
    /// The marketplaces that are connected; none of a vendor or a buyer.
    pub(super) marketplaces: Vec<&'static Marketplace>,
    /// The name of a seller's shop.
    pub(super) store_name: Option<String>,
}

impl Desk<'_> {
    /// Region, marketplaces and the name of the shop.
    pub(super) async fn place_of_seller(
        &mut self,
        amazon: &Amazon,
        regions: &[Region],
        named: &[&'static Marketplace],
    ) -> Result<Option<Whereabouts>, ConnectError> {
        let (region, listed) = match place::of_seller(amazon, &self.account, regions).await {
            Found::There(region, listed) => (region, listed),
            Found::Nowhere(error) => {
                // Who names region and marketplaces needs nobody to tell them.
                if let ([region], false) = (regions, named.is_empty()) {
                    let trouble = Trouble::of_right(&error, Right::Settlements);
                    let text = format!("{} as given: Amazon does not tell them", place::countries(named));
                    self.progress.trouble(Mark::Attention, "marketplaces", &text, &trouble)?;
                    return Ok(Some(Whereabouts { region: *region, marketplaces: named.to_vec(), store_name: None }));
                }
                let trouble = Trouble::of_no_region(&error, Right::Settlements);
                self.fail("region", "no region lets the account's marketplaces be read; nothing is stored", &trouble)?;
                return Ok(None);
            }
            Found::Unknown(error) => {
                self.fail("region", "Amazon could not be asked; nothing is stored", &Trouble::of(&error))?;
                return Ok(None);
            }
        };
        self.progress.step(Mark::Done, "region", advice::region_name(region))?;
        let taken = place::taken(region, &listed);
        let missing: Vec<_> = named.iter().copied().filter(|each| !taken.contains(each)).collect();
        if taken.is_empty() || !missing.is_empty() {
            let trouble = Trouble::own(
                format!("Amazon lists {}", place::countries(&taken)),
                "give others with --marketplaces, or leave it out for all",
            );
            let where_not =
                if missing.is_empty() { "any of this region".to_owned() } else { place::countries(&missing) };
            let text = format!("the seller takes no part in {where_not}");
            self.fail("marketplaces", &text, &trouble)?;
            return Ok(None);
        }
        let chosen = self.chosen(&taken, named);
        let text = format!(
            "{} ({} of {} that the seller takes part in)",
            place::countries(&chosen),
            chosen.len(),
            taken.len()
        );
        self.progress.step(Mark::Done, "marketplaces", &text)?;
        let suspended = listed.iter().filter(|each| each.is_suspended && each.takes_part).count();
        if suspended > 0 {
            let text =
                format!("Amazon has suspended the seller's offers in {suspended} of them; reports come all the same");
            self.progress.step(Mark::Note, "marketplaces", &text)?;
        }
        let store_name = listed.iter().map(|each| each.store.trim()).find(|store| !store.is_empty()).map(str::to_owned);
        Ok(Some(Whereabouts { region, marketplaces: chosen, store_name }))
    }

    /// Those that were named, or those that were connected before, or all.
    fn chosen(&self, taken: &[&'static Marketplace], named: &[&'static Marketplace]) -> Vec<&'static Marketplace> {
        if !named.is_empty() {
            return named.to_vec();
        }
        let before = self.known.as_ref().map(|known| known.marketplace_ids.as_slice()).unwrap_or_default();
        let kept: Vec<_> = before.iter().filter_map(Marketplace::by_id).filter(|each| taken.contains(each)).collect();
        if kept.is_empty() { taken.to_vec() } else { kept }
    }

    pub(super) async fn place_of_other(
        &mut self,
        amazon: &Amazon,
        regions: &[Region],
    ) -> Result<Option<Whereabouts>, ConnectError> {
        let flows = self.wish.flows.unwrap_or_default();
        match place::of_other(amazon, &self.account, regions, &roles::of(flows), SystemClock.now()).await {
            Found::There(region, _) => {
                self.progress.step(Mark::Done, "region", advice::region_name(region))?;
                Ok(Some(Whereabouts { region, marketplaces: Vec::new(), store_name: None }))
            }
            Found::Nowhere(error) => {
                let trouble = Trouble::of_no_region(&error, Right::first_of(flows));
                self.fail("region", "no region lets anything be read; nothing is stored", &trouble)?;
                Ok(None)
            }
            Found::Unknown(error) => {
                self.fail("region", "Amazon could not be asked; nothing is stored", &Trouble::of(&error))?;
                Ok(None)
            }
        }
    }
}
