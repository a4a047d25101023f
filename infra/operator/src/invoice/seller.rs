//! The seller's VAT number for reports that do not have it: those from before 2021.

use countinghouse_invoicing::Profile;
use countinghouse_vat_invoices::document::{DueDocument, Treatment};

/// The numbers of the invented seller, invented too.
const SAMPLE: [(&str, &str); 10] = [
    ("BE", "BE0123456749"),
    ("DE", "DE123456788"),
    ("ES", "ESN1234567J"),
    ("FR", "FR40123456824"),
    ("GB", "GB123456782"),
    ("IE", "IE1234567T"),
    ("IT", "IT01234567897"),
    ("NL", "NL123456782B12"),
    ("PL", "PL1234567890"),
    ("SE", "SE123456789701"),
];

/// The country whose number belongs on the document: the one whose VAT it is. Under the One Stop Shop, and where no VAT
/// is charged, it is the seller's own.
pub(super) fn country<'a>(document: &'a DueDocument, profile: &'a Profile) -> &'a str {
    match document.treatment {
        Treatment::Domestic | Treatment::ReverseCharge => &document.tax_country,
        Treatment::Oss
        | Treatment::IntraCommunity
        | Treatment::Export
        | Treatment::DeemedSupply
        | Treatment::NotCalculated
        | Treatment::Unexplained => &profile.seller.country,
    }
}

/// The number of that country, where the profile has it, or the invented seller.
pub(super) fn number<'a>(country: &str, profile: &'a Profile, is_sample: bool) -> Option<&'a str> {
    let own = profile.vat_ids.get(country).map(String::as_str);
    let sample = SAMPLE.iter().find(|(each, _)| is_sample && *each == country);
    own.or_else(|| sample.map(|(_, number)| *number))
}
