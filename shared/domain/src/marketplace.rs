//! Amazon's marketplaces and the three regions of the Selling Partner API.
//!
//! Source: developer-docs.amazon.com, "Marketplace IDs" and "SP-API Endpoints".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::MarketplaceId;

/// A region of the Selling Partner API: a seller's authorisation is good for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// North America and Brazil.
    Na,
    /// Europe, the Middle East, Africa and India.
    Eu,
    /// The Far East: Singapore, Australia, Japan.
    Fe,
}

impl Region {
    /// All regions.
    pub const ALL: [Self; 3] = [Self::Na, Self::Eu, Self::Fe];

    /// `na`, `eu` or `fe`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Na => "na",
            Self::Eu => "eu",
            Self::Fe => "fe",
        }
    }

    /// The AWS region in which Amazon serves this one; part of a signature.
    pub const fn aws_region(self) -> &'static str {
        match self {
            Self::Na => "us-east-1",
            Self::Eu => "eu-west-1",
            Self::Fe => "us-west-2",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A text that names no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a region: na, eu or fe")]
pub struct UnknownRegion(pub String);

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|region| region.code() == text)
            .ok_or_else(|| UnknownRegion(text.chars().take(16).collect()))
    }
}

/// One of Amazon's marketplaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marketplace {
    /// Amazon's identifier.
    pub id: &'static str,
    /// ISO 3166 code of the country (`GB`, where Amazon's page writes UK).
    pub country: &'static str,
    /// The region that serves it.
    pub region: Region,
}

/// The countries in which Amazon's VAT Calculation Service reports: the VAT report and the VAT invoice data report.
const VAT_COUNTRIES: [&str; 10] = ["DE", "FR", "IT", "ES", "GB", "NL", "BE", "PL", "SE", "IE"];

const fn marketplace(region: Region, country: &'static str, id: &'static str) -> Marketplace {
    Marketplace { id, country, region }
}

/// Every marketplace of the Selling Partner API.
pub const MARKETPLACES: [Marketplace; 23] = [
    marketplace(Region::Na, "CA", "A2EUQ1WTGCTBG2"),
    marketplace(Region::Na, "US", "ATVPDKIKX0DER"),
    marketplace(Region::Na, "MX", "A1AM78C64UM0Y8"),
    marketplace(Region::Na, "BR", "A2Q3Y263D00KWC"),
    marketplace(Region::Eu, "IE", "A28R8C7NBKEWEA"),
    marketplace(Region::Eu, "ES", "A1RKKUPIHCS9HS"),
    marketplace(Region::Eu, "GB", "A1F83G8C2ARO7P"),
    marketplace(Region::Eu, "FR", "A13V1IB3VIYZZH"),
    marketplace(Region::Eu, "BE", "AMEN7PMS3EDWL"),
    marketplace(Region::Eu, "NL", "A1805IZSGTT6HS"),
    marketplace(Region::Eu, "DE", "A1PA6795UKMFR9"),
    marketplace(Region::Eu, "IT", "APJ6JRA9NG5V4"),
    marketplace(Region::Eu, "SE", "A2NODRKZP88ZB9"),
    marketplace(Region::Eu, "ZA", "AE08WJ6YKNBMC"),
    marketplace(Region::Eu, "PL", "A1C3SOZRARQ6R3"),
    marketplace(Region::Eu, "EG", "ARBP9OOSHTCHU"),
    marketplace(Region::Eu, "TR", "A33AVAJ2PDY3EV"),
    marketplace(Region::Eu, "SA", "A17E79C6D8DWNP"),
    marketplace(Region::Eu, "AE", "A2VIGQ35RCS4UG"),
    marketplace(Region::Eu, "IN", "A21TJRUUN4KGV"),
    marketplace(Region::Fe, "SG", "A19VAU5U5O7RUS"),
    marketplace(Region::Fe, "AU", "A39IBJ37TRP1C6"),
    marketplace(Region::Fe, "JP", "A1VC38T7YXB528"),
];

impl Marketplace {
    /// The marketplace with this identifier, where it is known.
    pub fn by_id(id: &MarketplaceId) -> Option<&'static Self> {
        MARKETPLACES.iter().find(|marketplace| marketplace.id == id.as_str())
    }

    /// Whether Amazon's VAT Calculation Service reports there.
    pub fn has_vat_reports(&self) -> bool {
        VAT_COUNTRIES.contains(&self.country)
    }

    /// The marketplace of this country, where there is one.
    pub fn by_country(country: &str) -> Option<&'static Self> {
        MARKETPLACES.iter().find(|marketplace| marketplace.country == country)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_and_countries_are_unique() {
        let ids: BTreeSet<_> = MARKETPLACES.iter().map(|marketplace| marketplace.id).collect();
        let countries: BTreeSet<_> = MARKETPLACES.iter().map(|marketplace| marketplace.country).collect();
        assert_eq!(ids.len(), MARKETPLACES.len());
        assert_eq!(countries.len(), MARKETPLACES.len());
    }

    #[test]
    fn a_region_reads_what_it_writes() {
        for region in Region::ALL {
            assert_eq!(region.to_string().parse(), Ok(region));
        }
        assert!("us".parse::<Region>().is_err());
    }
}
