//! The marketplaces of the Selling Partner API, as one table.

use serde::{Deserialize, Serialize};

/// A region of the Selling Partner API: each has its own endpoint, and a refresh token is good for one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// North America (and Brazil).
    Na,
    /// Europe, the Middle East, Africa and India.
    #[default]
    Eu,
    /// The Far East and Australia.
    Fe,
}

impl Region {
    /// The region named by the first segment of a path, such as `eu` in `/eu/reports/…`.
    pub(crate) fn from_path_prefix(prefix: &str) -> Option<Self> {
        match prefix {
            "na" => Some(Self::Na),
            "eu" => Some(Self::Eu),
            // Amazon Business calls its host of the Far East after Japan.
            "fe" | "jp" => Some(Self::Fe),
            _ => None,
        }
    }

    /// The region's short name, as in the endpoint.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Na => "na",
            Self::Eu => "eu",
            Self::Fe => "fe",
        }
    }
}

/// What getMarketplaceParticipations tells about one marketplace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marketplace {
    pub(crate) id: &'static str,
    pub(crate) country: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) language: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) region: Region,
}

const fn row(
    region: Region,
    id: &'static str,
    country: &'static str,
    currency: &'static str,
    language: &'static str,
    domain: &'static str,
) -> Marketplace {
    Marketplace { id, country, currency, language, domain, region }
}

#[rustfmt::skip]
const MARKETPLACES: &[Marketplace] = &[
    row(Region::Na, "A2EUQ1WTGCTBG2", "CA", "CAD", "en_CA", "www.amazon.ca"),
    row(Region::Na, "ATVPDKIKX0DER",  "US", "USD", "en_US", "www.amazon.com"),
    row(Region::Na, "A1AM78C64UM0Y8", "MX", "MXN", "es_MX", "www.amazon.com.mx"),
    row(Region::Na, "A2Q3Y263D00KWC", "BR", "BRL", "pt_BR", "www.amazon.com.br"),
    row(Region::Eu, "A28R8C7NBKEWEA", "IE", "EUR", "en_IE", "www.amazon.ie"),
    row(Region::Eu, "A1RKKUPIHCS9HS", "ES", "EUR", "es_ES", "www.amazon.es"),
    row(Region::Eu, "A1F83G8C2ARO7P", "GB", "GBP", "en_GB", "www.amazon.co.uk"),
    row(Region::Eu, "A13V1IB3VIYZZH", "FR", "EUR", "fr_FR", "www.amazon.fr"),
    row(Region::Eu, "AMEN7PMS3EDWL",  "BE", "EUR", "fr_BE", "www.amazon.com.be"),
    row(Region::Eu, "A1805IZSGTT6HS", "NL", "EUR", "nl_NL", "www.amazon.nl"),
    row(Region::Eu, "A1PA6795UKMFR9", "DE", "EUR", "de_DE", "www.amazon.de"),
    row(Region::Eu, "APJ6JRA9NG5V4",  "IT", "EUR", "it_IT", "www.amazon.it"),
    row(Region::Eu, "A2NODRKZP88ZB9", "SE", "SEK", "sv_SE", "www.amazon.se"),
    row(Region::Eu, "AE08WJ6YKNBMC",  "ZA", "ZAR", "en_ZA", "www.amazon.co.za"),
    row(Region::Eu, "A1C3SOZRARQ6R3", "PL", "PLN", "pl_PL", "www.amazon.pl"),
    row(Region::Eu, "ARBP9OOSHTCHU",  "EG", "EGP", "ar_EG", "www.amazon.eg"),
    row(Region::Eu, "A33AVAJ2PDY3EV", "TR", "TRY", "tr_TR", "www.amazon.com.tr"),
    row(Region::Eu, "A17E79C6D8DWNP", "SA", "SAR", "ar_SA", "www.amazon.sa"),
    row(Region::Eu, "A2VIGQ35RCS4UG", "AE", "AED", "ar_AE", "www.amazon.ae"),
    row(Region::Eu, "A21TJRUUN4KGV",  "IN", "INR", "en_IN", "www.amazon.in"),
    row(Region::Fe, "A19VAU5U5O7RUS", "SG", "SGD", "en_SG", "www.amazon.sg"),
    row(Region::Fe, "A39IBJ37TRP1C6", "AU", "AUD", "en_AU", "www.amazon.com.au"),
    row(Region::Fe, "A1VC38T7YXB528", "JP", "JPY", "ja_JP", "www.amazon.co.jp"),
];

/// The marketplace with this id.
pub(crate) fn find(id: &str) -> Option<&'static Marketplace> {
    MARKETPLACES.iter().find(|marketplace| marketplace.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marketplace_is_listed_once() {
        let mut ids: Vec<_> = MARKETPLACES.iter().map(|marketplace| marketplace.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 23);
        assert_eq!(find("A1PA6795UKMFR9").unwrap().region, Region::Eu);
        assert!(find("NOWHERE").is_none());
    }
}
