//! Parties and their addresses.

use super::fields::wire_object;
use super::kinds::TaxRegistrationType;
use super::text::Country;

wire_object! {
    /// A party: its code, its address and its tax registrations.
    pub struct PartyIdentification {
        /// The code that Amazon gave it, for a vendor the vendor code.
        one party_id: String, retail must "partyId", direct must "partyId";
        /// The address.
        one address: Address, retail may "address", direct may "address";
        /// The tax registrations.
        many tax_registration_details: TaxRegistrationDetails,
            retail may "taxRegistrationDetails", direct may "taxRegistrationDetails";
    }

    /// An address. It holds personal data.
    pub struct Address {
        /// Who is there.
        one name: String, retail must "name", direct must "name";
        /// The first line.
        one address_line1: String, retail must "addressLine1", direct must "addressLine1";
        /// More of the street.
        one address_line2: String, retail may "addressLine2", direct may "addressLine2";
        /// More of the street.
        one address_line3: String, retail may "addressLine3", direct may "addressLine3";
        /// The city.
        one city: String, retail may "city", direct must "city";
        /// The county.
        one county: String, retail may "county", direct may "county";
        /// The district.
        one district: String, retail may "district", direct may "district";
        /// The state or region.
        one state_or_region: String, retail may "stateOrRegion", direct must "stateOrRegion";
        /// The postal code.
        one postal_code: String, retail may "postalOrZipCode", direct must "postalCode";
        /// The country.
        one country_code: Country, retail must "countryCode", direct must "countryCode";
        /// A telephone number.
        one phone: String, retail may "phone", direct may "phone";
    }

    /// A tax registration of a party.
    pub struct TaxRegistrationDetails {
        /// What the number is.
        one tax_registration_type: TaxRegistrationType,
            retail must "taxRegistrationType", direct may "taxRegistrationType";
        /// The number.
        one tax_registration_number: String,
            retail must "taxRegistrationNumber", direct must "taxRegistrationNumber";
        /// The address that is registered.
        one tax_registration_address: Address, retail none, direct may "taxRegistrationAddress";
        /// A text about the registration.
        one tax_registration_message: String, retail none, direct may "taxRegistrationMessage";
    }
}
