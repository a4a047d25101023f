//! Which parties must be there, and what of them.

use super::{Case, gst_id};
use crate::api::Api;
use crate::form::Form;
use crate::model::{PartyIdentification, TaxRegistrationType};
use crate::note::shown;
use crate::region::Region;
use crate::rule::{Notice, Rule};

/// How much of a party the rules require.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// It may be left out, but Amazon expects an address if it is there.
    Optional,
    /// It is there, with its address.
    Required,
}

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    let invoice = case.invoice;
    let shipping = if case.region == Region::India { Need::Required } else { Need::Optional };
    for (name, party, need) in [
        ("remitToParty", &invoice.remit_to_party, Need::Required),
        ("billToParty", &invoice.bill_to_party, Need::Required),
        ("shipFromParty", &invoice.ship_from_party, shipping),
        ("shipToParty", &invoice.ship_to_party, shipping),
    ] {
        form.within(name, |form| match party {
            Some(party) => present(case, party, need, matches!(name, "remitToParty" | "shipFromParty"), form),
            None => absent(case, need, form),
        });
    }
}

fn has_table(case: &Case<'_>) -> bool {
    case.api == Api::Retail && matches!(case.region, Region::India | Region::Europe | Region::NorthAmerica)
}

/// A party that was not received, or could not be read.
fn absent(case: &Case<'_>, need: Need, form: &mut Form) {
    if has_table(case) && need == Need::Required && !form.is_noted() {
        form.violation(Rule::PartyMissing, "the party, with its address", "nothing");
    }
}

fn present(case: &Case<'_>, party: &PartyIdentification, need: Need, is_vendor: bool, form: &mut Form) {
    match &party.address {
        Some(address) if case.api == Api::Retail && address.city.is_none() => {
            form.within("address", |form| {
                if !form.is_noted_of("city") {
                    form.violation_of("city", Rule::AddressIncomplete, "the city, as in every address", "nothing");
                }
            });
        }
        None if has_table(case) => form.within("address", |form| match need {
            Need::Required if !form.is_noted() => {
                form.violation(Rule::PartyMissing, "the party's address", "nothing");
            }
            Need::Required => {}
            Need::Optional => {
                form.warning(Notice::PartyAddressMissing, "Amazon expects the address beside the party's code");
            }
        }),
        Some(_) | None => {}
    }
    if case.table_is(Region::Europe) || case.table_is(Region::NorthAmerica) {
        vat_numbers(case, party, is_vendor, form);
    }
}

/// Countries whose vendors are registered for a goods and services tax and have no VAT number.
const WITH_GST: [&str; 5] = ["AU", "CA", "IN", "NZ", "SG"];

/// Europe and North America: a registration is a VAT number, but for a vendor (`is_vendor`) from a country with GST.
fn vat_numbers(case: &Case<'_>, party: &PartyIdentification, is_vendor: bool, form: &mut Form) {
    for (index, registration) in party.tax_registration_details.iter().enumerate() {
        form.within(format_args!("taxRegistrationDetails/{index}"), |form| {
            if registration.tax_registration_type == Some(TaxRegistrationType::Gst) {
                let country = party.address.as_ref().and_then(|address| address.country_code);
                match country.filter(|country| is_vendor && WITH_GST.contains(&country.code())) {
                    Some(country) => {
                        let text =
                            format!("Amazon asks for a VAT number; {} has GST, so it is sent as it is", country.code());
                        form.warning_of("taxRegistrationType", Notice::GstRegistration, text);
                    }
                    None => form.violation_of("taxRegistrationType", Rule::TaxRegistrationType, "VAT", "GST"),
                }
            }
            let Some(number) = &registration.tax_registration_number else { return };
            if case.region == Region::Europe && !looks_like_vat(number) {
                let text = format!("{} does not look like a VAT number such as DE123456789", shown(number));
                form.warning_of("taxRegistrationNumber", Notice::VatNumberForm, text);
            }
        });
    }
}

/// A European VAT number has 4 to 15 letters and digits, some of them digits; signs between them are not counted.
fn looks_like_vat(number: &str) -> bool {
    let signs: Vec<char> = number.chars().filter(|c| !" .-".contains(*c)).collect();
    (4..=15).contains(&signs.len())
        && signs.iter().all(char::is_ascii_alphanumeric)
        && signs.iter().any(char::is_ascii_digit)
}

/// India: a party has a GST id; `required` says whether it must have one.
pub(super) fn gst_id(party: &PartyIdentification, required: bool, form: &mut Form) {
    let registrations = &party.tax_registration_details;
    if registrations.is_empty() {
        if required && !form.is_noted_of("taxRegistrationDetails") {
            form.violation_of("taxRegistrationDetails", Rule::IndiaGstId, gst_id::A_GST_ID, "nothing");
        }
        return;
    }
    let judged: Vec<_> = registrations
        .iter()
        .enumerate()
        .filter_map(|(index, each)| Some((index, each, gst_id::check(each.tax_registration_number.as_deref()?))))
        .collect();
    let valid = judged.iter().find(|(_, _, fault)| fault.is_none()).map(|(index, each, _)| (*index, *each));
    match (valid, judged.first()) {
        (Some((index, each)), _) if each.tax_registration_type == Some(TaxRegistrationType::Vat) => {
            form.warning_of(
                &format!("taxRegistrationDetails/{index}/taxRegistrationType"),
                Notice::GstIdAsVat,
                "the number is a GST id; Amazon's own Indian examples have type VAT too, so it is sent as it is",
            );
        }
        (None, Some((index, each, Some(fault)))) => {
            let found = format!("{}: {fault}", shown(each.tax_registration_number.as_deref().unwrap_or_default()));
            let pointer = format!("taxRegistrationDetails/{index}/taxRegistrationNumber");
            form.violation_of(&pointer, Rule::IndiaGstId, gst_id::A_GST_ID, found);
        }
        _ => {}
    }
}
