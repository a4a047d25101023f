//! Why the VAT of a document is what it is. The report does not say it; places, registrations and figures do.

use rust_decimal::Decimal;

use crate::country::is_eu;
use crate::document::{Citations, Treatment};
use crate::rates;

/// What the judgement rests on. Countries are empty where the report has none.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) marketplace: &'a str,
    pub(super) ship_from: &'a str,
    pub(super) ship_to: &'a str,
    pub(super) seller_vat: Option<&'static str>,
    pub(super) seller_is_established: Option<bool>,
    pub(super) buyer_vat: Option<&'static str>,
    pub(super) buyer_is_business: bool,
    pub(super) export: Option<bool>,
    /// The scheme and who owes the tax, where a report says it.
    pub(super) scheme: &'a str,
    pub(super) responsibility: &'a str,
    pub(super) citations: &'a Citations,
    pub(super) no_tax_calculated: bool,
    /// Every rate of the document.
    pub(super) rates: &'a [Decimal],
}

/// The treatment, and the country whose VAT it is (empty where it is none's).
pub(super) fn treat(facts: &Facts<'_>) -> (Treatment, String) {
    if facts.no_tax_calculated {
        return (Treatment::NotCalculated, String::new());
    }
    if facts.scheme.to_ascii_uppercase().contains("DEEMED") || facts.responsibility.eq_ignore_ascii_case("marketplace")
    {
        return (Treatment::DeemedSupply, String::new());
    }
    match facts.rates.iter().find(|rate| !rate.is_zero()) {
        Some(rate) => taxed(facts, *rate),
        None => untaxed(facts),
    }
}

fn taxed(facts: &Facts<'_>, rate: Decimal) -> (Treatment, String) {
    let (from, to) = (facts.ship_from, facts.ship_to);
    let domestic = |country: &str| (Treatment::Domestic, country.to_owned());
    if facts.scheme.to_ascii_uppercase().contains("OSS") && !to.is_empty() {
        return (Treatment::Oss, to.to_owned());
    }
    if to.is_empty() {
        return domestic(facts.seller_vat.unwrap_or(facts.marketplace));
    }
    if from == to || from.is_empty() || facts.seller_vat == Some(to) {
        return domestic(to);
    }
    if !is_eu(from) || !is_eu(to) {
        return domestic(facts.seller_vat.unwrap_or(from));
    }
    // Within the Union, across a border. Below the threshold, and to businesses whose number Amazon does not accept,
    // the VAT is that of the country that the goods left; otherwise that of the country they went to.
    let only_of_origin = rates::is_known(from, rate) && !rates::is_known(to, rate);
    let business_at_origin = facts.buyer_vat.is_some() && rates::is_known(from, rate);
    if only_of_origin || business_at_origin { domestic(from) } else { (Treatment::Oss, to.to_owned()) }
}

fn untaxed(facts: &Facts<'_>) -> (Treatment, String) {
    let none = |treatment| (treatment, String::new());
    let (from, to) = (facts.ship_from, facts.ship_to);
    if facts.export == Some(true) {
        return none(Treatment::Export);
    }
    let places_known = !from.is_empty() && !to.is_empty();
    let leaves = is_eu(from) && !is_eu(to) || from == "GB" && !matches!(to, "GB" | "XI");
    let says = |words: &[&str]| cites(facts.citations, words);
    if says(DEEMED_WORDS) {
        return none(Treatment::DeemedSupply);
    }
    if places_known && leaves {
        return none(Treatment::Export);
    }
    let buyer_abroad = facts.buyer_vat.is_some_and(|country| is_eu(country) && country != from);
    if places_known && from != to && is_eu(from) && is_eu(to) && buyer_abroad {
        return none(Treatment::IntraCommunity);
    }
    let here = if to.is_empty() { facts.marketplace } else { to };
    let reverse_charge = says(REVERSE_CHARGE_WORDS) || facts.seller_is_established == Some(false);
    if (from == to || !places_known) && facts.buyer_is_business && reverse_charge {
        return (Treatment::ReverseCharge, here.to_owned());
    }
    if (from == to || !places_known) && rates::has_zero_rate(here) {
        return (Treatment::Domestic, here.to_owned());
    }
    if !places_known && says(INTRA_COMMUNITY_WORDS) && facts.buyer_vat.is_some() {
        return none(Treatment::IntraCommunity);
    }
    none(Treatment::Unexplained)
}

