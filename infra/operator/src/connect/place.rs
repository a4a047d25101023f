//! Where an account is at Amazon: the region that takes its token, and the marketplaces that a seller takes part in.

use countinghouse_amazon::{Amazon, AmazonError, Participation};
use countinghouse_domain::ids::{MarketplaceId, SellerId};
use countinghouse_domain::marketplace::{Marketplace, Region};
use jiff::Timestamp;

use super::ConnectError;
use super::roles::{self, Right};

/// In this order regions are tried where none is named: the first are those in which there is most to book.
const ORDER: [Region; 3] = [Region::Eu, Region::Na, Region::Fe];

/// What Amazon answered when it was asked where an account is.
#[derive(Debug)]
pub(super) enum Found {
    /// There, and these are the marketplaces that it lists (of a seller).
    There(Region, Vec<Participation>),
    /// No region that was asked takes the token, or none allows to look; with the last refusal.
    Nowhere(AmazonError),
    /// It could not be asked.
    Unknown(AmazonError),
}

/// The regions to ask: the named one, that of the named marketplaces, or all.
pub(super) fn candidates(
    named: Option<Region>,
    marketplaces: &[&'static Marketplace],
) -> Result<Vec<Region>, ConnectError> {
    let mut regions: Vec<Region> = marketplaces.iter().map(|each| each.region).collect();
    regions.sort_unstable();
    regions.dedup();
    match (named, regions.as_slice()) {
        (Some(named), []) => Ok(vec![named]),
        (None, []) => Ok(ORDER.to_vec()),
        (None, [one]) => Ok(vec![*one]),
        (Some(named), [one]) if named == *one => Ok(vec![named]),
        (_, _) => Err(ConnectError::Argument(
            "the marketplaces are not all of one region: an authorisation is good for one, so connect each region for \
             itself"
                .to_owned(),
        )),
    }
}

/// Asks where a seller is: each region once, until one answers.
pub(super) async fn of_seller(amazon: &Amazon, seller: &SellerId, regions: &[Region]) -> Found {
    let mut refused = AmazonError::LinkExpired;
    for region in regions {
        match amazon.seller(seller.clone(), *region).marketplace_participations().await {
            Ok(listed) => return Found::There(*region, listed),
            Err(error @ AmazonError::Forbidden { .. }) => refused = error,
            Err(error) => return Found::Unknown(error),
        }
    }
    Found::Nowhere(refused)
}

/// Asks where an account is that has no marketplaces, by any of these rights.
pub(super) async fn of_other(
    amazon: &Amazon,
    account: &SellerId,
    regions: &[Region],
    rights: &[Right],
    now: Timestamp,
) -> Found {
    let mut refused = AmazonError::LinkExpired;
    for region in regions {
        for right in rights {
            match roles::check(&amazon.seller(account.clone(), *region), *right, now).await {
                Ok(()) => return Found::There(*region, Vec::new()),
                Err(error @ AmazonError::Forbidden { .. }) => refused = error,
                Err(error) => return Found::Unknown(error),
            }
        }
    }
    Found::Nowhere(refused)
}

/// The marketplaces that were named, by country or id.
pub(super) fn named(texts: &[String]) -> Result<Vec<&'static Marketplace>, ConnectError> {
    let find = |text: &String| {
        let country = text.trim().to_ascii_uppercase();
        let country = if country == "UK" { "GB" } else { &country };
        let by_id = || Marketplace::by_id(&text.trim().parse::<MarketplaceId>().ok()?);
        Marketplace::by_country(country).or_else(by_id).ok_or_else(|| {
            let shown: String = crate::desk::plain(text).chars().take(30).collect();
            ConnectError::Argument(format!("`{shown}` is no marketplace: a country such as DE, or Amazon's id"))
        })
    };
    texts.iter().map(find).collect()
}

/// The marketplaces among those listed that a seller takes part in and that are served here.
pub(super) fn taken(region: Region, listed: &[Participation]) -> Vec<&'static Marketplace> {
    let known = listed.iter().filter(|each| each.takes_part).filter_map(|each| Marketplace::by_id(&each.marketplace));
    known.filter(|marketplace| marketplace.region == region).collect()
}

/// Their countries, for people.
pub(super) fn countries(marketplaces: &[&'static Marketplace]) -> String {
    if marketplaces.is_empty() {
        return "none".to_owned();
    }
    marketplaces.iter().map(|each| each.country).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str, takes_part: bool) -> Participation {
        Participation {
            marketplace: id.parse().unwrap(),
            country: String::new(),
            name: String::new(),
            store: String::new(),
            takes_part,
            is_suspended: false,
        }
    }

    #[test]
    fn marketplaces_are_named_by_country_or_id_and_the_kingdom_in_both_ways() {
        let texts = ["de", "UK", "GB", "APJ6JRA9NG5V4"].map(str::to_owned);
        assert_eq!(countries(&named(&texts).unwrap()), "DE, GB, GB, IT");
        assert!(named(&["Germany".to_owned()]).is_err());
    }

    #[test]
    fn the_region_follows_from_the_marketplaces_and_two_regions_are_refused() {
        let of = |texts: &[&str]| named(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap();
        assert_eq!(candidates(None, &of(&["US", "CA"])).unwrap(), [Region::Na]);
        assert_eq!(candidates(Some(Region::Fe), &[]).unwrap(), [Region::Fe]);
        assert_eq!(candidates(None, &[]).unwrap().len(), 3);
        assert!(candidates(None, &of(&["US", "DE"])).is_err());
        assert!(candidates(Some(Region::Na), &of(&["DE"])).is_err());
    }

    #[test]
    fn what_a_seller_takes_no_part_in_or_nobody_knows_is_left_out() {
        let all = [listed("A1PA6795UKMFR9", true), listed("A13V1IB3VIYZZH", false), listed("A2NONAMAZON", true)];
        assert_eq!(countries(&taken(Region::Eu, &all)), "DE");
        assert_eq!(countries(&taken(Region::Na, &all)), "none");
    }
}
