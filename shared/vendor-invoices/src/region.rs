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
/// (in direct fulfillment the country of the customer), then who receives the payment, then who ships. Amazon's example
/// of a credit note has the sides of the payment the other way round, so a credit note is of Europe if any of the two
/// is, unless the other is of a region where Amazon takes no credit notes.
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
    if invoice.invoice_type == Some(InvoiceType::CreditNote)
        && let Some(wanted) = of_credit_note(country(&invoice.bill_to_party), country(&invoice.remit_to_party))
    {
        return found.find(|(region, _)| *region == wanted).unwrap_or((wanted, "/billToParty/address/countryCode"));
    }
    found.next().unwrap_or((Region::Unknown, "/billToParty/address/countryCode"))
}

/// The region of a credit note with a side of the payment in Europe: that of the other side, if Amazon's table says
/// of that region that credit notes are not supported.
fn of_credit_note(bill_to: Option<Country>, remit_to: Option<Country>) -> Option<Region> {
    let sides = [bill_to, remit_to].map(|country| country.map(Region::from));
    let without_credit_notes =
        [Region::India, Region::NorthAmerica].into_iter().find(|each| sides.contains(&Some(*each)));
    sides.contains(&Some(Region::Europe)).then_some(without_credit_notes.unwrap_or(Region::Europe))
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
    fn a_credit_note_between_europe_and_a_country_without_table_is_european() {
        let json = r#"{"id":"a","invoiceType":"CreditNote","billToParty":{"address":{"countryCode":"CN"}},
            "remitToParty":{"address":{"countryCode":"LU"}}}"#;
        assert_eq!(region(json), ("EU".into(), "/remitToParty/address/countryCode"));
    }

    #[test]
    fn a_credit_note_between_europe_and_a_region_without_credit_notes_is_of_that_region() {
        for (bill_to, remit_to, expected) in
            [("US", "LU", "NA"), ("LU", "CA", "NA"), ("IN", "DE", "IN"), ("DE", "IN", "IN")]
        {
            let json = format!(
                r#"{{"id":"a","invoiceType":"CreditNote","billToParty":{{"address":{{"countryCode":"{bill_to}"}}}},
                "remitToParty":{{"address":{{"countryCode":"{remit_to}"}}}}}}"#
            );
            assert_eq!(region(&json).0, expected, "{bill_to} {remit_to}");
        }
    }
}