/// Words of Amazon's English and German sentences.
const DEEMED_WORDS: &[&str] = &["deemed suppl", "deemed resell", "article 14a", "art. 14a", "artikel 14a"];
const REVERSE_CHARGE_WORDS: &[&str] =
    &["reverse charge", "reverse-charge", "steuerschuldnerschaft", "inversione contabile"];
const INTRA_COMMUNITY_WORDS: &[&str] = &["intra-community", "intra community", "innergemeinschaftlich"];

fn cites(citations: &Citations, words: &[&str]) -> bool {
    let texts = [&citations.en, &citations.de, &citations.it, &citations.es, &citations.fr];
    texts.iter().any(|text| {
        let lower = text.to_lowercase();
        words.iter().any(|word| lower.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINETEEN: Decimal = Decimal::from_parts(19, 0, 0, false, 2);
    const TWENTY: Decimal = Decimal::from_parts(20, 0, 0, false, 2);

    fn facts<'a>(from: &'a str, to: &'a str, rates: &'a [Decimal], citations: &'a Citations) -> Facts<'a> {
        Facts {
            marketplace: "DE",
            ship_from: from,
            ship_to: to,
            seller_vat: Some("DE"),
            seller_is_established: Some(true),
            buyer_vat: None,
            buyer_is_business: false,
            export: None,
            scheme: "",
            responsibility: "",
            citations,
            no_tax_calculated: false,
            rates,
        }
    }

    #[test]
    fn a_taxed_sale_is_domestic_or_one_stop_shop_by_places_registration_and_rate() {
        let none = Citations::default();
        let judge = |from, to, rate: Decimal| treat(&facts(from, to, &[rate], &none));
        assert_eq!(judge("DE", "DE", NINETEEN), (Treatment::Domestic, "DE".into()));
        assert_eq!(judge("DE", "FR", TWENTY), (Treatment::Oss, "FR".into()));
        // Below the threshold of distance sales.
        assert_eq!(judge("DE", "FR", NINETEEN), (Treatment::Domestic, "DE".into()));
        assert_eq!(judge("PL", "DE", NINETEEN), (Treatment::Domestic, "DE".into()));
        let registered = Facts { seller_vat: Some("FR"), ..facts("DE", "FR", &[TWENTY], &none) };
        assert_eq!(treat(&registered), (Treatment::Domestic, "FR".into()));
    }

    #[test]
    fn a_sale_without_vat_is_explained_or_a_person_must_look() {
        let none = Citations::default();
        let zero = [Decimal::ZERO];
        let of = |from, to| facts(from, to, &zero, &none);
        assert_eq!(treat(&of("DE", "CH")).0, Treatment::Export);
        assert_eq!(treat(&of("GB", "DE")).0, Treatment::Export);
        assert_eq!(treat(&Facts { export: Some(true), ..of("", "") }).0, Treatment::Export);
        let business = |from, to| Facts { buyer_vat: Some("FR"), buyer_is_business: true, ..of(from, to) };
        assert_eq!(treat(&business("DE", "FR")).0, Treatment::IntraCommunity);
        // The number may be of a third member state.
        assert_eq!(treat(&business("DE", "IT")).0, Treatment::IntraCommunity);
        assert_eq!(treat(&business("FR", "IT")).0, Treatment::Unexplained);
        assert_eq!(treat(&of("DE", "FR")).0, Treatment::Unexplained);
        let foreign = Facts { seller_is_established: Some(false), ..business("FR", "FR") };
        assert_eq!(treat(&foreign), (Treatment::ReverseCharge, "FR".into()));
        assert_eq!(treat(&of("GB", "GB")), (Treatment::Domestic, "GB".into()));
        assert_eq!(treat(&of("FR", "FR")).0, Treatment::Unexplained);
    }

    #[test]
    fn what_amazon_owes_is_a_deemed_supply() {
        let words = Citations { en: "Amazon is the deemed supplier (Article 14a)".into(), ..Citations::default() };
        let none = Citations::default();
        let zero = [Decimal::ZERO];
        assert_eq!(treat(&facts("DE", "DE", &zero, &words)).0, Treatment::DeemedSupply);
        let scheme = Facts { scheme: "DEEMED_RESELLER", ..facts("DE", "DE", &zero, &none) };
        assert_eq!(treat(&scheme).0, Treatment::DeemedSupply);
        let responsibility = Facts { responsibility: "Marketplace", ..facts("DE", "DE", &zero, &none) };
        assert_eq!(treat(&responsibility).0, Treatment::DeemedSupply);
    }
}
