//! Which country's rules an invoice is judged by.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::model::{Country, InvoiceFields, InvoiceType, PartyIdentification};

/// The rules that apply, by the country of the parties: Amazon publishes a table for three regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Region {
    /// India.
    India,
    /// The European Union, the United Kingdom, Switzerland and their neighbours.
    Europe,
    /// The United States, Canada and Mexico.
    NorthAmerica,
    /// Another country, by its code of two letters; no table is published, so only the general rules apply.
    Other([u8; 2]),
    /// No party names a country.
    Unknown,
}

impl Region {
    /// The name for people and machines: `IN`, `EU`, `NA`, another country's code, or `unknown`.
    pub fn name(&self) -> &str {
        match self {
            Self::India => "IN",
            Self::Europe => "EU",
            Self::NorthAmerica => "NA",
            Self::Other(code) => std::str::from_utf8(code).unwrap_or("unknown"),
            Self::Unknown => "unknown",
        }
    }
}

/// Europe as Amazon's table means it: the European Union, the United Kingdom with its islands, Switzerland, the other
/// countries of the EEA, and the states that they enclose.
const EUROPE: &str = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE \
    GB GG JE IM GI CH LI NO IS AD MC SM VA AX FO";

/// North America as Amazon's table means it, with the territories of the United States.
const NORTH_AMERICA: &str = "US CA MX PR VI GU AS MP UM";

impl From<Country> for Region {
    fn from(country: Country) -> Self {
        let is_in = |list: &str| list.split_ascii_whitespace().any(|code| code == country.code());
        if country.code() == "IN" {
            Self::India
        } else if is_in(EUROPE) {
            Self::Europe
        } else if is_in(NORTH_AMERICA) {
            Self::NorthAmerica
        } else {
            Self::Other(country.letters())
        }
    }
}

/// The region of an invoice, and the field that it was derived from, as a JSON pointer.
///
/// Amazon's entity that is billed decides, for it applies the rules: first the bill-to party, then the ship-to party
/// (in direct fulfillment the country of the customer), then who receives the payment, then who ships. A credit note
/// is of Europe if any of the two sides of the payment is, for there alone credit notes exist, and Amazon's own
/// example has the sides the other way round.
pub(crate) fn derive(invoice: &InvoiceFields) -> (Region, &'static str) {
    let country = |party: &Option<PartyIdentification>| {
        party.as_ref().and_then(|party| party.address.as_ref()).and_then(|address| address.country_code)
    };
    let places = [
        (country(&invoice.bill_to_party), "/billToParty/address/countryCode"),
        (country(&invoice.ship_to_party), "/shipToParty/address/countryCode"),
        (invoice.ship_to_country, "/shipToCountryCode"),
        (country(&invoice.remit_to_party), "/remitToParty/address/countryCode"),
        (country(&invoice.ship_from_party), "/shipFromParty/address/countryCode"),
    ];
    let mut found = places.into_iter().filter_map(|(country, pointer)| Some((Region::from(country?), pointer)));
    let sides = [country(&invoice.bill_to_party), country(&invoice.remit_to_party)];
    let european = sides.into_iter().flatten().any(|country| Region::from(country) == Region::Europe);
    if invoice.invoice_type == Some(InvoiceType::CreditNote) && european {
        return found
            .find(|(region, _)| *region == Region::Europe)
            .unwrap_or((Region::Europe, "/billToParty/address/countryCode"));
    }
    found.next().unwrap_or((Region::Unknown, "/billToParty/address/countryCode"))
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::{Draft, Place};
    use crate::form::Form;
    use crate::model::Wire as _;

    fn region(json: &str) -> (String, &'static str) {
        let draft = Draft::from_json(json, Place::first_of("t")).unwrap();
        let fields = InvoiceFields::read(draft.node(), &mut Form::new(draft.api())).unwrap();
        let (region, pointer) = derive(&fields);
        (region.to_string(), pointer)
    }

    #[test]
    fn the_country_of_who_is_billed_decides() {
        let json = r#"{"id":"a","billToParty":{"address":{"countryCode":"LU"}},
            "remitToParty":{"address":{"countryCode":"CN"}},"shipToParty":{"address":{"countryCode":"US"}}}"#;
        assert_eq!(region(json), ("EU".into(), "/billToParty/address/countryCode"));
    }

    #[test]
    fn without_it_the_next_party_decides() {
        let json = r#"{"id":"a","billToParty":{"partyId":"x"},"shipToParty":{"address":{"countryCode":"MX"}}}"#;
        assert_eq!(region(json), ("NA".into(), "/shipToParty/address/countryCode"));
        let json = r#"{"invoiceNumber":"a","shipToCountryCode":"JP"}"#;
        assert_eq!(region(json), ("JP".into(), "/shipToCountryCode"));
        assert_eq!(region(r#"{"id":"a"}"#).0, "unknown");
    }

    #[test]
    fn a_credit_note_between_europe_and_elsewhere_is_european() {
        let json = r#"{"id":"a","invoiceType":"CreditNote","billToParty":{"address":{"countryCode":"US"}},
            "remitToParty":{"address":{"countryCode":"LU"}}}"#;
        assert_eq!(region(json), ("EU".into(), "/remitToParty/address/countryCode"));
    }
}
