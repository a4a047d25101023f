//! Seller, buyer and addresses in an invoice of EN 16931.

use countinghouse_domain::document::Personal;
use countinghouse_vat_invoices::document::{self, DueDocument, RegistrationType};
use en16931::Identifier;
use en16931::invoice::{Code, Contact, Party, PostalAddress};

use super::{LONGEST, Material};
use crate::clean::xml;
use crate::error::RenderError;
use crate::profile::check::compact;

/// The codes of the list EAS for VAT numbers, by the number's country.
const VAT_SCHEMES: [(&str, &str); 30] = [
    ("AT", "9914"),
    ("BE", "9925"),
    ("BG", "9926"),
    ("CH", "9927"),
    ("CY", "9928"),
    ("CZ", "9929"),
    ("DE", "9930"),
    ("EE", "9931"),
    ("ES", "9920"),
    ("FI", "0213"),
    ("FR", "9957"),
    ("GB", "9932"),
    ("GR", "9933"),
    ("HR", "9934"),
    ("HU", "9910"),
    ("IE", "9935"),
    ("IT", "0211"),
    ("LI", "9936"),
    ("LT", "9937"),
    ("LU", "9938"),
    ("LV", "9939"),
    ("MC", "9940"),
    ("MT", "9943"),
    ("NL", "9944"),
    ("PL", "9945"),
    ("PT", "9946"),
    ("RO", "9947"),
    ("SE", "9955"),
    ("SI", "9949"),
    ("SK", "9950"),
];

pub(super) fn seller(material: &Material<'_>) -> Result<Party, RenderError> {
    let (seller, document) = (&material.profile.seller, material.document);
    let legal = [seller.register.trim(), seller.directors.trim()].into_iter().filter(|text| !text.is_empty());
    let contact = Contact { name: None, phone: filled(&seller.phone), email: filled(&seller.email) };
    Ok(Party {
        name: filled(&seller.name),
        trading_name: filled(&seller.trading_name),
        vat_identifier: Some(own_vat_number(material)?),
        tax_registration: filled(&seller.tax_number),
        additional_legal_information: filled(&legal.collect::<Vec<_>>().join("; ")),
        contact,
        address: PostalAddress {
            line1: filled(&seller.street),
            line2: filled(&seller.street_2),
            line3: None,
            city: filled(&seller.city),
            post_code: filled(&seller.postal_code),
            subdivision: None,
            country: Some(Code::new(&seller.country)),
        },
        ..Party::new(document.seller.vat_number.clone(), PostalAddress::default())
    })
}

/// The number with which Amazon calculated, if it is the profile's for that country or the profile names none.
fn own_vat_number(material: &Material<'_>) -> Result<String, RenderError> {
    let reported = compact(&material.document.seller.vat_number);
    let country = material.document.seller.vat_country().unwrap_or_default();
    match material.profile.vat_ids.get(country) {
        Some(profile) if *profile != reported => {
            Err(RenderError::OtherSeller { reported, profile: profile.clone(), country: country.to_owned() })
        }
        _ => Ok(reported),
    }
}

pub(super) fn buyer(material: &Material<'_>) -> Party {
    let document = material.document;
    let mut party = Party::new(
        xml(document.invoice_name().expose(), LONGEST),
        address(document.invoice_address(), &document.marketplace),
    );
    if party.name.as_deref().is_none_or(str::is_empty) {
        // The report names nobody; EN 16931 wants a name.
        party.name = Some("–".to_owned());
    }
    let person = [&document.buyer.name, &document.bill_to.name].into_iter().find(|name| !name.is_empty());
    if let Some(person) = person.filter(|person| person.expose() != document.invoice_name().expose()) {
        party.contact.name = filled(person.expose());
    }
    party.vat_identifier = buyer_vat_number(document);
    if party.vat_identifier.is_none() {
        party.legal_registration = filled(document.buyer.vat_number.expose()).map(Identifier::new);
    }
    party
}

/// The buyer's VAT number, with the letters of its country; other registrations are none.
fn buyer_vat_number(document: &DueDocument) -> Option<String> {
    document.buyer.vat_country()?;
    Some(compact(document.buyer.vat_number.expose()))
}

/// Where an electronic invoice for the buyer goes: to the bearer of its VAT number.
pub(super) fn buyer_electronic_address(document: &DueDocument) -> Option<Identifier> {
    if !matches!(document.buyer.registration_type, RegistrationType::Vat | RegistrationType::NotStated) {
        return None;
    }
    let country = document.buyer.vat_country()?;
    let (_, scheme) = VAT_SCHEMES.into_iter().find(|(each, _)| *each == country)?;
    Identifier::eas(compact(document.buyer.vat_number.expose()), scheme).ok()
}

pub(super) fn address(address: &document::PostalAddress, marketplace: &str) -> PostalAddress {
    let mut lines = address.lines.iter().map(Personal::expose);
    let mut next = || lines.next().and_then(filled);
    let country = if address.country.is_empty() { marketplace } else { &address.country };
    PostalAddress {
        line1: next(),
        line2: next(),
        line3: next(),
        city: filled(address.city.expose()),
        post_code: filled(address.postal_code.expose()),
        subdivision: filled(address.state.expose()),
        country: Some(Code::new(country)),
    }
}

fn filled(text: &str) -> Option<String> {
    Some(xml(text, LONGEST)).filter(|text| !text.is_empty())
}
